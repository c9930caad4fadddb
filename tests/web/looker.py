"""A browser that hears its console and judges what it sees: nothing sticks out, axe finds nothing, thumbs can hit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import axe
from tests.simulator.page_browser import ARGUMENTS, CHROMIUM, sync_api
from tests.web.desk import DeskServer, furnish

WIDTHS = (360, 768, 1360)


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

    def too_small(self) -> list[str]:
        """Controls that a thumb would miss: less than 40 px high, or (a label counts with its box) in all."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('button, select, summary, input, textarea, nav a, a.button, a.chip')]
                .filter((one) => one.checkVisibility() && !one.closest('.skip, .visually-hidden, [hidden]'))
                .filter((one) => one.type !== 'hidden' && !one.disabled)
                .map((one) => one.matches('[type=checkbox], [type=radio]') ? (one.closest('label') ?? one) : one)
                .filter((one) => one.getBoundingClientRect().height < 39.5)
                .slice(0, 5).map((one) => one.outerHTML.slice(0, 110))"""
        )
        return found

    def cut(self) -> list[str]:
        """Tables of which a part, such as the amounts at their end, is only seen by scrolling sideways."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('.table-scroll')]
                .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
                .map((one) => `cut by ${one.scrollWidth - one.clientWidth} px: ${one.innerHTML.slice(0, 90)}`)"""
        )
        return found

    def complaints(self) -> list[str]:
        """What axe finds, one line for each."""
        return axe.complaints(self.page)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api().sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[DeskServer, dict[str, Any]]]:
    """A club of the test's own, for those that change something."""
    with DeskServer(tmp_path) as server:
        yield server, furnish(server)
