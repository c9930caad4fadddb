"""Preview → confirm → real counts, for everything that goes out or is hard to take back.

A GET runs the use case and takes it back; its page carries the digest of what would happen. The POST does it
only if exactly that would still happen; otherwise nothing is done and the new preview says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.web.forms import Form
from bot.web.visit import Desk, Flash
from core.preview import PreviewChanged, digest_of


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list in a preview: who or what, more about it, and an amount."""

    name: str
    about: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A list in a preview, under its heading."""

    heading: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview in the reader's words. With `needless` there is nothing to do, and so no button.

    `warning` stands out; `options` are boxes to tick (name, sentence, ticked) that go along with the button;
    `template` names a part of the page that asks for another preview, and gets `fields`.
    """

    title: str
    lines: Sequence[str]
    button: str
    figures: Sequence[tuple[str, str]] = ()
    groups: Sequence[Group] = ()
    warning: str = ""
    danger: bool = False
    needless: bool = False
    options: Sequence[tuple[str, str, bool]] = ()
    template: str = ""
    fields: Any = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A use case that wants to be confirmed. `back` is where its page was reached from, and leads back to.

    `keep` are form fields that both requests carry, so that the second means the same as the first.
    """

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    show: Callable[[Any], Shown]
    done: Callable[[Any], Flash]
    back: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    keep: Sequence[tuple[str, str]] = ()

    async def ask(self, desk: Desk) -> web.Response:
        """The page that says what would happen."""
        result = await desk.db.preview(self.fn, *self.args, **self.kwargs)
        return self._page(desk, result, changed=False)

    async def confirm(self, desk: Desk, form: Form) -> web.Response:
        """Do it, if what was shown is what happens."""
        try:
            result = await desk.db.confirm(form.text("digest"), self.fn, *self.args, **self.kwargs)
        except PreviewChanged as changed:
            return self._page(desk, changed.result, changed=bool(form.text("digest")))
        return desk.redirect(self.back, self.done(result))

    def _page(self, desk: Desk, result: Any, *, changed: bool) -> web.Response:
        return desk.render(
            "confirm.html", shown=self.show(result), digest=digest_of(result), changed=changed,
            back=self.back, keep=self.keep,
        )  # fmt: skip
