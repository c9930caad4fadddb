"""Signing in and out: one-time links, sessions, rights that are asked again at every request."""

from __future__ import annotations

import asyncio

import pytest

from core import admins, tokens, web_sessions
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.conftest import MakePages
from tests.web.site import FakeHost, Pages, demo_door


async def link(pages: Pages, role: str = "treasurer") -> str:
    secret = await pages.db.write(web_sessions.mint_link, getattr(pages.club, role))
    return f"/login/{secret}"


async def test_a_link_shows_a_button_and_the_press_signs_in(pages: Pages) -> None:
    browser, address = await pages.browser(), await link(pages)
    for _ in range(3):  # chat programs fetch links: looking at one spends nothing
        shown = await browser.get(address)
        assert shown.status == 200
        assert "Continue to the dashboard" in await shown.text()
        assert not browser.cookies
    response = await browser.post(address)
    page = await browser.follow(response)
    assert (response.headers["Location"], page.status) == ("/", 200)
    assert "Set-Cookie" not in page.headers


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    pages: Pages, make_pages: MakePages
) -> None:
    plain = (await (await pages.browser()).post(await link(pages))).cookies["sid"]
    assert (plain["httponly"], plain["samesite"], plain["path"], plain["secure"]) == (True, "Lax", "/", "")
    secure = await make_pages(url="https://club.example")
    cookie = (await (await secure.browser()).post(await link(secure))).cookies["__Host-sid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (
        True,
        "Lax",
        "/",
        True,
    )
    assert cookie["domain"] == ""


async def test_unknown_used_and_expired_links_get_one_answer(pages: Pages, clock: FixedClock) -> None:
    used, expired = await link(pages, "treasurer"), await link(pages, "reviewer")
    browser = await pages.browser()
    await browser.post(used)
    clock.advance(minutes=10)
    answers = {}
    for name, address in (("used", used), ("expired", expired), ("unknown", "/login/" + "x" * 43)):
        response = await (await pages.browser()).post(address)
        answers[name] = (response.status, await response.text())
    assert answers["used"] == answers["expired"] == answers["unknown"]
    assert answers["used"][0] == 410


async def test_a_refusal_takes_as_long_whatever_the_reason(make_pages: MakePages, clock: FixedClock) -> None:
    pages = await make_pages(refusal_seconds=0.15)
    loop = asyncio.get_running_loop()
    browser = await pages.browser()
    used = await link(pages)
    await browser.post(used)
    expired = await link(pages, "reviewer")
    clock.advance(minutes=10)
    for address in (used, expired, "/login/unknown"):
        began = loop.time()
        assert (await browser.post(address)).status == 410
        assert loop.time() - began >= 0.15


async def test_a_hundred_presses_of_one_link_sign_in_once(pages: Pages) -> None:
    address = await link(pages)
    browsers = [await pages.browser() for _ in range(10)]
    posts = [browser.post(address) for browser in browsers for _ in range(10)]
    statuses = [response.status for response in await asyncio.gather(*posts)]
    assert (statuses.count(303), statuses.count(410)) == (1, 99)
    assert len(await pages.db.read(web_sessions.own_sessions, pages.club.treasurer)) == 1


async def test_who_has_no_role_gets_no_session_from_an_old_link(pages: Pages, club: Club) -> None:
    address = await link(pages, "reviewer")
    await pages.db.write(admins.revoke, club.owner, club.reviewer.discord_id)
    assert (await (await pages.browser()).post(address)).status == 410


async def test_losing_the_role_ends_the_session(pages: Pages, club: Club) -> None:
    browser = await pages.browser("reviewer")
    assert (await browser.get("/")).status == 200
    await pages.db.write(admins.revoke, club.owner, club.reviewer.discord_id)
    response = await browser.get("/")
    assert (response.status, response.headers["Location"]) == (303, "/login")
    assert not browser.cookies
    await pages.db.write(admins.grant, club.owner, club.reviewer.discord_id, "reviewer")
    assert await pages.db.read(web_sessions.own_sessions, club.reviewer) == []


