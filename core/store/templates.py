"""templates."""

import sqlite3

from core.store.rows import change, value


def get(conn: sqlite3.Connection, workspace_id: int, kind: str, locale: str) -> str | None:
    found: str | None = value(
        conn,
        "SELECT body FROM templates WHERE workspace_id = :workspace AND kind = :kind AND locale = :locale",
        workspace=workspace_id,
        kind=kind,
        locale=locale,
    )
    return found


def put(
    conn: sqlite3.Connection, workspace_id: int, kind: str, locale: str, body: str, by: str, now: str
) -> None:
    change(
        conn,
        """
        INSERT INTO templates (workspace_id, kind, locale, body, updated_by, updated_at)
        VALUES (:workspace, :kind, :locale, :body, :by, :now)
        ON CONFLICT (workspace_id, kind, locale) DO UPDATE SET body = :body, updated_by = :by, updated_at = :now
        """,
        workspace=workspace_id, kind=kind, locale=locale, body=body, by=by, now=now,
    )  # fmt: skip


def remove(conn: sqlite3.Connection, workspace_id: int, kind: str, locale: str) -> None:
    change(
        conn,
        "DELETE FROM templates WHERE workspace_id = :workspace AND kind = :kind AND locale = :locale",
        workspace=workspace_id,
        kind=kind,
        locale=locale,
    )
