"""Voiding and repricing the bills of a period in sets, for resync and retract.

What is to change is worked out once into the temporary table `revising`, then written table by table, like
store/issuing.py does for new bills. A bill is *frozen*, and left alone, while a live claim lies on it.
"""

import json
import sqlite3
from collections.abc import Sequence

from core.store.issuing import ACTIVE_DAYS, AMOUNT, PRICES, IssuePeriod
from core.store.members import COUNTING
from core.store.rows import value, values

_TABLE = """
    CREATE TEMP TABLE IF NOT EXISTS revising (
        number INTEGER PRIMARY KEY, bill_id INTEGER NOT NULL, member_id INTEGER NOT NULL, plan_id INTEGER NOT NULL,
        title TEXT NOT NULL, now_minor INTEGER NOT NULL, to_minor INTEGER, price_id INTEGER,
        active_days INTEGER, cycle_days INTEGER
    ) STRICT
"""
_REVERSING = """
    CREATE TEMP TABLE IF NOT EXISTS reversing (
        number INTEGER PRIMARY KEY, entry_id INTEGER NOT NULL, bill_id INTEGER NOT NULL) STRICT
"""

FROZEN = """
    EXISTS (SELECT 1 FROM allocations JOIN payments ON payments.id = payment_id
            WHERE bill_id = bill.id AND kind = 'claim' AND released_at IS NULL
                AND payments.status IN ('submitted', 'verified'))
"""

# Bills of the period whose subscription is not active in it any more (to_minor NULL: void), and pending ones
# whose price is another now. What an admin adjusted by hand stays adjusted; a waiver is never undercut.
_DRIFTED = f"""
    INSERT INTO revising (bill_id, member_id, plan_id, title, now_minor, to_minor, price_id, active_days, cycle_days)
    WITH spans AS (
        SELECT bill.id AS bill_id, subscriptions.id, bill.member_id, bill.plan_id, bill.title, bill.status,
            bill.amount_minor AS now_minor, bill.waived_minor, starts_on, ends_on, proration, covers_from, covers_to
        FROM bills AS bill JOIN subscriptions ON subscriptions.id = bill.subscription_id
            JOIN plans ON plans.id = bill.plan_id
        WHERE bill.billing_period_id = :period_id AND bill.kind = 'plan'
            AND bill.status IN ('pending', 'rejected') AND NOT {FROZEN}
    ), days AS (
        SELECT spans.*,
            {ACTIVE_DAYS.format(a="max(starts_on, :first)", b="min(coalesce(ends_on, :last), :last)")}
                AS days_in_period,
            CASE proration WHEN 'none' THEN 0 ELSE
            {ACTIVE_DAYS.format(a="max(starts_on, covers_from)", b="min(coalesce(ends_on, covers_to), covers_to)")}
            END AS active_days,
            CAST(julianday(covers_to) - julianday(covers_from) AS INTEGER) + 1 AS cycle_days
        FROM spans
    ), prices AS MATERIALIZED ({PRICES}), expected AS (
        SELECT days.*, prices.price_id, {AMOUNT} AS expected_minor,
            (SELECT coalesce(sum(bill_lines.amount_minor), 0) FROM bill_lines
             WHERE bill_lines.bill_id = days.bill_id AND bill_lines.kind <> 'adjustment') AS base_minor
        FROM days JOIN prices ON prices.plan_id = days.plan_id
            JOIN plan_prices ON plan_prices.id = prices.price_id
    ), aims AS (
        SELECT *, iif(days_in_period <= 0, NULL, max(now_minor + expected_minor - base_minor, waived_minor)) AS to_minor
        FROM expected)
    SELECT bill_id, member_id, plan_id, title, now_minor, to_minor, price_id,
        iif(proration = 'none', cycle_days, active_days), cycle_days
    FROM aims WHERE to_minor IS NULL OR (status = 'pending' AND to_minor <> now_minor) ORDER BY bill_id
"""

_RETRACTED = f"""
    INSERT INTO revising (bill_id, member_id, plan_id, title, now_minor)
    SELECT bill.id, bill.member_id, bill.plan_id, bill.title, bill.amount_minor FROM bills AS bill
    WHERE bill.billing_period_id = :period_id AND bill.kind = 'plan' AND bill.status <> 'void' AND NOT {FROZEN}
    ORDER BY bill.id
"""


def gather_drifted(conn: sqlite3.Connection, issue: IssuePeriod) -> None:
    """Work out which bills of the period do not fit the roster and the prices any more."""
    _empty(conn)
    conn.execute(_DRIFTED, {
        "period_id": issue.period_id, "first": issue.first_day, "last": issue.last_day, "period": issue.period,
        "workspace": issue.workspace_id,
    })  # fmt: skip


def gather_retracted(conn: sqlite3.Connection, period_id: int) -> None:
    """Every bill that opening the period made and that is not frozen."""
    _empty(conn)
    conn.execute(_RETRACTED, {"period_id": period_id})


