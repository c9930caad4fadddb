"""notices (the outbox) and messages (which Discord message shows which subject)."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.models import Notice, NoticeId
from core.store.rows import change, columns, many, one, value

_NOTICE = columns(Notice)

# Waiting, and its time has come; what is for a channel that nobody has chosen yet waits without being due.
_DUE = """
    notices AS notice JOIN workspaces ON workspaces.id = workspace_id
    WHERE status = 'waiting' AND next_attempt_at <= :now AND CASE target
        WHEN 'announce' THEN announce_channel_id IS NOT NULL
        WHEN 'review' THEN review_channel_id IS NOT NULL
        WHEN 'admin' THEN coalesce(admin_channel_id, review_channel_id) IS NOT NULL
        ELSE 1 END
"""


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice to be sent now. Those of one lane go to one place, in order."""

    id: int
    workspace_id: int
    target: str
    target_id: int

    @property
    def lane(self) -> tuple[int, str, int]:
        return self.workspace_id, self.target, self.target_id


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


def due(conn: sqlite3.Connection, now: str, limit: int, busy: Collection[int] = ()) -> list[DueNotice]:
    """Waiting notices that are due and have a place to go, oldest first, without those in `busy`."""
    return many(
        conn,
        DueNotice,
        f"""
        SELECT notice.id, notice.workspace_id, notice.target, notice.target_id FROM {_DUE}
            AND notice.id NOT IN (SELECT value FROM json_each(:busy))
        ORDER BY +notice.id LIMIT :limit
        """,
        now=now,
        busy=json.dumps(list(busy)),
        limit=limit,
    )


def count_due(conn: sqlite3.Connection, now: str) -> int:
    return int(value(conn, f"SELECT count(*) FROM {_DUE}", now=now))


def wake_member(conn: sqlite3.Connection, member_id: int, now: str) -> None:
    """Make due what waits for this member, or for their account."""
    change(
        conn,
        """
        UPDATE notices SET next_attempt_at = :now
        WHERE status = 'waiting' AND error <> '' AND next_attempt_at > :now
            AND (target = 'member' AND target_id = :member OR target = 'user'
                AND target_id = (SELECT discord_id FROM members WHERE id = :member))
        """,
        member=member_id,
        now=now,
    )


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
        "status", "params", "parts_sent", "attempts", "attempted_at", "next_attempt_at", "error", "sent_at",
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
        INSERT INTO messages
            (workspace_id, kind, subject_type, subject_id, part, channel_id, message_id, posted_at)
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
