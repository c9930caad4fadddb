"""A headless Chromium on the chat page, for the page's tests. Without one they are skipped and say why."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.page_club import Club
from tests.simulator.page_fixture import PageServer

# The shell has no windows to draw, so it takes half the time; the whole browser does as well.
SHELL, WHOLE = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
CHROMIUM = SHELL if SHELL.exists() else WHOLE
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000  # a connection that was dropped, and a machine that is busy
DESKTOP = (1360, 860)
PHONE = (360, 740)


def sync_api() -> Any:
    """Playwright's synchronous interface; skips the test where it or the browser is missing."""
    reason = None if CHROMIUM.exists() else f"the page's browser tests need {CHROMIUM}"
    try:
        from playwright import sync_api
    except ImportError:
        reason = "the page's browser tests need the package playwright"
    if reason and os.environ.get("NO_SKIPS"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return sync_api


def expect(target: Any) -> Any:
    """Playwright's patient assertions; only for tests that have a browser."""
    found = sync_api().expect
    found.set_options(timeout=PATIENCE_MS)
    return found(target)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api().sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with PageServer() as running:
        yield running


class Visit:
    """One browser context on the page; keeps every console message and page error."""

    def __init__(self, browser: Any, server: Any) -> None:
        self.browser, self.server = browser, server
        self.said: list[str] = []
        self.refusals = 0
        self.contexts: list[Any] = []

    def hear(self, message: Any) -> None:
        """Chromium writes a line of its own for every answer of 400; a test counts those it causes."""
        if "status of 400" in message.text:
            self.refusals += 1
        else:
            self.said.append(f"{message.type}: {message.text}")

    def open(self, query: str = "", size: tuple[int, int] = DESKTOP) -> Any:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Taipei"
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        page.goto(f"{self.server.url}?{query}&lang=en&tour=0")  # the query may say otherwise
        page.wait_for_selector("body.is-ready")
        return page


@pytest.fixture
def visit(browser: Any, server: PageServer) -> Iterator[Visit]:
    server.change(Club.reset)
    server.club.acts.clear()
    server.club.faults_caused.clear()
    one = Visit(browser, server)
    yield one
    for context in one.contexts:
        context.close()
    assert (one.said, one.refusals) == ([], 0)


def last_act(server: PageServer, do: str) -> dict[str, Any]:
    return next(act for act in reversed(server.club.acts) if act["do"] == do)


def press(page: Any, custom_id: str) -> None:
    page.locator(f'[data-custom-id="{custom_id}"]').last.click()
