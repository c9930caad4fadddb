"""The club's own wording of its public notices: an editor with the message beside it, as Discord shows it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from aiohttp import web

from bot.web.forms import Form, read_form
from bot.web.middleware import status_of
from bot.web.routing import Routes
from bot.web.template_preview import preview
from bot.web.template_words import KINDS, LANGUAGES, PLACEHOLDERS
from bot.web.visit import Desk, Flash
from core import reports_admin, template_tests, templates
from core.access import Role
from core.errors import DomainError
from core.i18n import LOCALES
from core.templates import Template

pages = Routes()

_MOST_SHOWN = 4000


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that only one of the two wordings has: "-" the default's, "+" the club's, " " both."""

    sign: str
    text: str


@pages.get("/templates", least=Role.AUDITOR)
async def everyone(desk: Desk) -> web.StreamResponse:
    """Every kind in every language, and which of them are the club's own."""
    found = await desk.db.read(templates.everyone, desk.actor)
    by_kind = {kind: [one for one in found if one.kind == kind] for kind in KINDS}
    return desk.render("templates.html", kinds=KINDS, by_kind=by_kind, languages=LANGUAGES)


@pages.get("/templates/{kind:[a-z_]+}/{lang:[A-Za-z-]+}", least=Role.AUDITOR)
async def edit(desk: Desk) -> web.StreamResponse:
    """One wording, with its placeholders, its preview, and what differs from the default."""
    return await _page(desk, await _template(desk))


@pages.post("/templates/{kind:[a-z_]+}/{lang:[A-Za-z-]+}", least=Role.TREASURER)
async def act(desk: Desk) -> web.StreamResponse:
    """What the form's buttons do: save, show the preview, or send it to whoever asks."""
    template, form = await _template(desk), await read_form(desk)
    typed = _typed(form)
    wanted = form.text("do") or "save"
    try:
        if wanted == "save":
            saved = await desk.db.write(templates.save, desk.actor, template.kind, template.locale, typed)
            return desk.redirect(_here(template), Flash(_saved(saved), {"kind": _name(desk, template)}))
        checked = templates.check(template.kind, typed)
        if wanted == "test":
            await desk.db.write(
                template_tests.send_to_me, desk.actor, template.kind, template.locale, checked
            )
            return await _page(desk, template, typed, said="web_templates.flash_test")
    except DomainError as error:
        return await _page(desk, template, typed, error=error)
    return await _page(desk, template, typed)


@pages.post("/templates/{kind:[a-z_]+}/{lang:[A-Za-z-]+}/reset", least=Role.TREASURER)
async def reset(desk: Desk) -> web.StreamResponse:
    """Go back to the default wording."""
    template = await _template(desk)
    await desk.db.write(templates.reset, desk.actor, template.kind, template.locale)
    return desk.redirect(_here(template), Flash("web_templates.flash_reset", {"kind": _name(desk, template)}))


async def _template(desk: Desk) -> Template:
    """The wording that the address names; 404 for one that there is not."""
    kind, locale = desk.arg("kind"), desk.arg("lang")
    if kind not in KINDS or locale not in LOCALES:
        raise web.HTTPNotFound
    return await desk.db.read(templates.get, desk.actor.workspace_id, kind, locale)


async def _page(
    desk: Desk, template: Template, typed: str | None = None, *, error: DomainError | None = None,
    said: str = "",
) -> web.Response:  # fmt: skip
    body = template.body if typed is None else typed
    choices = await desk.db.read(reports_admin.periods, desk.actor)
    me = desk.standing.name or desk.t("web_templates.you")
    default = templates.default(template.kind, template.locale)
    more = {"flash": {"text": desk.t(said), "tone": "good", "undo": []}} if said else {}
    return desk.render(
        "template.html", status=status_of(error) if error else 200, wording=template, body=body,
        problem=desk.sentence(error) if error else "", kinds=KINDS, languages=LANGUAGES,
        known=[(name, PLACEHOLDERS[name]) for name in template.placeholders],
        most=templates.BODY_CHARACTERS, differences=_differences(default, template.body),
        is_changed=typed is not None and typed != template.body,
        shown=preview(
            desk.workspace, template.kind, template.locale, body[:_MOST_SHOWN], choices.collecting, me
        ),
        **more,
    )  # fmt: skip


def _typed(form: Form) -> str:
    """The wording as it was typed; browsers send line ends as two characters."""
    return form.fields.get("body", "").replace("\r\n", "\n").replace("\r", "\n")


def _differences(default: str, own: str) -> list[Difference]:
    """Line by line; nothing when both are the same."""
    if default == own:
        return []
    lines = difflib.ndiff(default.split("\n"), own.split("\n"))
    return [Difference(line[0], line[2:]) for line in lines if line[0] in "+- "]


def _saved(saved: Template) -> str:
    if not saved.is_own:
        return "web_templates.flash_default"
    return "web_templates.flash_saved_panel" if saved.kind == "panel" else "web_templates.flash_saved"


def _name(desk: Desk, template: Template) -> str:
    return desk.t(KINDS[template.kind][0])


def _here(template: Template) -> str:
    return f"/templates/{template.kind}/{template.locale}"
