"""Bringing a database file to this program's schema."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from core import migrate
from core.db import connect
from core.errors import DatabaseForeign, DatabaseTooNew, SqliteTooOld

MARKS = "".join(
    f"CREATE TABLE {name} (id INTEGER PRIMARY KEY) STRICT;\n" for name in sorted(migrate.OUR_TABLES)
)
OLD = (
    MARKS
    + "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;\nPRAGMA user_version = 1;\n"
)
NEW = (
    MARKS
    + "CREATE TABLE things (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;\nPRAGMA user_version = 3;\n"
)
RENAME = "ALTER TABLE things RENAME COLUMN name TO title;\n"
ADD = "INSERT INTO things (title) VALUES ('two; words');\n-- the end\n"


@pytest.fixture
def scripts(tmp_path: Path) -> list[tuple[int, Path]]:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0002_title.sql").write_text(RENAME, encoding="utf-8")
    (folder / "0003_more.sql").write_text(ADD, encoding="utf-8")
    (folder / "notes.txt").write_text("not a script", encoding="utf-8")
    return migrate.migration_scripts(folder)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "old.db"
    migrate.prepare(path, schema=OLD, scripts=[])
    conn = connect(path)
    conn.execute("INSERT INTO things (name) VALUES ('kept')")
    conn.close()
    return path


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    conn = connect(path)
    found = conn.execute(sql).fetchall()
    conn.close()
    return found


def test_a_fresh_file_gets_the_whole_schema(tmp_path: Path):
    path = tmp_path / "new" / "potkeeper.db"
    assert migrate.prepare(path) == migrate.schema_version()
    assert ("bills",) in rows(path, "SELECT name FROM sqlite_schema")
    assert migrate.prepare(path) == migrate.schema_version(), "again changes nothing"


def test_an_older_file_is_copied_aside_and_led_to_the_schema(old: Path, scripts: list[tuple[int, Path]]):
    assert migrate.prepare(old, schema=NEW, scripts=scripts) == 3
    assert rows(old, "SELECT title FROM things ORDER BY id") == [("kept",), ("two; words",)]
    assert rows(old.with_name("old.db.before-3"), "SELECT name FROM things") == [("kept",)]


def test_all_released_scripts_lead_the_oldest_schema_to_this_one():
    numbers = [number for number, _ in migrate.migration_scripts()]
    assert numbers == list(range(2, migrate.schema_version() + 1))


def test_a_script_that_fails_leaves_the_file_at_the_version_before(
    old: Path, scripts: list[tuple[int, Path]]
):
    scripts[1][1].write_text(ADD + "DROP TABLE nowhere;", encoding="utf-8")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate.prepare(old, schema=NEW, scripts=scripts)
    assert rows(old, "PRAGMA user_version") == [(2,)]
    assert rows(old, "SELECT title FROM things") == [("kept",)]
    scripts[1][1].write_text(ADD, encoding="utf-8")
    assert migrate.prepare(old, schema=NEW, scripts=scripts) == 3


def test_a_script_may_rebuild_a_table_but_not_break_references(tmp_path: Path):
    path = tmp_path / "family.db"
    schema = (
        f"{MARKS}CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;\n"
        "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id)) STRICT;\n"
        "INSERT INTO parents VALUES (1);\nINSERT INTO children VALUES (1, 1);\nPRAGMA user_version = 1;\n"
    )
    migrate.prepare(path, schema=schema, scripts=[])
    script = tmp_path / "0002_rebuild.sql"
    rebuild = (
        "CREATE TABLE new (id INTEGER PRIMARY KEY) STRICT;\nINSERT INTO new SELECT id FROM parents{0};\n"
        "DROP TABLE parents;\nALTER TABLE new RENAME TO parents;\n"
    )
    newer = schema.replace("user_version = 1", "user_version = 2")
    script.write_text(rebuild.format(" WHERE id > 1"), encoding="utf-8")
    with pytest.raises(ValueError, match="references"):
        migrate.prepare(path, schema=newer, scripts=[(2, script)])
    script.write_text(rebuild.format(""), encoding="utf-8")
    assert migrate.prepare(path, schema=newer, scripts=[(2, script)]) == 2
    assert rows(path, "SELECT * FROM children") == [(1, 1)]


def test_a_newer_file_is_refused_untouched(old: Path):
    conn = connect(old)
    conn.execute("PRAGMA user_version = 9")
    conn.close()
    with pytest.raises(DatabaseTooNew) as caught:
        migrate.prepare(old, schema=OLD, scripts=[])
    assert caught.value.params == {"found": 9, "known": 1}


@pytest.mark.parametrize("version", [0, 1, migrate.schema_version(), 9999])
def test_a_database_of_another_program_is_refused_untouched(tmp_path: Path, version: int):
    path = tmp_path / "potkeeper.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE workspaces (id INTEGER)")
        conn.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    with pytest.raises(DatabaseForeign) as caught:
        migrate.prepare(path)
    assert caught.value.params == {"path": str(path)}
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"potkeeper.db": before}


def test_what_is_no_database_at_all_is_refused_untouched(tmp_path: Path):
    path = tmp_path / "potkeeper.db"
    path.write_bytes(b"certainly not a database, and long enough to be looked at " * 10)
    with pytest.raises(DatabaseForeign):
        migrate.prepare(path)
    assert path.read_bytes().startswith(b"certainly not")


def test_an_empty_file_becomes_the_books(tmp_path: Path):
    path = tmp_path / "potkeeper.db"
    path.touch()
    assert migrate.prepare(path) == migrate.schema_version()


def test_a_too_old_sqlite_makes_and_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(migrate, "OLDEST_SQLITE", (99, 1, 0))
    with pytest.raises(SqliteTooOld) as caught:
        migrate.prepare(tmp_path / "data" / "potkeeper.db")
    assert caught.value.params == {"found": sqlite3.sqlite_version, "needed": "99.1.0"}
    assert list(tmp_path.iterdir()) == []


def test_a_schema_that_fails_half_way_leaves_an_empty_file(tmp_path: Path):
    path = tmp_path / "potkeeper.db"
    with pytest.raises(sqlite3.OperationalError):
        migrate.prepare(path, schema=OLD.replace("PRAGMA", "SELECT * FROM nowhere;\nPRAGMA"), scripts=[])
    assert rows(path, "SELECT name FROM sqlite_schema") == []
    assert migrate.prepare(path) == migrate.schema_version()


def test_several_at_once_make_one_database(tmp_path: Path):
    path = tmp_path / "potkeeper.db"
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(migrate.prepare(path))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [migrate.schema_version()] * 6


def test_statements_are_split_where_they_end():
    trigger = "CREATE TRIGGER t BEFORE UPDATE ON a\nBEGIN SELECT 1; END;\n"
    script = f"-- one; two\nINSERT INTO a VALUES ('x;y');\n{trigger}-- end"
    assert len(list(migrate.statements(script))) == 2
    with pytest.raises(ValueError, match="not finished"):
        list(migrate.statements("SELECT 1"))
