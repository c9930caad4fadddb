"""Payments: lists, submitting for a member, every decision of a reviewer, and their pictures."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.web.api.calls import Call
from bot.web.api.models import (
    Amount,
    Confirmed,
    Day,
    Id,
    Money,
    Paged,
    Person,
    QueryBool,
    QueryId,
    Search,
    Sent,
    Text,
)
from bot.web.api.operations import Done, Effects, File, Operations
from bot.web.api.parse import NotValid
from core import lists, payments, proof_care, reports, reports_bills, reversals
from core.access import Role
from core.db import Tx
from core.i18n import error_text
from core.models import BillId, MemberId, MethodId, PaymentId
from core.models import Payment as PaymentOfCore
from core.payment_changes import PaymentChanged as ChangedInCore
from core.proofs import MAX_PROOF_BYTES, PROOF_CONTENT_TYPE

operations = Operations("Payments")

PaymentStatus = Literal["submitted", "verified", "rejected", "withdrawn"]
MOST_WITH_PICTURE = MAX_PROOF_BYTES * 4 // 3 + 64 * 1024


class PaymentShort(BaseModel):
    """One submission, or one arrival of money."""

    id: int
    label: str
    member_id: int
    status: str
    recorded: bool
    source: str
    declared: Money
    received: Money | None
    refunded: Money
    allocated: Money
    declared_method_id: int | None
    confirmed_method_id: int | None
    note: str
    reject_reason: str
    submitted_by: str
    submitted_at: str
    decided_by: str | None
    decided_at: str | None
    received_on: str | None


class Payment(PaymentShort):
    """A payment as lists have it: with whose it is."""

    member: Person


class PaymentPage(BaseModel):
    """A page of payments; `next` is the cursor of the page behind it."""

    items: list[Payment]
    next: int | None


class PaymentQuery(Paged):
    """Which payments: all that is given has to fit."""

    q: Search = ""
    status: PaymentStatus | None = None
    member_id: QueryId | None = None
    recorded: QueryBool | None = None


class PaymentLine(BaseModel):
    """A bill, and how much of the payment is on it."""

    bill_id: int
    label: str
    title: str
    amount: Money


class PaymentExplained(BaseModel):
    """A payment with its bills, its picture, and what a reviewer should look at."""

    payment: Payment
    lines: list[PaymentLine]
    declared_method: str | None
    confirmed_method: str | None
    has_proof: bool
    same_proof_as: int | None
    same_proof_kind: str | None
    amount_differs: bool


class BillChange(BaseModel):
    """What an action did to one bill."""

    bill_id: int
    label: str
    status_before: str
    status: str
    settled_before: Money
    settled: Money


class PaymentChange(BaseModel):
    """What really changed: the payment as it is now, its bills, and the member's credit."""

    payment: PaymentShort
    bills: list[BillChange]
    credit_before: Money
    credit: Money
    repeated: bool


class PaymentChanged(Effects, PaymentChange):
    """The same, as it can be tried and confirmed."""


class Submitting(Sent):
    """That a member paid these bills. The amount is what they miss; `proof` is a picture in base64."""

    member_id: Id
    bill_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    method_id: Id | None = None
    note: Text = ""
    proof: Annotated[str, Field(max_length=MOST_WITH_PICTURE)] | None = None


class Verifying(Sent):
    """What arrived (as declared when left out), and by which way: `method_id`, the declared one when left out,
    or none with `method_unstated`: nobody knows.
    """

    received: Amount | None = None
    method_id: Id | None = None
    method_unstated: bool = False


class Rejecting(Sent):
    """Why; the member reads it."""

    reason: Text


class Refunding(Sent):
    """How much is given back."""

    amount: Amount


class Recording(Sent):
    """Money that arrived without a submission. It settles the named bills, the rest is credit."""

    member_id: Id
    amount: Amount
    method_id: Id | None = None
    bill_ids: Annotated[tuple[Id, ...], Field(max_length=500)] = ()
    note: Text = ""
    received_on: Day | None = None


class Failure(BaseModel):
    """A submission that could not be verified, and why."""

    payment_id: int
    error: str
    message: str


class VerifiedAll(BaseModel):
    """Each submission that was verified, and each that was not."""

    verified: list[PaymentChange]
    failed: list[Failure]


class ProofDeleted(BaseModel):
    """The payment whose picture is gone."""

    payment: PaymentShort
    proofs: int


@operations.get("/payments")
def list_payments(call: Call, tx: Tx, query: PaymentQuery) -> PaymentPage:
    """List payments, newest first."""
    found = lists.payments(
        tx, call.actor, query=query.q, status=query.status, recorded=query.recorded,
        member_id=MemberId(query.member_id) if query.member_id else None, cursor=query.cursor,
        limit=query.limit,
    )  # fmt: skip
    items = [_with_member(call, row.payment, row.member.id, row.member.name) for row in found.rows]
    return PaymentPage(items=items, next=found.next)


