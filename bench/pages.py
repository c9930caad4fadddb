"""What a page costs, over real HTTP: a club of 500 members after three years, and one with a million bills."""

import asyncio
import json
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.clubs import BenchClock, add_history, make_club, member_actor
from bench.figures import emit
from bench.page_server import application, signed_in
from bench.processes import running
from bot.web.app import WebServer
from core import payments, reports, web_sessions
from core.db import Database, LocalDatabase

ROUNDS = 60
PERIODS = 36
WAITING = 40
"""Submissions that wait for review: more than a page of the queue."""
CLUBS = (("", 500), ("_million", 13_900))
# What a treasurer asks for: the newest page, a deep one, what is unpaid, one month, one plan, one name.
BILL_QUERIES = (
    "", "?before={deep}", "?state=open", "?state=overdue", "?period=2024-06", "?plan=2", "?q=member 77",
    "?q=M-77", "?method=1",
)  # fmt: skip
RATE_ROUNDS, RATE_SECONDS, AT_ONCE = 5, 2.0, 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What one address cost: the first answer, the usual one, and how large it is."""

    first_ms: float
    median_ms: float
    kilobytes: float


Nudge = Callable[[], Awaitable[object]]
"""Done before every request, and not measured."""


def pages(folder: Path) -> None:
    """Overview, review desk and list of bills, in a usual club and in a very large one."""
    for ending, members in CLUBS:
        path = _books(folder / f"pages{ending}.sqlite3", members)
        overview, kept, review, *bills = asyncio.run(_ask_all(path, folder, members))
        wanted = None if ending else 50  # a million bills: see docs/benchmarks.md
        emit(f"overview{ending}", "ms", overview.median_ms, target=wanted, op="<=" if wanted else None)
        emit(f"overview{ending}_first", "ms", overview.first_ms)
        emit(f"overview{ending}_kept", "ms", kept.median_ms)
        emit(f"overview{ending}_size", "kB", overview.kilobytes, target=60, op="<=")
        emit(f"review_page{ending}", "ms", review.median_ms, target=50, op="<=")
        emit(f"review_page{ending}_size", "kB", review.kilobytes)
        emit(
            f"bills_page{ending}", "ms", statistics.median(one.median_ms for one in bills), target=50, op="<="
        )
        emit(f"bills_page{ending}_slowest", "ms", max(one.median_ms for one in bills), target=200, op="<=")


def page_rps(folder: Path) -> None:
    """Overviews per second against a bare aiohttp that answers with the same page as a constant."""
    path = _books(folder / "rps.sqlite3", CLUBS[0][1])
    kept, made_anew, bare = asyncio.run(_rates(path, folder))
    emit("page_rps", "pages/s", kept, baseline=bare, ratio=kept / bare, target=0.1, op=">=", of="ratio")
    emit("page_rps_made_anew", "pages/s", made_anew, baseline=bare, ratio=made_anew / bare)


def _books(path: Path, members: int) -> Path:
    """Two plans, three years, all paid but the last two months; some submissions of the last wait for review."""
    with make_club(path, members=members, plans=2) as db:
        add_history(db, PERIODS, unpaid=2)
        for number in range(1, WAITING + 1):
            _submit(db, number)
    return path


def _submit(db: LocalDatabase, number: int) -> None:
    actor = member_actor(number)
    form = db.read(reports.pay_form, actor)
    chosen = [bill.id for bill in form.groups[-1].bills]
    db.write(payments.submit, actor, chosen, request_id=f"bench-{number}", method_id=form.methods[0].id)


# --- one after the other ------------------------------------------------------------------------------------


async def _ask_all(path: Path, folder: Path, members: int) -> list[Asked]:
    async with Database(path, BenchClock()) as db:
        started = await signed_in(db)

        async def change() -> None:
            """Anything that is written makes every kept page an old one."""
            await db.write(web_sessions.touch, started.session)

        async def nothing() -> None:
            """The books stay as they are."""

        bills = [query.format(deep=members * PERIODS) for query in BILL_QUERIES]
        async with (
            WebServer(application(db, folder), "127.0.0.1", 0) as server,
            aiohttp.ClientSession(cookies={"sid": started.secret}) as browser,
        ):
            base = f"http://127.0.0.1:{server.port}"
            return [
                await _ask(browser, f"{base}/", change),
                await _ask(browser, f"{base}/", nothing),
                await _ask(browser, f"{base}/review", change),
                *[await _ask(browser, f"{base}/bills{query}", change) for query in bills],
            ]


async def _ask(browser: aiohttp.ClientSession, url: str, nudge: Nudge) -> Asked:
    """The milliseconds of one address, asked again and again by somebody who is signed in."""
    took, size = [], 0
    for _ in range(ROUNDS):
        await nudge()
        start = time.perf_counter()
        async with browser.get(url, allow_redirects=False) as response:
            size = len(await response.read())
            assert response.status == 200, response.status
        took.append((time.perf_counter() - start) * 1000)
    return Asked(took[0], statistics.median(took), size / 1000)


# --- as many as there can be --------------------------------------------------------------------------------


async def _rates(path: Path, folder: Path) -> list[float]:
    """Answers per second: pages that are kept, pages that are made anew, and the bare server, in turns."""
    async with running("bench.page_server", str(path), str(folder)):
        ports = json.loads((folder / "ports.json").read_text(encoding="utf-8"))
        request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sid={ports['secret']}\r\n\r\n".encode()
        names = ("kept", "made_anew", "bare")
        found: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(RATE_ROUNDS):
            for name in names:
                found[name].append(await _rate(ports[name], request))
        return [statistics.median(found[name]) for name in names]


async def _rate(port: int, request: bytes) -> float:
    start = time.perf_counter()
    counts = await asyncio.gather(
        *(_keep_asking(port, request, start + RATE_SECONDS) for _ in range(AT_ONCE))
    )
    return sum(counts) / (time.perf_counter() - start)


async def _keep_asking(port: int, request: bytes, until: float) -> int:
    """One connection that is kept; by hand, since a client library would cost more than the bare server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        assert head.startswith(b"HTTP/1.1 200 "), head
        assert length is not None
        await reader.readexactly(int(length[1]))
        count += 1
    writer.close()
    await writer.wait_closed()
    return count


ALL: dict[str, Callable[[Path], None]] = {
    "overview": pages, "review_page": pages, "bills_page": pages, "page_rps": page_rps,
}  # fmt: skip
