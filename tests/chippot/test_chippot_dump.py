"""Files from outside: a dump may make and fill tables, nothing else; a wrong file is one clear error."""

from __future__ import annotations

import io
import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from core import errors
from core.chippot import open_source
from core.db import LocalDatabase
from core.store import chippot_dump
from tests.chippot.predecessor import SCHEMA, Predecessor, ordinary
from tests.chippot.steps import bring, rows


def dump_with(folder: Path, *statements: str) -> Path:
    """The ordinary dump with something more at its end."""
    path = ordinary(folder / "chippot.sqlite3").dump()
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text("\n".join([text, *statements, ""]), encoding="utf-8")
    return path


def line_of(path: Path, part: str) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if part in line)


HOSTILE = {
    "attaching a file": "ATTACH DATABASE '{folder}/made.db' AS other;",
    "a copy of the database": "VACUUM INTO '{folder}/made.db';",
    "a trigger": "CREATE TRIGGER made AFTER INSERT ON users BEGIN DELETE FROM payments; END;",
    "a view": "CREATE VIEW made AS SELECT * FROM users;",
    "a virtual table": "CREATE VIRTUAL TABLE made USING fts5(a);",
    "a temporary table": "CREATE TEMP TABLE made (a);",
    "a table out of a query": "CREATE TABLE made AS SELECT * FROM users;",
    "an extension": "SELECT load_extension('{folder}/made.so');",
    "writing a file": "SELECT writefile('{folder}/made.db', 'x');",
    "writing a file while inserting": "INSERT INTO users SELECT writefile('{folder}/made.db', 'x');",
    "an extension while inserting": "INSERT INTO users (id) VALUES (load_extension('{folder}/made.so'));",
    "reading while inserting": "INSERT INTO users (id, display_name) SELECT id + 9, display_name FROM users;",
    "reading in a value": "INSERT INTO users (display_name) VALUES ((SELECT settings FROM workspaces));",
    "a query": "SELECT * FROM users;",
    "an endless query": "INSERT INTO users (id) WITH RECURSIVE n(i) AS "
                        "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;",
    "a query with a beginning of its own": "WITH a AS (SELECT 1) INSERT INTO users (id) SELECT * FROM a;",
    "a random blob": "INSERT INTO users (note) VALUES (randomblob(1000000000));",
    "a huge blob of zeros": "INSERT INTO users (note) VALUES (zeroblob(1000000000));",
    "an update": "UPDATE payments SET status = 'verified';",
    "an update behind an insert": "INSERT INTO users (id) VALUES (1) ON CONFLICT DO UPDATE SET note = 'x';",
    "replacing": "REPLACE INTO users (id) VALUES (1);",
    "deleting": "DELETE FROM payments;",
    "dropping": "DROP TABLE payments;",
    "changing a table": "ALTER TABLE users ADD COLUMN made;",
    "writing the schema": "PRAGMA writable_schema = ON;",
    "writing into the schema": "INSERT INTO sqlite_master VALUES ('table', 'made', 'made', 2, 'CREATE');",
    "another pragma": "PRAGMA journal_mode = WAL;",
    "a pragma as a function": "SELECT * FROM pragma_database_list;",
    "explaining": "EXPLAIN INSERT INTO users (id) VALUES (7);",
    "a half undone": "ROLLBACK;",
    "a savepoint": "SAVEPOINT a;",
    "two in one line": "INSERT INTO d VALUES (1); SELECT load_extension('x');",
}  # fmt: skip

UNKNOWN_TO_SQLITE = {"writing a file while inserting"}  # a function of its shell alone


@pytest.mark.parametrize("what", HOSTILE)
def test_a_dump_can_do_nothing_but_make_and_fill_tables(what: str, tmp_path: Path):
    statement = HOSTILE[what].replace("{folder}", str(tmp_path))
    path = dump_with(tmp_path, "CREATE TABLE d (a);", statement)
    before = sorted(tmp_path.iterdir())
    refusal = errors.ChippotDumpBroken if what in UNKNOWN_TO_SQLITE else errors.ChippotDumpRefused
    with pytest.raises(refusal) as caught:
        open_source(path)
    assert caught.value.params["line"] == line_of(path, statement)
    assert sorted(tmp_path.iterdir()) == before


