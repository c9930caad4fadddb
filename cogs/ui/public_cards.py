"""What everybody reads, in the club's own wording: openings, additions, reminders, summaries, the panel."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from cogs.ui import cards
from cogs.ui.notice_cards import workspace_buttons
from cogs.ui.text import one_line
from cogs.ui.wording import Borders, Piece, pieces
from core.i18n import format_date, format_list, format_period, t
from core.models import Member, Workspace
from core.period import Period
from core.reports import PeriodStatus
from core.reports_members import BilledPlan, Debt, OpenedView

MOST_MONTHS = 6

Shown = tuple[discord.ui.LayoutView, Piece]
"""A message, and whom it may mention."""


def opened(view: OpenedView, body: str, locale: str) -> list[Shown]:
    """The announcement of a period: its plans with amounts and roles, until when, and Pay."""
    workspace = view.workspace
    lines = [_plan_line(workspace, plan, locale) for plan in view.plans]
    values = {
        "period": format_period(view.period, locale),
        "total": cards.money(workspace, view.total_minor, locale),
        "due": format_date(view.due_on, locale) if view.due_on else "–",
    }
    roles = [plan.plan.role_id for plan in view.plans if plan.plan.role_id is not None]
    found = pieces(body, values, {"plans": lines or [t(locale, "notices.opened_none")]}, roles=roles)
    return _messages(workspace, found, locale, "pay", "methods", "bills")


def added(
    workspace: Workspace,
    period: Period,
    people: Sequence[Member],
    body: str,
    locale: str,
    borders: Borders = (),
) -> list[Shown]:
    """Who has a bill for an open period by now; exactly they are mentioned."""
    lines = [t(locale, "notices.added_line", who=name_or_account(member)) for member in people]
    found = pieces(
        body, {"period": format_period(period, locale)}, {"list": lines}, users=_accounts(people),
        ids=[member.id for member in people], borders=borders,
    )  # fmt: skip
    return _messages(workspace, found, locale, "pay", "bills")


def closed(status: PeriodStatus, members: int, body: str, locale: str) -> list[Shown]:
    """The summary of a finished period: what it asked for, what came in, what is still open."""
    workspace, total = status.workspace, status.total()
    due = total.amount_minor - total.waived_minor
    missing = due - total.settled_minor
    values = {
        "period": format_period(status.period, locale), "total": cards.money(workspace, due, locale),
        "collected": cards.money(workspace, total.settled_minor, locale),
        "unpaid": cards.money(workspace, missing, locale),
        "members": t(locale, "notices.count_members", count=members),
    }  # fmt: skip
    buttons = ("pay", "bills") if missing else ("bills",)
    return _messages(workspace, pieces(body, values), locale, *buttons, colour=cards.GREEN)


def overdue_list(
    workspace: Workspace, debts: Sequence[Debt], body: str, locale: str, borders: Borders = ()
) -> list[Shown]:
    """One reminder for all: who owes how much for what; without names unless the club wants them public.

    `borders`: whom each of its messages named when it was first sent.
    """
    shown = debts if workspace.debtors_public else ()
    values = {
        "count": t(locale, "notices.count_members", count=len(debts)),
        "total": cards.money(workspace, sum(debt.total_minor for debt in debts), locale),
    }
    lines = [_debtor_line(workspace, debt, locale) for debt in shown]
    people = [debt.member for debt in shown]
    found = pieces(
        body, values, {"list": lines}, users=_accounts(people), ids=[member.id for member in people],
        borders=borders,
    )  # fmt: skip
    return _messages(workspace, found, locale, "pay", "methods", "bills", colour=cards.AMBER)


def panel(workspace: Workspace, body: str, locale: str) -> discord.ui.LayoutView:
    """The message that stays in a channel: Pay, My bills, Link, How to pay."""
    text = pieces(body, {"club": one_line(workspace.name)})[0].text
    return cards.card(text, buttons=workspace_buttons(workspace, locale, "pay", "bills", "link", "methods"))


def name_or_account(member: Member) -> str:
    """How a member is named in public: by account, which shows their name in the server, or by name."""
    return f"<@{member.discord_id}>" if member.discord_id is not None else one_line(member.name)


def _messages(
    workspace: Workspace, found: Sequence[Piece], locale: str, *buttons: str, colour: int = cards.BLUE
) -> list[Shown]:
    """A card for each piece; the buttons are below the last."""
    last = len(found) - 1
    return [
        (
            cards.card(
                piece.text or t(locale, "notices.part_settled"), colour=colour,
                buttons=workspace_buttons(workspace, locale, *buttons) if number == last else (),
            ),
            piece,
        )
        for number, piece in enumerate(found)
    ]  # fmt: skip


def _plan_line(workspace: Workspace, plan: BilledPlan, locale: str) -> str:
    amount = cards.money(workspace, plan.most_minor, locale)
    if plan.least_minor != plan.most_minor:
        least = cards.money(workspace, plan.least_minor, locale)
        amount = t(locale, "notices.opened_plan_range", least=least, most=amount)
    name = one_line(plan.plan.name)
    if plan.plan.role_id is None:
        return t(locale, "notices.opened_plan", title=name, amount=amount)
    return t(locale, "notices.opened_plan_role", title=name, role=f"<@&{plan.plan.role_id}>", amount=amount)


def _debtor_line(workspace: Workspace, debt: Debt, locale: str) -> str:
    what = dict.fromkeys(cards.covers(bill, locale) or cards.title(bill, locale) for bill, _ in debt.bills)
    names = list(what)
    if len(names) > MOST_MONTHS:  # the amount is whole; which months is for My bills
        names = [t(locale, "common.period_range", first=names[0], last=names[-1])]
    return t(
        locale, "notices.overdue_list_line", who=name_or_account(debt.member),
        amount=cards.money(workspace, debt.total_minor, locale), what=format_list(names, locale),
    )  # fmt: skip


def _accounts(people: Sequence[Member]) -> list[int]:
    return [member.discord_id for member in people if member.discord_id is not None]
