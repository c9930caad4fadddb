"""/club billing resync, retract, resend, close, reopen, remind and notices."""

from __future__ import annotations

from typing import Any

import pytest

from core import plans, resync, subscriptions
from core.models import Member, Plan
from core.period import Period
from tests.cogs.club_steps import answers, books, chinese, club, club_all, confirm
from tests.cogs.conftest import Server, labels, text

__all__ = ["chinese"]  # a fixture


@pytest.fixture
def plan(server: Server) -> Plan:
    return server.club.plan("Tea", 300)


@pytest.fixture
def ann(server: Server, plan: Plan) -> Member:
    """On the roster with an open bill for June."""
    member = server.on_roster(server.ann)
    server.club.subscribe(member, plan, "2026-01-01")
    server.club.open("2026-06")
    return member


def drift(server: Server, plan: Plan, ann: Member) -> Member:
    """Somebody new, somebody gone, and another price."""
    new = server.club.linked("Newcomer *n*")
    for member in (new,):
        server.db.conn.execute(
            """
            INSERT INTO subscriptions (workspace_id, member_id, plan_id, starts_on, created_at)
            SELECT workspace_id, ?, id, '2026-06-01', created_at FROM plans WHERE id = ?
            """,
            (member.id, plan.id),
        )
    server.club.reprice(plan, 320, "2026-06")
    return new


async def everything(server: Server, command: str, **options: Any) -> str:
    return "\n".join(text(shown) for shown in await club_all(server, command, **options))


# --- resync -------------------------------------------------------------------------------------------


async def test_resync_shows_every_change_and_then_the_real_counts(server: Server, plan: Plan, ann: Member):
    drift(server, plan, ann)
    before = books(server)
    preview = await club(server, "billing resync")
    said = text(preview)
    assert "Bring June 2026 in line" in said
    assert r"- new: Newcomer \*n\* · Tea: **NT$320**" in said
    assert "- repriced: B-1 of Ann · Tea: NT$300 → **NT$320**" in said
    assert labels(preview) == ["Resync June 2026: 2 changes", "Cancel"]
    assert books(server) == before
    done = await confirm(server, preview)
    assert "is in line with roster and prices now" in done
    assert "**One bill** is added." in done
    assert [bill.amount_minor for bill in server.club.bills(ann)] == [320]
    assert "Nothing was changed" in text(await club(server, "billing resync"))
    assert server.club.notices("added") == []


async def test_resync_can_tell_the_added_and_only_them(server: Server, plan: Plan, ann: Member):
    new = drift(server, plan, ann)
    preview = await club(server, "billing resync", period="2026-06", tell=True)
    assert f"would be told in <#{server.announce.id}>" in text(preview)
    await confirm(server, preview)
    await server.deliver()
    said = text(server.announce.last_message)
    assert f"<@{new.discord_id}>" in said
    assert str(server.ann.id) not in said


async def test_resync_of_very_many_is_in_a_file(server: Server, plan: Plan, ann: Member):
    for number in range(200):
        server.club.subscribe(server.club.member(f"Person {number:03}"), plan, "2026-07-01")
    server.db.conn.execute("UPDATE subscriptions SET starts_on = '2026-06-01'")
    preview = await club(server, "billing resync")
    assert "All 200 lines are in the attached file" in text(preview)
    assert "**200 bills** are added." in await confirm(server, preview)


async def test_resync_of_a_month_that_is_not_open_is_refused(server: Server, plan: Plan):
    server.club.subscriber(plan)
    assert "was never opened" in text(await club(server, "billing resync", period="2026-06"))
    server.club.open()
    server.db.write(resync.retract, server.club.treasurer, Period("2026-06"))
    said = await club(server, "billing resync", period="2026-06")
    assert "is not open at the moment" in text(said)
    assert labels(said) == []


# --- retract, resend, close, reopen -------------------------------------------------------------------


