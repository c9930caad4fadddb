"""A test before a target is added, by page and by API: what was typed is used, and nothing of it is kept."""

from __future__ import annotations

import html
import re
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.alerts import AlertSender
from tests.alert_hook import SECRET, Hook, hook
from tests.core.helpers import everything
from tests.factories import Club
from tests.web.api_site import Program, Seeded, program, seed
from tests.web.site import Browser, Pages

__all__ = ["hook"]  # a fixture

SAID = "[test] Robin Example says they paid NT$520 for June 2026."
TABLES_OF_A_VISIT = ("sessions", "api_tokens")


@pytest.fixture(autouse=True)
async def sender(pages: Pages) -> AsyncIterator[None]:
    """Alerts are really sent, to this machine too."""
    async with AlertSender(allow_private=True) as pages.services.alert_port:
        yield


@pytest.fixture
async def treasurer(pages: Pages) -> Browser:
    return await pages.browser("treasurer")


async def attempt(browser: Browser, part: str, **fields: str) -> str:
    """The page after a press of "Send a test"."""
    response = await browser.post(f"/settings/alerts/{part}", {**fields, "do": "try"})
    assert response.status == 200, await response.text()
    assert response.headers["Cache-Control"] == "no-store"
    return await response.text()


def typed(page: str) -> dict[str, tuple[str, str]]:
    """What stands in the fields of both forms: id → (type, value)."""
    found = re.findall(r'<input id="([a-z_-]+)" name="[a-z_]+" type="(\w+)"[^>]* value="([^"]*)"', page)
    return {name: (kind, html.unescape(value)) for name, kind, value in found}


