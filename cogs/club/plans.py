"""`/club plan`: what is shared, and at which price from which month on."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, amount_of, listing, scene_for, tell
from cogs.translator import choice, command, options
from cogs.ui import cards, pickers, replies
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import plans, reports_admin
from core.access import Role
from core.i18n import t
from core.models import PlanPrice, Workspace
from core.money import Money
from core.period import Period
from core.plans import PlanView

CYCLES = {1: "plans.cycle_1", 3: "plans.cycle_3", 6: "plans.cycle_6", 12: "plans.cycle_12"}
PRORATIONS = {"none": "plans.proration_none", "daily": "plans.proration_daily"}


class PlanGroup(ClubGroup):
    """Plans and their prices."""

    @app_commands.command(**command("club plan add"))
    @options("club plan add", "name", "price", "from_period", "cycle", "proration", "role")
    @app_commands.choices(
        cycle=[choice(key, str(months)) for months, key in CYCLES.items()],
        proration=[choice(key, value) for value, key in PRORATIONS.items()],
    )
    @app_commands.autocomplete(from_period=pickers.coming_periods)
    async def add(
        self,
        interaction: Interaction,
        name: str,
        price: str,
        from_period: str | None = None,
        cycle: str = "1",
        proration: str = "none",
        role: discord.Role | None = None,
    ) -> None:
        """Add a plan; without a month its price counts from the one being collected."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        amount = amount_of(scene, price, "price")
        if from_period is None:
            month = (await scene.services.db.read(reports_admin.periods, scene.actor)).collecting
        else:
            month = Period.parse(from_period, "from_period")
        added = await scene.services.db.write(
            plans.add, scene.actor, name, amount, month, cycle_months=int(cycle), proration=proration,
            role_id=role.id if role else None,
        )  # fmt: skip
        locale = locale_of(interaction)
        lines = [t(locale, "plans.added"), plan_line(added, locale), t(locale, "plans.added_next")]
        await tell(interaction, *lines)

    @app_commands.command(**command("club plan price"))
    @options("club plan price", "plan", "price", "from_period")
    @app_commands.autocomplete(plan=pickers.all_plans, from_period=pickers.coming_periods)
    async def price(self, interaction: Interaction, plan: str, price: str, from_period: str) -> None:
        """Set the price from a month on; bills that are issued stay as they are."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        amount, month = amount_of(scene, price, "price"), Period.parse(from_period, "from_period")
        plan_id = await pickers.plan_of(scene, plan)
        changed = await scene.services.db.write(plans.set_price, scene.actor, plan_id, amount, month)
        status = (await scene.services.db.read(reports_admin.periods, scene.actor)).status(month)
        locale = locale_of(interaction)
        said = t(locale, "plans.price_set", plan=one_line(changed.plan.name), price=amount, period=month)
        notes = [t(locale, "plans.price_issued", period=month)] if status != "draft" else []
        await tell(interaction, said, plan_line(changed, locale), *notes)

    @app_commands.command(**command("club plan rename"))
    @options("club plan rename", "plan", "name")
    @app_commands.autocomplete(plan=pickers.open_plans)
    async def rename(self, interaction: Interaction, plan: str, name: str) -> None:
        """Give a plan another name; issued bills keep theirs."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        changed = await scene.services.db.write(
            plans.rename, scene.actor, await pickers.plan_of(scene, plan), name
        )
        locale = locale_of(interaction)
        await tell(interaction, t(locale, "plans.renamed", plan=one_line(changed.plan.name)))

    @app_commands.command(**command("club plan role"))
    @options("club plan role", "plan", "role")
    @app_commands.autocomplete(plan=pickers.all_plans)
    async def role(self, interaction: Interaction, plan: str, role: discord.Role | None = None) -> None:
        """Say which Discord role is mentioned when a month opens; none without one."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        plan_id = await pickers.plan_of(scene, plan)
        changed = await scene.services.db.write(
            plans.set_role, scene.actor, plan_id, role.id if role else None
        )
        locale, name = locale_of(interaction), one_line(changed.plan.name)
        if role is None:
            await tell(interaction, t(locale, "plans.role_none", plan=name))
        else:
            await tell(interaction, t(locale, "plans.role_set", plan=name, role=role.mention))

    @app_commands.command(**command("club plan retire"))
    @options("club plan retire", "plan")
    @app_commands.autocomplete(plan=pickers.open_plans)
    async def retire(self, interaction: Interaction, plan: str) -> None:
        """Let nobody start on a plan any more."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        changed = await scene.services.db.write(plans.retire, scene.actor, await pickers.plan_of(scene, plan))
        locale = locale_of(interaction)
        lines = [t(locale, "plans.retired", plan=one_line(changed.plan.name))]
        if changed.subscribers:
            lines.append(t(locale, "plans.retired_subscribers", count=changed.subscribers))
        lines.append(t(locale, "plans.retired_back"))
        await tell(interaction, *lines)

    @app_commands.command(**command("club plan restore"))
    @options("club plan restore", "plan")
    @app_commands.autocomplete(plan=pickers.retired_plans)
    async def restore(self, interaction: Interaction, plan: str) -> None:
        """Take a retired plan into use again."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        plan_id = await pickers.plan_of(scene, plan)
        changed = await scene.services.db.write(plans.restore, scene.actor, plan_id)
        locale = locale_of(interaction)
        said = t(locale, "plans.restored", plan=one_line(changed.plan.name))
        await tell(interaction, said, plan_line(changed, locale))

    @app_commands.command(**command("club plan history"))
    @options("club plan history", "plan")
    @app_commands.autocomplete(plan=pickers.all_plans)
    async def history(self, interaction: Interaction, plan: str) -> None:
        """Every price that was ever set, and who set it."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        plan_id = await pickers.plan_of(scene, plan)
        found = await scene.services.db.read(plans.price_history, scene.actor, plan_id)
        every = await scene.services.db.read(plans.everyone, scene.actor, with_retired=True)
        view = next(view for view in every if view.plan.id == plan_id)
        locale = locale_of(interaction)
        heading = t(locale, "plans.history", plan=one_line(view.plan.name), count=len(found))
        lines = price_lines(scene.workspace, found, locale)
        await replies.answer_all(
            interaction, listing(heading, lines, closing=t(locale, "plans.history_note"))
        )

    @app_commands.command(**command("club plan list"))
    @options("club plan list", "retired")
    async def list(self, interaction: Interaction, retired: bool = False) -> None:
        """Every plan with its price and how many hold it."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        found = await scene.services.db.read(plans.everyone, scene.actor, with_retired=retired)
        locale = locale_of(interaction)
        if not found:
            await tell(interaction, t(locale, "plans.none_yet"), colour=replies.GREY)
            return
        lines = [plan_line(view, locale) for view in found]
        heading = t(locale, "plans.heading", count=len(found))
        await replies.answer_all(interaction, listing(heading, lines))


def price_lines(workspace: Workspace, found: Sequence[PlanPrice], locale: str) -> list[str]:
    """One line per price, by month; one that a later one of the same month replaced says so."""
    newest = {price.from_period: price.id for price in found}
    return [
        t(
            locale,
            "plans.history_line" if newest[price.from_period] == price.id else "plans.history_replaced",
            period=Period(price.from_period), price=workspace.money(price.amount_minor),
            when=cards.relative(price.set_at), who=cards.who(price.set_by, locale),
        )
        for price in found
    ]  # fmt: skip


def plan_line(view: PlanView, locale: str) -> str:
    """One plan: name, price and cycle, and below it what else there is to know."""
    plan = view.plan
    cycle = t(locale, CYCLES[plan.cycle_months])
    price = t(locale, "plans.no_price") if view.price is None else _price(view.price, cycle, locale)
    parts = [t(locale, "plans.subscribers", count=view.subscribers)]
    if view.next_price is not None and view.next_from is not None:
        parts.append(t(locale, "plans.next_price", price=view.next_price, period=view.next_from))
    if plan.proration == "daily":
        parts.append(t(locale, "plans.is_daily"))
    if plan.role_id is not None:
        parts.append(t(locale, "plans.mentions", role=f"<@&{plan.role_id}>"))
    if plan.retired_at is not None:
        parts.append(t(locale, "plans.is_retired"))
    first = t(locale, "plans.line", plan=one_line(plan.name), price=price)
    return f"{first}\n-# {t(locale, 'plans.separator').join(parts)}"


def _price(price: Money, cycle: str, locale: str) -> str:
    return t(locale, "plans.price", price=price, cycle=cycle)