def gather_bills(conn: sqlite3.Connection, bill_ids: Sequence[int]) -> None:
    """These bills, to be voided, unless a claim lies on them."""
    _empty(conn)
    conn.execute(
        f"""
        INSERT INTO revising (bill_id, member_id, plan_id, title, now_minor)
        SELECT bill.id, bill.member_id, bill.plan_id, bill.title, bill.amount_minor
        FROM json_each(:ids) AS wanted JOIN bills AS bill ON bill.id = wanted.value
        WHERE bill.kind = 'plan' AND bill.status <> 'void' AND NOT {FROZEN} ORDER BY bill.id
        """,
        {"ids": json.dumps(list(bill_ids))},
    )


def lines(conn: sqlite3.Connection) -> list[tuple[int, int, str, str, int, int | None]]:
    """(bill, member, member's name, title, amount now, amount then or None when voided), in order."""
    return conn.execute(
        f"""
        SELECT bill_id, member_id, name, title, now_minor, to_minor
        FROM revising JOIN members ON members.id = {COUNTING.format(id="member_id")} ORDER BY number
        """
    ).fetchall()


def allocated_bills(conn: sqlite3.Connection) -> list[int]:
    """Those of the gathered bills on which credit lies."""
    return values(
        conn,
        """
        SELECT DISTINCT bill_id FROM allocations
        WHERE bill_id IN (SELECT bill_id FROM revising) AND released_at IS NULL AND kind = 'credit'
        ORDER BY bill_id
        """,
    )


def members_touched(conn: sqlite3.Connection) -> set[int]:
    """Whose bills were gathered; the entries that count, not merged ones."""
    return set(values(conn, f"SELECT DISTINCT {COUNTING.format(id='member_id')} FROM revising"))


def frozen_bills(conn: sqlite3.Connection, period_id: int) -> int:
    """How many bills of the period a live claim keeps as they are."""
    return int(value(
        conn,
        f"SELECT count(*) FROM bills AS bill WHERE billing_period_id = :period AND status <> 'void' AND {FROZEN}",
        period=period_id,
    ))  # fmt: skip


def write(conn: sqlite3.Connection, *, workspace_id: int, currency: str, on: str, by: str, now: str) -> None:
    """Void and reprice what was gathered, in the bills and in the books. Credit was released before."""
    conn.execute(_REVERSING)
    conn.execute("DELETE FROM reversing")
    base = int(value(conn, "SELECT coalesce(max(id), 0) FROM ledger_entries"))
    params = {"workspace": workspace_id, "currency": currency, "on": on, "by": by, "now": now, "base": base}
    for statement in _VOID:
        conn.execute(statement, params)
    params["base"] = int(value(conn, "SELECT coalesce(max(id), 0) FROM ledger_entries"))
    for statement in _REPRICE:
        conn.execute(statement, params)


def _empty(conn: sqlite3.Connection) -> None:
    conn.execute(_TABLE)
    conn.execute("DELETE FROM revising")


_VOID = (
    "UPDATE bills SET status = 'void' WHERE id IN (SELECT bill_id FROM revising WHERE to_minor IS NULL)",
    """
    INSERT INTO reversing (entry_id, bill_id)
    SELECT entry.id, entry.bill_id
    FROM revising CROSS JOIN ledger_entries AS entry ON entry.bill_id = revising.bill_id  -- in this order
    WHERE to_minor IS NULL AND +entry.reverses_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM ledger_entries WHERE reverses_id = entry.id)
    ORDER BY entry.id
    """,
    """
    INSERT INTO ledger_entries (id, workspace_id, kind, bill_id, reverses_id, entered_on, entered_by, entered_at)
    SELECT :base + number, :workspace, 'void', bill_id, entry_id, :on, :by, :now FROM reversing ORDER BY number
    """,
    """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT :base + number, account_id, -amount_minor
    FROM reversing JOIN ledger_postings ON ledger_postings.entry_id = reversing.entry_id
    ORDER BY number, ledger_postings.id
    """,
)
_REPRICE = (
    """
    INSERT INTO bill_lines
        (bill_id, kind, amount_minor, price_id, active_days, period_days, created_by, created_at)
    SELECT bill_id, 'reprice', to_minor - now_minor, price_id, active_days, cycle_days, :by, :now
    FROM revising WHERE to_minor IS NOT NULL ORDER BY number
    """,
    """
    UPDATE bills SET amount_minor = to_minor,
        status = iif(settled_minor + waived_minor >= to_minor, 'verified', status)
    FROM revising WHERE bills.id = bill_id AND to_minor IS NOT NULL
    """,
    """
    INSERT INTO ledger_entries (id, workspace_id, kind, bill_id, entered_on, entered_by, entered_at)
    SELECT :base + number, :workspace, 'adjust', bill_id, :on, :by, :now
    FROM revising WHERE to_minor IS NOT NULL ORDER BY number
    """,
    """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT :base + number, accounts.id, to_minor - now_minor
    FROM revising JOIN accounts ON accounts.workspace_id = :workspace AND accounts.kind = 'receivable'
        AND owner_id = member_id AND currency = :currency
    WHERE to_minor IS NOT NULL ORDER BY number
    """,
    """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT :base + number, accounts.id, now_minor - to_minor
    FROM revising JOIN accounts ON accounts.workspace_id = :workspace AND accounts.kind = 'dues'
        AND owner_id = plan_id AND currency = :currency
    WHERE to_minor IS NOT NULL ORDER BY number
    """,
)
