"""Months: list, open, resync, retract, close, reopen, remind; each with a preview and a digest."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.web.api.calls import Call
from bot.web.api.models import Amount, Confirmed, Id, Money, Month, Person, QueryBool, Sent
from bot.web.api.operations import Done, Effects, Operations
from core import announcing, billing, closing, reminding, reports, reports_admin, resync
from core.access import Role
from core.db import Tx
from core.models import PlanId
from core.period import Period

operations = Operations("Billing periods")


class PeriodListed(BaseModel):
    """A month and how it stands: draft, open or closed."""

    period: str
    status: str
    collecting: bool


class PeriodList(BaseModel):
    """Every month that has a row, the collecting one and the next; newest first."""

    items: list[PeriodListed]


class Announced(Effects):
    """What announcing again does. `waits`: one was on its way already, so none is added."""

    period: str
    announced_before: int
    waits: bool


class PlanFigures(BaseModel):
    """One plan (or charge) of a month."""

    title: str
    bills: int
    verified: int
    due: Money
    settled: Money


class Debtor(BaseModel):
    """Who still owes."""

    member: Person
    open: Money
    due_on: str


class MethodSum(BaseModel):
    """What came by one way to pay; null: no way was named."""

    method: str | None
    settled: Money


class PeriodFigures(BaseModel):
    """How a month stands, by status, plan, debtor and way to pay."""

    period: str
    status: str
    bills: dict[str, int]
    due: Money
    settled: Money
    waived: Money
    plans: list[PlanFigures]
    debtors: list[Debtor]
    methods: list[MethodSum]
    pot: Money
    waiting: int


class PlanPriceSent(Sent):
    """The price of a plan, for this and later months."""

    plan_id: Id
    price: Amount


class Opening(Sent):
    """Confirmed or new prices; plans that are not named keep theirs."""

    prices: Annotated[tuple[PlanPriceSent, ...], Field(max_length=200)] = ()


class PlanTotal(BaseModel):
    """New bills of one plan."""

    plan_id: int
    name: str
    bills: int
    amount: Money


class PriceChange(BaseModel):
    """A price that changes with the opening; `before` is null for a first one."""

    plan_id: int
    name: str
    before: Money | None
    after: Money


class PeriodOpened(Effects):
    """What opening a month does."""

    period: str
    already_open: bool
    bills: int
    amount: Money
    members: int
    credit_used: Money
    plans: list[PlanTotal]
    prices: list[PriceChange]


class BillAdded(BaseModel):
    """A bill that is made."""

    member: Person
    title: str
    amount: Money


class BillRevised(BaseModel):
    """A bill that changes; `after` is null when it is voided."""

    bill_id: int
    member: Person
    title: str
    before: Money
    after: Money | None


class PeriodResynced(Effects):
    """What bringing a month in line with the roster does. `frozen`: bills that a claim keeps as they are."""

    period: str
    added: list[BillAdded]
    revised: list[BillRevised]
    frozen: int


class PeriodRetracted(Effects):
    """What taking an opening back does."""

    period: str
    was_open: bool
    voided: list[BillRevised]
    frozen: int


class PeriodMoved(Effects):
    """A month that was closed or opened again."""

    period: str
    status: str
    changed: bool
    unpaid: Money


class Told(BaseModel):
    """One member who is reminded, of what, and by which ways; none: they cannot be reached."""

    member: Person
    bills: int
    open: Money
    ways: list[str]


class Reminded(Effects):
    """What reminding now does. `quiet_until`: when it goes out, as the club has quiet hours."""

    period: str | None
    how: str
    members: list[Told]
    recently: int
    quiet_until: str | None


class Resyncing(Confirmed):
    """Whether the members who get a bill are told."""

    tell_added: QueryBool = False


class Closing(Confirmed):
    """Whether the month's summary is posted."""

    announce: QueryBool = False


class Reminding(Confirmed):
    """By which way; the club's own when left out."""

    how: Literal["private", "channel", "both"] | None = None


@operations.get("/periods")
def list_periods(call: Call, tx: Tx) -> PeriodList:
    """List the billing periods and how they stand."""
    found = reports_admin.periods(tx, call.actor)
    known = {*(Period(text) for text in found.statuses), found.collecting, found.collecting.next()}
    return PeriodList(
        items=[
            PeriodListed(
                period=period.text, status=found.status(period), collecting=period == found.collecting
            )
            for period in sorted(known, reverse=True)
        ]
    )


@operations.get("/periods/{period}")
def get_period(call: Call, tx: Tx, period: Month) -> PeriodFigures:
    """Figures of one billing period that has bills."""
    found = reports.period_status(tx, call.actor, Period.parse(period))
    whole = found.total()
    return PeriodFigures(
        period=found.period.text, status=found.status,
        bills={row.status: row.bills for row in found.totals},
        due=call.money(whole.amount_minor), settled=call.money(whole.settled_minor),
        waived=call.money(whole.waived_minor),
        plans=[
            PlanFigures(
                title=plan.title, bills=plan.bills, verified=plan.verified,
                due=call.money(plan.amount_minor), settled=call.money(plan.settled_minor),
            )
            for plan in found.plans
        ],
        debtors=[
            Debtor(
                member=Person(id=member.id, name=member.name), open=call.money(minor), due_on=str(due_on)
            )
            for member, minor, due_on in found.debtors
        ],
        methods=[MethodSum(method=name, settled=call.money(minor)) for name, minor in found.methods],
        pot=call.money(found.pot_minor), waiting=found.waiting,
    )  # fmt: skip


