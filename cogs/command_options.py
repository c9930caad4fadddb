"""What a command's options bring, looked at before it runs.

Discord's own programs only send what is on offer, and of the right kind. Anything else comes from a program
that is out of date, or from one that is not Discord's, and must not be taken for some other choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import discord
from discord import app_commands

from cogs.ui.replies import Interaction, locale_of
from core import errors
from core.i18n import t

_KINDS: Mapping[discord.AppCommandOptionType, type] = {
    discord.AppCommandOptionType.string: str, discord.AppCommandOptionType.boolean: bool,
}  # fmt: skip


def check_options(interaction: Interaction) -> None:
    """Raise ChoiceUnknown for a choice that is not on offer, CommandSignatureMismatch for a wrong kind."""
    command = interaction.command
    if not isinstance(command, app_commands.Command):
        return
    known = {parameter.display_name: parameter for parameter in command.parameters}
    for option in _options(interaction.data or {}):
        parameter = known.get(option["name"])
        if parameter is not None:  # the library itself refuses what it does not know
            _check(command, parameter, option.get("value"), locale_of(interaction))


def _options(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The options with values, below the groups."""
    found: Iterable[Mapping[str, Any]] = data.get("options") or ()
    for option in found:
        if "value" in option:
            yield option
        else:
            yield from _options(option)


def _check(
    command: app_commands.Command[Any, ..., Any], parameter: app_commands.Parameter, value: Any, locale: str
) -> None:
    kind = _KINDS.get(parameter.type)
    if kind is not None and not isinstance(value, kind):
        raise app_commands.CommandSignatureMismatch(command)
    if parameter.choices and value not in [choice.value for choice in parameter.choices]:
        raise errors.ChoiceUnknown(
            field=_name(parameter, locale),
            value=errors.shown(str(value)),
            choices=", ".join(choice.name for choice in parameter.choices),
        )


def _name(parameter: app_commands.Parameter, locale: str) -> str:
    """What an option is called in this language."""
    key = parameter.locale_name.extras.get("key") if parameter.locale_name else None
    return t(locale, key) if key else parameter.display_name
