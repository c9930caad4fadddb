"""Payments: submit, withdraw, verify, reject, reopen, record, unverify, cancel, refund."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core import closing, errors, payments, proof_files, reversals
from core.db import LocalDatabase
from core.models import Actor, Bill, Member
from core.money import Money
from core.period import Period
from tests.core.helpers import (
    assert_clean,
    balance,
    claims,
    count,
    credits_used,
    current,
    entries,
    refused,
    status,
)
from tests.factories import Club
from tests.fakes import FixedClock


@pytest.fixture(autouse=True)
def books_hold_at_the_end(db: LocalDatabase) -> Any:
    yield
    assert_clean(db)


@pytest.fixture
def payer(club: Club) -> Member:
    """Owes 300 for April, May and June each; April's bill is the oldest."""
    member = club.subscriber(club.plan(price=300), starts_on="2026-04-01")
    for period in ("2026-04", "2026-05", "2026-06"):
        club.open(period)
    return member


def by_age(club: Club, member: Member) -> list[Bill]:
    return sorted(club.bills(member), key=lambda bill: (bill.due_on, bill.id))


# --- submit ------------------------------------------------------------------------------------------------


def test_one_submission_claims_bills_of_several_periods(club: Club, payer: Member) -> None:
    april, may, june = by_age(club, payer)
    payment = club.submit(payer, [june, april])
    assert (payment.status, payment.declared_minor, payment.allocated_minor) == ("submitted", 600, 600)
    assert claims(club, payment) == {april.id: 300, june.id: 300}
    assert [status(club, bill) for bill in (april, may, june)] == ["paid", "pending", "paid"]


def test_a_submission_posts_nothing_in_the_ledger(club: Club, payer: Member) -> None:
    before = entries(club)
    club.submit(payer)
    assert entries(club) == before


def test_the_amount_is_what_the_bills_miss_not_their_face(club: Club, payer: Member) -> None:
    april, *_ = by_age(club, payer)
    club.record(payer, 120)
    payment = club.submit(payer, [april])
    assert payment.declared_minor == 180


def test_the_same_bill_named_twice_is_claimed_once(club: Club, payer: Member) -> None:
    april, *_ = by_age(club, payer)
    assert club.submit(payer, [april, april]).declared_minor == 300


