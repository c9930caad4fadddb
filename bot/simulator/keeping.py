"""What was said in a simulated server, kept from one run to the next: messages, direct channels, threads, switches.

Answers that only one person saw are not kept: on Discord, too, they are gone after a restart.
"""

from __future__ import annotations

import base64
import json
from dataclasses import fields
from typing import Any

from bot.simulator.things import Channel, Message, StoredFile
from bot.simulator.world import World

Payload = dict[str, Any]
OF_PEOPLE = ("locale", "dms_closed", "dm_channel_id")
OF_CHANNELS = tuple(
    one.name for one in fields(Channel) if one.name not in ("messages", "overwrites", "members")
)


def kept(world: World, url: str) -> Payload:
    """Everything that people find again the next day, as JSON; `url` is where this simulator listens."""
    messages = [_message(one) for one in world.messages.values() if one.only_for is None]
    text = json.dumps(messages)
    return {
        "url": url,
        "people": {
            user.key: {name: getattr(user, name) for name in OF_PEOPLE} for user in world.users.values()
        },
        "channels": [
            _channel(one) for one in world.channels.values() if one.guild_id is None or one.is_thread
        ],
        "messages": messages,
        "files": [_file(one) for one in world.files.values() if str(one.id) in text],
    }


def bring_back(world: World, state: Payload, url: str) -> None:
    """Put what was kept into a fresh world that listens at `url`."""
    state = json.loads(json.dumps(state).replace(state["url"], url))
    for key, switches in state["people"].items():
        for name, value in switches.items():
            setattr(world.user(key), name, value)
    for one in state["channels"]:
        world.channels[one["id"]] = Channel(**one | {"members": set(one["members"])})
    for one in state["messages"]:
        message = Message(
            int(one["data"]["id"]),
            one["channel_id"],
            one["data"],
            None,
            frozenset(one["pinged"]),
            one["command"],
        )
        world.add_message(world.channels[message.channel_id], message)
    for one in state["files"]:
        size = tuple(one["size"]) if one["size"] else None
        file = StoredFile(**one | {"content": base64.b64decode(one["content"]), "size": size})
        world.files[file.id] = file
    world.permissions_changed()
    world.touch()


def _message(message: Message) -> Payload:
    pinged = sorted(message.pinged)
    return {
        "channel_id": message.channel_id,
        "data": message.data,
        "pinged": pinged,
        "command": message.command,
    }


def _channel(channel: Channel) -> Payload:
    return {name: getattr(channel, name) for name in OF_CHANNELS} | {"members": sorted(channel.members)}


def _file(file: StoredFile) -> Payload:
    return vars(file) | {"content": base64.b64encode(file.content).decode()}
