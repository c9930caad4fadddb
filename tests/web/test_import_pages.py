"""Importing a roster on the pages: the file that waits, its whole diff, what was done, and the way back."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData

from bot.web import keeping
from core import import_undo, member_lists
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.list_pages import books, confirm, hidden, objects_of, page, rows_of, sound, visible
from tests.web.site import Browser, Pages

FILE = (
    "Timestamp,Name,E-mail,Music,Consent\r\n"
    "2026-06-01,新人,new@example.org,TRUE,yes\r\n"
    '2026-06-01,"Wu, Kai",kai@example.org,,yes\r\n'
    "\r\n"
    "2026-06-01,Bad,nonsense,TRUE,\r\n"
).encode()


async def send(
    browser: Browser, data: bytes | None = FILE, name: str = "roster.csv", **fields: str
) -> ClientResponse:
    form = FormData(default_to_multipart=True)
    if data is not None:
        form.add_field("file", io.BytesIO(data), filename=name, content_type="text/csv")
    for field, value in fields.items():
        form.add_field(field, value)
    return await browser.post("/import", form())


async def bring(browser: Browser, data: bytes = FILE, **fields: str) -> tuple[str, str]:
    """Send a file; returns where its diff is, and that page."""
    response = await send(browser, data, **fields)
    return response.headers["Location"], await page(await browser.follow(response))


async def test_a_file_is_looked_at_applied_and_taken_back(pages: Pages, club: Club) -> None:
    club.plan("Music", 300)
    club.open()
    browser, before = await pages.browser("treasurer"), books(club)
    address, text = await bring(browser)
    words = visible(text)
    for part in (
        "UTF-8",
        "Music",
        "Consent",
        "新人",
        "Wu, Kai",
        "Line 5",
        "nonsense",
        "Import: 3 changes",
        "NT$300",
    ):
        assert part in words, part
    assert books(club) == before, "a preview changes nothing"
    done = visible(await page(await browser.follow(await browser.post(address, hidden(text)))))
    assert "The roster was imported" in done
    assert "新人" in done
    assert len(club.db.read(member_lists.page, club.auditor).rows) == 2
    again = await browser.follow(await browser.post(address, hidden(text)))
    assert "The roster was imported" in visible(await page(again))
    assert len(club.audits("roster.import")) == 1, "a second press imports nothing twice"
    (number,) = re.findall(r"/import/undo/(\d+)", await page(await browser.get(address)))
    assert "The import was taken back: 3 changes." in await confirm(browser, f"/import/undo/{number}", {})
    assert club.db.read(member_lists.page, club.auditor).rows == ()
    assert (await browser.get(f"/import/undo/{number}?go=1")).status == 409
    assert sound(club)


async def test_the_diff_is_a_file_too(pages: Pages, club: Club) -> None:
    club.plan("Music", 300)
    browser = await pages.browser("treasurer")
    address, _ = await bring(browser, FILE.replace("新人".encode(), b"=cmd()"))
    rows = rows_of(await page(await browser.get(f"{address}/changes.csv")))
    assert [(row["change"], row["line"]) for row in rows] == [
        ("added", "2"), ("added", "3"), ("subscribed", "2"), ("left_out", "5"),
    ]  # fmt: skip
    assert rows[0]["name"] == "'=cmd()"
    assert len(objects_of(await page(await browser.get(f"{address}/changes.json")))) == 4


async def test_an_unclear_encoding_is_asked_with_the_first_rows_of_each(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    data = "name,email\n林,a@example.org\n".encode("cp950")
    address, text = await bring(browser, data)
    assert "Which of these is right?" in text
    assert "林" in text
    assert not club.audits("roster.")
    text = await page(await browser.follow(await browser.post(f"{address}/encoding", {"encoding": "cp950"})))
    assert "Big5" in text
    await browser.follow(await browser.post(address, hidden(text)))
    assert [row.member.name for row in club.db.read(member_lists.page, club.auditor).rows] == ["林"]


async def test_columns_without_a_clear_header_are_chosen_by_a_person(pages: Pages, club: Club) -> None:
    plan = club.plan("Music", 300)
    browser = await pages.browser("treasurer")
    data = "Name,姓名,E-mail\nKai,凱,kai@example.org\n".encode()
    response = await send(browser, data)
    address = response.headers["Location"]
    asked = await browser.get(address)
    assert asked.status == 422
    words = visible(await asked.text())
    assert "more than one column" in words
    assert "凱" in words
    chosen = [("column", "note"), ("column", "name"), ("column", "email")]
    text = await page(await browser.follow(await browser.post(f"{address}/columns", chosen)))
    assert "Import: one change" in visible(text)
    # Chosen otherwise once more, from the preview itself.
    chosen = [("column", "name"), ("column", f"plan:{plan.id}"), ("column", "")]
    text = await page(await browser.follow(await browser.post(f"{address}/columns", chosen)))
    assert "neither TRUE nor FALSE" in visible(text)
    await page(await browser.follow(await browser.post(address, hidden(text))))
    found = club.db.conn.execute("SELECT name, email, note FROM members").fetchall()
    assert [tuple(row) for row in found] == [("Kai", None, "")]


async def test_a_made_up_column_choice_is_refused(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    address, _ = await bring(browser)
    answer = await browser.follow(await browser.post(f"{address}/columns", [("column", "plan:77")]))
    assert answer.status == 422
    assert "plan:77" in visible(await answer.text())


async def test_a_chosen_encoding_is_used_and_one_that_does_not_fit_is_said(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    data = "姓名,信箱\n陳小美,a@example.org\n".encode("cp950")
    _, text = await bring(browser, data, encoding="cp950")
    assert "陳小美" in text
    response = await send(browser, data, encoding="utf-8")
    refused = await browser.get(response.headers["Location"])
    assert "UTF-8" in visible(await page(refused, 422))


@pytest.mark.parametrize(
    ("data", "fields", "status", "field"),
    [
        (None, {"encoding": ""}, 422, "file"),
        (b"", {}, 422, "file"),
        (FILE, {"starts_on": "2026-13-45"}, 422, "starts_on"),
        (FILE, {"starts_on": "soon"}, 422, "starts_on"),
        (b"x" * 5_000_001, {}, 413, ""),
        (b"a@example.org,b\nc,d\n", {}, 422, ""),
        (b'name,email\n"open,x\n', {}, 422, ""),
        (b"\x00\x01\x02\x00", {}, 422, ""),
        (b"name,name\na,b\n", {}, 422, ""),
        (FILE, {"encoding": "klingon"}, 422, ""),
        (b" \n", {}, 422, ""),
    ],
    ids=[
        "no file",
        "empty file",
        "no such day",
        "not a day",
        "too large",
        "no header",
        "open quote",
        "not text",
        "a column twice",
        "unknown encoding",
        "blank",
    ],
)
async def test_a_file_that_cannot_be_imported_is_refused_whole(
    pages: Pages, club: Club, data: bytes | None, fields: dict[str, str], status: int, field: str
) -> None:
    browser, before = await pages.browser("treasurer"), books(club)
    response = await send(browser, data, **fields)
    if response.status == 303:
        response = await browser.get(response.headers["Location"])
    text = await page(response, status)
    assert re.findall(r'<p class="error" id="(\w+)-error">', text) == (
        ["starts"] if field == "starts_on" else [field] if field else []
    )
    assert field or 'role="alert"' in text
    assert books(club) == before


async def test_a_form_that_is_no_file_form_is_refused(pages: Pages) -> None:
    browser = await pages.browser("treasurer")
    assert (await browser.post("/import", {"file": "x"})).status == 415


async def test_the_file_is_only_for_the_session_that_brought_it(
    pages: Pages, club: Club, clock: FixedClock
) -> None:
    mine, other = await pages.browser("treasurer"), await pages.browser("treasurer")
    address, text = await bring(mine)
    before = books(club)
    for browser in (other, await pages.browser("owner")):
        assert (await browser.get(address)).headers["Location"] == "/import"
        assert (await browser.post(address, hidden(text))).headers["Location"] == "/import"
        assert (await browser.get(f"{address}/changes.csv")).headers["Location"] == "/import"
    assert (await mine.get("/import/" + "x" * 32)).headers["Location"] == "/import"
    clock.advance(minutes=30)
    answer = await mine.post(address, hidden(text))
    assert "not kept any more" in await page(await mine.follow(answer))
    assert books(club) == before


async def test_only_a_few_files_wait(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_PACKED_BYTES", 1)
    browser = await pages.browser("treasurer")
    first, _ = await bring(browser)
    second, _ = await bring(browser)
    assert (await browser.get(first)).headers["Location"] == "/import"
    assert (await browser.get(second)).status == 200


async def test_what_changed_meanwhile_is_shown_before_it_is_done(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    address, text = await bring(browser)
    club.member("Somebody", email="kai@example.org")
    before = books(club)
    new = await page(await browser.post(address, hidden(text)))
    assert "Something changed meanwhile" in new
    assert books(club) == before
    await browser.follow(await browser.post(address, hidden(new)))
    assert len(club.audits("roster.import")) == 1


async def test_a_made_up_diff_is_never_taken(pages: Pages, club: Club) -> None:
    browser, before = await pages.browser("treasurer"), books(club)
    address, _ = await bring(browser)
    forged = {"digest": "0" * 32, "created": "Evil", "starts_on": "2020-01-01"}
    assert "Something changed meanwhile" in await page(await browser.post(address, forged))
    assert books(club) == before


async def test_the_roster_as_a_file_comes_back_without_a_change(pages: Pages, club: Club) -> None:
    plan = club.plan("Music")
    club.subscriber(plan, "Mei")
    club.member("=formula", email="f@example.org")
    browser = await pages.browser("treasurer")
    data = await (await browser.get("/import/roster.csv")).read()
    _, text = await bring(browser, data)
    assert "There is nothing to do" in text
    assert "Import:" not in text


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
async def test_imports_are_for_treasurers(pages: Pages, club: Club, role: str) -> None:
    treasurer, browser = await pages.browser("treasurer"), await pages.browser(role)
    address, text = await bring(treasurer)
    before = books(club)
    for path in ("/import", "/import/roster.csv", address, f"{address}/changes.csv", "/import/undo/1"):
        assert (await browser.get(path)).status == 403
    for path in ("/import", address, f"{address}/encoding", "/import/undo/1"):
        assert (await browser.post(path, hidden(text))).status == 403
    assert books(club) == before


async def test_another_club_and_another_site_import_nothing_here(pages: Pages, club: Club) -> None:
    other = Club.create(club.db, number=1)
    pages.host.owners[other.workspace.guild_id] = other.owner.discord_id
    mine, theirs = await pages.browser("treasurer"), await pages.browser("owner", club=other)
    address, text = await bring(mine)
    cross: Any = {"headers": {"Sec-Fetch-Site": "cross-site"}}
    assert (await mine.post(address, hidden(text), **cross)).status == 403
    await mine.post(address, hidden(text))
    (made,) = club.db.read(import_undo.recent, club.auditor)
    before = books(club)
    assert (await theirs.get(f"/import/undo/{made.id}?go=1")).status == 404
    assert (await theirs.post(f"/import/undo/{made.id}", {"digest": "x"})).status == 404
    assert books(club) == before
