"""api_tokens, and idempotency_keys: what programs that use the API leave behind."""

import sqlite3
from typing import TypeVar

from core.store.rows import change, insert, many, one, value

T = TypeVar("T")

_COLUMNS = (
    "id, workspace_id, name, scope, discord_id, created_by, created_at, expires_at, last_used_at, revoked_at"
)


def scope(conn: sqlite3.Connection, workspace_id: int, token_id: int, now: str) -> str | None:
    """The scope of a token that counts now; None when it was revoked or has expired."""
    found: str | None = value(
        conn,
        """
        SELECT scope FROM api_tokens
        WHERE id = :id AND workspace_id = :workspace AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > :now)
        """,
        id=token_id,
        workspace=workspace_id,
        now=now,
    )
    return found


def add(
    conn: sqlite3.Connection, *, workspace_id: int, name: str, scope: str, token_sha256: str,
    discord_id: int | None, by: str, now: str, expires_at: str | None,
) -> int:  # fmt: skip
    return insert(
        conn,
        """
        INSERT INTO api_tokens
            (workspace_id, name, scope, token_sha256, discord_id, created_by, created_at, expires_at)
        VALUES (:workspace, :name, :scope, :sha, :discord, :by, :now, :expires_at)
        """,
        workspace=workspace_id, name=name, scope=scope, sha=token_sha256, discord=discord_id, by=by, now=now,
        expires_at=expires_at,
    )  # fmt: skip


def find(conn: sqlite3.Connection, cls: type[T], token_sha256: str, now: str) -> T | None:
    """The token of a secret, unless it was revoked or has expired."""
    return one(
        conn,
        cls,
        f"""
        SELECT {_COLUMNS} FROM api_tokens
        WHERE token_sha256 = :sha AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
        """,
        sha=token_sha256,
        now=now,
    )


def get(conn: sqlite3.Connection, cls: type[T], workspace_id: int, token_id: int) -> T | None:
    return one(
        conn,
        cls,
        f"SELECT {_COLUMNS} FROM api_tokens WHERE id = :id AND workspace_id = :workspace",
        id=token_id,
        workspace=workspace_id,
    )


def standing(conn: sqlite3.Connection, cls: type[T], workspace_id: int, now: str) -> list[T]:
    """The workspace's tokens that count now, oldest first."""
    return many(
        conn,
        cls,
        f"""
        SELECT {_COLUMNS} FROM api_tokens
        WHERE workspace_id = :workspace AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
        ORDER BY id
        """,
        workspace=workspace_id,
        now=now,
    )


def touch(conn: sqlite3.Connection, token_id: int, now: str) -> None:
    change(conn, "UPDATE api_tokens SET last_used_at = :now WHERE id = :id", id=token_id, now=now)


def revoke(conn: sqlite3.Connection, token_id: int, by: str, now: str) -> int:
    return change(
        conn,
        "UPDATE api_tokens SET revoked_by = :by, revoked_at = :now WHERE id = :id AND revoked_at IS NULL",
        id=token_id,
        by=by,
        now=now,
    )


# --- idempotency keys --------------------------------------------------------------------------------------


def answered(
    conn: sqlite3.Connection, workspace_id: int, asked_by: str, request_key: str
) -> tuple[str, int, str] | None:
    """(request digest, status, body) of what was answered to this key before."""
    rows = conn.execute(
        """
        SELECT request_sha256, status, body FROM idempotency_keys
        WHERE workspace_id = :workspace AND asked_by = :by AND request_key = :key
        """,
        {"workspace": workspace_id, "by": asked_by, "key": request_key},
    ).fetchall()
    return rows[0] if rows else None


def keep_answer(
    conn: sqlite3.Connection, *, workspace_id: int, asked_by: str, request_key: str, request_sha256: str,
    status: int, body: str, now: str,
) -> None:  # fmt: skip
    insert(
        conn,
        """
        INSERT INTO idempotency_keys
            (workspace_id, asked_by, request_key, request_sha256, status, body, created_at)
        VALUES (:workspace, :by, :key, :sha, :status, :body, :now)
        """,
        workspace=workspace_id, by=asked_by, key=request_key, sha=request_sha256, status=status, body=body,
        now=now,
    )  # fmt: skip


def forget_answers(conn: sqlite3.Connection, before: str) -> int:
    """Remove what was answered before this instant; returns how many."""
    return change(conn, "DELETE FROM idempotency_keys WHERE created_at < :before", before=before)
