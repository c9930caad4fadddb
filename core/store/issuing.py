"""Issuing bills for a period in sets: who is to be billed is worked out once, then written table by table.

A hundred thousand subscriptions are a handful of statements. The rows are numbered in the temporary table
`issuing`; new ids are the highest id so far plus that number, which holds because there is one writer.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from core.store.members import COUNTING
from core.store.rows import value


@dataclass(frozen=True, slots=True)
class IssuePeriod:
    """The period to bill: its row, its first and last day, and the workspace's billing day and due days."""

    workspace_id: int
    period_id: int
    period: str
    first_day: str
    last_day: str
    billing_day: int
    due_days: int


_TABLE = """
    CREATE TEMP TABLE IF NOT EXISTS issuing (
        number INTEGER PRIMARY KEY, subscription_id INTEGER NOT NULL, member_id INTEGER NOT NULL,
        plan_id INTEGER NOT NULL, title TEXT NOT NULL, price_id INTEGER, price_minor INTEGER,
        amount_minor INTEGER, active_days INTEGER NOT NULL, cycle_days INTEGER NOT NULL,
        due_on TEXT NOT NULL, covers_from TEXT NOT NULL, covers_to TEXT NOT NULL
    ) STRICT
"""

# Days from :a to :b, both included, minus the days of it on which the subscription is paused.
ACTIVE_DAYS = """
    CAST(julianday({b}) - julianday({a}) AS INTEGER) + 1 - coalesce((
        SELECT sum(max(0, CAST(
            julianday(min(coalesce(resumes_on, '9999-12-31'), date({b}, '+1 day')))
            - julianday(max(from_on, {a})) AS INTEGER)))
        FROM subscription_pauses WHERE subscription_id = spans.id), 0)
"""

# The price row of each plan for the period.
PRICES = """
        SELECT plans.id AS plan_id, (
            SELECT plan_prices.id FROM plan_prices WHERE plan_prices.plan_id = plans.id AND from_period <= :period
            ORDER BY from_period DESC, plan_prices.id DESC LIMIT 1) AS price_id
        FROM plans WHERE workspace_id = :workspace
"""

# What the price comes to: all of it, or the active days of the cycle, rounded half up to the smallest unit as
# Money.prorate does.
AMOUNT = """
        CASE proration WHEN 'none' THEN plan_prices.amount_minor
            ELSE (2 * plan_prices.amount_minor * active_days + cycle_days) / (2 * cycle_days) END
"""

# A subscription is billed when it is active on some day of the period and no bill of it covers the period.
# A cycle of n months is anchored at the month in which the subscription starts.
_FILL = f"""
    INSERT INTO issuing (subscription_id, member_id, plan_id, title, price_id, price_minor, amount_minor,
        active_days, cycle_days, due_on, covers_from, covers_to)
    WITH held AS (
        SELECT subscriptions.id, member_id, plan_id, starts_on, ends_on, plans.name, cycle_months, proration,
            coalesce(subscriptions.billing_day, :billing_day) AS day,
            CASE cycle_months WHEN 1 THEN :first ELSE date(substr(starts_on, 1, 7) || '-01', (
                ((substr(:period, 1, 4) - substr(starts_on, 1, 4)) * 12
                 + substr(:period, 6, 2) - substr(starts_on, 6, 2)) / cycle_months * cycle_months) || ' months')
            END AS covers_from
        FROM subscriptions JOIN plans ON plans.id = plan_id
        WHERE subscriptions.workspace_id = :workspace AND starts_on <= :last
            AND (ends_on IS NULL OR ends_on >= :first) {{only}}
    ), spans AS (
        SELECT *, CASE cycle_months WHEN 1 THEN :last
            ELSE date(covers_from, cycle_months || ' months', '-1 day') END AS covers_to
        FROM held
    ), days AS (
        SELECT spans.*,
            {ACTIVE_DAYS.format(a="max(starts_on, :first)", b="min(coalesce(ends_on, :last), :last)")}
                AS days_in_period,
            CASE proration WHEN 'none' THEN 0 ELSE
            {ACTIVE_DAYS.format(a="max(starts_on, covers_from)", b="min(coalesce(ends_on, covers_to), covers_to)")}
            END AS active_days,
            CAST(julianday(covers_to) - julianday(covers_from) AS INTEGER) + 1 AS cycle_days
        FROM spans
        WHERE NOT EXISTS (
            SELECT 1 FROM bills WHERE subscription_id = spans.id AND status <> 'void'
                AND bills.covers_from <= :last AND bills.covers_to >= :first)
    ), prices AS MATERIALIZED ({PRICES})
    SELECT days.id, member_id, days.plan_id, days.name, prices.price_id, amount_minor,
        {AMOUNT},
        iif(proration = 'none', cycle_days, active_days), cycle_days,
        date(:period || '-' || printf('%02d', day), :due_days || ' days'), covers_from, covers_to
    FROM days JOIN prices ON prices.plan_id = days.plan_id
        LEFT JOIN plan_prices ON plan_prices.id = prices.price_id
    WHERE days_in_period > 0 ORDER BY days.id
"""


