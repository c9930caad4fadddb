"""Preview → named confirm button → what really happened.

A preview is the use case itself, run and taken back; confirming runs it for real only if it still does
exactly what was shown. If something changed meanwhile, nothing is done and the new preview says what is
different.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from cogs.ui import limits, replies
from cogs.ui.replies import Interaction
from cogs.ui.views import BaseView, Handler, button, row
from core.db import Database
from core.i18n import t
from core.preview import PreviewChanged, digest_of

MOST_DIFFERENCES = 12
"""The whole new preview follows anyway; this is only what to look at first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something to be confirmed. The texts are made from the use case's result, in the clicker's language."""

    db: Database
    locale: str
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    preview: Callable[[Any], Sequence[str]]
    """The preview's lines: everything that would happen."""
    label: Callable[[Any], str]
    """What the button says: the act, with its counts and sums."""
    done: Callable[[Any], Sequence[str]]
    """Lines that say what really happened."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    needless: Callable[[Any], Sequence[str] | None] = lambda _: None
    """Lines that say why there is nothing (left) to do, or None."""
    files: Callable[[Any], list[discord.File]] = lambda _: []
    """What is too long for the preview's text."""
    style: discord.ButtonStyle = discord.ButtonStyle.success
    after: Callable[[Any], Awaitable[None]] | None = None
    """What has to follow once it is committed, such as deleting the file of a row; it must not fail."""
    other: tuple[str, Handler] | None = None
    """Another way on, beside Cancel: what its button says, and what it does. This preview stays as it is."""


async def propose(interaction: Interaction, proposal: Proposal) -> None:
    """Show what would happen, and ask."""
    await replies.think(interaction)
    result = await proposal.db.preview(proposal.fn, *proposal.args, **proposal.kwargs)
    if reason := proposal.needless(result):
        await replies.answer_all(interaction, _framed(reason, replies.GREY))
        return
    await _ask(interaction, proposal, result, proposal.preview(result))


async def _ask(interaction: Interaction, proposal: Proposal, result: Any, lines: Sequence[str]) -> None:
    *earlier, last = limits.pack(lines)
    files = proposal.files(result)
    await replies.answer_all(interaction, [replies.say(text, colour=replies.AMBER) for text in earlier])
    await replies.answer(interaction, ConfirmView(proposal, result, last, files), files=files)


class ConfirmView(BaseView):
    """The end of a preview with the two buttons under it."""

    def __init__(
        self, proposal: Proposal, result: Any, text: str, files: Sequence[discord.File] = ()
    ) -> None:
        super().__init__()
        self.proposal = proposal
        self.digest = digest_of(result)
        self.shown = tuple(proposal.preview(result))
        self.over = False
        label = limits.shorten(proposal.label(result), 80)
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(text),
                *(discord.ui.File(f"attachment://{file.filename}") for file in files),
                row(
                    button(label, self.confirm, style=proposal.style),
                    button(t(proposal.locale, "confirm.cancel"), self.cancel),
                    *([button(proposal.other[0], self.go_on)] if proposal.other else []),
                ),
                accent_colour=replies.AMBER,
            )
        )

    async def confirm(self, interaction: Interaction) -> None:
        """Do it, once."""
        proposal = self.proposal
        if self.over:
            await replies.answer(interaction, _grey(proposal.locale, "confirm.already_decided"))
            return
        self.over = True  # a second click while the first one works
        try:
            await replies.hold(interaction)
            result = await proposal.db.confirm(self.digest, proposal.fn, *proposal.args, **proposal.kwargs)
        except PreviewChanged as changed:
            await self._changed(interaction, changed.result)
            return
        except Exception:
            self.over = False
            raise
        if proposal.after is not None:
            await proposal.after(result)
        await self._finish(interaction, proposal.done(result), replies.GREEN)

    async def cancel(self, interaction: Interaction) -> None:
        """Leave everything as it is."""
        locale = self.proposal.locale
        if self.over:
            await replies.answer(interaction, _grey(locale, "confirm.already_decided"))
            return
        self.over = True
        await self._finish(interaction, [t(locale, "confirm.cancelled")], replies.GREY)

    async def go_on(self, interaction: Interaction) -> None:
        """Take the other way; what was shown here can still be confirmed."""
        assert self.proposal.other is not None
        await self.proposal.other[1](interaction)

    async def on_timeout(self) -> None:
        """Disable the buttons, unless the message shows the outcome by now."""
        if not self.over:
            await super().on_timeout()

    async def _changed(self, interaction: Interaction, result: Any) -> None:
        """Nothing was done: say so, and ask again with what would happen now."""
        proposal = self.proposal
        if reason := proposal.needless(result):
            await self._finish(interaction, reason, replies.GREY)
            return
        lines = tuple(proposal.preview(result))
        await self._finish(interaction, [t(proposal.locale, "confirm.changed")], replies.GREY)
        difference = differences(proposal.locale, self.shown, lines)
        await _ask(interaction, proposal, result, [*difference, *lines])

    async def _finish(self, interaction: Interaction, lines: Sequence[str], colour: int) -> None:
        """Show the outcome in place of the question. The view lives on, for a click that was under way."""
        first, *rest = _framed(lines, colour)
        await replies.update(interaction, first)
        await replies.answer_all(interaction, rest)


def differences(locale: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Lines that name what a new preview has and the old one had, a bounded number of each."""
    gone = [line for line in before if line.strip() and line not in after]
    new = [line for line in after if line.strip() and line not in before]
    shown = [t(locale, "confirm.was", line=_bare(line)) for line in gone[:MOST_DIFFERENCES]]
    shown += [t(locale, "confirm.now", line=_bare(line)) for line in new[:MOST_DIFFERENCES]]
    heading = t(locale, "confirm.different" if shown else "confirm.different_inside")
    return [heading, *shown, ""]


def _framed(lines: Sequence[str], colour: int) -> list[discord.ui.LayoutView]:
    return [replies.say(text, colour=colour) for text in limits.pack(lines)]


def _bare(line: str) -> str:
    """A line without the marks that make it a heading or a list item."""
    return line.lstrip("#-• ").strip()


def _grey(locale: str, key: str) -> discord.ui.LayoutView:
    return replies.say(t(locale, key), colour=replies.GREY)
