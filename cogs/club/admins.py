"""`/club admins`: who may do what in the club."""

from __future__ import annotations

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, listing, scene_for, tell
from cogs.guards import Scene
from cogs.translator import choice, command, options
from cogs.ui import replies
from cogs.ui.replies import Interaction, locale_of
from core import admins
from core.access import Role
from core.i18n import t

ROLES = {
    "treasurer": "roles.treasurer", "reviewer": "roles.reviewer", "auditor": "roles.auditor",
    "owner": "roles.owner",
}  # fmt: skip
MAY = {
    "treasurer": "admins.may_treasurer", "reviewer": "admins.may_reviewer", "auditor": "admins.may_auditor",
    "owner": "admins.may_owner",
}  # fmt: skip


class AdminGroup(ClubGroup):
    """Roles, per person."""

    @app_commands.command(**command("club admins grant"))
    @options("club admins grant", "person", "role")
    @app_commands.choices(role=[choice(key, value) for value, key in ROLES.items()])
    async def grant(self, interaction: Interaction, person: discord.User, role: str) -> None:
        """Give a person a role instead of the one they have."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        locale = locale_of(interaction)
        if person.bot:
            await tell(interaction, t(locale, "admins.no_bots"), colour=replies.RED)
            return
        changed = await scene.services.db.write(admins.grant, scene.actor, person.id, role)
        word = t(locale, ROLES[role])
        if changed.before == changed.after:
            await tell(
                interaction,
                t(locale, "admins.is_already", person=person.mention, role=word),
                colour=replies.GREY,
            )
            return
        said = t(locale, "admins.granted", person=person.mention, role=word)
        await tell(interaction, said, t(locale, MAY[role]), *await _warning(scene, locale))

    @app_commands.command(**command("club admins revoke"))
    @options("club admins revoke", "person")
    async def revoke(self, interaction: Interaction, person: discord.User) -> None:
        """Take a person's role away."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        locale = locale_of(interaction)
        changed = await scene.services.db.write(admins.revoke, scene.actor, person.id)
        if changed.before is None:
            await tell(interaction, t(locale, "admins.had_none", person=person.mention), colour=replies.GREY)
            return
        said = t(locale, "admins.revoked", person=person.mention, role=t(locale, ROLES[changed.before]))
        await tell(interaction, said, *await _warning(scene, locale))

    @app_commands.command(**command("club admins list"))
    async def list(self, interaction: Interaction) -> None:
        """Everybody who may do something here."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        locale = locale_of(interaction)
        found = await scene.services.db.read(admins.everyone, scene.actor)
        lines = [
            t(locale, "admins.line", person=f"<@{admin.discord_id}>", role=t(locale, ROLES[admin.role]))
            for admin in found
        ]
        if interaction.guild is not None and interaction.guild.owner_id is not None:
            lines.insert(0, t(locale, "admins.server_owner", person=f"<@{interaction.guild.owner_id}>"))
        await replies.answer_all(interaction, listing(t(locale, "admins.heading"), lines))


async def _warning(scene: Scene, locale: str) -> list[str]:
    """Nobody but the server's owner is left to run the club: that must not go unnoticed."""
    if not scene.actor.owns_server:
        return []
    found = await scene.services.db.read(admins.everyone, scene.actor)
    left = any(admin.role in admins.RUNNING for admin in found)
    return [] if left else [t(locale, "admins.nobody_left")]
