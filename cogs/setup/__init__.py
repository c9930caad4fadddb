"""`/setup`: the first run makes the club's workspace, every later one shows and changes its settings."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.club.base import scene_for
from cogs.guards import services_of
from cogs.setup import home
from cogs.setup.defaults import draft_for
from cogs.setup.welcome import WelcomeView
from cogs.translator import command
from cogs.ui import replies
from cogs.ui.replies import Interaction, locale_of
from core import workspaces
from core.access import Role
from core.i18n import t


@app_commands.command(**command("setup"))
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def setup_command(interaction: Interaction) -> None:
    """Propose a workspace where there is none, else show how far it has come."""
    guild, locale = interaction.guild, locale_of(interaction)
    assert guild is not None
    if await services_of(interaction).db.read(workspaces.by_guild, guild.id) is None:
        # There is no workspace that could have roles yet: Discord's own right decides who may begin.
        if not interaction.permissions.manage_guild:
            await replies.answer(interaction, replies.say(t(locale, "setup.not_allowed"), colour=replies.RED))
            return
        await replies.answer(interaction, WelcomeView(draft_for(guild), locale))
        return
    scene = await scene_for(interaction, Role.TREASURER)
    await replies.think(interaction)
    await replies.answer(interaction, await home.view(interaction, scene))


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when this extension is loaded."""
    bot.tree.add_command(setup_command)
