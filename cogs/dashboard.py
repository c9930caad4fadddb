"""`/dashboard`: a private one-time link to the web pages, for those who run the club."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from cogs.guards import scene_here
from cogs.translator import command
from cogs.ui import cards, replies
from cogs.ui.replies import Interaction, locale_of
from core import web_sessions
from core.i18n import t


class DashboardCog(commands.Cog):
    """The one command of this module."""

    @app_commands.command(**command("dashboard"))
    async def dashboard(self, interaction: Interaction) -> None:
        """Answer with a link that only the asker sees; older ones of theirs end."""
        replies.claim(interaction)
        await replies.think(interaction)
        locale = locale_of(interaction)
        address = interaction.client.settings.web.address
        if address is None:
            await replies.answer(interaction, replies.say(t(locale, "dashboard.off")))
            return
        scene = await scene_here(interaction)
        secret = await scene.services.db.write(web_sessions.mint_link, scene.actor)
        await replies.answer(interaction, _card(f"{address}/login/{secret}", locale))


def _card(link: str, locale: str) -> discord.ui.LayoutView:
    row = cards.link_row(t(locale, "dashboard.button"), link)
    return cards.card(t(locale, "dashboard.about"), colour=cards.GREEN, rows=[row])


async def setup(bot: commands.Bot) -> None:
    """Called when this extension is loaded."""
    await bot.add_cog(DashboardCog())
