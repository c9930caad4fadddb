"""The real process with pages: served beside the gateway, a port that is taken, and a clean end."""

from __future__ import annotations

import signal
import socket

import aiohttp
import pytest

from bot.simulator import Simulator
from tests.bot.test_app import Start, start  # noqa: F401 - a fixture

pytestmark = pytest.mark.socket


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_pages_are_served_where_they_are_switched_on(start: Start, simulator: Simulator, port: int):  # noqa: F811
    bot = await start(
        POTKEEPER_WEB__PORT=str(port), POTKEEPER_WEB__TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.1/32"
    )
    await bot.ready()
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/login") as page:
            assert page.status == 200
            assert "/dashboard" in await page.text()
        answer = await simulator.act({"user": "owner", "do": "command", "name": "dashboard"})
        assert answer["acknowledged"]
    bot.process.send_signal(signal.SIGTERM)
    assert await bot.ended() == 0
    assert "Traceback" not in await bot.complaint()


async def test_a_port_that_is_taken_is_one_sentence(start: Start, port: int):  # noqa: F811
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        bot = await start(POTKEEPER_WEB__PORT=str(port))
        assert await bot.ended() == 2
    complaint = await bot.complaint()
    assert f"127.0.0.1:{port}" in complaint
    assert "Traceback" not in complaint


async def test_without_a_port_nothing_is_imported_for_pages(start: Start):  # noqa: F811
    bot = await start(PYTHONPROFILEIMPORTTIME="1")
    await bot.ready()
    bot.process.terminate()
    await bot.ended()
    imported = await bot.complaint()
    assert "aiohttp" in imported
    assert not any(name in imported for name in ("jinja2", "bot.web.app", "prometheus_client"))
