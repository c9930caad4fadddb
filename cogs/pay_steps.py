"""Choosing months and method in a private message, where the Pay form alone is not enough.

Every click shows a new view with the new choice; nothing is written before Register or the form's submit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from cogs.guards import Scene
from cogs.member_links import upload_button
from cogs.pay_form import Draft, Register, Submission, group_name, group_options, method_options
from cogs.ui import cards, limits, replies
from cogs.ui.replies import Interaction
from cogs.ui.text import escape_markdown, one_line
from cogs.ui.views import BaseView, Handler, button, chosen_id, row, select
from core.i18n import format_list, t
from core.models import MethodId
from core.reports import PayForm, PayGroup

OpenForm = Callable[[Interaction, Draft], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Steps:
    """What is chosen so far."""

    form: PayForm
    keys: frozenset[str]
    request_id: str
    method_id: MethodId | None = None
    method_fixed: bool = False
    note: str = ""
    picture: bytes | None = None
    month_page: int = 0
    method_page: int = 0

    @property
    def groups(self) -> list[PayGroup]:
        return [group for group in self.form.groups if group.key in self.keys]

    @property
    def asks_method(self) -> bool:
        """Whether the way to pay is chosen here: the form after it could not offer it, or none follows."""
        too_many = len(self.form.methods) > limits.OPTIONS
        return bool(self.form.methods) and not self.method_fixed and (too_many or self.picture is not None)


class PaySteps(BaseView):
    """Months, method if need be, and then the form, or Register when the screenshot is there already."""

    def __init__(
        self, scene: Scene, locale: str, steps: Steps, register: Register, open_form: OpenForm,
        *, pages: bool = False,
    ) -> None:  # fmt: skip
        """`pages`: offer the upload page as well, unless the screenshot is here already."""
        super().__init__()
        self.scene, self.locale, self.steps, self.pages = scene, locale, steps, pages
        self.register, self.open_form = register, open_form
        frame: discord.ui.Container[Any] = discord.ui.Container(accent_colour=cards.BLUE)
        frame.add_item(discord.ui.TextDisplay("\n".join(self._texts())))
        for item in (*self._months(), *self._methods()):
            frame.add_item(item)
        cancel = button(t(locale, "common.button_cancel"), self._cancel)
        upload = [upload_button(scene, locale)] if pages and steps.picture is None else []
        frame.add_item(row(self._go(), *upload, cancel))
        self.add_item(frame)

    # --- what it shows ------------------------------------------------------------------------------------

    def _texts(self) -> list[str]:
        steps, locale = self.steps, self.locale
        found = [t(locale, "pay.steps_title")]
        if steps.keys:
            names = [group_name(group, locale) for group in steps.groups]
            if len(names) > 6:
                names = [t(locale, "pay.form_chosen", count=len(names), all=len(steps.form.groups))]
            found.append(t(
                locale, "pay.steps_total", amount=self._amount(), months=format_list(names, locale)
            ))  # fmt: skip
        else:
            found.append(t(locale, "pay.steps_nothing"))
        if steps.method_id is not None:
            name = next((m.name for m in steps.form.methods if m.id == steps.method_id), "")
            found.append(t(locale, "pay.steps_method", method=one_line(name)))
        if steps.picture is not None:
            found.append(t(locale, "pay.steps_screenshot"))
        if steps.note:
            found.append(t(locale, "pay.registered_note", note=escape_markdown(steps.note)))
        return found

    def _amount(self) -> str:
        total = sum(group.total_minor for group in self.steps.groups)
        return cards.money(self.scene.workspace, total, self.locale)

    def _months(self) -> list[discord.ui.Item[Any]]:
        pages = limits.chunks(self.steps.form.groups, limits.OPTIONS)
        page: Sequence[PayGroup] = pages[self.steps.month_page]
        options = group_options(self.scene.workspace, page, self.locale, sorted(self.steps.keys))

        async def chosen(interaction: Interaction, values: list[str]) -> None:
            kept = self.steps.keys - {group.key for group in page}
            await self._show(interaction, replace(self.steps, keys=kept | set(values)))

        menu = select(
            options, chosen, placeholder=t(self.locale, "pay.periods_label"), least=0, most=len(options)
        )
        return [row(menu), *self._pager("month_page", len(pages))]

    def _methods(self) -> list[discord.ui.Item[Any]]:
        if not self.steps.asks_method:
            return []
        pages = limits.chunks(self.steps.form.methods, limits.OPTIONS)
        options = method_options(pages[self.steps.method_page], self.steps.method_id)

        async def chosen(interaction: Interaction, values: list[str]) -> None:
            method_id = MethodId(chosen_id(values[0])) if values else None
            await self._show(interaction, replace(self.steps, method_id=method_id))

        menu = select(options, chosen, placeholder=t(self.locale, "pay.method_label"), least=0)
        return [row(menu), *self._pager("method_page", len(pages))]

    def _pager(self, name: str, pages: int) -> list[discord.ui.Item[Any]]:
        if pages == 1:
            return []
        page = getattr(self.steps, name)

        def turned(number: int) -> Steps:
            if name == "month_page":
                return replace(self.steps, month_page=number)
            return replace(self.steps, method_page=number)

        def to(number: int) -> Handler:
            async def turn(interaction: Interaction) -> None:
                await self._show(interaction, turned(number))

            return turn

        shown = t(self.locale, "common.page", page=page + 1, pages=pages)
        return [
            discord.ui.TextDisplay(f"-# {shown}"),
            row(
                button(t(self.locale, "common.button_previous"), to(page - 1), disabled=page == 0),
                button(t(self.locale, "common.button_next"), to(page + 1), disabled=page == pages - 1),
            ),
        ]

    def _go(self) -> discord.ui.Button[Any]:
        style, idle = discord.ButtonStyle.success, not self.steps.keys
        if self.steps.picture is None:
            return button(t(self.locale, "pay.button_open_form"), self._open_form, style=style, disabled=idle)
        label = limits.shorten(t(self.locale, "pay.button_submit", amount=self._amount()), 80)
        return button(label, self._register, style=style, disabled=idle)

    # --- what its buttons do --------------------------------------------------------------------------------

    async def _show(self, interaction: Interaction, steps: Steps) -> None:
        view = PaySteps(self.scene, self.locale, steps, self.register, self.open_form, pages=self.pages)
        await self.replace(interaction, view)

    async def _open_form(self, interaction: Interaction) -> None:
        steps = self.steps
        fixed = steps.method_fixed or steps.asks_method
        await self.open_form(
            interaction, Draft(tuple(sorted(steps.keys)), steps.method_id, fixed, steps.note)
        )

    async def _register(self, interaction: Interaction) -> None:
        steps = self.steps
        await replies.hold(interaction)
        submission = Submission(
            tuple(bill.id for group in steps.groups for bill in group.bills),
            sum(group.total_minor for group in steps.groups),
            steps.request_id, steps.method_id, steps.note, steps.picture,
        )  # fmt: skip
        await self.register(interaction, self.scene, submission)
        self.stop()

    async def _cancel(self, interaction: Interaction) -> None:
        await self.replace(interaction, replies.say(t(self.locale, "common.cancelled"), colour=cards.GREY))
