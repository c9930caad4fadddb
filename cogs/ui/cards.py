"""Building blocks of all cards: frames, people, bills, times. Domain object in, components out.

A card is a `discord.ui.LayoutView` without timeout that holds durable buttons only, so it works for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import discord

from cogs.ui import limits
from cogs.ui.actions import ActionButton, action_row
from cogs.ui.replies import AMBER, BLUE, GREEN, GREY, RED
from cogs.ui.text import escape_markdown, one_line
from core.clock import parse_instant
from core.i18n import format_period, t
from core.models import Bill, Member, Payment, Workspace
from core.money import Money, format_money
from core.period import Period, parse_date

__all__ = [
    "AMBER", "BLUE", "GREEN", "GREY", "RED", "bill_lines", "bill_text", "card", "covers", "link_row", "money",
    "paged", "person", "relative", "title", "total_text", "who",
]  # fmt: skip

_STATUSES = {
    "submitted": "payment_status.submitted", "verified": "payment_status.verified",
    "rejected": "payment_status.rejected", "withdrawn": "payment_status.withdrawn",
}  # fmt: skip

# How much of a card its list of bills may take before it is summed up by month.
LIST_CHARACTERS = 1200


def card(
    *texts: str,
    colour: int = BLUE,
    buttons: Sequence[ActionButton] = (),
    media: str | None = None,
    rows: Iterable[discord.ui.ActionRow[Any]] = (),
) -> discord.ui.LayoutView:
    """A framed message: texts one below the other, then a picture, then durable buttons, five in a row."""
    frame: discord.ui.Container[Any] = discord.ui.Container(accent_colour=colour)
    for text in texts:
        if text.strip():
            frame.add_item(discord.ui.TextDisplay(text))
    if media:
        frame.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(media)))
    for piece in limits.chunks(list(buttons), 5) if buttons else ():
        frame.add_item(action_row(*piece))
    for row in rows:
        frame.add_item(row)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(frame)
    return view


def link_row(label: str, address: str) -> discord.ui.ActionRow[Any]:
    """A button that opens an address in the browser."""
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    row.add_item(discord.ui.Button(label=label, url=address))
    return row


def paged(
    heading: str,
    lines: Sequence[str],
    *,
    colour: int = BLUE,
    buttons: Sequence[ActionButton] = (),
    closing: str = "",
) -> list[discord.ui.LayoutView]:
    """A list as cards: as many messages as it takes, the buttons below the last."""
    pages = limits.pack(lines)
    return [
        card(
            heading if number == 0 else "",
            page,
            closing if number == len(pages) - 1 else "",
            colour=colour,
            buttons=buttons if number == len(pages) - 1 else (),
        )
        for number, page in enumerate(pages)
    ]


def money(workspace: Workspace, minor: int, locale: str) -> str:
    """An amount of the workspace's currency, as people write it."""
    return format_money(Money(minor, workspace.currency), locale)


def person(member: Member, locale: str) -> str:
    """A member by name and number, with their account when they have one (which does not ping)."""
    name = one_line(member.name)
    if member.discord_id is None:
        return t(locale, "common.person", name=name, member=member.label)
    return t(locale, "common.person_linked", name=name, member=member.label, account=str(member.discord_id))


def who(actor_text: str | None, locale: str) -> str:
    """Whoever a *_by column names."""
    if actor_text and actor_text.startswith("discord:"):
        return t(locale, "common.by_account", account=actor_text.removeprefix("discord:"))
    if actor_text and actor_text.startswith("token:"):
        return t(locale, "common.by_token", number=actor_text.removeprefix("token:"))
    if actor_text and actor_text.startswith("chippot:"):
        return escape_markdown(actor_text.removeprefix("chippot:"))
    return t(locale, "common.by_operator" if actor_text == "operator" else "common.by_system")


def relative(instant: str | None) -> str:
    """An instant as Discord shows it to each reader: "2 hours ago"."""
    return f"<t:{int(parse_instant(instant).timestamp())}:R>" if instant else ""


def status(payment: Payment, locale: str) -> str:
    """Where a payment stands, in words."""
    return t(locale, _STATUSES[payment.status])


def covers(bill: Bill, locale: str) -> str | None:
    """The month or months that a bill of a plan is for; None for a charge of its own."""
    if bill.kind != "plan":
        return None
    first, last = (Period.of(parse_date(day)) for day in (bill.covers_from, bill.covers_to))
    if first == last:
        return format_period(first, locale)
    return t(
        locale, "common.period_range", first=format_period(first, locale), last=format_period(last, locale)
    )


def title(bill: Bill, locale: str) -> str:
    """What a bill is called: the plan's name or the charge's; a balance from before in the reader's words."""
    return t(locale, "common.opening_balance") if bill.kind == "opening" else one_line(bill.title)


def bill_text(workspace: Workspace, bill: Bill, minor: int, locale: str, *, period: bool = True) -> str:
    """One line about a bill, or about the part of an amount that is on it."""
    amount = money(workspace, minor, locale)
    months = covers(bill, locale) if period else None
    if months is None:
        return t(locale, "common.bill_line_plain", title=title(bill, locale), amount=amount)
    return t(locale, "common.bill_line", period=months, title=title(bill, locale), amount=amount)


def bill_lines(
    workspace: Workspace, lines: Sequence[tuple[Bill, int]], locale: str, *, characters: int = LIST_CHARACTERS
) -> tuple[str, bool]:
    """The lines of a card and whether they are complete: too many are summed up by month, or by year."""
    full = "\n".join(bill_text(workspace, bill, minor, locale) for bill, minor in lines)
    if len(full) <= characters:
        return full, True
    by_month = "\n".join(_sums(workspace, lines, locale, months=True))
    if len(by_month) <= characters:
        return by_month, False
    return "\n".join(_sums(workspace, lines, locale, months=False)), False


def total_text(workspace: Workspace, minor: int, locale: str) -> str:
    return t(locale, "common.total", amount=money(workspace, minor, locale))


def _sums(workspace: Workspace, lines: Sequence[tuple[Bill, int]], locale: str, *, months: bool) -> list[str]:
    sums: dict[str, list[int]] = {}
    for bill, minor in lines:
        sums.setdefault(bill.covers_from[: 7 if months else 4], []).append(minor)
    return [_sum_line(workspace, key, amounts, locale) for key, amounts in sorted(sums.items())]


def _sum_line(workspace: Workspace, key: str, amounts: list[int], locale: str) -> str:
    amount = money(workspace, sum(amounts), locale)
    if len(key) == len("2026"):
        return t(locale, "common.bills_in_year", year=key, count=len(amounts), amount=amount)
    month = format_period(Period.of(date.fromisoformat(f"{key}-01")), locale)
    return t(locale, "common.bills_in_month", period=month, count=len(amounts), amount=amount)
