"""link_tokens."""

import sqlite3
from typing import TypeVar

from core.store.rows import change, insert, one

T = TypeVar("T")


def add(
    conn: sqlite3.Connection, *, workspace_id: int, purpose: str, token_sha256: str, member_id: int | None,
    discord_id: int | None, by: str, now: str, expires_at: str,
) -> int:  # fmt: skip
    return insert(
        conn,
        """
        INSERT INTO link_tokens
            (workspace_id, purpose, token_sha256, member_id, discord_id, created_by, created_at, expires_at)
        VALUES (:workspace, :purpose, :sha, :member, :discord, :by, :now, :expires_at)
        """,
        workspace=workspace_id, purpose=purpose, sha=token_sha256, member=member_id, discord=discord_id,
        by=by, now=now, expires_at=expires_at,
    )  # fmt: skip


def find(conn: sqlite3.Connection, cls: type[T], purpose: str, token_sha256: str) -> T | None:
    return one(
        conn,
        cls,
        """
        SELECT id, workspace_id, purpose, member_id, discord_id, expires_at, used_at FROM link_tokens
        WHERE token_sha256 = :sha AND purpose = :purpose
        """,
        sha=token_sha256,
        purpose=purpose,
    )


def spend(conn: sqlite3.Connection, token_id: int, now: str) -> int:
    """Mark a link used; returns 0 when it was used before or is too old."""
    return change(
        conn,
        "UPDATE link_tokens SET used_at = :now WHERE id = :id AND used_at IS NULL AND expires_at > :now",
        id=token_id,
        now=now,
    )


def end_older(
    conn: sqlite3.Connection, workspace_id: int, purpose: str, discord_id: int | None, now: str
) -> None:
    change(
        conn,
        """
        UPDATE link_tokens SET expires_at = :now
        WHERE workspace_id = :workspace AND discord_id IS :discord AND purpose = :purpose AND used_at IS NULL
            AND expires_at > :now
        """,
        workspace=workspace_id,
        purpose=purpose,
        discord=discord_id,
        now=now,
    )
