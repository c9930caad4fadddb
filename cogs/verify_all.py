"""Verifying everything of a member that waits: what is shown is done, one by one, and said honestly."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from cogs.guards import Scene
from cogs.ui import cards, limits, replies
from cogs.ui.replies import Interaction, domain_text, locale_of
from cogs.ui.views import BaseView, button, row
from core import reports_bills
from core.i18n import t
from core.models import Member, MemberId, Payment, Workspace
from core.services import VerifiedAll


async def ask_verify_all(interaction: Interaction, scene: Scene, member_id: MemberId) -> None:
    """List what waits, and ask."""
    await replies.think(interaction)
    member, waiting = await scene.services.db.read(reports_bills.waiting_of, scene.actor, member_id)
    locale = locale_of(interaction)
    if not waiting:
        text = t(locale, "verify_all.nothing", person=cards.person(member, locale))
        await replies.answer(interaction, replies.say(text, colour=replies.GREY))
        return
    *earlier, last = limits.pack(_question(scene.workspace, member, waiting, locale))
    await replies.answer_all(interaction, [replies.say(text, colour=replies.AMBER) for text in earlier])
    await replies.answer(interaction, VerifyAllView(scene, member, waiting, last, locale))


async def verify_all(
    interaction: Interaction, scene: Scene, member_id: MemberId, waiting: Sequence[Payment] | None = None
) -> list[discord.ui.LayoutView]:
    """Verify what waits, or only what was shown; the answer names every payment and what became of it."""
    ids = None if waiting is None else [payment.id for payment in waiting]
    done = await scene.services.verify_all(scene.actor, member_id, ids)
    locale = locale_of(interaction)
    return outcome(scene.workspace, done, locale)


def outcome(workspace: Workspace, done: VerifiedAll, locale: str) -> list[discord.ui.LayoutView]:
    """What went through, with the sum, and what did not, with the reason of each."""
    total = sum(changed.payment.received_minor or 0 for changed in done.verified)
    heading = t(
        locale, "verify_all.done", count=len(done.verified), amount=cards.money(workspace, total, locale)
    )
    lines = [
        t(locale, "verify_all.one_done", payment=changed.payment.label,
          amount=cards.money(workspace, changed.payment.received_minor or 0, locale))
        for changed in done.verified
    ]  # fmt: skip
    if done.failed:
        lines.append(t(locale, "verify_all.failed", count=len(done.failed)))
        lines += [
            t(
                locale,
                "verify_all.one_failed",
                payment=f"P-{payment_id:04d}",
                reason=domain_text(locale, error),
            )
            for payment_id, error in done.failed
        ]
    return cards.paged(heading, lines, colour=cards.AMBER if done.failed else cards.GREEN)


class VerifyAllView(BaseView):
    """The end of the list with the two buttons under it."""

    def __init__(
        self, scene: Scene, member: Member, waiting: Sequence[Payment], text: str, locale: str
    ) -> None:
        super().__init__()
        self.scene, self.member, self.waiting, self.locale = scene, member, waiting, locale
        amount = cards.money(scene.workspace, sum(payment.declared_minor for payment in waiting), locale)
        label = t(locale, "verify_all.button", count=len(waiting), amount=amount)
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(text),
                row(
                    button(limits.shorten(label, 80), self.confirm, style=discord.ButtonStyle.success),
                    button(t(locale, "confirm.cancel"), self.cancel),
                ),
                accent_colour=replies.AMBER,
            )
        )

    async def confirm(self, interaction: Interaction) -> None:
        """Verify exactly those that were listed."""
        await replies.hold(interaction)
        first, *rest = await verify_all(interaction, self.scene, self.member.id, self.waiting)
        await self.replace(interaction, first)
        await replies.answer_all(interaction, rest)

    async def cancel(self, interaction: Interaction) -> None:
        """Leave everything as it is."""
        await self.replace(interaction, replies.say(t(self.locale, "confirm.cancelled"), colour=replies.GREY))


def _question(workspace: Workspace, member: Member, waiting: Sequence[Payment], locale: str) -> list[str]:
    lines = [t(locale, "verify_all.question", person=cards.person(member, locale), count=len(waiting))]
    lines += [
        t(locale, "verify_all.line", payment=payment.label,
          amount=cards.money(workspace, payment.declared_minor, locale),
          when=cards.relative(payment.submitted_at))
        for payment in waiting
    ]  # fmt: skip
    return lines
