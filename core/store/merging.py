"""Merging two roster entries of one person: the merged one points at its successor. How rows are found
afterwards is `PERSON` in core/store/members.py."""

import sqlite3

from core.store.members import PERSON
from core.store.rows import change, value


def set_successor(conn: sqlite3.Connection, member_id: int, into_id: int) -> None:
    """Let the entry, and whatever was merged into it before, point at this one; its account is free again."""
    change(
        conn,
        """
        UPDATE members SET successor_id = :into, discord_id = NULL
        WHERE id = :member OR successor_id = :member
        """,
        member=member_id,
        into=into_id,
    )


def retarget_notices(conn: sqlite3.Connection, workspace_id: int, member_id: int, into_id: int) -> None:
    """What waits to be said to the merged entry is said to its successor."""
    change(
        conn,
        """
        UPDATE notices SET target_id = :into
        WHERE workspace_id = :workspace AND status = 'waiting' AND target = 'member' AND target_id = :member
        """,
        workspace=workspace_id,
        member=member_id,
        into=into_id,
    )


def rows_kept(conn: sqlite3.Connection, member_id: int) -> tuple[int, int]:
    """(bills that are not void, payments) of the person."""
    bills = value(
        conn, f"SELECT count(*) FROM bills WHERE member_id IN {PERSON} AND status <> 'void'", member=member_id
    )
    payments = value(conn, f"SELECT count(*) FROM payments WHERE member_id IN {PERSON}", member=member_id)
    return int(bills), int(payments)
