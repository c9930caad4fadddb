"""The expiry net: answers clicks and forms that no handler claimed, so nobody is left without an answer.

That is what happens to a plain button after its five minutes or after a restart, to a form that was open
while the bot restarted, and to a forged id.
"""

from __future__ import annotations

import asyncio
import logging

import discord
from discord.ext import commands

from cogs.ui import replies
from cogs.ui.replies import Interaction

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""Discord itself gives up after three."""

_KINDS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


class ExpiryNet(commands.Cog):
    """Watches every click and form."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer what nobody claimed in time."""
        if interaction.type not in _KINDS or replies.is_claimed(interaction):
            return
        await asyncio.sleep(PATIENCE_SECONDS)
        if replies.is_claimed(interaction):
            return
        log.info("Nobody answers %r any more", replies.custom_id_of(interaction))
        await replies.reply_expired(interaction)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when this extension is loaded."""
    await bot.add_cog(ExpiryNet())
