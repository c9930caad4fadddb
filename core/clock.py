"""The only place that asks what time it is, and the way between UTC instants and a club's local days.

An instant is an aware UTC datetime, stored as `2026-06-05T01:00:00.000Z`; a date is a day in the
workspace's time zone. There are no naive datetimes.
"""

from __future__ import annotations

import json
import logging
import os
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from core.errors import FieldMissing, TimeInvalid, UnknownTimezone, shown

log = logging.getLogger(__name__)

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
# Files of a time zone folder that name no zone of their own.
_NOT_ZONES = re.compile(r"(?:posix|right)/.*|localtime|posixrules|Factory")


class Clock(Protocol):
    """Whatever says what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC)


class SteppedClock:
    """The machine's clock plus an offset that another program writes into a file: for the simulator.

    The file holds `{"offset_seconds": N}`. The offset only ever grows, because books do not run backwards:
    a smaller one is ignored. Whoever acted on a step writes that into `<path>.ack` by `acknowledge`.
    """

    def __init__(self, path: Path) -> None:
        """Follow this file; it need not exist yet."""
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = 0.0

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    @property
    def offset_seconds(self) -> float:
        """How far this clock is ahead of the machine's, in seconds."""
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._seen:
                self._offset = max(self._offset, _read_offset(self._path))
                self._seen = stamp
        except FileNotFoundError:
            pass  # nobody has moved the clock yet
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            # Read while it was being written: the next call tries again.
            log.warning("cannot read the clock's offset from %s: %s", self._path.name, error)
        return self._offset

    def acknowledge(self, offset_seconds: float) -> None:
        """Tell the other program that everything due at this offset has been done."""
        ready = self._path.with_name(self._path.name + ".ack.new")
        ready.write_text(json.dumps({"offset_seconds": offset_seconds}), encoding="utf-8")
        os.replace(ready, self._path.with_name(self._path.name + ".ack"))


def _read_offset(path: Path) -> float:
    offset = json.loads(path.read_text(encoding="utf-8"))["offset_seconds"]
    timedelta(seconds=offset)  # refuses what is not a number of seconds
    return float(offset)


def instant_text(moment: datetime) -> str:
    """Write an instant as the database keeps it, in milliseconds; ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"a naive datetime is no instant: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Read an instant that `instant_text` wrote; ValueError for anything else."""
    if _INSTANT.fullmatch(text) is None:
        raise ValueError(f"not an instant: {text!r}")
    return datetime.fromisoformat(text)


@lru_cache(maxsize=1024)
def is_timezone(name: str) -> bool:
    """Whether this is a name of the IANA time zone database, spelt as it is there."""
    if _ZONE_NAME.fullmatch(name) is None or _NOT_ZONES.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a folder such as "Asia" is an OSError
        return False
    return True


def parse_timezone(text: str, field: str = "timezone") -> str:
    """Return the time zone name that was typed; raises FieldMissing or UnknownTimezone."""
    name = text.strip()
    if not name:
        raise FieldMissing(field=field)
    if not is_timezone(name):
        raise UnknownTimezone(field=field, value=shown(text))
    return name


def parse_time(text: str, field: str = "time") -> str:
    """Return the time of day that was typed, as `HH:MM`; raises FieldMissing or TimeInvalid."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        raise FieldMissing(field=field)
    match = _TIME.fullmatch(typed)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise TimeInvalid(field=field, value=shown(text))
    return f"{int(match[1]):02}:{match[2]}"


def local_datetime(moment: datetime, timezone: str) -> datetime:
    """Return the instant as the workspace's wall clock shows it, still aware."""
    if moment.tzinfo is None:
        raise ValueError(f"a naive datetime is no instant: {moment!r}")
    return moment.astimezone(ZoneInfo(timezone))


def local_date(moment: datetime, timezone: str) -> date:
    """Return which day it is in the workspace's time zone at this instant."""
    return local_datetime(moment, timezone).date()


def at_local_time(day: date, time_of_day: str, timezone: str) -> datetime:
    """Return the UTC instant at which the workspace's wall clock shows this time ("09:00") on this day.

    Where the clocks are put forward over that time, it is as long after the change as it was meant to be
    after midnight (02:30 becomes 03:30); where it comes twice, the first one counts. Both as in iCalendar.
    """
    wall = datetime.combine(day, time.fromisoformat(time_of_day), tzinfo=ZoneInfo(timezone))
    return wall.astimezone(UTC)
