"""The real process, started as people start it, against the simulator."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.simulator import Simulator
from tests.bot.outbox import until

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.socket

Start = Callable[..., Awaitable["Running"]]


class Running:
    """A bot process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def ready(self) -> None:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 20)
        assert line == b"ready\n", await self.complaint()

    async def complaint(self) -> str:
        assert self.process.stderr is not None
        return (await asyncio.wait_for(self.process.stderr.read(), 20)).decode()

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 12)


@pytest.fixture
async def start(simulator: Simulator, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts `python -m bot run`; keyword arguments are environment variables."""
    started: list[Running] = []

    async def begin(**more: str) -> Running:
        environment = {
            **os.environ,
            "LC_ALL": "en_US.UTF-8",
            "POTKEEPER_DATA_DIR": str(tmp_path / "data"),
            "POTKEEPER_DISCORD__TOKEN": simulator.token,
            "POTKEEPER_DISCORD__API_BASE": simulator.api_base,
            "POTKEEPER_DISCORD__GUILD_READY_TIMEOUT": "0.1",
            **more,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            env=environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(Running(process))
        return started[-1]

    yield begin
    for running in started:
        if running.process.returncode is None:
            running.process.kill()
        await running.process.wait()
        await running.complaint()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_ready_and_ends_at_a_signal(
    start: Start, simulator: Simulator, tmp_path: Path, number: signal.Signals
):
    bot = await start()
    await bot.ready()
    assert simulator.world.commands[None]
    bot.process.send_signal(number)
    began = time.monotonic()
    assert await bot.ended() == 0
    assert time.monotonic() - began < 5
    complaint = await bot.complaint()
    assert "ready: serving 1 servers" in complaint
    assert "stopped" in complaint
    assert "Traceback" not in complaint
    assert simulator.token not in complaint
    with closing(sqlite3.connect(tmp_path / "data" / "potkeeper.db")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_an_answer_in_flight_is_given_before_it_ends(start: Start, simulator: Simulator):
    bot = await start()
    await bot.ready()
    simulator.faults.add({"kind": "rate_limit", "times": 1, "route": "/callback", "retry_after": 0.8})
    acting = asyncio.create_task(simulator.act({"user": "member2", "do": "command", "name": "my"}))
    await until(lambda: not simulator.faults.waiting)
    bot.process.terminate()
    answer = await acting
    assert answer["acknowledged"]
    assert answer["messages"]
    assert await bot.ended() == 0


async def test_a_second_bot_on_one_database_is_refused_in_one_sentence(start: Start):
    first = await start()
    await first.ready()
    second = await start()
    assert await second.ended() == 2
    complaint = await second.complaint()
    assert complaint.count("\n") == 1
    assert str(first.process.pid) in complaint
    first.process.kill()
    await first.ended()
    third = await start()
    await third.ready()


async def test_a_killed_bot_starts_again_and_old_commands_work(start: Start, simulator: Simulator):
    for _ in range(2):
        bot = await start()
        await bot.ready()
        answer = await simulator.act({"user": "member2", "do": "command", "name": "my"})
        assert answer["acknowledged"]
        assert answer["messages"]
        bot.process.kill()
        await bot.ended()


async def test_a_wrong_token_is_one_sentence(start: Start):
    bot = await start(POTKEEPER_DISCORD__TOKEN="wrong")
    assert await bot.ended() == 2
    lines = (await bot.complaint()).splitlines()
    assert "token" in lines[-1]
    assert not any("Traceback" in line or "wrong" in line for line in lines)


async def test_it_waits_for_a_discord_that_is_not_there_yet(start: Start, simulator: Simulator):
    port = int(simulator.url.rsplit(":", 1)[1])
    await simulator.stop()
    bot = await start()
    assert bot.process.stderr is not None
    while True:
        line = await asyncio.wait_for(bot.process.stderr.readline(), 20)
        assert line, "it gave up"
        if b"cannot be reached" in line:
            break
    await simulator.start(port=port)
    await bot.ready()


async def test_it_ends_at_once_while_it_waits_for_discord(start: Start, simulator: Simulator):
    await simulator.stop()
    bot = await start()
    assert bot.process.stderr is not None
    while b"cannot be reached" not in await asyncio.wait_for(bot.process.stderr.readline(), 20):
        pass
    bot.process.terminate()
    began = time.monotonic()
    assert await bot.ended() == 0
    assert time.monotonic() - began < 5
    await simulator.start()


async def test_it_survives_a_dropped_connection(start: Start, simulator: Simulator):
    bot = await start()
    await bot.ready()
    simulator.gateway.drop(resume=True)
    await until(lambda: simulator.state()["bot"]["resumes"] == 1, 15)
    answer = await simulator.act({"user": "member2", "do": "command", "name": "my"})
    assert answer["acknowledged"]


async def test_a_folder_that_cannot_be_used_is_one_sentence(start: Start, tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    bot = await start(POTKEEPER_DATA_DIR=str(tmp_path / "file" / "data"))
    assert await bot.ended() == 2
    complaint = await bot.complaint()
    assert complaint.count("\n") == 1
    assert "file/data" in complaint


async def test_a_newer_database_is_one_sentence(start: Start, tmp_path: Path):
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "potkeeper.db")) as conn:
        conn.execute("PRAGMA user_version = 99")
    bot = await start()
    assert await bot.ended() == 2
    complaint = await bot.complaint()
    assert complaint.count("\n") == 1
    assert "99" in complaint


async def test_json_logs_are_one_object_a_line(start: Start):
    bot = await start(POTKEEPER_LOG__JSON="true")
    await bot.ready()
    bot.process.terminate()
    assert await bot.ended() == 0
    entries = [json.loads(line) for line in (await bot.complaint()).splitlines()]
    assert {"at", "level", "logger", "message"} <= set(entries[0])
    assert any(entry["message"].startswith("ready") for entry in entries)
