"""Keys for programs: made, shown once, listed with their last use, revoked."""

from __future__ import annotations

from aiohttp import web

from bot.web.forms import Form, field_errors, read_form
from bot.web.log_words import LogWords
from bot.web.middleware import status_of
from bot.web.pages.settings import TABS
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import api_tokens, errors, reports_log
from core.access import Role
from core.errors import DomainError

pages = Routes()

_HERE = "/settings/tokens"
SCOPES = {
    "read": "web_settings.scope_read", "review": "web_settings.scope_review",
    "treasurer": "web_settings.scope_treasurer",
}  # fmt: skip
DAYS = {
    "30": "web_settings.days_30", "90": "web_settings.days_90", "365": "web_settings.days_365",
    "": "web_settings.days_ever",
}  # fmt: skip
_USUAL_DAYS = "90"


@pages.get("/settings/tokens", least=Role.AUDITOR)
async def tokens(desk: Desk) -> web.StreamResponse:
    """Every token that counts now."""
    return await _page(desk)


@pages.post("/settings/tokens", least=Role.TREASURER)
async def create(desk: Desk) -> web.StreamResponse:
    """Make one; this answer is the only place where its key ever stands."""
    form = await read_form(desk)
    try:
        made = await desk.db.write(
            api_tokens.create, desk.actor, form.text("name"), form.text("scope"), days=_days(form)
        )
    except DomainError as error:
        return await _page(desk, form, error)
    return desk.render("settings_token_made.html", tabs=TABS, made=made, scopes=SCOPES)


@pages.post("/settings/tokens/{id}/revoke", least=Role.TREASURER)
async def revoke(desk: Desk) -> web.StreamResponse:
    """End one."""
    revoked = await desk.db.write(api_tokens.revoke, desk.actor, desk.number("id"))
    return desk.redirect(_HERE, Flash("web_settings.flash_revoked_token", {"name": revoked.name}))


async def _page(desk: Desk, form: Form | None = None, error: DomainError | None = None) -> web.Response:
    _, names = await desk.db.read(reports_log.people, desk.actor)
    typed = {name: form.text(name) for name in ("name", "scope", "days")} if form else {}
    return desk.render(
        "settings_tokens.html", status=status_of(error) if error else 200, tabs=TABS,
        tokens=await desk.db.read(api_tokens.everyone, desk.actor), scopes=SCOPES, days=DAYS,
        usual_days=_USUAL_DAYS, typed=typed, errors=field_errors(desk, error) if error else {},
        words=LogWords(desk, names), api="/openapi.json" if "/openapi.json" in desk.site.pages else "",
    )  # fmt: skip


def _days(form: Form) -> int | None:
    """For how many days, None for ever; only what the form offers is a choice."""
    text = form.text("days")
    if text not in DAYS:
        raise errors.ChoiceUnknown(
            field="days", value=errors.shown(text), choices=", ".join(filter(None, DAYS))
        )
    return int(text) if text else None
