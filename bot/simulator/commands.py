"""Application commands: registering them, and who sees which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from bot.simulator import permissions, rules
from bot.simulator.api import Api
from bot.simulator.command_rules import CHAT_INPUT, GROUP, SUB_COMMAND, check_command
from bot.simulator.errors import ApiError, invalid_form, missing_access, unknown_command
from bot.simulator.files import read_body
from bot.simulator.findings import as_id
from bot.simulator.things import Guild, User
from bot.simulator.world import World

Payload = dict[str, Any]
IN_GUILD_CONTEXT, IN_BOT_DM_CONTEXT = 0, 1


class CommandRoutes:
    """Global and server commands of the one application."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_to(self, api: Api) -> None:
        for at in (
            "/applications/{application_id}/commands",
            "/applications/{application_id}/guilds/{guild_id}/commands",
        ):
            api.route("GET", at, self.list_all)
            api.route("PUT", at, self.replace)
            api.route("POST", at, self.create)
            api.route("GET", at + "/{command_id}", self.get)
            api.route("DELETE", at + "/{command_id}", self.delete)

    def _scope(self, request: web.Request) -> int | None:
        """None for global commands, else the id of the server."""
        if request.match_info["application_id"] != str(self.world.application_id):
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        guild_id = request.match_info.get("guild_id")
        if guild_id is None:
            return None
        if as_id(guild_id) not in self.world.guilds:
            raise missing_access()
        return int(guild_id)

    async def list_all(self, request: web.Request) -> list[Payload]:
        return self.world.commands.get(self._scope(request), [])

    async def get(self, request: web.Request) -> Payload:
        for command in self.world.commands.get(self._scope(request), []):
            if command["id"] == request.match_info["command_id"]:
                return command
        raise unknown_command()

    async def replace(self, request: web.Request) -> list[Payload]:
        scope = self._scope(request)
        payload, _ = await read_body(request)
        if problems := rules.check_commands(payload):
            raise invalid_form(rules.as_errors(problems))
        known = {(c["type"], c["name"]): c["id"] for c in self.world.commands.get(scope, [])}
        stored = [self._stored(command, scope, known) for command in payload]
        self.world.commands[scope] = stored
        self.world.touch()
        return stored

    async def create(self, request: web.Request) -> Payload:
        scope = self._scope(request)
        payload, _ = await read_body(request)
        if problems := check_command(payload):
            raise invalid_form(rules.as_errors(problems))
        commands = self.world.commands.setdefault(scope, [])
        known = {(c["type"], c["name"]): c["id"] for c in commands}
        stored = self._stored(payload, scope, known)
        commands[:] = [c for c in commands if c["id"] != stored["id"]] + [stored]
        self.world.touch()
        return stored

    async def delete(self, request: web.Request) -> None:
        command = await self.get(request)
        self.world.commands[self._scope(request)].remove(command)
        self.world.touch()

    def _stored(self, command: Payload, scope: int | None, known: dict[tuple[int, str], str]) -> Payload:
        kind = command.get("type") or CHAT_INPUT
        stored: Payload = {
            "id": known.get((kind, command["name"])) or str(self.world.clock.next_id()),
            "application_id": str(self.world.application_id),
            "version": str(self.world.clock.next_id()),
            "default_member_permissions": None,
            "type": kind,
            "name": command["name"],
            "name_localizations": None,
            "description": "",
            "description_localizations": None,
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
            "options": [],
        }
        stored |= {key: value for key, value in command.items() if key in stored and value is not None}
        if stored["default_member_permissions"] is not None:
            stored["default_member_permissions"] = str(stored["default_member_permissions"])
        if scope is not None:
            stored["guild_id"] = str(scope)
        return stored


def visible(world: World, user: User, guild: Guild | None) -> list[Payload]:
    """The commands that user may use in that server, or in their direct channel without one."""
    if guild is None:
        return [c for c in world.commands[None] if _works_in(c, IN_BOT_DM_CONTEXT)]
    member = guild.members.get(user.id)
    if member is None:
        return []
    granted = permissions.in_guild(guild, user.id, member.roles)
    commands = [c for c in world.commands[None] if _works_in(c, IN_GUILD_CONTEXT)]
    return [c for c in [*commands, *world.commands.get(guild.id, [])] if _may_use(c, granted)]


def _works_in(command: Payload, context: int) -> bool:
    if command["contexts"] is not None:
        return context in command["contexts"]
    return context == IN_GUILD_CONTEXT or bool(command["dm_permission"])


def _may_use(command: Payload, granted: int) -> bool:
    wanted = command["default_member_permissions"]
    if wanted is None or granted == permissions.ALL:
        return True
    return int(wanted) != 0 and granted & int(wanted) == int(wanted)


def leaves(command: Payload) -> Iterator[tuple[str, Payload]]:
    """Everything of a command that can be run, with its path: "pay", or "club billing open"."""
    if command["type"] == CHAT_INPUT:
        yield from _leaves(command["name"], command)


def _leaves(path: str, node: Payload) -> Iterator[tuple[str, Payload]]:
    inner = [o for o in node.get("options") or [] if o["type"] in (SUB_COMMAND, GROUP)]
    if not inner and node["type"] != GROUP:
        yield path, node
    for option in inner:
        yield from _leaves(f"{path} {option['name']}", option)
