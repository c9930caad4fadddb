"""The two forms of a review: another amount, and the reason of a rejection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from cogs.guards import Scene
from cogs.pay_form import method_options
from cogs.ui import cards, limits, pickers, replies
from cogs.ui.modals import BaseModal
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import chosen_id
from core import payments, reports_members
from core.i18n import t
from core.models import Method, MethodId, PaymentId
from core.money import parse_money
from core.reports import PaymentView

# Shows the decided payment in place of the card that was clicked.
Outcome = Callable[[Interaction, Scene, int], Awaitable[None]]

_REASONS = (
    "review.reason_not_arrived", "review.reason_wrong_amount", "review.reason_unreadable",
    "review.reason_twice",
)  # fmt: skip


class ReviewModal(BaseModal):
    """What both forms share: the payment they are about, and how they end."""

    def __init__(
        self, interaction: Interaction, title: str, scene: Scene, view: PaymentView, done: Outcome
    ) -> None:
        super().__init__(interaction, t(locale_of(interaction), title))
        self.scene, self.view, self.done = scene, view, done

    @property
    def payment_id(self) -> PaymentId:
        return self.view.payment.id

    def about(self, key: str) -> str:
        """Which payment this is about, in one sentence."""
        amount = cards.money(self.view.workspace, self.view.payment.declared_minor, self.locale)
        name = one_line(self.view.member.name)
        return t(self.locale, key, name=name, payment=self.view.payment.label, amount=amount)


class AmountModal(ReviewModal):
    """Verify with the amount that arrived, and how it arrived."""

    name = "amount"

    def __init__(
        self, interaction: Interaction, scene: Scene, view: PaymentView, done: Outcome, *, typed: str = "",
        method: str | None = None,
    ) -> None:  # fmt: skip
        """`typed` and `method` are what was filled in before; no method means the one that was stated."""
        super().__init__(interaction, "review.amount_title", scene, view, done)
        self.chosen = method
        declared = cards.money(scene.workspace, view.payment.declared_minor, self.locale)
        self.amount: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="amount", default=typed or declared, max_length=40
        )
        self.method: discord.ui.Select[Any] | discord.ui.TextInput[Any] | None = None

    async def open(self, interaction: Interaction) -> None:
        """Read the ways to pay and show the form."""
        _, methods = await self.scene.services.db.read(reports_members.method_list, self.scene.workspace.id)
        self.add_text(self.about("review.amount_about"))
        self.add_field(t(self.locale, "review.amount_label"), self.amount)
        self.method = self._method_field(methods)
        if self.method is not None:
            typed = isinstance(self.method, discord.ui.TextInput)
            label = "review.amount_method_typed" if typed else "review.amount_method"
            self.add_field(t(self.locale, label), self.method)
        await self.show(interaction)

    def _method_field(
        self, methods: tuple[Method, ...]
    ) -> discord.ui.Select[Any] | discord.ui.TextInput[Any] | None:
        """A select; more ways to pay than it takes are typed by name."""
        if not methods:
            return None
        if len(methods) > limits.OPTIONS:
            return discord.ui.TextInput(
                custom_id="method", required=False, max_length=80,
                default=self.view.declared_method if self.chosen is None else self.chosen,
            )  # fmt: skip
        stated = self.view.payment.declared_method_id
        chosen = stated if self.chosen is None else MethodId(chosen_id(self.chosen))
        return discord.ui.Select(
            custom_id="method", options=method_options(methods, chosen), min_values=0, max_values=1,
            required=False,
        )  # fmt: skip

    async def submit(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        received = parse_money(self.amount.value, self.scene.workspace.currency)
        method_id = await self._method_id()
        await self.scene.services.db.write(
            payments.verify, self.scene.actor, self.payment_id, received, method_id=method_id,
            is_unstated=self.method is not None and method_id is None,
        )  # fmt: skip
        await self.done(interaction, self.scene, self.payment_id)

    async def again(self, interaction: Interaction) -> None:
        form = AmountModal(
            interaction,
            self.scene,
            self.view,
            self.done,
            typed=self.amount.value,
            method=self._typed_method(),
        )
        await form.open(interaction)

    def _typed_method(self) -> str | None:
        if isinstance(self.method, discord.ui.TextInput):
            return self.method.value
        return None if self.method is None else "".join(self.method.values)

    async def _method_id(self) -> MethodId | None:
        if isinstance(self.method, discord.ui.TextInput):
            return (
                await pickers.method_of(self.scene, self.method.value) if self.method.value.strip() else None
            )
        return MethodId(chosen_id(self.method.values[0])) if self.method and self.method.values else None


class RejectModal(ReviewModal):
    """A canned reason, one's own words, or both. The member reads them in the club's language."""

    name = "reject"

    def __init__(
        self, interaction: Interaction, scene: Scene, view: PaymentView, done: Outcome, *, typed: str = ""
    ) -> None:
        super().__init__(interaction, "review.reject_title", scene, view, done)
        self.add_text(self.about("review.reject_about"))
        self.reason: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="reason", min_values=0, max_values=1, required=False,
            options=[
                discord.SelectOption(label=limits.shorten(t(self.locale, key), 100), value=key)
                for key in _REASONS
            ],
        )  # fmt: skip
        self.words: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="words", style=discord.TextStyle.paragraph, required=False, default=typed or None,
            max_length=payments.NOTE_CHARACTERS - 100,
        )  # fmt: skip
        hint = t(self.locale, "review.reject_choice_hint")
        self.add_field(t(self.locale, "review.reject_choice"), self.reason, hint)
        self.add_field(t(self.locale, "review.reject_text"), self.words)

    async def submit(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await self.scene.services.db.write(
            payments.reject, self.scene.actor, self.payment_id, self._said(self.scene.workspace.locale)
        )
        await self.done(interaction, self.scene, self.payment_id)

    async def again(self, interaction: Interaction) -> None:
        form = RejectModal(interaction, self.scene, self.view, self.done, typed=self.words.value)
        await form.show(interaction)

    def _said(self, locale: str) -> str:
        chosen = [key for key in self.reason.values if key in _REASONS]
        own = self.words.value.strip()
        if chosen and own:
            return t(locale, "review.reason_both", reason=t(locale, chosen[0]), text=own)
        return t(locale, chosen[0]) if chosen else own
