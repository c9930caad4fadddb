"""Charging one or many members once: who, then a preview that names everybody, then it is done.

People are gathered in a private form: by their Discord account, by a part of their name, everybody on a plan,
or the whole roster. Discord shows at most 25 at a time; what is gathered is not limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import discord

from cogs.club.bill_words import BillWords
from cogs.guards import Scene
from cogs.ui import cards, limits, replies
from cogs.ui.confirm import Proposal, propose
from cogs.ui.modals import BaseModal
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import BaseView, button, chosen_id, row, select
from core import corrections, errors, plans, reports_bills, roster
from core.i18n import t
from core.models import Member, MemberId, PlanId
from core.money import Money
from core.plans import PlanView

NAMES_SHOWN = 40
"""How many names the form itself lists; the preview names everybody."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What everybody is charged for, how much each, and when it is due."""

    title: str
    amount: Money
    due_on: date


async def propose_charge(
    interaction: Interaction, scene: Scene, terms: Terms, member_ids: Sequence[MemberId]
) -> None:
    """Name everybody and the sum, and ask."""
    people = await scene.services.db.read(reports_bills.people, scene.actor, list(member_ids))
    by_id = {int(person.id): person for person in people}
    words = BillWords(locale_of(interaction))
    proposal = Proposal(
        db=scene.services.db,
        locale=words.locale,
        fn=corrections.charge,
        args=(scene.actor, [person.id for person in people], terms.title, terms.amount, terms.due_on),
        preview=lambda result: words.charge_preview(result, by_id),
        label=lambda result: words.t(
            "bills.charge_button", count=len(result.bills), total=words.charge_total(result)
        ),
        done=lambda result: words.charged(result, by_id),
        style=discord.ButtonStyle.danger,
    )
    await propose(interaction, proposal)


async def show_chooser(interaction: Interaction, scene: Scene, terms: Terms) -> None:
    """Ask who is to be charged."""
    found = await scene.services.db.read(plans.everyone, scene.actor)
    await replies.answer(interaction, ChooserView(scene, terms, found, (), locale_of(interaction)))


class ChooserView(BaseView):
    """Who is chosen so far, and the ways to add more; every step shows a new one in the same message."""

    def __init__(
        self,
        scene: Scene,
        terms: Terms,
        plan_views: Sequence[PlanView],
        people: Sequence[Member],
        locale: str,
        note: str = "",
    ) -> None:
        super().__init__()
        self.scene, self.terms, self.plan_views, self.people = scene, terms, plan_views, tuple(people)
        self.locale = locale
        frame: discord.ui.Container[BaseView] = discord.ui.Container(
            discord.ui.TextDisplay(self._text(note)), accent_colour=replies.AMBER
        )
        frame.add_item(row(_AccountSelect(self.by_accounts, self.t("charge.accounts"))))
        if plan_views:
            options = [
                discord.SelectOption(
                    label=limits.shorten(view.plan.name, 100), value=str(view.plan.id),
                    description=self.t("plans.subscribers", count=view.subscribers),
                )
                for view in plan_views[: limits.OPTIONS]
            ]  # fmt: skip
            frame.add_item(row(select(options, self.by_plan, placeholder=self.t("charge.plan"))))
        frame.add_item(row(
            button(self.t("charge.search"), self.search),
            button(self.t("charge.everybody"), self.everybody),
            button(self.t("charge.nobody"), self.clear, disabled=not people),
            button(self.t("charge.next"), self.go_on, style=discord.ButtonStyle.primary, disabled=not people),
        ))  # fmt: skip
        self.add_item(frame)

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def _text(self, note: str) -> str:
        terms = self.terms
        lines = [
            self.t("charge.question", title=one_line(terms.title), amount=terms.amount, day=terms.due_on),
            self.t("charge.chosen", count=len(self.people)),
        ]
        lines += [f"- {cards.person(person, self.locale)}" for person in self.people[-NAMES_SHOWN:]]
        if len(self.people) > NAMES_SHOWN:
            lines.append(self.t("charge.more_chosen", count=len(self.people) - NAMES_SHOWN))
        if len(self.plan_views) > limits.OPTIONS:
            lines.append(self.t("charge.more_plans"))
        return "\n".join([*lines, note] if note else lines)

    async def show(self, interaction: Interaction, people: Iterable[Member], note: str = "") -> None:
        """Show the form with these people, each once."""
        chosen = tuple({person.id: person for person in people}.values())
        view = ChooserView(self.scene, self.terms, self.plan_views, chosen, self.locale, note)
        await self.replace(interaction, view)

    async def by_accounts(self, interaction: Interaction, accounts: Sequence[int]) -> None:
        """Add the members of the chosen Discord accounts; those who are not linked are named."""
        await replies.hold(interaction)
        found, strangers = await self.scene.services.db.read(
            reports_bills.by_accounts, self.scene.actor, list(accounts)
        )
        names = " ".join(f"<@{account}>" for account in strangers)
        note = self.t("charge.strangers", accounts=names) if strangers else ""
        await self.show(interaction, [*self.people, *found], note)

    async def by_plan(self, interaction: Interaction, chosen: list[str]) -> None:
        """Add everybody on a plan."""
        await replies.hold(interaction)
        found = await self.scene.services.db.read(
            reports_bills.holders, self.scene.actor, PlanId(chosen_id(chosen[0]))
        )
        await self.show(interaction, [*self.people, *found])

    async def everybody(self, interaction: Interaction) -> None:
        """Add the whole roster."""
        await replies.hold(interaction)
        await self.show(interaction, [*self.people, *await _roster(self.scene)])

    async def clear(self, interaction: Interaction) -> None:
        """Start over."""
        await self.show(interaction, ())

    async def search(self, interaction: Interaction) -> None:
        """Open the form for a part of a name."""
        await SearchForm(interaction, self).show(interaction)

    async def go_on(self, interaction: Interaction) -> None:
        """Preview the charge."""
        await replies.think(interaction)
        await propose_charge(interaction, self.scene, self.terms, [person.id for person in self.people])


