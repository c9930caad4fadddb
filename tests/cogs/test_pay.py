"""Members pay: the form, screenshots, months, and everything that can go wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import simcord.interactions

from cogs.pay import PayButton
from cogs.ui import cards
from core.models import Member
from core.store import payments as payment_rows
from tests import factories
from tests.cogs.conftest import Server, components, labels, options, private, text, values
from tests.pictures import encoded, screenshot

LONG_NAME = "A plan with quite a long name, so that it takes room"
PICTURE = encoded(screenshot(), "PNG")


def field(form: object, custom_id: str) -> dict[str, object] | None:
    return next((part for part in components(form) if part.get("custom_id") == custom_id), None)


def paid(server: Server, member: Member) -> list[tuple[str, int]]:
    """The member's payments, oldest first: status and declared amount."""
    rows = server.db.read(lambda tx: payment_rows.of_member(tx.conn, member.id, 50))
    return [(row.status, row.declared_minor) for row in reversed(rows)]


def proof_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "proofs").rglob("*") if path.is_file()]


async def months(server: Server, count: int) -> Member:
    """Ann owes 100 for each of so many months."""
    member = server.on_roster(server.ann)
    server.club.subscribe(member, server.club.plan("Tea", 100, "2020-01"), "2020-01-01")
    for number in range(count):
        server.club.open(f"{2020 + number // 12}-{number % 12 + 1:02}")
    await server.deliver()
    return member


# --- the form -----------------------------------------------------------------------------------------


async def test_the_form_shows_what_is_owed_and_registers_it_in_one_submit(server: Server):
    member = await server.owing(server.ann, 300, 90)
    server.club.method("Bank transfer")
    form = await server.ann.slash(server.general, "pay")
    assert "- Plan 300 of ann: NT$300" in text(form)
    assert "Total: **NT$390**" in text(form)
    assert field(form, "months") is None
    bank = values(form)[0]
    done = await server.ann.submit_modal(
        form, {"method": [bank], "note": "from *my* sister", "screenshot": ("shot.png", PICTURE)}
    )
    said = private(done)
    assert "P-0001 over **NT$390** waits for review" in text(said)
    assert "- June 2026 · Plan 300 of ann: **NT$300**" in text(said)
    assert "Method: Bank transfer" in text(said)
    assert r"Note: from \*my\* sister" in text(said)
    assert "With your screenshot." in text(said)
    assert labels(said) == ["Withdraw"]
    assert paid(server, member) == [("submitted", 390)]


async def test_several_months_are_all_preselected_and_can_be_taken_out(server: Server):
    member = await months(server, 3)
    form = await server.ann.slash(server.general, "pay")
    chosen = field(form, "months")
    assert chosen is not None
    assert [option["default"] for option in chosen["options"]] == [True] * 3
    assert options(form) == ["January 2020: NT$100", "February 2020: NT$100", "March 2020: NT$100"]
    said = private(await server.ann.submit_modal(form, {"months": ["2020-01", "2020-03"]}))
    assert "over **NT$200**" in text(said)
    assert "still open: NT$100" in text(said)
    assert paid(server, member) == [("submitted", 200)]


async def test_pay_works_from_the_announcement_and_from_old_panels_after_a_restart(server: Server):
    member = await server.owing(server.ann, 300)
    await server.restart()
    form = await server.ann.click(server.announce.last_message, label="Pay")
    private(await server.ann.submit_modal(form, {}))
    assert paid(server, member) == [("submitted", 300)]


async def test_who_is_not_linked_gets_the_button_that_links(server: Server):
    await server.owing(server.ann)
    said = private(await server.ben.slash(server.general, "pay"))
    assert "not linked" in text(said)
    assert labels(said) == ["Link my name"]


async def test_nothing_to_pay_says_so(server: Server):
    server.on_roster(server.ann)
    assert "Nothing is waiting" in text(private(await server.ann.slash(server.general, "pay")))


async def test_nothing_to_pay_names_what_waits_for_review(server: Server):
    await server.owing(server.ann)
    private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    said = private(await server.ann.slash(server.general, "pay"))
    assert "Waiting for review: P-0001. You will be told when that is checked." in text(said)
    assert labels(said) == ["My bills"]