async def test_retracting_and_opening_again(server: Server, plan: Plan, ann: Member):
    paid = server.club.subscriber(plan, "Paid", "2026-06-01")
    server.club.submit(paid)
    preview = await club(server, "billing retract")
    said = text(preview)
    assert "**One bill** over NT$300 is voided" in said
    assert "One bill that somebody claimed or paid stays payable" in said
    assert "- voided: B-1 of Ann · Tea, NT$300" in said
    assert "is not open any more" in await confirm(server, preview)
    assert server.club.bills(ann) == []
    assert "nothing to take back" in text(await club(server, "billing retract", period="2026-06"))


async def test_resending_posts_the_notice_again_and_touches_nothing_else(
    server: Server, plan: Plan, ann: Member
):
    await server.deliver()
    preview = await club(server, "billing resend")
    assert "It was posted once before" in text(preview)
    bills = server.db.conn.execute("SELECT * FROM bills").fetchall()
    assert f"It goes to <#{server.announce.id}>" in await confirm(server, preview)
    assert server.db.conn.execute("SELECT * FROM bills").fetchall() == bills
    again = text(await club(server, "billing resend"))
    assert "waits to be sent already" in again
    await server.deliver()
    opened = [m for m in server.announce.history() if "June 2026 is open" in text(m)]
    assert len(opened) == 2
    assert "It was posted 2 times before" in text(await club(server, "billing resend"))


async def test_closing_says_what_is_unpaid_and_posts_a_summary(server: Server, plan: Plan, ann: Member):
    preview = await club(server, "billing close", announce=True)
    assert "**NT$300** is not paid yet" in text(preview)
    assert labels(preview) == ["Close June 2026", "Cancel"]
    assert "June 2026 is closed" in await confirm(server, preview)
    await server.deliver()
    assert "### June 2026 is closed" in text(server.announce.last_message)
    assert "is closed already" in text(await club(server, "billing close", period="2026-06"))
    for command in ("resync", "retract", "resend"):
        assert "June 2026" in text(await club(server, f"billing {command}", period="2026-06"))
    assert "June 2026 is open again" in await confirm(
        server, await club(server, "billing reopen", period="2026-06")
    )
    assert "is open already" in text(await club(server, "billing reopen", period="2026-06"))


async def test_closing_while_claims_wait_is_refused(server: Server, plan: Plan, ann: Member):
    server.club.submit(ann)
    before = books(server)
    said = await club(server, "billing close")
    assert "June 2026 has payments that still wait for review (1)" in text(said)
    assert labels(said) == []
    assert books(server) == before


async def test_only_treasurers_may(server: Server, plan: Plan, ann: Member):
    before = books(server)
    for command in ("resync", "retract", "resend", "close", "reopen", "remind"):
        for who in (server.rita, server.ann):
            said = text(await club(server, f"billing {command}", who, period="2026-06"))
            assert "Only a treasurer" in said, command
    assert books(server) == before


async def test_a_month_that_is_none_or_has_no_row_is_refused(server: Server):
    before = books(server)
    for command in ("resync", "retract", "resend", "close", "reopen", "remind", "notices"):
        for typed, said in (
            ("2026-13", "billing period"),
            ("June", "billing period"),
            ("2027-03", "March 2027"),
        ):
            assert said in text(await club(server, f"billing {command}", period=typed)), command
    assert books(server) == before


async def test_what_changed_meanwhile_is_asked_again(server: Server, plan: Plan, ann: Member):
    preview = await club(server, "billing retract")
    server.club.submit(ann)
    before = books(server)
    clicked = await server.tess.click(preview, label=labels(preview)[0])
    assert "nothing was done" in text(preview.message)
    assert books(server) == before
    assert "stays payable" in "\n".join(text(shown) for shown in clicked.followups)


# --- remind -------------------------------------------------------------------------------------------


async def test_the_preview_of_a_reminder_names_everybody_the_amount_and_the_way(
    server: Server, plan: Plan, ann: Member
):
    guest = server.club.member("Guest")
    server.club.subscribe(guest, plan, "2026-06-01")
    preview = await club(server, "billing remind", how="private")
    said = text(preview)
    assert "- Ann: **NT$300** (direct message)" in said
    assert "- Guest: NT$300 (cannot be reached, not linked)" in said
    assert labels(preview)[0] == "Remind one member of NT$300"
    assert "on its way" in await confirm(server, preview)
    await server.deliver()
    assert "NT$300" in text(server.dm(server.ann)[-1])
    again = text(await club(server, "billing remind", how="both"))
    assert "in the last twelve hours" in again
    assert "nobody is named or mentioned" in again


