"""The running bot: everything is built in order here and closed in reverse."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import discord

from bot import api_base, lock
from bot.alerts import AlertSender
from bot.client import PotkeeperBot
from bot.config import ConfigError, Settings, require_token
from bot.jobs import JobRunner
from bot.notifier import Notifier
from bot.scheduler import Scheduler
from bot.storage import LocalProofStorage, S3ProofStorage
from bot.words import words
from core import migrate
from core.clock import Clock, SteppedClock, SystemClock
from core.db import Database
from core.errors import StorageUnreachable
from core.proofs import ProofStorage
from core.services import Services

log = logging.getLogger(__name__)

ANSWER_SECONDS = 3.0
LAST_RESORT_SECONDS = 9.5
LONGEST_LOGIN_WAIT = 60.0


async def run(settings: Settings, *, last_resort: bool = False) -> None:
    """Run the bot until SIGINT or SIGTERM; `last_resort` is for a process that does nothing else.

    Raises ConfigError, AlreadyRunning, OSError, a DomainError, CogBroken or discord.LoginFailure when it
    cannot start, and what discord.py raises when Discord refuses it for good.
    """
    work = asyncio.create_task(_serve(settings), name="bot")
    asked = _stop_on_signals(work, last_resort=last_resort)
    try:
        await work
    except asyncio.CancelledError:
        if not asked.is_set():
            raise
        log.info("stopped")


async def _serve(settings: Settings) -> None:
    token = require_token(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(lock.hold(settings.data_dir))
        migrate.prepare(settings.database)
        clock = make_clock(settings)
        db = await stack.enter_async_context(Database(settings.database, clock))
        storage = make_storage(settings)
        await _check_storage(storage)
        api_base.use(settings.discord.api_base)
        sender = AlertSender(allow_private=settings.alerts.allow_private)
        alert_port = await stack.enter_async_context(sender)
        services = Services(db, clock, storage, alert_port, month_link(settings))
        client = PotkeeperBot(settings, services)
        stack.push_async_callback(client.close)
        await client.load()
        await _serve_pages(stack, settings, client)
        await _log_in(client, token)
        connection = asyncio.create_task(client.connect(), name="gateway")
        stack.push_async_callback(_end, client, connection)
        notifier = await stack.enter_async_context(Notifier(client))
        jobs = JobRunner(client.services)
        await stack.enter_async_context(
            Scheduler(clock, jobs, notifier, seconds=settings.scheduler.tick_seconds)
        )
        await _announce(client, connection)
        await connection


def month_link(settings: Settings) -> Callable[[int, str], str] | None:
    """How the address of a member's month on the pages is made; None while there are no pages."""
    address = settings.web.address
    if address is None:
        return None
    return lambda member_id, month: f"{address}/members/{member_id}?period={month}"


def make_clock(settings: Settings) -> Clock:
    """The machine's clock, or the one that a simulator moves."""
    return SystemClock() if settings.clock_file is None else SteppedClock(settings.clock_file)


def make_storage(settings: Settings) -> ProofStorage:
    """Where proofs are kept; raises a DomainError when that is configured wrongly."""
    if settings.proofs.kind == "local":
        return LocalProofStorage(proof_folder(settings.data_dir))
    s3 = settings.proofs.s3
    return S3ProofStorage(
        s3.endpoint,
        s3.bucket,
        s3.access_key,
        s3.secret_key.get_secret_value(),
        secure=s3.secure,
        region=s3.region,
        prefix=s3.prefix,
    )


def proof_folder(data_dir: Path) -> Path:
    """Where a data folder keeps its pictures."""
    return data_dir / "proofs"


async def _serve_pages(stack: AsyncExitStack, settings: Settings, client: PotkeeperBot) -> None:
    """Serve the web pages, where they are switched on; only then are they imported. Raises ConfigError."""
    chosen = settings.web
    if chosen.port is None or chosen.address is None:
        return
    from bot.web.app import WebServer, make_app
    from bot.web.options import DemoDoor, WebOptions
    from bot.web.paths import PublicUrl
    from bot.web_host import DiscordHost
    from bot.web_sign_ins import metrics_of, sign_ins_of

    demo = None
    if chosen.demo_secret is not None and chosen.demo_account is not None:
        demo = DemoDoor(chosen.demo_secret.get_secret_value(), chosen.demo_account)
    options = WebOptions(
        PublicUrl.parse(chosen.address), tuple(chosen.trusted_proxies), demo=demo, metrics=metrics_of(chosen),
        sign_ins=sign_ins_of(chosen),
    )  # fmt: skip
    app = make_app(client.services, DiscordHost(client), options)
    try:
        await stack.enter_async_context(WebServer(app, chosen.host, chosen.port))
    except OSError as error:
        reason = error.strerror or str(error)
        place = f"{chosen.host}:{chosen.port}"
        text = words("bot.web_not_served", address=place, reason=reason)
        raise ConfigError(text) from None
    log.info("the web pages are at %s", chosen.address)


async def _check_storage(storage: ProofStorage) -> None:
    """Refuse a storage that cannot work. One that is only down now is no reason to keep the club waiting."""
    try:
        await storage.check()
    except StorageUnreachable as error:
        log.warning("screenshots cannot be stored for now: %s", error)


async def _log_in(client: PotkeeperBot, token: str) -> None:
    """Log in; while Discord cannot be reached, try again ever less often."""
    wait = 1.0
    while True:
        try:
            await client.login(token)
            return
        except (OSError, aiohttp.ClientError, discord.DiscordServerError) as error:
            log.warning("Discord cannot be reached, trying again in %.0f s: %s", wait, error)
        await client.http.close()
        client.http.connector = discord.utils.MISSING  # it was closed with the session
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_LOGIN_WAIT)


async def _announce(client: PotkeeperBot, connection: asyncio.Task[None]) -> None:
    """Say `ready` on standard output once Discord has let us in, for whoever started this process."""
    up = asyncio.create_task(client.up.wait())
    await asyncio.wait([up, connection], return_when=asyncio.FIRST_COMPLETED)
    up.cancel()
    if client.up.is_set():
        log.info("ready: serving %d servers", len(client.guilds))
        sys.stdout.write("ready\n")
        sys.stdout.flush()


async def _end(client: PotkeeperBot, connection: asyncio.Task[None]) -> None:
    """Let the answers in flight be given, then leave the gateway."""
    await client.finish_handlers(ANSWER_SECONDS)
    await client.close()
    connection.cancel()
    await asyncio.wait([connection])


def _stop_on_signals(work: asyncio.Task[None], *, last_resort: bool) -> asyncio.Event:
    """End the work at the first signal; a second one changes nothing.

    With `last_resort` the process leaves some seconds later even if a thread hangs: the books take no harm.
    """
    asked = asyncio.Event()

    def stop() -> None:
        if asked.is_set():
            return
        asked.set()
        work.cancel()
        if last_resort:
            timer = threading.Timer(LAST_RESORT_SECONDS, os._exit, [1])
            timer.daemon = True
            timer.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return asked
