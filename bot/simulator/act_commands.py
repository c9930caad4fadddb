"""Slash commands as a person types them: finding one, checking its options, resolving what they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.simulator import commands, files, lookup, payloads
from bot.simulator.command_rules import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUB_COMMAND,
    USER,
)
from bot.simulator.errors import ControlError
from bot.simulator.things import Channel as ChannelOf
from bot.simulator.things import Guild, User
from bot.simulator.world import World

Payload = dict[str, Any]
MAX_STRING = 6000


@dataclass
class Resolver:
    """Collects what an interaction names, in the `resolved` shape that Discord sends along."""

    world: World
    guild: Guild | None
    channel: ChannelOf
    base_url: str
    found: dict[str, dict[str, Payload]] = field(default_factory=dict)

    def user(self, reference: object, name: str) -> str:
        person = lookup.person(self.world, reference, name)
        self._add("users", person.id, payloads.user(person))
        if self.guild is not None and person.id in self.guild.members:
            member = payloads.member(self.guild.members[person.id], with_user=False)
            granted = self.world.permissions_in(self.channel, person.id)
            self._add("members", person.id, member | {"permissions": str(granted)})
        return str(person.id)

    def role(self, reference: object, name: str) -> str:
        role = lookup.role(self.guild, reference, name)
        self._add("roles", role.id, payloads.role(role))
        return str(role.id)

    def mentionable(self, reference: object, name: str) -> str:
        try:
            return self.user(reference, name)
        except ControlError:
            return self.role(reference, name)

    def target(self, reference: object, name: str, user_id: int) -> str:
        channel = lookup.channel(self.guild, self.world, reference, name)
        if not self.world.can_see(channel, user_id):
            raise ControlError("unknown_channel", f"There is no channel '{reference}' here.", name)
        self._add("channels", channel.id, payloads.partial_channel(self.world, channel, user_id))
        return str(channel.id)

    def attachment(self, raw: object, name: str) -> str:
        stored = files.store(self.world, self.channel.id, lookup.upload(raw, name))
        self._add("attachments", stored.id, payloads.attachment(self.base_url, stored, ephemeral=True))
        return str(stored.id)

    def _add(self, kind: str, thing_id: int, payload: Payload) -> None:
        self.found.setdefault(kind, {})[str(thing_id)] = payload


def find(world: World, user: User, guild: Guild | None, name: object) -> tuple[Payload, Payload, str]:
    """The command, the part of it that runs and its path, by what was typed (a leading slash is fine)."""
    if not isinstance(name, str) or not name.strip("/ "):
        raise ControlError(
            "invalid_name", "'name' must be a command, such as 'pay' or 'club billing open'.", "name"
        )
    wanted = " ".join(name.strip().removeprefix("/").split())
    paths = []
    for command in commands.visible(world, user, guild):
        for path, leaf in commands.leaves(command):
            if path == wanted:
                return command, leaf, path
            paths.append("/" + path)
    known = ", ".join(paths) or "none are registered"
    raise ControlError(
        "unknown_command", f"'{user.key}' has no command '/{wanted}' here. Commands: {known}.", "name"
    )


def data(
    command: Payload, path: str, options: list[Payload], resolver: Resolver, guild: Guild | None
) -> Payload:
    """The `data` of a command interaction, options nested under their sub-commands."""
    nested = options
    inner = path.split()[1:]
    for depth, name in reversed(list(enumerate(inner))):
        is_leaf = depth == len(inner) - 1
        nested = [{"type": SUB_COMMAND if is_leaf else GROUP, "name": name, "options": nested}]
    payload: Payload = {"id": command["id"], "name": command["name"], "type": 1, "options": nested}
    if resolver.found:
        payload["resolved"] = resolver.found
    if "guild_id" in command and guild is not None:
        payload["guild_id"] = str(guild.id)
    return payload


class Options:
    """The options of one command run, from the body's `options` and `files`."""

    def __init__(
        self, leaf: Payload, resolver: Resolver, user: User, *, force: bool, partial: bool = False
    ) -> None:
        self.known = {option["name"]: option for option in leaf.get("options") or []}
        self.resolver = resolver
        self.user = user
        self.force = force
        self.partial = partial

    def read(self, values: Payload, uploads: Payload, focused: str | None = None) -> list[Payload]:
        """Check everything first, then resolve: a refused command stores nothing."""
        for name in [*values, *uploads]:
            if name not in self.known and not self.force:
                known = ", ".join(self.known) or "none"
                raise ControlError("unknown_option", f"There is no option '{name}'. Options: {known}.", name)
        for name, option in self.known.items():
            if (
                option.get("required")
                and not self.partial
                and not self.force
                and name not in {**values, **uploads}
            ):
                raise ControlError("missing_option", f"The option '{name}' is required.", name)
        given = [(name, values[name]) for name in values if values[name] is not None]
        for name, value in given:
            if name != focused:
                self._check(name, value)
        for name, raw in uploads.items():
            if self.known.get(name, {}).get("type", ATTACHMENT) != ATTACHMENT:
                raise ControlError("invalid_option", f"The option '{name}' takes no file.", name)
            lookup.upload(raw, name)
        read = [self._option(name, value, focused) for name, value in given]
        for name, raw in uploads.items():
            read.append({"type": ATTACHMENT, "name": name, "value": self.resolver.attachment(raw, name)})
        return read

    def _option(self, name: str, value: object, focused: str | None) -> Payload:
        kind = self.known.get(name, {"type": _guess(value)})["type"]
        option: Payload = {"type": kind, "name": name, "value": value}
        if name == focused:
            return option | {"value": str(value), "focused": True}
        if kind in (USER, ROLE, MENTIONABLE, CHANNEL):
            option["value"] = self._resolvers()[kind](value, name)
        return option

    def _resolvers(self) -> dict[int, Callable[[object, str], str]]:
        resolver = self.resolver
        return {
            USER: resolver.user,
            ROLE: resolver.role,
            MENTIONABLE: resolver.mentionable,
            CHANNEL: lambda value, name: resolver.target(value, name, self.user.id),
        }

    def _check(self, name: str, value: object) -> None:
        option = self.known.get(name)
        if option is None or self.force or self.partial:
            return
        kind = option["type"]
        if kind == ATTACHMENT:
            raise ControlError(
                "invalid_option", f"The option '{name}' is a file: give it under 'files'.", name
            )
        if kind == STRING:
            self._check_string(name, value, option)
        elif kind in (INTEGER, NUMBER):
            self._check_number(name, value, option)
        elif kind == BOOLEAN and not isinstance(value, bool):
            raise ControlError("invalid_option", f"The option '{name}' is true or false.", name)
        elif kind in (USER, ROLE, MENTIONABLE, CHANNEL):
            kept, self.resolver.found = self.resolver.found, {}
            self._resolvers()[kind](value, name)
            self.resolver.found = kept
        choices = option.get("choices") or []
        if choices and value not in [choice["value"] for choice in choices]:
            offered = ", ".join(repr(choice["value"]) for choice in choices)
            raise ControlError("invalid_option", f"The option '{name}' is one of {offered}.", name)

    @staticmethod
    def _check_string(name: str, value: object, option: Payload) -> None:
        low = max(1, option.get("min_length") or 0)
        high = option.get("max_length") or MAX_STRING
        if not isinstance(value, str) or not low <= len(value) <= high:
            raise ControlError(
                "invalid_option", f"The option '{name}' is a text of {low} to {high} characters.", name
            )

    @staticmethod
    def _check_number(name: str, value: object, option: Payload) -> None:
        whole = option["type"] == INTEGER
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise ControlError(
                "invalid_option", f"The option '{name}' is a {'whole ' if whole else ''}number.", name
            )
        low, high = option.get("min_value"), option.get("max_value")
        assert isinstance(value, int | float)
        if (low is not None and value < low) or (high is not None and value > high):
            raise ControlError("invalid_option", f"The option '{name}' must be from {low} to {high}.", name)


def _guess(value: object) -> int:
    """The option type of a value that no option describes (only with `force`)."""
    if isinstance(value, bool):
        return BOOLEAN
    return INTEGER if isinstance(value, int) else STRING
