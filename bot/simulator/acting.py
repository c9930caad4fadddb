"""`POST /control/act`: a person does something, and what they see happen is the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.simulator import act_commands, act_components, lookup, permissions, view
from bot.simulator.act_commands import Options, Resolver
from bot.simulator.component_rules import BUTTON, SELECTS
from bot.simulator.errors import ControlError
from bot.simulator.findings import as_id
from bot.simulator.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    DEFER_REPLY,
    DEFER_UPDATE,
    MODAL_SUBMIT,
    Interaction,
    Interactions,
)
from bot.simulator.things import Change, Channel, Guild, Message, User
from bot.simulator.world import World

Payload = dict[str, Any]
SETTLE_SECONDS = 20.0
FIELDS = {
    "command": {"name", "options", "files", "channel", "guild"},
    "autocomplete": {"name", "options", "focused", "channel", "guild"},
    "click": {"message", "custom_id"},
    "select": {"message", "custom_id", "values"},
    "submit": {"custom_id", "values", "files"},
    "dismiss": set[str](),
}
DEFERRED = (DEFER_REPLY, DEFER_UPDATE)


@dataclass(eq=False)
class Watcher:
    """What one person sees appear or change while their action runs."""

    user: User
    seen: dict[int, Message] = field(default_factory=dict)


class Acting:
    """Turns what a person does into interactions and waits for what comes back."""

    settle_seconds = SETTLE_SECONDS

    def __init__(self, world: World, interactions: Interactions) -> None:
        self.world = world
        self.interactions = interactions
        self.base_url = ""
        self._watchers: dict[int, set[Watcher]] = {}
        world.listeners.append(self._on_change)

    def _on_change(self, change: Change) -> None:
        message = change.message
        if message is None:
            return
        user_ids = [message.only_for] if message.only_for is not None else list(self._watchers)
        for user_id in user_ids:
            watchers = self._watchers.get(user_id)
            if watchers and self.world.can_see_message(message, user_id):
                for watcher in watchers:
                    watcher.seen[message.id] = message

    # --- one action ---

    async def act(self, body: object) -> Payload:
        """Do what the body says and wait, see docs/simulator.md; ControlError when it cannot be done."""
        doing = self._doing(body)
        assert isinstance(body, dict)
        user = lookup.actor(self.world, body.get("user"))
        force = lookup.flag(body, "force")
        if doing == "dismiss":
            return self._dismiss(user)
        if not self.interactions.gateway.has_session:
            raise ControlError("bot_offline", "No bot is connected to the simulator.", status=409)
        watcher = Watcher(user)
        watchers = self._watchers.setdefault(user.id, set())
        watchers.add(watcher)
        try:
            interaction = getattr(self, f"_{doing}")(user, body, force)
            return await self._outcome(interaction, watcher)
        finally:
            watchers.discard(watcher)
            if not watchers:
                self._watchers.pop(user.id, None)

    @staticmethod
    def _doing(body: object) -> str:
        if not isinstance(body, dict):
            raise ControlError("invalid_body", "The body must be one JSON object.")
        doing = body.get("do")
        if not isinstance(doing, str) or doing not in FIELDS:
            raise ControlError("invalid_do", f"'do' is one of {', '.join(FIELDS)}.", "do")
        lookup.only(body, ["user", "do", "force", *sorted(FIELDS[doing])])
        return doing

    def _dismiss(self, user: User) -> Payload:
        if user.modal is None:
            raise ControlError("no_modal", f"'{user.key}' has no form open.", "user")
        user.modal = None
        self.world.touch(user_id=user.id)
        return _answer(acknowledged=True)

    async def _outcome(self, interaction: Interaction, watcher: Watcher) -> Payload:
        try:
            await asyncio.wait_for(interaction.acknowledged.wait(), self.interactions.ack_seconds)
        except TimeoutError:
            self.interactions.unanswered += 1
            elapsed = self.interactions.ack_seconds * 1000
            text = "The application did not respond within 3 seconds."
            return _answer(interaction, elapsed, self._seen(watcher), error=("no_answer", text))
        if interaction.kind == MODAL_SUBMIT:
            self._close_form(watcher.user, interaction)
        error = None
        if interaction.response in DEFERRED:
            try:
                await asyncio.wait_for(interaction.settled.wait(), self.settle_seconds)
            except TimeoutError:
                error = (
                    "not_settled",
                    f"It deferred its answer, and none came in {self.settle_seconds:g} seconds.",
                )
        elapsed = (interaction.answered_at - interaction.sent_at) * 1000
        return _answer(interaction, elapsed, self._seen(watcher), error=error, acknowledged=True)

    def _seen(self, watcher: Watcher) -> list[Payload]:
        """The messages that appeared or changed and are still there, oldest first."""
        there = [m for m in watcher.seen.values() if m.id in self.world.messages]
        return [view.message(self.world, m, watcher.user) for m in sorted(there, key=lambda m: m.id)]

    def _close_form(self, user: User, interaction: Interaction) -> None:
        if user.modal is not None and user.modal["custom_id"] == interaction.data["custom_id"]:
            user.modal = None
            self.world.touch(user_id=user.id)

    # --- the kinds ---

    def _command(self, user: User, body: Payload, force: bool) -> Interaction:
        guild, channel = self._place(user, body)
        command, leaf, path = act_commands.find(self.world, user, guild, body.get("name"))
        resolver = Resolver(self.world, guild, channel, self.base_url)
        options = Options(leaf, resolver, user, force=force)
        read = options.read(lookup.object_at(body, "options"), lookup.object_at(body, "files"))
        data = act_commands.data(command, path, read, resolver, guild)
        return self.interactions.send(COMMAND, user, channel, data, command=path)

    def _autocomplete(self, user: User, body: Payload, force: bool) -> Interaction:
        guild, channel = self._place(user, body)
        command, leaf, path = act_commands.find(self.world, user, guild, body.get("name"))
        focused = body.get("focused")
        known = {option["name"]: option for option in leaf.get("options") or []}
        if not isinstance(focused, str) or (focused not in known and not force):
            raise ControlError(
                "unknown_option", f"'focused' is one of the options: {', '.join(known) or 'none'}.", "focused"
            )
        option = known.get(focused, {"type": 3})
        if not option.get("autocomplete") and not force:
            raise ControlError("no_autocomplete", f"The option '{focused}' makes no suggestions.", "focused")
        values = {focused: ""} | lookup.object_at(body, "options")
        resolver = Resolver(self.world, guild, channel, self.base_url)
        read = Options(leaf, resolver, user, force=force, partial=True).read(values, {}, focused)
        data = act_commands.data(command, path, read, resolver, guild)
        return self.interactions.send(AUTOCOMPLETE, user, channel, data, option_type=option["type"])

    def _click(self, user: User, body: Payload, force: bool) -> Interaction:
        message = act_components.find_message(self.world, user, body.get("message"))
        part = act_components.find_part(message, body.get("custom_id"), frozenset({BUTTON}), force=force)
        channel = self.world.channels[message.channel_id]
        data, row = act_components.click_data(part), act_components.forged_row(part)
        return self.interactions.send(COMPONENT, user, channel, data, source=message, forged_row=row)

    def _select(self, user: User, body: Payload, force: bool) -> Interaction:
        message = act_components.find_message(self.world, user, body.get("message"))
        part = act_components.find_part(message, body.get("custom_id"), SELECTS, force=force)
        channel = self.world.channels[message.channel_id]
        resolver = self._resolver(channel)
        data = act_components.select_data(part, body.get("values"), resolver, user, force=force)
        row = act_components.forged_row(part)
        return self.interactions.send(COMPONENT, user, channel, data, source=message, forged_row=row)

    def _submit(self, user: User, body: Payload, force: bool) -> Interaction:
        custom_id = body.get("custom_id")
        if custom_id is not None and not isinstance(custom_id, str):
            raise ControlError("invalid_custom_id", "'custom_id' must be a text.", "custom_id")
        modal, source = self._form(user, body, custom_id, force)
        channel = self.world.channels[int(modal["channel_id"])]
        form = act_components.Form(modal, self._resolver(channel), user, force=force)
        data = form.data(lookup.object_at(body, "values"), lookup.object_at(body, "files"))
        return self.interactions.send(MODAL_SUBMIT, user, channel, data, source=source)

    def _form(
        self, user: User, body: Payload, custom_id: str | None, force: bool
    ) -> tuple[Payload, Message | None]:
        """The open form and its message; with `force` also one closed before, or one that never was."""
        modal = user.modal
        if modal is not None and custom_id in (None, modal["custom_id"]):
            return modal, user.modal_source
        if force and custom_id:
            made_up = {
                "custom_id": custom_id,
                "components": [],
                "channel_id": str(self._place(user, body)[1].id),
            }
            return user.recent_modals.get(custom_id, (made_up, None))
        if modal is not None:
            raise ControlError("no_modal", f"The open form is '{modal['custom_id']}'.", "custom_id")
        raise ControlError("no_modal", f"'{user.key}' has no form open.", "user")

    # --- where ---

    def _resolver(self, channel: Channel) -> Resolver:
        return Resolver(self.world, self.world.guilds.get(channel.guild_id or 0), channel, self.base_url)

    def _place(self, user: User, body: Payload) -> tuple[Guild | None, Channel]:
        """The server and channel in which somebody types."""
        reference = body.get("channel")
        if reference == "dm":
            return None, self.world.dm_with(user)
        guild = lookup.guild_of(self.world, user, body.get("guild"))
        if reference is None:
            return guild, self._first_channel(user, guild)
        by_id = self.world.channels.get(as_id(reference))
        if by_id is not None and body.get("guild") is None:
            guild = self.world.guilds.get(by_id.guild_id or 0)
        channel = lookup.channel(guild, self.world, reference, "channel")
        if not self.world.permissions_in(channel, user.id) & permissions.USE_APPLICATION_COMMANDS:
            raise ControlError(
                "unknown_channel", f"'{user.key}' cannot use commands in '{reference}'.", "channel"
            )
        return guild, channel

    def _first_channel(self, user: User, guild: Guild | None) -> Channel:
        for channel_id in guild.channel_ids if guild else ():
            channel = self.world.channels[channel_id]
            if self.world.permissions_in(channel, user.id) & permissions.USE_APPLICATION_COMMANDS:
                return channel
        raise ControlError("unknown_channel", f"'{user.key}' has no channel to type in; name one.", "channel")


def _answer(
    interaction: Interaction | None = None,
    elapsed_ms: float = 0.0,
    messages: list[Payload] | None = None,
    *,
    error: tuple[str, str] | None = None,
    acknowledged: bool = False,
) -> Payload:
    """The answer to an action in the shape of docs/simulator.md."""
    return {
        "acknowledged": acknowledged,
        "elapsed_ms": round(elapsed_ms, 3),
        "response": interaction.response if interaction else None,
        "settled": error is None and acknowledged,
        "interaction_id": str(interaction.id) if interaction else None,
        "messages": messages or [],
        "modal": interaction.modal if interaction else None,
        "choices": _choices(interaction) if interaction else None,
        "error": {"error": error[0], "message": error[1]} if error else None,
    }


def _choices(interaction: Interaction) -> list[Payload] | None:
    if interaction.choices is None:
        return None
    locale = interaction.user.locale
    return [
        {
            "name": choice["name"],
            "name_localized": (choice.get("name_localizations") or {}).get(locale) or choice["name"],
            "value": choice["value"],
        }
        for choice in interaction.choices
    ]
