"""Bring an open period in line with today's roster and prices, or take its opening back."""

from dataclasses import dataclass
from typing import Any

from core import access, audit, billing, errors, notices, settle
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, BillId, BillingPeriod, MemberId, Workspace
from core.period import Period
from core.store import bills, issuing, payments, revising


@dataclass(frozen=True, slots=True)
class RevisedBill:
    """One bill that changes: `to_minor` is None when it is voided. `name` is the member's."""

    bill_id: int
    member_id: int
    name: str
    title: str
    from_minor: int
    to_minor: int | None


@dataclass(frozen=True, slots=True)
class AddedBill:
    """One bill that is made, in minor units."""

    member_id: int
    name: str
    title: str
    minor: int


@dataclass(frozen=True, slots=True)
class Resynced:
    """What a resync did. `frozen`: bills that a claim keeps as they are."""

    workspace: Workspace
    period: Period
    added: tuple[AddedBill, ...]
    revised: tuple[RevisedBill, ...]
    frozen: int

    @property
    def voided(self) -> tuple[RevisedBill, ...]:
        return tuple(bill for bill in self.revised if bill.to_minor is None)

    @property
    def repriced(self) -> tuple[RevisedBill, ...]:
        return tuple(bill for bill in self.revised if bill.to_minor is not None)

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (
            ("resync", self.period.text, self.frozen),
            *(("add", bill.member_id, bill.title, bill.minor) for bill in self.added),
            *(("revise", bill.bill_id, bill.from_minor, bill.to_minor) for bill in self.revised),
        )


@dataclass(frozen=True, slots=True)
class Retracted:
    """What taking an opening back did; `was_open` False: it was not open, and nothing was done."""

    workspace: Workspace
    period: Period
    voided: tuple[RevisedBill, ...]
    frozen: int
    was_open: bool

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        bills_gone = (("void", bill.bill_id, bill.from_minor) for bill in self.voided)
        return (("retract", self.period.text, self.was_open, self.frozen), *bills_gone)


def resync(tx: Tx, actor: Actor, period: Period, *, tell_added: bool = False) -> Resynced:
    """Add missing bills, void those of subscriptions that ended, reprice pending ones.

    Claimed and settled bills stay as they are. With `tell_added` the linked members who got a bill are told.
    Raises PeriodUnknown, PeriodNotOpen, PeriodClosed, PlanWithoutPrice.
    """
    workspace, row = _open_row(tx, actor, period)
    issue = billing.issue_period(workspace, row)
    revising.gather_drifted(tx.conn, issue)
    revised = tuple(RevisedBill(*line) for line in revising.lines(tx.conn))
    apply_revised(tx, actor, workspace)
    issuing.gather(tx.conn, issue)
    added = tuple(AddedBill(*line) for line in issuing.lines(tx.conn))
    billing.issue(tx, workspace, actor, row)
    result = Resynced(workspace, period, added, revised, revising.frozen_bills(tx.conn, row.id))
    if not (added or revised):
        return result
    line = audit.record(
        tx, actor, "period.resync", "period", row.id,
        after={"period": period.text, "added": len(added), "voided": len(result.voided),
               "repriced": len(result.repriced), "digest": billing.digest(result.effects)},
    )  # fmt: skip
    if tell_added and added:
        notices.added_to_period(tx, workspace, row.id, line, sorted({bill.member_id for bill in added}))
    return result


def retract(tx: Tx, actor: Actor, period: Period) -> Retracted:
    """Take the opening of a period back: its bills are voided, its credit freed, its notices dropped.

    Bills on which a claim lies stay payable and listed. Doing it twice does nothing the second time.
    Raises PeriodUnknown, PeriodClosed.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    if row.status == "closed":
        raise errors.PeriodClosed(period=period)
    frozen = revising.frozen_bills(tx.conn, row.id)
    if row.status != "open":
        return Retracted(workspace, period, (), frozen, was_open=False)
    revising.gather_retracted(tx.conn, row.id)
    voided = tuple(RevisedBill(*line) for line in revising.lines(tx.conn))
    bills.retract_period(tx.conn, row.id, actor.text, tx.now_text)
    apply_revised(tx, actor, workspace)
    result = Retracted(workspace, period, voided, frozen, was_open=True)
    audit.record(
        tx, actor, "period.retract", "period", row.id,
        after={"period": period.text, "voided": len(voided), "frozen": frozen,
               "digest": billing.digest(result.effects)},
    )  # fmt: skip
    return result


def _open_row(tx: Tx, actor: Actor, period: Period) -> tuple[Workspace, BillingPeriod]:
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    if row.status == "closed":
        raise errors.PeriodClosed(period=period)
    if row.status != "open":
        raise errors.PeriodNotOpen(period=period)
    return workspace, row


def apply_revised(tx: Tx, actor: Actor, workspace: Workspace) -> None:
    """Apply what store/revising.py gathered: free its credit, void and reprice, then use credit up again."""
    freed = [BillId(bill_id) for bill_id in revising.allocated_bills(tx.conn)]
    for bill_id in freed:
        settle.release(tx, [row for row in payments.live_on_bill(tx.conn, bill_id) if row.kind == "credit"])
    settle.recompute(tx, freed)
    revising.write(
        tx.conn, workspace_id=workspace.id, currency=workspace.currency, by=actor.text, now=tx.now_text,
        on=str(local_date(tx.now, workspace.timezone)),
    )  # fmt: skip
    touched = revising.members_touched(tx.conn)
    for member_id in payments.members_with_credit(tx.conn, workspace.id):
        if member_id in touched:
            settle.settle_credit(tx, MemberId(member_id))
