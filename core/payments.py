"""Payments: submit, withdraw, verify, reject, reopen, record, unverify, cancel, refund.

Every action follows core/states.py, settles by the rules of core/settle.py, and writes state, ledger, audit
line and notices in one transaction. Each returns a `PaymentChanged` that says what really changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core import access, alerts, audit, errors, ledger, notices, settle, states
from core.access import Role
from core.clock import local_date, parse_instant
from core.closing import require_unlocked
from core.db import Tx
from core.ledger import Leg
from core.models import Actor, Bill, BillId, Member, MemberId, MethodId, Payment, PaymentId, Workspace
from core.money import LARGEST_MINOR, Money, format_money
from core.period import parse_date
from core.store import bills, members, methods, payments, proofs
from core.text import clean_text

NOTE_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A cleaned picture that lies in the proof storage already, and what identifies it."""

    storage_key: str
    thumbnail_key: str
    sha256: str
    pixels_sha256: str
    dhash: str
    size_bytes: int
    width: int
    height: int
    looks_like: PaymentId | None = None
    """An earlier payment whose picture looks the same (core/duplicates.py)."""


@dataclass(frozen=True, slots=True)
class BillChange:
    """What an action did to one bill; amounts in minor units."""

    bill: Bill
    status_before: str
    settled_before: int


@dataclass(frozen=True, slots=True)
class PaymentChanged:
    """What an action on a payment did: the payment as it is now, the bills touched, the member's credit."""

    workspace: Workspace
    member: Member
    payment: Payment
    changes: tuple[BillChange, ...]
    credit_before: int
    credit_minor: int
    repeated: bool = False

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        payment = ("payment", self.payment.status, self.payment.received_minor, self.payment.refunded_minor)
        credit = ("credit", self.credit_before, self.credit_minor)
        touched = (
            ("bill", change.bill.id, change.status_before, change.bill.status,
             change.settled_before, change.bill.settled_minor)
            for change in self.changes
        )  # fmt: skip
        return (payment, credit, *touched)


def submit(
    tx: Tx,
    actor: Actor,
    bill_ids: Sequence[BillId],
    *,
    request_id: str,
    method_id: MethodId | None = None,
    note: str = "",
    member_id: MemberId | None = None,
    proof: ProofFile | None = None,
    source: str = "discord",
) -> PaymentChanged:
    """A member says they paid the chosen bills; a reviewer may say so for a member.

    The amount is what the bills miss, never what somebody typed. The same `request_id` returns the first
    result. Raises NotLinked, NotYours, NothingChosen, BillUnknown, BillClaimed, BillNotPayable.
    """
    workspace = access.workspace_of(tx, actor)
    payer = _payer(tx, actor, member_id)
    if earlier := payments.by_request(tx.conn, request_id):
        return _repeated(tx, workspace, payer, earlier)
    chosen = _payable_bills(tx, workspace, payer, bill_ids)
    _check_method(tx, workspace, method_id)
    payment_id = payments.add(tx.conn, {
        "workspace_id": workspace.id, "member_id": payer.id, "status": "submitted", "recorded": 0,
        "funds": "pot", "source": source, "declared_minor": sum(bill.open_minor for bill in chosen),
        "received_minor": None, "declared_method_id": method_id, "confirmed_method_id": None,
        "note": clean_text(note, "note", NOTE_CHARACTERS), "request_id": request_id,
        "submitted_by": actor.text, "submitted_at": tx.now_text, "decided_by": None, "decided_at": None,
        "received_on": None,
    })  # fmt: skip
    before = _Before(tx, payer.id)
    settle.claim(tx, payment_id, chosen, sum(bill.open_minor for bill in chosen))
    settle.recompute(tx, [bill.id for bill in chosen])
    if proof is not None:
        _add_proof(tx, workspace, payment_id, proof)
    alerts.queue_for(tx, workspace, payment_id)
    return before.finish(tx, actor, workspace, payment_id, "submit", tell_member=False)


