"""What one does on the demo's chat page and what arrives there by itself, in a real Chromium."""

import base64
from typing import Any

import pytest

from tests.simulator.page_browser import PHONE, Visit, browser, expect, last_act, press, server, visit
from tests.simulator.page_content import text
from tests.simulator.page_fixture import LiveServer

__all__ = ["browser", "server", "visit"]  # fixtures

# --- what is done ---


@pytest.mark.browser
def test_a_form_is_filled_checked_and_sent_with_a_file(visit: Visit) -> None:
    page = visit.open("user=member1")
    press(page, "pay:open:1")
    form = page.locator("#modal")
    expect(form.get_by_role("heading", name="Pay your dues")).to_be_visible()
    expect(form.get_by_label("June 2026")).to_be_checked()
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".field-error", has_text="Choose one.")).to_be_visible()
    assert [act["do"] for act in visit.server.club.acts] == ["click"]
    form.get_by_label("LINE Pay").check()
    form.get_by_label("May 2026").uncheck()
    form.locator('input[type="file"]').set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": b"\x89PNG bytes"}
    )
    form.get_by_label("Note").fill("last five 12345")
    expect(form.locator(".counter")).to_have_text("15 / 200")
    form.get_by_role("button", name="Send").click()
    expect(form).to_be_hidden()
    sent = last_act(visit.server, "submit")
    assert sent["values"] == {"periods": ["7"], "method": ["line"], "note": "last five 12345"}
    [file] = sent["files"]["proof"]
    assert (file["filename"], file["content_type"]) == ("mine.png", "image/png")
    assert base64.b64decode(file["content_base64"]) == b"\x89PNG bytes"
    expect(page.locator("article.is-private").last).to_contain_text("Registered: NT$955.")
    expect(page.locator(".used-command").last).to_contain_text("王小明 used /pay")


@pytest.mark.browser
def test_a_sample_receipt_is_a_new_png_each_time(visit: Visit) -> None:
    page = visit.open("user=member1")
    pictures = []
    for _ in range(2):
        press(page, "pay:open:1")
        page.get_by_role("button", name="Use a sample receipt").click()
        expect(page.locator(".chosen-files li")).to_have_count(1)
        page.locator("#modal").get_by_label("Cash").check()
        page.locator("#modal").get_by_role("button", name="Send").click()
        expect(page.locator("#modal")).to_be_hidden()
        pictures.append(
            base64.b64decode(last_act(visit.server, "submit")["files"]["proof"][0]["content_base64"])
        )
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures)
    assert pictures[0] != pictures[1]


@pytest.mark.browser
def test_every_part_of_a_form_is_sent_in_its_own_shape(visit: Visit) -> None:
    page = visit.open("user=member1&channel=general")
    press(page, "form:all:1")
    form = page.locator("#modal")
    form.get_by_label("Short").fill("ab")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".field-error", has_text="At least 3 characters.")).to_be_visible()
    form.get_by_label("Short").fill("abcd")
    form.get_by_label("Red").check()
    form.get_by_label("One").check()
    form.get_by_label("I agree").check()
    form.get_by_role("button", name="Send").click()
    expect(form).to_be_hidden()
    assert last_act(visit.server, "submit")["values"] == {
        "short": "abcd",
        "radio": "r",
        "checks": ["1", "2"],
        "agree": True,
        "who": ["1005"],
    }


