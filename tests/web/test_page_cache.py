"""Kept pages: never an old one, never somebody else's."""

from __future__ import annotations

from bot.web.app import SITE
from bot.web.page_cache import MOST_PAGES
from core import admins
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.site import Browser, Pages


async def first_page(browser: Browser, query: str = "") -> str:
    response = await browser.get(f"/{query}")
    assert response.status == 200
    return await response.text()


def kept(pages: Pages) -> int:
    return len(pages.server.app[SITE].page_cache._pages)


async def test_a_page_is_made_anew_when_anybody_changed_anything(pages: Pages, club: Club) -> None:
    member = club.subscriber(club.plan("Streaming", 300), "Ann")
    club.open()
    browser = await pages.browser("treasurer")
    for _ in range(4):  # both readers have seen it
        before = await first_page(browser)
    assert "Nothing waits for review" in before
    payment = club.submit(member)  # by another connection, as the command line or the bot would
    for _ in range(4):
        assert payment.label in await first_page(browser)
    club.verify(payment)
    for _ in range(4):
        assert "Nothing waits for review" in await first_page(browser)


async def test_what_is_kept_is_used(pages: Pages) -> None:
    browser = await pages.browser("treasurer")
    for _ in range(6):
        await first_page(browser)
    assert 1 <= kept(pages) <= 2  # one for each reading connection


async def test_nobody_gets_the_page_of_somebody_else(pages: Pages, club: Club) -> None:
    club.subscriber(club.plan())
    club.open()
    treasurer, auditor = await pages.browser("treasurer"), await pages.browser("auditor")
    for _ in range(3):
        assert "/periods/2026-06/close" in await first_page(treasurer)
        assert "/periods/2026-06/close" not in await first_page(auditor)


async def test_another_role_is_another_page_at_once(pages: Pages, club: Club) -> None:
    club.subscriber(club.plan())
    club.open()
    browser = await pages.browser("treasurer")
    for _ in range(3):
        await first_page(browser)
    await pages.db.write(admins.grant, club.owner, club.treasurer.discord_id, "auditor")
    for _ in range(3):
        assert "/periods/2026-06/close" not in await first_page(browser)


async def test_language_colours_and_period_have_pages_of_their_own(pages: Pages) -> None:
    browser = await pages.browser("treasurer")
    for _ in range(3):
        assert 'lang="en"' in await first_page(browser)
    await browser.post("/preferences", {"lang": "zh-TW", "theme": "dark"})
    for _ in range(3):
        page = await first_page(browser)
        assert '<html lang="zh-TW" data-theme="dark">' in page
    assert await first_page(browser, "?period=2026-05") != page


async def test_ages_move_on_with_the_clock(pages: Pages, club: Club, clock: FixedClock) -> None:
    member = club.subscriber(club.plan())
    club.open()
    club.submit(member)
    browser = await pages.browser("treasurer")
    for _ in range(3):
        assert "just now" in await first_page(browser)
    clock.advance(minutes=5)
    for _ in range(3):
        assert "5 min ago" in await first_page(browser)


async def test_a_message_is_in_no_kept_page(pages: Pages, club: Club) -> None:
    member = club.subscriber(club.plan())
    club.open()
    payment = club.submit(member)
    browser = await pages.browser("treasurer")
    response = await browser.post(f"/review/{payment.id}/verify", {"back": "/"})
    assert f"{payment.label} verified" in await (await browser.follow(response)).text()
    for _ in range(4):
        assert f"{payment.label} verified" not in await first_page(browser)


async def test_not_more_than_so_many_are_kept(pages: Pages) -> None:
    browser = await pages.browser("treasurer")
    for number in range(MOST_PAGES + 20):
        await browser.get(f"/?period={2000 + number // 12}-{number % 12 + 1:02}")
    assert kept(pages) == MOST_PAGES
