"""`/club subscription`: who holds a seat on which plan, from when, and when it rests or ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from discord import app_commands

from cogs.club.base import ClubGroup, day_of, listing, scene_for, tell
from cogs.club.member_cards import seat_line
from cogs.translator import command, options
from cogs.ui import cards, pickers, replies
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import reports_admin, subscriptions
from core.access import Role
from core.i18n import t
from core.models import Bill, Workspace
from core.period import parse_date
from core.subscriptions import SubscriptionChanged


class SubscriptionGroup(ClubGroup):
    """Seats on plans."""

    @app_commands.command(**command("club subscription start"))
    @options("club subscription start", "member", "plan", "day")
    @app_commands.autocomplete(member=pickers.members, plan=pickers.open_plans)
    async def start(self, interaction: Interaction, member: str, plan: str, day: str | None = None) -> None:
        """Seat a member on a plan; open months are billed at once."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        first = await day_of(scene, day, "starts_on")
        member_id, plan_id = await pickers.member_of(scene, member), await pickers.plan_of(scene, plan)
        done = await scene.services.db.write(subscriptions.start, scene.actor, member_id, plan_id, first)
        await _tell(interaction, scene.workspace, done, "subscriptions.started", day=first)

    @app_commands.command(**command("club subscription end"))
    @options("club subscription end", "subscription", "day")
    @app_commands.autocomplete(subscription=pickers.running_seats)
    async def end(self, interaction: Interaction, subscription: str, day: str | None = None) -> None:
        """Let a subscription end after a day, today by default."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        last = await day_of(scene, day, "ends_on")
        seat = pickers.seat_of(subscription)
        done = await scene.services.db.write(subscriptions.end, scene.actor, seat, last)
        await _tell(interaction, scene.workspace, done, "subscriptions.ended", day=last)

    @app_commands.command(**command("club subscription pause"))
    @options("club subscription pause", "subscription", "day", "until")
    @app_commands.autocomplete(subscription=pickers.active_seats)
    async def pause(
        self, interaction: Interaction, subscription: str, day: str | None = None, until: str | None = None
    ) -> None:
        """Let a subscription rest from a day on, until a day or until somebody resumes it."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        first = await day_of(scene, day, "from_on")
        back = None if until is None else parse_date(until, "resumes_on")
        seat = pickers.seat_of(subscription)
        done = await scene.services.db.write(subscriptions.pause, scene.actor, seat, first, back)
        if back is None:
            await _tell(interaction, scene.workspace, done, "subscriptions.pause_set", day=first)
        else:
            await _tell(
                interaction, scene.workspace, done, "subscriptions.pause_until", day=first, until=back
            )

    @app_commands.command(**command("club subscription resume"))
    @options("club subscription resume", "subscription", "day")
    @app_commands.autocomplete(subscription=pickers.paused_seats)
    async def resume(self, interaction: Interaction, subscription: str, day: str | None = None) -> None:
        """End a pause; open months in which it is active again are billed at once."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        on = await day_of(scene, day, "on")
        seat = pickers.seat_of(subscription)
        done = await scene.services.db.write(subscriptions.resume, scene.actor, seat, on)
        await _tell(interaction, scene.workspace, done, "subscriptions.resumed", day=on)

    @app_commands.command(**command("club subscription list"))
    @options("club subscription list", "member", "plan", "ended")
    @app_commands.autocomplete(member=pickers.all_members, plan=pickers.all_plans)
    async def list(
        self,
        interaction: Interaction,
        member: str | None = None,
        plan: str | None = None,
        ended: bool = False,
    ) -> None:
        """Subscriptions of everybody, of one member or of one plan."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        found = await scene.services.db.read(
            reports_admin.seats, scene.actor,
            member_id=None if member is None else await pickers.member_of(scene, member),
            plan_id=None if plan is None else await pickers.plan_of(scene, plan),
            standing="all" if ended else "running",
        )  # fmt: skip
        locale = locale_of(interaction)
        if not found:
            await tell(interaction, t(locale, "subscriptions.none"), colour=replies.GREY)
            return
        lines = [
            t(
                locale, "subscriptions.of_member", person=cards.person(seat.member, locale),
                seat=seat_line(seat.view, locale),
            )
            for seat in found
        ]  # fmt: skip
        heading = t(locale, "subscriptions.heading", count=len(found))
        await replies.answer_all(interaction, listing(heading, lines))


async def _tell(
    interaction: Interaction, workspace: Workspace, done: SubscriptionChanged, key: str, **days: date
) -> None:
    """Say what happened, which bills it made, and which unpaid ones cover days that are gone now."""
    locale = locale_of(interaction)
    person, plan = cards.person(done.member, locale), one_line(done.plan.name)
    lines = [t(locale, key, person=person, plan=plan, **days)]
    if done.made:
        lines += [t(locale, "subscriptions.billed"), *_bills(workspace, done.made, locale)]
    if done.affected:
        lines += [t(locale, "subscriptions.affected"), *_bills(workspace, done.affected, locale)]
    await tell(interaction, *lines)


def _bills(workspace: Workspace, bills: Sequence[Bill], locale: str) -> list[str]:
    return [cards.bill_text(workspace, bill, bill.amount_minor, locale) for bill in bills]
