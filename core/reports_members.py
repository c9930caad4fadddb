"""Read-only views for what is posted or shown to members: openings, reminders, links. They decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core import errors
from core.db import Tx
from core.models import (
    Actor,
    Bill,
    BillingPeriod,
    LinkRequest,
    LinkRequestId,
    Member,
    MemberId,
    Method,
    PaymentId,
    Plan,
    Workspace,
)  # fmt: skip
from core.period import Period
from core.store import bills, member_views, members, methods, notices, plans, workspaces


@dataclass(frozen=True, slots=True)
class BilledPlan:
    """A plan in an opened period: how many bills, and the smallest and largest of them in minor units."""

    plan: Plan
    bills: int
    least_minor: int
    most_minor: int


@dataclass(frozen=True, slots=True)
class OpenedView:
    """What the announcement of a period says. `total_minor`: the sum of its bills, of so many members."""

    workspace: Workspace
    row: BillingPeriod
    period: Period
    due_on: date | None
    plans: tuple[BilledPlan, ...]
    total_minor: int = 0
    members: int = 0


@dataclass(frozen=True, slots=True)
class Debt:
    """What one member still has to pay, of the bills that were asked for or in all, oldest first."""

    member: Member
    bills: tuple[tuple[Bill, Period | None], ...]

    @property
    def total_minor(self) -> int:
        return sum(bill.open_minor for bill, _ in self.bills)


@dataclass(frozen=True, slots=True)
class LinkView:
    """A wish to hold a name, or a word that somebody else took it. `holder_id`: who holds the name now."""

    workspace: Workspace
    request: LinkRequest
    member: Member
    holder_id: int | None
    has_history: bool


def opened_view(tx: Tx, workspace: Workspace, period_id: int) -> OpenedView:
    """Plans, amounts and due date of an opened period."""
    row = bills.period_by_id(tx.conn, period_id)
    assert row is not None
    assert row.workspace_id == workspace.id
    found = []
    for plan_id, count, least, most in member_views.billed_plans(tx.conn, period_id):
        plan = plans.get(tx.conn, workspace.id, plan_id)
        assert plan is not None
        found.append(BilledPlan(plan, count, least, most))
    due_on = member_views.due_on(tx.conn, period_id)
    return OpenedView(
        workspace, row, Period(row.period), date.fromisoformat(due_on) if due_on else None, tuple(found),
        *member_views.billed(tx.conn, period_id),
    )  # fmt: skip


def debts(tx: Tx, workspace: Workspace, bill_ids: Sequence[int], *, whole: bool = False) -> tuple[Debt, ...]:
    """Those of the bills that can still be paid, by member, in the order in which they were named.

    With `whole`: everything that such a member can pay.
    """
    owed: dict[MemberId, list[Bill]] = {}
    people: dict[MemberId, Member] = {}
    for bill_id in dict.fromkeys(bill_ids):
        bill = bills.get(tx.conn, workspace.id, bill_id)
        if bill is not None and bills.is_payable(tx.conn, bill_id):
            member = members.current(tx.conn, workspace.id, bill.member_id)
            assert member is not None
            people[member.id] = member
            owed.setdefault(member.id, []).append(bill)
    if whole:
        owed = {member_id: bills.payable(tx.conn, member_id) for member_id in owed}
    return tuple(
        Debt(
            people[member_id],
            tuple((bill, _period(tx, bill)) for bill in sorted(lines, key=lambda bill: (bill.due_on, bill.id))),
        )
        for member_id, lines in owed.items()
    )  # fmt: skip


def people(tx: Tx, workspace: Workspace, member_ids: Sequence[int]) -> tuple[Member, ...]:
    """These members, in this order."""
    found = (members.current(tx.conn, workspace.id, member_id) for member_id in member_ids)
    return tuple(dict.fromkeys(member for member in found if member is not None))


def link_view(tx: Tx, workspace: Workspace, request_id: int) -> LinkView:
    """A request about a name as reviewers see it; raises MemberUnknown."""
    request = members.request(tx.conn, request_id)
    member = members.current(tx.conn, workspace.id, request.member_id) if request else None
    if request is None or member is None:
        raise errors.MemberUnknown()
    return LinkView(
        workspace, request, member, member.discord_id, members.has_bill_history(tx.conn, member.id)
    )


def link_card_of(tx: Tx, request_id: LinkRequestId) -> tuple[int, int] | None:
    """Where (channel, message) the reviewers' card about a name stands; None while it was not posted."""
    return notices.message(tx.conn, "link_card", "link", request_id)


def workspace_of_member(tx: Tx, member_id: int) -> Workspace:
    """Whose roster a button's member is on; raises MemberUnknown."""
    workspace_id = member_views.workspace_of_member(tx.conn, member_id)
    workspace = workspaces.get(tx.conn, workspace_id) if workspace_id is not None else None
    if workspace is None:
        raise errors.MemberUnknown()
    return workspace


def own_member(tx: Tx, actor: Actor) -> Member | None:
    """The roster entry of whoever asks, if their account is linked."""
    return members.by_discord(tx.conn, actor.workspace_id, actor.discord_id)


def method_list(tx: Tx, workspace_id: int) -> tuple[Workspace, tuple[Method, ...]]:
    """The ways to pay, with their instructions, for anybody in the club's server."""
    workspace = workspaces.get(tx.conn, workspace_id)
    if workspace is None:
        raise errors.WorkspaceUnknown()
    return workspace, tuple(methods.everyone(tx.conn, workspace.id))


def still_open(tx: Tx, workspace: Workspace, payment_id: PaymentId) -> tuple[Bill, ...]:
    """Bills that the payment was ever meant for and that can be paid now, oldest first."""
    return tuple(
        bill
        for bill_id in bills.ids_of_payment(tx.conn, payment_id)
        if bills.is_payable(tx.conn, bill_id) and (bill := bills.get(tx.conn, workspace.id, bill_id))
    )


def account_of(tx: Tx, workspace: Workspace, member_id: int) -> int | None:
    """The Discord account of a member."""
    member = members.current(tx.conn, workspace.id, member_id)
    return member.discord_id if member else None


def has_held_notices(tx: Tx, member_id: MemberId) -> bool:
    """Whether something for this member waits because their direct messages were closed."""
    return member_views.has_held_notices(tx.conn, member_id)


def _period(tx: Tx, bill: Bill) -> Period | None:
    row = bills.period_by_id(tx.conn, bill.billing_period_id) if bill.billing_period_id else None
    return Period(row.period) if row else None