def withdraw(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Take a submission back while it waits; its member, or a reviewer."""
    workspace, payment = _load(tx, actor, payment_id)
    access.require_self_or(tx, actor, payment.member_id, Role.REVIEWER)
    before = _Before(tx, payment.member_id, payment)
    states.apply(tx, "withdraw", payment, **_decision(tx, actor))
    _release_and_settle(tx, payment)
    own = actor.text == payment.submitted_by
    return before.finish(tx, actor, workspace, payment.id, "withdraw", tell_member=not own)


def verify(
    tx: Tx,
    actor: Actor,
    payment_id: PaymentId,
    received: Money | None = None,
    method_id: MethodId | None = None,
    *,
    is_unstated: bool = False,
) -> PaymentChanged:
    """The money arrived: as declared, or `received` of it.

    Less settles the oldest bill first and leaves the rest open; more becomes the member's credit.
    `method_id` is the confirmed method; None takes the declared one, unless `is_unstated` says that nobody
    knows how it arrived.
    """
    workspace, payment = _load(tx, actor, payment_id)
    access.require(tx, actor, Role.REVIEWER)
    states.check_possible("verify", payment)
    own = _check_self(tx, actor, workspace, payment.member_id)
    minor = _received_minor(workspace, payment, received)
    if method_id != payment.declared_method_id:  # a declared one may have been retired meanwhile
        _check_method(tx, workspace, method_id)
    before = _Before(tx, payment.member_id, payment)
    chosen = [bill for bill in before.bills if bill.id in _claimed_ids(tx, payment)]
    refit = minor < payment.allocated_minor
    if refit:
        settle.release(tx, payments.unreleased(tx.conn, payment.id))
    confirmed = None if is_unstated else method_id or payment.declared_method_id
    states.apply(
        tx, "verify", payment, received_minor=minor, confirmed_method_id=confirmed, **_decision(tx, actor),
        received_on=_received_on(tx, workspace, None),
    )  # fmt: skip
    if refit:
        settle.claim(tx, payment.id, chosen, minor)
    settle.recompute(tx, (bill.id for bill in chosen))
    _post_received(tx, workspace, actor, payment, "verify", minor, confirmed)
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "verify", own=own)


def reject(tx: Tx, actor: Actor, payment_id: PaymentId, reason: str) -> PaymentChanged:
    """The money did not arrive, or something is wrong with it; the bills can be paid again."""
    workspace, payment = _load(tx, actor, payment_id)
    access.require(tx, actor, Role.REVIEWER)
    states.check_possible("reject", payment)
    text = clean_text(reason, "reason", NOTE_CHARACTERS)
    if not text:
        raise errors.ReasonMissing()
    before = _Before(tx, payment.member_id, payment)
    states.apply(tx, "reject", payment, reject_reason=text, **_decision(tx, actor))
    settle.recompute(tx, _claimed_ids(tx, payment))
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "reject")


def reopen(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Put a rejected submission back into the queue; refused when its bills are claimed or paid otherwise."""
    workspace, payment = _load(tx, actor, payment_id)
    access.require(tx, actor, Role.REVIEWER)
    states.check_possible("reopen", payment)
    standing = payments.unreleased(tx.conn, payment.id)
    if not standing:
        raise errors.BillNotPayable(bill=payment.label)
    for allocation in standing:
        bill = _check_payable(tx, workspace, allocation.bill_id)
        if bill.open_minor < allocation.amount_minor:
            raise errors.BillNotPayable(bill=bill.label)
    before = _Before(tx, payment.member_id, payment)
    states.apply(tx, "reopen", payment, decided_by=None, decided_at=None)
    settle.recompute(tx, _claimed_ids(tx, payment))
    return before.finish(tx, actor, workspace, payment.id, "reopen")


def record(
    tx: Tx,
    actor: Actor,
    member_id: MemberId,
    amount: Money,
    *,
    request_id: str,
    method_id: MethodId | None = None,
    bill_ids: Sequence[BillId] = (),
    note: str = "",
    received_on: str | None = None,
    source: str = "discord",
    funds: str = "pot",
) -> PaymentChanged:
    """Money that arrived without a submission: cash in hand, a back-fill, a line of the bank statement.

    It settles the named bills oldest first; the rest, or all when none is named, is the member's credit and
    settles by itself. `received_on` is a date in the workspace's time zone, today when None.
    """
    workspace = access.workspace_of(tx, actor)
    access.require(tx, actor, Role.REVIEWER)
    payer = _member(tx, workspace, member_id)
    if earlier := payments.by_request(tx.conn, request_id):
        return _repeated(tx, workspace, payer, earlier)
    own = _check_self(tx, actor, workspace, payer.id)
    chosen = _payable_bills(tx, workspace, payer, bill_ids) if bill_ids else []
    _check_method(tx, workspace, method_id)
    minor = _positive(workspace, amount)
    before = _Before(tx, payer.id)
    payment_id = payments.add(tx.conn, {
        "workspace_id": workspace.id, "member_id": payer.id, "status": "verified", "recorded": 1,
        "funds": funds, "source": source, "declared_minor": minor, "received_minor": minor,
        "declared_method_id": method_id, "confirmed_method_id": method_id,
        "note": clean_text(note, "note", NOTE_CHARACTERS), "request_id": request_id,
        "submitted_by": actor.text, "submitted_at": tx.now_text, "decided_by": actor.text,
        "decided_at": tx.now_text,
        "received_on": _received_on(tx, workspace, received_on),
    })  # fmt: skip
    payment = payments.get(tx.conn, workspace.id, payment_id)
    assert payment is not None
    settle.claim(tx, payment_id, chosen, minor)
    settle.recompute(tx, [bill.id for bill in chosen])
    _post_received(tx, workspace, actor, payment, "record", minor, method_id)
    settle.settle_credit(tx, payer.id)
    return before.finish(tx, actor, workspace, payment_id, "record", own=own)


def unverify(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Take a verification back: the submission waits again, for what it declared and what is still open."""
    workspace, payment = _load(tx, actor, payment_id)
    _check_undo(tx, actor, "unverify", payment)
    _check_charges_unlocked(tx, payment, [row.bill_id for row in payments.unreleased(tx.conn, payment.id)])
    before = _Before(tx, payment.member_id, payment)
    touched = settle.release(tx, payments.unreleased(tx.conn, payment.id))
    states.apply(
        tx, "unverify", payment, received_minor=None, refunded_minor=0, confirmed_method_id=None,
        received_on=None, decided_by=None, decided_at=None,
    )  # fmt: skip
    settle.recompute(tx, touched)
    settle.recompute(tx, settle.reclaim(tx, payment))
    ledger.reverse(tx, workspace, actor, "unverify", payment_id=payment.id)
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "unverify")


def reject_after_all(tx: Tx, actor: Actor, payment_id: PaymentId, reason: str) -> PaymentChanged:
    """Take a verification back and reject the submission, as one step; the result tells of both."""
    taken_back = unverify(tx, actor, payment_id)
    rejected = reject(tx, actor, payment_id, reason)
    first = {change.bill.id: change for change in (*rejected.changes, *taken_back.changes)}
    now = {change.bill.id: change.bill for change in (*taken_back.changes, *rejected.changes)}
    changes = tuple(
        BillChange(bill, first[bill_id].status_before, first[bill_id].settled_before)
        for bill_id, bill in now.items()
    )
    return replace(rejected, changes=changes, credit_before=taken_back.credit_before)


def cancel(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Take a recorded payment back, as if it had not been."""
    workspace, payment = _load(tx, actor, payment_id)
    _check_undo(tx, actor, "cancel", payment)
    _check_charges_unlocked(tx, payment, [row.bill_id for row in payments.unreleased(tx.conn, payment.id)])
    before = _Before(tx, payment.member_id, payment)
    touched = settle.release(tx, payments.unreleased(tx.conn, payment.id))
    states.apply(
        tx, "cancel", payment, received_minor=None, refunded_minor=0, received_on=None, **_decision(tx, actor)
    )
    settle.recompute(tx, touched)
    ledger.reverse(tx, workspace, actor, "cancel", payment_id=payment.id)
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "cancel")


def refund(tx: Tx, actor: Actor, payment_id: PaymentId, amount: Money) -> PaymentChanged:
    """Give back part or all of a verified payment; what it settled opens again, credit and newest first."""
    workspace, payment = _load(tx, actor, payment_id)
    access.require(tx, actor, Role.TREASURER)
    states.check_possible("refund", payment)
    minor = _positive(workspace, amount)
    if minor > payment.kept_minor:
        raise errors.RefundTooLarge(most=workspace.money(payment.kept_minor))
    before = _Before(tx, payment.member_id, payment)
    touched = settle.release_down_to(tx, payment, payment.kept_minor - minor)
    _check_charges_unlocked(tx, payment, touched)  # money that no bill uses can always be given back
    states.apply(tx, "refund", payment, refunded_minor=payment.refunded_minor + minor)
    settle.recompute(tx, touched)
    ledger.post(
        tx, workspace, actor, "refund", Leg("receivable", payment.member_id, minor),
        Leg(*_pot(payment, payment.confirmed_method_id), -minor), payment_id=payment.id,
    )  # fmt: skip
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "refund")


