"""When: APScheduler does the ticking and nothing else. What ran already stands in job_runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Self

from bot.jobs import JobRunner
from bot.notifier import Notifier
from core.clock import Clock, SteppedClock, SystemClock

log = logging.getLogger(__name__)

STEPPED_SECONDS = 0.1
"""How often a simulator's clock is looked at."""
IDLE_SECONDS = 15.0
IDLE_POLL_SECONDS = 0.01


class Scheduler:
    """Runs the jobs at start and every `seconds` from then on.

    With a simulator's clock it looks more often, and when everything due at a step is done and said, it tells
    the simulator so.
    """

    def __init__(self, clock: Clock, jobs: JobRunner, notifier: Notifier, *, seconds: float) -> None:
        """Prepare; `async with` starts and stops it."""
        self._stepped = clock if isinstance(clock, SteppedClock) else None
        self._jobs = jobs
        self._notifier = notifier
        self._seconds = seconds
        self._offset: float | None = None
        self._next_sweep = 0.0
        self._scheduler: Any = None

    async def __aenter__(self) -> Self:
        """Begin, with a first run at once."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=self._seconds if self._stepped is None else STEPPED_SECONDS,
            next_run_time=SystemClock().now(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop ticking; a job that runs is cancelled, its transaction ends whole or not at all."""
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    async def tick(self) -> None:
        """Do what is due, if it is time to look; being ended meanwhile is nothing to report."""
        with contextlib.suppress(asyncio.CancelledError):
            await self._tick()

    async def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        offset = self._stepped.offset_seconds if self._stepped is not None else 0.0
        if offset == self._offset and now < self._next_sweep:
            return
        self._next_sweep = now + self._seconds * 0.9
        await self._jobs.sweep()
        self._notifier.wake()
        if self._stepped is None:
            return
        if await self._until_idle():
            self._offset = offset
            self._stepped.acknowledge(int(offset) if offset.is_integer() else offset)
        else:
            log.warning("the outbox is not empty yet at the clock's step %s", offset)

    async def _until_idle(self) -> bool:
        deadline = asyncio.get_running_loop().time() + IDLE_SECONDS
        while not await self._notifier.is_idle():
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(IDLE_POLL_SECONDS)
        return True
