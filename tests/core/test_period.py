"""Periods, billing days, due dates, and what is typed as one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FieldMissing, InvalidDate, InvalidPeriod
from core.period import (
    Period,
    collecting_period,
    covers,
    due_on,
    next_billing_period,
    overlap_days,
    parse_date,
)

days = st.dates(date(2000, 1, 1), date(2199, 12, 31))
periods = days.map(Period.of)


@pytest.mark.parametrize(
    ("text", "last", "count"),
    [("2026-02", 28, 28), ("2024-02", 29, 29), ("2026-12", 31, 31), ("2026-06", 30, 30)],
)
def test_month_bounds(text: str, last: int, count: int):
    period = Period.parse(text)
    assert (str(period), period.first_day.day, period.last_day.day, period.days) == (text, 1, last, count)


def test_neighbours_cross_the_year():
    assert Period("2026-12").next() == Period("2027-01")
    assert Period("2026-01").previous() == Period("2025-12")
    assert Period("2026-06").plus(-18) == Period("2024-12")
    assert Period("2025-11").months_until(Period("2026-02")) == 3
    assert Period("2026-02").months_until(Period("2025-11")) == -3


def test_periods_sort_as_months_do():
    assert sorted([Period("2026-10"), Period("2025-12"), Period("2026-09")]) == [
        Period("2025-12"),
        Period("2026-09"),
        Period("2026-10"),
    ]


@given(periods, st.integers(-600, 600))
def test_plus_and_months_until_are_each_others_inverse(period: Period, months: int):
    assert period.months_until(period.plus(months)) == months


@given(periods)
def test_a_period_is_its_days(period: Period):
    assert Period.of(period.first_day) == Period.of(period.last_day) == period
    assert period.next().first_day - period.first_day == timedelta(days=period.days)
    assert period.day(28) == period.first_day + timedelta(days=27)


@pytest.mark.parametrize("typed", [" 2026-06 ", "２０２６－０６"])
def test_a_typed_period_may_have_spaces_and_full_width_digits(typed: str):
    assert Period.parse(typed) == Period("2026-06")


@pytest.mark.parametrize(
    "typed",
    [
        "2026-13",
        "2026-00",
        "2026-6",
        "202606",
        "2026/06",
        "06-2026",
        "2026-06-05",
        "junk",
        "0026-06",
        "2926-06",
        "٢٠٢٦-٠٦",
    ],
)
def test_what_is_no_period_is_refused_with_the_field(typed: str):
    with pytest.raises(InvalidPeriod) as caught:
        Period.parse(typed, field="period")
    assert caught.value.params == {"field": "period", "value": typed}


def test_nothing_typed_is_named_as_missing():
    with pytest.raises(FieldMissing):
        Period.parse(" ")
    with pytest.raises(FieldMissing):
        parse_date("")


@pytest.mark.parametrize("text", ["2026-13", "2026-6", "2026-06\n", "", None])
def test_our_own_code_cannot_make_a_wrong_period(text: str):
    with pytest.raises(ValueError, match="not a period"):
        Period(text)


@pytest.mark.parametrize(
    ("typed", "day"), [("2026-06-05", date(2026, 6, 5)), ("2024-02-29", date(2024, 2, 29))]
)
def test_typed_dates(typed: str, day: date):
    assert parse_date(typed) == day


@pytest.mark.parametrize(
    "typed",
    ["2026-13-45", "2026-02-29", "2026-6-5", "20260605", "2026-06", "2026-W23-5", "tomorrow", "1026-06-05"],
)
def test_impossible_dates_are_refused_with_the_field(typed: str):
    with pytest.raises(InvalidDate) as caught:
        parse_date(typed, field="starts_on")
    assert caught.value.params == {"field": "starts_on", "value": typed}


@pytest.mark.parametrize(
    ("today", "billing_day", "period"),
    [
        ("2026-08-09", 10, "2026-07"),
        ("2026-08-10", 10, "2026-08"),
        ("2026-08-31", 10, "2026-08"),
        ("2026-06-01", 1, "2026-06"),
        ("2026-06-30", 1, "2026-06"),
        ("2026-01-04", 5, "2025-12"),
    ],
)
def test_collecting_period(today: str, billing_day: int, period: str):
    assert collecting_period(date.fromisoformat(today), billing_day) == Period(period)


@pytest.mark.parametrize(
    ("today", "billing_day", "period"),
    [
        ("2026-05-31", 1, "2026-06"),
        ("2026-06-01", 1, "2026-06"),
        ("2026-06-02", 1, "2026-07"),
        ("2026-12-31", 1, "2027-01"),
        ("2026-06-03", 5, "2026-06"),
        ("2026-06-05", 5, "2026-06"),
        ("2026-06-06", 5, "2026-07"),
    ],
)
def test_next_billing_period(today: str, billing_day: int, period: str):
    assert next_billing_period(date.fromisoformat(today), billing_day) == Period(period)


@pytest.mark.parametrize(
    ("period", "billing_day", "due_days", "day"),
    [
        ("2026-05", 5, 0, "2026-05-05"),
        ("2026-02", 28, 0, "2026-02-28"),
        ("2026-02", 28, 7, "2026-03-07"),
        ("2026-12", 25, 10, "2027-01-04"),
    ],
)
def test_due_on(period: str, billing_day: int, due_days: int, day: str):
    assert due_on(Period(period), billing_day, due_days) == date.fromisoformat(day)


@pytest.mark.parametrize("billing_day", [0, 29, -1])
def test_a_billing_day_is_between_1_and_28(billing_day: int):
    today = date(2026, 6, 5)
    for ask in (
        lambda: collecting_period(today, billing_day),
        lambda: next_billing_period(today, billing_day),
        lambda: due_on(Period("2026-06"), billing_day, 0),
    ):
        with pytest.raises(ValueError, match="billing day"):
            ask()


@given(days, st.integers(1, 28))
def test_the_next_billing_day_lies_ahead_and_the_collecting_one_behind(today: date, billing_day: int):
    assert collecting_period(today, billing_day).day(billing_day) <= today
    assert next_billing_period(today, billing_day).day(billing_day) >= today


@pytest.mark.parametrize(
    ("months", "last"), [(1, "2025-11-30"), (3, "2026-01-31"), (6, "2026-04-30"), (12, "2026-10-31")]
)
def test_a_bill_covers_its_whole_cycle(months: int, last: str):
    assert covers(Period("2025-11"), months) == (date(2025, 11, 1), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("first", "last", "shared"),
    [
        ("2026-06-10", "2026-06-19", 10),
        ("2026-05-01", "2026-06-01", 1),
        ("2026-06-30", "2026-07-31", 1),
        ("2026-05-01", None, 30),
        ("2026-06-21", None, 10),
        ("2026-07-01", None, 0),
        ("2026-05-01", "2026-05-31", 0),
        ("2026-06-20", "2026-06-10", 0),
    ],
)
def test_overlap_counts_both_ends_and_an_open_end(first: str, last: str | None, shared: int):
    june = Period("2026-06")
    other_last = date.fromisoformat(last) if last else None
    assert overlap_days(june.first_day, june.last_day, date.fromisoformat(first), other_last) == shared
