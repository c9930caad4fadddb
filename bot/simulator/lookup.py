"""Reading what a script sent: people, channels, roles and files by the names people use."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import Iterable
from typing import Any

from bot.simulator import rules
from bot.simulator.errors import ControlError
from bot.simulator.files import Upload, safe_name
from bot.simulator.findings import as_id
from bot.simulator.things import Channel, Guild, Role, User
from bot.simulator.world import World

Payload = dict[str, Any]


def only(body: object, allowed: Iterable[str]) -> Payload:
    """The body as an object with no field but those."""
    if not isinstance(body, dict):
        raise ControlError("invalid_body", "The body must be one JSON object.")
    allowed = list(allowed)
    for name in body:
        if name not in allowed:
            raise ControlError(
                "unknown_field",
                f"'{name}' is not a field here. Fields: {', '.join(allowed) or 'none'}.",
                name,
            )
    return body


def actor(world: World, reference: object, field: str = "user") -> User:
    """The person with that key or id; never the bot."""
    user = person(world, reference, field)
    if user.bot:
        raise ControlError("unknown_user", "The bot acts by itself; name a person.", field)
    return user


def person(world: World, reference: object, field: str) -> User:
    """The person or bot with that key or id."""
    text = _text(reference, field, "a user's key or id")
    user = world.users_by_key.get(text) or world.users.get(as_id(text))
    if user is None:
        keys = [u.key for u in world.users.values() if not u.bot and not u.key.startswith("extra")]
        raise ControlError("unknown_user", f"There is no user '{text}'. Users: {', '.join(keys)}.", field)
    return user


def guild_of(world: World, user: User, reference: object, field: str = "guild") -> Guild | None:
    """The server of that id or name among theirs; without one their first, or None if there is none."""
    theirs = world.guilds_of(user)
    if reference is None:
        return theirs[0] if theirs else None
    text = _text(reference, field, "a server's id or name")
    for guild in theirs:
        if text in (str(guild.id), guild.name):
            return guild
    raise ControlError("unknown_guild", f"'{user.key}' is in no server '{text}'.", field)


def channel(guild: Guild | None, world: World, reference: object, field: str) -> Channel:
    """A channel of that server by name or id."""
    text = _text(reference, field, "a channel's name or id")
    for channel_id in guild.channel_ids if guild else ():
        if text in (str(channel_id), world.channels[channel_id].name, "#" + world.channels[channel_id].name):
            return world.channels[channel_id]
    found = world.channels.get(as_id(text))
    if found is None or (guild is not None and found.guild_id not in (None, guild.id)):
        raise ControlError("unknown_channel", f"There is no channel '{text}' here.", field)
    return found


def role(guild: Guild | None, reference: object, field: str) -> Role:
    text = _text(reference, field, "a role's name or id")
    for one in guild.roles.values() if guild else ():
        if text in (str(one.id), one.name):
            return one
    raise ControlError("unknown_role", f"There is no role '{text}' here.", field)


def upload(raw: object, field: str, index: int = 0) -> Upload:
    """A file given as filename, content_base64 and (optionally) content_type."""
    entry = raw if isinstance(raw, dict) else None
    if entry is None:
        raise ControlError(
            "invalid_file", f"'{field}' must be an object with filename and content_base64.", field
        )
    unknown = set(entry) - {"filename", "content_base64", "content_type"}
    if unknown:
        raise ControlError("unknown_field", f"'{min(unknown)}' is not a field of a file.", field)
    filename, text = entry.get("filename"), entry.get("content_base64")
    if not isinstance(filename, str) or not filename.strip():
        raise ControlError("invalid_file", f"'{field}' needs a filename.", field)
    try:
        content = base64.b64decode(text if isinstance(text, str) else "", validate=True)
    except (binascii.Error, ValueError):
        raise ControlError("invalid_file", f"The content_base64 of '{field}' is not base64.", field) from None
    if not content:
        raise ControlError("invalid_file", f"The file '{filename}' in '{field}' is empty.", field)
    if len(content) > rules.MAX_FILE_BYTES:
        limit = rules.MAX_FILE_BYTES // 1024 // 1024
        raise ControlError("file_too_large", f"The file '{filename}' is larger than {limit} MiB.", field)
    name = safe_name(filename)
    kind = entry.get("content_type") or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if not isinstance(kind, str) or "\n" in kind or "\r" in kind:
        raise ControlError("invalid_file", f"The content_type of '{field}' is not one.", field)
    return Upload(index, name, kind, content)


def flag(body: Payload, name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise ControlError(f"invalid_{name}", f"'{name}' is true or false.", name)
    return value


def object_at(body: Payload, name: str) -> Payload:
    """An object among the fields, empty when it is left out."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ControlError(f"invalid_{name}", f"'{name}' must be an object.", name)
    return value


def _text(value: object, field: str, what: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise ControlError(f"invalid_{field.rsplit('.', 1)[-1]}", f"'{field}' must be {what}.", field)
    return value
