"""The chat page as axe judges it: every state that a visitor brings about, in both languages, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import axe
from tests.simulator.page_browser import DESKTOP, PHONE, Visit, browser, expect, press, server, visit
from tests.simulator.page_club import Club

__all__ = ["browser", "server", "visit"]  # fixtures

pytestmark = pytest.mark.browser

LOOKS = [("en", "light", DESKTOP), ("zh-TW", "dark", PHONE)]
PAY_FORM = "pay:open:1"


def everything(page: Any) -> None:
    """Every kind of message and component, with the tour above it."""
    expect(page.locator("#tour")).to_be_visible()


def form(page: Any) -> None:
    press(page, PAY_FORM)
    expect(page.locator("#modal")).to_be_visible()


def form_refused(page: Any) -> None:
    form(page)
    page.locator("#modal textarea").last.fill("x")
    page.locator("#modal button[type=submit]").click()


def commands(page: Any) -> None:
    page.locator("#channel-composer .composer-input").fill("/")
    expect(page.locator("#channel-composer [role=option]").first).to_be_visible()


def command_form(page: Any) -> None:
    commands(page)
    page.locator('#channel-composer .command-list [data-path="club roster import"]').click()
    page.locator("#channel-composer form button[type=submit]").click()


def select(page: Any) -> None:
    page.locator("#channel-log .select:enabled").first.click()
    expect(page.locator("#drop")).to_be_visible()


def faults(page: Any) -> None:
    page.locator("#faults-button").click()
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")


def start_over(page: Any) -> None:
    page.locator("#reset").click()
    expect(page.locator("#ask")).to_be_visible()


def large_picture(page: Any) -> None:
    page.locator("#channel-log .picture:not(.is-covered)").first.click()
    expect(page.locator("#lightbox")).to_be_visible()


def nothing(page: Any) -> None:
    expect(page.locator("body.is-ready")).to_be_visible()


# Name → where, and what the visitor does there.
STATES: dict[str, tuple[str, Callable[[Any], None]]] = {
    "everything": ("user=member2&channel=general&tour=1", everything),
    "form": ("user=member1", form),
    "form refused": ("user=member1", form_refused),
    "commands": ("user=treasurer", commands),
    "command form refused": ("user=treasurer", command_form),
    "select": ("user=member2&channel=general", select),
    "faults": ("user=member2", faults),
    "start over": ("user=member2", start_over),
    "large picture": ("user=member2&channel=general", large_picture),
    "direct": ("user=member1&tab=direct", nothing),
    "people": ("user=newcomer&tab=people", nothing),
}


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(visit: Visit, name: str) -> None:
    query, do = STATES[name]
    wrong = {}
    for language, theme, size in LOOKS:
        visit.server.change(Club.reset)
        page = visit.open(f"lang={language}&theme={theme}&{query}", size)
        do(page)
        if found := axe.complaints(page):
            wrong[f"{language} {theme} {size[0]}"] = found
        page.context.close()
    assert not wrong, "\n".join(f"{where}: {line}" for where, lines in wrong.items() for line in lines)