async def test_a_reminder_in_the_channel_by_the_club_s_choice_of_names(
    server: Server, plan: Plan, ann: Member
):
    server.club.set(debtors_public=True)
    preview = await club(server, "billing remind", period="2026-06")
    assert "(mentioned in the channel)" in text(preview)
    await confirm(server, preview)
    await server.deliver()
    assert f"<@{server.ann.id}>: **NT$300**" in text(server.announce.last_message)


async def test_in_quiet_hours_it_says_when_it_goes_out(server: Server, plan: Plan, ann: Member):
    server.club.set(quiet_from="08:00", quiet_to="10:30")
    preview = await club(server, "billing remind", how="channel")
    assert "goes out on 5 June 2026, 10:30" in text(preview)
    await server.deliver()
    await confirm(server, preview)
    posted = len(server.announce.history())
    await server.deliver()
    assert len(server.announce.history()) == posted
    assert "it is quiet time now" in await everything(server, "billing notices")


async def test_when_nobody_owes_nothing_is_asked(server: Server, plan: Plan, ann: Member):
    server.club.record(ann, 300)
    assert "Nobody owes anything" in text(await club(server, "billing remind"))


# --- status of the notices ----------------------------------------------------------------------------


async def test_notices_say_what_was_sent_where_and_when(server: Server, plan: Plan, ann: Member):
    await server.deliver()
    server.club.set(reminder_mode="private")
    await confirm(server, await club(server, "billing remind", period="2026-06"))
    await server.deliver()
    said = await everything(server, "billing notices")
    assert "### Notices about June 2026" in said
    assert "**2 were sent**" in said
    assert f"opened month → <#{server.announce.id}>, 5 June 2026, 09:00" in said
    assert f"reminder for a member → Ann (<@{server.ann.id}>), 5 June 2026, 09:00" in said


async def test_notices_say_what_waits_and_why(server: Server, plan: Plan, ann: Member):
    server.club.set(announce_channel_id=None)
    assert "no announcement channel is chosen" in await everything(server, "billing notices")


async def test_failed_notices_are_named_with_the_reason_and_sent_again_one_by_one(
    server: Server, plan: Plan, ann: Member
):
    server.db.conn.execute(
        "UPDATE notices SET status = 'failed', error = '403 50013: *No*' WHERE kind = 'opened'"
    )
    shown = (await club_all(server, "billing notices"))[-1]
    number = server.db.conn.execute("SELECT id FROM notices WHERE kind = 'opened'").fetchone()[0]
    assert r"403 50013: \*No\*" in text(shown)
    assert labels(shown) == [f"Send #{number} again"]
    await server.tess.click(shown, label=f"Send #{number} again")
    await server.deliver()
    assert "June 2026 is open" in text(server.announce.last_message)


async def test_auditors_see_the_notices_and_members_do_not(server: Server, plan: Plan, ann: Member):
    assert "Only a" in text(await club(server, "billing notices", server.ann))
    shown = answers(await server.rita.slash(server.general, "club billing notices"))
    assert "Notices about June 2026" in text(shown[0])


async def test_a_month_of_which_nothing_was_said(server: Server, plan: Plan, ann: Member):
    server.db.conn.execute("DELETE FROM notices WHERE kind = 'opened'")
    assert "Nothing was said about this month yet" in await everything(server, "billing notices")


# --- prices -------------------------------------------------------------------------------------------


def price_inputs(form: Any) -> dict[str, str]:
    """Label → id of the fields of the open form."""
    from tests.cogs.conftest import components

    found = {}
    for part in components(form):
        if part["type"] == 18:
            found[part["label"]] = part["component"]["custom_id"]
    return found


