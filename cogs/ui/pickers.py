"""Options that are searched while somebody types: at most 25 fit, the rest is found by typing more.

What is chosen arrives as `M-12`, `plan:3` and the like; whoever types a name instead of choosing one gets the
entry of exactly that name, or the error that names what is unknown. Suggestions are for those who may read
everything; anybody else is suggested nothing.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any

from discord import app_commands

from cogs.guards import Scene, scene_here
from cogs.ui import limits
from cogs.ui.replies import Interaction, locale_of
from core import errors, methods, plans, reports_admin, reports_bills, roster
from core.i18n import format_period, t
from core.models import MemberId, Method, MethodId, Payment, PaymentId, PlanId, SubscriptionId
from core.money import format_money
from core.period import Period
from core.reports_admin import PeriodChoices, Seat
from core.text import name_key

Choice = app_commands.Choice[str]
Picker = Callable[[Interaction, str], Coroutine[Any, Any, list[Choice]]]

STANDINGS = {
    "active": "subscriptions.active",
    "paused": "subscriptions.paused",
    "cancelled": "subscriptions.over",
}
PERIOD_STATUSES = {
    "open": "billing.status_open",
    "closed": "billing.status_closed",
    "draft": "billing.status_draft",
}


def suggest(finder: Callable[[Scene, Interaction, str], Awaitable[Iterable[tuple[str, str]]]]) -> Picker:
    """Make a picker of a search for (label, value); whatever a person may not see is suggested to nobody."""

    @functools.wraps(finder)
    async def pick(interaction: Interaction, current: str) -> list[Choice]:
        try:
            found = await finder(await scene_here(interaction), interaction, current)
        except errors.DomainError:
            return []
        return [app_commands.Choice(name=limits.shorten(label, 100), value=value) for label, value in found][
            : limits.OPTIONS
        ]

    # discord.py counts a callback's parameters, and must not count those of the function behind it.
    del pick.__wrapped__
    return pick


def _fits(current: str, *texts: str) -> bool:
    """Whether what was typed is found in one of the texts."""
    return any(name_key(current) in name_key(text) for text in texts)


# --- members ------------------------------------------------------------------------------------------


async def _members(scene: Scene, current: str, *, with_left: bool) -> list[tuple[str, str]]:
    page = await scene.services.db.read(
        roster.find, scene.actor, current, limit=limits.OPTIONS, with_left=with_left
    )
    return [(f"{limits.shorten(member.name, 80)} · {member.label}", member.label) for member in page.members]


@suggest
async def members(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """People who are in the club."""
    return await _members(scene, current, with_left=False)


@suggest
async def all_members(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """The same, with those who left."""
    return await _members(scene, current, with_left=True)


async def member_of(scene: Scene, typed: str) -> MemberId:
    """The member that was chosen or typed, by number or exact name. Raises MemberUnknown, MemberUnclear."""
    number = _number(typed, "M")
    if number is not None:
        await scene.services.db.read(reports_bills.people, scene.actor, [MemberId(number)])
        return MemberId(number)
    page = await scene.services.db.read(roster.find, scene.actor, typed, limit=100, with_left=True)
    found = [member for member in page.members if member.name_key == name_key(typed)]
    if len(found) > 1:
        raise errors.MemberUnclear(name=found[0].name)
    if not found:
        raise errors.MemberUnknown()
    return found[0].id


# --- plans and payment methods ------------------------------------------------------------------------


async def _plans(scene: Scene, current: str, *, with_retired: bool) -> list[tuple[str, str]]:
    found = await scene.services.db.read(plans.everyone, scene.actor, with_retired=with_retired)
    return [(view.plan.name, f"plan:{view.plan.id}") for view in found if _fits(current, view.plan.name)]


@suggest
async def open_plans(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Plans in use."""
    return await _plans(scene, current, with_retired=False)


