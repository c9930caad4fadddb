"""`potkeeper demo`: the simulator, an invented club, and the unmodified bot as a child process."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.config import PREFIX, database_path
from bot.demo_club import seed
from bot.simulator import Simulator
from bot.simulator.errors import ControlError
from bot.simulator.world import World
from bot.under_make import heeds_interrupts
from bot.words import terminal_locale, words
from core import migrate

READY_SECONDS = 60
STOP_SECONDS = 6
TICK_SECONDS = 0.2
CONFIG_FILE = "demo.toml"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class SimulatedPlace:
    """The simulator's server, as the seed wants to know it."""

    world: World

    @property
    def guild_id(self) -> int:
        return self.world.home.id

    @property
    def guild_name(self) -> str:
        return self.world.home.name

    def user_id(self, key: str) -> int:
        return self.world.user(key).id

    def channel_id(self, name: str) -> int:
        return self.world.channel(name).id

    def role_id(self, name: str) -> int:
        return self.world.role(name).id


class Demo:
    """One running demo: the simulator in this process, the bot in another."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.clock_file = folder / "clock.json"
        self.config_file = folder / CONFIG_FILE
        self.chat_file = folder / "discord.json"
        self.simulator = Simulator(clock_path=self.clock_file, on_reset=self.start_over)
        self.bot: asyncio.subprocess.Process | None = None
        self.desk_port = 0
        self.desk_secret = secrets.token_urlsafe(16)

    @property
    def desk(self) -> str:
        """A link that signs in to the web pages as the treasurer, as often as it is used."""
        return f"http://127.0.0.1:{self.desk_port}/login/{self.desk_secret}"

    async def start(self) -> None:
        """Start everything; raises CannotStart with the sentence that says why not."""
        try:
            await self.simulator.start(port=self.port)
        except OSError as error:
            raise _port_taken(self.port, error) from error
        self.desk_port = self.port + 1 if self.port else _free_port()
        _require_free(self.desk_port)
        self.simulator.world.desk = self.desk
        self._write_config()
        self.simulator.bring_back(self.chat_file)
        await self._seed()
        await self._start_bot()

    async def stop(self) -> None:
        """End everything; what was said is kept beside the books."""
        if self.bot is not None:
            await self._stop_bot()
            self.simulator.keep(self.chat_file)
        await self.simulator.stop()

    async def start_over(self) -> None:
        """Put everything back to the seeded state: books, pictures, messages and clock."""
        await self._stop_bot()
        self.simulator.start_over()
        self._forget_books()
        await self._seed()
        await self._start_bot()

    def _forget_books(self) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{database_path(self.folder)}{ending}").unlink(missing_ok=True)
        self.chat_file.unlink(missing_ok=True)
        shutil.rmtree(self.folder / "proofs", ignore_errors=True)

    async def _seed(self) -> None:
        """Write the club, unless a kept folder has one already."""
        database = database_path(self.folder)
        if database.exists():
            return
        unfinished = database.with_name("seeding.db")
        unfinished.unlink(missing_ok=True)
        migrate.prepare(unfinished)
        place = SimulatedPlace(self.simulator.world)
        now, locale = self.simulator.world.clock.now(), terminal_locale()
        await seed(unfinished, self.folder / "proofs", place, now, locale)
        os.replace(unfinished, database)

    async def _start_bot(self) -> None:
        """Start the bot as `potkeeper run` would, pointed at the simulator; a real token is never read."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        clean.pop("CREDENTIALS_DIRECTORY", None)
        self.bot = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-m", "bot", "run", "--config", str(self.config_file), env=clean,
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
            stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await asyncio.wait_for(self._wait_until_ready(self.bot), READY_SECONDS)
        with contextlib.suppress(
            ControlError
        ):  # on a slow machine what is due today may be said a little later
            await self.simulator.world.clock.advance(0, self.simulator.world.touch)

    def _write_config(self) -> None:
        """The configuration of the bot, which also marks the folder as a demo's."""
        self.config_file.write_text(self._config(), encoding="utf-8")

    def _config(self) -> str:
        """JSON's strings are TOML's as well."""
        return (
            f"data_dir = {json.dumps(str(self.folder))}\nclock_file = {json.dumps(str(self.clock_file))}\n"
            f"[discord]\ntoken = '{self.simulator.token}'\napi_base = '{self.simulator.api_base}'\n"
            f"guild_ready_timeout = 0.1\n[log]\nlevel = 'warning'\n"
            f"[scheduler]\ntick_seconds = {TICK_SECONDS}\n"
            f"[web]\nport = {self.desk_port}\ndemo_secret = '{self.desk_secret}'\n"
            f"demo_account = {self.simulator.world.user('treasurer').id}\n"
        )

    async def _wait_until_ready(self, bot: asyncio.subprocess.Process) -> None:
        assert bot.stdout is not None
        while line := await bot.stdout.readline():
            if line.strip() == b"ready":
                return
        await bot.wait()
        raise CannotStart(words("bot.demo_bot_ended"))

    async def _stop_bot(self) -> None:
        bot, self.bot = self.bot, None
        if bot is None or bot.returncode is not None:
            return
        bot.terminate()
        try:
            await asyncio.wait_for(bot.wait(), STOP_SECONDS)
        except TimeoutError:
            bot.kill()
            await bot.wait()


class CannotStart(Exception):  # noqa: N818 - reads as what happened
    """The demo cannot start; the text is the one line that says why."""


def main(*, data: Path | None, port: int) -> int:
    """Run the demo until SIGINT or SIGTERM; a folder that was not named is thrown away. Raises CannotStart."""
    if data is not None:
        _require_demo_folder(data)
        return asyncio.run(_run(data.resolve(), port))
    with tempfile.TemporaryDirectory(prefix="potkeeper-demo-") as folder:
        return asyncio.run(_run(Path(folder), port))


async def _run(folder: Path, port: int) -> int:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked.set)
    demo = Demo(folder, port)
    stopped = asyncio.create_task(asked.wait())
    starting = asyncio.create_task(demo.start())
    watching = asyncio.create_task(_watch_make(asked))
    try:
        await asyncio.wait([stopped, starting], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            _say(f"desk: {demo.desk}")
            _say(f"ready: {demo.simulator.url}/")
            await stopped
        return 0
    except TimeoutError as error:
        raise CannotStart(words("bot.demo_bot_late", seconds=READY_SECONDS)) from error
    finally:
        for task in (starting, watching, stopped):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await demo.stop()


def _require_demo_folder(folder: Path) -> None:
    """Make the folder; refuses real books, because starting over throws a demo's away."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotStart(words("bot.folder_unusable", folder=str(folder), reason=reason)) from error
    if database_path(folder).exists() and not (folder / CONFIG_FILE).exists():
        raise CannotStart(words("bot.demo_real_books", folder=str(folder)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _require_free(port: int) -> None:
    """The bot would find out too, but only after the club was seeded."""
    try:
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError as error:
        raise _port_taken(port, error) from error


def _port_taken(port: int, error: OSError) -> CannotStart:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return CannotStart(words("bot.demo_port_taken", port=port, reason=reason))


async def _watch_make(asked: asyncio.Event) -> None:
    """End when `make demo` alone was interrupted: it would wait for us, and we would never hear of it."""
    if "MAKELEVEL" not in os.environ:
        return
    make = os.getppid()
    while (heeds := heeds_interrupts(make)) is not None:
        if not heeds:
            asked.set()
            return
        await asyncio.sleep(0.5)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
