"""The panel in the announcement channel: edited where it is, posted anew only when it is not there."""

from __future__ import annotations

import contextlib

import discord

from cogs.guards import Scene
from cogs.panel import panel
from cogs.ui import replies
from cogs.ui.replies import Interaction, locale_of
from core import panels
from core.i18n import t


async def post(interaction: Interaction, scene: Scene) -> str:
    """Bring the panel up to date; returns the sentence that says what was done."""
    locale, channel_id = locale_of(interaction), scene.workspace.announce_channel_id
    known = await scene.services.db.read(panels.where, scene.actor)
    assert interaction.guild is not None
    channel = interaction.guild.get_channel(channel_id) if channel_id else None
    if not isinstance(channel, discord.TextChannel):
        return t(locale, "setup.panel_no_channel")
    place = f"<#{channel.id}>"
    try:
        if known is not None and known[0] == channel.id and await _edit(channel, known[1], scene):
            return t(locale, "setup.panel_edited", place=place)
        message = await channel.send(
            view=await panel(scene.services, scene.workspace), allowed_mentions=replies.NO_MENTIONS
        )
    except discord.Forbidden:
        return t(locale, "setup.panel_refused", place=place)
    await scene.services.db.write(panels.remember, scene.actor, channel.id, message.id)
    if known is not None:
        await _remove(interaction.guild, *known)
    return t(locale, "setup.panel_posted", place=place)


async def _edit(channel: discord.TextChannel, message_id: int, scene: Scene) -> bool:
    """Whether the panel was still there."""
    try:
        await channel.get_partial_message(message_id).edit(
            view=await panel(scene.services, scene.workspace), allowed_mentions=replies.NO_MENTIONS
        )
    except discord.NotFound:
        return False
    return True


async def _remove(guild: discord.Guild, channel_id: int, message_id: int) -> None:
    """Take the old panel away, if it is still there; its buttons would work all the same."""
    old = guild.get_channel(channel_id)
    if isinstance(old, discord.TextChannel):
        with contextlib.suppress(discord.HTTPException):
            await old.get_partial_message(message_id).delete()
