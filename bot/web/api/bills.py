"""Bills: lists, the derivation of one, and every correction. Everything reverses; nothing is edited."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.web.api.calls import Call
from bot.web.api.models import (
    Amount,
    Confirmed,
    Day,
    Id,
    Money,
    Month,
    Paged,
    Person,
    QueryBool,
    QueryId,
    Search,
    Sent,
    Text,
)
from bot.web.api.operations import Done, Effects, Operations
from core import bill_desk, corrections, lists, reports, reports_bills
from core.access import Role
from core.db import Tx
from core.models import Bill as BillOfCore
from core.models import BillId, MemberId, PlanId, SubscriptionId
from core.period import Period
from core.store.bill_views import Waiver as WaiverOfCore

operations = Operations("Bills")

BillStatus = Literal["pending", "paid", "rejected", "verified", "void"]
BillKind = Literal["plan", "charge", "opening"]


class BillShort(BaseModel):
    """What one subscription owes for one period, or a charge of its own."""

    id: int
    label: str
    member_id: int
    kind: str
    title: str
    subscription_id: int | None
    plan_id: int | None
    amount: Money
    settled: Money
    waived: Money
    open: Money
    status: str
    due_on: str
    covers_from: str
    covers_to: str
    created_at: str


class Bill(BillShort):
    """A bill as lists have it: with whose it is, its month, and whether it is overdue."""

    member: Person
    period: str | None
    overdue: bool


class BillPage(BaseModel):
    """A page of bills; `next` is the cursor of the page behind it."""

    items: list[Bill]
    next: int | None


class BillQuery(Paged):
    """Which bills: all that is given has to fit."""

    q: Search = ""
    period: Month | None = None
    status: BillStatus | None = None
    kind: BillKind | None = None
    member_id: QueryId | None = None
    plan_id: QueryId | None = None
    overdue: QueryBool = False


class Line(BaseModel):
    """One reason for the amount of a bill."""

    kind: str
    amount: Money
    active_days: int | None
    period_days: int | None
    reason: str
    created_by: str
    created_at: str


class Settlement(BaseModel):
    """What of a payment lies on the bill."""

    payment_id: int
    label: str
    status: str
    kind: str
    amount: Money


class Waiver(BaseModel):
    """A part of a bill that was forgiven and still is."""

    id: int
    bill_id: int
    amount: Money
    reason: str
    created_by: str
    created_at: str


class WaiverPage(BaseModel):
    """The waivers that stand."""

    items: list[Waiver]


class BillExplained(BaseModel):
    """A bill and why it is what it is."""

    bill: BillShort
    period: str | None
    price_from: str | None
    lines: list[Line]
    settled_by: list[Settlement]


class Adjusting(Sent):
    """What the bill asks for from now on, and why."""

    amount: Amount
    reason: Text


class Waiving(Sent):
    """How much is forgiven (all that is missing when left out), and why."""

    amount: Amount | None = None
    reason: Text


class Voiding(Sent):
    """Why the bill should not have been."""

    reason: Text


class BillCorrected(Effects):
    """A bill before and after a correction; `waiver_id` takes a waiver back."""

    before: BillShort
    bill: BillShort
    credit: Money
    waiver_id: int | None


class Charging(Sent):
    """One charge for one or many members."""

    member_ids: Annotated[list[Id], Field(min_length=1, max_length=5000)]
    title: Text
    amount: Amount
    due_on: Day


class Charged(Effects):
    """The new bills, one per member."""

    bills: list[BillShort]


class BackFilling(Sent):
    """The month that was missed."""

    period: Month


class BackFilled(Effects):
    """The new bill."""

    period: str
    bill: BillShort


class WaiverQuery(Paged):
    """By a part of the member's name."""

    q: Search = ""


@operations.get("/bills")
def list_bills(call: Call, tx: Tx, query: BillQuery) -> BillPage:
    """List bills, newest first."""
    found = lists.bills(
        tx, call.actor, query=query.q, period=Period.parse(query.period) if query.period else None,
        status=query.status, kind=query.kind, member_id=_member(query.member_id),
        plan_id=PlanId(query.plan_id) if query.plan_id else None, overdue=query.overdue,
        cursor=query.cursor, limit=query.limit,
    )  # fmt: skip
    items = [
        Bill(
            **bill_of(call, row.bill).model_dump(), member=Person(id=row.member.id, name=row.member.name),
            period=row.period.text if row.period else None, overdue=row.overdue,
        )
        for row in found.rows
    ]  # fmt: skip
    return BillPage(items=items, next=found.next)