async def test_a_server_without_a_club_is_told_about_setup(server: Server):
    other = server.env.create_guild("Elsewhere")
    channel = other.create_text_channel("general")
    stranger = other.add_member(server.env.create_user("stan"))
    assert "/setup" in text(private(await stranger.slash(channel, "pay")))


async def test_two_open_forms_for_one_bill_register_it_once(server: Server):
    member = await server.owing(server.ann)
    first = await server.ann.slash(server.general, "pay")
    second = await server.ann.slash(server.general, "pay")
    private(await server.ann.submit_modal(first, {}))
    said = private(await server.ann.submit_modal(second, {"note": "again"}))
    assert "already covered by P-0001" in text(said)
    assert labels(said) == ["Try again"]
    assert paid(server, member) == [("submitted", 300)]
    again = await server.ann.click(said, label="Try again")
    assert "Nothing is waiting" in text(private(again))


async def test_a_form_submitted_twice_is_one_submission(server: Server):
    member = await server.owing(server.ann)
    form = await server.ann.slash(server.general, "pay")
    private(await server.ann.submit_modal(form, {}))
    form._interaction.modal_consumed = False
    again = await server.ann.submit_modal(form, {})
    await server.env.advance_time(3)
    assert "expired" in text(private(again))
    assert paid(server, member) == [("submitted", 300)]


async def test_a_bill_added_while_the_form_is_open_is_not_claimed(server: Server):
    member = await server.owing(server.ann, 300)
    form = await server.ann.slash(server.general, "pay")
    server.club.subscribe(member, server.club.plan("Late", 50), "2026-06-01")
    said = private(await server.ann.submit_modal(form, {}))
    assert "over **NT$300**" in text(said)
    assert "still open: NT$50" in text(said)
    assert paid(server, member) == [("submitted", 300)]


async def test_bills_of_a_closed_month_stay_payable(server: Server):
    member = await server.owing(server.ann)
    server.db.conn.execute("UPDATE billing_periods SET status = 'closed'")
    private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    assert paid(server, member) == [("submitted", 300)]


async def test_a_form_open_during_a_restart_says_that_it_expired(server: Server):
    member = await server.owing(server.ann)
    form = await server.ann.slash(server.general, "pay")
    await server.restart()
    result = await server.ann.submit_modal(form, {})
    await server.env.advance_time(3)
    assert "expired" in text(private(result))
    assert paid(server, member) == []


# --- screenshots --------------------------------------------------------------------------------------


async def test_a_text_file_as_screenshot_registers_nothing_and_can_be_tried_again(
    server: Server, tmp_path: Path
):
    await months(server, 2)
    form = await server.ann.slash(server.general, "pay")
    bad = {"months": ["2020-02"], "note": "kept", "screenshot": ("shot.png", b"just text")}
    said = private(await server.ann.submit_modal(form, bad))
    assert "cannot be read as a picture, so nothing was registered" in text(said)
    assert proof_files(tmp_path) == []
    again = await server.ann.click(said, label="Try again")
    note, chosen = field(again, "note"), field(again, "months")
    assert note is not None
    assert chosen is not None
    assert note["value"] == "kept"
    assert [option["value"] for option in chosen["options"] if option["default"]] == ["2020-02"]


async def test_a_twelve_megapixel_picture_is_taken(server: Server, tmp_path: Path):
    member = await server.owing(server.ann)
    picture = encoded(screenshot((3000, 4000)), "JPEG")
    form = await server.ann.slash(server.general, "pay")
    private(await server.ann.submit_modal(form, {"screenshot": ("photo.jpg", picture)}))
    assert paid(server, member) == [("submitted", 300)]
    assert len(proof_files(tmp_path)) == 2


async def test_an_upload_that_cannot_be_fetched_registers_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    member = await server.owing(server.ann)
    monkeypatch.setattr(type(server.env.backend.cdn), "get", lambda *_: None)
    form = await server.ann.slash(server.general, "pay")
    said = private(await server.ann.submit_modal(form, {"screenshot": ("shot.png", PICTURE)}))
    assert "could not be stored, so nothing was registered" in text(said)
    assert paid(server, member) == []


