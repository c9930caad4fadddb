"""The sums and look-ups of core/reports_web.py. Amounts are in minor units."""

import json
import sqlite3

from core.models import Payment
from core.store.rows import columns, many, value


def plan_sums(conn: sqlite3.Connection, period_id: int) -> list[tuple[str, str, int, int, int, int]]:
    """(title, status, bills, due, settled, waived) of a period, plans in their order, charges last."""
    return conn.execute(
        """
        SELECT title, status, count(*), sum(amount_minor - waived_minor), sum(settled_minor),
            sum(waived_minor)
        FROM bills WHERE billing_period_id = :period AND status <> 'void'
        GROUP BY coalesce(plan_id, -1), title, status ORDER BY coalesce(plan_id, 9999999), title
        """,
        {"period": period_id},
    ).fetchall()


def bill_marks(conn: sqlite3.Connection, period_id: int) -> tuple[int, int]:
    """Bills of a period whose payment was rejected, and those claimed or settled by payments without a picture."""
    row: tuple[int, int] = conn.execute(
        """
        SELECT count(*) FILTER (WHERE status = 'rejected'),
            count(*) FILTER (WHERE status IN ('paid', 'verified')
                AND EXISTS (SELECT 1 FROM allocations WHERE bill_id = bills.id AND released_at IS NULL)
                AND NOT EXISTS (
                    SELECT 1 FROM allocations JOIN proofs ON proofs.payment_id = allocations.payment_id
                    WHERE bill_id = bills.id AND released_at IS NULL))
        FROM bills WHERE billing_period_id = :period
        """,
        {"period": period_id},
    ).fetchall()[0]
    return row


def period_sums(conn: sqlite3.Connection, period_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Period → (due, settled) of all bills that are not void."""
    rows = conn.execute(
        """
        SELECT billing_period_id, sum(amount_minor - waived_minor), sum(settled_minor)
        FROM bills WHERE billing_period_id IN (SELECT value FROM json_each(:periods)) AND status <> 'void'
        GROUP BY billing_period_id
        """,
        {"periods": json.dumps(period_ids)},
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def waiting_sums(conn: sqlite3.Connection, workspace_id: int) -> tuple[int, int, str | None]:
    """How many submissions wait for review, their sum, and when the oldest was sent."""
    row: tuple[int, int, str | None] = conn.execute(
        """
        SELECT count(*), coalesce(sum(declared_minor), 0), min(submitted_at) FROM payments
        WHERE workspace_id = :workspace AND status = 'submitted'
        """,
        {"workspace": workspace_id},
    ).fetchall()[0]
    return row


def waiting(
    conn: sqlite3.Connection, workspace_id: int, member_id: int | None, *, after: int, limit: int
) -> list[Payment]:
    """Submissions that wait for review, oldest first; of one member or of all."""
    return many(
        conn,
        Payment,
        f"""
        SELECT {columns(Payment)} FROM payments
        WHERE workspace_id = :workspace AND status = 'submitted' AND id > :after
            AND (:member IS NULL OR member_id = :member)
        ORDER BY id LIMIT :limit
        """,
        workspace=workspace_id,
        member=member_id,
        after=after,
        limit=limit,
    )


def debtors(conn: sqlite3.Connection, period_id: int, limit: int) -> list[tuple[int, str, int, str]]:
    """(member, name, open, oldest due date) of those who owe for a period and have no claim waiting."""
    return conn.execute(
        """
        SELECT member_id, name, sum(amount_minor - settled_minor - waived_minor) AS open, min(due_on)
        FROM bills JOIN members ON members.id = member_id
        WHERE billing_period_id = :period AND status IN ('pending', 'rejected')
        GROUP BY member_id ORDER BY open DESC, member_id LIMIT :limit
        """,
        {"period": period_id, "limit": limit},
    ).fetchall()


def count_debtors(conn: sqlite3.Connection, period_id: int) -> int:
    return int(value(
        conn,
        """
        SELECT count(DISTINCT member_id) FROM bills
        WHERE billing_period_id = :period AND status IN ('pending', 'rejected')
        """,
        period=period_id,
    ))  # fmt: skip


def opened_notice(conn: sqlite3.Connection, period_id: int) -> tuple[str, str | None] | None:
    """Status of the newest opening notice of a period, and when it was sent."""
    rows = conn.execute(
        """
        SELECT status, sent_at FROM notices
        WHERE subject_type = 'period' AND subject_id = :period AND kind = 'opened' ORDER BY id DESC LIMIT 1
        """,
        {"period": period_id},
    ).fetchall()
    return rows[0] if rows else None


def reminded_at(conn: sqlite3.Connection, period_id: int) -> str | None:
    """When somebody was last reminded of a bill of the period."""
    found: str | None = value(
        conn,
        """
        SELECT max(reminders.created_at) FROM bills JOIN reminders ON bill_id = bills.id
        WHERE billing_period_id = :period AND reminders.status = 'sent'
        """,
        period=period_id,
    )
    return found


def oldest_due(conn: sqlite3.Connection, period_id: int) -> str | None:
    """The first due date of the bills of a period that are unpaid and not claimed."""
    found: str | None = value(
        conn,
        """
        SELECT min(due_on) FROM bills
        WHERE billing_period_id = :period AND status IN ('pending', 'rejected')
        """,
        period=period_id,
    )
    return found


def waiting_with_others(conn: sqlite3.Connection, workspace_id: int) -> dict[int, tuple[int, ...]]:
    """Member → their submissions that wait for review, for those with several."""
    rows = conn.execute(
        """
        SELECT member_id, json_group_array(id) FROM payments
        WHERE workspace_id = :workspace AND status = 'submitted' GROUP BY member_id HAVING count(*) > 1
        """,
        {"workspace": workspace_id},
    ).fetchall()
    return {member: tuple(sorted(json.loads(ids))) for member, ids in rows}


def earlier_payments(conn: sqlite3.Connection, member_id: int, before: int, limit: int) -> list[Payment]:
    """A member's payments before one, newest first."""
    return many(
        conn,
        Payment,
        f"""
        SELECT {columns(Payment)} FROM payments WHERE member_id = :member AND id < :before
        ORDER BY id DESC LIMIT :limit
        """,
        member=member_id,
        before=before,
        limit=limit,
    )


def newest_audit(conn: sqlite3.Connection, workspace_id: int) -> int:
    """The id of the newest line of the activity log: it moves whenever something was changed."""
    return int(value(
        conn,
        "SELECT coalesce(max(id), 0) FROM audit_log WHERE workspace_id = :workspace",
        workspace=workspace_id,
    ))  # fmt: skip


def history_of_payment(conn: sqlite3.Connection, payment_id: int) -> list[tuple[str, str, str, str]]:
    """(action, who, when, after as JSON) of everything that was done with a payment, oldest first."""
    return conn.execute(
        """
        SELECT action, done_by, done_at, after_json FROM audit_log
        WHERE subject_type = 'payment' AND subject_id = :payment ORDER BY id
        """,
        {"payment": payment_id},
    ).fetchall()
