"""The control API under /control, for the page, scripts and tests; described in docs/simulator.md."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web

from bot.simulator import commands, lookup, view
from bot.simulator.acting import Acting
from bot.simulator.api import Api, json_answer
from bot.simulator.command_rules import LOCALES
from bot.simulator.errors import ControlError
from bot.simulator.faults import Faults
from bot.simulator.findings import as_id
from bot.simulator.gateway import Gateway
from bot.simulator.interactions import Interactions
from bot.simulator.things import Change, Guild, User
from bot.simulator.world import World

Payload = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[Payload]]
LIVE_INTERVAL_SECONDS = 0.05
MOST_MESSAGES = 1000


class Control:
    """State, views, actions, the clock, faults and the reset."""

    def __init__(
        self,
        world: World,
        gateway: Gateway,
        api: Api,
        interactions: Interactions,
        acting: Acting,
        on_reset: Callable[[], Awaitable[object]] | None,
    ) -> None:
        self.world = world
        self.gateway = gateway
        self.api = api
        self.faults: Faults = api.faults
        self.interactions = interactions
        self.acting = acting
        self.on_reset = on_reset
        self.pages: set[LivePage] = set()
        self.methods = {"/control/ws": "GET"}
        world.listeners.append(self._on_change)

    def add_to(self, app: web.Application) -> None:
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/control/state", self.get_state),
            ("GET", "/control/view", self.get_view),
            ("POST", "/control/act", self.post_act),
            ("POST", "/control/clock", self.post_clock),
            ("POST", "/control/fault", self.post_fault),
            ("POST", "/control/locale", self.post_locale),
            ("POST", "/control/reset", self.post_reset),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, _guarded(handler))
            self.methods[path] = method
        app.router.add_get("/control/ws", self.live)
        app.router.add_route("*", "/control{rest:(/.*)?}", _guarded(self.nothing_here))

    # --- looking ---

    async def get_state(self, request: web.Request) -> Payload:
        _query(request, ())
        return self.state()

    def state(self) -> Payload:
        """Everything at a glance."""
        world = self.world
        guilds = [_guild(world, guild) for guild in world.guilds.values()]
        return {
            "users": [_user(world, user) for user in world.users.values() if not user.bot],
            "guilds": guilds,
            "channels": [c | {"guild_id": g["id"]} for g in guilds for c in g["channels"]],
            "roles": [r | {"guild_id": g["id"]} for g in guilds for r in g["roles"]],
            "commands": [_command(c) for stored in world.commands.values() for c in stored],
            "clock": world.clock.state(),
            "faults": self._faults(),
            "bot": self._bot()
            | {
                "sessions": len(self.gateway.sessions),
                "identifies": self.gateway.identifies,
                "resumes": self.gateway.resumes,
            },
            "counters": {
                "requests": self.api.requests,
                "interactions": self.interactions.sent,
                "unanswered": self.interactions.unanswered,
                "messages": len(world.messages),
            },
            "unknown_routes": self.api.describe_unknown(),
            "last_errors": list(self.api.last_errors),
        }

    async def get_view(self, request: web.Request) -> Payload:
        user, guild, limit = self._viewer(request)
        return self.view(user, guild, limit)

    def view(self, user: User, guild: Guild | None = None, limit: int = view.DEFAULT_MESSAGES) -> Payload:
        """What that person sees."""
        shown = view.view(self.world, user, guild, limit=limit)
        return shown | {"clock": self.world.clock.state(), "faults": self._faults(), "bot": self._bot()}

    def _viewer(self, request: web.Request) -> tuple[User, Guild | None, int]:
        query = _query(request, ("user", "guild", "limit"))
        user = lookup.actor(self.world, query.get("user"))
        limit = query.get("limit", str(view.DEFAULT_MESSAGES))
        if not 1 <= as_id(limit) <= MOST_MESSAGES:
            raise ControlError(
                "invalid_limit", f"'limit' is a whole number from 1 to {MOST_MESSAGES}.", "limit"
            )
        return user, lookup.guild_of(self.world, user, query.get("guild")), int(limit)

    def _faults(self) -> Payload:
        closed = [user.key for user in self.world.users.values() if user.dms_closed]
        return {**self.faults.describe(), "dms_closed": closed}

    def _bot(self) -> Payload:
        connected = self.gateway.is_connected
        return {"connected": connected, "ready": connected and any(self.world.commands.values())}

    # --- doing ---

    async def post_act(self, request: web.Request) -> Payload:
        return await self.acting.act(await _body(request))

    async def post_clock(self, request: web.Request) -> Payload:
        body = lookup.only(await _body(request), ("days", "to"))
        seconds = self.world.clock.target(body)
        self.world.touch()
        try:
            steps = await self.world.clock.advance(seconds, self.world.touch)
        finally:
            self.world.touch()
        return self.world.clock.state() | {"steps": steps}

    async def post_fault(self, request: web.Request) -> Payload:
        body = await _body(request)
        if not isinstance(body, dict):
            raise ControlError("invalid_body", "The body must be one JSON object.")
        kind = body.get("kind")
        if kind == "dm_closed":
            lookup.only(body, ("kind", "user", "on"))
            user = lookup.actor(self.world, body.get("user"))
            if not isinstance(body.get("on"), bool):
                raise ControlError("invalid_on", "'on' is true or false.", "on")
            user.dms_closed = body["on"]
        elif kind == "drop":
            lookup.only(body, ("kind", "resume"))
            resume = lookup.flag({"resume": True} | body, "resume")
            self.gateway.drop(resume=resume)
        elif kind in ("rate_limit", "http_5xx"):
            self.faults.add(body)
        else:
            raise ControlError(
                "invalid_kind", "'kind' is one of dm_closed, rate_limit, http_5xx, drop.", "kind"
            )
        self.world.touch()
        return {"faults": self._faults()}

    async def post_locale(self, request: web.Request) -> Payload:
        body = lookup.only(await _body(request), ("user", "locale"))
        user = lookup.actor(self.world, body.get("user"))
        if not isinstance(body.get("locale"), str) or body["locale"] not in LOCALES:
            raise ControlError(
                "invalid_locale", f"'locale' is one of {', '.join(sorted(LOCALES))}.", "locale"
            )
        user.locale = body["locale"]
        self.world.touch()
        return view.person(user, lookup.guild_of(self.world, user, None))

    async def post_reset(self, request: web.Request) -> Payload:
        if request.can_read_body:
            lookup.only(await _body(request), ())
        if self.on_reset is None:
            raise ControlError(
                "reset_off", "Whoever started this simulator did not say how to start over.", status=409
            )
        await self.on_reset()
        self.world.touch()
        return {"reset": True}

    async def nothing_here(self, request: web.Request) -> Payload:
        if method := self.methods.get(request.path):
            raise ControlError("wrong_method", f"{request.path} is asked with {method}.", status=405)
        raise ControlError("not_found", f"There is nothing at {request.path}.", status=404)

    # --- live views ---

    def _on_change(self, change: Change) -> None:
        """Wake the pages that show what changed; with no page open this costs nothing."""
        for page in self.pages:
            message = change.message
            user_id = self.world.user(page.key).id
            if message is not None and not self.world.can_see_message(message, user_id):
                continue
            if change.user_id in (None, user_id):
                page.is_stale.set()

    async def live(self, request: web.Request) -> web.StreamResponse:
        """A websocket that gets a new view after every change, at most twenty a second."""
        # Not compressed: on this machine it saves nothing, and a page that goes away would leave a half-sent frame.
        socket = web.WebSocketResponse(heartbeat=30.0, timeout=1.0, compress=False)
        try:
            user, guild, limit = self._viewer(request)
            if not socket.can_prepare(request):
                raise ControlError("no_websocket", "This address is for websockets.")
        except ControlError as error:
            return json_answer(error.body(), error.status)
        await socket.prepare(request)
        page = LivePage(self, socket, user.key, guild.id if guild else None, limit)
        self.pages.add(page)
        writer = asyncio.create_task(page.write())
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self.pages.discard(page)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
        return socket

    async def close(self) -> None:
        """Close every open page's websocket; used when the simulator stops."""
        for page in tuple(self.pages):
            await page.socket.close()


