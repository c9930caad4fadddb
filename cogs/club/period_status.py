"""How a month stands, as messages: what came in, what is missing, who owes, and what could not be said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from cogs.ui import cards, limits
from cogs.ui.actions import ACTIONS
from cogs.ui.text import escape_markdown, one_line
from core.i18n import format_date, has, t
from core.models import Notice
from core.money import format_money
from core.reports import PeriodStatus
from core.reports_admin import NoticesState

BAR_CELLS = 12

_STATUSES = {
    "open": "billing.status_open",
    "closed": "billing.status_closed",
    "draft": "billing.status_draft",
}


def status_messages(status: PeriodStatus, outbox: NoticesState, locale: str) -> list[discord.ui.LayoutView]:
    """The summary, then everybody who owes, then what the outbox holds; as many messages as it takes."""
    words = _Words(status, locale)
    found = cards.paged(
        words.heading(), [*words.sums(), *words.plans(), *words.methods()], colour=words.colour()
    )
    if status.debtors:
        count = len(status.debtors)
        found += cards.paged(
            words.t("billing.debtors", count=count), list(words.debtors()), colour=cards.AMBER
        )
    found += _outbox_messages(status, outbox, words)
    return found


def bar(part: int, whole: int) -> str:
    """A bar of text with the percentage; full only when nothing is missing."""
    percent = 100 if part >= whole else part * 100 // whole
    cells = percent * BAR_CELLS // 100
    return f"`{'▰' * cells}{'▱' * (BAR_CELLS - cells)}` {percent}%"


class _Words:
    """How the numbers of a period are put into words."""

    def __init__(self, status: PeriodStatus, locale: str) -> None:
        self.status, self.locale = status, locale

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def money(self, minor: int) -> str:
        return format_money(self.status.workspace.money(minor), self.locale)

    def heading(self) -> str:
        word = self.t(_STATUSES[self.status.status])
        return self.t("billing.status_heading", period=self.status.period, status=word)

    def colour(self) -> int:
        return cards.GREEN if self.status.total("pending", "rejected", "paid").bills == 0 else cards.BLUE

    def sums(self) -> Iterator[str]:
        total = self.status.total()
        due = total.amount_minor - total.waived_minor
        yield self.t("billing.collected", collected=self.money(total.settled_minor), due=self.money(due))
        yield bar(total.settled_minor, due)
        yield self.t("billing.bills_verified", count=self.status.total("verified").bills, all=total.bills)
        if claimed := self.status.total("paid").bills:
            yield self.t("billing.bills_claimed", count=claimed)
        if total.waived_minor:
            yield self.t("billing.waived", amount=self.money(total.waived_minor))
        if self.status.waiting:
            yield self.t("billing.waiting_payments", count=self.status.waiting)
        yield self.t("billing.pot", amount=self.money(self.status.pot_minor))

    def plans(self) -> Iterator[str]:
        if self.status.plans:
            yield self.t("billing.per_plan")
        for plan in self.status.plans:
            yield self.t(
                "billing.plan_status", plan=one_line(plan.title), verified=plan.verified, count=plan.bills,
                collected=self.money(plan.settled_minor), due=self.money(plan.amount_minor),
            )  # fmt: skip

    def methods(self) -> Iterator[str]:
        if self.status.methods:
            yield self.t("billing.per_method")
        for name, minor in self.status.methods:
            shown = self.t("common.method_none") if name is None else one_line(name)
            yield self.t("billing.method_line", method=shown, amount=self.money(minor))

    def debtors(self) -> Iterator[str]:
        for member, minor, due in self.status.debtors:
            yield self.t(
                "billing.debtor", person=cards.person(member, self.locale), amount=self.money(minor),
                day=format_date(due, self.locale),
            )  # fmt: skip


def _outbox_messages(
    status: PeriodStatus, outbox: NoticesState, words: _Words
) -> list[discord.ui.LayoutView]:
    lines = []
    if outbox.held:
        lines.append(words.t("billing.notices_held", count=outbox.held))
    elif outbox.waiting:
        lines.append(words.t("billing.notices_waiting", count=outbox.waiting))
    if not outbox.in_trouble:
        return [cards.card(*lines, colour=cards.GREY)] if lines else []
    lines.append(words.t("billing.notices_failed", count=outbox.in_trouble))
    lines += [_notice_line(notice, words) for notice in outbox.troubled]
    if more := outbox.in_trouble - len(outbox.troubled):
        lines.append(words.t("billing.notices_more", count=more))
    retry = ACTIONS["notices:retry"](status.workspace.id, words.locale)
    return cards.paged("", lines, colour=cards.RED, buttons=[retry])


def _notice_line(notice: Notice, words: _Words) -> str:
    name = f"notices.kind.{notice.kind}"
    kind = words.t(name if has(words.locale, name) else "billing.notice_other")
    key = "billing.notice_failed" if notice.status == "failed" else "billing.notice_unknown"
    why = escape_markdown(limits.shorten(notice.error, 100))
    return words.t(key, kind=kind, when=cards.relative(notice.created_at), reason=why)
