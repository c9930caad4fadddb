"""Requests about a name, as reviewers see them, and the answer for whoever asked."""

from __future__ import annotations

import discord

from cogs.ui import cards
from cogs.ui.actions import ACTIONS
from cogs.ui.text import one_line
from core.i18n import t
from core.models import Workspace
from core.reports_members import LinkView

_BUTTONS = {
    ("link", "waiting"): ("link:approve", "link:decline"),
    ("link", "approved"): ("link:undo",),
    ("dispute", "waiting"): ("dispute:give", "dispute:keep"),
}
_COLOURS = {"waiting": cards.AMBER, "approved": cards.GREEN, "declined": cards.RED, "undone": cards.GREY}
_DECIDED = {
    ("link", "approved"): "link.card_approved", ("link", "declined"): "link.card_declined",
    ("link", "undone"): "link.card_undone", ("dispute", "approved"): "link.card_given",
    ("dispute", "declined"): "link.card_kept", ("dispute", "undone"): "link.card_undone",
}  # fmt: skip
_WAY_ON = {
    ("link", "declined"): "link.card_ask_again", ("dispute", "approved"): "link.card_move_again",
    ("dispute", "declined"): "link.card_move_again",
}  # fmt: skip
"""Where a card has no Undo: what to do instead."""
_RESULTS = {
    ("link", "approved"): "link.result_approved", ("link", "declined"): "link.result_declined",
    ("link", "undone"): "link.result_undone", ("dispute", "approved"): "link.result_dispute_approved",
    ("dispute", "declined"): "link.result_dispute_declined", ("dispute", "undone"): "link.result_undone",
}  # fmt: skip


def link_card(view: LinkView, locale: str) -> discord.ui.LayoutView:
    """Who wants which name, who holds it, and the buttons of its state."""
    request = view.request
    names = _BUTTONS.get((request.kind, request.status), ())
    if request.kind == "link" and request.status == "approved" and view.holder_id != request.discord_id:
        names = ()  # somebody else holds it by now, or nobody: nothing to undo
    account = t(locale, "common.by_account", account=str(request.discord_id))
    heading = "link.card_dispute" if request.kind == "dispute" else "link.card_link"
    return cards.card(
        t(locale, heading, account=account, name=one_line(view.member.name)),
        "\n".join(_facts(view, locale)),
        colour=_COLOURS[request.status],
        buttons=[ACTIONS[name](request.id, locale) for name in names],
    )


def asked_before(workspace: Workspace, name: str, locale: str) -> discord.ui.LayoutView:
    """A wish for a name that nobody has answered yet, with the button that takes it back."""
    text = t(locale, "link.asked_before", name=one_line(name))
    back = ACTIONS["workspace:unask"](workspace.id, locale)
    return cards.card(text, colour=cards.AMBER, buttons=[back])


def link_result(view: LinkView, status: str, locale: str) -> discord.ui.LayoutView:
    """What came of a request, for whoever asked."""
    text = t(
        locale, _RESULTS[view.request.kind, status], name=one_line(view.member.name),
        club=one_line(view.workspace.name),
    )  # fmt: skip
    linked = status == "approved"
    names = ("workspace:pay", "workspace:bills") if linked else ("workspace:link",)
    colour = cards.GREEN if linked else cards.GREY
    return cards.card(
        text, colour=colour, buttons=[ACTIONS[name](view.workspace.id, locale) for name in names]
    )


def _facts(view: LinkView, locale: str) -> list[str]:
    request, member = view.request, view.member
    found = [t(locale, "link.card_member", name=one_line(member.name), member=member.label)]
    if view.holder_id is not None:
        holder = t(locale, "common.by_account", account=str(view.holder_id))
        found.append(t(locale, "link.card_holder", account=holder))
    else:
        found.append(t(locale, "link.card_free"))
    if view.has_history and request.status == "waiting":
        found.append(t(locale, "link.card_history"))
    found.append(t(locale, "link.card_asked", when=cards.relative(request.requested_at)))
    found.append(_outcome(view, locale))
    if key := _WAY_ON.get((request.kind, request.status)):
        found.append(t(locale, key))
    return found


def _outcome(view: LinkView, locale: str) -> str:
    request = view.request
    if request.status == "waiting":
        return t(locale, "link.card_waiting")
    when = cards.relative(request.decided_at)
    if request.decided_by == f"discord:{request.discord_id}" and request.status == "approved":
        return t(locale, "link.card_at_once", when=when)
    account = t(locale, "common.by_account", account=str(request.discord_id))
    by = cards.who(request.decided_by, locale)
    return t(locale, _DECIDED[request.kind, request.status], when=when, who=by, account=account)
