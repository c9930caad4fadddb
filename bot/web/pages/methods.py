"""The ways to pay: add, change, put in order, retire. They are shown on the page of the plans."""

from __future__ import annotations

from aiohttp import web

from bot.web import exports
from bot.web.confirm import Proposal, Shown
from bot.web.forms import Form, read_form
from bot.web.pages.plans import KIND_WORDS
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import methods, plan_desk
from core.access import Role
from core.errors import DomainError, MethodUnknown
from core.i18n import format_count
from core.models import Method, MethodId
from core.plan_desk import MethodRetired

pages = Routes()

COLUMNS = ("method", "name", "kind", "instructions", "bookings", "in_pot", "currency", "retired")


@pages.get(r"/methods.{kind:csv|json}", least=Role.AUDITOR)
async def export(desk: Desk) -> web.StreamResponse:
    """The ways to pay as a file."""
    uses = await desk.db.read(plan_desk.method_uses, desk.actor)
    rows = [
        (f"ME-{use.method.id}", use.method.name, use.method.kind, use.method.instructions, use.bookings,
         exports.amount(desk.money(use.pot_minor)), desk.workspace.currency,
         int(use.method.retired_at is not None))
        for use in uses
    ]  # fmt: skip
    return await exports.send(desk, "methods", desk.arg("kind"), COLUMNS, exports.in_one(rows))


@pages.post("/methods/{id:[0-9]+}/move", least=Role.TREASURER)
async def move(desk: Desk) -> web.StreamResponse:
    """Show a way to pay one place earlier or later."""
    form = await read_form(desk)
    up = form.text("to") == "up"
    try:
        await desk.db.write(methods.move, desk.actor, MethodId(desk.number("id")), up=up)
    except DomainError as error:
        return desk.refused("/plans", error)
    return desk.redirect("/plans#methods-heading")


@pages.post("/methods/{id:[0-9]+}/restore", least=Role.TREASURER)
async def restore(desk: Desk) -> web.StreamResponse:
    """Offer a retired way to pay again."""
    try:
        method = await desk.db.write(methods.restore, desk.actor, MethodId(desk.number("id")))
    except DomainError as error:
        return desk.refused("/plans", error)
    return desk.redirect("/plans#methods-heading", Flash("web_plans.restored_done", {"name": method.name}))


async def _add(desk: Desk, form: Form) -> Question:
    async def act(typed: Form) -> web.StreamResponse:
        method = await desk.db.write(
            methods.add, desk.actor, typed.text("name"), typed.text("kind"), typed.text("instructions")
        )
        return desk.redirect("/plans", Flash("web_plans.method_added", {"method": method.name}))

    return Question(
        desk.t("web_plans.method_add_title"),
        desk.t("web_plans.add_button"),
        "/plans",
        fields=_fields(desk, "", "bank", ""),
        act=act,
    )


async def _edit(desk: Desk, form: Form) -> Question:
    method = await _method(desk)

    async def act(typed: Form) -> web.StreamResponse:
        after = await desk.db.write(
            methods.edit,
            desk.actor,
            method.id,
            name=typed.text("name"),
            kind=typed.text("kind"),
            instructions=typed.text("instructions"),
        )
        return desk.redirect("/plans", Flash("web_plans.method_saved", {"method": after.name}))

    return Question(
        desk.t("web_plans.method_edit_title", method=method.name),
        desk.t("web_members.save"),
        "/plans",
        fields=_fields(desk, method.name, method.kind, method.instructions),
        act=act,
    )


async def _retire(desk: Desk, form: Form) -> Question:
    method = await _method(desk)
    title = desk.t("web_plans.method_retire_title", method=method.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        "/plans",
        about=[desk.t("web_plans.method_retire_about")],
        propose=lambda typed: Proposal(
            plan_desk.retire_method,
            (desk.actor, method.id),
            show=lambda result: _show_retired(desk, result, title),
            done=lambda result: Flash("web_plans.retired_done", {"plan": method.name}),
            back="/plans",
        ),
    )


def _show_retired(desk: Desk, result: MethodRetired, title: str) -> Shown:
    return Shown(
        title,
        [desk.t("web_plans.method_retire_about")],
        desk.t("web_plans.retire_button"),
        figures=[(desk.t("web_plans.bookings"), format_count(result.bookings, desk.locale))],
        danger=True,
    )


def _fields(desk: Desk, name: str, kind: str, instructions: str) -> list[Field]:
    return [
        Field("name", desk.t("web_settings.name"), value=name, most=methods.NAME_CHARACTERS),
        Field("kind", desk.t("web_plans.kind"), "choice", kind,
              options=[(one, desk.t(KIND_WORDS[one])) for one in methods.KINDS]),
        Field("instructions", desk.t("web_plans.instructions"), "long", instructions, needed=False,
              hint=desk.t("web_plans.instructions_hint"), most=methods.INSTRUCTIONS_CHARACTERS),
    ]  # fmt: skip


async def _method(desk: Desk) -> Method:
    """The way to pay of the address; raises MethodUnknown for a retired one too."""
    found = await desk.db.read(methods.everyone, desk.actor)
    method = next((one for one in found if one.id == desk.number("id")), None)
    if method is None:
        raise MethodUnknown()
    return method


register(pages, "/methods/add", Role.TREASURER, _add)
register(pages, "/methods/{id:[0-9]+}/edit", Role.TREASURER, _edit)
register(pages, "/methods/{id:[0-9]+}/retire", Role.TREASURER, _retire)
