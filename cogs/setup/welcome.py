"""The first run of `/setup`: a proposal that one click accepts and one form changes."""

from __future__ import annotations

import discord

from cogs.guards import Scene, actor_of, services_of
from cogs.setup import home
from cogs.setup.defaults import Draft
from cogs.setup.forms import LANGUAGES, BasicsForm, basics_of
from cogs.ui import replies
from cogs.ui.replies import Interaction
from cogs.ui.text import one_line
from cogs.ui.views import BaseView, button, row
from core import workspaces
from core.i18n import t


class WelcomeView(BaseView):
    """What the workspace would be, with the button that makes it."""

    def __init__(self, draft: Draft, locale: str) -> None:
        super().__init__()
        self.draft, self.locale = draft, locale
        label = t(
            locale, "setup.create", currency=draft.currency, timezone=draft.timezone, day=draft.billing_day
        )
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(t(locale, "setup.welcome", club=one_line(draft.name))),
                discord.ui.TextDisplay(proposal(draft, locale)),
                row(
                    button(label[:80], self.create, style=discord.ButtonStyle.success),
                    button(t(locale, "setup.button_change"), self.change),
                ),
                accent_colour=replies.BLUE,
            )
        )

    async def create(self, interaction: Interaction) -> None:
        """Make the workspace and show what comes next."""
        await replies.hold(interaction)
        guild, draft = interaction.guild, self.draft
        assert guild is not None
        services = services_of(interaction)
        workspace = await services.db.write(
            workspaces.create, guild.id, draft.name, interaction.user.id, currency=draft.currency,
            timezone=draft.timezone, locale=draft.locale, billing_day=draft.billing_day,
            owns_server=guild.owner_id == interaction.user.id,
        )  # fmt: skip
        scene = Scene(services, workspace, actor_of(interaction, workspace))
        await self.replace(interaction, await home.view(interaction, scene, created=True))

    async def change(self, interaction: Interaction) -> None:
        """Open the form with the proposal."""
        await BasicsForm(interaction, basics_of(self.draft), self.changed).show(interaction)

    async def changed(self, interaction: Interaction, draft: Draft) -> None:
        """Show the changed proposal in place of the old one."""
        await self.replace(interaction, WelcomeView(draft, self.locale))


def proposal(draft: Draft, locale: str) -> str:
    """The settings that matter most, one below the other."""
    return "\n".join((
        t(locale, "setup.line_currency", currency=draft.currency),
        t(locale, "setup.line_timezone", timezone=draft.timezone),
        t(locale, "setup.line_locale", language=LANGUAGES[draft.locale]),
        t(locale, "setup.line_billing_day", day=draft.billing_day),
    ))  # fmt: skip