# --- parts of the above ------------------------------------------------------------------------------------


class _Before:
    """The member's bills and credit before an action; `finish` compares, audits and tells."""

    def __init__(self, tx: Tx, member_id: MemberId, payment: Payment | None = None) -> None:
        self.payment = payment
        self.bills = bills.of_member(tx.conn, member_id)
        self.credit = payments.credit(tx.conn, member_id)

    def finish(
        self, tx: Tx, actor: Actor, workspace: Workspace, payment_id: PaymentId, action: str,
        *, tell_member: bool = True, own: bool = False,
    ) -> PaymentChanged:  # fmt: skip
        payment = payments.get(tx.conn, workspace.id, payment_id)
        assert payment is not None
        member = _member(tx, workspace, payment.member_id)
        result = PaymentChanged(
            workspace, member, payment, self._changes(tx, member.id), self.credit,
            payments.credit(tx.conn, member.id),
        )  # fmt: skip
        line = audit.record(
            tx, actor, f"payment.{action}", "payment", payment.id,
            before=_state(self.payment) if self.payment else None,
            after={**_state(payment), **({"own": True} if own else {})},
        )  # fmt: skip
        notices.payment_card(tx, workspace, payment.id)
        if tell_member and member.discord_id is not None:
            notices.payment_result(
                tx, workspace, payment, action, line, result.credit_minor - result.credit_before
            )
        return result

    def _changes(self, tx: Tx, member_id: MemberId) -> tuple[BillChange, ...]:
        was = {bill.id: bill for bill in self.bills}
        return tuple(
            BillChange(bill, was[bill.id].status, was[bill.id].settled_minor)
            for bill in sorted(bills.of_member(tx.conn, member_id), key=lambda bill: (bill.due_on, bill.id))
            if bill.id in was
            and (bill.status, bill.settled_minor) != (was[bill.id].status, was[bill.id].settled_minor)
        )


