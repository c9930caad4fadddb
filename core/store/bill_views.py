"""The look-ups of core/reports_bills.py: bills that treasurers search. Typed text is never a pattern."""

import sqlite3
from dataclasses import dataclass

from core.models import Bill, Member
from core.store.members import COUNTING, PERSON
from core.store.rows import columns, many, values


@dataclass(frozen=True, slots=True)
class Waiver:
    """A part of a bill that was forgiven and still is, in minor units."""

    id: int
    bill_id: int
    amount_minor: int
    reason: str
    created_by: str
    created_at: str


# What narrows a search, each by an index of its own.
_BY_ID = "b.id = :bill"
_BY_MEMBER = f"b.member_id IN {PERSON}"
_BY_STATUS = "b.status = :status"
_BY_PERIOD = """b.billing_period_id =
    (SELECT id FROM billing_periods WHERE workspace_id = :workspace AND period = :period)"""
_BY_NAME = f"""b.member_id IN (SELECT named.id FROM members AS named
    JOIN members AS now ON now.id = {COUNTING.format(id="named.id")}
    WHERE named.workspace_id = :workspace AND instr(now.name_key, :text) > 0)"""
_WAIVED = "b.id IN (SELECT bill_id FROM waivers WHERE reversed_at IS NULL)"
_ALIVE = "b.status <> 'void'"


def search(
    conn: sqlite3.Connection,
    workspace_id: int,
    *,
    text_key: str = "",
    bill_id: int | None = None,
    member_id: int | None = None,
    status: str | None = None,
    period: str | None = None,
    is_waived: bool = False,
    with_void: bool = True,
    limit: int = -1,
) -> list[tuple[Bill, Member]]:
    """Bills with whose they are, newest first: of a number, or by a part of the name. -1 is no limit."""
    wanted = {
        _BY_ID: bill_id, _BY_MEMBER: member_id, _BY_STATUS: status, _BY_PERIOD: period,
        _BY_NAME: text_key or None, _WAIVED: is_waived or None, _ALIVE: None if with_void else True,
    }  # fmt: skip
    condition = "".join(f" AND {part}" for part, value in wanted.items() if value is not None)
    rows = conn.execute(
        f"""
        SELECT {columns(Bill, "b")}, {columns(Member, "m")} FROM bills AS b
            JOIN members AS m ON m.id = {COUNTING.format(id="b.member_id")}
        WHERE b.workspace_id = :workspace{condition}
        ORDER BY b.id DESC LIMIT :limit
        """,
        {
            "workspace": workspace_id, "bill": bill_id, "member": member_id, "status": status,
            "period": period, "text": text_key, "limit": limit,
        },
    ).fetchall()  # fmt: skip
    first = len(columns(Bill).split(", "))
    return [(Bill(*row[:first]), Member(*row[first:])) for row in rows]


def waivers(conn: sqlite3.Connection, bill_id: int) -> list[Waiver]:
    """The waivers of a bill that were not taken back, oldest first."""
    return many(
        conn,
        Waiver,
        f"SELECT {columns(Waiver)} FROM waivers WHERE bill_id = :bill AND reversed_at IS NULL ORDER BY id",
        bill=bill_id,
    )


def holders(conn: sqlite3.Connection, workspace_id: int, plan_id: int, today: str) -> list[int]:
    """Everybody who holds a seat on the plan on this day, paused ones included, in the roster's order."""
    return values(
        conn,
        f"""
        SELECT DISTINCT {COUNTING.format(id="member_id")} AS person FROM subscriptions
        WHERE workspace_id = :workspace AND plan_id = :plan AND starts_on <= :today
            AND (ends_on IS NULL OR ends_on >= :today)
        ORDER BY person
        """,
        workspace=workspace_id,
        plan=plan_id,
        today=today,
    )
