"""Which notices are about a period, and for whom they are."""

import sqlite3

from core.models import Notice
from core.store.rows import columns


def of_period(
    conn: sqlite3.Connection, workspace_id: int, period_id: int
) -> list[tuple[Notice, str | None, int | None]]:
    """Notices about a period or with a bill of it, oldest first, each with its member's name and account."""
    rows = conn.execute(
        f"""
        SELECT {columns(Notice, "notice")}, members.name, members.discord_id
        FROM (
            SELECT id FROM notices WHERE subject_type = 'period' AND subject_id = :period
            UNION ALL
            SELECT reminder.id FROM notices AS reminder
            WHERE workspace_id = :workspace AND kind IN ('overdue', 'overdue_list') AND EXISTS (
                SELECT 1 FROM json_each(reminder.params, '$.bills') JOIN bills ON bills.id = value
                WHERE billing_period_id = :period)
        ) AS wanted JOIN notices AS notice ON notice.id = wanted.id
            LEFT JOIN members ON notice.target = 'member' AND members.id = notice.target_id
        WHERE notice.workspace_id = :workspace
        ORDER BY notice.id
        """,
        {"workspace": workspace_id, "period": period_id},
    ).fetchall()
    return [(Notice(*row[:-2]), row[-2], row[-1]) for row in rows]


def announced(conn: sqlite3.Connection, key: str) -> tuple[int, int]:
    """How many notices of an opening there are, the first one and repeats, and how many of them wait."""
    row: tuple[int, int] = conn.execute(
        """
        SELECT count(*), coalesce(sum(status = 'waiting'), 0) FROM notices
        WHERE dedupe_key = :key OR dedupe_key >= :key || ':again' AND dedupe_key < :key || ':agaio'
        """,
        {"key": key},
    ).fetchall()[0]
    return row