async def test_an_owner_waits_for_discord_and_stays_signed_in(
    pages: Pages, host: FakeHost, club: Club
) -> None:
    browser = await pages.browser("owner")
    host.owners[club.workspace.guild_id] = None
    response = await browser.get("/")
    assert response.status == 503
    host.owners[club.workspace.guild_id] = club.owner.discord_id
    assert (await browser.get("/")).status == 200
    host.owners[club.workspace.guild_id] = 1  # somebody else bought the server
    assert (await browser.get("/")).status == 303


async def test_a_session_slides_for_fourteen_days_and_ends_after_sixty(
    pages: Pages, clock: FixedClock
) -> None:
    browser = await pages.browser("treasurer")
    for _ in range(5):
        clock.advance(days=11)
        assert (await browser.get("/")).status == 200
    clock.advance(days=5, seconds=-1)
    assert (await browser.get("/")).status == 200
    clock.advance(seconds=2)
    assert (await browser.get("/")).status == 303


async def test_an_unused_session_ends_after_fourteen_days(pages: Pages, clock: FixedClock) -> None:
    browser = await pages.browser("treasurer")
    clock.advance(days=14)
    assert (await browser.get("/")).status == 303


async def test_signing_out_ends_this_session_only(pages: Pages) -> None:
    one, other = await pages.browser("treasurer"), await pages.browser("treasurer")
    response = await one.post("/logout")
    assert response.headers["Location"] == "/login"
    assert (await one.get("/")).status == 303
    assert (await other.get("/")).status == 200


async def test_signing_out_everywhere_ends_all_of_ones_own(pages: Pages) -> None:
    mine, also_mine = await pages.browser("treasurer"), await pages.browser("treasurer")
    somebody_else = await pages.browser("reviewer")
    listed = await (await mine.get("/sessions")).text()
    assert listed.count("Sign out there") == 1
    await mine.post("/sessions/end")
    assert [(await browser.get("/")).status for browser in (mine, also_mine, somebody_else)] == [
        303,
        303,
        200,
    ]


async def test_nobody_ends_the_session_of_somebody_else(pages: Pages, club: Club) -> None:
    victim, attacker = await pages.browser("owner"), await pages.browser("treasurer")
    (session,) = await pages.db.read(web_sessions.own_sessions, club.owner)
    await attacker.post(f"/sessions/{session.id}/end")
    assert (await victim.get("/")).status == 200


async def test_only_a_digest_of_the_secret_is_stored(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    secret = browser.cookies["sid"]
    stored = club.db.conn.execute("SELECT token_sha256 FROM sessions").fetchall()
    assert stored == [(tokens.digest(secret),)]


async def test_an_operator_has_the_rights_of_an_owner(pages: Pages, club: Club) -> None:
    secret = await pages.db.write(web_sessions.mint_link, club.operator)
    browser = await pages.browser()
    await browser.follow(await browser.post(f"/login/{secret}"))
    page = await (await browser.get("/")).text()
    assert "Signed in as the operator" in page


async def test_the_demo_door_opens_again_and_again(make_pages: MakePages, club: Club) -> None:
    pages = await make_pages(demo=demo_door(club.treasurer))
    for _ in range(2):
        browser = await pages.browser()
        assert (await browser.get("/login/open-sesame")).status == 200
        assert (await browser.follow(await browser.post("/login/open-sesame"))).status == 200
    closed = await make_pages()
    assert (await (await closed.browser()).post("/login/open-sesame")).status == 410


async def test_sign_in_attempts_are_limited(make_pages: MakePages) -> None:
    from bot.web.options import RATES

    pages = await make_pages(rates=RATES)
    browser = await pages.browser()
    statuses = [(await browser.post("/login/guess")).status for _ in range(RATES["sign_in"].burst + 1)]
    assert statuses == [410] * RATES["sign_in"].burst + [429]
    refused = await browser.post("/login/guess")
    assert int(refused.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [("/review?after=3", "/review?after=3"), ("https://evil.example/", "/"), ("//evil.example", "/"),
     ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("", "/"), ("/a\r\nX: y", "/")],
)  # fmt: skip
async def test_language_and_colours_are_kept_and_lead_nowhere_else(
    pages: Pages, back: str, leads_to: str
) -> None:
    browser = await pages.browser()
    response = await browser.post("/preferences", {"theme": "dark", "lang": "zh-TW", "back": back})
    assert response.headers["Location"] == leads_to
    page = await (await browser.get("/login")).text()
    assert '<html lang="zh-TW" data-theme="dark">' in page
