"""A payment as reviewers see it: one card, brought up to date with every step."""

from __future__ import annotations

import discord

from cogs.ui import cards
from cogs.ui.actions import ACTIONS, ActionButton
from cogs.ui.text import escape_markdown, one_line
from core.i18n import t
from core.reports import PaymentView

_COLOURS = {"submitted": cards.AMBER, "verified": cards.GREEN, "rejected": cards.RED, "withdrawn": cards.GREY}
_TITLES = {
    "submitted": "review.title_submitted", "verified": "review.title_verified",
    "rejected": "review.title_rejected", "withdrawn": "review.title_withdrawn",
}  # fmt: skip
_DECIDED = {
    "verified": "review.decided_verified", "rejected": "review.decided_rejected",
    "withdrawn": "review.decided_withdrawn",
}  # fmt: skip
_BUTTONS = {
    "submitted": ("payment:verify", "payment:amount", "payment:reject"),
    "verified": ("payment:undo",),
    "rejected": ("payment:reopen",),
    "withdrawn": (),
}


def payment_card(
    view: PaymentView, locale: str, *, extra: tuple[ActionButton, ...] = (), lead: str = ""
) -> discord.ui.LayoutView:
    """The card: who, how much, for what, how, flags, outcome, and the buttons of its state.

    `lead` stands above it, `extra` buttons beside its own.
    """
    lines, complete = cards.bill_lines(view.workspace, view.lines, locale)
    buttons = [*_own_buttons(view, locale, complete=complete), *extra]
    return cards.card(
        lead,
        _head(view, locale),
        lines,
        "\n".join((*_details(view, locale), *_flags(view, locale), *_times(view, locale))),
        colour=_COLOURS[view.payment.status],
        buttons=buttons,
    )


def payment_lines(view: PaymentView, locale: str) -> list[discord.ui.LayoutView]:
    """Every bill of a payment, over as many messages as it takes."""
    lines = [cards.bill_text(view.workspace, bill, minor, locale) for bill, minor in view.lines]
    heading = t(locale, "review.lines_of", payment=view.payment.label)
    total = cards.total_text(view.workspace, sum(minor for _, minor in view.lines), locale)
    return cards.paged(f"### {heading}", lines, closing=total)


def _own_buttons(view: PaymentView, locale: str, *, complete: bool) -> list[ActionButton]:
    names = list(_BUTTONS[view.payment.status])
    if view.payment.status == "submitted" and view.member_waiting > 1:
        names.append("payment:verify_all")
    if view.proof is not None and view.proof.purged_at is None:
        names.append("payment:proof")
    if not complete:
        names.append("payment:lines")
    return [ACTIONS[name](view.payment.id, locale) for name in names]


def _head(view: PaymentView, locale: str) -> str:
    payment = view.payment
    recorded = payment.recorded and payment.status == "verified"
    title = t(locale, "review.title_recorded" if recorded else _TITLES[payment.status])
    minor = payment.declared_minor if payment.received_minor is None else payment.received_minor
    return "\n".join((
        t(locale, "review.heading", title=title, payment=payment.label),
        cards.person(view.member, locale),
        t(locale, "review.amount", amount=cards.money(view.workspace, minor, locale)),
    ))  # fmt: skip


def _details(view: PaymentView, locale: str) -> list[str]:
    payment, found = view.payment, []
    none = t(locale, "common.method_none")
    declared, confirmed = (one_line(name or none) for name in (view.declared_method, view.confirmed_method))
    if view.confirmed_method and view.confirmed_method != view.declared_method and not payment.recorded:
        found.append(t(locale, "review.method_confirmed", confirmed=confirmed, declared=declared))
    else:
        found.append(t(locale, "review.method", method=declared if view.declared_method else confirmed))
    if payment.note:
        found.append(t(locale, "review.note", note=escape_markdown(payment.note)))
    if payment.status == "rejected":
        found.append(t(locale, "review.reason", reason=escape_markdown(payment.reject_reason)))
    return found


def _flags(view: PaymentView, locale: str) -> list[str]:
    payment, workspace, found = view.payment, view.workspace, []
    if payment.received_minor is not None and payment.received_minor != payment.declared_minor:
        received, declared = (
            cards.money(workspace, minor, locale)
            for minor in (payment.received_minor, payment.declared_minor)
        )
        found.append(t(locale, "review.received_differs", received=received, declared=declared))
    elif view.amount_differs:
        found.append(t(locale, "review.flag_amount"))
    if payment.refunded_minor:
        found.append(
            t(locale, "review.refunded", amount=cards.money(workspace, payment.refunded_minor, locale))
        )
    if view.proof is None and not payment.recorded:
        found.append(t(locale, "review.flag_no_proof"))
    if view.same_proof_as is not None:
        found.append(_same_proof(view, locale))
    if view.own and payment.status in ("verified", "rejected"):
        found.append(t(locale, "review.flag_own"))
    return found


def _same_proof(view: PaymentView, locale: str) -> str:
    """The earlier payment with the same picture, as a link to its card where there is one."""
    payment = f"P-{view.same_proof_as:04d}"
    if view.same_proof_card is not None:
        channel, message = view.same_proof_card
        payment = f"[{payment}](https://discord.com/channels/{view.workspace.guild_id}/{channel}/{message})"
    looks = view.same_proof_kind == "look"
    return t(locale, "review.flag_alike_proof" if looks else "review.flag_same_proof", payment=payment)


def _times(view: PaymentView, locale: str) -> list[str]:
    payment = view.payment
    sent = cards.relative(payment.submitted_at)
    by = cards.who(payment.submitted_by, locale)
    if payment.recorded:
        found = [t(locale, "review.recorded", when=sent, who=by)]
    elif payment.submitted_by == f"discord:{view.member.discord_id}":
        found = [t(locale, "review.sent", when=sent)]
    else:
        found = [t(locale, "review.sent_for", when=sent, who=by)]
    if (
        payment.decided_by
        and payment.status in _DECIDED
        and not (payment.recorded and payment.status == "verified")
    ):
        decided = t(
            locale, _DECIDED[payment.status], when=cards.relative(payment.decided_at),
            who=cards.who(payment.decided_by, locale),
        )  # fmt: skip
        found.append(decided)
    if payment.status == "withdrawn":
        found.append(t(locale, "log.final_cancel" if payment.recorded else "log.final_withdraw"))
    return found
