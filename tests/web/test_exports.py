"""Every list as a file: spreadsheets open it right and run nothing of it, and JSON says the same."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from tests.factories import Club
from tests.web.site import FakeHost, Pages
from tests.web.test_every_route import GUARDED, Stage

FILES = [name for name, route in GUARDED.items() if "{kind:csv|json}" in route.path and "{token}" not in name]
# What a spreadsheet takes for a formula; a plain number may begin with a minus sign.
FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@pytest.fixture
def stage(pages: Pages, club: Club, host: FakeHost) -> Stage:
    """A club in which every name that people choose is a formula."""
    plan, method = club.plan('=HYPERLINK("http://example.org")', 315), club.method("@SUM(A1)")
    member = club.subscriber(plan, "＝1+1")
    club.subscriber(plan, '-2+3, "quoted"\ntwo lines')
    club.open()
    club.verify(club.submit(member, method_id=method.id, note="+1"))
    payment = club.submit(club.subscriber(plan, "+48 123"), method_id=method.id, note="=1")
    return Stage(pages, club, club, payment)


@pytest.mark.parametrize("name", FILES)
async def test_a_file_carries_no_formula_and_opens_right(stage: Stage, name: str) -> None:
    path = stage.path(GUARDED[name])
    browser = await stage.pages.browser("treasurer")
    answer = await browser.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="[\w.-]+\.csv"', answer.headers["Content-Disposition"])
    text = (await answer.read()).decode()
    assert text.startswith("\ufeff"), "without the mark spreadsheets take UTF-8 for something else"
    head, *rows = csv.reader(io.StringIO(text[1:], newline=""))
    assert rows, "the club has one of everything"
    assert [len(row) for row in rows] == [len(head)] * len(rows)
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if FORMULA.match(cell) and not NUMBER.fullmatch(cell)] == []
    same = json.loads(await (await browser.get(path.replace("csv", "json"))).read())
    assert [list(row) for row in same] == [head] * len(rows)


async def test_what_waits_for_one_member_is_all_that_their_file_says(stage: Stage) -> None:
    browser = await stage.pages.browser("auditor")
    member = stage.ids["member"]
    found = json.loads(await (await browser.get(f"/review.json?member={member}")).read())
    assert [row["payment"] for row in found] == ["P-0002"]
    assert json.loads(await (await browser.get("/review.json?member=1")).read()) == []
    assert f"/review.csv?member={member}" in await (await browser.get(f"/review?member={member}")).text()
