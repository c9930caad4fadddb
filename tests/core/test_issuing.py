"""The set-based heart of opening a month: the same answer as counting by hand, in a handful of statements."""

from __future__ import annotations

import contextlib
import random
from datetime import date, timedelta
from typing import Any

import pytest

from core import billing, errors, subscriptions
from core.db import LocalDatabase, Tx
from core.models import Pause, Plan, Subscription
from core.money import Money
from core.period import Period, covers, overlap_days
from core.store import issuing, plans
from core.store import subscriptions as subscription_rows
from tests.core.helpers import assert_clean, count
from tests.factories import Club


def by_hand(
    subscription: Subscription, plan: Plan, pauses: list[Pause], period: Period, price: int
) -> tuple[Any, ...] | None:
    """(covers_from, amount) of what a subscription owes for a period that nothing was billed for yet."""
    starts = date.fromisoformat(subscription.starts_on)
    if period < Period.of(starts):
        return None
    ahead = Period.of(starts).months_until(period) // plan.cycle_months * plan.cycle_months
    first, last = covers(Period.of(starts).plus(ahead), plan.cycle_months)
    if not active_days(subscription, pauses, period.first_day, period.last_day):
        return None
    days = active_days(subscription, pauses, first, last)
    whole = (last - first).days + 1
    amount = Money(price, "TWD").prorate(days, whole).minor if plan.proration == "daily" else price
    return str(first), str(last), amount


def active_days(subscription: Subscription, pauses: list[Pause], first: date, last: date) -> int:
    """Day by day, as a person would count."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sum(
        subscription.starts_on <= str(day) <= (subscription.ends_on or "9999")
        and subscriptions.status_on(subscription, pauses, day) == "active"
        for day in days
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_random_clubs_are_billed_as_by_hand(club: Club, db: LocalDatabase, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a story to be told again, no secret
    offered = [
        club.plan(f"P{n}", dice.choice([100, 299, 1001]), "2025-01", cycle_months=cycle, proration=proration)
        for n, (cycle, proration) in enumerate(
            [(1, "none"), (1, "daily"), (3, "daily"), (6, "none"), (12, "daily")]
        )
    ]
    for _ in range(40):
        starts = date(2026, 6, 30) - timedelta(days=dice.randrange(400))
        made = club.subscribe(club.member(), dice.choice(offered), str(starts))
        for _ in range(dice.randrange(3)):
            add_pause(club, made, dice)
        if dice.random() < 0.3:
            ends = starts + timedelta(days=dice.randrange(-1, 300))
            db.conn.execute("UPDATE subscriptions SET ends_on = ? WHERE id = ?", (str(ends), made.id))
    period = Period("2026-06")
    expected = {}
    for row in db.read(lambda tx: subscription_rows.of_workspace(tx.conn, club.id)):
        plan = next(plan for plan in offered if plan.id == row.plan_id)
        price = db.read(lambda tx, plan=plan: plans.price_at(tx.conn, plan.id, period.text))
        assert price is not None
        pauses = db.read(lambda tx, row=row: subscription_rows.pauses(tx.conn, row.id))
        owed = by_hand(row, plan, pauses, period, price.amount_minor)
        if owed:
            expected[row.id] = owed
    opened = club.open(period.text)
    found = db.conn.execute(
        "SELECT subscription_id, covers_from, covers_to, amount_minor FROM bills"
    ).fetchall()
    assert {row[0]: row[1:] for row in found} == expected
    assert opened.minor == sum(row[2] for row in expected.values())
    assert len(expected) > 10
    assert_clean(db)


def add_pause(club: Club, subscription: Subscription, dice: random.Random) -> None:
    first = date.fromisoformat(subscription.starts_on) + timedelta(days=dice.randrange(200))
    until = None if dice.random() < 0.2 else first + timedelta(days=dice.randrange(1, 80))
    with contextlib.suppress(errors.PauseOverlaps, errors.SubscriptionOver):
        club.db.write(subscriptions.pause, club.treasurer, subscription.id, str(first), until and str(until))


def test_counting_days_by_hand_agrees_with_the_period_module() -> None:
    assert overlap_days(date(2026, 6, 1), date(2026, 6, 30), date(2026, 6, 16), None) == 15


@pytest.mark.parametrize("members", [1, 40])
def test_opening_takes_as_many_statements_for_forty_as_for_one(
    club: Club, db: LocalDatabase, members: int
) -> None:
    plan = club.plan()
    for _ in range(members):
        club.subscribe(club.member(), plan)
    seen: list[str] = []
    db.conn.set_trace_callback(seen.append)
    try:
        club.open()
    finally:
        db.conn.set_trace_callback(None)
    assert count(db, "bills") == members
    assert len([sql for sql in seen if not sql.startswith("--")]) < 45  # triggers are traced as comments


def test_bill_and_entry_numbers_go_on_after_the_highest(club: Club, db: LocalDatabase) -> None:
    club.subscriber(club.plan())
    club.opening_balance(club.member(), 70)
    club.open("2026-05")
    club.open("2026-06")
    assert [row[0] for row in db.conn.execute("SELECT id FROM bills ORDER BY id")] == [1, 2, 3]
    assert [row[0] for row in db.conn.execute("SELECT id FROM ledger_entries ORDER BY id")] == [1, 2, 3]


def test_what_was_gathered_for_one_month_is_gone_for_the_next(club: Club, db: LocalDatabase) -> None:
    plan = club.plan()
    club.subscriber(plan, starts_on="2026-05-01")
    assert club.open("2026-05").bills == 1
    assert club.open("2026-04").bills == 0

    def left(tx: Tx) -> list[int]:
        return [row[0] for row in tx.conn.execute("SELECT subscription_id FROM issuing").fetchall()]

    assert db.read(left) == []


def test_gathering_only_some_subscriptions_leaves_the_others(club: Club, db: LocalDatabase) -> None:
    plan = club.plan()
    subscriptions_made = [club.subscribe(club.member(), plan) for _ in range(3)]
    club.db.write(billing.open_period, club.treasurer, Period("2026-06"))
    wanted = [subscriptions_made[0].id]
    fresh = issuing.IssuePeriod(club.id, 99, "2026-07", "2026-07-01", "2026-07-31", 5, 0)
    assert db.preview(lambda tx: issuing.gather(tx.conn, fresh, wanted)) == 1
    assert db.preview(lambda tx: issuing.gather(tx.conn, fresh, [])) == 0
    assert db.preview(lambda tx: issuing.gather(tx.conn, fresh)) == 3
