"""Somebody in front of the chat page, in a real headless Chromium, who takes pictures on the way."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from PIL import Image

from tests.demo.demo_process import DemoProcess
from tests.faults.stage import ROOT
from tests.simulator.page_browser import DESKTOP, expect

PHONE = (390, 844)
IN_README, LARGEST_PICTURE_BYTES = ROOT / "docs" / "pictures", 250_000
FIRST_VISIT_SECONDS = 10


class Visitor:
    """One browser window; every console message, page error and dialog is kept in `said`."""

    def __init__(self, browser: Any, demo: DemoProcess, folder: Path) -> None:
        self.browser, self.demo, self.folder = browser, demo, folder
        self.said: list[str] = []
        self.contexts: list[Any] = []
        self.page: Any = None

    def come(
        self, query: str = "", *, size: tuple[int, int] = DESKTOP, locale: str = "en-GB", dark: bool = False,
        sharp: bool = False,
    ) -> Any:  # fmt: skip
        """Open the page as somebody who was never there: nothing remembered, the browser's own language."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Taipei", locale=locale,
            color_scheme="dark" if dark else "light", device_scale_factor=2 if sharp else 1, reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(FIRST_VISIT_SECONDS * 1000)
        self.contexts.append(context)
        context.on("page", self._listen)
        self.page = context.new_page()
        self.page.goto(f"{self.demo.url}{query}")
        self.page.wait_for_selector("body.is-ready")
        return self.page

    def _listen(self, page: Any) -> None:
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))

    def leave(self) -> None:
        for context in self.contexts:
            context.close()

    # --- doing what a visitor does -----------------------------------------------------------------------

    def become(self, user: str) -> None:
        """Choose a person in the list at the left."""
        row = self.page.locator(f'.person[data-user="{user}"]')
        row.click()
        expect(row).to_have_attribute("aria-pressed", "true")

    def go_to(self, channel: str) -> None:
        self.page.locator(f'#channels [data-channel="{channel}"]').click()
        expect(self.page.locator("#channel-head h2")).to_have_text(channel)

    def show_me(self, step: int) -> None:
        """The tour's own button for one of its five steps."""
        self.page.locator(".tour-step").nth(step - 1).get_by_role("button").click()

    def ticked(self, steps: int) -> None:
        """The tour counts that many steps as done."""
        expect(self.page.locator(".tour-step.is-done")).to_have_count(steps)

    def press(self, label: str, within: Any = None) -> None:
        """The newest button of that name in the channel, or in what is given."""
        place = within if within is not None else self.page.locator("#channel-log")
        place.get_by_role("button", name=label, exact=True).last.click()

    @property
    def form(self) -> Any:
        return self.page.locator("#modal")

    @property
    def private(self) -> Any:
        """The newest answer that only this person sees."""
        return self.page.locator("#channel-log article.is-private").last

    def card(self, text: str) -> Any:
        """The message to everybody in this channel that says this."""
        return self.page.locator("#channel-log article:not(.is-private)", has_text=text)

    @property
    def direct(self) -> Any:
        """The newest direct message."""
        return self.page.locator("#direct-log article").last

    def show_tour(self, on: bool) -> None:
        if self.page.locator("#tour").is_visible() != on:
            self.page.locator("#tour-toggle").click()

    def send(self, name: str = "Send") -> None:
        self.form.get_by_role("button", name=name, exact=True).click()
        expect(self.form).to_be_hidden()

    def command(self, typed: str, path: str, **options: str) -> None:
        """Type the beginning of a command, choose it from the list, fill in its options and send it."""
        self.page.locator("#channel-composer .composer-input").fill(f"/{typed}")
        self.page.locator(f'#channel-composer .command-list [data-path="{path}"]').click()
        if not options:
            return
        form = self.page.locator("#channel-composer form")
        for name, value in options.items():
            form.locator(f'[data-option="{name}"]').locator("input, select, textarea").first.fill(value)
        form.get_by_role("button", name="Send", exact=True).click()

    def let_days_pass(self, button: str) -> None:
        """Press Next day or Next month and wait until the bot has done all that was due."""
        before = self.page.locator("#clock").inner_text()
        self.page.get_by_role("button", name=button, exact=True).click()
        expect(self.page.locator("#clock")).not_to_have_text(before)
        expect(self.page.get_by_role("button", name=button, exact=True)).to_be_enabled(timeout=30_000)

    # --- pictures ----------------------------------------------------------------------------------------

    def picture(self, name: str, *, of: Any = None, readme: bool = False) -> None:
        """Keep what is seen on the page, or on `of` (another page, or a part of one).

        Those for the README go there with POTKEEPER_PICTURES=1, small enough for it.
        """
        shown = of or self.page
        page = getattr(shown, "page", shown)
        wanted = readme and os.environ.get("POTKEEPER_PICTURES") == "1"
        if wanted:  # not with the ring that the tour draws for a moment
            expect(page.locator(".is-pointed")).to_have_count(0)
        expect(page.locator(".is-busy")).to_have_count(0)
        page.evaluate("document.fonts.ready")
        page.mouse.move(0, 0)
        data = shown.screenshot(animations="disabled", caret="hide")
        folder = IN_README if wanted else self.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.png").write_bytes(_small(data) if wanted else data)


def _small(png: bytes) -> bytes:
    """The same picture in 256 colours, which is a third of the bytes and not to be told apart."""
    with Image.open(io.BytesIO(png)) as picture:
        indexed = picture.convert("RGB").quantize(
            256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        target = io.BytesIO()
        indexed.save(target, "PNG", optimize=True)
    assert len(target.getvalue()) <= LARGEST_PICTURE_BYTES, "the picture is too large for the README"
    return target.getvalue()
