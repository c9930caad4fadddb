"""The schema itself: strict tables, keys that hold, what it refuses, what can never be edited.

How older files are led to it is tests/core/test_migrate.py.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import connect, run_write
from tests.factories import Club
from tests.fakes import START


@pytest.fixture
def conn(db_path: Path) -> Iterator[sqlite3.Connection]:
    opened = connect(db_path)
    yield opened
    opened.close()


def schema_of(conn: sqlite3.Connection) -> list[tuple[str, ...]]:
    return conn.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
    ).fetchall()


def tables(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    return conn.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()


def test_every_table_is_strict(conn: sqlite3.Connection) -> None:
    loose = [name for name, sql in tables(conn) if not re.search(r"\)\s*STRICT(, WITHOUT ROWID)?$", sql)]
    assert loose == []
    strict = {row[1]: row[5] for row in conn.execute("PRAGMA table_list").fetchall() if row[0] == "main"}
    assert all(strict[name] for name, _ in tables(conn))


def test_column_endings_say_the_unit(conn: sqlite3.Connection) -> None:
    for name, _ in tables(conn):
        for _, column, kind, *_ in conn.execute(f"PRAGMA table_info({name})").fetchall():
            if column.endswith(("_minor", "_days", "_bytes", "_id")) and column not in (
                "request_id",
                "reminder_days",
            ):
                assert kind == "INTEGER", (name, column, kind)
            if column.endswith(("_on", "_at", "_by", "_key", "_json", "_hash", "period")):
                assert kind == "TEXT", (name, column, kind)


def test_references_are_enforced(conn: sqlite3.Connection) -> None:
    assert conn.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_columns_that_make_a_row_unique_are_never_null(conn: sqlite3.Connection) -> None:
    """NULLs are distinct in UNIQUE. A partial index may name a column that its condition keeps from NULL."""
    for table, _ in tables(conn):
        nullable = {
            row[1]
            for row in conn.execute(f"PRAGMA table_info({table})").fetchall()
            if not row[3] and not row[5]
        }
        for _, index, unique, _, partial in conn.execute(f"PRAGMA index_list({table})").fetchall():
            used = {row[2] for row in conn.execute(f"PRAGMA index_info({index})").fetchall()}
            bad = used & nullable if unique else set()
            if bad and partial:
                sql = conn.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (index,)).fetchone()[0]
                bad = {column for column in bad if f"{column} IS NOT NULL" not in sql}
            assert not bad - ALLOWED_NULLS.get(index, set()), (table, index, bad)


# A reversal reverses one entry; most entries reverse none, and any number of those may be.
ALLOWED_NULLS = {"sqlite_autoindex_ledger_entries_1": {"reverses_id"}, "bills_live": {"billing_period_id"}}


# --- what the schema itself refuses ------------------------------------------------------------------------

IMPOSSIBLE = {
    "a payment that was received before it is verified": """
        UPDATE payments SET received_minor = 5
        WHERE status = 'submitted'
    """,
    "a verified payment without an amount": """
        UPDATE payments SET received_minor = NULL
        WHERE status = 'verified'
    """,
    "a rejection without a reason": """
        UPDATE payments SET status = 'rejected'
        WHERE status = 'submitted'
    """,
    "more refunded than received": """
        UPDATE payments SET refunded_minor = received_minor + 1
        WHERE status = 'verified'
    """,
    "more allocated than declared": """
        UPDATE payments SET allocated_minor = declared_minor + 1
        WHERE status = 'submitted'
    """,
    "more allocated than received": """
        UPDATE payments SET allocated_minor = received_minor + 1
        WHERE status = 'verified'
    """,
    "an unknown status of a payment": "UPDATE payments SET status = 'lost'",
    "an unknown status of a bill": "UPDATE bills SET status = 'overdue'",
    "a negative bill": "UPDATE bills SET amount_minor = -1",
    "a bill settled beyond its amount": "UPDATE bills SET settled_minor = amount_minor + 1",
    "a text where an amount is kept": "UPDATE bills SET amount_minor = '12x'",
    "a half": "UPDATE bills SET amount_minor = 1.5",
    "two live bills of a subscription in a month": """
        INSERT INTO bills (workspace_id, member_id, kind, billing_period_id, subscription_id, plan_id, title,
            amount_minor, status, due_on, covers_from, covers_to, created_at)
        SELECT workspace_id, member_id, kind, billing_period_id, subscription_id, plan_id, title,
            amount_minor, 'pending', due_on, covers_from, covers_to, created_at
        FROM bills WHERE status <> 'void' LIMIT 1
    """,
    "a bill of a member that is not there": "UPDATE bills SET member_id = 999",
    "two rows of one month": """
        INSERT INTO billing_periods (workspace_id, period, status) VALUES (1, '2026-06', 'draft')
    """,
    "a month that is none": "UPDATE billing_periods SET period = '2026-6'",
    "a billing day that some months do not have": "UPDATE workspaces SET billing_day = 29",
    "a cycle of two months": "UPDATE plans SET cycle_months = 2",
    "one request booked twice": "UPDATE payments SET request_id = 'same'",
    "a posting of nothing": """
        INSERT INTO ledger_postings (entry_id, account_id, amount_minor) VALUES (1, 1, 0)
    """,
    "an allocation of nothing": """
        INSERT INTO allocations (payment_id, bill_id, kind, amount_minor, created_at)
        VALUES (1, 1, 'claim', 0, 'x')
    """,
    "a pause that ends before it begins": """
        INSERT INTO subscription_pauses (subscription_id, from_on, resumes_on, created_by, created_at)
        VALUES (1, '2026-06-02', '2026-06-01', 'x', 'x')
    """,
    "one Discord account for two names": "UPDATE members SET discord_id = 5",
}
KEPT = {
    "ledger_entries": ("UPDATE ledger_entries SET entered_on = '2020-01-01'", "DELETE FROM ledger_entries"),
    "ledger_postings": ("UPDATE ledger_postings SET amount_minor = 1", "DELETE FROM ledger_postings"),
    "bill_lines": ("UPDATE bill_lines SET amount_minor = 1", "DELETE FROM bill_lines"),
    "audit_log": ("UPDATE audit_log SET done_by = 'nobody'", "DELETE FROM audit_log"),
    "allocations": ("UPDATE allocations SET amount_minor = 1", "DELETE FROM allocations"),
}


@pytest.fixture
def busy(club: Club) -> sqlite3.Connection:
    """A club with bills of every kind of standing."""
    plan = club.plan()
    one, two, three = (club.subscriber(plan) for _ in range(3))
    club.open()
    club.submit(one)
    club.verify(club.submit(two))
    club.record(three, 1000)
    return club.db.conn


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_the_schema_refuses(busy: sqlite3.Connection, what: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        busy.execute(IMPOSSIBLE[what])


@pytest.mark.parametrize("table", KEPT)
def test_what_is_written_is_neither_edited_nor_deleted(busy: sqlite3.Connection, table: str) -> None:
    assert busy.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0  # noqa: S608 - a name above
    for statement in KEPT[table]:
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            busy.execute(statement)


def test_a_released_allocation_stays_released(busy: sqlite3.Connection) -> None:
    busy.execute("UPDATE allocations SET released_at = 'x' WHERE id = 1")
    with pytest.raises(sqlite3.IntegrityError, match="stays released"):
        busy.execute("UPDATE allocations SET released_at = NULL WHERE id = 1")


def test_replacing_a_row_is_refused_like_deleting_it(busy: sqlite3.Connection) -> None:
    """INSERT OR REPLACE fires delete triggers only with recursive triggers: nothing in the code uses it."""
    texts = [
        path.read_text(encoding="utf-8") for path in (Path(__file__).parent.parent / "core").rglob("*.py")
    ]
    assert not any(re.search(r"\bREPLACE INTO\b|\bOR REPLACE\b", text) for text in texts)


def test_an_exception_in_the_middle_of_a_transaction_leaves_nothing(busy: sqlite3.Connection) -> None:
    before = "\n".join(busy.iterdump())

    def half_done(tx: object) -> None:
        busy.execute("UPDATE members SET name = 'x'")
        busy.execute(
            "INSERT INTO billing_periods (workspace_id, period, status) VALUES (1, '2031-01', 'open')"
        )
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_write(busy, START, half_done, (), {})
    assert not busy.in_transaction
    assert "\n".join(busy.iterdump()) == before
