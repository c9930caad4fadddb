"""A proxy that names people in a header: believed by where the connection comes from, and nothing else."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from multidict import CIMultiDict

from bot.web.sso.options import HeaderOptions, SignIns
from tests.factories import Club
from tests.web.site import Pages

HERE = (ipaddress.ip_network("127.0.0.1/32"),)
ELSEWHERE = (ipaddress.ip_network("10.0.0.0/8"),)


def ways(club: Club, networks: Any = HERE) -> SignIns:
    people = {"ann": club.treasurer.discord_id, "gone": 4711}
    return SignIns(header=HeaderOptions("Remote-User", networks, people))


@pytest.fixture
async def pages(make_pages: Any, club: Club) -> Pages:
    return await make_pages(sign_ins=ways(club))


async def test_whom_the_proxy_names_is_signed_in(pages: Pages, club: Club) -> None:
    browser = await pages.browser()
    assert (await browser.get("/login/header", headers={"Remote-User": "Ann"})).status == 303
    assert (await (await browser.get("/api/v1/me")).json())["actor"] == club.treasurer.text
    assert club.db.conn.execute("SELECT signed_in_with FROM sessions").fetchall() == [("header",)]


@pytest.mark.parametrize("name", ["", " ", "eve", "gone", "ann,eve", "ann@club.example", "*"])
async def test_somebody_else_is_not(pages: Pages, name: str) -> None:
    browser = await pages.browser()
    assert (await browser.get("/login/header", headers={"Remote-User": name})).status == 403
    assert "sid" not in browser.cookies


async def test_without_the_header_nobody_is(pages: Pages) -> None:
    for headers in ({}, {"X-Remote-User": "ann"}, {"Remote_User": "ann"}, {"X-Forwarded-User": "ann"}):
        assert (await (await pages.browser()).get("/login/header", headers=headers)).status == 403


async def test_a_second_header_of_that_name_makes_both_worthless(pages: Pages) -> None:
    browser = await pages.browser()
    both = CIMultiDict([("Remote-User", "ann"), ("Remote-User", "ann")])
    response = await browser.client.get("/login/header", headers=both, allow_redirects=False)
    assert response.status == 403


async def test_from_another_address_the_header_is_worth_nothing(make_pages: Any, club: Club) -> None:
    """Whatever the request says about where it came from, and whichever proxies are trusted for that."""
    pages = await make_pages(sign_ins=ways(club, ELSEWHERE), trusted_proxies=HERE)
    for more in (
        {},
        {"X-Forwarded-For": "10.1.1.1"},
        {"Forwarded": "for=10.1.1.1"},
        {"X-Real-IP": "10.1.1.1"},
    ):
        browser = await pages.browser()
        response = await browser.get("/login/header", headers={"Remote-User": "ann", **more})
        assert response.status == 403, more
        assert "sid" not in browser.cookies


async def test_the_header_alone_opens_no_other_page(pages: Pages) -> None:
    """It is asked for at the sign-in, not at every request: the session is what counts."""
    browser = await pages.browser()
    assert (await browser.get("/api/v1/me", headers={"Remote-User": "ann"})).status == 401


async def test_attempts_are_limited(make_pages: Any, club: Club) -> None:
    from bot.web.options import RATES, Rate

    free = dict.fromkeys(RATES, Rate(1000, 1000))
    pages = await make_pages(sign_ins=ways(club), rates={**free, "sign_in": Rate(2, 1)})
    browser = await pages.browser()
    statuses = [(await browser.get("/login/header", headers={"Remote-User": "eve"})).status for _ in range(3)]
    assert statuses == [403, 403, 429]
