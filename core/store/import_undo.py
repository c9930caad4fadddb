"""roster_imports and what each of them changed, and the look-ups of core/import_undo.py."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.store.members import PERSON
from core.store.revising import FROZEN
from core.store.rows import change, columns, insert, many, one, value


@dataclass(frozen=True, slots=True)
class RosterImport:
    """A roster file that was applied."""

    id: int
    workspace_id: int
    starts_on: str
    imported_by: str
    imported_at: str
    undone_by: str | None
    undone_at: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an import did; `subject_id` is a member, a subscription or a pause (see schema.sql)."""

    kind: str
    subject_id: int
    field: str = ""
    before_value: str | None = None
    after_value: str | None = None


@dataclass(frozen=True, slots=True)
class MadeBill:
    """A bill of a subscription, and what forbids to void it: a claim on it, a waiver, a closed month."""

    id: int
    subscription_id: int
    created_at: str
    covers_to: str
    is_claimed: int
    is_waived: int
    is_locked: int


_IMPORT = columns(RosterImport)


def texts_of(name: str, email: str | None, note: str) -> str:
    """A member's texts as one value, to see later whether somebody changed them."""
    return json.dumps([name, email, note], ensure_ascii=False)


def add(
    conn: sqlite3.Connection, workspace_id: int, *, starts_on: str, by: str, now: str,
    changes: Iterable[Change],
) -> int:  # fmt: skip
    """Note an import down; returns its number."""
    import_id = insert(
        conn,
        """
        INSERT INTO roster_imports (workspace_id, starts_on, imported_by, imported_at)
        VALUES (:workspace, :starts_on, :by, :now)
        """,
        workspace=workspace_id,
        starts_on=starts_on,
        by=by,
        now=now,
    )
    conn.executemany(
        """
        INSERT INTO roster_import_changes (import_id, kind, subject_id, field, before_value, after_value)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        ((import_id, c.kind, c.subject_id, c.field, c.before_value, c.after_value) for c in changes),
    )
    return import_id


def get(conn: sqlite3.Connection, workspace_id: int, import_id: int) -> RosterImport | None:
    return one(
        conn,
        RosterImport,
        f"SELECT {_IMPORT} FROM roster_imports WHERE id = :id AND workspace_id = :workspace",
        id=import_id,
        workspace=workspace_id,
    )


def newest(conn: sqlite3.Connection, workspace_id: int, limit: int) -> list[RosterImport]:
    """The club's imports, newest first."""
    return many(
        conn,
        RosterImport,
        f"SELECT {_IMPORT} FROM roster_imports WHERE workspace_id = :workspace ORDER BY id DESC LIMIT :limit",
        workspace=workspace_id,
        limit=limit,
    )


def changes(conn: sqlite3.Connection, import_id: int) -> list[Change]:
    """What an import changed, in the order in which it did."""
    return many(
        conn,
        Change,
        f"SELECT {columns(Change)} FROM roster_import_changes WHERE import_id = :id ORDER BY id",
        id=import_id,
    )


def mark_undone(conn: sqlite3.Connection, import_id: int, by: str, now: str) -> int:
    return change(
        conn,
        "UPDATE roster_imports SET undone_by = :by, undone_at = :now WHERE id = :id AND undone_at IS NULL",
        id=import_id,
        by=by,
        now=now,
    )


def bills_of(conn: sqlite3.Connection, subscription_ids: Sequence[int]) -> list[MadeBill]:
    """The bills of these subscriptions that are not void."""
    return many(
        conn,
        MadeBill,
        f"""
        SELECT bill.id, bill.subscription_id, bill.created_at, bill.covers_to, {FROZEN},
            bill.waived_minor > 0,
            (SELECT period.status = 'closed' FROM billing_periods AS period
             WHERE period.id = bill.billing_period_id)
        FROM json_each(:ids) AS wanted JOIN bills AS bill ON bill.subscription_id = wanted.value
        -- the second condition is what lets SQLite use the index of live bills
        WHERE bill.status <> 'void' AND bill.subscription_id IS NOT NULL ORDER BY bill.id
        """,
        ids=json.dumps(list(subscription_ids)),
    )


def subscription_of_pause(conn: sqlite3.Connection, pause_id: int) -> int:
    return int(value(conn, "SELECT subscription_id FROM subscription_pauses WHERE id = :id", id=pause_id))


def set_pause_end(conn: sqlite3.Connection, pause_id: int, resumes_on: str | None) -> None:
    change(
        conn,
        "UPDATE subscription_pauses SET resumes_on = :on WHERE id = :id",
        id=pause_id,
        on=resumes_on,
    )


def has_history(conn: sqlite3.Connection, member_id: int) -> bool:
    """Whether the person has a payment, a bill that is not void, or entries merged into this one."""
    return bool(value(
        conn,
        f"""
        SELECT EXISTS (SELECT 1 FROM payments WHERE member_id IN {PERSON})
            OR EXISTS (SELECT 1 FROM bills WHERE member_id IN {PERSON} AND status <> 'void')
            OR (SELECT count(*) > 1 FROM {PERSON})
        """,
        member=member_id,
    ))  # fmt: skip


def remove_from_lists(conn: sqlite3.Connection, member_id: int, day: str) -> None:
    """Let a member have left, and free their e-mail for the right entry; the import keeps what it was."""
    change(
        conn,
        "UPDATE members SET left_on = :day, email = NULL, email_key = NULL WHERE id = :id",
        id=member_id,
        day=day,
    )
