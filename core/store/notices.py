"""notices (the outbox) and messages (which Discord message shows which subject)."""

import sqlite3
from typing import Any

from core.models import Notice, NoticeId
from core.store.rows import change, columns, many, one, value

_NOTICE = columns(Notice)


def post(conn: sqlite3.Connection, row: dict[str, Any]) -> NoticeId | None:
    """Queue a message that is sent once; None when one with that dedupe key was queued before."""
    rows = conn.execute(
        """
        INSERT INTO notices (workspace_id, dedupe_key, op, kind, target, target_id, subject_type, subject_id,
            params, status, next_attempt_at, created_at)
        VALUES (:workspace_id, :dedupe_key, 'post', :kind, :target, :target_id, :subject_type, :subject_id,
            :params, 'waiting', :now, :now)
        ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
        """,
        row,
    ).fetchall()
    return NoticeId(rows[0][0]) if rows else None


def edit(conn: sqlite3.Connection, row: dict[str, Any]) -> None:
    """Queue showing the newest state of a subject; asking again while one waits changes only its revision."""
    conn.execute(
        """
        INSERT INTO notices (workspace_id, dedupe_key, op, kind, target, target_id, subject_type, subject_id,
            params, status, next_attempt_at, created_at)
        VALUES (:workspace_id, :dedupe_key, 'edit', :kind, :target, :target_id, :subject_type, :subject_id,
            :params, 'waiting', :now, :now)
        ON CONFLICT (dedupe_key) DO UPDATE SET revision = revision + 1, status = 'waiting', attempts = 0,
            parts_sent = 0, next_attempt_at = :now, error = ''
        """,
        row,
    )


def get(conn: sqlite3.Connection, notice_id: int) -> Notice | None:
    return one(conn, Notice, f"SELECT {_NOTICE} FROM notices WHERE id = :id", id=notice_id)


def by_key(conn: sqlite3.Connection, dedupe_key: str) -> Notice | None:
    return one(conn, Notice, f"SELECT {_NOTICE} FROM notices WHERE dedupe_key = :key", key=dedupe_key)


def due(conn: sqlite3.Connection, now: str, limit: int) -> list[Notice]:
    """Waiting notices whose time has come, oldest first."""
    return many(
        conn,
        Notice,
        f"""
        SELECT {_NOTICE} FROM notices WHERE status = 'waiting' AND next_attempt_at <= :now
        ORDER BY next_attempt_at, id LIMIT :limit
        """,
        now=now,
        limit=limit,
    )


def count_due(conn: sqlite3.Connection, now: str) -> int:
    return int(value(
        conn, "SELECT count(*) FROM notices WHERE status = 'waiting' AND next_attempt_at <= :now", now=now
    ))  # fmt: skip


def of_status(conn: sqlite3.Connection, workspace_id: int, status: str, limit: int) -> list[Notice]:
    return many(
        conn,
        Notice,
        f"""
        SELECT {_NOTICE} FROM notices WHERE workspace_id = :workspace AND status = :status
        ORDER BY id DESC LIMIT :limit
        """,
        workspace=workspace_id,
        status=status,
        limit=limit,
    )


def counts(conn: sqlite3.Connection, workspace_id: int) -> dict[str, int]:
    return dict(conn.execute(
        "SELECT status, count(*) FROM notices WHERE workspace_id = :workspace GROUP BY status",
        {"workspace": workspace_id},
    ).fetchall())  # fmt: skip


def of_key_prefix(conn: sqlite3.Connection, prefix: str) -> list[Notice]:
    return many(
        conn,
        Notice,
        f"SELECT {_NOTICE} FROM notices WHERE dedupe_key >= :low AND dedupe_key < :high ORDER BY id",
        low=prefix,
        high=prefix + "\U0010ffff",
    )


def update(conn: sqlite3.Connection, notice_id: int, *, revision: int, **fields: Any) -> int:
    """Change a notice unless it was asked for again meanwhile; returns 0 then."""
    assert fields.keys() <= {
        "status", "parts_sent", "attempts", "attempted_at", "next_attempt_at", "error", "sent_at",
    }  # fmt: skip
    assignments = ", ".join(f"{name} = :{name}" for name in fields)
    return change(
        conn,
        f"UPDATE notices SET {assignments} WHERE id = :id AND revision = :revision",
        id=notice_id,
        revision=revision,
        **fields,
    )


def message(
    conn: sqlite3.Connection, kind: str, subject_type: str, subject_id: int, part: int = 0
) -> tuple[int, int] | None:
    """(channel, message) that shows the subject, or None."""
    rows = conn.execute(
        """
        SELECT channel_id, message_id FROM messages
        WHERE kind = :kind AND subject_type = :type AND subject_id = :id AND part = :part
        """,
        {"kind": kind, "type": subject_type, "id": subject_id, "part": part},
    ).fetchall()
    return (rows[0][0], rows[0][1]) if rows else None


def remember_message(conn: sqlite3.Connection, row: dict[str, Any]) -> None:
    conn.execute(
        """
        INSERT INTO messages (workspace_id, kind, subject_type, subject_id, part, channel_id, message_id, posted_at)
        VALUES (:workspace_id, :kind, :subject_type, :subject_id, :part, :channel_id, :message_id, :posted_at)
        ON CONFLICT (kind, subject_type, subject_id, part) DO UPDATE
            SET channel_id = :channel_id, message_id = :message_id, posted_at = :posted_at
        """,
        row,
    )


def forget_message(conn: sqlite3.Connection, kind: str, subject_type: str, subject_id: int) -> None:
    conn.execute(
        "DELETE FROM messages WHERE kind = :kind AND subject_type = :type AND subject_id = :id",
        {"kind": kind, "type": subject_type, "id": subject_id},
    )
