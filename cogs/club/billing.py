"""`/club billing`: open a month, and see how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, scene_for
from cogs.club.opening_prices import PriceDraft
from cogs.club.period_status import status_messages
from cogs.guards import Scene, scene_of, workspace_itself
from cogs.translator import command, options
from cogs.ui import pickers, replies
from cogs.ui.actions import ActionButton
from cogs.ui.confirm import Proposal, propose
from cogs.ui.notice_cards import month_of
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import BaseView, button, row
from core import billing, notice_retries, reports, reports_admin
from core.access import Role
from core.billing import Opened
from core.i18n import t
from core.models import PlanId
from core.money import Money, format_money
from core.period import Period, due_on
from core.reports_admin import PeriodChoices


class BillingGroup(ClubGroup):
    """Opening months and looking at them."""

    @app_commands.command(**command("club billing open"))
    @options("club billing open", "period")
    @app_commands.autocomplete(period=pickers.openable_periods)
    async def open(self, interaction: Interaction, period: str | None = None) -> None:
        """Preview, confirm, and say what was really billed."""
        scene = await scene_for(interaction, Role.TREASURER)
        choices = await scene.services.db.read(reports_admin.periods, scene.actor)
        chosen = choices.collecting if period is None else Period.parse(period)
        if period is None and choices.status(chosen) == "open":
            await replies.answer(interaction, OpenEarlyView(interaction, scene, choices))
            return
        await propose_opening(interaction, scene, choices, chosen)

    @app_commands.command(**command("club billing status"))
    @options("club billing status", "period")
    @app_commands.autocomplete(period=pickers.opened_periods)
    async def status(self, interaction: Interaction, period: str | None = None) -> None:
        """What came in, what is missing, and what the bot could not say."""
        scene = await scene_for(interaction, Role.AUDITOR)
        chosen = Period.parse(period) if period is not None else None
        await replies.think(interaction)
        if chosen is None:
            chosen = (await scene.services.db.read(reports_admin.periods, scene.actor)).newest
        status = await scene.services.db.read(reports.period_status, scene.actor, chosen)
        outbox = await scene.services.db.read(reports_admin.notices_state, scene.actor)
        await replies.answer_all(interaction, status_messages(status, outbox, locale_of(interaction)))


class RetryNotices(ActionButton, action="notices:retry", label="billing.button_retry"):
    """Send everything that failed after all; its id is the workspace."""

    async def run(self, interaction: Interaction) -> None:
        scene = await scene_of(interaction, workspace_itself, self.subject_id)
        await replies.think(interaction)
        count = await scene.services.db.write(notice_retries.retry_all, scene.actor)
        text = t(locale_of(interaction), "billing.retried", count=count)
        await replies.answer(interaction, replies.say(text, colour=replies.GREEN if count else replies.GREY))


class OpenMonth(ActionButton, action="period:open", label="billing.button_open_month"):
    """On the notice about missed months: the same preview as `/club billing open`."""

    async def run(self, interaction: Interaction) -> None:
        workspace_id, period = month_of(self.subject_id)
        scene = await scene_of(interaction, workspace_itself, workspace_id)
        choices = await scene.services.db.read(reports_admin.periods, scene.actor)
        await propose_opening(interaction, scene, choices, period)


async def propose_opening(
    interaction: Interaction,
    scene: Scene,
    choices: PeriodChoices,
    period: Period,
    prices: Mapping[PlanId, Money] | None = None,
) -> None:
    """Show what opening this month would do, with these prices if any were confirmed, and ask."""
    words = _Words(locale_of(interaction), choices, period)

    async def reprice(clicked: Interaction) -> None:
        draft = await PriceDraft.start(scene, choices, period, prices or {}, propose_opening)
        await draft.show_form(clicked, 0)

    proposal = Proposal(
        db=scene.services.db,
        locale=words.locale,
        fn=billing.open_period,
        args=(scene.actor, period, prices),
        preview=words.preview,
        label=words.label,
        done=words.done,
        needless=words.needless,
        other=(words.t("prices.button_change"), reprice),
    )
    await propose(interaction, proposal)


class OpenEarlyView(BaseView):
    """The month being collected is open already; the next one can be opened early, if that is wanted."""

    def __init__(self, interaction: Interaction, scene: Scene, choices: PeriodChoices) -> None:
        super().__init__()
        self.scene, self.choices = scene, choices
        locale = locale_of(interaction)
        said = t(locale, "billing.already_open", period=choices.collecting)
        label = t(locale, "prices.button_early", period=choices.collecting.next())
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(said),
                row(button(label, self.open_early)),
                accent_colour=replies.GREY,
            )
        )

    async def open_early(self, interaction: Interaction) -> None:
        """The next month's own preview."""
        await propose_opening(interaction, self.scene, self.choices, self.choices.collecting.next())


