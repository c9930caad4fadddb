"""The pages in a real browser: every screen in both languages, light and dark, from a phone to a desk.

axe finds nothing, nothing overflows, nothing is said on the console under the real content policy. With
SCREENSHOTS=folder in the environment each of them is also written there, to be looked at.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.web.app import MODULES
from core import payments
from tests import axe
from tests.simulator.page_browser import ARGUMENTS, CHROMIUM, expect, sync_api
from tests.web.desk import DeskServer, furnish, screenshots, stage_all_pages

pytestmark = pytest.mark.browser

LANGUAGES, THEMES, WIDTHS = ("en", "zh-TW"), ("light", "dark"), (360, 768, 1360)
# axe takes a while: the gate (NO_SKIPS) asks it about everything, other runs about each value once or twice.
EVERYTHING = bool(os.environ.get("NO_SKIPS"))
PAIRS = {("en", "light", 360), ("en", "dark", 1360), ("zh-TW", "light", 1360), ("zh-TW", "dark", 768)}

# Name of a screen → its address; {…} are ids of what tests/web/desk.py made. A test below misses no page.
SCREENS = {
    "overview": "/", "overview-old": "/?period=2026-04", "overview-next": "/?period=2026-07",
    "review": "/review", "review-member": "/review?member={member}",
    "submission": "/review/{waiting}", "submission-twin": "/review/{twin}",
    "submission-verified": "/review/{verified}", "submission-rejected": "/review/{rejected}",
    "take-back": "/review/{verified}/undo", "refund": "/review/{verified}/refund?amount=100",
    "open": "/periods/2026-07/open", "remind": "/periods/2026-06/remind", "resync": "/periods/2026-06/resync",
    "close": "/periods/2026-05/close", "retract": "/periods/2026-06/retract", "reopen": "/periods/2026-04/reopen",
    "resend": "/periods/2026-06/resend",
    "sessions": "/sessions", "error": "/nothing/here",
    "templates": "/templates", "template": "/templates/opened/en", "template-alert": "/templates/alert/zh-TW",
    "settings": "/settings", "settings-channels": "/settings/channels", "settings-alerts": "/settings/alerts",
    "settings-rights": "/settings/rights", "settings-tokens": "/settings/tokens",
    "settings-pictures": "/settings/pictures?months=6", "notices": "/notices",
    "notices-narrow": "/notices?period=2026-06&kind=opened&status=waiting", "log": "/log",
    "log-narrow": "/log?about=payment&from=2026-06-01&by=system", "log-refused": "/log?from=yesterday",
    "health": "/health",
    "bills": "/bills", "bills-none": "/bills?state=void&q=nobody", "bills-refused": "/bills?period=soon",
    "bill": "/bills/{bill}", "bill-locked": "/bills/1", "bill-void": "/bills/{bill}/void",
    "bill-preview": "/bills/{bill}/amount?go=1&amount=100&reason=x",
    "bill-refused": "/bills/{bill}/amount?go=1&amount=12x&reason=",
    "bill-waive": "/bills/{bill}/waive", "bill-unwaive": "/bills/{bill}/waivers/{waiver}/take-back",
    "charge": "/bills/charge?member={member}", "back-fill": "/bills/back-fill?member={member}",
    "record-whom": "/bills/record", "record": "/bills/record?member={member}",
    "members": "/members", "members-left": "/members?show=left", "member": "/members/{member}",
    "member-paused": "/members/{paused}", "member-add": "/members/add", "member-edit": "/members/{member}/edit",
    "member-leave": "/members/{member}/leave?go=1&left_on=2026-06-05", "member-link": "/members/{member}/link",
    "member-merge": "/members/{member}/merge", "member-balance": "/members/{member}/balance",
    "seat-start": "/members/{member}/seats/start", "seat-pause": "/members/{member}/seats/{seat}/pause",
    "seat-resume": "/members/{paused}/seats/{paused_seat}/resume",
    "seat-end": "/members/{member}/seats/{seat}/end", "seat-day": "/members/{member}/seats/{seat}/billing-day",
    "statement": "/members/{member}/statement",
    "plans": "/plans", "plan": "/plans/1", "plan-add": "/plans/add", "plan-rename": "/plans/1/rename",
    "plan-price": "/plans/1/price?go=1&price=350&from_period=2026-06", "plan-role": "/plans/1/role",
    "plan-retire": "/plans/1/retire", "method-add": "/methods/add", "method-edit": "/methods/1/edit",
    "method-retire": "/methods/1/retire",
    "import": "/import", "import-gone": "/import/nothing", "import-undo": "/import/undo/{import}?go=1",
}  # fmt: skip
OPEN_SCREENS = {
    "sign-in": "/login", "sign-in-link": "/login/x", "upload": "{upload}", "upload-used": "{used}",
    "upload-expired": "{expired}", "upload-nothing": "{nothing}", "upload-sent": "/u/sent", "upload-unknown": "/u/x",
    "statement-link": "/statement/x", "statement-gone": "/statement",
}  # fmt: skip
# What answers a GET and is no page to look at.
NO_PAGES = re.compile(
    r"/(api|static|proof)/.*|.*\.(ico|csv|json|\{kind:csv\|json\})|/version|/(healthz|readyz|metrics)"
)


class Looker:
    """A browser context that hears the console, and judges what it sees."""

    def __init__(self, browser: Any, server: DeskServer, *, secret: str | None = None, **more: Any) -> None:
        self.server = server
        self.context = browser.new_context(viewport={"width": 1360, "height": 860}, **more)
        self.context.set_default_timeout(10_000)
        if secret:
            self.context.add_cookies([{"name": "sid", "value": secret, "url": server.url}])
        self.said: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))

    def _hear(self, message: Any) -> None:
        # Chromium writes a line of its own for every answer of 400 and more.
        if "the server responded with a status of" not in message.text:
            self.said.append(f"{message.type}: {message.text}")

    def open(self, path: str) -> Any:
        self.page.goto(self.server.url + path)
        return self.page

    def overflow(self) -> list[str]:
        """What sticks out of the window to the right, outside of what scrolls by itself."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter((one) => {
                const box = one.getBoundingClientRect();
                if (!box.width || box.right <= innerWidth + 1 || !one.checkVisibility()) return false;
                return !one.closest('.table-scroll, .picture, .visually-hidden, .skip, [hidden]');
            }).slice(0, 5).map((one) => one.outerHTML.slice(0, 90))"""
        )
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return found + (["the page itself scrolls"] if wide else [])

    def complaints(self) -> list[str]:
        """What axe finds, one line for each."""
        return axe.complaints(self.page)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api().sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DeskServer, dict[str, Any]]]:
    """One club for all screens, which only look."""
    with DeskServer(tmp_path_factory.mktemp("desk")) as server:
        things = furnish(server)
        yield server, things | stage_all_pages(server, things)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[DeskServer, dict[str, Any]]]:
    """A club of the test's own, for those that change something."""
    with DeskServer(tmp_path) as server:
        yield server, furnish(server)


