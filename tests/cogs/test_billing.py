"""/club billing: opening a month with a preview, and seeing how it stands."""

from __future__ import annotations

import pytest
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from core import billing, roster
from tests.cogs.club_steps import answers, books, chinese, club, club_all, confirm, refused, suggestions
from tests.cogs.conftest import Server, labels, text

__all__ = ["chinese"]  # a fixture


async def test_opening_a_month_previews_then_opens_and_says_the_real_counts(server: Server):
    plan = server.club.plan("Tea", 300)
    for name in ("Ann", "Ben"):
        server.club.subscriber(plan, name)
    before = books(server)
    preview = await club(server, "billing open")
    assert "Open June 2026?" in text(preview)
    assert "Tea: 2 bills, NT$600" in text(preview)
    assert "2 members" in text(preview)
    assert "Due on 5 June 2026" in text(preview)
    assert labels(preview) == ["Open June 2026: 2 bills, NT$600", "Cancel", "Change prices…"]
    assert books(server) == before
    shown = await confirm(server, preview)
    assert "June 2026 is open" in shown
    assert "2 bills, NT$600" in shown
    assert f"<#{server.announce.id}>" in shown
    assert labels(preview.message) == []
    assert len(server.club.notices("opened")) == 1


async def test_cancelling_a_preview_changes_nothing(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    before = books(server)
    preview = await club(server, "billing open")
    await server.tess.click(preview, label="Cancel")
    assert text(preview.message) == "Cancelled. Nothing was changed."
    assert books(server) == before


async def test_a_change_between_preview_and_confirmation_shows_the_new_preview(server: Server):
    plan = server.club.plan("Tea", 300)
    server.club.subscriber(plan, "Ann")
    preview = await club(server, "billing open")
    server.club.subscriber(plan, "Ben")
    before = books(server)
    clicked = await server.tess.click(preview, label="Open June 2026: one bill, NT$300")
    assert "nothing was done" in text(preview.message)
    assert books(server) == before
    (again,) = clicked.followups
    assert "before: Tea: one bill, NT$300" in text(again)
    assert "now: Tea: 2 bills, NT$600" in text(again)
    assert "June 2026 is open" in await confirm(server, again)
    assert "2 bills" in text(again.message)


async def test_a_change_that_keeps_the_sums_is_noticed_too(server: Server):
    plan = server.club.plan("Tea", 300)
    ann, ben = server.club.subscriber(plan, "Ann"), server.club.member("Ben")
    preview = await club(server, "billing open")
    server.db.write(roster.leave, server.club.treasurer, ann.id, "2026-05-01")
    server.club.subscribe(ben, plan)
    clicked = await server.tess.click(preview, label=labels(preview)[0])
    assert "The bills behind these numbers are different now" in text(clicked.followups[0])


async def test_the_second_of_two_confirmations_says_it_is_open_already(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    first, second = await club(server, "billing open"), await club(server, "billing open")
    await confirm(server, first)
    before = books(server)
    assert "June 2026 is open already" in await confirm(server, second)
    assert books(server) == before


async def test_opening_an_open_month_says_so_without_asking(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    server.club.open("2026-06")
    said = await club(server, "billing open", period="2026-06")
    assert "June 2026 is open already" in text(said)
    assert labels(said) == []


@pytest.mark.parametrize(("period", "word"), [("2026-05", "earlier"), ("2026-07", "later")])
async def test_another_month_than_the_collecting_one_is_asked_clearly(server: Server, period: str, word: str):
    server.club.subscriber(server.club.plan("Tea", 300))
    preview = await club(server, "billing open", period=period)
    assert f"**{word}** than the month being collected now" in text(preview)
    assert "June 2026" in text(preview)


async def test_credit_that_would_be_used_is_shown(server: Server):
    member = server.club.subscriber(server.club.plan("Tea", 300))
    server.club.record(member, 100)
    preview = await club(server, "billing open")
    assert "NT$100 of it would be paid from credit" in text(preview)
    assert "NT$100 of it was paid from credit" in await confirm(server, preview)


async def test_thirty_plans_are_all_in_the_preview(server: Server):
    member = server.club.member("Ann")
    for number in range(30):
        server.club.subscribe(
            member, server.club.plan(f"Plan with quite a long name, number {number:02}", 100)
        )
    (preview,) = await club_all(server, "billing open")
    for number in range(30):
        assert f"number {number:02}: one bill" in text(preview)
    assert labels(preview)[0] == "Open June 2026: 30 bills, NT$3,000"


async def test_a_preview_too_long_for_one_message_is_split_and_complete(server: Server):
    member = server.club.member("Ann")
    for number in range(80):
        server.club.subscribe(
            member, server.club.plan(f"Plan with a very long name indeed, number {number:02}", 1)
        )
    shown = await club_all(server, "billing open")
    assert len(shown) > 1
    whole = "\n".join(text(message) for message in shown)
    assert [number for number in range(80) if f"number {number:02}:" not in whole] == []
    assert labels(shown[-1])[0] == "Open June 2026: 80 bills, NT$80"


async def test_without_an_announcement_channel_the_preview_warns(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    server.club.set(announce_channel_id=None)
    assert "No announcement channel is chosen" in text(await club(server, "billing open"))


@pytest.mark.parametrize("command", ["billing open", "billing status"])
async def test_a_period_that_is_none_is_refused_by_name(server: Server, command: str):
    typed = ["2026-13", "June", "2026-6", "202606", "  ", "2026-00", "1999-01", "x" * 300]
    await refused(server, command, [({"period": period}, "billing period") for period in typed])


async def test_a_plan_without_a_price_is_named(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300, "2026-08"))
    said = text(await club(server, "billing open"))
    assert "Tea" in said
    assert "/club plan price" in said


@pytest.mark.parametrize("command", ["billing open", "billing status"])
async def test_members_may_not(server: Server, command: str):
    server.on_roster(server.ann)
    said = text(await club(server, command, server.ann))
    assert said.startswith("Only a")
    assert "so nothing was changed" in said


async def test_a_reviewer_sees_the_status_but_may_not_open(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    assert "Only a treasurer" in text(await club(server, "billing open", server.rita))
    server.club.open("2026-06")
    assert "June 2026" in text((await club_all_as(server, server.rita, "billing status"))[0])


async def club_all_as(server: Server, who: MemberActor, command: str) -> list[ResponseMessage]:
    return answers(await who.slash(server.general, f"club {command}"))


async def test_the_right_is_asked_again_when_confirming(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    preview = await club(server, "billing open")
    server.db.conn.execute("DELETE FROM admins WHERE discord_id = ?", (server.tess.id,))
    before = books(server)
    clicked = await server.tess.click(preview, label=labels(preview)[0])
    assert "Only a treasurer" in text(clicked.followups[0])
    assert books(server) == before


# --- status -------------------------------------------------------------------------------------------


async def test_status_shows_what_came_in_and_who_owes(server: Server):
    tea, cake = server.club.plan("Tea", 300), server.club.plan("Cake", 100)
    ann, ben = server.club.subscriber(tea, "Ann"), server.club.subscriber(cake, "Ben")
    server.club.open("2026-06")
    bank = server.club.method("Bank")
    server.club.record(ann, 300, method_id=bank.id)
    shown = "\n".join(text(message) for message in await club_all(server, "billing status"))
    assert "June 2026 · open" in shown
    assert "**NT$300** of NT$400 collected" in shown
    assert "75%" in shown
    assert "Tea: NT$300 of NT$300 · 1/1 bills" in shown
    assert "Cake: NT$0 of NT$100 · 0/1 bills" in shown
    assert "Bank: NT$300" in shown
    assert "One member still has to pay" in shown
    assert f"**Ben** ({ben.label}" in shown
    assert "Ann" not in shown
    assert "over all months: **NT$300**" in shown


async def test_every_debtor_is_listed_over_several_messages(server: Server):
    plan = server.club.plan("Tea", 300)
    people = [server.club.subscriber(plan, f"Somebody with a rather long name {n:03}") for n in range(120)]
    server.club.open("2026-06")
    shown = await club_all(server, "billing status")
    whole = "\n".join(text(message) for message in shown)
    assert len(shown) > 3
    assert [member.label for member in people if f"({member.label}," not in whole] == []


async def test_status_of_a_month_that_was_never_opened_says_so(server: Server):
    said = text(await club(server, "billing status", period="2026-05"))
    assert "May 2026 was never opened" in said


async def test_status_without_a_month_takes_the_newest_opened_one(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    server.club.open("2026-04")
    assert "April 2026" in text((await club_all(server, "billing status"))[0])


async def test_failed_notices_are_listed_and_sent_again_by_a_button(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    server.club.open("2026-06")
    server.db.conn.execute(
        "UPDATE notices SET status = 'failed', error = 'Missing *Access*' WHERE kind = 'opened'"
    )
    last = (await club_all(server, "billing status"))[-1]
    assert "One message could not be delivered" in text(last)
    assert "opened month" in text(last)
    assert "Missing \\*Access\\*" in text(last)
    clicked = await server.tess.click(last, label="Send again")
    assert "One message is sent again" in text(clicked.response)
    await server.deliver()
    assert "June 2026" in text(server.announce.last_message)


async def test_only_treasurers_send_failed_notices_again(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    server.club.open("2026-06")
    server.db.conn.execute("UPDATE notices SET status = 'failed', error = 'x'")
    last = (await club_all_as(server, server.rita, "billing status"))[-1]
    clicked = await server.rita.click(last, label="Send again")
    assert "Only a treasurer" in text(clicked.response or clicked.followups[0])


# --- the button on the notice about missed months -------------------------------------------------------


async def test_the_button_on_missed_months_asks_like_the_command(server: Server):
    plan = server.club.plan("Tea", 300)
    server.club.subscriber(plan)
    server.club.open("2026-03")
    await server.deliver()
    server.db.write(lambda tx: billing.auto_open(tx, server.club.system, tx.now.date()))
    await server.deliver()
    (notice,) = [message for message in server.admin.history() if "never opened" in text(message)]
    assert labels(notice) == ["Open April 2026", "Open May 2026"]
    clicked = await server.tess.click(notice, label="Open April 2026")
    preview = clicked.response
    assert "Open April 2026?" in text(preview)
    assert "**earlier**" in text(preview)
    assert "April 2026 is open" in await confirm(server, preview)


# --- suggestions --------------------------------------------------------------------------------------


async def test_periods_are_suggested_with_their_status(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    server.club.open("2026-05")
    found = await suggestions(server, "billing open", "period", "")
    assert found[0] == {"name": "June 2026 (2026-06) · not open · being collected now", "value": "2026-06"}
    assert {"name": "May 2026 (2026-05) · open", "value": "2026-05"} in found
    opened = await suggestions(server, "billing status", "period", "")
    assert [choice["value"] for choice in opened] == ["2026-05"]
    assert await suggestions(server, "billing open", "period", "2027-01") == [
        {"name": "January 2027", "value": "2027-01"}
    ]


async def test_members_are_suggested_nothing(server: Server):
    assert await suggestions(server, "billing open", "period", "", server.ann) == []


async def test_in_chinese(server: Server, chinese: None):
    server.club.subscriber(server.club.plan("茶", 300), "王小明")
    preview = await club(server, "billing open")
    assert "要發起 2026 年 6 月的繳費嗎？" in text(preview)
    assert labels(preview) == ["發起 2026 年 6 月：1 張帳單，NT$300", "取消", "變更價格…"]
    assert "已發起 2026 年 6 月的繳費" in await confirm(server, preview)
    shown = "\n".join(text(message) for message in await club_all(server, "billing status"))
    assert "還有 1 位成員未繳" in shown
    assert "王小明" in shown
