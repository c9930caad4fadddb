"""Opening a billing period, and billing a subscription that starts or resumes while periods are open."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core import access, audit, errors, notices, plans, settle
from core.access import Role
from core.clock import local_date, parse_instant
from core.db import Tx
from core.models import Actor, BillId, BillingPeriod, MemberId, Plan, PlanId, Workspace
from core.money import Money
from core.period import Period, collecting_period, next_billing_period
from core.store import bills, issuing, payments
from core.store import plans as plan_rows
from core.store import subscriptions as subscription_rows


@dataclass(frozen=True, slots=True)
class PlanTotal:
    """How many bills of a plan were issued, and their sum in minor units."""

    plan_id: int
    name: str
    bills: int
    minor: int


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A plan's price before (None: it had none) and from this period on, in minor units."""

    plan_id: int
    name: str
    from_minor: int | None
    to_minor: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a period did. `already_open`: it was open before, and nothing was done."""

    workspace: Workspace
    period: Period
    plans: tuple[PlanTotal, ...]
    members: int
    credit_minor: int
    already_open: bool
    fingerprint: str = ""
    prices: tuple[PriceChange, ...] = ()

    @property
    def bills(self) -> int:
        return sum(plan.bills for plan in self.plans)

    @property
    def minor(self) -> int:
        return sum(plan.minor for plan in self.plans)

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        opening = ("open", self.period.text, self.already_open, self.credit_minor, self.fingerprint)
        changes = ((change.plan_id, change.from_minor, change.to_minor) for change in self.prices)
        return (opening, *changes, *((plan.plan_id, plan.bills, plan.minor) for plan in self.plans))


@dataclass(frozen=True, slots=True)
class PlanPriceAt:
    """A plan and what it costs in a period; None before its first price."""

    plan: Plan
    price: Money | None


def prices_at(tx: Tx, actor: Actor, period: Period) -> list[PlanPriceAt]:
    """What each plan costs in that period: those in use, and retired ones that somebody still holds."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    found = []
    for view in plans.everyone(tx, actor, with_retired=True):
        if view.plan.retired_at is None or view.subscribers:
            row = plan_rows.price_at(tx.conn, view.plan.id, period.text)
            found.append(PlanPriceAt(view.plan, workspace.money(row.amount_minor) if row else None))
    return found


def open_period(tx: Tx, actor: Actor, period: Period, prices: Mapping[PlanId, Money] | None = None) -> Opened:
    """Open a period: a bill for every active subscription, credit used up on the new bills, one notice.

    `prices` are confirmed or new prices per plan, for this and later periods. Opening twice does nothing the
    second time. Raises PeriodClosed, PlanWithoutPrice, PlanUnknown, PlanRetired.
    """
    workspace = access.workspace_of(tx, actor)
    access.require(tx, actor, Role.TREASURER)
    row = period_row(tx, workspace, period)
    if row.status == "closed":
        raise errors.PeriodClosed(period=period)
    if row.status == "open":
        return Opened(workspace, period, (), 0, 0, already_open=True)
    changes = _set_prices(tx, actor, period, prices or {})
    bills.open_period(tx.conn, row.id, actor.text, tx.now_text)
    issuing.gather(tx.conn, issue_period(workspace, row))
    result = replace(issue(tx, workspace, actor, row), prices=changes)
    audit.record(
        tx, actor, "period.open", "period", row.id,
        after={"period": period.text, "bills": result.bills, "minor": result.minor,
               "credit": result.credit_minor, "digest": result.fingerprint},
    )  # fmt: skip
    notices.opened(tx, workspace, row.id, period.text, row.openings + 1)
    return result


def _set_prices(
    tx: Tx, actor: Actor, period: Period, prices: Mapping[PlanId, Money]
) -> tuple[PriceChange, ...]:
    """Set the prices that differ from what the plans cost in that period."""
    changes = []
    for plan_id, price in prices.items():
        before = plan_rows.price_at(tx.conn, plan_id, period.text)
        if before is None or before.amount_minor != price.minor:
            view = plans.set_price(tx, actor, plan_id, price, period)
            changes.append(
                PriceChange(plan_id, view.plan.name, before.amount_minor if before else None, price.minor)
            )
    return tuple(changes)


def issue_for_subscription(tx: Tx, workspace: Workspace, actor: Actor, subscription_id: int) -> list[BillId]:
    """Bill a subscription for every open period in which it is active and not billed yet."""
    return issue_all(tx, workspace, actor, [subscription_id])


