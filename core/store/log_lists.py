"""What the pages about the log, the outbox and the machine's health look up."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.models import Notice
from core.store.audit_log import CHAINED
from core.store.rows import columns, many, one, value

# What a list of notices can be narrowed to. A notice is about a period when it is of it, or of a bill of it.
_NOTICES = {
    "cursor": "notice.id < :cursor",
    "status": "notice.status = :status",
    "troubled": "notice.status IN ('failed', 'unknown')",
    "kind": "notice.kind = :kind",
    "period_id": """(
        notice.subject_type = 'period' AND notice.subject_id = :period_id
        OR notice.kind IN ('overdue', 'overdue_list') AND EXISTS (
            SELECT 1 FROM json_each(notice.params, '$.bills') JOIN bills ON bills.id = value
            WHERE billing_period_id = :period_id)
        OR notice.subject_type = 'payment' AND EXISTS (
            SELECT 1 FROM allocations JOIN bills ON bills.id = bill_id
            WHERE allocations.payment_id = notice.subject_id AND billing_period_id = :period_id))""",
}


@dataclass(frozen=True, slots=True)
class JobRun:
    """How a nightly job ended for a date; `detail` is JSON."""

    job: str
    run_on: str
    status: str
    detail: str
    finished_at: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A member with their Discord account."""

    id: int
    name: str
    discord_id: int


def notices(
    conn: sqlite3.Connection, workspace_id: int, filters: dict[str, Any], limit: int
) -> list[tuple[Notice, str | None, int | None]]:
    """Notices, newest first, each with the name and account of the person it is for, or an alert's target."""
    asked = {name: found for name, found in filters.items() if found is not None}
    condition = "".join(f" AND {_NOTICES[name]}" for name in asked)
    # An index leads to a status in the order of ids; without one the table itself is read from its end.
    column = "notice.workspace_id" if {"status", "troubled"} & asked.keys() else "+notice.workspace_id"
    rows = conn.execute(
        f"""
        SELECT {columns(Notice, "notice")},
            coalesce(member.name, holder.name, alert_targets.name), coalesce(member.discord_id, holder.discord_id)
        FROM notices AS notice
            LEFT JOIN members AS member ON notice.target = 'member' AND member.id = notice.target_id
            LEFT JOIN members AS holder ON notice.target = 'user' AND holder.discord_id = notice.target_id
                AND holder.workspace_id = notice.workspace_id
            LEFT JOIN alert_targets ON notice.target = 'alert' AND alert_targets.id = notice.target_id
        WHERE {column} = :workspace {condition} ORDER BY notice.id DESC LIMIT :limit
        """,
        {**filters, "workspace": workspace_id, "limit": limit},
    ).fetchall()
    return [(Notice(*row[:-2]), row[-2], row[-1]) for row in rows]


def oldest_waiting(conn: sqlite3.Connection, workspace_id: int) -> str | None:
    """When what has waited for longest was queued."""
    found: str | None = value(
        conn,
        "SELECT min(created_at) FROM notices WHERE workspace_id = :workspace AND status = 'waiting'",
        workspace=workspace_id,
    )
    return found


def last_run(conn: sqlite3.Connection, workspace_id: int, job: str) -> JobRun | None:
    """How a nightly job ended for the newest date; None when it never ran."""
    return one(
        conn,
        JobRun,
        f"""
        SELECT {columns(JobRun)} FROM job_runs WHERE workspace_id = :workspace AND job = :job
        ORDER BY run_on DESC LIMIT 1
        """,
        workspace=workspace_id,
        job=job,
    )


def holders(conn: sqlite3.Connection, workspace_id: int) -> list[Holder]:
    """Members who have a Discord account and are here, by name."""
    return many(
        conn,
        Holder,
        f"""
        SELECT {columns(Holder)} FROM members
        WHERE workspace_id = :workspace AND discord_id IS NOT NULL AND left_on IS NULL
            AND successor_id IS NULL
        ORDER BY name_key, id
        """,
        workspace=workspace_id,
    )


def names_of_accounts(conn: sqlite3.Connection, workspace_id: int, accounts: Sequence[int]) -> dict[int, str]:
    """Discord account → the name on the roster that holds it, for those of the accounts that have one."""
    return dict(conn.execute(
        """
        SELECT discord_id, name FROM members
        WHERE workspace_id = :workspace AND discord_id IN (SELECT value FROM json_each(:accounts))
        """,
        {"workspace": workspace_id, "accounts": json.dumps(list(accounts))},
    ).fetchall())  # fmt: skip


def names_of_tokens(conn: sqlite3.Connection, workspace_id: int) -> dict[int, str]:
    """API token → its name; also of those that were revoked."""
    return dict(conn.execute(
        "SELECT id, name FROM api_tokens WHERE workspace_id = :workspace", {"workspace": workspace_id}
    ).fetchall())  # fmt: skip


def member_names(conn: sqlite3.Connection, workspace_id: int, ids: Sequence[int]) -> dict[int, str]:
    """Roster entry → its name, of this workspace."""
    return dict(conn.execute(
        """
        SELECT id, name FROM members
        WHERE +workspace_id = :workspace AND id IN (SELECT value FROM json_each(:ids))
        """,
        {"workspace": workspace_id, "ids": json.dumps(list(ids))},
    ).fetchall())  # fmt: skip


def plan_names(conn: sqlite3.Connection, workspace_id: int) -> dict[int, str]:
    """Plan → its name; retired ones too."""
    return dict(conn.execute(
        "SELECT id, name FROM plans WHERE workspace_id = :workspace", {"workspace": workspace_id}
    ).fetchall())  # fmt: skip


def method_names(conn: sqlite3.Connection, workspace_id: int) -> dict[int, str]:
    """Payment method → its name; retired ones too."""
    return dict(conn.execute(
        "SELECT id, name FROM methods WHERE workspace_id = :workspace", {"workspace": workspace_id}
    ).fetchall())  # fmt: skip


def undone(conn: sqlite3.Connection, workspace_id: int, ids: Sequence[int]) -> dict[int, str]:
    """Line of the log → who took it back, for those that were."""
    return dict(conn.execute(
        """
        SELECT subject_id, done_by FROM audit_log
        WHERE subject_type = 'audit' AND action = 'action.undo' AND +workspace_id = :workspace
            AND subject_id IN (SELECT value FROM json_each(:ids))
        """,
        {"workspace": workspace_id, "ids": json.dumps(list(ids))},
    ).fetchall())  # fmt: skip


def chain_tail(
    conn: sqlite3.Connection, workspace_id: int, lines: int
) -> list[tuple[int, str, str, dict[str, Any]]]:
    """The newest rows of a chain in order: id, previous hash, hash, and what the hash was made of."""
    rows = conn.execute(
        """
        SELECT id, previous_hash, hash, workspace_id, action, subject_type, subject_id, before_json,
            after_json, done_by, done_at
        FROM audit_log WHERE workspace_id = :workspace ORDER BY id DESC LIMIT :lines
        """,
        {"workspace": workspace_id, "lines": lines},
    ).fetchall()
    return [(row[0], row[1], row[2], dict(zip(CHAINED, row[3:], strict=True))) for row in reversed(rows)]
