"""Taking back the start or the resumption of a subscription, with the bills that came of it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from core import access, corrections, errors, subscriptions
from core.access import Role
from core.db import Tx
from core.models import Actor, Bill, BillId, Pause, Subscription, SubscriptionId, Workspace
from core.period import Period
from core.store import bills
from core.store import subscriptions as rows
from core.store.import_undo import MadeBill, bills_of
from core.subscriptions import SubscriptionChanged


@dataclass(frozen=True, slots=True)
class SeatUndone:
    """The subscription as it is again, and the bills that were voided; those that stay are in `affected`."""

    changed: SubscriptionChanged
    voided: tuple[Bill, ...]

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (*self.changed.effects, *(("void", bill.id, bill.amount_minor) for bill in self.voided))


def take_back_start(tx: Tx, actor: Actor, subscription_id: SubscriptionId, reason: str) -> SeatUndone:
    """The subscription never was active, and its bills are voided.

    Raises UndoOvertaken when it was paused or ended since or a bill of it is claimed or paid, and PeriodClosed.
    """
    row = _load(tx, actor, subscription_id)
    if row.ends_on is not None or rows.pauses(tx.conn, row.id):
        raise errors.UndoOvertaken()
    made = bills_of(tx.conn, [row.id])
    if any(bill.is_claimed for bill in made):
        raise errors.UndoOvertaken()
    changed = subscriptions.end(tx, actor, row.id, date.fromisoformat(row.starts_on) - timedelta(days=1))
    return _without(tx, actor, changed, made, reason)


def take_back_resume(
    tx: Tx,
    actor: Actor,
    subscription_id: SubscriptionId,
    resumed_on: str,
    resumes_on: str | None,
    reason: str,
) -> SeatUndone:
    """Paused again from the day on which it was resumed, until the day on which it would have been.

    The bills of open months in which it is not active any more are voided, unless they are claimed or paid.
    Raises what `subscriptions.pause` raises.
    """
    row = _load(tx, actor, subscription_id)
    changed = subscriptions.pause(tx, actor, row.id, resumed_on, resumes_on)
    workspace = access.workspace_of(tx, actor)
    idle = [
        bill for bill in bills_of(tx.conn, [row.id])
        if not (bill.is_claimed or bill.is_locked)
        and _is_idle(changed.subscription, changed.pauses, _period_of(tx, workspace, bill))
    ]  # fmt: skip
    return _without(tx, actor, changed, idle, reason)


def _without(
    tx: Tx, actor: Actor, changed: SubscriptionChanged, unwanted: list[MadeBill], reason: str
) -> SeatUndone:
    voided = tuple(corrections.void(tx, actor, BillId(bill.id), reason).before for bill in unwanted)
    gone = {bill.id for bill in voided}
    affected = tuple(bill for bill in changed.affected if bill.id not in gone)
    return SeatUndone(replace(changed, affected=affected), voided)


def _is_idle(row: Subscription, pauses: tuple[Pause, ...], period: Period | None) -> bool:
    """Whether the subscription is not active on any day of the period that the bill was made in."""
    if period is None:
        return False
    days = (
        period.first_day + timedelta(days=n) for n in range((period.last_day - period.first_day).days + 1)
    )
    return not any(
        row.starts_on <= str(day) and subscriptions.status_on(row, pauses, day) == "active" for day in days
    )


def _period_of(tx: Tx, workspace: Workspace, made: MadeBill) -> Period | None:
    bill = bills.get(tx.conn, workspace.id, made.id)
    row = bills.period_by_id(tx.conn, bill.billing_period_id) if bill and bill.billing_period_id else None
    return Period(row.period) if row else None


def _load(tx: Tx, actor: Actor, subscription_id: int) -> Subscription:
    access.require(tx, actor, Role.TREASURER)
    row = rows.get(tx.conn, access.workspace_of(tx, actor).id, subscription_id)
    if row is None:
        raise errors.SubscriptionUnknown()
    return row
