"""Taking a verification or a recorded payment back: what would change, then Confirm."""

from __future__ import annotations

import discord

from cogs.guards import Scene
from cogs.ui import cards
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import reports, reversals
from core.i18n import t
from core.models import PaymentId
from core.payment_changes import BillChange, PaymentChanged


async def propose_undo(interaction: Interaction, scene: Scene, payment_id: PaymentId) -> None:
    """Preview unverify, or cancel for what was recorded by hand; the core asks for rights in both."""
    view = await scene.services.db.read(reports.payment_view, scene.workspace.id, payment_id)
    locale = locale_of(interaction)
    await propose(
        interaction,
        Proposal(
            scene.services.db, locale,
            reversals.cancel if view.payment.recorded else reversals.unverify, (scene.actor, payment_id),
            preview=lambda result: _preview(result, locale),
            label=lambda result: t(locale, "review.button_confirm_undo"),
            done=lambda result: [t(locale, "review.undo_done", payment=result.payment.label)],
            style=discord.ButtonStyle.danger,
        ),
    )  # fmt: skip


def _preview(result: PaymentChanged, locale: str) -> list[str]:
    payment = result.payment
    again = "review.undo_waits_again" if payment.status == "submitted" else "review.undo_cancelled"
    lines = [
        t(locale, "review.undo_question", payment=payment.label),
        t(locale, again, payment=payment.label),
    ]
    lines += [_bill_line(result, change, locale) for change in result.changes]
    if result.credit_before != result.credit_minor:
        before, after = (
            cards.money(result.workspace, minor, locale)
            for minor in (result.credit_before, result.credit_minor)
        )
        name = one_line(result.member.name)
        lines.append(t(locale, "review.undo_credit", name=name, before=before, after=after))
    return lines


def _bill_line(result: PaymentChanged, change: BillChange, locale: str) -> str:
    bill, amount = change.bill, cards.money(result.workspace, change.bill.amount_minor, locale)
    before, after = (
        t(locale, "review.settled_of", settled=cards.money(result.workspace, minor, locale), amount=amount)
        for minor in (change.settled_before, bill.settled_minor)
    )
    return t(
        locale,
        "review.undo_bill",
        bill=bill.label,
        title=cards.title(bill, locale),
        before=before,
        after=after,
    )
