"""`/club member`: the people on the roster, one at a time."""

from __future__ import annotations

from datetime import date

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, amount_of, day_of, listing, scene_for, tell
from cogs.club.member_cards import card_messages, roster_line
from cogs.club.merging import merge_proposal, move_proposal
from cogs.guards import Scene
from cogs.translator import choice, command, options
from cogs.ui import cards, pickers, replies
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import member_desk, opening_balances, reports_admin, roster
from core.access import Role
from core.i18n import t
from core.member_desk import Leaving
from core.models import MemberId
from core.opening_balances import BalanceSet
from core.unset import UNSET, Unset

BALANCES = {"owes": "members.balance_owes", "credit": "members.balance_credit"}


class MemberGroup(ClubGroup):
    """Members of the club."""

    @app_commands.command(**command("club member add"))
    @options("club member add", "name", "email", "account", "note")
    async def add(
        self,
        interaction: Interaction,
        name: str,
        email: str | None = None,
        account: discord.User | None = None,
        note: str = "",
    ) -> None:
        """Put a person on the roster, linked at once when their account is named."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        added = await scene.services.db.write(
            member_desk.add,
            scene.actor,
            name,
            email=email,
            note=note,
            discord_id=account.id if account else None,
        )
        locale = locale_of(interaction)
        next_step = "members.added_next_linked" if account else "members.added_next"
        await tell(
            interaction, t(locale, "members.added", person=cards.person(added, locale)), t(locale, next_step)
        )

    @app_commands.command(**command("club member edit"))
    @options("club member edit", "member", "name", "email", "note", "account")
    @app_commands.autocomplete(member=pickers.all_members)
    async def edit(
        self,
        interaction: Interaction,
        member: str,
        name: str | None = None,
        email: str | None = None,
        note: str | None = None,
        account: discord.User | None = None,
    ) -> None:
        """Change what was given; "-" makes an e-mail or a note blank."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        member_id = await pickers.member_of(scene, member)
        changed = await scene.services.db.write(
            member_desk.edit, scene.actor, member_id,
            name=UNSET if name is None else name, email=_text(email), note=_text(note),
            discord_id=None if account is None else account.id,
        )  # fmt: skip
        locale = locale_of(interaction)
        key = "members.changed" if changed.changed else "members.unchanged"
        colour = replies.GREEN if changed.changed else replies.GREY
        await tell(interaction, t(locale, key, person=cards.person(changed.member, locale)), colour=colour)

    @app_commands.command(**command("club member show"))
    @options("club member show", "member")
    @app_commands.autocomplete(member=pickers.all_members)
    async def show(self, interaction: Interaction, member: str) -> None:
        """Everything about one member."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        member_id = await pickers.member_of(scene, member)
        found = await scene.services.db.read(reports_admin.member_card, scene.actor, member_id)
        await replies.answer_all(interaction, card_messages(found, locale_of(interaction)))

    @app_commands.command(**command("club member leave"))
    @options("club member leave", "member", "day")
    @app_commands.autocomplete(member=pickers.members)
    async def leave(self, interaction: Interaction, member: str, day: str | None = None) -> None:
        """Somebody leaves: ask first, since subscriptions end and the account is unlinked."""
        scene = await scene_for(interaction, Role.TREASURER)
        member_id = await pickers.member_of(scene, member)
        left_on = await day_of(scene, day, "left_on")
        await propose(interaction, _leaving(scene, locale_of(interaction), member_id, left_on))

    @app_commands.command(**command("club member rejoin"))
    @options("club member rejoin", "member")
    @app_commands.autocomplete(member=pickers.all_members)
    async def rejoin(self, interaction: Interaction, member: str) -> None:
        """Somebody who left is back."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        back = await scene.services.db.write(
            roster.rejoin, scene.actor, await pickers.member_of(scene, member)
        )
        locale = locale_of(interaction)
        await tell(interaction, t(locale, "members.back", person=cards.person(back, locale)))

    @app_commands.command(**command("club member unlink"))
    @options("club member unlink", "member")
    @app_commands.autocomplete(member=pickers.members)
    async def unlink(self, interaction: Interaction, member: str) -> None:
        """Part a member from their Discord account."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        free = await scene.services.db.write(
            roster.unlink, scene.actor, await pickers.member_of(scene, member)
        )
        locale = locale_of(interaction)
        await tell(interaction, t(locale, "members.unlinked", person=cards.person(free, locale)))

    @app_commands.command(**command("club member merge"))
    @options("club member merge", "member", "into")
    @app_commands.autocomplete(member=pickers.all_members, into=pickers.members)
    async def merge(self, interaction: Interaction, member: str, into: str) -> None:
        """Make two entries of one person one; there is no way back."""
        scene = await scene_for(interaction, Role.TREASURER)
        merged, kept = await pickers.member_of(scene, member), await pickers.member_of(scene, into)
        await propose(interaction, merge_proposal(scene, locale_of(interaction), merged, kept))

    @app_commands.command(**command("club member move"))
    @options("club member move", "member", "account")
    @app_commands.autocomplete(member=pickers.members)
    async def move(self, interaction: Interaction, member: str, account: discord.User) -> None:
        """Link a member to another Discord account."""
        scene = await scene_for(interaction, Role.TREASURER)
        member_id = await pickers.member_of(scene, member)
        await propose(interaction, move_proposal(scene, locale_of(interaction), member_id, account.id))

    @app_commands.command(**command("club member balance"))
    @options("club member balance", "member", "kind", "amount", "day", "due")
    @app_commands.choices(kind=[choice(key, value) for value, key in BALANCES.items()])
    @app_commands.autocomplete(member=pickers.members)
    async def balance(
        self,
        interaction: Interaction,
        member: str,
        kind: str,
        amount: str,
        day: str | None = None,
        due: str | None = None,
    ) -> None:
        """What a member owed, or had paid ahead, when the club began with these books."""
        scene = await scene_for(interaction, Role.TREASURER)
        money = amount_of(scene, amount, "balance")
        on, due_on = await day_of(scene, day, "on"), await day_of(scene, due, "due_on")
        member_id = await pickers.member_of(scene, member)
        locale = locale_of(interaction)
        proposal = Proposal(
            db=scene.services.db,
            locale=locale,
            fn=opening_balances.set_balance,
            args=(scene.actor, member_id, money if kind == "owes" else -money, on),
            kwargs={"due_on": due_on},
            preview=lambda result: _balance_lines(result, locale, on, "members.balance_question"),
            label=lambda result: t(locale, "members.balance_button", amount=abs(result.amount)),
            done=lambda result: _balance_lines(result, locale, on, "members.balance_set"),
        )
        await propose(interaction, proposal)

    @app_commands.command(**command("club member list"))
    @options("club member list", "left")
    async def list(self, interaction: Interaction, left: bool = False) -> None:
        """The whole roster: who, which plans, what they owe."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        found = await scene.services.db.read(reports_admin.roster_lines, scene.actor, with_left=left)
        locale = locale_of(interaction)
        if not found:
            await tell(interaction, t(locale, "members.none_yet"), colour=replies.GREY)
            return
        lines = [roster_line(scene.workspace, line, locale) for line in found]
        await replies.answer_all(interaction, listing(t(locale, "members.heading", count=len(found)), lines))


