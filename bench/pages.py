"""What a page costs, over real HTTP: a club of 500 members after three years, and one with a million bills."""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import aiohttp

from bench.clubs import TREASURER, BenchClock, add_history, make_club
from bench.figures import emit
from bot.storage import LocalProofStorage
from bot.web.app import WebServer, make_app
from bot.web.host import Place
from bot.web.options import RATES, Rate, WebOptions
from bot.web.paths import PublicUrl
from core import web_sessions
from core.db import Database
from core.services import Services

ROUNDS = 60
PERIODS = 36
# What a treasurer asks for: the newest page, a deep one, what is unpaid, one month, one plan, one name.
BILL_QUERIES = (
    "", "?before={deep}", "?state=open", "?state=overdue", "?period=2024-06", "?plan=2", "?q=member 77",
    "?q=M-77", "?method=1",
)  # fmt: skip


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


def bills_page(folder: Path) -> None:
    """Milliseconds for one page of bills, the median over what treasurers ask for; the slowest kind beside it."""
    for name, members in (("bills_page", 500), ("bills_page_million", 13_900)):
        path = folder / f"{name}.sqlite3"
        db = make_club(path, members=members, plans=2)
        add_history(db, PERIODS, unpaid=2)
        db.close()
        queries = [query.format(deep=members * PERIODS) for query in BILL_QUERIES]
        medians = asyncio.run(_time(path, folder, [f"/bills{query}" for query in queries]))
        emit(name, "ms", statistics.median(medians), target=50, op="<=")
        emit(f"{name}_slowest", "ms", max(medians), target=200, op="<=")


async def _time(path: Path, folder: Path, addresses: Sequence[str]) -> list[float]:
    """The median milliseconds of each address, asked again and again by somebody who is signed in."""
    async with Database(path, BenchClock()) as db:
        secret = (
            await db.write(
                web_sessions.start,
                TREASURER.workspace_id,
                TREASURER.discord_id,
                "link",
                owner_of=lambda _: 999,
            )
        ).secret
        services = Services(db, BenchClock(), LocalProofStorage(folder / "proofs"))
        free = dict.fromkeys(RATES, Rate(10**6, 10**6))
        app = make_app(services, NoDiscord(), WebOptions(PublicUrl.parse("http://127.0.0.1"), rates=free))
        async with (
            WebServer(app, "127.0.0.1", 0) as server,
            aiohttp.ClientSession(cookies={"sid": secret}) as browser,
        ):
            return [
                await _median(browser, f"http://127.0.0.1:{server.port}{address}") for address in addresses
            ]


async def _median(browser: aiohttp.ClientSession, url: str) -> float:
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        async with browser.get(url, allow_redirects=False) as response:
            await response.read()
            assert response.status == 200, response.status
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


ALL: dict[str, Callable[[Path], None]] = {"bills_page": bills_page}
