"""Switching over: a ChipPot database with a million bills, previewed and brought over."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from bench.clubs import BenchClock
from bench.figures import emit, seconds
from core import migrate
from core.chippot import import_chippot, open_source
from core.db import LocalDatabase

MEMBERS = 13_900
MONTHS = 36  # with two plans a member: a million bills


def chippot_import(folder: Path) -> None:
    """Preview and apply, one after the other, as somebody does who switches."""
    source = make_chippot(folder / "chippot.sqlite3")
    migrate.prepare(folder / "books.sqlite3")
    db = LocalDatabase(folder / "books.sqlite3", BenchClock())

    def work() -> None:
        with open_source(source) as opened:
            preview = db.preview(import_chippot, opened)
            done = db.write(import_chippot, opened)
        assert preview.effects == done.effects
        assert done.counts["bills"] == 2 * MEMBERS * MONTHS
        assert not done.differences

    took = seconds(work)
    db.close()
    emit("chippot_import", "s", took)


def make_chippot(path: Path, members: int = MEMBERS, months: int = MONTHS) -> Path:
    """A ChipPot in which every member holds two plans and settles both at once, but for two months."""
    path.unlink(missing_ok=True)
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = OFF")
    conn.executescript(_TABLES)
    conn.execute("BEGIN")
    for statement in _ROWS:
        conn.execute(statement, {"members": members, "months": months})
    conn.execute("COMMIT")
    conn.close()
    return path


_TABLES = """
    CREATE TABLE workspaces (id INTEGER PRIMARY KEY, name TEXT, billing_day INTEGER, settings TEXT,
        created_at TEXT);
    CREATE TABLE users (id INTEGER PRIMARY KEY, workspace_id INTEGER, discord_id TEXT, display_name TEXT,
        email TEXT, note TEXT, created_at TEXT);
    CREATE TABLE plans (id INTEGER PRIMARY KEY, workspace_id INTEGER, name TEXT, monthly_amount INTEGER,
        billing_cycle TEXT, discord_role_id TEXT, active INTEGER, created_at TEXT);
    CREATE TABLE channel_tags (id INTEGER PRIMARY KEY, workspace_id INTEGER, name TEXT, type TEXT,
        active INTEGER, sort_order INTEGER, created_at TEXT);
    CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, workspace_id INTEGER, user_id INTEGER,
        plan_id INTEGER, start_date TEXT, billing_day INTEGER, custom_cycle INTEGER, status TEXT,
        created_at TEXT,
        updated_at TEXT);
    CREATE TABLE payments (id INTEGER PRIMARY KEY, workspace_id INTEGER, subscription_id INTEGER, period TEXT,
        due_date TEXT, amount INTEGER, status TEXT, has_proof INTEGER, screenshot_key TEXT, payment_note TEXT,
        declared_channel_tag_id INTEGER, verified_channel_tag_id INTEGER, source TEXT, rejected_reason TEXT,
        submitted_at TEXT, paid_at TEXT, verified_by TEXT, verified_at TEXT, created_at TEXT, updated_at TEXT,
        UNIQUE (subscription_id, period));
    CREATE TABLE notification_logs (id INTEGER PRIMARY KEY, workspace_id INTEGER, type TEXT, period TEXT,
        sent_at TEXT);
"""
_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :{}) "
_MONTH = "strftime('%Y-%m', '2023-07-01', (i - 1) || ' months')"
_NOW = "'2023-06-01T00:00:00.000Z'"
# Settled by ones and together: who pays both plans at once has the same instant and screenshot on both bills.
_SETTLED = "i <= :months - 2 AND (user_id + i) % 20 > 0"
_ROWS = (
    f"""INSERT INTO workspaces VALUES (1, 'Bench', 5, '{{"discord_guild_id": "4711"}}', {_NOW})""",
    _COUNT.format("members")
    + f"""
    INSERT INTO users
    SELECT i, 1, 9000000 + i, 'Member ' || i, 'm' || i || '@example.org', NULL, {_NOW} FROM n
    """,
    f"""
    INSERT INTO plans VALUES
        (1, 1, 'A', 315, 'monthly', NULL, 1, {_NOW}), (2, 1, 'B', 251, 'monthly', NULL, 1, {_NOW})
    """,
    f"INSERT INTO channel_tags VALUES (1, 1, 'LINE Pay', 'mobilepayment', 1, 1, {_NOW})",
    f"""
    INSERT INTO subscriptions
    SELECT users.id * 2 + plans.id - 2, 1, users.id, plans.id, '2023-06-01', 5, 0, 'active', {_NOW}, {_NOW}
    FROM users, plans
    """,
    _COUNT.format("months")
    + f"""
    INSERT INTO payments SELECT NULL, 1, subscriptions.id, {_MONTH}, {_MONTH} || '-05', monthly_amount,
        iif({_SETTLED}, 'verified', 'pending'), {_SETTLED},
        iif({_SETTLED}, user_id || '/' || i || '.png', NULL),
        iif({_SETTLED} AND user_id % 5 = 0, '備註 ' || user_id, NULL), iif({_SETTLED}, 1, NULL),
        iif({_SETTLED}, 1, NULL), 'user_slash', NULL, NULL,
        iif({_SETTLED}, {_MONTH} || '-06T01:00:' || printf('%02d', user_id % 60) || '.000Z', NULL),
        iif({_SETTLED}, 'anna@example.org', NULL), iif({_SETTLED}, {_MONTH} || '-07T01:00:00.000Z', NULL),
        {_MONTH} || '-01T01:00:00.000Z', {_MONTH} || '-07T01:00:00.000Z'
    FROM n, subscriptions JOIN plans ON plans.id = plan_id ORDER BY i, subscriptions.id
    """,
    _COUNT.format("months")
    + f"""
    INSERT INTO notification_logs
    SELECT NULL, 1, 'billing_opened', {_MONTH}, {_MONTH} || '-05T01:00:00.000Z' FROM n
    """,
)
ALL: dict[str, Callable[[Path], None]] = {"chippot_import": chippot_import}
