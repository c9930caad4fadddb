"""Every screen in a real browser: both languages, light and dark, from a phone to a desk.

axe finds nothing, nothing overflows, nothing is said on the console under the real content policy. With
SCREENSHOTS=folder in the environment each of them is also written there, to be looked at.
"""

from __future__ import annotations

import importlib
import itertools
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.web.app import MODULES
from tests import axe
from tests.simulator.page_browser import expect
from tests.web.desk import DeskServer, furnish, screenshots, stage_all_pages
from tests.web.looker import WIDTHS, Looker, browser

__all__ = ["browser"]

pytestmark = pytest.mark.browser

LANGUAGES, THEMES = ("en", "zh-TW"), ("light", "dark")
# axe takes a while. What it judges never depends on language and colours at once, so it is asked about every
# language in every size and every colour in every size: six looks of twelve. EVERY_LOOK=1 asks about all.
EVERY_LOOK = bool(os.environ.get("EVERY_LOOK"))
JUDGED = {("en", "light", 360), ("zh-TW", "dark", 360), ("en", "dark", 768), ("zh-TW", "light", 768),
          ("en", "light", 1360), ("zh-TW", "dark", 1360)}  # fmt: skip
# Name of a screen → its address; {…} are ids of what tests/web/desk.py made. A test below misses no page.
SCREENS = {
    "overview": "/", "overview-old": "/?period=2026-04", "overview-next": "/?period=2026-07",
    "review": "/review", "review-member": "/review?member={member}",
    "submission": "/review/{waiting}", "submission-twin": "/review/{twin}",
    "submission-verified": "/review/{verified}", "submission-rejected": "/review/{rejected}",
    "take-back": "/review/{verified}/undo", "after-all": "/review/{verified}/reject-after-all",
    "after-all-preview": "/review/{verified}/reject-after-all?go=1&reason=twice",
    "refund": "/review/{verified}/refund?amount=100",
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


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DeskServer, dict[str, Any]]]:
    """One club for all screens, which only look."""
    with DeskServer(tmp_path_factory.mktemp("desk")) as server:
        things = furnish(server)
        yield server, things | stage_all_pages(server, things)


@pytest.mark.parametrize("name", [*SCREENS, *OPEN_SCREENS])
def test_a_screen_is_whole_in_every_size_colour_and_language(
    browser: Any, shown: tuple[DeskServer, dict[str, Any]], name: str
) -> None:
    server, things = shown
    secret = server.session(server.club.treasurer) if name in SCREENS else None
    lookers = {language: Looker(browser, server, secret=secret, locale=language) for language in LANGUAGES}
    for looker in lookers.values():
        if name == "upload-sent":
            looker.context.add_cookies([{"name": "sent", "value": things["sent"], "url": server.url}])
        looker.open({**SCREENS, **OPEN_SCREENS}[name].format(**things))
    wrong: dict[str, list[str]] = {}
    for theme, width in itertools.product(THEMES, WIDTHS):
        for language, looker in lookers.items():
            wrong[f"{language} {theme} {width}"] = _seen(looker, theme, width)
            _picture(looker.page, f"{name}-{language}-{theme}-{width}")
        asked = [one for one in LANGUAGES if EVERY_LOOK or (one, theme, width) in JUDGED]
        for language in asked:
            axe.ask(lookers[language].page)
        for language in asked:
            wrong[f"{language} {theme} {width}"] += axe.judgement(lookers[language].page)
    for language, looker in lookers.items():
        wrong[f"{language} console"] = looker.said
        looker.context.close()
    assert [f"{where}: {line}" for where, lines in wrong.items() for line in lines] == []


def _seen(looker: Looker, theme: str, width: int) -> list[str]:
    """What is wrong to the eye, and to a thumb on a phone."""
    looker.page.emulate_media(color_scheme=theme)
    looker.page.set_viewport_size({"width": width, "height": 860})
    return looker.overflow() + looker.cut() + (looker.too_small() if width == 360 else [])


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
