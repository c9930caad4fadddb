"""Forms that open as a window.

Opening one must be the first response to a click, so what leads to it reads and never writes. Everything a
form needs is read again when it is submitted. Its id ends in the interaction that opened it: two open forms
never share one, and a form submitted twice is recognised as the same submission.
"""

from __future__ import annotations

from typing import Any, ClassVar

import discord

from cogs.ui import limits, replies
from cogs.ui.replies import Instead, Interaction

SECONDS = 3600
"""Somebody may go and make the bank transfer while the form is open."""


class BaseModal(discord.ui.Modal):
    """Base of all forms: give `name`, write `submit`, and `again` if starting over makes sense."""

    name: ClassVar[str]

    def __init__(self, interaction: Interaction, title: str) -> None:
        """Make the form that answers this interaction; the title may be up to 45 characters."""
        self.opened_by, self.opener_id = interaction.id, interaction.user.id
        self.locale = replies.locale_of(interaction)
        super().__init__(
            title=limits.shorten(title, 45), timeout=SECONDS, custom_id=f"form:{self.name}:{interaction.id}"
        )

    @property
    def request_id(self) -> str:
        """Names this submission, however often it arrives."""
        return f"discord:{self.opened_by}"

    def add_text(self, text: str) -> None:
        """Show a text between the fields."""
        self.add_item(discord.ui.TextDisplay(text))

    def add_field(self, label: str, component: discord.ui.Item[Any], description: str | None = None) -> None:
        """Add a field under its label; both are cut to what Discord shows."""
        described = limits.shorten(description, 100) if description else None
        self.add_item(
            discord.ui.Label(text=limits.shorten(label, 45), component=component, description=described)
        )

    async def show(self, interaction: Interaction) -> None:
        """Open it; must be the first response."""
        limits.check_modal(self)
        await interaction.response.send_modal(self)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Only the person whom it was shown to can send it."""
        replies.claim(interaction)
        if interaction.user.id == self.opener_id:
            return True
        await replies.reply_expired(interaction)
        return False

    async def on_submit(self, interaction: Interaction, /) -> None:
        await self.submit(interaction)

    async def on_error(  # type: ignore[override]  # discord.ui.Modal itself takes no item
        self, interaction: Interaction, error: Exception, /
    ) -> None:
        """Explain, and offer to open the form again: a form cannot answer with a form."""
        starts_over = type(self).again is not BaseModal.again
        again = self.again if starts_over else None
        await replies.reply_error(interaction, error, again=again, instead=self.instead(interaction, error))

    async def submit(self, interaction: Interaction) -> None:
        """Do what was asked; answer privately. Defer before any write."""
        raise NotImplementedError

    def instead(self, interaction: Interaction, error: Exception) -> Instead | None:
        """Another way out of this error, offered beside the new try."""
        return None

    async def again(self, interaction: Interaction) -> None:
        """Open the form once more, with what was filled in."""
        raise NotImplementedError
