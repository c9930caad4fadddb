"""The bot as a process of its own, over real sockets: its start, a storm of clicks, its memory."""

import asyncio
import base64
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from bench.clubs import TREASURER, make_club
from bench.figures import emit
from bench.processes import bot_command, peak_mebibytes, running
from bot.demo import Demo
from bot.simulator import Simulator
from bot.simulator.rules import walk
from core import billing
from core.check import run_check
from core.clock import SystemClock
from core.db import LocalDatabase
from core.period import Period

STORM_MEMBERS, STORM_ROUNDS, STARTS, SCREENSHOTS = 200, 3, 5, 5
CAMERA = (4000, 3000)
POSTED_SECONDS = 30
MONTH_DAYS = 31

Payload = dict[str, Any]
Bot = Callable[[Path, Simulator], list[str]]
"""Prepares a bot that uses this folder and this simulator; returns the module and its arguments."""


# --- the storm ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Storm:
    """How long the slowest member waited for an answer, how long all did, and whether all got theirs."""

    slowest: float
    total: float
    answered: bool


def click_storm(folder: Path) -> None:
    """200 members press Pay and then submit, all at the same moment, against a bot that only echoes."""
    storms = _storms(folder / "ours", _our_bot)
    echoes = _storms(folder / "echo", _echo_bot)
    total = statistics.median(storm.total for storm in storms)
    baseline = statistics.median(storm.total for storm in echoes)
    emit(
        "click_storm", "s", statistics.median(storm.slowest for storm in storms), baseline=baseline,
        ratio=total / baseline, target=1.5, op="<=", holds=all(s.answered for s in (*storms, *echoes)),
    )  # fmt: skip


def _storms(folder: Path, bot: Bot) -> list[Storm]:
    """Some storms, each with a simulator, a data folder and a process of its own."""
    found = []
    for number in range(STORM_ROUNDS):
        place = folder / str(number)
        place.mkdir(parents=True)
        found.append(asyncio.run(_storm(place, bot)))
    return found


async def _storm(folder: Path, bot: Bot) -> Storm:
    simulator = Simulator(extra_users=STORM_MEMBERS)
    await simulator.start()
    try:
        command = bot(folder, simulator)
        async with running(*command):
            button = await _pay_button(simulator)
            people = [f"extra{number}" for number in range(1, STORM_MEMBERS + 1)]
            start = time.perf_counter()
            presses = await asyncio.gather(*(_timed(simulator, who, "click", **button) for who in people))
            submits = await asyncio.gather(*(_timed(simulator, who, "submit", values={}) for who in people))
            total = time.perf_counter() - start
        answers = [answer for _, answer in (*presses, *submits)]
        answered = all(answer["acknowledged"] and answer["error"] is None for answer in answers)
        booked = bot is _echo_bot or _all_in_the_books(folder)
        return Storm(max(took for took, _ in (*presses, *submits)), total, answered and booked)
    finally:
        await simulator.stop()


async def _timed(simulator: Simulator, user: str, doing: str, **what: Any) -> tuple[float, Payload]:
    start = time.perf_counter()
    answer = await simulator.act({"user": user, "do": doing, **what})
    return time.perf_counter() - start, answer


async def _pay_button(simulator: Simulator) -> Payload:
    """The Pay button in #dues, as soon as it is posted."""
    async with asyncio.timeout(POSTED_SECONDS):
        while True:
            for message in simulator.world.channel("dues").messages.values():
                for part in walk(message.data["components"]):
                    if str(part.get("custom_id")).startswith("workspace:pay:"):
                        return {"message": str(message.id), "custom_id": part["custom_id"]}
            await asyncio.sleep(0.01)


def _our_bot(folder: Path, simulator: Simulator) -> list[str]:
    with make_club(folder / "potkeeper.db", members=STORM_MEMBERS, plans=1) as db:
        _bind(db, simulator)
        db.clock = SystemClock()  # an announcement of long ago would not be posted any more
        db.write(billing.open_period, TREASURER, Period.of(db.clock.now().date()))
    return bot_command(folder, simulator)


