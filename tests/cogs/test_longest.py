"""The longest names, notes, reasons and lists that the books take still fit Discord's messages."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from cogs.my import MyView
from cogs.pay import registered
from cogs.ui import limits, notice_cards, payment_cards, statement
from core import methods, payments, reports, reports_members, reversals, roster
from core.db import LocalDatabase
from core.models import Member, PaymentId
from core.store import bills as bill_rows
from tests.factories import Club

MARKS = "*_`~|<>[]()@"
"""Each is shown with a backslash before it, which counts as well."""


def long(characters: int, begin: str = "") -> str:
    return (begin + MARKS * characters)[:characters]


def longest(club: Club, *, months: int, plans: int = 3) -> Member:
    """A member with a long name who owes for many months of plans with long names."""
    member = club.linked(long(roster.NAME_CHARACTERS))
    for number in range(plans):
        club.subscribe(member, club.plan(long(80, f"{number} "), 300, "2024-01"), "2024-01-01")
    years = itertools.product(range(2024, 2030), range(1, 13))
    for year, month in itertools.islice(years, months):
        club.open(f"{year}-{month:02}")
    return member


def claimed(club: Club, member: Member) -> PaymentId:
    name = long(methods.NAME_CHARACTERS, "y")
    found = [method.id for method in club.db.read(methods.everyone, club.treasurer) if method.name == name]
    method_id = found[0] if found else club.method(name).id
    return club.submit(member, method_id=method_id, note=long(payments.NOTE_CHARACTERS)).id


def fits(view: Any) -> None:
    limits.check_message(view)


@pytest.mark.parametrize("months", [1, 3, 12, 40])
def test_a_payments_card_fits_in_every_state(db: LocalDatabase, club: Club, months: int):
    member = longest(club, months=months)
    other = club.method(long(methods.NAME_CHARACTERS, "x")).id
    payment_id = claimed(club, member)

    def shown() -> None:
        for locale in ("en", "zh-TW"):
            view = db.read(reports.payment_view, club.id, payment_id)
            fits(payment_cards.payment_card(view, locale, lead="<@&1200000000001000003>"))
            fits(registered(view, locale, seen_minor=1, left_minor=10))

    shown()
    db.write(payments.reject, club.reviewer, payment_id, long(payments.NOTE_CHARACTERS))
    shown()
    db.write(payments.reopen, club.reviewer, payment_id)
    db.write(payments.verify, club.reviewer, payment_id, club.money(1), method_id=other)
    shown()
    db.write(reversals.refund, club.treasurer, payment_id, club.money(1))
    shown()


@pytest.mark.parametrize("months", [1, 3, 12, 40])
def test_what_became_of_a_payment_fits_with_everything_that_is_still_open(
    db: LocalDatabase, club: Club, months: int
):
    member = longest(club, months=months)
    payment_id = claimed(club, member)
    db.write(payments.verify, club.reviewer, payment_id, club.money(400 * months))
    view = db.read(reports.payment_view, club.id, payment_id)
    still_open = db.read(reports_members.still_open, club.workspace, payment_id)
    for event in ("verify", "reject", "unverify", "refund", "withdraw"):
        params = {"event": event, "declared": 900 * months, "received": 400 * months, "refunded": 1,
                  "reason": long(payments.NOTE_CHARACTERS), "credit": 5}  # fmt: skip
        for locale in ("en", "zh-TW"):
            fits(notice_cards.payment_result(view, still_open, params, locale))


@pytest.mark.parametrize("months", [1, 12, 40])
def test_my_bills_and_each_explanation_fit(db: LocalDatabase, club: Club, months: int):
    member = longest(club, months=months)
    for _ in range(6):
        payment_id = claimed(club, member)
        db.write(payments.reject, club.reviewer, payment_id, long(payments.NOTE_CHARACTERS))
    actor = club.as_member(member)
    found = db.read(reports.statement, actor)
    for locale in ("en", "zh-TW"):
        for number in range(len(statement.pages(found, locale))):
            fits(MyView(None, found, locale, number))  # type: ignore[arg-type]  # only its buttons need one
        for bill in db.read(lambda tx: bill_rows.of_member(tx.conn, member.id))[:2]:
            for view in statement.explanation(db.read(reports.explain_bill, actor, bill.id), locale):
                fits(view)
