"""The demo as a first-time visitor meets it: the real bot, the real page, a real Chromium, a club's month.

Each chapter is a function. With POTKEEPER_PICTURES=1 the pictures on the way become the README's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.demo_process import DemoProcess, words
from tests.demo.visitor import PHONE, Visitor
from tests.simulator.page_browser import DESKTOP, browser, expect

__all__ = ["browser"]  # a fixture

pytestmark = [pytest.mark.browser, pytest.mark.socket]

RESET_MS = 40_000
TALL = {"width": DESKTOP[0], "height": 1080}
USUAL = {"width": DESKTOP[0], "height": DESKTOP[1]}


@pytest.fixture
def visitor(browser: Any, demo: DemoProcess, tmp_path: Path) -> Iterator[Visitor]:
    one = Visitor(browser, demo, tmp_path)
    yield one
    one.leave()
    assert one.said == []


def test_a_first_time_visitor_plays_the_clubs_months_and_starts_over(
    visitor: Visitor, demo: DemoProcess
) -> None:
    seeded = what_is_shown(demo)
    page = visitor.come()
    expect(page.locator("#tour")).to_be_visible()
    expect(page.locator("#bot-state")).to_have_text("Bot online")
    visitor.ticked(0)
    pay_with_a_sample_receipt(visitor)
    verify_what_was_sent(visitor)
    read_the_result(visitor)
    say_who_one_is(visitor)
    mistype_an_amount_and_try_again(visitor)
    be_helped_while_typing_a_command(visitor)
    make_things_go_wrong(visitor)
    open_the_next_month(visitor)
    let_days_pass_until_the_reminder(visitor)
    expect(page.locator(".tour-done")).to_contain_text("That was the whole loop.")
    see_a_month_open_by_itself(visitor)
    assert demo.check()["counts"]["members"] == 12
    start_over(visitor, demo, seeded)


# --- the tour's first three steps ---


def pay_with_a_sample_receipt(visitor: Visitor) -> None:
    visitor.show_me(1)
    visitor.press("Pay")
    form = visitor.form
    expect(form.get_by_role("heading", name="Pay")).to_be_visible()
    expect(form).to_contain_text("NT$955")
    form.get_by_label("Bank transfer").check()
    form.get_by_role("button", name="Use a sample receipt").click()
    expect(form.locator(".chosen-files li")).to_have_count(1)
    form.get_by_label("Note").fill("last five digits 28467")
    visitor.picture("form-light")
    visitor.send()
    expect(visitor.private).to_contain_text("NT$955 waits for review")
    expect(visitor.private).to_contain_text("With your screenshot.")
    expect(visitor.private.get_by_role("button", name="Withdraw")).to_be_visible()
    visitor.ticked(1)


def verify_what_was_sent(visitor: Visitor) -> None:
    visitor.show_me(2)
    card = visitor.card("last five digits 28467")
    expect(card).to_contain_text("Waiting for review")
    visitor.press("View proof", card)
    expect(visitor.private.locator("img")).to_be_visible()
    visitor.show_tour(False)
    visitor.page.set_viewport_size({"width": 1280, "height": 1000})
    visitor.picture("review-card-light", of=visitor.page.locator(".pane-channel"), readme=True)
    visitor.page.set_viewport_size(USUAL)
    visitor.show_tour(True)
    visitor.press("Verify", card)
    expect(card).to_contain_text("Verified")
    expect(card.get_by_role("button", name="Verify", exact=True)).to_have_count(0)
    visitor.ticked(2)


def read_the_result(visitor: Visitor) -> None:
    visitor.show_me(3)
    expect(visitor.direct).to_contain_text("Your payment has arrived")
    expect(visitor.direct).to_contain_text("NT$955")
    visitor.ticked(3)
    visitor.picture("tour-light")
    visitor.show_tour(False)
    visitor.page.set_viewport_size(TALL)
    visitor.picture("demo-light", readme=True)
    visitor.page.set_viewport_size(USUAL)
    visitor.show_tour(True)


# --- beside the tour ---


def say_who_one_is(visitor: Visitor) -> None:
    """Somebody on the roster links their name, and a reviewer confirms it."""
    visitor.become("unlinked")
    visitor.press("Pay")
    expect(visitor.private).to_contain_text("/link")
    visitor.command("link", "link", name="林美")
    visitor.page.locator("#channel-log .select").last.click()
    visitor.page.locator("#drop").get_by_role("button", name="林美玲").click()
    expect(visitor.private).to_contain_text("Almost there")
    visitor.become("reviewer")
    visitor.go_to("review")
    card = visitor.card("says: I am 林美玲")
    visitor.press("Confirm", card)
    expect(card).to_contain_text("Confirmed")
    visitor.become("unlinked")
    expect(visitor.direct).to_contain_text("You are 林美玲")
    visitor.press("My bills")
    expect(visitor.private).to_contain_text("NT$315")


def mistype_an_amount_and_try_again(visitor: Visitor) -> None:
    visitor.become("reviewer")
    visitor.go_to("review")
    card = visitor.card("Amélie Dubois")
    visitor.press("Other amount…", card)
    visitor.form.get_by_label("Amount that arrived").fill("three hundred")
    visitor.send()
    expect(visitor.private).to_contain_text("three hundred")
    expect(card).to_contain_text("Waiting for review")
    visitor.press("Try again", visitor.private)
    visitor.form.get_by_label("Amount that arrived").fill("300")
    visitor.send()
    expect(card).to_contain_text("Verified")
    expect(card).to_contain_text("NT$300")


def be_helped_while_typing_a_command(visitor: Visitor) -> None:
    visitor.become("treasurer")
    visitor.go_to("admin")
    visitor.page.locator("#channel-composer .composer-input").fill("/payment rec")
    visitor.page.get_by_role("option", name="/club payment record").click()
    form = visitor.page.locator("#channel-composer form")
    member = form.locator('[data-option="member"] input')
    member.fill("nobody of that name")
    expect(form.get_by_role("option", name="No match. Keep typing.")).to_be_visible()
    member.fill("張家")
    form.get_by_role("option", name="張家豪").click()
    form.locator('[data-option="amount"] input').fill("12x")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.private).to_contain_text("12x")


def make_things_go_wrong(visitor: Visitor) -> None:
    """Closed direct messages, a busy Discord and a cut connection: nothing is lost, nothing said twice."""
    visitor.become("member3")
    cause(visitor, "Close direct messages of 佐藤健太")
    expect(visitor.page.locator('.person[data-user="member3"] .closed-mark')).to_be_visible()
    cause(visitor, "Rate-limit once")
    cause(visitor, "Drop the connection")
    expect(visitor.page.locator("#bot-state")).to_have_text("Bot online")
    visitor.become("reviewer")
    visitor.go_to("review")
    card = visitor.card("佐藤健太")
    visitor.press("Verify", card)
    expect(card).to_contain_text("Verified")
    visitor.become("member3")
    visitor.press("My bills")
    expect(visitor.private).to_contain_text("verified")
    expect(visitor.page.locator("#direct-log article")).to_have_count(0)
    state = visitor.demo.state()
    assert (state["bot"]["resumes"], state["faults"]["rate_limit"]) == (1, [])


def cause(visitor: Visitor, fault: str) -> None:
    visitor.page.get_by_role("button", name="Faults").click()
    panel = visitor.page.locator("#drop")
    panel.locator("button", has_text=fault).click()
    visitor.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


# --- the tour's last two steps, and what time brings ---


def open_the_next_month(visitor: Visitor) -> None:
    visitor.show_me(4)
    form = visitor.page.locator("#channel-composer form")
    form.locator('[data-option="period"] input').fill("20")
    form.get_by_role("option", name="not open").first.click()
    form.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.private).to_contain_text("15 bills")
    visitor.private.get_by_role("button", name="Open").first.click()
    expect(visitor.private).to_contain_text("is open")
    visitor.go_to("dues")
    expect(visitor.card("is open")).to_have_count(2)
    visitor.ticked(4)


def let_days_pass_until_the_reminder(visitor: Visitor) -> None:
    visitor.show_me(5)
    reminders = visitor.card("Still to pay")
    before = reminders.count()
    for _ in range(7):
        visitor.let_days_pass("Next day")
        if reminders.count() > before:
            break
    expect(reminders.last).to_contain_text("林美玲")
    expect(reminders.last).not_to_contain_text("王小明")
    visitor.ticked(5)


def see_a_month_open_by_itself(visitor: Visitor) -> None:
    """The month after the one that the treasurer opened."""
    visitor.let_days_pass("Next month")
    visitor.let_days_pass("Next month")
    expect(visitor.card("is open")).to_have_count(3)
    visitor.picture("later-light")


def start_over(visitor: Visitor, demo: DemoProcess, seeded: dict[str, list[str]]) -> None:
    assert what_is_shown(demo) != seeded
    visitor.page.get_by_role("button", name="Start over").click()
    visitor.page.locator("#ask").get_by_role("button", name="Start over").click()
    done = visitor.page.locator("#toasts", has_text="The club is back at the first day.")
    expect(done).to_be_visible(timeout=RESET_MS)
    demo.until(lambda: what_is_shown(demo) == seeded, "the seeded messages")
    state = demo.state()
    assert (state["clock"]["offset_seconds"], state["faults"]["dms_closed"]) == (0, [])
    visitor.ticked(0)


def what_is_shown(demo: DemoProcess) -> dict[str, list[str]]:
    """Channel → the first line of each message, as the treasurer, who sees all channels, has it."""
    return {
        one["name"]: [words(message).strip().split("\n")[0] for message in one["messages"]]
        for one in demo.view("treasurer")["channels"]
    }


# --- in Chinese, in the dark, on a phone ---


def test_the_same_club_in_chinese_on_a_phone_and_at_a_desk(visitor: Visitor) -> None:
    phone = visitor.come(locale="zh-TW", size=PHONE, sharp=True)
    expect(phone.locator("#tour")).to_contain_text("試試看：社團的一個月")
    phone.get_by_role("button", name="隱藏導覽").click()
    visitor.press("Pay")
    form = visitor.form
    expect(form.get_by_role("heading", name="繳費")).to_be_visible()
    form.get_by_label("LINE Pay").check()
    form.get_by_role("button", name="使用範例收據").click()
    expect(form.locator(".chosen-files li")).to_have_count(1)
    visitor.picture("phone-form-zh", readme=True)
    visitor.send("送出")
    expect(visitor.private).to_contain_text("等待核帳")
    visitor.picture("phone-registered-zh", readme=True)
    page = visitor.come("?tour=0", locale="zh-TW", dark=True)
    visitor.press("My bills")
    expect(visitor.private.get_by_role("button", name="怎麼付款")).to_be_visible()
    expect(visitor.private).to_contain_text("等待核帳")
    visitor.picture("bills-zh-dark", readme=True)
    page.get_by_role("button", name="English").click()
    visitor.press("My bills")
    expect(visitor.private).to_contain_text("waits for review")


# --- the web pages ---


def test_the_link_on_the_page_signs_in_to_the_treasurers_desk(visitor: Visitor, demo: DemoProcess) -> None:
    desk = at_the_desk(visitor, demo)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("20")
    visitor.picture("web-overview-light", of=desk, readme=True)
    desk.get_by_role("link", name="Review").first.click()
    expect(desk.locator("main")).to_contain_text("Amélie Dubois")
    desk.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    visitor.picture("web-review-phone", of=desk, readme=True)
    desk = at_the_desk(visitor, demo, dark=True)
    desk.get_by_role("link", name="Review").first.click()
    desk.get_by_role("link", name="Details").first.click()
    expect(desk.locator("main")).to_contain_text("last five digits 12345")
    visitor.picture("web-submission-dark", of=desk, readme=True)


def at_the_desk(visitor: Visitor, demo: DemoProcess, *, dark: bool = False) -> Any:
    """The treasurer's web pages, reached from the chat page by its link."""
    page = visitor.come("?tour=0", dark=dark)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Web pages").click()
    desk = opened.value
    assert desk.url == demo.desk
    desk.get_by_role("button", name="Continue").click()
    return desk
