"""Corrections of charges: what each does to bills, credit and the books, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import corrections, errors, subscriptions
from core.db import LocalDatabase
from core.models import Bill, BillId, Member, MemberId
from core.period import Period
from core.preview import digest_of
from core.store import bills as bill_rows
from tests.core.helpers import assert_clean, balance, entries, everything, refused
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


def seat(club: Club, member: Member) -> Any:
    return club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription.id


def apply(club: Club, use_case: Callable[..., Any], *args: Any) -> Any:
    """Preview, confirm what was shown, and look at the books."""
    before = everything(club.db)
    preview = club.db.preview(use_case, club.treasurer, *args)
    assert everything(club.db) == before
    done = club.db.confirm(digest_of(preview), use_case, club.treasurer, *args)
    assert_clean(club.db)
    return done


def test_an_adjustment_is_a_line_with_its_reason_and_both_sides_in_the_books(club: Club, member: Member):
    bill = only(club, member)
    apply(club, corrections.set_amount, bill.id, club.money(120), "half a month")
    lines = club.db.read(lambda tx: bill_rows.lines(tx.conn, bill.id))
    assert [(line.kind, line.amount_minor, line.reason) for line in lines] == [
        ("price", 300, ""), ("adjustment", -180, "half a month"),
    ]  # fmt: skip
    assert (balance(club, "receivable", member.id), balance(club, "dues")) == (120, -120)
    assert club.audits("bill") == ["bill.adjust"]


def test_every_correction_needs_a_reason_and_the_bill_of_one_s_own_club(club: Club, member: Member):
    bill = only(club, member)
    other = Club.create(club.db, number=1)
    before = everything(club.db)
    for use_case, args in (
        (corrections.set_amount, (club.money(1),)), (corrections.waive, (None,)), (corrections.void, ()),
    ):  # fmt: skip
        for reason in ("", "  ", "\n"):
            with refused(club.db, errors.ReasonMissing):
                club.db.write(use_case, club.treasurer, bill.id, *args, reason)
        with refused(club.db, errors.BillUnknown):
            club.db.write(use_case, other.treasurer, bill.id, *args, "x")
        with refused(club.db, errors.BillUnknown):
            club.db.write(use_case, club.treasurer, BillId(999), *args, "x")
        with refused(club.db, errors.RoleNeeded):
            club.db.write(use_case, club.reviewer, bill.id, *args, "x")
    assert everything(club.db) == before


def test_a_waiver_is_a_loss_of_the_club_and_can_be_taken_back(club: Club, member: Member):
    bill = only(club, member)
    done = apply(club, corrections.waive, bill.id, club.money(100), "gift")
    assert (done.bill.waived_minor, done.bill.open_minor) == (100, 200)
    assert (balance(club, "writeoff"), balance(club, "receivable", member.id)) == (100, 200)
    with refused(club.db, errors.WaiverTooLarge, most=club.money(200)):
        club.db.write(corrections.waive, club.treasurer, bill.id, club.money(201), "x")
    apply(club, corrections.unwaive, done.undo_id)
    assert (balance(club, "writeoff"), balance(club, "receivable", member.id)) == (0, 300)
    with refused(club.db, errors.WaiverUnknown):
        club.db.write(corrections.unwaive, club.treasurer, done.undo_id)


def test_a_bill_is_never_lowered_below_what_was_forgiven_of_it(club: Club, member: Member):
    bill = only(club, member)
    apply(club, corrections.waive, bill.id, club.money(100), "gift")
    with refused(club.db, errors.WaiverTooLarge):
        club.db.write(corrections.set_amount, club.treasurer, bill.id, club.money(99), "x")


def test_a_void_bill_reverses_all_that_was_posted_for_it_and_takes_no_further_correction(
    club: Club, member: Member
):
    bill = only(club, member)
    apply(club, corrections.set_amount, bill.id, club.money(350), "more")
    apply(club, corrections.waive, bill.id, club.money(100), "gift")
    club.record(member, 50)
    done = apply(club, corrections.void, bill.id, "should not have been")
    assert (done.bill.status, done.credit_minor) == ("void", 50)
    assert (balance(club, "dues"), balance(club, "writeoff"), balance(club, "receivable", member.id)) == (
        0, 0, -50,
    )  # fmt: skip
    assert entries(club, "void") == ["void"] * 3
    for use_case, args in (
        (corrections.set_amount, (club.money(1), "x")), (corrections.waive, (None, "x")), (corrections.void, ("x",)),
    ):  # fmt: skip
        with refused(club.db, errors.BillSettled, bill=bill.label):
            club.db.write(use_case, club.treasurer, bill.id, *args)


def test_one_charge_makes_one_bill_for_each_person_payable_at_once(club: Club, member: Member):
    ben = club.linked("Ben")
    club.record(ben, 30)
    made = apply(
        club, corrections.charge, [member.id, ben.id, member.id], "Trip", club.money(50), "2026-06-30"
    )
    assert [(bill.member_id, bill.amount_minor, bill.due_on) for bill in made.bills] == [
        (member.id, 50, "2026-06-30"), (ben.id, 50, "2026-06-30"),
    ]  # fmt: skip
    assert only(club, ben).settled_minor == 30, "credit is used up at once"
    assert club.verify(club.submit(member)).received_minor == 350
    assert club.audits("bill.charge") == ["bill.charge"]


def test_a_charge_that_cannot_be_is_one_error_and_charges_nobody(club: Club, member: Member):
    cases: list[tuple[type[errors.DomainError], list[MemberId], str, int, str]] = [
        (errors.NothingSelected, [], "Trip", 5, "2026-07-01"),
        (errors.MemberUnknown, [member.id, MemberId(99)], "Trip", 5, "2026-07-01"),
        (errors.AmountNotPositive, [member.id], "Trip", 0, "2026-07-01"),
        (errors.AmountNegative, [member.id], "Trip", -5, "2026-07-01"),
        (errors.InvalidDate, [member.id], "Trip", 5, "2026-02-30"),
        (errors.InvalidInput, [member.id], "  ", 5, "2026-07-01"),
    ]
    before = everything(club.db)
    for error, people, title, minor, due in cases:
        with pytest.raises(error):
            club.db.write(corrections.charge, club.treasurer, people, title, club.money(minor), due)
        assert everything(club.db) == before, error


def test_an_old_month_is_billed_at_its_own_price_and_nobody_else_is(club: Club, member: Member):
    club.reprice(club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].plan, 400, "2026-05")
    club.subscriber(club.plan("Cake", 90), "Ben")
    bill = club.db.write(corrections.back_fill, club.treasurer, seat(club, member), Period("2026-03"))
    assert (bill.amount_minor, bill.due_on, bill.covers_from) == (300, "2026-03-05", "2026-03-01")
    assert sorted(found.covers_from for found in club.bills(member)) == ["2026-03-01", "2026-06-01"]
    assert club.verify(club.submit(member, [bill])).received_minor == 300
    assert_clean(club.db)


def test_a_back_fill_overwrites_nothing_and_is_refused_for_what_was_not_or_is_to_come(
    club: Club, member: Member
):
    before = everything(club.db)
    for error, period in (
        (errors.BillExists, "2026-06"), (errors.NothingToBill, "2025-12"), (errors.PeriodNotOpen, "2026-07"),
    ):  # fmt: skip
        with pytest.raises(error):
            club.db.write(corrections.back_fill, club.treasurer, seat(club, member), Period(period))
        assert everything(club.db) == before, period


def test_members_pay_what_was_back_filled_without_the_month_being_opened(
    club: Club, member: Member, db: LocalDatabase
):
    bill = db.write(corrections.back_fill, club.treasurer, seat(club, member), Period("2026-03"))
    (status,) = db.conn.execute("SELECT status FROM billing_periods WHERE period = '2026-03'").fetchone()
    assert status == "draft"
    assert club.submit(member, [bill]).declared_minor == 300