def _state(payment: Payment) -> dict[str, Any]:
    return {
        "status": payment.status, "declared": payment.declared_minor, "received": payment.received_minor,
        "refunded": payment.refunded_minor,
        "method": payment.confirmed_method_id or payment.declared_method_id,
    }  # fmt: skip


def _load(tx: Tx, actor: Actor, payment_id: PaymentId) -> tuple[Workspace, Payment]:
    workspace = access.workspace_of(tx, actor)
    payment = payments.get(tx.conn, workspace.id, payment_id)
    if payment is None:
        raise errors.PaymentUnknown()
    return workspace, payment


def _member(tx: Tx, workspace: Workspace, member_id: MemberId) -> Member:
    """The roster entry that counts for this one now; raises MemberUnknown."""
    member = members.current(tx.conn, workspace.id, member_id)
    if member is None:
        raise errors.MemberUnknown()
    return member


def _payer(tx: Tx, actor: Actor, member_id: MemberId | None) -> Member:
    if member_id is None:
        return access.own_member(tx, actor)
    access.require_self_or(tx, actor, member_id, Role.REVIEWER)
    return _member(tx, access.workspace_of(tx, actor), member_id)


def _repeated(tx: Tx, workspace: Workspace, payer: Member, earlier: Payment) -> PaymentChanged:
    if earlier.workspace_id != workspace.id or _member(tx, workspace, earlier.member_id).id != payer.id:
        raise errors.NotYours()
    credit = payments.credit(tx.conn, payer.id)
    return PaymentChanged(workspace, payer, earlier, (), credit, credit, repeated=True)


