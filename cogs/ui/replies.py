"""Answering an interaction: privately, exactly once as the first response, in the clicker's language.

Every handler claims its interaction before it waits for anything; what nobody claimed is answered by the
expiry net (cogs/ui/expiry.py). Errors of any kind become one reply here.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from cogs.ui import limits
from cogs.ui.text import escape_markdown
from core.errors import DomainError, WorkspaceUnknown
from core.i18n import best_locale, error_text, t

log = logging.getLogger(__name__)

Interaction: TypeAlias = "discord.Interaction[Any]"
Again: TypeAlias = Callable[[Interaction], Coroutine[Any, Any, None]]
Instead: TypeAlias = tuple[str, Again]
"""What a button says, and what it does."""

RED, GREEN, AMBER, GREY, BLUE = 0xDA373C, 0x23A55A, 0xF0B232, 0x80848E, 0x5865F2

NO_MENTIONS = discord.AllowedMentions.none()


def claim(interaction: Interaction) -> None:
    """Say that this interaction has a handler; call it before the first await."""
    interaction.extras["claimed"] = True


def is_claimed(interaction: Interaction) -> bool:
    return bool(interaction.extras.get("claimed")) or interaction.response.is_done()


def locale_of(interaction: Interaction) -> str:
    """The language of the person who clicked."""
    return best_locale(str(interaction.locale))


def say(text: str, *, colour: int | None = None) -> discord.ui.LayoutView:
    """Wrap one text, markdown as it is, as a message; with a colour it gets a frame."""
    view = discord.ui.LayoutView(timeout=None)
    shown: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay(text)
    view.add_item(shown if colour is None else discord.ui.Container(shown, accent_colour=colour))
    return view


async def think(interaction: Interaction) -> None:
    """Take more than three seconds if need be; what `answer` then sends is private. Before any write."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)


async def hold(interaction: Interaction) -> None:
    """The same for a click that ends in `update`: the message with the button stays as it is meanwhile."""
    if not interaction.response.is_done():
        await interaction.response.defer()


async def answer(
    interaction: Interaction, view: discord.ui.LayoutView, *, files: Sequence[discord.File] = ()
) -> None:
    """Send a private message to the person who clicked, as response or as follow-up."""
    limits.check_message(view, files=files)
    response = interaction.response
    if not response.is_done():
        await response.send_message(
            view=view, ephemeral=True, files=list(files), allowed_mentions=NO_MENTIONS
        )
        edit: Any = interaction.edit_original_response
    elif _is_thinking(interaction):
        interaction.extras["thought"] = True
        await interaction.edit_original_response(
            view=view, attachments=list(files), allowed_mentions=NO_MENTIONS
        )
        edit = interaction.edit_original_response
    else:
        message = await interaction.followup.send(
            view=view, ephemeral=True, files=list(files), allowed_mentions=NO_MENTIONS, wait=True
        )
        edit = message.edit
    _remember(view, edit)


async def answer_all(interaction: Interaction, views: Sequence[discord.ui.LayoutView]) -> None:
    """Send several private messages in order: a list too long for one."""
    for view in views:
        await answer(interaction, view)


async def update(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Replace the private message that the clicked button or select sits on.

    What others see as well stays as it is: an id that was put there by somebody gets a private answer.
    """
    if is_private(interaction):
        await _edit_clicked(interaction, view)
    else:
        await answer(interaction, view)


async def update_posted(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Replace a message of the notifier, which finds it again by the number on its last component.

    For the one message that is stored for the subject, and no other: ask `is_on` first.
    """
    shown: Any = interaction.message.components if interaction.message else []
    if shown and getattr(shown[-1], "id", None):
        view.children[-1].id = shown[-1].id
    await _edit_clicked(interaction, view)


async def _edit_clicked(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    limits.check_message(view)
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view, attachments=[], allowed_mentions=NO_MENTIONS)
    else:
        await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=NO_MENTIONS)
    _remember(view, interaction.edit_original_response)


def is_private(interaction: Interaction) -> bool:
    """Whether the clicked button sits on a message that only this person sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def is_on(interaction: Interaction, place: tuple[int, int] | None) -> bool:
    """Whether the clicked button sits on this message, given as (channel, message)."""
    return interaction.message is not None and place == (interaction.channel_id, interaction.message.id)


async def reply_error(
    interaction: Interaction,
    error: BaseException,
    *,
    again: Again | None = None,
    instead: Instead | None = None,
) -> None:
    """Tell the person in one private message what went wrong; never raises.

    A DomainError becomes its sentence. Anything else is logged with its traceback under a short reference,
    which the person gets. `again` adds a button that starts over, `instead` one that does something else.
    """
    claim(interaction)
    error = unwrap(error)
    locale = locale_of(interaction)
    try:
        if isinstance(error, DomainError):
            text = domain_text(locale, error)
        elif isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            log.error("A command is not the one that Discord knows: %s", error)
            text = t(locale, "common.command_outdated")
        else:
            reference = _logged(interaction, error)
            text = t(locale, "common.unexpected", reference=reference)
        await answer(interaction, _error_view(text, locale, again, instead))
    except discord.HTTPException as failure:
        log.warning("Could not tell %s about %r: %s", interaction.user.id, error, failure)
    except Exception:
        log.exception("Could not tell %s about %r", interaction.user.id, error)


async def reply_expired(interaction: Interaction) -> None:
    """Say that this button or form does nothing any more, or never did; never raises."""
    claim(interaction)
    text = t(locale_of(interaction), "common.expired")
    try:
        await answer(interaction, say(text, colour=GREY))
    except discord.HTTPException as failure:
        log.warning("Could not say that a control has expired: %s", failure)


def custom_id_of(interaction: Interaction) -> str | None:
    """The id of the button, select or form that was used."""
    found: Any = interaction.data
    return found.get("custom_id") if found else None


def unwrap(error: BaseException) -> BaseException:
    """Return what really happened below the library's wrappers."""
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        inner = error.original if isinstance(error, app_commands.CommandInvokeError) else error.__cause__
        if inner is None:
            break
        error = inner
    if isinstance(error, app_commands.NoPrivateMessage | commands.NoPrivateMessage):
        return WorkspaceUnknown()
    return error


def domain_text(locale: str, error: DomainError) -> str:
    """Return the catalog's sentence for an error, fit for markdown."""
    return error_text(locale, error, escape=escape_markdown)


def _error_view(
    text: str, locale: str, again: Again | None, instead: Instead | None
) -> discord.ui.LayoutView:
    if again is None:
        return say(text, colour=RED)
    from cogs.ui.views import AgainView  # it needs this module

    return AgainView(text, locale, again, instead)


def _logged(interaction: Interaction, error: BaseException) -> str:
    reference = secrets.token_hex(3).upper()
    what = interaction.command.qualified_name if interaction.command else custom_id_of(interaction)
    log.error("[%s] %r by %s failed", reference, what, interaction.user.id, exc_info=error)
    return reference


def _is_thinking(interaction: Interaction) -> bool:
    """Whether a "thinking…" message waits to be filled."""
    deferred = interaction.response.type is discord.InteractionResponseType.deferred_channel_message
    return deferred and not interaction.extras.get("thought")


def _remember(view: discord.ui.LayoutView, edit: Any) -> None:
    """Tell a view that times out how to edit its message then."""
    if hasattr(view, "edit_shown"):
        view.edit_shown = edit
