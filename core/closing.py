"""Closing a finished period locks its charges; reopening unlocks them. What is unpaid stays payable."""

from dataclasses import dataclass
from typing import Any

from core import access, audit, errors, notices
from core.access import Role
from core.db import Tx
from core.models import Actor, BillingPeriod, Workspace
from core.period import Period
from core.store import bills


@dataclass(frozen=True, slots=True)
class PeriodMoved:
    """What closing or reopening did; `changed` is False when it was so already."""

    workspace: Workspace
    period: Period
    status: str
    changed: bool
    unpaid_minor: int

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return ((self.status, self.period.text, self.changed, self.unpaid_minor),)


def close(tx: Tx, actor: Actor, period: Period, *, announce: bool = False) -> PeriodMoved:
    """Lock a period's charges; with `announce` its summary is posted.

    Raises PeriodUnknown, PeriodNotOpen, and ClaimsWaiting while submissions wait for review.
    """
    workspace, row = _load(tx, actor, period)
    unpaid = bills.unpaid_minor(tx.conn, row.id)
    if row.status == "closed":
        return PeriodMoved(workspace, period, "closed", changed=False, unpaid_minor=unpaid)
    if row.status != "open":
        raise errors.PeriodNotOpen(period=period)
    waiting = bills.claims_waiting(tx.conn, row.id)
    if waiting:
        raise errors.ClaimsWaiting(period=period, count=waiting)
    bills.close_period(tx.conn, row.id, actor.text, tx.now_text)
    line = audit.record(
        tx, actor, "period.close", "period", row.id, after={"period": period.text, "unpaid": unpaid}
    )
    if announce:
        notices.closed(tx, workspace, row.id, line)
    return PeriodMoved(workspace, period, "closed", changed=True, unpaid_minor=unpaid)


def reopen(tx: Tx, actor: Actor, period: Period) -> PeriodMoved:
    """Unlock a closed period's charges. Raises PeriodUnknown, PeriodNotOpen."""
    workspace, row = _load(tx, actor, period)
    unpaid = bills.unpaid_minor(tx.conn, row.id)
    if row.status == "open":
        return PeriodMoved(workspace, period, "open", changed=False, unpaid_minor=unpaid)
    if row.status != "closed":
        raise errors.PeriodNotOpen(period=period)
    bills.reopen_period(tx.conn, row.id)
    audit.record(tx, actor, "period.reopen", "period", row.id, after={"period": period.text})
    return PeriodMoved(workspace, period, "open", changed=True, unpaid_minor=unpaid)


def require_unlocked(tx: Tx, billing_period_id: int | None) -> None:
    """Raise PeriodClosed when the charges of this period are locked."""
    row = bills.period_by_id(tx.conn, billing_period_id) if billing_period_id else None
    if row is not None and row.status == "closed":
        raise errors.PeriodClosed(period=Period(row.period))


def _load(tx: Tx, actor: Actor, period: Period) -> tuple[Workspace, BillingPeriod]:
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    return workspace, row