@pytest.mark.parametrize("name", [*SCREENS, *OPEN_SCREENS])
def test_a_screen_is_whole_in_every_size_colour_and_language(
    browser: Any, shown: tuple[DeskServer, dict[str, Any]], name: str
) -> None:
    server, things = shown
    secret = server.session(server.club.treasurer) if name in SCREENS else None
    path = {**SCREENS, **OPEN_SCREENS}[name].format(**things)
    wrong: dict[str, list[str]] = {}
    for language in LANGUAGES:
        looker = Looker(browser, server, secret=secret, locale=language)
        if name == "upload-sent":
            looker.context.add_cookies([{"name": "sent", "value": things["sent"], "url": server.url}])
        page = looker.open(path)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 860})
                found = looker.overflow()
                if EVERYTHING or (language, theme, width) in PAIRS:
                    found += looker.complaints()
                if found:
                    wrong[f"{language} {theme} {width}"] = found
                _picture(page, f"{name}-{language}-{theme}-{width}")
        if looker.said:
            wrong[f"{language} console"] = looker.said
        looker.context.close()
    assert not wrong, "\n".join(f"{where}: {line}" for where, lines in wrong.items() for line in lines)


def test_every_page_is_among_the_screens(shown: tuple[DeskServer, dict[str, Any]]) -> None:
    _, things = shown
    addresses = [
        path.format(**things).partition("?")[0] for path in (*SCREENS.values(), *OPEN_SCREENS.values())
    ]
    pages = {
        route.path
        for name in MODULES
        for route in importlib.import_module(name).pages
        if route.method == "GET" and not NO_PAGES.fullmatch(route.path)
    }
    patterns = {path: re.compile(_PART.sub(lambda part: f"(?:{part[2] or '[^/]+'})", path)) for path in pages}
    missed = {path for path, fits in patterns.items() if not any(map(fits.fullmatch, addresses))}
    assert missed == set()


