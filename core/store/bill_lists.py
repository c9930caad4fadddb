"""Lists of bills, newest first: by keyset, over the index of period and status, so that a page costs the same
however many bills there are. Amounts are in minor units."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from core.models import Bill
from core.store.members import COUNTING
from core.store.rows import columns, values

LIVE_PAYMENT = """
    (SELECT payments.id FROM allocations JOIN payments ON payments.id = payment_id
     WHERE bill_id = bill.id AND released_at IS NULL AND payments.status IN ('submitted', 'verified')
     ORDER BY allocations.id DESC LIMIT 1)
"""

# What a bill has to be like, each part only when its param is given. :method 0 asks for "not stated".
_FITS = """
    (:plan IS NULL OR bill.plan_id = :plan)
    AND (:due_before IS NULL OR bill.due_on < :due_before)
    AND (NOT :partly OR bill.settled_minor > 0)
    AND (:method IS NULL OR EXISTS (
        SELECT 1 FROM allocations JOIN payments ON payments.id = payment_id
        WHERE bill_id = bill.id AND released_at IS NULL AND payments.status IN ('submitted', 'verified')
            AND coalesce(confirmed_method_id, declared_method_id, 0) = :method))
"""


def heads(
    conn: sqlite3.Connection, period_ids: Sequence[int], statuses: Sequence[str], before: int
) -> list[tuple[int, str, int]]:
    """(period, status, newest bill below `before`) for each pair that has one."""
    rows = conn.execute(
        """
        SELECT period.value, status.value,
            (SELECT max(id) FROM bills
             WHERE billing_period_id = period.value AND status = status.value AND id < :before) AS head
        FROM json_each(:periods) AS period, json_each(:statuses) AS status
        """,
        {"periods": json.dumps(list(period_ids)), "statuses": json.dumps(list(statuses)), "before": before},
    ).fetchall()
    return [row for row in rows if row[2] is not None]


def ids_of_period(
    conn: sqlite3.Connection, period_id: int, status: str, before: int, limit: int
) -> list[int]:
    """Bills of a period in one status, newest first."""
    return values(
        conn,
        """
        SELECT id FROM bills WHERE billing_period_id = :period AND status = :status AND id < :before
        ORDER BY id DESC LIMIT :limit
        """,
        period=period_id, status=status, before=before, limit=limit,
    )  # fmt: skip


def ids_outside(
    conn: sqlite3.Connection, workspace_id: int, status: str, before: int, limit: int
) -> list[int]:
    """Charges and opening balances, which belong to no period, in one status, newest first."""
    return values(
        conn,
        """
        SELECT id FROM bills
        WHERE billing_period_id IS NULL AND status = :status AND id < :before AND workspace_id = :workspace
        ORDER BY id DESC LIMIT :limit
        """,
        workspace=workspace_id, status=status, before=before, limit=limit,
    )  # fmt: skip


def fitting(
    conn: sqlite3.Connection, ids: Sequence[int], *, member_ids: Sequence[int] | None, plan_id: int | None,
    method_id: int | None, due_before: str | None, partly: bool,
) -> list[int]:  # fmt: skip
    """Those of the bills that fit, newest first."""
    condition = "" if member_ids is None else "AND bill.member_id IN (SELECT value FROM json_each(:members))"
    return values(
        conn,
        f"""
        SELECT bill.id FROM bills AS bill
        WHERE bill.id IN (SELECT value FROM json_each(:ids)) AND {_FITS} {condition} ORDER BY bill.id DESC
        """,
        ids=json.dumps(list(ids)), plan=plan_id, method=method_id, due_before=due_before,
        partly=int(partly), members=json.dumps(list(member_ids or ())),
    )  # fmt: skip


def ids_of_members(
    conn: sqlite3.Connection, workspace_id: int, member_ids: Sequence[int], statuses: Sequence[str], *,
    period_id: int | None, outside: bool, plan_id: int | None, method_id: int | None, due_before: str | None,
    partly: bool, before: int, limit: int,
) -> list[int]:  # fmt: skip
    """Bills of some people that fit, newest first; for a search that few people fit."""
    return values(
        conn,
        f"""
        SELECT bill.id FROM bills AS bill
        WHERE bill.member_id IN (SELECT value FROM json_each(:members)) AND +bill.workspace_id = :workspace
            AND bill.status IN (SELECT value FROM json_each(:statuses))
            AND (:period IS NULL OR bill.billing_period_id = :period)
            AND (NOT :outside OR bill.billing_period_id IS NULL)
            AND bill.id < :before AND {_FITS}
        ORDER BY bill.id DESC LIMIT :limit
        """,
        workspace=workspace_id, members=json.dumps(list(member_ids)), statuses=json.dumps(list(statuses)),
        period=period_id, outside=int(outside), plan=plan_id, method=method_id, due_before=due_before,
        partly=int(partly), before=before, limit=limit,
    )  # fmt: skip


def people_named(conn: sqlite3.Connection, workspace_id: int, text_key: str) -> list[int]:
    """Every entry, merged ones included, of the people whose name contains the text."""
    return values(
        conn,
        """
        SELECT id FROM members WHERE workspace_id = :workspace AND coalesce(successor_id, id) IN (
            SELECT coalesce(successor_id, id) FROM members
            WHERE workspace_id = :workspace AND instr(name_key, :text) > 0)
        """,
        workspace=workspace_id, text=text_key,
    )  # fmt: skip


def entries_of(conn: sqlite3.Connection, workspace_id: int, member_id: int) -> list[int]:
    """Every entry of one person, merged ones included."""
    return values(
        conn,
        """
        SELECT person.id FROM members AS asked
            JOIN members AS person ON person.id = coalesce(asked.successor_id, asked.id)
        WHERE asked.id = :member AND asked.workspace_id = :workspace
        UNION
        SELECT merged.id FROM members AS asked
            JOIN members AS merged ON merged.successor_id = coalesce(asked.successor_id, asked.id)
        WHERE asked.id = :member AND asked.workspace_id = :workspace
        """,
        workspace=workspace_id, member=member_id,
    )  # fmt: skip


def rows(conn: sqlite3.Connection, ids: Sequence[int]) -> list[tuple[Bill, tuple[Any, ...]]]:
    """The bills with (person, name, period, period's status, payment, its status, method), newest first."""
    found = conn.execute(
        f"""
        SELECT {columns(Bill, "bill")}, person.id, person.name, period.period, period.status, payment.id,
            payment.status, method.name
        FROM bills AS bill
            JOIN members AS person ON person.id = {COUNTING.format(id="bill.member_id")}
            LEFT JOIN billing_periods AS period ON period.id = bill.billing_period_id
            LEFT JOIN payments AS payment ON payment.id = {LIVE_PAYMENT}
            LEFT JOIN methods AS method
                ON method.id = coalesce(payment.confirmed_method_id, payment.declared_method_id)
        WHERE bill.id IN (SELECT value FROM json_each(:ids)) ORDER BY bill.id DESC
        """,
        {"ids": json.dumps(list(ids))},
    ).fetchall()
    width = len(columns(Bill).split(", "))
    return [(Bill(*row[:width]), row[width:]) for row in found]


def waivers_of(conn: sqlite3.Connection, bill_id: int) -> list[tuple[int, int, str, str, str, str | None]]:
    """(id, amount, reason, who, when, when it was taken back) of a bill's waivers, oldest first."""
    return conn.execute(
        """
        SELECT id, amount_minor, reason, created_by, created_at, reversed_at FROM waivers
        WHERE bill_id = :bill ORDER BY id
        """,
        {"bill": bill_id},
    ).fetchall()


def history_of(
    conn: sqlite3.Connection, workspace_id: int, subject_type: str, subject_id: int
) -> list[tuple[str, str, str, str, str]]:
    """(action, who, when, before, after) of everything that was done with a thing, oldest first."""
    return conn.execute(
        """
        SELECT action, done_by, done_at, before_json, after_json FROM audit_log
        WHERE subject_type = :type AND subject_id = :id AND workspace_id = :workspace ORDER BY id
        """,
        {"workspace": workspace_id, "type": subject_type, "id": subject_id},
    ).fetchall()