class _Words:
    """How an opening is put into words."""

    def __init__(self, locale: str, choices: PeriodChoices, period: Period) -> None:
        self.locale, self.choices, self.period = locale, choices, period

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def money(self, opened: Opened, minor: int) -> str:
        return format_money(opened.workspace.money(minor), self.locale)

    def preview(self, opened: Opened) -> list[str]:
        lines = [self.t("billing.open_question", period=self.period), *self._when()]
        lines += self._prices(opened)
        if not opened.plans:
            return [*lines, self.t("billing.nobody_to_bill")]
        lines += [*self._plans(opened), self._sum(opened, "billing.would_total")]
        if opened.credit_minor:
            lines.append(self.t("billing.would_use_credit", amount=self.money(opened, opened.credit_minor)))
        return [*lines, self._due(opened), self._notice(opened, "billing.would_announce")]

    def label(self, opened: Opened) -> str:
        amount = self.money(opened, opened.minor)
        return self.t("billing.button_open", period=self.period, count=opened.bills, amount=amount)

    def done(self, opened: Opened) -> list[str]:
        lines = [self.t("billing.opened", period=self.period), *self._prices(opened), *self._plans(opened)]
        lines.append(self._sum(opened, "billing.total"))
        if opened.credit_minor:
            lines.append(self.t("billing.used_credit", amount=self.money(opened, opened.credit_minor)))
        return [*lines, self._notice(opened, "billing.announced")]

    def needless(self, opened: Opened) -> list[str] | None:
        return [self.t("billing.already_open", period=self.period)] if opened.already_open else None

    def _when(self) -> list[str]:
        """A month other than the one being collected is asked clearly."""
        months = self.choices.collecting.months_until(self.period)
        if months == 0:
            return []
        key = "billing.earlier_month" if months < 0 else "billing.later_month"
        return [self.t(key, period=self.period, collecting=self.choices.collecting)]

    def _prices(self, opened: Opened) -> list[str]:
        """Prices that change with this opening."""
        lines = []
        for change in opened.prices:
            name, after = one_line(change.name), self.money(opened, change.to_minor)
            if change.from_minor is None:
                lines.append(self.t("prices.first", plan=name, after=after))
            else:
                before = self.money(opened, change.from_minor)
                lines.append(self.t("prices.changed", plan=name, before=before, after=after))
        return [self.t("prices.heading", period=self.period), *lines, ""] if lines else []

    def _plans(self, opened: Opened) -> list[str]:
        return [
            self.t(
                "billing.plan_line", plan=one_line(plan.name), count=plan.bills,
                amount=self.money(opened, plan.minor),
            )
            for plan in opened.plans
        ]  # fmt: skip

    def _sum(self, opened: Opened, key: str) -> str:
        members = self.t("billing.members", count=opened.members)
        return self.t(key, count=opened.bills, amount=self.money(opened, opened.minor), members=members)

    def _due(self, opened: Opened) -> str:
        workspace = opened.workspace
        day = due_on(self.period, workspace.billing_day, workspace.due_days)
        return self.t("billing.would_be_due", day=day)

    def _notice(self, opened: Opened, key: str) -> str:
        channel = opened.workspace.announce_channel_id
        return self.t("billing.no_channel") if channel is None else self.t(key, place=f"<#{channel}>")
