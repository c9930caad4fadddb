"""A second bot on one database is refused, and the first one never notices."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import pytest

from tests.faults.stage import ROOT, Stage, clean_environment, said

pytestmark = pytest.mark.socket


async def test_a_second_bot_on_one_database_is_refused_in_one_sentence(stage: Stage):
    await stage.start()
    assert stage.bot
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--config", str(stage.config()), cwd=ROOT,
        env=clean_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(20):
            output, complaint = await second.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            second.kill()
    assert second.returncode == 2
    assert output == b""
    (line,) = complaint.decode().splitlines()
    assert str(stage.bot.pid) in line
    assert str(stage.folder) in line
    assert stage.simulator.gateway.identifies == 1
    assert "P-0001" in said(await stage.pay("extra1"))


async def test_the_next_bot_starts_when_the_first_was_killed(stage: Stage):
    await stage.start()
    await stage.kill()
    await stage.start()
    assert "P-0001" in said(await stage.pay("extra1"))
    assert await stage.stop() == 0
