"""Payments: submit, withdraw, verify, reject, reopen, record; what takes them back is in core/reversals.py.

Every action follows core/states.py, settles by the rules of core/settle.py, and writes state, ledger, audit
line and notices in one transaction. Each returns a `PaymentChanged` that says what really changed.
"""

from collections.abc import Sequence

from core import access, alerts, errors, ledger, settle, states
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.ledger import Leg
from core.models import Actor, Bill, BillId, Member, MemberId, MethodId, Payment, PaymentId, Workspace
from core.money import Money
from core.payment_changes import Before, PaymentChanged, current_member, decision, load, positive, pot
from core.period import parse_date
from core.proof_files import ProofFile, add_proof
from core.store import bills, members, methods, payments
from core.text import clean_text

NOTE_CHARACTERS = 500


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
    before = Before(tx, payer.id)
    settle.claim(tx, payment_id, chosen, sum(bill.open_minor for bill in chosen))
    settle.recompute(tx, [bill.id for bill in chosen])
    if proof is not None:
        add_proof(tx, workspace, payment_id, proof)
    alerts.queue_for(tx, workspace, payment_id)
    return before.finish(tx, actor, workspace, payment_id, "submit", tell_member=False)


def withdraw(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Take a submission back while it waits; its member, or a reviewer."""
    workspace, payment = load(tx, actor, payment_id)
    access.require_self_or(tx, actor, payment.member_id, Role.REVIEWER)
    before = Before(tx, payment.member_id, payment)
    states.apply(tx, "withdraw", payment, **decision(tx, actor))
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
    workspace, payment = load(tx, actor, payment_id)
    access.require(tx, actor, Role.REVIEWER)
    states.check_possible("verify", payment)
    own = _check_self(tx, actor, workspace, payment.member_id)
    minor = _received_minor(workspace, payment, received)
    if method_id != payment.declared_method_id:  # a declared one may have been retired meanwhile
        _check_method(tx, workspace, method_id)
    before = Before(tx, payment.member_id, payment)
    chosen = [bill for bill in before.bills if bill.id in _claimed_ids(tx, payment)]
    refit = minor < payment.allocated_minor
    if refit:
        settle.release(tx, payments.unreleased(tx.conn, payment.id))
    confirmed = None if is_unstated else method_id or payment.declared_method_id
    states.apply(
        tx, "verify", payment, received_minor=minor, confirmed_method_id=confirmed, **decision(tx, actor),
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
    workspace, payment = load(tx, actor, payment_id)
    access.require(tx, actor, Role.REVIEWER)
    states.check_possible("reject", payment)
    text = clean_text(reason, "reason", NOTE_CHARACTERS)
    if not text:
        raise errors.ReasonMissing()
    before = Before(tx, payment.member_id, payment)
    states.apply(tx, "reject", payment, reject_reason=text, **decision(tx, actor))
    settle.recompute(tx, _claimed_ids(tx, payment))
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "reject")


def reopen(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Put a rejected submission back into the queue; refused when its bills are claimed or paid otherwise."""
    workspace, payment = load(tx, actor, payment_id)
    access.require(tx, actor, Role.REVIEWER)
    states.check_possible("reopen", payment)
    standing = payments.unreleased(tx.conn, payment.id)
    if not standing:
        raise errors.BillNotPayable(bill=payment.label)
    for allocation in standing:
        bill = _check_payable(tx, workspace, allocation.bill_id)
        if bill.open_minor < allocation.amount_minor:
            raise errors.BillNotPayable(bill=bill.label)
    before = Before(tx, payment.member_id, payment)
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
    payer = current_member(tx, workspace, member_id)
    if earlier := payments.by_request(tx.conn, request_id):
        return _repeated(tx, workspace, payer, earlier)
    own = _check_self(tx, actor, workspace, payer.id)
    chosen = _payable_bills(tx, workspace, payer, bill_ids) if bill_ids else []
    _check_method(tx, workspace, method_id)
    minor = positive(workspace, amount)
    before = Before(tx, payer.id)
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


# --- parts of the above ------------------------------------------------------------------------------------


def _payer(tx: Tx, actor: Actor, member_id: MemberId | None) -> Member:
    if member_id is None:
        return access.own_member(tx, actor)
    access.require_self_or(tx, actor, member_id, Role.REVIEWER)
    return current_member(tx, access.workspace_of(tx, actor), member_id)


def _repeated(tx: Tx, workspace: Workspace, payer: Member, earlier: Payment) -> PaymentChanged:
    if (
        earlier.workspace_id != workspace.id
        or current_member(tx, workspace, earlier.member_id).id != payer.id
    ):
        raise errors.NotYours()
    credit = payments.credit(tx.conn, payer.id)
    return PaymentChanged(workspace, payer, earlier, (), credit, credit, repeated=True)


def _payable_bills(tx: Tx, workspace: Workspace, payer: Member, bill_ids: Sequence[BillId]) -> list[Bill]:
    if not bill_ids:
        raise errors.NothingChosen()
    chosen = [_check_payable(tx, workspace, bill_id) for bill_id in dict.fromkeys(bill_ids)]
    if any(
        current_member(tx, workspace, member_id).id != payer.id for member_id in {b.member_id for b in chosen}
    ):
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
    is_own = own is not None and own.id == current_member(tx, workspace, member_id).id
    if is_own and not workspace.self_verify:
        raise errors.OwnPayment()
    return is_own


def _received_minor(workspace: Workspace, payment: Payment, received: Money | None) -> int:
    return payment.declared_minor if received is None else positive(workspace, received)


def _received_on(tx: Tx, workspace: Workspace, day: str | None) -> str:
    """The day on which money arrived: today, or the given one, which cannot be in the future."""
    today = local_date(tx.now, workspace.timezone)
    given = today if day is None else parse_date(day)
    if given > today:
        raise errors.DateTooLate(field="date", latest=today)
    return str(given)


def _claimed_ids(tx: Tx, payment: Payment) -> list[BillId]:
    return [row.bill_id for row in payments.unreleased(tx.conn, payment.id) if row.kind == "claim"]


def _release_and_settle(tx: Tx, payment: Payment) -> None:
    touched = settle.release(tx, payments.unreleased(tx.conn, payment.id))
    settle.recompute(tx, touched)
    settle.settle_credit(tx, payment.member_id)


def _post_received(
    tx: Tx, workspace: Workspace, actor: Actor, payment: Payment, kind: str, minor: int,
    method_id: MethodId | None,
) -> None:  # fmt: skip
    fresh = payments.get(tx.conn, workspace.id, payment.id)
    assert fresh is not None
    ledger.post(
        tx, workspace, actor, kind, Leg(*pot(payment, method_id), minor),
        Leg("receivable", payment.member_id, -minor), payment_id=payment.id, on=fresh.received_on,
    )  # fmt: skip
