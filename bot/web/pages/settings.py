"""The club's settings, in parts that are saved each by itself; channels and roles by the names they have now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from aiohttp import web

from bot.web.confirm import Proposal, Shown
from bot.web.forms import Form, read_form
from bot.web.host import Place
from bot.web.middleware import status_of
from bot.web.pages.wording import size_text
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import access, errors, panels, proof_care, retention, workspaces
from core.access import Role
from core.clock import is_timezone
from core.currencies import EXPONENTS
from core.db import Tx
from core.errors import DomainError
from core.i18n import format_date
from core.models import Actor
from core.retention import RetentionSet

pages = Routes()

TABS = (
    ("/settings", "web_settings.tab_club"),
    ("/settings/channels", "web_settings.tab_channels"),
    ("/settings/alerts", "web_settings.tab_alerts"),
    ("/settings/rights", "web_settings.tab_rights"),
    ("/settings/tokens", "web_settings.tab_tokens"),
    ("/sessions", "web.sessions"),
)
CHANNELS = (
    ("announce_channel_id", "web_settings.announce", "web_settings.announce_about"),
    ("review_channel_id", "web_settings.review", "web_settings.review_about"),
    ("admin_channel_id", "web_settings.admin", "web_settings.admin_about"),
)
ROLE = "reviewer_role_id"


@dataclass(frozen=True, slots=True)
class Part:
    """One form: where it stands, and how each of its fields is read."""

    page: str
    fields: Mapping[str, Callable[[Desk, Form, str], Any]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a part that could not be saved, and why not, by field."""

    part: str = ""
    values: Mapping[str, str] | None = None
    errors: Mapping[str, str] | None = None

    def value(self, name: str, stored: object) -> str:
        """What a field shows: what was typed, else what is stored."""
        if self.values is not None and name in self.values:
            return self.values[name]
        return "" if stored is None else str(stored)

    def error(self, name: str) -> str:
        """Why a field was refused."""
        return (self.errors or {}).get(name, "")


# --- the pages ---------------------------------------------------------------------------------------------


@pages.get("/settings", least=Role.AUDITOR)
async def club(desk: Desk) -> web.StreamResponse:
    """Everything about the club itself."""
    return await _club_page(desk, Typed())


@pages.get("/settings/channels", least=Role.AUDITOR)
async def channels(desk: Desk) -> web.StreamResponse:
    """Where the bot writes, and whom it mentions."""
    return _channels_page(desk, Typed())


@pages.post("/settings/{part:club|billing|reminders|rules|channels}", least=Role.TREASURER)
async def save(desk: Desk) -> web.StreamResponse:
    """Save one part; nothing of it when one field is wrong."""
    name, form = desk.arg("part"), await read_form(desk)
    part = PARTS[name]
    try:
        changes = {field: read(desk, form, field) for field, read in part.fields.items() if field in form}
        done = await desk.db.write(workspaces.update_settings, desk.actor, **changes)
    except DomainError as error:
        typed = Typed(name, {field: form.text(field) for field in part.fields}, _beside(desk, error))
        show = _channels_page(desk, typed, error) if part.page != "/settings" else None
        return show or await _club_page(desk, typed, error)
    key = "web_settings.flash_saved" if done.after else "web_settings.flash_same"
    return desk.redirect(part.page, Flash(key))


@pages.post("/settings/panel", least=Role.TREASURER)
async def post_panel(desk: Desk) -> web.StreamResponse:
    """Post the panel with the Pay button, or bring it up to date."""
    try:
        await desk.db.write(panels.post, desk.actor)
    except DomainError as error:
        return desk.refused("/settings/channels", error)
    return desk.redirect("/settings/channels", Flash("web_settings.flash_panel"))


@pages.get("/settings/pictures", least=Role.TREASURER)
async def ask_retention(desk: Desk) -> web.StreamResponse:
    """What another retention would delete tonight."""
    form = Form(desk.request.query.items())
    try:
        return await _retention(desk, form).ask(desk)
    except DomainError as error:
        typed = Typed("pictures", {"months": form.text("months")}, {"months": desk.sentence(error)})
        return await _club_page(desk, typed, error)


@pages.post("/settings/pictures", least=Role.TREASURER)
async def confirm_retention(desk: Desk) -> web.StreamResponse:
    """Set it."""
    form = await read_form(desk)
    return await _retention(desk, form).confirm(desk, form)


async def _club_page(desk: Desk, typed: Typed, error: DomainError | None = None) -> web.Response:
    return desk.render(
        "settings.html", status=status_of(error) if error else 200, tabs=TABS, typed=typed,
        club=desk.workspace, days=", ".join(map(str, json.loads(desk.workspace.reminder_days))),
        zones=_zones(), currencies=sorted(EXPONENTS),
        size_text=size_text, kept=await desk.db.read(_kept, desk.actor) if desk.may(Role.TREASURER) else None,
    )  # fmt: skip


