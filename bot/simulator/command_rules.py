"""Discord's rules for registering application commands."""

from __future__ import annotations

import unicodedata
from typing import Any

from bot.simulator.findings import SNOWFLAKE, Findings, Path, Payload, Problem, scalar

LOCALES = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)
SUB_COMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(
    1, 12
)
CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
MOST_OF_A_KIND = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
MAX_COMMAND_TEXT = 8000


def check_commands(payload: object) -> list[Problem]:
    """A whole set of commands, as a bulk overwrite sends it."""
    found = Findings()
    commands = payload if isinstance(payload, list) else None
    if commands is None:
        found.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return found.problems
    seen: set[tuple[Any, Any]] = set()
    counts: dict[int, int] = {}
    for index, raw in enumerate(commands):
        command = found.mapping((index,), raw)
        kind = scalar(command.get("type", CHAT_INPUT))
        _check_command((index,), command, found)
        counts[kind] = counts.get(kind, 0) + 1
        key = (kind, scalar(command.get("name")))
        if key in seen:
            text = "Application command names must be unique"
            found.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
        seen.add(key)
    for kind, most in MOST_OF_A_KIND.items():
        if counts.get(kind, 0) > most:
            text = f"Maximum number of application commands reached ({most})."
            found.add((), "APPLICATION_COMMANDS_MAXIMUM", text)
    return found.problems


def check_command(payload: object) -> list[Problem]:
    """One command."""
    found = Findings()
    _check_command((), found.mapping((), payload), found)
    return found.problems


