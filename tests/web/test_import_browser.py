"""The import in a real browser, from the file to taking it back; and forms of the lists without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core import statement_links
from tests.simulator.page_browser import expect
from tests.web.desk import DeskServer, screenshots
from tests.web.looker import WIDTHS, Looker, browser, own

__all__ = ["browser", "own"]

pytestmark = pytest.mark.browser

FILE = (
    "Timestamp,Name,E-mail,ChatGPT,Claude Pro,Consent\n"
    "2026-06-01,新人,new@example.org,TRUE,,yes\n"
    '2026-06-01,"Wu, Kai",kai@example.org,,TRUE,yes\n'
    "2026-06-01,,nonsense,TRUE,,\n"
)


def whole(looker: Looker, name: str) -> None:
    """Nothing overflows and axe finds nothing, from a phone to a desk, light and dark."""
    for theme in ("light", "dark"):
        looker.page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            looker.page.set_viewport_size({"width": width, "height": 860})
            assert looker.overflow() + looker.cut() == [], (name, theme, width)
            assert width > 360 or looker.too_small() == [], (name, theme)
            if folder := screenshots():
                looker.page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=True)
        assert looker.complaints() == [], (name, theme)


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_an_import_from_the_file_to_taking_it_back(
    browser: Any, own: tuple[DeskServer, dict[str, Any]], language: str
) -> None:
    server, _ = own
    looker = Looker(browser, server, secret=server.session(server.club.treasurer), locale=language)
    page = looker.open("/import")
    page.locator("#file").set_input_files(
        {"name": "roster.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.locator("form[enctype] button").click()
    expect(page.locator("#created-heading")).to_be_visible()
    whole(looker, f"import-diff-{language}")
    page.locator("main form .button.is-primary").click()
    expect(page.locator('a[href*="/import/undo/"]')).to_be_visible()
    whole(looker, f"import-done-{language}")
    page.locator('a[href*="/import/undo/"]').click()
    whole(looker, f"import-undo-{language}")
    page.locator("button.is-danger").click()
    expect(page.locator("#toast")).to_be_visible()
    two_names = "Name,姓名,E-mail\nKai,凱,kai@example.org\n".encode()
    page.locator("#file").set_input_files({"name": "two.csv", "mimeType": "text/csv", "buffer": two_names})
    page.locator("form[enctype] button").click()
    choices = page.locator("select[name=column]")
    expect(choices).to_have_count(3)
    whole(looker, f"import-columns-{language}")
    choices.first.select_option("")
    page.locator("main form button").click()
    page.locator("#choose-columns > summary").click()
    expect(choices.nth(1)).to_have_value("name")
    whole(looker, f"import-chosen-{language}")
    page.goto(f"{server.url}/import")
    page.locator("#file").set_input_files(
        {
            "name": "big5.csv",
            "mimeType": "text/csv",
            "buffer": "name,email\n林,a@example.org\n".encode("cp950"),
        }
    )
    page.locator("form[enctype] button").click()
    expect(page.locator(".reading").first).to_be_visible()
    whole(looker, f"import-encoding-{language}")
    assert looker.said == []
    looker.context.close()


def test_the_lists_and_forms_work_without_javascript(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, _ = own
    looker = Looker(
        browser, server, secret=server.session(server.club.treasurer), java_script_enabled=False, locale="en"
    )
    page = looker.open("/bills")
    page.get_by_label("State").select_option("open")
    page.get_by_role("button", name="Show").click()
    page.locator("tbody tr th a").first.click()
    page.get_by_role("link", name="Waive…").click()
    page.get_by_label("Reason").fill("by hand")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Waive NT$").click()
    expect(page.locator("#toast")).to_contain_text("was waived")
    page = looker.open("/members")
    for tick in page.locator("tbody input[type=checkbox]").all()[:2]:
        tick.check()
    page.get_by_role("button", name="Charge the ticked members…").click()
    page.get_by_label("What for").fill("Cake")
    page.get_by_label("Amount for each").fill("50")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Charge 2 members: NT$100").click()
    expect(page.locator("#toast")).to_contain_text("2 members were charged")
    page = looker.open("/plans")
    page.get_by_role("button", name="Show LINE Pay earlier").click()
    expect(page.locator("ol.rows > li").first).to_contain_text("LINE Pay")
    looker.context.close()


def test_a_correction_by_keyboard_alone(browser: Any, own: tuple[DeskServer, dict[str, Any]]) -> None:
    server, things = own
    bill = server.club.bills(things["debtor"])[0]
    looker = Looker(browser, server, secret=server.session(server.club.treasurer), locale="en")
    page = looker.open(f"/bills/{bill.id}/amount")
    page.locator("#f-amount").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("50")
    page.keyboard.press("Tab")
    page.keyboard.type("first month")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Set B-{bill.id} to NT$50")).to_be_visible()
    page.get_by_role("button", name=f"Set B-{bill.id} to NT$50").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("asks for NT$50 now")
    assert looker.said == []
    looker.context.close()


def test_an_upload_link_and_a_members_own_statement(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, things = own
    looker = Looker(browser, server, secret=server.session(server.club.treasurer), locale="en")
    page = looker.open(f"/members/{things['member'].id}")
    page.get_by_role("button", name="Make an upload link").click()
    expect(page.locator("#link")).to_have_value(re.compile(r"/u/[A-Za-z0-9_-]{40,}$"))
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    whole(looker, "upload-link")
    actor = server.club.as_member(things["debtor"])
    own_page = Looker(browser, server, locale="zh-TW")
    own_page.open(f"/statement/{server.local.write(statement_links.mint, actor)}")
    own_page.page.locator("button.is-primary").click()
    own_page.page.wait_for_url("**/statement")
    whole(own_page, "own-statement")
    assert looker.said == own_page.said == []
    looker.context.close()
    own_page.context.close()
