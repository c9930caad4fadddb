"""Durable buttons: they work on any message, for ever, also after a restart.

A button is `<noun>:<verb>:<id>` and holds nothing else: no amount, no secret, no right. What it may do is
asked of the core at the click, and the workspace is that of the object which the id names. A released action
keeps its meaning.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import discord

from cogs.ui.replies import Interaction, claim, reply_error
from core.errors import ServerNotServed
from core.i18n import t

ACTIONS: dict[str, type[ActionButton]] = {}
"""Every action that is defined, by its name; the client registers them all when it starts."""


class ActionButton(discord.ui.DynamicItem["discord.ui.Button[Any]"], template=r"(?!)"):
    """Base of all durable buttons: give `action` and `label`, and write `run`."""

    action: ClassVar[str]
    label: ClassVar[str]
    style: ClassVar[discord.ButtonStyle]

    def __init_subclass__(
        cls, *, action: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
    ) -> None:
        """Register `action` ("payment:verify"); `label` is the catalog's key of what the button says."""
        super().__init_subclass__(template=re.compile(rf"{re.escape(action)}:(?P<id>[0-9]{{1,18}})"))
        if re.fullmatch(r"[a-z]+:[a-z_]+", action) is None or action in ACTIONS:
            raise ValueError(f"not a new action: {action!r}")
        cls.action, cls.label, cls.style = action, label, style
        ACTIONS[action] = cls

    def __init__(self, subject_id: int, locale: str = "en") -> None:
        """Make the button for this object, labelled in this language."""
        self.subject_id = subject_id
        super().__init__(
            discord.ui.Button(
                label=t(locale, self.label), style=self.style, custom_id=f"{self.action}:{subject_id}"
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Only parse: rights are asked in `run`."""
        claim(interaction)
        return cls(int(match["id"]))

    async def callback(self, interaction: Interaction) -> None:
        """Run, and turn whatever goes wrong into one reply: the library would leave the person without."""
        claim(interaction)
        try:
            if not interaction.client.serves(interaction.guild_id):
                raise ServerNotServed
            await self.run(interaction)
        except Exception as error:
            await reply_error(interaction, error)

    async def run(self, interaction: Interaction) -> None:
        """Do what the button says, by the rights of the person who clicked."""
        raise NotImplementedError


def action_row(*buttons: ActionButton) -> discord.ui.ActionRow[Any]:
    """Put up to five durable buttons side by side."""
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    for button in buttons:
        row.add_item(button)
    return row
