"""Subscriptions: who holds a seat on which plan; start, pause, resume, end."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from bot.web.api.bills import BillShort, bill_of
from bot.web.api.calls import Call
from bot.web.api.models import Confirmed, Day, Id, Paged, Person, QueryBool, QueryId, Search, Sent
from bot.web.api.operations import Done, Effects, Operations
from core import lists, subscriptions
from core.access import Role
from core.db import Tx
from core.models import MemberId, PlanId, SubscriptionId
from core.models import Pause as PauseOfCore
from core.models import Subscription as SeatOfCore
from core.subscriptions import SubscriptionChanged as ChangedInCore

operations = Operations("Subscriptions")


class Pause(BaseModel):
    """Paused from a day on; active again on `resumes_on`, null: not known yet."""

    id: int
    from_on: str
    resumes_on: str | None


class SeatShort(BaseModel):
    """A member's seat on a plan; active from `starts_on` to `ends_on`, both included."""

    id: int
    member: Person
    plan: Person
    starts_on: str
    ends_on: str | None
    billing_day: int | None
    pauses: list[Pause]


class Seat(SeatShort):
    """A seat and how it stands today: active, paused or cancelled."""

    status: str


class SeatPage(BaseModel):
    """A page of subscriptions; `next` is the cursor of the page behind it."""

    items: list[Seat]
    next: int | None


class SeatQuery(Paged):
    """Which subscriptions: all that is given has to fit."""

    q: Search = ""
    member_id: QueryId | None = None
    plan_id: QueryId | None = None
    with_ended: QueryBool = False


class Starting(Sent):
    """Who gets a seat on which plan, from when on."""

    member_id: Id
    plan_id: Id
    starts_on: Day


class Pausing(Sent):
    """From when on, and until when; without a day of return until somebody resumes it."""

    from_on: Day
    resumes_on: Day | None = None


class Resuming(Sent):
    """From when on it is active again."""

    on: Day


class Ending(Sent):
    """The last day; null takes a planned end back."""

    ends_on: Day | None


class BillingDay(Sent):
    """A billing day of its own; null follows the club's."""

    billing_day: Annotated[int, Field(ge=1, le=28)] | None


class SeatChanged(Effects):
    """What an action did: bills made at once, and unpaid bills for days that it took away."""

    subscription: SeatShort
    made: list[BillShort]
    affected: list[BillShort]


@operations.get("/subscriptions")
def list_subscriptions(call: Call, tx: Tx, query: SeatQuery) -> SeatPage:
    """List subscriptions, oldest first; those that ended only if asked for."""
    found = lists.subscriptions(
        tx, call.actor, query=query.q, with_ended=query.with_ended, cursor=query.cursor, limit=query.limit,
        member_id=MemberId(query.member_id) if query.member_id else None,
        plan_id=PlanId(query.plan_id) if query.plan_id else None,
    )  # fmt: skip
    items = [
        Seat(
            **_seat(
                row.view.subscription, row.view.pauses, (row.member.id, row.member.name),
                (row.view.plan.id, row.view.plan.name),
            ).model_dump(),
            status=row.view.status,
        )
        for row in found.rows
    ]  # fmt: skip
    return SeatPage(items=items, next=found.next)


@operations.post("/subscriptions", least=Role.TREASURER, status=201)
def start_subscription(call: Call, tx: Tx, query: Confirmed, body: Starting) -> Done[SeatChanged]:
    """Seat a member on a plan; open billing periods since then are billed at once."""
    member, plan = MemberId(body.member_id), PlanId(body.plan_id)
    return _changed(call, subscriptions.start(tx, call.actor, member, plan, body.starts_on))


@operations.post("/subscriptions/{subscription_id}/pause", least=Role.TREASURER)
def pause_subscription(
    call: Call, tx: Tx, subscription_id: Id, query: Confirmed, body: Pausing
) -> Done[SeatChanged]:
    """Pause a subscription from a day on."""
    seat = SubscriptionId(subscription_id)
    return _changed(call, subscriptions.pause(tx, call.actor, seat, body.from_on, body.resumes_on))


@operations.post("/subscriptions/{subscription_id}/resume", least=Role.TREASURER)
def resume_subscription(
    call: Call, tx: Tx, subscription_id: Id, query: Confirmed, body: Resuming
) -> Done[SeatChanged]:
    """End the pause that holds on a day."""
    return _changed(call, subscriptions.resume(tx, call.actor, SubscriptionId(subscription_id), body.on))


@operations.post("/subscriptions/{subscription_id}/end", least=Role.TREASURER)
def end_subscription(
    call: Call, tx: Tx, subscription_id: Id, query: Confirmed, body: Ending
) -> Done[SeatChanged]:
    """Let a subscription end after a day, or take a planned end back."""
    return _changed(call, subscriptions.end(tx, call.actor, SubscriptionId(subscription_id), body.ends_on))


@operations.post("/subscriptions/{subscription_id}/billing-day", least=Role.TREASURER)
def set_billing_day(
    call: Call, tx: Tx, subscription_id: Id, query: Confirmed, body: BillingDay
) -> Done[SeatChanged]:
    """Give a subscription a billing day of its own, for bills from now on."""
    seat = SubscriptionId(subscription_id)
    return _changed(call, subscriptions.set_billing_day(tx, call.actor, seat, body.billing_day))


def _changed(call: Call, found: ChangedInCore) -> Done[SeatChanged]:
    member, plan = (found.member.id, found.member.name), (found.plan.id, found.plan.name)
    return Done(found, SeatChanged(
        subscription=_seat(found.subscription, found.pauses, member, plan),
        made=[bill_of(call, bill) for bill in found.made],
        affected=[bill_of(call, bill) for bill in found.affected],
    ))  # fmt: skip


def _seat(
    seat: SeatOfCore, pauses: tuple[PauseOfCore, ...], member: tuple[int, str], plan: tuple[int, str]
) -> SeatShort:
    return SeatShort(
        id=seat.id, member=Person(id=member[0], name=member[1]), plan=Person(id=plan[0], name=plan[1]),
        starts_on=seat.starts_on, ends_on=seat.ends_on, billing_day=seat.billing_day,
        pauses=[Pause(id=row.id, from_on=row.from_on, resumes_on=row.resumes_on) for row in pauses],
    )  # fmt: skip
