"""Changes of a subscription: what they do in words, and those that are asked before they are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import discord

from cogs.guards import Scene
from cogs.ui import cards
from cogs.ui.confirm import Proposal
from cogs.ui.text import one_line
from core import subscriptions
from core.i18n import t
from core.models import Bill, SubscriptionId, Workspace
from core.period import parse_date
from core.subscriptions import SubscriptionChanged

ENDINGS = {
    "now": "subscriptions.end_now", "period": "subscriptions.end_period", "never": "subscriptions.end_never",
}  # fmt: skip


def changed_lines(
    workspace: Workspace, done: SubscriptionChanged, locale: str, key: str, **params: Any
) -> list[str]:
    """What happened, which bills it made, and which unpaid ones cover days that are gone now."""
    person, plan = cards.person(done.member, locale), one_line(done.plan.name)
    lines = [t(locale, key, person=person, plan=plan, **params)]
    if done.made:
        lines += [t(locale, "subscriptions.billed"), *_bills(workspace, done.made, locale)]
    if done.affected:
        lines += [t(locale, "subscriptions.affected"), *_bills(workspace, done.affected, locale)]
    return lines


def end_proposal(scene: Scene, locale: str, seat: SubscriptionId, when: str, last: date | None) -> Proposal:
    """Ending a subscription "now", with the "period", after a "day", or "never": a planned end taken back."""
    use_cases: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
        "now": (subscriptions.end_now, ()), "period": (subscriptions.end_with_period, ()),
        "day": (subscriptions.end, (last,)), "never": (subscriptions.end, (None,)),
    }  # fmt: skip
    fn, args = use_cases[when]

    def lines(done: SubscriptionChanged, ending: str, going_on: str) -> list[str]:
        if done.subscription.ends_on is None:
            return changed_lines(scene.workspace, done, locale, going_on)
        day = parse_date(done.subscription.ends_on)
        return changed_lines(scene.workspace, done, locale, ending, day=day)

    def label(done: SubscriptionChanged) -> str:
        if done.subscription.ends_on is None:
            return t(locale, "subscriptions.go_on_button")
        return t(locale, "subscriptions.end_button", day=parse_date(done.subscription.ends_on))

    return Proposal(
        db=scene.services.db,
        locale=locale,
        fn=fn,
        args=(scene.actor, seat, *args),
        preview=lambda done: lines(done, "subscriptions.end_question", "subscriptions.go_on_question"),
        label=label,
        done=lambda done: lines(done, "subscriptions.ended", "subscriptions.goes_on"),
        style=discord.ButtonStyle.danger,
    )


def billing_day_proposal(scene: Scene, locale: str, seat: SubscriptionId, day: int | None) -> Proposal:
    """Giving a subscription a billing day of its own, or the club's again."""
    shown = str(day or scene.workspace.billing_day)
    own = day is not None

    def lines(done: SubscriptionChanged, key: str, club_key: str) -> list[str]:
        return changed_lines(scene.workspace, done, locale, key if own else club_key, day=shown)

    return Proposal(
        db=scene.services.db,
        locale=locale,
        fn=subscriptions.set_billing_day,
        args=(scene.actor, seat, day),
        preview=lambda done: lines(
            done, "subscriptions.billing_day_question", "subscriptions.billing_day_club_question"
        ),
        label=lambda done: t(locale, "subscriptions.billing_day_button", day=shown),
        done=lambda done: lines(done, "subscriptions.billing_day_set", "subscriptions.billing_day_club"),
    )


def _bills(workspace: Workspace, bills: Sequence[Bill], locale: str) -> list[str]:
    return [cards.bill_text(workspace, bill, bill.amount_minor, locale) for bill in bills]
