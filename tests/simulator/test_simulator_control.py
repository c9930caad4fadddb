"""The control API: what a script may ask, what it is refused and why, the clock and the live views."""

import asyncio
import base64
import json
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulator import Simulator
from tests.simulator.small_bot import SmallBot, until

DOCS = Path(__file__).parents[2] / "docs" / "simulator.md"


async def call(
    http: aiohttp.ClientSession, method: str, path: str, body: Any = None
) -> tuple[int, dict[str, Any]]:
    async with http.request(method, path, json=body) as answer:
        return answer.status, await answer.json()


async def act(http: aiohttp.ClientSession, **body: Any) -> tuple[int, dict[str, Any]]:
    return await call(http, "POST", "/control/act", body)


def everything(simulator: Simulator) -> str:
    """The whole state apart from what only counts requests or is the time."""
    state = simulator.state()
    state["counters"].pop("requests")
    state.pop("clock")
    views = [simulator.view(user["key"]) for user in state["users"]]
    for view in views:
        view.pop("clock")
    return json.dumps([state, views])


BAD: list[tuple[str, str, Any, int, str, str | None]] = [
    ("GET", "/control/view", None, 400, "invalid_user", "user"),
    ("GET", "/control/view?user=nobody", None, 400, "unknown_user", "user"),
    ("GET", "/control/view?user=bot", None, 400, "unknown_user", "user"),
    ("GET", "/control/view?user=owner&limit=0", None, 400, "invalid_limit", "limit"),
    ("GET", "/control/view?user=owner&limit=x", None, 400, "invalid_limit", "limit"),
    ("GET", "/control/view?user=owner&guild=5", None, 400, "unknown_guild", "guild"),
    ("GET", "/control/view?user=owner&more=1", None, 400, "unknown_field", "more"),
    ("GET", "/control/state?user=owner", None, 400, "unknown_field", "user"),
    ("GET", "/control/ws?user=nobody", None, 400, "unknown_user", "user"),
    ("GET", "/control/nothing", None, 404, "not_found", None),
    ("GET", "/control", None, 404, "not_found", None),
    ("GET", "/control/act", None, 405, "wrong_method", None),
    ("POST", "/control/state", {}, 405, "wrong_method", None),
    ("POST", "/control/ws?user=owner", {}, 405, "wrong_method", None),
    ("GET", "/control/ws?user=owner", None, 400, "no_websocket", None),
    ("POST", "/control/act", [], 400, "invalid_body", None),
    ("POST", "/control/act", {"user": "owner"}, 400, "invalid_do", "do"),
    ("POST", "/control/act", {"user": "owner", "do": "dance"}, 400, "invalid_do", "do"),
    ("POST", "/control/act", {"user": "owner", "do": "click", "name": "x"}, 400, "unknown_field", "name"),
    ("POST", "/control/act", {"do": "command", "name": "echo"}, 400, "invalid_user", "user"),
    ("POST", "/control/act", {"user": "bot", "do": "command", "name": "echo"}, 400, "unknown_user", "user"),
    (
        "POST",
        "/control/act",
        {"user": "owner", "do": "command", "name": "echo", "force": 1},
        400,
        "invalid_force",
        "force",
    ),
    ("POST", "/control/clock", {}, 400, "invalid_clock", "days"),
    ("POST", "/control/clock", {"days": 1, "to": "2030-01-01"}, 400, "invalid_clock", "days"),
    ("POST", "/control/clock", {"days": -1}, 400, "invalid_days", "days"),
    ("POST", "/control/clock", {"days": 1.5}, 400, "invalid_days", "days"),
    ("POST", "/control/clock", {"days": True}, 400, "invalid_days", "days"),
    ("POST", "/control/clock", {"days": 401}, 400, "invalid_days", "days"),
    ("POST", "/control/clock", {"to": "2026-13-45"}, 400, "invalid_to", "to"),
    ("POST", "/control/clock", {"to": "tomorrow"}, 400, "invalid_to", "to"),
    ("POST", "/control/clock", {"to": "2030-W01-1"}, 400, "invalid_to", "to"),
    ("POST", "/control/clock", {"to": 5}, 400, "invalid_to", "to"),
    ("POST", "/control/clock", {"to": "2001-01-01"}, 400, "clock_backwards", "to"),
    ("POST", "/control/clock", {"to": "9999-01-01"}, 400, "invalid_to", "to"),
    ("POST", "/control/clock", {"to": "2030-01-01T09:00:00"}, 400, "invalid_to", "to"),
    ("POST", "/control/clock", {"hours": 5}, 400, "unknown_field", "hours"),
    ("POST", "/control/clock", {"days": 1}, 409, "clock_off", None),
    ("POST", "/control/fault", {}, 400, "invalid_kind", "kind"),
    ("POST", "/control/fault", {"kind": "fire"}, 400, "invalid_kind", "kind"),
    ("POST", "/control/fault", [1], 400, "invalid_body", None),
    ("POST", "/control/fault", {"kind": "dm_closed", "user": "owner"}, 400, "invalid_on", "on"),
    ("POST", "/control/fault", {"kind": "dm_closed", "user": "x", "on": True}, 400, "unknown_user", "user"),
    (
        "POST",
        "/control/fault",
        {"kind": "dm_closed", "on": True, "user": "owner", "times": 1},
        400,
        "unknown_field",
        "times",
    ),
    ("POST", "/control/fault", {"kind": "drop", "resume": "no"}, 400, "invalid_resume", "resume"),
    ("POST", "/control/fault", {"kind": "rate_limit", "times": 1001}, 400, "invalid_times", "times"),
    ("POST", "/control/fault", {"kind": "rate_limit", "times": "2"}, 400, "invalid_times", "times"),
    ("POST", "/control/fault", {"kind": "rate_limit", "route": 5}, 400, "invalid_route", "route"),
    (
        "POST",
        "/control/fault",
        {"kind": "rate_limit", "retry_after": 61},
        400,
        "invalid_retry_after",
        "retry_after",
    ),
    ("POST", "/control/fault", {"kind": "rate_limit", "global": "yes"}, 400, "invalid_global", "global"),
    ("POST", "/control/fault", {"kind": "rate_limit", "status": 500}, 400, "unknown_field", "status"),
    ("POST", "/control/fault", {"kind": "http_5xx", "status": 404}, 400, "invalid_status", "status"),
    ("POST", "/control/locale", {"user": "owner", "locale": "tw"}, 400, "invalid_locale", "locale"),
    ("POST", "/control/locale", {"user": "owner"}, 400, "invalid_locale", "locale"),
    ("POST", "/control/locale", {"user": "owner", "locale": ["ja"]}, 400, "invalid_locale", "locale"),
    ("POST", "/control/locale", {"user": {}, "locale": "ja"}, 400, "invalid_user", "user"),
    ("POST", "/control/reset", {}, 409, "reset_off", None),
    ("POST", "/control/reset", {"to": "x"}, 400, "unknown_field", "to"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "error", "field"), BAD)
