"""`/club subscription`: who holds a seat on which plan, from when, and when it rests or ends."""

from __future__ import annotations

from datetime import date

from discord import app_commands

from cogs.club.base import ClubGroup, day_of, listing, scene_for, tell
from cogs.club.member_cards import seat_line
from cogs.club.seat_words import ENDINGS, billing_day_proposal, changed_lines, end_proposal
from cogs.translator import choice, command, options
from cogs.ui import cards, pickers, replies
from cogs.ui.confirm import propose
from cogs.ui.replies import Interaction, locale_of
from core import reports_admin, subscriptions
from core.access import Role
from core.i18n import t
from core.models import Workspace
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
    @options("club subscription end", "subscription", "when", "day")
    @app_commands.choices(when=[choice(key, value) for value, key in ENDINGS.items()])
    @app_commands.autocomplete(subscription=pickers.running_seats)
    async def end(
        self, interaction: Interaction, subscription: str, when: str = "now", day: str | None = None
    ) -> None:
        """End it today, with what is paid for now, or after a day; or take a planned end back."""
        scene = await scene_for(interaction, Role.TREASURER)
        last = None if day is None else parse_date(day, "ends_on")
        seat = pickers.seat_of(subscription)
        proposal = end_proposal(scene, locale_of(interaction), seat, when if last is None else "day", last)
        await propose(interaction, proposal)

    @app_commands.command(**command("club subscription billingday"))
    @options("club subscription billingday", "subscription", "day")
    @app_commands.autocomplete(subscription=pickers.running_seats)
    async def billing_day(
        self, interaction: Interaction, subscription: str, day: app_commands.Range[int, 0, 28]
    ) -> None:
        """Give a subscription a billing day of its own; 0 follows the club's again."""
        scene = await scene_for(interaction, Role.TREASURER)
        seat = pickers.seat_of(subscription)
        proposal = billing_day_proposal(scene, locale_of(interaction), seat, day or None)
        await propose(interaction, proposal)

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
    await tell(interaction, *changed_lines(workspace, done, locale_of(interaction), key, **days))
