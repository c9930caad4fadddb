"""Plans with their dated prices, and the ways to pay."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.web.api.calls import Call
from bot.web.api.members import id_text
from bot.web.api.models import Amount, Asked, DiscordId, Id, Money, Month, QueryBool, Sent, Text
from bot.web.api.operations import Operations
from core import methods, plans
from core.access import Role
from core.db import Tx
from core.errors import FieldMissing
from core.models import Method as MethodOfCore
from core.models import MethodId, PlanId
from core.unset import UNSET

operations = Operations("Plans and payment methods")

MethodKind = Literal["bank", "mobile", "cash", "online"]


class Plan(BaseModel):
    """What is shared, its price this month (null: it begins later), the next price, and how many hold it."""

    id: int
    name: str
    role_id: str | None
    cycle_months: int
    proration: str
    retired_at: str | None
    price: Money | None
    price_from: str | None
    next_price: Money | None
    next_from: str | None
    subscribers: int


class PlanList(BaseModel):
    """All plans, oldest first."""

    items: list[Plan]


class Price(BaseModel):
    """A price from a month on; of two for one month the later row counts."""

    id: int
    from_period: str
    price: Money
    set_by: str
    set_at: str


class PriceList(BaseModel):
    """Every price that was ever set."""

    items: list[Price]


class WithRetired(Asked):
    """With those that are out of use, if asked for."""

    with_retired: QueryBool = False


class PlanAdding(Sent):
    """A plan with its first price, for a whole cycle."""

    name: Text
    price: Amount
    from_period: Month
    cycle_months: Literal[1, 3, 6, 12] = 1
    proration: Literal["none", "daily"] = "none"
    role_id: DiscordId | None = None


class PlanEditing(Sent):
    """Another name or role, at least one of them. A role of null is mentioned no longer."""

    name: Text | None = None
    role_id: DiscordId | None = None


class PriceSetting(Sent):
    """A price from a month on."""

    price: Amount
    from_period: Month


class Method(BaseModel):
    """A way to pay, with the instructions that a payer sees."""

    id: int
    name: str
    kind: str
    instructions: str
    sort_order: int
    retired_at: str | None


class MethodList(BaseModel):
    """The ways to pay, in the order in which they are shown."""

    items: list[Method]


class MethodAdding(Sent):
    """A new way to pay; shown last unless its place is named."""

    name: Text
    kind: MethodKind
    instructions: Text = ""
    sort_order: Annotated[int, Field(ge=0, le=999)] | None = None


class MethodEditing(Sent):
    """What is to change; what is left out stays."""

    name: Text | None = None
    kind: MethodKind | None = None
    instructions: Text | None = None
    sort_order: Annotated[int, Field(ge=0, le=999)] | None = None


class Moving(Sent):
    """One place earlier (`up`) or later."""

    up: bool


@operations.get("/plans")
def list_plans(call: Call, tx: Tx, query: WithRetired) -> PlanList:
    """List the plans with their prices."""
    found = plans.everyone(tx, call.actor, with_retired=query.with_retired)
    return PlanList(items=[_plan(call, view) for view in found])


@operations.post("/plans", least=Role.TREASURER, status=201)
def add_plan(call: Call, tx: Tx, body: PlanAdding) -> Plan:
    """Add a plan with its first price."""
    return _plan(call, plans.add(
        tx, call.actor, body.name, call.amount(body.price, "price"), body.from_period,
        cycle_months=body.cycle_months, proration=body.proration,
        role_id=int(body.role_id) if body.role_id else None,
    ))  # fmt: skip


@operations.patch("/plans/{plan_id}", least=Role.TREASURER)
def edit_plan(call: Call, tx: Tx, plan_id: Id, body: PlanEditing) -> Plan:
    """Rename a plan, or say which role is mentioned when its month opens."""
    plan, sent = PlanId(plan_id), body.model_fields_set
    if body.name is not None:
        found = plans.rename(tx, call.actor, plan, body.name)
    elif "role_id" not in sent:
        raise FieldMissing(field="name")
    if "role_id" in sent:
        found = plans.set_role(tx, call.actor, plan, int(body.role_id) if body.role_id else None)
    return _plan(call, found)


@operations.post("/plans/{plan_id}/retire", least=Role.TREASURER)
def retire_plan(call: Call, tx: Tx, plan_id: Id) -> Plan:
    """Take a plan out of use; its subscribers go on as before."""
    return _plan(call, plans.retire(tx, call.actor, PlanId(plan_id)))


@operations.post("/plans/{plan_id}/restore", least=Role.TREASURER)
def restore_plan(call: Call, tx: Tx, plan_id: Id) -> Plan:
    """Take a retired plan into use again."""
    return _plan(call, plans.restore(tx, call.actor, PlanId(plan_id)))


@operations.get("/plans/{plan_id}/prices")
def list_prices(call: Call, tx: Tx, plan_id: Id) -> PriceList:
    """List every price of a plan, by month."""
    return PriceList(items=[
        Price(id=row.id, from_period=row.from_period, price=call.money(row.amount_minor), set_by=row.set_by,
              set_at=row.set_at)
        for row in plans.price_history(tx, call.actor, PlanId(plan_id))
    ])  # fmt: skip


@operations.post("/plans/{plan_id}/prices", least=Role.TREASURER, status=201)
def set_price(call: Call, tx: Tx, plan_id: Id, body: PriceSetting) -> Plan:
    """Set a plan's price from a month on; bills that were issued stay as they are."""
    price = call.amount(body.price, "price")
    return _plan(call, plans.set_price(tx, call.actor, PlanId(plan_id), price, body.from_period))


