"""A member's bills, credit and payments as text, in pages; and why a bill is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import discord

from cogs.ui import cards, limits
from cogs.ui.text import escape_markdown, one_line
from core.i18n import format_period, t
from core.models import BillLine, Payment, Workspace
from core.period import Period
from core.reports import BillView, Explanation, Statement

PAGE_CHARACTERS = 1800
REASON_CHARACTERS = 80

_LINES = {
    "price": "my.line_price", "proration": "my.line_proration", "charge": "my.line_charge",
    "opening": "my.line_opening", "reprice": "my.line_reprice", "adjustment": "my.line_adjustment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """A part of somebody's bills: the text, and the bills in it (at most as many as a select takes)."""

    text: str
    bills: tuple[BillView, ...]


def head(statement: Statement, locale: str) -> str:
    """Who it is, what is to be paid in all, and the credit."""
    workspace = statement.workspace
    owed = sum(view.bill.open_minor for view in statement.bills if view.payable)
    said = [t(locale, "my.title", name=one_line(statement.member.name), club=one_line(workspace.name))]
    if owed:
        said.append(t(locale, "my.owed", amount=cards.money(workspace, owed, locale)))
    else:
        said.append(t(locale, "my.owed_nothing"))
    if statement.credit_minor:
        said.append(t(locale, "my.credit", amount=cards.money(workspace, statement.credit_minor, locale)))
    return "\n".join(said)


def pages(statement: Statement, locale: str) -> list[Page]:
    """All bills, newest period first; at least one page."""
    made: list[Page] = []
    lines: list[str] = []
    held: list[BillView] = []
    size, heading = 0, ""
    for view in statement.bills:
        month = _month(view, locale)
        line = bill_line(statement.workspace, view, locale)
        if held and (len(held) == limits.OPTIONS or size + len(line) + len(month) > PAGE_CHARACTERS):
            made.append(Page("\n".join(lines), tuple(held)))
            lines, held, size, heading = [], [], 0, ""
        if month != heading:
            lines.append(t(locale, "my.period", period=month))
            heading = month
        lines.append(line)
        held.append(view)
        size += len(line) + len(month) + 2
    if held or not made:
        made.append(Page("\n".join(lines) or t(locale, "my.no_bills"), tuple(held)))
    return made


def bill_line(workspace: Workspace, view: BillView, locale: str) -> str:
    """A bill with its amount and how it stands."""
    bill = view.bill
    state = _state(workspace, view, locale)
    if view.waiting is None and 0 < bill.open_minor < bill.amount_minor:
        open_part = cards.money(workspace, bill.open_minor, locale)
        state = t(locale, "my.state_part_paid", state=state, open=open_part)
    amount = cards.money(workspace, bill.amount_minor, locale)
    return t(locale, "my.bill", title=cards.title(bill, locale), amount=amount, state=state)


def _state(workspace: Workspace, view: BillView, locale: str) -> str:
    bill, due = view.bill, date.fromisoformat(view.bill.due_on)
    if view.waiting is not None:
        if view.short_minor > 0:
            missing = cards.money(workspace, view.short_minor, locale)
            return t(locale, "my.state_short", payment=view.waiting.label, missing=missing)
        return t(locale, "my.state_paid", payment=view.waiting.label)
    if bill.open_minor == 0:
        if bill.waived_minor:
            return t(locale, "my.state_waived", waived=cards.money(workspace, bill.waived_minor, locale))
        return t(locale, "my.state_verified")
    if not view.payable:
        return t(locale, "my.state_locked")
    if bill.status == "rejected":
        return t(locale, "my.state_rejected", date=due)
    return t(locale, "my.state_overdue" if view.overdue else "my.state_pending", date=due)


def payments_text(statement: Statement, locale: str) -> str:
    """The newest payments, newest first."""
    if not statement.payments:
        return ""
    lines = [_payment_line(statement.workspace, payment, locale) for payment in statement.payments]
    return "\n".join((t(locale, "my.payments"), *lines))


