"""bills, bill_lines, waivers and billing_periods."""

import sqlite3
from collections.abc import Sequence
from datetime import date

from core.models import Bill, BillId, BillingPeriod, BillLine
from core.store.members import PERSON
from core.store.rows import change, columns, insert, many, one, value, values

_BILL = columns(Bill)
_BILL_B = columns(Bill, "bill")
_LINE = columns(BillLine)
_PERIOD = columns(BillingPeriod)

# A submission waits on the bill: a live claim of a payment that is submitted.
CLAIM_WAITS = """
    EXISTS (SELECT 1 FROM allocations JOIN payments ON payments.id = payment_id
            WHERE bill_id = bill.id AND kind = 'claim' AND released_at IS NULL AND payments.status = 'submitted')
"""

# What may be paid, claimed and settled by credit: something is missing, no claim waits, and the bill's
# month was opened (a bill that a retraction had to keep stays payable) or it belongs to no month.
PAYABLE = f"""
    bill.status IN ('pending', 'rejected')
    AND (bill.billing_period_id IS NULL
         OR (SELECT openings FROM billing_periods WHERE id = bill.billing_period_id) > 0)
    AND NOT {CLAIM_WAITS}
"""


def get(conn: sqlite3.Connection, workspace_id: int, bill_id: int) -> Bill | None:
    return one(
        conn,
        Bill,
        f"SELECT {_BILL} FROM bills WHERE id = :id AND workspace_id = :workspace",
        id=bill_id,
        workspace=workspace_id,
    )


def of_member(conn: sqlite3.Connection, member_id: int, *, limit: int = -1) -> list[Bill]:
    """A person's bills that are not void, merged entries included, newest due date first."""
    return many(
        conn,
        Bill,
        f"""
        SELECT {_BILL} FROM bills WHERE member_id IN {PERSON} AND status <> 'void'
        ORDER BY due_on DESC, id DESC LIMIT :limit
        """,
        member=member_id,
        limit=limit,
    )


def payable(conn: sqlite3.Connection, member_id: int) -> list[Bill]:
    """What the person can pay now, merged entries included, oldest due date first."""
    return many(
        conn,
        Bill,
        f"""
        SELECT {_BILL_B} FROM bills AS bill WHERE bill.member_id IN {PERSON} AND {PAYABLE}
        ORDER BY bill.due_on, bill.id
        """,
        member=member_id,
    )


def is_payable(conn: sqlite3.Connection, bill_id: int) -> bool:
    return bool(
        value(
            conn, f"SELECT EXISTS (SELECT 1 FROM bills AS bill WHERE bill.id = :id AND {PAYABLE})", id=bill_id
        )
    )


def last_id(conn: sqlite3.Connection) -> int:
    return int(value(conn, "SELECT coalesce(max(id), 0) FROM bills"))


def lines(conn: sqlite3.Connection, bill_id: int) -> list[BillLine]:
    return many(
        conn, BillLine, f"SELECT {_LINE} FROM bill_lines WHERE bill_id = :bill ORDER BY id", bill=bill_id
    )


def add(
    conn: sqlite3.Connection, *, workspace_id: int, member_id: int, kind: str, billing_period_id: int | None,
    title: str, amount_minor: int, due_on: str, covers_from: str, covers_to: str, now: str,
) -> BillId:  # fmt: skip
    """Add a bill that belongs to no subscription; those of subscriptions are issued in sets (store/issuing.py)."""
    return BillId(insert(
        conn,
        """
        INSERT INTO bills (workspace_id, member_id, kind, billing_period_id, title, amount_minor, status,
            due_on, covers_from, covers_to, created_at)
        VALUES (:workspace, :member, :kind, :period, :title, :amount, 'pending', :due_on, :covers_from,
            :covers_to, :now)
        """,
        workspace=workspace_id, member=member_id, kind=kind, period=billing_period_id, title=title,
        amount=amount_minor, due_on=due_on, covers_from=covers_from, covers_to=covers_to, now=now,
    ))  # fmt: skip


