"""Plans and their dated prices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core import errors, plans
from core.money import LARGEST_MINOR, Money
from core.period import Period
from tests.core.helpers import refused
from tests.factories import Club


def view(club: Club, plan) -> plans.PlanView:
    found = club.db.read(plans.everyone, club.auditor, with_retired=True)
    return next(row for row in found if row.plan.id == plan.id)


def add(club: Club, name: str = "Base", price: int = 300, from_period: str = "2026-01", **options):
    return club.db.write(plans.add, club.treasurer, name, club.money(price), from_period, **options)


def test_a_plan_begins_with_its_price_cycle_and_role(club):
    made = add(club, "  Family   plan ", 250, "2026-06", cycle_months=3, proration="daily", role_id=77)
    assert (made.plan.name, made.plan.cycle_months, made.plan.proration) == ("Family plan", 3, "daily")
    assert made.plan.role_id == 77
    assert (made.price, made.price_from, made.subscribers) == (Money(250, "TWD"), Period("2026-06"), 0)
    assert club.audits("plan.") == ["plan.add"]


def test_a_free_plan_is_possible(club):
    assert add(club, price=0).price == Money(0, "TWD")


def test_the_price_of_a_month_is_the_newest_from_it_or_an_earlier_month_on(club, clock):
    plan = add(club, price=300, from_period="2026-01").plan
    club.reprice(plan, 400, "2026-09")
    club.reprice(plan, 350, "2026-07")
    now = view(club, plan)
    assert (now.price, now.next_price, now.next_from) == (
        Money(300, "TWD"), Money(350, "TWD"), Period("2026-07"),
    )  # fmt: skip
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    later = view(club, plan)
    assert (later.price, later.price_from, later.next_price) == (Money(400, "TWD"), Period("2026-09"), None)


def test_a_later_price_for_the_same_month_replaces_the_earlier_and_both_are_kept(club):
    plan = add(club, price=300).plan
    club.reprice(plan, 500, "2026-03")
    club.reprice(plan, 450, "2026-03")
    history = club.db.read(plans.price_history, club.auditor, plan.id)
    assert [(row.from_period, row.amount_minor) for row in history] == [
        ("2026-01", 300), ("2026-03", 500), ("2026-03", 450),
    ]  # fmt: skip
    assert view(club, plan).price == Money(450, "TWD")


def test_a_price_that_counts_already_is_not_set_again(club):
    plan = add(club, price=300).plan
    club.reprice(plan, 300, "2026-04")
    assert club.audits("plan.price") == []
    assert len(club.db.read(plans.price_history, club.auditor, plan.id)) == 1


def test_setting_a_price_back_to_what_it_was_before_the_last_change_counts(club):
    plan = add(club, price=300).plan
    club.reprice(plan, 400, "2026-04")
    club.reprice(plan, 300, "2026-04")
    assert view(club, plan).price == Money(300, "TWD")


def test_a_plan_that_begins_later_has_no_price_yet(club):
    made = add(club, from_period="2027-01")
    assert (made.price, made.next_price, made.next_from) == (None, Money(300, "TWD"), Period("2027-01"))


def test_names_of_plans_in_use_are_unique_whatever_their_case_and_width(club):
    add(club, "Netflix 4K")
    with refused(club.db, errors.PlanNameTaken, plan="Netflix 4K"):
        add(club, "ＮＥＴＦＬＩＸ　4k")


def test_a_retired_plans_name_is_free_and_its_subscriptions_go_on(club):
    plan = add(club, "Base").plan
    member = club.subscriber(plan)
    retired = club.db.write(plans.retire, club.treasurer, plan.id)
    assert retired.plan.retired_at is not None
    assert retired.subscribers == 1
    add(club, "Base", 999)
    club.open("2026-06")
    assert [bill.amount_minor for bill in club.bills(member)] == [300]


def test_retiring_twice_changes_nothing_the_second_time(club):
    plan = add(club).plan
    first = club.db.write(plans.retire, club.treasurer, plan.id)
    assert club.db.write(plans.retire, club.treasurer, plan.id) == first
    assert club.audits("plan.retire") == ["plan.retire"]


def test_a_retired_plan_is_taken_into_use_again_with_its_prices_unless_its_name_is_taken(club):
    plan = club.plan("Tea", 300)
    club.db.write(plans.retire, club.treasurer, plan.id)
    back = club.db.write(plans.restore, club.treasurer, plan.id)
    assert (back.plan.retired_at, back.price) == (None, club.money(300))
    assert club.subscriber(plan)
    assert club.db.write(plans.restore, club.treasurer, plan.id).plan == back.plan
    assert club.audits("plan.restore") == ["plan.restore"]
    club.db.write(plans.retire, club.treasurer, plan.id)
    club.plan("TEA")
    with refused(club.db, errors.PlanNameTaken, plan="TEA"):
        club.db.write(plans.restore, club.treasurer, plan.id)


def test_the_list_shows_retired_plans_only_when_asked(club):
    kept, gone = add(club, "Kept").plan, add(club, "Gone").plan
    club.db.write(plans.retire, club.treasurer, gone.id)
    assert [row.plan.id for row in club.db.read(plans.everyone, club.auditor)] == [kept.id]
    assert len(club.db.read(plans.everyone, club.auditor, with_retired=True)) == 2


def test_a_plan_can_be_renamed_but_not_to_another_ones_name(club):
    first, _ = add(club, "One").plan, add(club, "Two")
    assert club.db.write(plans.rename, club.treasurer, first.id, "ONE").plan.name == "ONE"
    with refused(club.db, errors.PlanNameTaken, plan="Two"):
        club.db.write(plans.rename, club.treasurer, first.id, "two")
    club.db.write(plans.rename, club.treasurer, first.id, "ONE")
    assert club.audits("plan.rename") == ["plan.rename"]


def test_a_retired_plan_keeps_its_name(club):
    plan = add(club).plan
    club.db.write(plans.retire, club.treasurer, plan.id)
    with refused(club.db, errors.PlanRetired, plan="Base"):
        club.db.write(plans.rename, club.treasurer, plan.id, "Other")


def test_the_role_that_is_mentioned_can_be_set_and_taken_away(club):
    plan = add(club).plan
    assert club.db.write(plans.set_role, club.treasurer, plan.id, 88).plan.role_id == 88
    assert club.db.write(plans.set_role, club.treasurer, plan.id, None).plan.role_id is None
    club.db.write(plans.set_role, club.treasurer, plan.id, None)
    assert club.audits("plan.role") == ["plan.role", "plan.role"]


@pytest.mark.parametrize(
    ("options", "error", "field"),
    [
        ({"name": " "}, errors.FieldMissing, "name"),
        ({"name": "x" * 81}, errors.TextTooLong, "name"),
        ({"price": -1}, errors.AmountNegative, "price"),
        ({"price": LARGEST_MINOR + 1}, errors.AmountTooLarge, "price"),
        ({"from_period": "2026-13"}, errors.InvalidPeriod, "from_period"),
        ({"from_period": ""}, errors.FieldMissing, "from_period"),
        ({"cycle_months": 2}, errors.ChoiceUnknown, "cycle_months"),
        ({"cycle_months": True}, errors.ChoiceUnknown, "cycle_months"),
        ({"proration": "weekly"}, errors.ChoiceUnknown, "proration"),
        ({"role_id": -5}, errors.DiscordIdInvalid, "role"),
    ],
)
def test_an_impossible_plan_is_not_made(club, options, error, field):
    with refused(club.db, error, field=field):
        add(club, **options)


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_plans_are_the_treasurers(club, who):
    plan, actor = add(club).plan, getattr(club, who)
    for fn, args in (
        (plans.add, ("Other", club.money(1), "2026-01")),
        (plans.rename, (plan.id, "Other")),
        (plans.set_price, (plan.id, club.money(1), "2026-01")),
        (plans.set_role, (plan.id, 5)),
        (plans.retire, (plan.id,)),
        (plans.restore, (plan.id,)),
    ):
        with refused(club.db, errors.RoleNeeded, role="treasurer"):
            club.db.write(fn, actor, *args)


def test_another_clubs_plan_is_not_there(db):
    here, there = Club.create(db), Club.create(db, number=1)
    plan = there.plan()
    for fn, args in (
        (plans.rename, (plan.id, "Other")),
        (plans.set_price, (plan.id, here.money(1), "2026-01")),
        (plans.set_role, (plan.id, 5)),
        (plans.retire, (plan.id,)),
        (plans.restore, (plan.id,)),
        (plans.price_history, (plan.id,)),
    ):
        with refused(db, errors.PlanUnknown):
            db.write(fn, here.treasurer, *args)
    assert db.read(plans.everyone, here.treasurer) == []
    here.plan("Base")  # the same name lives in both
