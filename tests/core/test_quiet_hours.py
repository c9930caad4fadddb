"""Quiet hours: on the club's wall clock, also over midnight and when clocks are changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core import errors, notices, sending
from core.quiet_hours import quiet_until
from tests.core.helpers import refused
from tests.factories import Club
from tests.fakes import FixedClock


def quiet(club: Club, start: str, end: str, at: datetime, timezone: str = "Asia/Taipei") -> datetime | None:
    workspace = replace(club.workspace, quiet_from=start, quiet_to=end, timezone=timezone)
    return quiet_until(workspace, at)


def taipei(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("start", "end", "at", "until"),
    [
        ("22:00", "08:30", taipei(5, 21, 59), None),
        ("22:00", "08:30", taipei(5, 22), taipei(6, 8, 30)),
        ("22:00", "08:30", taipei(5, 23, 59), taipei(6, 8, 30)),
        ("22:00", "08:30", taipei(6, 0), taipei(6, 8, 30)),
        ("22:00", "08:30", taipei(6, 8, 29), taipei(6, 8, 30)),
        ("22:00", "08:30", taipei(6, 8, 30), None),
        ("12:00", "14:00", taipei(5, 12), taipei(5, 14)),
        ("12:00", "14:00", taipei(5, 14), None),
        ("00:00", "06:00", taipei(5, 0), taipei(5, 6)),
        ("18:00", "00:00", taipei(5, 23), taipei(6, 0)),
    ],
)
def test_they_end_when_they_say(club: Club, start: str, end: str, at: datetime, until: datetime | None):
    assert quiet(club, start, end, at) == until


def test_without_them_it_is_never_quiet(club: Club):
    assert quiet_until(club.workspace, taipei(5, 3)) is None


@pytest.mark.parametrize("minutes", range(0, 300, 7))
def test_they_never_end_in_the_past_when_clocks_are_changed(club: Club, minutes: int):
    for day in ("2026-03-29", "2026-10-25"):
        now = datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(minutes=minutes)
        until = quiet(club, "22:00", "02:30", now, "Europe/Berlin")
        assert until is None or now < until <= now + timedelta(hours=9)


def test_a_reminder_waits_until_they_are_over_and_then_goes_out(club: Club, clock: FixedClock):
    member = club.subscriber(club.plan())
    club.open()
    club.set(announce_channel_id=11, quiet_from="08:00", quiet_to="10:15")
    bills = [bill.id for bill in club.bills(member)]
    notice_id = club.db.write(notices.overdue_list, club.workspace, "k", bills)
    assert notice_id is not None
    assert club.db.write(sending.claim, notice_id) is None, "it is nine o'clock"
    assert club.db.read(sending.due_in, notice_id) == 75 * 60
    clock.advance(minutes=75)
    assert club.db.write(sending.claim, notice_id) is not None


def test_other_notices_do_not_wait(club: Club):
    club.subscriber(club.plan())
    club.set(announce_channel_id=11, quiet_from="08:00", quiet_to="10:15")
    club.open()
    notice_id = club.db.conn.execute("SELECT id FROM notices WHERE kind = 'opened'").fetchone()[0]
    assert club.db.write(sending.claim, notice_id) is not None


def test_half_of_them_and_empty_ones_are_refused_by_name(club: Club):
    with refused(club.db, errors.FieldMissing, field="quiet_to"):
        club.set(quiet_from="22:00")
    with refused(club.db, errors.FieldMissing, field="quiet_from"):
        club.set(quiet_to="22:00", quiet_from=None)
    with refused(club.db, errors.QuietHoursEmpty):
        club.set(quiet_from="22:00", quiet_to="22:00")
    for typed in ("24:00", "7", "07:60", "evening", "-1:00"):
        with refused(club.db, errors.TimeInvalid, field="quiet_from"):
            club.set(quiet_from=typed, quiet_to="08:00")
    club.set(quiet_from="７:05", quiet_to="8:00")
    assert (club.workspace.quiet_from, club.workspace.quiet_to) == ("07:05", "08:00")
    with refused(club.db, errors.FieldMissing, field="quiet_to"):
        club.set(quiet_to=None)
    club.set(quiet_from=None, quiet_to=None)
    assert club.workspace.quiet_from is None