class _AccountSelect(discord.ui.UserSelect[Any]):
    """Up to 25 Discord accounts at a time."""

    def __init__(self, handler: Any, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, min_values=1, max_values=limits.OPTIONS)
        self.handler = handler

    async def callback(self, interaction: Interaction) -> None:
        await self.handler(interaction, [account.id for account in self.values])


class SearchForm(BaseModal):
    """A part of a name, for people without a linked account."""

    name = "charge"

    def __init__(self, interaction: Interaction, chooser: ChooserView) -> None:
        super().__init__(interaction, t(chooser.locale, "charge.search_title"))
        self.chooser = chooser
        self.query: discord.ui.TextInput[Any] = discord.ui.TextInput(max_length=100)
        self.add_field(t(chooser.locale, "charge.search_label"), self.query)

    async def submit(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        chooser = self.chooser
        page = await chooser.scene.services.db.read(
            roster.find, chooser.scene.actor, self.query.value, limit=limits.OPTIONS, with_left=True
        )
        if not page.members:
            raise errors.MemberUnknown()
        await chooser.replace(interaction, FoundView(chooser, page.members, page.total, self.query.value))

    async def again(self, interaction: Interaction) -> None:
        await SearchForm(interaction, self.chooser).show(interaction)


class FoundView(BaseView):
    """Whom a search found: several can be ticked; more than fit are found by typing more."""

    def __init__(self, chooser: ChooserView, found: Sequence[Member], total: int, query: str) -> None:
        super().__init__()
        self.chooser, self.found = chooser, {str(person.id): person for person in found}
        options = [
            discord.SelectOption(
                label=limits.shorten(person.name, 100), value=str(person.id), description=person.label
            )
            for person in found
        ]
        text = [chooser.t("charge.found", count=total, query=one_line(query))]
        if total > len(found):
            text.append(chooser.t("charge.found_more", count=total - len(found)))
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay("\n".join(text)),
                row(select(
                    options, self.add, placeholder=chooser.t("charge.found_choose"), most=len(options)
                )),
                row(
                    button(chooser.t("charge.search"), chooser.search),
                    button(chooser.t("common.button_back"), self.back),
                ),
                accent_colour=replies.AMBER,
            )
        )  # fmt: skip

    async def add(self, interaction: Interaction, chosen: list[str]) -> None:
        """Add those who were ticked."""
        self.stop()
        await self.chooser.show(interaction, [*self.chooser.people, *(self.found[one] for one in chosen)])

    async def back(self, interaction: Interaction) -> None:
        """Back to the form, with nobody added."""
        self.stop()
        await self.chooser.show(interaction, self.chooser.people)


async def _roster(scene: Scene) -> list[Member]:
    """Everybody who is in the club, however many."""
    found: list[Member] = []
    while True:
        page = await scene.services.db.read(
            roster.find, scene.actor, "", limit=roster.MOST_FOUND, offset=len(found)
        )
        found += page.members
        if not page.members or len(found) >= page.total:
            return found