def _text(typed: str | None) -> str | Unset:
    """An option that may be left out, or be made blank with a single hyphen."""
    if typed is None:
        return UNSET
    return "" if typed.strip() == "-" else typed


def _leaving(scene: Scene, locale: str, member_id: MemberId, left_on: date) -> Proposal:
    return Proposal(
        db=scene.services.db,
        locale=locale,
        fn=member_desk.leave,
        args=(scene.actor, member_id, left_on),
        preview=lambda result: _leaving_lines(result, locale, left_on, done=False),
        label=lambda result: t(locale, "members.leave_button", name=result.member.name),
        done=lambda result: _leaving_lines(result, locale, left_on, done=True),
        needless=lambda result: (
            [t(locale, "members.left_already", person=cards.person(result.member, locale))]
            if result.already
            else None
        ),
        style=discord.ButtonStyle.danger,
    )


def _leaving_lines(result: Leaving, locale: str, left_on: date, *, done: bool) -> list[str]:
    person = cards.person(result.member, locale)
    lines = [t(locale, "members.left" if done else "members.leave_question", person=person, day=left_on)]
    key = "members.leave_ended" if done else "members.leave_ends"
    lines += [t(locale, key, plan=one_line(plan.name)) for _, plan in result.ended]
    if result.unlinked is not None:
        account = f"<@{result.unlinked}>"
        lines.append(
            t(locale, "members.leave_unlinked" if done else "members.leave_unlinks", account=account)
        )
    if result.balance_minor:
        amount = result.workspace.money(abs(result.balance_minor))
        key = "members.leave_owes" if result.balance_minor > 0 else "members.leave_credit"
        lines.append(t(locale, key, amount=amount))
    return lines


def _balance_lines(result: BalanceSet, locale: str, on: date, heading: str) -> list[str]:
    lines = [t(locale, heading, person=cards.person(result.member, locale))]
    key = "members.balance_debt" if result.amount.minor > 0 else "members.balance_paid_ahead"
    lines.append(t(locale, key, amount=abs(result.amount), day=on))
    if result.bill is not None and result.bill.settled_minor:
        paid = result.workspace.money(result.bill.settled_minor)
        lines.append(t(locale, "members.balance_settled", amount=paid))
    if result.credit_minor:
        lines.append(t(locale, "members.balance_left", amount=result.workspace.money(result.credit_minor)))
    return lines
