"""Bringing an open month in line with roster and prices, and taking an opening back: what each does to bills,
claims, credit and the books."""

from __future__ import annotations

import json

import pytest

from core import billing, closing, corrections, errors, payments, resync, subscriptions
from core.db import LocalDatabase
from core.models import Bill, Member, Plan
from core.period import Period
from core.preview import digest_of
from core.store import bills as bill_rows
from tests.core.helpers import assert_clean, balance, count, entries, everything, refused
from tests.factories import Club

JUNE = Period("2026-06")


@pytest.fixture
def plan(club: Club) -> Plan:
    return club.plan("Tea", 300)


@pytest.fixture
def member(club: Club, plan: Plan) -> Member:
    """Owes 300 for June."""
    payer = club.subscriber(plan, "Ann")
    club.open()
    return payer


def run(club: Club, **options: bool) -> resync.Resynced:
    """Preview, confirm what was shown, and look at the books."""
    preview = club.db.preview(resync.resync, club.treasurer, JUNE, **options)
    done = club.db.confirm(digest_of(preview), resync.resync, club.treasurer, JUNE, **options)
    assert done.effects == preview.effects
    assert_clean(club.db)
    return done


def retract(club: Club) -> resync.Retracted:
    preview = club.db.preview(resync.retract, club.treasurer, JUNE)
    done = club.db.confirm(digest_of(preview), resync.retract, club.treasurer, JUNE)
    assert done.effects == preview.effects
    assert_clean(club.db)
    return done


def only(club: Club, member: Member) -> Bill:
    (bill,) = club.bills(member)
    return bill


def end(club: Club, member: Member, day: str) -> None:
    seat = club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription
    club.db.write(subscriptions.end, club.treasurer, seat.id, day)


# --- what a resync adds -------------------------------------------------------------------------------


def test_a_bill_that_is_gone_is_made_again_and_nobody_gets_a_second_one(club: Club, member: Member):
    club.db.write(corrections.void, club.treasurer, only(club, member).id, "by mistake")
    done = run(club)
    assert [(bill.name, bill.minor) for bill in done.added] == [("Ann", 300)]
    assert only(club, member).amount_minor == 300
    assert run(club).added == ()


def test_a_subscription_is_never_billed_for_a_month_before_it_began(club: Club, plan: Plan, member: Member):
    late = club.subscriber(plan, "Late", starts_on="2026-07-01")
    assert run(club).added == ()
    assert club.bills(late) == []


def test_the_first_days_before_a_start_within_the_month_are_not_billed_where_days_count(club: Club):
    plan = club.plan("Daily", 300, proration="daily")
    member = club.subscriber(plan, starts_on="2026-06-21")
    club.open()
    club.db.write(corrections.void, club.treasurer, only(club, member).id, "by mistake")
    assert [bill.minor for bill in run(club).added] == [100], "ten days of thirty"


def test_credit_is_used_up_on_what_is_added(club: Club, member: Member):
    club.db.write(corrections.void, club.treasurer, only(club, member).id, "by mistake")
    club.record(member, 200)
    run(club)
    assert (only(club, member).settled_minor, club.credit(member)) == (200, 0)


def test_only_those_who_got_a_bill_are_told_and_only_if_that_is_wanted(
    club: Club, plan: Plan, member: Member
):
    club.set(announce_channel_id=1)
    club.subscriber(plan, "Ben", starts_on="2026-06-01")
    for tell, told in ((False, 0), (True, 1)):
        club.db.write(corrections.void, club.treasurer, only(club, member).id, "by mistake")
        run(club, tell_added=tell)
        assert len(club.notices("added")) == told
    (params,) = club.db.conn.execute("SELECT params FROM notices WHERE kind = 'added'").fetchone()
    assert json.loads(params)["members"] == [member.id]


# --- what it voids and reprices -----------------------------------------------------------------------


@pytest.mark.parametrize("is_rejected", [False, True])
def test_the_bill_of_a_subscription_that_was_not_active_goes(club: Club, member: Member, is_rejected: bool):
    if is_rejected:
        club.db.write(payments.reject, club.reviewer, club.submit(member).id, "not here")
    end(club, member, "2026-05-31")
    done = run(club)
    assert [(bill.name, bill.from_minor) for bill in done.voided] == [("Ann", 300)]
    assert club.bills(member) == []
    assert balance(club, "receivable", member.id) == 0
    assert entries(club, "void") == ["void"]


