"""What tests of the pages share: a Discord that answers from a dictionary, and people who are signed in.

Requests are real HTTP against the real application on a real database file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bot.web.app import make_app
from bot.web.host import Place
from bot.web.options import RATES, DemoDoor, Rate, WebOptions
from bot.web.paths import PublicUrl
from core import web_sessions
from core.db import Database
from core.models import Actor
from core.services import Services
from tests.factories import Club

ROLES = ("owner", "treasurer", "reviewer", "auditor")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class FakeHost:
    """Discord's side, as a test wants it to be."""

    owners: dict[int, int | None] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    role_list: list[Place] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    connected: bool = True

    def guild_owner(self, guild_id: int) -> int | None:
        return self.owners.get(guild_id)

    def channels(self, guild_id: int) -> Sequence[Place]:
        return self.places

    def roles(self, guild_id: int) -> Sequence[Place]:
        return self.role_list

    def missing_permissions(self, guild_id: int, channel_id: int) -> Sequence[str]:
        return self.missing

    def is_connected(self) -> bool:
        return self.connected

    def latency_seconds(self) -> float | None:
        return 0.04 if self.connected else None


def options(url: str = "http://127.0.0.1", **changes: Any) -> WebOptions:
    """Options that do not make tests wait, and do not limit them unless they ask for it."""
    free = dict.fromkeys(RATES, Rate(10_000, 10_000))
    made = WebOptions(PublicUrl.parse(url), rates=free, refusal_seconds=0.0)
    return replace(made, **changes)


class Pages:
    """The running application: `browser()` is a new one, `browser("treasurer")` one that is signed in."""

    def __init__(self, club: Club, services: Services, host: FakeHost, chosen: WebOptions) -> None:
        self.club, self.services, self.host, self.options = club, services, host, chosen
        self.clients: list[TestClient[Any, Any]] = []
        self.server = TestServer(make_app(services, host, chosen))

    @property
    def db(self) -> Database:
        return self.services.db

    async def browser(self, role: str | None = None, *, club: Club | None = None) -> Browser:
        """A browser of its own; with a role it is signed in as that person of the club."""
        if not self.server.started:
            await self.server.start_server(access_log=None)  # as WebServer does
        client = TestClient(self.server)
        self.clients.append(client)
        browser = Browser(client, self.options.url)
        if role is not None:
            await browser.sign_in(self.db, getattr(club or self.club, role), self.host)
        return browser

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        await self.server.close()


class Browser:
    """A client that keeps cookies, sends what browsers send, and does not follow redirects by itself."""

    def __init__(self, client: TestClient[Any, Any], url: PublicUrl) -> None:
        self.client, self.url = client, url
        self.cookies: dict[str, str] = {}

    async def sign_in(self, db: Database, actor: Actor, host: FakeHost) -> None:
        started = await db.write(
            web_sessions.start, actor.workspace_id, actor.discord_id, "link", owner_of=host.guild_owner
        )
        self.cookies[self.session_cookie] = started.secret

    @property
    def session_cookie(self) -> str:
        return "__Host-sid" if self.url.is_secure else "sid"

    async def get(self, path: str, **more: Any) -> ClientResponse:
        return await self._request("GET", path, **more)

    async def head(self, path: str, **more: Any) -> ClientResponse:
        return await self._request("HEAD", path, **more)

    async def post(self, path: str, data: Any = None, **more: Any) -> ClientResponse:
        """Send a form from one of our own pages; `headers` replace what says so."""
        more.setdefault("headers", SAME_ORIGIN)
        return await self._request("POST", path, data={} if data is None else data, **more)

    async def follow(self, response: ClientResponse) -> ClientResponse:
        """Go where a form's answer sends the browser."""
        assert response.status == 303, (response.status, await response.text())
        return await self.get(response.headers["Location"])

    async def _request(self, method: str, path: str, **more: Any) -> ClientResponse:
        headers = dict(more.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = URL(path, encoded=True)
        response = await self.client.request(method, url, headers=headers, allow_redirects=False, **more)
        await response.read()
        for name, morsel in response.cookies.items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return response


def demo_door(actor: Actor) -> DemoDoor:
    return DemoDoor("open-sesame", actor.discord_id)
