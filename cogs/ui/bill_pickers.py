"""Options that name a bill or a waiver, searched while somebody types; see cogs/ui/pickers.py."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from cogs.guards import Scene
from cogs.ui import cards, limits
from cogs.ui.pickers import suggest
from cogs.ui.replies import Interaction, locale_of
from core import errors, import_undo, reports_admin, reports_bills
from core.clock import local_date, parse_instant
from core.i18n import format_date, t
from core.models import Bill, BillId, Member
from core.money import format_money


def bill_number(typed: str) -> int | None:
    """The number of a bill as people write it: B-1042, b1042, 1042."""
    return _number(typed, "B-?")


def bill_of(typed: str) -> BillId:
    """The bill that was chosen or typed. Raises BillUnknown."""
    number = bill_number(typed)
    if number is None:
        raise errors.BillUnknown()
    return BillId(number)


def waiver_of(typed: str) -> int:
    """The waiver that was chosen. Raises WaiverUnknown."""
    number = _number(typed, "W-")
    if number is None:
        raise errors.WaiverUnknown()
    return number


def import_of(typed: str) -> int:
    """The roster import that was chosen. Raises ImportUnknown."""
    number = _number(typed, "I-")
    if number is None:
        raise errors.ImportUnknown()
    return number


async def _bills(scene: Scene, locale: str, current: str, **wanted: Any) -> list[tuple[str, str]]:
    number = bill_number(current)
    found = await scene.services.db.read(
        reports_bills.search, scene.actor, "" if number else current, bill_id=number, limit=limits.OPTIONS,
        **wanted,
    )  # fmt: skip
    return [(_label(scene, bill, member, bill.amount_minor, locale), bill.label) for bill, member in found]


def _label(scene: Scene, bill: Bill, member: Member, minor: int, locale: str) -> str:
    amount = format_money(scene.workspace.money(minor), locale)
    when = cards.covers(bill, locale) or bill.due_on
    title = bill.title if bill.kind != "opening" else t(locale, "common.opening_balance")
    name, shown = limits.shorten(member.name, 30), limits.shorten(title, 25)
    return f"{bill.label} · {name} · {when} · {shown} · {amount}"


@suggest
async def bills(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Bills that are not void, newest first."""
    return await _bills(scene, locale_of(interaction), current, with_void=False)


@suggest
async def all_bills(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """The same, with void ones."""
    return await _bills(scene, locale_of(interaction), current)


@suggest
async def waivers(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Waivers that could be taken back."""
    found = await scene.services.db.read(reports_bills.waivers, scene.actor, current, limit=limits.OPTIONS)
    locale = locale_of(interaction)
    return [
        (_label(scene, one.bill, one.member, one.waiver.amount_minor, locale), f"W-{one.waiver.id}")
        for one in found
    ]


@suggest
async def all_seats(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Subscriptions, those that are over included."""
    found = await scene.services.db.read(
        reports_admin.seats, scene.actor, current, standing="all", limit=limits.OPTIONS
    )
    return [
        (f"{limits.shorten(s.member.name, 30)} ({s.member.label}) · {limits.shorten(s.view.plan.name, 30)}"
         f" · S-{s.view.subscription.id}", f"S-{s.view.subscription.id}")
        for s in found
    ]  # fmt: skip


@suggest
async def roster_imports(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Imports that were not taken back yet, newest first."""
    found = await scene.services.db.read(import_undo.recent, scene.actor, limits.OPTIONS)
    locale, timezone = locale_of(interaction), scene.workspace.timezone
    days = {one.id: local_date(parse_instant(one.imported_at), timezone) for one in found}
    return [
        (f"I-{one.id} · {format_date(days[one.id], locale)}", f"I-{one.id}")
        for one in found
        if one.undone_at is None
    ]  # fmt: skip


def _number(typed: str, prefix: str) -> int | None:
    plain = unicodedata.normalize("NFKC", typed).strip()
    pattern = rf"(?:{prefix})?([0-9]{{1,18}})" if prefix.endswith("?") else rf"{prefix}([0-9]{{1,18}})"
    match = re.fullmatch(pattern, plain, re.IGNORECASE)
    return int(match[1]) if match else None
