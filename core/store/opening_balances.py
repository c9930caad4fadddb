"""What of bills and payments is an opening balance."""

import sqlite3

from core.models import Bill, Payment
from core.store.members import PERSON
from core.store.rows import columns, one, value


def standing(conn: sqlite3.Connection, member_id: int) -> str | None:
    """The label of the member's opening bill or payment that was not voided or cancelled: B-12, P-0003."""
    bill = one(
        conn,
        Bill,
        f"""
        SELECT {columns(Bill)} FROM bills
        WHERE member_id IN {PERSON} AND kind = 'opening' AND status <> 'void'
        """,
        member=member_id,
    )
    if bill is not None:
        return bill.label
    payment = one(
        conn,
        Payment,
        f"""
        SELECT {columns(Payment)} FROM payments
        WHERE member_id IN {PERSON} AND funds = 'opening' AND status = 'verified'
            AND request_id GLOB 'opening:*'  -- history brought over from elsewhere is no opening balance
        """,
        member=member_id,
    )
    return None if payment is None else payment.label


def count_credits(conn: sqlite3.Connection, member_id: int) -> int:
    """How many opening credits the member ever had, cancelled ones included."""
    return int(value(
        conn,
        "SELECT count(*) FROM payments WHERE member_id = :member AND funds = 'opening'",
        member=member_id,
    ))  # fmt: skip