@operations.get("/payments/{payment_id}")
def get_payment(call: Call, tx: Tx, payment_id: Id) -> PaymentExplained:
    """One payment with its bills."""
    found = reports.show_payment(tx, call.actor, PaymentId(payment_id))
    return PaymentExplained(
        payment=_with_member(call, found.payment, found.member.id, found.member.name),
        lines=[
            PaymentLine(bill_id=bill.id, label=bill.label, title=bill.title, amount=call.money(minor))
            for bill, minor in found.lines
        ],
        declared_method=found.declared_method, confirmed_method=found.confirmed_method,
        has_proof=found.proof is not None and found.proof.purged_at is None,
        same_proof_as=found.same_proof_as, same_proof_kind=found.same_proof_kind,
        amount_differs=found.amount_differs,
    )  # fmt: skip


@operations.post("/payments", least=Role.REVIEWER, status=201, most_bytes=MOST_WITH_PICTURE)
async def submit_payment(call: Call, body: Submitting) -> PaymentChange:
    """Submit a payment for a member, with a picture or without; it waits for review."""
    found = await call.services.submit(
        call.actor, [BillId(bill_id) for bill_id in body.bill_ids], request_id=call.request_id,
        method_id=_method(body.method_id), note=body.note, member_id=MemberId(body.member_id),
        picture=_picture(body.proof), source="api",
    )  # fmt: skip
    return _change(call, found)


@operations.post("/payments/record", least=Role.REVIEWER, status=201)
def record_payment(call: Call, tx: Tx, query: Confirmed, body: Recording) -> Done[PaymentChanged]:
    """Record money that arrived without a submission: cash, a line of the bank statement."""
    return _changed(call, payments.record(
        tx, call.actor, MemberId(body.member_id), call.amount(body.amount), request_id=call.request_id,
        method_id=_method(body.method_id), bill_ids=[BillId(bill_id) for bill_id in body.bill_ids],
        note=body.note, received_on=body.received_on, source="api",
    ))  # fmt: skip


@operations.post("/payments/{payment_id}/verify", least=Role.REVIEWER)
def verify_payment(
    call: Call, tx: Tx, payment_id: Id, query: Confirmed, body: Verifying
) -> Done[PaymentChanged]:
    """Verify a submission: the money arrived, as declared or another amount."""
    received = call.amount(body.received, "received") if body.received else None
    if body.method_unstated and body.method_id is not None:
        raise NotValid("web_api.contradicts", "method_unstated")
    return _changed(call, payments.verify(
        tx, call.actor, PaymentId(payment_id), received, _method(body.method_id),
        is_unstated=body.method_unstated,
    ))  # fmt: skip


@operations.post("/payments/{payment_id}/reject", least=Role.REVIEWER)
def reject_payment(
    call: Call, tx: Tx, payment_id: Id, query: Confirmed, body: Rejecting
) -> Done[PaymentChanged]:
    """Reject a submission with a reason; its bills can be paid again."""
    return _changed(call, payments.reject(tx, call.actor, PaymentId(payment_id), body.reason))


@operations.post("/payments/{payment_id}/reject-after-all", least=Role.REVIEWER)
def reject_payment_after_all(
    call: Call, tx: Tx, payment_id: Id, query: Confirmed, body: Rejecting
) -> Done[PaymentChanged]:
    """Take a verification back and reject the submission, as one step."""
    return _changed(call, reversals.reject_after_all(tx, call.actor, PaymentId(payment_id), body.reason))


@operations.post("/payments/{payment_id}/reopen", least=Role.REVIEWER)
def reopen_payment(call: Call, tx: Tx, payment_id: Id, query: Confirmed) -> Done[PaymentChanged]:
    """Put a rejected submission back into the queue."""
    return _changed(call, payments.reopen(tx, call.actor, PaymentId(payment_id)))


@operations.post("/payments/{payment_id}/unverify", least=Role.REVIEWER)
def unverify_payment(call: Call, tx: Tx, payment_id: Id, query: Confirmed) -> Done[PaymentChanged]:
    """Take a verification back; a reviewer their own for some minutes, a treasurer any."""
    return _changed(call, reversals.unverify(tx, call.actor, PaymentId(payment_id)))


@operations.post("/payments/{payment_id}/withdraw", least=Role.REVIEWER)
def withdraw_payment(call: Call, tx: Tx, payment_id: Id, query: Confirmed) -> Done[PaymentChanged]:
    """Take a submission out of the queue, as its member could."""
    return _changed(call, payments.withdraw(tx, call.actor, PaymentId(payment_id)))