def test_a_statement_that_would_never_end_is_stopped(tmp_path: Path):
    """A product of rows without any table behind it."""
    wide = "(VALUES " + ",".join("(1)" for _ in range(60)) + ")"
    product = ", ".join(f"{wide} AS a{number}" for number in range(8))
    path = dump_with(
        tmp_path,
        "CREATE TABLE d (a);",
        " ".join(["INSERT INTO d VALUES ((SELECT count(*) FROM", product, "));"]),
    )
    began = time.monotonic()
    with pytest.raises(errors.ChippotDumpRefused):
        open_source(path)
    assert time.monotonic() - began < 20


def test_a_statement_that_never_ends_is_named_by_its_line(tmp_path: Path):
    path = dump_with(tmp_path, "INSERT INTO users (display_name) VALUES ('no end", "of it);")
    with pytest.raises(errors.ChippotDumpBroken) as caught:
        open_source(path)
    assert caught.value.params == {"line": line_of(path, "no end"), "reason": "not finished"}


def test_a_statement_that_does_not_fit_the_tables_is_named_by_its_line(tmp_path: Path):
    path = dump_with(tmp_path, "INSERT INTO nowhere VALUES (1);")
    with pytest.raises(errors.ChippotDumpBroken) as caught:
        open_source(path)
    assert caught.value.params["line"] == line_of(path, "nowhere")


def test_a_statement_larger_than_any_row_can_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chippot_dump, "STATEMENT_CHARACTERS", 20_000)
    path = dump_with(tmp_path, "INSERT INTO users (note) VALUES ('" + "x\n" * 30_000 + "');")
    with pytest.raises(errors.ChippotDumpBroken, match="too long"):
        open_source(path)


def test_a_dump_larger_than_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chippot_dump, "DUMP_MEGABYTES", 0)
    with pytest.raises(errors.ChippotFileTooLarge):
        open_source(ordinary(tmp_path / "chippot.sqlite3").dump())


def test_what_exports_wrap_around_their_rows_is_left_out(tmp_path: Path):
    path = dump_with(
        tmp_path, "-- a comment; with 'quotes", "/* another;",
        "one */ PRAGMA foreign_keys=OFF; BEGIN TRANSACTION;",
        "COMMIT;", "DELETE FROM sqlite_sequence;", "INSERT INTO \"sqlite_sequence\" VALUES('users',3);",
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('plans', 2);", ";", "ANALYZE sqlite_master;",
    )  # fmt: skip
    open_source(path).__exit__()


@pytest.mark.parametrize("written", [
    "replace('a\\nb','\\n',char(10))", "unistr('a\\u000ab')", "'a\nb'", "('a' || char(10) || 'b')",
])  # fmt: skip
def test_line_breaks_as_any_version_writes_them(written: str, db: LocalDatabase, tmp_path: Path):
    path = dump_with(
        tmp_path,
        f"INSERT INTO users VALUES(77,1,NULL,'Robin',NULL,{written},'2026-01-01T00:00:00.000Z','x');",
    )
    bring(db, path)
    assert rows(db, "SELECT note FROM members WHERE name = 'Robin'") == [("a\nb",)]


def test_several_rows_in_one_statement_and_several_statements_in_one_line(db: LocalDatabase, tmp_path: Path):
    row = "1,NULL,{},NULL,NULL,'2026-01-01T00:00:00.000Z','x'"
    one, two = (
        f"({number},{row.format(repr(name))})"
        for number, name in ((77, "A;--'B'".replace("'", "")), (78, "C"))
    )
    path = dump_with(
        tmp_path, f"INSERT INTO users VALUES{one},{two}; CREATE TABLE more (a); INSERT INTO more VALUES(1);"
    )
    bring(db, path)
    assert rows(db, "SELECT count(*) FROM members") == [(5,)]


def test_statements_are_cut_where_sqlite_cuts_them():
    """Against SQLite's own opinion, on texts full of quotes, comments and semicolons."""
    chance = random.Random(7)  # noqa: S311 - the same texts each time
    for _ in range(300):
        pieces = [chance.choice(PIECES) for _ in range(chance.randint(1, 8))]
        text = "".join(f"{piece}{chance.choice([' ', chr(10)])}" for piece in pieces)
        cut = []
        try:
            for _, statement in chippot_dump.statements(io.StringIO(text, newline="\n")):
                cut.append(statement)
                assert sqlite3.complete_statement(statement), (text, statement)
        except chippot_dump.DumpBroken:
            assert not sqlite3.complete_statement(text), text
        assert [s for s in cut if "never" in s] == [], text


PIECES = [
    "INSERT INTO a VALUES (1);", "INSERT INTO a VALUES ('x;y');", "INSERT INTO \"a;b\" VALUES ('it''s');",
    "-- comment; it's 'open\n", "/* block; ' */", "INSERT INTO [a;b] VALUES (-1);",
    "INSERT INTO `a;` VALUES ('\n;\n');",
    "INSERT INTO a VALUES ('--no comment');", ";", "INSERT INTO a VALUES ('/* no block');",
]  # fmt: skip