def _check_command(at: Path, command: Payload, found: Findings) -> None:
    kind = scalar(command.get("type", CHAT_INPUT))
    if kind not in MOST_OF_A_KIND:
        found.add((*at, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}.")
        return
    if kind == CHAT_INPUT:
        _check_name(at, command, found)
        _check_description(at, command, found)
        _check_options(at, command, found, depth=0)
        if _text_length(command) > MAX_COMMAND_TEXT:
            text = f"Command exceeds maximum size ({MAX_COMMAND_TEXT})"
            found.add(at, "APPLICATION_COMMAND_TOO_LARGE", text)
    else:
        found.text((*at, "name"), command.get("name"), 1, 32)
        if command.get("description"):
            text = "Context menu commands cannot have description"
            found.add((*at, "description"), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", text)
        if command.get("options"):
            text = "Context menu commands cannot have options"
            found.add((*at, "options"), "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", text)
    permissions = command.get("default_member_permissions")
    if permissions is not None and not SNOWFLAKE.fullmatch(str(permissions)):
        text = f'Value "{permissions}" is not a set of permissions.'
        found.add((*at, "default_member_permissions"), "NUMBER_TYPE_COERCE", text)


def is_command_name(name: str) -> bool:
    """1 to 32 letters (lower case), numbers, hyphens, underscores, apostrophes; Devanagari, Thai marks."""
    if not 1 <= len(name) <= 32 or name != name.lower():
        return False
    return all(char in "-_'" or unicodedata.category(char)[0] in "LN" or _is_mark(char) for char in name)


def _is_mark(char: str) -> bool:
    return "\u0900" <= char <= "\u097f" or "\u0e00" <= char <= "\u0e7f"


def _check_name(at: Path, thing: Payload, found: Findings) -> None:
    name = thing.get("name")
    if found.text((*at, "name"), name, 1, 32) and not is_command_name(str(name)):
        found.add((*at, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    for locale, text in _localizations((*at, "name_localizations"), thing.get("name_localizations"), found):
        here = (*at, "name_localizations", locale)
        if found.text(here, text, 1, 32) and not is_command_name(text):
            found.add(here, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_description(at: Path, thing: Payload, found: Findings) -> None:
    found.text((*at, "description"), thing.get("description"), 1, 100)
    key = "description_localizations"
    for locale, text in _localizations((*at, key), thing.get(key), found):
        found.text((*at, key, locale), text, 1, 100)


def _localizations(at: Path, raw: object, found: Findings) -> list[tuple[str, str]]:
    if raw is None:
        return []
    texts = found.mapping(at, raw)
    for locale in texts:
        if locale not in LOCALES:
            found.add((*at, locale), "BASE_TYPE_CHOICES", f"Value must be one of {sorted(LOCALES)}.")
    return [(locale, text) for locale, text in texts.items() if text is not None]


def _check_options(at: Path, command: Payload, found: Findings, depth: int) -> None:
    options = found.items((*at, "options"), command.get("options"), 0, 25)
    names: set[object] = set()
    optional_seen = False
    for index, raw in enumerate(options):
        here: Path = (*at, "options", index)
        option = found.mapping(here, raw)
        _check_option(here, option, found, depth)
        name = scalar(option.get("name"))
        if name in names:
            text = "Option names must be unique"
            found.add((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_NOT_UNIQUE", text)
        names.add(name)
        if option.get("required") and optional_seen:
            text = "Required options must be placed before non-required options"
            found.add((*here, "required"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional_seen = optional_seen or not option.get("required")
    kinds = {scalar(option.get("type")) for option in options if isinstance(option, dict)}
    if kinds & {SUB_COMMAND, GROUP} and kinds - {SUB_COMMAND, GROUP}:
        text = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        found.add((*at, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)


def _check_option(at: Path, option: Payload, found: Findings, depth: int) -> None:
    _check_name(at, option, found)
    _check_description(at, option, found)
    kind = found.number((*at, "type"), option.get("type"), SUB_COMMAND, ATTACHMENT, optional=False)
    if kind is None:
        return
    if (kind == GROUP and depth > 0) or (kind == SUB_COMMAND and depth > 1):
        text = "This option type cannot be nested here"
        found.add((*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
    if kind in (SUB_COMMAND, GROUP):
        _check_options(at, option, found, depth + 1 if kind == GROUP else 2)
        return
    if depth == 1:
        text = "A group holds sub-commands only"
        found.add((*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
    _check_choices(at, option, kind, found)
    _check_bounds(at, option, kind, found)


def _check_choices(at: Path, option: Payload, kind: int, found: Findings) -> None:
    choices = found.items((*at, "choices"), option.get("choices"), 0, 25)
    if choices and kind not in (STRING, INTEGER, NUMBER):
        text = "Choices are only available for string, integer, and number options"
        found.add((*at, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_TYPE_INVALID", text)
    if choices and option.get("autocomplete"):
        text = "Autocomplete cannot be used with choices"
        found.add((*at, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", text)
    seen: set[object] = set()
    for index, raw in enumerate(choices):
        here: Path = (*at, "choices", index)
        choice = found.mapping(here, raw)
        found.text((*here, "name"), choice.get("name"), 1, 100)
        for locale, text in _localizations(
            (*here, "name_localizations"), choice.get("name_localizations"), found
        ):
            found.text((*here, "name_localizations", locale), text, 1, 100)
        value = choice.get("value")
        if kind == STRING:
            found.text((*here, "value"), value, 1, 100)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            found.add((*here, "value"), "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')
        name = scalar(choice.get("name"))
        if name in seen:
            text = "Option choice names must be unique"
            found.add((*here, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATE", text)
        seen.add(name)


def _check_bounds(at: Path, option: Payload, kind: int, found: Findings) -> None:
    low = found.number((*at, "min_length"), option.get("min_length"), 0, 6000)
    high = found.number((*at, "max_length"), option.get("max_length"), 1, 6000)
    if kind != STRING and (option.get("min_length") is not None or option.get("max_length") is not None):
        text = "Lengths are only available for string options"
        found.add((*at, "min_length"), "APPLICATION_COMMAND_OPTIONS_LENGTH_TYPE_INVALID", text)
    if low is not None and high is not None and low > high:
        found.add(
            (*at, "min_length"), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}."
        )
    least, most = option.get("min_value"), option.get("max_value")
    if kind not in (INTEGER, NUMBER) and (least is not None or most is not None):
        text = "Minimum and maximum are only available for integer and number options"
        found.add((*at, "min_value"), "APPLICATION_COMMAND_OPTIONS_MIN_MAX_TYPE_INVALID", text)
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        text = "The minimum value must be less than or equal to the maximum value"
        found.add((*at, "min_value"), "APPLICATION_COMMAND_OPTIONS_MIN_MAX_INVALID", text)


def _text_length(thing: Payload) -> int:
    """Characters of names, descriptions and choice values, nested ones too; the longest locale counts."""
    total = 0
    for key in ("name", "description", "value"):
        texts = [thing.get(key), *_texts(thing.get(f"{key}_localizations"))]
        total += max((len(text) for text in texts if isinstance(text, str)), default=0)
    for key in ("options", "choices"):
        parts = thing.get(key)
        total += (
            sum(_text_length(part) for part in parts if isinstance(part, dict))
            if isinstance(parts, list)
            else 0
        )
    return total


def _texts(localizations: object) -> list[object]:
    return list(localizations.values()) if isinstance(localizations, dict) else []
