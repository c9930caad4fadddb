"""What stands in a ChipPot's columns, read without trust: what comes out, our tables can hold."""

import re
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from core.clock import instant_text, local_date
from core.money import LARGEST_MINOR
from core.period import FIRST_YEAR, LAST_YEAR
from core.text import clean_text, name_key
from core.workspaces import LARGEST_ID

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID = re.compile(r"[0-9]{1,19}")
_NO_LIMIT = 1 << 30


def text(value: Any) -> str:
    """The value as text without outer blanks and control characters; nothing is ""."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value.strip()
    return clean_text(str(value), "", _NO_LIMIT)


def line(value: Any) -> str:
    """The same on one line."""
    return " ".join(text(value).split())


def cut(kept: str, limit: int) -> str:
    """The text, or as much of it as fits, ending in an ellipsis."""
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + "…"


def unique_name(name: str, taken: set[str], limit: int) -> str:
    """The name, with a number behind it when it is taken; adds its key to `taken`."""
    found, number = cut(name, limit), 1
    while name_key(found) in taken:
        number += 1
        ending = f" ({number})"
        found = cut(name, limit - len(ending)) + ending
    taken.add(name_key(found))
    return found


def discord_id(value: Any) -> int | None:
    """The id of something on Discord, or None."""
    typed = unicodedata.normalize("NFKC", text(value))
    found = int(typed) if _ID.fullmatch(typed) else 0
    return found if 0 < found <= LARGEST_ID else None


def amount(value: Any) -> int | None:
    """A whole amount from nothing to the most that the books take, or None: money is never guessed."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= LARGEST_MINOR else None


def number(value: Any, least: int, most: int) -> int | None:
    """A whole number between the two, or None."""
    return value if type(value) is int and least <= value <= most else None


@lru_cache(maxsize=4096)
def is_month(label: str) -> bool:
    """Whether it is a month of a year in which a club can be."""
    found = _MONTH.fullmatch(label)
    return found is not None and FIRST_YEAR <= int(found[1]) <= LAST_YEAR


@lru_cache(maxsize=4096)
def day(value: Any) -> date | None:
    """A day of the calendar, or None."""
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def instant(value: Any) -> str | None:
    """An instant as we write it, or None. Without a zone it is UTC."""
    if not isinstance(value, str) or len(value) < len("2026-06-05 01:00"):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    if len(value) == 24 and value[23] == "Z" and value[10] == "T" and value[19] == ".":
        return value
    try:
        return instant_text(found if found.tzinfo else found.replace(tzinfo=UTC))
    except OverflowError:
        return None


def first_instant(*found: Any) -> str | None:
    """The first of the values that is an instant."""
    return next((good for value in found if (good := instant(value)) is not None), None)


def local_day(moment: str, timezone: str) -> str:
    """The day in the workspace's time zone at an instant that `instant` returned."""
    return _local_day(moment[:16], timezone)


@lru_cache(maxsize=65536)
def _local_day(minute: str, timezone: str) -> str:
    return str(local_date(datetime.fromisoformat(f"{minute}+00:00"), timezone))
