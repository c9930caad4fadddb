"""Closing a finished month locks its charges; what is unpaid stays payable; reopening is an act of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import billing, closing, corrections, errors, payments, reminders, sending, subscriptions
from core.clock import local_date
from core.db import LocalDatabase
from core.models import Bill, Member
from core.period import Period
from tests.core.helpers import assert_clean, everything, refused
from tests.factories import Club

JUNE = Period("2026-06")


@pytest.fixture
def member(club: Club) -> Member:
    """Owes 300 for June."""
    payer = club.subscriber(club.plan("Tea", 300), "Ann")
    club.open()
    return payer


def only(club: Club, member: Member) -> Bill:
    (bill,) = club.bills(member)
    return bill


def close(club: Club, **options: bool) -> closing.PeriodMoved:
    return club.db.write(closing.close, club.treasurer, JUNE, **options)


def test_a_month_is_not_closed_while_submissions_wait_for_review(club: Club, member: Member):
    payment = club.submit(member)
    before = everything(club.db)
    with refused(club.db, errors.ClaimsWaiting, period=JUNE, count=1):
        close(club)
    assert everything(club.db) == before
    club.verify(payment, 100)
    assert close(club).unpaid_minor == 200


LOCKED: dict[str, Callable[[Club, Bill], tuple[Callable[..., Any], tuple[Any, ...]]]] = {
    "an adjustment": lambda club, bill: (corrections.set_amount, (bill.id, club.money(1), "x")),
    "a void": lambda club, bill: (corrections.void, (bill.id, "x")),
    "a back-fill": lambda club, bill: (corrections.back_fill, (bill.subscription_id, JUNE)),
    "opening it again": lambda club, bill: (billing.open_period, (JUNE,)),
}


@pytest.mark.parametrize("what", LOCKED)
def test_its_charges_are_locked_against(club: Club, member: Member, what: str):
    close(club)
    use_case, args = LOCKED[what](club, only(club, member))
    before = everything(club.db)
    with refused(club.db, errors.PeriodClosed, period=JUNE):
        club.db.write(use_case, club.treasurer, *args)
    assert everything(club.db) == before


def test_who_starts_later_gets_no_bill_for_it(club: Club, member: Member):
    close(club)
    late = club.subscriber(club.plan("Cake", 90), "Late", starts_on="2026-06-01")
    assert club.bills(late) == []
    club.db.write(closing.reopen, club.treasurer, JUNE)
    assert club.bills(late) == [], "reopening bills nobody by itself"


def test_what_is_unpaid_can_be_paid_forgiven_and_reminded_of(club: Club, member: Member):
    ben = club.subscriber(club.plan("Cake", 90), "Ben", starts_on="2026-06-01")
    close(club)
    run = club.db.write(reminders.run, club.system, local_date(club.db.clock.now(), "UTC").replace(day=8))
    assert run.sent == 2
    club.verify(club.submit(member))
    assert only(club, member).status == "verified"
    club.db.write(corrections.waive, club.treasurer, only(club, ben).id, None, "gift")
    assert only(club, ben).status == "verified"
    assert_clean(club.db)


def test_a_rejection_in_a_closed_month_can_be_paid_again(club: Club, member: Member):
    close(club)
    club.db.write(payments.reject, club.reviewer, club.submit(member).id, "not here")
    club.verify(club.submit(member))
    assert only(club, member).status == "verified"


def test_a_summary_is_queued_only_if_it_is_wanted(club: Club, member: Member):
    close(club)
    assert club.notices("closed") == []
    club.db.write(closing.reopen, club.treasurer, JUNE)
    close(club, announce=True)
    assert len(club.notices("closed")) == 1
    assert club.db.read(sending.due, 50) == [], "it waits for a channel"
    assert club.audits("period") == ["period.open", "period.close", "period.reopen", "period.close"]


def test_doing_it_twice_changes_nothing_and_says_so(club: Club, member: Member):
    assert close(club).changed is True
    before = everything(club.db)
    assert close(club, announce=True).changed is False
    assert everything(club.db) == before
    assert club.db.write(closing.reopen, club.treasurer, JUNE).changed is True
    before = everything(club.db)
    assert club.db.write(closing.reopen, club.treasurer, JUNE).changed is False
    assert everything(club.db) == before


def test_a_month_that_is_not_open_is_neither_closed_nor_reopened(club: Club, member: Member):
    seat = club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription
    club.db.write(corrections.back_fill, club.treasurer, seat.id, Period("2026-03"))  # a draft
    for use_case in (closing.close, closing.reopen):
        with refused(club.db, errors.PeriodNotOpen, period=Period("2026-03")):
            club.db.write(use_case, club.treasurer, Period("2026-03"))
        with refused(club.db, errors.PeriodUnknown, period=Period("2025-12")):
            club.db.write(use_case, club.treasurer, Period("2025-12"))


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_both_take_a_treasurer(club: Club, member: Member, db: LocalDatabase, who: str):
    for use_case in (closing.close, closing.reopen):
        with refused(db, errors.RoleNeeded):
            db.write(use_case, getattr(club, who), JUNE)
