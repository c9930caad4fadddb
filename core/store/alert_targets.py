"""alert_targets, and what a queued alert is about."""

import sqlite3
from dataclasses import dataclass

from core.models import NoticeId, Workspace
from core.store import workspaces
from core.store.rows import change, columns, insert, many, one, values


@dataclass(frozen=True, slots=True)
class AlertTarget:
    """One place to tell: a Bark key on a server, or a webhook's address. `target` is a secret."""

    id: int
    workspace_id: int
    kind: str
    name: str
    target: str
    server: str


@dataclass(frozen=True, slots=True)
class QueuedAlert:
    """A queued alert: where to, and the submission it is about, which may have been decided meanwhile."""

    target: AlertTarget
    workspace: Workspace
    payment_id: int
    is_waiting: bool


_TARGET = columns(AlertTarget)


def of_workspace(conn: sqlite3.Connection, workspace_id: int) -> list[AlertTarget]:
    return many(
        conn,
        AlertTarget,
        f"""
        SELECT {_TARGET} FROM alert_targets WHERE workspace_id = :workspace AND removed_at IS NULL ORDER BY id
        """,
        workspace=workspace_id,
    )


def add(
    conn: sqlite3.Connection, *, workspace_id: int, kind: str, name: str, target: str, server: str, by: str,
    now: str,
) -> int:  # fmt: skip
    return insert(
        conn,
        """
        INSERT INTO alert_targets (workspace_id, kind, name, target, server, created_by, created_at)
        VALUES (:workspace, :kind, :name, :target, :server, :by, :now)
        """,
        workspace=workspace_id, kind=kind, name=name, target=target, server=server, by=by, now=now,
    )  # fmt: skip


def remove(conn: sqlite3.Connection, target_id: int, now: str) -> None:
    """End a target and forget its secret."""
    change(
        conn,
        "UPDATE alert_targets SET removed_at = :now, target = '-', server = '' WHERE id = :id",
        id=target_id,
        now=now,
    )


def queued(conn: sqlite3.Connection, notice_id: NoticeId) -> QueuedAlert | None:
    """What a queued alert is about; None when its target is gone."""
    rows = conn.execute(
        """
        SELECT notices.workspace_id, target_id, subject_id, payments.status = 'submitted'
        FROM notices JOIN payments ON payments.id = subject_id
        WHERE notices.id = :id AND kind = 'alert'
        """,
        {"id": notice_id},
    ).fetchall()
    if not rows:
        return None
    workspace_id, target_id, payment_id, is_waiting = rows[0]
    target = one(
        conn,
        AlertTarget,
        f"SELECT {_TARGET} FROM alert_targets WHERE id = :id AND removed_at IS NULL",
        id=target_id,
    )
    workspace = workspaces.get(conn, workspace_id)
    if target is None or workspace is None:
        return None
    return QueuedAlert(target, workspace, payment_id, bool(is_waiting))


def submission(conn: sqlite3.Connection, payment_id: int) -> tuple[str, int, int, list[str]]:
    """(payer, member, declared minor units, months) of a submission."""
    row = conn.execute(
        """
        SELECT name, members.id, declared_minor FROM payments JOIN members ON members.id = member_id
        WHERE payments.id = :id
        """,
        {"id": payment_id},
    ).fetchall()[0]
    months = values(
        conn,
        """
        SELECT DISTINCT period FROM allocations JOIN bills ON bills.id = bill_id
            JOIN billing_periods ON billing_periods.id = billing_period_id
        WHERE payment_id = :id ORDER BY period
        """,
        id=payment_id,
    )
    return row[0], row[1], row[2], months
