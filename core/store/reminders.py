"""reminders: which step of which bill went out. All of a run's work is done in sets.

A run gathers its bills in a temporary table first, because every later statement is about the same ones.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from core.models import NoticeId
from core.store.bills import PAYABLE
from core.store.members import COUNTING
from core.store.rows import change, many, value, values


def gather(
    conn: sqlite3.Connection,
    workspace_id: int,
    cutoffs: list[tuple[int, str]],
    *,
    linked_only: bool,
    not_made: tuple[str, str],
) -> int:
    """Collect the bills of which a step is due and not recorded; returns how many reminders are to go out.

    `cutoffs` are (step, newest due date for which it has come). `linked_only` leaves out members whom a
    private message cannot reach; members who left are never reminded. Bills that were made between the two
    instants `not_made` are left for later: their members were told of them just now.
    """
    _clear(conn)
    conn.execute(
        f"""
        WITH step AS (
            SELECT value ->> 0 AS days, value ->> 1 AS latest_due FROM json_each(:cutoffs)
        ), due AS (
            SELECT bill.id AS bill_id, members.id AS member_id, bill.due_on AS due_on, step.days AS days,
                step.days = max(step.days) OVER (PARTITION BY bill.id) AS is_newest
            FROM bills AS bill
                JOIN members ON members.id = {COUNTING.format(id="bill.member_id")}
                JOIN step ON bill.due_on <= step.latest_due
            WHERE bill.workspace_id = :workspace AND bill.due_on <= :latest
                AND members.left_on IS NULL
                AND (NOT :linked_only OR members.discord_id IS NOT NULL)
                AND NOT (bill.created_at >= :made_from AND bill.created_at < :made_until)
                AND {PAYABLE}
        )
        INSERT INTO temp.due_steps (bill_id, member_id, due_on, step_days, is_newest)
        SELECT bill_id, member_id, due_on, days, is_newest FROM due
        WHERE NOT EXISTS (SELECT 1 FROM reminders
            WHERE reminders.bill_id = due.bill_id AND reminders.step_days = due.days)
        """,
        {
            "cutoffs": json.dumps(cutoffs),
            "workspace": workspace_id,
            "latest": max(latest for _, latest in cutoffs),
            "linked_only": int(linked_only),
            "made_from": not_made[0],
            "made_until": not_made[1],
        },
    )
    return int(value(conn, "SELECT count(*) FROM temp.due_steps WHERE is_newest"))


def due_bills(conn: sqlite3.Connection) -> list[int]:
    """The gathered bills of which a reminder goes out, oldest due date first, a member's bills together."""
    return values(
        conn,
        """
        SELECT bill_id FROM temp.due_steps WHERE is_newest
        ORDER BY min(due_on) OVER (PARTITION BY member_id), member_id, due_on, bill_id
        """,
    )


def queue_for_members(conn: sqlite3.Connection, row: dict[str, Any]) -> None:
    """Queue one notice for every linked member with a gathered bill, naming those of theirs."""
    conn.execute(
        """
        INSERT INTO notices (workspace_id, dedupe_key, op, kind, target, target_id, subject_type, subject_id,
            params, status, next_attempt_at, created_at)
        SELECT :workspace_id, :key || ':m' || member_id || ':b' || min(bill_id), 'post', 'overdue', 'member',
            member_id, 'member', member_id,
            json_object('bills', json_group_array(bill_id), 'whole', json(:whole)), 'waiting', :now, :now
        FROM (SELECT member_id, bill_id FROM temp.due_steps JOIN members ON members.id = member_id
            WHERE is_newest AND discord_id IS NOT NULL ORDER BY member_id, due_on, bill_id)
        GROUP BY member_id
        """,
        row,
    )


