"""The look-ups of core/lists.py: filtered lists, a page at a time. Typed text is never a pattern.

A page begins behind the last row of the one before (`cursor`, 0 for the first), so deep pages cost no more
than the first. Conditions that are not asked for are left out, for the sake of the indexes.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.models import Bill, LinkRequest, Member, Notice, Payment, Plan, Subscription
from core.store.members import COUNTING, PERSON
from core.store.rows import columns, many

Filters = Mapping[str, Any]
"""Condition → value. None leaves the condition out."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log, as the chain has it."""

    id: int
    action: str
    subject_type: str
    subject_id: int
    before_json: str
    after_json: str
    done_by: str
    done_at: str
    hash: str


_BILLS = {
    "cursor": "b.id < :cursor",
    "period": """b.billing_period_id =
        (SELECT id FROM billing_periods WHERE workspace_id = :workspace AND period = :period)""",
    "status": "b.status = :status",
    "kind": "b.kind = :kind",
    "member_id": f"b.member_id IN {PERSON.replace(':member', ':member_id')}",
    "plan_id": "b.plan_id = :plan_id",
    "overdue_on": "b.status IN ('pending', 'rejected') AND b.due_on < :overdue_on",
    "text": "instr(m.name_key, :text) > 0",
}
_PAYMENTS = {
    "cursor": "p.id < :cursor",
    "status": "p.status = :status",
    "recorded": "p.recorded = :recorded",
    "member_id": f"p.member_id IN {PERSON.replace(':member', ':member_id')}",
    "text": "instr(m.name_key, :text) > 0",
}
_MEMBERS = {
    "cursor": "id > :cursor",
    "here": "left_on IS NULL",
    "text": """(instr(name_key, :text) > 0 OR EXISTS (SELECT 1 FROM members AS merged
        WHERE merged.successor_id = members.id AND instr(merged.name_key, :text) > 0))""",
}
_SUBSCRIPTIONS = {
    "cursor": "s.id > :cursor",
    "member_id": f"s.member_id IN {PERSON.replace(':member', ':member_id')}",
    "plan_id": "s.plan_id = :plan_id",
    "running_on": "(s.ends_on IS NULL OR s.ends_on >= :running_on)",
    "text": "instr(m.name_key || ' ' || p.name_key, :text) > 0",
}
_NOTICES = {"cursor": "id < :cursor", "status": "status = :status", "kind": "kind = :kind"}
_AUDIT = {
    "cursor": "id < :cursor",
    "action": "action = :action",
    "subject_type": "subject_type = :subject_type",
    "subject_id": "subject_id = :subject_id",
    "done_by": "done_by = :done_by",
    "since": "done_at >= :since",
    "until": "done_at < :until",
}
_REQUESTS = {"cursor": "id < :cursor", "status": "status = :status", "kind": "kind = :kind"}


def bills(
    conn: sqlite3.Connection, workspace_id: int, filters: Filters, limit: int
) -> list[tuple[Bill, Member, str | None]]:
    """Bills with whose they are and their month, newest first."""
    condition = _and(_BILLS, filters)
    rows = conn.execute(
        f"""
        SELECT {columns(Bill, "b")}, {columns(Member, "m")},
            (SELECT period FROM billing_periods WHERE id = b.billing_period_id)
        FROM bills AS b JOIN members AS m ON m.id = {COUNTING.format(id="b.member_id")}
        WHERE b.workspace_id = :workspace {condition} ORDER BY b.id DESC LIMIT :limit
        """,
        {**filters, "workspace": workspace_id, "limit": limit},
    ).fetchall()
    first = len(columns(Bill).split(", "))
    return [(Bill(*row[:first]), Member(*row[first:-1]), row[-1]) for row in rows]


