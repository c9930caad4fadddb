"""The REST routes of servers, members, roles and people, and of the bot itself."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.simulator import payloads, permissions
from bot.simulator.api import Api, number
from bot.simulator.errors import (
    missing_access,
    missing_permissions,
    unknown_guild,
    unknown_member,
    unknown_role,
    unknown_user,
)
from bot.simulator.findings import as_id
from bot.simulator.gateway import Gateway
from bot.simulator.things import Guild, Member, Role
from bot.simulator.world import World

Payload = dict[str, Any]


class PlaceRoutes:
    """Servers, members, roles, people, and the bot itself."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.gateway = gateway

    def add_to(self, api: Api) -> None:
        api.route("GET", "/gateway", self.gateway_url, needs_token=False)
        api.route("GET", "/gateway/bot", self.gateway_bot)
        api.route("GET", "/users/@me", self.me)
        api.route("GET", "/users/@me/guilds", self.my_guilds)
        api.route("GET", "/users/{user_id}", self.user)
        api.route("GET", "/applications/@me", self.application)
        api.route("GET", "/oauth2/applications/@me", self.application)
        at = "/guilds/{guild_id}"
        api.route("GET", at, self.guild)
        api.route("GET", at + "/channels", self.channels)
        api.route("GET", at + "/roles", self.roles)
        api.route("GET", at + "/threads/active", self.threads)
        api.route("GET", at + "/members", self.members)
        api.route("GET", at + "/members/search", self.search)
        api.route("GET", at + "/members/{user_id}", self.member)
        api.route("PUT", at + "/members/{user_id}/roles/{role_id}", self.add_role)
        api.route("DELETE", at + "/members/{user_id}/roles/{role_id}", self.remove_role)

    def _guild(self, request: web.Request) -> Guild:
        guild = self.world.guilds.get(number(request, "guild_id", unknown_guild()))
        if guild is None:
            raise unknown_guild()
        if self.world.bot.id not in guild.members:
            raise missing_access()
        return guild

    async def gateway_url(self, request: web.Request) -> Payload:
        return {"url": self.gateway.url}

    async def gateway_bot(self, request: web.Request) -> Payload:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": 1, "session_start_limit": limit}

    async def me(self, request: web.Request) -> Payload:
        return payloads.me(self.world.bot)

    async def my_guilds(self, request: web.Request) -> list[Payload]:
        return [
            {
                "id": str(g.id),
                "name": g.name,
                "icon": None,
                "owner": False,
                "permissions": "0",
                "features": [],
            }
            for g in self.world.guilds_of(self.world.bot)
        ]

    async def user(self, request: web.Request) -> Payload:
        person = self.world.users.get(number(request, "user_id", unknown_user()))
        if person is None:
            raise unknown_user()
        return payloads.user(person)

    async def application(self, request: web.Request) -> Payload:
        return payloads.application(self.world)

    async def guild(self, request: web.Request) -> Payload:
        return payloads.guild(self.world, self._guild(request))

    async def channels(self, request: web.Request) -> list[Payload]:
        return [
            payloads.channel(self.world, self.world.channels[i]) for i in self._guild(request).channel_ids
        ]

    async def roles(self, request: web.Request) -> list[Payload]:
        return [payloads.role(role) for role in self._guild(request).roles.values()]

    async def threads(self, request: web.Request) -> Payload:
        guild = self._guild(request)
        threads = [c for c in self.world.channels.values() if c.guild_id == guild.id and c.is_thread]
        seen = [c for c in threads if not c.archived and self.world.can_see(c, self.world.bot.id)]
        return {"threads": [payloads.channel(self.world, c) for c in seen], "members": []}

    async def members(self, request: web.Request) -> list[Payload]:
        self._guild(request)
        raise missing_access()  # Discord asks for the members intent, which the simulator does not grant

    async def search(self, request: web.Request) -> list[Payload]:
        guild, query = self._guild(request), request.query.get("query", "").lower()
        limit = min(as_id(request.query.get("limit", "1")) or 1, 1000)
        found = [m for m in guild.members.values() if _named(m.user.username, m.user.name, query)]
        return [payloads.member(m) for m in found[:limit]]

    async def member(self, request: web.Request) -> Payload:
        guild = self._guild(request)
        member = guild.members.get(number(request, "user_id", unknown_user()))
        if member is None:
            raise unknown_member()
        return payloads.member(member)

    async def add_role(self, request: web.Request) -> None:
        guild, member, role = self._changeable(request)
        self.world.give_role(guild, member, role)

    async def remove_role(self, request: web.Request) -> None:
        guild, member, role = self._changeable(request)
        self.world.take_role(guild, member, role)

    def _changeable(self, request: web.Request) -> tuple[Guild, Member, Role]:
        """The member and role in the path, if the bot may give and take that role."""
        guild = self._guild(request)
        member = guild.members.get(number(request, "user_id", unknown_member()))
        role = guild.roles.get(number(request, "role_id", unknown_role()))
        if member is None:
            raise unknown_member()
        if role is None or role.id == guild.id:
            raise unknown_role()
        mine = guild.members[self.world.bot.id].roles
        top = max((guild.roles[r].position for r in mine), default=0)
        allowed = permissions.in_guild(guild, self.world.bot.id, mine) & permissions.MANAGE_ROLES
        if not allowed or role.managed or role.position >= top:
            raise missing_permissions()
        return guild, member, role


def _named(username: str, name: str, query: str) -> bool:
    return username.startswith(query) or name.lower().startswith(query)
