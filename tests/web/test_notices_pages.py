"""The outbox as a page: what was sent, what waits and why, what failed and why, and sending it again."""

from __future__ import annotations

import json
import re

import pytest

from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.desk_pages import ANNOUNCE, REVIEW, busy, furnish, refused, text_of
from tests.web.site import FakeHost, Pages


def ids(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="notice-(\d+)"', page)]


def row(page: str, notice_id: int) -> str:
    found = page.split(f'id="notice-{notice_id}"')[1].split("</li>")[0].split(">", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def set_notice(club: Club, notice_id: int, status: str, error: str = "") -> None:
    club.db.conn.execute("UPDATE notices SET status = ?, error = ? WHERE id = ?", (status, error, notice_id))


@pytest.fixture
def filled(club: Club, host: FakeHost) -> Club:
    furnish(host)
    club.set(announce_channel_id=ANNOUNCE, review_channel_id=REVIEW)
    busy(club)
    return club


def first(club: Club, kind: str) -> int:
    found = club.db.conn.execute("SELECT min(id) FROM notices WHERE kind = ?", (kind,)).fetchone()[0]
    return int(found)


async def test_places_and_people_are_named(pages: Pages, filled: Club) -> None:
    page = await text_of(pages, "auditor", "/notices")
    assert "Opened month · June 2026 → #announcements" in row(page, first(filled, "opened"))
    assert "→ #review" in row(page, first(filled, "payment_card"))
    assert "→ Mei Lin" in row(page, first(filled, "payment_result"))


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("kind=opened", {"opened"}), ("status=waiting&kind=payment_card", {"payment_card"}),
        ("period=2026-06", {"opened", "payment_card", "payment_result"}), ("status=sent", set()),
    ],
)  # fmt: skip
async def test_the_address_narrows_the_list(pages: Pages, filled: Club, query: str, kinds: set[str]) -> None:
    found = json.loads(await text_of(pages, "auditor", f"/notices.json?{query}"))
    assert {line["kind"] for line in found} == kinds
    assert ids(await text_of(pages, "auditor", f"/notices?{query}")) == [line["id"] for line in found]


@pytest.mark.parametrize("query", ["period=soon", "period=2031-01", "status=lost"])
async def test_a_filter_that_cannot_be_is_one_clear_error(pages: Pages, filled: Club, query: str) -> None:
    browser = await pages.browser("auditor")
    response = await browser.get(f"/notices?{query}")
    page = await refused(response, 404 if "2031" in query else 422)
    assert page.count('role="alert"') == 1
    assert (await browser.get(f"/notices.csv?{query}")).status == response.status


async def test_why_something_waits_is_said(pages: Pages, filled: Club, clock: FixedClock) -> None:
    card, result = first(filled, "payment_card"), first(filled, "payment_result")
    filled.set(review_channel_id=None)
    set_notice(filled, result, "waiting", "dm_closed: 50007")
    page = await text_of(pages, "auditor", "/notices")
    assert "No channel is chosen" in row(page, card)
    assert "direct messages are closed" in row(page, result)
    assert "It is on its way." in row(page, first(filled, "opened"))
    opened = first(filled, "opened")
    set_notice(filled, opened, "waiting", "503 0: Discord is away")
    filled.db.conn.execute(
        "UPDATE notices SET next_attempt_at = '2026-06-06T00:00:00.000Z' WHERE id = ?", (opened,)
    )
    assert "tried again by itself" in row(await text_of(pages, "auditor", "/notices"), opened)


async def test_what_failed_says_why_and_is_sent_again_on_request(pages: Pages, filled: Club) -> None:
    opened = first(filled, "opened")
    set_notice(filled, opened, "failed", "403 50013: Missing <Permissions>")
    browser = await pages.browser("treasurer")
    page = await (await browser.get("/notices?status=trouble")).text()
    assert ids(page) == [opened]
    assert "403 50013: Missing &lt;Permissions&gt;" in page
    done = await browser.post(f"/notices/{opened}/retry", {"back": "/notices?status=trouble"})
    assert done.headers["Location"] == "/notices?status=trouble"
    assert "It is sent again now." in await (await browser.follow(done)).text()
    status = filled.db.conn.execute("SELECT status FROM notices WHERE id = ?", (opened,)).fetchone()
    assert status == ("waiting",)
    assert filled.audits("notices.retry") == ["notices.retry"]


async def test_everything_that_failed_is_sent_again_at_once(pages: Pages, filled: Club) -> None:
    set_notice(filled, first(filled, "opened"), "failed", "x")
    set_notice(filled, first(filled, "payment_card"), "unknown", "y")
    browser = await pages.browser("treasurer")
    page = await (await browser.follow(await browser.post("/notices/retry"))).text()
    assert "2 notices are sent again now." in page
    again = await (await browser.follow(await browser.post("/notices/retry"))).text()
    assert "There was nothing to send again." in again


async def test_what_did_not_fail_is_not_sent_again(pages: Pages, filled: Club) -> None:
    browser = await pages.browser("treasurer")
    response = await browser.post(f"/notices/{first(filled, 'opened')}/retry")
    assert "nothing" in (await (await browser.follow(response)).text()).lower()
    assert filled.audits("notices.retry") == []


async def test_a_form_sends_nobody_to_another_site(pages: Pages, filled: Club) -> None:
    opened = first(filled, "opened")
    set_notice(filled, opened, "failed", "x")
    browser = await pages.browser("treasurer")
    response = await browser.post(f"/notices/{opened}/retry", {"back": "https://evil.example/"})
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
async def test_only_treasurers_send_again(pages: Pages, filled: Club, role: str) -> None:
    opened = first(filled, "opened")
    set_notice(filled, opened, "failed", "x")
    browser = await pages.browser(role)
    assert "/retry" not in await (await browser.get("/notices")).text()
    for path in (f"/notices/{opened}/retry", "/notices/retry"):
        assert (await browser.post(path)).status == 403


async def test_another_clubs_notices_are_neither_seen_nor_sent(
    pages: Pages, filled: Club, host: FakeHost
) -> None:
    other = Club.create(filled.db, number=1)
    host.owners[other.workspace.guild_id] = other.owner.discord_id
    opened = first(filled, "opened")
    set_notice(filled, opened, "failed", "x")
    browser = await pages.browser("treasurer", club=other)
    assert ids(await (await browser.get("/notices")).text()) == []
    await browser.post(f"/notices/{opened}/retry")
    await browser.post("/notices/retry")
    assert filled.db.conn.execute("SELECT status FROM notices WHERE id = ?", (opened,)).fetchone() == (
        "failed",
    )


async def test_pages_follow_each_other_without_gap_or_repeat(pages: Pages, club: Club) -> None:
    club.db.conn.executemany(
        """
        INSERT INTO notices (workspace_id, dedupe_key, op, kind, target, subject_type, subject_id, status,
            next_attempt_at, created_at)
        VALUES (?, ?, 'post', 'log', 'admin', 'audit', 1, 'sent', '2026-06-05T01:00:00.000Z',
            '2026-06-05T01:00:00.000Z')
        """,
        [(club.id, f"w{club.id}:x:{number}") for number in range(120)],
    )
    browser, seen, path = await pages.browser("auditor"), list[int](), "/notices?status=sent"
    while path:
        page = await (await browser.get(path)).text()
        seen += ids(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == 120
    assert seen == sorted(set(seen), reverse=True)
