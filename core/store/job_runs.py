"""job_runs: the truth about what the scheduler already did."""

import sqlite3
from typing import Any

from core.store.rows import change, value


def done_on_or_after(conn: sqlite3.Connection, workspace_id: int, job: str, run_on: str) -> bool:
    """Whether the job was done for this date or a later one."""
    return bool(value(
        conn,
        """
        SELECT EXISTS (SELECT 1 FROM job_runs
            WHERE workspace_id = :workspace AND job = :job AND run_on >= :run_on AND status = 'done')
        """,
        workspace=workspace_id, job=job, run_on=run_on,
    ))  # fmt: skip


def failed_at(conn: sqlite3.Connection, workspace_id: int, job: str, run_on: str) -> str | None:
    """When the job last failed for this date, or None."""
    found: str | None = value(
        conn,
        """
        SELECT finished_at FROM job_runs
        WHERE workspace_id = :workspace AND job = :job AND run_on = :run_on AND status = 'failed'
        """,
        workspace=workspace_id, job=job, run_on=run_on,
    )  # fmt: skip
    return found


def record(conn: sqlite3.Connection, row: dict[str, Any]) -> None:
    """Write how the job ended for a date; a later end replaces a failure, never what was done."""
    change(
        conn,
        """
        INSERT INTO job_runs (workspace_id, job, run_on, status, detail, finished_at)
        VALUES (:workspace_id, :job, :run_on, :status, :detail, :now)
        ON CONFLICT (workspace_id, job, run_on) DO UPDATE
            SET status = :status, detail = :detail, finished_at = :now WHERE status = 'failed'
        """,
        **row,
    )
