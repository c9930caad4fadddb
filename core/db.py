"""The database: one writer connection, a few readers, and the transaction around every use case.

A use case is a plain function ``fn(tx, *args)``. `Database` (async, for the bot) and `LocalDatabase`
(plain, for the command line and tests) run it as one unit: BEGIN IMMEDIATE, the function, COMMIT.
"""

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

import aiosqlite

from core.clock import Clock, instant_text
from core.errors import DatabaseUnavailable
from core.preview import PreviewChanged, digest_of

P = ParamSpec("P")
R = TypeVar("R")

READERS = 2
BUSY_SECONDS = 10
OLDEST_SQLITE = (3, 38, 0)  # STRICT tables and the JSON functions


@dataclass(frozen=True, slots=True)
class Tx:
    """What a use case works with: the connection inside its transaction, and the instant it happens at."""

    conn: sqlite3.Connection
    now: datetime

    @property
    def now_text(self) -> str:
        return instant_text(self.now)


class WriteListener(Protocol):
    def __call__(self) -> None: ...


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open `path` with the pragmas that every connection of the program has.

    A reader never makes a file that is not there. Raises DatabaseUnavailable when it cannot be opened.
    """
    # mode=rw for readers too: the write-ahead log cannot be read without its shared memory file.
    uri = f"{path.absolute().as_uri()}?mode={'rw' if read_only else 'rwc'}"
    with machine_errors():
        conn = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            _set_up(conn, read_only=read_only)
        except BaseException:
            conn.close()
            raise
    return conn


def _set_up(conn: sqlite3.Connection, *, read_only: bool) -> None:
    conn.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    conn.execute("PRAGMA foreign_keys = ON")
    if read_only:
        conn.execute("PRAGMA query_only = ON")
    else:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")


def run_write(
    conn: sqlite3.Connection,
    now: datetime,
    fn: Callable[..., R],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    dry_run: bool = False,
    expect: str | None = None,
) -> R:
    """Run `fn` between BEGIN IMMEDIATE and COMMIT; any exception rolls everything back.

    With `dry_run` it ends in ROLLBACK: the preview is the real thing. With `expect`, the digest of the
    preview that a person confirmed, a result that differs is rolled back and raised as PreviewChanged.
    """
    with machine_errors():
        conn.execute("BEGIN IMMEDIATE")
        try:
            result = fn(Tx(conn, now), *args, **kwargs)
            if expect is not None and digest_of(result) != expect:
                raise PreviewChanged(result)
        except BaseException:
            rollback(conn)
            raise
        if dry_run:
            conn.execute("ROLLBACK")
        else:
            _commit(conn)
        return result


def run_read(
    conn: sqlite3.Connection,
    now: datetime,
    fn: Callable[..., R],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> R:
    """Run `fn` on one consistent snapshot."""
    with machine_errors():
        conn.execute("BEGIN")
        try:
            return fn(Tx(conn, now), *args, **kwargs)
        finally:
            rollback(conn)


def _commit(conn: sqlite3.Connection) -> None:
    try:
        conn.execute("COMMIT")
    except BaseException:
        rollback(conn)
        raise


def rollback(conn: sqlite3.Connection) -> None:
    if conn.in_transaction:  # SQLite itself rolls back when the disk is full
        conn.execute("ROLLBACK")


# What the machine can do to us, as opposed to a mistake in our SQL.
_MACHINE_CODES = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL,
}  # fmt: skip


@contextmanager
def machine_errors() -> Iterator[None]:
    """Turn what the machine does to us into DatabaseUnavailable; mistakes of our own stay what they are."""
    try:
        yield
    except sqlite3.DatabaseError as exc:
        if (getattr(exc, "sqlite_errorcode", 0) & 0xFF) in _MACHINE_CODES:
            raise DatabaseUnavailable(cause=str(exc)) from exc
        raise


class UnitConnection(aiosqlite.Connection):
    """aiosqlite's connection, able to run a whole unit of work in its thread at once."""

    async def run(self, fn: Callable[[sqlite3.Connection], R]) -> R:
        result: R = await self._execute(fn, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite: untyped
        return result


class Database:
    """The bot's database. Writes queue up behind one connection, reads go to the others in turn."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.listeners: list[WriteListener] = []
        self._writer: UnitConnection | None = None
        self._readers: list[UnitConnection] = []
        self._turn = itertools.count()

    async def __aenter__(self) -> Self:
        try:
            self._writer = await _open(self.path, read_only=False)
            for _ in range(READERS):
                self._readers.append(await _open(self.path, read_only=True))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        for conn in (*self._readers, self._writer):
            if conn is not None:
                await conn.close()
        self._readers.clear()
        self._writer = None

    async def write(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a use case for real. A cancelled caller does not stop it half-way."""
        return await self._run_write(fn, args, kwargs)

    async def preview(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a use case and take it back: what would happen."""
        return await self._run_write(fn, args, kwargs, dry_run=True)

    async def confirm(
        self, expect: str, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case whose preview had the digest `expect`; raises PreviewChanged when it differs now."""
        return await self._run_write(fn, args, kwargs, expect=expect)

    async def read(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        reader = self._readers[next(self._turn) % len(self._readers)]
        return await reader.run(lambda conn: run_read(conn, self.clock.now(), fn, args, kwargs))

    async def _run_write(
        self,
        fn: Callable[..., R],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        dry_run: bool = False,
        expect: str | None = None,
    ) -> R:
        assert self._writer is not None, "the database is not open"
        writer = self._writer

        async def unit() -> R:
            result = await writer.run(
                lambda conn: run_write(
                    conn, self.clock.now(), fn, args, kwargs, dry_run=dry_run, expect=expect
                )
            )
            if not dry_run:
                for listener in self.listeners:
                    listener()
            return result

        return await asyncio.shield(unit())


class LocalDatabase:
    """The same without an event loop: for the command line, the seeds and the core's tests."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.conn = connect(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self.conn.close()

    def write(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return run_write(self.conn, self.clock.now(), fn, args, kwargs)

    def preview(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return run_write(self.conn, self.clock.now(), fn, args, kwargs, dry_run=True)

    def confirm(
        self, expect: str, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        return run_write(self.conn, self.clock.now(), fn, args, kwargs, expect=expect)

    def read(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return run_read(self.conn, self.clock.now(), fn, args, kwargs)


async def _open(path: Path, *, read_only: bool) -> UnitConnection:
    conn = UnitConnection(lambda: connect(path, read_only=read_only), iter_chunk_size=64)
    await conn
    return conn
