"""Reviewers: the buttons of payment cards, and `/review`, which walks through what waits, oldest first.

A card in the review channel is edited in place and stays the record of what happened. On a private card (from
`/review`) the outcome is followed by the next one that waits.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import discord
from discord import app_commands
from discord.ext import commands

from cogs.guards import Scene, scene_here, scene_of
from cogs.review_forms import AmountModal, RejectModal
from cogs.review_undo import propose_undo
from cogs.translator import command
from cogs.ui import cards, payment_cards, replies
from cogs.ui.actions import ActionButton
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.verify_all import verify_all
from core import access, errors, payments, reports, sending
from core.access import Role
from core.db import Tx
from core.i18n import t
from core.models import Actor, NoticeId, PaymentId
from core.payment_changes import PaymentChanged
from core.reports import PaymentView

PROOF_FILE = "proof.webp"

# Such as payments.verify.
Decision = Callable[[Tx, Actor, PaymentId], PaymentChanged]


async def scene_of_payment(interaction: Interaction, payment_id: int) -> Scene:
    """The club whose payment the button names."""
    return await scene_of(interaction, reports.workspace_of_payment, payment_id)


async def show_outcome(interaction: Interaction, scene: Scene, payment_id: int) -> None:
    """Bring the payment's card up to date; on any other message, answer privately and offer the next."""
    read, locale = scene.services.db.read, locale_of(interaction)
    view = await read(reports.payment_view, scene.workspace.id, PaymentId(payment_id))
    if replies.is_on(interaction, await read(reports.card_of, PaymentId(payment_id))):
        await replies.update_posted(interaction, payment_cards.payment_card(view, scene.workspace.locale))
        return
    extra = (NextButton(payment_id, locale),) if view.waiting_count else ()
    await replies.update(interaction, payment_cards.payment_card(view, locale, extra=extra))


async def decide(interaction: Interaction, scene: Scene, decision: Decision, payment_id: int) -> None:
    """Run a decision and show its outcome; when somebody was faster, show theirs and say so."""
    try:
        await scene.services.db.write(decision, scene.actor, PaymentId(payment_id))
    except errors.PaymentMoved:
        card = await scene.services.db.read(reports.card_of, PaymentId(payment_id))
        if replies.is_on(interaction, card) or replies.is_private(interaction):
            await show_outcome(interaction, scene, payment_id)
        raise
    await show_outcome(interaction, scene, payment_id)


def waiting_card(view: PaymentView, locale: str) -> discord.ui.LayoutView:
    """A private card of the walk through what waits."""
    lead = t(locale, "review.waiting", count=view.waiting_count)
    return payment_cards.payment_card(view, locale, extra=(SkipButton(view.payment.id, locale),), lead=lead)