def _payable_bills(tx: Tx, workspace: Workspace, payer: Member, bill_ids: Sequence[BillId]) -> list[Bill]:
    if not bill_ids:
        raise errors.NothingChosen()
    chosen = [_check_payable(tx, workspace, bill_id) for bill_id in dict.fromkeys(bill_ids)]
    if any(_member(tx, workspace, member_id).id != payer.id for member_id in {b.member_id for b in chosen}):
        raise errors.NotYours()
    return chosen


def _check_payable(tx: Tx, workspace: Workspace, bill_id: BillId) -> Bill:
    bill = bills.get(tx.conn, workspace.id, bill_id)
    if bill is None:
        raise errors.BillUnknown()
    if waiting := payments.waiting_claim(tx.conn, bill_id):
        raise errors.BillClaimed(bill=bill.label, payment=waiting.label)
    if not bills.is_payable(tx.conn, bill_id):
        raise errors.BillNotPayable(bill=bill.label)
    return bill


def _check_method(tx: Tx, workspace: Workspace, method_id: MethodId | None) -> None:
    if method_id is None:
        return
    method = methods.get(tx.conn, workspace.id, method_id)
    if method is None or method.retired_at is not None:
        raise errors.MethodUnknown()


def _check_self(tx: Tx, actor: Actor, workspace: Workspace, member_id: MemberId) -> bool:
    """Whether somebody confirms money of their own; raises OwnPayment where the club forbids it."""
    own = members.by_discord(tx.conn, workspace.id, actor.discord_id) if actor.discord_id else None
    is_own = own is not None and own.id == _member(tx, workspace, member_id).id
    if is_own and not workspace.self_verify:
        raise errors.OwnPayment()
    return is_own


def _check_undo(tx: Tx, actor: Actor, action: str, payment: Payment) -> None:
    step = states.check_possible(action, payment)
    role = access.require(tx, actor, Role.REVIEWER)
    if role >= step.least:
        return
    own = step.own_undo and payment.decided_by == actor.text
    decided_at = parse_instant(payment.decided_at) if payment.decided_at else None
    # A refund was a treasurer's decision, and undoing the payment takes that back with it.
    if not own or decided_at is None or payment.refunded_minor:
        raise errors.RoleNeeded(role=step.least.word)
    if tx.now - decided_at > timedelta(minutes=states.UNDO_MINUTES):
        raise errors.UndoTooLate(minutes=states.UNDO_MINUTES)


