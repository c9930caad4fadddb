"""The ticking: at start, again and again, and in step with a simulator's clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.client import PotkeeperBot
from bot.jobs import DAILY, JobRunner
from bot.notifier import Notifier, Pace
from bot.scheduler import Scheduler
from bot.simulator import Simulator
from core.clock import Clock, SteppedClock
from core.db import LocalDatabase, Tx
from core.store import notices
from tests.bot.outbox import connected, say, until
from tests.factories import Club
from tests.fakes import FixedClock


@asynccontextmanager
async def ticking(client: PotkeeperBot, clock: Clock, seconds: float) -> AsyncIterator[Scheduler]:
    async with (
        Notifier(client, render=say, pace=Pace(100, 1000)) as notifier,
        Scheduler(clock, JobRunner(client.services), notifier, seconds=seconds) as scheduler,
    ):
        yield scheduler


def next_runs(scheduler: Scheduler) -> list[datetime]:
    """When APScheduler will tick next; nothing when it has ended."""
    return [job.next_run_time for job in scheduler._scheduler.get_jobs()]


def done(db: LocalDatabase) -> int:
    return int(db.conn.execute("SELECT count(*) FROM job_runs WHERE status = 'done'").fetchone()[0])


async def test_it_runs_at_start_and_then_every_tick(
    simulator: Simulator, db_path: Path, db: LocalDatabase, club: Club, clock: FixedClock
):
    async with connected(simulator, db_path, clock) as client:
        async with ticking(client, clock, 0.05) as scheduler:
            await until(lambda: done(db) == len(DAILY))
            clock.advance(days=1)
            await until(lambda: done(db) == 2 * len(DAILY))
            assert next_runs(scheduler)
        assert next_runs(scheduler) == [], "stopped is stopped"


async def test_with_a_long_tick_only_the_start_runs(
    simulator: Simulator, db_path: Path, db: LocalDatabase, club: Club, clock: FixedClock
):
    before = datetime.now(UTC)
    async with (
        connected(simulator, db_path, clock) as client,
        ticking(client, clock, 3600) as scheduler,
    ):
        await until(lambda: done(db) == len(DAILY))
        (following,) = next_runs(scheduler)
        assert following >= before + timedelta(hours=1)


async def test_a_tick_that_fails_does_not_end_the_ticking(
    simulator: Simulator,
    db_path: Path,
    db: LocalDatabase,
    club: Club,
    clock: FixedClock,
    caplog: pytest.LogCaptureFixture,
):
    class Failing(JobRunner):
        times = 0

        async def sweep(self) -> int:
            self.times += 1
            if self.times == 1:
                raise ZeroDivisionError("a mistake of ours")
            return await super().sweep()

    async with connected(simulator, db_path, clock) as client:
        notifier = Notifier(client, render=say)
        async with Scheduler(clock, Failing(client.services), notifier, seconds=0.05):
            await until(lambda: done(db) == len(DAILY))
    assert "a mistake of ours" in caplog.text


async def test_a_step_is_acknowledged_when_its_work_is_done_and_said(
    tmp_path: Path, db_path: Path, db: LocalDatabase
):
    file = tmp_path / "clock.json"
    simulator = Simulator(clock_path=file)
    await simulator.start()
    clock = SteppedClock(file)
    db.clock = clock
    club = Club.create(db)
    club.set(announce_channel_id=simulator.world.channel("dues").id)
    try:
        async with connected(simulator, db_path, clock) as client, ticking(client, clock, 60):
            await until(lambda: acknowledged(file) == 0)
            for day in range(1, 4):
                db.write(_queue, club.id, f"day {day}")
                step(file, day * 86_400)
                await until(lambda day=day: acknowledged(file) == day * 86_400)
                messages = simulator.world.channel("dues").messages.values()
                assert len(messages) == day
                assert done(db) == (day + 1) * len(DAILY)
            text = file.with_name("clock.json.ack").read_text(encoding="utf-8")
            assert json.loads(text) == {"offset_seconds": 259_200}, "a whole number, as it was given"
            assert "." not in text
    finally:
        await simulator.stop()


async def test_nothing_is_acknowledged_while_something_waits_to_be_said(
    tmp_path: Path, db_path: Path, db: LocalDatabase
):
    file = tmp_path / "clock.json"
    simulator = Simulator(clock_path=file)
    await simulator.start()
    clock = SteppedClock(file)
    db.clock = clock
    club = Club.create(db)
    club.set(announce_channel_id=simulator.world.channel("dues").id)
    try:
        async with connected(simulator, db_path, clock) as client, ticking(client, clock, 60):
            await until(lambda: acknowledged(file) == 0)
            simulator.faults.add({"kind": "rate_limit", "times": 1, "route": "/messages", "retry_after": 0.6})
            db.write(_queue, club.id, "slow")
            step(file, 86_400)
            await asyncio.sleep(0.3)
            assert acknowledged(file) == 0
            await until(lambda: acknowledged(file) == 86_400)
            assert len(simulator.world.channel("dues").messages) == 1
    finally:
        await simulator.stop()


def step(file: Path, seconds: int) -> None:
    ready = file.with_name("new")
    ready.write_text(json.dumps({"offset_seconds": seconds}), encoding="utf-8")
    ready.replace(file)


def acknowledged(file: Path) -> float | None:
    try:
        return json.loads(file.with_name(file.name + ".ack").read_text(encoding="utf-8"))["offset_seconds"]
    except FileNotFoundError:
        return None


def _queue(tx: Tx, workspace_id: int, text: str) -> None:
    notices.post(tx.conn, {
        "workspace_id": workspace_id, "dedupe_key": text, "kind": "test", "target": "announce",
        "target_id": 0, "subject_type": "test", "subject_id": 1, "params": json.dumps({"texts": [text]}),
        "now": tx.now_text,
    })  # fmt: skip
