"""Reading the database of a ChipPot: opening the file so that nothing in it can act, and its tables as rows.

A club that switches hands over an SQLite file or an SQL dump. Rows come as they are stored, which may be
anything: core/chippot/ judges every value.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from core.store.chippot_dump import VALUE_BYTES
from core.store.rows import value

FILE_HEADER = b"SQLite format 3\x00"

# What is read of each table.
TABLES: dict[str, tuple[str, ...]] = {
    "workspaces": ("id", "name", "billing_day", "settings", "created_at"),
    "users": ("id", "workspace_id", "discord_id", "display_name", "email", "note", "created_at"),
    "plans": ("id", "workspace_id", "name", "monthly_amount", "billing_cycle", "discord_role_id", "active",
        "created_at"),
    "channel_tags": ("id", "workspace_id", "name", "type", "active", "sort_order", "created_at"),
    "subscriptions": ("id", "workspace_id", "user_id", "plan_id", "start_date", "billing_day", "custom_cycle",
        "status", "created_at", "updated_at"),
    "payments": ("id", "workspace_id", "subscription_id", "period", "due_date", "amount", "status",
        "screenshot_key", "payment_note", "declared_channel_tag_id", "verified_channel_tag_id", "source",
        "rejected_reason", "submitted_at", "paid_at", "verified_by", "verified_at", "created_at",
        "updated_at"),
    "notification_logs": ("workspace_id", "type", "period", "sent_at"),
}  # fmt: skip

_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION)
_VALID_MONTH = "period GLOB '2[01][0-9][0-9]-0[1-9]' OR period GLOB '2[01][0-9][0-9]-1[0-2]'"


class SourceDamaged(Exception):  # noqa: N818 - reads as what happened
    """The file cannot be read as the database that it claims to be; the text is what SQLite says."""


@contextmanager
def damage() -> Iterator[None]:
    """Tell what is wrong with their database apart from what is wrong with ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise SourceDamaged(str(error)) from None


class BillRow(NamedTuple):
    """One row of ChipPot's table `payments`: what it calls a payment is a bill with its state."""

    id: int
    subscription_id: Any
    user_id: Any
    period: str
    due_date: Any
    amount: Any
    status: Any
    screenshot_key: Any
    note: Any
    declared_id: Any
    confirmed_id: Any
    source: Any
    reason: Any
    submitted_at: Any
    paid_at: Any
    verified_by: Any
    verified_at: Any
    created_at: Any
    updated_at: Any


def open_file(path: Path) -> sqlite3.Connection:
    """Open an SQLite file for reading and nothing else; sqlite3.Error when it is damaged.

    A file without a write-ahead log beside it is taken as it stands, so that nothing is written next to it.
    """
    logged = path.with_name(f"{path.name}-wal")
    alone = not (logged.is_file() and logged.stat().st_size)
    uri = f"{path.absolute().as_uri()}?mode=ro" + ("&immutable=1" if alone else "")
    conn = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)
        conn.execute("PRAGMA trusted_schema = OFF")
        conn.execute("PRAGMA query_only = ON")
        conn.execute("PRAGMA cell_size_check = ON")
        found = value(conn, "PRAGMA quick_check(1)")
        if found != "ok":
            raise sqlite3.DatabaseError(str(found))
    except BaseException:
        conn.close()
        raise
    return conn


def missing(conn: sqlite3.Connection) -> list[str]:
    """The tables (`plans`) and columns (`plans.name`) that a ChipPot has and this database has not."""
    found: dict[str, set[str]] = {}
    rows = conn.execute(
        """
        SELECT tables.name, columns.name
        FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
        WHERE tables.type = 'table' AND tables.rootpage > 0  -- a virtual table has none
        """
    ).fetchall()
    for table, column in rows:
        found.setdefault(table.lower(), set()).add(column.lower())
    return [
        table if column is None else f"{table}.{column}"
        for table, columns in TABLES.items()
        for column in ([None] if table not in found else [c for c in columns if c not in found[table]])
    ]


