"""The activity log: in words, narrowed by the address, page by page, as files, and whether its chain holds."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from pathlib import Path

import pytest

import core
from bot.web.log_words import ACTIONS
from core import admins, api_tokens, audit, payments, reports_log, templates, workspaces
from core.admin_log import LOGGED
from core.db import Tx
from core.models import Actor, PaymentId
from core.store import log_lists
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.desk_pages import ANNOUNCE, busy, furnish, refused, text_of
from tests.web.site import FakeHost, Pages


def line(page: str, action: str) -> str:
    """The newest line of that action, tags left out."""
    for found in page.split('<li class="row is-top"')[1:]:
        if f'row-title">{action}</span>' in found:
            return " ".join(re.sub(r"<[^>]+>", " ", found.split("</li>")[0].split(">", 1)[1]).split())
    raise AssertionError(f"no line {action!r}")


def numbers(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="line-(\d+)"', page)]


def forge(club: Club, line_id: int) -> None:
    """Edit a line behind the program's back, as somebody with the file could."""
    conn = club.db.conn
    conn.execute("DROP TRIGGER audit_log_kept")
    conn.execute("UPDATE audit_log SET done_by = 'system' WHERE id = ?", (line_id,))


async def test_a_line_says_who_did_what_to_whom_and_what_it_was_before(
    pages: Pages, club: Club, host: FakeHost
) -> None:
    furnish(host)
    busy(club)
    club.set(due_days=14, announce_channel_id=ANNOUNCE)
    club.member("Ada", discord_id=club.treasurer.discord_id)
    page = await text_of(pages, "auditor", "/log")
    assert "P-0001 · Mei Lin" in line(page, "Verified a payment")
    assert "State waiting for review → became verified" in line(page, "Verified a payment")
    changed = line(page, "Changed settings")
    assert "Days to pay 0 → became 14" in changed
    assert "Announcement channel – → became #announcements" in changed
    assert changed.endswith("Ada")
    assert "Amount NT$600" in line(page, "Opened a month")
    assert "June 2026" in line(page, "Opened a month")


async def test_every_action_that_is_told_in_discord_has_words_here(club: Club) -> None:
    assert set(LOGGED) - set(ACTIONS) == set()