def _channels_page(desk: Desk, typed: Typed, error: DomainError | None = None) -> web.Response:
    host, guild = desk.site.host, desk.workspace.guild_id
    return desk.render(
        "settings_channels.html", status=status_of(error) if error else 200, tabs=TABS, typed=typed,
        club=desk.workspace, channels=CHANNELS, places=host.channels(guild), roles=host.roles(guild),
        connected=host.is_connected(),
    )  # fmt: skip


def _kept(tx: Tx, actor: Actor) -> proof_care.Retention:
    """How many pictures there are, and how many the present retention deletes."""
    months = access.workspace_of(tx, actor).proof_retention_months
    return proof_care.preview_retention(tx, actor, months)


# --- how long screenshots are kept -------------------------------------------------------------------------


def _retention(desk: Desk, form: Form) -> Proposal:
    months = _whole(desk, form, "months")
    return Proposal(
        retention.set_months, (desk.actor, months), show=lambda result: _show_retention(desk, result),
        done=lambda result: Flash("web_settings.flash_saved"), back="/settings",
        keep=[("months", str(months))],
    )  # fmt: skip


def _show_retention(desk: Desk, result: RetentionSet) -> Shown:
    found = result.retention
    keeps_all = found.before is None
    first = format_date(found.before, desk.locale) if found.before else ""
    lines = [
        desk.t("web_settings.keep_ever")
        if keeps_all
        else desk.t("web_settings.keep_months", count=found.months, day=first)
    ]
    if found.proofs:
        lines.append(desk.t("web_settings.gone_for_good"))
    return Shown(
        desk.t("web_settings.keep_title"), lines, desk.t("web_settings.keep_button"),
        figures=[
            (desk.t("web_settings.deleted_tonight"), _pictures(desk, found.proofs, found.size_bytes)),
            (desk.t("web_settings.still_there"), _pictures(desk, found.kept_proofs, found.kept_bytes)),
        ],
        danger=found.proofs > 0, needless=found.months == result.months_before,
    )  # fmt: skip


def _pictures(desk: Desk, number: int, size: int) -> str:
    return desk.t("web_settings.pictures", count=number, size=size_text(size))


# --- reading fields ----------------------------------------------------------------------------------------


def _text(desk: Desk, form: Form, name: str) -> str:
    return form.text(name)


def _whole(desk: Desk, form: Form, name: str) -> int:
    text = form.text(name)
    if not text:
        raise errors.FieldMissing(field="proof_retention_months" if name == "months" else name)
    # What is no number is out of every range; the core says which one.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def _flag(desk: Desk, form: Form, name: str) -> bool:
    return form.text(name) == "1"


def _time(desk: Desk, form: Form, name: str) -> str | None:
    return form.text(name) or None


def _days(desk: Desk, form: Form, name: str) -> list[int]:
    """Days with commas or blanks between them, minus for before the due date."""
    words = form.text(name).replace(",", " ").replace("、", " ").replace("，", " ").replace("−", "-").split()
    if any(not word.removeprefix("-").isdecimal() or len(word) > 5 for word in words):
        raise errors.NumberOutOfRange(field=name, least=-30, most=60)
    return [int(word) for word in words]


def _place(desk: Desk, form: Form, name: str) -> int | None:
    """A channel or a role that the server has at this moment, or the one that is chosen already."""
    chosen = form.text(name)
    if not chosen:
        return None
    host, guild = desk.site.host, desk.workspace.guild_id
    found: Sequence[Place] = host.roles(guild) if name == ROLE else host.channels(guild)
    stored: int | None = getattr(desk.workspace, name)
    for place_id in (*(place.id for place in found), stored):
        if chosen == str(place_id):
            return place_id
    names = ", ".join(place.name for place in found)
    raise errors.ChoiceUnknown(field=name, value=errors.shown(chosen), choices=errors.shown(names))


PARTS = {
    "club": Part(
        "/settings", {"name": _text, "currency": _text, "timezone": _text, "locale": _text}
    ),
    "billing": Part("/settings", {"billing_day": _whole, "due_days": _whole, "auto_open": _flag}),
    "reminders": Part(
        "/settings",
        {
            "reminder_mode": _text, "reminder_days": _days, "quiet_from": _time, "quiet_to": _time,
            "debtors_public": _flag,
        },
    ),
    "rules": Part("/settings", {"link_policy": _text, "closed_dm_policy": _text, "self_verify": _flag}),
    "channels": Part(
        "/settings/channels",
        {
            "announce_channel_id": _place, "review_channel_id": _place, "admin_channel_id": _place,
            ROLE: _place,
        },
    ),
}  # fmt: skip


def _beside(desk: Desk, error: DomainError) -> dict[str, str]:
    """The error's sentence under its field; some errors name it by what they are."""
    known = {errors.CurrencyFixed: "currency", errors.QuietHoursEmpty: "quiet_to"}
    field = known.get(type(error)) or str(error.params.get("field", ""))
    return {field: desk.sentence(error)}


@cache
def _zones() -> list[str]:
    """Time zones by place, to choose from; any other that exists can be typed."""
    return sorted(name for name in available_timezones() if "/" in name and is_timezone(name))