def add_line(
    conn: sqlite3.Connection, bill_id: int, *, kind: str, amount_minor: int, reason: str, by: str, now: str
) -> None:
    insert(
        conn,
        """
        INSERT INTO bill_lines (bill_id, kind, amount_minor, reason, created_by, created_at)
        VALUES (:bill, :kind, :amount, :reason, :by, :now)
        """,
        bill=bill_id, kind=kind, amount=amount_minor, reason=reason, by=by, now=now,
    )  # fmt: skip


def recompute(conn: sqlite3.Connection, bill_id: int) -> None:
    """Set a bill's sums and status from its lines, waivers and allocations (design: what is still missing)."""
    change(
        conn,
        """
        WITH sums AS (
            SELECT
                (SELECT coalesce(sum(amount_minor), 0) FROM bill_lines WHERE bill_id = :bill) AS amount,
                (SELECT coalesce(sum(allocations.amount_minor), 0)
                 FROM allocations JOIN payments ON payments.id = payment_id
                 WHERE bill_id = :bill AND released_at IS NULL AND payments.status = 'verified') AS settled,
                (SELECT coalesce(sum(amount_minor), 0) FROM waivers
                 WHERE bill_id = :bill AND reversed_at IS NULL) AS waived
        ), newest AS (
            SELECT payments.status AS status, released_at
            FROM allocations JOIN payments ON payments.id = payment_id
            WHERE bill_id = :bill AND kind = 'claim' ORDER BY allocations.id DESC LIMIT 1
        )
        UPDATE bills SET amount_minor = sums.amount, settled_minor = sums.settled, waived_minor = sums.waived,
            status = CASE
                WHEN bills.status = 'void' THEN 'void'
                WHEN sums.settled + sums.waived >= sums.amount THEN 'verified'
                WHEN EXISTS (SELECT 1 FROM allocations JOIN payments ON payments.id = payment_id
                    WHERE bill_id = :bill AND kind = 'claim' AND released_at IS NULL
                        AND payments.status = 'submitted') THEN 'paid'
                WHEN (SELECT status = 'rejected' AND released_at IS NULL FROM newest) THEN 'rejected'
                ELSE 'pending' END
        FROM sums WHERE bills.id = :bill
        """,
        bill=bill_id,
    )


def room(conn: sqlite3.Connection, bill_id: int) -> int:
    """How much of the bill allocations may cover: its lines minus its waivers; nothing when it is void."""
    return int(value(
        conn,
        """
        SELECT iif(status = 'void', 0,
            (SELECT coalesce(sum(amount_minor), 0) FROM bill_lines WHERE bill_id = bills.id)
            - (SELECT coalesce(sum(amount_minor), 0) FROM waivers
               WHERE bill_id = bills.id AND reversed_at IS NULL))
        FROM bills WHERE id = :bill
        """,
        bill=bill_id,
    ))  # fmt: skip


def set_void(conn: sqlite3.Connection, bill_id: int) -> int:
    return change(conn, "UPDATE bills SET status = 'void' WHERE id = :id AND status <> 'void'", id=bill_id)


def period(conn: sqlite3.Connection, workspace_id: int, period: str) -> BillingPeriod | None:
    return one(
        conn,
        BillingPeriod,
        f"SELECT {_PERIOD} FROM billing_periods WHERE workspace_id = :workspace AND period = :period",
        workspace=workspace_id,
        period=period,
    )


def period_by_id(conn: sqlite3.Connection, period_id: int) -> BillingPeriod | None:
    return one(conn, BillingPeriod, f"SELECT {_PERIOD} FROM billing_periods WHERE id = :id", id=period_id)


def periods(conn: sqlite3.Connection, workspace_id: int, statuses: Sequence[str]) -> list[BillingPeriod]:
    """The workspace's periods in one of the statuses, oldest first."""
    found = many(
        conn,
        BillingPeriod,
        f"SELECT {_PERIOD} FROM billing_periods WHERE workspace_id = :workspace ORDER BY period",
        workspace=workspace_id,
    )
    return [row for row in found if row.status in statuses]


