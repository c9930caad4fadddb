"""The figures of the pages: what is collected, waits, is late; and what comes next."""

from __future__ import annotations

from datetime import date

import pytest

from core import corrections, errors, payments, reports_web, resync
from core.period import Period
from tests.factories import Club
from tests.fakes import FixedClock


def overview(club: Club, period: str | None = None) -> reports_web.Overview:
    return club.db.read(reports_web.overview, club.auditor, Period(period) if period else None)


def test_every_bill_is_in_one_part_and_the_parts_add_up(club: Club) -> None:
    first, second = club.plan("First", 300), club.plan("Second", 100)
    people = [club.subscriber(first) for _ in range(4)] + [club.subscriber(second)]
    club.open()
    club.verify(club.submit(people[0]))
    club.verify(club.submit(people[1]), 200)  # short: 100 stay open
    club.submit(people[2])
    rejected = club.submit(people[3])
    club.db.write(payments.reject, club.reviewer, rejected.id, "no")
    view = overview(club)
    whole = view.whole
    assert (whole.verified.bills, whole.paid.bills, whole.unpaid.bills) == (1, 1, 3)
    assert (whole.all.due_minor, whole.all.settled_minor) == (1300, 500)
    assert whole.unpaid.open_minor == 100 + 300 + 100
    assert [(plan.title, plan.all.bills, plan.all.due_minor) for plan in view.plans] == [
        ("First", 4, 1200), ("Second", 1, 100),
    ]  # fmt: skip
    assert [debtor.open_minor for debtor in view.debtors] == [300, 100, 100]
    assert (view.debtor_count, view.waiting, view.waiting_minor) == (3, 1, 300)
    assert view.methods == (reports_web.MethodSum(None, 500, 2),)
    assert (view.rejected, view.without_picture) == (1, 2)
    assert view.pot_minor == 500


def test_what_is_waived_is_not_due_and_what_is_void_is_not_there(club: Club) -> None:
    people = [club.subscriber(club.plan("Plan", 300)), club.subscriber(club.plan("Other", 200))]
    club.open()
    club.db.write(corrections.waive, club.treasurer, club.bills(people[0])[0].id, club.money(120), "illness")
    club.db.write(corrections.void, club.treasurer, club.bills(people[1])[0].id, "mistake")
    whole = overview(club).whole.all
    assert (whole.bills, whole.due_minor, whole.waived_minor) == (1, 180, 120)


def test_late_days_count_from_the_oldest_due_date_of_what_is_unpaid(club: Club, clock: FixedClock) -> None:
    member = club.subscriber(club.plan())
    club.open()
    assert (overview(club).due_on, overview(club).late_days) == ("2026-06-05", 0)
    clock.advance(days=4)
    assert overview(club).late_days == 4
    club.submit(member)
    assert (overview(club).due_on, overview(club).late_days) == (None, 0)


def test_a_month_without_bills_is_empty_and_no_error(club: Club) -> None:
    view = overview(club, "2031-01")
    assert (view.status, view.row, view.plans, view.whole.all.bills) == ("draft", None, (), 0)
    assert view.history == ()


def test_the_history_begins_with_the_first_month_that_asked_for_something(club: Club) -> None:
    member = club.subscriber(club.plan())
    for month in ("2026-03", "2026-05", "2026-06"):
        club.open(month)
    club.verify(club.submit(member, [bill for bill in club.bills(member) if bill.covers_from < "2026-04"]))
    found = [(month.period.text, month.due_minor, month.settled_minor) for month in overview(club).history]
    assert found == [("2026-03", 300, 300), ("2026-04", 0, 0), ("2026-05", 300, 0), ("2026-06", 300, 0)]


@pytest.mark.parametrize(
    ("steps", "mode", "days_later", "expected"),
    [([3], "channel", 0, "2026-06-08"), ([3], "channel", 3, None), ([3, 10], "private", 3, "2026-06-15"),
     ([-2, 3], "channel", 0, "2026-06-08"), ([3], "off", 0, None), ([], "channel", 0, None)],
)  # fmt: skip
def test_the_next_reminder_is_the_next_step_that_has_not_come(
    club: Club, clock: FixedClock, steps: list[int], mode: str, days_later: int, expected: str | None
) -> None:
    club.subscriber(club.plan())
    club.open()
    club.set(reminder_days=steps, reminder_mode=mode)
    clock.advance(days=days_later)
    assert overview(club).notices.next_reminder_on == (date.fromisoformat(expected) if expected else None)


def test_the_next_opening_is_the_next_billing_day_unless_months_open_by_hand(club: Club) -> None:
    club.subscriber(club.plan())
    club.open()
    assert str(overview(club).notices.next_opening_on) == "2026-07-05"
    club.set(auto_open=False)
    assert overview(club).notices.next_opening_on is None


def test_a_retracted_month_is_a_draft_again(club: Club) -> None:
    club.subscriber(club.plan())
    club.open()
    club.db.write(resync.retract, club.treasurer, Period("2026-06"))
    assert (overview(club, "2026-06").status, overview(club, "2026-06").whole.all.bills) == ("draft", 0)


def test_the_queue_names_those_with_several_submissions(club: Club) -> None:
    one, two = club.plan("One", 100), club.plan("Two", 200)
    ann, bea = club.subscriber(one), club.subscriber(one)
    club.subscribe(ann, two)
    club.open()
    theirs = [club.submit(ann, [bill]).id for bill in club.bills(ann)]
    club.submit(bea)
    queue = club.db.read(reports_web.queue, club.auditor)
    assert (queue.total, len(queue.views), queue.next_after) == (3, 3, None)
    assert queue.of_member == {ann.id: tuple(sorted(theirs))}
    only = club.db.read(reports_web.queue, club.auditor, member_id=ann.id)
    assert {view.payment.id for view in only.views} == set(theirs)


def test_strangers_and_other_clubs_see_nothing(club: Club) -> None:
    member = club.subscriber(club.plan())
    club.open()
    payment = club.submit(member)
    other = Club.create(club.db, number=1)
    for read in (reports_web.overview, reports_web.queue, reports_web.version):
        with pytest.raises(errors.RoleNeeded):
            club.db.read(read, club.stranger)
    with pytest.raises(errors.PaymentUnknown):
        club.db.read(reports_web.submission, other.owner, payment.id)
    assert club.db.read(reports_web.queue, other.owner).views == ()
    assert overview(other).waiting == 0