def _check_charges_unlocked(tx: Tx, payment: Payment, bill_ids: Iterable[BillId]) -> None:
    """What would open a settled bill of a closed month again needs that month reopened first."""
    for bill_id in bill_ids:
        bill = bills.get(tx.conn, payment.workspace_id, bill_id)
        if bill is not None:
            require_unlocked(tx, bill.billing_period_id)


def _received_minor(workspace: Workspace, payment: Payment, received: Money | None) -> int:
    return payment.declared_minor if received is None else _positive(workspace, received)


def _positive(workspace: Workspace, amount: Money) -> int:
    if amount.currency != workspace.currency:
        shown = format_money(amount, workspace.locale)
        raise errors.AmountInOtherCurrency(field="amount", value=shown, currency=workspace.currency)
    if amount.minor <= 0:
        raise errors.AmountNotPositive(field="amount")
    if amount.minor > LARGEST_MINOR:
        raise errors.AmountTooLarge(field="amount", largest=workspace.money(LARGEST_MINOR))
    return amount.minor


def _received_on(tx: Tx, workspace: Workspace, day: str | None) -> str:
    """The day on which money arrived: today, or the given one, which cannot be in the future."""
    today = local_date(tx.now, workspace.timezone)
    given = today if day is None else parse_date(day)
    if given > today:
        raise errors.DateTooLate(field="date", latest=today)
    return str(given)


def _decision(tx: Tx, actor: Actor) -> dict[str, str]:
    return {"decided_by": actor.text, "decided_at": tx.now_text}


def _claimed_ids(tx: Tx, payment: Payment) -> list[BillId]:
    return [row.bill_id for row in payments.unreleased(tx.conn, payment.id) if row.kind == "claim"]


def _release_and_settle(tx: Tx, payment: Payment) -> None:
    touched = settle.release(tx, payments.unreleased(tx.conn, payment.id))
    settle.recompute(tx, touched)
    settle.settle_credit(tx, payment.member_id)


def _pot(payment: Payment, method_id: MethodId | None) -> tuple[str, int]:
    """Where the money of a payment lies: the pot of its method, or what was there before these books."""
    return ("pot", method_id or 0) if payment.funds == "pot" else ("opening", 0)


def _post_received(
    tx: Tx, workspace: Workspace, actor: Actor, payment: Payment, kind: str, minor: int,
    method_id: MethodId | None,
) -> None:  # fmt: skip
    fresh = payments.get(tx.conn, workspace.id, payment.id)
    assert fresh is not None
    ledger.post(
        tx, workspace, actor, kind, Leg(*_pot(payment, method_id), minor),
        Leg("receivable", payment.member_id, -minor), payment_id=payment.id, on=fresh.received_on,
    )  # fmt: skip


def _add_proof(tx: Tx, workspace: Workspace, payment_id: PaymentId, proof: ProofFile) -> None:
    same = _same_proof(tx, workspace, proof)
    payments.add_proof(tx.conn, {
        "workspace_id": workspace.id, "payment_id": payment_id, "storage_key": proof.storage_key,
        "thumbnail_key": proof.thumbnail_key, "sha256": proof.sha256, "pixels_sha256": proof.pixels_sha256,
        "dhash": proof.dhash, "size_bytes": proof.size_bytes, "width": proof.width, "height": proof.height,
        "same_as_payment_id": same[0] if same else None, "same_kind": same[1] if same else None,
        "created_at": tx.now_text,
    })  # fmt: skip


def _same_proof(tx: Tx, workspace: Workspace, proof: ProofFile) -> tuple[PaymentId, str] | None:
    """(earlier payment, "file", "pixels" or "look") when this picture came before."""
    if same := proofs.same_file(tx.conn, workspace.id, proof.sha256):
        return same, "file"
    if same := proofs.same_pixels(tx.conn, workspace.id, proof.pixels_sha256):
        return same, "pixels"
    known = proof.looks_like and payments.get(tx.conn, workspace.id, proof.looks_like)
    return (known.id, "look") if known else None
