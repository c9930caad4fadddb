"""The REST side by hand, without a client in between: error bodies, headers, uploads, files, limits."""

import io
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.simulator import Simulator
from bot.simulator.rules import MAX_FILE_BYTES
from tests.simulator.small_bot import PNG


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bot {simulator.token}"}
    async with aiohttp.ClientSession(simulator.api_base + "/", headers=headers) as session:
        yield session


def channel(simulator: Simulator, name: str = "general") -> str:
    return f"channels/{simulator.world.channel(name).id}"


async def send(api: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with api.request(method, path, json=body) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


async def test_json_has_no_charset_and_errors_have_discords_shape(
    simulator: Simulator, api: aiohttp.ClientSession
) -> None:
    async with api.post(channel(simulator) + "/messages", json={"content": "x" * 2001}) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        assert (answer.status, await answer.json()) == (
            400,
            {
                "message": "Invalid Form Body",
                "code": 50035,
                "errors": {
                    "content": {
                        "_errors": [
                            {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
                        ]
                    }
                },
            },
        )
    [error] = simulator.state()["last_errors"]
    assert (error["method"], error["status"], error["code"]) == ("POST", 400, 50035)
    assert error["path"] == f"/{channel(simulator)}/messages"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "channels/5", None, 404, 10003),
        ("GET", "channels/x", None, 404, 10003),
        ("GET", "guilds/5", None, 404, 10004),
        ("GET", "users/5", None, 404, 10013),
        ("GET", "GUILD/members/5", None, 404, 10007),
        ("GET", "GUILD/members", None, 403, 50001),
        ("PUT", "GUILD/members/5/roles/6", None, 404, 10007),
        ("GET", "CHANNEL/messages/5", None, 404, 10008),
        ("PATCH", "CHANNEL/messages/5", {"content": "x"}, 404, 10008),
        ("DELETE", "CHANNEL/messages/5", None, 404, 10008),
        ("GET", "CHANNEL/messages?limit=101", None, 400, 50035),
        ("GET", "CHANNEL/messages?after=x", None, 400, 50035),
        ("POST", "CHANNEL/messages", {}, 400, 50006),
        ("POST", "CHANNEL/messages", {"content": "  "}, 400, 50006),
        ("POST", "CHANNEL/messages", {"flags": 32768, "components": []}, 400, 50006),
        ("POST", "CHANNEL/messages", [], 400, 50035),
        ("POST", "CHANNEL/messages", {"content": "x", "message_reference": {"message_id": "5"}}, 400, 50035),
        ("POST", "CHANNEL/threads", {"name": "", "type": 12}, 400, 50035),
        ("POST", "CHANNEL/threads", {"name": "x", "type": 11}, 403, 50013),
        ("POST", "CHANNEL/threads", {"name": "x", "type": 12, "auto_archive_duration": 5}, 400, 50035),
        ("PATCH", "CHANNEL", {"name": "x"}, 403, 50013),
        ("POST", "users/@me/channels", {"recipient_id": "5"}, 400, 50035),
        ("POST", "users/@me/channels", {}, 400, 50035),
        ("PUT", "applications/5/commands", [], 403, 20012),
        ("PUT", "APP/commands", [{"name": "X"}], 400, 50035),
        ("PUT", "APP/guilds/5/commands", [], 403, 50001),
        ("GET", "APP/commands/5", None, 404, 10063),
        ("POST", "interactions/5/abc/callback", {"type": 4}, 404, 10062),
        ("POST", "webhooks/5/abc", {"content": "x"}, 404, 10015),
        ("PATCH", "webhooks/5/abc/messages/@original", {"content": "x"}, 404, 10015),
        ("GET", "nowhere/at/all", None, 501, 0),
    ],
)
async def test_refusals_have_discords_codes(
    simulator: Simulator,
    api: aiohttp.ClientSession,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: int,
) -> None:
    path = path.replace("GUILD", f"guilds/{simulator.world.home.id}").replace("CHANNEL", channel(simulator))
    path = path.replace("APP", f"applications/{simulator.world.application_id}")
    answered, answer = await send(api, method, path, body)
    assert (answered, answer["code"]) == (status, code)


async def test_a_body_that_is_no_json_is_named_as_such(
    simulator: Simulator, api: aiohttp.ClientSession
) -> None:
    async with api.post(channel(simulator) + "/messages", data=b"{") as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 50109)


