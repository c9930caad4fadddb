"""Reading and writing a whole roster at once, for its import."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from core.models import Member
from core.store.rows import columns, many, value


def members(conn: sqlite3.Connection, workspace_id: int) -> list[Member]:
    """Every entry of the roster that was not merged into another, those who left included."""
    return many(
        conn,
        Member,
        f"""
        SELECT {columns(Member)} FROM members
        WHERE workspace_id = :workspace AND successor_id IS NULL ORDER BY id
        """,
        workspace=workspace_id,
    )


def merged(conn: sqlite3.Connection, workspace_id: int) -> list[Member]:
    """The entries that were merged into another."""
    return many(
        conn,
        Member,
        f"""
        SELECT {columns(Member)} FROM members
        WHERE workspace_id = :workspace AND successor_id IS NOT NULL ORDER BY id
        """,
        workspace=workspace_id,
    )


def last_member_id(conn: sqlite3.Connection) -> int:
    return int(value(conn, "SELECT coalesce(max(id), 0) FROM members"))


def last_subscription_id(conn: sqlite3.Connection) -> int:
    return int(value(conn, "SELECT coalesce(max(id), 0) FROM subscriptions"))


def last_pause_id(conn: sqlite3.Connection) -> int:
    return int(value(conn, "SELECT coalesce(max(id), 0) FROM subscription_pauses"))


def add_members(conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    conn.executemany(
        """
        INSERT INTO members (id, workspace_id, name, name_key, email, email_key, note, created_at)
        VALUES (:id, :workspace, :name, :name_key, :email, :email_key, :note, :now)
        """,
        rows,
    )


def clear_emails(conn: sqlite3.Connection, member_ids: Iterable[int]) -> None:
    """Make room, so that members of one file can exchange addresses."""
    conn.executemany(
        "UPDATE members SET email = NULL, email_key = NULL WHERE id = ?", ((id_,) for id_ in member_ids)
    )


def update_members(conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    conn.executemany(
        """
        UPDATE members SET name = :name, name_key = :name_key, email = :email, email_key = :email_key,
            note = :note
        WHERE id = :id
        """,
        rows,
    )


def add_subscriptions(conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    conn.executemany(
        """
        INSERT INTO subscriptions (id, workspace_id, member_id, plan_id, starts_on, created_at)
        VALUES (:id, :workspace, :member, :plan, :starts_on, :now)
        """,
        rows,
    )


def add_pauses(conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    conn.executemany(
        """
        INSERT INTO subscription_pauses (id, subscription_id, from_on, created_by, created_at)
        VALUES (:id, :subscription, :from_on, :by, :now)
        """,
        rows,
    )


def end_pauses(conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    conn.executemany("UPDATE subscription_pauses SET resumes_on = :resumes_on WHERE id = :pause", rows)


def sum_of_bills(conn: sqlite3.Connection, bill_ids: Sequence[int]) -> int:
    """What these bills ask for altogether, in minor units."""
    return int(value(
        conn,
        """
        SELECT coalesce(sum(amount_minor), 0) FROM json_each(:ids) JOIN bills ON bills.id = json_each.value
        """,
        ids=f"[{','.join(map(str, bill_ids))}]",
    ))  # fmt: skip
