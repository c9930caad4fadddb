"""The discord.py client: what it loads, what it keeps, whom it serves, and what becomes of errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import api_base
from bot.client import CogBroken, PotkeeperBot
from bot.config import DiscordSettings, Settings
from bot.simulator import Simulator
from bot.storage import LocalProofStorage
from cogs import EXTENSIONS
from cogs.ui.actions import ACTIONS
from core.db import Database
from core.i18n import t
from core.services import Services
from tests.bot.outbox import connected
from tests.bot.small_cog import Slow
from tests.fakes import FixedClock


@pytest.fixture
async def services(db_path: Path, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with Database(db_path, clock) as db:
        yield Services(db, clock, LocalProofStorage(tmp_path / "proofs"))


@pytest.fixture
def settings(db_path: Path, simulator: Simulator) -> Settings:
    return Settings(data_dir=db_path.parent, discord=DiscordSettings(api_base=simulator.api_base))


@pytest.fixture
async def bot(simulator: Simulator, db_path: Path, clock: FixedClock) -> AsyncIterator[PotkeeperBot]:
    """A connected bot with the small commands."""
    async with connected(simulator, db_path, clock, extensions=("tests.bot.small_cog",)) as client:
        yield client


async def command(simulator: Simulator, name: str, **more: Any) -> dict[str, Any]:
    return await simulator.act({"user": "member2", "do": "command", "name": name, **more})


def text_of(answer: dict[str, Any]) -> str:
    assert answer["messages"], answer
    return str(answer["messages"][-1])


# --- the seam ---


def test_discord_py_still_takes_its_addresses_from_where_we_put_them(simulator: Simulator):
    assert api_base.REAL_BASE.startswith("https://discord.com/api/v")
    assert str(api_base.REAL_GATEWAY) == "wss://gateway.discord.gg/"
    try:
        api_base.use(simulator.api_base + "/")
        assert Route("GET", "/users/@me").url == f"{simulator.api_base}/users/@me"
    finally:
        api_base.use(None)
    assert Route("GET", "/users/@me").url == f"{api_base.REAL_BASE}/users/@me"
    assert DiscordWebSocket.DEFAULT_GATEWAY == api_base.REAL_GATEWAY


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("http://127.0.0.1:18765/api/v10", True),
        ("http://localhost:1/api", True),
        ("http://[::1]:1/api", True),
        ("http://127.8.8.8/api", True),
        ("https://127.0.0.1/api", False),
        ("http://discord.com/api/v10", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://user:pw@127.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("http://2130706433/", False),
        ("http://10.0.0.1/", False),
        ("http:///x", False),
        ("127.0.0.1", False),
        ("", False),
        ("http://[::1", False),
    ],
)
def test_only_this_machine_is_accepted(address: str, is_ours: bool):
    assert api_base.is_loopback(address) is is_ours
    if not is_ours:
        with pytest.raises(ValueError, match="not on this machine"):
            api_base.use(address)
        assert Route.BASE == api_base.REAL_BASE


async def test_a_gateway_elsewhere_is_refused(simulator: Simulator, settings: Settings, services: Services):
    simulator.gateway.url = "wss://gateway.example.com"
    api_base.use(simulator.api_base)
    client = PotkeeperBot(settings, services, extensions=())
    try:
        with pytest.raises(ValueError, match="not on this machine"):
            await client.login(simulator.token)
        assert yarl.URL("wss://gateway.example.com") != DiscordWebSocket.DEFAULT_GATEWAY
    finally:
        await client.close()
        api_base.use(None)


# --- what it is ---


async def test_it_asks_for_no_privileged_intent_and_keeps_little(settings: Settings, services: Services):
    client = PotkeeperBot(settings, services, extensions=())
    assert client.intents == discord.Intents(guilds=True)
    assert client._connection.member_cache_flags == discord.MemberCacheFlags.none()
    assert client._connection._messages is None
    assert client.allowed_mentions is not None
    assert client.allowed_mentions.to_dict() == {"parse": []}
    await client.close()


async def test_every_cog_loads_and_every_durable_button_is_registered(settings: Settings, services: Services):
    for _ in range(2):  # a second client in one process works as well
        client = PotkeeperBot(settings, services)
        await client.load()
        names = {command.name for command in client.tree.get_commands()}
        assert {"pay", "my", "link"} <= names
        known = set(client._connection._view_store._dynamic_items.values())
        assert known == set(ACTIONS.values())
        await client.close()
    assert len(set(EXTENSIONS)) == len(EXTENSIONS)


@pytest.mark.parametrize("name", ["tests.bot.absent", "tests.bot.outbox"])
async def test_a_cog_that_does_not_load_stops_the_bot(settings: Settings, services: Services, name: str):
    client = PotkeeperBot(settings, services, extensions=(name,))
    with pytest.raises(CogBroken) as caught:
        await client.load()
    assert caught.value.name == name
    await client.close()


# --- commands ---


async def test_commands_are_for_servers_and_known_to_discord(bot: PotkeeperBot, simulator: Simulator):
    synced = {entry["name"]: entry for entry in simulator.world.commands[None]}
    assert set(synced) == {"fine", "refused", "mistaken", "full", "slow"}
    assert synced["fine"]["contexts"] == [0]
    assert synced["fine"]["integration_types"] == [0]


async def test_commands_are_sent_to_discord_only_when_they_changed(
    simulator: Simulator, db_path: Path, services: Services
):
    real = Settings(data_dir=db_path.parent)  # as against Discord itself

    async def log_in(*extensions: str) -> bool:
        """Whether the start told Discord the commands."""
        simulator.world.commands[None] = []
        api_base.use(simulator.api_base)
        client = PotkeeperBot(real, services, extensions=extensions)
        await client.load()
        await client.login(simulator.token)
        await client.close()
        api_base.use(None)
        return bool(simulator.world.commands[None])

    assert await log_in("tests.bot.small_cog")
    assert not await log_in("tests.bot.small_cog")
    assert not await log_in(), "no commands at all: told, but there is nothing to see"
    assert await log_in("tests.bot.small_cog")
    (db_path.parent / "commands.json").write_text("broken", encoding="utf-8")
    assert await log_in("tests.bot.small_cog")


async def test_an_error_of_a_person_is_its_sentence(bot: PotkeeperBot, simulator: Simulator):
    answer = await command(simulator, "refused")
    assert t("en", "errors.nothing_to_pay") in text_of(answer)
    assert answer["messages"][-1]["ephemeral"]


async def test_an_error_of_ours_is_a_reference_and_a_traceback_in_the_log(
    bot: PotkeeperBot, simulator: Simulator, caplog: pytest.LogCaptureFixture
):
    answer = await command(simulator, "mistaken")
    assert "ZeroDivisionError" in caplog.text
    assert "internal" not in text_of(answer)
    reference = caplog.records[-1].getMessage().split("]")[0].removeprefix("[")
    assert reference in text_of(answer)


async def test_a_full_disk_is_told_and_the_next_command_works(bot: PotkeeperBot, simulator: Simulator):
    answer = await command(simulator, "full")
    assert t("en", "errors.database_unavailable") in text_of(answer)
    rows = await bot.services.db.read(
        lambda tx: tx.conn.execute("SELECT count(*) FROM workspaces").fetchone()[0]
    )
    assert rows == 0
    assert "fine" in text_of(await command(simulator, "fine"))


async def test_answers_in_flight_are_waited_for(bot: PotkeeperBot, simulator: Simulator):
    acting = asyncio.create_task(command(simulator, "slow"))
    await asyncio.wait_for(Slow.started.wait(), 5)
    finishing = asyncio.create_task(bot.finish_handlers(5))
    await asyncio.sleep(0.05)
    assert not finishing.done()
    Slow.may_end.set()
    await finishing
    assert "at last" in text_of(await acting)


async def test_a_handler_that_hangs_is_not_waited_for_for_ever(bot: PotkeeperBot, simulator: Simulator):
    acting = asyncio.create_task(command(simulator, "slow"))
    await asyncio.wait_for(Slow.started.wait(), 5)
    async with asyncio.timeout(2):
        await bot.finish_handlers(0.05)
    Slow.may_end.set()
    await acting


# --- servers ---


async def test_a_server_that_is_left_out_is_told_so(
    simulator: Simulator, db_path: Path, clock: FixedClock, caplog: pytest.LogCaptureFixture
):
    other = simulator.world.add_guild("Elsewhere")
    extensions = ("tests.bot.small_cog",)
    allowed = (other.id,)
    async with connected(simulator, db_path, clock, extensions=extensions, allowed_guilds=allowed) as bot:
        answer = await command(simulator, "fine", channel=str(simulator.world.channel("general").id))
        assert t("en", "errors.server_not_served") in text_of(answer)
        elsewhere = str(simulator.world.channel("general", other).id)
        assert "fine" in text_of(await command(simulator, "fine", channel=elsewhere))
        assert str(simulator.world.home.id) in caplog.text
        assert (bot.serves(None), bot.serves(other.id), bot.serves(1)) == (True, True, False)
