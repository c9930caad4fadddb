"""For whoever watches the process: does it live, and does it serve."""

from __future__ import annotations

import asyncio
from time import monotonic

from aiohttp import web

from bot.web.host import Host
from bot.web.routing import Routes
from bot.web.visit import Visit
from core import figures
from core.errors import DatabaseUnavailable

pages = Routes()

ANSWER_SECONDS = 5.0
RECENT_SECONDS = 60.0


class Gateway:
    """When Discord was last seen: a short break while the session resumes is no reason for an alarm."""

    def __init__(self, host: Host) -> None:
        """Nobody has looked yet."""
        self._host = host
        self._seen: float | None = None

    def is_recent(self) -> bool:
        """Whether the gateway is there, or was at the last look within a minute."""
        now = monotonic()
        if self._host.is_connected():
            self._seen = now
        return self._seen is not None and now - self._seen <= RECENT_SECONDS


@pages.open_get("/healthz")
async def live(visit: Visit) -> web.StreamResponse:
    """The loop turns and the database answers; else 503."""
    works = await _database_answers(visit)
    return _answer(works, {"database": works})


@pages.open_get("/readyz")
async def ready(visit: Visit) -> web.StreamResponse:
    """The same, and Discord is there; else 503."""
    works, connected = await _database_answers(visit), visit.site.gateway.is_recent()
    return _answer(works and connected, {"database": works, "gateway": connected})


async def _database_answers(visit: Visit) -> bool:
    try:
        return await asyncio.wait_for(visit.db.read(figures.ping), ANSWER_SECONDS)
    except (DatabaseUnavailable, TimeoutError):
        return False


def _answer(fine: bool, parts: dict[str, bool]) -> web.Response:
    status = {"status": "ok" if fine else "failing"}
    return web.json_response({**status, **parts}, status=200 if fine else 503)