def test_a_bill_for_days_that_were_used_stays(club: Club, member: Member):
    end(club, member, "2026-06-05")
    assert run(club).revised == ()


def test_a_pending_bill_gets_todays_price_and_its_derivation_says_so(club: Club, plan: Plan, member: Member):
    club.reprice(plan, 350, "2026-06")
    done = run(club)
    assert [(bill.from_minor, bill.to_minor) for bill in done.repriced] == [(300, 350)]
    bill = only(club, member)
    lines = club.db.read(lambda tx: bill_rows.lines(tx.conn, bill.id))
    assert [(line.kind, line.amount_minor) for line in lines] == [("price", 300), ("reprice", 50)]
    assert balance(club, "receivable", member.id) == 350
    assert run(club).revised == ()


def test_a_rejected_bill_keeps_its_price(club: Club, plan: Plan, member: Member):
    club.db.write(payments.reject, club.reviewer, club.submit(member).id, "not here")
    club.reprice(plan, 350, "2026-06")
    assert run(club).revised == ()
    assert only(club, member).amount_minor == 300


def test_what_was_adjusted_by_hand_stays_adjusted_on_top_of_the_new_price(
    club: Club, plan: Plan, member: Member
):
    club.db.write(
        corrections.set_amount, club.treasurer, only(club, member).id, club.money(250), "helped out"
    )
    assert run(club).revised == ()
    club.reprice(plan, 350, "2026-06")
    assert [bill.to_minor for bill in run(club).repriced] == [300]


def test_a_waiver_is_never_undercut(club: Club, plan: Plan, member: Member):
    club.db.write(corrections.waive, club.treasurer, only(club, member).id, club.money(200), "gift")
    club.reprice(plan, 50, "2026-06")
    run(club)
    bill = only(club, member)
    assert (bill.amount_minor, bill.waived_minor, bill.status) == (200, 200, "verified")


def test_a_lower_price_frees_what_was_paid_from_credit_and_uses_it_elsewhere(
    club: Club, plan: Plan, member: Member
):
    other = club.plan("Cake", 90)
    club.record(member, 280)
    assert (only(club, member).settled_minor, only(club, member).status) == (280, "pending")
    club.subscribe(member, other, "2026-06-01")
    club.reprice(plan, 200, "2026-06")
    run(club)
    assert sorted((b.amount_minor, b.settled_minor) for b in club.bills(member)) == [(90, 80), (200, 200)]
    assert club.credit(member) == 0


@pytest.mark.parametrize("how", ["claimed", "verified", "part verified"])
def test_claimed_and_settled_bills_are_left_alone_and_counted(
    club: Club, plan: Plan, member: Member, how: str
):
    payment = club.submit(member)
    if how != "claimed":
        club.verify(payment, 300 if how == "verified" else 100)
    before = only(club, member)
    club.reprice(plan, 999, "2026-06")
    end(club, member, "2026-05-31")
    done = run(club)
    assert (done.added, done.revised, done.frozen) == ((), (), 1)
    assert only(club, member) == before


def test_a_bill_that_credit_settled_whole_is_left_alone(club: Club, plan: Plan, member: Member):
    club.record(member, 300)
    club.reprice(plan, 350, "2026-06")
    assert run(club).revised == ()
    assert only(club, member).status == "verified"


def test_other_months_and_charges_are_left_alone(club: Club, plan: Plan, member: Member):
    club.open("2026-07")
    club.db.write(corrections.charge, club.treasurer, [member.id], "Trip", club.money(40), "2026-06-30")
    club.reprice(plan, 350, "2026-06")
    run(club)
    assert sorted(bill.amount_minor for bill in club.bills(member)) == [40, 300, 350]


def test_it_is_logged_with_its_counts_and_only_when_something_happened(
    club: Club, plan: Plan, member: Member
):
    run(club)
    assert club.audits("period.resync") == []
    club.reprice(plan, 350, "2026-06")
    run(club)
    (after,) = club.db.conn.execute(
        "SELECT after_json FROM audit_log WHERE action = 'period.resync'"
    ).fetchone()
    assert '"added":0' in after
    assert '"repriced":1' in after


