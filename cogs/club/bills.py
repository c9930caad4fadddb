"""`/club bill`: look at single bills and correct them. Everything reverses; nothing is edited or deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import discord
from discord import app_commands

from cogs.club import charges
from cogs.club.base import ClubGroup, amount_of, day_of, listing, scene_for, tell
from cogs.club.bill_words import STATUSES, BillWords
from cogs.guards import Scene
from cogs.translator import choice, command, options
from cogs.ui import bill_pickers, pickers, replies, statement
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from core import bill_desk, corrections, reports, reports_bills
from core.access import Role
from core.corrections import BillCorrected
from core.i18n import t
from core.period import Period

MOST_LISTED = 300


class BillGroup(ClubGroup):
    """Single bills."""

    @app_commands.command(**command("club bill list"))
    @options("club bill list", "member", "period", "status")
    @app_commands.choices(status=[choice(key, value) for value, key in STATUSES.items()])
    @app_commands.autocomplete(member=pickers.all_members, period=pickers.opened_periods)
    async def list(
        self,
        interaction: Interaction,
        member: str | None = None,
        period: str | None = None,
        status: str | None = None,
    ) -> None:
        """The newest bills, of everybody or of one member, month or state."""
        scene = await scene_for(interaction, Role.AUDITOR)
        month = None if period is None else Period.parse(period).text
        await replies.think(interaction)
        found = await scene.services.db.read(
            reports_bills.search, scene.actor, status=status, period=month, limit=MOST_LISTED + 1,
            member_id=None if member is None else await pickers.member_of(scene, member),
        )  # fmt: skip
        locale = locale_of(interaction)
        if not found:
            await tell(interaction, t(locale, "bills.none"), colour=replies.GREY)
            return
        words = BillWords(locale)
        lines = [words.line(scene.workspace, bill, owner) for bill, owner in found[:MOST_LISTED]]
        more = len(found) > MOST_LISTED
        heading = t(locale, "bills.heading_newest" if more else "bills.heading", count=len(lines))
        closing = t(locale, "bills.more") if more else ""
        await replies.answer_all(interaction, listing(heading, lines, closing=closing))

    @app_commands.command(**command("club bill show"))
    @options("club bill show", "bill")
    @app_commands.autocomplete(bill=bill_pickers.all_bills)
    async def show(self, interaction: Interaction, bill: str) -> None:
        """Why a bill is what it is, and what settled it."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        found = await scene.services.db.read(reports.explain_bill, scene.actor, bill_pickers.bill_of(bill))
        await replies.answer_all(interaction, statement.explanation(found, locale_of(interaction)))

    @app_commands.command(**command("club bill amount"))
    @options("club bill amount", "bill", "amount", "reason")
    @app_commands.autocomplete(bill=bill_pickers.bills)
    async def amount(self, interaction: Interaction, bill: str, amount: str, reason: str) -> None:
        """Change what one bill asks for, with a reason that its derivation shows."""
        scene = await scene_for(interaction, Role.TREASURER)
        money, bill_id = amount_of(scene, amount), bill_pickers.bill_of(bill)
        words = BillWords(locale_of(interaction))
        await _correct(
            interaction, scene, corrections.set_amount, (bill_id, money, reason),
            preview=lambda done: words.corrected(done, "bills.amount_question", reason=reason),
            label=lambda done: words.t("bills.amount_button", bill=done.bill.label, amount=money),
            done=lambda done: words.corrected(done, "bills.amount_set", reason=reason),
            needless=lambda done: [words.t("bills.amount_same", bill=done.bill.label, amount=money)]
            if done.bill.amount_minor == done.before.amount_minor else None,
        )  # fmt: skip

    @app_commands.command(**command("club bill waive"))
    @options("club bill waive", "bill", "reason", "amount")
    @app_commands.autocomplete(bill=bill_pickers.bills)
    async def waive(
        self, interaction: Interaction, bill: str, reason: str, amount: str | None = None
    ) -> None:
        """Forgive a bill, or a part of it."""
        scene = await scene_for(interaction, Role.TREASURER)
        money = None if amount is None else amount_of(scene, amount)
        words = BillWords(locale_of(interaction))
        await _correct(
            interaction, scene, corrections.waive, (bill_pickers.bill_of(bill), money, reason),
            preview=lambda done: words.corrected(
                done, "bills.waive_question", reason=reason, minor=_waived(done)
            ),
            label=lambda done: words.t(
                "bills.waive_button", bill=done.bill.label, amount=done.workspace.money(_waived(done))
            ),
            done=lambda done: words.corrected(
                done, "bills.waived_done", reason=reason, minor=_waived(done),
                closing=words.t("bills.waived_undo"),
            ),
        )  # fmt: skip

    @app_commands.command(**command("club bill unwaive"))
    @options("club bill unwaive", "waiver")
    @app_commands.autocomplete(waiver=bill_pickers.waivers)
    async def unwaive(self, interaction: Interaction, waiver: str) -> None:
        """Take a waiver back: the bill asks for it again."""
        scene = await scene_for(interaction, Role.TREASURER)
        words = BillWords(locale_of(interaction))
        await _correct(
            interaction, scene, corrections.unwaive, (bill_pickers.waiver_of(waiver),),
            preview=lambda done: words.corrected(done, "bills.unwaive_question", minor=-_waived(done)),
            label=lambda done: words.t(
                "bills.unwaive_button", bill=done.bill.label, amount=done.workspace.money(-_waived(done))
            ),
            done=lambda done: words.corrected(done, "bills.unwaived", minor=-_waived(done)),
        )  # fmt: skip

    @app_commands.command(**command("club bill void"))
    @options("club bill void", "bill", "reason")
    @app_commands.autocomplete(bill=bill_pickers.bills)
    async def void(self, interaction: Interaction, bill: str, reason: str) -> None:
        """The bill should not have been: its charge is reversed."""
        scene = await scene_for(interaction, Role.TREASURER)
        words = BillWords(locale_of(interaction))
        await _correct(
            interaction, scene, corrections.void, (bill_pickers.bill_of(bill), reason),
            preview=lambda done: words.corrected(
                done, "bills.void_question", reason=reason, closing=words.t("bills.void_final"),
                minor=done.before.amount_minor,
            ),
            label=lambda done: words.t(
                "bills.void_button", bill=done.bill.label,
                amount=done.workspace.money(done.before.amount_minor),
            ),
            done=lambda done: words.corrected(
                done, "bills.voided", reason=reason, closing=words.t("bills.void_again"),
                minor=done.before.amount_minor,
            ),
        )  # fmt: skip

    @app_commands.command(**command("club bill charge"))
    @options("club bill charge", "title", "amount", "due", "member", "plan")
    @app_commands.autocomplete(member=pickers.all_members, plan=pickers.all_plans)
    async def charge(
        self,
        interaction: Interaction,
        title: str,
        amount: str,
        due: str | None = None,
        member: str | None = None,
        plan: str | None = None,
    ) -> None:
        """Charge one or many members once; without a member or a plan they are chosen in a form."""
        scene = await scene_for(interaction, Role.TREASURER)
        terms = charges.Terms(title, amount_of(scene, amount), await day_of(scene, due, "due_on"))
        await replies.think(interaction)
        chosen = [] if member is None else [await pickers.member_of(scene, member)]
        if plan is not None:
            chosen += [
                holder.id
                for holder in await scene.services.db.read(
                    reports_bills.holders, scene.actor, await pickers.plan_of(scene, plan)
                )
            ]
        if chosen or plan is not None:
            await charges.propose_charge(interaction, scene, terms, chosen)
        else:
            await charges.show_chooser(interaction, scene, terms)

    @app_commands.command(**command("club bill backfill"))
    @options("club bill backfill", "subscription", "period")
    @app_commands.autocomplete(subscription=bill_pickers.all_seats, period=pickers.opened_periods)
    async def backfill(self, interaction: Interaction, subscription: str, period: str) -> None:
        """Bill a subscription for an old month, at that month's price."""
        scene = await scene_for(interaction, Role.TREASURER)
        month, seat = Period.parse(period), pickers.seat_of(subscription)
        words = BillWords(locale_of(interaction))
        proposal = Proposal(
            db=scene.services.db,
            locale=words.locale,
            fn=bill_desk.back_fill,
            args=(scene.actor, seat, month),
            preview=words.back_fill_preview,
            label=lambda made: words.t(
                "bills.fill_button", period=month, amount=made.workspace.money(made.bill.amount_minor)
            ),
            done=words.back_filled,
        )
        await propose(interaction, proposal)


def _waived(done: BillCorrected) -> int:
    """How much more is waived than before, in minor units."""
    return done.bill.waived_minor - done.before.waived_minor


async def _correct(
    interaction: Interaction,
    scene: Scene,
    fn: Callable[..., BillCorrected],
    args: tuple[Any, ...],
    **texts: Callable[[BillCorrected], Any],
) -> None:
    """Preview a correction, and ask."""
    shown: Mapping[str, Any] = texts
    proposal = Proposal(
        db=scene.services.db, locale=locale_of(interaction), fn=fn, args=(scene.actor, *args),
        style=discord.ButtonStyle.danger, **shown,
    )  # fmt: skip
    await propose(interaction, proposal)
