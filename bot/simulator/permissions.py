"""Discord's permission bits and how roles and channel overwrites combine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.simulator.things import Channel, Guild

ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
ADD_REACTIONS = 1 << 6
MANAGE_ROLES = 1 << 28
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_MESSAGES_IN_THREADS = 1 << 38
ALL = (1 << 53) - 1

EVERYBODY = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_APPLICATION_COMMANDS
    | SEND_MESSAGES_IN_THREADS
)
BOT = EVERYBODY | MENTION_EVERYONE | CREATE_PRIVATE_THREADS | MANAGE_THREADS
IN_DM = EVERYBODY


def in_guild(guild: Guild, user_id: int, roles: Iterable[int]) -> int:
    """What somebody with these roles may do in the server as a whole."""
    if user_id == guild.owner_id:
        return ALL
    granted = guild.roles[guild.id].permissions
    for role_id in roles:
        role = guild.roles.get(role_id)
        granted |= role.permissions if role else 0
    return ALL if granted & ADMINISTRATOR else granted


def in_channel(guild: Guild, channel: Channel, user_id: int, roles: Iterable[int]) -> int:
    """What they may do in one channel: @everyone's overwrite, then the roles' together, then their own."""
    roles = tuple(roles)
    granted = in_guild(guild, user_id, roles)
    if granted == ALL:
        return ALL
    everyone = channel.overwrites.get(guild.id)
    if everyone:
        granted = (granted & ~everyone.deny) | everyone.allow
    allow = deny = 0
    for role_id in roles:
        if role_id != guild.id and (overwrite := channel.overwrites.get(role_id)):
            allow |= overwrite.allow
            deny |= overwrite.deny
    granted = (granted & ~deny) | allow
    own = channel.overwrites.get(user_id)
    if own:
        granted = (granted & ~own.deny) | own.allow
    return granted if granted & VIEW_CHANNEL else 0
