"""Undo below a line of the admin log: what would change, then Confirm; what stands in the way is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from cogs.club.seat_words import changed_lines
from cogs.club.undo_words import UndoWords
from cogs.guards import scene_of
from cogs.ui import cards, replies
from cogs.ui.actions import ActionButton
from cogs.ui.confirm import Proposal, propose
from cogs.ui.log_cards import sentence
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import undo
from core.admin_log import LogLine
from core.closing import PeriodMoved
from core.corrections import BillCorrected, ChargeVoided
from core.i18n import format_period, t
from core.import_undo import Undone as ImportUndone
from core.models import Bill, Member, Workspace
from core.payment_changes import PaymentChanged
from core.period import Period, parse_date
from core.plans import PlanView
from core.resync import Retracted
from core.roster import Left
from core.seat_undo import SeatUndone
from core.subscriptions import SubscriptionChanged
from core.undo import Undone


class UndoButton(ActionButton, action="log:undo", label="log.button_undo"):
    """Takes back what the line says; its id is the line's."""

    async def run(self, interaction: Interaction) -> None:
        scene = await scene_of(interaction, undo.workspace_of_line, self.subject_id)
        await replies.think(interaction)
        locale = locale_of(interaction)
        proposal = Proposal(
            scene.services.db, locale, undo.undo, (scene.actor, self.subject_id),
            preview=lambda found: [
                t(locale, "log.undo_question", line=sentence(found.line, locale)), *_effects(found, locale),
            ],
            label=lambda found: t(locale, "log.undo_confirm"),
            done=lambda found: [
                t(locale, "log.undo_done", line=sentence(found.line, locale)), *_effects(found, locale),
            ],
            style=discord.ButtonStyle.danger,
        )  # fmt: skip
        await propose(interaction, proposal)


def _effects(undone: Undone, locale: str) -> list[str]:
    """What taking back does, a line for each thing that changes."""
    lines = list(_result(undone.workspace, undone.line, undone.result, locale))
    return lines or [t(locale, "log.undo_as_before")]


def _result(workspace: Workspace, line: LogLine, result: Any, locale: str) -> Iterator[str]:
    match result:
        case PaymentChanged():
            yield from _payment(result, locale)
        case BillCorrected():
            yield from _bill(result, locale)
        case ChargeVoided():
            yield from _charge(result, locale)
        case SeatUndone():
            yield from changed_lines(workspace, result.changed, locale, "log.undo_seat")
            for bill in result.voided:
                yield _bill_voided(workspace, bill, locale)
        case SubscriptionChanged():
            yield from changed_lines(workspace, result, locale, "log.undo_seat")
        case Retracted():
            minor = sum(bill.from_minor for bill in result.voided)
            yield t(
                locale, "log.undo_retract", period=result.period, count=len(result.voided),
                amount=cards.money(workspace, minor, locale),
            )  # fmt: skip
            if result.frozen:
                yield t(locale, "log.undo_frozen", count=result.frozen)
        case PeriodMoved():
            key = "log.undo_period_open" if result.status == "open" else "log.undo_period_closed"
            yield t(locale, key, period=result.period)
        case ImportUndone():
            yield from UndoWords(locale).details(result)
        case Member():
            yield _person(line, result, locale)
        case Left():
            day = parse_date(result.member.left_on or "")
            yield t(locale, "log.undo_leave", name=one_line(result.member.name), day=day)
        case PlanView() if line.action == "plan.price":
            before = cards.money(workspace, line.before["price"], locale)
            month = format_period(Period(line.after["from"]), locale)
            yield t(locale, "log.undo_price", plan=one_line(result.plan.name), before=before, period=month)


def _person(line: LogLine, member: Member, locale: str) -> str:
    if line.action == "member.leave":
        return t(locale, "log.undo_rejoin", name=one_line(member.name))
    account = f"<@{member.discord_id}>" if member.discord_id else t(locale, "log.no_account")
    return t(locale, "log.undo_account", name=one_line(member.name), linked=account)


def _charge(result: ChargeVoided, locale: str) -> Iterator[str]:
    """One bill by itself; of many, how many they are, since all are of one amount and one wording."""
    first = result.results[0]
    if len(result.results) == 1:
        yield from _bill(first, locale)
        return
    total = sum(done.before.amount_minor for done in result.results)
    yield t(
        locale, "log.undo_charge", count=len(result.results), title=cards.title(first.bill, locale),
        amount=cards.money(first.workspace, total, locale),
    )  # fmt: skip


def _payment(result: PaymentChanged, locale: str) -> Iterator[str]:
    again = result.payment.status == "submitted"
    key = "log.undo_payment_submitted" if again else "log.undo_payment_withdrawn"
    yield t(locale, key, payment=result.payment.label)
    for change in result.changes:
        before, after = change.settled_before, change.bill.settled_minor
        if before != after:
            yield _change(result.workspace, change.bill, "log.undo_bill", before, after, locale)
    if result.credit_before != result.credit_minor:
        before, after = result.credit_before, result.credit_minor
        yield t(
            locale, "log.undo_credit", name=one_line(result.member.name),
            before=cards.money(result.workspace, before, locale),
            after=cards.money(result.workspace, after, locale),
        )  # fmt: skip


def _bill(result: BillCorrected, locale: str) -> Iterator[str]:
    was, now, workspace = result.before, result.bill, result.workspace
    if now.status == "void":
        yield _bill_voided(workspace, was, locale)
        return
    if was.amount_minor != now.amount_minor:
        yield _change(workspace, now, "log.undo_amount", was.amount_minor, now.amount_minor, locale)
    if was.waived_minor != now.waived_minor:
        yield _change(workspace, now, "log.undo_waived", was.waived_minor, now.waived_minor, locale)


def _bill_voided(workspace: Workspace, bill: Bill, locale: str) -> str:
    amount = cards.money(workspace, bill.amount_minor, locale)
    return t(locale, "log.undo_void", bill=bill.label, title=cards.title(bill, locale), amount=amount)


def _change(workspace: Workspace, bill: Bill, key: str, before: int, after: int, locale: str) -> str:
    return t(
        locale, key, bill=bill.label, title=cards.title(bill, locale),
        before=cards.money(workspace, before, locale), after=cards.money(workspace, after, locale),
    )  # fmt: skip
