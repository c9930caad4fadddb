"""Dates, periods and time zones (core/period.py, core/clock.py)."""

from core.errors.base import InvalidInput


class InvalidPeriod(InvalidInput):
    """Not a month written as YYYY-MM."""

    code = "invalid_period"
    fields = ("field", "value")


class InvalidDate(InvalidInput):
    """Not a day of the calendar written as YYYY-MM-DD."""

    code = "invalid_date"
    fields = ("field", "value")


class UnknownTimezone(InvalidInput):
    """Not a name of the IANA time zone database."""

    code = "unknown_timezone"
    fields = ("field", "value")
