"""A form on a page of its own, its errors beside their fields, and then a preview or the deed.

A GET shows the form; once it was filled in (`go`), or when there is nothing to fill in, the preview of what
would happen, which a POST confirms (bot/web/confirm.py). What needs no preview is done by the POST at once.
Without JavaScript nothing changes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot.web.confirm import Proposal
from bot.web.forms import Form, field_errors, read_form
from bot.web.middleware import status_of
from bot.web.routing import Routes
from bot.web.visit import Desk
from core.access import Role
from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. `kind`: text, money, date, month, number, long, choice, ticks, tick, hidden.

    `value` is what stands there at first, `values` for ticks and several hidden ones; `options` are (value,
    words); `needed` and `most` are hints for the browser, never the rule.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()
    values: Sequence[str] = ()
    needed: bool = True
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a form asks, and what comes of it: a proposal to confirm, or a deed that is done at once."""

    title: str
    button: str
    back: str
    fields: Sequence[Field] = ()
    about: Sequence[str] = ()
    warning: str = ""
    danger: bool = False
    propose: Callable[[Form], Proposal] | None = None
    act: Callable[[Form], Awaitable[web.StreamResponse]] | None = None
    facts: Sequence[tuple[str, str]] = field(default=())

    async def show(
        self, desk: Desk, form: Form | None = None, error: DomainError | None = None
    ) -> web.Response:
        """The form: empty, or with what was typed and what is wrong with it."""
        errors = field_errors(desk, error) if error else {}
        known = {one.name for one in self.fields if one.kind != "hidden"}
        return desk.render(
            "ask.html", status=status_of(error) if error else 200, question=self, form=form,
            errors={name: text for name, text in errors.items() if name in known},
            whole_error=next((text for name, text in errors.items() if name not in known), ""),
        )  # fmt: skip


Make = Callable[[Desk, Form], Awaitable[Question | web.StreamResponse]]
"""Makes the question from the request and what was filled in; a response when something comes first."""


def register(pages: Routes, path: str, least: Role, make: Make) -> None:
    """Both halves of a question: GET asks (and previews), POST does it."""

    @pages.get(path, least=least)
    async def ask(desk: Desk) -> web.StreamResponse:
        form = Form(desk.request.query.items())
        question = await make(desk, form)
        if isinstance(question, web.StreamResponse):
            return question
        asks = any(one.kind != "hidden" for one in question.fields)
        if question.propose is None or (asks and "go" not in form):
            return await question.show(desk, form if "go" in form else None)
        try:
            return await _kept(question, form).ask(desk)
        except DomainError as error:
            return await question.show(desk, form, error)

    @pages.post(path, least=least)
    async def do(desk: Desk) -> web.StreamResponse:
        form = await read_form(desk)
        question = await make(desk, form)
        if isinstance(question, web.StreamResponse):
            return question
        try:
            if question.act is not None:
                return await question.act(form)
            return await _kept(question, form).confirm(desk, form)
        except DomainError as error:
            return await question.show(desk, form, error)


def _kept(question: Question, form: Form) -> Proposal:
    """The proposal, whose page carries everything that was filled in to the confirmation."""
    assert question.propose is not None
    made = question.propose(form)
    kept = [(one.name, value) for one in question.fields for value in form.all(one.name)]
    return Proposal(made.fn, made.args, made.show, made.done, made.back, made.kwargs, [*kept, *made.keep])
