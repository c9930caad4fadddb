"""Short-lived private forms: plain items, five minutes, then disabled.

A view with a timeout must not mix plain items with durable buttons (discord.py would forget the latter for
the whole bot), so `BaseView` refuses them. A view is never changed once it was shown: `replace` shows a new
one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import discord

from cogs.ui import replies
from cogs.ui.actions import ActionButton
from cogs.ui.replies import Again, Instead, Interaction
from core.i18n import t

SECONDS = 300

Handler = Callable[[Interaction], Coroutine[Any, Any, None]]
Chooser = Callable[[Interaction, list[str]], Coroutine[Any, Any, None]]


class BaseView(discord.ui.LayoutView):
    """A private form of plain items that lives for five minutes after the last click."""

    def __init__(self, *, timeout: float = SECONDS) -> None:
        super().__init__(timeout=timeout)
        self.edit_shown: Callable[..., Awaitable[Any]] | None = None
        """Set when the view is shown: edits its message once the time is over."""

    def add_item(self, item: discord.ui.Item[Any]) -> BaseView:
        inside = item.walk_children() if item._has_children() else ()  # type: ignore[attr-defined]  # untyped
        assert not any(isinstance(part, ActionButton) for part in (item, *inside)), (
            "durable buttons have no timeout"
        )
        super().add_item(item)
        return self

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Only the person who sees it can click it; its id on a message that others see was put there."""
        replies.claim(interaction)
        if not replies.is_private(interaction):
            await replies.reply_expired(interaction)
            return False
        self.edit_shown = interaction.edit_original_response
        return True

    async def on_error(
        self, interaction: Interaction, error: Exception, item: discord.ui.Item[Any], /
    ) -> None:
        await replies.reply_error(interaction, error)

    async def on_timeout(self) -> None:
        """Show that it is over: all controls disabled."""
        for item in self.walk_children():
            if isinstance(item, discord.ui.Button | discord.ui.Select):
                item.disabled = True
        if self.edit_shown is not None:
            with contextlib.suppress(discord.HTTPException):  # dismissed, or its token has run out
                await self.edit_shown(view=self)

    async def replace(self, interaction: Interaction, view: discord.ui.LayoutView) -> None:
        """Show another view in this one's message."""
        self.stop()  # else it would come back when its time is over
        await replies.update(interaction, view)


class AgainView(BaseView):
    """What went wrong, and a button that starts over."""

    def __init__(self, text: str, locale: str, again: Again, instead: Instead | None = None) -> None:
        """`instead` is another button beside it."""
        super().__init__()
        buttons = [button(t(locale, "common.try_again"), again, style=discord.ButtonStyle.primary)]
        if instead is not None:
            buttons.append(button(*instead))
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(text),
                row(*buttons),
                accent_colour=replies.RED,
            )
        )


class _Button(discord.ui.Button[Any]):
    def __init__(self, handler: Handler, label: str, style: discord.ButtonStyle, *, disabled: bool) -> None:
        super().__init__(label=label, style=style, disabled=disabled)
        self.handler = handler

    async def callback(self, interaction: Interaction) -> None:
        await self.handler(interaction)


class _Select(discord.ui.Select[Any]):
    def __init__(self, handler: Chooser, **options: Any) -> None:
        super().__init__(**options)
        self.handler = handler

    async def callback(self, interaction: Interaction) -> None:
        await self.handler(interaction, list(self.values))


def chosen_id(value: str) -> int:
    """The id behind an option of a select; 0, which names nothing, for what no option of ours has."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0


def button(
    label: str,
    handler: Handler,
    *,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
) -> discord.ui.Button[Any]:
    """A plain button of a BaseView that calls `handler(interaction)`."""
    return _Button(handler, label, style, disabled=disabled)


def select(
    options: Sequence[discord.SelectOption],
    handler: Chooser,
    *,
    placeholder: str,
    least: int = 1,
    most: int = 1,
) -> discord.ui.Select[Any]:
    """A plain select of a BaseView that calls `handler(interaction, chosen values)`."""
    return _Select(handler, options=list(options), placeholder=placeholder, min_values=least, max_values=most)


def row(*items: discord.ui.Item[Any]) -> discord.ui.ActionRow[Any]:
    """Up to five plain buttons side by side, or one select."""
    made: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    for item in items:
        made.add_item(item)
    return made