@pytest.mark.browser
def test_closing_a_form_dismisses_it_and_it_stays_closed(visit: Visit) -> None:
    page = visit.open("user=member1")
    press(page, "pay:open:1")
    expect(page.locator("#modal")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#modal")).to_be_hidden()
    visit.server.change(lambda club: club.post("dues", {"content": "something new"}))
    expect(page.locator("#channel-log")).to_contain_text("something new")
    expect(page.locator("#modal")).to_be_hidden()
    assert visit.server.club.acts[-1]["do"] == "dismiss"


@pytest.mark.browser
def test_a_command_is_found_filled_and_sent_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit.open("user=treasurer")
    page.locator(".composer-input").first.focus()
    page.keyboard.type("/bill")
    expect(page.get_by_role("option", name="/club billing open")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("2026-07")
    page.keyboard.press("Enter")
    expect(page.locator("article.is-private").last).to_contain_text("Ran club billing open")
    sent = last_act(visit.server, "command")
    assert (sent["name"], sent["options"], sent["channel"]) == (
        "club billing open",
        {"period": "2026-07"},
        "3002",
    )


@pytest.mark.browser
def test_options_are_checked_and_sent_with_their_types(visit: Visit) -> None:
    page = visit.open("user=treasurer")
    page.locator(".composer-input").first.fill("/test")
    page.get_by_role("option", name="/test").click()
    form = page.locator("#channel-composer form")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".field-error", has_text="This is needed.")).to_be_visible()
    form.get_by_label("count").fill("12")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".field-error", has_text="Between 1 and 9.")).to_be_visible()
    form.get_by_label("count").fill("7")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".form-error")).to_have_text("count must not be 7.")
    assert visit.refusals == 1
    visit.refusals = 0
    form.get_by_label("count").fill("3")
    form.get_by_label("mode").select_option(label="Slow")
    form.get_by_label("loud").select_option(label="No")
    form.get_by_label("who").select_option(label="王小明")
    form.get_by_label("where").select_option(label="#dues")
    form.get_by_label("role").select_option(label="@Reviewer")
    form.get_by_label("ratio").fill("0.5")
    form.get_by_role("button", name="Send").click()
    expect(form).to_be_hidden()
    assert last_act(visit.server, "command")["options"] == {
        "count": 3,
        "mode": "s",
        "loud": False,
        "who": "1004",
        "where": "3002",
        "role": "2002",
        "ratio": 0.5,
    }


@pytest.mark.browser
def test_the_bot_suggests_while_one_types(visit: Visit) -> None:
    page = visit.open("user=unlinked")
    page.locator(".composer-input").first.fill("/link")
    page.keyboard.press("Enter")
    page.keyboard.type("chi")
    expect(page.locator(".suggestions li")).to_have_text(["Chidi Eze"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="name")).to_have_value("Chidi Eze")
    page.keyboard.press("Enter")
    expect(page.locator("article.is-private").last).to_contain_text("Ran link")
    assert last_act(visit.server, "command")["options"] == {"name": "id-Chid"}
    assert last_act(visit.server, "autocomplete")["focused"] == "name"


@pytest.mark.browser
def test_selects_send_what_was_chosen(visit: Visit) -> None:
    page = visit.open("user=member2&channel=general")
    press(page, "choose:one")
    page.get_by_role("searchbox").fill("2026-11")
    page.locator("#drop li:not([hidden]) button").click()
    expect(page.locator("article.is-private").last).to_contain_text("You chose 11.")
    press(page, "choose:many")
    page.locator("#drop").get_by_label("Month 1").check()
    page.locator("#drop").get_by_label("Month 3").check()
    expect(page.locator("#drop").get_by_label("Month 4")).to_be_disabled()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("article.is-private").last).to_contain_text("You chose 1, 3.")
    press(page, "choose:role")
    page.locator("#drop").get_by_role("button", name="Treasurer").click()
    expect(page.locator("article.is-private").last).to_contain_text("You chose 2001.")


@pytest.mark.browser
def test_an_unanswered_press_says_so_under_the_message(visit: Visit) -> None:
    page = visit.open("user=member2&channel=general")
    press(page, "slow:fail")
    expect(page.locator("article", has_text="Buttons").get_by_role("alert")).to_have_text(
        "This interaction failed. Try again."
    )


@pytest.mark.browser
def test_a_private_answer_can_be_dismissed(visit: Visit) -> None:
    page = visit.open("user=member2")
    press(page, "bills:mine:1")
    answer = page.locator("article.is-private")
    expect(answer).to_contain_text("Only you can see this")
    answer.get_by_role("button", name="Dismiss message").click()
    expect(answer).to_have_count(0)


# --- what arrives by itself ---


@pytest.mark.browser
def test_new_messages_arrive_live_and_after_a_lost_connection(visit: Visit) -> None:
    page = visit.open("user=member2")
    visit.server.change(lambda club: club.post("dues", {"content": "live one"}))
    expect(page.locator("#channel-log")).to_contain_text("live one")
    visit.server.cut()
    visit.server.change(lambda club: club.post("dues", {"content": "while away"}))
    expect(page.locator("#channel-log")).to_contain_text("while away")
    expect(page.locator("#bot-state")).to_have_text("Bot online")


