"""What all groups of `/club` share: the scene with its right asked for first, and lists as messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import discord
from discord import app_commands

from cogs.guards import Scene, scene_here
from cogs.translator import command
from cogs.ui import cards, replies
from cogs.ui.replies import Interaction
from core import access, reports_admin
from core.access import Role
from core.money import Money, parse_money
from core.period import parse_date


class ClubGroup(app_commands.Group):
    """One group of commands under `/club`; its words are at `commands.<path>`."""

    def __init__(self, path: str) -> None:
        super().__init__(**command(path))


async def scene_for(interaction: Interaction, least: Role) -> Scene:
    """The workspace and the actor, who must have this role: asked before anything else is looked at.

    Raises WorkspaceUnknown, RoleNeeded. The use case asks again; this only makes it the first answer.
    """
    scene = await scene_here(interaction)
    await scene.services.db.read(access.require, scene.actor, least)
    return scene


async def tell(interaction: Interaction, *lines: str, colour: int = replies.GREEN) -> None:
    """Answer privately with what happened, over as many messages as it takes."""
    await replies.answer_all(interaction, listing("", lines, colour=colour))


def listing(
    heading: str, lines: Sequence[str], *, colour: int = replies.BLUE, closing: str = ""
) -> list[discord.ui.LayoutView]:
    """A list as framed messages; nothing of it is ever cut off."""
    return cards.paged(heading, lines, colour=colour, closing=closing)


def amount_of(scene: Scene, typed: str, field: str = "amount", *, signed: bool = False) -> Money:
    """The amount that was typed, in the club's currency."""
    return parse_money(typed, scene.workspace.currency, field, signed=signed)


async def today_of(scene: Scene) -> date:
    """Which day it is for the club."""
    return await scene.services.db.read(reports_admin.today, scene.actor)


async def day_of(scene: Scene, typed: str | None, field: str) -> date:
    """The day that was typed, or today for the club. Raises InvalidDate naming the field."""
    return await today_of(scene) if typed is None else parse_date(typed, field)
