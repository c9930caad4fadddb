"""Programs that are measured from outside: started, waited for until they say `ready`, and ended."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config import PREFIX
from bot.simulator import Simulator

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS, STOP_SECONDS = 60, 15


def bot_command(folder: Path, simulator: Simulator) -> list[str]:
    """`potkeeper run` on this data folder against this simulator; writes its configuration."""
    config = folder / "bench.toml"
    config.write_text(
        f"data_dir = '{folder}'\n[discord]\ntoken = '{simulator.token}'\napi_base = '{simulator.api_base}'\n"
        "guild_ready_timeout = 0.1\n[log]\nlevel = 'warning'\n",
        encoding="utf-8",
    )
    return ["bot", "run", "--config", str(config)]


@asynccontextmanager
async def running(module: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m module` from its `ready` line on; it is ended in any case."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, cwd=ROOT, env=kept, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            while (line := await process.stdout.readline()).strip() != b"ready":
                if not line:
                    raise RuntimeError(f"{module} ended before it was ready: status {await process.wait()}")
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
    if process.returncode is None:
        process.kill()
        await process.wait()


def peak_mebibytes(pid: int) -> float:
    """The most memory that a process has had resident since it started (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not say how much memory a process had")