@pytest.mark.browser
def test_unread_messages_are_counted_for_others_and_for_other_channels(visit: Visit) -> None:
    page = visit.open("user=member1")
    expect(page.locator(".count:visible")).to_have_count(0)
    page.wait_for_function("() => document.querySelectorAll('#people .person').length === 8")
    visit.server.change(
        lambda club: club.post("review", {"components": [text("a payment waits")], "flags": 1 << 15})
    )
    expect(page.locator('[data-user="reviewer"] .count')).to_contain_text("1")
    page.locator('[data-user="reviewer"]').click()
    expect(page.locator('#channels [data-channel="review"] .count')).to_contain_text("1")
    expect(page.locator('[data-user="member1"] .count')).to_have_count(
        0
    )  # public news is nobody's in particular
    page.locator('#channels [data-channel="review"]').click()
    expect(page.locator("#channel-log")).to_contain_text("a payment waits")
    expect(page.locator(".side .count:visible")).to_have_count(2)  # the owner and the treasurer


@pytest.mark.browser
def test_a_phone_shows_one_thing_at_a_time(visit: Visit) -> None:
    page = visit.open("user=member1", PHONE)
    expect(page.locator(".pane-direct")).to_be_hidden()
    visit.server.change(lambda club: club.post("dm:member1", {"content": "psst"}))
    expect(page.locator("#direct-count")).to_have_text("1")
    page.locator("#tab-direct").click()
    expect(page.locator("#direct-log")).to_contain_text("psst")
    expect(page.locator("#direct-count")).to_be_hidden()
    page.locator("#tab-people").click()
    page.locator('[data-user="member2"]').click()
    expect(page.locator(".pane-channel")).to_be_visible()
    expect(page.locator("#tab-people")).to_contain_text("Aoife")


@pytest.mark.browser
def test_on_a_phone_the_chosen_channel_comes_into_view_and_stays_there(visit: Visit) -> None:
    page = visit.open("user=treasurer&channel=admin", PHONE)
    chip = page.locator("#chips [aria-current]")
    expect(chip).to_have_text("admin")
    expect(chip).to_be_in_viewport(ratio=1)
    visit.server.change(lambda club: club.post("dm:treasurer", {"content": "psst"}))
    expect(page.locator("#direct-count")).to_have_text("1")
    expect(chip).to_be_in_viewport(ratio=1)


# --- the strip at the top ---


@pytest.mark.browser
def test_time_moves_by_a_day_and_by_a_month(visit: Visit) -> None:
    page = visit.open("user=member2")
    expect(page.locator("#clock")).to_contain_text("Fri 5 Jun 2026")
    page.get_by_role("button", name="Next day").click()
    expect(page.locator("#clock")).to_contain_text("Sat 6 Jun 2026")
    expect(page.locator(".toast")).to_contain_text("Nothing new for you here.")
    page.get_by_role("button", name="Next month").click()
    expect(page.locator("#clock")).to_contain_text("Mon 6 Jul 2026")
    expect(page.locator(".toast").last).to_contain_text("1 new message for you.")


@pytest.mark.browser
def test_faults_are_caused_and_taken_back(visit: Visit) -> None:
    page = visit.open("user=member2")
    page.get_by_role("button", name="Faults").click()
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    expect(page.locator('[data-user="member2"] .closed-mark')).to_be_visible()
    page.get_by_role("switch").click()
    expect(page.locator('[data-user="member2"] .closed-mark')).to_have_count(0)
    page.get_by_role("button", name="Drop the connection").click()
    page.get_by_role("button", name="Faults").click()
    page.get_by_role("button", name="Rate-limit once").click()
    expect(page.locator(".toast").last).to_contain_text("told to wait")
    assert [fault["kind"] for fault in visit.server.club.faults_caused] == [
        "dm_closed",
        "dm_closed",
        "drop",
        "rate_limit",
    ]


@pytest.mark.browser
def test_a_link_to_the_web_pages_is_shown_when_there_are_some(visit: Visit) -> None:
    page = visit.open("user=treasurer")
    expect(page.locator("#desk")).to_be_hidden()
    visit.server.change(lambda club: setattr(club, "desk", "http://127.0.0.1:18766/"))
    expect(page.get_by_role("link", name="Web pages")).to_have_attribute("href", "http://127.0.0.1:18766/")
    visit.server.change(lambda club: setattr(club, "desk", "javascript:alert(1)"))
    expect(page.locator("#desk")).to_be_hidden()


@pytest.mark.browser
def test_starting_over_asks_first(visit: Visit) -> None:
    page = visit.open("user=member2")
    visit.server.change(lambda club: club.post("dues", {"content": "to be forgotten"}))
    page.locator("#reset").click()
    page.locator("#ask").get_by_role("button", name="Cancel").click()
    expect(page.locator("#channel-log")).to_contain_text("to be forgotten")
    page.locator("#reset").click()
    page.locator("#ask").get_by_role("button", name="Start over").click()
    expect(page.locator("#channel-log")).not_to_contain_text("to be forgotten")


