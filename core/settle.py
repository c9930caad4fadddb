"""How money settles bills: claims, credit, and what happens when either is taken back (design: allocation).

Everything here runs inside the transaction of a use case. `recompute` brings each touched bill's sums and
status up to date; `settle_credit` then sees to it that nobody has both credit and something open.
"""

from collections.abc import Iterable

from core.db import Tx
from core.models import Allocation, Bill, BillId, MemberId, Payment, PaymentId
from core.store import bills, payments


def recompute(tx: Tx, bill_ids: Iterable[BillId]) -> None:
    for bill_id in sorted(set(bill_ids)):
        bills.recompute(tx.conn, bill_id)


def settle_credit(tx: Tx, member_id: MemberId) -> int:
    """Use the member's credit on what is payable, oldest due date first; returns the minor units used."""
    used = 0
    credits = payments.with_credit(tx.conn, member_id)
    if not credits:
        return 0
    left = {payment.id: payment.kept_minor - payment.allocated_minor for payment in credits}
    for bill in bills.payable(tx.conn, member_id):
        missing = bill.open_minor
        for payment in credits:
            part = min(missing, left[payment.id])
            if part:
                payments.allocate(tx.conn, payment.id, bill.id, "credit", part, tx.now_text)
                left[payment.id] -= part
                missing -= part
                used += part
        bills.recompute(tx.conn, bill.id)
        if not any(left.values()):
            break
    return used


def claim(tx: Tx, payment_id: PaymentId, chosen: Iterable[Bill], minor: int) -> int:
    """Put up to `minor` of a payment on the chosen bills, oldest due date first; returns what is left over."""
    for bill in sorted(chosen, key=lambda bill: (bill.due_on, bill.id)):
        part = min(minor, bill.open_minor)
        if part:
            payments.allocate(tx.conn, payment_id, bill.id, "claim", part, tx.now_text)
            minor -= part
    return minor


def release(tx: Tx, allocations: Iterable[Allocation]) -> list[BillId]:
    """Release allocations; returns the bills they were on. The caller recomputes those."""
    touched = []
    for allocation in allocations:
        payments.release(tx.conn, allocation, tx.now_text)
        touched.append(allocation.bill_id)
    return touched


def release_down_to(tx: Tx, payment: Payment, minor: int) -> list[BillId]:
    """Release until at most `minor` of the payment is allocated: credit first, newest first (design)."""
    excess = payment.allocated_minor - minor
    standing = payments.unreleased(tx.conn, payment.id)
    touched: list[BillId] = []
    for allocation in sorted(standing, key=lambda row: (row.kind != "credit", -row.id)):
        if excess <= 0:
            break
        touched += release(tx, [allocation])
        keep = max(0, allocation.amount_minor - excess)
        if keep:
            payments.allocate(tx.conn, payment.id, allocation.bill_id, allocation.kind, keep, tx.now_text)
        excess -= allocation.amount_minor - keep
    return touched


def reclaim(tx: Tx, payment: Payment) -> list[BillId]:
    """Claim again what the submission declared and what is still open; returns the bills it now claims."""
    declared = dict.fromkeys(
        row.bill_id for row in payments.allocations(tx.conn, payment.id) if row.kind == "claim"
    )
    free = [
        bill
        for bill_id in declared
        if bills.is_payable(tx.conn, bill_id) and (bill := bills.get(tx.conn, payment.workspace_id, bill_id))
    ]
    claim(tx, payment.id, free, payment.declared_minor)
    return [bill.id for bill in free]


def clip_claim(tx: Tx, bill_id: BillId) -> None:
    """Cut the allocations on a bill down to what it now asks for: the newest give way first.

    Called after a bill was lowered, waived or voided, and before it is recomputed. What a verified payment
    gets back becomes credit; what a waiting one declared too much becomes credit when it is verified.
    """
    room = bills.room(tx.conn, bill_id)
    standing = payments.live_on_bill(tx.conn, bill_id)
    excess = sum(row.amount_minor for row in standing) - room
    for allocation in sorted(standing, key=lambda row: (row.kind != "credit", -row.id)):
        if excess <= 0:
            break
        release(tx, [allocation])
        keep = max(0, allocation.amount_minor - excess)
        if keep:
            payments.allocate(tx.conn, allocation.payment_id, bill_id, allocation.kind, keep, tx.now_text)
        excess -= allocation.amount_minor - keep
