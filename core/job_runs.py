"""Daily jobs: which are due for which local date, and running one together with the row that says so.

A day's jobs are due from 09:00 club time. After downtime of any length each runs once, for the newest date
that is due: the days in between need no run of their own, because a job looks at everything that is open.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core import notices
from core.access import workspace_of
from core.clock import local_datetime, parse_instant
from core.db import Tx
from core.errors import DomainError
from core.i18n import error_text
from core.models import Actor, WorkspaceId
from core.store import job_runs, workspaces

DAY_BEGINS_AT_HOUR = 9
RETRY_AFTER = timedelta(hours=1)

Job = Callable[[Tx, Actor, date], dict[str, Any]]
"""One workspace's work for one local date; returns what to note down about it."""


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that a workspace waits for."""

    workspace_id: WorkspaceId
    job: str
    run_on: date


def due_date(tx: Tx, timezone: str) -> date:
    """The local date whose jobs are due: today from nine in the morning on, yesterday before."""
    local = local_datetime(tx.now, timezone)
    return local.date() if local.hour >= DAY_BEGINS_AT_HOUR else local.date() - timedelta(days=1)


def due_jobs(tx: Tx, jobs: Sequence[str]) -> list[DueJob]:
    """What is due in all workspaces, in the order of `jobs`. What failed is due again an hour later."""
    found = []
    for workspace in workspaces.everyone(tx.conn):
        run_on = due_date(tx, workspace.timezone)
        for job in jobs:
            if not job_runs.done_on_or_after(tx.conn, workspace.id, job, str(run_on)):
                failed = job_runs.failed_at(tx.conn, workspace.id, job, str(run_on))
                if failed is None or tx.now - parse_instant(failed) >= RETRY_AFTER:
                    found.append(DueJob(workspace.id, job, run_on))
    return found


def run(tx: Tx, due: DueJob, job: Job) -> dict[str, Any] | None:
    """Do the job and record it in the same transaction; None when it has been done meanwhile."""
    if job_runs.done_on_or_after(tx.conn, due.workspace_id, due.job, str(due.run_on)):
        return None
    detail = job(tx, Actor.system(due.workspace_id), due.run_on)
    _record(tx, due, "done", detail)
    return detail


def record_failure(tx: Tx, due: DueJob, error: Exception, reference: str) -> None:
    """Note that the job failed, and tell the admins once for this date.

    `reference` is under what the log has the details; the reason is a sentence only for a DomainError.
    """
    workspace = workspace_of(tx, Actor.system(due.workspace_id))
    reason = error_text(workspace.locale, error) if isinstance(error, DomainError) else ""
    _record(tx, due, "failed", {"error": f"{type(error).__name__}: {error}"[:300], "reference": reference})
    params = {"job": due.job, "date": str(due.run_on), "reason": reason, "reference": reference}
    notices.for_admins(tx, workspace, "job_failed", f"{due.job}:{due.run_on}", params)


def _record(tx: Tx, due: DueJob, status: str, detail: dict[str, Any]) -> None:
    job_runs.record(tx.conn, {
        "workspace_id": due.workspace_id, "job": due.job, "run_on": str(due.run_on), "status": status,
        "detail": json.dumps(detail, ensure_ascii=False), "now": tx.now_text,
    })  # fmt: skip
