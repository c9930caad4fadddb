"""Clocks, instants, and the way between UTC and a club's wall clock."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from core.clock import (
    SteppedClock,
    SystemClock,
    at_local_time,
    instant_text,
    is_timezone,
    local_date,
    local_datetime,
    parse_instant,
    parse_timezone,
)
from core.errors import FieldMissing, UnknownTimezone
from tests.fakes import START, FixedClock

DAY = 86_400


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_system_clock_is_aware_and_in_utc():
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_the_fixed_clock_moves_only_when_told():
    clock = FixedClock()
    assert clock.now() == clock.now() == START
    assert clock.advance(days=1, hours=2) == START + timedelta(days=1, hours=2) == clock.now()
    clock.set(START)
    assert clock.now() == START


# --- the stepped clock --------------------------------------------------------------------------------


@pytest.fixture
def offset_file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


def write_offset(path: Path, text: str) -> None:
    """Replace the file as another program would, with a time stamp of its own."""
    stamp = path.stat().st_mtime_ns + 1_000_000 if path.exists() else None
    ready = path.with_suffix(".new")
    ready.write_text(text, encoding="utf-8")
    if stamp is not None:
        os.utime(ready, ns=(stamp, stamp))
    ready.replace(path)


def test_the_stepped_clock_is_the_system_clock_until_somebody_moves_it(offset_file: Path):
    clock = SteppedClock(offset_file)
    assert clock.offset_seconds == 0
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_stepped_clock_follows_the_file(offset_file: Path):
    clock = SteppedClock(offset_file)
    write_offset(offset_file, json.dumps({"offset_seconds": 30 * DAY}))
    assert clock.offset_seconds == 30 * DAY
    assert timedelta(days=30) <= clock.now() - datetime.now(UTC) + timedelta(minutes=1)
    write_offset(offset_file, json.dumps({"offset_seconds": 31 * DAY}))
    assert clock.offset_seconds == 31 * DAY


def test_the_stepped_clock_never_goes_back(offset_file: Path):
    clock = SteppedClock(offset_file)
    write_offset(offset_file, json.dumps({"offset_seconds": 30 * DAY}))
    before = clock.now()
    write_offset(offset_file, json.dumps({"offset_seconds": 0}))
    assert clock.now() >= before
    offset_file.unlink()
    assert clock.now() >= before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"offset_seconds": "much"}',
        '{"offset_seconds": 1e99}',
        '{"offset_seconds": NaN}',
    ],
)
def test_a_file_that_makes_no_sense_changes_nothing(offset_file: Path, text: str):
    clock = SteppedClock(offset_file)
    write_offset(offset_file, json.dumps({"offset_seconds": DAY}))
    assert clock.offset_seconds == DAY
    write_offset(offset_file, text)
    assert clock.offset_seconds == DAY
    write_offset(offset_file, json.dumps({"offset_seconds": 2 * DAY}))
    assert clock.offset_seconds == 2 * DAY


def test_the_file_is_read_again_only_when_it_changed(offset_file: Path):
    clock = SteppedClock(offset_file)
    write_offset(offset_file, json.dumps({"offset_seconds": 1 * DAY}))
    assert clock.offset_seconds == DAY
    stamp = offset_file.stat()
    offset_file.write_text(json.dumps({"offset_seconds": DAY + 1}), encoding="utf-8")
    os.utime(offset_file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert clock.offset_seconds == DAY


def test_what_was_done_is_acknowledged_beside_the_file(offset_file: Path):
    clock = SteppedClock(offset_file)
    clock.acknowledge(DAY)
    clock.acknowledge(2 * DAY)
    acknowledged = offset_file.with_name("clock.json.ack")
    assert json.loads(acknowledged.read_text(encoding="utf-8")) == {"offset_seconds": 2 * DAY}
    assert sorted(file.name for file in offset_file.parent.iterdir()) == ["clock.json.ack"]


# --- instants -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 6, 5, 1, 0, tzinfo=UTC), "2026-06-05T01:00:00.000Z"),
        (datetime(2026, 6, 5, 1, 2, 3, 999_999, tzinfo=UTC), "2026-06-05T01:02:03.999Z"),
        (datetime(2026, 6, 5, 9, 0, tzinfo=timezone(timedelta(hours=8))), "2026-06-05T01:00:00.000Z"),
        (datetime(987, 6, 5, tzinfo=UTC), "0987-06-05T00:00:00.000Z"),
    ],
)
def test_instants_are_written_in_utc_to_the_millisecond(moment: datetime, text: str):
    assert instant_text(moment) == text


def test_a_written_instant_is_read_back():
    moment = datetime(2026, 6, 5, 1, 2, 3, 456_000, tzinfo=UTC)
    assert parse_instant(instant_text(moment)) == moment
    assert parse_instant("2026-06-05T01:00:00.000Z").tzinfo == UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-05",
        "2026-06-05T01:00:00Z",
        "2026-06-05T01:00:00.000",
        "2026-06-05T01:00:00.000+08:00",
        "2026-13-05T01:00:00.000Z",
    ],
)
def test_other_ways_to_write_an_instant_are_refused(text: str):
    with pytest.raises(ValueError, match=r"instant|month"):
        parse_instant(text)


def test_naive_datetimes_are_refused_everywhere():
    naive = datetime(2026, 6, 5)  # noqa: DTZ001  the mistake under test
    for ask in (
        lambda: instant_text(naive),
        lambda: local_date(naive, "Asia/Taipei"),
        lambda: FixedClock().set(naive),
    ):
        with pytest.raises(ValueError, match="naive"):
            ask()


# --- local days ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-05-31T17:30+00:00", "Asia/Taipei", date(2026, 6, 1)),
        ("2026-05-31T15:59+00:00", "Asia/Taipei", date(2026, 5, 31)),
        ("2026-12-31T16:30+00:00", "Asia/Taipei", date(2027, 1, 1)),
        ("2026-06-01T03:00+00:00", "America/New_York", date(2026, 5, 31)),
        ("2026-05-31T10:00+00:00", "Pacific/Kiritimati", date(2026, 6, 1)),
    ],
)
def test_local_date(moment: str, zone: str, day: date):
    assert local_date(instant(moment), zone) == day


def test_local_datetime_shows_the_wall_clock():
    assert f"{local_datetime(START, 'Asia/Taipei'):%H:%M}" == "09:00"


@pytest.mark.parametrize(
    ("day", "time", "zone", "utc"),
    [
        (date(2026, 6, 5), "09:00", "Asia/Taipei", "2026-06-05T01:00+00:00"),
        (date(2026, 1, 5), "09:00", "Europe/Berlin", "2026-01-05T08:00+00:00"),
        (date(2026, 7, 5), "09:00", "Europe/Berlin", "2026-07-05T07:00+00:00"),
        # 02:30 does not exist: the clocks go from 02:00 to 03:00, so it is 03:30
        (date(2026, 3, 29), "02:30", "Europe/Berlin", "2026-03-29T01:30+00:00"),
        # 02:30 comes twice: the first one, still in summer time
        (date(2026, 10, 25), "02:30", "Europe/Berlin", "2026-10-25T00:30+00:00"),
        # midnight does not exist: it is one o'clock of the same day
        (date(2018, 11, 4), "00:00", "America/Sao_Paulo", "2018-11-04T03:00+00:00"),
        (date(2026, 6, 5), "09:00", "Australia/Lord_Howe", "2026-06-04T22:30+00:00"),
    ],
)
def test_at_local_time(day: date, time: str, zone: str, utc: str):
    moment = at_local_time(day, time, zone)
    assert moment == instant(utc)
    assert moment.tzinfo is UTC
    assert local_date(moment, zone) == day


@pytest.mark.parametrize(
    "name",
    [
        "Asia/Taipei",
        "UTC",
        "America/Argentina/Buenos_Aires",
        "Etc/GMT+8",
        "Europe/Berlin",
        "America/Port-au-Prince",
    ],
)
def test_iana_names_are_time_zones(name: str):
    assert is_timezone(name)
    assert parse_timezone(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "Taipei",
        "Asia",
        "Asia/Atlantis",
        "../../etc/passwd",
        "/etc/localtime",
        "posix/UTC",
        "localtime",
        "+08:00",
        "asia/taipei",
        "A\0B",
        "zone.tab",
    ],
)
def test_anything_else_is_no_time_zone(name: str):
    assert not is_timezone(name)
    with pytest.raises(UnknownTimezone) as caught:
        parse_timezone(name)
    assert caught.value.params["field"] == "timezone"


def test_no_time_zone_typed_is_named_as_missing():
    with pytest.raises(FieldMissing):
        parse_timezone("  ")
