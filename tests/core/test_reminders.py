"""Reminders: each step of each bill once, only for what can be paid, and no flood after downtime."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from core import payments, reminders, resync
from core.db import LocalDatabase
from core.errors import RoleNeeded
from core.models import Member, Plan
from core.period import Period
from core.reminders import ReminderRun
from tests.factories import Club
from tests.fakes import FixedClock

DUE = date(2026, 6, 5)


@pytest.fixture
def plan(club: Club) -> Plan:
    return club.plan()


@pytest.fixture
def member(club: Club, plan: Plan) -> Member:
    """Somebody with one open bill, due on 5 June; the club reminds after 3 days, in one list."""
    member = club.subscriber(plan)
    club.open()
    return member


def run(club: Club, days_late: int) -> ReminderRun:
    return club.db.write(reminders.run, club.system, DUE + timedelta(days=days_late))


def reminded(club: Club) -> list[tuple[str, list[int]]]:
    """(kind, bills) of every reminder in the outbox."""
    rows = club.db.conn.execute("SELECT kind, params FROM notices WHERE kind LIKE 'overdue%' ORDER BY id")
    return [(kind, json.loads(params)["bills"]) for kind, params in rows.fetchall()]


def steps(club: Club) -> list[tuple[int, str]]:
    return club.db.conn.execute(
        "SELECT step_days, status FROM reminders ORDER BY bill_id, step_days"
    ).fetchall()


def test_nothing_before_the_step_and_once_from_then_on(club: Club, member: Member):
    assert run(club, 2) == ReminderRun(0, 0)
    assert run(club, 3) == ReminderRun(1, 0)
    assert run(club, 3) == ReminderRun(0, 0)
    assert run(club, 4) == ReminderRun(0, 0)
    assert reminded(club) == [("overdue_list", [club.bills(member)[0].id])]


def test_of_several_due_steps_the_newest_goes_out_and_the_others_are_skipped(club: Club, member: Member):
    club.set(reminder_days=[-3, 0, 3, 10])
    assert run(club, 30) == ReminderRun(1, 3)
    assert steps(club) == [(-3, "skipped"), (0, "skipped"), (3, "skipped"), (10, "sent")]
    assert run(club, 60) == ReminderRun(0, 0)


def test_each_step_goes_out_when_it_comes(club: Club, member: Member):
    club.set(reminder_days=[10, -3, 0, 3, 3])
    club.db.conn.execute("UPDATE bills SET created_at = '2026-05-20T01:00:00.000Z'")
    sent = [run(club, day).sent for day in range(-5, 15)]
    assert [day for day, count in zip(range(-5, 15), sent, strict=True) if count] == [-3, 0, 3, 10]
    assert {status for _, status in steps(club)} == {"sent"}
    assert len(reminded(club)) == 4


def test_an_older_step_that_is_added_later_is_not_sent_after_a_newer_one(club: Club, member: Member):
    run(club, 5)
    club.set(reminder_days=[1, 3])
    assert run(club, 6) == ReminderRun(0, 1)


def test_a_paid_or_claimed_bill_is_left_alone(club: Club, plan: Plan):
    claimed, settled, open_one = (club.subscriber(plan) for _ in range(3))
    club.open()
    payment = club.submit(claimed)
    club.verify(club.submit(settled))
    assert run(club, 3).sent == 1
    assert reminded(club) == [("overdue_list", [club.bills(open_one)[0].id])]
    club.db.write(payments.reject, club.reviewer, payment.id, "not arrived")
    assert run(club, 4).sent == 1, "payable again, and its step has not been sent"


def test_a_month_that_was_never_opened_is_left_alone(club: Club, plan: Plan):
    member = club.subscriber(plan)
    club.open()
    club.db.conn.execute("UPDATE billing_periods SET openings = 0, status = 'draft'")
    assert run(club, 30) == ReminderRun(0, 0)
    assert reminded(club) == []
    assert club.bills(member)


def test_whoever_becomes_overdue_later_is_reminded_too(club: Club, plan: Plan, member: Member):
    run(club, 3)
    late = club.subscriber(plan, starts_on="2026-06-01")
    assert run(club, 4).sent == 1
    assert reminded(club)[-1][1] == [club.bills(late)[0].id]


def test_privately_each_member_gets_one_word_about_all_their_bills(club: Club, plan: Plan):
    club.set(reminder_mode="private")
    other = club.plan("Other")
    both, one = club.subscriber(plan), club.subscriber(plan)
    club.subscribe(both, other)
    club.open()
    assert run(club, 3) == ReminderRun(3, 0)
    expected = [sorted(bill.id for bill in club.bills(member)) for member in (both, one)]
    assert reminded(club) == [("overdue", bills) for bills in expected]
    assert [row[1:] for row in club.notices("overdue")] == [("member", both.id), ("member", one.id)]
    notice_ids = club.db.conn.execute("SELECT DISTINCT notice_id FROM reminders ORDER BY 1").fetchall()
    assert notice_ids == club.db.conn.execute("SELECT id FROM notices WHERE kind = 'overdue'").fetchall()


def test_privately_an_unlinked_member_is_reminded_once_they_are_linked(club: Club, plan: Plan):
    club.set(reminder_mode="private")
    member = club.member()
    club.subscribe(member, plan)
    club.open()
    assert run(club, 3).sent == 0
    club.link(member, 777)
    assert run(club, 20).sent == 1


def test_in_the_list_an_unlinked_member_is_named_too(club: Club, plan: Plan):
    member = club.member()
    club.subscribe(member, plan)
    club.open()
    assert run(club, 3).sent == 1


def test_whoever_left_is_not_reminded(club: Club, member: Member):
    club.db.conn.execute(
        "UPDATE members SET discord_id = NULL, left_on = '2026-06-06' WHERE id = ?", (member.id,)
    )
    assert run(club, 30) == ReminderRun(0, 0)


def test_switched_off_nothing_is_said_nor_recorded(club: Club, member: Member):
    club.set(reminder_mode="off")
    assert run(club, 30) == ReminderRun(0, 0)
    assert steps(club) == []
    club.set(reminder_mode="channel")
    assert run(club, 31) == ReminderRun(1, 0)


def test_two_runs_on_one_day_lose_nobody(club: Club, plan: Plan, member: Member):
    club.set(reminder_mode="private")
    run(club, 3)
    club.subscribe(member, club.plan("Other"), "2026-06-01")
    assert run(club, 3).sent == 1
    assert len(reminded(club)) == 2


def test_other_clubs_are_not_touched(club: Club, plan: Plan, member: Member, db: LocalDatabase):
    other = Club.create(db, number=1, timezone="America/New_York", currency="USD")
    other.subscriber(other.plan())
    other.open()
    run(club, 3)
    workspaces = db.conn.execute(
        "SELECT DISTINCT workspace_id FROM notices WHERE kind LIKE 'overdue%'"
    ).fetchall()
    assert workspaces == [(club.id,)]
    assert run(other, 3).sent == 1


def test_only_those_who_run_the_club_may(club: Club, member: Member):
    for actor in (club.reviewer, club.auditor, club.stranger, club.as_member(member)):
        with pytest.raises(RoleNeeded):
            club.db.write(reminders.run, actor, DUE)


@pytest.mark.parametrize("mode", ["private", "channel"])
def test_ten_thousand_overdue_members_are_one_run(club: Club, plan: Plan, clock: FixedClock, mode: str):
    club.set(reminder_mode=mode, reminder_days=[-3, 0, 3])
    club.subscriber(plan)
    club.db.conn.execute(
        """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
        INSERT INTO members (workspace_id, name, name_key, discord_id, created_at)
        SELECT ?, 'Many ' || i, 'many ' || i, 10000000 + i, ? FROM n
        """,
        (club.id, "2026-01-01T00:00:00.000Z"),
    )
    club.db.conn.execute(
        """
        INSERT INTO subscriptions (workspace_id, member_id, plan_id, starts_on, created_at)
        SELECT workspace_id, id, ?, '2026-01-01', created_at FROM members WHERE name LIKE 'Many %'
        """,
        (plan.id,),
    )
    club.open()
    assert run(club, 3) == ReminderRun(10_000, 20_000)
    assert len(reminded(club)) == (10_000 if mode == "private" else 1)
    assert run(club, 4) == ReminderRun(0, 0)


def test_a_month_that_is_taken_back_and_opened_again_reminds_again(club: Club, member: Member):
    assert run(club, 3).sent == 1
    club.db.write(resync.retract, club.treasurer, Period("2026-06"))
    assert run(club, 4) == ReminderRun(0, 0), "nothing can be paid meanwhile"
    club.open()
    assert run(club, 5).sent == 1
    first, second = (bills for _, bills in reminded(club))
    assert second == [bill.id for bill in club.bills(member) if bill.status == "pending"]
    assert first != second, "once for the bill of each opening"


@pytest.mark.parametrize("mode", ["private", "channel", "both"])
def test_after_months_of_downtime_each_member_hears_once_of_everything(club: Club, plan: Plan, mode: str):
    club.set(reminder_mode=mode, reminder_days=[-3, 0, 3, 7, 14])
    people = [club.subscriber(plan) for _ in range(3)]
    for period in ("2026-03", "2026-04", "2026-05", "2026-06"):
        club.open(period)
    club.db.conn.execute("UPDATE bills SET created_at = '2026-03-01T01:00:00.000Z'")
    assert run(club, 60) == ReminderRun(12, 48)
    private = [bills for kind, bills in reminded(club) if kind == "overdue"]
    public = [bills for kind, bills in reminded(club) if kind == "overdue_list"]
    assert [len(bills) for bills in private] == ([4] * len(people) if mode != "channel" else [])
    assert [len(bills) for bills in public] == ([12] if mode != "private" else [])
    assert [run(club, day) for day in range(61, 90)] == [ReminderRun(0, 0)] * 29
