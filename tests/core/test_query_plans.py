"""No statement of the store reads a large table from end to end: SQLite's own plan of each one is read.

Every function of core/store is called with made-up arguments of the right types, so a new one is looked at
without anybody thinking of it. Nobody runs ANALYZE, and without it plans do not depend on how many rows there
are: what is a search here is one with a million bills.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import pkgutil
import re
import sqlite3
import types
import typing
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

import core.store
from core import migrate
from core.db import LocalDatabase, Tx
from core.tokens import LinkToken
from tests.factories import Club
from tests.fakes import FixedClock

LARGE = {
    "accounts", "allocations", "audit_log", "bill_lines", "bills", "job_runs", "ledger_entries",
    "ledger_postings", "link_requests", "link_tokens", "members", "messages", "notices", "payments", "proofs",
    "reminders", "roster_import_changes", "subscription_pauses", "subscriptions", "waivers",
}  # fmt: skip

# What reads a large table, or the whole of a club, and why it may. Everything else is found by an index.
WHOLE = {
    "checks.broken": "re-adds the whole file: that is what it is for",
    "checks.counts": "counts the whole file, for the same report",
    "audit_log.chain": "a chain is walked from its beginning, by check",
    "issuing.gather": "opening a month looks at every subscription of the club, once",
    "members.everyone": "the whole roster, for the import and the export",
    "members.count_unlinked": "one number for /setup",
    "bill_lists.people_named": "a part of a name can stand anywhere in it",
    "members.search": "a part of a name can stand anywhere in it",
    "members.page": "a part of a name can stand anywhere in it",
    "admin_views.seats": "a part of a name can stand anywhere in it",
    "admin_views.payments": "newest first, and stops at the first 25 that fit",
    "bill_views.search": "newest first, and stops at the first 25 that fit; a part of a name can stand anywhere",
    "bill_views.holders": "everybody on a plan: they are all to be charged",
    "admin_views.plan_names": "the whole roster, for the export",
    "admin_views.progress": "a few numbers for /setup",
    "reminders.gather_unpaid": "everybody who owes, by an index of unpaid bills: they are all to be reminded",
    "roster_import.members": "the whole roster, for the import",
    "roster_import.merged": "the whole roster, for the import",
    "subscriptions.of_workspace": "the whole roster, for the import and the export",
    "subscriptions.pauses_of_workspace": "the whole roster, for the import and the export",
    "notices.counts": "a few numbers for /setup",
    "proofs.kept_totals": "how much a club keeps, for the preview of its retention",
    "subscriptions.any_active": "stops at the first that is active",
    "log_lists.holders": "everybody with an account, to choose from when a role is given",
    "figures.counts": "a few numbers over all clubs, when the operator's monitoring asks",
    "figures.notices_by_status": "the same",
    "figures.failed_jobs": "the same",
    "workspaces.has_bills": "stops at the first; asked only when the currency is to change",
}
# Partial indexes that hold only what is under way, and so stay small however old the club is.
SMALL = {
    "notices_waiting",
    "payments_waiting",
    "payments_credit",
    "subscription_pauses_running",
    "link_requests_waiting",
}
ALIAS = re.compile(r"\b(\w+) AS (\w+)\b")
# "SEARCH x USING INDEX y (workspace_id=?)": with one club in the file that is all of it.
ONLY_THE_CLUB = re.compile(r"SEARCH (\w+) USING (?:COVERING )?INDEX (\w+) \(workspace_id=\?\)$")
SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")


class Spy:
    """A connection that has each statement explained before it runs."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self.plans: list[tuple[str, list[str]]] = []

    def execute(self, sql: str, params: Any = ()) -> sqlite3.Cursor:
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", sql):
            rows = self._conn.execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
            self.plans.append((sql, [row[3] for row in rows]))
        return self._conn.execute(sql, params)

    def executemany(self, sql: str, rows: Iterable[Any]) -> None:
        for row in rows:
            self.execute(sql, row)


def store_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for found in pkgutil.iter_modules(core.store.__path__):
        # no table; whole files; a move made once
        if found.name in ("rows", "copies") or found.name.startswith("chippot"):
            continue
        module = importlib.import_module(f"core.store.{found.name}")
        for name, function in vars(module).items():  # in the order in which they are written
            if inspect.isfunction(function) and function.__module__ == module.__name__ and name[0] != "_":
                first = next(iter(typing.get_type_hints(function).values()), None)
                if first is sqlite3.Connection:
                    yield f"{found.name}.{name}", function


FUNCTIONS = dict(store_functions())


