"""Periods (one month each), calendar dates, and the arithmetic of billing days and due dates.

Everything here is a date in the workspace's time zone; `core/clock.py` says which date it is now.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import FieldMissing, InvalidDate, InvalidPeriod, shown

# Outside these years a date is a slip of the finger (2206, 0026), and refused as such.
FIRST_YEAR, LAST_YEAR = 2000, 2199

_PERIOD = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """One month, written `YYYY-MM`, which also sorts as months do."""

    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or _PERIOD.fullmatch(self.text) is None:
            raise ValueError(f"not a period: {self.text!r}")

    @classmethod
    def parse(cls, text: str, field: str = "period") -> Period:
        """Read a period that a person typed; raises FieldMissing or InvalidPeriod naming the field."""
        typed = unicodedata.normalize("NFKC", text).strip()
        if not typed:
            raise FieldMissing(field=field)
        if _PERIOD.fullmatch(typed) is None or not FIRST_YEAR <= int(typed[:4]) <= LAST_YEAR:
            raise InvalidPeriod(field=field, value=shown(text))
        return cls(typed)

    @classmethod
    def of(cls, day: date) -> Period:
        """Return the month that this day lies in."""
        return cls(f"{day.year:04}-{day.month:02}")

    def __str__(self) -> str:
        return self.text

    @property
    def year(self) -> int:
        """The calendar year."""
        return int(self.text[:4])

    @property
    def month(self) -> int:
        """The month, 1-12."""
        return int(self.text[5:])

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return self.next().first_day - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days the month has, 28-31."""
        return self.last_day.day

    def day(self, number: int) -> date:
        """Return that day of the month; ValueError when the month has no such day."""
        return date(self.year, self.month, number)

    def plus(self, months: int) -> Period:
        """Return the period so many months later, or earlier when negative."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Period(f"{year:04}-{month + 1:02}")

    def next(self) -> Period:
        """Return the month after this one."""
        return self.plus(1)

    def previous(self) -> Period:
        """Return the month before this one."""
        return self.plus(-1)

    def months_until(self, other: Period) -> int:
        """Return how many months later the other period is; negative when it is earlier."""
        return (other.year - self.year) * 12 + other.month - self.month


def parse_date(text: str, field: str = "date") -> date:
    """Read a calendar date typed as YYYY-MM-DD; raises FieldMissing or InvalidDate naming the field."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        raise FieldMissing(field=field)
    match = _DATE.fullmatch(typed)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise InvalidDate(field=field, value=shown(text))
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise InvalidDate(field=field, value=shown(text)) from None


def collecting_period(today: date, billing_day: int) -> Period:
    """Return the period being collected: this month from the billing day on, else the month before."""
    this_month = Period.of(today)
    return this_month if today.day >= _checked(billing_day) else this_month.previous()


def next_billing_period(today: date, billing_day: int) -> Period:
    """Return the period whose billing day comes next, today included."""
    this_month = Period.of(today)
    return this_month if today.day <= _checked(billing_day) else this_month.next()


def due_on(period: Period, billing_day: int, due_days: int) -> date:
    """Return the last day to pay: the period's billing day, and so many days of grace."""
    return period.day(_checked(billing_day)) + timedelta(days=due_days)


def covers(period: Period, months: int) -> tuple[date, date]:
    """Return the first and the last day that a bill of this period covers, for a cycle of so many months."""
    return period.first_day, period.plus(months - 1).last_day


def overlap_days(first: date, last: date, other_first: date, other_last: date | None) -> int:
    """Count the days that two spans share, both ends included; a span without a last day has no end."""
    until = last if other_last is None else min(last, other_last)
    return max(0, (until - max(first, other_first)).days + 1)


def _checked(billing_day: int) -> int:
    if not 1 <= billing_day <= 28:
        raise ValueError(f"not a billing day: {billing_day!r}")
    return billing_day
