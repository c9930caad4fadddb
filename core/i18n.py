"""Every sentence a person reads, in their language: the catalogs and `t()`.

A catalog is a folder `core/locales/<locale>/` with one TOML file per area; the file `pay.toml` has one top
table `[pay]`, and its keys are `pay.…`. `{name}` in a sentence is replaced once by the param of that name.
An entry with the sub-keys `one` and `other` is chosen by the param `count`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from core.clock import local_datetime
from core.errors import DomainError, Param
from core.money import Money, format_money
from core.period import Period

LOCALES = ("en", "zh-TW")
DEFAULT_LOCALE = "en"

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_PLURAL_FORMS = frozenset({"one", "other"})

Entry: TypeAlias = "str | dict[str, str]"


def t(locale: str, key: str, /, **params: Param) -> str:
    """Return the sentence `key` in this language, with its placeholders filled in.

    Money, dates and periods are written as the language writes them; text is inserted as it is and never
    read for placeholders again. KeyError for an unknown locale or key, or a placeholder without a param.
    """
    entry = catalog(locale)[key]
    if not isinstance(entry, str):
        entry = entry["one" if params["count"] == 1 else "other"]
    return PLACEHOLDER.sub(lambda match: _shown(locale, params[match[1]]), entry)


def has(locale: str, key: str) -> bool:
    """Whether this language has a sentence of that key."""
    return key in catalog(locale)


# Params that are words of ours, and the catalog area that says them in each language.
_WORDED = {"field": "fields", "role": "role_holders", "status": "payment_status"}


def error_text(locale: str, error: DomainError, *, escape: Callable[[str], str] = str) -> str:
    """Return the sentence for an error; `escape` is applied to what people typed (for markdown or HTML).

    The params `field`, `role` and `status` are said in this language.
    """
    params = {
        name: escape(value) if isinstance(value, str) else value for name, value in error.params.items()
    }
    for name, area in _WORDED.items():
        key = f"{area}.{error.params.get(name)}"
        if has(locale, key):
            params[name] = t(locale, key)
    return t(locale, f"errors.{error.code}", **params)


def best_locale(discord_locale: str | None, default: str = DEFAULT_LOCALE) -> str:
    """Return our language for what a Discord client is set to; any Chinese reads 繁體中文."""
    if discord_locale is None:
        return default
    return "zh-TW" if discord_locale.split("-")[0].lower() == "zh" else "en"


def format_date(day: date, locale: str) -> str:
    """Write a calendar date: "5 June 2026", "2026 年 6 月 5 日"."""
    month = t(locale, f"formats.month_{day.month}")
    return t(locale, "formats.date", day=day.day, month=month, year=day.year)


def format_instant(moment: datetime, timezone: str, locale: str) -> str:
    """Write an instant as the workspace's wall clock shows it, to the minute."""
    local = local_datetime(moment, timezone)
    day = format_date(local.date(), locale)
    return t(locale, "formats.date_and_time", date=day, time=f"{local:%H:%M}")


def format_period(period: Period, locale: str) -> str:
    """Write a period: "June 2026", "2026 年 6 月"."""
    month = t(locale, f"formats.month_{period.month}")
    return t(locale, "formats.period", month=month, year=period.year)


def format_list(items: Sequence[str], locale: str) -> str:
    """Join words as the language does: "a, b and c", "a、b 和 c"; nothing for an empty list."""
    *first, last = items or [""]
    if not first:
        return last
    return t(locale, "formats.list", first=t(locale, "formats.list_comma").join(first), last=last)


def format_count(number: int, locale: str) -> str:
    """Write a whole number with thousands commas, which both languages use."""
    del locale
    return f"{number:,}"


@cache
def catalog(locale: str) -> Mapping[str, Entry]:
    """Return all entries of a language by key; read once. KeyError for a language that we do not have."""
    if locale not in LOCALES:
        raise KeyError(locale)
    entries: dict[str, Entry] = {}
    folder = resources.files("core") / "locales" / locale
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            area = file.name.removesuffix(".toml")
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
            if set(tables) != {area}:
                raise ValueError(f"{locale}/{file.name} must have the one top table [{area}]")
            entries.update(_flat(area, tables[area]))
    return entries


def placeholders(entry: Entry) -> set[str]:
    """Return the names of the params that an entry needs."""
    texts = [entry] if isinstance(entry, str) else list(entry.values())
    return {match[1] for text in texts for match in PLACEHOLDER.finditer(text)}


def _flat(prefix: str, table: dict[str, Any]) -> dict[str, Entry]:
    """Turn nested tables into dotted keys; a table of plural forms is one entry."""
    if "other" in table and _PLURAL_FORMS.issuperset(table):
        return {prefix: table}
    entries: dict[str, Entry] = {}
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            entries.update(_flat(key, value))
        elif isinstance(value, str):
            entries[key] = value
        else:
            raise ValueError(f"{key} is not a text")
    return entries


def _shown(locale: str, value: Param) -> str:
    match value:
        case str():
            return value
        case Money():
            return format_money(value, locale)
        case Period():
            return format_period(value, locale)
        case datetime():
            raise TypeError("an instant needs a time zone: use format_instant")
        case date():
            return format_date(value, locale)
        case int():
            return str(value)
        case _:
            raise TypeError(f"cannot show {value!r}")
