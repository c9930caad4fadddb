"""The roster: search, one member, changes, leaving and coming back, merging, statements."""

from __future__ import annotations

from pydantic import BaseModel

from bot.web.api.bills import BillShort, bill_of
from bot.web.api.calls import Call
from bot.web.api.models import (
    Amount,
    Confirmed,
    Day,
    DiscordId,
    Id,
    Money,
    Paged,
    QueryBool,
    Search,
    Sent,
    Text,
)
from bot.web.api.operations import Done, Effects, Operations
from bot.web.api.payments import PaymentShort, payment_of
from core import lists, member_desk, merging, opening_balances, reports, roster
from core.access import Role
from core.db import Tx
from core.models import Member as MemberOfCore
from core.models import MemberId
from core.period import parse_date
from core.unset import UNSET

operations = Operations("Members")


class Member(BaseModel):
    """A person on the roster. `successor_id`: the entry into which this one was merged."""

    id: int
    label: str
    name: str
    email: str | None
    note: str
    discord_id: str | None
    left_on: str | None
    successor_id: int | None
    created_at: str


class MemberListed(Member):
    """A member with what they owe; negative: have as credit."""

    balance: Money


class MemberPage(BaseModel):
    """A page of the roster; `next` is the cursor of the page behind it."""

    items: list[MemberListed]
    next: int | None


class MemberQuery(Paged):
    """By a part of the name; with those who left, if asked for."""

    q: Search = ""
    with_left: QueryBool = False


class Adding(Sent):
    """A new person."""

    name: Text
    email: Text | None = None
    note: Text = ""
    discord_id: DiscordId | None = None


class Editing(Sent):
    """What is to change; what is left out stays. An e-mail of null is made blank."""

    name: Text | None = None
    email: Text | None = None
    note: Text | None = None
    discord_id: DiscordId | None = None


class MemberChanged(BaseModel):
    """A member as it is now, and the names of the fields that really changed."""

    member: Member
    changed: list[str]


class LeavingSent(Sent):
    """The last day; today when left out."""

    left_on: Day | None = None


class Ended(BaseModel):
    """A subscription that ends with somebody's leaving."""

    subscription_id: int
    plan: str


class MemberLeft(Effects):
    """What leaving does. `unlinked`: the Discord account that is free again."""

    member: Member
    ended: list[Ended]
    unlinked: str | None
    balance: Money
    already: bool


class MergingSent(Sent):
    """The entry that goes on."""

    into_id: Id


class MemberMerged(Effects):
    """What a merge does; it cannot be undone."""

    member: Member
    into: Member
    taken: list[str]
    bills: int
    payments: int
    plans: list[str]
    balance: Money
    credit_used: Money
    credit: Money


class StatementLine(BaseModel):
    """One bill of a statement. `waiting_payment_id`: the submission that waits for review on it."""

    bill: BillShort
    period: str | None
    overdue: bool
    payable: bool
    short: Money
    waiting_payment_id: int | None


class Statement(BaseModel):
    """A member's bills (newest first), credit and newest payments."""

    member: Member
    bills: list[StatementLine]
    credit: Money
    payments: list[PaymentShort]


class Balance(BaseModel):
    """What is owed, and what is left over; at most one of the two is open."""

    member_id: int
    open: Money
    credit: Money


class OpeningBalance(Sent):
    """What was owed (positive) or paid ahead (negative) when the books began."""

    amount: Amount
    on: Day
    due_on: Day | None = None


class OpeningBalanceSet(Effects):
    """The bill of a debt, or the payment of a credit."""

    member: Member
    amount: Money
    bill: BillShort | None
    payment: PaymentShort | None
    credit: Money


@operations.get("/members")
def list_members(call: Call, tx: Tx, query: MemberQuery) -> MemberPage:
    """List or search the roster."""
    found = lists.members(
        tx, call.actor, query=query.q, with_left=query.with_left, cursor=query.cursor, limit=query.limit
    )
    items = [
        MemberListed(**member_of(row.member).model_dump(), balance=call.money(row.balance_minor))
        for row in found.rows
    ]
    return MemberPage(items=items, next=found.next)


@operations.post("/members", least=Role.TREASURER, status=201)
def add_member(call: Call, tx: Tx, body: Adding) -> Member:
    """Put a person on the roster, linked to a Discord account if one is named."""
    account = int(body.discord_id) if body.discord_id else None
    return member_of(
        member_desk.add(tx, call.actor, body.name, email=body.email, note=body.note, discord_id=account)
    )


@operations.get("/members/{member_id}")
def get_member(call: Call, tx: Tx, member_id: Id) -> Member:
    """One member; of a merged entry the one that counts now."""
    return member_of(reports.statement(tx, call.actor, MemberId(member_id)).member)


