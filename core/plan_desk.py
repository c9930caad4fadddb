"""Plans and methods for the pages: what a change would do, as results that can be previewed."""

from dataclasses import dataclass
from typing import Any

from core import access, methods, plans, reports_admin
from core.access import Role
from core.bill_lists import name_of
from core.db import Tx
from core.models import Actor, Method, MethodId, PlanId, PlanPrice, Workspace
from core.money import Money
from core.period import Period
from core.plans import PlanView
from core.reports_admin import Seat
from core.store import plan_views


@dataclass(frozen=True, slots=True)
class PriceSet:
    """What setting a price did. `issued`: bills from that month on that keep their amount, by month.

    Each is (month, whether it is open, bills, how many of them are unpaid at another price).
    """

    workspace: Workspace
    plan: PlanView
    before_minor: int | None
    minor: int
    period: Period
    issued: tuple[tuple[Period, bool, int, int], ...]

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (
            ("price", self.plan.plan.id, self.period.text, self.before_minor, self.minor),
            ("holds", self.plan.subscribers),
            *((month.text, is_open, bills, unpaid) for month, is_open, bills, unpaid in self.issued),
        )


@dataclass(frozen=True, slots=True)
class PlanRetired:
    """A plan that nobody can start on any more, and how many go on with it."""

    workspace: Workspace
    plan: PlanView

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (("retire", self.plan.plan.id, self.plan.subscribers),)


@dataclass(frozen=True, slots=True)
class MethodRetired:
    """A way to pay that is no longer offered, and how often money came in by it."""

    workspace: Workspace
    method: Method
    bookings: int

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (("retire", self.method.id, self.bookings),)


@dataclass(frozen=True, slots=True)
class MethodUse:
    """A way to pay, how often money came in by it, and what is in its pot now, in minor units."""

    method: Method
    bookings: int
    pot_minor: int


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price that was ever set. `counts` False: a later one for the same month replaced it."""

    price: PlanPrice
    by_name: str | None
    counts: bool


@dataclass(frozen=True, slots=True)
class PlanCard:
    """One plan with its prices, newest first, and everybody who holds it."""

    workspace: Workspace
    plan: PlanView
    prices: tuple[PriceRow, ...]
    seats: tuple[Seat, ...]


def set_price(tx: Tx, actor: Actor, plan_id: PlanId, price: Money, period: Period) -> PriceSet:
    """Set the price from a month on, and say what that leaves as it is; see plans.set_price."""
    workspace = access.workspace_of(tx, actor)
    counting = plan_views.price_at(tx.conn, plan_id, period.text)
    view = plans.set_price(tx, actor, plan_id, price, period)
    issued = plan_views.issued_from(tx.conn, workspace.id, plan_id, period.text, price.minor)
    return PriceSet(
        workspace, view, counting, price.minor, period,
        tuple((Period(month), status == "open", bills, unpaid) for month, status, bills, unpaid in issued),
    )  # fmt: skip


def retire(tx: Tx, actor: Actor, plan_id: PlanId) -> PlanRetired:
    """Take a plan out of use; see plans.retire."""
    return PlanRetired(access.workspace_of(tx, actor), plans.retire(tx, actor, plan_id))


def retire_method(tx: Tx, actor: Actor, method_id: MethodId) -> MethodRetired:
    """Offer a way to pay no longer; see methods.retire."""
    workspace = access.workspace_of(tx, actor)
    retired = methods.retire(tx, actor, method_id)
    used, _ = plan_views.method_uses(tx.conn, workspace.id).get(retired.id, (0, 0))
    return MethodRetired(workspace, retired, used)


def method_uses(tx: Tx, actor: Actor) -> list[MethodUse]:
    """Every way to pay, the retired ones last; for auditors."""
    found = methods.with_retired(tx, actor)
    uses = plan_views.method_uses(tx.conn, actor.workspace_id)
    found.sort(key=lambda method: method.retired_at is not None)
    return [MethodUse(method, *uses.get(method.id, (0, 0))) for method in found]


def card(tx: Tx, actor: Actor, plan_id: PlanId) -> PlanCard:
    """One plan; for auditors. Raises PlanUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    history = plans.price_history(tx, actor, plan_id)
    newest = {price.from_period: price.id for price in history}
    (view,) = [one for one in plans.everyone(tx, actor, with_retired=True) if one.plan.id == plan_id]
    return PlanCard(
        workspace, view,
        tuple(
            PriceRow(price, name_of(tx, workspace, price.set_by), newest[price.from_period] == price.id)
            for price in reversed(history)
        ),
        tuple(reports_admin.seats(tx, actor, plan_id=plan_id, standing="running")),
    )  # fmt: skip
