"""What members owed, or had paid ahead, when the books began."""

from __future__ import annotations

from datetime import date

import pytest

from core import errors, opening_balances, reversals
from core.money import LARGEST_MINOR
from core.preview import digest_of
from core.store import bills as bill_rows
from tests.core.helpers import assert_clean, balance, everything, refused
from tests.factories import Club


def set_balance(club: Club, member, minor: int, on: str = "2026-05-31", **options):
    return club.db.write(
        opening_balances.set_balance, club.treasurer, member.id, club.money(minor), on, **options
    )


def test_a_debt_is_a_bill_that_can_be_paid_without_any_open_month(club):
    member = club.linked()
    done = set_balance(club, member, 450, due_on="2026-06-30")
    assert (done.bill.kind, done.bill.amount_minor, done.bill.due_on) == ("opening", 450, "2026-06-30")
    assert (done.bill.title, done.bill.covers_from) == ("Opening balance", "2026-05-31")
    assert (balance(club, "receivable", member.id), balance(club, "opening")) == (450, -450)
    club.verify(club.submit(member))
    assert club.bills(member)[0].status == "verified"
    assert_clean(club.db)


def test_a_debt_is_due_today_unless_said_otherwise_and_dated_as_of_its_day(club):
    set_balance(club, club.member(), 1)
    assert club.db.conn.execute("SELECT due_on FROM bills").fetchone() == ("2026-06-05",)
    assert club.db.conn.execute("SELECT entered_on FROM ledger_entries").fetchone() == ("2026-05-31",)


def test_the_bills_title_is_in_the_clubs_language(db):
    club = Club.create(db, locale="zh-TW")
    assert set_balance(club, club.member(), 1).bill.title == "期初餘額"


def test_a_credit_settles_what_is_open_by_itself_and_the_rest_waits(club):
    member = club.subscriber(club.plan("Base", 300))
    club.open("2026-06")
    done = set_balance(club, member, -500)
    assert (done.payment.funds, done.payment.received_on, done.credit_minor) == ("opening", "2026-05-31", 200)
    assert [bill.status for bill in club.bills(member)] == ["verified"]
    assert (balance(club, "receivable", member.id), balance(club, "pot")) == (-200, 0)
    club.open("2026-07")
    assert club.credit(member) == 0
    assert_clean(club.db)


def test_a_debt_takes_credit_that_is_there_already(club):
    member = club.member()
    club.record(member, 100)
    done = set_balance(club, member, 250)
    assert done.bill.settled_minor == 100
    assert club.credit(member) == 0
    assert_clean(club.db)


@pytest.mark.parametrize(("first", "second"), [(10, 20), (10, -20), (-10, 20), (-10, -20)])
def test_a_balance_is_set_once(club, first, second):
    member = club.member("Ann")
    done = set_balance(club, member, first)
    label = (done.bill or done.payment).label
    with refused(club.db, errors.OpeningBalanceSet, member="Ann", entry=label):
        set_balance(club, member, second)


def test_a_cancelled_credit_may_be_set_anew(club):
    member = club.member()
    for minor in (-100, -200, -300):
        done = set_balance(club, member, minor)
        club.db.write(reversals.cancel, club.treasurer, done.payment.id)
    set_balance(club, member, -250)
    assert club.credit(member) == 250
    assert_clean(club.db)


def test_credit_from_before_the_books_is_given_back_out_of_the_pot(club):
    done = set_balance(club, club.member(), -250)
    club.db.write(reversals.refund, club.treasurer, done.payment.id, club.money(100))
    assert balance(club, "pot", 0) == -100
    assert_clean(club.db)
    club.db.write(reversals.cancel, club.treasurer, done.payment.id)
    assert balance(club, "pot", 0) == 0
    assert_clean(club.db)


def test_a_voided_debt_may_be_set_anew(club):
    member = club.member()
    done = set_balance(club, member, 100)
    club.db.write(lambda tx: bill_rows.set_void(tx.conn, done.bill.id))
    assert set_balance(club, member, 50).bill.amount_minor == 50


def test_a_preview_says_what_will_be_and_leaves_nothing(club):
    member = club.subscriber(club.plan())
    club.open("2026-06")
    before = everything(club.db)
    args = (opening_balances.set_balance, club.treasurer, member.id, club.money(-500), "2026-05-31")
    shown = club.db.preview(*args)
    assert everything(club.db) == before
    done = club.db.confirm(digest_of(shown), *args)
    assert done.effects == shown.effects


@pytest.mark.parametrize(
    ("minor", "on", "error", "field"),
    [
        (0, "2026-05-31", errors.AmountZero, "balance"),
        (LARGEST_MINOR + 1, "2026-05-31", errors.AmountTooLarge, "balance"),
        (-LARGEST_MINOR - 1, "2026-05-31", errors.AmountTooLarge, "balance"),
        (5, "2026-05-32", errors.InvalidDate, "on"),
        (5, "2026-06-06", errors.DateTooLate, "on"),
    ],
)
def test_an_impossible_balance_is_refused(club, minor, on, error, field):
    member = club.member()
    with refused(club.db, error, field=field):
        set_balance(club, member, minor, on)


def test_an_impossible_due_date_is_refused(club):
    member = club.member()
    with refused(club.db, errors.InvalidDate, field="due_on"):
        set_balance(club, member, 5, due_on="2026-02-30")


def test_the_day_is_the_clubs(db, clock):
    clock.advance(hours=22, minutes=30)  # 6 June in Taipei, 5 June in New York
    taipei, york = Club.create(db), Club.create(db, number=1, timezone="America/New_York", currency="USD")
    set_balance(taipei, taipei.member(), 5, "2026-06-06")
    member = york.member()
    with refused(db, errors.DateTooLate, latest=date(2026, 6, 5)):
        set_balance(york, member, 5, "2026-06-06")


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_balances_are_the_treasurers(club, who):
    member = club.member()
    for minor in (5, -5):
        with refused(club.db, errors.RoleNeeded, role="treasurer"):
            club.db.write(
                opening_balances.set_balance, getattr(club, who), member.id, club.money(minor), "2026-05-31"
            )


def test_another_clubs_member_is_not_there(db):
    here, there = Club.create(db), Club.create(db, number=1)
    member = there.member()
    with refused(db, errors.MemberUnknown):
        set_balance(here, member, 5)


def test_both_kinds_are_audited(club):
    set_balance(club, club.member(), 5)
    set_balance(club, club.member(), -5)
    assert club.audits("opening.") == ["opening.debt"]
    assert club.audits("payment.") == ["payment.record"]
