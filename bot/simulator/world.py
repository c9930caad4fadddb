"""The simulated world: servers, channels, roles, people and what they have in front of them.

Plain data with look-ups by id in O(1). Who changes it calls `World.touch`, so that open pages and waiting
`act` calls hear of it; what the bot hears is sent by `gateway.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.simulator import permissions
from bot.simulator.clock import SimulatedClock

# Not a secret: the one pretend token that this simulator accepts; a real one is never needed nor taken.
BOT_TOKEN = "simulator-pretend-token"  # noqa: S105 - see above

FIRST_ID = 1_200_000_000_000_000_000
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

# key, user name, display name, Discord language
PEOPLE = (
    ("owner", "lena.fischer", "Lena Fischer", "en-US"),
    ("treasurer", "wei.chen", "陳怡君", "zh-TW"),
    ("reviewer", "marco.r", "Marco Rossi", "en-GB"),
    ("member1", "xiaoming", "王小明", "zh-TW"),
    ("member2", "amelie.d", "Amélie Dubois", "en-US"),
    ("member3", "kenta_s", "佐藤健太", "ja"),
    ("newcomer", "noah.b", "Noah Becker", "en-US"),
    ("unlinked", "mei.lin", "林美玲", "zh-TW"),
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


class World:
    """Everything there is. A fresh one has the bot, the seeded people and one server."""

    def __init__(
        self, clock: SimulatedClock | None = None, *, bot_name: str = "Potkeeper", extra_users: int = 0
    ) -> None:
        self.clock = clock or SimulatedClock()
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {}
        self.users_by_key: dict[str, User] = {}
        self.files: dict[int, StoredFile] = {}
        self.messages: dict[int, Message] = {}
        self.commands: dict[int | None, list[dict[str, Any]]] = {None: []}
        self.listeners: list[Callable[[Change], None]] = []
        self.permission_cache: dict[tuple[int, int], int] = {}
        self._guild_count = 0
        self.bot = self._add_person(900, "bot", "potkeeper", bot_name, "en-US", bot=True)
        self.application_id = self.bot.id
        for number, (key, username, name, locale) in enumerate(PEOPLE):
            self._add_person(100 + number, key, username, name, locale)
        for number in range(1, extra_users + 1):
            self._add_person(1000 + number, f"extra{number}", f"extra.{number}", f"Extra {number}", "en-US")
        self.home = self.add_guild("Clubhouse")

    # --- making it ---

    def add_guild(
        self, name: str, *, owner: str = "owner", members: Iterable[str] | None = None, locale: str = "en-US"
    ) -> Guild:
        """A server with the usual channels and roles; without `members` (keys) everybody is in it."""
        base = FIRST_ID + (1 + self._guild_count) * 1_000_000
        self._guild_count += 1
        guild = Guild(base, name, self.user(owner).id, locale)
        self.guilds[guild.id] = guild
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYBODY, position=0)
        roles = {
            "Bot": Role(base + 1, self.bot.name, permissions.BOT, 0x5865F2, 9, managed=True),
            "Treasurer": Role(base + 2, "Treasurer", color=0xE67E22, position=8),
            "Reviewer": Role(base + 3, "Reviewer", color=0x1ABC9C, position=7),
            "ChatGPT": Role(base + 4, "ChatGPT", color=0x2ECC71, position=6, mentionable=True),
            "Claude": Role(base + 5, "Claude", color=0xD97757, position=5, mentionable=True),
        }
        guild.roles.update({role.id: role for role in roles.values()})
        keys = list(members) if members is not None else [key for key in self.users_by_key if key != "bot"]
        for key in dict.fromkeys([*keys, owner, "bot"]):
            self.join(guild, self.user(key), notify=False)
        for key, role in (("treasurer", "Treasurer"), ("reviewer", "Reviewer")):
            if (user := self.users_by_key[key]).id in guild.members:
                guild.members[user.id].roles.append(roles[role].id)
        for key, names in (
            ("member1", ("ChatGPT", "Claude")),
            ("member2", ("ChatGPT",)),
            ("member3", ("Claude",)),
        ):
            if (user := self.users_by_key[key]).id in guild.members:
                guild.members[user.id].roles.extend(roles[role].id for role in names)
        guild.members[self.bot.id].roles.append(roles["Bot"].id)
        self._add_usual_channels(guild, roles)
        return guild

    def _add_usual_channels(self, guild: Guild, roles: dict[str, Role]) -> None:
        self.add_channel(guild, "general", topic="Say hello")
        self.add_channel(guild, "dues", topic="What is due, and how to pay it")
        see = [roles["Bot"], roles["Treasurer"], roles["Reviewer"]]
        self.add_channel(guild, "review", topic="Payments waiting for a look", only_for=see)
        self.add_channel(guild, "admin", topic="For the treasurer", only_for=see[:2])

    def add_channel(
        self, guild: Guild, name: str, *, topic: str | None = None, only_for: Iterable[Role] | None = None
    ) -> Channel:
        """A text channel; with `only_for` hidden from everybody without one of those roles."""
        position = len(guild.channel_ids)
        channel = Channel(guild.id + 100 + position, TEXT_CHANNEL, name, guild.id, None, topic, position)
        if only_for is not None:
            view = permissions.VIEW_CHANNEL
            channel.overwrites[guild.id] = Overwrite(guild.id, ROLE_OVERWRITE, deny=view)
            for role in only_for:
                channel.overwrites[role.id] = Overwrite(role.id, ROLE_OVERWRITE, allow=view)
        self.channels[channel.id] = channel
        guild.channel_ids.append(channel.id)
        self.permissions_changed()
        return channel

    def add_users(self, count: int, *, guild: Guild | None = None) -> list[User]:
        """More people for load tests, keys `extra1`, `extra2`, …; all join that server."""
        start = sum(key.startswith("extra") for key in self.users_by_key) + 1
        people = []
        for number in range(start, start + count):
            user = self._add_person(
                1000 + number, f"extra{number}", f"extra.{number}", f"Extra {number}", "en-US"
            )
            self.join(guild or self.home, user, notify=False)
            people.append(user)
        self.touch()
        return people

    def _add_person(
        self, number: int, key: str, username: str, name: str, locale: str, *, bot: bool = False
    ) -> User:
        user = User(FIRST_ID + number, key, username, name, locale, bot, color=COLORS[number % len(COLORS)])
        self.users[user.id] = user
        self.users_by_key[key] = user
        return user

    def join(self, guild: Guild, user: User, *, notify: bool = True) -> Member:
        member = guild.members.setdefault(user.id, Member(user))
        self.permissions_changed()
        if notify:
            self.touch()
        return member

    def leave(self, guild: Guild, user: User) -> None:
        guild.members.pop(user.id, None)
        self.permissions_changed()
        self.touch()

    def set_overwrite(self, channel: Channel, target_id: int, *, allow: int = 0, deny: int = 0) -> None:
        """Grant or take permissions in a channel, for a role or a member."""
        guild = self.guilds[channel.guild_id or 0]
        kind = ROLE_OVERWRITE if target_id in guild.roles else MEMBER_OVERWRITE
        channel.overwrites[target_id] = Overwrite(target_id, kind, allow, deny)
        self.permissions_changed()
        self.touch()

    # --- finding things ---

    def user(self, key: str) -> User:
        """The user with that key; KeyError without one."""
        return self.users_by_key[key]

    def channel(self, name: str, guild: Guild | None = None) -> Channel:
        """The channel of that name in a server (the first one by default); KeyError without one."""
        for channel_id in (guild or self.home).channel_ids:
            if self.channels[channel_id].name == name:
                return self.channels[channel_id]
        raise KeyError(name)

    def role(self, name: str, guild: Guild | None = None) -> Role:
        """The role of that name in a server (the first one by default); KeyError without one."""
        for role in (guild or self.home).roles.values():
            if role.name == name:
                return role
        raise KeyError(name)

    def guilds_of(self, user: User) -> list[Guild]:
        return [guild for guild in self.guilds.values() if user.id in guild.members]

    def dm_with(self, user: User) -> Channel:
        """The direct channel between that user and the bot, made when there is none."""
        if user.dm_channel_id is None:
            channel = Channel(self.clock.next_id(), DM_CHANNEL, self.bot.name, recipient_id=user.id)
            self.channels[channel.id] = channel
            user.dm_channel_id = channel.id
        return self.channels[user.dm_channel_id]

    def add_message(self, channel: Channel, message: Message) -> None:
        channel.messages[message.id] = message
        self.messages[message.id] = message

    def remove_message(self, message: Message) -> None:
        self.channels[message.channel_id].messages.pop(message.id, None)
        self.messages.pop(message.id, None)

    # --- who may what ---

    def permissions_in(self, channel: Channel, user_id: int) -> int:
        """What that user may do in that channel; 0 when they cannot see it."""
        key = (channel.id, user_id)
        granted = self.permission_cache.get(key)
        if granted is None:
            granted = self.permission_cache[key] = self._permissions_in(channel, user_id)
        return granted

    def _permissions_in(self, channel: Channel, user_id: int) -> int:
        if channel.kind == DM_CHANNEL:
            return permissions.IN_DM if user_id in (channel.recipient_id, self.bot.id) else 0
        guild = self.guilds[channel.guild_id or 0]
        member = guild.members.get(user_id)
        if member is None:
            return 0
        parent = self.channels[channel.parent_id or 0] if channel.is_thread else channel
        granted = permissions.in_channel(guild, parent, user_id, member.roles)
        if channel.kind == PRIVATE_THREAD and user_id not in channel.members:
            return granted if granted & permissions.MANAGE_THREADS else 0
        return granted

    def can_see(self, channel: Channel, user_id: int) -> bool:
        return bool(self.permissions_in(channel, user_id) & permissions.VIEW_CHANNEL)

    def can_see_message(self, message: Message, user_id: int) -> bool:
        if message.only_for is not None:
            return message.only_for == user_id
        channel = self.channels.get(message.channel_id)
        return channel is not None and self.can_see(channel, user_id)

    def permissions_changed(self) -> None:
        """Forget what was worked out about permissions: after any change to roles, members, overwrites."""
        self.permission_cache.clear()

    # --- telling ---

    def touch(self, message: Message | None = None, user_id: int | None = None) -> None:
        """Tell all listeners that something changed: one message, something of one user, or anything."""
        change = Change(message, user_id)
        for listener in tuple(self.listeners):
            listener(change)
