"""A club on an offline Discord: the real bot, a real database file, real pictures on disk.

`server` is the whole scene. People act (`await server.ann.slash(server.general, "pay")`), `server.club` is
the club of tests/factories.py behind it, and `await server.deliver()` sends what the outbox holds. After each
test the books must balance, and every request is compared with Discord's API description (tests/openapi.py).
"""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.client import PotkeeperBot
from bot.config import Settings, WebSettings
from bot.notifier import Notifier, Pace
from bot.storage import LocalProofStorage
from cogs import EXTENSIONS
from cogs.ui import expiry
from cogs.ui.replies import unwrap
from core import admins, check, workspaces
from core.db import Database, LocalDatabase
from core.errors import DomainError
from core.models import Actor, Member, Workspace
from core.services import Services
from tests import factories
from tests.fakes import FixedClock
from tests.openapi import check_requests

_TEXT, _TEXT_INPUT, _SELECT = 10, 4, 3


class ServerClub(factories.Club):
    """The factory's club, bound to a server of the simulated Discord and run by its people."""

    def __init__(
        self, db: LocalDatabase, workspace: Workspace, owner: int, treasurer: int, reviewer: int
    ) -> None:
        super().__init__(db, workspace)
        self.guild_id = workspace.guild_id
        self.owner = Actor.discord(workspace.id, owner, owns_server=True)
        self.treasurer = Actor.discord(workspace.id, treasurer)
        self.reviewer = Actor.discord(workspace.id, reviewer)
        for actor, role in ((self.treasurer, "treasurer"), (self.reviewer, "reviewer")):
            db.write(admins.grant, self.owner, actor.discord_id, role)

    @property
    def workspace(self) -> Workspace:
        found = self.db.read(workspaces.by_guild, self.guild_id)
        assert found is not None
        return found


class Server:
    """A Discord server with its channels and people, the bot in it, and the club's books."""

    def __init__(self, env: simcord.Env, db: LocalDatabase, services: Services, **settings: Any) -> None:
        self.env, self.db, self.services = env, db, services
        self.expected: tuple[type[BaseException], ...] = (DomainError,)
        owner = env.create_user("olga")
        self.guild = env.create_guild("Tea Club", owner=owner)
        self.general = self.guild.create_text_channel("general")
        self.announce = self.guild.create_text_channel("announcements")
        self.review = self.guild.create_text_channel("review")
        self.admin = self.guild.create_text_channel("treasury")
        self.reviewers = self.guild.create_role("Reviewers")
        self.owner = MemberActor(env, self.guild, owner)
        self.tess, self.rita, self.ann, self.ben, self.nora = (
            self.join(name) for name in ("tess", "rita", "ann", "ben", "nora")
        )
        made = {"currency": "TWD", "timezone": "Asia/Taipei", "locale": "en", "billing_day": 5, **settings}
        workspace = db.write(workspaces.create, self.guild.id, "Tea Club", owner.id, owns_server=True, **made)
        self.club = ServerClub(db, workspace, owner.id, self.tess.id, self.rita.id)
        self.club.set(
            announce_channel_id=self.announce.id,
            review_channel_id=self.review.id,
            admin_channel_id=self.admin.id,
        )
        db.conn.execute("DELETE FROM notices")  # the admin log tells of that change

    def expects(self, *mistakes: type[BaseException]) -> None:
        """Mistakes that this test makes on purpose."""
        self.expected += mistakes

    def join(self, name: str) -> MemberActor:
        """Another person in the server."""
        return self.guild.add_member(self.env.create_user(name))

    def on_roster(self, person: MemberActor, name: str | None = None) -> Member:
        """Put a person of the server on the roster, linked."""
        return self.club.member(name or person.name.capitalize(), discord_id=person.id)

    async def owing(self, person: MemberActor, *prices: int, period: str = "2026-06") -> Member:
        """A linked member who owes these amounts for an open month, and nothing left in the outbox."""
        member = self.on_roster(person)
        for price in prices or (300,):
            plan = self.club.plan(f"Plan {price} of {person.name}", price)
            self.club.subscribe(member, plan, f"{period}-01")
        self.club.open(period)
        await self.deliver()
        return member

    async def deliver(self) -> None:
        """Let the notifier send or edit everything that is due, without its pauses."""
        await Notifier(self.env.bot, pace=Pace(burst=1000, per_second=1000)).drain()
        await self.env.settle()

    async def post(self, channel: ChannelHandle, *buttons: discord.ui.Item[Any]) -> discord.Message:
        """Let the bot post a message with these buttons, as if it were an old one or a forged one."""
        view = discord.ui.LayoutView(timeout=None)
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
        for button in buttons:
            row.add_item(button)
        view.add_item(row)
        message = await self.env.bot.get_channel(channel.id).send(view=view)
        await self.env.settle()
        view.stop()  # nobody listens any more
        return message

    async def press(self, person: MemberActor, message: Any, **which: str) -> ResponseMessage:
        """Click, wait for the expiry net if need be, and return the one private answer."""
        result = await person.click(message, **which)
        if not result.acknowledged:
            await self.env.advance_time(3)
        return private(result)

    def dm(self, person: MemberActor) -> list[discord.Message]:
        """What the bot wrote to somebody in private messages, oldest first."""
        return person.user.dm_channel.history()

    async def restart(self) -> None:
        """End the bot and start it anew; Discord and the database stay."""
        bot = PotkeeperBot(self.env.bot.settings, self.services)
        await bot.load()
        await self.env.restart_bot(bot)


