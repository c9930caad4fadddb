"""Where else a new submission is told. A key or address is taken, used, and never shown again."""

from __future__ import annotations

from collections.abc import Awaitable

from aiohttp import web

from bot.web.forms import field_errors, read_form
from bot.web.middleware import status_of
from bot.web.pages.settings import TABS
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import alerts
from core.access import Role
from core.alerts import AlertOutcome, ShownTarget
from core.errors import AlertTargetUnknown, DomainError

pages = Routes()

_REASONS = {
    "not_public": "web_settings.reason_not_public", "no_answer": "web_settings.reason_no_answer",
    "unreachable": "web_settings.reason_unreachable", "broken_off": "web_settings.reason_broken_off",
    "no_sender": "web_settings.reason_no_sender",
}  # fmt: skip
_HERE = "/settings/alerts"


@pages.get("/settings/alerts", least=Role.AUDITOR)
async def targets(desk: Desk) -> web.StreamResponse:
    """Every target with the host that it goes to."""
    return await _page(desk)


@pages.post("/settings/alerts/bark", least=Role.TREASURER)
async def add_bark(desk: Desk) -> web.StreamResponse:
    """A phone, through Bark: add it, or only try what was typed."""
    form = await read_form(desk)
    name, key, server = form.text("name"), form.text("bark_key"), form.text("bark_server")
    if form.text("do") == "try":
        sending = desk.site.services.try_bark(desk.actor, key, server)
        return await _try(desk, "bark", {"name": name, "bark_key": key, "bark_server": server}, sending)
    try:
        added = await desk.db.write(alerts.add_bark, desk.actor, name, key, server)
    except DomainError as error:
        return await _page(desk, "bark", {"name": name, "bark_server": server}, error)
    return desk.redirect(_HERE, Flash("web_settings.flash_alert_added", {"name": added.name}))


@pages.post("/settings/alerts/webhook", least=Role.TREASURER)
async def add_webhook(desk: Desk) -> web.StreamResponse:
    """An address, for Discord, Slack, Google Chat or anything that takes JSON: add it, or only try it."""
    form = await read_form(desk)
    name, address = form.text("name"), form.text("webhook")
    if form.text("do") == "try":
        sending = desk.site.services.try_webhook(desk.actor, address)
        return await _try(desk, "webhook", {"name": name, "webhook": address}, sending)
    try:
        added = await desk.db.write(alerts.add_webhook, desk.actor, name, address)
    except DomainError as error:
        return await _page(desk, "webhook", {"name": name}, error)
    return desk.redirect(_HERE, Flash("web_settings.flash_alert_added", {"name": added.name}))


@pages.post("/settings/alerts/{id}/test", least=Role.TREASURER)
async def test(desk: Desk) -> web.StreamResponse:
    """Send a made-up alert now, and say how that went."""
    target = await _target(desk)
    outcome = await desk.site.services.test_alert(desk.actor, target.id)
    if outcome.sent:
        return desk.redirect(_HERE, Flash("web_settings.flash_alert_sent", {"name": target.name}))
    params = {"name": target.name, "reason": _reason(desk, outcome.reason)}
    return desk.redirect(_HERE, Flash("web_settings.flash_alert_failed", params, tone="bad"))


@pages.post("/settings/alerts/{id}/remove", least=Role.TREASURER)
async def remove(desk: Desk) -> web.StreamResponse:
    """Tell it no more; its secret is forgotten."""
    removed = await desk.db.write(alerts.remove, desk.actor, desk.number("id"))
    return desk.redirect(_HERE, Flash("web_settings.flash_alert_removed", {"name": removed.name}))


async def _try(
    desk: Desk, part: str, typed: dict[str, str], sending: Awaitable[AlertOutcome]
) -> web.Response:
    """Say how a test with what was typed went. Nothing is saved, so all of it stays, its secret too."""
    try:
        outcome = await sending
    except DomainError as error:
        return await _page(desk, part, typed, error)
    return await _page(desk, part, typed, tried=outcome)


async def _page(
    desk: Desk, part: str = "", typed: dict[str, str] | None = None, error: DomainError | None = None,
    tried: AlertOutcome | None = None,
) -> web.Response:  # fmt: skip
    return desk.render(
        "settings_alerts.html", status=status_of(error) if error else 200, tabs=TABS, part=part,
        targets=await desk.db.read(alerts.everyone, desk.actor), typed=typed or {},
        errors=field_errors(desk, error) if error else {}, most=alerts.MOST_TARGETS, tried=tried,
        reason=_reason(desk, tried.reason) if tried else "",
    )  # fmt: skip


async def _target(desk: Desk) -> ShownTarget:
    wanted = desk.number("id")
    for found in await desk.db.read(alerts.everyone, desk.actor):
        if found.id == wanted:
            return found
    raise AlertTargetUnknown


def _reason(desk: Desk, reason: str) -> str:
    if reason.startswith("answered "):
        return desk.t("web_settings.reason_answered", status=reason.removeprefix("answered "))
    return desk.t(_REASONS[reason]) if reason in _REASONS else reason
