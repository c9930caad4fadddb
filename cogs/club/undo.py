"""Undo below a line of the admin log: what would change, then Confirm; what stands in the way is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from cogs.guards import scene_of
from cogs.ui import cards, replies
from cogs.ui.actions import ActionButton
from cogs.ui.confirm import Proposal, propose
from cogs.ui.log_cards import sentence
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import undo
from core.closing import PeriodMoved
from core.corrections import BillCorrected
from core.i18n import t
from core.import_undo import Undone as ImportUndone
from core.models import Bill, Member, Workspace
from core.payment_changes import PaymentChanged
from core.resync import Retracted
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
    results = getattr(undone.result, "results", (undone.result,))
    lines = [line for result in results for line in _result(undone.workspace, result, locale)]
    return lines or [t(locale, "log.undo_as_before")]


def _result(workspace: Workspace, result: Any, locale: str) -> Iterator[str]:
    match result:
        case PaymentChanged():
            yield from _payment(result, locale)
        case BillCorrected():
            yield from _bill(result, locale)
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
            yield t(locale, "log.undo_import", **{name: str(n) for name, n in result.counts.items()})
        case Member():
            yield t(locale, "log.undo_rejoin", name=one_line(result.name))


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
        amount = cards.money(workspace, was.amount_minor, locale)
        yield t(locale, "log.undo_void", bill=now.label, title=cards.title(now, locale), amount=amount)
        return
    if was.amount_minor != now.amount_minor:
        yield _change(workspace, now, "log.undo_amount", was.amount_minor, now.amount_minor, locale)
    if was.waived_minor != now.waived_minor:
        yield _change(workspace, now, "log.undo_waived", was.waived_minor, now.waived_minor, locale)


def _change(workspace: Workspace, bill: Bill, key: str, before: int, after: int, locale: str) -> str:
    return t(
        locale, key, bill=bill.label, title=cards.title(bill, locale),
        before=cards.money(workspace, before, locale), after=cards.money(workspace, after, locale),
    )  # fmt: skip
