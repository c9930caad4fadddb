"""A club that is worth looking at, and the pages served in a thread of their own, for tests with a browser."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from bot.demo_receipts import receipt
from bot.storage import LocalProofStorage
from bot.web.app import WebServer, make_app
from core import (
    closing,
    corrections,
    migrate,
    payments,
    roster_import,
    statement_links,
    subscriptions,
    tokens,
    upload_links,
    web_sessions,
)
from core.db import Database, LocalDatabase
from core.models import Actor, Member
from core.period import Period
from core.services import Services
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.site import FakeHost, options

R = TypeVar("R")

GERMAN = "Donaudampfschifffahrtsgesellschaftskapitänswitwe von Ungewöhnlichlangenstein-Hohenlohe"


class DeskServer:
    """The application on a free port of this machine; `run` does something in its event loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock()
        self.host = FakeHost()
        self.url = ""
        self.loop = asyncio.new_event_loop()

    def __enter__(self) -> DeskServer:
        path = self.folder / "potkeeper.db"
        migrate.prepare(path)
        self.local = LocalDatabase(path, self.clock)
        self.club = Club.create(self.local)
        self.host.owners[self.club.workspace.guild_id] = self.club.owner.discord_id
        started = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(path, started), daemon=True)
        self.thread.start()
        if not started.wait(10):
            raise RuntimeError("the pages were not served in time")
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(10)
        self.local.close()

    def _serve(self, path: Path, started: threading.Event) -> None:
        self.loop.run_until_complete(self._main(path, started))
        self.loop.close()

    async def _main(self, path: Path, started: threading.Event) -> None:
        self.stopping = asyncio.Event()
        async with Database(path, self.clock) as db:
            self.services = Services(db, self.clock, LocalProofStorage(self.folder / "proofs"))
            app = make_app(self.services, self.host, options("http://127.0.0.1"))
            async with WebServer(app, "127.0.0.1", 0) as server:
                self.url = f"http://127.0.0.1:{server.port}"
                started.set()
                await self.stopping.wait()

    def run(self, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
        return asyncio.run_coroutine_threadsafe(work(), self.loop).result(30)

    # --- who looks, and at what -------------------------------------------------------------------------------

    def session(self, actor: Actor) -> str:
        """The secret of a new session."""
        return self.local.write(
            web_sessions.start, actor.workspace_id, actor.discord_id, "link", owner_of=self.host.guild_owner
        ).secret

    def link(self, member: Member) -> str:
        """The path of a new upload link."""
        return f"/u/{self.local.write(upload_links.mint, self.club.reviewer, member.id)}"

    def submit(self, member: Member, *, picture: bytes | None = None, bills: int = 0, **more: Any) -> int:
        """Submit for a member, all that they owe or the first bills of it; returns the payment's id."""
        found = [bill.id for bill in self.club.bills(member) if bill.status in ("pending", "rejected")]
        chosen, actor = found[: bills or None], self.club.as_member(member)
        number = self.local.conn.execute("SELECT count(*) FROM payments").fetchone()[0]

        async def send() -> int:
            sent = await self.services.submit(
                actor, chosen, request_id=f"desk:{number}", picture=picture, **more
            )
            return sent.payment.id

        return self.run(send)


def furnish(server: DeskServer) -> dict[str, Any]:
    """Give the club members, three months and a queue; returns what screens are about."""
    club = server.club
    bank, mobile = (
        club.method("Bank transfer", instructions="Bank 812\nAccount 2888-1000"),
        club.method("LINE Pay", "mobile"),
    )
    plans = [
        club.plan("ChatGPT", 315),
        club.plan("Claude Pro", 640),
        club.plan("遊戲伺服器與雲端硬碟共享方案", 99),
    ]
    names = ("王小明", "Lena Fischer", "Aoife Ní Bhriain", GERMAN, "陳大文", "Priya Nair", "林美玲")
    members = [club.subscriber(plans[n % 3], name) for n, name in enumerate(names)]
    club.subscribe(members[0], plans[1])
    club.set(announce_channel_id=11, review_channel_id=12)
    for month in ("2026-04", "2026-05"):
        club.open(month)
        for member in members[:6]:
            club.verify(club.submit(member, method_id=bank.id))
    club.open("2026-06")
    green, blue = receipt("green", 1), receipt("blue", 2)
    first = server.submit(members[0], picture=green, bills=1, method_id=mobile.id, note="last five 12345")
    twin = server.submit(members[1], picture=green, method_id=bank.id)
    server.submit(members[2], note="paid in cash at the meeting")
    server.submit(members[3], picture=blue)
    rejected = server.submit(members[4])
    server.local.write(payments.reject, club.reviewer, rejected, "No transfer of this amount has arrived.")
    done = club.submit(members[5], method_id=mobile.id)
    club.verify(done, 500)
    server.clock.advance(hours=3)
    return {
        "waiting": first, "twin": twin, "rejected": rejected, "verified": done.id, "debtor": members[6],
        "member": members[0], "owing": members[4], "ahead": members[5],
        "pictures": server.local.conn.execute("SELECT count(*) FROM proofs").fetchone()[0],
    }  # fmt: skip


def stage_all_pages(server: DeskServer, things: dict[str, Any]) -> dict[str, Any]:
    """Bring about what the rest of the pages is about: links in every state, a pause, a waiver, an import."""
    club, people = server.club, [things[name] for name in ("member", "debtor", "owing", "ahead")]
    write, treasurer = server.local.write, club.treasurer
    member, debtor, owing, ahead = people
    write(closing.close, treasurer, Period("2026-04"))
    bill = club.bills(debtor)[0]
    write(corrections.waive, treasurer, bill.id, club.money(15), "away for two weeks")
    seats = {person.id: club.db.read(subscriptions.of_member, treasurer, person.id)[0] for person in people}
    write(subscriptions.pause, treasurer, seats[owing.id].subscription.id, "2026-07-01")
    imported = write(roster_import.import_roster, treasurer, b"name,e-mail\nRo Ster,roster@example.org\n")
    expired = server.link(debtor)
    used = server.link(owing)
    secret = used.removeprefix("/u/")

    async def spend() -> None:
        link = await server.services.db.read(upload_links.look, secret)
        assert link is not None
        assert link.form is not None
        chosen = [bill.id for group in link.form.groups for bill in group.bills]
        await server.services.submit(
            link.actor, chosen, request_id=link.request_id, member_id=owing.id, source="web", link=secret
        )

    server.run(spend)
    server.clock.advance(minutes=31)
    waiver = server.local.conn.execute("SELECT id FROM waivers").fetchone()[0]
    return {
        "upload": server.link(debtor), "used": used, "expired": expired, "nothing": server.link(ahead),
        "sent": tokens.digest(secret), "statement": server.local.write(statement_links.mint, club.as_member(member)),
        "member": member.id, "seat": seats[member.id].subscription.id, "paused": owing.id,
        "paused_seat": seats[owing.id].subscription.id, "bill": bill.id, "waiver": waiver,
        "import": imported.import_id,
    }  # fmt: skip


def screenshots() -> Path | None:
    """Where pictures of every screen are written, if anybody wants them."""
    folder = os.environ.get("SCREENSHOTS")
    if folder is None:
        return None
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path
