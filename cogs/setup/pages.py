"""The pages of `/setup` where something is chosen: channels with whom to mention, and the club's rules.

Each choice is saved at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import discord

from cogs.guards import scene_here
from cogs.setup import home, permissions
from cogs.setup.saving import save
from cogs.ui import replies
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.views import BaseView, button, row, select
from core.i18n import t
from core.models import Workspace

CHANNELS = {
    "announce_channel_id": "setup.choose_announce", "review_channel_id": "setup.choose_review",
    "admin_channel_id": "setup.choose_admin",
}  # fmt: skip
_TEXT_CHANNELS = [discord.ChannelType.text, discord.ChannelType.news]

RULES: Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]] = {
    "link_policy": ("setup.rule_link", {
        "approve": ("setup.link_approve", "setup.link_approve_about"),
        "open": ("setup.link_open", "setup.link_open_about"),
    }),
    "closed_dm_policy": ("setup.rule_closed_dm", {
        "wait": ("setup.closed_wait", "setup.closed_wait_about"),
        "thread": ("setup.closed_thread", "setup.closed_thread_about"),
        "mention": ("setup.closed_mention", "setup.closed_mention_about"),
    }),
    "self_verify": ("setup.rule_self_verify", {
        "1": ("setup.self_verify_yes", "setup.self_verify_yes_about"),
        "0": ("setup.self_verify_no", "setup.self_verify_no_about"),
    }),
}  # fmt: skip


class Page(BaseView):
    """A page with a way back; it shows the workspace as it was when the page was made."""

    def __init__(self, workspace: Workspace, locale: str) -> None:
        super().__init__()
        self.workspace, self.locale = workspace, locale

    async def back(self, interaction: Interaction) -> None:
        """To the first page."""
        await self.replace(interaction, await home.show_again(interaction))

    async def save(self, interaction: Interaction, **changes: Any) -> None:
        """Save a choice and show the page anew."""
        await replies.hold(interaction)
        scene = await scene_here(interaction)
        await save(scene, changes)
        await self.replace(interaction, await type(self).make(interaction))

    @classmethod
    async def make(cls, interaction: Interaction) -> Self:
        """The page as it is now."""
        raise NotImplementedError


class ChannelsView(Page):
    """Where the bot writes, and whom it mentions there."""

    def __init__(self, workspace: Workspace, locale: str, warnings: Sequence[str]) -> None:
        super().__init__(workspace, locale)
        frame: discord.ui.Container[Any] = discord.ui.Container(
            discord.ui.TextDisplay(t(locale, "setup.channels_title")), accent_colour=replies.BLUE
        )
        for setting, label in CHANNELS.items():
            frame.add_item(discord.ui.TextDisplay(t(locale, label)))
            frame.add_item(row(self._channel_select(setting)))
        frame.add_item(discord.ui.TextDisplay(t(locale, "setup.choose_role")))
        frame.add_item(row(self._role_select()))
        text = "\n".join(warnings) or t(locale, "setup.permissions_fine")
        frame.add_item(discord.ui.TextDisplay(text))
        frame.add_item(row(button(t(locale, "common.button_back"), self.back)))
        self.add_item(frame)

    @classmethod
    async def make(cls, interaction: Interaction) -> Self:
        scene = await scene_here(interaction)
        lacks = await home.lacking(interaction, scene)
        locale = locale_of(interaction)
        return cls(scene.workspace, locale, permissions.words(lacks, home.bot_name(interaction), locale))

    def _channel_select(self, setting: str) -> discord.ui.ChannelSelect[Any]:
        chosen = getattr(self.workspace, setting)
        made: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            channel_types=_TEXT_CHANNELS,
            min_values=0,
            max_values=1,
            placeholder=t(self.locale, "setup.no_channel"),
            default_values=_chosen(chosen, discord.SelectDefaultValueType.channel),
        )

        async def picked(interaction: Interaction) -> None:
            await self.save(interaction, **{setting: made.values[0].id if made.values else None})

        made.callback = picked  # type: ignore[method-assign]  # how the library lets one instance have its own
        return made

    def _role_select(self) -> discord.ui.RoleSelect[Any]:
        chosen = self.workspace.reviewer_role_id
        made: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
            min_values=0,
            max_values=1,
            placeholder=t(self.locale, "setup.no_role"),
            default_values=_chosen(chosen, discord.SelectDefaultValueType.role),
        )

        async def picked(interaction: Interaction) -> None:
            await self.save(interaction, reviewer_role_id=made.values[0].id if made.values else None)

        made.callback = picked  # type: ignore[method-assign]  # as above
        return made


def _chosen(discord_id: int | None, kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=discord_id, type=kind)] if discord_id else []


class RulesView(Page):
    """What the club allows."""

    def __init__(self, workspace: Workspace, locale: str) -> None:
        super().__init__(workspace, locale)
        frame: discord.ui.Container[Any] = discord.ui.Container(
            discord.ui.TextDisplay(t(locale, "setup.rules_title")), accent_colour=replies.BLUE
        )
        for setting, (label, choices) in RULES.items():
            frame.add_item(discord.ui.TextDisplay(t(locale, label)))
            frame.add_item(row(self._select(setting, choices)))
        frame.add_item(row(button(t(locale, "common.button_back"), self.back)))
        self.add_item(frame)

    @classmethod
    async def make(cls, interaction: Interaction) -> Self:
        return cls((await scene_here(interaction)).workspace, locale_of(interaction))

    def _select(self, setting: str, choices: Mapping[str, tuple[str, str]]) -> discord.ui.Select[Any]:
        now = str(getattr(self.workspace, setting))
        options = [
            discord.SelectOption(
                label=t(self.locale, label),
                description=t(self.locale, about),
                value=value,
                default=value == now,
            )
            for value, (label, about) in choices.items()
        ]

        async def picked(interaction: Interaction, values: list[str]) -> None:
            value: str | bool = values[0] == "1" if setting == "self_verify" else values[0]
            await self.save(interaction, **{setting: value})

        return select(options, picked, placeholder=t(self.locale, "setup.choose"))
