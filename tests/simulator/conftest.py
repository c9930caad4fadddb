"""A simulator on a free port, and a small discord.py bot of its own connected to it over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.simulator import Simulator
from tests.simulator.small_bot import SmallBot

READY_SECONDS = 10.0


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulator = Simulator()
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP client whose relative addresses are the simulator's."""
    async with aiohttp.ClientSession(simulator.url) as session:
        yield session


@pytest.fixture
def point_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Simulator], None]:
    def point(simulator: Simulator) -> None:
        monkeypatch.setattr(Route, "BASE", simulator.api_base)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(simulator.gateway_url))

    return point


@pytest.fixture
async def start_bot(
    simulator: Simulator, point_at: Callable[[Simulator], None]
) -> AsyncIterator[Callable[[], Awaitable[SmallBot]]]:
    """Starts small bots that are ready and have their commands registered."""
    point_at(simulator)
    running: list[tuple[SmallBot, asyncio.Task[None]]] = []

    async def start() -> SmallBot:
        bot = SmallBot()
        running.append((bot, asyncio.create_task(bot.start(simulator.token))))
        async with asyncio.timeout(READY_SECONDS):
            await bot.is_up.wait()
        return bot

    yield start
    for bot, task in running:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def small_bot(start_bot: Callable[[], Awaitable[SmallBot]]) -> SmallBot:
    return await start_bot()
