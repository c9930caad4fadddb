"""Which language an account reads (table readers)."""

import sqlite3

from core.store.rows import value


def locale(conn: sqlite3.Connection, workspace_id: int, discord_id: int) -> str | None:
    """What is remembered of this account, if anything."""
    found: str | None = value(
        conn,
        "SELECT locale FROM readers WHERE workspace_id = :workspace AND discord_id = :account",
        workspace=workspace_id,
        account=discord_id,
    )
    return found


def remember(conn: sqlite3.Connection, workspace_id: int, discord_id: int, locale: str) -> None:
    conn.execute(
        """
        INSERT INTO readers (workspace_id, discord_id, locale) VALUES (:workspace, :account, :locale)
        ON CONFLICT (workspace_id, discord_id) DO UPDATE SET locale = :locale
        """,
        {"workspace": workspace_id, "account": discord_id, "locale": locale},
    )
