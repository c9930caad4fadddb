"""Plans: what is shared, in which cycle, and at which price from which month on.

A retired plan takes no new subscriptions; those that run go on, are billed, and can still be repriced.
"""

from dataclasses import dataclass

from core import access, audit, errors
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, Plan, PlanId, PlanPrice, Workspace
from core.money import LARGEST_MINOR, Money, format_money
from core.period import Period
from core.store import plans
from core.text import clean_name, name_key
from core.workspaces import discord_id

NAME_CHARACTERS = 80
CYCLES = (1, 3, 6, 12)
PRORATIONS = ("none", "daily")


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its price this month (None: it begins later), the next price, and how many hold it."""

    plan: Plan
    price: Money | None
    price_from: Period | None
    next_price: Money | None
    next_from: Period | None
    subscribers: int


def add(
    tx: Tx,
    actor: Actor,
    name: str,
    price: Money,
    from_period: Period | str,
    *,
    cycle_months: int = 1,
    proration: str = "none",
    role_id: int | None = None,
) -> PlanView:
    """Add a plan with its first price, for a whole cycle. `role_id` is mentioned when a month opens.

    Raises RoleNeeded, PlanNameTaken, or InvalidInput naming the field.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    shown_name, key = _free_name(tx, workspace, name)
    minor, period = _price(workspace, price), Period.parse(str(from_period), "from_period")
    if type(cycle_months) is not int or cycle_months not in CYCLES:
        raise _not_one_of("cycle_months", cycle_months, CYCLES)
    if proration not in PRORATIONS:
        raise _not_one_of("proration", proration, PRORATIONS)
    plan_id = plans.add(
        tx.conn, workspace_id=workspace.id, name=shown_name, name_key=key, cycle_months=cycle_months,
        proration=proration, role_id=None if role_id is None else discord_id("role", role_id),
        now=tx.now_text,
    )  # fmt: skip
    plans.add_price(
        tx.conn, plan_id, from_period=period.text, amount_minor=minor, by=actor.text, now=tx.now_text
    )
    audit.record(
        tx, actor, "plan.add", "plan", plan_id,
        after={"price": minor, "from": period.text, "cycle_months": cycle_months, "proration": proration},
    )  # fmt: skip
    return _view(tx, workspace, _load(tx, actor, plan_id))


def rename(tx: Tx, actor: Actor, plan_id: PlanId, name: str) -> PlanView:
    """Give a plan another name; bills that were issued keep theirs. Raises PlanRetired, PlanNameTaken."""
    access.require(tx, actor, Role.TREASURER)
    workspace, plan = access.workspace_of(tx, actor), _load(tx, actor, plan_id)
    if plan.retired_at is not None:
        raise errors.PlanRetired(plan=plan.name)
    shown_name, key = _free_name(tx, workspace, name, plan)
    if shown_name != plan.name:
        plans.rename(tx.conn, plan.id, shown_name, key)
        audit.record(
            tx, actor, "plan.rename", "plan", plan.id, before={"name": plan.name}, after={"name": shown_name}
        )
    return _view(tx, workspace, _load(tx, actor, plan.id))


