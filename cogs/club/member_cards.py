"""A member as treasurers see them: one line of the roster, or everything."""

from __future__ import annotations

import discord

from cogs.ui import cards
from cogs.ui.text import escape_markdown, one_line
from core.i18n import format_date, format_list, t
from core.models import Workspace
from core.money import format_money
from core.period import parse_date
from core.reports import BillView, Statement
from core.reports_admin import MemberCard, RosterLine
from core.subscriptions import SubscriptionView

_STANDINGS = {
    "active": "subscriptions.active",
    "paused": "subscriptions.paused",
    "cancelled": "subscriptions.over",
}
_BILLS = {
    "pending": "members.bill_pending", "paid": "members.bill_paid", "rejected": "members.bill_rejected",
    "verified": "members.bill_verified", "void": "members.bill_void",
}  # fmt: skip
_PAYMENTS = {
    "submitted": "payment_status.submitted", "verified": "payment_status.verified",
    "rejected": "payment_status.rejected", "withdrawn": "payment_status.withdrawn",
}  # fmt: skip


def roster_line(workspace: Workspace, line: RosterLine, locale: str) -> str:
    """Who, which plans, what they owe."""
    member = line.member
    parts = [format_list([one_line(name) for name in line.plans], locale) or t(locale, "members.no_plan")]
    if line.balance_minor:
        key = "members.owes" if line.balance_minor > 0 else "members.has_credit"
        parts.append(t(locale, key, amount=workspace.money(abs(line.balance_minor))))
    if member.left_on is not None:
        parts.append(t(locale, "members.left_on", day=parse_date(member.left_on)))
    elif member.discord_id is None:
        parts.append(t(locale, "members.not_linked"))
    return t(
        locale,
        "members.line",
        person=cards.person(member, locale),
        rest=t(locale, "members.separator").join(parts),
    )


def card_messages(found: MemberCard, locale: str) -> list[discord.ui.LayoutView]:
    """Person, subscriptions, bills and payments, over as many messages as it takes."""
    statement = found.statement
    lines = [*_facts(statement, locale)]
    if found.seats:
        lines += [
            t(locale, "members.subscriptions"),
            *(f"- {seat_line(seat, locale)}" for seat in found.seats),
        ]
    if statement.bills:
        lines += [
            t(locale, "members.bills"),
            *(_bill_line(statement.workspace, view, locale) for view in statement.bills),
        ]
    if statement.payments:
        lines += [t(locale, "members.payments"), *_payment_lines(statement, locale)]
    return cards.paged(f"### {cards.person(statement.member, locale)}", lines)


def seat_line(view: SubscriptionView, locale: str) -> str:
    """One subscription: its plan, how it stands, since when and until when."""
    row = view.subscription
    since = t(locale, "subscriptions.since", day=parse_date(row.starts_on))
    parts = [t(locale, _STANDINGS[view.status]), since]
    if row.ends_on is not None:
        parts.append(t(locale, "subscriptions.until", day=parse_date(row.ends_on)))
    running = [pause for pause in view.pauses if pause.resumes_on is None]
    if running and view.status != "cancelled":
        parts.append(t(locale, "subscriptions.paused_since", day=parse_date(running[-1].from_on)))
    rest = t(locale, "members.separator").join(parts)
    return t(
        locale, "subscriptions.line", plan=one_line(view.plan.name), subscription=f"S-{row.id}", rest=rest
    )


def _facts(statement: Statement, locale: str) -> list[str]:
    member, workspace = statement.member, statement.workspace
    lines = []
    if member.email:
        lines.append(t(locale, "members.email", email=escape_markdown(member.email)))
    if member.note:
        lines.append(t(locale, "members.note", note=one_line(member.note)))
    if member.left_on is not None:
        lines.append(t(locale, "members.left_on", day=parse_date(member.left_on)))
    elif member.discord_id is None:
        lines.append(t(locale, "members.not_linked"))
    if statement.credit_minor:
        lines.append(t(locale, "members.has_credit", amount=workspace.money(statement.credit_minor)))
    return lines


def _bill_line(workspace: Workspace, view: BillView, locale: str) -> str:
    bill = view.bill
    status = t(locale, "members.bill_overdue" if view.overdue else _BILLS[bill.status])
    amount = format_money(workspace.money(bill.amount_minor), locale)
    if 0 < bill.open_minor < bill.amount_minor:
        open_part = workspace.money(bill.open_minor)
        status = t(locale, "members.bill_partly", status=status, amount=open_part)
    return t(
        locale, "members.bill_line", bill=bill.label, title=cards.title(bill, locale), amount=amount,
        period=cards.covers(bill, locale) or format_date(parse_date(bill.due_on), locale), status=status,
    )  # fmt: skip


def _payment_lines(statement: Statement, locale: str) -> list[str]:
    found = []
    for payment in statement.payments:
        minor = payment.declared_minor if payment.received_minor is None else payment.received_minor
        found.append(t(
            locale, "members.payment_line", payment=payment.label, amount=statement.workspace.money(minor),
            status=t(locale, _PAYMENTS[payment.status]), when=cards.relative(payment.submitted_at),
        ))  # fmt: skip
    return found
