"""The pages behind ports of their own process, and beside them a bare aiohttp that answers with one constant page.

`python -m bench.page_server DATABASE FOLDER` writes FOLDER/ports.json and says `ready`.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from aiohttp import web

from bench.clubs import TREASURER, BenchClock
from bot.storage import LocalProofStorage
from bot.web.app import SITE, WebServer, make_app
from bot.web.host import Place
from bot.web.options import RATES, Rate, WebOptions
from bot.web.page_cache import PageCache
from bot.web.paths import PublicUrl
from bot.web.visit import Desk
from core import web_sessions
from core.db import Database
from core.services import Services
from core.web_sessions import Started


class NoDiscord:
    """A server about which Discord says nothing; no page that is measured asks for more."""

    def guild_owner(self, guild_id: int) -> int | None:
        return 999

    def channels(self, guild_id: int) -> Sequence[Place]:
        return ()

    def roles(self, guild_id: int) -> Sequence[Place]:
        return ()

    def missing_permissions(self, guild_id: int, channel_id: int) -> Sequence[str]:
        return ()

    def is_connected(self) -> bool:
        return True

    def latency_seconds(self) -> float | None:
        return 0.04


class KeepsNothing(PageCache):
    """As if the books changed before every request."""

    def kept(self, desk: Desk) -> web.Response | None:
        return None


def application(db: Database, folder: Path) -> web.Application:
    """The real application on this database, without limits to how often one may ask."""
    services = Services(db, BenchClock(), LocalProofStorage(folder / "proofs"))
    free = dict.fromkeys(RATES, Rate(10**9, 10**9))
    return make_app(services, NoDiscord(), WebOptions(PublicUrl.parse("http://127.0.0.1"), rates=free))


async def signed_in(db: Database) -> Started:
    """A session of the treasurer."""
    return await db.write(
        web_sessions.start, TREASURER.workspace_id, TREASURER.discord_id, "link", owner_of=lambda _: 999
    )


async def main(database: str, folder: str) -> None:
    async with Database(Path(database), BenchClock()) as db:
        started = await signed_in(db)
        changing = application(db, Path(folder))
        changing[SITE].page_cache = KeepsNothing()
        async with WebServer(application(db, Path(folder)), "127.0.0.1", 0) as kept:
            page = await _fetch(kept.port, started.secret)
            async with (
                WebServer(changing, "127.0.0.1", 0) as made_anew,
                WebServer(_bare(page), "127.0.0.1", 0) as bare,
            ):
                found = {
                    "secret": started.secret, "kept": kept.port, "made_anew": made_anew.port, "bare": bare.port,
                }  # fmt: skip
                _tell(Path(folder, "ports.json"), found)
                sys.stdout.write("ready\n")
                sys.stdout.flush()
                await asyncio.Event().wait()


def _tell(path: Path, found: dict[str, str | int]) -> None:
    path.write_text(json.dumps(found), encoding="utf-8")


async def _fetch(port: int, secret: str) -> str:
    async with (
        aiohttp.ClientSession(cookies={"sid": secret}) as browser,
        browser.get(f"http://127.0.0.1:{port}/") as response,
    ):
        return await response.text()


def _bare(page: str) -> web.Application:
    async def constant(request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", constant)
    return app


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
