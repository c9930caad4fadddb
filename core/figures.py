"""Figures about the running program for whoever watches the machine: counts, never names or amounts."""

from dataclasses import dataclass
from datetime import timedelta

from core.clock import instant_text, parse_instant
from core.db import Tx
from core.store import figures

LATELY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over all workspaces. `oldest_due_seconds`: how long the oldest due notice has waited."""

    workspaces: int
    members: int
    waiting_payments: int
    notices: dict[str, int]
    oldest_due_seconds: float
    failed_jobs: int


def ping(tx: Tx) -> bool:
    """Whether the database answers."""
    return figures.ping(tx.conn) == 1


def current(tx: Tx) -> Figures:
    """How things stand now; failed jobs of the last day."""
    counts = figures.counts(tx.conn)
    oldest = figures.oldest_waiting_notice(tx.conn, tx.now_text)
    waited = (tx.now - parse_instant(oldest)).total_seconds() if oldest else 0.0
    return Figures(
        counts["workspaces"], counts["members"], counts["waiting"], figures.notices_by_status(tx.conn),
        waited, figures.failed_jobs(tx.conn, instant_text(tx.now - LATELY)),
    )  # fmt: skip
