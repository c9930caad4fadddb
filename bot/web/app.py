"""The web application: everything that pages share, the table of routes, and the server itself."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Self

from aiohttp import web

from bot.web.forms import MOST_FORM_BYTES
from bot.web.health_checks import Gateway
from bot.web.host import Host
from bot.web.limits import Limits
from bot.web.metrics import Metrics
from bot.web.middleware import around_everything, guarded
from bot.web.options import WebOptions
from bot.web.page_cache import PageCache
from bot.web.render import Renderer
from bot.web.routing import Route, Routes
from bot.web.sessions import Cookies
from bot.web.sso.desk import SsoDesk
from bot.web.sso.routes import routes_of
from bot.web.static import StaticFiles
from bot.web.visit import Visit
from core.services import Services

MODULES = (
    "bot.web.pages.sign_in",
    "bot.web.pages.overview",
    "bot.web.pages.periods",
    "bot.web.pages.review",
    "bot.web.pages.submission",
    "bot.web.pages.proofs",
    "bot.web.pages.upload",
    "bot.web.pages.bills",
    "bot.web.pages.charges",
    "bot.web.pages.bill",
    "bot.web.pages.members",
    "bot.web.pages.member_forms",
    "bot.web.pages.seats",
    "bot.web.pages.member",
    "bot.web.pages.own_statement",
    "bot.web.pages.plans",
    "bot.web.pages.methods",
    "bot.web.pages.roster_import",
    "bot.web.pages.import_undo",
    "bot.web.api",
    "bot.web.openapi",
    "bot.web.health_checks",
    "bot.web.metrics",
    "bot.web.pages.templates",
    "bot.web.pages.settings",
    "bot.web.pages.settings_alerts",
    "bot.web.pages.settings_rights",
    "bot.web.pages.settings_tokens",
    "bot.web.pages.notices",
    "bot.web.pages.log",
    "bot.web.pages.health",
)
"""Modules with `pages: Routes`; a new screen is one more line here (docs/web.md)."""


class Site:
    """What every request works with."""

    def __init__(self, services: Services, host: Host, options: WebOptions) -> None:
        """Put the parts together; `make_app` fills in the routes."""
        self.services = services
        self.host = host
        self.options = options
        self.cookies = Cookies(options.url)
        self.limits = Limits(options.rates)
        self.metrics = Metrics()
        self.gateway = Gateway(host)
        self.sso = SsoDesk(options.sign_ins)
        self.static = StaticFiles()
        self.page_cache = PageCache()
        self.pages: set[str] = set()
        self.patterns: set[str] = set()
        self.renderer = Renderer(self)

    def owner_of(self, guild_id: int) -> int | None:
        """Who owns a Discord server, as far as Discord has told us."""
        return self.host.guild_owner(guild_id)

    def local_path(self, request: web.Request) -> str:
        """The path without our base, whether or not the proxy has taken it off."""
        base = self.options.url.base
        path = request.path
        return path[len(base) :] or "/" if base and (path + "/").startswith(base + "/") else path

    def local_address(self, request: web.Request) -> str:
        """Path and query, to come back to."""
        query = request.query_string
        return self.local_path(request) + (f"?{query}" if query else "")

    def wants_json(self, request: web.Request) -> bool:
        """Whether the answer is for a program."""
        return self.local_path(request).startswith("/api/")


SITE = web.AppKey("site", Site)


def make_app(
    services: Services, host: Host, options: WebOptions, *, modules: Sequence[str] = MODULES
) -> web.Application:
    """Build the application; it neither opens nor closes anything."""
    site = Site(services, host, options)
    app = web.Application(middlewares=[around_everything(site)], client_max_size=MOST_FORM_BYTES)
    app[SITE] = site
    app.on_cleanup.append(lambda _: site.sso.outgoing.close())
    listed = (route for name in modules for route in importlib.import_module(name).pages)
    for route in (*_own_routes(), *listed, *routes_of(options.sign_ins)):
        _add(app, site, route)
    return app


def _add(app: web.Application, site: Site, route: Route) -> None:
    """Answer below the base path, and without it: some proxies take it off."""
    handler = guarded(site, route)
    for base in dict.fromkeys(("", site.options.url.base)):
        if route.method == "GET":
            app.router.add_get(base + route.path, handler)
        else:
            app.router.add_route(route.method, base + route.path, handler)
    site.patterns.add(route.path)
    if route.method == "GET" and "{" not in route.path:
        site.pages.add(route.path)


def _own_routes() -> Routes:
    own = Routes()

    @own.open_get("/static/{name}")
    async def static(visit: Visit) -> web.StreamResponse:
        return visit.site.static.answer(visit.request)

    @own.open_get("/favicon.ico")
    async def favicon(visit: Visit) -> web.StreamResponse:
        return web.Response(
            status=303, headers={"Location": visit.site.options.url.to("/static/favicon.svg")}
        )

    return own


class WebServer:
    """The application behind a port of this machine; `async with` starts and stops it."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        """Port 0 takes a free one."""
        self._app = app
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen; raises OSError when the port is taken."""
        # No access log: addresses hold secrets. The middleware logs patterns instead.
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Let requests in hand be finished, for two seconds at most."""
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._runner is not None
        return int(self._runner.addresses[0][1])