# --- reading what somebody sees --------------------------------------------------------------------


def components(message: Any) -> list[dict[str, Any]]:
    """All components of a message, a form or a response, flat."""
    if isinstance(message, InteractionResult):
        shown = message.modal or message.response
        assert shown is not None, "nothing was answered"
        message = shown
    raw = message["components"] if isinstance(message, dict) else message.components
    return list(_flat([part if isinstance(part, dict) else part.to_dict() for part in raw]))


def _flat(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield part
        yield from _flat(part.get("components") or [])
        yield from _flat([part[name] for name in ("component", "accessory") if part.get(name)])


def text(message: Any) -> str:
    """All text that somebody reads in a message, a form or a response."""
    return "\n".join(part["content"] for part in components(message) if part["type"] == _TEXT)


def labels(message: Any) -> list[str]:
    """The labels of its buttons."""
    return [part["label"] for part in components(message) if part["type"] == 2]


def link_of(message: Any) -> str:
    """The address behind its link button."""
    return next(part["url"] for part in components(message) if part["type"] == 2 and "url" in part)


def options(message: Any, number: int = 0) -> list[str]:
    """The labels of the options of its select of that number."""
    found = [part for part in components(message) if part["type"] == _SELECT]
    return [option["label"] for option in found[number]["options"]]


def values(message: Any, number: int = 0) -> list[str]:
    """The values of the options of its select of that number."""
    found = [part for part in components(message) if part["type"] == _SELECT]
    return [option["value"] for option in found[number]["options"]]


def private(result: InteractionResult) -> ResponseMessage:
    """The one private message that answered; anything else fails the test."""
    assert result.acknowledged
    shown = result.followups or ([result.response] if result.response else [])
    answers = [message for message in shown if message.ephemeral]
    assert len(answers) == 1, f"{len(answers)} private answers"
    return answers[0]


# --- fixtures ----------------------------------------------------------------------------------------


for _name in EXTENSIONS:  # every action is defined once its module is there
    importlib.import_module(_name)


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated Discord waits in real time for the expiry net; two seconds each would add up."""
    monkeypatch.setattr(expiry, "PATIENCE_SECONDS", 0.05)


@pytest.fixture
async def services(db_path: Path, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with Database(db_path, clock) as database:
        yield Services(database, clock, LocalProofStorage(tmp_path / "proofs"))


@pytest.fixture
async def simcord_bot(services: Services, tmp_path: Path) -> PotkeeperBot:
    settings = Settings(data_dir=tmp_path / "data", discord={"api_base": "http://127.0.0.1:1"})
    bot = PotkeeperBot(settings, services)
    await bot.load()
    return bot


@pytest.fixture
async def server(simcord_env: simcord.Env, db: LocalDatabase, services: Services) -> AsyncIterator[Server]:
    """A club in Taipei with TWD; afterwards its books balance and all requests were as Discord wants them."""
    made = Server(simcord_env, db, services)
    yield made
    await simcord_env.settle()
    unexpected = [error for error in simcord_env.errors if not isinstance(unwrap(error), made.expected)]
    assert unexpected == [], "errors that nobody can have caused"
    check_requests(simcord_env.http_requests)
    found = db.read(check.run_check)
    assert found.ok, json.dumps([str(problem) for problem in found.problems], indent=1)


@pytest.fixture
def served(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same bot with web pages at a public address."""
    bot = server.env.bot
    web = WebSettings(port=8080, public_url="https://club.example/pot")
    monkeypatch.setattr(bot, "settings", bot.settings.model_copy(update={"web": web}))
    return server