def gather(conn: sqlite3.Connection, issue: IssuePeriod, only: Sequence[int] | None = None) -> int:
    """Work out who is to be billed (of the subscriptions `only`, when given); returns how many."""
    conn.execute(_TABLE)
    conn.execute("DELETE FROM issuing")
    condition = "" if only is None else "AND subscriptions.id IN (SELECT value FROM json_each(:only))"
    cursor = conn.execute(
        _FILL.replace("{only}", condition),
        {
            "workspace": issue.workspace_id, "period": issue.period, "first": issue.first_day,
            "last": issue.last_day, "billing_day": issue.billing_day, "due_days": issue.due_days,
            "only": str(list(only or ())),
        },
    )  # fmt: skip
    return cursor.rowcount


def plan_without_price(conn: sqlite3.Connection) -> str | None:
    """The name of a plan that is to be billed and has no price."""
    found: str | None = value(conn, "SELECT title FROM issuing WHERE price_id IS NULL LIMIT 1")
    return found


def summary(conn: sqlite3.Connection) -> list[tuple[int, str, int, int]]:
    """(plan, name, how many bills, their sum in minor units) of what was gathered."""
    return conn.execute(
        """
        SELECT plan_id, title, count(*), sum(amount_minor) FROM issuing GROUP BY plan_id ORDER BY plan_id
        """
    ).fetchall()


def lines(conn: sqlite3.Connection) -> list[tuple[int, str, str, int]]:
    """(member, member's name, title, amount in minor units) of what was gathered, in order."""
    return conn.execute(
        f"""
        SELECT member_id, name, title, coalesce(amount_minor, 0)
        FROM issuing JOIN members ON members.id = {COUNTING.format(id="member_id")} ORDER BY number
        """
    ).fetchall()


def fingerprint(conn: sqlite3.Connection) -> str:
    """Every gathered bill as text, in order: what a preview's digest is made of."""
    found = value(
        conn,
        """
        SELECT group_concat(subscription_id || ':' || amount_minor || ':' || due_on || ':' || covers_from)
        FROM issuing
        """,
    )
    return found or ""


def write(
    conn: sqlite3.Connection, issue: IssuePeriod, *, currency: str, on: str, by: str, now: str
) -> tuple[int, int]:
    """Write what was gathered as bills, lines and ledger entries; returns the first and last bill id."""
    bill_base = int(value(conn, "SELECT coalesce(max(id), 0) FROM bills"))
    entry_base = int(value(conn, "SELECT coalesce(max(id), 0) FROM ledger_entries"))
    params = {
        "workspace": issue.workspace_id, "period_id": issue.period_id, "currency": currency, "on": on, "by": by,
        "now": now, "bill_base": bill_base, "entry_base": entry_base,
    }  # fmt: skip
    for statement in _WRITES:
        conn.execute(statement, params)
    count = int(value(conn, "SELECT count(*) FROM issuing"))
    return bill_base + 1, bill_base + count


def members_issued(conn: sqlite3.Connection) -> set[int]:
    """Who gets a bill; the entries that count, not merged ones."""
    sql = f"SELECT DISTINCT {COUNTING.format(id='member_id')} FROM issuing"
    return {row[0] for row in conn.execute(sql).fetchall()}


_WRITES = (
    """
    INSERT INTO bills (id, workspace_id, member_id, kind, billing_period_id, subscription_id, plan_id, title,
        amount_minor, status, due_on, covers_from, covers_to, created_at)
    SELECT :bill_base + number, :workspace, member_id, 'plan', :period_id, subscription_id, plan_id, title,
        amount_minor, iif(amount_minor = 0, 'verified', 'pending'), due_on, covers_from, covers_to, :now
    FROM issuing ORDER BY number
    """,
    """
    INSERT INTO bill_lines (bill_id, kind, amount_minor, price_id, created_by, created_at)
    SELECT :bill_base + number, 'price', price_minor, price_id, :by, :now FROM issuing ORDER BY number
    """,
    """
    INSERT INTO bill_lines (bill_id, kind, amount_minor, active_days, period_days, created_by, created_at)
    SELECT :bill_base + number, 'proration', amount_minor - price_minor, active_days, cycle_days, :by, :now
    FROM issuing WHERE amount_minor <> price_minor ORDER BY number
    """,
    """
    INSERT OR IGNORE INTO accounts (workspace_id, kind, owner_id, currency)
    SELECT DISTINCT :workspace, 'receivable', member_id, :currency FROM issuing
    UNION SELECT DISTINCT :workspace, 'dues', plan_id, :currency FROM issuing
    """,
    """
    INSERT INTO ledger_entries (id, workspace_id, kind, bill_id, entered_on, entered_by, entered_at)
    SELECT :entry_base + number, :workspace, 'issue', :bill_base + number, :on, :by, :now
    FROM issuing WHERE amount_minor > 0 ORDER BY number
    """,
    """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT :entry_base + number, accounts.id, amount_minor
    FROM issuing JOIN accounts ON accounts.workspace_id = :workspace AND accounts.kind = 'receivable'
        AND owner_id = member_id AND currency = :currency
    WHERE amount_minor > 0 ORDER BY number
    """,
    """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT :entry_base + number, accounts.id, -amount_minor
    FROM issuing JOIN accounts ON accounts.workspace_id = :workspace AND accounts.kind = 'dues'
        AND owner_id = plan_id AND currency = :currency
    WHERE amount_minor > 0 ORDER BY number
    """,
)
