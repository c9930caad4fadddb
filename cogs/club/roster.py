"""`/club roster`: the whole roster from a file, and into one."""

from __future__ import annotations

import io
from datetime import date

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, scene_for, today_of
from cogs.club.roster_words import RosterWords
from cogs.club.undo_words import UndoWords
from cogs.guards import Scene
from cogs.translator import command, options
from cogs.ui import bill_pickers, replies
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.views import BaseView, button, row
from core import errors, import_undo, roster_import
from core.access import Role
from core.i18n import t
from core.period import parse_date
from core.roster_encoding import ENCODINGS, MOST_MEGABYTES

_ENCODINGS = [app_commands.Choice(name=label, value=encoding) for encoding, label in ENCODINGS.items()]


class RosterGroup(ClubGroup):
    """Import and export."""

    @app_commands.command(**command("club roster import"))
    @options("club roster import", "file", "encoding", "start")
    @app_commands.choices(encoding=_ENCODINGS)
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        encoding: str | None = None,
        start: str | None = None,
    ) -> None:
        """Preview a roster file, confirm, and say what was really changed."""
        scene = await scene_for(interaction, Role.TREASURER)
        starts_on = None if start is None else parse_date(start, "starts_on")
        if file.size > MOST_MEGABYTES * 1_000_000:
            raise errors.FileTooLarge(megabytes=MOST_MEGABYTES)
        await replies.think(interaction)
        data = await file.read()  # its link expires
        await _propose(interaction, scene, data, encoding, starts_on)

    @app_commands.command(**command("club roster export"))
    async def export(self, interaction: Interaction) -> None:
        """The roster as a file that can be edited and imported again."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        data = await scene.services.db.read(roster_import.export_roster, scene.actor)
        name = f"roster-{await today_of(scene)}.csv"
        text = t(locale_of(interaction), "roster.exported")
        frame: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(
            discord.ui.TextDisplay(text), discord.ui.File(f"attachment://{name}"), accent_colour=replies.GREEN
        )
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(frame)
        await replies.answer(interaction, view, files=[discord.File(io.BytesIO(data), name)])

    @app_commands.command(**command("club roster undo"))
    @options("club roster undo", "number")
    @app_commands.autocomplete(number=bill_pickers.roster_imports)
    async def undo(self, interaction: Interaction, number: str) -> None:
        """Take a whole import back; what has moved on since stays, with the reason."""
        scene = await scene_for(interaction, Role.TREASURER)
        words = UndoWords(locale_of(interaction))
        proposal = Proposal(
            db=scene.services.db,
            locale=words.locale,
            fn=import_undo.undo,
            args=(scene.actor, bill_pickers.import_of(number)),
            preview=lambda result: words.lines(result, "roster_undo.question"),
            label=words.label,
            done=lambda result: words.lines(result, "roster_undo.done"),
            style=discord.ButtonStyle.danger,
        )
        await propose(interaction, proposal)


async def _propose(
    interaction: Interaction, scene: Scene, data: bytes, encoding: str | None, starts_on: date | None
) -> None:
    """Show the whole diff and ask; where the encoding cannot be told, ask for that first."""
    words = RosterWords(scene.workspace, locale_of(interaction))
    proposal = Proposal(
        db=scene.services.db,
        locale=words.locale,
        fn=roster_import.import_roster,
        args=(scene.actor, data),
        kwargs={"encoding": encoding, "starts_on": starts_on},
        preview=words.preview,
        label=words.label,
        done=words.done,
        needless=words.needless,
        files=words.files,
    )
    try:
        await propose(interaction, proposal)
    except errors.EncodingUnclear as unclear:
        view = EncodingView(scene, data, starts_on, unclear, words.locale)
        await replies.answer(interaction, view)


class EncodingView(BaseView):
    """Which encoding is it? One button for each that is possible."""

    def __init__(
        self, scene: Scene, data: bytes, starts_on: date | None, unclear: errors.EncodingUnclear, locale: str
    ) -> None:
        super().__init__()
        self.scene, self.data, self.starts_on = scene, data, starts_on
        candidates = [name.strip() for name in str(unclear.params["candidates"]).split(",")]
        frame: discord.ui.Container[BaseView] = discord.ui.Container(
            discord.ui.TextDisplay(t(locale, "roster.which_encoding")), accent_colour=replies.AMBER
        )
        for start in range(0, len(candidates), 5):
            frame.add_item(row(*(self._choice(name) for name in candidates[start : start + 5])))
        self.add_item(frame)

    def _choice(self, encoding: str) -> discord.ui.Button[BaseView]:
        async def chosen(interaction: Interaction) -> None:
            await replies.think(interaction)
            await _propose(interaction, self.scene, self.data, encoding, self.starts_on)

        return button(ENCODINGS.get(encoding, encoding), chosen)
