"""Prices confirmed or changed while a month is opened: forms of five plans each, as many as it takes.

Nothing is written before the opening itself is confirmed. A text that is no amount is refused by the plan's
name; it never becomes the old price.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from cogs.guards import Scene
from cogs.ui import limits, replies
from cogs.ui.modals import BaseModal
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import BaseView, button, row
from core import billing
from core.billing import PlanPriceAt
from core.i18n import t
from core.models import PlanId
from core.money import Money, format_money, parse_money
from core.period import Period
from core.reports_admin import PeriodChoices

Propose = Callable[[Interaction, Scene, PeriodChoices, Period, Mapping[PlanId, Money]], Awaitable[None]]


@dataclass(slots=True)
class PriceDraft:
    """What was typed so far; `pages` are the plans in fives."""

    scene: Scene
    choices: PeriodChoices
    period: Period
    pages: list[Sequence[PlanPriceAt]]
    propose: Propose
    typed: dict[PlanId, str] = field(default_factory=dict)

    @classmethod
    async def start(
        cls,
        scene: Scene,
        choices: PeriodChoices,
        period: Period,
        prices: Mapping[PlanId, Money],
        propose: Propose,
    ) -> PriceDraft:
        """With what the plans cost in that month, or was confirmed before. Reads, and never writes."""
        found = await scene.services.db.read(billing.prices_at, scene.actor, period)
        typed = {
            view.plan.id: format_money(price, scene.workspace.locale)
            for view in found
            if (price := prices.get(view.plan.id, view.price)) is not None
        }
        return cls(scene, choices, period, limits.chunks(found, limits.MODAL_PARTS), propose, typed)

    async def show_form(self, interaction: Interaction, page: int) -> None:
        """Open the form of that page; must be the first response."""
        if not any(self.pages):
            text = t(locale_of(interaction), "prices.no_plans")
            await replies.answer(interaction, replies.say(text, colour=replies.GREY))
            return
        await PricesForm(interaction, self, page).show(interaction)

    def parsed(self, locale: str, page: int | None = None) -> dict[PlanId, Money]:
        """What was typed, as amounts: of one page or of all. Raises the errors of amounts, naming the plan.

        A plan without a price may stay without one; a blank price of any other is refused.
        """
        found = {}
        for view in self.pages[page] if page is not None else itertools.chain(*self.pages):
            text = self.typed.get(view.plan.id, "")
            if text.strip() or view.price is not None:
                name = t(locale, "prices.field", plan=view.plan.name)
                found[view.plan.id] = parse_money(text, self.scene.workspace.currency, name)
        return found


class PricesForm(BaseModal):
    """Up to five plans with their prices."""

    name = "prices"

    def __init__(self, interaction: Interaction, draft: PriceDraft, page: int) -> None:
        locale = locale_of(interaction)
        super().__init__(
            interaction,
            t(locale, "prices.form", period=draft.period, page=page + 1, pages=len(draft.pages)),
        )
        self.draft, self.page = draft, page
        self.inputs: dict[PlanId, discord.ui.TextInput[Any]] = {}
        for view in draft.pages[page]:
            entry: discord.ui.TextInput[Any] = discord.ui.TextInput(
                default=draft.typed.get(view.plan.id), required=view.price is not None, max_length=30
            )
            self.inputs[view.plan.id] = entry
            self.add_field(view.plan.name, entry, t(locale, "prices.hint", period=draft.period))

    async def submit(self, interaction: Interaction) -> None:
        draft = self.draft
        for plan_id, entry in self.inputs.items():
            draft.typed[plan_id] = entry.value
        draft.parsed(self.locale, self.page)
        if self.page + 1 < len(draft.pages):
            await replies.answer(interaction, NextView(draft, self.page + 1, self.locale))
            return
        await draft.propose(interaction, draft.scene, draft.choices, draft.period, draft.parsed(self.locale))

    async def again(self, interaction: Interaction) -> None:
        await self.draft.show_form(interaction, self.page)


class NextView(BaseView):
    """Between two forms: a form cannot open a form."""

    def __init__(self, draft: PriceDraft, page: int, locale: str) -> None:
        super().__init__()
        self.draft, self.page, self.locale = draft, page, locale
        names = ", ".join(one_line(view.plan.name) for view in draft.pages[page])
        text = t(locale, "prices.next", page=page + 1, pages=len(draft.pages), plans=names)
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(text),
                row(
                    button(
                        t(locale, "prices.button_next", page=page + 1, pages=len(draft.pages)),
                        self.open_form,
                        style=discord.ButtonStyle.primary,
                    ),
                    button(t(locale, "prices.button_enough"), self.preview),
                ),
                accent_colour=replies.BLUE,
            )
        )

    async def open_form(self, interaction: Interaction) -> None:
        await self.draft.show_form(interaction, self.page)

    async def preview(self, interaction: Interaction) -> None:
        """The other plans keep what they cost."""
        draft = self.draft
        await draft.propose(interaction, draft.scene, draft.choices, draft.period, draft.parsed(self.locale))