@suggest
async def all_plans(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """The same, with retired ones."""
    return await _plans(scene, current, with_retired=True)


@suggest
async def retired_plans(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Plans that are out of use."""
    found = await scene.services.db.read(plans.everyone, scene.actor, with_retired=True)
    return [
        (view.plan.name, f"plan:{view.plan.id}")
        for view in found
        if view.plan.retired_at is not None and _fits(current, view.plan.name)
    ]


async def plan_of(scene: Scene, typed: str) -> PlanId:
    """The plan that was chosen or typed. Raises PlanUnknown."""
    number = _number(typed, "plan")
    found = await scene.services.db.read(plans.everyone, scene.actor, with_retired=True)
    if number is not None:
        if all(view.plan.id != number for view in found):
            raise errors.PlanUnknown()
        return PlanId(number)
    named = [view.plan for view in found if view.plan.name_key == name_key(typed)]
    in_use = [plan for plan in named if plan.retired_at is None] or named
    if len(in_use) != 1:
        raise errors.PlanUnknown()
    return in_use[0].id


@suggest
async def payment_methods(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Ways to pay in use."""
    found = await scene.services.db.read(methods.everyone, scene.actor)
    return [(method.name, f"method:{method.id}") for method in found if _fits(current, method.name)]


async def method_of(scene: Scene, typed: str) -> MethodId:
    """The way to pay that was chosen or typed. Raises MethodUnknown."""
    return _method_named(await scene.services.db.read(methods.everyone, scene.actor), typed)


@suggest
async def retired_methods(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Ways to pay that are out of use."""
    found = await _retired(scene)
    return [(method.name, f"method:{method.id}") for method in found if _fits(current, method.name)]


async def retired_method_of(scene: Scene, typed: str) -> MethodId:
    """The way to pay out of use that was chosen or typed. Raises MethodUnknown."""
    return _method_named(await _retired(scene), typed)


async def _retired(scene: Scene) -> list[Method]:
    found = await scene.services.db.read(methods.with_retired, scene.actor)
    return [method for method in found if method.retired_at is not None]


def _method_named(found: Sequence[Method], typed: str) -> MethodId:
    number = _number(typed, "method")
    if number is not None:
        return MethodId(number)
    for method in found:
        if method.name_key == name_key(typed):
            return method.id
    raise errors.MethodUnknown()


# --- subscriptions ------------------------------------------------------------------------------------


async def _seats(scene: Scene, locale: str, current: str, standing: str) -> list[tuple[str, str]]:
    found = await scene.services.db.read(
        reports_admin.seats, scene.actor, current, standing=standing, limit=limits.OPTIONS
    )
    return [(seat_label(seat, locale), f"S-{seat.view.subscription.id}") for seat in found]


def seat_label(seat: Seat, locale: str) -> str:
    """Whose, which plan, and how it stands: the words of a suggestion."""
    name, plan = limits.shorten(seat.member.name, 30), limits.shorten(seat.view.plan.name, 30)
    return t(
        locale, "subscriptions.choice", name=name, member=seat.member.label, plan=plan,
        standing=t(locale, STANDINGS[seat.view.status]),
    )  # fmt: skip


@suggest
async def running_seats(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Subscriptions that are not over."""
    return await _seats(scene, locale_of(interaction), current, "running")


@suggest
async def active_seats(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Subscriptions that could be paused."""
    return await _seats(scene, locale_of(interaction), current, "active")


@suggest
async def paused_seats(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Subscriptions that could be resumed."""
    return await _seats(scene, locale_of(interaction), current, "paused")


def seat_of(typed: str) -> SubscriptionId:
    """The subscription that was chosen. Raises SubscriptionUnknown."""
    number = _number(typed, "S")
    if number is None:
        raise errors.SubscriptionUnknown()
    return SubscriptionId(number)


# --- payments -----------------------------------------------------------------------------------------


async def _payments(scene: Scene, locale: str, current: str, **wanted: Any) -> list[tuple[str, str]]:
    number = payment_number(current)
    found = await scene.services.db.read(
        reports_admin.payments, scene.actor, "" if number else current, payment_id=number,
        limit=limits.OPTIONS, **wanted,
    )  # fmt: skip
    return [(_payment_label(scene, payment, name, locale), payment.label) for payment, name in found]


def _payment_label(scene: Scene, payment: Payment, name: str, locale: str) -> str:
    minor = payment.declared_minor if payment.received_minor is None else payment.received_minor
    amount = format_money(scene.workspace.money(minor), locale)
    day = (payment.received_on or payment.submitted_at)[:10]
    return f"{payment.label} · {limits.shorten(name, 40)} · {amount} · {day}"


@suggest
async def verified_submissions(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Payments that could be unverified."""
    return await _payments(scene, locale_of(interaction), current, status="verified", recorded=False)


@suggest
async def recorded_payments(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Payments that could be cancelled."""
    return await _payments(scene, locale_of(interaction), current, status="verified", recorded=True)


@suggest
async def verified_payments(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Payments of which something could be given back."""
    return await _payments(scene, locale_of(interaction), current, status="verified")


@suggest
async def undecided_or_verified(
    scene: Scene, interaction: Interaction, current: str
) -> list[tuple[str, str]]:
    """Submissions that could be rejected: those that wait first, then verified ones."""
    locale = locale_of(interaction)
    waiting = await _payments(scene, locale, current, status="submitted")
    return [*waiting, *await _payments(scene, locale, current, status="verified", recorded=False)]


@suggest
async def rejected_payments(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Submissions that could be put back into the queue."""
    return await _payments(scene, locale_of(interaction), current, status="rejected")


@suggest
async def all_payments(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Payments in any state."""
    return await _payments(scene, locale_of(interaction), current)


def payment_number(typed: str) -> int | None:
    """The number of a payment as people write it: P-0871, p871, 871."""
    match = re.fullmatch(r"(?:P-?)?([0-9]{1,18})", _plain(typed), re.IGNORECASE)
    return int(match[1]) if match else None


def payment_of(typed: str) -> PaymentId:
    """The payment that was chosen or typed. Raises PaymentUnknown."""
    number = payment_number(typed)
    if number is None:
        raise errors.PaymentUnknown()
    return PaymentId(number)


# --- periods ---------------------------------------------------------------------------------------------


@suggest
async def openable_periods(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """The collecting period first, then the next and those before it, each with its status."""
    choices = await scene.services.db.read(reports_admin.periods, scene.actor)
    near = [choices.collecting, *(choices.collecting.plus(n) for n in (1, 2, -1, -2, -3))]
    return _period_labels(choices, near, current, locale_of(interaction))


@suggest
async def opened_periods(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Every opened period, newest first."""
    choices = await scene.services.db.read(reports_admin.periods, scene.actor)
    opened = [Period(text) for text in sorted(choices.statuses, reverse=True)]
    return _period_labels(choices, opened, current, locale_of(interaction))


@suggest
async def coming_periods(scene: Scene, interaction: Interaction, current: str) -> list[tuple[str, str]]:
    """Months from which a price may count: from the collecting one on, and a year back."""
    choices = await scene.services.db.read(reports_admin.periods, scene.actor)
    months = [choices.collecting.plus(n) for n in (*range(13), *range(-1, -13, -1))]
    return _period_labels(choices, months, current, locale_of(interaction))


def _period_labels(
    choices: PeriodChoices, periods: Iterable[Period], current: str, locale: str
) -> list[tuple[str, str]]:
    found = []
    for period in periods:
        key = "billing.choice_collecting" if period == choices.collecting else "billing.choice"
        month = format_period(period, locale)
        status = t(locale, PERIOD_STATUSES[choices.status(period)])
        label = t(locale, key, period=month, text=period.text, status=status)
        if _fits(current, label):
            found.append((label, period.text))
    typed = _plain(current)
    if not found and re.fullmatch(r"20[0-9]{2}-(?:0[1-9]|1[0-2])", typed):
        found.append((format_period(Period(typed), locale), typed))
    return found


def _number(typed: str, prefix: str) -> int | None:
    match = re.fullmatch(rf"{prefix}[-:]([0-9]{{1,18}})", _plain(typed), re.IGNORECASE)
    return int(match[1]) if match else None


def _plain(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip()