@operations.post("/periods/{period}/open", least=Role.TREASURER)
def open_period(call: Call, tx: Tx, period: Month, query: Confirmed, body: Opening) -> Done[PeriodOpened]:
    """Open a billing period: a bill for every active subscription, and one notice."""
    prices = {PlanId(row.plan_id): call.amount(row.price, "price") for row in body.prices}
    found = billing.open_period(tx, call.actor, Period.parse(period), prices or None)
    return Done(found, PeriodOpened(
        period=found.period.text, already_open=found.already_open, bills=found.bills,
        amount=call.money(found.minor), members=found.members, credit_used=call.money(found.credit_minor),
        plans=[
            PlanTotal(plan_id=row.plan_id, name=row.name, bills=row.bills, amount=call.money(row.minor))
            for row in found.plans
        ],
        prices=[
            PriceChange(plan_id=row.plan_id, name=row.name, before=call.money_or_none(row.from_minor),
                        after=call.money(row.to_minor))
            for row in found.prices
        ],
    ))  # fmt: skip


@operations.post("/periods/{period}/resync", least=Role.TREASURER)
def resync_period(call: Call, tx: Tx, period: Month, query: Resyncing) -> Done[PeriodResynced]:
    """Bring an open billing period in line with today's roster and prices."""
    found = resync.resync(tx, call.actor, Period.parse(period), tell_added=query.tell_added)
    return Done(found, PeriodResynced(
        period=found.period.text, frozen=found.frozen,
        added=[
            BillAdded(member=Person(id=row.member_id, name=row.name), title=row.title,
                      amount=call.money(row.minor))
            for row in found.added
        ],
        revised=[revised(call, row) for row in found.revised],
    ))  # fmt: skip


@operations.post("/periods/{period}/retract", least=Role.TREASURER)
def retract_period(call: Call, tx: Tx, period: Month, query: Confirmed) -> Done[PeriodRetracted]:
    """Take the opening of a billing period back; bills on which a claim lies stay."""
    found = resync.retract(tx, call.actor, Period.parse(period))
    return Done(found, PeriodRetracted(
        period=found.period.text, was_open=found.was_open, frozen=found.frozen,
        voided=[revised(call, row) for row in found.voided],
    ))  # fmt: skip


@operations.post("/periods/{period}/close", least=Role.TREASURER)
def close_period(call: Call, tx: Tx, period: Month, query: Closing) -> Done[PeriodMoved]:
    """Close a billing period: its charges are locked, what is unpaid stays payable."""
    return _moved(call, closing.close(tx, call.actor, Period.parse(period), announce=query.announce))


@operations.post("/periods/{period}/reopen", least=Role.TREASURER)
def reopen_period(call: Call, tx: Tx, period: Month, query: Confirmed) -> Done[PeriodMoved]:
    """Open a closed billing period again."""
    return _moved(call, closing.reopen(tx, call.actor, Period.parse(period)))


@operations.post("/periods/{period}/remind", least=Role.TREASURER)
def remind_period(call: Call, tx: Tx, period: Month, query: Reminding) -> Done[Reminded]:
    """Remind everybody of what they owe for one billing period, whatever its due date."""
    return _reminded(call, reminding.remind_now(tx, call.actor, Period.parse(period), query.how))


@operations.post("/periods/{period}/announce", least=Role.TREASURER)
def announce_period(call: Call, tx: Tx, period: Month, query: Confirmed) -> Done[Announced]:
    """Post the opening notice of an open billing period once more; nothing else happens."""
    found = announcing.resend_opened(tx, call.actor, Period.parse(period))
    return Done(found, Announced(period=found.period.text, announced_before=found.times, waits=found.waits))


@operations.post("/remind", least=Role.TREASURER)
def remind_all(call: Call, tx: Tx, query: Reminding) -> Done[Reminded]:
    """Remind everybody of all that they owe, whatever its due date."""
    return _reminded(call, reminding.remind_now(tx, call.actor, None, query.how))


def _moved(call: Call, found: closing.PeriodMoved) -> Done[PeriodMoved]:
    return Done(found, PeriodMoved(
        period=found.period.text, status=found.status, changed=found.changed,
        unpaid=call.money(found.unpaid_minor),
    ))  # fmt: skip


def _reminded(call: Call, found: reminding.Reminded) -> Done[Reminded]:
    return Done(found, Reminded(
        period=found.period.text if found.period else None, how=found.how, recently=found.recently,
        quiet_until=found.quiet_until.isoformat() if found.quiet_until else None,
        members=[
            Told(member=Person(id=row.member_id, name=row.name), bills=row.bills,
                 open=call.money(row.minor), ways=list(row.ways))
            for row in found.members
        ],
    ))  # fmt: skip


def revised(call: Call, row: resync.RevisedBill) -> BillRevised:
    """A bill that changes, as programs read it."""
    return BillRevised(
        bill_id=row.bill_id, member=Person(id=row.member_id, name=row.name), title=row.title,
        before=call.money(row.from_minor), after=call.money_or_none(row.to_minor),
    )  # fmt: skip
