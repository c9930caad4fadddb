"""Plans with their prices and holders, and the ways to pay."""

from __future__ import annotations

import re

import pytest

from bot.web.host import Place
from core import methods, plans
from tests.factories import Club
from tests.web.list_pages import Scene, books, confirm, objects_of, page, preview, rows_of, scene, visible
from tests.web.site import FakeHost, Pages


@pytest.fixture
def made(club: Club, host: FakeHost) -> Scene:
    host.role_list = [Place(11, "Premium"), Place(12, "Music fans")]
    return scene(club)


async def test_the_page_shows_prices_holders_roles_and_what_methods_took_in(
    pages: Pages, made: Scene
) -> None:
    club = made.club
    club.reprice(made.music, 350, "2026-09")
    club.db.write(plans.set_role, club.treasurer, made.music.id, 12)
    club.db.write(plans.set_role, club.treasurer, made.cloud.id, 999)
    words = visible(await page(await (await pages.browser("auditor")).get("/plans")))
    for part in ("NT$300", "NT$350 from September 2026", "@Music fans", "role 999", "Money came in 2 times"):
        assert part in words, part
    assert "Add a plan…" not in words, "an auditor only reads"


async def test_a_plan_is_added_with_a_role_chosen_by_name(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    assert "Premium" in await page(await browser.get("/plans/add"))
    data = {
        "name": "Films", "price": "NT$1,200", "from_period": "2026-06", "cycle_months": "12",
        "proration": "daily", "role": "11",
    }  # fmt: skip
    text = await page(await browser.follow(await browser.post("/plans/add", data)))
    assert "Films" in text
    view = club.db.read(plans.everyone, club.auditor)[-1]
    assert (view.plan.name, view.plan.cycle_months, view.plan.proration, view.plan.role_id) == (
        "Films",
        12,
        "daily",
        11,
    )
    assert view.price == club.money(1200)


async def test_a_price_is_previewed_with_the_bills_that_it_leaves(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    path, fields = f"/plans/{made.music.id}/price", {"price": "320", "from_period": "2026-05"}
    before = books(club)
    words = visible(await preview(browser, path, fields))
    for part in ("NT$300 → NT$320", "May 2026", "June 2026", "open: a resync would change 2 unpaid bills"):
        assert part in words, part
    assert books(club) == before
    assert "Music costs NT$320 from May 2026 on." in await confirm(browser, path, fields)
    same = visible(await preview(browser, path, fields))
    assert "There is nothing to do" in same
    text = visible(await page(await browser.get(f"/plans/{made.music.id}")))
    assert text.index("NT$320") < text.index("NT$300")


async def test_a_plan_is_renamed_given_a_role_and_retired(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    base = f"/plans/{made.music.id}"
    await browser.follow(await browser.post(f"{base}/rename", {"name": "Songs"}))
    await browser.follow(await browser.post(f"{base}/role", {"role": "12"}))
    words = visible(await page(await browser.get(base)))
    assert "Songs" in words
    assert "@Music fans" in words
    await browser.follow(await browser.post(f"{base}/role", {"role": ""}))
    assert "2 subscriptions go on" in visible(await preview(browser, f"{base}/retire", {}))
    await confirm(browser, f"{base}/retire", {})
    assert [view.plan.name for view in club.db.read(plans.everyone, club.auditor)] == ["Cloud"]
    assert "One retired plan" in visible(await page(await browser.get("/plans")))
    assert "Use it again" in visible(await page(await browser.get(base)))
    said = visible(await page(await browser.follow(await browser.post(f"{base}/restore", {}))))
    assert "Songs is in use again." in said
    assert "Use it again" not in said
    assert len(club.db.read(plans.everyone, club.auditor)) == 2


async def test_methods_are_added_changed_moved_and_retired(pages: Pages, made: Scene) -> None:
    club, browser = made.club, await pages.browser("treasurer")
    data = {"name": "LINE Pay", "kind": "mobile", "instructions": "id clubpot\nthanks"}
    await browser.follow(await browser.post("/methods/add", data))
    newest = club.db.read(methods.everyone, club.auditor)[-1]
    await browser.post(f"/methods/{newest.id}/move", {"to": "up"})
    assert [one.name for one in club.db.read(methods.everyone, club.auditor)] == ["Bank", "LINE Pay", "Cash"]
    await browser.follow(await browser.post(f"/methods/{newest.id}/edit", {**data, "name": "LINE"}))
    await confirm(browser, f"/methods/{made.bank.id}/retire", {})
    assert [one.name for one in club.db.read(methods.everyone, club.auditor)] == ["LINE", "Cash"]
    assert (await browser.get(f"/methods/{made.bank.id}/edit")).status == 404
    assert "Use it again" in visible(await page(await browser.get("/plans")))
    back = await browser.follow(await browser.post(f"/methods/{made.bank.id}/restore", {}))
    assert "Bank is in use again." in visible(await page(back))
    assert made.bank in club.db.read(methods.everyone, club.auditor)
    club.db.write(methods.retire, club.treasurer, made.bank.id)
    club.method("BANK")
    taken = await browser.follow(await browser.post(f"/methods/{made.bank.id}/restore", {}))
    assert "BANK" in visible(await page(taken))
    assert made.bank not in club.db.read(methods.everyone, club.auditor)


@pytest.mark.parametrize(
    ("path", "change", "status", "field"),
    [
        ("/plans/add", {"name": ""}, 422, "name"),
        ("/plans/add", {"name": "music"}, 409, ""),
        ("/plans/add", {"name": "x" * 81}, 422, "name"),
        ("/plans/add", {"price": "free"}, 422, "price"),
        ("/plans/add", {"price": "1.5"}, 422, "price"),
        ("/plans/add", {"from_period": "2026-13"}, 422, "from_period"),
        ("/plans/add", {"cycle_months": "2"}, 422, "cycle_months"),
        ("/plans/add", {"proration": "hourly"}, 422, "proration"),
        ("/plans/add", {"role": "x"}, 400, ""),
        ("/plans/{music}/price", {"price": "-1"}, 422, "price"),
        ("/plans/{music}/price", {"from_period": ""}, 422, "from_period"),
        ("/plans/{music}/rename", {"name": "Cloud"}, 409, ""),
        ("/plans/999/rename", {}, 404, ""),
        ("/methods/add", {"name": "bank"}, 409, ""),
        ("/methods/add", {"name": ""}, 422, "name"),
        ("/methods/add", {"kind": "barter"}, 422, "kind"),
        ("/methods/add", {"instructions": "x" * 1001}, 422, "instructions"),
        ("/methods/999/edit", {}, 404, ""),
        ("/methods/999/move", {}, 303, ""),
    ],
)
async def test_bad_input_is_named_and_changes_nothing(
    pages: Pages, made: Scene, path: str, change: dict[str, str], status: int, field: str
) -> None:
    base = {
        "name": "New one", "price": "5", "from_period": "2026-06", "cycle_months": "1", "proration": "none",
        "role": "", "kind": "cash", "instructions": "", "digest": "x",
    }  # fmt: skip
    browser, before = await pages.browser("treasurer"), books(made.club)
    response = await browser.post(path.format(music=made.music.id), {**base, **change})
    text = await page(response, status)
    assert re.findall(r'<p class="error" id="(\w+)-error">', text) == ([field] if field else [])
    assert books(made.club) == before


async def test_the_files_hold_plans_methods_and_holders(pages: Pages, made: Scene) -> None:
    browser = await pages.browser("auditor")
    rows = rows_of(await page(await browser.get("/plans.csv")))
    assert [(row["name"], row["price"], row["subscribers"]) for row in rows] == [
        ("Music", "300", "2"),
        ("Cloud", "500", "1"),
    ]
    found = objects_of(await page(await browser.get("/methods.json")))
    assert [(row["name"], row["bookings"], row["in_pot"]) for row in found] == [
        ("Bank", 2, "600"),
        ("Cash", 1, "500"),
    ]
    held = rows_of(await page(await browser.get(f"/plans/{made.music.id}/holders.csv")))
    assert [row["name"] for row in held] == ["Mei Lin", '\'=HYPERLINK("http://evil")']


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
async def test_plans_and_methods_are_changed_by_treasurers(pages: Pages, made: Scene, role: str) -> None:
    browser, before = await pages.browser(role), books(made.club)
    for path in (
        "/plans/add", f"/plans/{made.music.id}/price", f"/plans/{made.music.id}/retire", "/methods/add",
        f"/methods/{made.bank.id}/edit", f"/methods/{made.bank.id}/retire",
    ):  # fmt: skip
        assert (await browser.get(path)).status == 403
        assert (await browser.post(path, {"name": "x", "price": "1"})).status == 403
    assert (await browser.post(f"/methods/{made.bank.id}/move", {"to": "down"})).status == 403
    assert books(made.club) == before


async def test_another_club_and_another_site_change_no_plan(pages: Pages, made: Scene) -> None:
    other = Club.create(made.club.db, number=1)
    pages.host.owners[other.workspace.guild_id] = other.owner.discord_id
    theirs, ours = await pages.browser("owner", club=other), await pages.browser("owner")
    before = books(made.club)
    data = {"name": "Mine", "price": "1", "from_period": "2026-06", "kind": "cash", "digest": "x"}
    for path in (
        f"/plans/{made.music.id}/price", f"/plans/{made.music.id}/rename", f"/plans/{made.music.id}/retire",
        f"/methods/{made.bank.id}/edit", f"/methods/{made.bank.id}/retire",
    ):  # fmt: skip
        assert (await theirs.get(path)).status == 404
        assert (await theirs.post(path, data)).status == 404
        assert (await ours.post(path, data, headers={"Sec-Fetch-Site": "same-site"})).status == 403
    assert (await theirs.get(f"/plans/{made.music.id}")).status == 404
    assert books(made.club) == before
