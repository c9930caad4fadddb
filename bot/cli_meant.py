"""What the words of a command mean: which member, plan or method, which day. Nothing is guessed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from bot.cli_desk import Unclear
from bot.words import terminal_locale, words
from core import billing, errors, roster
from core.db import Tx
from core.models import Actor, Member, MethodId, PlanId, Workspace
from core.money import Money, format_money, parse_money
from core.payment_changes import PaymentChanged
from core.period import Period, parse_date
from core.store import methods
from core.text import clean_text, name_key

PAGE = 100
NAME_CHARACTERS = 100


def date(text: str | None, field: str) -> str | None:
    """The day that was named, if one was; an empty one is refused, not taken for today."""
    return None if text is None else str(parse_date(text, field))


def encoding(text: str | None) -> str | None:
    """How the file is to be read, if that was said; an empty word is refused, not taken for “find out”."""
    if text is not None and not text.strip():
        raise errors.FieldMissing(field="encoding")
    return text


def own_name(text: str | None) -> str:
    """By what a repeated `record` is known: the caller's own name for the payment, or a new one each time."""
    if text is None:
        return secrets.token_hex(12)
    return clean_text(text, "payment_id", NAME_CHARACTERS, required=True)


def one_member(tx: Tx, actor: Actor, text: str) -> Member:
    """The one member that is meant: `M-12`, or a whole name that only one has; money is never guessed about."""
    wanted = name_key(text)
    meant = [
        member for member in everyone(tx, actor, text) if wanted in (member.name_key, member.label.casefold())
    ]
    if len(meant) != 1:
        raise Unclear(words("shell.which_member", name=text))
    return meant[0]


def prices(
    tx: Tx, actor: Actor, workspace: Workspace, period: Period, typed: Sequence[str]
) -> dict[PlanId, Money]:
    """`PLAN=AMOUNT` each: the plan by its name, whatever the case."""
    found: dict[PlanId, Money] = {}
    every = {name_key(view.plan.name): view.plan for view in billing.prices_at(tx, actor, period)}
    for text in typed:
        name, _, amount = text.rpartition("=")
        plan = every.get(name_key(name))
        if plan is None:
            known = ", ".join(plan.name for plan in every.values())
            raise Unclear(words("shell.which_plan", text=text, known=known))
        found[plan.id] = parse_money(amount, workspace.currency, words("prices.field", plan=plan.name))
    return found


def method(tx: Tx, workspace: Workspace, name: str | None) -> MethodId | None:
    if name is None:
        return None
    every = methods.everyone(tx.conn, workspace.id)
    found = [method for method in every if method.name_key == name_key(name)]
    if not found:
        known = ", ".join(method.name for method in every)
        raise Unclear(words("shell.which_method", name=name, known=known))
    return found[0].id


def everyone(tx: Tx, actor: Actor, search: str) -> Iterator[Member]:
    """All members that fit, page by page."""
    seen = 0
    while True:
        page = roster.find(tx, actor, search, limit=PAGE, offset=seen)
        yield from page.members
        seen += len(page.members)
        if not page.members or seen >= page.total:
            return


def check_the_same(name: str, result: PaymentChanged, amount: Money) -> None:
    """What a payment's name stands for already must be what is meant now."""
    earlier = result.payment
    if earlier.declared_minor != amount.minor:
        locale = terminal_locale()
        before = format_money(result.workspace.money(earlier.declared_minor), locale)
        raise Unclear(
            words("shell.id_taken", id=name, payment=earlier.label, name=result.member.name, amount=before)
        )