class VerifyButton(
    ActionButton, action="payment:verify", label="review.button_verify", style=discord.ButtonStyle.success
):
    """Verify as declared."""

    async def run(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        scene = await scene_of_payment(interaction, self.subject_id)
        await decide(interaction, scene, payments.verify, self.subject_id)


class AmountButton(ActionButton, action="payment:amount", label="review.button_amount"):
    """Verify with the amount that really arrived."""

    async def run(self, interaction: Interaction) -> None:
        scene = await scene_of_payment(interaction, self.subject_id)
        view = await scene.services.db.read(_for_review, scene.actor, PaymentId(self.subject_id))
        await AmountModal(interaction, scene, view, show_outcome).open(interaction)


class RejectButton(
    ActionButton, action="payment:reject", label="review.button_reject", style=discord.ButtonStyle.danger
):
    """Reject, with a reason."""

    async def run(self, interaction: Interaction) -> None:
        scene = await scene_of_payment(interaction, self.subject_id)
        view = await scene.services.db.read(_for_review, scene.actor, PaymentId(self.subject_id))
        await RejectModal(interaction, scene, view, show_outcome).show(interaction)


class ReopenButton(ActionButton, action="payment:reopen", label="review.button_reopen"):
    """Put a rejected submission back into the queue."""

    async def run(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        scene = await scene_of_payment(interaction, self.subject_id)
        await decide(interaction, scene, payments.reopen, self.subject_id)


class VerifyAllButton(ActionButton, action="payment:verify_all", label="review.button_verify_all"):
    """Verify everything of this member that waits, each as declared; says what became of each."""

    async def run(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        scene = await scene_of_payment(interaction, self.subject_id)
        payment_id = PaymentId(self.subject_id)
        view = await scene.services.db.read(_for_review, scene.actor, payment_id)
        said = await verify_all(interaction, scene, view.member.id)
        await show_outcome(interaction, scene, payment_id)
        await replies.answer_all(interaction, said)


class UndoButton(ActionButton, action="payment:undo", label="review.button_undo"):
    """Take a verification or a recorded payment back, after showing what that changes."""

    async def run(self, interaction: Interaction) -> None:
        scene = await scene_of_payment(interaction, self.subject_id)
        await propose_undo(interaction, scene, PaymentId(self.subject_id))


class ProofButton(ActionButton, action="payment:proof", label="review.button_proof"):
    """Shows the screenshot to the one who asks, and to nobody else."""

    async def run(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        scene = await scene_of_payment(interaction, self.subject_id)
        payment_id, locale = PaymentId(self.subject_id), locale_of(interaction)
        picture = await scene.services.proof(scene.actor, payment_id)
        view = await scene.services.db.read(reports.show_payment, scene.actor, payment_id)
        text = t(locale, "review.proof_of", payment=view.payment.label, name=one_line(view.member.name))
        card = cards.card(text, colour=cards.GREY, media=f"attachment://{PROOF_FILE}")
        await replies.answer(interaction, card, files=[discord.File(io.BytesIO(picture), PROOF_FILE)])


class LinesButton(ActionButton, action="payment:lines", label="review.button_lines"):
    """Every bill of a payment whose card only has the sums."""

    async def run(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        scene = await scene_of_payment(interaction, self.subject_id)
        view = await scene.services.db.read(reports.show_payment, scene.actor, PaymentId(self.subject_id))
        await replies.answer_all(interaction, payment_cards.payment_lines(view, locale_of(interaction)))


class SkipButton(ActionButton, action="payment:skip", label="review.button_skip"):
    """Leave this one waiting and show the next."""

    async def run(self, interaction: Interaction) -> None:
        await _show_next(interaction, self.subject_id)


class NextButton(
    ActionButton, action="payment:next", label="review.button_next", style=discord.ButtonStyle.primary
):
    """After a decision: show the next that waits."""

    async def run(self, interaction: Interaction) -> None:
        await _show_next(interaction, self.subject_id)


async def _show_next(interaction: Interaction, payment_id: int) -> None:
    scene = await scene_of_payment(interaction, payment_id)
    view = await scene.services.db.read(reports.next_waiting, scene.actor, payment_id)
    locale = locale_of(interaction)
    if view is None:
        await replies.update(interaction, replies.say(t(locale, "review.nothing_more"), colour=cards.GREY))
    else:
        await replies.update(interaction, waiting_card(view, locale))


class RetryNoticeButton(ActionButton, action="notice:retry", label="notices.button_retry"):
    """Sends a notice that failed, or of which nobody can tell whether it arrived."""

    async def run(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        scene = await scene_of(interaction, reports.workspace_of_notice, self.subject_id)
        await scene.services.db.write(_retry, scene.actor, NoticeId(self.subject_id))
        await replies.answer(
            interaction, replies.say(t(locale_of(interaction), "notices.retried"), colour=cards.GREEN)
        )


def _for_review(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentView:
    """A payment for a form that decides about it: refused before anything is typed."""
    access.require(tx, actor, Role.REVIEWER)
    return reports.payment_view(tx, actor.workspace_id, payment_id)


def _retry(tx: Tx, actor: Actor, notice_id: NoticeId) -> None:
    access.require(tx, actor, Role.TREASURER)
    sending.retry(tx, actor.workspace_id, notice_id)


class ReviewCog(commands.Cog):
    """`/review`."""

    @app_commands.command(**command("review"))
    @app_commands.guild_only()
    async def review(self, interaction: Interaction) -> None:
        """Show the oldest submission that waits, privately."""
        await replies.think(interaction)
        scene = await scene_here(interaction)
        view = await scene.services.db.read(reports.next_waiting, scene.actor)
        locale = locale_of(interaction)
        if view is None:
            await replies.answer(
                interaction, replies.say(t(locale, "review.nothing_waiting"), colour=cards.GREEN)
            )
        else:
            await replies.answer(interaction, waiting_card(view, locale))


async def setup(bot: commands.Bot) -> None:
    """Called when this extension is loaded."""
    await bot.add_cog(ReviewCog())