async def test_bad_input_is_named_and_changes_nothing(
    simulator: Simulator,
    http: aiohttp.ClientSession,
    method: str,
    path: str,
    body: Any,
    status: int,
    error: str,
    field: str | None,
) -> None:
    before = everything(simulator)
    answered, answer = await call(http, method, path, body)
    assert (answered, answer["error"], answer["field"]) == (status, error, field)
    assert answer["message"].endswith(".")
    assert everything(simulator) == before


async def test_a_body_that_is_no_json_is_refused(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    for path in ("act", "clock", "fault", "locale"):
        for raw in (b"", b"{", b"\xff", b"[" * 100_000, b'{"days": NaN}', b'{"days": Infinity}'):
            async with http.post(f"/control/{path}", data=raw) as answer:
                assert (answer.status, (await answer.json())["error"]) == (400, "invalid_json")


async def test_acting_without_a_bot_is_refused(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    status, answer = await act(http, user="owner", do="command", name="echo")
    assert (status, answer["error"]) == (409, "bot_offline")


FILE = {"filename": "a.png", "content_base64": base64.b64encode(b"x").decode()}
BAD_ACTS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "invalid_name", "name"),
    ({"name": 5}, "invalid_name", "name"),
    ({"name": "nothing"}, "unknown_command", "name"),
    ({"name": "club billing"}, "unknown_command", "name"),
    ({"name": "secret"}, "unknown_command", "name"),
    ({"name": "echo"}, "missing_option", "text"),
    ({"name": "echo", "options": []}, "invalid_options", "options"),
    ({"name": "echo", "options": {"text": "x", "more": 1}}, "unknown_option", "more"),
    ({"name": "echo", "options": {"text": 5}}, "invalid_option", "text"),
    ({"name": "echo", "options": {"text": ""}}, "invalid_option", "text"),
    ({"name": "echo", "options": {"text": "x" * 6001}}, "invalid_option", "text"),
    ({"name": "echo", "options": {"text": "x", "times": 4}}, "invalid_option", "times"),
    ({"name": "echo", "options": {"text": "x", "times": 1.5}}, "invalid_option", "times"),
    ({"name": "echo", "options": {"text": "x", "times": True}}, "invalid_option", "times"),
    ({"name": "fruit", "options": {"name": "x", "again": "yes"}}, "invalid_option", "again"),
    ({"name": "whois", "options": {"user": "nobody"}}, "unknown_user", "user"),
    ({"name": "whois", "options": {"user": ["owner"]}}, "invalid_user", "user"),
    ({"name": "whois", "options": {"user": "owner", "role": "King"}}, "unknown_role", "role"),
    ({"name": "whois", "options": {"user": "owner", "channel": "cellar"}}, "unknown_channel", "channel"),
    ({"name": "whois", "options": {"user": "owner", "channel": "admin"}}, "unknown_channel", "channel"),
    ({"name": "whois", "options": {"user": "owner", "file": "x"}}, "invalid_option", "file"),
    ({"name": "whois", "options": {"user": "owner"}, "files": {"role": FILE}}, "invalid_option", "role"),
    ({"name": "whois", "options": {"user": "owner"}, "files": {"file": 5}}, "invalid_file", "file"),
    (
        {"name": "whois", "options": {"user": "owner"}, "files": {"file": {"filename": "a"}}},
        "invalid_file",
        "file",
    ),
    (
        {"name": "whois", "options": {"user": "owner"}, "files": {"file": FILE | {"content_base64": "?"}}},
        "invalid_file",
        "file",
    ),
    (
        {"name": "whois", "options": {"user": "owner"}, "files": {"file": FILE | {"size": 1}}},
        "unknown_field",
        "file",
    ),
    ({"name": "echo", "options": {"text": "x"}, "channel": "admin"}, "unknown_channel", "channel"),
    ({"name": "echo", "options": {"text": "x"}, "channel": "99"}, "unknown_channel", "channel"),
    ({"name": "echo", "options": {"text": "x"}, "channel": []}, "invalid_channel", "channel"),
    ({"name": "echo", "options": {"text": "x"}, "guild": "elsewhere"}, "unknown_guild", "guild"),
    ({"do": "autocomplete", "name": "fruit", "focused": "again"}, "no_autocomplete", "focused"),
    ({"do": "autocomplete", "name": "fruit", "focused": "x"}, "unknown_option", "focused"),
    ({"do": "autocomplete", "name": "fruit"}, "unknown_option", "focused"),
    ({"do": "click", "custom_id": "x"}, "invalid_message", "message"),
    ({"do": "click", "message": "12", "custom_id": "x"}, "unknown_message", "message"),
    ({"do": "click", "message": "MESSAGE", "custom_id": "x"}, "unknown_custom_id", "custom_id"),
    ({"do": "click", "message": "MESSAGE", "custom_id": "colour"}, "unknown_custom_id", "custom_id"),
    ({"do": "click", "message": "MESSAGE"}, "invalid_custom_id", "custom_id"),
    (
        {"do": "click", "message": "MESSAGE", "custom_id": "open-form", "user": "member2"},
        "unknown_message",
        "message",
    ),
    ({"do": "select", "message": "MESSAGE", "custom_id": "colour"}, "invalid_values", "values"),
    ({"do": "select", "message": "MESSAGE", "custom_id": "colour", "values": []}, "invalid_values", "values"),
    (
        {"do": "select", "message": "MESSAGE", "custom_id": "colour", "values": ["g"]},
        "invalid_values",
        "values",
    ),
    (
        {"do": "select", "message": "MESSAGE", "custom_id": "colour", "values": ["r", "r"]},
        "invalid_values",
        "values",
    ),
    (
        {"do": "select", "message": "MESSAGE", "custom_id": "colour", "values": [["r"]]},
        "invalid_values",
        "values",
    ),
    (
        {"do": "select", "message": "MESSAGE", "custom_id": "who", "values": ["nobody"]},
        "unknown_user",
        "values",
    ),
    ({"do": "submit", "user": "member2"}, "no_modal", "user"),
    ({"do": "submit", "custom_id": "other"}, "no_modal", "custom_id"),
    ({"do": "submit", "custom_id": 5}, "invalid_custom_id", "custom_id"),
    ({"do": "submit", "values": {"other": "x"}}, "unknown_custom_id", "other"),
    ({"do": "submit", "values": {"note": "x" * 21}}, "invalid_values", "note"),
    ({"do": "submit", "values": {"note": 5}}, "invalid_values", "note"),
    ({"do": "submit", "values": {"method": []}}, "invalid_values", "method"),
    ({"do": "submit", "values": {"method": ["gold"]}}, "invalid_values", "method"),
    ({"do": "submit", "values": {"kind": "Three"}}, "invalid_values", "kind"),
    ({"do": "submit", "values": {"kind": None}}, "missing_value", "kind"),
    ({"do": "submit", "values": {"proof": "x"}}, "invalid_values", "proof"),
    ({"do": "submit", "files": {"note": [FILE]}}, "invalid_values", "note"),
    ({"do": "submit", "files": {"proof": [FILE] * 3}}, "invalid_files", "proof"),
    ({"do": "submit", "files": {"proof": "x"}}, "invalid_files", "proof"),
    ({"do": "dismiss", "user": "member2"}, "no_modal", "user"),
]


