"""Reminding now: the preview names everybody with the way, and the policy does not repeat it the same day."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from core import errors, reminders, reminding
from core.models import Member, Plan
from core.period import Period
from core.preview import PreviewChanged, digest_of
from core.reminding import Reminded
from tests.core.helpers import refused
from tests.factories import Club
from tests.fakes import FixedClock

JUNE = Period("2026-06")


@pytest.fixture
def plan(club: Club) -> Plan:
    return club.plan()


@pytest.fixture
def linked(club: Club, plan: Plan) -> Member:
    return club.subscriber(plan, "Ann")


@pytest.fixture
def guest(club: Club, plan: Plan) -> Member:
    """On the roster without an account."""
    member = club.member("Guest")
    club.subscribe(member, plan)
    return member


def remind(club: Club, how: str | None = None, period: Period | None = JUNE) -> Reminded:
    return club.db.write(reminding.remind_now, club.treasurer, period, how)


def ways(found: Reminded) -> dict[str, tuple[str, ...]]:
    return {member.name: member.ways for member in found.members}


def queued(club: Club) -> list[tuple[str, int, list[int]]]:
    rows = club.db.conn.execute(
        "SELECT kind, target_id, params FROM notices WHERE kind LIKE 'overdue%' ORDER BY id"
    )
    return [(kind, target, json.loads(params)["bills"]) for kind, target, params in rows.fetchall()]


def steps(club: Club) -> list[tuple[int, str]]:
    return club.db.conn.execute(
        "SELECT step_days, status FROM reminders ORDER BY bill_id, step_days"
    ).fetchall()


def test_everybody_who_owes_is_reminded_whatever_the_due_date(club: Club, linked: Member, guest: Member):
    club.open()
    found = remind(club, "channel")
    assert [(m.name, m.minor, m.bills) for m in found.members] == [("Ann", 300, 1), ("Guest", 300, 1)]
    assert found.minor == 600
    ids = [bill.id for member in (linked, guest) for bill in club.bills(member)]
    assert queued(club) == [("overdue_list", 0, ids)]
    assert club.audits("reminders") == ["reminders.now"]


def test_the_ways_are_those_of_the_club_and_of_the_member(club: Club, linked: Member, guest: Member):
    club.open()
    preview = {
        how: ways(club.db.preview(reminding.remind_now, club.treasurer, JUNE, how))
        for how in ("private", "channel", "both")
    }
    assert preview == {
        "private": {"Ann": ("private",), "Guest": ()},
        "channel": {"Ann": ("counted",), "Guest": ("counted",)},
        "both": {"Ann": ("private", "counted"), "Guest": ("counted",)},
    }
    club.set(debtors_public=True)
    assert ways(remind(club, "both")) == {"Ann": ("private", "mentioned"), "Guest": ("named",)}
    assert [kind for kind, _, _ in queued(club)] == ["overdue", "overdue_list"]


def test_without_a_way_it_takes_the_club_s_own(club: Club, linked: Member):
    club.open()
    club.set(reminder_mode="private")
    assert remind(club).how == "private"
    club.set(reminder_mode="off")
    assert club.db.preview(reminding.remind_now, club.treasurer, JUNE, None).how == "channel"


def test_the_policy_does_not_repeat_it_the_same_day_but_goes_on_later(
    club: Club, linked: Member, clock: FixedClock
):
    club.set(reminder_days=[1, 4])
    club.open()
    clock.advance(days=1)
    today = date(2026, 6, 6)
    assert club.db.preview(reminders.run, club.system, today).sent == 1
    remind(club, "private")
    assert club.db.write(reminders.run, club.system, today).sent == 0
    assert steps(club) == [(1, "sent")]
    assert club.db.write(reminders.run, club.system, today + timedelta(days=3)).sent == 1


def test_a_step_of_somebody_who_cannot_be_reached_stays_due(
    club: Club, linked: Member, guest: Member, clock: FixedClock
):
    club.set(reminder_days=[1], reminder_mode="private")
    club.open()
    clock.advance(days=1)
    found = remind(club)
    assert [member.name for member in found.unreachable] == ["Guest"]
    club.link(guest, 777)
    assert club.db.write(reminders.run, club.system, date(2026, 6, 6)).sent == 1


def test_claimed_settled_and_unopened_bills_are_left_alone(club: Club, plan: Plan, linked: Member):
    claimed, settled = club.subscriber(plan, "Claims"), club.subscriber(plan, "Settled")
    club.open()
    club.submit(claimed)
    club.verify(club.submit(settled))
    assert list(ways(remind(club, "channel"))) == ["Ann"]
    club.db.conn.execute("UPDATE billing_periods SET openings = 0, status = 'draft'")
    assert club.db.preview(reminding.remind_now, club.treasurer, JUNE, "channel").members == ()


def test_of_all_months_each_member_is_told_once_of_everything(club: Club, linked: Member):
    club.open("2026-05")
    club.open("2026-06")
    (member,) = remind(club, "channel", None).members
    assert (member.bills, member.minor) == (2, 600)
    (may,) = club.db.preview(reminding.remind_now, club.treasurer, Period("2026-05"), "channel").members
    assert may.minor == 300


def test_a_second_one_meanwhile_is_not_confirmed_blindly(club: Club, linked: Member):
    club.open()
    args = (club.treasurer, JUNE, "channel")
    preview = club.db.preview(reminding.remind_now, *args)
    club.db.confirm(digest_of(preview), reminding.remind_now, *args)
    with pytest.raises(PreviewChanged) as changed:
        club.db.confirm(digest_of(preview), reminding.remind_now, *args)
    assert changed.value.result.recently == 1
    assert len(queued(club)) == 1


def test_when_nobody_can_be_reached_nothing_is_written(club: Club, guest: Member):
    club.open()
    found = remind(club, "private")
    assert found.members[0].ways == ()
    assert queued(club) == []
    assert club.audits("reminders") == []


def test_only_treasurers_may_and_only_for_months_that_are_there(club: Club, linked: Member):
    club.open()
    for actor in (club.reviewer, club.auditor, club.as_member(linked)):
        with refused(club.db, errors.RoleNeeded):
            club.db.write(reminding.remind_now, actor, JUNE, "channel")
    with refused(club.db, errors.PeriodUnknown):
        remind(club, "channel", Period("2027-01"))
    with refused(club.db, errors.ChoiceUnknown, field="reminder_mode"):
        remind(club, "loudly")


def test_both_ways_at_once_by_the_policy(club: Club, linked: Member, guest: Member):
    club.set(reminder_mode="both")
    club.open()
    assert club.db.write(reminders.run, club.system, date(2026, 6, 8)).sent == 2
    assert [(kind, target) for kind, target, _ in queued(club)] == [
        ("overdue", linked.id),
        ("overdue_list", 0),
    ]
    assert club.db.write(reminders.run, club.system, date(2026, 6, 9)).sent == 0
