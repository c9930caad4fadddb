"""The transaction around a use case, and what the machine can do to it."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import threading
from pathlib import Path

import aiosqlite
import pytest

from core.db import Database, LocalDatabase, Tx, connect
from core.errors import DatabaseUnavailable, NothingChosen
from tests.fakes import FixedClock


def put(tx: Tx, value: str) -> str:
    tx.conn.execute(
        "INSERT INTO workspaces (guild_id, name, currency, timezone, locale, billing_day, created_at) "
        "VALUES (?, ?, 'TWD', 'Asia/Taipei', 'en', 5, ?)",
        (int.from_bytes(value.encode()[:6]), value, tx.now_text),
    )
    return value


def names(tx: Tx) -> list[str]:
    return [row[0] for row in tx.conn.execute("SELECT name FROM workspaces ORDER BY id").fetchall()]


def put_and_fail(tx: Tx) -> None:
    put(tx, "half")
    raise NothingChosen()


# --- one unit ---


async def test_a_write_is_seen_by_every_reader(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        assert await db.write(put, "a") == "a"
        for _ in range(4):
            assert await db.read(names) == ["a"]


async def test_an_error_rolls_everything_back(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        with pytest.raises(NothingChosen):
            await db.write(put_and_fail)
        assert await db.read(names) == []
        await db.write(put, "next")
        assert await db.read(names) == ["next"]


async def test_a_preview_is_taken_back_and_wakes_nobody(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        woken: list[int] = []
        db.listeners.append(lambda: woken.append(1))
        await db.preview(put, "a")
        assert (await db.read(names), woken) == ([], [])
        await db.write(put, "a")
        assert (await db.read(names), woken) == (["a"], [1])


async def test_a_cancelled_caller_does_not_stop_a_write_half_way(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        woken = asyncio.Event()
        db.listeners.append(woken.set)
        task = asyncio.create_task(db.write(put, "kept"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            await woken.wait()
        assert await db.read(names) == ["kept"]


async def test_a_read_cannot_write(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        with pytest.raises((sqlite3.OperationalError, DatabaseUnavailable)):
            await db.read(put, "a")
        assert await db.read(names) == []


async def test_a_read_sees_one_snapshot(db_path: Path, clock: FixedClock):
    with LocalDatabase(db_path, clock) as other:

        def read_twice(tx: Tx) -> tuple[list[str], list[str]]:
            first = names(tx)
            other.write(put, "meanwhile")
            return first, names(tx)

        async with Database(db_path, clock) as db:
            assert await db.read(read_twice) == ([], [])
            assert await db.read(names) == ["meanwhile"]


async def test_many_writers_at_once_lose_nothing(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        await asyncio.gather(*(db.write(put, f"{number:03}") for number in range(100)))
        assert sorted(await db.read(names)) == [f"{number:03}" for number in range(100)]


async def test_another_process_may_write_meanwhile(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        with LocalDatabase(db_path, clock) as shell:
            shell.write(put, "shell")
        await db.write(put, "bot")
        assert await db.read(names) == ["shell", "bot"]


# --- the machine ---


async def test_a_full_database_is_one_clear_error_and_changes_nothing(db_path: Path, clock: FixedClock):
    async with Database(db_path, clock) as db:
        await db.write(put, "before")

        def fill(tx: Tx) -> None:
            pages = tx.conn.execute("PRAGMA page_count").fetchone()[0]
            tx.conn.execute(f"PRAGMA max_page_count = {pages}")
            for number in range(1000):
                put(tx, f"{number:04}" + "x" * 90)

        with pytest.raises(DatabaseUnavailable):
            await db.write(fill)
        assert await db.read(names) == ["before"]

        def room(tx: Tx) -> None:
            tx.conn.execute("PRAGMA max_page_count = 1000000")

        await db.write(room)
        await db.write(put, "after")
        assert await db.read(names) == ["before", "after"]


def test_a_full_disk_is_one_clear_error_and_changes_nothing(db_path: Path, clock: FixedClock):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with LocalDatabase(db_path, clock) as db:
        db.write(put, "before")
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (32_768, hard))

            def fill(tx: Tx) -> None:
                for number in range(5000):
                    put(tx, f"{number:04}" + "x" * 90)

            with pytest.raises(DatabaseUnavailable):
                db.write(fill)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert db.read(names) == ["before"]
        db.write(put, "after")
        assert db.read(names) == ["before", "after"]


async def test_a_database_locked_for_too_long_is_one_clear_error(
    db_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.db.BUSY_SECONDS", 0)
    blocker = connect(db_path)
    blocker.execute("BEGIN IMMEDIATE")
    async with Database(db_path, clock) as db:
        with pytest.raises(DatabaseUnavailable):
            await db.write(put, "a")
        assert await db.read(names) == []
        blocker.execute("ROLLBACK")
        await db.write(put, "a")
    blocker.close()


def test_a_mistake_in_our_sql_stays_what_it_is(db_path: Path, clock: FixedClock):
    with LocalDatabase(db_path, clock) as db, pytest.raises(sqlite3.OperationalError):
        db.read(lambda tx: tx.conn.execute("SELECT nonsense"))


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path):
    path = tmp_path / "potkeeper.db"
    path.write_text("certainly not a database, and long enough to be looked at " * 10, encoding="utf-8")
    with pytest.raises(DatabaseUnavailable):
        connect(path)


def test_a_reader_never_makes_a_file(tmp_path: Path):
    with pytest.raises(DatabaseUnavailable):
        connect(tmp_path / "absent.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "q?mode=ro.db", "書.db", "#1.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str):
    connect(tmp_path / name).close()
    assert (tmp_path / name).is_file()


async def test_what_was_opened_is_closed_when_the_rest_cannot_be(
    db_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
):
    def out_of_files(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        if read_only:
            raise DatabaseUnavailable(cause="too many open files")
        return connect(path)

    monkeypatch.setattr("core.db.connect", out_of_files)
    before = threading.active_count()
    with pytest.raises(DatabaseUnavailable):
        async with Database(db_path, clock):
            pytest.fail("opened")
    for thread in threading.enumerate()[before:]:
        thread.join(5)
    assert threading.active_count() == before


def test_connections_have_the_pragmas_that_the_books_rely_on(db_path: Path):
    conn = connect(db_path)
    found = {
        name: conn.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    conn.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_aiosqlite_still_has_what_the_subclass_uses():
    assert callable(aiosqlite.Connection._execute)
    assert isinstance(aiosqlite.Connection._conn, property)