def issue_all(tx: Tx, workspace: Workspace, actor: Actor, subscription_ids: Sequence[int]) -> list[BillId]:
    """The same for many subscriptions at once; returns the new bills."""
    made: list[BillId] = []
    for row in bills.periods(tx.conn, workspace.id, ("open",)) if subscription_ids else ():
        if issuing.gather(tx.conn, issue_period(workspace, row), subscription_ids):
            first = bills.last_id(tx.conn) + 1
            made += [BillId(first + n) for n in range(issue(tx, workspace, actor, row).bills)]
    return made


def auto_open(tx: Tx, actor: Actor, today: date) -> Opened | None:
    """What the scheduler does on the billing day, if the workspace says so: open the collecting period.

    Only if it was never opened, only if somebody is to be billed, and not for a billing day before the
    workspace existed. Older months that were missed while the bot was down are put before the treasurer.
    """
    workspace = access.workspace_of(tx, actor)
    period = collecting_period(today, workspace.billing_day)
    _tell_unopened(tx, workspace, period)
    if not workspace.auto_open or period < _first_billed(workspace):
        return None
    row = bills.period(tx.conn, workspace.id, period.text)
    if (row and row.openings) or not subscription_rows.any_active(
        tx.conn, workspace.id, str(period.first_day), str(period.last_day)
    ):
        return None
    return open_period(tx, actor, period)


def unopened_periods(tx: Tx, workspace: Workspace, before: Period) -> list[Period]:
    """Months before `before` that were never opened, have somebody to bill, and follow the newest opened one.

    Where nothing was ever opened, they begin with the first billing day that the workspace saw.
    """
    opened = [
        Period(row.period)
        for row in bills.periods(tx.conn, workspace.id, ("open", "closed", "draft"))
        if row.openings
    ]
    earlier = [period for period in opened if period < before]
    if opened and not earlier:
        return []  # the club began with a later month, opened early
    first = max(earlier).next() if earlier else _first_billed(workspace)
    missed = (first.plus(n) for n in range(max(0, first.months_until(before))))
    return [
        period
        for period in missed
        if subscription_rows.any_active(tx.conn, workspace.id, str(period.first_day), str(period.last_day))
    ]


def _first_billed(workspace: Workspace) -> Period:
    """The first month whose billing day was not over when the workspace was made."""
    return next_billing_period(_born(workspace), workspace.billing_day)


def _born(workspace: Workspace) -> date:
    return local_date(parse_instant(workspace.created_at), workspace.timezone)


def _tell_unopened(tx: Tx, workspace: Workspace, collecting: Period) -> None:
    missed = [period.text for period in unopened_periods(tx, workspace, collecting)]
    if missed:
        notices.for_admins(tx, workspace, "months_unopened", missed[-1], {"periods": missed})


def issue(tx: Tx, workspace: Workspace, actor: Actor, row: BillingPeriod) -> Opened:
    """Write what was gathered, and use up the credit of those who got a bill."""
    period = Period(row.period)
    if plan := issuing.plan_without_price(tx.conn):
        raise errors.PlanWithoutPrice(plan=plan, period=period)
    totals = tuple(PlanTotal(*found) for found in issuing.summary(tx.conn))
    text = issuing.fingerprint(tx.conn)
    issuing.write(
        tx.conn, issue_period(workspace, row), currency=workspace.currency, by=actor.text, now=tx.now_text,
        on=str(local_date(tx.now, workspace.timezone)),
    )  # fmt: skip
    issued = issuing.members_issued(tx.conn)
    with_credit = [MemberId(m) for m in payments.members_with_credit(tx.conn, workspace.id) if m in issued]
    used = sum(settle.settle_credit(tx, member_id) for member_id in with_credit)
    return Opened(
        workspace,
        period,
        totals,
        len(issued),
        used,
        already_open=False,
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
    )


def period_row(tx: Tx, workspace: Workspace, period: Period) -> BillingPeriod:
    """The period's row, made as a draft if there is none."""
    bills.draft_period(tx.conn, workspace.id, period.text)
    row = bills.period(tx.conn, workspace.id, period.text)
    assert row is not None
    return row


def issue_period(workspace: Workspace, row: BillingPeriod) -> issuing.IssuePeriod:
    """The period as core/store/issuing.py wants to know it."""
    period = Period(row.period)
    return issuing.IssuePeriod(
        workspace.id, row.id, period.text, str(period.first_day), str(period.last_day), workspace.billing_day,
        workspace.due_days,
    )  # fmt: skip


def digest(effects: tuple[tuple[Any, ...], ...]) -> str:
    """One line of a bulk action's audit row: which effects it had."""
    return hashlib.sha256(repr(effects).encode()).hexdigest()
