"""The roster, one member, what is done with them, and statements: the desk's and a member's own."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote

import pytest

from core import linking, member_lists, roster, statement_links, subscriptions, tokens, web_sessions
from core.models import Actor
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.list_pages import (
    Scene,
    books,
    confirm,
    objects_of,
    page,
    preview,
    rows_of,
    scene,
    sound,
    visible,
)
from tests.web.site import Pages


@pytest.fixture
def made(club: Club) -> Scene:
    return scene(club)


def shown(text: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="member-(\d+)"', text)]


async def listed(pages: Pages, query: str = "") -> set[int]:
    address = f"/members{quote(query, safe='?&=%')}"
    return set(shown(await page(await (await pages.browser("auditor")).get(address))))


# --- the list ------------------------------------------------------------------------------------------------


async def test_the_list_finds_by_name_email_number_and_standing(pages: Pages, made: Scene) -> None:
    club = made.club
    unlinked = club.member("Ann", email="ann@example.org")
    gone = club.linked("Gone Away")
    club.db.write(roster.leave, club.treasurer, gone.id)
    club.opening_balance(unlinked, -500)
    club.record(made.mei, 300)
    club.db.write(linking.request_link, Actor.discord(club.id, 4711), unlinked.id)
    everybody = {made.mei.id, made.jonas.id, made.evil.id, unlinked.id}
    assert await listed(pages) == everybody
    assert await listed(pages, "?show=left") == {gone.id}
    assert await listed(pages, "?show=owes") == {made.jonas.id, made.evil.id}
    assert await listed(pages, "?show=credit") == {unlinked.id}
    assert await listed(pages, "?show=linked") == everybody - {unlinked.id}
    assert await listed(pages, "?show=unlinked") == {unlinked.id}
    assert await listed(pages, "?show=asking") == {unlinked.id}
    assert await listed(pages, "?q=ＪＯＮＡＳ") == {made.jonas.id}
    assert await listed(pages, "?q=ann@example") == {unlinked.id}
    assert await listed(pages, f"?q=M-{made.mei.id}") == {made.mei.id}
    assert await listed(pages, f"?q=M-{made.mei.id}&show=owes") == set()
    assert await listed(pages, "?q=zzz") == set()


async def test_a_state_that_is_none_is_named(pages: Pages, made: Scene) -> None:
    text = await page(await (await pages.browser("auditor")).get("/members?show=shiny"), 422)
    assert "shiny" in text


async def test_pages_join_without_gap_or_double_also_for_one_name(club: Club) -> None:
    made = [club.member(name).id for name in ("b", "a", "a", "a", "c", "B", "王", "a")]
    seen: list[int] = []
    after: int | None = None
    while True:
        found = club.db.read(member_lists.page, club.auditor, after=after, limit=3)
        seen += [row.member.id for row in found.rows]
        after = found.next_after
        if after is None:
            break
    assert sorted(seen) == sorted(made)


async def test_the_files_hold_everybody_and_no_formula(pages: Pages, made: Scene) -> None:
    made.club.opening_balance(made.mei, -1000)
    browser = await pages.browser("auditor")
    rows = {row["name"]: row for row in rows_of(await page(await browser.get("/members.csv")))}
    assert '\'=HYPERLINK("http://evil")' in rows
    assert rows["Mei Lin"]["balance"] == "-700"
    assert rows["Jonas Weber"]["plans"] == "Cloud"
    found = objects_of(await page(await browser.get("/members.json?show=owes")))
    assert {row["name"] for row in found} == {"Jonas Weber", '=HYPERLINK("http://evil")'}
    assert {type(row["discord_id"]) for row in found} == {str}, "large numbers are text in JSON"


# --- adding and changing ---------------------------------------------------------------------------------------


async def test_somebody_is_added_and_edited(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    data = {
        "name": " Ann  Lee ",
        "email": "Ann@Example.org",
        "note": "two\nlines",
        "discord_id": "123456789012345678",
    }
    text = await page(await browser.follow(await browser.post("/members/add", data)))
    assert "Ann Lee" in text
    (row,) = club.db.read(member_lists.page, club.auditor).rows
    assert (row.member.name, row.member.email, row.member.discord_id) == (
        "Ann Lee",
        "Ann@Example.org",
        123456789012345678,
    )
    edited = {"name": "Ann Li", "email": "", "note": ""}
    await browser.follow(await browser.post(f"/members/{row.member.id}/edit", edited))
    after = club.fresh(row.member)
    assert (after.name, after.email, after.note) == ("Ann Li", None, "")


@pytest.mark.parametrize(
    ("path", "data", "status", "field"),
    [
        ("/members/add", {"name": ""}, 422, "name"),
        ("/members/add", {"name": "x" * 101}, 422, "name"),
        ("/members/add", {"name": "A", "email": "nonsense"}, 422, "email"),
        ("/members/add", {"name": "A", "email": "mei@example.org"}, 409, ""),
        ("/members/add", {"name": "A", "discord_id": "me"}, 422, "discord_id"),
        ("/members/add", {"name": "A", "discord_id": "0"}, 422, "discord_id"),
        ("/members/add", {"name": "A", "discord_id": "9" * 21}, 422, "discord_id"),
        ("/members/add", {"name": "A", "note": "x" * 501}, 422, "note"),
        ("/members/{mei}/edit", {"name": " "}, 422, "name"),
        ("/members/{mei}/link", {"discord_id": ""}, 422, "discord_id"),
        ("/members/{mei}/link", {"discord_id": "{jonas_account}"}, 409, ""),
        ("/members/{mei}/leave", {"left_on": "2030-01-01"}, 422, "left_on"),
        ("/members/{mei}/leave", {"left_on": "yesterday"}, 422, "left_on"),
        ("/members/{mei}/merge", {"into": ""}, 404, ""),
        ("/members/{mei}/merge", {"into": "M-{mei}"}, 422, ""),
        ("/members/{mei}/merge", {"into": "M-999"}, 404, ""),
        ("/members/{mei}/merge", {"into": "M-{jonas}"}, 409, ""),
        ("/members/{mei}/balance", {"kind": "debt", "balance": "", "on": "2026-01-01"}, 422, "balance"),
        ("/members/{mei}/balance", {"kind": "debt", "balance": "0", "on": "2026-01-01"}, 422, "balance"),
        ("/members/{mei}/balance", {"kind": "debt", "balance": "x", "on": "2026-01-01"}, 422, "balance"),
        ("/members/{mei}/balance", {"kind": "debt", "balance": "5", "on": "2027-01-01"}, 422, "on"),
        (
            "/members/{mei}/balance",
            {"kind": "debt", "balance": "5", "on": "2026-01-01", "due_on": "x"},
            422,
            "due_on",
        ),
        ("/members/{mei}/seats/start", {"plan": "{music}", "starts_on": "2026-06-01"}, 409, ""),
        ("/members/{mei}/seats/start", {"plan": "{cloud}", "starts_on": "2026-13-45"}, 422, "starts_on"),
        ("/members/{mei}/seats/start", {"plan": "999", "starts_on": "2026-06-01"}, 404, ""),
        ("/members/{mei}/seats/start", {"plan": "", "starts_on": "2026-06-01"}, 404, ""),
        ("/members/{mei}/seats/{seat}/pause", {"from_on": "2025-01-01"}, 422, "from_on"),
        (
            "/members/{mei}/seats/{seat}/pause",
            {"from_on": "2026-07-01", "resumes_on": "2026-06-01"},
            422,
            "resumes_on",
        ),
        ("/members/{mei}/seats/{seat}/resume", {"on": "2026-06-05"}, 409, ""),
        ("/members/{mei}/seats/{seat}/end", {"ends_on": "2020-01-01"}, 422, "ends_on"),
        ("/members/{mei}/seats/{seat}/billing-day", {"billing_day": "31"}, 422, "billing_day"),
        ("/members/{mei}/seats/{seat}/billing-day", {"billing_day": "first"}, 422, "billing_day"),
        ("/members/{mei}/seats/{jonas_seat}/end", {"ends_on": "2026-12-31"}, 404, ""),
    ],
)
async def test_bad_input_is_named_and_changes_nothing(
    pages: Pages, made: Scene, path: str, data: dict[str, str], status: int, field: str
) -> None:
    club = made.club
    club.db.write(roster.edit, club.treasurer, made.mei.id, email="mei@example.org")
    known = {
        "mei": made.mei.id, "jonas": made.jonas.id, "jonas_account": made.jonas.discord_id,
        "music": made.music.id, "cloud": made.cloud.id, "seat": seat_of(club, made.mei.id),
        "jonas_seat": seat_of(club, made.jonas.id),
    }  # fmt: skip
    address, filled = path.format(**known), {name: value.format(**known) for name, value in data.items()}
    browser, before = await pages.browser("treasurer"), books(club)
    responses = [await browser.post(address, {**filled, "digest": "x"})]
    if "/add" not in path and "/edit" not in path and "/link" not in path:
        responses.append(await browser.get(address, params={"go": "1", **filled}))
    for response in responses:
        text = await page(response, status)
        assert re.findall(r'<p class="error" id="(\w+)-error">', text) == ([field] if field else [])
    assert books(club) == before


def seat_of(club: Club, member_id: int) -> int:
    row = club.db.conn.execute("SELECT id FROM subscriptions WHERE member_id = ?", (member_id,)).fetchone()
    return int(row[0])


async def test_an_account_is_linked_moved_and_unlinked(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    await browser.follow(await browser.post(f"/members/{made.mei.id}/link", {"discord_id": "77"}))
    assert club.fresh(made.mei).discord_id == 77
    await browser.follow(await browser.post(f"/members/{made.mei.id}/unlink"))
    assert club.fresh(made.mei).discord_id is None


async def test_a_reviewer_decides_about_a_request_on_the_members_page(pages: Pages, club: Club) -> None:
    browser = await pages.browser("reviewer")
    for answer, account in (("no", None), ("yes", 4712)):
        member = club.member("Ann")
        asked = club.db.write(linking.request_link, Actor.discord(club.id, 4712), member.id)
        text = visible(await page(await browser.get(f"/members/{member.id}")))
        assert "4712 asks to be linked to Ann" in text
        await browser.follow(
            await browser.post(
                f"/members/{member.id}/requests/{asked.request.id}", {"answer": answer, "kind": "link"}
            )
        )
        assert club.fresh(member).discord_id == account


async def test_leaving_is_previewed_done_and_taken_back(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    path = f"/members/{made.mei.id}/leave"
    before = books(club)
    words = visible(await preview(browser, path, {"left_on": "2026-06-05"}))
    assert "They still owe NT$300" in words
    assert "Music" in words
    assert books(club) == before
    assert "Mei Lin has left the club" in await confirm(browser, path, {"left_on": "2026-06-05"})
    assert club.fresh(made.mei).left_on == "2026-06-05"
    await browser.follow(await browser.post(f"/members/{made.mei.id}/rejoin"))
    assert club.fresh(made.mei).left_on is None


async def test_two_entries_of_one_person_become_one(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    twin = club.member("Mei L.")
    text = await confirm(browser, f"/members/{made.mei.id}/merge", {"into": f"m-{twin.id}"})
    assert "Mei Lin was merged into Mei L." in text
    assert f"M-{twin.id}" in text
    assert sound(club)


async def test_an_opening_balance_is_set_once(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    for kind, expected in (("debt", 100), ("credit", -100)):
        member = club.member()
        fields = {"kind": kind, "balance": "100", "on": "2026-01-01", "due_on": ""}
        await confirm(browser, f"/members/{member.id}/balance", fields)
        assert club.db.read(member_lists.dossier, club.auditor, member.id).balance_minor == expected
        again = await browser.get(f"/members/{member.id}/balance", params={"go": "1", **fields})
        assert again.status == 409
    assert sound(club)


async def test_a_subscription_starts_pauses_resumes_and_ends(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    member = club.linked("New Person")
    base = f"/members/{member.id}/seats"
    words = visible(
        await preview(browser, f"{base}/start", {"plan": made.music.id, "starts_on": "2026-06-01"})
    )
    assert "Billed at once" in words
    text = await confirm(browser, f"{base}/start", {"plan": made.music.id, "starts_on": "2026-06-01"})
    assert "New Person is on Music now; one bill was made." in text
    seat = seat_of(club, member.id)
    text = await confirm(browser, f"{base}/{seat}/pause", {"from_on": "2026-06-05", "resumes_on": ""})
    assert "paused" in text
    await confirm(browser, f"{base}/{seat}/resume", {"on": "2026-06-05"})
    await confirm(browser, f"{base}/{seat}/billing-day", {"billing_day": "15"})
    await confirm(browser, f"{base}/{seat}/end", {"ends_on": "2026-06-30"})
    (view,) = club.db.read(subscriptions.of_member, club.auditor, member.id)
    assert (view.subscription.ends_on, view.subscription.billing_day) == ("2026-06-30", 15)
    await confirm(browser, f"{base}/{seat}/end", {"ends_on": ""})
    (view,) = club.db.read(subscriptions.of_member, club.auditor, member.id)
    assert view.subscription.ends_on is None


async def test_the_page_of_a_member_tells_what_happened(pages: Pages, made: Scene) -> None:
    club = made.club
    club.verify(club.submit(made.mei, note="last five 12345"))
    words = visible(await page(await (await pages.browser("auditor")).get(f"/members/{made.mei.id}")))
    for part in (
        "Payment submitted",
        "Payment verified",
        "Bill made",
        "Subscription started",
        "last five 12345",
    ):
        assert part in words, part
    for part in ("Edit…", "Record a payment…", "Pause…", "upload link"):
        assert part not in words, "an auditor only reads"


async def test_a_month_in_the_address_shows_that_month(pages: Pages, made: Scene) -> None:
    browser = await pages.browser("auditor")
    text = await page(await browser.get(f"/members/{made.mei.id}?period=2026-05"))
    assert "Bills of May 2026" in text
    assert (await browser.get(f"/members/{made.mei.id}?period=2026-99")).status == 422


async def test_an_upload_link_is_shown_once_and_works(pages: Pages, made: Scene) -> None:
    browser = await pages.browser("reviewer")
    response = await browser.post(f"/members/{made.mei.id}/upload-link")
    text = await page(response)
    (link,) = re.findall(r'value="(http[^"]+/u/[^"]+)"', text)
    assert response.headers["Cache-Control"] == "no-store"
    path = "/u/" + link.rsplit("/", 1)[1]
    assert (await (await pages.browser()).get(path)).status == 200
    assert (await (await pages.browser("auditor")).post(f"/members/{made.mei.id}/upload-link")).status == 403


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
async def test_members_are_changed_by_treasurers(pages: Pages, made: Scene, role: str) -> None:
    browser, before = await pages.browser(role), books(made.club)
    base, seat = f"/members/{made.mei.id}", seat_of(made.club, made.mei.id)
    for path in (
        "/members/add", f"{base}/edit", f"{base}/link", f"{base}/leave", f"{base}/merge", f"{base}/balance",
        f"{base}/seats/start", f"{base}/seats/{seat}/pause", f"{base}/seats/{seat}/end",
    ):  # fmt: skip
        assert (await browser.get(path)).status == 403, path
        assert (await browser.post(path, {"name": "x"})).status == 403, path
    for path in (f"{base}/unlink", f"{base}/rejoin"):
        assert (await browser.post(path)).status == 403
    assert books(made.club) == before


async def test_another_club_and_another_site_change_no_member(pages: Pages, made: Scene) -> None:
    other = Club.create(made.club.db, number=1)
    pages.host.owners[other.workspace.guild_id] = other.owner.discord_id
    theirs, ours = await pages.browser("owner", club=other), await pages.browser("owner")
    base, seat, before = f"/members/{made.mei.id}", seat_of(made.club, made.mei.id), books(made.club)
    for path in ("", "/statement", "/statement.csv", "/edit", "/leave", f"/seats/{seat}/end"):
        assert (await theirs.get(base + path)).status == 404, path
    for path in ("/edit", "/leave", "/merge", "/unlink", "/rejoin", "/upload-link", f"/seats/{seat}/end"):
        data = {"name": "x", "left_on": "2026-06-01", "into": "M-1", "ends_on": "2026-12-31", "digest": "x"}
        refused = await theirs.post(base + path, data)
        assert refused.status == 404 or (path == "/unlink" and refused.status == 303), path
        assert (await ours.post(base + path, data, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert books(made.club) == before


# --- statements --------------------------------------------------------------------------------------------------


async def test_a_statement_is_a_page_and_a_file(pages: Pages, made: Scene) -> None:
    browser = await pages.browser("auditor")
    words = visible(await page(await browser.get(f"/members/{made.mei.id}/statement")))
    for part in ("Statement of Mei Lin", "June 2026", "NT$300", "verified"):
        assert part in words
    rows = rows_of(await page(await browser.get(f"/members/{made.mei.id}/statement.csv")))
    assert [row["kind"] for row in rows] == ["bill", "bill", "payment"]
    assert len(objects_of(await page(await browser.get(f"/members/{made.mei.id}/statement.json")))) == 3


async def open_own(pages: Pages, made: Scene) -> str:
    actor = made.club.as_member(made.mei)
    return f"/statement/{await pages.db.write(statement_links.mint, actor)}"


async def test_a_members_link_opens_their_own_statement_once(pages: Pages, made: Scene) -> None:
    address, browser = await open_own(pages, made), await pages.browser()
    for _ in range(3):  # chat programs fetch links: looking at one spends nothing
        assert "Show my statement" in await page(await browser.get(address))
    response = await browser.post(address)
    assert (response.status, response.headers["Location"]) == (303, "/statement")
    words = visible(await page(await browser.follow(response)))
    assert "Statement of Mei Lin" in words
    assert "NT$300" in words
    assert "Jonas" not in words
    assert (await browser.post(address)).status == 410
    assert (await (await pages.browser()).get("/statement")).status == 410
    assert (await browser.get("/members")).status == 303, "it is no way to the desk"


async def test_a_statement_link_opens_nothing_else_and_ends(
    pages: Pages, made: Scene, clock: FixedClock
) -> None:
    club = made.club
    secret = (await open_own(pages, made)).removeprefix("/statement/")
    assert (await (await pages.browser()).post(f"/login/{secret}")).status == 410
    browser = await pages.browser()
    assert (await browser.post(f"/statement/{secret}")).status == 303, "a refused sign-in spent nothing"
    thief = await pages.browser()
    thief.cookies["statement"] = tokens.digest(secret)
    assert (await thief.get("/statement")).status == 410, "the link's own digest opens nothing"
    late = await open_own(pages, made)
    clock.advance(minutes=10)
    assert (await (await pages.browser()).post(late)).status == 410
    again = await pages.browser()
    await again.post(await open_own(pages, made))
    assert (await again.get("/statement")).status == 200
    club.db.write(roster.unlink, club.treasurer, made.mei.id)
    assert (await again.get("/statement")).status == 410, "whose it is, is looked up each time"
    club.db.write(roster.move_account, club.treasurer, made.mei.id, made.mei.discord_id)
    assert (await again.get("/statement")).status == 200
    clock.advance(minutes=30)
    assert (await again.get("/statement")).status == 410


async def test_a_hundred_presses_of_one_statement_link_open_it_once(pages: Pages, made: Scene) -> None:
    address, browser = await open_own(pages, made), await pages.browser()
    statuses = [
        response.status for response in await asyncio.gather(*(browser.post(address) for _ in range(100)))
    ]
    assert sorted(set(statuses)) == [303, 410]
    assert statuses.count(303) == 1
    assert len(made.club.audits("statement.open")) == 1


async def test_neither_kind_of_link_does_what_the_other_does(pages: Pages, made: Scene) -> None:
    """Also for somebody who is both: a treasurer on the roster."""
    club = made.club
    club.member("Treasurer", discord_id=club.treasurer.discord_id)
    statement = await pages.db.write(statement_links.mint, club.treasurer)
    sign_in = await pages.db.write(web_sessions.mint_link, club.treasurer)
    browser = await pages.browser()
    assert (await browser.post(f"/login/{statement}")).status == 410
    assert browser.cookies == {}
    assert (await browser.post(f"/statement/{sign_in}")).status == 410
    assert browser.cookies == {}
    assert (await browser.get(f"/u/{statement}")).status == 404
    assert (await browser.post(f"/statement/{statement}")).status == 303, (
        "making one ended nothing of the other"
    )
    assert (await browser.post(f"/login/{sign_in}")).status == 303


async def test_unknown_statement_links_say_so(pages: Pages) -> None:
    browser = await pages.browser()
    assert (await browser.get("/statement/unknown")).status == 200
    assert (await browser.post("/statement/unknown")).status == 410
