"""Bring a database file to the schema of this program.

A fresh file gets schema.sql. An older one is copied aside (VACUUM INTO), then each numbered script in
core/migrations/ runs together with its version bump in one transaction. A newer one is refused.
"""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.db import OLDEST_SQLITE, connect
from core.errors import DatabaseTooNew, SqliteTooOld

_SCRIPT = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def schema_text() -> str:
    """schema.sql: beside the package in a checkout, inside it in an installed wheel."""
    here = Path(__file__).parent
    for candidate in (here / "schema.sql", here.parent / "schema.sql"):
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8")
    raise FileNotFoundError("schema.sql is missing from this installation")


def schema_version() -> int:
    """The version that schema.sql ends with."""
    found = re.search(r"PRAGMA user_version = (\d+);", schema_text())
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


def prepare(path: Path) -> int:
    """Create or migrate the database at `path`; returns its version.

    Raises SqliteTooOld, DatabaseTooNew, or DatabaseUnavailable when the file cannot be opened.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise SqliteTooOld(found=sqlite3.sqlite_version, needed=".".join(map(str, OLDEST_SQLITE)))
    path.parent.mkdir(parents=True, exist_ok=True)
    conn = connect(path)
    try:
        version = _version(conn)
        if version > schema_version():
            raise DatabaseTooNew(found=version, known=schema_version())
        if version == 0 and _is_empty(conn):
            _run_script(conn, schema_text(), schema_version())
        elif version < schema_version():
            _migrate(conn, path, version)
        return _version(conn)
    finally:
        conn.close()


def _migrate(conn: sqlite3.Connection, path: Path, version: int) -> None:
    aside = path.with_name(f"{path.name}.before-{schema_version()}")
    aside.unlink(missing_ok=True)
    conn.execute("VACUUM INTO ?", (str(aside),))
    for number, script in migration_scripts():
        if number > version:
            _run_script(conn, script.read_text(encoding="utf-8"), number)


def _run_script(conn: sqlite3.Connection, script: str, version: int) -> None:
    conn.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(script):
            conn.execute(statement)
        conn.execute(f"PRAGMA user_version = {version:d}")
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _version(conn: sqlite3.Connection) -> int:
    row = conn.execute("PRAGMA user_version").fetchone()
    return int(row[0])


def _is_empty(conn: sqlite3.Connection) -> bool:
    return not conn.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
