"""The REST routes of channels: messages, direct channels, private threads."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.simulator import payloads, permissions
from bot.simulator.api import Api, form_error, number
from bot.simulator.errors import (
    dm_closed,
    edit_by_other,
    missing_access,
    missing_permissions,
    unknown_channel,
    unknown_member,
    unknown_message,
    unknown_user,
)
from bot.simulator.files import Upload, read_body
from bot.simulator.findings import SNOWFLAKE, as_id
from bot.simulator.gateway import INTENT_GUILDS, Gateway
from bot.simulator.messages import Messages
from bot.simulator.things import DM_CHANNEL, PRIVATE_THREAD, PUBLIC_THREAD, Channel, Message
from bot.simulator.world import World

Payload = dict[str, Any]


class ChannelRoutes:
    """Messages, direct channels and private threads."""

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self.world = world
        self.gateway = gateway
        self.messages = messages

    def add_to(self, api: Api) -> None:
        at = "/channels/{channel_id}"
        api.route("GET", at, self.get)
        api.route("GET", at + "/messages", self.list_messages)
        api.route("POST", at + "/messages", self.post)
        api.route("GET", at + "/messages/{message_id}", self.get_message)
        api.route("PATCH", at + "/messages/{message_id}", self.edit)
        api.route("DELETE", at + "/messages/{message_id}", self.delete)
        api.route("POST", at + "/typing", self.type)
        api.route("POST", at + "/threads", self.start_thread)
        api.route("PATCH", at, self.change_thread)
        api.route("PUT", at + "/thread-members/{user_id}", self.add_thread_member)
        api.route("DELETE", at + "/thread-members/{user_id}", self.remove_thread_member)
        api.route("POST", "/users/@me/channels", self.open_dm)

    def _channel(self, request: web.Request) -> Channel:
        """The channel of the path, if the bot may see it."""
        channel = self.world.channels.get(number(request, "channel_id", unknown_channel()))
        if channel is None:
            raise unknown_channel()
        if not self.world.can_see(channel, self.world.bot.id):
            raise missing_access()
        return channel

    def _message(self, request: web.Request) -> tuple[Channel, Message]:
        channel = self._channel(request)
        message = channel.messages.get(number(request, "message_id", unknown_message()))
        if message is None or message.only_for is not None:
            raise unknown_message()
        return channel, message

    def _require(self, channel: Channel, permission: int) -> None:
        if not self.world.permissions_in(channel, self.world.bot.id) & permission:
            raise missing_permissions()

    async def get(self, request: web.Request) -> Payload:
        return payloads.channel(self.world, self._channel(request))

    async def list_messages(self, request: web.Request) -> list[Payload]:
        channel = self._channel(request)
        limit, query = request.query.get("limit", "50"), request.query
        if not 1 <= as_id(limit) <= 100:
            raise form_error("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        if not self.world.permissions_in(channel, self.world.bot.id) & permissions.READ_MESSAGE_HISTORY:
            return []
        found = [m for m in channel.messages.values() if m.only_for is None]
        for name in ("before", "after", "around"):
            if name in query and not SNOWFLAKE.fullmatch(query[name]):
                raise form_error(name, "NUMBER_TYPE_COERCE", f'Value "{query[name]}" is not snowflake.')
        if "before" in query:
            found = [m for m in found if m.id < int(query["before"])]
        if "after" in query:
            found = [m for m in found if m.id > int(query["after"])][: int(limit)]
        if "around" in query:
            near = sorted(found, key=lambda m: abs(m.id - int(query["around"])))[: int(limit)]
            found = sorted(near, key=lambda m: m.id)
        return [m.data for m in reversed(found[-int(limit) :])]

    async def get_message(self, request: web.Request) -> Payload:
        channel, message = self._message(request)
        if not self.world.permissions_in(channel, self.world.bot.id) & permissions.READ_MESSAGE_HISTORY:
            raise missing_access()
        return message.data

    async def post(self, request: web.Request) -> Payload:
        channel = self._channel(request)
        payload, uploads = await read_body(request)
        self._check_may_write(channel)
        self.messages.check(payload, uploads)
        self.messages.check_allowed(channel, payload, uploads)
        if (earlier := self.messages.with_nonce(channel, payload)) is not None:
            return earlier.data
        extra: Payload = {"nonce": payload["nonce"]} if payload.get("nonce") is not None else {}
        if payload.get("message_reference"):
            extra |= self._reference(channel, payload["message_reference"])
        message = self.messages.create(channel, payload, uploads, extra=extra)
        self.messages.remember_nonce(channel, payload, message)
        return message.data

    def _check_may_write(self, channel: Channel) -> None:
        if channel.kind == DM_CHANNEL:
            recipient = self.world.users[channel.recipient_id or 0]
            shares_guild = any(self.world.bot.id in g.members for g in self.world.guilds_of(recipient))
            if recipient.dms_closed or not shares_guild:
                raise dm_closed()
            return
        needed = permissions.SEND_MESSAGES_IN_THREADS if channel.is_thread else permissions.SEND_MESSAGES
        self._require(channel, needed)
        if channel.archived and channel.locked:
            self._require(channel, permissions.MANAGE_THREADS)
        channel.archived = False

    def _reference(self, channel: Channel, reference: object) -> Payload:
        message_id = reference.get("message_id") if isinstance(reference, dict) else None
        found = channel.messages.get(as_id(message_id))
        if found is None and isinstance(reference, dict) and reference.get("fail_if_not_exists") is False:
            return {}
        if found is None:
            raise form_error("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        link = {"type": 0, "channel_id": str(channel.id), "message_id": str(found.id)}
        return {"type": 19, "message_reference": link, "referenced_message": found.data}

    async def edit(self, request: web.Request) -> Payload:
        _channel, message = self._message(request)
        payload, uploads = await read_body(request)
        if message.data["author"]["id"] != str(self.world.bot.id):
            raise edit_by_other()
        self.messages.edit(message, payload, uploads)
        return message.data

    async def delete(self, request: web.Request) -> None:
        channel, message = self._message(request)
        if message.data["author"]["id"] != str(self.world.bot.id):
            self._require(channel, permissions.MANAGE_MESSAGES)
        self.messages.delete(message)

    async def type(self, request: web.Request) -> None:
        self._channel(request)

    async def open_dm(self, request: web.Request) -> Payload:
        recipient = _object(await read_body(request)).get("recipient_id")
        person = self.world.users.get(as_id(recipient))
        if person is None:
            raise form_error("recipient_id", "USER_INVALID", f'Value "{recipient}" is not a user.')
        if person.bot:
            raise dm_closed()
        return payloads.channel(self.world, self.world.dm_with(person))

    # --- threads ---

    async def start_thread(self, request: web.Request) -> Payload:
        parent = self._channel(request)
        payload = _object(await read_body(request))
        kind, name = payload.get("type", PRIVATE_THREAD), payload.get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            raise form_error("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        if kind not in (PRIVATE_THREAD, PUBLIC_THREAD) or parent.is_thread or parent.guild_id is None:
            raise form_error("type", "BASE_TYPE_CHOICES", "Value must be one of {11, 12}.")
        is_private = kind == PRIVATE_THREAD
        self._require(
            parent, permissions.CREATE_PRIVATE_THREADS if is_private else permissions.CREATE_PUBLIC_THREADS
        )
        minutes = payload.get("auto_archive_duration") or 1440
        if minutes not in (60, 1440, 4320, 10080):
            raise form_error(
                "auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of {60, 1440, 4320, 10080}."
            )
        thread = Channel(
            self.world.clock.next_id(),
            kind,
            name,
            parent.guild_id,
            parent.id,
            owner_id=self.world.bot.id,
            members={self.world.bot.id},
            auto_archive_minutes=minutes,
            created_at=self.world.clock.timestamp(),
        )
        self.world.channels[thread.id] = thread
        created = payloads.channel(self.world, thread)
        member = payloads.thread_member(thread, self.world.bot.id, thread.created_at)
        self.gateway.dispatch(
            "THREAD_CREATE", created | {"newly_created": True, "member": member}, INTENT_GUILDS
        )
        self.world.touch()
        return created | {"member": member}

    async def change_thread(self, request: web.Request) -> Payload:
        thread = self._channel(request)
        payload = _object(await read_body(request))
        if not thread.is_thread:
            raise missing_permissions()  # the bot never changes a text channel
        self._require(thread, permissions.MANAGE_THREADS)
        thread.archived = bool(payload.get("archived", thread.archived))
        thread.locked = bool(payload.get("locked", thread.locked))
        thread.name = str(payload.get("name", thread.name))[:100]
        changed = payloads.channel(self.world, thread)
        self.gateway.dispatch("THREAD_UPDATE", changed, INTENT_GUILDS)
        self.world.touch()
        return changed

    async def add_thread_member(self, request: web.Request) -> None:
        thread = self._channel(request)
        user_id = self._thread_user(request)
        guild = self.world.guilds[thread.guild_id or 0]
        if not thread.is_thread:
            raise unknown_channel()
        if user_id not in guild.members:
            raise unknown_member()
        parent = self.world.channels[thread.parent_id or 0]
        if not self.world.can_see(parent, user_id):
            raise missing_access()
        self._require(thread, permissions.SEND_MESSAGES_IN_THREADS)
        thread.members.add(user_id)
        self._members_changed(thread)

    async def remove_thread_member(self, request: web.Request) -> None:
        thread = self._channel(request)
        user_id = self._thread_user(request)
        self._require(thread, permissions.MANAGE_THREADS)
        thread.members.discard(user_id)
        self._members_changed(thread)

    def _thread_user(self, request: web.Request) -> int:
        return (
            self.world.bot.id
            if request.match_info["user_id"] == "@me"
            else number(request, "user_id", unknown_user())
        )

    def _members_changed(self, thread: Channel) -> None:
        self.world.permissions_changed()
        self.world.touch()


def _object(body: tuple[Any, list[Upload]]) -> Payload:
    """The JSON object of a body; anything else counts as an empty one."""
    return body[0] if isinstance(body[0], dict) else {}
