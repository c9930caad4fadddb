"""What treasurers do with a month on the pages: a preview first, then exactly that, with the real counts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.models import Member
from tests.core.helpers import assert_clean, everything
from tests.factories import Club
from tests.web.site import Browser, Pages


@pytest.fixture
def ann(club: Club) -> Member:
    """A member with a seat of 300."""
    return club.subscriber(club.plan("Streaming", 300), "Ann")


async def preview(browser: Browser, path: str) -> tuple[str, dict[str, str]]:
    """The page and what its confirm button sends."""
    response = await browser.get(path)
    page = await response.text()
    assert response.status == 200, page
    hidden = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)">',
        page.split('<form method="post" class="form"')[1],
    )
    return page, dict(hidden)


async def confirm(browser: Browser, path: str, **more: Any) -> str:
    address, _, _ = path.partition("?")
    _, fields = await preview(browser, path)
    return await (await browser.follow(await browser.post(address, {**fields, **more}))).text()


def state(club: Club) -> str:
    row = club.db.conn.execute("SELECT status FROM billing_periods WHERE period = '2026-06'").fetchone()
    return row[0] if row else "none"


async def test_a_preview_changes_nothing_at_all(pages: Pages, club: Club, ann: Member) -> None:
    browser = await pages.browser("treasurer")
    before = everything(club.db)
    page, _ = await preview(browser, "/periods/2026-06/open")
    for said in ("Open it: one bill, NT$300", "Streaming", "nothing has been changed yet"):
        assert said in page
    assert everything(club.db) == before


async def test_without_a_channel_the_preview_promises_no_notice(
    pages: Pages, club: Club, ann: Member
) -> None:
    browser = await pages.browser("treasurer")
    page, _ = await preview(browser, "/periods/2026-06/open")
    assert "the notice waits until one is" in page
    assert "One notice is posted" not in page
    club.set(announce_channel_id=11)
    page, _ = await preview(browser, "/periods/2026-06/open")
    assert "One notice is posted for everybody" in page


async def test_opening_says_what_really_happened(pages: Pages, club: Club, ann: Member) -> None:
    page = await confirm(await pages.browser("treasurer"), "/periods/2026-06/open")
    assert "June 2026 is open: one bill, NT$300." in page
    assert (state(club), len(club.bills(ann))) == ("open", 1)


async def test_prices_typed_at_the_opening_hold(pages: Pages, club: Club, ann: Member) -> None:
    browser = await pages.browser("treasurer")
    page, fields = await preview(browser, "/periods/2026-06/open?price_1=350")
    assert "NT$300 → NT$350" in page
    assert fields["price_1"] == "350"
    await confirm(browser, "/periods/2026-06/open?price_1=350")
    assert club.bills(ann)[0].amount_minor == 350


@pytest.mark.parametrize("typed", ["x", "-1", "1.5"])
async def test_a_price_that_cannot_be_is_422(pages: Pages, ann: Member, typed: str) -> None:
    response = await (await pages.browser("treasurer")).get(f"/periods/2026-06/open?price_1={typed}")
    assert response.status == 422
    assert "price" in await response.text()


async def test_what_changed_since_is_shown_and_not_done(pages: Pages, club: Club, ann: Member) -> None:
    browser = await pages.browser("treasurer")
    _, fields = await preview(browser, "/periods/2026-06/open")
    club.subscriber(club.plan("Other", 100), "Bea")
    response = await browser.post("/periods/2026-06/open", fields)
    page = await response.text()
    assert response.status == 200
    assert "Something changed meanwhile" in page
    assert "2 bills, NT$400" in page
    assert state(club) in ("none", "draft")
    again = re.search(r'name="digest" value="(\w+)"', page)
    assert again is not None
    await browser.follow(await browser.post("/periods/2026-06/open", {"digest": again[1]}))
    assert state(club) == "open"


async def test_without_a_preview_nothing_is_done(pages: Pages, club: Club, ann: Member) -> None:
    response = await (await pages.browser("treasurer")).post("/periods/2026-06/open")
    assert response.status == 200
    assert state(club) in ("none", "draft")


async def test_opening_twice_is_said_and_does_nothing(pages: Pages, club: Club, ann: Member) -> None:
    club.open()
    page, _ = await preview(await pages.browser("treasurer"), "/periods/2026-06/open")
    assert "is open already" in page
    assert "is-primary" not in page.split('<form method="post" class="form"')[1]


async def test_resync_close_reopen_and_retract(pages: Pages, club: Club, ann: Member) -> None:
    browser = await pages.browser("treasurer")
    club.open()
    bea = club.linked("Bea")
    club.db.conn.execute("UPDATE subscriptions SET starts_on = '2026-01-01'")
    club.reprice(club.plan("Streaming two", 100), 120, "2026-06")
    club.db.conn.execute("UPDATE plan_prices SET amount_minor = 310 WHERE plan_id = 1")
    page = await confirm(browser, "/periods/2026-06/resync", tell="1")
    assert "1 repriced" in page
    assert "is closed" in await confirm(browser, "/periods/2026-06/close")
    assert state(club) == "closed"
    assert "is open again" in await confirm(browser, "/periods/2026-06/reopen")
    assert "one bill was voided" in await confirm(browser, "/periods/2026-06/retract")
    assert state(club) == "draft"
    assert club.bills(ann) == club.bills(bea) == []


async def test_closing_waits_for_what_waits_for_review(pages: Pages, club: Club, ann: Member) -> None:
    club.open()
    club.submit(ann)
    browser = await pages.browser("treasurer")
    page = await (await browser.follow(await browser.get("/periods/2026-06/close"))).text()
    assert 'class="toast is-bad"' in page
    assert state(club) == "open"


async def test_a_reminder_names_everybody_first(pages: Pages, club: Club, ann: Member) -> None:
    club.set(announce_channel_id=11, reminder_mode="channel")
    club.open()
    browser = await pages.browser("treasurer")
    page, _ = await preview(browser, "/periods/2026-06/remind?how=private")
    assert "Remind one member" in page
    assert "Ann" in page
    assert club.notices("overdue") == []
    page = await confirm(browser, "/periods/2026-06/remind?how=private")
    assert "One member is reminded of NT$300" in page
    assert len(club.notices("overdue")) == 1
    assert_clean(club.db)


async def test_the_opening_notice_is_posted_again_and_nothing_else(
    pages: Pages, club: Club, ann: Member
) -> None:
    club.set(announce_channel_id=11)
    club.open()
    browser = await pages.browser("treasurer")
    assert "/periods/2026-06/resend" in await (await browser.get("/")).text()
    page, _ = await preview(browser, "/periods/2026-06/resend")
    assert "waits to be sent already" in page, "the first one has not gone out yet"
    club.db.conn.execute("UPDATE notices SET status = 'sent', sent_at = created_at")
    bills = club.bills(ann)
    page, _ = await preview(browser, "/periods/2026-06/resend")
    assert "posted once before" in page
    assert "is on its way again" in await confirm(browser, "/periods/2026-06/resend")
    assert len(club.notices("opened")) == 2
    assert club.bills(ann) == bills
    assert_clean(club.db)


@pytest.mark.parametrize("period", ["2026-13", "x", "0000-01", "2026-6"])
async def test_what_is_no_month_is_422(pages: Pages, period: str) -> None:
    browser = await pages.browser("treasurer")
    assert (await browser.get(f"/periods/{period}/open")).status == 422
    assert (await browser.get(f"/?period={period}")).status == 422


async def test_the_plans_of_a_month_as_a_file(pages: Pages, club: Club, ann: Member) -> None:
    club.open()
    club.verify(club.submit(ann), 100)
    browser = await pages.browser("auditor")
    csv = await browser.get("/overview.csv?period=2026-06")
    assert csv.content_type == "text/csv"
    assert "Streaming,0,0,1,300,100,TWD" in (await csv.read()).decode("utf-8-sig")
    (row,) = await (await browser.get("/overview.json")).json(content_type="application/json")
    assert (row["plan"], row["due"], row["collected"]) == ("Streaming", "300", "100")
