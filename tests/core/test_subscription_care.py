"""Own billing days, ends, pauses ahead, leaving and coming back; and the order of ways to pay."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core import errors, methods, plans, roster, subscriptions
from core.models import Plan
from core.preview import digest_of
from core.store import subscriptions as subscription_rows
from tests.core.helpers import assert_clean, everything, refused
from tests.factories import Club
from tests.fakes import FixedClock


@pytest.fixture
def plan(club: Club) -> Plan:
    return club.plan("Base", 300)


# --- the own billing day -------------------------------------------------------------------------------


def test_an_own_billing_day_sets_the_due_date_of_later_bills_only(club: Club, plan: Plan) -> None:
    club.set(due_days=2)
    member = club.member()
    row = club.subscribe(member, plan)
    club.open("2026-06")
    done = club.db.write(subscriptions.set_billing_day, club.treasurer, row.id, 20)
    assert done.subscription.billing_day == 20
    club.open("2026-07")
    assert [bill.due_on for bill in club.bills(member)] == ["2026-07-22", "2026-06-07"]
    club.db.write(subscriptions.set_billing_day, club.treasurer, row.id, None)
    club.open("2026-08")
    assert club.bills(member)[0].due_on == "2026-08-07"
    assert club.audits("subscription.billing_day") == ["subscription.billing_day"] * 2
    assert_clean(club.db)


def test_the_same_day_again_changes_nothing(club: Club, plan: Plan) -> None:
    row = club.subscribe(club.member(), plan)
    club.db.write(subscriptions.set_billing_day, club.treasurer, row.id, 20)
    before = everything(club.db)
    club.db.write(subscriptions.set_billing_day, club.treasurer, row.id, 20)
    assert everything(club.db) == before


@pytest.mark.parametrize("day", [0, 29, -1, True, 1.0])
def test_a_billing_day_that_some_months_do_not_have_is_refused(club: Club, plan: Plan, day: int) -> None:
    row = club.subscribe(club.member(), plan)
    with refused(club.db, errors.NumberOutOfRange, field="billing_day"):
        club.db.write(subscriptions.set_billing_day, club.treasurer, row.id, day)


def test_billing_days_are_for_treasurers_of_the_club_and_running_seats(
    club: Club, plan: Plan, clock: FixedClock
) -> None:
    row = club.subscribe(club.member(), plan)
    other = Club.create(club.db, number=1)
    with refused(club.db, errors.SubscriptionUnknown):
        club.db.write(subscriptions.set_billing_day, other.treasurer, row.id, 3)
    with refused(club.db, errors.RoleNeeded):
        club.db.write(subscriptions.set_billing_day, club.reviewer, row.id, 3)
    club.db.write(subscriptions.end_now, club.treasurer, row.id)
    clock.advance(days=1)
    with refused(club.db, errors.SubscriptionOver, ended_on=date(2026, 6, 5)):
        club.db.write(subscriptions.set_billing_day, club.treasurer, row.id, 3)


# --- ends ----------------------------------------------------------------------------------------------


def test_ending_now_names_the_unpaid_bills_it_leaves(club: Club, plan: Plan) -> None:
    member = club.member()
    row = club.subscribe(member, plan)
    club.open()
    done = club.db.write(subscriptions.end_now, club.treasurer, row.id)
    assert done.subscription.ends_on == "2026-06-05"
    assert [bill.id for bill in done.affected] == [club.bills(member)[0].id]
    assert club.open("2026-07").bills == 0


def test_what_has_not_begun_never_begins_when_it_ends_now(club: Club, plan: Plan) -> None:
    row = club.subscribe(club.member(), plan, "2026-08-10")
    assert club.db.write(subscriptions.end_now, club.treasurer, row.id).subscription.ends_on == "2026-08-09"


@pytest.mark.parametrize(
    ("cycle", "starts_on", "today", "last"),
    [
        (1, "2026-01-01", "2026-06-05", "2026-06-30"),
        (1, "2026-01-31", "2026-06-30", "2026-06-30"),
        (3, "2026-01-15", "2026-06-05", "2026-06-30"),
        (3, "2026-02-15", "2026-06-05", "2026-07-31"),
        (6, "2025-11-01", "2026-04-30", "2026-04-30"),
        (6, "2025-11-01", "2026-05-01", "2026-10-31"),
        (12, "2024-02-29", "2026-02-28", "2027-01-31"),
        (12, "2026-08-01", "2026-06-05", "2027-07-31"),
    ],
)
def test_the_last_day_that_is_paid_for(
    club: Club, clock: FixedClock, cycle: int, starts_on: str, today: str, last: str
) -> None:
    row = club.subscribe(club.member(), club.plan("Cycle", cycle_months=cycle), starts_on)
    clock.set(datetime.fromisoformat(f"{today}T04:00:00+00:00").astimezone(UTC))
    assert club.db.read(subscriptions.last_covered_day, club.auditor, row.id) == date.fromisoformat(last)
    done = club.db.write(subscriptions.end_with_period, club.treasurer, row.id)
    assert done.subscription.ends_on == last


def test_ending_with_the_period_agrees_with_what_the_bill_covers(club: Club, clock: FixedClock) -> None:
    member = club.member()
    row = club.subscribe(member, club.plan("Quarter", cycle_months=3), "2026-02-10")
    club.open("2026-05")
    (bill,) = club.bills(member)
    done = club.db.write(subscriptions.end_with_period, club.treasurer, row.id)
    assert (done.subscription.ends_on, done.affected) == (bill.covers_to, ())
    assert club.open("2026-07").bills == 0
    assert club.open("2026-08").bills == 0


def test_an_end_is_previewed_and_confirmed_as_it_stands(club: Club, plan: Plan) -> None:
    row = club.subscribe(club.member(), plan)
    club.open()
    before = everything(club.db)
    shown = club.db.preview(subscriptions.end_with_period, club.treasurer, row.id)
    assert everything(club.db) == before
    assert digest_of(shown) != digest_of(club.db.preview(subscriptions.end_now, club.treasurer, row.id))
    done = club.db.confirm(digest_of(shown), subscriptions.end_with_period, club.treasurer, row.id)
    assert done.subscription.ends_on == "2026-06-30"


# --- pauses --------------------------------------------------------------------------------------------


def test_a_pause_ahead_skips_its_months_and_ends_by_itself(club: Club, plan: Plan) -> None:
    member = club.member()
    row = club.subscribe(member, plan)
    done = club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-07-01", "2026-09-01")
    assert [(pause.from_on, pause.resumes_on) for pause in done.pauses] == [("2026-07-01", "2026-09-01")]
    billed = [club.open(period).bills for period in ("2026-06", "2026-07", "2026-08", "2026-09")]
    assert billed == [1, 0, 0, 1]
    assert_clean(club.db)


@pytest.mark.parametrize("until", [None, "2026-09-01"])
def test_a_pause_ahead_can_be_taken_back(club: Club, plan: Plan, until: str | None) -> None:
    row = club.subscribe(club.member(), plan)
    club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-07-01", until)
    done = club.db.write(subscriptions.resume, club.treasurer, row.id, "2026-07-01")
    assert [(pause.from_on, pause.resumes_on) for pause in done.pauses] == [("2026-07-01", "2026-07-01")]
    assert club.open("2026-07").bills == 1


def test_pausing_and_resuming_are_told_apart_in_their_previews(club: Club, plan: Plan) -> None:
    row = club.subscribe(club.member(), plan)
    short = club.db.preview(subscriptions.pause, club.treasurer, row.id, "2026-07-01", "2026-08-01")
    long = club.db.preview(subscriptions.pause, club.treasurer, row.id, "2026-07-01")
    assert digest_of(short) != digest_of(long)
    club.open()
    club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-05-01")
    resumed = club.db.preview(subscriptions.resume, club.treasurer, row.id, "2026-06-05")
    assert ("pause", "2026-05-01", "2026-06-05") in resumed.effects


def test_starting_is_previewed_without_new_ids(club: Club, plan: Plan) -> None:
    club.open()
    member, other = club.member(), club.member()
    shown = club.db.preview(subscriptions.start, club.treasurer, member.id, plan.id, "2026-06-01")
    club.subscribe(other, plan)  # takes the ids that the preview had
    done = club.db.confirm(
        digest_of(shown), subscriptions.start, club.treasurer, member.id, plan.id, "2026-06-01"
    )
    assert [bill.amount_minor for bill in done.made] == [300]


# --- leaving and coming back ---------------------------------------------------------------------------


def test_who_comes_back_has_their_history_and_a_new_seat(club: Club, plan: Plan, clock: FixedClock) -> None:
    member = club.subscriber(plan)
    club.open("2026-06")
    club.verify(club.submit(member))
    club.db.write(roster.leave, club.treasurer, member.id)
    assert club.fresh(member).discord_id is None
    clock.advance(days=40)
    assert club.open("2026-07").bills == 0
    club.db.write(roster.rejoin, club.treasurer, member.id)
    club.subscribe(member, plan, "2026-08-01")
    assert club.open("2026-08").bills == 1
    assert [bill.status for bill in club.bills(member)] == ["pending", "verified"]
    held = club.db.read(lambda tx: subscription_rows.of_member(tx.conn, member.id))
    assert [(row.starts_on, row.ends_on) for row in held] == [
        ("2026-01-01", "2026-06-05"), ("2026-08-01", None),
    ]  # fmt: skip
    assert club.audits("member")[-2:] == ["member.leave", "member.rejoin"]
    assert_clean(club.db)


# --- plans and methods ---------------------------------------------------------------------------------


def test_a_plan_is_renamed_repriced_and_retired_with_its_history(club: Club, plan: Plan) -> None:
    member = club.member()
    club.subscribe(member, plan)
    club.open("2026-06")
    club.reprice(plan, 320, "2026-08")
    club.db.write(plans.rename, club.treasurer, plan.id, "Basis")
    club.db.write(plans.set_role, club.treasurer, plan.id, 99)
    done = club.db.write(plans.retire, club.treasurer, plan.id)
    assert (done.plan.name, done.plan.role_id, done.subscribers) == ("Basis", 99, 1)
    history = club.db.read(plans.price_history, club.auditor, plan.id)
    assert [(price.from_period, price.amount_minor) for price in history] == [
        ("2026-01", 300), ("2026-08", 320),
    ]  # fmt: skip
    assert club.bills(member)[0].title == "Base"
    assert club.open("2026-08").minor == 320


def names(club: Club) -> list[str]:
    return [method.name for method in club.db.read(methods.everyone, club.auditor)]


def test_ways_to_pay_move_up_and_down(club: Club) -> None:
    bank, cash, mobile = (club.method(name) for name in ("Bank", "Cash", "Mobile"))
    moved = club.db.write(methods.move, club.treasurer, mobile.id, up=True)
    assert [method.name for method in moved] == ["Bank", "Mobile", "Cash"] == names(club)
    club.db.write(methods.move, club.treasurer, bank.id, up=False)
    assert names(club) == ["Mobile", "Bank", "Cash"]
    before = everything(club.db)
    club.db.write(methods.move, club.treasurer, mobile.id, up=True)
    club.db.write(methods.move, club.treasurer, cash.id, up=False)
    assert everything(club.db) == before
    assert club.audits("method.move") == ["method.move"] * 2


def test_equal_places_are_told_apart_when_one_moves(club: Club) -> None:
    first, second = (club.method(name) for name in ("First", "Second"))
    for method in (first, second):
        club.db.write(methods.edit, club.treasurer, method.id, sort_order=5)
    club.db.write(methods.move, club.treasurer, second.id, up=True)
    assert names(club) == ["Second", "First"]


def test_retired_and_foreign_ways_to_pay_do_not_move(club: Club) -> None:
    bank, cash = club.method("Bank"), club.method("Cash")
    other = Club.create(club.db, number=1)
    with refused(club.db, errors.MethodUnknown):
        club.db.write(methods.move, other.treasurer, cash.id, up=True)
    with refused(club.db, errors.RoleNeeded):
        club.db.write(methods.move, club.reviewer, cash.id, up=True)
    club.db.write(methods.retire, club.treasurer, bank.id)
    with refused(club.db, errors.MethodUnknown):
        club.db.write(methods.move, club.treasurer, bank.id, up=False)
    assert names(club) == ["Cash"]
