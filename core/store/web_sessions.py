"""sessions: web sign-ins."""

import sqlite3
from typing import TypeVar

from core.store.rows import change, insert, many, one, value

T = TypeVar("T")

_SESSION = (
    "id, workspace_id, discord_id, signed_in_with, user_agent, address, created_at, last_seen_at, expires_at"
)


def stamp(conn: sqlite3.Connection) -> tuple[int, int]:
    """A connection, and a number that differs for it as soon as any other has committed something."""
    found: int = value(conn, "SELECT data_version FROM pragma_data_version")
    return id(conn), found


def add(
    conn: sqlite3.Connection, *, workspace_id: int, token_sha256: str, discord_id: int | None,
    signed_in_with: str, user_agent: str, address: str, now: str, expires_at: str,
) -> int:  # fmt: skip
    return insert(
        conn,
        """
        INSERT INTO sessions (workspace_id, token_sha256, discord_id, signed_in_with, user_agent, address,
            created_at, last_seen_at, expires_at)
        VALUES (:workspace, :sha, :discord, :how, :agent, :address, :now, :now, :expires_at)
        """,
        workspace=workspace_id, sha=token_sha256, discord=discord_id, how=signed_in_with, agent=user_agent,
        address=address, now=now, expires_at=expires_at,
    )  # fmt: skip


def find(conn: sqlite3.Connection, cls: type[T], token_sha256: str, now: str) -> T | None:
    """The session of a cookie, unless its time is over."""
    return one(
        conn,
        cls,
        f"SELECT {_SESSION} FROM sessions WHERE token_sha256 = :sha AND expires_at > :now",
        sha=token_sha256,
        now=now,
    )


def of_person(
    conn: sqlite3.Connection, cls: type[T], workspace_id: int, discord_id: int | None, now: str
) -> list[T]:
    """A person's running sessions, the one used last first."""
    return many(
        conn,
        cls,
        f"""
        SELECT {_SESSION} FROM sessions
        WHERE workspace_id = :workspace AND discord_id IS :discord AND expires_at > :now
        ORDER BY last_seen_at DESC, id DESC
        """,
        workspace=workspace_id,
        discord=discord_id,
        now=now,
    )


def touch(conn: sqlite3.Connection, session_id: int, now: str, expires_at: str) -> None:
    change(
        conn,
        "UPDATE sessions SET last_seen_at = :now, expires_at = :expires_at WHERE id = :id",
        id=session_id,
        now=now,
        expires_at=expires_at,
    )


def remove(conn: sqlite3.Connection, session_id: int) -> int:
    return change(conn, "DELETE FROM sessions WHERE id = :id", id=session_id)


def remove_of_person(
    conn: sqlite3.Connection, workspace_id: int, discord_id: int | None, *, until: str = "9"
) -> int:
    """Remove a person's sessions that end before `until`; all of them without one. Returns how many."""
    return change(
        conn,
        """
        DELETE FROM sessions
        WHERE workspace_id = :workspace AND discord_id IS :discord AND expires_at <= :until
        """,
        workspace=workspace_id,
        discord=discord_id,
        until=until,
    )