def _payment_line(workspace: Workspace, payment: Payment, locale: str) -> str:
    minor = payment.declared_minor if payment.received_minor is None else payment.kept_minor
    status = cards.status(payment, locale)
    when = cards.relative(payment.decided_at or payment.submitted_at)
    amount = cards.money(workspace, minor, locale)
    if payment.status == "rejected":
        reason = escape_markdown(limits.shorten(payment.reject_reason, REASON_CHARACTERS))
        return t(
            locale,
            "my.payment_reason",
            payment=payment.label,
            amount=amount,
            status=status,
            when=when,
            reason=reason,
        )
    return t(locale, "my.payment", payment=payment.label, amount=amount, status=status, when=when)


def why_options(page: Page, locale: str) -> list[discord.SelectOption]:
    """One option per bill of the page."""
    return [
        discord.SelectOption(
            label=limits.shorten(
                t(locale, "my.why_option", period=_month(view, locale), title=_plain_title(view, locale)), 100
            ),
            value=str(view.bill.id),
            description=view.bill.label,
        )
        for view in page.bills
    ]


def explanation(found: Explanation, locale: str) -> list[discord.ui.LayoutView]:
    """Why a bill is what it is: its lines, what settled it, what is still open."""
    workspace, bill = found.workspace, found.bill
    amount = cards.money(workspace, bill.amount_minor, locale)
    due = date.fromisoformat(bill.due_on)
    if found.period:
        about = t(locale, "my.why_bill", bill=bill.label, period=found.period, date=due)
    else:
        about = t(locale, "my.why_bill_plain", bill=bill.label, date=due)
    lines = [about, *(_why_line(found, line, locale) for line in found.lines)]
    lines.append(t(locale, "my.why_sum", amount=amount))
    if bill.status == "void":
        lines.append(t(locale, "my.why_void"))
    lines += _settled_lines(found, locale)
    heading = t(locale, "my.why_title", title=cards.title(bill, locale), amount=amount)
    return cards.paged(heading, lines)


def _why_line(found: Explanation, line: BillLine, locale: str) -> str:
    what = t(locale, _LINES[line.kind], days=str(line.active_days or 0), all=str(line.period_days or 0))
    if line.kind == "price" and found.price_from:
        what = t(locale, "my.line_price_from", period=Period(found.price_from))
    if line.kind == "adjustment":
        what = t(locale, "my.line_by", what=what, who=cards.who(line.created_by, locale))
    if line.reason:
        what = t(locale, "my.line_reason", what=what, reason=escape_markdown(line.reason))
    return t(locale, "my.why_line", what=what, amount=cards.money(found.workspace, line.amount_minor, locale))


def _settled_lines(found: Explanation, locale: str) -> Sequence[str]:
    workspace, bill, said = found.workspace, found.bill, []
    if found.settled:
        said.append(t(locale, "my.why_settled"))
    for payment, allocation in found.settled:
        key = "my.why_payment_credit" if allocation.kind == "credit" else "my.why_payment"
        amount = cards.money(workspace, allocation.amount_minor, locale)
        status = cards.status(payment, locale)
        said.append(t(locale, key, payment=payment.label, amount=amount, status=status))
    if bill.waived_minor:
        said.append(t(locale, "my.why_waived", amount=cards.money(workspace, bill.waived_minor, locale)))
    claimed = sum(one.amount_minor for payment, one in found.settled if payment.status == "submitted")
    if bill.open_minor > claimed:
        left = cards.money(workspace, bill.open_minor - claimed, locale)
        said.append(t(locale, "my.why_open", amount=left))
    return said


def _month(view: BillView, locale: str) -> str:
    return format_period(view.period, locale) if view.period else t(locale, "common.other_charges")


def _plain_title(view: BillView, locale: str) -> str:
    """A title as an option shows it, where markdown means nothing."""
    return t(locale, "common.opening_balance") if view.bill.kind == "opening" else view.bill.title
