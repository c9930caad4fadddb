"""Run a query and get dataclasses or plain values back."""

import dataclasses
import functools
import sqlite3
from typing import Any, TypeVar

R = TypeVar("R")


@functools.cache
def columns(cls: type[Any], alias: str = "") -> str:
    """The column list of a row class, for SELECT; field order is column order."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + field.name for field in dataclasses.fields(cls))


def one(conn: sqlite3.Connection, cls: type[R], sql: str, **params: Any) -> R | None:
    """The first row as `cls`, or None. The cursor is exhausted, so that no old snapshot stays pinned."""
    rows = conn.execute(sql, params).fetchall()
    return cls(*rows[0]) if rows else None


def many(conn: sqlite3.Connection, cls: type[R], sql: str, **params: Any) -> list[R]:
    return [cls(*row) for row in conn.execute(sql, params).fetchall()]


def value(conn: sqlite3.Connection, sql: str, **params: Any) -> Any:
    """The first column of the first row, or None."""
    rows = conn.execute(sql, params).fetchall()
    return rows[0][0] if rows else None


def values(conn: sqlite3.Connection, sql: str, **params: Any) -> list[Any]:
    """The first column of every row."""
    return [row[0] for row in conn.execute(sql, params).fetchall()]


def insert(conn: sqlite3.Connection, sql: str, **params: Any) -> int:
    """Run an INSERT and return the new row's id."""
    cursor = conn.execute(sql, params)
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def change(conn: sqlite3.Connection, sql: str, **params: Any) -> int:
    """Run an UPDATE or DELETE and return how many rows it matched."""
    return conn.execute(sql, params).rowcount