async def test_without_the_pretend_token_nothing_is_answered(
    simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    for headers in ({}, {"Authorization": "Bot somebody-elses"}, {"Authorization": simulator.token}):
        async with http.get("/api/v10/users/@me", headers=headers) as answer:
            assert answer.status == 401
    async with http.get("/api/v10/gateway") as answer:
        assert (await answer.json())["url"] == simulator.gateway_url


async def upload(
    api: aiohttp.ClientSession, path: str, payload: Any, *files: tuple[str, bytes]
) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(payload))
    for index, (name, content) in enumerate(files):
        form.add_field(
            f"files[{index}]", io.BytesIO(content), filename=name, content_type="application/octet-stream"
        )
    async with api.post(path, data=form) as answer:
        return answer.status, await answer.json()


async def test_uploaded_files_are_served_as_uploads_and_never_as_pages(
    simulator: Simulator, api: aiohttp.ClientSession, http: aiohttp.ClientSession
) -> None:
    files = [("a b/../proof 1.png", PNG), ("page.html", b"<script>alert(1)</script>")]
    payload = {"content": "two", "attachments": [{"id": 0, "description": "a proof"}, {"id": 1}]}
    status, message = await upload(api, channel(simulator) + "/messages", payload, *files)
    assert status == 200
    picture, page = message["attachments"]
    assert (picture["filename"], picture["description"], picture["size"]) == (
        "proof_1.png",
        "a proof",
        len(PNG),
    )
    assert (picture["content_type"], picture["width"], picture["height"]) == ("image/png", 2, 3)

    async with http.get(picture["url"]) as answer:
        assert (await answer.read(), answer.content_type) == (PNG, "image/png")
    async with http.get(page["url"]) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with http.get(picture["url"] + "x") as answer:
        assert answer.status == 404


async def test_too_many_and_too_large_files_are_refused(
    simulator: Simulator, api: aiohttp.ClientSession
) -> None:
    path = channel(simulator) + "/messages"
    status, answer = await upload(api, path, {}, *[(f"{n}.txt", b"x") for n in range(11)])
    assert (status, answer["code"]) == (400, 50035)
    status, answer = await upload(api, path, {}, ("big.bin", bytes(MAX_FILE_BYTES + 1)))
    assert (status, answer["code"]) == (413, 40005)
    assert simulator.world.files == {}
    status, _ = await upload(api, path, {}, ("just.bin", bytes(MAX_FILE_BYTES)))
    assert status == 200


async def test_an_edit_keeps_drops_and_adds_files(simulator: Simulator, api: aiohttp.ClientSession) -> None:
    path = channel(simulator) + "/messages"
    _, message = await upload(api, path, {"content": "x"}, ("a.txt", b"a"), ("b.txt", b"b"))
    first, second = message["attachments"]
    at = f"{path}/{message['id']}"
    assert (await send(api, "PATCH", at, {"content": "y"}))[1]["attachments"] == [first, second]
    assert (await send(api, "PATCH", at, {"attachments": [{"id": second["id"]}]}))[1]["attachments"] == [
        second
    ]
    status, answer = await send(api, "PATCH", at, {"attachments": [], "content": None})
    assert (status, answer["code"]) == (400, 50006)


async def test_a_message_becomes_components_and_never_turns_back(
    simulator: Simulator, api: aiohttp.ClientSession
) -> None:
    path = channel(simulator) + "/messages"
    _, message = await send(api, "POST", path, {"content": "old"})
    at, text = f"{path}/{message['id']}", [{"type": 10, "content": "new"}]
    status, answer = await send(api, "PATCH", at, {"flags": 32768, "components": text})
    assert (status, list(answer["errors"])) == (400, ["content"])
    status, answer = await send(api, "PATCH", at, {"flags": 32768, "components": text, "content": None})
    assert (status, answer["flags"], answer["components"][0]["id"]) == (200, 32768, 1)
    status, answer = await send(api, "PATCH", at, {"content": "old again"})
    assert (status, list(answer["errors"])) == (400, ["content"])