@operations.get("/methods")
def list_methods(call: Call, tx: Tx, query: WithRetired) -> MethodList:
    """List the ways to pay."""
    listed = methods.with_retired if query.with_retired else methods.everyone
    return MethodList(items=[_method(row) for row in listed(tx, call.actor)])


@operations.post("/methods", least=Role.TREASURER, status=201)
def add_method(call: Call, tx: Tx, body: MethodAdding) -> Method:
    """Add a way to pay."""
    return _method(
        methods.add(tx, call.actor, body.name, body.kind, body.instructions, sort_order=body.sort_order)
    )


@operations.patch("/methods/{method_id}", least=Role.TREASURER)
def edit_method(call: Call, tx: Tx, method_id: Id, body: MethodEditing) -> Method:
    """Change a way to pay."""
    return _method(methods.edit(
        tx, call.actor, MethodId(method_id),
        name=UNSET if body.name is None else body.name, kind=UNSET if body.kind is None else body.kind,
        instructions=UNSET if body.instructions is None else body.instructions,
        sort_order=UNSET if body.sort_order is None else body.sort_order,
    ))  # fmt: skip


@operations.post("/methods/{method_id}/move", least=Role.TREASURER)
def move_method(call: Call, tx: Tx, method_id: Id, body: Moving) -> MethodList:
    """Show a way to pay one place earlier or later; answers the new order."""
    found = methods.move(tx, call.actor, MethodId(method_id), up=body.up)
    return MethodList(items=[_method(row) for row in found])


@operations.post("/methods/{method_id}/retire", least=Role.TREASURER)
def retire_method(call: Call, tx: Tx, method_id: Id) -> Method:
    """Offer a way to pay no longer; what was paid by it stays as it is."""
    return _method(methods.retire(tx, call.actor, MethodId(method_id)))


@operations.post("/methods/{method_id}/restore", least=Role.TREASURER)
def restore_method(call: Call, tx: Tx, method_id: Id) -> Method:
    """Offer a retired way to pay again."""
    return _method(methods.restore(tx, call.actor, MethodId(method_id)))


def _plan(call: Call, view: plans.PlanView) -> Plan:
    plan = view.plan
    return Plan(
        id=plan.id, name=plan.name, role_id=id_text(plan.role_id), cycle_months=plan.cycle_months,
        proration=plan.proration, retired_at=plan.retired_at,
        price=call.money(view.price.minor) if view.price is not None else None,
        price_from=view.price_from.text if view.price_from else None,
        next_price=call.money(view.next_price.minor) if view.next_price is not None else None,
        next_from=view.next_from.text if view.next_from else None, subscribers=view.subscribers,
    )  # fmt: skip


def _method(method: MethodOfCore) -> Method:
    return Method(
        id=method.id, name=method.name, kind=method.kind, instructions=method.instructions,
        sort_order=method.sort_order, retired_at=method.retired_at,
    )  # fmt: skip
