"""A simulator, and a club in it that the bot is connected to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.simulator import Simulator
from core.db import LocalDatabase
from tests.bot.outbox import Outbox, connected
from tests.factories import Club
from tests.fakes import FixedClock


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulator = Simulator()
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def outbox(simulator: Simulator, db_path: Path, clock: FixedClock) -> AsyncIterator[Outbox]:
    """A connected bot whose club has all its channels in the simulator; nobody sends until a test drains."""
    with LocalDatabase(db_path, clock) as local:
        club = Club.create(local)
        club.set(**{
            f"{name}_channel_id": simulator.world.channel(channel).id
            for name, channel in (("announce", "dues"), ("review", "review"), ("admin", "admin"))
        })  # fmt: skip
        local.conn.execute("DELETE FROM notices")  # the admin log tells of that change
    async with connected(simulator, db_path, clock) as client:
        yield Outbox(simulator, client, clock, club.id)
