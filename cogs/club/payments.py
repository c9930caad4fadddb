"""`/club payment`: money that came without a submission, and taking back what was booked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, amount_of, day_of, listing, scene_for, tell, today_of
from cogs.club.payment_words import PaymentWords, payment_line
from cogs.guards import Scene
from cogs.translator import choice, command, options
from cogs.ui import pickers, replies
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from cogs.verify_all import ask_verify_all
from core import errors, payments, reports, reports_admin, reversals
from core.access import Role
from core.i18n import t
from core.models import PaymentId

MOST_LISTED = 200
STATUSES = {
    "submitted": "payment_status.submitted", "verified": "payment_status.verified",
    "rejected": "payment_status.rejected", "withdrawn": "payment_status.withdrawn",
}  # fmt: skip


class PaymentGroup(ClubGroup):
    """Payments, from the treasurer's side."""

    @app_commands.command(**command("club payment record"))
    @options("club payment record", "member", "amount", "method", "day", "note")
    @app_commands.autocomplete(member=pickers.all_members, method=pickers.payment_methods)
    async def record(
        self,
        interaction: Interaction,
        member: str,
        amount: str,
        method: str | None = None,
        day: str | None = None,
        note: str = "",
    ) -> None:
        """Money that arrived without a submission; it settles what is open, the oldest first."""
        scene = await scene_for(interaction, Role.REVIEWER)
        money = amount_of(scene, amount)
        received_on = await day_of(scene, day, "date")
        if received_on > await today_of(scene):
            raise errors.DateTooLate(field="date", latest=await today_of(scene))
        member_id = await pickers.member_of(scene, member)
        method_id = None if method is None else await pickers.method_of(scene, method)
        words = PaymentWords(locale_of(interaction))
        proposal = Proposal(
            db=scene.services.db,
            locale=words.locale,
            fn=payments.record,
            args=(scene.actor, member_id, money),
            kwargs={
                "request_id": f"discord:{interaction.id}", "method_id": method_id, "note": note,
                "received_on": str(received_on),
            },
            preview=lambda result: words.record_preview(result, received_on),
            label=lambda result: t(words.locale, "payments.record_button", amount=money),
            done=words.recorded,
            needless=words.repeated,
        )  # fmt: skip
        await propose(interaction, proposal)

    @app_commands.command(**command("club payment unverify"))
    @options("club payment unverify", "payment")
    @app_commands.autocomplete(payment=pickers.verified_submissions)
    async def unverify(self, interaction: Interaction, payment: str) -> None:
        """Take a verification back: the submission waits again."""
        scene = await scene_for(interaction, Role.REVIEWER)
        await _undo(interaction, scene, reversals.unverify, pickers.payment_of(payment), "unverify")

    @app_commands.command(**command("club payment cancel"))
    @options("club payment cancel", "payment")
    @app_commands.autocomplete(payment=pickers.recorded_payments)
    async def cancel(self, interaction: Interaction, payment: str) -> None:
        """Take a recorded payment back, as if it had not been."""
        scene = await scene_for(interaction, Role.REVIEWER)
        await _undo(interaction, scene, reversals.cancel, pickers.payment_of(payment), "cancel")

    @app_commands.command(**command("club payment refund"))
    @options("club payment refund", "payment", "amount")
    @app_commands.autocomplete(payment=pickers.verified_payments)
    async def refund(self, interaction: Interaction, payment: str, amount: str) -> None:
        """Say that part or all of a payment was given back."""
        scene = await scene_for(interaction, Role.TREASURER)
        money, payment_id = amount_of(scene, amount), pickers.payment_of(payment)
        words = PaymentWords(locale_of(interaction))
        proposal = Proposal(
            db=scene.services.db,
            locale=words.locale,
            fn=reversals.refund,
            args=(scene.actor, payment_id, money),
            preview=lambda result: words.changed(result, "payments.refund_question", amount=money),
            label=lambda result: t(words.locale, "payments.refund_button", amount=money),
            done=lambda result: words.changed(result, "payments.refunded", amount=money),
            style=discord.ButtonStyle.danger,
        )
        await propose(interaction, proposal)

    @app_commands.command(**command("club payment reject"))
    @options("club payment reject", "payment", "reason")
    @app_commands.autocomplete(payment=pickers.undecided_or_verified)
    async def reject(self, interaction: Interaction, payment: str, reason: str) -> None:
        """Reject a submission, also one that was verified before."""
        scene = await scene_for(interaction, Role.REVIEWER)
        payment_id = pickers.payment_of(payment)
        view = await scene.services.db.read(reports.show_payment, scene.actor, payment_id)
        fn = reversals.reject_after_all if view.payment.status == "verified" else payments.reject
        await _undo(interaction, scene, fn, payment_id, "reject", reason, note=reason)

    @app_commands.command(**command("club payment reopen"))
    @options("club payment reopen", "payment")
    @app_commands.autocomplete(payment=pickers.rejected_payments)
    async def reopen(self, interaction: Interaction, payment: str) -> None:
        """Put a rejected submission back into the queue."""
        scene = await scene_for(interaction, Role.REVIEWER)
        await _undo(interaction, scene, payments.reopen, pickers.payment_of(payment), "reopen")

    @app_commands.command(**command("club payment verifyall"))
    @options("club payment verifyall", "member")
    @app_commands.autocomplete(member=pickers.all_members)
    async def verify_all(self, interaction: Interaction, member: str) -> None:
        """Verify everything of a member that waits, each as stated."""
        scene = await scene_for(interaction, Role.REVIEWER)
        await ask_verify_all(interaction, scene, await pickers.member_of(scene, member))

    @app_commands.command(**command("club payment list"))
    @options("club payment list", "status", "member")
    @app_commands.choices(status=[choice(key, value) for value, key in STATUSES.items()])
    @app_commands.autocomplete(member=pickers.all_members)
    async def list(
        self, interaction: Interaction, status: str | None = None, member: str | None = None
    ) -> None:
        """The newest payments, of everybody or of one member."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        member_id = None if member is None else await pickers.member_of(scene, member)
        found = await scene.services.db.read(
            reports_admin.payments, scene.actor, member_id=member_id, status=status, limit=MOST_LISTED + 1
        )
        locale = locale_of(interaction)
        if not found:
            await tell(interaction, t(locale, "payments.none"), colour=replies.GREY)
            return
        lines = [
            payment_line(scene.workspace, payment, name, locale) for payment, name in found[:MOST_LISTED]
        ]
        more = len(found) > MOST_LISTED
        heading = t(locale, "payments.heading_newest" if more else "payments.heading", count=len(lines))
        closing = t(locale, "payments.more") if more else ""
        await replies.answer_all(interaction, listing(heading, lines, closing=closing))


_WORDS = {
    "unverify": ("payments.unverify_question", "payments.unverified", "payments.unverify_button"),
    "cancel": ("payments.cancel_question", "payments.cancelled", "payments.cancel_button"),
    "reject": ("payments.reject_question", "payments.rejected", "payments.reject_button"),
    "reopen": ("payments.reopen_question", "payments.reopened", "payments.reopen_button"),
}


async def _undo(
    interaction: Interaction,
    scene: Scene,
    fn: Callable[..., Any],
    payment_id: PaymentId,
    action: str,
    *args: str,
    note: str = "",
) -> None:
    """Preview what becomes of a payment, and ask; `args` are the use case's further ones."""
    await replies.think(interaction)
    view = await scene.services.db.read(reports.show_payment, scene.actor, payment_id)
    words = PaymentWords(locale_of(interaction))
    question, done, label = _WORDS[action]
    minor = view.payment.received_minor or view.payment.declared_minor
    amount = view.workspace.money(minor)
    proposal = Proposal(
        db=scene.services.db,
        locale=words.locale,
        fn=fn,
        args=(scene.actor, payment_id, *args),
        preview=lambda result: words.changed(result, question, amount=amount, note=note),
        label=lambda result: t(words.locale, label, payment=view.payment.label, amount=amount),
        done=lambda result: words.changed(result, done, amount=amount, note=note),
        style=discord.ButtonStyle.danger,
    )
    await propose(interaction, proposal)
