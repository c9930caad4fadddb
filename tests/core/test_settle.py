"""How money settles bills when bills change under it: claims that are clipped, credit that comes and goes."""

from __future__ import annotations

from typing import Any

import pytest

from core import payments, reversals, settle
from core.db import LocalDatabase
from core.models import Bill, Member
from core.store import bills as bill_rows
from tests.core.helpers import (
    adjust_bill,
    assert_clean,
    balance,
    claims,
    credits_used,
    current,
    status,
    void_bill,
    waive_bill,
)
from tests.factories import Club


@pytest.fixture(autouse=True)
def books_hold_at_the_end(db: LocalDatabase) -> Any:
    yield
    assert_clean(db)


@pytest.fixture
def payer(club: Club) -> Member:
    """Owes 300 for May and for June."""
    member = club.subscriber(club.plan(price=300), starts_on="2026-05-01")
    club.open("2026-05")
    club.open("2026-06")
    return member


@pytest.fixture
def may(club: Club, payer: Member) -> Bill:
    return min(club.bills(payer), key=lambda bill: bill.due_on)


@pytest.fixture
def june(club: Club, payer: Member) -> Bill:
    return max(club.bills(payer), key=lambda bill: bill.due_on)


# --- credit ------------------------------------------------------------------------------------------------


def test_credit_settles_oldest_due_first_from_the_oldest_payment_first(
    club: Club, payer: Member, may: Bill, june: Bill
) -> None:
    claim = club.submit(payer, [may, june])
    first, second = club.record(payer, 200), club.record(payer, 200)
    assert club.credit(payer) == 400
    club.db.write(payments.reject, club.reviewer, claim.id, "no")
    assert credits_used(club, first) == {may.id: 200}
    assert credits_used(club, second) == {may.id: 100, june.id: 100}
    assert (status(club, may), status(club, june)) == ("verified", "rejected")


def test_credit_skips_a_claimed_bill_though_it_is_older(
    club: Club, payer: Member, may: Bill, june: Bill
) -> None:
    club.submit(payer, [may])
    payment = club.record(payer, 100)
    assert credits_used(club, payment) == {june.id: 100}


def test_the_due_date_decides_not_the_order_in_which_bills_were_made(club: Club) -> None:
    member = club.subscriber(club.plan(price=300), starts_on="2026-06-01")
    club.open("2026-08")
    club.open("2026-07")
    payment = club.record(member, 300)
    ((bill_id, _),) = credits_used(club, payment).items()
    assert [bill.due_on for bill in club.bills(member) if bill.id == bill_id] == ["2026-07-05"]