def test_a_second_submission_for_a_claimed_bill_is_refused_and_names_the_first(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, may, _ = by_age(club, payer)
    first = club.submit(payer, [april])
    with refused(db, errors.BillClaimed, bill=april.label, payment=first.label):
        club.submit(payer, [may, april])


@pytest.mark.parametrize("how", ["verified", "void"])
def test_a_settled_or_void_bill_cannot_be_paid(
    club: Club, db: LocalDatabase, payer: Member, how: str
) -> None:
    from tests.core.helpers import void_bill

    april, *_ = by_age(club, payer)
    if how == "verified":
        club.verify(club.submit(payer, [april]))
    else:
        db.write(void_bill, club.treasurer, april.id)
    with refused(db, errors.BillNotPayable, bill=april.label):
        club.submit(payer, [april])


def test_somebody_elses_bill_cannot_be_paid(club: Club, db: LocalDatabase, payer: Member) -> None:
    other = club.linked()
    with refused(db, errors.NotYours):
        db.write(
            payments.submit, club.as_member(other), [by_age(club, payer)[0].id], request_id="x"
        )  # fmt: skip
    with refused(db, errors.NotYours):  # nor by a reviewer for the wrong member
        db.write(
            payments.submit, club.reviewer, [by_age(club, payer)[0].id], request_id="x", member_id=other.id
        )


def test_bills_of_two_members_never_share_a_submission(club: Club, db: LocalDatabase) -> None:
    plan = club.plan()
    one, two = club.subscriber(plan), club.subscriber(plan)
    club.open()
    mixed = [club.bills(one)[0].id, club.bills(two)[0].id]
    for actor, member_id in ((club.as_member(one), None), (club.reviewer, one.id)):
        with refused(db, errors.NotYours):
            db.write(payments.submit, actor, mixed, request_id="x", member_id=member_id)


def test_a_member_may_not_submit_for_another_but_a_reviewer_may(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    stranger = club.as_member(club.linked())
    ids = [bill.id for bill in by_age(club, payer)[:1]]
    for actor in (stranger, club.auditor, club.stranger):
        with refused(db, errors.NotYours):
            db.write(payments.submit, actor, ids, request_id="x", member_id=payer.id)
    done = db.write(payments.submit, club.reviewer, ids, request_id="x", member_id=payer.id)
    assert done.payment.submitted_by == club.reviewer.text
    assert done.member.id == payer.id


def test_an_account_that_is_not_linked_cannot_submit(club: Club, db: LocalDatabase, payer: Member) -> None:
    ids = [bill.id for bill in club.bills(payer)]
    for actor in (club.stranger, club.operator, club.system):
        with refused(db, errors.NotLinked):
            db.write(payments.submit, actor, ids, request_id="x")


def test_nothing_chosen_is_refused(club: Club, db: LocalDatabase, payer: Member) -> None:
    with refused(db, errors.NothingChosen):
        club.submit(payer, [])


def test_ids_of_another_workspace_are_unknown_here(club: Club, db: LocalDatabase, payer: Member) -> None:
    elsewhere = Club.create(db, number=1, currency="USD")
    method = elsewhere.method("Cash", "cash")
    stranger = elsewhere.subscriber(elsewhere.plan())
    elsewhere.open()
    foreign_bill, own_bill = elsewhere.bills(stranger)[0], by_age(club, payer)[0]
    with refused(db, errors.BillUnknown):
        db.write(payments.submit, club.as_member(payer), [foreign_bill.id], request_id="x")
    with refused(db, errors.BillUnknown):
        db.write(payments.submit, club.as_member(payer), [own_bill.id, 999_999], request_id="x")
    with refused(db, errors.MethodUnknown):
        club.submit(payer, [own_bill], method_id=method.id)
    with refused(db, errors.MemberUnknown):
        db.write(payments.submit, club.reviewer, [foreign_bill.id], request_id="x", member_id=stranger.id)
    with refused(db, errors.MemberUnknown):
        db.write(payments.record, club.reviewer, stranger.id, club.money(1), request_id="x")
    with refused(db, errors.MethodUnknown):
        club.record(payer, 1, method_id=method.id)
    payment = club.submit(payer, [own_bill])
    with refused(db, errors.MethodUnknown):
        db.write(payments.verify, club.reviewer, payment.id, None, method.id)


def test_a_bill_of_a_month_that_was_never_opened_cannot_be_paid(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, *_ = by_age(club, payer)
    db.conn.execute("UPDATE billing_periods SET status = 'draft', openings = 0 WHERE period = '2026-04'")
    with refused(db, errors.BillNotPayable):
        club.submit(payer, [april])


@pytest.mark.parametrize("status_of_month", ["closed", "draft"])
def test_bills_of_a_closed_or_retracted_month_stay_payable(
    club: Club, db: LocalDatabase, payer: Member, status_of_month: str
) -> None:
    april, *_ = by_age(club, payer)
    db.conn.execute("UPDATE billing_periods SET status = ? WHERE period = '2026-04'", (status_of_month,))
    club.verify(club.submit(payer, [april]))
    assert status(club, april) == "verified"


def test_a_note_that_is_too_long_is_refused(club: Club, db: LocalDatabase, payer: Member) -> None:
    with refused(db, errors.TextTooLong, field="note", limit=500):
        club.submit(payer, note="x" * 501)
    assert club.submit(payer, note=f"  {'x' * 500}\x00 ").note == "x" * 500


def test_a_retry_with_the_same_request_returns_the_first_result(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    ids = [bill.id for bill in club.bills(payer)]
    first = db.write(payments.submit, club.as_member(payer), ids, request_id="click-1")
    rows = {table: count(db, table) for table in ("payments", "allocations", "audit_log", "notices")}
    again = db.write(payments.submit, club.as_member(payer), ids, request_id="click-1")
    assert again.repeated
    assert not first.repeated
    assert again.payment == first.payment
    assert {table: count(db, table) for table in rows} == rows


def test_a_retry_after_the_verification_still_returns_that_payment(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    ids = [bill.id for bill in club.bills(payer)]
    first = db.write(payments.submit, club.as_member(payer), ids, request_id="click-1")
    club.verify(first.payment)
    again = db.write(payments.submit, club.as_member(payer), ids, request_id="click-1")
    assert (again.repeated, again.payment.id, again.payment.status) == (True, first.payment.id, "verified")


def test_a_request_id_of_somebody_else_shows_nothing_of_theirs(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    elsewhere = Club.create(db, number=1, currency="USD")
    foreigner = elsewhere.subscriber(elsewhere.plan())
    elsewhere.open()
    other = club.linked()
    ids = [bill.id for bill in club.bills(payer)]
    db.write(payments.submit, club.as_member(payer), ids, request_id="click-1")
    with refused(db, errors.NotYours):
        db.write(payments.submit, club.as_member(other), ids, request_id="click-1")
    with refused(db, errors.NotYours):
        elsewhere.submit(foreigner, request_id="click-1")
    with refused(db, errors.NotYours):
        db.write(payments.record, club.reviewer, other.id, club.money(5), request_id="click-1")


def test_a_retried_record_is_not_booked_twice(club: Club, payer: Member) -> None:
    first = club.record(payer, 100, request_id="line-7")
    assert club.record(payer, 100, request_id="line-7") == first
    assert balance(club, "pot") == 100


def test_the_proof_is_kept_with_the_payment(club: Club, db: LocalDatabase, payer: Member) -> None:
    proof = proof_files.ProofFile(
        "w1/2026-06/a.webp", "w1/2026-06/a-small.webp", "s" * 64, "p" * 64, "d" * 16, 10, 3, 4
    )
    payment = club.submit(payer, proof=proof)
    row = db.conn.execute("SELECT payment_id, storage_key, size_bytes, width, height FROM proofs").fetchone()
    assert row == (payment.id, "w1/2026-06/a.webp", 10, 3, 4)


# --- withdraw ----------------------------------------------------------------------------------------------


def test_withdrawing_frees_the_bills(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.submit(payer)
    done = db.write(payments.withdraw, club.as_member(payer), payment.id)
    assert (done.payment.status, done.payment.allocated_minor) == ("withdrawn", 0)
    assert {bill.status for bill in club.bills(payer)} == {"pending"}
    assert {change.status_before for change in done.changes} == {"paid"}
    club.submit(payer)  # they can be paid again


def test_withdrawing_lets_credit_settle_what_the_claim_had_kept_from_it(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, *_ = by_age(club, payer)
    payment = club.submit(payer)
    club.record(payer, 400)
    assert club.credit(payer) == 400
    done = db.write(payments.withdraw, club.as_member(payer), payment.id)
    assert done.credit_minor == 0
    assert (current(club, april).status, [b.settled_minor for b in by_age(club, payer)]) == (
        "verified",
        [300, 100, 0],
    )


def test_the_member_is_told_when_a_reviewer_withdraws_and_not_when_they_do_it_themselves(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, may, _ = by_age(club, payer)
    db.write(payments.withdraw, club.as_member(payer), club.submit(payer, [april]).id)
    assert club.notices("payment_result") == []
    db.write(payments.withdraw, club.reviewer, club.submit(payer, [may]).id)
    assert club.notices("payment_result") == [("payment_result", "member", payer.id)]


# --- verify ------------------------------------------------------------------------------------------------


def test_verifying_as_declared_settles_and_posts_once(club: Club, payer: Member) -> None:
    bank = club.method()
    payment = club.verify(club.submit(payer, method_id=bank.id))
    assert (payment.received_minor, payment.confirmed_method_id) == (900, bank.id)
    assert payment.received_on == "2026-06-05"
    assert {bill.status for bill in club.bills(payer)} == {"verified"}
    assert balance(club, "pot", bank.id) == 900
    assert balance(club, "receivable", payer.id) == 0
    assert entries(club, "verify") == ["verify"]


def test_a_second_verify_is_refused_and_posts_nothing(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.verify(club.submit(payer))
    with refused(db, errors.PaymentMoved, payment=payment.label, status="verified"):
        club.verify(payment)


def test_less_than_claimed_settles_the_oldest_bills_first_and_leaves_the_rest_open(
    club: Club, payer: Member
) -> None:
    april, may, june = by_age(club, payer)
    payment = club.verify(club.submit(payer, [june, may, april]), 450)
    assert claims(club, payment) == {april.id: 300, may.id: 150}
    assert [current(club, bill).status for bill in (april, may, june)] == ["verified", "pending", "pending"]
    assert [current(club, bill).open_minor for bill in (april, may, june)] == [0, 150, 300]
    assert club.credit(payer) == 0


def test_the_oldest_bill_is_the_one_due_first_not_the_one_made_first(club: Club) -> None:
    member = club.subscriber(club.plan(price=300), starts_on="2026-06-01")
    club.open("2026-08")
    club.open("2026-07")
    payment = club.verify(club.submit(member), 400)
    july, august = by_age(club, member)
    assert (july.due_on, claims(club, payment)) == ("2026-07-05", {july.id: 300, august.id: 100})


def test_the_rest_of_a_short_payment_can_be_submitted_and_verified(club: Club, payer: Member) -> None:
    club.verify(club.submit(payer), 450)
    rest = club.submit(payer)
    assert rest.declared_minor == 450
    club.verify(rest)
    assert {bill.status for bill in club.bills(payer)} == {"verified"}


def test_more_than_claimed_becomes_credit_that_settles_the_next_bill_by_itself(
    club: Club, payer: Member
) -> None:
    april, may, june = by_age(club, payer)
    payment = club.verify(club.submit(payer, [june]), 1000)
    assert claims(club, payment) == {june.id: 300}
    assert credits_used(club, payment) == {april.id: 300, may.id: 300}
    assert club.credit(payer) == 100
    assert balance(club, "receivable", payer.id) == -100


def test_one_minor_unit_short_leaves_the_bill_open(club: Club, payer: Member) -> None:
    club.verify(club.submit(payer), 899)
    assert [bill.open_minor for bill in by_age(club, payer)] == [0, 0, 1]


def test_a_short_payment_is_completed_by_the_credit_that_waited(club: Club, payer: Member) -> None:
    payment = club.submit(payer)
    club.record(payer, 100)
    assert club.credit(payer) == 100  # everything is claimed
    club.verify(payment, 800)
    assert club.credit(payer) == 0
    assert {bill.status for bill in club.bills(payer)} == {"verified"}


@pytest.mark.parametrize("minor", [0, -1, -300])
def test_nothing_or_less_cannot_have_been_received(
    club: Club, db: LocalDatabase, payer: Member, minor: int
) -> None:
    payment = club.submit(payer)
    with refused(db, errors.AmountNotPositive, field="amount"):
        club.verify(payment, minor)
    with refused(db, errors.AmountNotPositive, field="amount"):
        club.record(payer, minor)


def test_money_in_another_currency_is_refused_not_converted(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.submit(payer)
    with refused(db, errors.AmountInOtherCurrency, field="amount", currency="TWD"):
        db.write(payments.verify, club.reviewer, payment.id, Money(900, "USD"))
    with refused(db, errors.AmountInOtherCurrency, field="amount", currency="TWD"):
        db.write(payments.record, club.reviewer, payer.id, Money(900, "JPY"), request_id="x")
    done = club.verify(payment)
    with refused(db, errors.AmountInOtherCurrency, field="amount", currency="TWD"):
        db.write(reversals.refund, club.treasurer, done.id, Money(1, "EUR"))


def test_an_amount_beyond_what_the_books_take_is_refused(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.submit(payer)
    with refused(db, errors.AmountTooLarge, field="amount"):
        club.verify(payment, 10**12)
    with refused(db, errors.AmountTooLarge, field="amount"):
        club.record(payer, 2**64)


def test_the_confirmed_method_may_differ_from_the_declared_one(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    bank, cash = club.method(), club.method("Cash", "cash")
    payment = club.submit(payer, method_id=bank.id)
    done = db.write(payments.verify, club.reviewer, payment.id, None, cash.id).payment
    assert (done.declared_method_id, done.confirmed_method_id) == (bank.id, cash.id)
    assert (balance(club, "pot", bank.id), balance(club, "pot", cash.id)) == (0, 900)


def test_a_declared_method_that_was_retired_meanwhile_still_counts(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    from core import methods

    bank = club.method()
    payment = club.submit(payer, method_id=bank.id)
    db.write(methods.retire, club.treasurer, bank.id)
    assert db.preview(payments.verify, club.reviewer, payment.id).payment.confirmed_method_id == bank.id
    named = db.preview(payments.verify, club.reviewer, payment.id, None, bank.id)
    assert named.payment.confirmed_method_id == bank.id
    with refused(db, errors.MethodUnknown):
        club.record(payer, 5, method_id=bank.id)


def test_verifying_ones_own_payment_is_marked_and_can_be_forbidden(club: Club, db: LocalDatabase) -> None:
    member = club.member(discord_id=club.reviewer.discord_id)
    club.subscribe(member, club.plan())
    club.open()
    payment = club.submit(member)
    assert db.preview(payments.verify, club.reviewer, payment.id).payment.status == "verified"
    club.set(self_verify=False)
    with refused(db, errors.OwnPayment):
        club.verify(payment)
    with refused(db, errors.OwnPayment):  # nor around it, by recording it as cash in hand
        club.record(member, 300)
    club.set(self_verify=True)
    club.verify(payment)
    after = db.conn.execute(
        "SELECT after_json FROM audit_log WHERE action = 'payment.verify' ORDER BY id DESC"
    ).fetchone()[0]
    assert json.loads(after)["own"] is True


# --- reject and reopen -------------------------------------------------------------------------------------


def test_a_rejected_payment_shows_on_its_bills_and_they_can_be_paid_again(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.submit(payer)
    done = db.write(payments.reject, club.reviewer, payment.id, " wrong account ")
    assert done.payment.reject_reason == "wrong account"
    assert {bill.status for bill in club.bills(payer)} == {"rejected"}
    again = club.submit(payer)
    assert {bill.status for bill in club.bills(payer)} == {"paid"}
    club.verify(again)
    assert {bill.status for bill in club.bills(payer)} == {"verified"}


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "\x00"])
def test_a_rejection_needs_a_reason(club: Club, db: LocalDatabase, payer: Member, reason: str) -> None:
    payment = club.submit(payer)
    with refused(db, errors.ReasonMissing):
        db.write(payments.reject, club.reviewer, payment.id, reason)


def test_a_reason_that_is_too_long_is_refused(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.submit(payer)
    with refused(db, errors.TextTooLong, field="reason"):
        db.write(payments.reject, club.reviewer, payment.id, "x" * 501)


def test_credit_that_waited_behind_a_claim_settles_when_it_is_rejected(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.submit(payer)
    club.record(payer, 300)
    db.write(payments.reject, club.reviewer, payment.id, "no")
    assert [bill.status for bill in by_age(club, payer)] == ["verified", "rejected", "rejected"]


def test_a_bill_whose_newest_claim_was_withdrawn_is_pending_though_an_older_one_was_rejected(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, *_ = by_age(club, payer)
    db.write(payments.reject, club.reviewer, club.submit(payer, [april]).id, "no")
    db.write(payments.withdraw, club.as_member(payer), club.submit(payer, [april]).id)
    assert status(club, april) == "pending"


def test_reopening_puts_the_submission_back(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.submit(payer)
    db.write(payments.reject, club.reviewer, payment.id, "no")
    done = db.write(payments.reopen, club.reviewer, payment.id)
    assert (done.payment.status, done.payment.decided_by) == ("submitted", None)
    assert {bill.status for bill in club.bills(payer)} == {"paid"}
    club.verify(payment)
    assert club.payment(payment).status == "verified"


def test_reopening_is_refused_when_a_bill_is_claimed_otherwise(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, *_ = by_age(club, payer)
    payment = club.submit(payer)
    db.write(payments.reject, club.reviewer, payment.id, "no")
    newer = club.submit(payer, [april])
    with refused(db, errors.BillClaimed, bill=april.label, payment=newer.label):
        db.write(payments.reopen, club.reviewer, payment.id)


@pytest.mark.parametrize("minor", [1, 300])
def test_reopening_is_refused_when_a_bill_was_paid_otherwise(
    club: Club, db: LocalDatabase, payer: Member, minor: int
) -> None:
    april, *_ = by_age(club, payer)
    payment = club.submit(payer)
    db.write(payments.reject, club.reviewer, payment.id, "no")
    club.record(payer, minor)
    with refused(db, errors.BillNotPayable, bill=april.label):
        db.write(payments.reopen, club.reviewer, payment.id)


# --- record ------------------------------------------------------------------------------------------------


def test_recorded_money_settles_the_oldest_due_first(club: Club, payer: Member) -> None:
    april, may, june = by_age(club, payer)
    payment = club.record(payer, 450)
    assert credits_used(club, payment) == {april.id: 300, may.id: 150}
    assert [current(club, bill).status for bill in (april, may, june)] == ["verified", "pending", "pending"]


def test_recorded_money_for_named_bills_settles_those_first_and_the_rest_by_itself(
    club: Club, payer: Member
) -> None:
    april, may, june = by_age(club, payer)
    payment = club.record(payer, 450, bill_ids=[june.id])
    assert claims(club, payment) == {june.id: 300}
    assert credits_used(club, payment) == {april.id: 150}
    assert status(club, may) == "pending"


def test_recorded_money_leaves_claimed_bills_alone(club: Club, payer: Member) -> None:
    april, may, _ = by_age(club, payer)
    club.submit(payer, [april])
    payment = club.record(payer, 300)
    assert credits_used(club, payment) == {may.id: 300}


def test_a_claimed_bill_cannot_be_named_when_recording(club: Club, db: LocalDatabase, payer: Member) -> None:
    april, *_ = by_age(club, payer)
    club.submit(payer, [april])
    with refused(db, errors.BillClaimed):
        club.record(payer, 300, bill_ids=[april.id])


def test_money_is_dated_when_it_was_received(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.record(payer, 10, received_on="2026-05-31")
    assert payment.received_on == "2026-05-31"
    dated = db.conn.execute("SELECT entered_on FROM ledger_entries WHERE kind = 'record'").fetchone()[0]
    assert dated == "2026-05-31"


@pytest.mark.parametrize("day", ["2026-13-45", "yesterday", "2026-02-30", "26-01-01"])
def test_an_impossible_day_of_receipt_is_refused(
    club: Club, db: LocalDatabase, payer: Member, day: str
) -> None:
    with refused(db, errors.InvalidDate, field="date"):
        club.record(payer, 10, received_on=day)


def test_money_cannot_have_been_received_tomorrow(club: Club, db: LocalDatabase, payer: Member) -> None:
    with refused(db, errors.DateTooLate, field="date"):
        club.record(payer, 10, received_on="2026-06-06")


def test_today_is_the_clubs_day_not_londons(
    club: Club, db: LocalDatabase, payer: Member, clock: FixedClock
) -> None:
    clock.advance(hours=15.5)  # 16:30 UTC on the 5th is the 6th in Taipei
    assert club.record(payer, 10).received_on == "2026-06-06"


# --- unverify and cancel -----------------------------------------------------------------------------------


def test_unverify_undoes_everything_and_the_submission_waits_again(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.verify(club.submit(payer))
    done = db.write(reversals.unverify, club.treasurer, payment.id)
    assert (done.payment.status, done.payment.received_minor, done.payment.allocated_minor) == (
        "submitted",
        None,
        900,
    )
    assert {bill.status for bill in club.bills(payer)} == {"paid"}
    assert (balance(club, "pot"), balance(club, "receivable", payer.id)) == (0, 900)
    club.verify(payment)
    assert balance(club, "pot") == 900


def test_unverify_releases_what_the_surplus_settled_by_itself(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, may, june = by_age(club, payer)
    payment = club.verify(club.submit(payer, [june]), 700)
    done = db.write(reversals.unverify, club.treasurer, payment.id)
    assert claims(club, payment) == {june.id: 300}
    assert [current(club, bill).status for bill in (april, may, june)] == ["pending", "pending", "paid"]
    assert [change.bill.id for change in done.changes] == [april.id, may.id, june.id]


def test_unverify_claims_again_what_a_short_payment_had_declared(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.verify(club.submit(payer), 100)
    db.write(reversals.unverify, club.treasurer, payment.id)
    assert sum(claims(club, payment).values()) == 900


def test_unverify_does_not_claim_what_is_settled_or_claimed_otherwise_meanwhile(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, may, june = by_age(club, payer)
    payment = club.verify(club.submit(payer), 300)  # settles April; May and June stay open
    newer = club.submit(payer, [june])
    club.record(payer, 300, bill_ids=[may.id])
    db.write(reversals.unverify, club.treasurer, payment.id)
    assert claims(club, payment) == {april.id: 300}
    assert claims(club, newer) == {june.id: 300}
    assert [current(club, bill).status for bill in (april, may, june)] == ["paid", "verified", "paid"]


def test_unverify_never_claims_more_than_was_declared(club: Club, db: LocalDatabase, payer: Member) -> None:
    from tests.core.helpers import adjust_bill

    april, *_ = by_age(club, payer)
    payment = club.verify(club.submit(payer, [april]))
    db.write(adjust_bill, club.treasurer, april.id, 200)
    db.write(reversals.unverify, club.treasurer, payment.id)
    assert claims(club, payment) == {april.id: 300}
    assert status(club, april) == "paid"


def test_other_credit_settles_what_the_undone_payment_does_not_claim_again(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, may, june = by_age(club, payer)
    first = club.verify(club.submit(payer, [june]), 900)  # and April and May with the surplus
    second = club.record(payer, 350)
    assert club.credit(payer) == 350
    db.write(reversals.unverify, club.treasurer, first.id)
    assert credits_used(club, second) == {april.id: 300, may.id: 50}
    assert claims(club, first) == {june.id: 300}


def test_unverify_takes_a_refund_back_with_it(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.verify(club.submit(payer))
    db.write(reversals.refund, club.treasurer, payment.id, club.money(200))
    done = db.write(reversals.unverify, club.treasurer, payment.id)
    assert (done.payment.refunded_minor, balance(club, "pot"), balance(club, "receivable", payer.id)) == (
        0,
        0,
        900,
    )


def test_a_recorded_payment_is_cancelled_not_unverified_and_the_other_way_round(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    recorded = club.record(payer, 300)
    verified = club.verify(club.submit(payer))
    with refused(db, errors.WasRecorded, payment=recorded.label):
        db.write(reversals.unverify, club.treasurer, recorded.id)
    with refused(db, errors.NotRecorded, payment=verified.label):
        db.write(reversals.cancel, club.treasurer, verified.id)


def test_cancel_undoes_a_recorded_payment(club: Club, db: LocalDatabase, payer: Member) -> None:
    bank = club.method()
    payment = club.record(payer, 1000, method_id=bank.id)
    assert club.credit(payer) == 100
    done = db.write(reversals.cancel, club.treasurer, payment.id)
    assert (done.payment.status, done.credit_before, done.credit_minor) == ("withdrawn", 100, 0)
    assert {bill.status for bill in club.bills(payer)} == {"pending"}
    assert (balance(club, "pot", bank.id), balance(club, "receivable", payer.id)) == (0, 900)
    with refused(db, errors.PaymentMoved):
        db.write(reversals.cancel, club.treasurer, payment.id)


# --- refund ------------------------------------------------------------------------------------------------


def test_a_refund_takes_credit_first(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.record(payer, 1000)
    done = db.write(reversals.refund, club.treasurer, payment.id, club.money(100))
    assert (done.credit_minor, done.changes) == (0, ())
    assert balance(club, "pot") == 900


def test_a_refund_opens_again_what_credit_settled_newest_first_then_claims(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, may, june = by_age(club, payer)
    payment = club.verify(club.submit(payer, [april]), 800)  # claim April; credit May 300, June 200
    db.write(reversals.refund, club.treasurer, payment.id, club.money(250))
    assert (claims(club, payment), credits_used(club, payment)) == ({april.id: 300}, {may.id: 250})
    db.write(reversals.refund, club.treasurer, payment.id, club.money(350))
    assert (claims(club, payment), credits_used(club, payment)) == ({april.id: 200}, {})
    assert [current(club, bill).open_minor for bill in (april, may, june)] == [100, 300, 300]


def test_a_whole_refund_leaves_a_verified_payment_of_nothing(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.verify(club.submit(payer))
    done = db.write(reversals.refund, club.treasurer, payment.id, club.money(900)).payment
    assert (done.status, done.kept_minor, done.allocated_minor) == ("verified", 0, 0)
    assert {bill.status for bill in club.bills(payer)} == {"pending"}
    with refused(db, errors.RefundTooLarge, most=club.money(0)):
        db.write(reversals.refund, club.treasurer, payment.id, club.money(1))


def test_undoing_what_settled_a_closed_month_needs_it_reopened_and_says_which(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, *_ = by_age(club, payer)
    verified = club.verify(club.submit(payer, [april]))
    recorded = club.record(payer, 300)
    for period in ("2026-04", "2026-05"):
        db.write(closing.close, club.treasurer, Period(period))
    with refused(db, errors.PeriodClosed, period=Period("2026-04")):
        db.write(reversals.unverify, club.treasurer, verified.id)
    with refused(db, errors.PeriodClosed, period=Period("2026-04")):
        db.write(reversals.refund, club.treasurer, verified.id, club.money(1))
    with refused(db, errors.PeriodClosed, period=Period("2026-05")):
        db.write(reversals.cancel, club.treasurer, recorded.id)
    db.write(closing.reopen, club.treasurer, Period("2026-04"))
    db.write(reversals.unverify, club.treasurer, verified.id)


def test_credit_beside_closed_months_can_be_given_back(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.record(payer, 1000)
    db.write(closing.close, club.treasurer, Period("2026-04"))
    done = db.write(reversals.refund, club.treasurer, payment.id, club.money(100))
    assert (done.credit_minor, done.changes) == (0, ())
    db.write(reversals.refund, club.treasurer, payment.id, club.money(300))  # June's part: June is not closed
    with refused(db, errors.PeriodClosed, period=Period("2026-04")):
        db.write(reversals.refund, club.treasurer, payment.id, club.money(301))


def test_more_than_was_kept_cannot_be_refunded(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.verify(club.submit(payer))
    db.write(reversals.refund, club.treasurer, payment.id, club.money(400))
    with refused(db, errors.RefundTooLarge, most=club.money(500)):
        db.write(reversals.refund, club.treasurer, payment.id, club.money(501))


def test_a_refund_comes_out_of_the_pot_the_money_went_into(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    bank, cash = club.method(), club.method("Cash", "cash")
    club.record(payer, 500, method_id=cash.id)
    payment = club.record(payer, 500, method_id=bank.id)
    db.write(reversals.refund, club.treasurer, payment.id, club.money(100))
    assert (balance(club, "pot", bank.id), balance(club, "pot", cash.id)) == (400, 500)


def test_another_payments_credit_takes_the_place_of_refunded_money(club: Club, db: LocalDatabase) -> None:
    member = club.subscriber(club.plan(price=300))
    club.open()
    first = club.verify(club.submit(member))
    second = club.record(member, 300)
    assert club.credit(member) == 300
    db.write(reversals.refund, club.treasurer, first.id, club.money(300))
    assert credits_used(club, second) == {club.bills(member)[0].id: 300}
    assert club.credit(member) == 0


# --- everywhere --------------------------------------------------------------------------------------------


def test_every_action_leaves_one_audit_line_and_an_edited_card(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    april, *_ = by_age(club, payer)
    payment = club.submit(payer, [april])
    db.write(payments.reject, club.reviewer, payment.id, "no")
    db.write(payments.reopen, club.reviewer, payment.id)
    club.verify(payment)
    db.write(reversals.unverify, club.treasurer, payment.id)
    club.verify(payment)
    db.write(reversals.refund, club.treasurer, payment.id, club.money(1))
    db.write(reversals.cancel, club.treasurer, club.record(payer, 1).id)
    actions = [action.removeprefix("payment.") for action in club.audits("payment.")]
    assert actions == [
        "submit",
        "reject",
        "reopen",
        "verify",
        "unverify",
        "verify",
        "refund",
        "record",
        "cancel",
    ]
    cards = club.notices("payment_card")
    assert len(cards) == 2
    assert len(club.notices("payment_result")) == 8  # everything but the submission itself


def test_a_member_without_discord_is_told_nothing(club: Club, payer: Member) -> None:
    paper = club.member()
    club.record(paper, 10)
    assert club.notices("payment_result") == []


def test_who_did_it_is_kept(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.verify(club.submit(payer))
    assert (payment.submitted_by, payment.decided_by) == (club.as_member(payer).text, club.reviewer.text)
    by_operator = db.write(
        payments.record,
        Actor.operator(club.id),
        payer.id,
        club.money(5),
        request_id="shell-1",
        source="shell",
    )
    assert (by_operator.payment.submitted_by, by_operator.payment.source) == ("operator", "shell")


def test_a_preview_shows_the_effects_and_changes_nothing(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    from tests.core.helpers import everything

    payment = club.submit(payer)
    before = everything(db)
    preview = db.preview(payments.verify, club.reviewer, payment.id, club.money(500))
    assert everything(db) == before
    assert db.write(payments.verify, club.reviewer, payment.id, club.money(500)).effects == preview.effects