_PART = re.compile(r"\{(\w+)(?::([^{}]+))?\}")


def _picture(page: Any, name: str) -> None:
    if folder := screenshots():
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_a_page_at_twice_the_size_still_fits(browser: Any, shown: tuple[DeskServer, dict[str, Any]]) -> None:
    """200 % zoom on a laptop is a window half as wide, with everything twice as large."""
    server, things = shown
    looker = Looker(browser, server, secret=server.session(server.club.treasurer), device_scale_factor=2)
    for path in ("/", "/review", f"/review/{things['waiting']}"):
        page = looker.open(path)
        page.set_viewport_size({"width": 640, "height": 400})
        assert looker.overflow() == []
    looker.context.close()


def test_the_review_desk_by_keyboard_alone(browser: Any, own: tuple[DeskServer, dict[str, Any]]) -> None:
    server, _ = own
    looker = Looker(browser, server, secret=server.session(server.club.reviewer))
    page = looker.open("/review")
    rows, toast = page.locator("[data-row]"), page.locator("#toast")
    expect(rows).to_have_count(4)
    page.keyboard.press("j")
    expect(rows.first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.first).to_be_focused()
    page.keyboard.press("v")
    expect(toast).to_contain_text("verified: NT$")
    expect(rows).to_have_count(3)
    expect(rows.first).to_be_focused()  # the row that took the place of the one that went
    page.keyboard.press("z")
    expect(toast).to_contain_text("waits for review again")
    expect(rows).to_have_count(4)
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("select:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details[data-fold][open]")).to_have_count(0)
    page.keyboard.press("r")
    page.keyboard.press("Tab")
    page.keyboard.type("vjz is text here")
    page.keyboard.press("Enter")
    expect(toast).to_contain_text("rejected")
    expect(rows).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/review/\d+$"))
    assert looker.said == []
    looker.context.close()


def test_two_reviewers_see_each_others_decisions_without_reloading(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, things = own
    one = Looker(browser, server, secret=server.session(server.club.reviewer))
    other = Looker(browser, server, secret=server.session(server.club.treasurer))
    first, second = one.open("/review"), other.open("/review")
    row = f"#p{things['waiting']}"
    second.evaluate("window.still = 'the same page'")
    first.locator(f"{row} [data-key=v]").click()
    expect(first.locator(row)).to_have_count(0)
    expect(second.locator(row)).to_have_count(0, timeout=9_000)
    assert second.evaluate("window.still") == "the same page"
    assert one.said == other.said == []
    one.context.close()
    other.context.close()


def test_a_decision_upon_an_old_page_is_refused_and_says_so(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, things = own
    looker = Looker(browser, server, secret=server.session(server.club.reviewer))
    page = looker.open("/review")
    page.locator(f"#p{things['waiting']} summary").click()  # unfolded, so nothing is morphed away meanwhile

    server.local.write(payments.reject, server.club.treasurer, things["waiting"], "not ours")
    page.locator(f"#p{things['waiting']} [data-key=v]").click()
    expect(page.locator("#toast")).to_contain_text("somebody was faster")
    looker.context.close()


def test_everything_works_without_javascript(browser: Any, own: tuple[DeskServer, dict[str, Any]]) -> None:
    server, things = own
    looker = Looker(browser, server, secret=server.session(server.club.treasurer), java_script_enabled=False)
    page = looker.open("/review")
    row = page.locator(f"#p{things['waiting']}")
    row.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("verified: NT$640")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("waits for review again")
    row.locator("summary").click()
    row.get_by_label("In your own words").fill("Wrong account")
    row.get_by_role("button", name="Reject").click()
    expect(page.locator("#toast")).to_contain_text("rejected")
    page = looker.open("/")
    page.get_by_label("Billing period").select_option("2026-05")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("May 2026")
    page.get_by_role("link", name="Close…").click()
    page.get_by_role("button", name="Close May 2026").click()
    expect(page.locator("#toast")).to_contain_text("May 2026 is closed")
    page = looker.open(server.link(things["debtor"]))
    page.get_by_label("Note").fill("by hand")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it is registered")
    looker.context.close()


def test_a_phones_photo_is_made_small_and_sent(
    browser: Any, own: tuple[DeskServer, dict[str, Any]], tmp_path: Path
) -> None:
    """12 megapixels with EXIF, as a phone makes them."""
    from PIL import Image

    from tests.pictures import encoded

    server, things = own
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretCamera"
    noise = Image.frombytes("RGB", (400, 300), os.urandom(400 * 300 * 3)).resize((4000, 3000))
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(noise, "JPEG", exif=exif, quality=90))
    looker = Looker(browser, server, locale="en")
    page = looker.open(server.link(things["debtor"]))
    page.locator("#picture").set_input_files(photo)
    expect(page.locator("[data-shown]")).to_be_visible()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/u/sent")
    assert len(sent.value.post_data_buffer or b"") < photo.stat().st_size / 3
    size = server.local.conn.execute("SELECT width, height FROM proofs ORDER BY id DESC").fetchone()
    assert size == (1200, 1600), "upright, and small"
    assert looker.said == []
    looker.context.close()


def test_a_refused_picture_leaves_what_was_filled_in(
    browser: Any, own: tuple[DeskServer, dict[str, Any]], tmp_path: Path
) -> None:
    server, things = own
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"<html>no picture</html>")
    looker = Looker(browser, server, locale="en")
    page = looker.open(server.link(things["debtor"]))
    page.get_by_label("Note").fill("still here")
    page.locator("#picture").set_input_files(fake)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#error")).to_contain_text("the link still works")
    expect(page.get_by_label("Note")).to_have_value("still here")
    page.get_by_role("button", name="Remove the picture").click()
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/u/sent")
    assert looker.said == []
    looker.context.close()


