"""The sums and look-ups of core/reports.py."""

import sqlite3

from core.store.members import COUNTING
from core.store.rows import value

_NAMED = frozenset({"payments", "bills", "link_requests", "billing_periods", "notices", "subscriptions"})


def workspace_of(conn: sqlite3.Connection, table: str, row_id: int) -> int | None:
    """The workspace that a row belongs to."""
    assert table in _NAMED, table
    found: int | None = value(conn, f"SELECT workspace_id FROM {table} WHERE id = :id", id=row_id)
    return found


def price_from(conn: sqlite3.Connection, price_id: int | None) -> str | None:
    found: str | None = value(conn, "SELECT from_period FROM plan_prices WHERE id = :id", id=price_id)
    return found


def totals(conn: sqlite3.Connection, period_id: int) -> list[tuple[str, int, int, int, int]]:
    """(status, bills, amount, settled, waived) of a period; sums in minor units."""
    return conn.execute(
        """
        SELECT status, count(*), sum(amount_minor), sum(settled_minor), sum(waived_minor) FROM bills
        WHERE billing_period_id = :period GROUP BY status
        """,
        {"period": period_id},
    ).fetchall()


def plans(conn: sqlite3.Connection, period_id: int) -> list[tuple[str, int, int, int, int]]:
    """(title, bills, verified bills, amount, settled) of a period by plan; sums in minor units."""
    return conn.execute(
        """
        SELECT title, count(*), sum(status = 'verified'), sum(amount_minor - waived_minor), sum(settled_minor)
        FROM bills WHERE billing_period_id = :period AND status <> 'void'
        GROUP BY coalesce(plan_id, -1), title ORDER BY coalesce(plan_id, 9999999), title
        """,
        {"period": period_id},
    ).fetchall()


def debtors(conn: sqlite3.Connection, period_id: int) -> list[tuple[int, int, str]]:
    """(member, open minor units, oldest due date) of those who owe for a period and have no claim waiting."""
    return conn.execute(
        f"""
        SELECT {COUNTING.format(id="member_id")} AS person,
            sum(amount_minor - settled_minor - waived_minor) AS open, min(due_on)
        FROM bills WHERE billing_period_id = :period AND status IN ('pending', 'rejected')
        GROUP BY person ORDER BY open DESC, person
        """,
        {"period": period_id},
    ).fetchall()


def by_method(conn: sqlite3.Connection, period_id: int) -> list[tuple[str | None, int, int]]:
    """(confirmed method, settled minor units, payments) of a period; None = not stated."""
    return conn.execute(
        """
        SELECT methods.name, sum(allocations.amount_minor), count(DISTINCT payments.id)
        FROM bills JOIN allocations ON bill_id = bills.id JOIN payments ON payments.id = payment_id
            LEFT JOIN methods ON methods.id = confirmed_method_id
        WHERE billing_period_id = :period AND released_at IS NULL AND payments.status = 'verified'
            AND payments.funds = 'pot'
        GROUP BY confirmed_method_id ORDER BY 2 DESC
        """,
        {"period": period_id},
    ).fetchall()


def pot(conn: sqlite3.Connection, workspace_id: int) -> int:
    """What the club holds, over all methods, in minor units."""
    return int(value(
        conn,
        """
        SELECT coalesce(sum(amount_minor), 0) FROM accounts JOIN ledger_postings ON account_id = accounts.id
        WHERE workspace_id = :workspace AND kind = 'pot'
        """,
        workspace=workspace_id,
    ))  # fmt: skip
