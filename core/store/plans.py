"""plans and plan_prices. Prices are only ever added; which one counts is asked for a period."""

import sqlite3

from core.models import Plan, PlanId, PlanPrice
from core.store.rows import change, columns, insert, many, one, value

_PLAN = columns(Plan)
_PRICE = columns(PlanPrice)


def get(conn: sqlite3.Connection, workspace_id: int, plan_id: int) -> Plan | None:
    return one(
        conn,
        Plan,
        f"SELECT {_PLAN} FROM plans WHERE id = :id AND workspace_id = :workspace",
        id=plan_id,
        workspace=workspace_id,
    )


def everyone(conn: sqlite3.Connection, workspace_id: int, *, with_retired: bool = False) -> list[Plan]:
    return many(
        conn,
        Plan,
        f"""
        SELECT {_PLAN} FROM plans
        WHERE workspace_id = :workspace AND (:with_retired OR retired_at IS NULL) ORDER BY id
        """,
        workspace=workspace_id,
        with_retired=int(with_retired),
    )


def by_name(conn: sqlite3.Connection, workspace_id: int, name_key: str) -> Plan | None:
    """The plan in use that has this name."""
    return one(
        conn,
        Plan,
        f"""
        SELECT {_PLAN} FROM plans
        WHERE workspace_id = :workspace AND name_key = :name_key AND retired_at IS NULL
        """,
        workspace=workspace_id,
        name_key=name_key,
    )


def add(
    conn: sqlite3.Connection, *, workspace_id: int, name: str, name_key: str, role_id: int | None,
    cycle_months: int, proration: str, now: str,
) -> PlanId:  # fmt: skip
    return PlanId(insert(
        conn,
        """
        INSERT INTO plans (workspace_id, name, name_key, role_id, cycle_months, proration, created_at)
        VALUES (:workspace, :name, :name_key, :role, :cycle, :proration, :now)
        """,
        workspace=workspace_id, name=name, name_key=name_key, role=role_id, cycle=cycle_months,
        proration=proration, now=now,
    ))  # fmt: skip


def rename(conn: sqlite3.Connection, plan_id: int, name: str, name_key: str) -> None:
    change(
        conn,
        "UPDATE plans SET name = :name, name_key = :name_key WHERE id = :id",
        id=plan_id,
        name=name,
        name_key=name_key,
    )


def set_role(conn: sqlite3.Connection, plan_id: int, role_id: int | None) -> None:
    change(conn, "UPDATE plans SET role_id = :role WHERE id = :id", id=plan_id, role=role_id)


def retire(conn: sqlite3.Connection, plan_id: int, now: str) -> None:
    change(
        conn, "UPDATE plans SET retired_at = :now WHERE id = :id AND retired_at IS NULL", id=plan_id, now=now
    )


def restore(conn: sqlite3.Connection, plan_id: int) -> None:
    change(conn, "UPDATE plans SET retired_at = NULL WHERE id = :id", id=plan_id)


def add_price(
    conn: sqlite3.Connection, plan_id: int, *, from_period: str, amount_minor: int, by: str, now: str
) -> int:
    return insert(
        conn,
        """
        INSERT INTO plan_prices (plan_id, from_period, amount_minor, set_by, set_at)
        VALUES (:plan, :from_period, :amount, :by, :now)
        """,
        plan=plan_id, from_period=from_period, amount=amount_minor, by=by, now=now,
    )  # fmt: skip


def price_at(conn: sqlite3.Connection, plan_id: int, period: str) -> PlanPrice | None:
    """The price that counts for this period: the newest version from it or an earlier one on."""
    return one(
        conn,
        PlanPrice,
        f"""
        SELECT {_PRICE} FROM plan_prices WHERE plan_id = :plan AND from_period <= :period
        ORDER BY from_period DESC, id DESC LIMIT 1
        """,
        plan=plan_id,
        period=period,
    )


def price_after(conn: sqlite3.Connection, plan_id: int, period: str) -> PlanPrice | None:
    """The next price that begins after this period."""
    return one(
        conn,
        PlanPrice,
        f"""
        SELECT {_PRICE} FROM plan_prices WHERE plan_id = :plan AND from_period > :period
        ORDER BY from_period, id DESC LIMIT 1
        """,
        plan=plan_id,
        period=period,
    )


def prices(conn: sqlite3.Connection, plan_id: int) -> list[PlanPrice]:
    """Every price ever set, in the order of the periods; a later row of one period replaces the earlier."""
    return many(
        conn,
        PlanPrice,
        f"SELECT {_PRICE} FROM plan_prices WHERE plan_id = :plan ORDER BY from_period, id",
        plan=plan_id,
    )


def count_subscribers(conn: sqlite3.Connection, plan_id: int, day: str) -> int:
    """Subscriptions of the plan that have not ended by this day, paused ones included."""
    return int(value(
        conn,
        "SELECT count(*) FROM subscriptions WHERE plan_id = :plan AND (ends_on IS NULL OR ends_on >= :day)",
        plan=plan_id, day=day,
    ))  # fmt: skip
