"""The look-ups of core/reports_admin.py: what treasurers search and list. Typed text is never a pattern."""

import sqlite3

from core.models import Member, Notice, Payment, Plan, Subscription
from core.store.members import COUNTING, PERSON
from core.store.rows import columns, many, value, values


def seats(
    conn: sqlite3.Connection,
    workspace_id: int,
    today: str,
    *,
    text_key: str = "",
    member_id: int | None = None,
    plan_id: int | None = None,
    standing: str = "running",
    limit: int = -1,
) -> list[tuple[Subscription, Member, Plan]]:
    """Subscriptions with their member and plan whose names contain `text_key`, by member.

    `standing` on `today`: "all", "running" (not over), "active" or "paused". A negative limit is none.
    """
    rows = conn.execute(
        f"""
        SELECT {columns(Subscription, "s")}, {columns(Member, "m")}, {columns(Plan, "p")}
        FROM subscriptions AS s JOIN members AS m ON m.id = {COUNTING.format(id="s.member_id")}
            JOIN plans AS p ON p.id = s.plan_id
        WHERE s.workspace_id = :workspace
            AND (:member IS NULL OR s.member_id IN {PERSON}) AND (:plan IS NULL OR s.plan_id = :plan)
            AND (:text = '' OR instr(m.name_key || ' ' || p.name_key, :text) > 0)
            AND (:standing = 'all' OR s.ends_on IS NULL OR s.ends_on >= :today)
            AND (:standing NOT IN ('active', 'paused') OR (:standing = 'paused') = EXISTS (
                SELECT 1 FROM subscription_pauses WHERE subscription_id = s.id
                    AND (resumes_on IS NULL OR (from_on <= :today AND resumes_on > :today))))
        ORDER BY m.id, s.starts_on, s.id LIMIT :limit
        """,
        {
            "workspace": workspace_id, "today": today, "text": text_key, "member": member_id, "plan": plan_id,
            "standing": standing, "limit": limit,
        },
    ).fetchall()  # fmt: skip
    first, second = len(columns(Subscription).split(", ")), len(columns(Member).split(", "))
    return [
        (Subscription(*row[:first]), Member(*row[first : first + second]), Plan(*row[first + second :]))
        for row in rows
    ]


def payments(
    conn: sqlite3.Connection,
    workspace_id: int,
    *,
    text_key: str = "",
    payment_id: int | None = None,
    member_id: int | None = None,
    status: str | None = None,
    recorded: bool | None = None,
    limit: int = -1,
) -> list[tuple[Payment, str]]:
    """Payments with the member's name, newest first: of a number, or by a part of that name."""
    rows = conn.execute(
        f"""
        SELECT {columns(Payment, "p")}, m.name FROM payments AS p
            JOIN members AS m ON m.id = {COUNTING.format(id="p.member_id")}
        WHERE p.workspace_id = :workspace
            AND (:member IS NULL OR p.member_id IN {PERSON}) AND (:payment IS NULL OR p.id = :payment)
            AND (:status IS NULL OR p.status = :status) AND (:recorded IS NULL OR p.recorded = :recorded)
            AND (:text = '' OR instr(m.name_key, :text) > 0)
        ORDER BY p.id DESC LIMIT :limit
        """,
        {
            "workspace": workspace_id, "text": text_key, "payment": payment_id, "member": member_id,
            "status": status, "recorded": None if recorded is None else int(recorded), "limit": limit,
        },
    ).fetchall()  # fmt: skip
    return [(Payment(*row[:-1]), row[-1]) for row in rows]


def balances(conn: sqlite3.Connection, workspace_id: int) -> dict[int, int]:
    """What each person owes (negative: has as credit), in minor units, by the books."""
    return dict(conn.execute(
        f"""
        SELECT {COUNTING.format(id="owner_id")} AS person, sum(amount_minor)
        FROM accounts JOIN ledger_postings ON account_id = accounts.id
        WHERE workspace_id = :workspace AND kind = 'receivable' GROUP BY person
        """,
        {"workspace": workspace_id},
    ).fetchall())  # fmt: skip


def balance(conn: sqlite3.Connection, workspace_id: int, member_id: int) -> int:
    """What one person owes (negative: has as credit), in minor units, by the books."""
    return int(value(
        conn,
        f"""
        SELECT coalesce(sum(amount_minor), 0) FROM accounts JOIN ledger_postings ON account_id = accounts.id
        WHERE workspace_id = :workspace AND kind = 'receivable' AND owner_id IN {PERSON}
        """,
        workspace=workspace_id,
        member=member_id,
    ))  # fmt: skip


def plan_names(conn: sqlite3.Connection, workspace_id: int, today: str) -> dict[int, list[str]]:
    """The plans that each member holds today, paused ones included."""
    found: dict[int, list[str]] = {}
    rows = conn.execute(
        f"""
        SELECT {COUNTING.format(id="member_id")} AS person, name
        FROM subscriptions JOIN plans ON plans.id = plan_id
        WHERE subscriptions.workspace_id = :workspace AND (ends_on IS NULL OR ends_on >= :today)
        ORDER BY person, plan_id
        """,
        {"workspace": workspace_id, "today": today},
    ).fetchall()
    for member_id, name in rows:
        found.setdefault(member_id, []).append(name)
    return found


def troubled_notices(conn: sqlite3.Connection, workspace_id: int, limit: int) -> list[Notice]:
    """Notices that failed, or of which it cannot be told whether they arrived; newest first."""
    return many(
        conn,
        Notice,
        f"""
        SELECT {columns(Notice)} FROM notices
        WHERE workspace_id = :workspace AND status IN ('failed', 'unknown') ORDER BY id DESC LIMIT :limit
        """,
        workspace=workspace_id,
        limit=limit,
    )


def troubled_notice_ids(conn: sqlite3.Connection, workspace_id: int) -> list[int]:
    return values(
        conn,
        """
        SELECT id FROM notices
        WHERE workspace_id = :workspace AND status IN ('failed', 'unknown') ORDER BY id
        """,
        workspace=workspace_id,
    )


def held_notices(conn: sqlite3.Connection, workspace_id: int) -> int:
    """How many notices could not be said yet: no channel is chosen, or direct messages are closed."""
    return int(value(
        conn,
        """
        SELECT count(*) FROM notices
        WHERE workspace_id = :workspace AND status = 'waiting' AND error <> ''
        """,
        workspace=workspace_id,
    ))  # fmt: skip


def progress(conn: sqlite3.Connection, workspace_id: int) -> tuple[int, int, int, int, int, int, int]:
    """Counts of plans and methods in use, members here, linked ones, running seats, treasurers, openings."""
    row: tuple[int, int, int, int, int, int, int] = conn.execute(
        """
        SELECT
            (SELECT count(*) FROM plans WHERE workspace_id = :id AND retired_at IS NULL),
            (SELECT count(*) FROM methods WHERE workspace_id = :id AND retired_at IS NULL),
            (SELECT count(*) FROM members
             WHERE workspace_id = :id AND left_on IS NULL AND successor_id IS NULL),
            (SELECT count(*) FROM members WHERE workspace_id = :id AND discord_id IS NOT NULL),
            (SELECT count(*) FROM subscriptions WHERE workspace_id = :id AND ends_on IS NULL),
            (SELECT count(*) FROM admins WHERE workspace_id = :id AND role IN ('owner', 'treasurer')),
            (SELECT coalesce(sum(openings), 0) FROM billing_periods WHERE workspace_id = :id)
        """,
        {"id": workspace_id},
    ).fetchall()[0]
    return row