def test_every_action_that_the_core_records_by_name_has_words() -> None:
    """Those whose names are put together in code are told in the admin channel, and so in the test above."""
    recorded = set()
    for file in Path(core.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                recorded |= {arg.value for arg in node.args[2:3] if isinstance(arg, ast.Constant)}
    assert len(recorded) > 30
    assert recorded - set(ACTIONS) == set()


async def test_what_was_typed_is_escaped(pages: Pages, club: Club) -> None:
    club.member("<script>alert(1)</script>")
    page = await text_of(pages, "auditor", "/log")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_the_address_narrows_the_log(pages: Pages, club: Club) -> None:
    busy(club)
    everything = numbers(await text_of(pages, "auditor", "/log"))
    reviewed = await text_of(pages, "auditor", f"/log?by=discord:{club.reviewer.discord_id}")
    assert line(reviewed, "Verified a payment")
    assert len(numbers(reviewed)) == 1
    about = numbers(await text_of(pages, "auditor", "/log?about=payment"))
    one = numbers(await text_of(pages, "auditor", "/log?about=payment&id=1"))
    assert set(one) < set(about) < set(everything)
    submitted = await text_of(pages, "auditor", "/log?action=payment.submit")
    assert len(numbers(submitted)) == 2


async def test_days_are_days_of_the_club(pages: Pages, club: Club, clock: FixedClock) -> None:
    """In Taipei the 6th begins at 16:00 UTC of the 5th."""
    clock.advance(hours=14, minutes=59)
    early = club.member("Early")
    clock.advance(minutes=1)
    club.member("Late")
    page = await text_of(pages, "auditor", "/log?from=2026-06-06&to=2026-06-06&about=member")
    assert "Late" in page
    assert early.name not in page
    assert "Early" in await text_of(pages, "auditor", "/log?from=2026-06-05&to=2026-06-05&about=member")


@pytest.mark.parametrize(
    ("query", "said"),
    [("from=yesterday", "start date"), ("to=2026-02-30", "end date"), ("about=payment&id=x", "number")],
)
async def test_a_filter_that_cannot_be_names_its_field(pages: Pages, query: str, said: str) -> None:
    browser = await pages.browser("auditor")
    assert said in await refused(await browser.get(f"/log?{query}"))
    for ending in ("csv", "json"):
        assert (await browser.get(f"/log.{ending}?{query}")).status == 422


async def test_pages_follow_each_other_without_gap_or_repeat(pages: Pages, club: Club) -> None:
    for number in range(120):
        club.member(f"Person {number}")
    seen: list[int] = []
    path = "/log?about=member"
    browser = await pages.browser("auditor")
    while path:
        page = await (await browser.get(path)).text()
        seen += numbers(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == 120
    assert seen == sorted(set(seen), reverse=True)


async def test_files_have_every_line_that_fits(
    pages: Pages, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.pages.log.BATCH", 7)
    for number in range(30):
        club.member(f"=Person {number}")
    browser = await pages.browser("auditor")
    answer = await browser.get("/log.csv?about=member")
    text = (await answer.read()).decode("utf-8")
    assert text.startswith("\ufeffid,done_at")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 30
    assert {row["member"][0] for row in rows} == {"'"}, "no formula for a spreadsheet"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    found = json.loads(await (await browser.get("/log.json?about=member")).text())
    assert [row["id"] for row in found] == [int(row["id"]) for row in rows]
    assert found[0]["action_words"] == "Added a member"
    assert json.loads(await (await browser.get("/log.json?action=nothing")).text()) == []


async def test_an_unbroken_chain_says_so_and_a_forged_line_is_found(pages: Pages, club: Club) -> None:
    busy(club)
    assert "follow unbroken from each other" in await text_of(pages, "auditor", "/log")
    forge(club, 5)
    page = await text_of(pages, "auditor", "/log")
    assert "The log was tampered with" in page
    assert "Lines: 5." in page


async def test_a_removed_line_is_found(club: Club) -> None:
    busy(club)
    club.db.conn.execute("DROP TRIGGER audit_log_stay")
    club.db.conn.execute("DELETE FROM audit_log WHERE id = 7")
    found = club.db.read(reports_log.check_chain, club.auditor)
    assert found.broken == (8,)


async def test_of_a_long_log_the_newest_lines_are_checked_and_all_when_asked(
    pages: Pages, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports_log, "QUICK_CHECK", 10)
    busy(club)
    forge(club, 2)
    page = await text_of(pages, "auditor", "/log")
    assert "The newest 10 lines" in page
    assert "tampered" not in page
    assert "The log was tampered with" in await text_of(pages, "auditor", "/log?check=all")


async def test_what_was_taken_back_says_by_whom(pages: Pages, club: Club) -> None:
    club.db.write(_line_and_undo, club.treasurer)
    club.member("Ada", discord_id=club.treasurer.discord_id)
    assert "taken back by Ada" in line(await text_of(pages, "auditor", "/log"), "Reopened a month")


def _line_and_undo(tx: Tx, actor: Actor) -> None:
    first = audit.record(tx, actor, "period.reopen", "period", 1)
    audit.record(tx, actor, "action.undo", "audit", first, after={"action": "period.reopen"})


async def test_programs_are_named(pages: Pages, club: Club) -> None:
    made = club.db.write(api_tokens.create, club.treasurer, "Sheet", "treasurer")
    program = Actor.token(club.id, made.token.id, club.treasurer.discord_id)
    club.db.write(workspaces.update_settings, program, due_days=3)
    assert line(await text_of(pages, "auditor", "/log"), "Changed settings").endswith("program “Sheet”")


async def test_a_wording_is_shown_before_and_after(pages: Pages, club: Club) -> None:
    club.db.write(templates.save, club.treasurer, "opened", "en", "Ours: {period}")
    found = line(await text_of(pages, "auditor", "/log"), "Changed a template")
    assert "Kind A month opens" in found
    assert "Ours: {period}" in found


async def test_another_clubs_lines_and_names_stay_out(pages: Pages, club: Club) -> None:
    other = Club.create(club.db, number=1)
    other.member("Somebody Else", discord_id=club.treasurer.discord_id)
    page = await text_of(pages, "auditor", "/log")
    assert "Somebody Else" not in page
    assert "Somebody Else" not in await text_of(pages, "auditor", "/log.csv")


def test_the_look_ups_of_names_stay_in_their_club(club: Club) -> None:
    other = Club.create(club.db, number=1)
    theirs = other.member("Somebody Else", discord_id=600_000)

    def look(tx: Tx) -> tuple[dict[int, str], dict[int, str]]:
        conn = tx.conn
        return (
            log_lists.names_of_accounts(conn, club.id, [600_000]),
            log_lists.member_names(conn, club.id, [theirs.id]),
        )

    assert club.db.read(look) == ({}, {})


async def test_a_role_that_was_given_names_whom(pages: Pages, club: Club) -> None:
    club.member("Ada", discord_id=600_001)
    club.db.write(admins.grant, club.owner, 600_001, "auditor")
    assert "Ada" in line(await text_of(pages, "auditor", "/log"), "Gave a role")


async def test_a_rejection_shows_the_state_it_led_to(pages: Pages, club: Club) -> None:
    busy(club)
    club.db.write(payments.reject, club.reviewer, PaymentId(2), "Nothing arrived")
    assert "became rejected" in line(await text_of(pages, "auditor", "/log"), "Rejected a payment")
