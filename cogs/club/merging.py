"""Merging two entries of one person, and moving a member to another account: previews and outcomes."""

from __future__ import annotations

import discord

from cogs.guards import Scene
from cogs.ui import cards
from cogs.ui.confirm import Proposal
from cogs.ui.text import one_line
from core import member_desk, merging
from core.i18n import format_list, t
from core.member_desk import AccountMoved
from core.merging import Merged
from core.models import MemberId

_TAKEN = {"account": "merging.account", "email": "fields.email", "note": "fields.note"}


def merge_proposal(scene: Scene, locale: str, member_id: MemberId, into_id: MemberId) -> Proposal:
    """Merge the first entry into the second."""
    return Proposal(
        db=scene.services.db,
        locale=locale,
        fn=merging.merge,
        args=(scene.actor, member_id, into_id),
        preview=lambda result: [*_merged(result, locale, "merging.question"), t(locale, "merging.final")],
        label=lambda result: t(locale, "merging.button", member=result.member.label, into=result.into.label),
        done=lambda result: _merged(result, locale, "merging.done"),
        style=discord.ButtonStyle.danger,
    )


def _merged(result: Merged, locale: str, heading: str) -> list[str]:
    money = result.workspace.money
    member, into = cards.person(result.member, locale), cards.person(result.into, locale)
    lines = [
        t(locale, heading, member=member, into=into),
        t(locale, "merging.bills", count=result.bills),
        t(locale, "merging.payments", count=result.payments),
    ]
    if result.plans:
        names = [one_line(plan.name) for plan in result.plans]
        lines.append(t(locale, "merging.plans", plans=format_list(names, locale)))
    if result.taken:
        names = [t(locale, _TAKEN[name]) for name in result.taken]
        lines.append(t(locale, "merging.taken", what=format_list(names, locale)))
    if result.credit_used:
        lines.append(t(locale, "merging.credit_used", amount=money(result.credit_used)))
    key = "merging.owes" if result.balance_minor > 0 else "merging.credit"
    if result.balance_minor:
        lines.append(t(locale, key, amount=money(abs(result.balance_minor))))
    return lines


def move_proposal(scene: Scene, locale: str, member_id: MemberId, discord_id: int) -> Proposal:
    """Link a member to this Discord account instead of the one they have."""
    return Proposal(
        db=scene.services.db,
        locale=locale,
        fn=member_desk.move_account,
        args=(scene.actor, member_id, discord_id),
        preview=lambda moved: _moved(moved, locale, "merging.move_question"),
        label=lambda moved: t(locale, "merging.move_button", name=moved.member.name),
        done=lambda moved: _moved(moved, locale, "merging.moved"),
        needless=lambda moved: None if moved.is_new else [t(locale, "merging.move_same")],
    )


def _moved(moved: AccountMoved, locale: str, heading: str) -> list[str]:
    lines = [t(locale, heading, person=one_line(moved.member.name), account=str(moved.member.discord_id))]
    if moved.before is not None:
        lines.append(t(locale, "merging.move_before", account=str(moved.before)))
    return lines
