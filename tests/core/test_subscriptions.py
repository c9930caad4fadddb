"""A seat on a plan: its start, pauses and end, and the bills that follow at once."""

from __future__ import annotations

from datetime import date

import pytest

from core import errors, plans, roster, subscriptions
from core.models import Pause, Subscription, SubscriptionId
from core.subscriptions import status_on
from tests.core.helpers import assert_clean, refused
from tests.factories import Club

TODAY = date(2026, 6, 5)


@pytest.fixture
def plan(club):
    return club.plan("Base", 300)


def start(club: Club, member, plan, starts_on="2026-01-01"):
    return club.db.write(subscriptions.start, club.treasurer, member.id, plan.id, starts_on)


def end(club: Club, row, ends_on):
    return club.db.write(subscriptions.end, club.treasurer, row.id, ends_on)


def pause(club: Club, row, from_on, resumes_on=None):
    return club.db.write(subscriptions.pause, club.treasurer, row.id, from_on, resumes_on)


def resume(club: Club, row, on):
    return club.db.write(subscriptions.resume, club.treasurer, row.id, on)


def periods(changed) -> list[str]:
    return [bill.covers_from[:7] for bill in changed.made]


def view(club: Club, member) -> subscriptions.SubscriptionView:
    return club.db.read(subscriptions.of_member, club.auditor, member.id)[-1]


# --- starting -----------------------------------------------------------------------------------------------


def test_a_start_bills_every_open_period_since_then_and_no_other(club, plan):
    for period in ("2026-03", "2026-04", "2026-06"):
        club.open(period)
    member = club.member()
    changed = start(club, member, plan, "2026-04-15")
    assert periods(changed) == ["2026-04", "2026-06"]
    assert [bill.amount_minor for bill in changed.made] == [300, 300]
    assert (changed.member.id, changed.plan.id) == (member.id, plan.id)
    assert_clean(club.db)


def test_a_start_in_the_future_bills_nothing_yet(club, plan):
    club.open("2026-06")
    assert start(club, club.member(), plan, "2026-07-01").made == ()


def test_credit_settles_the_bills_of_a_start_by_itself(club, plan):
    club.open("2026-06")
    member = club.member()
    club.opening_balance(member, -500)
    changed = start(club, member, plan)
    assert [bill.status for bill in changed.made] == ["verified"]
    assert club.credit(member) == 200
    assert_clean(club.db)


def test_a_member_has_one_seat_on_a_plan_at_a_time(club, plan):
    member = club.member("Ann")
    first = start(club, member, plan, "2026-02-01").subscription
    with refused(club.db, errors.AlreadySubscribed, member="Ann", plan="Base"):
        start(club, member, plan, "2026-06-01")
    end(club, first, "2026-07-31")
    with refused(club.db, errors.AlreadySubscribed):
        start(club, member, plan, "2026-07-31")
    with refused(club.db, errors.AlreadySubscribed):
        start(club, member, plan, "2026-01-01")
    assert start(club, member, plan, "2026-08-01").subscription.starts_on == "2026-08-01"


def test_another_plan_is_another_seat(club, plan):
    member = club.member()
    start(club, member, plan)
    start(club, member, club.plan("Plus"))
    assert len(club.db.read(subscriptions.of_member, club.auditor, member.id)) == 2


def test_nobody_new_starts_on_a_retired_plan(club, plan):
    member = club.member()
    club.db.write(plans.retire, club.treasurer, plan.id)
    with refused(club.db, errors.PlanRetired, plan="Base"):
        start(club, member, plan)


def test_who_left_starts_nothing(club, plan):
    member = club.member("Ann")
    club.db.write(roster.leave, club.treasurer, member.id)
    with refused(club.db, errors.MemberLeft, member="Ann"):
        start(club, member, plan)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("2026-13-45", errors.InvalidDate),
        ("2026-02-30", errors.InvalidDate),
        ("tomorrow", errors.InvalidDate),
        ("0206-01-01", errors.InvalidDate),
        ("", errors.FieldMissing),
    ],
)
def test_an_impossible_start_is_refused(club, plan, typed, error):
    member = club.member()
    with refused(club.db, error, field="starts_on"):
        start(club, member, plan, typed)


def test_a_start_without_a_price_for_an_open_month_is_refused_whole(club):
    club.open("2026-06")
    later = club.plan("Later", from_period="2026-09")
    member = club.member()
    with refused(club.db, errors.PlanWithoutPrice, plan="Later"):
        start(club, member, later)


# --- ending -------------------------------------------------------------------------------------------------


def test_an_end_stops_later_bills_and_names_the_unpaid_ones_for_lost_days(club, plan):
    member = club.linked()
    row = start(club, member, plan).subscription
    for period in ("2026-04", "2026-05", "2026-06"):
        club.open(period)
    may = club.bills(member)[1]
    club.verify(club.submit(member, [may]))
    ended = end(club, row, "2026-04-30")
    assert [bill.covers_from for bill in ended.affected] == ["2026-06-01"]
    assert len(club.bills(member)) == 3
    club.open("2026-07")
    assert len(club.bills(member)) == 3
    assert_clean(club.db)