def test_settling_when_there_is_nothing_to_do_does_nothing(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    assert db.write(settle.settle_credit, payer.id) == 0
    club.record(payer, 600)
    assert db.write(settle.settle_credit, payer.id) == 0


# --- a bill changes under a waiting claim ------------------------------------------------------------------


def test_raising_a_claimed_bill_leaves_it_paid_but_short(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    payment = club.submit(payer, [may])
    db.write(adjust_bill, club.treasurer, may.id, 50)
    assert (status(club, may), claims(club, payment)) == ("paid", {may.id: 300})
    club.verify(payment)
    assert (status(club, may), current(club, may).open_minor) == ("pending", 50)


def test_verifying_more_covers_what_a_raised_bill_misses(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    payment = club.submit(payer, [may])
    db.write(adjust_bill, club.treasurer, may.id, 50)
    club.verify(payment, 350)
    assert status(club, may) == "verified"


def test_lowering_a_claimed_bill_clips_the_claim_and_the_surplus_is_credit_at_verify(
    club: Club, db: LocalDatabase, payer: Member, may: Bill, june: Bill
) -> None:
    payment = club.submit(payer, [may])
    db.write(adjust_bill, club.treasurer, may.id, -100)
    assert (status(club, may), claims(club, payment)) == ("paid", {may.id: 200})
    assert club.payment(payment).declared_minor == 300
    club.verify(payment)
    assert (status(club, may), credits_used(club, payment)) == ("verified", {june.id: 100})


def test_lowering_a_claimed_bill_to_nothing_settles_it(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    payment = club.submit(payer, [may])
    db.write(adjust_bill, club.treasurer, may.id, -300)
    assert (status(club, may), claims(club, payment)) == ("verified", {})
    club.verify(payment)
    assert balance(club, "pot") == 300


def test_voiding_a_claimed_bill_leaves_the_claim_for_the_others(
    club: Club, db: LocalDatabase, payer: Member, may: Bill, june: Bill
) -> None:
    payment = club.submit(payer, [may, june])
    db.write(void_bill, club.treasurer, may.id)
    assert claims(club, payment) == {june.id: 300}
    club.verify(payment)
    assert (status(club, june), club.credit(payer)) == ("verified", 300)


def test_a_submission_whose_bills_were_all_voided_can_still_be_decided(
    club: Club, db: LocalDatabase, payer: Member, may: Bill, june: Bill
) -> None:
    payment = club.submit(payer, [may])
    db.write(void_bill, club.treasurer, may.id)
    assert db.preview(payments.reject, club.reviewer, payment.id, "no").payment.status == "rejected"
    assert db.preview(payments.withdraw, club.as_member(payer), payment.id).payment.status == "withdrawn"
    club.verify(payment)
    assert credits_used(club, payment) == {june.id: 300}


def test_waiving_a_part_under_a_claim_clips_it(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    payment = club.submit(payer, [may])
    db.write(waive_bill, club.treasurer, may.id, 120)
    assert claims(club, payment) == {may.id: 180}
    club.verify(payment, 180)
    assert (status(club, may), balance(club, "receivable", payer.id)) == ("verified", 300)


def test_a_short_verification_of_a_clipped_claim_settles_the_oldest_first(
    club: Club, db: LocalDatabase, payer: Member, may: Bill, june: Bill
) -> None:
    payment = club.submit(payer, [may, june])
    db.write(adjust_bill, club.treasurer, may.id, -100)
    club.verify(payment, 250)
    assert claims(club, payment) == {may.id: 200, june.id: 50}


# --- a bill changes under money that is verified -----------------------------------------------------------


def test_voiding_a_part_paid_bill_frees_its_money_into_credit(
    club: Club, db: LocalDatabase, payer: Member, may: Bill, june: Bill
) -> None:
    payment = club.record(payer, 120, bill_ids=[may.id])
    db.write(void_bill, club.treasurer, may.id)
    assert credits_used(club, payment) == {june.id: 120}
    assert current(club, may).settled_minor == 0


def test_lowering_a_settled_bill_frees_the_newest_credit_first_and_claims_last(
    club: Club, db: LocalDatabase, payer: Member, may: Bill, june: Bill
) -> None:
    claimed = club.record(payer, 100, bill_ids=[may.id])
    older, newer = club.record(payer, 150), club.record(payer, 50)
    assert status(club, may) == "verified"
    db.write(adjust_bill, club.treasurer, may.id, -80)
    assert credits_used(club, newer) == {june.id: 50}
    assert credits_used(club, older) == {may.id: 120, june.id: 30}
    assert claims(club, claimed) == {may.id: 100}
    assert status(club, may) == "verified"


def test_raising_a_bill_uses_up_credit(club: Club, db: LocalDatabase, payer: Member, may: Bill) -> None:
    club.record(payer, 700)
    assert club.credit(payer) == 100
    db.write(adjust_bill, club.treasurer, may.id, 60)
    assert (club.credit(payer), status(club, may)) == (40, "verified")


def test_a_bill_that_is_raised_after_it_was_settled_is_open_again(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    club.verify(club.submit(payer, [may]))
    db.write(adjust_bill, club.treasurer, may.id, 60)
    assert (status(club, may), current(club, may).open_minor) == ("pending", 60)
    assert club.submit(payer, [may]).declared_minor == 60


def test_a_waiver_of_the_rest_settles_a_part_paid_bill(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    club.record(payer, 120)
    db.write(waive_bill, club.treasurer, may.id, 180)
    assert status(club, may) == "verified"
    assert balance(club, "writeoff") == 180


def test_a_void_bill_stays_void_whatever_happens_to_its_payments(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    payment = club.verify(club.submit(payer, [may]))
    db.write(void_bill, club.treasurer, may.id)
    db.write(reversals.unverify, club.treasurer, payment.id)
    assert (status(club, may), claims(club, payment)) == ("void", {})
    db.write(payments.reject, club.reviewer, payment.id, "no")
    assert status(club, may) == "void"


def test_nothing_overlaps_when_nothing_is_over(
    club: Club, db: LocalDatabase, payer: Member, may: Bill
) -> None:
    """Clipping a bill that has room for all of it releases nothing."""
    payment = club.submit(payer, [may])
    db.write(settle.clip_claim, may.id)
    assert claims(club, payment) == {may.id: 300}


def test_what_is_payable_is_what_can_be_submitted(
    club: Club, db: LocalDatabase, payer: Member, may: Bill, june: Bill
) -> None:
    club.submit(payer, [may])
    assert [bill.id for bill in db.read(lambda tx: bill_rows.payable(tx.conn, payer.id))] == [june.id]
    assert not db.read(lambda tx: bill_rows.is_payable(tx.conn, may.id))
