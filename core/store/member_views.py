"""The sums and look-ups of core/reports_members.py."""

import sqlite3

from core.store.members import COUNTING
from core.store.rows import value


def billed_plans(conn: sqlite3.Connection, period_id: int) -> list[tuple[int, int, int, int]]:
    """(plan, bills, smallest, largest) of an opened period; amounts in minor units."""
    return conn.execute(
        """
        SELECT plan_id, count(*), min(amount_minor), max(amount_minor) FROM bills
        WHERE billing_period_id = :period AND status <> 'void' AND plan_id IS NOT NULL
        GROUP BY plan_id ORDER BY plan_id
        """,
        {"period": period_id},
    ).fetchall()


def billed(conn: sqlite3.Connection, period_id: int) -> tuple[int, int]:
    """(sum in minor units, members) of a period's bills that are not void."""
    row: tuple[int, int] = conn.execute(
        f"""
        SELECT coalesce(sum(amount_minor), 0), count(DISTINCT {COUNTING.format(id="member_id")}) FROM bills
        WHERE billing_period_id = :period AND status <> 'void'
        """,
        {"period": period_id},
    ).fetchall()[0]
    return row


def due_on(conn: sqlite3.Connection, period_id: int) -> str | None:
    """The last day to pay of most bills of a period."""
    found: str | None = value(
        conn,
        """
        SELECT due_on FROM bills WHERE billing_period_id = :period AND status <> 'void'
        GROUP BY due_on ORDER BY count(*) DESC, due_on LIMIT 1
        """,
        period=period_id,
    )
    return found


def has_held_notices(conn: sqlite3.Connection, member_id: int) -> bool:
    return bool(value(
        conn,
        """
        SELECT EXISTS (SELECT 1 FROM notices
            WHERE status = 'waiting' AND target = 'member' AND target_id = :member AND error <> '')
        """,
        member=member_id,
    ))  # fmt: skip


def workspace_of_member(conn: sqlite3.Connection, member_id: int) -> int | None:
    found: int | None = value(conn, "SELECT workspace_id FROM members WHERE id = :id", id=member_id)
    return found
