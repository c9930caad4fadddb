"""The look-ups of core/plan_desk.py. Amounts are in minor units."""

import sqlite3

from core.store.rows import value


def price_at(conn: sqlite3.Connection, plan_id: int, period: str) -> int | None:
    """The price that counts for this month."""
    found: int | None = value(
        conn,
        """
        SELECT amount_minor FROM plan_prices WHERE plan_id = :plan AND from_period <= :period
        ORDER BY from_period DESC, id DESC LIMIT 1
        """,
        plan=plan_id,
        period=period,
    )
    return found


def issued_from(
    conn: sqlite3.Connection, workspace_id: int, plan_id: int, period: str, minor: int
) -> list[tuple[str, str, int, int]]:
    """(month, status, bills, unpaid ones of another amount) of a plan from a month on, oldest first."""
    return conn.execute(
        """
        SELECT period, billing_periods.status, count(*),
            sum(bills.status IN ('pending', 'rejected') AND amount_minor <> :minor AND settled_minor = 0)
        FROM billing_periods JOIN bills ON billing_period_id = billing_periods.id
        WHERE billing_periods.workspace_id = :workspace AND period >= :period AND plan_id = :plan
            AND bills.status <> 'void'
        GROUP BY billing_periods.id ORDER BY period
        """,
        {"workspace": workspace_id, "plan": plan_id, "period": period, "minor": minor},
    ).fetchall()


def method_uses(conn: sqlite3.Connection, workspace_id: int) -> dict[int, tuple[int, int]]:
    """Method → (how often money came in by it, what of all that is in its pot now)."""
    rows = conn.execute(
        """
        SELECT owner_id,
            (SELECT count(*) FROM ledger_postings WHERE account_id = accounts.id AND amount_minor > 0),
            (SELECT coalesce(sum(amount_minor), 0) FROM ledger_postings WHERE account_id = accounts.id)
        FROM accounts WHERE workspace_id = :workspace AND kind = 'pot'
        """,
        {"workspace": workspace_id},
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}
