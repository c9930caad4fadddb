"""Databases to measure on, written in sets: a club of any size, and years of its history."""

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import billing, migrate
from core.clock import instant_text
from core.db import LocalDatabase, connect
from core.models import Actor, WorkspaceId
from core.period import Period

NOW = datetime(2026, 6, 5, 1, tzinfo=UTC)
WORKSPACE = WorkspaceId(1)
TREASURER = Actor.discord(WORKSPACE, 1)
FIRST_ACCOUNT = 1_000_000


class BenchClock:
    """A clock that moves a little at each look, so that instants differ."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


def make_club(path: Path, *, members: int, plans: int) -> LocalDatabase:
    """A club in which every member holds every plan since 2023 and has a linked account."""
    migrate.prepare(path)
    db = LocalDatabase(path, BenchClock())
    now = instant_text(NOW)
    db.conn.execute("BEGIN IMMEDIATE")
    for sql, params in _CLUB:
        db.conn.execute(sql, {"now": now, "members": members, "plans": plans, **params})
    db.conn.execute("COMMIT")
    return db


def member_actor(number: int) -> Actor:
    """The account of the n-th member, counted from 1."""
    return Actor.discord(WORKSPACE, FIRST_ACCOUNT + number)


def add_history(db: LocalDatabase, periods: int, *, unpaid: int) -> None:
    """Open so many periods up to June 2026; all but the last `unpaid` are paid and verified."""
    last = Period("2026-06")
    for number in range(periods):
        db.write(billing.open_period, TREASURER, last.plus(number - periods + 1))
    db.conn.execute("BEGIN IMMEDIATE")
    for sql in _PAID:
        db.conn.execute(sql, {"until": last.plus(1 - unpaid).text, "now": instant_text(NOW)})
    db.conn.execute("COMMIT")


def copy_of(db: LocalDatabase, path: Path) -> Path:
    """A consistent copy of a database file."""
    path.unlink(missing_ok=True)
    db.conn.execute("VACUUM INTO ?", (str(path),))
    return path


def remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def bare(path: Path) -> sqlite3.Connection:
    """A bare sqlite3 connection with the same pragmas."""
    return connect(path)


def scratch(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :{}) "
_CLUB: tuple[tuple[str, dict[str, object]], ...] = (
    (
        """
        INSERT INTO workspaces (guild_id, name, currency, timezone, locale, billing_day, created_at)
        VALUES (1, 'Bench', 'TWD', 'Asia/Taipei', 'en', 5, :now)
        """,
        {},
    ),
    ("INSERT INTO admins VALUES (1, 1, 'treasurer', 'system', :now)", {}),
    (
        _COUNT.format("members")
        + """
        INSERT INTO members (workspace_id, name, name_key, email, email_key, discord_id, created_at)
        SELECT 1, 'Member ' || i, 'member ' || i, 'm' || i || '@example.org', 'm' || i || '@example.org',
            1000000 + i, :now FROM n
        """,
        {},
    ),
    (
        _COUNT.format("plans")
        + """
        INSERT INTO plans (workspace_id, name, name_key, cycle_months, created_at)
        SELECT 1, 'Plan ' || i, 'plan ' || i, 1, :now FROM n
        """,
        {},
    ),
    (
        """
        INSERT INTO plan_prices (plan_id, from_period, amount_minor, set_by, set_at)
        SELECT id, '2023-01', 300 + id, 'system', :now FROM plans
        """,
        {},
    ),
    (
        """
        INSERT INTO methods (workspace_id, name, name_key, kind, created_at)
        VALUES (1, 'Bank', 'bank', 'bank', :now)
        """,
        {},
    ),
    (
        """
        INSERT INTO subscriptions (workspace_id, member_id, plan_id, starts_on, created_at)
        SELECT 1, members.id, plans.id, '2023-01-01', :now FROM members, plans ORDER BY 2, 3
        """,
        {},
    ),
)

# One verified payment per old bill, with its allocation and its ledger entry.
_PAID = (
    """
    CREATE TEMP TABLE old AS SELECT bills.id AS bill, bills.member_id AS member, amount_minor AS minor
    FROM bills JOIN billing_periods ON billing_periods.id = billing_period_id WHERE period < :until
    """,
    """
    INSERT INTO payments (id, workspace_id, member_id, status, recorded, source, declared_minor, received_minor,
        allocated_minor, declared_method_id, confirmed_method_id, request_id, submitted_by, submitted_at,
        decided_by, decided_at, received_on)
    SELECT bill, 1, member, 'verified', 0, 'discord', minor, minor, minor, 1, 1, 'old-' || bill, 'discord:1', :now,
        'discord:1', :now, '2026-06-01' FROM old
    """,
    """
    INSERT INTO allocations (payment_id, bill_id, kind, amount_minor, created_at)
    SELECT bill, bill, 'claim', minor, :now FROM old
    """,
    "UPDATE bills SET status = 'verified', settled_minor = amount_minor WHERE id IN (SELECT bill FROM old)",
    """
    INSERT OR IGNORE INTO accounts (workspace_id, kind, owner_id, currency) VALUES (1, 'pot', 1, 'TWD')
    """,
    """
    INSERT INTO ledger_entries (id, workspace_id, kind, payment_id, entered_on, entered_by, entered_at)
    SELECT (SELECT max(id) FROM ledger_entries) + bill, 1, 'verify', bill, '2026-06-01', 'discord:1', :now FROM old
    """,
    """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT ledger_entries.id, (SELECT id FROM accounts WHERE kind = 'pot'), minor
    FROM old JOIN ledger_entries ON payment_id = bill
    """,
    """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT ledger_entries.id, accounts.id, -minor
    FROM old JOIN ledger_entries ON payment_id = bill
        JOIN accounts ON accounts.workspace_id = 1 AND accounts.kind = 'receivable' AND owner_id = member
            AND currency = 'TWD'
    """,
    "DROP TABLE old",
)