async def test_an_embeds_picture_is_not_listed_twice(
    simulator: Simulator, api: aiohttp.ClientSession
) -> None:
    embed = {"title": "t", "image": {"url": "attachment://p.png"}}
    _, message = await upload(api, channel(simulator) + "/messages", {"embeds": [embed]}, ("p.png", PNG))
    assert message["attachments"] == []
    assert message["embeds"][0]["image"]["url"].startswith(simulator.url)


async def test_commands_keep_their_ids_when_they_are_replaced(
    simulator: Simulator, api: aiohttp.ClientSession
) -> None:
    at = f"applications/{simulator.world.application_id}/commands"
    body = [{"name": "pay", "description": "Pay"}, {"name": "my", "description": "Mine"}]
    _, first = await send(api, "PUT", at, body)
    _, second = await send(api, "PUT", at, [{"name": "pay", "description": "Pay now"}])
    assert [c["id"] for c in second] == [first[0]["id"]]
    assert (await send(api, "GET", at))[1] == second
    guild = f"applications/{simulator.world.application_id}/guilds/{simulator.world.home.id}/commands"
    _, own = await send(api, "POST", guild, {"name": "here", "description": "Only here"})
    assert own["guild_id"] == str(simulator.world.home.id)
    assert [c["name"] for c in simulator.view("member1")["commands"]] == ["pay", "here"]
    assert (await send(api, "DELETE", f"{guild}/{own['id']}"))[0] == 204
    assert [c["name"] for c in simulator.view("member1")["commands"]] == ["pay"]


async def test_only_the_token_of_an_interaction_answers_it(
    simulator: Simulator, api: aiohttp.ClientSession
) -> None:
    world = simulator.world
    interaction = simulator.interactions.send(
        2, world.user("member1"), world.channel("general"), {}, command="pay"
    )
    at = f"interactions/{interaction.id}/{interaction.token}/callback"
    webhook = f"webhooks/{world.application_id}/{interaction.token}"

    wrong = f"interactions/{interaction.id}/wrong/callback"
    assert (await send(api, "POST", wrong, {"type": 4, "data": {"content": "x"}}))[1]["code"] == 10062
    assert (await send(api, "POST", webhook, {"content": "too early"}))[1]["code"] == 10015
    for kind in (1, 6, 7, 8, 99, None):
        assert (await send(api, "POST", at, {"type": kind}))[1]["code"] == 50035
    assert (await send(api, "POST", at, {"type": 4, "data": {"content": "x" * 2001}}))[1]["code"] == 50035
    status, answer = await send(api, "POST", at + "?with_response=true", {"type": 5, "data": {"flags": 64}})
    assert (status, answer["interaction"]["response_message_loading"]) == (200, True)
    assert answer["interaction"]["response_message_ephemeral"]
    assert (await send(api, "POST", at, {"type": 4, "data": {"content": "x"}}))[1]["code"] == 40060

    original = f"{webhook}/messages/@original"
    assert (await send(api, "GET", original))[1]["flags"] == 64 | 128
    assert (await send(api, "PATCH", original, {"content": "done"}))[1]["flags"] == 64
    _, further = await send(api, "POST", webhook, {"content": "more", "flags": 64})
    assert (await send(api, "GET", f"{webhook}/messages/{further['id']}"))[1]["content"] == "more"
    private = f"{channel(simulator)}/messages/{further['id']}"
    assert (await send(api, "GET", private))[1]["code"] == 10008
    assert (await send(api, "DELETE", original))[0] == 204
    assert (await send(api, "PATCH", original, {"content": "x"}))[1]["code"] == 10008

    simulator.interactions.token_seconds = 0.0
    assert (await send(api, "POST", webhook, {"content": "too late"}))[1]["code"] == 50027


