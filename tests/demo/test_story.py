"""The demo as a first-time visitor meets it: the real bot, the real page, a real Chromium, a club's month."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.demo_process import DemoProcess, words
from tests.demo.visitor import Visitor
from tests.simulator.page_browser import browser, expect

__all__ = ["browser"]  # a fixture

pytestmark = [pytest.mark.browser, pytest.mark.socket]


@pytest.fixture
def visitor(browser: Any, demo: DemoProcess, tmp_path: Path) -> Iterator[Visitor]:
    one = Visitor(browser, demo, tmp_path)
    yield one
    one.leave()
    assert one.said == []


def test_a_visitor_plays_the_clubs_month_by_the_tour(visitor: Visitor) -> None:
    page = visitor.come()
    expect(page.locator("#tour")).to_be_visible()
    expect(page.locator("#bot-state")).to_have_text("Bot online")
    visitor.ticked(0)
    pay_with_a_sample_receipt(visitor)
    verify_what_was_sent(visitor)
    read_the_result(visitor)
    open_the_next_month(visitor)
    let_days_pass_until_the_reminder(visitor)
    expect(page.locator(".tour-done")).to_contain_text("That was the whole loop.")
    see_a_month_open_by_itself(visitor)


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
    visitor.send()
    expect(visitor.private).to_contain_text("NT$955 waits for review")
    expect(visitor.private).to_contain_text("With your screenshot.")
    expect(visitor.private.get_by_role("button", name="Withdraw")).to_be_visible()
    visitor.ticked(1)


def verify_what_was_sent(visitor: Visitor) -> None:
    visitor.show_me(2)
    card = visitor.page.locator("#channel-log article", has_text="last five digits 28467")
    expect(card).to_contain_text("Waiting for review")
    visitor.press("View proof", card)
    expect(visitor.private.locator("img")).to_be_visible()
    visitor.press("Verify", card)
    expect(card).to_contain_text("Verified")
    expect(card.get_by_role("button", name="Verify", exact=True)).to_have_count(0)
    visitor.ticked(2)


def read_the_result(visitor: Visitor) -> None:
    visitor.show_me(3)
    expect(visitor.direct).to_contain_text("Your payment has arrived")
    expect(visitor.direct).to_contain_text("NT$955")
    visitor.ticked(3)


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
    expect(visitor.page.locator("#channel-log article").last).to_contain_text("is open")
    visitor.ticked(4)


def let_days_pass_until_the_reminder(visitor: Visitor) -> None:
    visitor.show_me(5)
    reminders = visitor.page.locator("#channel-log article", has_text="Still to pay")
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
    opened = visitor.page.locator("#channel-log article", has_text="is open")
    before = opened.count()
    visitor.let_days_pass("Next month")
    visitor.let_days_pass("Next month")
    expect(opened).to_have_count(before + 1)


def test_somebody_says_who_they_are_and_a_reviewer_confirms(visitor: Visitor) -> None:
    page = visitor.come("?user=unlinked")
    visitor.press("Pay")
    expect(visitor.private).to_contain_text("/link")
    visitor.command("link", "link", name="林美")
    page.locator("#channel-log .select").last.click()
    page.locator("#drop").get_by_role("button", name="林美玲").click()
    expect(visitor.private).to_contain_text("Almost there")
    visitor.become("reviewer")
    visitor.go_to("review")
    card = page.locator("#channel-log article", has_text="says: I am 林美玲")
    visitor.press("Confirm", card)
    expect(card).to_contain_text("Confirmed")
    visitor.become("unlinked")
    expect(visitor.direct).to_contain_text("You are 林美玲")
    visitor.press("My bills")
    expect(visitor.private).to_contain_text("NT$315")


def test_an_amount_with_letters_is_explained_and_can_be_tried_again(visitor: Visitor) -> None:
    page = visitor.come("?user=reviewer")
    visitor.go_to("review")
    card = page.locator("#channel-log article", has_text="Amélie Dubois")
    visitor.press("Other amount…", card)
    visitor.form.get_by_label("Amount that arrived").fill("six hundred")
    visitor.send()
    expect(visitor.private).to_contain_text("six hundred")
    expect(card).to_contain_text("Waiting for review")
    visitor.press("Try again", visitor.private)
    visitor.form.get_by_label("Amount that arrived").fill("600")
    visitor.send()
    expect(card).to_contain_text("Verified")
    expect(card).to_contain_text("NT$600")


def test_a_command_is_chosen_from_the_list_and_suggests_while_one_types(visitor: Visitor) -> None:
    page = visitor.come("?user=treasurer")
    page.locator("#channel-composer .composer-input").fill("/payment rec")
    page.get_by_role("option", name="/club payment record").click()
    form = page.locator("#channel-composer form")
    form.locator('[data-option="member"] input').fill("张")
    expect(form.get_by_role("option", name="No match. Keep typing.")).to_be_visible()
    form.locator('[data-option="member"] input').fill("張家")
    form.get_by_role("option", name="張家豪").click()
    form.locator('[data-option="amount"] input').fill("12x")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.private).to_contain_text("12x")


def test_closed_direct_messages_a_busy_discord_and_a_cut_connection_lose_nothing(visitor: Visitor) -> None:
    page = visitor.come("?user=member2")
    cause(visitor, "Close direct messages of Amélie Dubois")
    expect(page.locator('.person[data-user="member2"] .closed-mark')).to_be_visible()
    cause(visitor, "Rate-limit once")
    verify_the_card_of(visitor, "Amélie Dubois")
    cause(visitor, "Drop the connection")
    expect(page.locator("#bot-state")).to_have_text("Bot online")
    verify_the_card_of(visitor, "佐藤健太")
    visitor.become("member3")
    expect(visitor.direct).to_contain_text("Your payment has arrived")
    visitor.become("member2")
    expect(page.locator("#direct-log article")).to_have_count(0)
    visitor.press("My bills")
    expect(visitor.private).to_contain_text("NT$640")
    state = visitor.demo.state()
    assert (state["bot"]["resumes"], state["faults"]["rate_limit"]) == (1, [])


def cause(visitor: Visitor, fault: str) -> None:
    visitor.page.get_by_role("button", name="Faults").click()
    panel = visitor.page.locator("#drop")
    panel.locator("button", has_text=fault).click()
    visitor.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def verify_the_card_of(visitor: Visitor, name: str) -> None:
    visitor.become("reviewer")
    visitor.go_to("review")
    card = visitor.page.locator("#channel-log article", has_text=name)
    visitor.press("Verify", card)
    expect(card).to_contain_text("Verified")


def test_the_same_club_in_chinese(visitor: Visitor) -> None:
    page = visitor.come(locale="zh-TW", dark=True)
    expect(page.locator("#tour")).to_contain_text("試試看：社團的一個月")
    visitor.press("Pay")
    form = visitor.form
    expect(form.get_by_role("heading", name="繳費")).to_be_visible()
    form.get_by_role("button", name="使用範例收據").click()
    expect(form.locator(".chosen-files li")).to_have_count(1)
    visitor.send("送出")
    expect(visitor.private).to_contain_text("等待核帳")
    visitor.press("How to pay")
    expect(visitor.private).to_contain_text("怎麼付款")
    page.get_by_role("button", name="English").click()
    visitor.press("My bills")
    expect(visitor.private).to_contain_text("Waiting for review")


def test_starting_over_brings_the_seeded_club_back(visitor: Visitor, demo: DemoProcess) -> None:
    page = visitor.come("?user=reviewer")
    seeded = what_is_shown(demo)
    verify_the_card_of(visitor, "Amélie Dubois")
    visitor.let_days_pass("Next day")
    assert what_is_shown(demo) != seeded
    page.get_by_role("button", name="Start over").click()
    page.locator("#ask").get_by_role("button", name="Start over").click()
    expect(page.locator("#toasts")).to_contain_text("The club is back at the first day.")
    demo.until(lambda: what_is_shown(demo) == seeded, "the seeded messages")
    assert demo.state()["clock"]["offset_seconds"] == 0
    visitor.ticked(0)
    expect(page.locator("#channel-log article", has_text="Amélie Dubois")).to_contain_text("Waiting for review")


def what_is_shown(demo: DemoProcess) -> dict[str, list[str]]:
    """Channel → the first line of each message, as the treasurer, who sees all channels, has it."""
    return {
        one["name"]: [words(message).strip().split("\n")[0] for message in one["messages"]]
        for one in demo.view("treasurer")["channels"]
    }