async def test_prices_are_changed_while_opening_over_as_many_forms_as_it_takes(server: Server):
    made = [server.club.plan(f"Plan {number}", 100 + number) for number in range(7)]
    member = server.club.linked("Ann")
    for one in made:
        server.club.subscribe(member, one, "2026-01-01")
    preview = await club(server, "billing open")
    form = await server.tess.click(preview, label="Change prices…")
    first = price_inputs(form)
    assert list(first) == [f"Plan {number}" for number in range(5)]
    before = books(server)
    step = await server.tess.submit_modal(
        form, {**dict.fromkeys(first.values(), "NT$100"), first["Plan 3"]: "１,５００"}
    )
    shown = answers(step)[0]
    assert "Part 2 of 2: Plan 5, Plan 6" in text(shown)
    form = await server.tess.click(shown, label="Prices 2/2…")
    second = price_inputs(form)
    result = await server.tess.submit_modal(form, {second["Plan 5"]: "105", second["Plan 6"]: "200"})
    changed = answers(result)[0]
    said = text(changed)
    assert "**Prices from June 2026 on**" in said
    assert "- Plan 3: NT$103 → **NT$1,500**" in said
    assert "- Plan 6: NT$106 → **NT$200**" in said
    assert "Plan 5:" in said
    assert "- Plan 5: NT$105 →" not in said
    assert books(server) == before
    assert "June 2026 is open" in await confirm(server, changed)
    assert sorted(bill.amount_minor for bill in server.club.bills(member)) == [
        100,
        100,
        100,
        100,
        105,
        200,
        1500,
    ]
    prices = server.db.read(plans.everyone, server.club.treasurer)
    assert prices[3].price == server.club.money(1500)


async def test_what_is_no_amount_is_refused_by_the_plan_s_name_and_never_the_old_price(
    server: Server, plan: Plan
):
    server.club.subscriber(plan)
    preview = await club(server, "billing open")
    before = books(server)
    form = await server.tess.click(preview, label="Change prices…")
    for typed in ("abc", "12.5", "-3", "1,00", " ", "NT$", "1e3"):
        result = answers(await server.tess.submit_modal(form, {price_inputs(form)["Tea"]: typed}))
        assert "price of the plan Tea" in text(result[0]), typed
        assert books(server) == before
        form = await server.tess.click(result[0], label="Try again")
        assert list(price_inputs(form)) == ["Tea"]


async def test_leaving_the_other_plans_as_they_are(server: Server):
    made = [server.club.plan(f"Plan {number}", 100) for number in range(6)]
    member = server.club.linked("Ann")
    for one in made:
        server.club.subscribe(member, one, "2026-01-01")
    form = await server.tess.click(await club(server, "billing open"), label="Change prices…")
    ids = price_inputs(form)
    step = answers(await server.tess.submit_modal(form, dict.fromkeys(ids.values(), "90")))[0]
    clicked = await server.tess.click(step, label="Leave the others as they are")
    changed = answers(clicked)[0]
    assert "Open June 2026: 6 bills, NT$550" in labels(changed)


async def test_the_next_month_is_opened_early_only_by_choice(server: Server, plan: Plan, ann: Member):
    said = await club(server, "billing open")
    assert "June 2026 is open already" in text(said)
    assert labels(said) == ["Open July 2026 early…"]
    clicked = await server.tess.click(said, label="Open July 2026 early…")
    preview = answers(clicked)[0]
    assert "Open July 2026?" in text(preview)
    assert "**later**" in text(preview)
    assert "July 2026 is open" in await confirm(server, preview)


async def test_a_paused_seat_is_not_repriced_into_existence(server: Server, plan: Plan, ann: Member):
    seat = server.db.read(subscriptions.of_member, server.club.treasurer, ann.id)[0].subscription
    server.db.write(subscriptions.end, server.club.treasurer, seat.id, "2026-06-30")
    preview = await club(server, "billing open", period="2026-07")
    assert "no bill would be made" in text(preview)


async def test_in_chinese(server: Server, plan: Plan, ann: Member, chinese: None):
    drift(server, plan, ann)
    preview = await club(server, "billing resync")
    assert "要讓 2026 年 6 月符合目前的名冊和價格嗎？" in text(preview)
    assert "已符合名冊和價格" in await confirm(server, preview)
    assert "（私訊）" in text(await club(server, "billing remind", how="private"))
    assert "2026 年 6 月的通知" in await everything(server, "billing notices")