def record(conn: sqlite3.Connection, *, notice_id: NoticeId | None, key: str, now: str) -> int:
    """Record every gathered step; returns how many were skipped for a newer one.

    With a `notice_id` all went out by it; else each by the notice of its member (`queue_for_members`).
    """
    conn.execute(
        """
        WITH first AS (
            SELECT member_id, min(bill_id) AS bill_id FROM temp.due_steps WHERE is_newest GROUP BY member_id
        )
        INSERT INTO reminders (bill_id, step_days, status, notice_id, created_at)
        SELECT step.bill_id, step.step_days, 'sent', coalesce(:notice, notices.id), :now
        FROM temp.due_steps AS step
            JOIN first ON first.member_id = step.member_id
            LEFT JOIN notices ON :notice IS NULL
                AND notices.dedupe_key = :key || ':m' || step.member_id || ':b' || first.bill_id
        WHERE step.is_newest
        """,
        {"notice": notice_id, "key": key, "now": now},
    )
    skipped = change(
        conn,
        """
        INSERT INTO reminders (bill_id, step_days, status, notice_id, created_at)
        SELECT bill_id, step_days, 'skipped', NULL, :now FROM temp.due_steps WHERE NOT is_newest
        """,
        now=now,
    )
    conn.execute("DELETE FROM temp.due_steps")
    return skipped


@dataclass(frozen=True, slots=True)
class UnpaidBill:
    """A bill that can be paid now, and whose it is; minor units."""

    member_id: int
    name: str
    discord_id: int | None
    bill_id: int
    open_minor: int


def gather_unpaid(
    conn: sqlite3.Connection, workspace_id: int, period_id: int | None, *, linked_only: bool
) -> list[UnpaidBill]:
    """Collect every bill that can be paid now, of one period or of all, whatever its due date; returns them.

    Order: who has owed for longest first, a member's bills together. Members who left are never reminded.
    """
    _clear(conn)
    conn.execute(
        f"""
        INSERT INTO temp.due_steps (bill_id, member_id, due_on, step_days, is_newest)
        SELECT bill.id, members.id, bill.due_on, 0, 1
        FROM bills AS bill JOIN members ON members.id = {COUNTING.format(id="bill.member_id")}
        WHERE bill.workspace_id = :workspace AND members.left_on IS NULL
            AND (:period IS NULL OR bill.billing_period_id = :period)
            AND (NOT :linked_only OR members.discord_id IS NOT NULL)
            AND {PAYABLE}
        """,
        {"workspace": workspace_id, "period": period_id, "linked_only": int(linked_only)},
    )
    return many(
        conn,
        UnpaidBill,
        """
        SELECT due_steps.member_id, name, discord_id, bill_id, amount_minor - settled_minor - waived_minor
        FROM temp.due_steps AS due_steps JOIN members ON members.id = due_steps.member_id
            JOIN bills ON bills.id = bill_id
        ORDER BY min(due_steps.due_on) OVER (PARTITION BY due_steps.member_id), due_steps.member_id,
            due_steps.due_on, bill_id
        """,
    )


def record_now(
    conn: sqlite3.Connection, cutoffs: list[tuple[int, str]], *, notice_id: NoticeId | None, now: str
) -> None:
    """Record every step that has come for the gathered bills, so that the policy does not repeat it."""
    conn.execute(
        """
        INSERT INTO reminders (bill_id, step_days, status, notice_id, created_at)
        SELECT bill_id, value ->> 0, 'sent', :notice, :now
        FROM temp.due_steps JOIN json_each(:cutoffs) ON due_on <= value ->> 1
        WHERE true ON CONFLICT (bill_id, step_days) DO NOTHING
        """,
        {"cutoffs": json.dumps(cutoffs), "notice": notice_id, "now": now},
    )
    conn.execute("DELETE FROM temp.due_steps")


def queued_since(conn: sqlite3.Connection, workspace_id: int, since: str) -> int:
    """How many reminders were queued from that instant on."""
    return int(value(
        conn,
        """
        SELECT count(*) FROM notices WHERE workspace_id = :workspace
            AND kind IN ('overdue', 'overdue_list') AND created_at >= :since
        """,
        workspace=workspace_id,
        since=since,
    ))  # fmt: skip


def _clear(conn: sqlite3.Connection) -> None:
    conn.execute(
        """
        CREATE TEMP TABLE IF NOT EXISTS due_steps (
            bill_id INTEGER NOT NULL, member_id INTEGER NOT NULL, due_on TEXT NOT NULL,
            step_days INTEGER NOT NULL, is_newest INTEGER NOT NULL, PRIMARY KEY (bill_id, step_days)
        ) STRICT
        """
    )
    conn.execute("DELETE FROM temp.due_steps")