@operations.patch("/members/{member_id}", least=Role.TREASURER)
def edit_member(call: Call, tx: Tx, member_id: Id, body: Editing) -> MemberChanged:
    """Change a member's name, e-mail, note or Discord account."""
    sent = body.model_fields_set
    found = member_desk.edit(
        tx, call.actor, MemberId(member_id),
        name=UNSET if body.name is None else body.name,
        email=body.email if "email" in sent else UNSET,
        note=UNSET if body.note is None else body.note,
        discord_id=int(body.discord_id) if body.discord_id else None,
    )  # fmt: skip
    return MemberChanged(member=member_of(found.member), changed=list(found.changed))


@operations.post("/members/{member_id}/leave", least=Role.TREASURER)
def leave(call: Call, tx: Tx, member_id: Id, query: Confirmed, body: LeavingSent) -> Done[MemberLeft]:
    """Somebody leaves the club: their subscriptions end, what they owe stays."""
    day = parse_date(body.left_on, "left_on") if body.left_on else call.today
    found = member_desk.leave(tx, call.actor, MemberId(member_id), day)
    return Done(found, MemberLeft(
        member=member_of(found.member),
        ended=[Ended(subscription_id=number, plan=plan.name) for number, plan in found.ended],
        unlinked=id_text(found.unlinked), balance=call.money(found.balance_minor), already=found.already,
    ))  # fmt: skip


@operations.post("/members/{member_id}/rejoin", least=Role.TREASURER)
def rejoin(call: Call, tx: Tx, member_id: Id) -> Member:
    """Somebody who left is back, with their history."""
    return member_of(roster.rejoin(tx, call.actor, MemberId(member_id)))


@operations.post("/members/{member_id}/unlink", least=Role.TREASURER)
def unlink(call: Call, tx: Tx, member_id: Id) -> Member:
    """Part a member from their Discord account."""
    return member_of(roster.unlink(tx, call.actor, MemberId(member_id)))


@operations.post("/members/{member_id}/merge", least=Role.TREASURER)
def merge(call: Call, tx: Tx, member_id: Id, query: Confirmed, body: MergingSent) -> Done[MemberMerged]:
    """Merge this entry into another one of the same person; there is no way back."""
    found = merging.merge(tx, call.actor, MemberId(member_id), MemberId(body.into_id))
    return Done(found, MemberMerged(
        member=member_of(found.member), into=member_of(found.into), taken=list(found.taken),
        bills=found.bills, payments=found.payments, plans=[plan.name for plan in found.plans],
        balance=call.money(found.balance_minor), credit_used=call.money(found.credit_used),
        credit=call.money(found.credit_minor),
    ))  # fmt: skip


@operations.get("/members/{member_id}/statement")
def get_statement(call: Call, tx: Tx, member_id: Id) -> Statement:
    """A member's bills, credit and newest payments."""
    found = reports.statement(tx, call.actor, MemberId(member_id))
    return Statement(
        member=member_of(found.member), credit=call.money(found.credit_minor),
        payments=[payment_of(call, payment) for payment in found.payments],
        bills=[
            StatementLine(
                bill=bill_of(call, row.bill), period=row.period.text if row.period else None,
                overdue=row.overdue, payable=row.payable, short=call.money(row.short_minor),
                waiting_payment_id=row.waiting.id if row.waiting else None,
            )
            for row in found.bills
        ],
    )  # fmt: skip


@operations.get("/members/{member_id}/balance")
def get_balance(call: Call, tx: Tx, member_id: Id) -> Balance:
    """What a member owes and has as credit."""
    found = reports.statement(tx, call.actor, MemberId(member_id))
    owed = sum(row.bill.open_minor for row in found.bills)
    return Balance(member_id=found.member.id, open=call.money(owed), credit=call.money(found.credit_minor))


@operations.post("/members/{member_id}/opening-balance", least=Role.TREASURER, status=201)
def set_opening_balance(
    call: Call, tx: Tx, member_id: Id, query: Confirmed, body: OpeningBalance
) -> Done[OpeningBalanceSet]:
    """Set what a member owed or had paid ahead when these books began; once per member."""
    found = opening_balances.set_balance(
        tx, call.actor, MemberId(member_id), call.amount(body.amount), body.on, due_on=body.due_on
    )
    return Done(found, OpeningBalanceSet(
        member=member_of(found.member), amount=call.money(found.amount.minor),
        bill=bill_of(call, found.bill) if found.bill else None,
        payment=payment_of(call, found.payment) if found.payment else None,
        credit=call.money(found.credit_minor),
    ))  # fmt: skip


def member_of(member: MemberOfCore) -> Member:
    """A member as programs read it."""
    return Member(
        id=member.id, label=member.label, name=member.name, email=member.email, note=member.note,
        discord_id=id_text(member.discord_id), left_on=member.left_on, successor_id=member.successor_id,
        created_at=member.created_at,
    )  # fmt: skip


def id_text(discord_id: int | None) -> str | None:
    """An id of Discord, which is a string in JSON."""
    return None if discord_id is None else str(discord_id)
