"""Bring a database file to the schema of this program.

A fresh file gets schema.sql. An older one is copied aside (VACUUM INTO), then each numbered script in
core/migrations/ runs together with its version bump in one transaction. A newer one is refused.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.db import OLDEST_SQLITE, connect, machine_errors, rollback
from core.errors import DatabaseForeign, DatabaseTooNew, SqliteTooOld
from core.store import copies

# Tables that every version of our books has, and hardly another program's database.
OUR_TABLES = frozenset({"workspaces", "ledger_postings", "audit_log"})

_SCRIPT = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def schema_text() -> str:
    """schema.sql: beside the package in a checkout, inside it in an installed wheel."""
    here = Path(__file__).parent
    for candidate in (here / "schema.sql", here.parent / "schema.sql"):
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8")
    raise FileNotFoundError("schema.sql is missing from this installation")


def schema_version(schema: str | None = None) -> int:
    """The version that schema.sql ends with."""
    found = re.search(r"PRAGMA user_version = (\d+);", schema_text() if schema is None else schema)
    assert found, "schema.sql does not state its version"
    return int(found.group(1))


def migration_scripts(folder: Path | None = None) -> list[tuple[int, Path]]:
    folder = folder or Path(__file__).parent / "migrations"
    scripts = [
        (int(m.group(1)), path) for path in folder.glob("*.sql") if (m := _SCRIPT.fullmatch(path.name))
    ]
    return sorted(scripts)


def statements(script: str) -> Iterator[str]:
    """Split a script at its complete statements. `executescript` would commit half-way."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            if pending.strip():
                yield pending
            pending = ""
    if pending.strip() and not all(line.startswith("--") for line in pending.strip().splitlines()):
        raise ValueError("a statement is not finished")


def prepare(
    path: Path, *, schema: str | None = None, scripts: Sequence[tuple[int, Path]] | None = None
) -> int:
    """Create or migrate the database at `path`; returns its version.

    Raises SqliteTooOld, DatabaseForeign, DatabaseTooNew, or DatabaseUnavailable when the file cannot be opened
    or written. Two processes may do it at once. `schema` and `scripts` are for tests.
    """
    schema = schema_text() if schema is None else schema
    known = schema_version(schema)
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise SqliteTooOld(found=sqlite3.sqlite_version, needed=".".join(map(str, OLDEST_SQLITE)))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():  # asked before anything is written: a writer's pragmas alone would change the file
        refuse_foreign(path)
    conn = connect(path)
    try:
        with machine_errors():
            version = file_version(conn)
            if version > known:
                raise DatabaseTooNew(found=version, known=known)
            if version == 0:
                _create(conn, schema, known)
            if 0 < version < known:
                _migrate(conn, path, known, migration_scripts() if scripts is None else scripts)
            return file_version(conn)
    finally:
        conn.close()


def refuse_foreign(path: Path) -> None:
    """Raise DatabaseForeign unless this file is empty or holds our books; never changes it."""
    conn = connect(path, read_only=True)
    try:
        with machine_errors():
            require_ours(conn, path)
    finally:
        conn.close()


def require_ours(conn: sqlite3.Connection, path: Path) -> None:
    """Raise DatabaseForeign unless the database at `path` is empty or holds our books."""
    try:
        rows = conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise DatabaseForeign(path=str(path)) from None
    tables = {row[0] for row in rows}
    if tables and not tables >= OUR_TABLES:
        raise DatabaseForeign(path=str(path))


def _create(conn: sqlite3.Connection, schema: str, version: int) -> None:
    """Fill an empty file, unless another process was faster."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        if file_version(conn) == 0:
            _run_statements(conn, schema, version)
        conn.execute("COMMIT")
    except BaseException:
        rollback(conn)
        raise


def _migrate(conn: sqlite3.Connection, path: Path, known: int, scripts: Sequence[tuple[int, Path]]) -> None:
    """Copy the file aside, then run what is missing, each script in a transaction of its own."""
    copies.copy_whole(conn, path.with_name(f"{path.name}.before-{known}"))
    # A table can be rebuilt only without foreign keys; each script's end is checked instead.
    conn.execute("PRAGMA foreign_keys = OFF")
    for number, script in scripts:
        conn.execute("BEGIN IMMEDIATE")
        try:
            if number > file_version(conn):  # else another process was faster
                _run_statements(conn, script.read_text(encoding="utf-8"), number)
                if broken := conn.execute("PRAGMA foreign_key_check").fetchall():
                    raise ValueError(f"{script.name} breaks references: {broken[:3]}")
            conn.execute("COMMIT")
        except BaseException:
            rollback(conn)
            raise
    conn.execute("PRAGMA foreign_keys = ON")


def _run_statements(conn: sqlite3.Connection, script: str, version: int) -> None:
    for statement in statements(script):
        conn.execute(statement)
    conn.execute(f"PRAGMA user_version = {version:d}")


def file_version(conn: sqlite3.Connection) -> int:
    """The version of the schema that this file has; 0 for an empty one."""
    row = conn.execute("PRAGMA user_version").fetchone()
    return int(row[0])
