"""Wording as it will look: the very cards of the real notice, with made-up people and amounts."""

from __future__ import annotations

from datetime import timedelta

from cogs.ui import cards, public_cards
from cogs.ui.public_cards import Shown
from cogs.ui.wording import Piece, pieces
from core.i18n import format_period, t
from core.models import (
    Bill,
    BillId,
    BillingPeriod,
    Member,
    MemberId,
    Plan,
    PlanId,
    SubscriptionId,
    Workspace,
)  # fmt: skip
from core.period import Period, due_on
from core.reports import PeriodStatus, StatusTotals
from core.reports_members import BilledPlan, Debt, OpenedView

PEOPLE = ("templates_sample.person_1", "templates_sample.person_2", "templates_sample.person_3")
PLANS = (("templates_sample.plan_1", 315, 5), ("templates_sample.plan_2", 640, 3))


def sample(
    kind: str, workspace: Workspace, body: str, locale: str, period: Period, account: int
) -> list[Shown]:
    """This wording as it would be posted in that language; `account` stands for one of the people."""
    make = _Sample(workspace, locale, period, account)
    match kind:
        case "opened":
            return public_cards.opened(make.opening(), body, locale)
        case "added":
            return public_cards.added(workspace, period, make.people(), body, locale)
        case "closed":
            return public_cards.closed(make.status(), len(PEOPLE), body, locale)
        case "overdue_list":
            return public_cards.overdue_list(workspace, make.debts(), body, locale)
        case "panel":
            return [(public_cards.panel(workspace, body, locale), Piece(""))]
    return make.alert(body)


class _Sample:
    def __init__(self, workspace: Workspace, locale: str, period: Period, account: int) -> None:
        self.workspace, self.locale, self.period, self.account = workspace, locale, period, account

    def people(self) -> list[Member]:
        """The first one is whoever looks at the preview."""
        accounts = (self.account, None, None)
        return [
            self._member(number, t(self.locale, key), accounts[number]) for number, key in enumerate(PEOPLE)
        ]

    def opening(self) -> OpenedView:
        row = BillingPeriod(
            0, self.workspace.id, self.period.text, "open", 1, None, None, None, None, None, None
        )
        plans = tuple(
            BilledPlan(self._plan(t(self.locale, key)), count, minor, minor) for key, minor, count in PLANS
        )
        total = sum(minor * count for _, minor, count in PLANS)
        due = due_on(self.period, self.workspace.billing_day, self.workspace.due_days)
        return OpenedView(self.workspace, row, self.period, due, plans, total, len(PEOPLE))

    def status(self) -> PeriodStatus:
        totals = (StatusTotals("verified", 7, 2855, 2855, 0), StatusTotals("pending", 1, 640, 0, 0))
        return PeriodStatus(self.workspace, self.period, "closed", totals, (), (), (), 0, 0)

    def debts(self) -> list[Debt]:
        return [
            Debt(member, ((self._bill(member, minor), self.period),))
            for member, minor in zip(self.people(), (315, 640, 955), strict=True)
        ]

    def alert(self, body: str) -> list[Shown]:
        """An alert is plain text on a phone; here it is what a webhook on Discord would show."""
        values = {
            "payer": t(self.locale, PEOPLE[1]), "amount": cards.money(self.workspace, 520, self.locale),
            "period": format_period(self.period, self.locale), "link": "https://pot.example/",
        }  # fmt: skip
        return [(cards.card(piece.text, colour=cards.GREY), piece) for piece in pieces(body, values)]

    def _member(self, number: int, name: str, account: int | None) -> Member:
        return Member(
            MemberId(number + 1), self.workspace.id, name, name, None, None, "", account, None, None, ""
        )

    def _plan(self, name: str) -> Plan:
        return Plan(PlanId(0), self.workspace.id, name, name, None, 1, "none", None, "")

    def _bill(self, member: Member, minor: int) -> Bill:
        first = self.period.first_day
        due = due_on(self.period, self.workspace.billing_day, self.workspace.due_days) + timedelta()
        return Bill(
            BillId(0), self.workspace.id, member.id, "plan", 0, SubscriptionId(0), PlanId(0),
            t(self.locale, PLANS[0][0]), minor, 0, 0, "pending", str(due), str(first),
            str(self.period.last_day), "",
        )  # fmt: skip
