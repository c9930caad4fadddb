"""audit_log."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.store.rows import columns, insert, one, value

CHAINED = (
    "workspace_id", "action", "subject_type", "subject_id", "before_json", "after_json", "done_by", "done_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line as it is stored, without its hashes."""

    id: int
    workspace_id: int
    action: str
    subject_type: str
    subject_id: int
    before_json: str
    after_json: str
    done_by: str
    done_at: str


def get(conn: sqlite3.Connection, workspace_id: int, audit_id: int) -> AuditLine | None:
    return one(
        conn,
        AuditLine,
        f"SELECT {columns(AuditLine)} FROM audit_log WHERE id = :id AND workspace_id = :workspace",
        id=audit_id,
        workspace=workspace_id,
    )


def workspace_of(conn: sqlite3.Connection, audit_id: int) -> int | None:
    found: int | None = value(conn, "SELECT workspace_id FROM audit_log WHERE id = :id", id=audit_id)
    return found


def newest(conn: sqlite3.Connection, line: AuditLine) -> int:
    """The newest line that says the same of the same subject."""
    return int(value(
        conn,
        """
        SELECT max(id) FROM audit_log WHERE subject_type = :type AND subject_id = :id AND action = :action
            AND workspace_id = :workspace
        """,
        type=line.subject_type, id=line.subject_id, action=line.action, workspace=line.workspace_id,
    ))  # fmt: skip


def undone_by(conn: sqlite3.Connection, audit_id: int) -> str | None:
    """Who took the line back, if anybody did."""
    found: str | None = value(
        conn,
        """
        SELECT done_by FROM audit_log
        WHERE subject_type = 'audit' AND subject_id = :id AND action = 'action.undo'
        """,
        id=audit_id,
    )
    return found


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