def covering(conn: sqlite3.Connection, subscription_id: int, first: date, last: date) -> Bill | None:
    """The bill of a subscription that covers a span already."""
    return one(
        conn,
        Bill,
        f"""
        SELECT {_BILL} FROM bills
        WHERE subscription_id = :subscription AND status <> 'void' AND covers_from <= :last AND covers_to >= :first
        """,
        subscription=subscription_id,
        first=str(first),
        last=str(last),
    )


def mark_payable(conn: sqlite3.Connection, period_id: int) -> None:
    """Let the bills of a period that was never opened be paid: it counts as opened once."""
    change(conn, "UPDATE billing_periods SET openings = 1 WHERE id = :id AND openings = 0", id=period_id)


def draft_period(conn: sqlite3.Connection, workspace_id: int, period: str) -> None:
    """Make sure that the period has its row."""
    conn.execute(
        """
        INSERT INTO billing_periods (workspace_id, period, status) VALUES (:workspace, :period, 'draft')
        ON CONFLICT (workspace_id, period) DO NOTHING
        """,
        {"workspace": workspace_id, "period": period},
    )


def open_period(conn: sqlite3.Connection, period_id: int, by: str, now: str) -> int:
    return change(
        conn,
        """
        UPDATE billing_periods SET status = 'open', openings = openings + 1, opened_by = :by, opened_at = :now
        WHERE id = :id AND status = 'draft'
        """,
        id=period_id,
        by=by,
        now=now,
    )


def retract_period(conn: sqlite3.Connection, period_id: int, by: str, now: str) -> int:
    return change(
        conn,
        """
        UPDATE billing_periods SET status = 'draft', retracted_by = :by, retracted_at = :now
        WHERE id = :id AND status = 'open'
        """,
        id=period_id,
        by=by,
        now=now,
    )


def close_period(conn: sqlite3.Connection, period_id: int, by: str, now: str) -> int:
    return change(
        conn,
        """
        UPDATE billing_periods SET status = 'closed', closed_by = :by, closed_at = :now
        WHERE id = :id AND status = 'open'
        """,
        id=period_id,
        by=by,
        now=now,
    )


def reopen_period(conn: sqlite3.Connection, period_id: int) -> int:
    return change(
        conn,
        """
        UPDATE billing_periods SET status = 'open', closed_by = NULL, closed_at = NULL
        WHERE id = :id AND status = 'closed'
        """,
        id=period_id,
    )


def unpaid_minor(conn: sqlite3.Connection, period_id: int) -> int:
    """What is still missing on a period's bills, claims included, in minor units."""
    return int(value(
        conn,
        """
        SELECT coalesce(sum(amount_minor - settled_minor - waived_minor), 0) FROM bills
        WHERE billing_period_id = :period AND status IN ('pending', 'paid', 'rejected')
        """,
        period=period_id,
    ))  # fmt: skip


def claims_waiting(conn: sqlite3.Connection, period_id: int) -> int:
    """How many submissions wait for review on a period's bills."""
    return int(value(
        conn,
        """
        SELECT count(DISTINCT payment_id) FROM bills JOIN allocations ON bill_id = bills.id
            JOIN payments ON payments.id = payment_id
        WHERE billing_period_id = :period AND bills.status = 'paid' AND released_at IS NULL
            AND allocations.kind = 'claim' AND payments.status = 'submitted'
        """,
        period=period_id,
    ))  # fmt: skip


def ids_of_payment(conn: sqlite3.Connection, payment_id: int) -> list[BillId]:
    """Every bill that the payment ever touched, oldest due date first."""
    return values(
        conn,
        """
        SELECT id FROM bills WHERE id IN (SELECT bill_id FROM allocations WHERE payment_id = :payment)
        ORDER BY due_on, id
        """,
        payment=payment_id,
    )
