"""Members: `/my` and the My bills buttons: what is owed and paid, and why."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import member_links, visits
from cogs.guards import Scene, scene_here, scene_of, workspace_itself
from cogs.member_links import explain_not_linked
from cogs.panel import how_to_pay
from cogs.pay import open_pay
from cogs.translator import command
from cogs.ui import cards, replies, statement
from cogs.ui.actions import ActionButton
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.views import BaseView, button, chosen_id, row, select
from core import errors, reports
from core.i18n import t
from core.models import BillId
from core.reports import Statement


class MyView(BaseView):
    """A page of somebody's bills; other pages replace it, explanations come below it."""

    def __init__(
        self, scene: Scene, found: Statement, locale: str, page: int = 0, *, pages: bool = False
    ) -> None:
        """`pages`: members can reach the web pages, so what they find there is offered."""
        super().__init__()
        self.has_pages = pages
        self.scene, self.found, self.locale = scene, found, locale
        self.pages = statement.pages(found, locale)
        self.page = min(page, len(self.pages) - 1)
        frame: discord.ui.Container[Any] = discord.ui.Container(accent_colour=self._colour())
        for text in self._texts():
            frame.add_item(discord.ui.TextDisplay(text))
        for item in self._controls():
            frame.add_item(item)
        self.add_item(frame)

    def _colour(self) -> int:
        payable = [view for view in self.found.bills if view.payable]
        if any(view.overdue or view.bill.status == "rejected" for view in payable):
            return cards.RED
        return cards.AMBER if payable else cards.GREEN

    def _texts(self) -> list[str]:
        said = [statement.head(self.found, self.locale), self.pages[self.page].text]
        if self.page == 0 and self.found.payments:
            said.append(statement.payments_text(self.found, self.locale))
        if len(self.pages) > 1:
            shown = t(self.locale, "common.page", page=self.page + 1, pages=len(self.pages))
            said.append(f"-# {shown}")
        return said

    def _controls(self) -> list[discord.ui.Item[Any]]:
        locale, items = self.locale, []
        options = statement.why_options(self.pages[self.page], locale)
        if options:
            items.append(row(select(options, self._why, placeholder=t(locale, "my.why_hint"))))
        if len(self.pages) > 1:
            last = self.page == len(self.pages) - 1
            items.append(row(
                button(t(locale, "common.button_previous"), self._previous, disabled=self.page == 0),
                button(t(locale, "common.button_next"), self._next, disabled=last),
            ))  # fmt: skip
        return [*items, row(*self._buttons())]

    def _buttons(self) -> list[discord.ui.Item[Any]]:
        locale, found = self.locale, [button(t(self.locale, "common.button_how"), self._how)]
        if any(view.payable for view in self.found.bills):
            pay = button(t(locale, "common.button_pay"), self._pay, style=discord.ButtonStyle.success)
            found.insert(0, pay)
            if self.has_pages:
                found.append(member_links.upload_button(self.scene, locale))
        if self.has_pages:
            found.append(member_links.statement_button(self.scene, locale))
        return [*found]

    async def _pay(self, interaction: Interaction) -> None:
        await open_pay(interaction, self.scene)

    async def _how(self, interaction: Interaction) -> None:
        await replies.answer_all(interaction, how_to_pay(self.found.methods, self.locale))

    async def _why(self, interaction: Interaction, chosen: list[str]) -> None:
        await replies.think(interaction)
        found = await self.scene.services.db.read(
            reports.explain_bill, self.scene.actor, BillId(chosen_id(chosen[0]))
        )
        await replies.answer_all(interaction, statement.explanation(found, self.locale))

    async def _previous(self, interaction: Interaction) -> None:
        await self._turn(interaction, self.page - 1)

    async def _next(self, interaction: Interaction) -> None:
        await self._turn(interaction, self.page + 1)

    async def _turn(self, interaction: Interaction, page: int) -> None:
        found = await self.scene.services.db.read(reports.statement, self.scene.actor)
        await self.replace(interaction, MyView(self.scene, found, self.locale, page, pages=self.has_pages))


async def show_bills(interaction: Interaction, scene: Scene) -> None:
    """Answer privately with the bills of whoever asks."""
    await replies.think(interaction)
    try:
        found = await scene.services.db.read(reports.statement, scene.actor)
    except errors.NotLinked as error:
        await explain_not_linked(interaction, scene, error)
        return
    pages = member_links.are_offered(interaction)
    await replies.answer(interaction, MyView(scene, found, locale_of(interaction), pages=pages))
    await visits.note_language(scene, locale_of(interaction))
    await visits.wake(scene, found.member.id)


class BillsButton(ActionButton, action="workspace:bills", label="common.button_bills"):
    """My bills; on the panel and below notices."""

    async def run(self, interaction: Interaction) -> None:
        await show_bills(interaction, await scene_of(interaction, workspace_itself, self.subject_id))


class WhyButton(ActionButton, action="bill:why", label="my.button_why"):
    """Why this amount? for one bill, wherever one is shown."""

    async def run(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        scene = await scene_of(interaction, reports.workspace_of_bill, self.subject_id)
        found = await scene.services.db.read(reports.explain_bill, scene.actor, BillId(self.subject_id))
        await replies.answer_all(interaction, statement.explanation(found, locale_of(interaction)))


class MyCog(commands.Cog):
    """`/my`."""

    @app_commands.command(**command("my"))
    @app_commands.guild_only()
    async def my(self, interaction: Interaction) -> None:
        """Show bills, credit and last payments, privately."""
        await show_bills(interaction, await scene_here(interaction))


async def setup(bot: commands.Bot) -> None:
    """Called when this extension is loaded."""
    await bot.add_cog(MyCog())
