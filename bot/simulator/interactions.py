"""Interactions: sending them to the bot, and everything the bot may answer with their token."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bot.simulator import payloads, rules
from bot.simulator.errors import (
    already_acknowledged,
    bad_webhook_token,
    invalid_form,
    unknown_interaction,
    unknown_message,
    unknown_webhook,
)
from bot.simulator.files import Upload
from bot.simulator.findings import as_id, scalar
from bot.simulator.gateway import Gateway
from bot.simulator.messages import Messages
from bot.simulator.things import DM_CHANNEL, Channel, Message, User
from bot.simulator.world import World

Payload = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
PONG, REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
IN_GUILD, IN_BOT_DM = 0, 1
COMMAND_ANSWER, REPLY_MESSAGE = 20, 19

ANSWERS = {
    COMMAND: {REPLY, DEFER_REPLY, MODAL},
    COMPONENT: {REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE},
}


@dataclass
class Interaction:
    """One thing a person did, and how far the bot is with answering it."""

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    data: Payload
    sent_at: float
    source: Message | None = None
    command: str | None = None
    option_type: int = 3
    response: int | None = None
    answered_at: float = 0.0
    original: Message | None = None
    choices: list[Payload] | None = None
    modal: Payload | None = None
    own_messages: dict[int, Message] = field(default_factory=dict)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_thinking(self) -> bool:
        """Whether its reply still says "thinking…"."""
        return self.original is not None and bool(self.original.data["flags"] & rules.LOADING)


class Interactions:
    """All interactions that can still be answered."""

    ack_seconds = 3.0
    token_seconds = 900.0

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self.world = world
        self.gateway = gateway
        self.messages = messages
        self.by_id: dict[int, Interaction] = {}
        self.by_token: dict[str, Interaction] = {}
        self._in_order: deque[Interaction] = deque()
        self.sent = 0
        self.unanswered = 0

    def forget(self) -> None:
        """Drop everything that was under way; used when the world starts over."""
        self.by_id.clear()
        self.by_token.clear()
        self._in_order.clear()

    # --- to the bot ---

    def send(
        self,
        kind: int,
        user: User,
        channel: Channel,
        data: Payload,
        *,
        source: Message | None = None,
        command: str | None = None,
        option_type: int = 3,
        forged_row: Payload | None = None,
    ) -> Interaction:
        """Make an interaction and dispatch it.

        `source` is the message it came from, if any; `forged_row` is shown as if that message had it.
        """
        self._forget_old()
        interaction = Interaction(
            self.world.clock.next_id(),
            secrets.token_urlsafe(48),
            kind,
            user,
            channel,
            data,
            time.monotonic(),
            source,
            command,
            option_type,
        )
        self.by_id[interaction.id] = interaction
        self.by_token[interaction.token] = interaction
        self._in_order.append(interaction)
        self.sent += 1
        payload = self._payload(interaction)
        if forged_row is not None:
            message = payload["message"]
            kept = (
                message["components"] if message["flags"] & rules.COMPONENTS_V2 else message["components"][:4]
            )
            payload["message"] = message | {"components": [*kept, forged_row]}
        self.gateway.dispatch("INTERACTION_CREATE", payload)
        return interaction

    def _forget_old(self) -> None:
        oldest_useful = time.monotonic() - self.token_seconds
        while self._in_order and self._in_order[0].sent_at < oldest_useful:
            old = self._in_order.popleft()
            self.by_id.pop(old.id, None)
            self.by_token.pop(old.token, None)

    def _payload(self, interaction: Interaction) -> Payload:
        channel, user = interaction.channel, interaction.user
        payload: Payload = {
            "id": str(interaction.id),
            "application_id": str(self.world.application_id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": payloads.partial_channel(self.world, channel, user.id),
            "app_permissions": str(self.world.permissions_in(channel, self.world.bot.id)),
            "locale": user.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "attachment_size_limit": rules.MAX_FILE_BYTES,
        }
        payload |= self._place(channel, user)
        if interaction.source is not None:
            payload["message"] = payloads.event_message(self.world, interaction.source)
        return payload

    def _place(self, channel: Channel, user: User) -> Payload:
        if channel.kind == DM_CHANNEL:
            owners = {"1": str(user.id)}
            return {
                "user": payloads.user(user),
                "context": IN_BOT_DM,
                "authorizing_integration_owners": owners,
            }
        guild = self.world.guilds[channel.guild_id or 0]
        member = guild.members[user.id]
        permissions = str(self.world.permissions_in(channel, user.id))
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": payloads.member(member) | {"permissions": permissions},
            "context": IN_GUILD,
            "authorizing_integration_owners": {"0": str(guild.id)},
        }

    # --- the first answer ---

    def callback(self, interaction_id: int, token: str, payload: Any, uploads: list[Upload]) -> Payload:
        """The bot's initial response; returns what `with_response` shows."""
        interaction = self.by_id.get(interaction_id)
        if interaction is None or not secrets.compare_digest(interaction.token, token):
            raise unknown_interaction()
        if interaction.response is not None:
            raise already_acknowledged()
        if time.monotonic() - interaction.sent_at > self.ack_seconds:
            raise unknown_interaction()
        kind, data = self._check_callback(interaction, payload)
        self._ANSWERERS[kind](self, interaction, data, uploads)
        interaction.response = kind
        interaction.answered_at = time.monotonic()
        interaction.acknowledged.set()
        if kind not in (DEFER_REPLY, DEFER_UPDATE):
            interaction.settled.set()
        return self._with_response(interaction, kind)

    @staticmethod
    def _check_callback(interaction: Interaction, payload: Any) -> tuple[int, Payload]:
        kind = scalar(payload.get("type")) if isinstance(payload, dict) else None
        allowed = ANSWERS[interaction.kind]
        if interaction.kind == MODAL_SUBMIT and interaction.source is None:
            allowed = allowed - {UPDATE}
        if kind not in allowed:
            text = f"Value must be one of {{{', '.join(map(str, sorted(allowed)))}}}."
            raise invalid_form({"type": {"_errors": [{"code": "BASE_TYPE_CHOICES", "message": text}]}})
        data = payload.get("data")
        return kind, data if isinstance(data, dict) else {}

    def _reply(self, interaction: Interaction, data: Payload, uploads: list[Upload]) -> None:
        interaction.original = self._post(interaction, data, uploads)

    def _defer_reply(self, interaction: Interaction, data: Payload, uploads: list[Upload]) -> None:
        flags = rules.LOADING | as_id(data.get("flags")) & rules.EPHEMERAL
        channel = interaction.channel
        message_id = self.world.clock.next_id()
        body: Payload = {
            "id": str(message_id),
            "channel_id": str(channel.id),
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
            "flags": flags,
        } | self._extra(interaction)
        only_for = interaction.user.id if flags & rules.EPHEMERAL else None
        message = Message(message_id, channel.id, body, only_for, command=interaction.command)
        self.world.add_message(channel, message)
        interaction.own_messages[message_id] = message
        interaction.original = message
        self.world.touch(message)

    def _defer_update(self, interaction: Interaction, data: Payload, uploads: list[Upload]) -> None:
        interaction.original = interaction.source

    def _update(self, interaction: Interaction, data: Payload, uploads: list[Upload]) -> None:
        assert interaction.source is not None
        self.messages.edit(interaction.source, data, uploads)
        interaction.original = interaction.source

    def _suggest(self, interaction: Interaction, data: Payload, uploads: list[Upload]) -> None:
        if problems := rules.check_choices(data, interaction.option_type):
            raise invalid_form(rules.as_errors(problems))
        interaction.choices = list(data.get("choices") or [])

    def _open_modal(self, interaction: Interaction, data: Payload, uploads: list[Upload]) -> None:
        if problems := rules.check_modal(data):
            raise invalid_form(rules.as_errors(problems))
        rules.number_components(data["components"])
        interaction.modal = {
            "custom_id": data["custom_id"],
            "title": data["title"],
            "components": data["components"],
            "interaction_id": str(interaction.id),
            "channel_id": str(interaction.channel.id),
        }
        interaction.user.open_modal(interaction.modal, interaction.source)
        self.world.touch(user_id=interaction.user.id)

    _ANSWERERS: ClassVar[dict[int, Callable[[Interactions, Interaction, Payload, list[Upload]], None]]] = {
        REPLY: _reply,
        DEFER_REPLY: _defer_reply,
        DEFER_UPDATE: _defer_update,
        UPDATE: _update,
        CHOICES: _suggest,
        MODAL: _open_modal,
    }

    def _with_response(self, interaction: Interaction, kind: int) -> Payload:
        about: Payload = {"id": str(interaction.id), "type": interaction.kind}
        resource: Payload = {"type": kind}
        message = interaction.original
        if message is not None:
            about |= {
                "response_message_id": str(message.id),
                "response_message_loading": kind == DEFER_REPLY,
                "response_message_ephemeral": message.only_for is not None,
            }
            resource["message"] = message.data
        return {"interaction": about, "resource": resource}

    # --- what follows ---

    def with_token(self, application_id: int, token: str) -> Interaction:
        """The interaction whose webhook that is, while its fifteen minutes last."""
        interaction = self.by_token.get(token)
        if application_id != self.world.application_id or interaction is None:
            raise unknown_webhook()
        if time.monotonic() - interaction.sent_at > self.token_seconds:
            raise bad_webhook_token()
        if interaction.response is None:
            raise unknown_webhook()
        return interaction

    def follow_up(self, interaction: Interaction, payload: Payload, uploads: list[Upload]) -> Message:
        """A further message; after a deferred reply the first one takes its place and its privacy."""
        if interaction.is_thinking and interaction.original is not None:
            self.messages.check(payload, uploads)
            self.edit(interaction, interaction.original, payload, uploads)
            return interaction.original
        message = self._post(interaction, payload, uploads)
        interaction.settled.set()
        return message

    def find(self, interaction: Interaction, reference: str) -> Message:
        """`@original` or the id of one of the interaction's own messages, while it exists."""
        if reference == "@original":
            message = interaction.original
        else:
            message_id = as_id(reference)
            message = interaction.own_messages.get(message_id)
            if message is None and interaction.source is not None and interaction.source.id == message_id:
                message = interaction.source
        if message is None or message.id not in self.world.messages:
            raise unknown_message()
        return message

    def edit(
        self, interaction: Interaction, message: Message, payload: Payload, uploads: list[Upload]
    ) -> None:
        is_first_content = bool(message.data["flags"] & rules.LOADING)
        self.messages.edit(message, payload, uploads, is_first_content=is_first_content)
        interaction.settled.set()

    def delete(self, interaction: Interaction, message: Message) -> None:
        self.messages.delete(message)
        interaction.settled.set()

    def _post(self, interaction: Interaction, payload: Payload, uploads: list[Upload]) -> Message:
        self.messages.check(payload, uploads)
        is_private = bool((payload.get("flags") or 0) & rules.EPHEMERAL)
        message = self.messages.create(
            interaction.channel,
            payload,
            uploads,
            only_for=interaction.user.id if is_private else None,
            flags=rules.EPHEMERAL if is_private else 0,
            extra=self._extra(interaction),
            command=interaction.command if interaction.original is None else None,
        )
        interaction.own_messages[message.id] = message
        return message

    def _extra(self, interaction: Interaction) -> Payload:
        """What marks a message as an answer to this interaction."""
        owners = {"0": str(interaction.channel.guild_id)} if interaction.channel.guild_id else {}
        metadata: Payload = {
            "id": str(interaction.id),
            "type": interaction.kind,
            "user": payloads.user(interaction.user),
            "authorizing_integration_owners": owners,
        }
        extra: Payload = {
            "type": 0,
            "application_id": str(self.world.application_id),
            "webhook_id": str(self.world.application_id),
            "interaction_metadata": metadata,
        }
        if interaction.kind == COMMAND:
            metadata["name"] = interaction.command
            short = {
                "id": metadata["id"],
                "type": COMMAND,
                "name": interaction.command,
                "user": metadata["user"],
            }
            return extra | {"type": COMMAND_ANSWER, "interaction": short}
        if interaction.source is not None:
            reference = {
                "type": 0,
                "channel_id": str(interaction.channel.id),
                "message_id": str(interaction.source.id),
            }
            if interaction.channel.guild_id:
                reference["guild_id"] = str(interaction.channel.guild_id)
            metadata["interacted_message_id"] = str(interaction.source.id)
            return extra | {"type": REPLY_MESSAGE, "message_reference": reference}
        return extra