class LivePage:
    """One open page: sends a fresh view when it is stale; by key and id, as the world may start over."""

    def __init__(
        self, control: Control, socket: web.WebSocketResponse, key: str, guild_id: int | None, limit: int
    ) -> None:
        self.control = control
        self.socket = socket
        self.key = key
        self.guild_id = guild_id
        self.limit = limit
        self.is_stale = asyncio.Event()
        self.is_stale.set()

    async def write(self) -> None:
        while not self.socket.closed:
            await self.is_stale.wait()
            self.is_stale.clear()
            user = self.control.world.user(self.key)
            theirs = self.control.world.guilds_of(user)
            guild = next((g for g in theirs if g.id == self.guild_id), theirs[0] if theirs else None)
            shown = self.control.view(user, guild, self.limit)
            await self.socket.send_str(json.dumps({"type": "view", "view": shown}))
            await asyncio.sleep(LIVE_INTERVAL_SECONDS)


def _guarded(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler whose refusals become JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return json_answer(await handler(request))
        except ControlError as error:
            return json_answer(error.body(), error.status)

    return answer


async def _body(request: web.Request) -> Any:
    raw = await request.read()
    try:
        return json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ControlError("invalid_json", "The body is not JSON.") from None


def _no_number(word: str) -> None:
    """Python reads NaN and Infinity, which are no JSON."""
    raise ValueError(word)


def _query(request: web.Request, allowed: tuple[str, ...]) -> dict[str, str]:
    return lookup.only(dict(request.query), allowed)


def _user(world: World, user: User) -> Payload:
    return {
        "key": user.key,
        "id": str(user.id),
        "name": user.name,
        "locale": user.locale,
        "dms_closed": user.dms_closed,
        "guilds": [str(guild.id) for guild in world.guilds_of(user)],
    }


def _guild(world: World, guild: Guild) -> Payload:
    channels = [c for c in world.channels.values() if c.guild_id == guild.id]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner": world.users[guild.owner_id].key,
        "locale": guild.locale,
        "members": len(guild.members),
        "channels": [
            {
                "id": str(c.id),
                "name": c.name,
                "kind": view.kind_of(c),
                "private": view.is_private(c),
                "messages": len(c.messages),
            }
            for c in channels
        ],
        "roles": [
            {"id": str(r.id), "name": r.name, "permissions": str(r.permissions)} for r in guild.roles.values()
        ],
    }


def _command(command: Payload) -> Payload:
    paths = [path for path, _leaf in commands.leaves(command)]
    return {"id": command["id"], "name": command["name"], "guild_id": command.get("guild_id"), "paths": paths}
