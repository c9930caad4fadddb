"""Money: arithmetic, parsing, showing, splitting, and the frozen currency table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import currencies
from core.errors import (
    AmountInOtherCurrency,
    AmountNegative,
    AmountNotANumber,
    AmountTooLarge,
    AmountTooPrecise,
    FieldMissing,
    InvalidInput,
    UnknownCurrency,
)
from core.money import (
    LARGEST_MINOR,
    Money,
    exponent,
    format_money,
    is_currency,
    parse_currency,
    parse_money,
)

amounts = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
codes = st.sampled_from(sorted(currencies.EXPONENTS))


def twd(minor: int) -> Money:
    return Money(minor, "TWD")


# --- the table ----------------------------------------------------------------------------------------

# Written out a second time on purpose: changing the decimals of a currency would change every amount
# that is already stored in it, so it must never happen by the way.
FROZEN = {
    0: """
        AFN ALL AMD BIF CLP COP CRC DJF GNF HUF IDR IQD IRR ISK JPY KHR KMF KPW KRW LAK LBP MGA
        MMK MNT PKR PYG RSD RWF SOS SYP TWD TZS UGX UYI UZS VND VUV XAF XOF XPF YER
    """,
    2: """
        AED AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
        CHF CHW CNY COU CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ
        GYD HKD HNL HTG ILS INR JMD KES KGS KYD KZT LKR LRD LSL MAD MDL MKD MOP MRU MUR MVR MWK
        MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PLN QAR RON RUB SAR SBD SCR SDG
        SEK SGD SHP SLE SRD SSP STN SVC SZL THB TJS TMT TOP TRY TTD UAH USD USN UYU VED VES WST
        XCD XCG ZAR ZMW ZWG
    """,
    3: "BHD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}


def test_decimals_of_every_currency_are_frozen():
    frozen = {code: places for places, codes in FROZEN.items() for code in codes.split()}
    assert frozen == currencies.EXPONENTS


def test_every_override_changes_an_iso_currency_and_says_why():
    iso = {code for codes in currencies._ISO_BY_DECIMALS.values() for code in codes.split()}
    assert set(currencies.WHOLE_UNITS_ONLY) <= iso
    assert all(currencies.WHOLE_UNITS_ONLY.values())


def test_no_two_currencies_share_a_symbol_or_use_a_code_as_one():
    symbols = list(currencies.SYMBOLS.values())
    assert len(set(symbols)) == len(symbols)
    assert not set(symbols) & set(currencies.EXPONENTS)
    assert set(currencies.SYMBOLS) | set(currencies.SPOKEN) <= set(currencies.EXPONENTS)


@pytest.mark.parametrize(
    ("code", "places"), [("TWD", 0), ("USD", 2), ("JPY", 0), ("EUR", 2), ("IDR", 0), ("KWD", 3), ("HUF", 0)]
)
def test_exponent(code: str, places: int):
    assert exponent(code) == places


def test_unknown_codes_are_no_currency():
    assert is_currency("EUR")
    assert not any(map(is_currency, ("eur", "XXX", "XAU", "DEM", "")))
    with pytest.raises(ValueError, match="not a currency"):
        exponent("DEM")


def test_typed_currency_code_is_understood_in_any_case_and_width():
    assert parse_currency(" ｔwd ") == "TWD"
    with pytest.raises(UnknownCurrency) as caught:
        parse_currency("DEM", field="currency")
    assert caught.value.params == {"field": "currency", "value": "DEM"}
    with pytest.raises(FieldMissing):
        parse_currency(" ")


# --- arithmetic ---------------------------------------------------------------------------------------


def test_arithmetic_stays_in_the_currency():
    assert twd(300) + twd(20) - twd(5) == twd(315)
    assert -twd(3) == twd(-3)
    assert abs(twd(-3)) == twd(3)
    assert twd(7) * 3 == 3 * twd(7) == twd(21)
    assert sum([twd(1), twd(2)], Money.zero("TWD")) == twd(3)
    assert Money.zero("TWD").is_zero
    assert not twd(1).is_zero


def test_comparisons_are_by_amount():
    assert twd(1) < twd(2) <= twd(2)
    assert twd(3) > twd(2) >= twd(2)
    assert max(twd(1), twd(9), twd(4)) == twd(9)


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_never_mix(operation: str):
    with pytest.raises(ValueError, match="same currency"):
        getattr(twd(1), operation)(Money(1, "USD"))


def test_equal_numbers_of_two_currencies_are_not_equal():
    assert twd(1) != Money(1, "JPY")
    assert len({twd(1), Money(1, "JPY"), twd(1)}) == 2


@pytest.mark.parametrize("minor", [1.0, "1", True, None])
def test_only_whole_numbers_are_money(minor: object):
    with pytest.raises(ValueError, match="not an amount"):
        Money(minor, "TWD")  # type: ignore[arg-type]  # the mistake under test


def test_money_of_an_unknown_currency_cannot_be_made():
    with pytest.raises(ValueError, match="not an amount"):
        Money(1, "DEM")


def test_multiplying_by_a_fraction_is_refused():
    with pytest.raises(TypeError):
        twd(3) * 0.5  # type: ignore[operator]  # the mistake under test


def test_asking_money_for_its_truth_is_refused_since_zero_is_an_amount_too():
    with pytest.raises(TypeError, match="is_zero"):
        bool(twd(0))


# --- splitting and proration --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [0, 1, 0, 2], [0, 4, 0, 6]),
        (1, [0, 5, 5], [0, 1, 0]),
        (0, [3, 4], [0, 0]),
        (7, [1], [7]),
    ],
)
def test_split_gives_the_remainder_to_the_first_shares(whole: int, weights: list[int], shares: list[int]):
    assert twd(whole).split(weights) == [twd(share) for share in shares]


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_shares_add_up_to_the_whole_and_are_fair(whole: int, weights: list[int]):
    shares = twd(whole).split(weights)
    assert sum(shares, Money.zero("TWD")) == twd(whole)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * sum(weights) - whole * weight) < sum(weights)
        assert weight or share.is_zero


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3], [2, 0.5]])
def test_split_refuses_weights_that_mean_nothing(weights: list[int]):
    with pytest.raises(ValueError, match="weights"):
        twd(10).split(weights)


@pytest.mark.parametrize(
    ("whole", "part", "days", "prorated"),
    [
        (300, 10, 30, 100),
        (100, 1, 3, 33),
        (5, 1, 2, 3),  # half a unit counts as one
        (-5, 1, 2, -3),  # and a credit mirrors the charge
        (300, 0, 30, 0),
        (300, 31, 31, 300),
        (1, 1, 3, 0),
    ],
)
def test_prorate_rounds_half_up(whole: int, part: int, days: int, prorated: int):
    assert twd(whole).prorate(part, days) == twd(prorated)


@given(amounts, st.integers(1, 400).flatmap(lambda days: st.tuples(st.integers(0, days), st.just(days))))
def test_prorated_part_is_within_half_a_unit_of_the_exact_one(whole: int, days: tuple[int, int]):
    part = twd(whole).prorate(*days)
    assert abs(2 * part.minor * days[1] - 2 * whole * days[0]) <= days[1]


@pytest.mark.parametrize(("part", "days"), [(-1, 30), (31, 30), (0, 0)])
def test_prorate_refuses_days_outside_the_period(part: int, days: int):
    with pytest.raises(ValueError, match="days"):
        twd(300).prorate(part, days)


# --- parsing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1573", "TWD", 1573),
        (" 1,573 ", "TWD", 1573),
        ("NT$1,573", "TWD", 1573),
        ("nt$ 1573", "TWD", 1573),
        ("$300", "TWD", 300),
        ("300 元", "TWD", 300),
        ("TWD 300", "TWD", 300),
        ("300twd", "TWD", 300),
        ("１，５７３", "TWD", 1573),
        ("ＮＴ＄３００", "TWD", 300),
        ("0", "TWD", 0),
        ("-0", "TWD", 0),
        ("007", "TWD", 7),
        ("12.5", "USD", 1250),
        ("US$12.50", "USD", 1250),
        ("1,234,567.89", "USD", 123456789),
        ("￥1,000", "JPY", 1000),
        ("1000円", "JPY", 1000),
        ("€3", "EUR", 300),
        ("3 €", "EUR", 300),
        ("Rp 50,000", "IDR", 50000),
        ("Rp. 50000", "IDR", 50000),
        ("0.125", "KWD", 125),
        ("CHF 12.05", "CHF", 1205),
        ("999999999999", "TWD", LARGEST_MINOR),
    ],
)
def test_amounts_as_people_type_them(typed: str, currency: str, minor: int):
    assert parse_money(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "typed",
    [
        "12x",
        "abc",
        "1,57",
        "1,5730",
        ",100",
        "1,,000",
        "1.573,00",
        "12.",
        ".5",
        "1e3",
        "0x10",
        "1 573",
        "12..5",
        "--5",
        "-$-5",
        "$",
        "NT$NT$5",
        "½",
        "٣٠٠",
        "三百",
        "1_000",
        "(5)",
        "5%",
        "1\n2",
        "NaN",
        "Infinity",
        "+5",
        "1" * 61,
    ],
)
def test_what_is_no_amount_is_refused_with_the_field(typed: str):
    with pytest.raises(AmountNotANumber) as caught:
        parse_money(typed, "TWD", field="price")
    assert caught.value.params["field"] == "price"
    assert caught.value.params["example"] == "1,250"


def test_huge_text_is_refused_quickly_and_not_repeated():
    with pytest.raises(AmountNotANumber) as caught:
        parse_money("9" * 1_000_000, "TWD")
    assert len(str(caught.value.params["value"])) <= 40


@pytest.mark.parametrize(
    ("typed", "currency", "places"),
    [("12.5", "TWD", 0), ("300.00", "TWD", 0), ("50.000", "IDR", 0), ("1.234", "EUR", 2)],
)
def test_more_decimals_than_the_currency_has_are_refused_not_rounded(typed: str, currency: str, places: int):
    with pytest.raises(AmountTooPrecise) as caught:
        parse_money(typed, currency)
    assert caught.value.params["decimals"] == places


@pytest.mark.parametrize("typed", ["US$12", "12 USD", "€5", "JP¥100", "5 Rp"])
def test_an_amount_in_another_currency_is_refused_not_converted(typed: str):
    with pytest.raises(AmountInOtherCurrency) as caught:
        parse_money(typed, "TWD")
    assert caught.value.params["currency"] == "TWD"


@pytest.mark.parametrize("typed", ["-5", "−5", "－５", "NT$-5", "-NT$5"])
def test_minus_is_understood_only_where_it_makes_sense(typed: str):
    with pytest.raises(AmountNegative):
        parse_money(typed, "TWD")
    assert parse_money(typed, "TWD", signed=True) == twd(-5)


def test_plus_is_understood_where_minus_is():
    assert parse_money("+5", "TWD", signed=True) == twd(5)


def test_too_large_amounts_are_refused():
    with pytest.raises(AmountTooLarge):
        parse_money("1000000000000", "TWD")
    with pytest.raises(AmountTooLarge):
        parse_money("10,000,000,000.00", "USD")


@pytest.mark.parametrize("typed", ["", "   ", "　"])
def test_nothing_typed_is_named_as_missing(typed: str):
    with pytest.raises(FieldMissing) as caught:
        parse_money(typed, "TWD", field="price")
    assert caught.value.params == {"field": "price"}


# --- showing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1573, "TWD"), "NT$1,573"),
        (Money(0, "TWD"), "NT$0"),
        (Money(-300, "TWD"), "-NT$300"),
        (Money(1250, "USD"), "US$12.50"),
        (Money(5, "USD"), "US$0.05"),
        (Money(-5, "EUR"), "-€0.05"),
        (Money(1000, "JPY"), "JP¥1,000"),
        (Money(50000, "IDR"), "Rp\xa050,000"),
        (Money(1205, "CHF"), "CHF\xa012.05"),
        (Money(1234567, "KWD"), "KWD\xa01,234.567"),
    ],
)
def test_amounts_are_shown_without_doubt_about_the_currency(money: Money, text: str):
    assert format_money(money, "en") == format_money(money, "zh-TW") == text


@given(amounts, codes)
def test_what_is_shown_can_be_typed(minor: int, currency: str):
    money = Money(minor, currency)
    for locale in ("en", "zh-TW"):
        assert parse_money(format_money(money, locale), currency, signed=True) == money


@given(st.text(max_size=30), codes)
def test_any_text_is_an_amount_or_one_clear_error(typed: str, currency: str):
    try:
        field, minor = "amount", parse_money(typed, currency).minor
    except InvalidInput as error:
        field, minor = error.params["field"], 0
    assert field == "amount"
    assert minor >= 0