@pytest.mark.browser
def test_the_language_switch_changes_the_page_and_the_persons_discord(visit: Visit) -> None:
    page = visit.open("user=member2")
    page.locator("#language").click()
    expect(page.get_by_role("button", name="下一天")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant-TW")
    page.locator(".composer-input").first.fill("/")
    expect(page.locator(".command-list").first).to_contain_text("/社團 帳期 發起繳費")
    assert visit.server.club.person("member2")["locale"] == "zh-TW"
    page.locator('[data-user="member3"]').click()
    expect(page.locator('[data-user="member3"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".command-list li").first).to_be_hidden()


@pytest.mark.browser
def test_the_theme_is_chosen_and_remembered(visit: Visit) -> None:
    page = visit.open("user=member2")
    background = "getComputedStyle(document.body).backgroundColor"
    page.locator("#theme").click()
    expect(page.locator("#theme")).to_have_attribute("aria-label", "Colours: Light")
    light = page.evaluate(background)
    page.locator("#theme").click()
    assert page.evaluate(background) != light
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.browser
def test_the_tour_leads_through_the_loop_and_ticks_what_is_done(visit: Visit) -> None:
    page = visit.open("user=member2&tour=1")
    page.goto(f"{visit.server.url}?lang=en")
    tour = page.locator("#tour")
    expect(tour).to_contain_text("0 of 5 done")
    tour.locator('[data-step="pay"]').click()
    expect(page.locator('[data-user="member1"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".is-pointed")).to_contain_text("Pay")
    press(page, "pay:open:1")
    page.locator("#modal").get_by_label("Cash").check()
    page.locator("#modal").get_by_role("button", name="Send").click()
    expect(tour).to_contain_text("1 of 5 done")
    tour.locator('[data-step="verify"]').click()
    expect(page.locator(".is-pointed")).to_contain_text("Verify")
    press(page, "payment:verify:871")
    expect(tour).to_contain_text("2 of 5 done")
    tour.locator('[data-step="result"]').click()
    expect(page.locator("#direct-log")).to_contain_text("was verified")
    expect(tour).to_contain_text("3 of 5 done")
    tour.locator('[data-step="open"]').click()
    expect(page.locator(".command-head")).to_contain_text("/club billing open")
    for _ in range(4):
        page.get_by_role("button", name="Next day").click()
        expect(page.get_by_role("button", name="Next day")).to_be_enabled()
    expect(tour).to_contain_text("4 of 5 done")
    tour.get_by_role("button", name="Hide the tour").click()
    page.goto(f"{visit.server.url}?lang=en")
    expect(tour).to_be_hidden()


# --- with the real simulator ---


@pytest.mark.browser
@pytest.mark.socket
def test_the_page_works_with_the_simulator_and_a_real_client(browser: Any) -> None:
    def run(page: Any, name: str) -> None:
        page.locator(".composer-input").first.fill(f"/{name}")
        page.keyboard.press("Enter")

    with LiveServer() as live:
        visit = Visit(browser, live)
        page = visit.open("user=member1")
        run(page, "slow")
        page.locator("#channel-composer form").get_by_role("button", name="Send").click()
        expect(page.locator("article.is-private").last).to_contain_text("later")
        run(page, "fruit")
        page.keyboard.type("a")
        expect(page.locator(".suggestions li")).to_have_text(["apple0", "apple1", "apple2"])
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(page.locator("article").last).to_contain_text("apple0 False en-US")
        run(page, "chooser")
        press(page, "open-form")
        form = page.locator("#modal")
        form.get_by_role("button", name="Use a sample receipt").click()
        expect(form.locator(".chosen-files li")).to_have_count(1)
        form.get_by_label("One").check()
        form.get_by_role("button", name="Send").click()
        expect(page.locator("article.is-private").last).to_contain_text(
            "submitted (['bank'], 'One', 'hello')"
        )
        [(name, content)] = live.bot.read_files
        assert name.startswith("receipt-")
        assert content.startswith(b"\x89PNG")
        press(page, "colour")
        page.locator("#drop").get_by_label("Blue").check()
        page.get_by_role("button", name="Done").click()
        expect(page.locator("#channel-log")).to_contain_text("colours ['b']")
        page.locator("#language").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hant-TW")
        page.locator(".composer-input").first.fill("/回音")
        expect(page.get_by_role("option", name="/回音")).to_be_visible()
        for context in visit.contexts:
            context.close()
        assert (visit.said, visit.refusals, live.bot.errors) == ([], 0, [])
