"""methods."""

import sqlite3
from collections.abc import Sequence

from core.models import Method, MethodId
from core.store.rows import change, columns, insert, many, one

_METHOD = columns(Method)


def get(conn: sqlite3.Connection, workspace_id: int, method_id: int) -> Method | None:
    return one(
        conn,
        Method,
        f"SELECT {_METHOD} FROM methods WHERE id = :id AND workspace_id = :workspace",
        id=method_id,
        workspace=workspace_id,
    )


def everyone(conn: sqlite3.Connection, workspace_id: int, *, with_retired: bool = False) -> list[Method]:
    """Methods in the order in which payers see them."""
    return many(
        conn,
        Method,
        f"""
        SELECT {_METHOD} FROM methods
        WHERE workspace_id = :workspace AND (:with_retired OR retired_at IS NULL)
        ORDER BY sort_order, id
        """,
        workspace=workspace_id,
        with_retired=int(with_retired),
    )


def add(
    conn: sqlite3.Connection, *, workspace_id: int, name: str, name_key: str, kind: str, instructions: str,
    sort_order: int, now: str,
) -> MethodId:  # fmt: skip
    return MethodId(insert(
        conn,
        """
        INSERT INTO methods (workspace_id, name, name_key, kind, instructions, sort_order, created_at)
        VALUES (:workspace, :name, :name_key, :kind, :instructions, :sort_order, :now)
        """,
        workspace=workspace_id, name=name, name_key=name_key, kind=kind, instructions=instructions,
        sort_order=sort_order, now=now,
    ))  # fmt: skip


def update(
    conn: sqlite3.Connection, method_id: int, *, name: str, name_key: str, kind: str, instructions: str,
    sort_order: int,
) -> None:  # fmt: skip
    change(
        conn,
        """
        UPDATE methods SET name = :name, name_key = :name_key, kind = :kind, instructions = :instructions,
            sort_order = :sort_order
        WHERE id = :id
        """,
        id=method_id, name=name, name_key=name_key, kind=kind, instructions=instructions,
        sort_order=sort_order,
    )  # fmt: skip


def set_order(conn: sqlite3.Connection, method_ids: Sequence[int]) -> None:
    """Show the methods in this order."""
    conn.executemany(
        "UPDATE methods SET sort_order = :place WHERE id = :id",
        ({"place": place, "id": method_id} for place, method_id in enumerate(method_ids, start=1)),
    )


def retire(conn: sqlite3.Connection, method_id: int, now: str) -> None:
    change(
        conn,
        "UPDATE methods SET retired_at = :now WHERE id = :id AND retired_at IS NULL",
        id=method_id,
        now=now,
    )


def restore(conn: sqlite3.Connection, method_id: int) -> None:
    change(conn, "UPDATE methods SET retired_at = NULL WHERE id = :id", id=method_id)
