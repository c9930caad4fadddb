"""Subscriptions: a member's seat on a plan, from a day on, with pauses, to an end.

Whatever makes a subscription active in a month that is open already bills that month at once. What takes
days away never touches bills: the result names the unpaid ones, and a treasurer decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core import access, audit, billing, errors
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import (
    Actor,
    Bill,
    BillId,
    Member,
    MemberId,
    Pause,
    Plan,
    PlanId,
    Subscription,
    SubscriptionId,
    Workspace,
)
from core.period import Period, parse_date
from core.store import bills, members, plans, subscriptions
from core.workspaces import whole_number


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription with its plan, its pauses and how it stands today: active, paused or cancelled."""

    subscription: Subscription
    plan: Plan
    pauses: tuple[Pause, ...]
    status: str


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """What an action did: the bills it made at once, and the unpaid bills for days it took away."""

    subscription: Subscription
    member: Member
    plan: Plan
    made: tuple[Bill, ...] = ()
    affected: tuple[Bill, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        row = self.subscription
        return (
            ("subscription", self.member.id, self.plan.id, row.starts_on, row.ends_on, row.billing_day),
            *(("pause", pause.from_on, pause.resumes_on) for pause in self.pauses),
            *(("bill", bill.title, bill.amount_minor, bill.due_on, bill.status) for bill in self.made),
            *(("affected", bill.id, bill.open_minor) for bill in self.affected),
        )


def status_on(subscription: Subscription, pauses: Sequence[Pause], day: date) -> str:
    """How a subscription stands on a day: active (also before it begins), paused or cancelled."""
    text = str(day)
    if subscription.ends_on is not None and subscription.ends_on < text:
        return "cancelled"
    if any(
        pause.from_on <= text and (pause.resumes_on is None or pause.resumes_on > text) for pause in pauses
    ):
        return "paused"
    return "active"


def of_member(tx: Tx, actor: Actor, member_id: MemberId) -> list[SubscriptionView]:
    """A member's subscriptions, ended ones included; for the member and those who may read everything."""
    access.require_self_or(tx, actor, member_id, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    if members.get(tx.conn, workspace.id, member_id) is None:
        raise errors.MemberUnknown()
    today = local_date(tx.now, workspace.timezone)
    return [_view(tx, row, today) for row in subscriptions.of_member(tx.conn, member_id)]


def start(
    tx: Tx, actor: Actor, member_id: MemberId, plan_id: PlanId, starts_on: date | str
) -> SubscriptionChanged:
    """Seat a member on a plan from a day on; open periods since then are billed at once.

    Raises RoleNeeded, MemberUnknown, MemberLeft, PlanUnknown, PlanRetired, AlreadySubscribed, InvalidDate.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    member, plan = _seatable(tx, workspace, member_id), _open_plan(tx, workspace, plan_id)
    first = str(parse_date(str(starts_on), "starts_on"))
    for other in subscriptions.of_member(tx.conn, member.id):
        if other.plan_id == plan.id and (other.ends_on is None or other.ends_on >= first):
            raise errors.AlreadySubscribed(member=member.name, plan=plan.name)
    subscription_id = subscriptions.add(
        tx.conn,
        workspace_id=workspace.id,
        member_id=member.id,
        plan_id=plan.id,
        starts_on=first,
        now=tx.now_text,
    )
    audit.record(
        tx, actor, "subscription.start", "subscription", subscription_id,
        after={"member": member.id, "plan": plan.id, "starts_on": first},
    )  # fmt: skip
    return _changed(tx, actor, workspace, subscription_id, bill=True)


def end(
    tx: Tx, actor: Actor, subscription_id: SubscriptionId, ends_on: date | str | None
) -> SubscriptionChanged:
    """Let a subscription end after this day; the day before its start means that it never was active.

    A planned end can be moved, or taken back by None; one that is past cannot. Open periods that it now
    lasts for are billed at once. Raises DateTooEarly, DateTooLate, SubscriptionOver.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace, row = _load(tx, actor, subscription_id)
    last = None if ends_on is None else parse_date(str(ends_on), "ends_on")
    ending = None if last is None else str(last)
    if row.ends_on == ending:
        return _changed(tx, actor, workspace, row.id)
    _check_running(tx, workspace, row)
    if last is not None:
        _check_not_before("ends_on", last, date.fromisoformat(row.starts_on) - timedelta(days=1))
    _check_end_free(tx, row, last)
    subscriptions.set_end(tx.conn, row.id, ending)
    audit.record(
        tx, actor, "subscription.end", "subscription", row.id, before={"ends_on": row.ends_on},
        after={"ends_on": ending},
    )  # fmt: skip
    longer = row.ends_on is not None and (ending is None or row.ends_on < ending)
    return _changed(tx, actor, workspace, row.id, bill=longer, lost_from=last and last + timedelta(days=1))


def end_now(tx: Tx, actor: Actor, subscription_id: SubscriptionId) -> SubscriptionChanged:
    """Let a subscription end today; one that was to begin later never begins. Raises what `end` raises."""
    workspace, row = _load(tx, actor, subscription_id)
    never = date.fromisoformat(row.starts_on) - timedelta(days=1)
    return end(tx, actor, row.id, max(local_date(tx.now, workspace.timezone), never))


def end_with_period(tx: Tx, actor: Actor, subscription_id: SubscriptionId) -> SubscriptionChanged:
    """Let a subscription end when what is being paid for now is over. Raises what `end` raises."""
    return end(tx, actor, subscription_id, last_covered_day(tx, actor, subscription_id))


def last_covered_day(tx: Tx, actor: Actor, subscription_id: SubscriptionId) -> date:
    """The last day of the month or cycle that today lies in; of the first one before it begins."""
    access.require(tx, actor, Role.AUDITOR)
    workspace, row = _load(tx, actor, subscription_id)
    plan = plans.get(tx.conn, workspace.id, row.plan_id)
    assert plan is not None
    return covered_until(row, plan.cycle_months, local_date(tx.now, workspace.timezone))


def covered_until(subscription: Subscription, cycle_months: int, day: date) -> date:
    """The last day of the cycle that this day lies in; cycles are anchored at the month of the start."""
    first = Period.of(date.fromisoformat(subscription.starts_on))
    passed = max(0, first.months_until(Period.of(day))) // cycle_months
    return first.plus((passed + 1) * cycle_months - 1).last_day


def set_billing_day(
    tx: Tx, actor: Actor, subscription_id: SubscriptionId, day: int | None
) -> SubscriptionChanged:
    """Give a subscription a billing day of its own, 1 to 28; None follows the club's again.

    It sets the due date of bills that are made from now on; those that are there keep theirs.
    Raises NumberOutOfRange, SubscriptionOver.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace, row = _load(tx, actor, subscription_id)
    wanted = None if day is None else whole_number("billing_day", day, 1, 28)
    _check_running(tx, workspace, row)
    if wanted != row.billing_day:
        subscriptions.set_billing_day(tx.conn, row.id, wanted)
        audit.record(
            tx, actor, "subscription.billing_day", "subscription", row.id,
            before={"billing_day": row.billing_day}, after={"billing_day": wanted},
        )  # fmt: skip
    return _changed(tx, actor, workspace, row.id)


def pause(
    tx: Tx,
    actor: Actor,
    subscription_id: SubscriptionId,
    from_on: date | str,
    resumes_on: date | str | None = None,
) -> SubscriptionChanged:
    """Pause from a day on, until the day on which it is active again (None: until somebody resumes it).

    Raises DateTooEarly, DateTooLate, PauseOverlaps, SubscriptionOver.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace, row = _load(tx, actor, subscription_id)
    first = parse_date(str(from_on), "from_on")
    until = None if resumes_on is None else str(parse_date(str(resumes_on), "resumes_on"))
    _check_running(tx, workspace, row)
    _check_not_before("from_on", first, date.fromisoformat(row.starts_on))
    if row.ends_on is not None and str(first) > row.ends_on:
        raise errors.DateTooLate(field="from_on", latest=date.fromisoformat(row.ends_on))
    if until is not None:
        _check_not_before("resumes_on", date.fromisoformat(until), first + timedelta(days=1))
    for other in subscriptions.pauses(tx.conn, row.id):
        if _overlap(other, str(first), until):
            raise errors.PauseOverlaps(from_on=date.fromisoformat(other.from_on))
    put_pause(tx, row.id, actor, str(first), until)
    audit.record(
        tx, actor, "subscription.pause", "subscription", row.id,
        after={"from_on": str(first), "resumes_on": until},
    )  # fmt: skip
    return _changed(tx, actor, workspace, row.id, lost_from=first)


def resume(tx: Tx, actor: Actor, subscription_id: SubscriptionId, on: date | str) -> SubscriptionChanged:
    """End the pause that holds on this day, or take back the one without an end that begins later.

    The open periods in which it is active again are billed at once. Raises NotPaused, SubscriptionOver.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace, row = _load(tx, actor, subscription_id)
    day = str(parse_date(str(on), "on"))
    _check_running(tx, workspace, row)
    holding = pause_to_end(subscriptions.pauses(tx.conn, row.id), day)
    if holding is None:
        raise errors.NotPaused()
    again = max(day, holding.from_on)  # a pause that had not begun yet is over before it begins
    subscriptions.set_resumes(tx.conn, holding.id, again)
    audit.record(
        tx, actor, "subscription.resume", "subscription", row.id,
        before={"from_on": holding.from_on, "resumes_on": holding.resumes_on},
        after={"from_on": holding.from_on, "resumes_on": again},
    )  # fmt: skip
    return _changed(tx, actor, workspace, row.id, bill=True)


# --- parts that leaving the club and the roster import share ------------------------------------------------


def pause_to_end(pauses: Sequence[Pause], day: str) -> Pause | None:
    """The pause that resuming on this day ends: the one that holds then, else the one without an end."""
    for row in pauses:
        if row.from_on <= day and (row.resumes_on is None or row.resumes_on > day):
            return row
    return next((row for row in pauses if row.resumes_on is None), None)


def put_pause(tx: Tx, subscription_id: int, actor: Actor, from_on: str, resumes_on: str | None) -> None:
    subscriptions.add_pause(
        tx.conn, subscription_id, from_on=from_on, resumes_on=resumes_on, by=actor.text, now=tx.now_text
    )


def end_all(tx: Tx, actor: Actor, member: Member, last: date) -> tuple[SubscriptionId, ...]:
    """End whatever a member still holds after this day; returns what was ended. Asks for no role."""
    ended = []
    for row in subscriptions.of_member(tx.conn, member.id):
        before_start = date.fromisoformat(row.starts_on) - timedelta(days=1)
        ends_on = str(max(last, before_start))
        if row.ends_on is None or row.ends_on > ends_on:
            subscriptions.set_end(tx.conn, row.id, ends_on)
            audit.record(
                tx, actor, "subscription.end", "subscription", row.id, before={"ends_on": row.ends_on},
                after={"ends_on": ends_on},
            )  # fmt: skip
            ended.append(row.id)
    return tuple(ended)


def _view(tx: Tx, row: Subscription, today: date) -> SubscriptionView:
    plan = plans.get(tx.conn, row.workspace_id, row.plan_id)
    assert plan is not None
    pauses = tuple(subscriptions.pauses(tx.conn, row.id))
    return SubscriptionView(row, plan, pauses, status_on(row, pauses, today))


def _load(tx: Tx, actor: Actor, subscription_id: int) -> tuple[Workspace, Subscription]:
    workspace = access.workspace_of(tx, actor)
    row = subscriptions.get(tx.conn, workspace.id, subscription_id)
    if row is None:
        raise errors.SubscriptionUnknown()
    return workspace, row


def _seatable(tx: Tx, workspace: Workspace, member_id: int) -> Member:
    member = members.current(tx.conn, workspace.id, member_id)
    if member is None:
        raise errors.MemberUnknown()
    if member.left_on is not None:
        raise errors.MemberLeft(member=member.name)
    return member


def _open_plan(tx: Tx, workspace: Workspace, plan_id: int) -> Plan:
    plan = plans.get(tx.conn, workspace.id, plan_id)
    if plan is None:
        raise errors.PlanUnknown()
    if plan.retired_at is not None:
        raise errors.PlanRetired(plan=plan.name)
    return plan


def _check_running(tx: Tx, workspace: Workspace, row: Subscription) -> None:
    if row.ends_on is not None and row.ends_on < str(local_date(tx.now, workspace.timezone)):
        raise errors.SubscriptionOver(ended_on=date.fromisoformat(row.ends_on))


def _check_not_before(field: str, day: date, earliest: date) -> None:
    if day < earliest:
        raise errors.DateTooEarly(field=field, earliest=earliest)


def _check_end_free(tx: Tx, row: Subscription, last: date | None) -> None:
    """A planned end cannot be moved into a later subscription of the same member to the same plan."""
    for other in subscriptions.of_member(tx.conn, row.member_id):
        later = other.plan_id == row.plan_id and other.starts_on > row.starts_on
        if later and (last is None or other.starts_on <= str(last)):
            latest = date.fromisoformat(other.starts_on) - timedelta(days=1)
            raise errors.DateTooLate(field="ends_on", latest=latest)


def _overlap(other: Pause, first: str, until: str | None) -> bool:
    return (until is None or other.from_on < until) and (other.resumes_on is None or first < other.resumes_on)


def _changed(
    tx: Tx, actor: Actor, workspace: Workspace, subscription_id: int, *, bill: bool = False,
    lost_from: date | None = None,
) -> SubscriptionChanged:  # fmt: skip
    row = subscriptions.get(tx.conn, workspace.id, subscription_id)
    assert row is not None
    member, plan = (
        members.current(tx.conn, workspace.id, row.member_id),
        plans.get(tx.conn, workspace.id, row.plan_id),
    )
    assert member is not None
    assert plan is not None
    made = billing.issue_for_subscription(tx, workspace, actor, row.id) if bill else []
    lost = subscriptions.unpaid_bills_after(tx.conn, [row.id], str(lost_from)) if lost_from else []
    pauses = tuple(subscriptions.pauses(tx.conn, row.id))
    return SubscriptionChanged(row, member, plan, _bills(tx, workspace, made), tuple(lost), pauses)


def _bills(tx: Tx, workspace: Workspace, bill_ids: Sequence[BillId]) -> tuple[Bill, ...]:
    found = (bills.get(tx.conn, workspace.id, bill_id) for bill_id in bill_ids)
    return tuple(bill for bill in found if bill is not None)
