"""waivers."""

import sqlite3

from core.store.rows import change, insert


def add(conn: sqlite3.Connection, bill_id: int, minor: int, reason: str, by: str, now: str) -> int:
    return insert(
        conn,
        """
        INSERT INTO waivers (bill_id, amount_minor, reason, created_by, created_at)
        VALUES (:bill, :minor, :reason, :by, :now)
        """,
        bill=bill_id, minor=minor, reason=reason, by=by, now=now,
    )  # fmt: skip


def standing(conn: sqlite3.Connection, workspace_id: int, waiver_id: int) -> tuple[int, int] | None:
    """(bill, minor units) of a waiver that was not taken back."""
    rows = conn.execute(
        """
        SELECT bill_id, waivers.amount_minor FROM waivers JOIN bills ON bills.id = bill_id
        WHERE waivers.id = :id AND reversed_at IS NULL AND workspace_id = :workspace
        """,
        {"id": waiver_id, "workspace": workspace_id},
    ).fetchall()
    return (rows[0][0], rows[0][1]) if rows else None


def reverse(conn: sqlite3.Connection, waiver_id: int, now: str) -> int:
    return change(
        conn,
        "UPDATE waivers SET reversed_at = :now WHERE id = :id AND reversed_at IS NULL",
        id=waiver_id,
        now=now,
    )
