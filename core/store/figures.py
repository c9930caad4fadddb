"""The look-ups of core/figures.py: counts over all workspaces, for whoever watches the machine."""

import sqlite3

from core.store.rows import value


def ping(conn: sqlite3.Connection) -> int:
    """One, if the database answers."""
    return int(value(conn, "SELECT 1"))


def counts(conn: sqlite3.Connection) -> dict[str, int]:
    """How many rows of the things that grow."""
    rows = conn.execute(
        """
        SELECT 'workspaces', count(*) FROM workspaces UNION ALL
        SELECT 'members', count(*) FROM members WHERE left_on IS NULL AND successor_id IS NULL UNION ALL
        SELECT 'waiting', count(*) FROM payments WHERE status = 'submitted'
        """
    ).fetchall()
    return dict(rows)


def notices_by_status(conn: sqlite3.Connection) -> dict[str, int]:
    return dict(conn.execute("SELECT status, count(*) FROM notices GROUP BY status").fetchall())


def oldest_waiting_notice(conn: sqlite3.Connection, now: str) -> str | None:
    """Since when the oldest notice that is due has been due; those held back on purpose do not count."""
    found: str | None = value(
        conn,
        "SELECT min(next_attempt_at) FROM notices WHERE status = 'waiting' AND next_attempt_at <= :now",
        now=now,
    )
    return found


def failed_jobs(conn: sqlite3.Connection, since: str) -> int:
    return int(value(
        conn, "SELECT count(*) FROM job_runs WHERE status = 'failed' AND finished_at >= :since", since=since
    ))  # fmt: skip
