"""The persistent panel, and "How to pay" behind its button and others.

The panel's buttons name the workspace, so an old panel keeps working as long as the workspace exists.
"""

from __future__ import annotations

import discord
from discord.ext import commands

from cogs.guards import scene_of, workspace_itself
from cogs.ui import cards, public_cards, replies
from cogs.ui.actions import ActionButton
from cogs.ui.replies import Interaction
from cogs.ui.text import escape_markdown, one_line
from core import reports_members, templates
from core.i18n import t
from core.models import Method, Workspace
from core.services import Services


async def panel(services: Services, workspace: Workspace) -> discord.ui.LayoutView:
    """The message that stays in a channel, as the club words it: Pay, My bills, Link, How to pay."""
    template = await services.db.read(templates.get, workspace.id, "panel", workspace.locale)
    return public_cards.panel(workspace, template.body, workspace.locale)


def how_to_pay(methods: tuple[Method, ...], locale: str) -> list[discord.ui.LayoutView]:
    """Every way to pay with its instructions, over as many messages as it takes."""
    heading = t(locale, "pay.how_title")
    if not methods:
        return [cards.card(heading, t(locale, "pay.how_none"))]
    texts = [_method_text(method, locale) for method in methods]
    return cards.paged(heading, texts, closing=t(locale, "pay.how_after"))


def _method_text(method: Method, locale: str) -> str:
    said = escape_markdown(method.instructions) or t(locale, "pay.how_instructions_none")
    return "\n".join((t(locale, "pay.how_method", method=one_line(method.name)), said, ""))


class HowToPayButton(ActionButton, action="workspace:methods", label="common.button_how"):
    """Answers privately with every method's instructions."""

    async def run(self, interaction: Interaction) -> None:
        scene = await scene_of(interaction, workspace_itself, self.subject_id)
        _, methods = await scene.services.db.read(reports_members.method_list, scene.workspace.id)
        await replies.answer_all(interaction, how_to_pay(methods, replies.locale_of(interaction)))


async def setup(bot: commands.Bot) -> None:
    """Called when this extension is loaded; it has no commands of its own."""
