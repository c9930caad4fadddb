"""The things of the simulated world as plain data: servers, channels, roles, people, messages, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TEXT_CHANNEL, DM_CHANNEL, PRIVATE_THREAD, PUBLIC_THREAD = 0, 1, 12, 11
THREADS = frozenset({PUBLIC_THREAD, PRIVATE_THREAD})
ROLE_OVERWRITE, MEMBER_OVERWRITE = 0, 1
MOST_RECENT_MODALS = 10
COLORS = (
    "#5865f2",
    "#3ba55d",
    "#d9822b",
    "#c2387a",
    "#1f8b9d",
    "#8e5bd1",
    "#b8483a",
    "#5b6ee1",
    "#4a8f3c",
    "#a8651f",
)


@dataclass
class Role:
    id: int
    name: str
    permissions: int = 0
    color: int = 0
    position: int = 1
    mentionable: bool = False
    managed: bool = False


@dataclass
class User:
    """A person or the bot; `modal`: the form they have open, `modal_source`: the message it came from."""

    id: int
    key: str
    username: str
    name: str
    locale: str = "en-US"
    bot: bool = False
    dms_closed: bool = False
    color: str = COLORS[0]
    dm_channel_id: int | None = None
    modal: dict[str, Any] | None = None
    modal_source: Message | None = None
    recent_modals: dict[str, tuple[dict[str, Any], Message | None]] = field(default_factory=dict)

    def open_modal(self, modal: dict[str, Any], source: Message | None) -> None:
        """Put a form before them; the last few are remembered for those who send one twice."""
        self.modal, self.modal_source = modal, source
        self.recent_modals[modal["custom_id"]] = (modal, source)
        while len(self.recent_modals) > MOST_RECENT_MODALS:
            del self.recent_modals[next(iter(self.recent_modals))]


@dataclass
class Member:
    user: User
    roles: list[int] = field(default_factory=list)
    joined_at: str = "2024-01-01T00:00:00.000000+00:00"


@dataclass
class Overwrite:
    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass
class Message:
    """A message as the API shows it (`data`); `only_for` is the one who may see it, None for everybody."""

    id: int
    channel_id: int
    data: dict[str, Any]
    only_for: int | None = None
    pinged: frozenset[int] = frozenset()
    command: str | None = None


@dataclass
class Channel:
    id: int
    kind: int
    name: str
    guild_id: int | None = None
    parent_id: int | None = None
    topic: str | None = None
    position: int = 0
    recipient_id: int | None = None
    owner_id: int | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    messages: dict[int, Message] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    created_at: str = ""

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS


@dataclass
class Guild:
    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channel_ids: list[int] = field(default_factory=list)


@dataclass
class StoredFile:
    """One uploaded file; ids are snowflakes, content is kept in memory for as long as the simulator runs."""

    id: int
    channel_id: int
    filename: str
    content_type: str
    content: bytes
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Change:
    """Something that open pages show changed; with `message` that message appeared or changed."""

    message: Message | None = None
    user_id: int | None = None