async def test_a_file_over_the_limit_is_refused_before_it_is_fetched(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    member = await server.owing(server.ann)
    monkeypatch.setattr(type(server.env.backend.cdn), "get", lambda *_: None)
    form = await server.ann.slash(server.general, "pay")
    huge = ("shot.png", bytes(10 * 1024 * 1024 + 1))
    said = private(await server.ann.submit_modal(form, {"screenshot": huge}))
    assert "larger than 10 MB" in text(said)
    assert paid(server, member) == []


async def test_a_store_that_is_down_registers_nothing_and_says_so(server: Server, tmp_path: Path):
    member = await server.owing(server.ann)
    (tmp_path / "proofs").write_text("a file where the folder should be")
    form = await server.ann.slash(server.general, "pay")
    said = private(await server.ann.submit_modal(form, {"screenshot": ("shot.png", PICTURE)}))
    assert "could not be stored, so nothing was registered" in text(said)
    assert paid(server, member) == []


async def test_a_screenshot_with_the_command_pays_the_only_month_at_once(server: Server):
    member = await server.owing(server.ann, 300, 90)
    done = await server.ann.slash(
        server.general, "pay", screenshot=("shot.png", PICTURE), note="quick", method="Bank transfer"
    )
    assert "no such payment method" in text(private(done))
    server.club.method("Bank transfer")
    done = await server.ann.slash(
        server.general, "pay", screenshot=("shot.png", PICTURE), note="quick", method="bank TRANSFER"
    )
    said = text(private(done))
    assert "over **NT$390**" in said
    assert "With your screenshot." in said
    assert "Note: quick" in said
    assert paid(server, member) == [("submitted", 390)]


async def test_a_screenshot_with_the_command_asks_for_the_months_when_there_are_several(server: Server):
    member = await months(server, 3)
    server.club.method("Cash", "cash")
    server.club.method("Bank")
    asked = private(await server.ann.slash(server.general, "pay", screenshot=("shot.png", PICTURE)))
    assert "Chosen: **NT$300**" in text(asked)
    assert labels(asked) == ["Register NT$300", "Cancel"]
    menus = [part["custom_id"] for part in components(asked) if part["type"] == 3]
    await server.ann.select(asked, ["2020-02"], custom_id=menus[0])
    menus = [part["custom_id"] for part in components(asked) if part["type"] == 3]
    await server.ann.select(asked, [values(asked, 1)[1]], custom_id=menus[1])
    assert labels(asked) == ["Register NT$100", "Cancel"]
    await server.ann.click(asked, label="Register NT$100")
    assert "P-0001 over **NT$100**" in text(asked)
    assert "Method: Bank" in text(asked)
    assert paid(server, member) == [("submitted", 100)]


async def test_a_text_file_with_the_command_is_refused(server: Server):
    member = await server.owing(server.ann)
    said = private(await server.ann.slash(server.general, "pay", screenshot=("shot.png", b"text")))
    assert "cannot be read as a picture" in text(said)
    assert paid(server, member) == []


# --- the command's options, and limits ----------------------------------------------------------------


async def test_methods_are_suggested_and_a_chosen_one_is_not_asked_again(server: Server):
    await server.owing(server.ann)
    bank = server.club.method("Bank transfer")
    server.club.method("Cash", "cash")
    offered = await server.ann.autocomplete(server.general, "pay", "method", "ban")
    assert [choice["name"] for choice in offered] == ["Bank transfer"]
    form = await server.ann.slash(server.general, "pay", method=offered[0]["value"], note="typed before")
    assert field(form, "method") is None
    assert "Paid by Bank transfer." in text(form)
    assert field(form, "note")["value"] == "typed before"
    private(await server.ann.submit_modal(form, {"note": "typed before"}))
    row = server.db.conn.execute("SELECT declared_method_id, note FROM payments").fetchone()
    assert row == (bank.id, "typed before")


async def test_a_retired_method_is_refused(server: Server):
    await server.owing(server.ann)
    bank = server.club.method("Bank")
    form = await server.ann.slash(server.general, "pay")
    server.db.conn.execute("UPDATE methods SET retired_at = '2026-06-05T01:00:00.000Z'")
    said = private(await server.ann.submit_modal(form, {"method": [str(bank.id)]}))
    assert "no such payment method" in text(said)


async def test_more_months_than_a_select_takes_are_chosen_in_pages(server: Server):
    member = await months(server, 30)
    asked = private(await server.ann.slash(server.general, "pay"))
    assert "Chosen: **NT$3,000** for 30 of 30 months." in text(asked)
    assert "Page 1 of 2" in text(asked)
    menu = next(part["custom_id"] for part in components(asked) if part["type"] == 3)
    await server.ann.select(asked, values(asked)[:1], custom_id=menu)
    await server.ann.click(asked, label="Next")
    assert options(asked)[-1] == "June 2022: NT$100"
    form = await server.ann.click(asked, label="Continue")
    assert field(form, "months") is None
    assert "Total: **NT$600**" in text(form)
    private(await server.ann.submit_modal(form, {}))
    assert paid(server, member) == [("submitted", 600)]


async def test_trying_again_after_pages_keeps_the_months(server: Server):
    member = await months(server, 30)
    asked = private(await server.ann.slash(server.general, "pay"))
    menu = next(part["custom_id"] for part in components(asked) if part["type"] == 3)
    await server.ann.select(asked, [], custom_id=menu)
    assert "Chosen: **NT$500**" in text(asked)
    form = await server.ann.click(asked, label="Continue")
    said = private(await server.ann.submit_modal(form, {"screenshot": ("shot.png", b"text")}))
    again = await server.ann.click(said, label="Try again")
    assert "Total: **NT$500**" in text(again)
    private(await server.ann.submit_modal(again, {}))
    assert paid(server, member) == [("submitted", 500)]


async def test_more_methods_than_a_select_takes_are_chosen_in_pages(server: Server):
    await server.owing(server.ann)
    for number in range(30):
        server.club.method(f"Method {number}")
    asked = private(await server.ann.slash(server.general, "pay"))
    pagers = [label for label in labels(asked) if label == "Next"]
    assert len(pagers) == 1
    await server.ann.click(asked, label="Next")
    menus = [part["custom_id"] for part in components(asked) if part["type"] == 3]
    await server.ann.select(asked, [values(asked, 1)[4]], custom_id=menus[1])
    form = await server.ann.click(asked, label="Continue")
    assert "Paid by Method 29." in text(form)
    said = private(await server.ann.submit_modal(form, {}))
    assert "Method: Method 29" in text(said)


async def test_a_form_with_very_many_bills_shows_sums_and_still_claims_them_all(server: Server):
    member = server.on_roster(server.ann)
    for number in range(60):
        plan = server.club.plan(f"{LONG_NAME}, number {number}", 10)
        server.club.subscribe(member, plan, "2026-06-01")
    server.club.open("2026-06")
    form = await server.ann.slash(server.general, "pay")
    assert "June 2026: NT$600, 60 bills" in text(form)
    private(await server.ann.submit_modal(form, {}))
    assert paid(server, member) == [("submitted", 600)]
    await server.deliver()
    card = server.review.last_message
    assert "June 2026 · 60 bills: **NT$600**" in text(card)
    shown = await server.rita.click(card, label="All bills")
    everything = "\n".join(text(message) for message in [shown.response, *shown.followups])
    assert all(f"number {number}:" in everything for number in range(60))


async def test_nothing_can_be_registered_while_nothing_is_chosen(server: Server):
    await months(server, 2)
    asked = private(await server.ann.slash(server.general, "pay", screenshot=("shot.png", PICTURE)))
    await server.ann.select(asked, [])
    register = next(part for part in components(asked) if str(part.get("label")).startswith("Register"))
    assert register["disabled"]
    assert "Nothing is chosen yet" in text(asked)
    await server.ann.click(asked, label="Cancel")
    assert text(asked) == "Nothing was changed."


async def test_an_error_while_registering_with_a_screenshot_leaves_the_choice(server: Server):
    member = await months(server, 2)
    asked = private(await server.ann.slash(server.general, "pay", screenshot=("shot.png", PICTURE)))
    form = await server.ann.slash(server.general, "pay")
    private(await server.ann.submit_modal(form, {"months": ["2020-01"]}))
    said = private(await server.ann.click(asked, label="Register NT$200"))
    assert "already covered by P-0001" in text(said)
    await server.ann.select(asked, ["2020-02"])
    await server.ann.click(asked, label="Register NT$100")
    assert paid(server, member) == [("submitted", 100), ("submitted", 100)]


# --- 繁體中文 ---------------------------------------------------------------------------------------------


async def test_the_whole_flow_in_chinese(server: Server, monkeypatch: pytest.MonkeyPatch):
    """The simulated Discord knows English clients alone, so its payload is changed on the way."""
    plain = simcord.interactions.base_payload

    def chinese(*args: Any, **kwargs: Any) -> Any:
        record, payload = plain(*args, **kwargs)
        return record, {**payload, "locale": "zh-TW"}

    monkeypatch.setattr(simcord.interactions, "base_payload", chinese)
    await server.owing(server.ann, 300)
    form = await server.ann.slash(server.general, "pay")
    assert form.modal is not None
    assert form.modal["title"] == "繳費"
    assert "**2026 年 6 月**・NT$300" in text(form)
    said = private(await server.ann.submit_modal(form, {"screenshot": ("shot.png", b"x")}))
    assert "截圖無法當作圖片讀取" in text(said)
    assert labels(said) == ["再試一次"]
    again = await server.ann.click(said, label="再試一次")
    said = private(await server.ann.submit_modal(again, {}))
    assert "P-0001（**NT$300**）等待核帳" in text(said)
    shown = private(await server.ann.slash(server.general, "my"))
    assert "🟡 P-0001 等待核帳" in text(shown)
    walked = private(await server.rita.slash(server.general, "review"))
    assert labels(walked) == ["核帳", "其他金額…", "退回…", "略過"]


# --- withdraw -----------------------------------------------------------------------------------------


async def test_withdraw_takes_a_submission_back(server: Server):
    member = await server.owing(server.ann)
    said = private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    await server.ann.click(said, label="Withdraw")
    assert "P-0001 over **NT$300** was withdrawn" in text(said)
    assert labels(said) == ["Pay", "My bills"]
    assert paid(server, member) == [("withdrawn", 300)]
    form = await server.ann.click(said, label="Pay")
    assert "Total: **NT$300**" in text(form)
    await server.deliver()
    card = server.review.last_message
    assert labels(card) == []
    assert "cannot be taken back; the payment can be submitted again" in text(card)


async def test_withdraw_after_a_decision_changes_nothing(server: Server):
    member = await server.owing(server.ann)
    said = private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    await server.deliver()
    await server.rita.click(server.review.last_message, label="Verify")
    again = await server.ann.click(said, label="Withdraw")
    assert "P-0001 is verified by now" in text(private(again))
    assert paid(server, member) == [("verified", 300)]


# --- two clubs ----------------------------------------------------------------------------------------


async def test_a_button_in_direct_messages_uses_the_books_of_its_club(server: Server):
    """Nothing else says there which of two clubs is meant."""
    await server.owing(server.ann)
    other = factories.Club.create(server.db, number=7)
    member = other.member("Anna", discord_id=server.ann.id)
    other.subscribe(member, other.plan("Judo", 777))
    other.open()
    view = cards.card("x", buttons=[PayButton(other.id)])
    message = await (await server.env.bot.fetch_user(server.ann.id)).send(view=view)
    await server.env.settle()
    assert "**NT$777**" in text(await server.ann.user.click(message, label="Pay"))


@pytest.mark.parametrize("subject", [999_999, 0, 10**18 - 1])
async def test_a_forged_club_is_unknown(server: Server, subject: int):
    message = await server.post(server.general, PayButton(subject))
    assert "not set up" in text(await server.press(server.ann, message, label="Pay"))
