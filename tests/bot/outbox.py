"""The notifier with a real discord.py client against the simulator, and a plain way to queue notices."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord

from bot import api_base
from bot.client import PotkeeperBot
from bot.config import DiscordSettings, Settings
from bot.notifier import Notifier, Pace
from bot.simulator import Simulator
from bot.simulator.world import Channel
from bot.storage import LocalProofStorage
from core.db import Database, Tx
from core.models import Notice
from core.sending import Attempt
from core.services import Services
from core.store import notices as notice_rows
from tests.fakes import FixedClock

_numbers = itertools.count(1)
READY_SECONDS = 10


@dataclass
class Say:
    """What a test's notice becomes on Discord: one message for each text of its params."""

    view: discord.ui.LayoutView
    allowed_mentions: discord.AllowedMentions = field(default_factory=discord.AllowedMentions.none)
    files: Sequence[discord.File] = ()
    holds: Sequence[int] = ()


async def say(services: Services, attempt: Attempt, *, public: bool = False) -> list[Say]:
    """Renders notices that `Outbox.queue` made."""
    texts = json.loads(attempt.notice.params)["texts"]
    if texts == ["broken"]:
        raise ZeroDivisionError("a mistake in the renderer")
    found = []
    for text in ["public"] if public else texts:
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(discord.ui.TextDisplay(f"{text} r{attempt.notice.revision}"))
        found.append(Say(view))
    return found


class Outbox:
    """Everything a test needs: the simulator, the connected client, its notifier, the database."""

    def __init__(
        self, simulator: Simulator, client: PotkeeperBot, clock: FixedClock, workspace_id: int
    ) -> None:
        self.simulator = simulator
        self.client = client
        self.db = client.services.db
        self.clock = clock
        self.workspace_id = workspace_id
        self.notifier = self.new_notifier()

    def new_notifier(self) -> Notifier:
        """As a new process would have it: it remembers nothing."""
        return Notifier(self.client, render=say, pace=Pace(100, 1000), poll_seconds=0.1)

    async def queue(
        self, *texts: str, target: str = "announce", target_id: int = 0, op: str = "post", key: str = ""
    ) -> int:
        """Queue a notice and return its id."""
        row = {
            "workspace_id": self.workspace_id, "dedupe_key": key or f"test:{next(_numbers)}", "kind": "test",
            "target": target, "target_id": target_id, "subject_type": "test", "subject_id": 1,
            "params": json.dumps({"texts": texts or ["hello"]}),
        }  # fmt: skip

        def insert(tx: Tx) -> int:
            getattr(notice_rows, op)(tx.conn, row | {"now": tx.now_text})
            found = notice_rows.by_key(tx.conn, str(row["dedupe_key"]))
            assert found is not None
            return found.id

        return await self.db.write(insert)

    async def notice(self, notice_id: int) -> Notice:
        found = await self.db.read(lambda tx: notice_rows.get(tx.conn, notice_id))
        assert found is not None
        return found

    async def drain(self) -> None:
        async with asyncio.timeout(READY_SECONDS):
            await self.notifier.drain()

    def channel(self, name: str) -> Channel:
        return self.simulator.world.channel(name)

    def said(self, name: str) -> list[str]:
        """The texts in a channel, oldest first."""
        return texts_in(self.channel(name))

    def said_to(self, key: str) -> list[str]:
        """The texts in somebody's direct messages."""
        return texts_in(self.simulator.world.dm_with(self.simulator.world.user(key)))

    def user_id(self, key: str) -> int:
        return self.simulator.world.user(key).id


def texts_in(channel: Channel) -> list[str]:
    return [message.data["components"][0]["content"] for message in channel.messages.values()]


async def until(is_so: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
    """Wait until this holds, looking every few milliseconds; TimeoutError when it never does."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.005)


@asynccontextmanager
async def connected(
    simulator: Simulator, db_path: Path, clock: Any, *, extensions: Sequence[str] = (), **settings: Any
) -> AsyncIterator[PotkeeperBot]:
    """A client that is ready, without our cogs."""
    made = Settings(
        data_dir=db_path.parent,
        discord=DiscordSettings(api_base=simulator.api_base, guild_ready_timeout=0.05),
        **settings,
    )
    api_base.use(simulator.api_base)
    async with Database(db_path, clock) as db:
        client = PotkeeperBot(
            made, Services(db, clock, LocalProofStorage(db_path.parent / "proofs")), extensions=extensions
        )
        await client.load()
        await client.login(simulator.token)
        connection = asyncio.create_task(client.connect())
        try:
            async with asyncio.timeout(READY_SECONDS):
                await client.up.wait()
            yield client
        finally:
            await client.close()
            connection.cancel()
            await asyncio.wait([connection])
            api_base.use(None)
