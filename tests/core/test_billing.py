"""Opening a month: who is billed how much, once, with a preview that says exactly that."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core import billing, errors, subscriptions
from core.db import LocalDatabase
from core.models import Bill, Member, Subscription
from core.money import Money
from core.period import Period
from core.preview import PreviewChanged, digest_of
from core.store import bills as bill_rows
from tests.core.helpers import assert_clean, balance, count, entries, everything, refused, void_bill
from tests.factories import Club


@pytest.fixture(autouse=True)
def books_hold_at_the_end(db: LocalDatabase) -> Any:
    yield
    assert_clean(db)


def seat(club: Club, plan: Any, starts_on: str) -> tuple[Member, Subscription]:
    member = club.linked()
    return member, club.subscribe(member, plan, starts_on)


def only_bill(club: Club, member: Member) -> Bill:
    (bill,) = club.bills(member)
    return bill


def lines(club: Club, bill: Bill) -> list[tuple[Any, ...]]:
    rows = club.db.read(lambda tx: bill_rows.lines(tx.conn, bill.id))
    return [(row.kind, row.amount_minor, row.active_days, row.period_days) for row in rows]


def pause(club: Club, subscription: Subscription, from_on: str, resumes_on: str | None) -> None:
    club.db.write(subscriptions.pause, club.treasurer, subscription.id, from_on, resumes_on)


# --- who, how much, when due -------------------------------------------------------------------------------


def test_every_active_subscription_gets_one_bill_with_its_derivation(club: Club) -> None:
    base, extra = club.plan("Base", 300), club.plan("Extra", 120)
    one, two = club.subscriber(base), club.subscriber(base)
    club.subscribe(one, extra)
    opened = club.open()
    assert [(plan.name, plan.bills, plan.minor) for plan in opened.plans] == [
        ("Base", 2, 600),
        ("Extra", 1, 120),
    ]
    assert (opened.members, opened.bills, opened.minor, opened.already_open) == (2, 3, 720, False)
    bill = only_bill(club, two)
    assert (bill.title, bill.amount_minor, bill.status, bill.due_on) == ("Base", 300, "pending", "2026-06-05")
    assert (bill.covers_from, bill.covers_to) == ("2026-06-01", "2026-06-30")
    assert lines(club, bill) == [("price", 300, None, None)]
    assert balance(club, "receivable", one.id) == 420
    assert balance(club, "dues") == -720
    assert entries(club, "issue") == ["issue"] * 3


def test_due_days_are_added_to_the_billing_day(club: Club) -> None:
    club.set(billing_day=28, due_days=14)
    member = club.subscriber(club.plan())
    club.open("2026-02")
    assert only_bill(club, member).due_on == "2026-03-14"


def test_a_billing_day_of_the_subscription_wins(club: Club, db: LocalDatabase) -> None:
    member, subscription = seat(club, club.plan(), "2026-01-01")
    db.conn.execute("UPDATE subscriptions SET billing_day = 20 WHERE id = ?", (subscription.id,))
    club.open()
    assert only_bill(club, member).due_on == "2026-06-20"


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "billed"),
    [
        ("2026-06-01", None, True),
        ("2026-06-30", None, True),
        ("2026-07-01", None, False),
        ("2026-01-01", "2026-06-01", True),
        ("2026-01-01", "2026-05-31", False),
        ("2026-06-10", "2026-06-10", True),
        ("2026-06-10", "2026-06-09", False),  # never was active
    ],
)
def test_only_who_is_active_on_some_day_of_the_month_is_billed(
    club: Club, db: LocalDatabase, starts_on: str, ends_on: str | None, billed: bool
) -> None:
    member, subscription = seat(club, club.plan(), starts_on)
    if ends_on:
        db.conn.execute("UPDATE subscriptions SET ends_on = ? WHERE id = ?", (ends_on, subscription.id))
    assert club.open().bills == int(billed)
    assert len(club.bills(member)) == int(billed)


@pytest.mark.parametrize(
    ("from_on", "resumes_on", "billed"),
    [
        ("2026-06-01", None, False),
        ("2026-05-10", "2026-07-01", False),
        ("2026-05-10", "2026-06-30", True),  # active again on the last day
        ("2026-06-02", None, True),
        ("2026-07-01", None, True),
        ("2026-04-01", "2026-06-01", True),
    ],
)
def test_a_month_that_is_paused_throughout_is_not_billed(
    club: Club, from_on: str, resumes_on: str | None, billed: bool
) -> None:
    _, subscription = seat(club, club.plan(), "2026-01-01")
    pause(club, subscription, from_on, resumes_on)
    assert club.open().bills == int(billed)


def test_two_pauses_that_together_fill_the_month_leave_nothing_to_bill(club: Club) -> None:
    _, subscription = seat(club, club.plan(), "2026-01-01")
    pause(club, subscription, "2026-06-01", "2026-06-16")
    pause(club, subscription, "2026-06-16", "2026-07-01")
    assert club.open().bills == 0


def test_a_plan_that_costs_nothing_makes_bills_that_are_settled(club: Club) -> None:
    member = club.subscriber(club.plan(price=0))
    assert club.open().minor == 0
    assert only_bill(club, member).status == "verified"
    assert entries(club) == []


# --- prices ------------------------------------------------------------------------------------------------


def test_each_month_takes_the_price_that_counts_for_it(club: Club) -> None:
    plan = club.plan(price=300, from_period="2026-01")
    club.reprice(plan, 350, "2026-06")
    club.reprice(plan, 330, "2026-05")
    club.reprice(plan, 340, "2026-05")  # of two for one month the later counts
    member = club.subscriber(plan)
    for period in ("2026-04", "2026-05", "2026-06", "2026-07"):
        club.open(period)
    amounts = {bill.covers_from[:7]: bill.amount_minor for bill in club.bills(member)}
    assert amounts == {"2026-04": 300, "2026-05": 340, "2026-06": 350, "2026-07": 350}


def test_a_later_price_change_leaves_issued_bills_alone(club: Club) -> None:
    plan = club.plan(price=300)
    member = club.subscriber(plan)
    club.open()
    club.reprice(plan, 999, "2026-06")
    assert only_bill(club, member).amount_minor == 300


def test_a_plan_without_a_price_for_that_month_opens_nothing(club: Club, db: LocalDatabase) -> None:
    club.subscriber(club.plan("Base"))
    club.subscriber(club.plan("Late", from_period="2026-07"))
    with refused(db, errors.PlanWithoutPrice, plan="Late", period=Period("2026-06")):
        club.open()
    assert count(db, "billing_periods") == 0


def test_a_plan_without_a_price_that_nobody_holds_is_no_obstacle(club: Club) -> None:
    club.plan("Late", from_period="2026-07")
    club.subscriber(club.plan("Base"))
    assert club.open().bills == 1


def test_starting_on_a_plan_without_a_price_for_an_open_month_is_refused(
    club: Club, db: LocalDatabase
) -> None:
    club.subscriber(club.plan("Base"))
    club.open()
    late = club.plan("Late", from_period="2026-07")
    member = club.linked()
    with refused(db, errors.PlanWithoutPrice):
        club.subscribe(member, late, "2026-06-01")


# --- cycles ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cycle", "starts_on", "billed"),
    [
        (1, "2026-02-10", ["2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08"]),
        (3, "2026-02-10", ["2026-02", "2026-05", "2026-08"]),
        (6, "2026-02-10", ["2026-02", "2026-08"]),
        (12, "2026-02-10", ["2026-02"]),
        (3, "2025-12-31", ["2026-03", "2026-06"]),
        (12, "2025-03-01", ["2026-03"]),
    ],
)
def test_a_cycle_is_billed_once_and_anchored_at_its_start_month(
    club: Club, cycle: int, starts_on: str, billed: list[str]
) -> None:
    member = club.subscriber(club.plan(cycle_months=cycle), starts_on=starts_on)
    first = "2026-01" if starts_on > "2026" else "2026-03"
    for month in range(int(first[5:]), 9):
        club.open(f"2026-{month:02}")
    found = sorted(club.bills(member), key=lambda bill: bill.covers_from)
    assert [bill.covers_from for bill in found] == [f"{period}-01" for period in billed]
    for bill in found:
        last = Period(bill.covers_from[:7]).plus(cycle - 1).last_day
        assert bill.covers_to == str(last)


def test_a_cycle_is_billed_in_the_first_opened_month_that_no_bill_of_it_covers(club: Club) -> None:
    member = club.subscriber(club.plan(cycle_months=3), starts_on="2026-01-15")
    club.open("2026-02")  # January was never opened
    bill = only_bill(club, member)
    assert (bill.covers_from, bill.covers_to, bill.due_on) == ("2026-01-01", "2026-03-31", "2026-02-05")
    club.open("2026-03")
    club.open("2026-01")
    assert len(club.bills(member)) == 1
    club.open("2026-04")
    assert {bill.covers_from for bill in club.bills(member)} == {"2026-01-01", "2026-04-01"}


def test_a_void_bill_does_not_cover_its_cycle_any_more(club: Club, db: LocalDatabase) -> None:
    member = club.subscriber(club.plan(cycle_months=3), starts_on="2026-04-01")
    club.open("2026-04")
    db.write(void_bill, club.treasurer, only_bill(club, member).id)
    club.open("2026-05")
    bill = only_bill(club, member)
    assert (bill.covers_from, bill.due_on) == ("2026-04-01", "2026-05-05")


def test_a_year_in_february_of_a_leap_year_covers_to_the_last_day(club: Club) -> None:
    member = club.subscriber(club.plan(from_period="2027-01", cycle_months=12), starts_on="2027-03-01")
    club.open("2027-03")
    assert only_bill(club, member).covers_to == "2028-02-29"


# --- proration ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_on", "pauses", "active"),
    [
        ("2026-06-01", [], 30),
        ("2026-06-16", [], 15),
        ("2026-06-30", [], 1),
        ("2026-01-01", [("2026-06-11", "2026-06-21")], 20),
        ("2026-01-01", [("2026-05-20", "2026-06-11")], 20),
        ("2026-01-01", [("2026-06-21", None)], 20),
        ("2026-06-06", [("2026-06-06", "2026-06-16"), ("2026-06-21", "2026-08-01")], 5),
        ("2026-06-10", [("2026-06-30", "2026-07-15")], 20),
    ],
)
def test_daily_proration_counts_the_days_that_are_active(
    club: Club, starts_on: str, pauses: list[tuple[str, str | None]], active: int
) -> None:
    member, subscription = seat(club, club.plan(price=1000, proration="daily"), starts_on)
    for from_on, resumes_on in pauses:
        pause(club, subscription, from_on, resumes_on)
    club.open()
    bill = only_bill(club, member)
    assert bill.amount_minor == Money(1000, "TWD").prorate(active, 30).minor
    expected = [("price", 1000, None, None)]
    if active < 30:
        expected.append(("proration", bill.amount_minor - 1000, active, 30))
    assert lines(club, bill) == expected


def test_an_end_within_the_month_is_prorated_too(club: Club, db: LocalDatabase) -> None:
    member, subscription = seat(club, club.plan(price=1000, proration="daily"), "2026-01-01")
    db.write(subscriptions.end, club.treasurer, subscription.id, "2026-06-12")
    club.open()
    assert only_bill(club, member).amount_minor == 400


def test_without_proration_one_day_costs_the_whole_month(club: Club) -> None:
    member = club.subscriber(club.plan(price=1000), starts_on="2026-06-30")
    club.open()
    assert only_bill(club, member).amount_minor == 1000


@pytest.mark.parametrize("price", [0, 1, 29, 31, 299, 1000, 999_999_999_999])
@pytest.mark.parametrize("day", [1, 2, 15, 16, 29, 31])
def test_the_set_based_rounding_is_moneys_own(club: Club, price: int, day: int) -> None:
    member = club.subscriber(
        club.plan(price=price, proration="daily", from_period="2026-05"), starts_on=f"2026-05-{day:02}"
    )
    club.open("2026-05")
    assert only_bill(club, member).amount_minor == Money(price, "TWD").prorate(32 - day, 31).minor


def test_a_late_start_prorates_the_first_cycle_by_its_days(club: Club) -> None:
    member = club.subscriber(club.plan(price=910, cycle_months=3, proration="daily"), starts_on="2026-05-31")
    club.open("2026-05")
    # May 31 to July 31 of the 92 days from May to July
    assert only_bill(club, member).amount_minor == Money(910, "TWD").prorate(62, 92).minor


# --- credit ------------------------------------------------------------------------------------------------


def test_credit_is_used_up_on_the_new_bills(club: Club) -> None:
    plan = club.plan(price=300)
    rich, poor, paying = club.subscriber(plan), club.subscriber(plan), club.subscriber(plan)
    club.record(rich, 1000)
    club.record(poor, 120)
    opened = club.open()
    assert opened.credit_minor == 420
    assert [only_bill(club, member).status for member in (rich, poor, paying)] == [
        "verified",
        "pending",
        "pending",
    ]
    assert only_bill(club, poor).open_minor == 180
    assert (club.credit(rich), club.credit(poor)) == (700, 0)
    assert club.open("2026-07").credit_minor == 300


def test_an_opening_credit_settles_the_first_bill(club: Club) -> None:
    member = club.subscriber(club.plan(price=300))
    club.opening_balance(member, -300)
    club.open()
    assert only_bill(club, member).status == "verified"
    assert balance(club, "pot") == 0


# --- again, early, in the wrong state ----------------------------------------------------------------------


def test_opening_twice_does_nothing_the_second_time(club: Club, db: LocalDatabase) -> None:
    club.subscriber(club.plan())
    club.open()
    before = everything(db)
    again = club.open()
    assert (again.already_open, again.bills, again.plans) == (True, 0, ())
    assert everything(db) == before


def test_an_open_month_does_not_bill_who_came_later_by_opening_again(club: Club) -> None:
    plan = club.plan()
    club.subscriber(plan)
    club.open()
    late = club.subscriber(plan, starts_on="2026-06-20")
    assert len(club.bills(late)) == 1  # at once, by starting
    assert club.open().already_open
    assert len(club.bills(late)) == 1


def test_a_month_may_be_opened_early_and_older_ones_stay_payable(club: Club) -> None:
    member = club.subscriber(club.plan())
    club.open("2026-05")
    club.open("2026-08")
    assert [bill.due_on for bill in club.bills(member)] == ["2026-08-05", "2026-05-05"]
    payment = club.submit(member)
    assert payment.declared_minor == 600


def test_a_closed_month_is_not_opened_again(club: Club, db: LocalDatabase) -> None:
    club.subscriber(club.plan())
    club.open()
    db.conn.execute("UPDATE billing_periods SET status = 'closed'")
    with refused(db, errors.PeriodClosed, period=Period("2026-06")):
        club.open()


def test_a_month_with_nobody_to_bill_opens_all_the_same(club: Club) -> None:
    opened = club.open()
    assert (opened.bills, opened.already_open) == (0, False)
    assert club.open().already_open


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_opening_takes_a_treasurer(club: Club, db: LocalDatabase, who: str) -> None:
    with refused(db, errors.RoleNeeded, role="treasurer"):
        db.write(billing.open_period, getattr(club, who), Period("2026-06"))


def test_opening_announces_once_per_opening_and_leaves_one_audit_line(club: Club, db: LocalDatabase) -> None:
    club.subscriber(club.plan())
    club.open()
    club.open()
    assert club.audits("period.") == ["period.open"]
    assert len(club.notices("opened")) == 1
    assert db.conn.execute("SELECT dedupe_key FROM notices WHERE kind = 'opened'").fetchall() == [
        (f"w{club.id}:opened:2026-06:1",)
    ]


# --- previews ----------------------------------------------------------------------------------------------


def test_the_preview_is_what_confirming_does(club: Club, db: LocalDatabase) -> None:
    plan = club.plan(price=1000, proration="daily")
    club.subscriber(plan, starts_on="2026-06-11")
    club.record(club.subscriber(plan), 400)
    before = everything(db)
    preview = db.preview(billing.open_period, club.treasurer, Period("2026-06"))
    assert everything(db) == before
    assert (preview.bills, preview.credit_minor) == (2, 400)
    done = db.confirm(digest_of(preview), billing.open_period, club.treasurer, Period("2026-06"))
    assert (done.effects, done.plans) == (preview.effects, preview.plans)


def test_previewing_twice_gives_the_same_digest(club: Club, db: LocalDatabase) -> None:
    club.subscriber(club.plan())
    one, two = (db.preview(billing.open_period, club.treasurer, Period("2026-06")) for _ in range(2))
    assert digest_of(one) == digest_of(two)


@pytest.mark.parametrize("what", ["member", "price", "pause", "credit", "opened", "settings", "swap"])
def test_confirming_is_refused_when_something_changed_meanwhile(
    club: Club, db: LocalDatabase, what: str
) -> None:
    plan = club.plan(price=300)
    member, subscription = seat(club, plan, "2026-01-01")
    preview = db.preview(billing.open_period, club.treasurer, Period("2026-06"))
    if what == "member":
        club.subscriber(plan)
    elif what == "price":
        club.reprice(plan, 301, "2026-06")
    elif what == "pause":
        pause(club, subscription, "2026-06-01", None)
    elif what == "credit":
        club.record(member, 10)
    elif what == "opened":
        club.open()
    elif what == "settings":
        club.set(due_days=3)
    else:  # as many bills and as much money, but somebody else's
        pause(club, subscription, "2026-06-01", None)
        club.subscriber(plan)
    before = everything(db)
    with pytest.raises(PreviewChanged) as changed:
        db.confirm(digest_of(preview), billing.open_period, club.treasurer, Period("2026-06"))
    assert everything(db) == before
    fresh = changed.value.result
    assert digest_of(fresh) != digest_of(preview)
    db.confirm(digest_of(fresh), billing.open_period, club.treasurer, Period("2026-06"))


# --- starting and resuming while months are open -----------------------------------------------------------


def test_who_starts_is_billed_at_once_for_every_open_month_from_the_start_on(club: Club) -> None:
    plan = club.plan()
    for period in ("2026-03", "2026-04", "2026-06"):
        club.open(period)
    member = club.subscriber(plan, starts_on="2026-04-10")
    assert {bill.covers_from for bill in club.bills(member)} == {"2026-04-01", "2026-06-01"}


def test_who_starts_with_credit_has_it_used_at_once(club: Club) -> None:
    plan = club.plan(price=300)
    club.open()
    member = club.linked()
    club.record(member, 500)
    club.subscribe(member, plan, "2026-06-01")
    assert (only_bill(club, member).status, club.credit(member)) == ("verified", 200)


def test_closed_months_get_no_new_bills(club: Club, db: LocalDatabase) -> None:
    club.open("2026-05")
    club.open("2026-06")
    db.conn.execute("UPDATE billing_periods SET status = 'closed' WHERE period = '2026-05'")
    member = club.subscriber(club.plan(), starts_on="2026-01-01")
    assert [bill.covers_from for bill in club.bills(member)] == ["2026-06-01"]


def test_resuming_bills_the_open_months_that_were_skipped(club: Club, db: LocalDatabase) -> None:
    member, subscription = seat(club, club.plan(), "2026-01-01")
    pause(club, subscription, "2026-06-01", None)
    club.open()
    assert club.bills(member) == []
    made = db.write(subscriptions.resume, club.treasurer, subscription.id, "2026-06-20").made
    assert [bill.id for bill in made] == [only_bill(club, member).id]
    # and once is enough
    pause(club, subscription, "2026-06-21", None)
    assert db.write(subscriptions.resume, club.treasurer, subscription.id, "2026-06-25").made == ()


def test_issuing_for_a_subscription_names_the_bills_it_made(club: Club, db: LocalDatabase) -> None:
    plan = club.plan()
    elsewhere = Club.create(db, number=1, currency="USD")
    elsewhere.subscriber(elsewhere.plan())
    for period in ("2026-05", "2026-06"):
        club.open(period)
        elsewhere.open(period)
    member = club.linked()
    done = db.write(subscriptions.start, club.treasurer, member.id, plan.id, "2026-05-01")
    assert {bill.id for bill in done.made} == {bill.id for bill in club.bills(member)}
    assert {bill.member_id for bill in done.made} == {member.id}


# --- several clubs in one file -----------------------------------------------------------------------------

CURRENCIES = {
    "TWD": ("Asia/Taipei", 300), "USD": ("America/New_York", 1250), "JPY": ("Asia/Tokyo", 1500),
    "EUR": ("Europe/Berlin", 999), "IDR": ("Asia/Jakarta", 50_000),
}  # fmt: skip


def test_clubs_with_five_currencies_live_side_by_side(db: LocalDatabase) -> None:
    clubs, members = [], []
    for number, (currency, (zone, price)) in enumerate(CURRENCIES.items()):
        club = Club.create(db, number=number, currency=currency, timezone=zone, billing_day=1 + number)
        members.append(club.subscriber(club.plan(price=price, proration="daily"), starts_on="2026-06-11"))
        clubs.append(club)
    for club, member, (currency, (_, price)) in zip(clubs, members, CURRENCIES.items(), strict=True):
        opened = club.open()
        prorated = Money(price, currency).prorate(20, 30).minor
        assert (opened.bills, opened.minor, opened.members) == (1, prorated, 1)
        club.verify(club.submit(member), prorated + 1)
        assert (balance(club, "pot"), balance(club, "receivable")) == (prorated + 1, -1)
    currencies = db.conn.execute("SELECT DISTINCT workspace_id, currency FROM accounts ORDER BY 1").fetchall()
    assert currencies == [(club.id, currency) for club, currency in zip(clubs, CURRENCIES, strict=True)]


def test_opening_one_club_touches_no_other(club: Club, db: LocalDatabase) -> None:
    elsewhere = Club.create(db, number=1, currency="USD")
    stranger = elsewhere.subscriber(elsewhere.plan())
    elsewhere.record(stranger, 5000)
    club.subscriber(club.plan())
    club.open()
    assert elsewhere.bills(stranger) == []
    assert elsewhere.credit(stranger) == 5000
    assert elsewhere.notices("opened") == []


# --- the scheduler -----------------------------------------------------------------------------------------


def auto(club: Club, today: str) -> billing.Opened | None:
    return club.db.write(billing.auto_open, club.system, date.fromisoformat(today))


def told(club: Club) -> list[tuple[str]]:
    return club.db.conn.execute(
        "SELECT params FROM notices WHERE kind = 'months_unopened' AND workspace_id = ? ORDER BY id",
        (club.id,),
    ).fetchall()


def test_the_scheduler_opens_the_collecting_month_on_the_billing_day(club: Club) -> None:
    club.subscriber(club.plan())
    opened = auto(club, "2026-06-05")
    assert opened is not None
    assert (opened.period.text, opened.bills) == ("2026-06", 1)
    assert auto(club, "2026-06-05") is None
    assert auto(club, "2026-07-04") is None
    july = auto(club, "2026-07-05")
    assert july is not None
    assert july.period.text == "2026-07"


def test_the_scheduler_opens_nothing_when_the_club_does_not_want_it(club: Club) -> None:
    club.subscriber(club.plan())
    club.set(auto_open=False)
    assert auto(club, "2026-06-05") is None


def test_a_club_that_was_made_after_its_billing_day_is_not_billed_for_that_month(db: LocalDatabase) -> None:
    club = Club.create(db, billing_day=4)  # it is the 5th
    club.subscriber(club.plan())
    assert auto(club, "2026-06-05") is None
    assert auto(club, "2026-07-03") is None
    assert auto(club, "2026-07-04") is not None
    assert told(club) == []


def test_nobody_to_bill_opens_nothing_by_itself(club: Club, db: LocalDatabase) -> None:
    assert auto(club, "2026-06-05") is None
    _, subscription = seat(club, club.plan(), "2026-01-01")
    pause(club, subscription, "2026-06-01", None)
    assert auto(club, "2026-06-05") is None
    assert count(db, "billing_periods") == 0


def test_after_a_long_downtime_only_the_collecting_month_opens_and_the_others_are_shown_once(
    club: Club,
) -> None:
    club.subscriber(club.plan())
    auto(club, "2026-06-05")
    opened = auto(club, "2026-10-20")
    assert opened is not None
    assert opened.period.text == "2026-10"
    assert told(club) == [('{"periods": ["2026-07", "2026-08", "2026-09"]}',)]
    assert auto(club, "2026-10-21") is None
    assert len(told(club)) == 1
    club.open("2026-08")  # the treasurer opens one of them by the button
    assert len(told(club)) == 1


def test_downtime_right_after_the_club_was_made_is_noticed_too(club: Club) -> None:
    club.subscriber(club.plan())
    opened = auto(club, "2026-09-06")  # the bot was off since the club was made on June 5th
    assert opened is not None
    assert opened.period.text == "2026-09"
    assert told(club) == [('{"periods": ["2026-06", "2026-07", "2026-08"]}',)]


def test_months_without_anybody_to_bill_are_not_missed(club: Club, db: LocalDatabase) -> None:
    _, subscription = seat(club, club.plan(), "2026-01-01")
    auto(club, "2026-06-05")
    pause(club, subscription, "2026-07-01", "2026-09-01")
    assert auto(club, "2026-09-05") is not None
    assert told(club) == []


def test_a_month_that_was_opened_early_is_not_opened_again(club: Club) -> None:
    club.subscriber(club.plan())
    club.open("2026-07")
    assert auto(club, "2026-07-05") is None


def test_a_month_that_was_retracted_does_not_open_by_itself_again(club: Club, db: LocalDatabase) -> None:
    club.subscriber(club.plan())
    club.open()
    db.conn.execute("UPDATE billing_periods SET status = 'draft'")
    assert auto(club, "2026-06-06") is None


def test_before_the_billing_day_the_month_before_is_collected(club: Club) -> None:
    club.subscriber(club.plan())
    auto(club, "2026-06-05")
    assert auto(club, "2026-08-04") is not None  # July: its billing day was missed, August's has not come
    assert told(club) == []


def test_the_scheduler_is_stopped_by_a_plan_without_price_and_opens_nothing(
    club: Club, db: LocalDatabase
) -> None:
    club.subscriber(club.plan(from_period="2026-07"))
    with refused(db, errors.PlanWithoutPrice):
        auto(club, "2026-06-05")
