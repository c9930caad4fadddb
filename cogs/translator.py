"""Slash commands in both languages: names and descriptions come from `commands.toml`.

The English entry is what the command is called in code and by default; Discord shows the other one to whoever
uses it in Chinese. A command at the path "billing open" has its words at `commands.billing_open`, its option
`period` at `commands.billing_open.options.period`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

import discord
from discord import app_commands
from discord.app_commands import locale_str

from core.i18n import DEFAULT_LOCALE, has, t

F = TypeVar("F", bound=Callable[..., Any])

# Which of our languages a Discord language reads; the others get the default.
_CATALOG_OF = {discord.Locale.taiwan_chinese: "zh-TW", discord.Locale.chinese: "zh-TW"}


class CommandWords(TypedDict):
    """The keyword arguments of a command or group."""

    name: locale_str
    description: locale_str


class CatalogTranslator(app_commands.Translator):
    """Looks a text up by the key that `words` left on it."""

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        key, catalog = string.extras.get("key"), _CATALOG_OF.get(locale)
        return t(catalog, key) if key and catalog else None


def words(key: str) -> locale_str:
    """A text of the catalogs, for whatever discord.py translates."""
    return locale_str(t(DEFAULT_LOCALE, key), key=key)


def command(path: str) -> CommandWords:
    """Name and description of a command or group: `@app_commands.command(**command("pay"))`."""
    key = f"commands.{path.replace(' ', '_')}"
    return {"name": words(f"{key}.name"), "description": words(f"{key}.description")}


def options(path: str, *names: str) -> Callable[[F], F]:
    """Name and describe a command's options, given by their parameter names."""
    key = f"commands.{path.replace(' ', '_')}.options"

    def decorate(function: F) -> F:
        described = {name: words(f"{key}.{name}.description") for name in names}
        renamed = {
            name: words(f"{key}.{name}.name") for name in names if has(DEFAULT_LOCALE, f"{key}.{name}.name")
        }
        return app_commands.rename(**renamed)(app_commands.describe(**described)(function))

    return decorate


def choice(key: str, value: str) -> app_commands.Choice[str]:
    """One of an option's fixed choices; `key` is the catalog's whole key."""
    return app_commands.Choice(name=words(key), value=value)