def test_a_plan_without_a_price_for_the_month_stops_it_and_nothing_changes(club: Club, member: Member):
    later = club.plan("Later", 10, "2026-09")
    club.db.conn.execute(  # a seat that no use case gives: it would ask for the price
        "INSERT INTO subscriptions (workspace_id, member_id, plan_id, starts_on, created_at)"
        " VALUES (?, ?, ?, '2026-06-01', '2026-06-01T00:00:00.000Z')",
        (club.id, member.id, later.id),
    )
    before = everything(club.db)
    with refused(club.db, errors.PlanWithoutPrice, plan="Later", period=JUNE):
        club.db.write(resync.resync, club.treasurer, JUNE)
    assert everything(club.db) == before


# --- taking an opening back ---------------------------------------------------------------------------


def test_an_opening_that_is_taken_back_leaves_no_charge_and_frees_its_credit(club: Club, member: Member):
    club.record(member, 120)
    done = retract(club)
    assert (len(done.voided), done.frozen, done.was_open) == (1, 0, True)
    assert club.bills(member) == []
    assert balance(club, "receivable", member.id) == -120
    assert club.credit(member) == 120


def test_credit_that_is_freed_goes_to_what_is_still_owed(club: Club, member: Member):
    club.record(member, 120)
    club.db.write(corrections.charge, club.treasurer, [member.id], "Trip", club.money(100), "2026-12-01")
    retract(club)
    assert (only(club, member).settled_minor, club.credit(member)) == (100, 20)


def test_claimed_and_paid_bills_stay_payable_and_listed(club: Club, plan: Plan, member: Member):
    waiting = club.subscriber(plan, "Ben", starts_on="2026-06-01")
    payment = club.submit(waiting)
    club.verify(club.submit(member), 100)
    done = retract(club)
    assert (done.voided, done.frozen) == ((), 2)
    assert only(club, member).settled_minor == 100
    club.db.write(payments.reject, club.reviewer, payment.id, "not here")
    for payer in (waiting, member):
        club.verify(club.submit(payer))
        assert only(club, payer).status == "verified"
    assert_clean(club.db)


def test_a_month_that_is_opened_again_bills_those_who_were_cleared_and_nobody_twice(
    club: Club, plan: Plan, member: Member
):
    club.submit(club.subscriber(plan, "Ben", starts_on="2026-06-01"))
    retract(club)
    assert club.open().bills == 1
    assert only(club, member).amount_minor == 300
    assert count(club.db, "bills WHERE status <> 'void'") == 2


def test_the_month_before_its_own_is_not_billed_while_it_is_taken_back(
    club: Club, plan: Plan, member: Member
):
    retract(club)
    late = club.subscriber(plan, "Late", starts_on="2026-06-01")
    assert club.bills(late) == []
    with refused(club.db, errors.PeriodNotOpen, period=JUNE):
        club.db.write(resync.resync, club.treasurer, JUNE)


def test_other_months_and_charges_survive_a_retraction(club: Club, member: Member):
    club.open("2026-07")
    club.db.write(corrections.charge, club.treasurer, [member.id], "Trip", club.money(40), "2026-06-30")
    retract(club)
    assert sorted(bill.amount_minor for bill in club.bills(member)) == [40, 300]


def test_taking_back_what_is_closed_or_was_never_opened_is_refused_and_twice_does_nothing(
    club: Club, member: Member
):
    with refused(club.db, errors.PeriodUnknown):
        club.db.write(resync.retract, club.treasurer, Period("2026-01"))
    club.db.write(closing.close, club.treasurer, JUNE)
    for use_case in (resync.retract, resync.resync):
        with refused(club.db, errors.PeriodClosed, period=JUNE):
            club.db.write(use_case, club.treasurer, JUNE)
    club.db.write(closing.reopen, club.treasurer, JUNE)
    retract(club)
    before = everything(club.db)
    assert club.db.write(resync.retract, club.treasurer, JUNE).was_open is False
    assert everything(club.db) == before


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_both_take_a_treasurer(club: Club, member: Member, db: LocalDatabase, who: str):
    for use_case in (resync.resync, resync.retract):
        with refused(db, errors.RoleNeeded):
            db.write(use_case, getattr(club, who), JUNE)


def test_another_club_s_month_is_not_touched(club: Club, db: LocalDatabase, member: Member):
    other = Club.create(db, number=1)
    theirs = other.subscriber(other.plan("Tea", 70))
    other.open()
    club.reprice(club.db.read(billing.prices_at, club.treasurer, JUNE)[0].plan, 350, "2026-06")
    run(club)
    retract(club)
    assert only(other, theirs).amount_minor == 70
