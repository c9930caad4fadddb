"""Posting, changing and deleting messages: the one place, for channels, webhooks and interactions alike."""

from __future__ import annotations

import copy
import re
import time
from typing import Any

from bot.simulator import files, payloads, permissions, rules
from bot.simulator.errors import empty_message, invalid_form, missing_permissions
from bot.simulator.files import Upload
from bot.simulator.gateway import INTENT_DIRECT_MESSAGES, INTENT_GUILD_MESSAGES, Gateway
from bot.simulator.things import Channel, Message
from bot.simulator.world import World

Payload = dict[str, Any]
NONCE_SECONDS = 180
USER_MENTION = re.compile(r"<@!?([0-9]{1,20})>")
ROLE_MENTION = re.compile(r"<@&([0-9]{1,20})>")
KEPT_FLAGS = rules.COMPONENTS_V2 | rules.SUPPRESS_EMBEDS | rules.SUPPRESS_NOTIFICATIONS


class Messages:
    """Writes messages of the bot into the world and tells the gateway and everybody who watches."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.gateway = gateway
        self.base_url = ""
        self._nonces: dict[tuple[int, str], tuple[float, int]] = {}

    def forget(self) -> None:
        """Drop the remembered nonces; used when the world starts over."""
        self._nonces.clear()

    # --- posting ---

    def create(
        self,
        channel: Channel,
        payload: Payload,
        uploads: list[Upload],
        *,
        only_for: int | None = None,
        flags: int = 0,
        extra: Payload | None = None,
        command: str | None = None,
    ) -> Message:
        """Check and post a message of the bot; `flags` and `extra` are what the way of sending adds."""
        self.check(payload, uploads)
        message_id = self.world.clock.next_id()
        own = payload.get("flags") or 0
        data: Payload = {
            "id": str(message_id),
            "channel_id": str(channel.id),
            "type": 0,
            "author": payloads.user(self.world.bot),
            "content": "",
            "timestamp": self.world.clock.timestamp(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": own & KEPT_FLAGS | flags,
        }
        data |= extra or {}
        message = Message(message_id, channel.id, data, only_for, command=command)
        self._fill(message, channel, payload, uploads)
        self.world.add_message(channel, message)
        self._announce("MESSAGE_CREATE", message, channel)
        return message

    def check(self, payload: object, uploads: list[Upload]) -> None:
        """Refuse what Discord would refuse in a new message."""
        names = [upload.filename for upload in uploads]
        problems = rules.check_message(payload, file_names=names)
        if problems:
            raise invalid_form(rules.as_errors(problems))
        assert isinstance(payload, dict)
        has_files = bool(uploads) and not (payload.get("flags") or 0) & rules.COMPONENTS_V2
        if rules.is_empty(
            payload.get("content"), payload.get("embeds"), payload.get("components"), has_files
        ):
            raise empty_message()

    def check_allowed(self, channel: Channel, payload: Payload, uploads: list[Upload]) -> None:
        """The permissions that a message needs beyond being allowed to write at all."""
        granted = self.world.permissions_in(channel, self.world.bot.id)
        if payload.get("embeds") and not granted & permissions.EMBED_LINKS:
            raise missing_permissions()
        if uploads and not granted & permissions.ATTACH_FILES:
            raise missing_permissions()

    def with_nonce(self, channel: Channel, payload: Payload) -> Message | None:
        """The message posted with this enforced nonce in the last minutes of real time, if any."""
        key = self._nonce_key(channel, payload)
        if key is None or key not in self._nonces:
            return None
        posted_at, message_id = self._nonces[key]
        if time.monotonic() - posted_at > NONCE_SECONDS:
            return None
        return channel.messages.get(message_id)

    def remember_nonce(self, channel: Channel, payload: Payload, message: Message) -> None:
        now = time.monotonic()
        if (key := self._nonce_key(channel, payload)) is not None:
            self._nonces.pop(key, None)
            self._nonces[key] = (now, message.id)
        while self._nonces:  # the oldest stand first
            oldest = next(iter(self._nonces))
            if now - self._nonces[oldest][0] <= NONCE_SECONDS:
                break
            del self._nonces[oldest]

    @staticmethod
    def _nonce_key(channel: Channel, payload: Payload) -> tuple[int, str] | None:
        nonce = payload.get("nonce")
        return (channel.id, str(nonce)) if payload.get("enforce_nonce") and nonce not in (None, "") else None

    # --- changing ---

    def edit(
        self, message: Message, payload: Payload, uploads: list[Upload], *, is_first_content: bool = False
    ) -> None:
        """Check and change a message; `is_first_content` when a "thinking…" gets what it waited for."""
        channel = self.world.channels[message.channel_id]
        self._check_edit(message, payload, uploads)
        flags = message.data["flags"] | (payload.get("flags") or 0) & KEPT_FLAGS
        message.data = message.data | {"flags": flags & ~rules.LOADING}
        self._fill(message, channel, payload, uploads)
        if not is_first_content:
            message.data["edited_timestamp"] = self.world.clock.timestamp()
        self._announce("MESSAGE_UPDATE", message, channel)

    def _check_edit(self, message: Message, payload: object, uploads: list[Upload]) -> None:
        was_v2 = bool(message.data["flags"] & rules.COMPONENTS_V2)
        kept = [file["filename"] for file in message.data["attachments"]]
        names = [*kept, *(upload.filename for upload in uploads)]
        problems = rules.check_message(payload, is_v2=was_v2, file_names=names, is_edit=True)
        if not problems and isinstance(payload, dict):
            becomes_v2 = was_v2 or bool((payload.get("flags") or 0) & rules.COMPONENTS_V2)
            content, embeds, components = (
                payload.get(name, message.data[name]) for name in ("content", "embeds", "components")
            )
            if becomes_v2:
                problems = rules.check_message(
                    {"flags": rules.COMPONENTS_V2, "content": content, "embeds": embeds}
                )
            keeps_files = bool(uploads) or bool(payload.get("attachments", message.data["attachments"]))
            has_files = keeps_files and not becomes_v2
            if not problems and rules.is_empty(content, embeds, components, has_files):
                raise empty_message()
        if problems:
            raise invalid_form(rules.as_errors(problems))

    def delete(self, message: Message) -> None:
        channel = self.world.channels[message.channel_id]
        self.world.remove_message(message)
        event = {"id": str(message.id), "channel_id": str(channel.id)}
        if channel.guild_id is not None:
            event["guild_id"] = str(channel.guild_id)
        if message.only_for is None:
            intent = INTENT_GUILD_MESSAGES if channel.guild_id else INTENT_DIRECT_MESSAGES
            self.gateway.dispatch("MESSAGE_DELETE", event, intent)
        self.world.touch()

    # --- what a message consists of ---

    def _fill(self, message: Message, channel: Channel, payload: Payload, uploads: list[Upload]) -> None:
        data = message.data
        data["attachments"] = self._attachments(message, channel, payload, uploads)
        if "content" in payload:
            data["content"] = (payload["content"] or "").strip()
        if "embeds" in payload:
            data["embeds"] = [_embed(embed) for embed in payload["embeds"] or []]
        if "components" in payload:
            data["components"] = copy.deepcopy(payload["components"] or [])
            rules.number_components(data["components"])
        self._place_attachments(data)
        if payload.keys() & {"content", "components"}:
            self._mentions(message, channel, payload)

    def _attachments(
        self, message: Message, channel: Channel, payload: Payload, uploads: list[Upload]
    ) -> list[Payload]:
        listed = payload.get("attachments")
        existing = {str(file["id"]): file for file in message.data["attachments"]}
        about: dict[str, Payload] = {}
        if listed is None:
            kept = list(existing.values())
        else:
            about = {str(entry.get("id")): entry for entry in listed if isinstance(entry, dict)}
            kept = [existing[key] for key in about if key in existing]
        for upload in uploads:
            stored = files.store(self.world, channel.id, upload)
            description = about.get(str(upload.index), {}).get("description")
            ephemeral = message.only_for is not None
            kept.append(
                payloads.attachment(self.base_url, stored, description=description, ephemeral=ephemeral)
            )
        return kept

    @staticmethod
    def _place_attachments(data: Payload) -> None:
        """Replace attachment://name by the address; a picture that an embed uses is not listed itself."""
        by_name = {f"attachment://{file['filename']}": file for file in data["attachments"]}
        used_by_embeds = set()
        for embed in data["embeds"]:
            for name in ("image", "thumbnail"):
                if file := by_name.get((embed.get(name) or {}).get("url", "")):
                    embed[name] = _media(file)
                    used_by_embeds.add(file["id"])
        data["attachments"] = [file for file in data["attachments"] if file["id"] not in used_by_embeds]
        for part in rules.walk(data["components"]):
            for name in ("media", "file"):
                if isinstance(part.get(name), dict) and (file := by_name.get(part[name].get("url", ""))):
                    part[name] = _media(file)
                    if name == "file":
                        part |= {"name": file["filename"], "size": file["size"]}
            for item in part.get("items") or []:
                if file := by_name.get(item["media"].get("url", "")):
                    item["media"] = _media(file)

    def _mentions(self, message: Message, channel: Channel, payload: Payload) -> None:
        """Whom the text names, and whom of those it is allowed to ping."""
        text = message.data["content"] + "\n" + rules.text_of(message.data["components"])
        allowed = payload.get("allowed_mentions")
        kinds = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
        named = (
            {} if allowed is None else {k: set(map(str, allowed.get(k) or [])) for k in ("users", "roles")}
        )
        users = _ids(USER_MENTION, text, "users" in kinds, named.get("users", set()))
        roles = _ids(ROLE_MENTION, text, "roles" in kinds, named.get("roles", set()))
        guild = self.world.guilds.get(channel.guild_id or 0)
        may_all = bool(self.world.permissions_in(channel, self.world.bot.id) & permissions.MENTION_EVERYONE)
        people = [self.world.users[i] for i in users if i in self.world.users]
        pinged_roles = [
            i for i in roles if guild and i in guild.roles and (may_all or guild.roles[i].mentionable)
        ]
        everyone = (
            bool(guild) and may_all and "everyone" in kinds and ("@everyone" in text or "@here" in text)
        )
        message.data["mentions"] = [payloads.user(person) for person in people]
        message.data["mention_roles"] = [str(i) for i in pinged_roles]
        message.data["mention_everyone"] = everyone
        pinged = {person.id for person in people}
        for member in guild.members.values() if guild and (pinged_roles or everyone) else ():
            if everyone or not set(pinged_roles).isdisjoint(member.roles):
                pinged.add(member.user.id)
        message.pinged = frozenset(pinged)

    def _announce(self, event: str, message: Message, channel: Channel) -> None:
        if message.only_for is None:
            intent = INTENT_GUILD_MESSAGES if channel.guild_id else INTENT_DIRECT_MESSAGES
            self.gateway.dispatch(event, payloads.event_message(self.world, message), intent)
        self.world.touch(message)


def _ids(pattern: re.Pattern[str], text: str, every: bool, named: set[str]) -> list[int]:
    found = dict.fromkeys(pattern.findall(text))
    return [int(value) for value in found if every or value in named]


def _embed(raw: Payload) -> Payload:
    return {"type": "rich", **copy.deepcopy(raw)}


def _media(file: Payload) -> Payload:
    media = {"url": file["url"], "proxy_url": file["url"], "content_type": file["content_type"]}
    size = {name: file[name] for name in ("width", "height") if name in file}
    return media | size | {"attachment_id": file["id"], "loading_state": 2, "flags": 0, "placeholder": None}
