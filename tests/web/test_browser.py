"""What people do on the pages, in a real browser: by mouse, by keyboard, without JavaScript, two at once."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.demo_receipts import receipt
from core import payments
from core.alerts import AlertOutcome
from tests.pictures import encoded
from tests.simulator.page_browser import expect
from tests.web.desk import DeskServer
from tests.web.looker import Looker, browser, own
from tests.web.test_settings_pages import Port

__all__ = ["browser", "own"]

pytestmark = pytest.mark.browser


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


def test_two_browsers_that_press_verify_at_once_make_one_decision(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, things = own
    lookers = [
        Looker(browser, server, secret=server.session(actor), locale="en")
        for actor in (server.club.reviewer, server.club.treasurer)
    ]
    pages = [looker.open(f"/review/{things['waiting']}") for looker in lookers]
    for page in pages:  # neither is waited for
        page.evaluate("document.querySelector('[data-key=v]').click()")
    toasts = [page.locator("#toast") for page in pages]
    for toast in toasts:
        expect(toast).to_be_visible()
    said = sorted(toast.inner_text() for toast in toasts)
    assert [("verified: NT$640" in text, "somebody may have been faster" in text) for text in said] in (
        [(True, False), (False, True)], [(False, True), (True, False)],
    ), said  # fmt: skip
    verified = "SELECT count(*) FROM audit_log WHERE action = 'payment.verify' AND subject_id = ?"
    assert server.local.conn.execute(verified, (things["waiting"],)).fetchone()[0] == 1
    for looker in lookers:
        assert looker.said == []
        looker.context.close()


def test_a_decision_upon_an_old_page_is_refused_and_says_so(
    browser: Any, own: tuple[DeskServer, dict[str, Any]]
) -> None:
    server, things = own
    looker = Looker(browser, server, secret=server.session(server.club.reviewer))
    page = looker.open("/review")
    page.locator(f"#p{things['waiting']} summary").click()  # unfolded, so nothing is morphed away meanwhile

    server.local.write(payments.reject, server.club.treasurer, things["waiting"], "not ours")
    page.locator(f"#p{things['waiting']} [data-key=v]").click()
    expect(page.locator("#toast")).to_contain_text("somebody may have been faster")
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


# How far the bar got while it was shown; the page that comes next remembers it.
WATCH_PROGRESS = """() => {
    const bar = document.querySelector('[data-progress]');
    const note = () => { if (!bar.hidden) sessionStorage.progress = bar.value; };
    new MutationObserver(note).observe(bar, { attributes: true });
}"""


def phone_photo(path: Path, size: tuple[int, int]) -> Path:
    """A picture with EXIF, lying on its side, as phones make them."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretCamera"
    noise = Image.frombytes("RGB", (400, 300), os.urandom(400 * 300 * 3)).resize(size)
    path.write_bytes(encoded(noise, "JPEG", exif=exif, quality=90))
    return path


def test_a_phones_photo_is_made_small_and_sent(
    browser: Any, own: tuple[DeskServer, dict[str, Any]], tmp_path: Path
) -> None:
    """12 megapixels with EXIF."""
    server, things = own
    photo = phone_photo(tmp_path / "photo.jpg", (4000, 3000))
    looker = Looker(browser, server, locale="en")
    page = looker.open(server.link(things["debtor"]))
    page.locator("#picture").set_input_files(photo)
    expect(page.locator("[data-shown]")).to_be_visible()
    page.evaluate(WATCH_PROGRESS)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/u/sent")
    assert float(page.evaluate("sessionStorage.progress")) == 100
    assert int(sent.value.all_headers()["content-length"]) < photo.stat().st_size / 3
    size = server.local.conn.execute("SELECT width, height FROM proofs ORDER BY id DESC").fetchone()
    assert size == (1200, 1600), "upright, and small"
    assert looker.said == []
    looker.context.close()


GIVE = """(how) => {
    const bytes = Uint8Array.from(atob(how.data), (one) => one.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], 'receipt.png', { type: 'image/png' }));
    const drop = document.querySelector('[data-drop]');
    const how_it_goes = { dataTransfer: files, clipboardData: files, bubbles: true, cancelable: true };
    if (how.way === 'drop') drop.dispatchEvent(new DragEvent('drop', how_it_goes));
    else document.dispatchEvent(new ClipboardEvent('paste', how_it_goes));
}"""


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(
    browser: Any, own: tuple[DeskServer, dict[str, Any]], way: str
) -> None:
    server, things = own
    looker = Looker(browser, server, locale="en")
    page = looker.open(server.link(things["debtor"]))
    page.evaluate(GIVE, {"way": way, "data": b64encode(receipt("blue", 7)).decode()})
    expect(page.locator("[data-shown]")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/u/sent")
    assert server.local.conn.execute("SELECT count(*) FROM proofs").fetchone()[0] == things["pictures"] + 1
    assert looker.said == []
    looker.context.close()


def test_a_picture_that_the_browser_cannot_make_smaller_is_sent_as_it_is(
    browser: Any, own: tuple[DeskServer, dict[str, Any]], tmp_path: Path
) -> None:
    server, things = own
    photo = phone_photo(tmp_path / "photo.jpg", (2000, 1500))
    looker = Looker(browser, server, locale="en")
    page = looker.open(server.link(things["debtor"]))
    page.evaluate("() => { globalThis.createImageBitmap = () => Promise.reject(new Error('no')) }")
    page.locator("#picture").set_input_files(photo)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/u/sent")
    assert int(sent.value.all_headers()["content-length"]) > photo.stat().st_size
    size = server.local.conn.execute("SELECT width, height FROM proofs ORDER BY id DESC").fetchone()
    assert size == (1500, 2000), "upright, and as large as it was"
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


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_typed_alert_target_is_tried_and_then_added(
    browser: Any, own: tuple[DeskServer, dict[str, Any]], scripts: bool
) -> None:
    server, _ = own
    server.services.alert_port = port = Port(AlertOutcome(sent=False, reason="no_answer"))
    secret = server.session(server.club.treasurer)
    looker = Looker(browser, server, secret=secret, java_script_enabled=scripts, locale="en")
    page = looker.open("/settings/alerts")
    form = page.locator("section", has=page.locator("#webhook-heading"))
    form.get_by_label("What to call it").fill("Chat")
    form.get_by_label("Address").fill("https://a.example/hook")
    form.get_by_role("button", name="Send a test").click()
    expect(form.get_by_role("button", name="Send a test")).to_be_focused()  # so that it is in view
    expect(form.get_by_role("alert")).to_contain_text("did not answer in time. Nothing is saved yet.")
    port.outcome = AlertOutcome(sent=True)
    form.get_by_role("button", name="Send a test").click()
    expect(form.get_by_role("status")).to_contain_text("Nothing is saved yet: press Add")
    expect(form.get_by_label("Address")).to_have_value("https://a.example/hook")
    if scripts:
        assert looker.complaints() == []
    form.get_by_label("What to call it").press("Enter")  # adds, as the first button does
    expect(page.locator("#toast")).to_contain_text("Added: Chat.")
    expect(form.get_by_label("Address")).to_have_value("")
    assert [alert.target.target for alert in port.sent] == ["https://a.example/hook"] * 2
    assert looker.said == []
    looker.context.close()
