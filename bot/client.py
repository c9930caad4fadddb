"""The discord.py client: intents, cogs, durable buttons, the command tree and its error handler."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import api_base
from bot.config import Settings
from cogs import EXTENSIONS
from cogs.command_options import check_options
from cogs.translator import CatalogTranslator
from cogs.ui.actions import ACTIONS
from cogs.ui.replies import Interaction, reply_error
from core.errors import ServerNotServed
from core.services import Services

log = logging.getLogger(__name__)

# Every start would warn about libraries for voice.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

# How discord.py names the tasks in which it runs our handlers.
_HANDLERS = ("CommandTree-invoker", "discord-ui-", "discord.py: on_interaction")


class CogBroken(Exception):  # noqa: N818 - reads as what happened
    """An extension could not be set up: a mistake of this installation."""

    def __init__(self, name: str, reason: BaseException) -> None:
        """Keep which one, and why."""
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = f"{type(reason).__name__}: {reason}"


class ClubTree(app_commands.CommandTree["PotkeeperBot"]):
    """Commands are for servers, and every error in one becomes one reply."""

    def __init__(self, client: PotkeeperBot) -> None:
        """Make commands usable in servers only, installed there."""
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )

    async def interaction_check(self, interaction: Interaction) -> bool:
        """Turn away servers that the configuration leaves out, and options that nobody was offered."""
        served = self.client.serves(interaction.guild_id)
        if interaction.type is discord.InteractionType.autocomplete:
            return served
        try:
            if not served:
                raise ServerNotServed
            check_options(interaction)
        except Exception as error:
            await reply_error(interaction, error)
            return False
        return True

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Unwrap what happened inside the command and answer with it."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await reply_error(interaction, cause)


class PotkeeperBot(commands.Bot):
    """The bot as Discord knows it. It keeps almost nothing in memory: no members, no messages."""

    def __init__(
        self, settings: Settings, services: Services, *, extensions: Sequence[str] = EXTENSIONS
    ) -> None:
        """Prepare without connecting; `extensions` are modules with `async def setup(bot)`."""
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=ClubTree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=settings.discord.guild_ready_timeout,
        )
        self.settings = settings
        self.services = services
        self.up = asyncio.Event()
        self._modules = extensions

    def serves(self, guild_id: int | None) -> bool:
        """Whether this server may use the bot; clicks in direct messages belong to none."""
        allowed = self.settings.allowed_guilds
        return not allowed or guild_id is None or guild_id in allowed

    async def load(self) -> None:
        """Set up all cogs and durable buttons; raises CogBroken. Needs no connection."""
        await self.tree.set_translator(CatalogTranslator())
        for name in self._modules:
            try:
                await importlib.import_module(name).setup(self)
            except Exception as error:
                raise CogBroken(name, error) from error
        self.add_dynamic_items(*ACTIONS.values())

    async def setup_hook(self) -> None:
        """Called by discord.py between login and the gateway."""
        await api_base.find_gateway(self.http)
        await self._sync_commands()

    async def on_ready(self) -> None:
        """Say that Discord is there; called again whenever a session starts anew."""
        for guild in self.guilds:
            self._warn_unless_served(guild)
        self.up.set()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Say in the log why a new server is not served; whoever tries a command there is told, too."""
        self._warn_unless_served(guild)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what went wrong in an event handler."""
        log.exception("the handler of %s failed", event_method)

    async def finish_handlers(self, seconds: float) -> None:
        """Wait until answers in flight are given, at most so long."""
        running = {
            task
            for task in asyncio.all_tasks()
            if task.get_name().startswith(_HANDLERS) and task is not asyncio.current_task()
        }
        if running:
            await asyncio.wait(running, timeout=seconds)

    def _warn_unless_served(self, guild: discord.Guild) -> None:
        if not self.serves(guild.id):
            log.warning("not serving the server %s: it is not in allowed_guilds", guild.id)

    async def _sync_commands(self) -> None:
        """Tell Discord our commands if they changed since the last time; a simulator always."""
        file = self.settings.data_dir / "commands.json"
        digest = await self._commands_digest()
        if self.settings.discord.api_base is None and _read(file) == digest:
            return
        synced = await self.tree.sync()
        log.info("told Discord %d commands", len(synced))
        file.write_text(json.dumps(digest), encoding="utf-8")

    async def _commands_digest(self) -> dict[str, str]:
        payload = [
            await command.get_translated_payload(self.tree, self.tree.translator)
            if self.tree.translator
            else command.to_dict(self.tree)
            for command in self.tree.get_commands()
        ]
        text = json.dumps(payload, sort_keys=True)
        return {"application": str(self.application_id), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
