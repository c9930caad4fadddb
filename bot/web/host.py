"""What the pages may ask about Discord. The bot answers from the gateway's cache; tests answer themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or a role of a server, to be picked by name."""

    id: int
    name: str


class Host(Protocol):
    """Discord as the gateway's cache knows it; nothing here waits or calls out."""

    def guild_owner(self, guild_id: int) -> int | None:
        """Who owns the server; None while Discord has not told us."""

    def channels(self, guild_id: int) -> Sequence[Place]:
        """The server's text channels, in the order in which Discord shows them."""

    def roles(self, guild_id: int) -> Sequence[Place]:
        """The server's roles, the highest first, without @everyone."""

    def missing_permissions(self, guild_id: int, channel_id: int) -> Sequence[str]:
        """Names of what the bot may not do in a channel but has to."""

    def is_connected(self) -> bool:
        """Whether the gateway is there now."""

    def latency_seconds(self) -> float | None:
        """How long the gateway takes to answer a heartbeat; None while it is not there."""
