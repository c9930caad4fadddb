"""Sends outbox rows to Discord: in order for each place, several places at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Self

import discord

from bot.delivery import Delivery, Outcome, Renderer
from core import sending
from core.errors import DatabaseUnavailable
from core.store.notices import DueNotice

if TYPE_CHECKING:
    from bot.client import PotkeeperBot

log = logging.getLogger(__name__)

POLL_SECONDS = 3.0
"""The command line writes to the same file without telling us."""
SEND_SECONDS = 90.0
STOP_SECONDS = 3.0
DELAY_SECONDS = 5.0
LANES_AT_ONCE = 4
FEW_QUEUED, MOST_QUEUED = 100, 300

Lane = tuple[int, str, int]


class Pace:
    """Lets a burst through and then so many a second: Discord dislikes bots that write to many fast."""

    def __init__(self, burst: int = 10, per_second: float = 2.0) -> None:
        """Start with the whole burst."""
        self._burst = burst
        self._gap = 1 / per_second
        self._full_at = 0.0

    async def __call__(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        self._full_at = max(self._full_at, now) + self._gap
        await asyncio.sleep(max(0.0, self._full_at - now - self._burst * self._gap))


class Notifier:
    """The task that empties the outbox. What is due stands in the database; memory decides nothing."""

    def __init__(
        self,
        client: PotkeeperBot,
        *,
        render: Renderer | None = None,
        pace: Pace | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Prepare; `async with` starts and stops it."""
        self._client = client
        self._db = client.services.db
        if render is None:
            from cogs.ui.notices import render as render_notice

            render = render_notice
        self._delivery = Delivery(
            client.services, client.http, render, may_read=self._may_read, pace=pace or Pace()
        )
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()
        self._lanes: dict[Lane, deque[DueNotice]] = {}
        self._held: dict[Lane, float] = {}
        self._queued: set[int] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(LANES_AT_ONCE)
        # Other people's servers may be slow: alerts have slots of their own, so that no member waits for them.
        self._alert_slots = asyncio.Semaphore(LANES_AT_ONCE)
        self._stopping = False
        self._loop_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start sending as soon as Discord is there."""
        self._db.listeners.append(self.wake)
        self._loop_task = asyncio.create_task(self._run(), name="notifier")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Finish what is on its way, within seconds; the rest waits in the database."""
        self._stopping = True
        self._db.listeners.remove(self.wake)
        if self._loop_task is not None:
            self._loop_task.cancel()
            await asyncio.wait([self._loop_task])
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_SECONDS)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    def wake(self) -> None:
        """Look into the outbox now."""
        self._woken.set()

    async def is_idle(self) -> bool:
        """Whether nothing is on its way and nothing is due."""
        return not self._queued and not await self._db.read(sending.count_due)

    async def drain(self) -> None:
        """Send what is due, and return when that is over; for whoever does not run the task."""
        while await self._dispatch() or self._running:
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _run(self) -> None:
        await self._client.up.wait()
        while True:
            self._woken.clear()
            try:
                await self._dispatch()
            except DatabaseUnavailable as error:
                log.error("the outbox cannot be read: %s", error)
            except Exception:
                log.exception("the outbox cannot be read")
            await _wait(self._woken, self._poll_seconds)

    async def _dispatch(self) -> int:
        """Hand what is due to its lanes, starting those that stand still; returns how many that was."""
        if self._stopping or len(self._queued) > FEW_QUEUED:
            return 0
        now = asyncio.get_running_loop().time()
        self._held = {lane: until for lane, until in self._held.items() if until > now}
        handed = 0
        for row in await self._db.read(sending.due, MOST_QUEUED, frozenset(self._queued)):
            if row.lane in self._held or row.id in self._queued:
                continue
            handed += 1
            self._queued.add(row.id)
            if row.lane in self._lanes:
                self._lanes[row.lane].append(row)
            else:
                self._lanes[row.lane] = deque([row])
                task = asyncio.create_task(self._run_lane(row.lane), name=f"notices to {row.lane}")
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        return handed

    async def _run_lane(self, lane: Lane) -> None:
        """Send what is queued for one place, in order; stop there when Discord does not answer."""
        rows = self._lanes[lane]
        slots = self._alert_slots if rows[0].target == "alert" else self._slots
        try:
            while rows and not self._stopping:
                async with slots:
                    row = rows[0]
                    outcome = await self._send(row)
                self._queued.discard(rows.popleft().id)
                if outcome is Outcome.DELAYED:
                    self._held[lane] = asyncio.get_running_loop().time() + await self._due_in(row)
                    return
        finally:
            del self._lanes[lane]
            self._queued.difference_update(row.id for row in rows)
            self.wake()

    async def _send(self, row: DueNotice) -> Outcome:
        try:
            attempt = await self._db.write(sending.claim, row.id)
            if attempt is None:
                return Outcome.OVER
            async with asyncio.timeout(SEND_SECONDS):
                return await self._delivery.send(attempt)
        except DatabaseUnavailable as error:
            log.error("notice %s waits for the database: %s", row.id, error)
        except Exception:
            log.exception("notice %s could not be sent", row.id)
        return Outcome.DELAYED

    async def _due_in(self, row: DueNotice) -> float:
        """For how long what comes after this notice has to wait, so that it does not overtake it."""
        try:
            return max(DELAY_SECONDS, await self._db.read(sending.due_in, row.id))
        except DatabaseUnavailable:
            return DELAY_SECONDS

    def _may_read(self, channel_id: int) -> bool | None:
        """Whether the bot may read old messages there, as far as it knows."""
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return None
        me = channel.guild.me
        return channel.permissions_for(me).read_message_history if me is not None else None


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