def test_an_end_before_the_start_means_it_never_was(club, plan):
    row = start(club, club.member(), plan, "2026-07-01").subscription
    assert end(club, row, "2026-06-30").subscription.ends_on == "2026-06-30"
    assert club.open("2026-07").bills == 0


def test_an_end_cannot_lie_further_before_the_start(club, plan):
    row = start(club, club.member(), plan, "2026-07-01").subscription
    with refused(club.db, errors.DateTooEarly, field="ends_on", earliest=date(2026, 6, 30)):
        end(club, row, "2026-06-29")


def test_a_planned_end_moves_and_a_later_one_bills_what_is_open_at_once(club, plan):
    row = start(club, club.member(), plan).subscription
    end(club, row, "2026-06-30")
    club.open("2026-07")
    assert periods(end(club, row, "2026-07-31")) == ["2026-07"]
    end(club, row, "2026-07-15")
    assert end(club, row, None).subscription.ends_on is None


def test_the_same_end_again_changes_nothing(club, plan):
    row = start(club, club.member(), plan).subscription
    end(club, row, "2026-05-31")
    end(club, row, "2026-05-31")
    assert club.audits("subscription.end") == ["subscription.end"]


def test_what_is_over_is_neither_moved_nor_paused_nor_resumed(club, plan):
    row = start(club, club.member(), plan).subscription
    end(club, row, "2026-06-04")
    for act in (
        lambda: end(club, row, "2026-08-31"),
        lambda: end(club, row, None),
        lambda: pause(club, row, "2026-03-01"),
        lambda: resume(club, row, "2026-06-05"),
    ):
        with refused(club.db, errors.SubscriptionOver, ended_on=date(2026, 6, 4)):
            act()


def test_a_planned_end_does_not_run_into_the_next_subscription(club, plan):
    member = club.member()
    row = start(club, member, plan).subscription
    end(club, row, "2026-06-30")
    start(club, member, plan, "2026-09-01")
    with refused(club.db, errors.DateTooLate, field="ends_on", latest=date(2026, 8, 31)):
        end(club, row, "2026-09-01")
    with refused(club.db, errors.DateTooLate):
        end(club, row, None)
    end(club, row, "2026-08-31")


# --- pausing and resuming -----------------------------------------------------------------------------------


def test_whole_paused_months_are_not_billed_and_a_resume_bills_what_is_open_at_once(club, plan):
    member = club.member()
    row = start(club, member, plan).subscription
    pause(club, row, "2026-04-01")
    assert club.open("2026-04").bills == 0
    assert club.open("2026-06").bills == 0
    assert periods(resume(club, row, "2026-06-03")) == ["2026-06"]
    assert view(club, member).status == "active"
    assert_clean(club.db)


def test_a_pause_names_unpaid_bills_for_its_days_and_leaves_them(club, plan):
    member = club.member()
    row = start(club, member, plan).subscription
    club.open("2026-05")
    club.open("2026-06")
    assert [bill.covers_from for bill in pause(club, row, "2026-06-05").affected] == ["2026-06-01"]
    assert len(club.bills(member)) == 2
    assert view(club, member).status == "paused"


def test_a_pause_with_a_return_ends_by_itself(club, plan, clock):
    member = club.member()
    row = start(club, member, plan).subscription
    pause(club, row, "2026-06-01", "2026-08-01")
    assert view(club, member).status == "paused"
    clock.advance(days=57)  # 1 August
    assert view(club, member).status == "active"


def test_a_resume_on_the_day_it_paused_takes_the_pause_back(club, plan):
    member = club.member()
    row = start(club, member, plan).subscription
    pause(club, row, "2026-06-05")
    resume(club, row, "2026-06-05")
    assert view(club, member).status == "active"
    pause(club, row, "2026-06-05")
    assert view(club, member).status == "paused"


def test_a_pause_that_begins_later_can_be_taken_back(club, plan):
    row = start(club, club.member(), plan).subscription
    pause(club, row, "2026-08-01")
    resume(club, row, "2026-06-05")
    assert club.open("2026-09").bills == 1


def test_resuming_what_is_not_paused_is_said_so(club, plan):
    row = start(club, club.member(), plan).subscription
    with refused(club.db, errors.NotPaused):
        resume(club, row, "2026-06-05")
    pause(club, row, "2026-02-01", "2026-03-01")
    with refused(club.db, errors.NotPaused):
        resume(club, row, "2026-06-05")


@pytest.mark.parametrize(
    ("from_on", "resumes_on"),
    [
        ("2026-03-01", None),
        ("2026-03-01", "2026-04-02"),
        ("2026-04-10", "2026-04-20"),
        ("2026-05-31", None),
        ("2026-09-01", None),
        ("2026-08-31", "2026-09-02"),
    ],
)
def test_pauses_do_not_overlap(club, plan, from_on, resumes_on):
    row = start(club, club.member(), plan).subscription
    pause(club, row, "2026-04-01", "2026-06-01")
    pause(club, row, "2026-09-01")
    with refused(club.db, errors.PauseOverlaps):
        pause(club, row, from_on, resumes_on)


