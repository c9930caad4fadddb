"""What the scheduler does for each club: once a day, each by itself, whatever happens to the others."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs import DAILY, JobRunner
from bot.storage import LocalProofStorage
from core.clock import SystemClock
from core.db import Database, LocalDatabase
from core.proofs import new_proof_key, thumbnail_key
from core.services import Services
from tests.factories import Club
from tests.fakes import FixedClock
from tests.pictures import encoded, screenshot

TOMORROW = SystemClock().now() + timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "proofs"


@pytest.fixture
async def services(db_path: Path, clock: FixedClock, folder: Path) -> AsyncIterator[Services]:
    async with Database(db_path, clock) as db:
        yield Services(db, clock, LocalProofStorage(folder))


def runs(db: LocalDatabase) -> list[tuple[int, str, str, str]]:
    rows = db.conn.execute("SELECT workspace_id, job, run_on, status FROM job_runs ORDER BY id")
    return rows.fetchall()


async def test_everything_due_is_done_once(services: Services, club: Club, db: LocalDatabase):
    jobs = JobRunner(services)
    assert await jobs.sweep() == len(DAILY)
    assert await jobs.sweep() == 0
    assert runs(db) == [(club.id, job, "2026-06-05", "done") for job in DAILY]


async def test_the_month_opens_by_itself_on_the_billing_day(
    services: Services, club: Club, clock: FixedClock
):
    member = club.subscriber(club.plan())
    clock.advance(hours=-1)
    await JobRunner(services).sweep()
    assert club.bills(member) == [], "it is the 4th until nine o'clock"
    clock.advance(hours=1)
    await JobRunner(services).sweep()
    assert [bill.due_on for bill in club.bills(member)] == ["2026-06-05"]
    assert club.notices("opened") == [("opened", "announce", 0)]


async def test_reminders_go_out_three_days_later(services: Services, club: Club, clock: FixedClock):
    club.subscriber(club.plan())
    for _ in range(6):
        await JobRunner(services).sweep()
        clock.advance(days=1)
    assert club.notices("overdue_list") == [("overdue_list", "announce", 0)]


async def test_after_a_long_downtime_each_thing_happens_once(
    services: Services, club: Club, clock: FixedClock
):
    member = club.subscriber(club.plan())
    await JobRunner(services).sweep()
    clock.advance(days=100)
    for _ in range(3):
        await JobRunner(services).sweep()
    assert len(club.bills(member)) == 2, "only the collecting month opens by itself"
    assert club.notices("overdue_list") == [("overdue_list", "announce", 0)]
    assert club.notices("months_unopened") == [("months_unopened", "admin", 0)]


async def test_one_club_s_failure_does_not_stop_the_others(
    services: Services, club: Club, db: LocalDatabase, clock: FixedClock, caplog: pytest.LogCaptureFixture
):
    plan = club.plan()
    club.subscriber(plan)
    db.conn.execute("DELETE FROM plan_prices")
    other = Club.create(db, number=1)
    member = other.subscriber(other.plan())
    await JobRunner(services).sweep()
    assert len(other.bills(member)) == 1
    assert runs(db)[0] == (club.id, "open_month", "2026-06-05", "failed")
    assert {row[3] for row in runs(db)[1:]} == {"done"}
    assert club.notices("job_failed") == [("job_failed", "admin", 0)]
    assert "open_month" in caplog.text
    clock.advance(hours=2)
    await JobRunner(services).sweep()
    assert club.notices("job_failed") == [("job_failed", "admin", 0)], "told once a day"
    club.reprice(plan, 300, "2026-01")
    clock.advance(hours=2)
    await JobRunner(services).sweep()
    assert runs(db)[0] == (club.id, "open_month", "2026-06-05", "done")


async def test_orphans_older_than_a_day_are_removed_and_nothing_else(
    services: Services, club: Club, folder: Path, db: LocalDatabase
):
    member = club.subscriber(club.plan())
    club.open()
    bills = [bill.id for bill in club.bills(member)]
    await services.submit(club.as_member(member), bills, request_id="r", picture=encoded(screenshot(), "PNG"))
    kept = await services.storage.list_keys(TOMORROW)
    orphan, fresh, foreign = (new_proof_key(number, "2026-06") for number in (club.id, club.id, 99))
    for key in (orphan, thumbnail_key(orphan), fresh, foreign):
        await services.storage.put(key, b"x", "image/jpeg")
    for key in (*kept, orphan, thumbnail_key(orphan), foreign):
        os.utime(folder / key, (1_000_000_000, 1_000_000_000))
    await JobRunner(services).sweep()
    assert set(await services.storage.list_keys(TOMORROW)) == {*kept, fresh, foreign}
    detail = db.conn.execute("SELECT detail FROM job_runs WHERE job = 'sweep_proofs'").fetchone()[0]
    assert json.loads(detail) == {"removed": 2}


async def test_a_store_that_is_down_fails_only_its_own_job(services: Services, club: Club, db: LocalDatabase):
    class Down(LocalProofStorage):
        async def list_keys(self, older_than: object) -> list[str]:
            raise ConnectionError("down")

    services.storage = Down(Path("nowhere"))
    await JobRunner(services).sweep()
    assert {row[1]: row[3] for row in runs(db)} == {
        "open_month": "done",
        "remind": "done",
        "purge_proofs": "done",
        "sweep_proofs": "failed",
    }


async def test_a_database_that_cannot_be_written_is_only_logged(
    services: Services, club: Club, db: LocalDatabase
):
    await services.db.write(lambda tx: tx.conn.execute("PRAGMA busy_timeout = 0").fetchall())
    db.conn.execute("BEGIN IMMEDIATE")
    await JobRunner(services).sweep()
    db.conn.execute("ROLLBACK")
    assert runs(db) == []
    assert await JobRunner(services).sweep() == len(DAILY)
    assert {row[3] for row in runs(db)} == {"done"}