def argument(name: str, kind: Any, columns: dict[str, Any]) -> Any:
    """Something of this type that a statement can be run with."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return argument(name, parts[0], columns)
    if isinstance(kind, typing.NewType):
        return argument(name, kind.__supertype__, columns)
    if origin in (dict, Mapping):
        return columns
    if origin is tuple:
        return tuple(argument(name, part, columns) for part in parts if part is not ...)
    if origin in (list, Collection, Sequence, Iterable, set, frozenset):
        return [argument(name, parts[0], columns)]
    if origin is type:
        return LinkToken
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(
            **{
                field.name: argument(field.name, hints[field.name], columns)
                for field in dataclasses.fields(kind)
            }
        )
    made = {int: 1, bool: True, str: SAMPLES.get(name, "2026-06-05"), float: 1.0}
    if kind in made:
        return made[kind]
    return columns if name in ("row", "changes") else SAMPLES.get(name, 1)


SAMPLES: dict[str, Any] = {
    "rule": "bill_status", "table": "bills", "period": "2026-06", "role": "auditor", "status": "waiting",
    "currency": "TWD", "subject_type": "bill", "kind": "claim", "was": "submitted", "locale": "en", "proration": "none",
}  # fmt: skip
# What a function of any keywords is given.
KEYWORDS: dict[str, dict[str, Any]] = {
    "payments.move": {"decided_by": "x"},
    "notices.update": {"status": "sent"},
    "log_lists.notices": {"filters": {"cursor": 9, "kind": "opened", "period_id": 1}},
    **{
        f"lists.{name}": {"filters": {"cursor": 9}}
        for name in ("bills", "payments", "members", "subscriptions", "notices", "audit", "link_requests")
    },
}


def arguments(name: str, function: Callable[..., Any], columns: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(function)
    given = {
        parameter.name: argument(parameter.name, hints[parameter.name], columns)
        for parameter in list(inspect.signature(function).parameters.values())[1:]
        if parameter.kind is not parameter.VAR_KEYWORD
    }
    if name == "workspaces.update":
        given["changes"] = {"due_days": 1}
    return {**given, **KEYWORDS.get(name, {})}


def all_columns(conn: sqlite3.Connection) -> dict[str, Any]:
    tables = conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    names = {row[1] for (table,) in tables for row in conn.execute(f"PRAGMA table_info({table})").fetchall()}
    return Anything({**dict.fromkeys(names, 1), "params": "{}", "now": "2026-06-05T01:00:00.000Z"})


class Anything(dict[str, Any]):
    """A row that has whatever a statement names."""

    def __missing__(self, name: str) -> int:
        return 1


def plans_of(db: LocalDatabase, name: str) -> list[tuple[str, list[str]]]:
    """(statement, plan) of everything that the function runs; whatever it changes is taken back."""
    spy = Spy(db.conn)

    def run(tx: Tx) -> None:
        columns = all_columns(tx.conn)
        module, _ = name.split(".")
        for other in (
            n for n in FUNCTIONS if n.startswith(f"{module}.")
        ):  # one may leave a temporary table behind
            if other == name:
                break
            with contextlib.suppress(Exception):
                call(other, typing.cast("Spy", tx.conn), columns)
        call(name, spy, columns)

    db.preview(run)
    return spy.plans


def call(name: str, conn: Spy, columns: dict[str, Any]) -> None:
    given = arguments(name, FUNCTIONS[name], columns)
    for variant in VARIANTS.get(name, ({},)):
        try:
            result = FUNCTIONS[name](typing.cast("sqlite3.Connection", conn), **{**given, **variant})
            if isinstance(result, Generator):
                list(result)
        except (sqlite3.IntegrityError, TypeError):
            pass  # the made-up row cannot be, or is not there; the plan was read


VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {"issuing.gather": ({"only": None}, {})}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, list[str]]] | Exception]:
    """Every function's statements and their plans, or why it could not be run; read once."""
    path = tmp_path_factory.mktemp("plans") / "club.db"
    migrate.prepare(path)
    found: dict[str, list[tuple[str, list[str]]] | Exception] = {}
    with LocalDatabase(path, FixedClock()) as db:
        a_month(Club.create(db))
        for name in FUNCTIONS:
            try:
                found[name] = plans_of(db, name)
            except Exception as exc:
                found[name] = exc
    return found


def a_month(club: Club) -> None:
    """One of nearly everything, so that functions do not return early."""
    member = club.subscriber(club.plan())
    club.open()
    club.record(member, 1000)
    club.submit(club.subscriber(club.plan("Other")))


Plans = dict[str, list[tuple[str, list[str]]] | Exception]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_is_read_from_end_to_end(plans: Plans, name: str) -> None:
    found = plans[name]
    if isinstance(found, Exception):
        raise found
    assert found, "this function ran no statement: give it better arguments in SAMPLES"
    whole = [f"{line}\n{sql}" for sql, plan in found for line in plan if reads_whole(sql, line)]
    assert name in WHOLE or not whole, "\n".join(whole)


def test_every_exception_is_still_needed(plans: Plans) -> None:
    needed = {
        name
        for name, found in plans.items()
        if isinstance(found, list) and any(reads_whole(sql, line) for sql, plan in found for line in plan)
    }
    assert WHOLE.keys() - needed == set()


def reads_whole(sql: str, line: str) -> bool:
    return reads_a_whole_table(sql, line) or reads_a_whole_club(sql, line)


def table_of(sql: str, name: str) -> str:
    return {alias: table for table, alias in ALIAS.findall(sql)}.get(name, name)


def reads_a_whole_table(sql: str, line: str) -> bool:
    found = SCAN.match(line)
    table = table_of(sql, found[1]) if found else ""
    # A table that the statement does not name is there for foreign keys, and is read only if one is broken.
    small = bool(found) and found[2] in SMALL
    return table in LARGE and not small and re.search(rf"\b{table}\b", sql) is not None


def reads_a_whole_club(sql: str, line: str) -> bool:
    found = ONLY_THE_CLUB.match(line)
    only_so_many = re.search(r"\bmax\(id\)|WHERE workspace_id = :\w+\s+ORDER BY id( DESC)? LIMIT", sql)
    if found is None or found[2] in SMALL or only_so_many:
        return False
    return table_of(sql, found[1]) in LARGE


def test_a_scan_would_be_seen(db: LocalDatabase) -> None:
    """The tests above are worth only what their reader finds."""
    spy = Spy(db.conn)
    spy.execute("SELECT bill.id FROM bills AS bill WHERE bill.title = :title", {"title": "x"})
    ((sql, (line,)),) = spy.plans
    assert reads_a_whole_table(sql, line)
    spy.execute("SELECT id FROM subscriptions WHERE workspace_id = 1", {})
    assert reads_a_whole_club(spy.plans[1][0], spy.plans[1][1][0])
    spy.execute("SELECT id FROM bills WHERE id = 1", {})
    assert not reads_a_whole_table(spy.plans[2][0], spy.plans[2][1][0])
