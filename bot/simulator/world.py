"""The simulated world: servers, channels, roles, people and what they have in front of them.

Plain data with look-ups by id in O(1). Who changes it calls `World.touch`, so that open pages and waiting
`act` calls hear of it; what the bot hears is sent by `gateway.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bot.simulator import permissions
from bot.simulator.clock import SimulatedClock
from bot.simulator.things import (
    COLORS,
    DM_CHANNEL,
    MEMBER_OVERWRITE,
    PRIVATE_THREAD,
    ROLE_OVERWRITE,
    TEXT_CHANNEL,
    Change,
    Channel,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    StoredFile,
    User,
)

# Not a secret: the one pretend token that this simulator accepts; a real one is never needed nor taken.
BOT_TOKEN = "simulator-pretend-token"  # noqa: S105 - see above

FIRST_ID = 1_200_000_000_000_000_000

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


class World:
    """Everything there is. A fresh one has the bot, the seeded people and one server."""

    def __init__(
        self, clock: SimulatedClock | None = None, *, bot_name: str = "Potkeeper", extra_users: int = 0
    ) -> None:
        self.clock = clock or SimulatedClock()
        self.listeners: list[Callable[[Change], None]] = []
        self.event_listeners: list[Callable[[str, Guild, Channel | Role | Member | None], None]] = []
        self.commands: dict[int | None, list[dict[str, Any]]] = {None: []}
        # Where the bot's own web pages are, for the page's link to them; "" while nobody said.
        self.desk = ""
        self._bot_name = bot_name
        self._extra_users = extra_users
        self._seed()

    def start_over(self) -> None:
        """Back to how it began; only the registered commands stay, as they do on Discord."""
        self._seed()
        self.touch()

    def _seed(self) -> None:
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {}
        self.users_by_key: dict[str, User] = {}
        self.files: dict[int, StoredFile] = {}
        self.messages: dict[int, Message] = {}
        self.permission_cache: dict[tuple[int, int], int] = {}
        self._guild_count = 0
        self._channel_count = -1
        self.bot = self._add_person(900, "bot", "potkeeper", self._bot_name, "en-US", bot=True)
        self.application_id = self.bot.id
        for number, (key, username, name, locale) in enumerate(PEOPLE):
            self._add_person(100 + number, key, username, name, locale)
        for number in range(1, self._extra_users + 1):
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
        self._tell("GUILD_CREATE", guild, None)
        return guild

    def _add_usual_channels(self, guild: Guild, roles: dict[str, Role]) -> None:
        reviewers = [roles["Bot"], roles["Treasurer"], roles["Reviewer"]]
        for name, topic, only_for in (
            ("general", "Say hello", None),
            ("dues", "What is due, and how to pay it", None),
            ("review", "Payments waiting for a look", reviewers),
            ("admin", "For the treasurer", reviewers[:2]),
        ):
            self.add_channel(guild, name, topic=topic, only_for=only_for, notify=False)

    def add_channel(
        self,
        guild: Guild,
        name: str,
        *,
        topic: str | None = None,
        only_for: Iterable[Role] | None = None,
        notify: bool = True,
    ) -> Channel:
        """A text channel; with `only_for` hidden from everybody without one of those roles."""
        position = len(guild.channel_ids)
        self._channel_count += 1
        channel = Channel(
            guild.id + 100 + self._channel_count, TEXT_CHANNEL, name, guild.id, None, topic, position
        )
        if only_for is not None:
            view = permissions.VIEW_CHANNEL
            channel.overwrites[guild.id] = Overwrite(guild.id, ROLE_OVERWRITE, deny=view)
            for role in only_for:
                channel.overwrites[role.id] = Overwrite(role.id, ROLE_OVERWRITE, allow=view)
        self.channels[channel.id] = channel
        guild.channel_ids.append(channel.id)
        if notify:
            self._tell("CHANNEL_CREATE", guild, channel)
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

    # --- changing it: the bot hears of it as it would from Discord ---

    def join(self, guild: Guild, user: User, *, notify: bool = True) -> Member:
        """Somebody comes into a server; without `notify` nobody is told (before anybody listens)."""
        member = guild.members.setdefault(user.id, Member(user))
        self.permissions_changed()
        if notify:
            self._tell("GUILD_MEMBER_ADD", guild, member)
        return member

    def leave(self, guild: Guild, user: User) -> None:
        """Somebody leaves a server, or the bot is removed from it."""
        member = guild.members.pop(user.id)
        event = "GUILD_DELETE" if user is self.bot else "GUILD_MEMBER_REMOVE"
        self._tell(event, guild, None if user is self.bot else member)

    def set_overwrite(self, channel: Channel, target_id: int, *, allow: int = 0, deny: int = 0) -> None:
        """Grant or take permissions in a channel, for a role or a member."""
        guild = self.guilds[channel.guild_id or 0]
        kind = ROLE_OVERWRITE if target_id in guild.roles else MEMBER_OVERWRITE
        channel.overwrites[target_id] = Overwrite(target_id, kind, allow, deny)
        self._tell("CHANNEL_UPDATE", guild, channel)

    def set_permissions(self, guild: Guild, role: Role, granted: int) -> None:
        """What a role may do in the whole server."""
        role.permissions = granted
        self._tell("GUILD_ROLE_UPDATE", guild, role)

    def give_role(self, guild: Guild, member: Member, role: Role) -> None:
        if role.id not in member.roles:
            member.roles.append(role.id)
        self._tell("GUILD_MEMBER_UPDATE", guild, member)

    def take_role(self, guild: Guild, member: Member, role: Role) -> None:
        if role.id in member.roles:
            member.roles.remove(role.id)
        self._tell("GUILD_MEMBER_UPDATE", guild, member)

    def delete_channel(self, channel: Channel) -> None:
        """Somebody deletes a channel and everything in it."""
        guild = self.guilds[channel.guild_id or 0]
        guild.channel_ids = [channel_id for channel_id in guild.channel_ids if channel_id != channel.id]
        for message_id in channel.messages:
            self.messages.pop(message_id, None)
        del self.channels[channel.id]
        self._tell("CHANNEL_DELETE", guild, channel)

    def _tell(self, event: str, guild: Guild, subject: Channel | Role | Member | None) -> None:
        self.permissions_changed()
        for listener in self.event_listeners:
            listener(event, guild, subject)
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
