"""A simulated Discord in this process, a small club, and the real bot as a process of its own.

The club is in Taipei and collects on the 10th; simulated time begins on an 8th at nine in the morning, so two
days later a month opens by itself. Everybody owes the month before.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.config import PREFIX
from bot.simulator import Simulator
from bot.simulator.messages import NONCE_SECONDS
from bot.simulator.things import Message, User
from bot.simulator.world import World
from core import admins, migrate, workspaces
from core.check import CheckReport, run_check
from core.db import LocalDatabase
from core.models import Actor, Member, Workspace
from core.period import Period
from tests import factories

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120.0  # a start takes one second; this is for a machine that does ten other things
PATIENCE_SECONDS = 60.0
BILLING_DAY, FIRST_DAY = 10, 8
DAY_SECONDS = 86_400
POLL_SECONDS = 0.01
TEXT, BUTTON = 10, 2
WAITING = "SELECT kind, target, attempts, next_attempt_at, error FROM notices WHERE status = 'waiting'"

Payload = dict[str, Any]


class StageClub(factories.Club):
    """The factory's club, bound to the simulator's server and run by its people."""

    def __init__(self, db: LocalDatabase, workspace: Workspace, world: World) -> None:
        super().__init__(db, workspace)
        self.guild_id = workspace.guild_id
        self.owner = Actor.discord(workspace.id, world.user("owner").id, owns_server=True)
        self.treasurer = Actor.discord(workspace.id, world.user("treasurer").id)
        self.reviewer = Actor.discord(workspace.id, world.user("reviewer").id)

    @property
    def workspace(self) -> Workspace:
        found = self.db.read(workspaces.by_guild, self.guild_id)
        assert found is not None
        return found


class Stage:
    """Everything a fault test needs."""

    def __init__(self, folder: Path, people: int) -> None:
        self.folder = folder
        self.clock_file = folder / "clock.json"
        folder.mkdir(parents=True, exist_ok=True)
        ahead = int((first_morning() - datetime.now(UTC)).total_seconds())
        self.clock_file.write_text(json.dumps({"offset_seconds": ahead}), encoding="utf-8")
        self.simulator = Simulator(clock_path=self.clock_file, extra_users=people)
        self.world = self.simulator.world
        self.people = [f"extra{number}" for number in range(1, people + 1)]
        self.members: dict[str, Member] = {}
        self.extra_config = ""
        self.tick_seconds = 0.2
        self.bot: asyncio.subprocess.Process | None = None
        self.log: list[str] = []
        self._readers: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()

    # --- the books --------------------------------------------------------------------------------------

    @property
    def database(self) -> Path:
        return self.folder / "potkeeper.db"

    @contextlib.contextmanager
    def books(self) -> Iterator[LocalDatabase]:
        """The same file by a connection of our own, as the command line opens it."""
        with LocalDatabase(self.database, self.world.clock) as db:
            yield db

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.books() as db:
            return db.conn.execute(sql, parameters).fetchall()

    def value(self, sql: str, **parameters: Any) -> Any:
        return self.rows(sql, **parameters)[0][0]

    def check(self) -> CheckReport:
        with self.books() as db:
            return db.read(run_check)

    def assert_clean(self) -> None:
        found = self.check()
        assert found.ok, "\n".join(problem.message for problem in found.problems)

    def seed(self) -> None:
        """Write the club: a plan, a method, everybody linked and subscribed, the month before opened."""
        migrate.prepare(self.database)
        world, now = self.world, self.world.clock.now()
        before = Period.of(now.date()).plus(-1)
        with self.books() as db:
            workspace = db.write(
                workspaces.create, world.home.id, "Clubhouse", world.user("owner").id, currency="TWD",
                timezone="Asia/Taipei", locale="en", billing_day=BILLING_DAY, owns_server=True,
            )  # fmt: skip
            club = StageClub(db, workspace, world)
            for key in ("treasurer", "reviewer"):
                db.write(admins.grant, club.owner, world.user(key).id, key)
            club.set(
                announce_channel_id=world.channel("dues").id,
                review_channel_id=world.channel("review").id,
                admin_channel_id=world.channel("admin").id,
            )
            plan = club.plan("Base", 300, before.text)
            club.method()
            for key in self.people:
                member = club.member(world.user(key).name, discord_id=world.user(key).id)
                club.subscribe(member, plan, str(before.first_day))
                self.members[key] = member
            club.open(before.text)

    # --- the process ------------------------------------------------------------------------------------

    def config(self) -> Path:
        path = self.folder / "bot.toml"
        path.write_text(
            f"data_dir = '{self.folder}'\nclock_file = '{self.clock_file}'\n"
            f"[discord]\ntoken = '{self.simulator.token}'\napi_base = '{self.simulator.api_base}'\n"
            "guild_ready_timeout = 0.1\n[log]\nlevel = 'warning'\n"
            f"[scheduler]\ntick_seconds = {self.tick_seconds}\n" + self.extra_config,
            encoding="utf-8",
        )
        return path

    async def spawn(self, **options: Any) -> asyncio.subprocess.Process:
        """Start the bot and return at once; `ready` waits for it."""
        self._ready = ready = asyncio.Event()
        self.bot = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-m", "bot", "run", "--config", str(self.config()), cwd=ROOT,
            env=clean_environment(), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, **options,
        )  # fmt: skip
        assert self.bot.stdout
        assert self.bot.stderr
        self._readers = [
            asyncio.create_task(self._read(self.bot.stdout, ready)),
            asyncio.create_task(self._read(self.bot.stderr)),
        ]
        return self.bot

    async def _read(self, stream: asyncio.StreamReader, ready: asyncio.Event | None = None) -> None:
        while line := await stream.readline():
            text = line.decode(errors="replace").rstrip()
            if ready is not None and text == "ready":
                ready.set()
            else:
                self.log.append(text)

    async def ready(self) -> None:
        """Wait until the bot serves; fails with what it said when it ends instead."""
        assert self.bot is not None
        ended, up = asyncio.create_task(self.bot.wait()), asyncio.create_task(self._ready.wait())
        await asyncio.wait([ended, up], timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        up.cancel()
        assert self._ready.is_set(), "the bot did not get ready:\n" + "\n".join(self.log[-20:])

    async def start(self, **options: Any) -> None:
        await self.spawn(**options)
        await self.ready()

    async def kill(self) -> None:
        """End the bot as a power failure would, and wait until the simulator has noticed."""
        assert self.bot is not None
        with contextlib.suppress(ProcessLookupError):
            self.bot.send_signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """End the bot as an operator would; returns its exit status."""
        assert self.bot is not None
        if self.bot.returncode is None:
            self.bot.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """Wait until the process has ended and everything it said is read; its exit status."""
        assert self.bot is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            status = await self.bot.wait()
            await asyncio.gather(*self._readers)
        await self.until(lambda: not self.simulator.gateway.is_connected)
        # A process that is gone resumes nothing: Discord would forget its session in time.
        self.simulator.gateway.sessions.clear()
        return status

    # --- acting -----------------------------------------------------------------------------------------

    async def act(self, user: str, doing: str, **what: Any) -> Payload:
        return await self.simulator.act({"user": user, "do": doing, **what})

    async def pay(self, user: str, **form: Any) -> Payload:
        """`/pay` and submit the form as it opened; the answer to whichever came last."""
        shown = await self.act(user, "command", name="pay", channel="dues")
        if shown["modal"] is None:
            return shown
        return await self.act(user, "submit", values=form.pop("values", {}), **form)

    async def review(self, button: str) -> Payload:
        """`/review`, and the named button of the card that it shows; the card's state after it."""
        shown = await self.act("reviewer", "command", name="review", channel="review")
        card = shown["messages"][-1]
        found = button_id(card, button)
        return await self.act("reviewer", "click", message=card["id"], custom_id=found) if found else shown

    async def days(self, count: int) -> None:
        """Let days pass, one by one; the bot does what each of them brings."""
        await self.world.clock.advance(count * DAY_SECONDS, self.world.touch)

    def let_time_pass(self, seconds: int) -> None:
        """Move the clock while no bot is there; after some minutes Discord forgets every nonce."""
        self.world.clock.offset_seconds += seconds
        self.world.clock._write()
        if seconds > NONCE_SECONDS:
            self.simulator.messages._nonces.clear()

    async def until(self, is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until this holds; TimeoutError when it never does."""
        async with asyncio.timeout(seconds):
            while not is_so():  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(POLL_SECONDS)

    async def outbox_empty(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until nothing in the outbox waits any more."""
        with self.books() as db:
            try:
                await self.until(lambda: not db.conn.execute(WAITING).fetchall(), seconds)
            except TimeoutError:
                left = db.conn.execute(WAITING).fetchall()
                raise AssertionError("\n".join([f"still waiting: {left}", *self.log[-20:]])) from None

    # --- looking ----------------------------------------------------------------------------------------

    def messages(self, channel: str) -> list[Message]:
        return list(self.world.channel(channel).messages.values())

    def private_words(self, user: User) -> list[str]:
        """Everything that only this person sees, in servers and in direct messages."""
        found = [m for m in self.world.messages.values() if m.only_for == user.id]
        if user.dm_channel_id is not None:
            found += self.world.channels[user.dm_channel_id].messages.values()
        return [words(message.data) for message in found]


def words(message: Payload) -> str:
    """All text that somebody reads in a message."""
    return "\n".join(part["content"] for part in parts(message) if part["type"] == TEXT)


def said(answer: Payload) -> str:
    """All text of what somebody got to see."""
    return "\n".join(words(message) for message in answer["messages"])


def parts(message: Payload) -> Iterator[Payload]:
    """All components of a message, flat."""
    waiting = list(message["components"])
    while waiting:
        part = waiting.pop(0)
        yield part
        waiting = [*(part.get("components") or []), *filter(None, [part.get("component")]), *waiting]


def button_id(message: Payload, label: str) -> str | None:
    """The custom_id of the button that says this, or None."""
    found = (p for p in parts(message) if p["type"] == BUTTON and p.get("label") == label)
    return next((part["custom_id"] for part in found), None)


def first_option(form: Payload, custom_id: str) -> list[str]:
    """What somebody chooses who takes the first of a select's options."""
    found = next(part for part in parts(form) if part.get("custom_id") == custom_id)
    return [found["options"][0]["value"]]


def payments_named(text: str) -> list[int]:
    """The numbers of the payments that a text names."""
    return [int(number) for number in re.findall(r"\bP-0*(\d+)", text)]


def clean_environment() -> dict[str, str]:
    """Ours without any setting of the program: a developer's token never gets into a test; in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    kept["LC_ALL"] = "C.UTF-8"
    for make in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # of the make that runs the tests
        kept.pop(make, None)
    kept.pop("CREDENTIALS_DIRECTORY", None)
    return kept


def first_morning() -> datetime:
    """When the story begins: the next 8th of a month at nine in Taipei."""
    now = datetime.now(UTC)
    start = now.replace(day=FIRST_DAY, hour=1, minute=0, second=0, microsecond=0)
    while start <= now:
        start = (start.replace(day=1) + timedelta(days=32)).replace(day=FIRST_DAY)
    return start


@asynccontextmanager
async def on_stage(folder: Path, *, people: int = 4) -> AsyncIterator[Stage]:
    """A seeded club and a simulator that listens; the bot is not started. Ends whatever is left."""
    stage = Stage(folder, people)
    await stage.simulator.start()
    try:
        stage.seed()
        yield stage
    finally:
        if stage.bot is not None and stage.bot.returncode is None:
            await stage.kill()
        await stage.simulator.stop()
