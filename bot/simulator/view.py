"""What one person sees: channels, messages, commands, the open form; shapes: docs/simulator.md."""

from __future__ import annotations

import re
from typing import Any

from bot.simulator import commands, permissions, rules
from bot.simulator.command_rules import GROUP, SUB_COMMAND
from bot.simulator.things import DM_CHANNEL, Channel, Guild, Message, User
from bot.simulator.world import World

Payload = dict[str, Any]
USER_LINK = re.compile(r"<@!?([0-9]{1,20})>")
ROLE_LINK = re.compile(r"<@&([0-9]{1,20})>")
CHANNEL_LINK = re.compile(r"<#([0-9]{1,20})>")
DEFAULT_MESSAGES = 100


def view(world: World, user: User, guild: Guild | None, *, limit: int = DEFAULT_MESSAGES) -> Payload:
    """Everything that person sees in that server (None when they are in none) and in their direct channel."""
    shown = channels(world, user, guild)
    return {
        "user": user.key,
        "me": person(user, guild),
        "guild": guild and {"id": str(guild.id), "name": guild.name, "locale": guild.locale},
        "guilds": [{"id": str(g.id), "name": g.name} for g in world.guilds_of(user)],
        "users": people(world, guild) if guild else [person(world.bot, None), person(user, None)],
        "channels": [_channel(world, channel, user, limit) for channel in shown],
        "commands": [_command(c, user.locale) for c in commands.visible(world, user, guild)],
        "modal": user.modal,
        "desk": world.desk,
    }


def people(world: World, guild: Guild) -> list[Payload]:
    """Everybody in a server, the bot last."""
    members = [m.user for m in guild.members.values()]
    members.sort(key=lambda user: (user.bot, user.id))
    return [person(user, guild) for user in members]


def person(user: User, guild: Guild | None) -> Payload:
    roles = []
    if guild is not None and user.id in guild.members:
        found = [guild.roles[r] for r in guild.members[user.id].roles if r in guild.roles]
        found.sort(key=lambda role: -role.position)
        roles = [{"id": str(r.id), "name": r.name, "color": _color(r.color)} for r in found]
    return {
        "key": user.key,
        "id": str(user.id),
        "name": user.name,
        "initials": initials(user.name),
        "color": user.color,
        "roles": roles,
        "locale": user.locale,
        "dms_closed": user.dms_closed,
        "bot": user.bot,
    }


def initials(name: str) -> str:
    """First letters of the first and the last word; the first character of a name that is one word."""
    words = name.split()
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _color(number: int) -> str:
    return f"#{number:06x}" if number else "#99aab5"


def channels(world: World, user: User, guild: Guild | None) -> list[Channel]:
    """The channels that person can open, in page order: text channels, threads, the direct channel."""
    shown: list[Channel] = []
    if guild is not None:
        own = [world.channels[channel_id] for channel_id in guild.channel_ids]
        shown += [c for c in own if world.can_see(c, user.id)]
        threads = [c for c in world.channels.values() if c.guild_id == guild.id and c.is_thread]
        shown += [c for c in threads if user.id in c.members and world.can_see(c, user.id)]
    if user.dm_channel_id is not None:
        shown.append(world.channels[user.dm_channel_id])
    return shown


def kind_of(channel: Channel) -> str:
    if channel.kind == DM_CHANNEL:
        return "dm"
    return "thread" if channel.is_thread else "text"


def is_private(channel: Channel) -> bool:
    """Hidden from somebody of the server: a direct channel, a thread, or @everyone may not look."""
    everyone = channel.overwrites.get(channel.guild_id or 0)
    hidden = everyone is not None and bool(everyone.deny & permissions.VIEW_CHANNEL)
    return channel.kind == DM_CHANNEL or channel.is_thread or hidden


def _channel(world: World, channel: Channel, user: User, limit: int) -> Payload:
    seen = [m for m in channel.messages.values() if m.only_for is None or m.only_for == user.id]
    return {
        "id": str(channel.id),
        "name": channel.name,
        "kind": kind_of(channel),
        "private": is_private(channel),
        "topic": channel.topic,
        "parent_id": str(channel.parent_id) if channel.parent_id else None,
        "guild_id": str(channel.guild_id) if channel.guild_id else None,
        "messages": [message(world, m, user) for m in seen[-limit:]],
    }


def message(world: World, one: Message, user: User) -> Payload:
    """A message as that person sees it: Discord's own object and what the page needs beside it."""
    flags = one.data["flags"]
    author = world.users.get(int(one.data["author"]["id"]))
    return one.data | {
        "ephemeral": one.only_for is not None,
        "thinking": bool(flags & rules.LOADING),
        "author_key": author.key if author else None,
        "mentions_you": user.id in one.pinged,
        "mentions_resolved": _resolved(world, one),
        "used_command": _used_command(world, one),
    }


def _used_command(world: World, one: Message) -> Payload | None:
    if one.command is None:
        return None
    user = world.users[int(one.data["interaction_metadata"]["user"]["id"])]
    return {"user": user.key, "name": user.name, "command": one.command}


def _resolved(world: World, one: Message) -> Payload:
    parts = [one.data["content"], rules.text_of(one.data["components"])]
    for embed in one.data["embeds"]:
        parts += [embed.get("title"), embed.get("description")]
        parts += [text for f in embed.get("fields") or [] for text in (f.get("name"), f.get("value"))]
    text = "\n".join(part for part in parts if part)
    channel = world.channels[one.channel_id]
    guild = world.guilds.get(channel.guild_id or 0)
    users = {i: world.users[int(i)].name for i in USER_LINK.findall(text) if int(i) in world.users}
    names = {i: world.channels[int(i)].name for i in CHANNEL_LINK.findall(text) if int(i) in world.channels}
    known = guild.roles if guild else {}
    roles = {
        i: {"name": known[int(i)].name, "color": _color(known[int(i)].color)}
        for i in ROLE_LINK.findall(text)
        if int(i) in known
    }
    return {"users": users, "roles": roles, "channels": names}


# --- commands ---


def _command(command: Payload, locale: str) -> Payload:
    shown = _localized(command, locale)
    if command["type"] == 1:
        _add_paths(shown, shown["name"], shown["name_localized"])
    return shown


def _localized(thing: Payload, locale: str) -> Payload:
    """A copy of a command, option or choice with its texts in that locale beside the raw ones."""
    shown = dict(thing)
    shown["name_localized"] = (thing.get("name_localizations") or {}).get(locale) or thing["name"]
    if "description" in thing:
        texts = thing.get("description_localizations") or {}
        shown["description_localized"] = texts.get(locale) or thing["description"]
    for name in ("options", "choices"):
        if thing.get(name):
            shown[name] = [_localized(part, locale) for part in thing[name]]
    return shown


def _add_paths(node: Payload, path: str, path_localized: str) -> None:
    inner = [option for option in node.get("options") or [] if option["type"] in (SUB_COMMAND, GROUP)]
    if not inner:
        node["path"], node["path_localized"] = path, path_localized
    for option in inner:
        _add_paths(option, f"{path} {option['name']}", f"{path_localized} {option['name_localized']}")
