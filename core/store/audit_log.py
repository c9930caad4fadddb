"""audit_log."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from core.store.rows import insert, value

CHAINED = (
    "workspace_id", "action", "subject_type", "subject_id", "before_json", "after_json", "done_by", "done_at",
)  # fmt: skip


def head(conn: sqlite3.Connection, workspace_id: int) -> str | None:
    found: str | None = value(
        conn,
        "SELECT hash FROM audit_log WHERE workspace_id = :workspace ORDER BY id DESC LIMIT 1",
        workspace=workspace_id,
    )
    return found


def add(conn: sqlite3.Connection, row: dict[str, Any]) -> int:
    return insert(
        conn,
        """
        INSERT INTO audit_log (workspace_id, action, subject_type, subject_id, before_json, after_json,
            done_by, done_at, previous_hash, hash)
        VALUES (:workspace_id, :action, :subject_type, :subject_id, :before_json, :after_json,
            :done_by, :done_at, :previous_hash, :hash)
        """,
        **row,
    )


def chain(conn: sqlite3.Connection, workspace_id: int) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """Each row of a chain in order: id, previous hash, hash, and what the hash was made of."""
    cursor = conn.execute(
        """
        SELECT id, previous_hash, hash, workspace_id, action, subject_type, subject_id, before_json,
            after_json, done_by, done_at
        FROM audit_log WHERE workspace_id = :workspace ORDER BY id
        """,
        {"workspace": workspace_id},
    )
    for row in cursor:
        yield row[0], row[1], row[2], dict(zip(CHAINED, row[3:], strict=True))