# --- files that are something else -------------------------------------------------------------------


def test_random_bytes_are_neither_a_database_nor_a_dump(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(5000))
    with pytest.raises(errors.ChippotFileUnknown):
        open_source(path)


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe\xff dump", "SELECT".encode("utf-16")])
def test_what_is_no_text_either_is_refused(content: bytes, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(errors.ChippotFileUnknown):
        open_source(path)


def test_a_text_that_is_no_sql_is_refused_by_its_first_line(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("name,email\nLin,lin@example.org;\n")
    with pytest.raises(errors.ChippotDumpRefused, match="line=1"):
        open_source(path)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(errors.ChippotFileUnreadable):
        open_source(tmp_path / "nowhere")
    with pytest.raises(errors.ChippotFileUnreadable):
        open_source(tmp_path)


def test_another_programs_database_is_told_by_what_it_lacks(tmp_path: Path, db_path: Path):
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE songs (id)")
    other.close()
    with pytest.raises(errors.ChippotTablesMissing) as caught:
        open_source(tmp_path / "other.db")
    assert str(caught.value.params["missing"]).startswith("workspaces, users, plans")
    with pytest.raises(
        errors.ChippotTablesMissing, match=r"workspaces\.settings, users, plans\.monthly_amount.*…$"
    ):
        open_source(db_path)


def test_a_missing_column_is_named(tmp_path: Path):
    schema = SCHEMA.replace("screenshot_key TEXT, ", "").replace("  UNIQUE (subscription_id, period)\n", "")
    there = Predecessor(tmp_path / "chippot.sqlite3", schema=schema)
    with pytest.raises(errors.ChippotTablesMissing) as caught:
        open_source(there.file())
    assert caught.value.params == {"missing": "payments.screenshot_key"}


def test_a_view_in_the_place_of_a_table_does_not_count(tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    there.conn.executescript("ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people;")
    with pytest.raises(errors.ChippotTablesMissing, match="missing=users"):
        open_source(there.file())


def test_a_virtual_table_in_the_place_of_a_table_does_not_count(tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    there.conn.execute("DROP TABLE notification_logs")
    there.conn.execute(
        "CREATE VIRTUAL TABLE notification_logs USING fts5(workspace_id, type, period, sent_at)"
    )
    with pytest.raises(errors.ChippotTablesMissing, match="missing=notification_logs"):
        open_source(there.file())


def test_a_damaged_file_is_refused(tmp_path: Path):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 4] = os.urandom(4096 * 3)
    path.write_bytes(content)
    with pytest.raises(errors.ChippotFileDamaged):
        open_source(path)


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(errors.ChippotFileDamaged):
        open_source(path)


def test_text_that_is_not_utf8_is_damage_and_changes_nothing(db: LocalDatabase, tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    there.conn.execute("UPDATE users SET display_name = CAST(x'ff41' AS TEXT)")
    with pytest.raises(errors.ChippotFileDamaged):
        bring(db, there.file())
    assert rows(db, "SELECT count(*) FROM workspaces") == [(0,)]


def test_several_workspaces_need_a_choice(db: LocalDatabase, tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    second = there.add("workspaces", name="Two", channel_type="discord", billing_day=3,
                       settings='{"discord_guild_id": "4711"}')  # fmt: skip
    there.user("Zoe", workspace_id=second)
    path = there.file()
    for guild in (None, 999):
        with pytest.raises(errors.ChippotWorkspaceUnclear) as caught:
            bring(db, path, guild)
        assert caught.value.params == {"count": 2, "guilds": "880001, 4711"}
    result = bring(db, path, 4711)
    assert (result.workspace.name, result.workspace.billing_day) == ("Two", 3)
    assert rows(db, "SELECT name FROM members") == [("Zoe",)]
    assert bring(db, path, 880_001).counts["bills"] == 8


def test_a_file_without_a_server_needs_one(db: LocalDatabase, tmp_path: Path):
    path = Predecessor(tmp_path / "chippot.sqlite3", settings={"overdue_days": 1}).file()
    with pytest.raises(errors.ChippotGuildMissing):
        bring(db, path)
    for impossible in (0, -1, 2**63):
        with pytest.raises(errors.DiscordIdInvalid):
            bring(db, path, impossible)
    assert bring(db, path, 4711).workspace.guild_id == 4711
