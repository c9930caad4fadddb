"""What the pages may know about Discord, from the gateway's cache."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord

from bot.web.host import Place

if TYPE_CHECKING:
    from bot.client import PotkeeperBot

NEEDED = ("view_channel", "send_messages", "embed_links", "attach_files", "read_message_history")


class DiscordHost:
    """Answers bot/web at once, and never asks Discord."""

    def __init__(self, client: PotkeeperBot) -> None:
        """Look into this client's cache."""
        self._client = client

    def guild_owner(self, guild_id: int) -> int | None:
        """Who owns the server; None while the gateway has not told us."""
        guild = self._client.get_guild(guild_id)
        return guild.owner_id if guild else None

    def channels(self, guild_id: int) -> Sequence[Place]:
        """The server's text channels, in the order in which Discord shows them."""
        guild = self._client.get_guild(guild_id)
        return [Place(channel.id, channel.name) for channel in guild.text_channels] if guild else []

    def roles(self, guild_id: int) -> Sequence[Place]:
        """The server's roles, the highest first, without @everyone and those of bots."""
        guild = self._client.get_guild(guild_id)
        found = [role for role in guild.roles if not role.is_default() and not role.managed] if guild else []
        return [Place(role.id, role.name) for role in reversed(found)]

    def missing_permissions(self, guild_id: int, channel_id: int) -> Sequence[str]:
        """Names of what the bot may not do in a channel but has to."""
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel(channel_id) if guild else None
        if guild is None or not isinstance(channel, discord.TextChannel) or guild.me is None:
            return []
        allowed = channel.permissions_for(guild.me)
        return [name for name in NEEDED if not getattr(allowed, name)]

    def is_connected(self) -> bool:
        """Whether the gateway is there now."""
        return self._client.is_ready() and not self._client.is_closed() and self._has_latency()

    def latency_seconds(self) -> float | None:
        """How long the gateway takes to answer a heartbeat; None while it is not there."""
        return self._client.latency if self._has_latency() else None

    def _has_latency(self) -> bool:
        return not math.isnan(self._client.latency) and not math.isinf(self._client.latency)