async def test_nonce_is_forgotten_after_three_minutes(
    simulator: Simulator, api: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = channel(simulator) + "/messages"
    body = {"content": "x", "nonce": "1", "enforce_nonce": True}
    first = (await send(api, "POST", path, body))[1]["id"]
    assert (await send(api, "POST", path, body))[1]["id"] == first
    assert (await send(api, "POST", channel(simulator, "dues") + "/messages", body))[1]["id"] != first
    assert (await send(api, "POST", path, body | {"enforce_nonce": False}))[1]["id"] != first
    monkeypatch.setattr("bot.simulator.messages.NONCE_SECONDS", 0.0)
    assert (await send(api, "POST", path, body))[1]["id"] != first


async def test_the_bot_sees_only_channels_it_may(simulator: Simulator, api: aiohttp.ClientSession) -> None:
    world = simulator.world
    world.set_overwrite(world.channel("admin"), world.role("Potkeeper").id, deny=1 << 10)
    assert (await send(api, "GET", channel(simulator, "admin")))[1]["code"] == 50001
    assert (await send(api, "POST", channel(simulator, "admin") + "/messages", {"content": "x"}))[1][
        "code"
    ] == 50001


async def test_a_second_club_is_a_world_of_its_own(simulator: Simulator, api: aiohttp.ClientSession) -> None:
    world = simulator.world
    other = world.add_guild("Chess club", owner="newcomer", members=["newcomer", "member1"], locale="zh-TW")
    assert [g["name"] for g in (await send(api, "GET", "users/@me/guilds"))[1]] == ["Clubhouse", "Chess club"]
    dues = world.channel("dues", other)
    assert dues.id != world.channel("dues").id
    await send(api, "POST", f"channels/{dues.id}/messages", {"content": "only chess"})
    assert [g["name"] for g in simulator.view("member1")["guilds"]] == ["Clubhouse", "Chess club"]
    assert [g["name"] for g in simulator.view("member2")["guilds"]] == ["Clubhouse"]
    assert all(not c["messages"] for c in simulator.view("member1")["channels"])
    assert {m.user.key for m in other.members.values()} == {"newcomer", "member1", "bot"}


SHAPES: list[dict[str, Any]] = [
    {
        "content": "x",
        "nonce": "1",
        "enforce_nonce": True,
        "message_reference": {"message_id": "1"},
        "flags": 0,
    },
    {
        "content": "x",
        "attachments": [{"id": "1", "filename": "a"}],
        "allowed_mentions": {"parse": ["users"], "users": []},
    },
    {"embeds": [{"title": "t", "image": {"url": "attachment://a"}, "fields": [{"name": "n", "value": "v"}]}]},
    {"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "x"}]}]},
    {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"}]}]},
    {
        "name": "x",
        "type": 12,
        "auto_archive_duration": 60,
        "archived": True,
        "locked": True,
        "recipient_id": "1",
    },
    {"type": 4, "data": {"content": "x", "flags": 64}},
    {"type": 5, "data": {"flags": 64}},
    {"type": 9, "data": {"title": "t", "custom_id": "c", "components": [{"type": 10, "content": "x"}]}},
]
JUNK = [None, True, 0, -1, 1.5, 1 << 70, "", "x", "²", "9" * 30, [], {}, [1], ["x"], [{}], {"id": []}, [[]]]


def damaged(chance: random.Random, value: Any) -> Any:
    """The value with something else in one of its places."""
    if isinstance(value, dict | list) and value and chance.random() < 0.85:
        copied = dict(value) if isinstance(value, dict) else list(value)
        key = chance.choice(list(copied)) if isinstance(copied, dict) else chance.randrange(len(copied))
        copied[key] = damaged(chance, value[key])
        return copied
    return chance.choice(JUNK)


async def test_no_body_makes_the_simulator_stumble(simulator: Simulator, api: aiohttp.ClientSession) -> None:
    chance, world = random.Random(20260605), simulator.world  # noqa: S311 - damage, not secrets
    at = channel(simulator) + "/messages"
    app, user = world.application_id, world.user("member1")
    for _ in range(120):
        _, message = await send(api, "POST", at, {"content": "x"})
        interaction = simulator.interactions.send(2, user, world.channel("general"), {}, command="pay")
        hook = f"webhooks/{app}/{interaction.token}"
        paths = [
            ("POST", at),
            ("PATCH", f"{at}/{message['id']}"),
            ("POST", channel(simulator) + "/threads"),
            ("PATCH", channel(simulator)),
            ("POST", "users/@me/channels"),
            ("PUT", f"applications/{app}/commands"),
            ("POST", f"interactions/{interaction.id}/{interaction.token}/callback"),
            ("POST", hook),
            ("PATCH", hook + "/messages/@original"),
        ]
        body = damaged(chance, chance.choice(SHAPES))
        for method, path in paths:
            status, answer = await send(api, method, path, body)
            assert status < 500, (method, path, body, answer)
        assert simulator.view("member1")