def payments(
    conn: sqlite3.Connection, workspace_id: int, filters: Filters, limit: int
) -> list[tuple[Payment, Member]]:
    """Payments with whose they are, newest first."""
    condition = _and(_PAYMENTS, filters)
    rows = conn.execute(
        f"""
        SELECT {columns(Payment, "p")}, {columns(Member, "m")}
        FROM payments AS p JOIN members AS m ON m.id = {COUNTING.format(id="p.member_id")}
        WHERE p.workspace_id = :workspace {condition} ORDER BY p.id DESC LIMIT :limit
        """,
        {**filters, "workspace": workspace_id, "limit": limit},
    ).fetchall()
    first = len(columns(Payment).split(", "))
    return [(Payment(*row[:first]), Member(*row[first:])) for row in rows]


def members(conn: sqlite3.Connection, workspace_id: int, filters: Filters, limit: int) -> list[Member]:
    """Roster entries that count, in the roster's order.

    Here and below `+workspace_id` keeps SQLite to the order of ids, from the cursor on, instead of sorting
    all that the club has for each page.
    """
    condition = _and(_MEMBERS, filters)
    return many(
        conn,
        Member,
        f"""
        SELECT {columns(Member)} FROM members
        WHERE +workspace_id = :workspace AND successor_id IS NULL {condition} ORDER BY id LIMIT :limit
        """,
        **{**filters, "workspace": workspace_id, "limit": limit},
    )


def subscriptions(
    conn: sqlite3.Connection, workspace_id: int, filters: Filters, limit: int
) -> list[tuple[Subscription, Member, Plan]]:
    """Subscriptions with member and plan, oldest first."""
    condition = _and(_SUBSCRIPTIONS, filters)
    rows = conn.execute(
        f"""
        SELECT {columns(Subscription, "s")}, {columns(Member, "m")}, {columns(Plan, "p")}
        FROM subscriptions AS s JOIN members AS m ON m.id = {COUNTING.format(id="s.member_id")}
            JOIN plans AS p ON p.id = s.plan_id
        WHERE +s.workspace_id = :workspace {condition} ORDER BY s.id LIMIT :limit
        """,
        {**filters, "workspace": workspace_id, "limit": limit},
    ).fetchall()
    first, second = len(columns(Subscription).split(", ")), len(columns(Member).split(", "))
    return [
        (Subscription(*row[:first]), Member(*row[first : first + second]), Plan(*row[first + second :]))
        for row in rows
    ]


def notices(conn: sqlite3.Connection, workspace_id: int, filters: Filters, limit: int) -> list[Notice]:
    """The outbox, newest first."""
    condition = _and(_NOTICES, filters)
    return many(
        conn,
        Notice,
        f"""
        SELECT {columns(Notice)} FROM notices WHERE +workspace_id = :workspace {condition}
        ORDER BY id DESC LIMIT :limit
        """,
        **{**filters, "workspace": workspace_id, "limit": limit},
    )


def audit(conn: sqlite3.Connection, workspace_id: int, filters: Filters, limit: int) -> list[AuditLine]:
    """The audit log, newest first."""
    condition = _and(_AUDIT, filters)
    return many(
        conn,
        AuditLine,
        f"""
        SELECT {columns(AuditLine)} FROM audit_log WHERE workspace_id = :workspace {condition}
        ORDER BY id DESC LIMIT :limit
        """,
        **{**filters, "workspace": workspace_id, "limit": limit},
    )


def link_requests(
    conn: sqlite3.Connection, workspace_id: int, filters: Filters, limit: int
) -> list[LinkRequest]:
    """Wishes to hold a name and disputes, newest first."""
    condition = _and(_REQUESTS, filters)
    return many(
        conn,
        LinkRequest,
        f"""
        SELECT {columns(LinkRequest)} FROM link_requests WHERE workspace_id = :workspace {condition}
        ORDER BY id DESC LIMIT :limit
        """,
        **{**filters, "workspace": workspace_id, "limit": limit},
    )


def _and(conditions: Mapping[str, str], filters: Filters) -> str:
    """The conditions that were asked for; a name that is none of them is a mistake of ours."""
    return "".join(f" AND {conditions[name]}" for name, value in filters.items() if value is not None)
