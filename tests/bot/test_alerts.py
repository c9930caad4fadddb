"""Alerts over real sockets: shapes, refusals, time-outs, and that only public addresses are called."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot import alerts as alert_sending
from bot.alerts import AlertSender, is_public
from bot.notifier import LANES_AT_ONCE
from core import alerts, sending, workspaces
from core.alerts import Alert, AlertOutcome
from core.db import LocalDatabase
from core.models import Notice, NoticeId
from core.store.alert_targets import AlertTarget
from tests.alert_hook import SECRET, Hook, hook
from tests.bot.outbox import Outbox, until
from tests.factories import Club
from tests.fakes import FixedClock

__all__ = ["hook"]  # a fixture

LINK = "https://pot.example/members/7?period=2026-06"


def alert(
    target: str, kind: str = "webhook", server: str = "", text: str = "Ann paid 100% / NT$300?"
) -> Alert:
    return Alert(
        AlertTarget(1, 1, kind, "Ops", target, server), text, "Ann", "NT$300", 300, "June 2026", 7, "2026-06"
    )


async def send(sent: Alert, link: str = LINK, *, allow_private: bool = True) -> AlertOutcome:
    async with AlertSender(allow_private=allow_private) as sender:
        return await sender.send(sent, link)


async def test_bark_gets_key_and_text_escaped_in_the_path_and_the_link_as_url(hook: Hook):
    outcome = await send(alert("KEY", "bark", hook.url(path="")))
    assert outcome == AlertOutcome(sent=True)
    assert hook.asked == [(
        "GET",
        "/KEY/Ann%20paid%20100%25%20%2F%20NT%24300%3F"
        "?url=https%3A%2F%2Fpot.example%2Fmembers%2F7%3Fperiod%3D2026-06",
        None,
    )]  # fmt: skip


async def test_bark_without_pages_has_no_url(hook: Hook):
    await send(alert("KEY", "bark", hook.url(path=""), "hi"), link="")
    assert hook.asked[0][1] == "/KEY/hi"


async def test_a_webhook_gets_json_with_everything_and_the_link_on_a_line_of_its_own(hook: Hook):
    assert (await send(alert(hook.url()))).sent
    method, path, body = hook.asked[0]
    assert (method, path) == ("POST", f"/{SECRET}")
    assert body == {
        "text": f"Ann paid 100% / NT$300?\n→ {LINK}", "payer": "Ann", "amount": 300, "amount_text": "NT$300",
        "period": "2026-06", "link": LINK,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (204, AlertOutcome(sent=True)),
        (500, AlertOutcome(sent=False, reason="answered 500")),
        (503, AlertOutcome(sent=False, reason="answered 503")),
        (429, AlertOutcome(sent=False, reason="answered 429")),
        (408, AlertOutcome(sent=False, reason="answered 408")),
        (404, AlertOutcome(sent=False, reason="answered 404", final=True)),
        (410, AlertOutcome(sent=False, reason="answered 410", final=True)),
        (301, AlertOutcome(sent=False, reason="answered 301", final=True)),
        (307, AlertOutcome(sent=False, reason="answered 307", final=True)),
    ],
)
async def test_each_answer_is_an_outcome_and_no_redirect_is_followed(
    hook: Hook, status: int, expected: AlertOutcome
):
    hook.answers = [status]
    assert await send(alert(hook.url())) == expected
    assert [path for _, path, _ in hook.asked] == [f"/{SECRET}"]


async def test_a_slow_server_is_given_up(hook: Hook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(alert_sending, "SECONDS", 0.1)
    hook.wait = asyncio.Event()
    assert await send(alert(hook.url())) == AlertOutcome(sent=False, reason="no_answer")


async def test_nobody_there(hook: Hook):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert await send(alert(f"http://127.0.0.1:{port}/")) == AlertOutcome(sent=False, reason="unreachable")


async def test_a_server_that_is_none_is_broken_off():
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"\x00\x01 nonsense\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(rude, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await send(alert(f"http://127.0.0.1:{port}/")) == AlertOutcome(sent=False, reason="broken_off")


# --- only public addresses --------------------------------------------------------------------------------

PRIVATE_HOSTS = [
    "127.0.0.1", "localhost", "0.0.0.0",  # noqa: S104 - an address to be refused
    "10.0.0.1", "172.16.0.9", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fd00::1]",
    "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "224.0.0.1", "2130706433", "0x7f000001", "127.1", "017700000001",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
async def test_addresses_of_this_machine_and_its_network_are_never_called(hook: Hook, host: str):
    outcome = await send(alert(hook.url(host)), allow_private=False)
    assert outcome.sent is False
    assert outcome.reason in ("not_public", "unreachable"), outcome
    assert hook.asked == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0", "0177.0.0.1", "017700000001", "127.0.0.1."])
async def test_what_only_some_systems_read_as_an_address_is_none(hook: Hook, host: str):
    assert await send(alert(hook.url(host)), allow_private=False) == alert_sending.NOT_PUBLIC
    assert hook.asked == []


async def test_a_name_that_leads_to_a_private_address_is_refused_when_connecting(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []

    async def resolve(self: Any, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        asked.append(host)
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for address in ("127.0.0.1", "10.1.2.3")
        ]

    monkeypatch.setattr(aiohttp.resolver.ThreadedResolver, "resolve", resolve)
    outcome = await send(alert(hook.url("hooks.example")), allow_private=False)
    assert outcome == AlertOutcome(sent=False, reason="not_public", final=True)
    assert asked == ["hooks.example"]
    assert hook.asked == []
    assert (await send(alert(hook.url("hooks.example")))).sent, "an operator may allow it"


async def test_of_several_addresses_only_public_ones_are_used(monkeypatch: pytest.MonkeyPatch):
    resolver = alert_sending.PublicResolver(allow_private=False)

    async def both(host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        return [{"host": "10.0.0.1"}, {"host": "93.184.216.34"}]

    monkeypatch.setattr(resolver._resolver, "resolve", both)
    assert await resolver.resolve("x") == [{"host": "93.184.216.34"}]
    await resolver.close()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True), ("1.1.1.1", True),
        ("::ffff:1.1.1.1", True), ("2002:101:101::", True), ("64:ff9b::101:101", True),
        ("::ffff:192.168.0.1", False), ("2002:c0a8:1::", False), ("64:ff9b::a00:1", False),
        ("fe80::1%eth0", False), ("ff02::1", False), ("198.18.0.1", False), ("240.0.0.1", False),
        ("255.255.255.255", False), ("192.0.2.1", False), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool):
    ipaddress.ip_address(address.split("%")[0])
    assert is_public(address) is public


# --- from the outbox --------------------------------------------------------------------------------------


@pytest.fixture
async def club(outbox: Outbox, hook: Hook) -> AsyncIterator[Club]:
    """A club whose member has just submitted a payment, of which this hook is to be told."""
    services = outbox.client.services
    services.month_link = lambda member, month: f"https://pot.example/members/{member}?period={month}"
    with LocalDatabase(outbox.db.path, outbox.clock) as local:
        found = local.read(lambda tx: workspaces.by_guild(tx, 700_000))
        assert found is not None
        made = Club(local, found)
        local.write(alerts.add_webhook, made.treasurer, "Ops", hook.url())
        member = made.subscriber(made.plan(), "Ann")
        made.open()
        local.conn.execute("DELETE FROM notices")
        made.submit(member)
        local.conn.execute("DELETE FROM notices WHERE kind <> 'alert'")
        async with AlertSender(allow_private=True) as services.alert_port:
            yield made


async def the_alert(outbox: Outbox) -> Notice:
    return await outbox.notice(await outbox.db.read(lambda tx: _newest_alert(tx.conn)))


def _newest_alert(conn: Any) -> int:
    return int(conn.execute("SELECT max(id) FROM notices WHERE kind = 'alert'").fetchone()[0])


async def test_a_submission_is_told_with_the_link_to_the_member_s_month(
    outbox: Outbox, hook: Hook, club: Club
):
    await outbox.drain()
    (asked,) = hook.asked
    member = club.db.conn.execute("SELECT id FROM members").fetchone()[0]
    assert asked[2]["text"].startswith("Ann says they paid NT$300 for June 2026.")
    assert asked[2]["link"] == f"https://pot.example/members/{member}?period=2026-06"
    assert ((await the_alert(outbox)).status, (await the_alert(outbox)).attempts) == ("sent", 1)


async def test_a_refusal_for_the_moment_is_tried_again(
    outbox: Outbox, hook: Hook, club: Club, clock: FixedClock
):
    hook.answers = [500, 503, 200]
    for status in ("waiting", "waiting", "sent"):
        await outbox.drain()
        assert (await the_alert(outbox)).status == status
        clock.advance(minutes=10)
    assert len(hook.asked) == 3
    assert club.notices("alert_failed") == []


async def test_a_target_that_is_gone_fails_at_once_is_told_and_can_be_tried_again(
    outbox: Outbox, hook: Hook, club: Club
):
    hook.answers = [410]
    await outbox.drain()
    failed = await the_alert(outbox)
    assert (failed.status, failed.error) == ("failed", "answered 410")
    assert club.notices("alert_failed") == [("alert_failed", "admin", 0)]
    club.db.write(sending.retry, club.id, NoticeId(failed.id))
    club.db.conn.execute("DELETE FROM notices WHERE kind = 'alert_failed'")
    await outbox.drain()
    assert (await the_alert(outbox)).status == "sent"


async def test_what_is_never_taken_fails_after_some_tries(
    outbox: Outbox, hook: Hook, club: Club, clock: FixedClock
):
    hook.answers = [500] * 20
    for _ in range(sending.GIVE_UP_AFTER):
        await outbox.drain()
        clock.advance(hours=2)
    assert (await the_alert(outbox)).status == "failed"
    assert len(hook.asked) == sending.GIVE_UP_AFTER
    assert len(club.notices("alert_failed")) == 1
    club.db.conn.execute("DELETE FROM notices WHERE kind = 'alert_failed'")


async def test_without_a_sender_alerts_wait(outbox: Outbox, hook: Hook, club: Club):
    outbox.client.services.alert_port = None
    await outbox.drain()
    assert ((await the_alert(outbox)).status, hook.asked) == ("waiting", [])


async def test_the_secret_stands_in_no_log_and_no_error(
    outbox: Outbox, hook: Hook, club: Club, caplog: pytest.LogCaptureFixture, clock: FixedClock
):
    caplog.set_level(logging.DEBUG)
    hook.answers = [500, 410]
    await outbox.drain()
    clock.advance(minutes=10)
    await outbox.drain()
    club.db.conn.execute("UPDATE alert_targets SET target = 'http://127.0.0.1:1/' || ?", (SECRET,))
    club.db.write(sending.retry, club.id, NoticeId((await the_alert(outbox)).id))
    club.db.conn.execute("DELETE FROM notices WHERE kind = 'alert_failed'")
    await outbox.drain()
    assert (await the_alert(outbox)).error == "unreachable"
    assert SECRET not in caplog.text
    kept = [row for row in club.db.conn.iterdump() if SECRET in row]
    assert [row.split("(")[0] for row in kept] == ['INSERT INTO "alert_targets" VALUES']
    assert club.notices("alert_failed") == []


async def test_a_slow_hook_delays_no_other_notice(outbox: Outbox, hook: Hook, club: Club):
    hook.wait = asyncio.Event()
    await outbox.queue("for all")
    task = asyncio.create_task(outbox.notifier.drain())
    await until(lambda: outbox.said("dues") == ["for all r1"])
    assert (await the_alert(outbox)).status == "waiting"
    hook.wait.set()
    await task
    assert (await the_alert(outbox)).status == "sent"


async def test_a_row_of_slow_hooks_delays_no_member(outbox: Outbox, hook: Hook, club: Club):
    """As many targets as a club may have, none of which answers, and each with its own lane."""
    hook.wait = asyncio.Event()
    for number in range(alerts.MOST_TARGETS - 1):
        club.db.write(alerts.add_webhook, club.treasurer, f"Slow {number}", hook.url())
    member = club.subscriber(club.plan("Other"))
    club.open()
    club.submit(member)
    task = asyncio.create_task(outbox.notifier.drain())
    await until(lambda: len(hook.asked) >= LANES_AT_ONCE)
    await outbox.queue("your payment has arrived", target="user", target_id=outbox.user_id("member1"))
    outbox.notifier.wake()
    await outbox.notifier._dispatch()
    await until(lambda: outbox.said_to("member1") == ["your payment has arrived r1"])
    hook.wait.set()
    await task