def test_pauses_may_follow_each_other_without_a_day_between(club, plan):
    row = start(club, club.member(), plan).subscription
    pause(club, row, "2026-04-01", "2026-06-01")
    pause(club, row, "2026-06-01", "2026-07-01")
    pause(club, row, "2026-03-01", "2026-04-01")
    assert club.open("2026-05").bills == 0


@pytest.mark.parametrize(
    ("from_on", "resumes_on", "error", "field"),
    [
        ("2026-01-31", None, errors.DateTooEarly, "from_on"),
        ("2026-12-31", None, errors.DateTooLate, "from_on"),
        ("2026-06-10", "2026-06-10", errors.DateTooEarly, "resumes_on"),
        ("2026-06-10", "2026-06-01", errors.DateTooEarly, "resumes_on"),
        ("2026-06-31", None, errors.InvalidDate, "from_on"),
        ("2026-06-10", "soon", errors.InvalidDate, "resumes_on"),
    ],
)
def test_an_impossible_pause_is_refused(club, plan, from_on, resumes_on, error, field):
    row = start(club, club.member(), plan, "2026-02-01").subscription
    end(club, row, "2026-12-30")
    with refused(club.db, error, field=field):
        pause(club, row, from_on, resumes_on)


def test_proration_counts_the_days_around_a_pause(club):
    plan = club.plan("Daily", 300, proration="daily")
    row = start(club, club.member(), plan).subscription
    pause(club, row, "2026-06-11")
    club.open("2026-06")
    bill = club.bills(view_member(club, row))[0]
    assert bill.amount_minor == 100


def view_member(club: Club, row: Subscription):
    return next(m for m in club.db.read(roster.find, club.auditor, f"M-{row.member_id}").members)


# --- reading, and who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends_on", "pauses", "status"),
    [
        (None, [], "active"),
        ("2026-06-05", [], "active"),
        ("2026-06-04", [], "cancelled"),
        (None, [("2026-06-05", None)], "paused"),
        (None, [("2026-06-06", None)], "active"),
        (None, [("2026-05-01", "2026-06-05")], "active"),
        (None, [("2026-05-01", "2026-06-06")], "paused"),
        (None, [("2026-06-05", "2026-06-05")], "active"),
        ("2026-06-04", [("2026-06-01", None)], "cancelled"),
    ],
)
def test_how_a_subscription_stands(club, ends_on, pauses, status):
    row = Subscription(SubscriptionId(1), club.id, 1, 1, "2026-01-01", ends_on, None, "")
    spans = [Pause(n, row.id, start, until, "", "") for n, (start, until) in enumerate(pauses)]
    assert status_on(row, spans, TODAY) == status


def test_a_member_reads_their_own_subscriptions_and_nobody_elses(club, plan):
    member, other = club.subscriber(plan), club.subscriber(plan)
    assert len(club.db.read(subscriptions.of_member, club.as_member(member), member.id)) == 1
    with refused(club.db, errors.NotYours):
        club.db.read(subscriptions.of_member, club.as_member(member), other.id)


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_subscriptions_are_the_treasurers(club, plan, who):
    member, actor = club.member(), getattr(club, who)
    row = start(club, member, plan).subscription
    for fn, args in (
        (subscriptions.start, (member.id, plan.id, "2026-01-01")),
        (subscriptions.end, (row.id, "2026-06-30")),
        (subscriptions.pause, (row.id, "2026-06-30")),
        (subscriptions.resume, (row.id, "2026-06-30")),
    ):
        with refused(club.db, errors.RoleNeeded, role="treasurer"):
            club.db.write(fn, actor, *args)


def test_what_belongs_to_another_club_is_not_there(db):
    here, there = Club.create(db), Club.create(db, number=1)
    mine, theirs = (here.member(), here.plan()), (there.member(), there.plan())
    row = start(there, *theirs).subscription
    with refused(db, errors.MemberUnknown):
        start(here, theirs[0], mine[1])
    with refused(db, errors.PlanUnknown):
        start(here, mine[0], theirs[1])
    with refused(db, errors.MemberUnknown):
        db.read(subscriptions.of_member, here.treasurer, theirs[0].id)
    for act in (
        lambda: end(here, row, "2026-06-30"),
        lambda: pause(here, row, "2026-06-30"),
        lambda: resume(here, row, "2026-06-30"),
    ):
        with refused(db, errors.SubscriptionUnknown):
            act()


def test_every_change_is_audited_with_ids(club, plan):
    row = start(club, club.member(), plan).subscription
    pause(club, row, "2026-06-10")
    resume(club, row, "2026-06-12")
    end(club, row, "2026-06-30")
    assert club.audits("subscription.") == [
        "subscription.start", "subscription.pause", "subscription.resume", "subscription.end",
    ]  # fmt: skip