def test_the_menu_of_a_phone_opens_and_closes(browser: Any, shown: tuple[DeskServer, dict[str, Any]]) -> None:
    server, _ = shown
    looker = Looker(browser, server, secret=server.session(server.club.treasurer), locale="en")
    page = looker.open("/")
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#more > summary").click()
    expect(page.locator(".menu-sheet")).to_be_visible()
    assert looker.overflow() == []
    page.get_by_role("heading", level=1).click(position={"x": 2, "y": 2})
    expect(page.locator(".menu-sheet")).to_be_hidden()
    page.locator("#more > summary").click()
    page.locator(".menu-sheet").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    looker.context.close()


def test_the_preview_of_a_wording_follows_what_is_typed(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, _ = own
    looker = Looker(browser, server, secret=server.session(server.club.treasurer), locale="en")
    page = looker.open("/templates/opened/en")
    field, shown = page.locator("#body"), page.locator(".discord-text")
    field.fill("### Hello {period}")
    expect(shown).to_have_text("Hello June 2026")
    expect(page.locator("#wording-check")).to_contain_text("not saved yet")
    field.press_sequentially(" {nobody}")
    expect(page.locator("#wording-check")).to_contain_text("no placeholder “nobody”")
    expect(field).to_be_focused()
    expect(field).to_have_value("### Hello {period} {nobody}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#wording-check [role=alert]")).to_contain_text("no placeholder “nobody”")
    field.fill("Hello {period}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toast")).to_contain_text("Saved: A month opens.")
    assert looker.said == []
    looker.context.close()


def test_settings_and_wordings_are_changed_without_javascript(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, _ = own
    looker = Looker(
        browser, server, secret=server.session(server.club.treasurer), java_script_enabled=False, locale="en"
    )
    page = looker.open("/settings")
    page.get_by_label("Days to pay").fill("61")
    page.locator("#billing").get_by_role("button", name="Save").click()
    expect(page.locator("#due_days-error")).to_contain_text("days to pay")
    page.get_by_label("Days to pay").fill("9")
    page.locator("#billing").get_by_role("button", name="Save").click()
    expect(page.locator("#toast")).to_contain_text("Saved.")
    page = looker.open("/templates/opened/en")
    page.locator("#body").fill("By **{due}**")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".discord-text strong")).to_have_text("14 June 2026")
    page.get_by_role("button", name="Send me a test").click()
    expect(page.locator("#toast")).to_contain_text("on its way")
    assert server.club.workspace.due_days == 9
    looker.context.close()
