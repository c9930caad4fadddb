"""Two simulated Discords behind one way to act and to look: simcord, and bot/simulator over sockets."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, Protocol

from bot.simulator import permissions
from bot.simulator.things import Channel as SimulatedChannel
from tests.cogs.conftest import Server
from tests.faults.stage import Stage

Payload = dict[str, Any]
PEOPLE = {"ann": "extra1", "ben": "extra2", "nora": "newcomer", "tess": "treasurer", "rita": "reviewer"}
CHANNELS = {"dues": "announce", "review": "review", "admin": "admin"}
DURABLE = re.compile(r"[a-z]+:[a-z_]+:[0-9]+")
INSTANT = re.compile(r"<t:[0-9]+(:[a-zA-Z])?>")
IDENTIFIER = re.compile(r"[0-9]{15,20}")


class Side(Protocol):
    """One Discord: people act in it, and what they see is told in the same words by both."""

    async def command(self, who: str, name: str) -> Payload: ...
    async def click(self, who: str, label: str, *, on: str) -> Payload: ...
    async def submit(self, who: str, values: Payload, picture: bytes | None = None) -> Payload: ...
    async def told(self, who: str) -> list[Payload]: ...
    async def posted(self, channel: str) -> list[Payload]: ...


class InProcess:
    """simcord: the offline one."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.last: dict[str, Any] = {}
        self.people = {name: getattr(server, name) for name in PEOPLE}
        self.actors: dict[str, Any] = {}
        self.names = {str(person.id): name for name, person in self.people.items()}
        self.names |= {str(getattr(server, channel).id): name for name, channel in CHANNELS.items()}

    async def command(self, who: str, name: str) -> Payload:
        self.actors[who] = self.people[who]
        return self._seen(who, await self.people[who].slash(self.server.general, name))

    async def click(self, who: str, label: str, *, on: str) -> Payload:
        if on == "answer":
            message: Any = self.last[who].response
        elif on == "dm":
            message, self.actors[who] = self.server.dm(self.people[who])[-1], self.people[who].user
        else:
            message, self.actors[who] = getattr(self.server, CHANNELS[on]).last_message, self.people[who]
        return self._seen(who, await self.actors[who].click(message, label=label))

    async def submit(self, who: str, values: Payload, picture: bytes | None = None) -> Payload:
        typed = values | ({"screenshot": ("shot.png", picture)} if picture else {})
        return self._seen(who, await self.actors[who].submit_modal(self.last[who], typed))

    def _seen(self, who: str, result: Any) -> Payload:
        self.last[who] = result
        if result.modal is not None:
            return plain(result.modal, self.names)
        shown = [result.response] if result.response else []
        private = [message for message in [*shown, *result.followups] if message.ephemeral]
        return plain(private[-1], self.names) if private else {}

    async def told(self, who: str) -> list[Payload]:
        await self.server.deliver()
        return [plain(message, self.names) for message in self.server.dm(self.people[who])]

    async def posted(self, channel: str) -> list[Payload]:
        await self.server.deliver()
        found = getattr(self.server, CHANNELS[channel]).history()
        return [plain(message, self.names) for message in found]


class OverSockets:
    """bot/simulator, and the real bot in a process of its own."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self.last: dict[str, Payload] = {}
        self.names = {str(self.world.user(key).id): name for name, key in PEOPLE.items()}
        self.names |= {str(self.world.channel(name).id): name for name in CHANNELS}
        # The other world's channels are open to everybody.
        review = self.world.channel("review")
        self.world.set_overwrite(review, self.world.home.id, allow=permissions.VIEW_CHANNEL)
        for key in PEOPLE.values():
            self.world.user(key).locale = "en-US"

    async def command(self, who: str, name: str) -> Payload:
        return self._seen(who, await self._act(who, "command", name=name, channel="general"))

    async def click(self, who: str, label: str, *, on: str) -> Payload:
        message = self.last[who] if on == "answer" else self._channel(who, on)[-1]
        (found,) = (part for part in flat(message) if part.get("label") == label)
        clicked = await self._act(who, "click", message=message["id"], custom_id=found["custom_id"])
        return self._seen(who, clicked)

    async def submit(self, who: str, values: Payload, picture: bytes | None = None) -> Payload:
        upload = {"filename": "shot.png", "content_base64": base64.b64encode(picture or b"").decode()}
        files = {"screenshot": [upload | {"content_type": "image/png"}]} if picture else {}
        return self._seen(who, await self._act(who, "submit", values=values, files=files))

    async def _act(self, who: str, doing: str, **what: Any) -> Payload:
        answer = await self.stage.act(PEOPLE[who], doing, **what)
        assert answer["acknowledged"], answer
        assert answer["error"] is None, answer
        return answer

    def _seen(self, who: str, answer: Payload) -> Payload:
        if answer["modal"] is not None:
            return plain(answer["modal"], self.names)
        private = [message for message in answer["messages"] if message["ephemeral"]]
        if not private:
            return {}
        self.last[who] = private[-1]
        return plain(private[-1], self.names)

    def _channel(self, who: str, name: str) -> list[Payload]:
        user = self.world.user(PEOPLE[who])
        channel: SimulatedChannel = self.world.dm_with(user) if name == "dm" else self.world.channel(name)
        return [m.data for m in channel.messages.values() if m.only_for is None]

    async def told(self, who: str) -> list[Payload]:
        await self.stage.outbox_empty()
        return [plain(message, self.names) for message in self._channel(who, "dm")]

    async def posted(self, channel: str) -> list[Payload]:
        await self.stage.outbox_empty()
        return [plain(message, self.names) for message in self._channel("rita", channel)]


def plain(message: Any, names: dict[str, str]) -> Payload:
    """What a person sees of a message or a form, without ids and instants, which differ between worlds."""
    found: Payload = {"parts": [_part(part, names) for part in flat(message)]}
    if isinstance(message, dict) and "title" in message:
        found["title"] = message["title"]
    return found


def _part(part: Payload, names: dict[str, str]) -> Payload:
    kept = {
        key: part[key]
        for key in ("type", "content", "label", "description", "style", "placeholder", "options")
        if part.get(key)
    }
    kept |= {"disabled": True} if part.get("disabled") else {}
    if custom_id := part.get("custom_id"):
        kept["custom_id"] = custom_id if DURABLE.fullmatch(custom_id) or len(custom_id) < 16 else "…"
    if "content" in kept:
        said = INSTANT.sub("<t>", kept["content"])
        kept["content"] = IDENTIFIER.sub(lambda found: names.get(found[0], "?"), said)
    if "options" in kept:
        kept["options"] = [(option["label"], bool(option.get("default"))) for option in kept["options"]]
    return kept


def flat(message: Any) -> Iterator[Payload]:
    """All components of a message or a form, in order."""
    raw = message["components"] if isinstance(message, dict) else message.components
    waiting = [part if isinstance(part, dict) else part.to_dict() for part in raw]
    while waiting:
        part = waiting.pop(0)
        yield part
        inside = [*(part.get("components") or []), part.get("component"), part.get("accessory")]
        waiting = [*filter(None, inside), *waiting]
