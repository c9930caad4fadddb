"""Daily jobs: once for each local date from nine o'clock on, whatever happened in between."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core import job_runs
from core.clock import local_date
from core.db import LocalDatabase, Tx
from core.errors import PlanWithoutPrice
from core.job_runs import DueJob
from core.models import Actor
from tests.factories import Club
from tests.fakes import FixedClock


def noted(tx: Tx, actor: Actor, today: date) -> dict[str, Any]:
    return {"seen": str(today)}


def due(club: Club, *jobs: str) -> list[DueJob]:
    return club.db.read(job_runs.due_jobs, jobs or ("job",))


def sweep(club: Club) -> list[str]:
    """Run what is due and return the dates."""
    found = due(club)
    for job in found:
        club.db.write(job_runs.run, job, noted)
    return [str(job.run_on) for job in found]


def rows(club: Club) -> list[tuple[str, str, Any]]:
    found = club.db.conn.execute("SELECT run_on, status, detail FROM job_runs ORDER BY id").fetchall()
    return [(run_on, status, json.loads(detail)) for run_on, status, detail in found]


@pytest.mark.parametrize(
    ("utc", "timezone", "expected"),
    [
        ("2026-06-05T00:59:59+00:00", "Asia/Taipei", "2026-06-04"),
        ("2026-06-05T01:00:00+00:00", "Asia/Taipei", "2026-06-05"),
        ("2026-06-05T12:59:00+00:00", "America/New_York", "2026-06-04"),
        ("2026-06-05T13:00:00+00:00", "America/New_York", "2026-06-05"),
        ("2026-01-01T08:30:00+00:00", "UTC", "2025-12-31"),
    ],
)
def test_a_day_begins_at_nine_club_time(
    club: Club, clock: FixedClock, utc: str, timezone: str, expected: str
):
    clock.set(datetime.fromisoformat(utc))
    club.set(timezone=timezone)
    assert [str(job.run_on) for job in due(club)] == [expected]


def test_a_job_runs_once_a_day(club: Club, clock: FixedClock):
    assert sweep(club) == ["2026-06-05"]
    assert sweep(club) == []
    clock.advance(hours=23, minutes=59)
    assert sweep(club) == []
    clock.advance(minutes=1)
    assert sweep(club) == ["2026-06-06"]
    assert rows(club) == [(day, "done", {"seen": day}) for day in ("2026-06-05", "2026-06-06")]


def test_after_days_of_downtime_it_runs_once(club: Club, clock: FixedClock):
    sweep(club)
    clock.advance(days=40, hours=5)
    assert sweep(club) == ["2026-07-15"]
    assert sweep(club) == []


def test_ten_days_with_an_outage_and_a_clock_change(club: Club, clock: FixedClock):
    clock.set(datetime(2026, 10, 26, 4, 0, tzinfo=UTC))
    club.set(timezone="America/New_York")
    ran: list[str] = []
    start = clock.now()
    while clock.now() < start + timedelta(days=10):
        hours = (clock.now() - start).total_seconds() / 3600
        if not 50 < hours < 134:  # three and a half days away
            ran += sweep(club)
        clock.advance(minutes=20)
    assert len(ran) == len(set(ran))
    assert ran == sorted(ran)
    assert ran[0] == "2026-10-25"
    assert "2026-11-01" in ran, "the day with 25 hours"
    assert "2026-10-29" not in ran


def test_a_zone_moved_west_does_not_run_the_same_day_twice(club: Club):
    sweep(club)
    club.set(timezone="America/Los_Angeles")
    assert sweep(club) == []


def test_what_the_job_did_and_its_row_are_one_transaction(club: Club):
    [job] = due(club)

    def half(tx: Tx, actor: Actor, today: date) -> dict[str, Any]:
        tx.conn.execute("UPDATE workspaces SET name = 'half'")
        raise PlanWithoutPrice(plan="A", period="2026-06")

    with pytest.raises(PlanWithoutPrice):
        club.db.write(job_runs.run, job, half)
    assert rows(club) == []
    assert club.workspace.name != "half"


def test_a_job_that_was_done_meanwhile_is_not_done_again(club: Club):
    [job] = due(club)
    assert club.db.write(job_runs.run, job, noted) == {"seen": "2026-06-05"}
    assert club.db.write(job_runs.run, job, noted) is None


def test_a_failure_is_recorded_told_to_admins_once_and_tried_again_an_hour_later(
    club: Club, clock: FixedClock
):
    [job] = due(club)
    error = PlanWithoutPrice(plan="A", period="2026-06")
    club.db.write(job_runs.record_failure, job, error, "ABC")
    assert due(club) == []
    clock.advance(hours=1)
    assert due(club) == [job]
    club.db.write(job_runs.record_failure, job, error, "DEF")
    assert [(row[0], row[1]) for row in rows(club)] == [("2026-06-05", "failed")]
    assert club.notices("job_failed") == [("job_failed", "admin", 0)]
    params = json.loads(club.db.conn.execute("SELECT params FROM notices").fetchone()[0])
    assert params["job"] == "job"
    assert params["reference"] == "ABC"
    assert "no price" in params["reason"]
    clock.advance(hours=1)
    sweep(club)
    assert rows(club) == [("2026-06-05", "done", {"seen": "2026-06-05"})]
    club.db.write(job_runs.record_failure, job, error, "GHI")
    assert rows(club)[0][1] == "done", "what is done stays done"


def test_an_unexpected_failure_shows_admins_only_its_reference(club: Club):
    [job] = due(club)
    club.db.write(job_runs.record_failure, job, ZeroDivisionError("internal"), "ABC")
    params = json.loads(club.db.conn.execute("SELECT params FROM notices").fetchone()[0])
    assert (params["reason"], params["reference"]) == ("", "ABC")
    assert rows(club)[0][2]["error"] == "ZeroDivisionError: internal"


def test_every_club_has_its_own_day(club: Club, db: LocalDatabase, clock: FixedClock):
    other = Club.create(db, number=1, timezone="Pacific/Auckland")
    found = due(club, "one", "two")
    assert [(job.workspace_id, job.job) for job in found] == [
        (club.id, "one"),
        (club.id, "two"),
        (other.id, "one"),
        (other.id, "two"),
    ]
    assert found[2].run_on == local_date(clock.now(), "Pacific/Auckland")
