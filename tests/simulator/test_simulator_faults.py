"""Faults on request: dropped connections, too many requests, server errors; the client copes."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import discord
import pytest

from bot.simulator import Simulator
from tests.simulator.small_bot import Panel, SmallBot, until


async def fault(http: aiohttp.ClientSession, **body: object) -> None:
    async with http.post("/control/fault", json=body) as answer:
        assert answer.status == 200, await answer.text()


def general(simulator: Simulator, bot: SmallBot) -> discord.TextChannel:
    channel = bot.get_channel(simulator.world.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_dropped_connection_is_resumed_and_a_click_meanwhile_is_replayed(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    await general(simulator, small_bot).send(view=Panel())
    panel = simulator.view("member1")["channels"][0]["messages"][0]

    await fault(http, kind="drop", resume=True)
    assert not simulator.state()["bot"]["connected"]
    answer = await simulator.act(
        {"user": "member1", "do": "click", "message": panel["id"], "custom_id": "count:up:7"}
    )

    assert answer["messages"][0]["content"] == "clicked 7 as xiaoming"
    state = simulator.state()["bot"]
    assert (state["identifies"], state["resumes"], state["connected"]) == (1, 1, True)
    await until(lambda: small_bot.resumed == 1)


async def test_lost_session_leads_to_a_new_one(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    await fault(http, kind="drop", resume=False)
    await until(lambda: simulator.gateway.identifies == 2)

    answer = await simulator.act(
        {"user": "member1", "do": "command", "name": "echo", "options": {"text": "x"}}
    )
    assert answer["acknowledged"]
    assert simulator.state()["bot"]["sessions"] == 1
    assert small_bot.resumed == 0


@pytest.mark.parametrize("is_global", [False, True])
async def test_too_many_requests_is_retried(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession, is_global: bool
) -> None:
    limit = {"times": 2, "route": "/messages", "retry_after": 0.01, "global": is_global}
    await fault(http, kind="rate_limit", **limit)
    assert simulator.state()["faults"]["rate_limit"][0]["times"] == 2

    message = await general(simulator, small_bot).send("through")
    assert simulator.state()["faults"]["rate_limit"] == []
    assert len(simulator.world.channel("general").messages) == 1
    assert message.content == "through"


async def test_too_many_requests_on_an_interaction_answer_is_retried(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    await fault(http, kind="rate_limit", route="/callback", retry_after=0.01)
    answer = await simulator.act(
        {"user": "member1", "do": "command", "name": "echo", "options": {"text": "x"}}
    )
    assert answer["acknowledged"]


async def test_server_error_is_retried_by_the_client(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:  # the client waits a second before it tries again
        waits.append(seconds)

    await fault(http, kind="http_5xx", times=1, route="POST /channels/")
    monkeypatch.setattr("discord.http.asyncio", _FakeAsyncio(note))
    await general(simulator, small_bot).send("through")
    assert waits == [1]
    assert len(simulator.world.channel("general").messages) == 1


class _FakeAsyncio:
    """asyncio as discord.http sees it, but a sleep of a second or more is only noted."""

    def __init__(self, note: Callable[[float], Awaitable[None]]) -> None:
        self._note = note

    def __getattr__(self, name: str) -> object:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        if seconds >= 1:
            await self._note(seconds)
        else:
            await asyncio.sleep(seconds)


async def test_fault_limited_to_a_route_leaves_others_alone(
    simulator: Simulator, small_bot: SmallBot, http: aiohttp.ClientSession
) -> None:
    await fault(http, kind="http_5xx", times=5, route="/guilds/")
    await general(simulator, small_bot).send("fine")
    assert simulator.state()["faults"]["http_5xx"][0]["times"] == 5
    await fault(http, kind="http_5xx", times=0)
    assert simulator.state()["faults"]["http_5xx"] == []


async def test_heartbeat_and_resume_by_hand(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect("/gateway") as first:
        assert (await first.receive_json())["op"] == 10
        await first.send_json({"op": 1, "d": None})
        assert (await first.receive_json())["op"] == 11
        await first.send_json({"op": 2, "d": {"token": simulator.token, "intents": 1, "properties": {}}})
        ready, guild = await first.receive_json(), await first.receive_json()
        assert (ready["t"], ready["s"], guild["t"], guild["s"]) == ("READY", 1, "GUILD_CREATE", 2)
        assert ready["d"]["guilds"] == [{"id": str(simulator.world.home.id), "unavailable": True}]
        assert ready["d"]["resume_gateway_url"] == simulator.gateway_url
        assert [m["user"]["id"] for m in guild["d"]["members"]] == [str(simulator.world.bot.id)]
        simulator.gateway.drop(resume=True)
        assert (await first.receive()).data == 4000
    simulator.gateway.dispatch("SOMETHING", {"n": 1})

    resume = {"op": 6, "d": {"token": simulator.token, "session_id": ready["d"]["session_id"], "seq": 2}}
    async with http.ws_connect("/gateway") as second:
        await second.receive_json()
        await second.send_json(resume)
        frames = [await second.receive_json() for _ in range(2)]
        assert [(frame["t"], frame["s"]) for frame in frames] == [("SOMETHING", 3), ("RESUMED", 4)]
    async with http.ws_connect("/gateway") as third:  # the last one said goodbye: nothing is left to resume
        await third.receive_json()
        await third.send_json(resume)
        assert (await third.receive_json()) == {"op": 9, "d": False, "s": None, "t": None}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4002),
        ("[]", 4002),
        ('{"op": 99, "d": null}', 4001),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "somebody-elses", "intents": 1}}', 4004),
        ('{"op": 2, "d": {"token": "TOKEN", "intents": 67108865}}', 4013),
        ('{"op": 2, "d": {"token": "TOKEN", "intents": 2}}', 4014),
        ('{"op": 6, "d": {"token": "x", "session_id": "y", "seq": 1}}', 4004),
    ],
)
async def test_gateway_closes_with_discords_codes(
    simulator: Simulator, http: aiohttp.ClientSession, frame: str, code: int
) -> None:
    async with http.ws_connect("/gateway") as socket:
        await socket.receive_json()
        await socket.send_str(frame.replace("TOKEN", simulator.token))
        assert (await socket.receive()).data == code


async def test_a_foreign_token_is_refused(
    simulator: Simulator, point_at: Callable[[Simulator], None]
) -> None:
    point_at(simulator)
    async with SmallBot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("somebody-elses-token")
