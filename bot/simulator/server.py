"""The simulator as one thing to start and stop: everything wired together behind one loopback port."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.simulator import keeping
from bot.simulator.acting import Acting
from bot.simulator.api import Api, json_answer
from bot.simulator.cdn import Cdn
from bot.simulator.channel_routes import ChannelRoutes
from bot.simulator.clock import SimulatedClock
from bot.simulator.commands import CommandRoutes
from bot.simulator.control import Control
from bot.simulator.faults import Faults
from bot.simulator.files import MAX_REQUEST_BYTES
from bot.simulator.gateway import Gateway
from bot.simulator.interaction_routes import InteractionRoutes
from bot.simulator.interactions import Interactions
from bot.simulator.messages import Messages
from bot.simulator.place_routes import PlaceRoutes
from bot.simulator.things import User
from bot.simulator.world import BOT_TOKEN, World

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Simulator:
    """A Discord on loopback.

    `clock_path` is the file through which the bot's clock follows (without it the clock cannot be moved);
    `on_reset` is called by `POST /control/reset`; `extra_users` adds people for load tests.
    """

    def __init__(
        self,
        *,
        world: World | None = None,
        clock_path: Path | None = None,
        clock_timeout: float = 20.0,
        on_reset: Callable[[], Awaitable[object]] | None = None,
        extra_users: int = 0,
    ) -> None:
        clock = SimulatedClock(clock_path, ack_timeout=clock_timeout)
        self.world = world or World(clock, extra_users=extra_users)
        if world is not None and clock_path is not None:
            self.world.clock = clock
        self.faults = Faults()
        self.gateway = Gateway(self.world)
        self.messages = Messages(self.world, self.gateway)
        self.interactions = Interactions(self.world, self.gateway, self.messages)
        self.acting = Acting(self.world, self.interactions)
        self.api = Api(self.world, self.faults)
        self.control = Control(self.world, self.gateway, self.api, self.interactions, self.acting, on_reset)
        CommandRoutes(self.world).add_to(self.api)
        ChannelRoutes(self.world, self.gateway, self.messages).add_to(self.api)
        PlaceRoutes(self.world, self.gateway).add_to(self.api)
        InteractionRoutes(self.interactions).add_to(self.api)
        self.token = BOT_TOKEN
        self.url = ""
        self._runner: web.AppRunner | None = None

    @property
    def api_base(self) -> str:
        """What `discord.http.Route.BASE` must be."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY` must be."""
        return f"{self.url.replace('http://', 'ws://', 1)}/gateway"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. Only loopback addresses are accepted."""
        if host not in LOOPBACK:
            raise ValueError(f"The simulator listens on this machine only, not on {host!r}.")
        self._runner = web.AppRunner(
            self._app(), access_log=None, handler_cancellation=False, shutdown_timeout=1.0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=1024)
        try:
            await site.start()
        except BaseException:
            await self.stop()
            raise
        bound = self._runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{bound}"
        self.messages.base_url = self.acting.base_url = self.url
        self.gateway.url = self.gateway_url

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        if self._runner is None:
            return
        await self.gateway.close()
        await self.control.close()
        await self._runner.cleanup()
        self._runner = None

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[_loopback_only], client_max_size=2 * MAX_REQUEST_BYTES)
        self.api.add_to(app)
        self.control.add_to(app)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        Cdn(self.world).add_to(app)
        return app

    def start_over(self) -> None:
        """Forget everything that happened, faults and the clock's moves too; the bot must not be running."""
        self.gateway.sessions.clear()
        self.faults.waiting.clear()
        self.interactions.forget()
        self.messages.forget()
        self.world.clock.start_over()
        self.world.start_over()

    def keep(self, path: Path) -> None:
        """Write down what was said, so that the next run goes on from there."""
        path.write_text(json.dumps(keeping.kept(self.world, self.url)), encoding="utf-8")

    def bring_back(self, path: Path) -> None:
        """Go on from what `keep` wrote; nothing when it never did. Only before a bot connects."""
        if path.exists():
            keeping.bring_back(self.world, json.loads(path.read_text(encoding="utf-8")), self.url)

    # --- for tests in the same process ---

    async def act(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same as `POST /control/act`; raises ControlError on bad input."""
        return await self.acting.act(body)

    def view(self, user: str | User) -> dict[str, Any]:
        """The same as `GET /control/view` for that user's first server."""
        person = self.world.user(user) if isinstance(user, str) else user
        guilds = self.world.guilds_of(person)
        return self.control.view(person, guilds[0] if guilds else None)

    def state(self) -> dict[str, Any]:
        """The same as `GET /control/state`."""
        return self.control.state()


@web.middleware
async def _loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a page of somebody else could cause: a foreign Host (DNS rebinding) or Origin."""
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    if _hostname(f"//{host}") not in LOOPBACK or (origin is not None and origin != f"http://{host}"):
        body = {
            "error": "forbidden",
            "message": "Only pages and programs on this machine may use the simulator.",
            "field": "Origin" if origin is not None and _hostname(f"//{host}") in LOOPBACK else "Host",
        }
        return json_answer(body, 403)
    return await handler(request)


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