def set_price(tx: Tx, actor: Actor, plan_id: PlanId, price: Money, from_period: Period | str) -> PlanView:
    """Set the price from a month on. Bills that are issued stay as they are; other months keep their price.

    Nothing happens when that month has this price already.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace, plan = access.workspace_of(tx, actor), _load(tx, actor, plan_id)
    minor, period = _price(workspace, price), Period.parse(str(from_period), "from_period")
    counting = plans.price_at(tx.conn, plan.id, period.text)
    if counting is None or counting.amount_minor != minor:
        plans.add_price(
            tx.conn, plan.id, from_period=period.text, amount_minor=minor, by=actor.text, now=tx.now_text
        )
        audit.record(
            tx, actor, "plan.price", "plan", plan.id,
            before={"price": counting.amount_minor, "from": counting.from_period} if counting else None,
            after={"price": minor, "from": period.text},
        )  # fmt: skip
    return _view(tx, workspace, _load(tx, actor, plan.id))


def set_role(tx: Tx, actor: Actor, plan_id: PlanId, role_id: int | None) -> PlanView:
    """Say which Discord role is mentioned when a month of this plan opens; None mentions none."""
    access.require(tx, actor, Role.TREASURER)
    workspace, plan = access.workspace_of(tx, actor), _load(tx, actor, plan_id)
    wanted = None if role_id is None else discord_id("role", role_id)
    if wanted != plan.role_id:
        plans.set_role(tx.conn, plan.id, wanted)
        audit.record(
            tx, actor, "plan.role", "plan", plan.id, before={"role": _id_text(plan.role_id)},
            after={"role": _id_text(wanted)},
        )  # fmt: skip
    return _view(tx, workspace, _load(tx, actor, plan.id))


def retire(tx: Tx, actor: Actor, plan_id: PlanId) -> PlanView:
    """Take a plan out of use: nobody can start on it any more. Its `subscribers` go on as before."""
    access.require(tx, actor, Role.TREASURER)
    workspace, plan = access.workspace_of(tx, actor), _load(tx, actor, plan_id)
    if plan.retired_at is None:
        plans.retire(tx.conn, plan.id, tx.now_text)
        audit.record(tx, actor, "plan.retire", "plan", plan.id, after={"retired": True})
    return _view(tx, workspace, _load(tx, actor, plan.id))


def restore(tx: Tx, actor: Actor, plan_id: PlanId) -> PlanView:
    """Take a retired plan into use again. Raises PlanNameTaken when another one has its name by now."""
    access.require(tx, actor, Role.TREASURER)
    workspace, plan = access.workspace_of(tx, actor), _load(tx, actor, plan_id)
    if plan.retired_at is not None:
        _free_name(tx, workspace, plan.name, plan)
        plans.restore(tx.conn, plan.id)
        audit.record(tx, actor, "plan.restore", "plan", plan.id, after={"retired": False})
    return _view(tx, workspace, _load(tx, actor, plan.id))


def everyone(tx: Tx, actor: Actor, *, with_retired: bool = False) -> list[PlanView]:
    """The plans in use, oldest first; with the retired ones if asked for."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    found = plans.everyone(tx.conn, workspace.id, with_retired=with_retired)
    return [_view(tx, workspace, plan) for plan in found]


def price_history(tx: Tx, actor: Actor, plan_id: PlanId) -> list[PlanPrice]:
    """Every price that was ever set, by month; of two for one month the later row counts."""
    access.require(tx, actor, Role.AUDITOR)
    return plans.prices(tx.conn, _load(tx, actor, plan_id).id)


def _load(tx: Tx, actor: Actor, plan_id: int) -> Plan:
    plan = plans.get(tx.conn, actor.workspace_id, plan_id)
    if plan is None:
        raise errors.PlanUnknown()
    return plan


def _free_name(tx: Tx, workspace: Workspace, name: str, own: Plan | None = None) -> tuple[str, str]:
    shown_name = clean_name(name, "name", NAME_CHARACTERS)
    key = name_key(shown_name)
    holder = plans.by_name(tx.conn, workspace.id, key)
    if holder is not None and (own is None or holder.id != own.id):
        raise errors.PlanNameTaken(plan=holder.name)
    return shown_name, key


def _price(workspace: Workspace, price: Money) -> int:
    assert price.currency == workspace.currency, price
    if price.minor < 0:
        raise errors.AmountNegative(field="price", value=format_money(price, workspace.locale))
    if price.minor > LARGEST_MINOR:
        raise errors.AmountTooLarge(field="price", largest=workspace.money(LARGEST_MINOR))
    return price.minor


def _view(tx: Tx, workspace: Workspace, plan: Plan) -> PlanView:
    today = local_date(tx.now, workspace.timezone)
    now = plans.price_at(tx.conn, plan.id, Period.of(today).text)
    later = plans.price_after(tx.conn, plan.id, Period.of(today).text)
    return PlanView(
        plan,
        workspace.money(now.amount_minor) if now else None,
        Period(now.from_period) if now else None,
        workspace.money(later.amount_minor) if later else None,
        Period(later.from_period) if later else None,
        plans.count_subscribers(tx.conn, plan.id, str(today)),
    )


def _not_one_of(field: str, value: object, choices: tuple[object, ...]) -> errors.ChoiceUnknown:
    return errors.ChoiceUnknown(
        field=field, value=errors.shown(str(value)), choices=", ".join(map(str, choices))
    )


def _id_text(role_id: int | None) -> str | None:
    return None if role_id is None else str(role_id)
