"""Money: whole minor units of one currency; parsing what people type, showing it, and splitting it fairly.

There is no float anywhere and no bare number for an amount. Mixing two currencies is a mistake of ours
and raises ValueError; a mistake of the person who typed raises a `DomainError` that names the field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from core.currencies import EXPONENTS, SPOKEN, SYMBOLS
from core.errors import (
    AmountInOtherCurrency,
    AmountNegative,
    AmountNotANumber,
    AmountTooLarge,
    AmountTooPrecise,
    FieldMissing,
    UnknownCurrency,
    shown,
)

LARGEST_MINOR = 999_999_999_999
"""The most that can be typed at once; far inside SQLite's 64 bits, however many are added up."""

_LONGEST_TYPED = 60
_MINUSES = str.maketrans("−–", "--")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (`Money(1250, "USD")` is 12.50 dollars); negative is owed back."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int or self.currency not in EXPONENTS:
            raise ValueError(f"not an amount of money: {self.minor!r} {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing at all, in this currency: the start of a sum."""
        return cls(0, currency)

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly nothing."""
        return self.minor == 0

    def __bool__(self) -> bool:
        raise TypeError("ask is_zero: whether an amount exists and whether it is zero are two questions")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._minor_of(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            return NotImplemented
        return Money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._minor_of(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._minor_of(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._minor_of(other)

    def _minor_of(self, other: Money) -> int:
        if not isinstance(other, Money) or other.currency != self.currency:
            raise ValueError(f"{self!r} and {other!r} are not in the same currency")
        return other.minor

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Divide it in proportion to the weights (non-negative integers, not all zero).

        Every share is rounded towards zero; the minor units left over go one each to the first shares
        that have a weight. So the shares always add up to the whole.
        """
        total = sum(weights)
        if total <= 0 or any(type(weight) is not int or weight < 0 for weight in weights):
            raise ValueError(f"cannot split by these weights: {list(weights)!r}")
        sign = -1 if self.minor < 0 else 1
        shares = [abs(self.minor) * weight // total for weight in weights]
        left_over = abs(self.minor) - sum(shares)
        for index, weight in enumerate(weights):
            if left_over and weight:
                shares[index] += 1
                left_over -= 1
        return [Money(sign * share, self.currency) for share in shares]

    def prorate(self, part_days: int, whole_days: int) -> Money:
        """Return the part of it that falls on `part_days` of `whole_days`.

        Rounded half up: half a minor unit or more counts as one (away from zero for negative amounts,
        so that a credit for some days equals the charge for them).
        """
        if whole_days <= 0 or not 0 <= part_days <= whole_days:
            raise ValueError(f"{part_days} of {whole_days} days is no part of a period")
        sign = -1 if self.minor < 0 else 1
        rounded = (2 * abs(self.minor) * part_days + whole_days) // (2 * whole_days)
        return Money(sign * rounded, self.currency)


def exponent(currency: str) -> int:
    """Return how many decimals an amount in this currency has; ValueError for an unknown code."""
    if currency not in EXPONENTS:
        raise ValueError(f"not a currency: {currency!r}")
    return EXPONENTS[currency]


def is_currency(code: str) -> bool:
    """Whether this is a code of the table, in capitals."""
    return code in EXPONENTS


def parse_currency(text: str, field: str = "currency") -> str:
    """Return the currency code that was typed, in capitals; raises FieldMissing or UnknownCurrency."""
    code = unicodedata.normalize("NFKC", text).strip().upper()
    if not code:
        raise FieldMissing(field=field)
    if code not in EXPONENTS:
        raise UnknownCurrency(field=field, value=shown(text))
    return code


def parse_money(text: str, currency: str, field: str = "amount", *, signed: bool = False) -> Money:
    """Read an amount that a person typed, in the workspace's currency.

    Full-width characters count as their plain ones; the currency's own code or symbol may stand before or
    after; thousands commas must be where thousands are. `signed` allows a leading plus or minus.
    Raises a leaf of InvalidInput that names `field`; nothing is ever rounded or guessed.
    """
    typed = unicodedata.normalize("NFKC", text[: _LONGEST_TYPED + 1]).translate(_MINUSES).strip()
    if not typed:
        raise FieldMissing(field=field)
    match = _pattern(currency).fullmatch(typed) if len(text) <= _LONGEST_TYPED else None
    sign = (match["sign"] or match["inner_sign"]) if match else None
    if match is None or (sign == "+" and not signed):
        if _names_other_currency(typed, currency):
            raise AmountInOtherCurrency(field=field, value=shown(text), currency=currency)
        raise AmountNotANumber(field=field, value=shown(text), example=_number(1250, exponent(currency)))
    places, decimals = exponent(currency), match["decimals"] or ""
    if len(decimals) > places:
        raise AmountTooPrecise(field=field, value=shown(text), currency=currency, decimals=places)
    minor = int(match["whole"].replace(",", "") + decimals.ljust(places, "0"))
    if sign == "-" and minor and not signed:
        raise AmountNegative(field=field, value=shown(text))
    if minor > LARGEST_MINOR:
        raise AmountTooLarge(field=field, largest=Money(LARGEST_MINOR, currency))
    return Money(-minor if sign == "-" else minor, currency)


@cache
def _pattern(currency: str) -> re.Pattern[str]:
    """Build what an amount of this currency looks like: sign, symbol, number, or the symbol behind it."""
    names = "|".join(re.escape(name) for name in sorted(_names(currency), key=len, reverse=True))
    return re.compile(
        rf"(?P<sign>[-+])?\s*(?:(?:{names})\s*)?(?(sign)|(?P<inner_sign>[-+])?)"
        r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<decimals>[0-9]+))?"
        rf"(?:\s*(?:{names}))?",
        re.IGNORECASE,
    )


def _names(currency: str) -> set[str]:
    symbol = {SYMBOLS[currency]} if currency in SYMBOLS else set()
    return {currency, *symbol, *SPOKEN.get(currency, ())}


def _names_other_currency(typed: str, currency: str) -> bool:
    """Whether this is a number beside a code or symbol that does not belong to this currency."""
    beside = re.sub(r"[0-9.,\s+-]", "", typed).upper()
    others = {name.upper() for code in EXPONENTS if code != currency for name in _names(code)}
    return any(c.isdigit() for c in typed) and beside in others - {n.upper() for n in _names(currency)}


def format_money(money: Money, locale: str) -> str:
    """Show an amount as people write it: `NT$1,573`, `US$12.50`, `CHF 12.50`, `-€3.00`.

    Both languages group by thousands with commas and put the symbol first, so `locale` changes nothing yet.
    """
    del locale
    number = _number(abs(money.minor), exponent(money.currency))
    sign = "-" if money.minor < 0 else ""
    symbol = SYMBOLS.get(money.currency, money.currency)
    gap = "\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else ""
    return f"{sign}{symbol}{gap}{number}"


def _number(minor: int, places: int) -> str:
    """Write minor units with thousands commas and exactly this many decimals."""
    whole, decimals = divmod(minor, 10**places)
    return f"{whole:,}.{decimals:0{places}}" if places else f"{whole:,}"