async def test_what_discord_would_not_let_a_person_do_is_refused(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    _, shown = await act(http, user="member1", do="command", name="chooser")
    message = shown["messages"][0]["id"]
    await act(http, user="member1", do="click", message=message, custom_id="open-form")
    before = everything(simulator)
    for more, error, field in BAD_ACTS:
        body = {"user": "member1", "do": "command"} | more
        if body.get("message") == "MESSAGE":
            body["message"] = message
        status, answer = await act(http, **body)
        assert (status, answer["error"], answer["field"]) == (400, error, field), (more, answer)
        assert everything(simulator) == before, more
    assert simulator.world.files == {}


async def test_force_sends_what_a_forged_client_would(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    _, shown = await act(http, user="member1", do="command", name="chooser")
    message = shown["messages"][0]["id"]
    _, answer = await act(
        http, user="member1", do="click", message=message, custom_id="count:up:99", force=True
    )
    assert answer["messages"][0]["content"] == "clicked 99 as xiaoming"

    await act(http, user="member1", do="command", name="oldform")
    form = simulator.view("member1")["modal"]["custom_id"]
    once = {"user": "member1", "do": "submit", "values": {"text": "twice"}}
    assert (await act(http, **once))[1]["acknowledged"]
    simulator.interactions.ack_seconds = 0.1
    await act(http, **once, custom_id=form, force=True)
    first, second = list(simulator.interactions.by_id.values())[-2:]
    assert first.data == second.data  # what a second click on Submit would have sent

    for body in (
        {"do": "click", "message": message, "custom_id": "gone"},
        {"do": "submit", "custom_id": "forged", "values": {"a": "b", "c": ["d"], "e": True}},
        {"do": "command", "name": "echo", "options": {"surprise": 1}},
    ):
        status, answer = await act(http, user="member1", force=True, **body)
        assert (status, answer["acknowledged"], answer["error"]["error"]) == (200, False, "no_answer")


async def test_a_form_can_be_dismissed(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    await act(http, user="member1", do="command", name="oldform")
    assert simulator.view("member1")["modal"]["title"] == "Old"
    assert (await act(http, user="member1", do="dismiss"))[0] == 200
    assert simulator.view("member1")["modal"] is None


async def test_only_this_machine_may_ask(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    own = simulator.url
    for headers, status in (
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "["}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": own}, 200),
        ({"Host": own.replace("http://127.0.0.1", "localhost")}, 200),
        ({}, 200),
    ):
        for path in ("/control/state", "/api/v10/gateway"):
            async with http.get(path, headers=headers) as answer:
                assert answer.status == status, headers
    for path in ("/gateway", "/control/ws?user=owner"):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(path, headers={"Origin": "https://evil.example"})


async def test_it_listens_on_loopback_only() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "example.org", ""):  # noqa: S104 - that it is refused is the point
        with pytest.raises(ValueError, match="this machine only"):
            await Simulator().start(host)


async def test_views_differ_by_what_each_may_see(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    seen = {}
    for key in ("owner", "treasurer", "reviewer", "member1", "newcomer", "unlinked"):
        _, view = await call(http, "GET", f"/control/view?user={key}")
        seen[key] = [c["name"] for c in view["channels"]]
        assert view["me"]["key"] == key
        assert [u["key"] for u in view["users"]][-1] == "bot"
    assert seen["owner"] == seen["treasurer"] == ["general", "dues", "review", "admin"]
    assert seen["reviewer"] == ["general", "dues", "review"]
    assert seen["member1"] == seen["newcomer"] == seen["unlinked"] == ["general", "dues"]
    _, view = await call(http, "GET", "/control/view?user=treasurer")
    assert {c["name"]: c["private"] for c in view["channels"]}["admin"]
    assert view["me"]["initials"] == "陳"
    assert view["me"]["roles"][0] == {
        "id": view["me"]["roles"][0]["id"],
        "name": "Treasurer",
        "color": "#e67e22",
    }


async def test_locale_is_switched(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    status, user = await call(http, "POST", "/control/locale", {"user": "member2", "locale": "ja"})
    assert (status, user["key"], user["locale"]) == (200, "member2", "ja")
    assert simulator.world.user("member2").locale == "ja"


async def test_page_files_are_served_and_nothing_outside_their_folder(
    simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    async with http.get("/") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "default-src" in answer.headers["Content-Security-Policy"]
    for path in ("/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/page/index.html", "/server.py"):
        async with http.get(aiohttp.client.URL(simulator.url + path, encoded=True)) as answer:
            assert answer.status == 404, path
    async with http.get(f"/cdn/avatars/{simulator.world.user('member1').id}.svg") as answer:
        assert (answer.status, "王" in await answer.text()) == (200, True)


# --- live views ---


async def test_live_view_comes_at_once_and_after_changes_that_one_can_see(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect("/control/ws?user=member1") as page, asyncio.timeout(5):
        first = await page.receive_json()
        assert (first["type"], first["view"]["user"]) == ("view", "member1")
        await simulator.act({"user": "member1", "do": "command", "name": "echo", "options": {"text": "hi"}})
        while not (await page.receive_json())["view"]["channels"][0]["messages"]:
            pass
        [live] = simulator.control.pages
        await until(lambda: not live.is_stale.is_set())
        await simulator.act(
            {"user": "member2", "do": "command", "name": "echo", "options": {"text": "secret"}}
        )
        assert not live.is_stale.is_set()
    await until(lambda: not simulator.control.pages)


async def test_many_changes_are_one_view(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect("/control/ws?user=member1") as page, asyncio.timeout(5):
        await page.receive_json()
        for _ in range(500):
            simulator.world.touch()
        simulator.world.user("member1").locale = "ja"
        simulator.world.touch()
        assert (await page.receive_json())["view"]["me"]["locale"] == "ja"
        with pytest.raises(TimeoutError):
            await page.receive_json(timeout=0.15)


async def test_stopping_ends_open_pages_and_gateway_connections() -> None:
    simulator = Simulator()
    await simulator.start()
    async with aiohttp.ClientSession(simulator.url) as http:
        page = await http.ws_connect("/control/ws?user=owner")
        gateway = await http.ws_connect("/gateway")
        await page.receive_json()
        await gateway.receive_json()
        stopping = asyncio.create_task(simulator.stop())
        assert (await gateway.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        await page.receive()
        await page.close()
        await gateway.close()
        async with asyncio.timeout(3):
            await stopping


async def test_it_can_be_stopped_and_started_again_with_what_it_holds() -> None:
    simulator = Simulator()
    await simulator.start()
    port = int(simulator.url.rsplit(":", 1)[1])
    simulator.messages.create(simulator.world.channel("general"), {"content": "kept"}, [])
    await simulator.stop()
    await simulator.stop()
    await simulator.start(port=port)
    async with aiohttp.ClientSession(simulator.url) as http:
        _, view = await call(http, "GET", "/control/view?user=member1")
    assert view["channels"][0]["messages"][0]["content"] == "kept"
    await simulator.stop()


async def test_reset_calls_who_started_it_and_everything_is_as_it_was(tmp_path: Path) -> None:
    simulator = Simulator(on_reset=None, clock_path=tmp_path / "clock.json", extra_users=2)

    async def reset() -> None:
        simulator.start_over()

    simulator.control.on_reset = reset
    await simulator.start()
    before = everything(simulator)
    world = simulator.world
    simulator.messages.create(world.channel("general"), {"content": "x"}, [])
    simulator.messages.create(world.dm_with(world.user("member1")), {"content": "x"}, [])
    world.user("member1").dms_closed = True
    world.user("member2").locale = "ja"
    world.add_guild("Chess club")
    world.clock.offset_seconds = 86400
    simulator.faults.add({"kind": "rate_limit"})
    async with (
        aiohttp.ClientSession(simulator.url) as http,
        http.ws_connect("/control/ws?user=member1") as page,
    ):
        assert (await page.receive_json())["view"]["me"]["dms_closed"]
        assert everything(simulator) != before
        assert await call(http, "POST", "/control/reset") == (200, {"reset": True})
        assert not (await page.receive_json())["view"]["me"]["dms_closed"]
    assert everything(simulator) == before
    assert json.loads((tmp_path / "clock.json").read_text()) == {"offset_seconds": 0}
    await simulator.stop()


# --- the clock ---


class FollowingBot:
    """Acknowledges the clock file as the bot does, and notes every offset it saw."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offsets: list[int] = []
        self.is_following = True

    async def run(self) -> None:
        while True:
            offset = json.loads(self.path.read_text())["offset_seconds"]
            if self.is_following and offset not in self.offsets:
                self.offsets.append(offset)
                self.path.with_name(self.path.name + ".ack").write_text(
                    json.dumps({"offset_seconds": offset})
                )
            await asyncio.sleep(0.005)


@pytest.fixture
async def following(tmp_path: Path) -> AsyncIterator[tuple[Simulator, FollowingBot]]:
    path = tmp_path / "clock.json"
    simulator = Simulator(clock_path=path, clock_timeout=0.3)
    await simulator.start()
    bot = FollowingBot(path)
    task = asyncio.create_task(bot.run())
    yield simulator, bot
    task.cancel()
    await simulator.stop()


async def test_clock_moves_one_day_at_a_time_and_waits_for_the_bot(
    following: tuple[Simulator, FollowingBot],
) -> None:
    simulator, bot = following
    before = simulator.world.clock.now()
    async with aiohttp.ClientSession(simulator.url) as http:
        status, answer = await call(http, "POST", "/control/clock", {"days": 3})
        assert (status, answer["steps"], answer["offset_seconds"]) == (200, 3, 3 * 86400)
        assert [offset for offset in bot.offsets if offset] == [86400, 2 * 86400, 3 * 86400]
        assert timedelta(days=3) <= simulator.world.clock.now() - before < timedelta(days=3, seconds=5)

        date = (simulator.world.clock.now() + timedelta(days=2)).date().isoformat()
        status, answer = await call(http, "POST", "/control/clock", {"to": date})
        assert (status, answer["now"][:10], answer["steps"]) == (200, date, 2)
        instant = (simulator.world.clock.now() + timedelta(hours=30)).isoformat()
        status, answer = await call(http, "POST", "/control/clock", {"to": instant})
        assert (status, answer["steps"], answer["now"][:16]) == (200, 2, instant[:16])
        assert (await call(http, "POST", "/control/clock", {"days": 0}))[0] == 200


async def test_clock_says_so_when_the_bot_does_not_follow(following: tuple[Simulator, FollowingBot]) -> None:
    simulator, bot = following
    await until(lambda: bot.offsets)
    bot.is_following = False
    async with aiohttp.ClientSession(simulator.url) as http:
        status, answer = await call(http, "POST", "/control/clock", {"days": 5})
        assert (status, answer["error"]) == (504, "clock_timeout")
        assert simulator.world.clock.offset_seconds == 86400
        assert not simulator.world.clock.is_stepping


async def test_clock_is_moved_by_one_request_at_a_time(following: tuple[Simulator, FollowingBot]) -> None:
    simulator, bot = following
    await until(lambda: bot.offsets)
    bot.is_following = False
    async with aiohttp.ClientSession(simulator.url) as http:
        first = asyncio.create_task(call(http, "POST", "/control/clock", {"days": 1}))
        await until(lambda: simulator.world.clock.is_stepping)
        status, answer = await call(http, "POST", "/control/clock", {"days": 1})
        assert (status, answer["error"]) == (409, "clock_busy")
        bot.is_following = True
        assert (await first)[0] == 200


async def test_a_kept_clock_file_goes_on_where_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text('{"offset_seconds": 86400}')
    assert Simulator(clock_path=path).world.clock.offset_seconds == 86400
    path.write_text("nonsense")
    assert Simulator(clock_path=path).world.clock.offset_seconds == 0
    assert json.loads(path.read_text()) == {"offset_seconds": 0}


# --- the documentation ---


def curl_requests(text: str) -> list[tuple[str, str, Any]]:
    """Method, path and body of every curl example in a document."""
    requests = []
    for example in re.findall(r"^curl .*?(?=^curl|^```)", text, re.M | re.S):
        words = shlex.split(example)[1:]
        body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        [address] = [word for word in words if word.startswith("$URL/")]
        requests.append((method, address.removeprefix("$URL"), body))
    return requests


async def test_every_curl_example_of_the_documentation_is_understood(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    """Each example runs; the bot here has other commands, so some are refused, but never for their shape."""
    requests = curl_requests(DOCS.read_text(encoding="utf-8"))
    assert len(requests) >= 15
    allowed = {None, "unknown_command", "unknown_message", "no_modal", "clock_off", "reset_off"}
    for method, path, body in requests:
        _, answer = await call(http, method, path, body)
        error = answer.get("error")
        assert (error if isinstance(error, str) else None) in allowed, (path, body, answer)
    described = {path.split("?")[0] for _, path, _ in requests} | {"/control/ws"}
    routes = {
        resource.canonical
        for resource in http_routes(simulator)
        if resource.canonical.startswith("/control/")
    }
    assert routes - {"/control/{rest}"} == described


def http_routes(simulator: Simulator) -> list[Any]:
    assert simulator._runner is not None
    assert simulator._runner.app is not None
    return list(simulator._runner.app.router.resources())


def test_the_simulator_needs_neither_the_bot_nor_the_core() -> None:
    code = (
        "import sys, bot.simulator;"
        "print([m for m in sys.modules if m.split('.')[0] in ('discord', 'core', 'cogs')"
        " or (m.startswith('bot.') and not m.startswith('bot.simulator'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