def begin_reading(conn: sqlite3.Connection) -> None:
    """From now on only rows can be read, all from one snapshot."""
    conn.execute("PRAGMA cache_size = -65536")
    conn.execute("BEGIN")
    conn.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)


def rows(conn: sqlite3.Connection, table: str, workspace_id: int | None = None) -> list[tuple[Any, ...]]:
    """Every row of a small table in the order of TABLES, oldest first; of one workspace when it is given."""
    column = ", ".join(TABLES[table])
    condition = "" if workspace_id is None else "WHERE workspace_id = :workspace"
    return conn.execute(
        f"SELECT {column} FROM {table} {condition} ORDER BY 1", {"workspace": workspace_id}
    ).fetchall()


def count(conn: sqlite3.Connection, workspace_id: int) -> int:
    """How many bills there are."""
    return int(
        value(conn, "SELECT count(*) FROM payments WHERE workspace_id = :workspace", workspace=workspace_id)
    )


def bills(conn: sqlite3.Connection, workspace_id: int) -> Iterator[BillRow]:
    """Every bill; those of one member and month that were settled together follow one another."""
    cursor = conn.execute(
        """
        SELECT bill.id, subscription_id, user_id, coalesce(CAST(period AS TEXT), '') AS period, due_date,
            amount, bill.status, screenshot_key, payment_note, declared_channel_tag_id,
            verified_channel_tag_id, source, rejected_reason, submitted_at, paid_at, verified_by, verified_at,
            bill.created_at, bill.updated_at
        FROM payments AS bill LEFT JOIN subscriptions AS seat ON seat.id = subscription_id
        WHERE bill.workspace_id = :workspace
        ORDER BY period, user_id, paid_at, screenshot_key, bill.status, source, declared_channel_tag_id,
            verified_channel_tag_id, verified_by, rejected_reason, bill.id
        """,
        {"workspace": workspace_id},
    )
    return map(BillRow._make, cursor)


def seat_periods(conn: sqlite3.Connection, workspace_id: int) -> dict[int, tuple[str, str]]:
    """The first and the last month that each subscription was billed for; what is no month does not count."""
    found = conn.execute(
        f"""
        SELECT subscription_id, min(period), max(period) FROM payments
        WHERE workspace_id = :workspace AND ({_VALID_MONTH}) GROUP BY subscription_id
        """,
        {"workspace": workspace_id},
    ).fetchall()
    return {seat: (first, last) for seat, first, last in found}


def plan_amounts(conn: sqlite3.Connection, workspace_id: int) -> list[tuple[int, str, int, int, int]]:
    """(plan, month, smallest amount, largest, how many are the plan's present price), oldest month first."""
    return conn.execute(
        f"""
        SELECT plans.id, period, min(amount), max(amount), sum(amount = monthly_amount)
        FROM payments JOIN subscriptions ON subscriptions.id = subscription_id
            JOIN plans ON plans.id = plan_id
        WHERE payments.workspace_id = :workspace AND typeof(amount) = 'integer' AND amount >= 0
            AND ({_VALID_MONTH})
        GROUP BY plans.id, period ORDER BY plans.id, period
        """,
        {"workspace": workspace_id},
    ).fetchall()


def months(conn: sqlite3.Connection, workspace_id: int) -> list[str]:
    """What stands as month on any bill, junk included."""
    found = conn.execute(
        """
        SELECT DISTINCT coalesce(CAST(period AS TEXT), '') FROM payments
        WHERE workspace_id = :workspace ORDER BY 1
        """,
        {"workspace": workspace_id},
    ).fetchall()
    return [row[0] for row in found]


def totals(conn: sqlite3.Connection, workspace_id: int) -> list[tuple[str, str, int, int]]:
    """(month, status, how many bills, their sum); a bill of nothing counts as verified, as it does here."""
    return conn.execute(
        """
        SELECT coalesce(CAST(period AS TEXT), ''), iif(amount = 0, 'verified', status), count(*), sum(amount)
        FROM payments WHERE workspace_id = :workspace GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {"workspace": workspace_id},
    ).fetchall()
