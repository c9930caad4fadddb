"""Members: `/pay`, the Pay buttons, what was registered, and Withdraw."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import member_links, visits
from cogs.guards import Scene, scene_here, scene_of, workspace_itself
from cogs.member_links import explain_not_linked
from cogs.pay_form import EMPTY, Draft, PayModal, Submission, fits_one_form, picture_of, still_owed
from cogs.pay_steps import PaySteps, Steps
from cogs.translator import command, options
from cogs.ui import cards, limits, pickers, replies
from cogs.ui.actions import ActionButton
from cogs.ui.notice_cards import workspace_buttons
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import escape_markdown, one_line
from core import errors, payments, reports
from core.i18n import format_list, t
from core.models import PaymentId
from core.payment_changes import PaymentChanged
from core.proofs import MAX_PROOF_BYTES
from core.reports import PayForm, PaymentView

log = logging.getLogger(__name__)

assert MAX_PROOF_BYTES <= 25 * 1024 * 1024, "Discord takes no larger uploads from everybody"


async def open_pay(interaction: Interaction, scene: Scene, draft: Draft = EMPTY) -> None:
    """Open the Pay form, or the steps before it, as first response; explain when there is nothing to pay."""
    form = await _form(interaction, scene)
    if form is None:
        return
    draft = still_owed(form, draft)
    if fits_one_form(form, draft):
        few = len(form.groups) <= limits.OPTIONS
        await _show_form(interaction, scene, form, draft, choose_months=few)
        return
    await replies.answer(interaction, _steps(interaction, scene, form, draft))


async def _form(interaction: Interaction, scene: Scene) -> PayForm | None:
    """Read what is owed; None when the answer is that there is nothing, or who should link first."""
    try:
        return await scene.services.db.read(reports.pay_form, scene.actor)
    except errors.NotLinked as error:
        await explain_not_linked(interaction, scene, error)
    except errors.NothingToPay as error:
        await _explain_nothing_owed(interaction, scene, error)
    return None


async def _explain_nothing_owed(interaction: Interaction, scene: Scene, error: errors.NothingToPay) -> None:
    """Say that nothing has to be paid, which submissions wait for review, and where all bills are."""
    locale = locale_of(interaction)
    found = await scene.services.db.read(reports.statement, scene.actor)
    waiting = list(dict.fromkeys(view.waiting.label for view in found.bills if view.waiting))
    said = [replies.domain_text(locale, error)]
    if waiting:
        said.append(t(locale, "pay.waits", payments=format_list(waiting, locale)))
    buttons = workspace_buttons(scene.workspace, locale, "bills")
    colour = cards.AMBER if waiting else cards.GREEN
    await replies.answer(interaction, cards.card("\n".join(said), colour=colour, buttons=buttons))


async def _show_form(
    interaction: Interaction, scene: Scene, form: PayForm, draft: Draft, *, choose_months: bool = True
) -> None:
    async def reopen(again: Interaction, kept: Draft) -> None:
        await open_pay(again, scene, kept)

    modal = PayModal(interaction, scene, form, draft, register, reopen, choose_months=choose_months)
    await modal.show(interaction)


def _steps(
    interaction: Interaction, scene: Scene, form: PayForm, draft: Draft, picture: bytes | None = None
) -> PaySteps:
    keys = [group.key for group in form.groups if draft.keys is None or group.key in draft.keys]
    steps = Steps(
        form,
        frozenset(keys),
        f"discord:{interaction.id}",
        draft.method_id,
        draft.method_fixed,
        draft.note,
        picture,
    )

    async def open_form(again: Interaction, chosen: Draft) -> None:
        await _show_form(again, scene, form, chosen, choose_months=False)

    pages = member_links.are_offered(interaction)
    return PaySteps(scene, locale_of(interaction), steps, register, open_form, pages=pages)


async def register(interaction: Interaction, scene: Scene, submission: Submission) -> None:
    """Submit, and say privately what was registered."""
    await replies.think(interaction)
    services = scene.services
    changed = await services.submit(
        scene.actor, submission.bill_ids, request_id=submission.request_id, method_id=submission.method_id,
        note=submission.note, picture=submission.picture,
    )  # fmt: skip
    view = await services.db.read(reports.show_payment, scene.actor, changed.payment.id)
    left = await services.db.read(_left_minor, scene)
    card = registered(
        view, locale_of(interaction), seen_minor=submission.seen_minor, left_minor=left,
        pages=member_links.are_offered(interaction),
    )  # fmt: skip
    if interaction.response.type is discord.InteractionResponseType.deferred_message_update:
        await replies.update(interaction, card)
    else:
        await replies.answer(interaction, card)
    await visits.note_language(scene, locale_of(interaction))
    await visits.wake(scene, view.member.id)


def _left_minor(tx: Any, scene: Scene) -> int:
    try:
        return reports.pay_form(tx, scene.actor).total_minor
    except errors.NothingToPay:
        return 0


def registered(
    view: PaymentView, locale: str, *, seen_minor: int, left_minor: int = 0, pages: bool = False
) -> discord.ui.LayoutView:
    """Exactly what was registered, with Withdraw; with `pages`, how to add a screenshot in the browser."""
    payment, workspace = view.payment, view.workspace
    amount = cards.money(workspace, payment.declared_minor, locale)
    said = []
    if payment.declared_minor != seen_minor:
        before = cards.money(workspace, seen_minor, locale)
        said.append(t(locale, "pay.registered_amount_changed", before=before, amount=amount))
    if view.declared_method:
        said.append(t(locale, "pay.registered_method", method=one_line(view.declared_method)))
    if payment.note:
        said.append(t(locale, "pay.registered_note", note=escape_markdown(payment.note)))
    said.append(t(locale, "pay.registered_screenshot" if view.proof else "pay.registered_no_screenshot"))
    if left_minor:
        said.append(t(locale, "pay.registered_left", amount=cards.money(workspace, left_minor, locale)))
    if pages and not view.proof:
        said.append(t(locale, "pay.registered_add_screenshot"))
    return cards.card(
        t(locale, "pay.registered", payment=payment.label, amount=amount),
        cards.bill_lines(workspace, view.lines, locale)[0],
        "\n".join(said),
        colour=cards.AMBER,
        buttons=[WithdrawButton(payment.id, locale)],
    )


class PayButton(
    ActionButton, action="workspace:pay", label="common.button_pay", style=discord.ButtonStyle.success
):
    """Opens the Pay form; on the panel, the opened notice and reminders."""

    async def run(self, interaction: Interaction) -> None:
        await open_pay(interaction, await scene_of(interaction, workspace_itself, self.subject_id))


class PayAgainButton(
    ActionButton,
    action="workspace:pay_again",
    label="common.button_pay_again",
    style=discord.ButtonStyle.success,
):
    """The same, under a rejection."""

    async def run(self, interaction: Interaction) -> None:
        await open_pay(interaction, await scene_of(interaction, workspace_itself, self.subject_id))


class WithdrawButton(ActionButton, action="payment:withdraw", label="pay.button_withdraw"):
    """Takes a submission back while it waits."""

    async def run(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        scene = await scene_of(interaction, reports.workspace_of_payment, self.subject_id)
        changed = await scene.services.db.write(payments.withdraw, scene.actor, PaymentId(self.subject_id))
        pages = member_links.are_offered(interaction)
        await replies.update(interaction, withdrawn(changed, locale_of(interaction), pages=pages))


def withdrawn(changed: PaymentChanged, locale: str, *, pages: bool = False) -> discord.ui.LayoutView:
    """Nothing waits any more; `pages`: the next try can be made in the browser, too."""
    amount = cards.money(changed.workspace, changed.payment.declared_minor, locale)
    return cards.card(
        t(locale, "pay.withdrawn", payment=changed.payment.label, amount=amount),
        colour=cards.GREY,
        buttons=workspace_buttons(changed.workspace, locale, "pay", *(["upload"] if pages else []), "bills"),
    )


class PayCog(commands.Cog):
    """`/pay`."""

    @app_commands.command(**command("pay"))
    @options("pay", "screenshot", "method", "note", "browser")
    @app_commands.guild_only()
    async def pay(
        self,
        interaction: Interaction,
        screenshot: discord.Attachment | None = None,
        method: app_commands.Range[str, 1, 100] | None = None,
        note: app_commands.Range[str, 1, payments.NOTE_CHARACTERS] | None = None,
        browser: bool = False,
    ) -> None:
        """Open the form; with a screenshot, register at once, or ask for the months alone.

        `browser`: a link to the upload page instead of the form; a screenshot that is here already counts.
        """
        if screenshot is not None or browser:
            await replies.think(interaction)
        scene = await scene_here(interaction)
        if browser and screenshot is None:
            await member_links.give_upload_link(interaction, scene)
            return
        method_id = await pickers.method_of(scene, method) if method else None
        draft = Draft(None, method_id, method is not None, note or "")
        if screenshot is None:
            await open_pay(interaction, scene, draft)
        else:
            await _pay_with(interaction, scene, draft, screenshot)

    @pay.autocomplete("method")
    async def _suggest_methods(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await pickers.payment_methods(interaction, current)


async def _pay_with(
    interaction: Interaction, scene: Scene, draft: Draft, screenshot: discord.Attachment
) -> None:
    """The picture is copied at once. One month: nothing to ask. Several: which ones?"""
    picture = await picture_of(screenshot)
    form = await _form(interaction, scene)
    if form is None:
        return
    if len(form.groups) > 1:
        await replies.answer(interaction, _steps(interaction, scene, form, draft, picture))
        return
    bill_ids = tuple(bill.id for bill in form.groups[0].bills)
    request_id = f"discord:{interaction.id}"
    await register(
        interaction, scene,
        Submission(bill_ids, form.total_minor, request_id, draft.method_id, draft.note, picture),
    )  # fmt: skip


async def setup(bot: commands.Bot) -> None:
    """Called when this extension is loaded."""
    await bot.add_cog(PayCog())
