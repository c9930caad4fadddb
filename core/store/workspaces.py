"""workspaces and admins."""

import sqlite3
from typing import Any

from core.models import Workspace, WorkspaceId
from core.store.rows import change, columns, insert, many, one, value

_WORKSPACE = columns(Workspace)

SETTINGS = (
    "name", "currency", "timezone", "locale", "billing_day", "due_days", "announce_channel_id",
    "review_channel_id", "admin_channel_id", "reviewer_role_id", "auto_open", "link_policy",
    "closed_dm_policy", "self_verify", "reminder_mode", "reminder_days",
    "proof_retention_months", "quiet_from", "quiet_to", "debtors_public",
)  # fmt: skip


def get(conn: sqlite3.Connection, workspace_id: int) -> Workspace | None:
    return one(conn, Workspace, f"SELECT {_WORKSPACE} FROM workspaces WHERE id = :id", id=workspace_id)


def by_guild(conn: sqlite3.Connection, guild_id: int) -> Workspace | None:
    return one(
        conn, Workspace, f"SELECT {_WORKSPACE} FROM workspaces WHERE guild_id = :guild", guild=guild_id
    )


def everyone(conn: sqlite3.Connection) -> list[Workspace]:
    return many(conn, Workspace, f"SELECT {_WORKSPACE} FROM workspaces ORDER BY id")


def add(
    conn: sqlite3.Connection, *, guild_id: int, name: str, currency: str, timezone: str, locale: str,
    billing_day: int, now: str,
) -> WorkspaceId:  # fmt: skip
    return WorkspaceId(insert(
        conn,
        """
        INSERT INTO workspaces (guild_id, name, currency, timezone, locale, billing_day, created_at)
        VALUES (:guild_id, :name, :currency, :timezone, :locale, :billing_day, :now)
        """,
        guild_id=guild_id, name=name, currency=currency, timezone=timezone, locale=locale,
        billing_day=billing_day, now=now,
    ))  # fmt: skip


def update(conn: sqlite3.Connection, workspace_id: int, changes: dict[str, Any]) -> None:
    """Set the given settings; only names of SETTINGS are taken."""
    assert changes.keys() <= set(SETTINGS), changes.keys()
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    change(conn, f"UPDATE workspaces SET {assignments} WHERE id = :id", id=workspace_id, **changes)


def has_bills(conn: sqlite3.Connection, workspace_id: int) -> bool:
    """Whether any money was ever written here: then the currency is fixed."""
    return bool(value(
        conn,
        """
        SELECT EXISTS (SELECT 1 FROM ledger_entries WHERE workspace_id = :id)
            OR EXISTS (SELECT 1 FROM plans JOIN plan_prices ON plan_id = plans.id WHERE workspace_id = :id)
        """,
        id=workspace_id,
    ))  # fmt: skip


def role(conn: sqlite3.Connection, workspace_id: int, discord_id: int) -> str | None:
    found: str | None = value(
        conn,
        "SELECT role FROM admins WHERE workspace_id = :workspace AND discord_id = :discord",
        workspace=workspace_id,
        discord=discord_id,
    )
    return found


def roles(conn: sqlite3.Connection, workspace_id: int) -> list[tuple[int, str]]:
    return conn.execute(
        "SELECT discord_id, role FROM admins WHERE workspace_id = :workspace ORDER BY role, discord_id",
        {"workspace": workspace_id},
    ).fetchall()


def set_role(
    conn: sqlite3.Connection, workspace_id: int, discord_id: int, role: str, by: str, now: str
) -> None:
    conn.execute(
        """
        INSERT INTO admins (workspace_id, discord_id, role, granted_by, granted_at)
        VALUES (:workspace, :discord, :role, :by, :now)
        ON CONFLICT (workspace_id, discord_id) DO UPDATE SET role = :role, granted_by = :by, granted_at = :now
        """,
        {"workspace": workspace_id, "discord": discord_id, "role": role, "by": by, "now": now},
    )


def remove_role(conn: sqlite3.Connection, workspace_id: int, discord_id: int) -> None:
    conn.execute(
        "DELETE FROM admins WHERE workspace_id = :workspace AND discord_id = :discord",
        {"workspace": workspace_id, "discord": discord_id},
    )