@operations.get("/bills/{bill_id}")
def get_bill(call: Call, tx: Tx, bill_id: Id) -> BillExplained:
    """One bill with the derivation of its amount and what settles it."""
    found = reports.explain_bill(tx, call.actor, BillId(bill_id))
    return BillExplained(
        bill=bill_of(call, found.bill), period=found.period.text if found.period else None,
        price_from=found.price_from,
        lines=[
            Line(kind=line.kind, amount=call.money(line.amount_minor), active_days=line.active_days,
                 period_days=line.period_days, reason=line.reason, created_by=line.created_by,
                 created_at=line.created_at)
            for line in found.lines
        ],
        settled_by=[
            Settlement(payment_id=payment.id, label=payment.label, status=payment.status,
                       kind=allocation.kind, amount=call.money(allocation.amount_minor))
            for payment, allocation in found.settled
        ],
    )  # fmt: skip


@operations.post("/bills/{bill_id}/adjust", least=Role.TREASURER)
def adjust_bill(call: Call, tx: Tx, bill_id: Id, query: Confirmed, body: Adjusting) -> Done[BillCorrected]:
    """Change what a bill asks for, with a reason."""
    amount = call.amount(body.amount)
    return _corrected(call, corrections.set_amount(tx, call.actor, BillId(bill_id), amount, body.reason))


@operations.post("/bills/{bill_id}/waive", least=Role.TREASURER)
def waive_bill(call: Call, tx: Tx, bill_id: Id, query: Confirmed, body: Waiving) -> Done[BillCorrected]:
    """Forgive a bill or a part of it, with a reason."""
    amount = call.amount(body.amount) if body.amount else None
    return _corrected(call, corrections.waive(tx, call.actor, BillId(bill_id), amount, body.reason))


@operations.post("/bills/{bill_id}/void", least=Role.TREASURER)
def void_bill(call: Call, tx: Tx, bill_id: Id, query: Confirmed, body: Voiding) -> Done[BillCorrected]:
    """Void a bill that should not have been; what settled it becomes credit."""
    return _corrected(call, corrections.void(tx, call.actor, BillId(bill_id), body.reason))


@operations.get("/waivers")
def list_waivers(call: Call, tx: Tx, query: WaiverQuery) -> WaiverPage:
    """List the waivers that stand, newest bill first; `limit` counts bills."""
    found = reports_bills.waivers(tx, call.actor, query.q, limit=query.limit)
    return WaiverPage(items=[_waiver(call, row.waiver) for row in found])


@operations.post("/waivers/{waiver_id}/reverse", least=Role.TREASURER)
def reverse_waiver(call: Call, tx: Tx, waiver_id: Id, query: Confirmed) -> Done[BillCorrected]:
    """Take a waiver back: the bill asks for it again."""
    return _corrected(call, corrections.unwaive(tx, call.actor, waiver_id))


@operations.post("/charges", least=Role.TREASURER, status=201)
def charge_members(call: Call, tx: Tx, query: Confirmed, body: Charging) -> Done[Charged]:
    """Charge members once, outside any billing period."""
    people = [MemberId(member_id) for member_id in body.member_ids]
    found = corrections.charge(tx, call.actor, people, body.title, call.amount(body.amount), body.due_on)
    return Done(found, Charged(bills=[bill_of(call, bill) for bill in found.bills]))


@operations.post("/subscriptions/{subscription_id}/back-fill", least=Role.TREASURER, status=201)
def back_fill(
    call: Call, tx: Tx, subscription_id: Id, query: Confirmed, body: BackFilling
) -> Done[BackFilled]:
    """Bill one subscription for an old or an open month at that month's price."""
    month = Period.parse(body.period)
    found = bill_desk.back_fill(tx, call.actor, SubscriptionId(subscription_id), month)
    return Done(found, BackFilled(period=month.text, bill=bill_of(call, found.bill)))


def bill_of(call: Call, bill: BillOfCore) -> BillShort:
    """A bill as programs read it."""
    return BillShort(
        id=bill.id, label=bill.label, member_id=bill.member_id, kind=bill.kind, title=bill.title,
        subscription_id=bill.subscription_id, plan_id=bill.plan_id, amount=call.money(bill.amount_minor),
        settled=call.money(bill.settled_minor), waived=call.money(bill.waived_minor),
        open=call.money(bill.open_minor), status=bill.status, due_on=bill.due_on,
        covers_from=bill.covers_from, covers_to=bill.covers_to, created_at=bill.created_at,
    )  # fmt: skip


def _corrected(call: Call, found: corrections.BillCorrected) -> Done[BillCorrected]:
    return Done(found, BillCorrected(
        before=bill_of(call, found.before), bill=bill_of(call, found.bill),
        credit=call.money(found.credit_minor), waiver_id=found.undo_id or None,
    ))  # fmt: skip


def _waiver(call: Call, waiver: WaiverOfCore) -> Waiver:
    return Waiver(
        id=waiver.id, bill_id=waiver.bill_id, amount=call.money(waiver.amount_minor), reason=waiver.reason,
        created_by=waiver.created_by, created_at=waiver.created_at,
    )  # fmt: skip


def _member(member_id: int | None) -> MemberId | None:
    return MemberId(member_id) if member_id else None