def _bind(db: LocalDatabase, simulator: Simulator) -> None:
    """Give the bench's club the simulator's server, channels and people; nothing happens by itself in it."""
    world = simulator.world
    db.conn.execute(
        "UPDATE workspaces SET guild_id = ?, announce_channel_id = ?, review_channel_id = ?,"
        " auto_open = 0, reminder_mode = 'off'",
        (world.home.id, world.channel("dues").id, world.channel("review").id),
    )
    for number in range(1, STORM_MEMBERS + 1):
        account = world.user(f"extra{number}").id
        db.conn.execute("UPDATE members SET discord_id = ? WHERE id = ?", (account, number))


def _echo_bot(folder: Path, simulator: Simulator) -> list[str]:
    return ["bench.echo_bot", simulator.api_base, simulator.token]


def _all_in_the_books(folder: Path) -> bool:
    with LocalDatabase(folder / "potkeeper.db", SystemClock()) as db:
        waiting = db.conn.execute("SELECT count(*) FROM payments WHERE status = 'submitted'").fetchone()[0]
        return waiting == STORM_MEMBERS and db.read(run_check).ok


# --- the start ----------------------------------------------------------------------------------------------


def start(folder: Path) -> None:
    """From starting the process until it says that it is ready."""
    emit("start", "s", statistics.median(asyncio.run(_starts(folder))), target=1.0, op="<=")


async def _starts(folder: Path) -> list[float]:
    simulator = Simulator(extra_users=STORM_MEMBERS)
    await simulator.start()
    took = []
    try:
        command = _our_bot(folder, simulator)
        for _ in range(STARTS):
            begun = time.perf_counter()
            async with running(*command):
                took.append(time.perf_counter() - begun)
    finally:
        await simulator.stop()
    return took


# --- the memory ---------------------------------------------------------------------------------------------


def memory(folder: Path) -> None:
    """The most that the bot process ever held in the demo's month, five large screenshots included."""
    peak, complete = asyncio.run(_demo_month(folder))
    emit("memory", "MiB", peak, target=130, op="<=", holds=complete)


async def _demo_month(folder: Path) -> tuple[float, bool]:
    demo = Demo(folder, 0)
    try:
        await demo.start()
        assert demo.bot is not None
        simulator = demo.simulator
        await simulator.world.clock.advance(MONTH_DAYS * 86_400, simulator.world.touch)
        stored = 0
        for user in ("treasurer", "reviewer", "member1", "member2", "member3"):
            stored += await _pay_with_photo(simulator, user, seed=stored)
        while await _verify_one(simulator):
            pass
        return peak_mebibytes(demo.bot.pid), stored == SCREENSHOTS
    finally:
        await demo.stop()


async def _pay_with_photo(simulator: Simulator, user: str, *, seed: int) -> bool:
    await simulator.act({"user": user, "do": "command", "name": "pay", "channel": "dues"})
    upload = {"filename": "photo.jpg", "content_type": "image/jpeg", "content_base64": _photo(seed)}
    answer = await simulator.act(
        {"user": user, "do": "submit", "values": {}, "files": {"screenshot": [upload]}}
    )
    return bool(answer["messages"]) and answer["error"] is None


async def _verify_one(simulator: Simulator) -> bool:
    """The oldest that waits; its picture is looked at, too."""
    shown = await simulator.act({"user": "reviewer", "do": "command", "name": "review", "channel": "review"})
    card = shown["messages"][-1]
    known = {str(part.get("custom_id")).rsplit(":", 1)[0]: part for part in walk(card["components"])}
    for action in ("payment:proof", "payment:verify"):
        if action in known:
            click = {"user": "reviewer", "do": "click", "message": card["id"]}
            await simulator.act({**click, "custom_id": known[action]["custom_id"]})
    return "payment:verify" in known


def _photo(seed: int) -> str:
    """A JPEG of twelve megapixels with detail everywhere, several megabytes large."""
    noise = Image.effect_noise((CAMERA[0] // 4, CAMERA[1] // 4), 40 + seed).resize(CAMERA)
    gradient = Image.linear_gradient("L").resize(CAMERA)
    picture = Image.merge("RGB", (noise, gradient, noise.transpose(Image.Transpose.ROTATE_180)))
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=90)
    return base64.b64encode(output.getvalue()).decode()


ALL: dict[str, Callable[[Path], None]] = {"click_storm": click_storm, "start": start, "memory": memory}
