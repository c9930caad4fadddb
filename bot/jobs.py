"""What the scheduler does: each daily job calls one use case for one workspace.

Workspaces are isolated from each other: where one fails, that is logged, recorded and told to its admins, and
the others go on.
"""

from __future__ import annotations

import logging
import secrets
from datetime import date, timedelta
from typing import Any

from core import billing, job_runs, proof_care, reminders
from core.access import workspace_of
from core.clock import SystemClock
from core.db import Tx
from core.errors import DatabaseUnavailable
from core.job_runs import DueJob, Job
from core.models import Actor
from core.services import Services
from core.store import payments

log = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(days=1)
PURGE_PROOFS = "purge_proofs"
SWEEP_PROOFS = "sweep_proofs"


def open_month(tx: Tx, actor: Actor, today: date) -> dict[str, Any]:
    """Open the collecting period, if the workspace says so and it never was."""
    opened = billing.auto_open(tx, actor, today)
    return {"opened": opened is not None}


def remind(tx: Tx, actor: Actor, today: date) -> dict[str, Any]:
    """Queue the reminders that are due."""
    done = reminders.run(tx, actor, today)
    return {"sent": done.sent, "skipped": done.skipped}


IN_THE_DATABASE: dict[str, Job] = {"open_month": open_month, "remind": remind}
DAILY = (*IN_THE_DATABASE, PURGE_PROOFS, SWEEP_PROOFS)


class JobRunner:
    """Asks what is due and does it, one after the other."""

    def __init__(self, services: Services) -> None:
        """Work with these services."""
        self._services = services
        self._db = services.db

    async def sweep(self) -> int:
        """Do everything that is due now; returns how many jobs that was."""
        try:
            due = await self._db.read(job_runs.due_jobs, DAILY)
        except DatabaseUnavailable as error:
            log.error("it cannot be read which jobs are due: %s", error)
            return 0
        for job in due:
            await self._run(job)
        return len(due)

    async def _run(self, due: DueJob) -> None:
        try:
            if due.job == SWEEP_PROOFS:
                job = _noted(await self._sweep_proofs(due))
            elif due.job == PURGE_PROOFS:
                job = _noted(await self._purge_proofs(due))
            else:
                job = IN_THE_DATABASE[due.job]
            detail = await self._db.write(job_runs.run, due, job)
            log.info("job %s of workspace %s for %s: %s", due.job, due.workspace_id, due.run_on, detail)
        except DatabaseUnavailable as error:
            log.error("job %s of workspace %s waits: %s", due.job, due.workspace_id, error)
        except Exception as error:
            await self._failed(due, error)

    async def _failed(self, due: DueJob, error: Exception) -> None:
        reference = secrets.token_hex(3).upper()
        log.error("[%s] job %s of workspace %s failed", reference, due.job, due.workspace_id, exc_info=error)
        try:
            await self._db.write(job_runs.record_failure, due, error, reference)
        except Exception as second:
            log.error("[%s] the failure could not be recorded: %s", reference, second)

    async def _purge_proofs(self, due: DueJob) -> dict[str, Any]:
        """Delete the pictures that the club does not keep any longer."""
        workspace = await self._db.read(workspace_of, Actor.system(due.workspace_id))
        swept = await proof_care.purge_old(self._services, workspace)
        return {"purged": swept.purged, "left_over": swept.left_over}

    async def _sweep_proofs(self, due: DueJob) -> dict[str, Any]:
        """Remove pictures older than a day that no payment names: what an interrupted submission left."""
        storage = self._services.storage
        # What the store says about age is real time, whatever the simulator's clock shows.
        listed = await storage.list_keys(SystemClock().now() - ORPHAN_AGE)
        keys = [key for key in listed if key.startswith(f"w{due.workspace_id}/")]
        known = await self._db.read(_known, keys)
        removed = 0
        for key in keys:
            if key not in known:
                await storage.delete(key)
                removed += 1
        return {"removed": removed}


def _known(tx: Tx, keys: list[str]) -> set[str]:
    return payments.storage_keys_known(tx.conn, keys)


def _noted(detail: dict[str, Any]) -> Job:
    """A job that was done outside the database, for its row."""
    return lambda tx, actor, today: detail