def lines(page: str) -> list[str]:
    """Every line that the page says aside."""
    found = re.findall(r'class="callout[^>]*>(.*?)</div></div>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]*>", "", line)).strip() for line in found]


def kept(club: Club) -> dict[str, Any]:
    """What the books hold, without when a session or a token was last used."""
    return {name: rows for name, rows in everything(club.db).items() if name not in TABLES_OF_A_VISIT}


async def test_a_webhook_is_tried_with_what_was_typed_and_stays_in_the_form(
    treasurer: Browser, club: Club, hook: Hook
) -> None:
    before = kept(club)
    page = await attempt(treasurer, "webhook", name="Chat & co", webhook=hook.url())
    ((method, path, body),) = hook.asked
    assert (method, path) == ("POST", f"/{SECRET}")
    assert (body["text"], body["amount"], body["period"]) == (SAID, 520, "2026-06")
    assert kept(club) == before
    assert lines(page) == [
        "The test was accepted; look whether it arrived as it should. "
        "Nothing is saved yet: press Add to keep this target."
    ]
    assert typed(page) == {
        "webhook-name": ("text", "Chat & co"), "webhook-webhook": ("password", hook.url()),
        "bark-name": ("text", ""), "bark-bark_key": ("password", ""), "bark-bark_server": ("text", ""),
    }  # fmt: skip


async def test_a_phone_is_tried_with_what_was_typed_and_stays_in_the_form(
    treasurer: Browser, club: Club, hook: Hook
) -> None:
    before = kept(club)
    page = await attempt(treasurer, "bark", name="", bark_key="KEY123", bark_server=hook.url(path="/"))
    ((method, path, _),) = hook.asked
    assert method == "GET"
    assert path.startswith("/KEY123/%5Btest%5D%20Robin%20Example%20says")
    assert kept(club) == before
    assert typed(page)["bark-bark_key"] == ("password", "KEY123")
    assert typed(page)["bark-bark_server"] == ("text", hook.url(path="/"))
    assert typed(page)["webhook-webhook"] == ("password", "")


async def test_what_was_tried_can_be_added_as_it_stands(treasurer: Browser, club: Club, hook: Hook) -> None:
    fields = typed(await attempt(treasurer, "webhook", name="Chat", webhook=hook.url()))
    form = {"name": fields["webhook-name"][1], "webhook": fields["webhook-webhook"][1]}
    page = await (await treasurer.follow(await treasurer.post("/settings/alerts/webhook", form))).text()
    assert "Added: Chat." in page
    assert SECRET not in page


async def test_a_refused_test_says_so_and_that_nothing_is_saved(
    treasurer: Browser, club: Club, hook: Hook
) -> None:
    before, hook.answers = kept(club), [404]
    page = await attempt(treasurer, "webhook", name="Chat", webhook=hook.url())
    assert lines(page) == ["The test did not arrive: it refused with the answer 404. Nothing is saved yet."]
    assert typed(page)["webhook-webhook"] == ("password", hook.url())
    assert kept(club) == before


async def test_where_nobody_answers_the_test_says_so(treasurer: Browser) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    page = await attempt(treasurer, "webhook", name="Chat", webhook=address)
    assert lines(page) == ["The test did not arrive: it cannot be reached. Nothing is saved yet."]


async def test_a_test_calls_no_private_address_either(pages: Pages, treasurer: Browser, hook: Hook) -> None:
    async with AlertSender() as pages.services.alert_port:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            page = await attempt(treasurer, "webhook", name="Chat", webhook=hook.url(host))
            assert "leads to this machine or its own network" in lines(page)[0]
    assert hook.asked == []


@pytest.mark.parametrize(
    ("part", "fields", "field"),
    [
        ("webhook", {"webhook": "ftp://a.example/secret"}, "webhook"),
        ("webhook", {"webhook": ""}, "webhook"),
        ("bark", {"bark_key": ""}, "bark_key"),
        ("bark", {"bark_key": "a/b"}, "bark_key"),
        ("bark", {"bark_key": "secret", "bark_server": "nowhere"}, "bark_server"),
    ],
)
async def test_what_cannot_be_tried_is_one_error_at_its_field_and_stays_as_typed(
    treasurer: Browser, club: Club, part: str, fields: dict[str, str], field: str
) -> None:
    before = kept(club)
    response = await treasurer.post(f"/settings/alerts/{part}", {"name": "x", **fields, "do": "try"})
    page = await response.text()
    assert response.status == 422
    assert re.findall(r'class="error" id="([a-z_-]+)"', page) == [f"{part}-{field}-error"]
    assert lines(page) == []
    assert {name: typed(page)[f"{part}-{name}"][1] for name in fields} == fields
    assert kept(club) == before


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
async def test_who_is_no_treasurer_tries_nothing(pages: Pages, hook: Hook, role: str) -> None:
    browser = await pages.browser(role)
    for part, fields in (
        ("webhook", {"webhook": hook.url()}),
        ("bark", {"bark_key": "KEY123", "bark_server": hook.url(path="")}),
    ):
        form = {"name": "x", **fields, "do": "try"}
        assert (await browser.post(f"/settings/alerts/{part}", form)).status == 403
    assert hook.asked == []
    assert "Send a test" not in await (await browser.get("/settings/alerts")).text()


# --- by API ---------------------------------------------------------------------------------------------------


@pytest.fixture
def seeded(club: Club) -> Seeded:
    return seed(club)


@pytest.fixture
async def caller(pages: Pages, seeded: Seeded) -> Program:
    return await program(pages, seeded.secrets["treasurer"])


async def test_a_program_tries_what_it_did_not_add(
    caller: Program, seeded: Seeded, club: Club, hook: Hook
) -> None:
    before, hook.answers = kept(club), [200, 200, 410]
    webhook = {"kind": "webhook", "address": hook.url()}
    assert await caller.post("/alert-targets/try", webhook) == {"sent": True, "reason": ""}
    phone = {"kind": "bark", "key": "KEY123", "server": hook.url(path="")}
    assert await caller.post("/alert-targets/try", phone) == {"sent": True, "reason": ""}
    failed = await caller.post("/alert-targets/try", webhook)
    assert failed == {"sent": False, "reason": "answered 410"}
    assert [method for method, _, _ in hook.asked] == ["POST", "GET", "POST"]
    assert hook.asked[0][2]["text"] == SAID
    assert kept(club) == before


async def test_a_repeated_try_is_sent_once_and_its_secret_is_kept_nowhere(
    caller: Program, seeded: Seeded, club: Club, hook: Hook
) -> None:
    body, key = {"kind": "webhook", "address": hook.url()}, {"Idempotency-Key": "one"}
    answers = [await caller.post("/alert-targets/try", body, headers=key) for _ in range(2)]
    assert answers == [{"sent": True, "reason": ""}] * 2
    assert len(hook.asked) == 1
    assert SECRET not in "\n".join(club.db.conn.iterdump())


async def test_a_program_is_told_which_field_cannot_be_tried(caller: Program, seeded: Seeded) -> None:
    bad = {"kind": "webhook", "address": "ftp://x.example/"}
    refused = await caller.post("/alert-targets/try", bad, status=422)
    assert (refused["error"], refused["field"]) == ("address_invalid", "webhook")


async def test_a_program_of_a_reviewer_tries_nothing(pages: Pages, seeded: Seeded, hook: Hook) -> None:
    for scope in ("read", "review"):
        weaker = await program(pages, seeded.secrets[scope])
        refused = await weaker.post(
            "/alert-targets/try", {"kind": "webhook", "address": hook.url()}, status=403
        )
        assert refused["error"] == "role_needed"
    assert hook.asked == []
