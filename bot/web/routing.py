"""How a screen says where it is and who may see it: `@pages.get("/bills", least=Role.AUDITOR)`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from core.access import Role

if TYPE_CHECKING:
    from bot.web.visit import Desk, Visit

DeskHandler = Callable[["Desk"], Awaitable[web.StreamResponse]]
OpenHandler = Callable[["Visit"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `least` None: open to everybody; else a session with at least this role.

    `limit` names a rate of bot/web/options.py; `from_ours` demands that a change comes from our own pages;
    `in_menu` keeps the page's name for the menu (bot/web/nav.py).
    """

    method: str
    path: str
    handler: Callable[[Any], Awaitable[web.StreamResponse]]
    least: Role | None
    limit: str | None = None
    from_ours: bool = True


class Routes:
    """The routes of one module, in the order in which they are tried."""

    def __init__(self) -> None:
        """Begin without any."""
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def get(
        self, path: str, *, least: Role, limit: str | None = None
    ) -> Callable[[DeskHandler], DeskHandler]:
        """A page for people who are signed in."""
        return self._add("GET", path, least, limit)

    def post(
        self, path: str, *, least: Role, limit: str | None = None
    ) -> Callable[[DeskHandler], DeskHandler]:
        """A change by people who are signed in. The core asks for rights as well."""
        return self._add("POST", path, least, limit)

    def open_get(self, path: str, *, limit: str | None = None) -> Callable[[OpenHandler], OpenHandler]:
        """A page for everybody."""
        return self._add("GET", path, None, limit)

    def open_post(
        self, path: str, *, limit: str | None = None, from_ours: bool = True
    ) -> Callable[[OpenHandler], OpenHandler]:
        """A change by anybody who knows the address."""
        return self._add("POST", path, None, limit, from_ours)

    def add(self, route: Route) -> None:
        """Any other: a method of the API, an answer without a session."""
        self._routes.append(route)

    def _add(
        self, method: str, path: str, least: Role | None, limit: str | None, from_ours: bool = True
    ) -> Callable[[Any], Any]:
        def keep(handler: Any) -> Any:
            self._routes.append(Route(method, path, handler, least, limit, from_ours))
            return handler

        return keep