@operations.post("/payments/{payment_id}/cancel", least=Role.REVIEWER)
def cancel_payment(call: Call, tx: Tx, payment_id: Id, query: Confirmed) -> Done[PaymentChanged]:
    """Take a recorded payment back; a reviewer their own for some minutes, a treasurer any."""
    return _changed(call, reversals.cancel(tx, call.actor, PaymentId(payment_id)))


@operations.post("/payments/{payment_id}/refund", least=Role.TREASURER)
def refund_payment(
    call: Call, tx: Tx, payment_id: Id, query: Confirmed, body: Refunding
) -> Done[PaymentChanged]:
    """Give back part or all of a verified payment; what it settled opens again."""
    amount = call.amount(body.amount)
    return _changed(call, reversals.refund(tx, call.actor, PaymentId(payment_id), amount))


@operations.get("/payments/{payment_id}/proof", media=PROOF_CONTENT_TYPE)
async def get_proof(call: Call, payment_id: Id) -> File:
    """The picture that backs a payment."""
    return File(await call.services.proof(call.actor, PaymentId(payment_id)), PROOF_CONTENT_TYPE)


@operations.get("/payments/{payment_id}/thumbnail", media=PROOF_CONTENT_TYPE)
async def get_thumbnail(call: Call, payment_id: Id) -> File:
    """The same picture, small."""
    small = await call.services.proof(call.actor, PaymentId(payment_id), thumbnail=True)
    return File(small, PROOF_CONTENT_TYPE)


@operations.delete("/payments/{payment_id}/proof", least=Role.REVIEWER)
async def delete_proof(call: Call, payment_id: Id) -> ProofDeleted:
    """Delete the picture of a payment; the payment stays as it is."""
    found = await proof_care.delete_one(call.services, call.actor, PaymentId(payment_id))
    return ProofDeleted(payment=payment_of(call, found.payment), proofs=len(found.proofs))


@operations.post("/members/{member_id}/verify-all", least=Role.REVIEWER)
async def verify_all(call: Call, member_id: Id) -> VerifiedAll:
    """Verify what waits of one member, one by one: what fails does not take the rest with it."""
    member, waiting = await call.visit.db.read(reports_bills.waiting_of, call.actor, MemberId(member_id))
    chosen = [payment.id for payment in waiting]
    found = await call.services.verify_all(call.actor, member.id, chosen)
    return VerifiedAll(
        verified=[_change(call, row) for row in found.verified],
        failed=[
            Failure(payment_id=payment_id, error=error.code, message=error_text(call.locale, error))
            for payment_id, error in found.failed
        ],
    )


def payment_of(call: Call, payment: PaymentOfCore) -> PaymentShort:
    """A payment as programs read it."""
    return PaymentShort(
        id=payment.id, label=payment.label, member_id=payment.member_id, status=payment.status,
        recorded=bool(payment.recorded), source=payment.source, declared=call.money(payment.declared_minor),
        received=call.money_or_none(payment.received_minor), refunded=call.money(payment.refunded_minor),
        allocated=call.money(payment.allocated_minor), declared_method_id=payment.declared_method_id,
        confirmed_method_id=payment.confirmed_method_id, note=payment.note,
        reject_reason=payment.reject_reason, submitted_by=payment.submitted_by,
        submitted_at=payment.submitted_at, decided_by=payment.decided_by, decided_at=payment.decided_at,
        received_on=payment.received_on,
    )  # fmt: skip


def _with_member(call: Call, payment: PaymentOfCore, member_id: int, name: str) -> Payment:
    return Payment(**payment_of(call, payment).model_dump(), member=Person(id=member_id, name=name))


def _change(call: Call, found: ChangedInCore) -> PaymentChange:
    return PaymentChange(
        payment=payment_of(call, found.payment),
        bills=[
            BillChange(bill_id=row.bill.id, label=row.bill.label, status_before=row.status_before,
                       status=row.bill.status, settled_before=call.money(row.settled_before),
                       settled=call.money(row.bill.settled_minor))
            for row in found.changes
        ],
        credit_before=call.money(found.credit_before), credit=call.money(found.credit_minor),
        repeated=found.repeated,
    )  # fmt: skip


def _changed(call: Call, found: ChangedInCore) -> Done[PaymentChanged]:
    return Done(found, PaymentChanged(**_change(call, found).model_dump()))


def _method(method_id: int | None) -> MethodId | None:
    return MethodId(method_id) if method_id else None


def _picture(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotValid("web_api.not_base64", "proof") from None
