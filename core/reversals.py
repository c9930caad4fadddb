"""Payments taken back: unverify a submission, cancel what was recorded, refund money.

The forward steps are in core/payments.py. A treasurer may; a reviewer their own decision, for a while.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from core import access, errors, ledger, payments, settle, states
from core.access import Role
from core.clock import parse_instant
from core.closing import require_unlocked
from core.db import Tx
from core.ledger import Leg
from core.models import Actor, BillId, Payment, PaymentId
from core.money import Money
from core.payment_changes import Before, BillChange, PaymentChanged, decision, load, positive
from core.store import bills
from core.store import payments as payment_rows


def unverify(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Take a verification back: the submission waits again, for what it declared and what is still open."""
    workspace, payment = load(tx, actor, payment_id)
    _check_undo(tx, actor, "unverify", payment)
    standing = payment_rows.unreleased(tx.conn, payment.id)
    _check_charges_unlocked(tx, payment, [row.bill_id for row in standing])
    before = Before(tx, payment.member_id, payment)
    touched = settle.release(tx, standing)
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
    rejected = payments.reject(tx, actor, payment_id, reason)
    first = {change.bill.id: change for change in (*rejected.changes, *taken_back.changes)}
    now = {change.bill.id: change.bill for change in (*taken_back.changes, *rejected.changes)}
    changes = tuple(
        BillChange(bill, first[bill_id].status_before, first[bill_id].settled_before)
        for bill_id, bill in now.items()
    )
    return replace(rejected, changes=changes, credit_before=taken_back.credit_before)


def cancel(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    """Take a recorded payment back, as if it had not been."""
    workspace, payment = load(tx, actor, payment_id)
    _check_undo(tx, actor, "cancel", payment)
    standing = payment_rows.unreleased(tx.conn, payment.id)
    _check_charges_unlocked(tx, payment, [row.bill_id for row in standing])
    before = Before(tx, payment.member_id, payment)
    touched = settle.release(tx, standing)
    states.apply(
        tx, "cancel", payment, received_minor=None, refunded_minor=0, received_on=None, **decision(tx, actor)
    )
    settle.recompute(tx, touched)
    ledger.reverse(tx, workspace, actor, "cancel", payment_id=payment.id)
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "cancel")


def refund(tx: Tx, actor: Actor, payment_id: PaymentId, amount: Money) -> PaymentChanged:
    """Give back part or all of a verified payment; what it settled opens again, credit and newest first.

    The money leaves the pot today, also when it arrived before these books began.
    """
    workspace, payment = load(tx, actor, payment_id)
    access.require(tx, actor, Role.TREASURER)
    states.check_possible("refund", payment)
    minor = positive(workspace, amount)
    if minor > payment.kept_minor:
        raise errors.RefundTooLarge(most=workspace.money(payment.kept_minor))
    before = Before(tx, payment.member_id, payment)
    touched = settle.release_down_to(tx, payment, payment.kept_minor - minor)
    _check_charges_unlocked(tx, payment, touched)  # money that no bill uses can always be given back
    states.apply(tx, "refund", payment, refunded_minor=payment.refunded_minor + minor)
    settle.recompute(tx, touched)
    ledger.post(
        tx, workspace, actor, "refund", Leg("receivable", payment.member_id, minor),
        Leg("pot", payment.confirmed_method_id or 0, -minor), payment_id=payment.id,
    )  # fmt: skip
    settle.settle_credit(tx, payment.member_id)
    return before.finish(tx, actor, workspace, payment.id, "refund")


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
