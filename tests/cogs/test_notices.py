"""What the bot says by itself: openings, reminders, results, and the public forms for closed messages."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from cogs.ui import limits, public_cards
from cogs.ui.notices import Outgoing, render
from core import closing, notices, payments, reminders, reports_members, resync, reversals, sending
from core.models import Member, PaymentId
from core.money import Money
from core.period import Period
from core.sending import Attempt
from core.store import notices as notice_rows
from tests.cogs.conftest import Server, components, labels, options, private, text
from tests.fakes import FixedClock


async def shown(server: Server, kind: str, *, public: bool = False) -> list[Outgoing]:
    """Render the newest notice of that kind without sending it."""
    row = server.db.conn.execute("SELECT max(id) FROM notices WHERE kind = ?", (kind,)).fetchone()
    notice = server.db.read(lambda tx: notice_rows.get(tx.conn, row[0]))
    assert notice is not None
    attempt = Attempt(notice, server.club.workspace, "none")
    return await render(server.services, attempt, public=public)


def remind(server: Server, *members: Member) -> None:
    """Queue a reminder for all their bills, in one message."""
    ids = [bill.id for member in members for bill in server.club.bills(member)]
    workspace = server.club.workspace
    key = f"test:{len(ids)}"
    server.db.write(lambda tx: notices.overdue_list(tx, workspace, key, ids))


def mentioned(message: Any) -> list[int]:
    return [int(found) for found in re.findall(r"<@([0-9]+)>", text(message))]


def everything(parts: list[Outgoing]) -> str:
    return "\n".join(text(part_of(part)) for part in parts)


def part_of(part: Outgoing) -> dict[str, Any]:
    return {"components": part.view.to_components()}


# --- the opened notice --------------------------------------------------------------------------------


async def test_the_opened_notice_names_plans_prices_roles_and_the_due_date(server: Server):
    tea = server.guild.create_role("Tea")
    server.club.set(due_days=7)
    plan = server.club.plan("Tea", 300, role_id=tea.id)
    daily = server.club.plan("Cake", 90, proration="daily")
    for person in (server.ann, server.ben):
        member = server.on_roster(person)
        server.club.subscribe(member, plan, "2026-06-01")
        server.club.subscribe(member, daily, "2026-06-01" if person is server.ann else "2026-06-16")
    server.club.open("2026-06")
    await server.deliver()
    card = server.announce.last_message
    assert "### June 2026 is open" in text(card)
    assert "Please pay by 12 June 2026." in text(card)
    assert f"- Tea <@&{tea.id}>: **NT$300**" in text(card)
    assert "- Cake: **NT$45 – NT$90**" in text(card)
    assert labels(card) == ["Pay", "How to pay", "My bills"]
    posted = [r.json for r in server.env.http_requests if r.path.endswith(f"{server.announce.id}/messages")]
    assert posted[-1]["allowed_mentions"]["roles"] == [tea.id]


async def test_an_opening_with_many_plans_is_split_and_pings_each_role_once(server: Server):
    member = server.on_roster(server.ann)
    for number in range(150):
        plan = server.club.plan(f"Plan with a rather long name {number}", 10, role_id=10**17 + number)
        server.club.subscribe(member, plan, "2026-06-01")
    server.club.open("2026-06")
    parts = await shown(server, "opened")
    assert len(parts) > 1
    assert all(f"name {number} " in everything(parts) for number in range(150))
    pinged = [role.id for part in parts for role in part.allowed_mentions.roles]
    assert sorted(pinged) == [10**17 + number for number in range(150)]
    assert [bool(labels(part_of(part))) for part in parts] == [False] * (len(parts) - 1) + [True]


async def test_those_whom_a_resync_added_are_told_and_nobody_else(server: Server):
    await server.owing(server.ann, 300)
    ben = server.on_roster(server.ben)
    server.db.conn.execute(
        """
        INSERT INTO subscriptions (workspace_id, member_id, plan_id, starts_on, created_at)
        SELECT workspace_id, ?, id, '2026-06-01', created_at FROM plans
        """,
        (ben.id,),
    )
    period = Period("2026-06")
    server.db.write(resync.resync, server.club.treasurer, period, tell_added=True)
    (part,) = await shown(server, "added")
    assert f"- <@{server.ben.id}>" in text(part_of(part))
    assert [user.id for user in part.allowed_mentions.users] == [server.ben.id]


async def test_a_closed_month_is_summed_up(server: Server):
    member = await server.owing(server.ann, 300, 90)
    server.club.record(member, 350)
    server.db.write(closing.close, server.club.treasurer, Period("2026-06"), announce=True)
    await server.deliver()
    said = text(server.announce.last_message)
    assert "### June 2026 is closed" in said
    assert "**NT$350** of NT$390 collected from 1 member" in said
    assert "Still open: NT$40" in said


# --- reminders ----------------------------------------------------------------------------------------


async def test_the_batched_reminder_mentions_only_the_named(server: Server):
    server.club.set(debtors_public=True)
    ann = await server.owing(server.ann, 300, 90)
    ben = server.on_roster(server.ben)
    guest = server.club.member("Guest *without* account")
    plan = server.club.plan("Tea", 50)
    for member in (ben, guest):
        server.club.subscribe(member, plan, "2026-06-01")
    server.club.verify(server.club.submit(ben))
    remind(server, ann, ben, guest)
    (part,) = await shown(server, "overdue_list")
    said = text(part_of(part))
    assert f"- <@{server.ann.id}>: **NT$390** (June 2026)" in said
    assert r"- Guest \*without\* account: **NT$50** (June 2026)" in said
    assert str(server.ben.id) not in said
    assert [user.id for user in part.allowed_mentions.users] == [server.ann.id]
    await server.deliver()
    assert labels(server.announce.last_message) == ["Pay", "How to pay", "My bills"]


async def test_a_reminder_of_250_members_is_split_and_complete(server: Server):
    server.club.set(debtors_public=True)
    plan = server.club.plan("Tea", 50)
    members = [server.club.subscriber(plan, f"Member {number}", "2026-06-01") for number in range(250)]
    server.club.open("2026-06")
    remind(server, *members)
    parts = await shown(server, "overdue_list")
    mentioned = [user.id for part in parts for user in part.allowed_mentions.users]
    assert sorted(mentioned) == sorted(member.discord_id for member in members)
    assert max(len(part.allowed_mentions.users) for part in parts) <= 100
    assert everything(parts).count("**NT$50**") == 250


async def test_a_reminder_mentions_at_most_a_hundred_however_short_its_lines(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(limits, "PAGE_CHARACTERS", 10**6)
    plan = server.club.plan("Tea", 50)
    members = [server.club.subscriber(plan, f"Member {number}", "2026-06-01") for number in range(101)]
    server.club.open("2026-06")
    workspace = server.club.set(debtors_public=True)
    ids = [bill.id for member in members for bill in server.club.bills(member)]
    found = await server.services.db.read(reports_members.debts, workspace, ids)
    pages = public_cards.overdue_list(workspace, found, "Owing:\n{list}", "en")
    assert [len(piece.users) for _, piece in pages] == [100, 1]


async def test_a_list_cut_short_by_an_outage_goes_on_where_it_was_whoever_paid_meanwhile(
    server: Server, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
):
    server.club.set(debtors_public=True)
    plan = server.club.plan("Tea", 50)
    members = [server.club.subscriber(plan, f"Member {number:03}", "2026-06-01") for number in range(200)]
    server.club.open("2026-06")
    await server.deliver()
    remind(server, *members)
    first = {user.id for user in (await shown(server, "overdue_list"))[0].allowed_mentions.users}
    send, posted = server.env.bot.http.send_message, []

    async def once(*args: Any, **options: Any) -> Any:
        posted.append(args)
        if len(posted) > 1:
            raise ConnectionResetError("the network is gone")
        return await send(*args, **options)

    monkeypatch.setattr(server.env.bot.http, "send_message", once)
    await server.deliver()
    monkeypatch.undo()
    paid = [*members[:60], *members[-20:]]
    for member in paid:
        server.club.submit(member)
    clock.advance(hours=1)
    await server.deliver()
    said = [message for message in server.announce.history() if "Still to pay" in text(message)]
    rest = [message for message in server.announce.history() if message.id > said[0].id]
    named = [account for message in (said[0], *rest) for account in mentioned(message)]
    settled_later = {member.discord_id for member in paid} - first
    assert sorted(named) == sorted({member.discord_id for member in members} - settled_later)
    assert labels(rest[-1])[0] == "Pay", "the last message has the buttons"


async def test_a_part_whose_people_have_all_paid_says_so(server: Server):
    server.club.set(debtors_public=True)
    plan = server.club.plan("Tea", 50)
    members = [server.club.subscriber(plan, f"Member {number:03}", "2026-06-01") for number in range(200)]
    server.club.open("2026-06")
    remind(server, *members)
    parts = await shown(server, "overdue_list")
    assert len(parts) > 2
    notice_id = server.db.conn.execute("SELECT max(id) FROM notices").fetchone()[0]
    notice = server.db.read(lambda tx: notice_rows.get(tx.conn, notice_id))
    server.db.write(sending.keep_borders, notice, [part.holds for part in parts])
    for member in members:
        if member.id in parts[1].holds:
            server.club.submit(member)
    again = await shown(server, "overdue_list")
    assert [len(part.holds) for part in again] == [len(parts[0].holds), 0, *(len(p.holds) for p in parts[2:])]
    assert text(part_of(again[1])) == "Everybody who was named here has paid meanwhile."


async def test_a_private_reminder_lists_every_bill_and_the_pay_button(server: Server):
    member = await server.owing(server.ann, 300, 90)
    server.club.set(reminder_mode="private")
    server.db.write(reminders.run, server.club.system, date(2026, 6, 8))
    await server.deliver()
    card = server.dm(server.ann)[-1]
    assert "- June 2026 · Plan 300 of ann: **NT$300**, due 5 June 2026" in text(card)
    assert "Total: **NT$390**" in text(card)
    form = await server.ann.user.click(card, label="Pay")
    private(await server.ann.user.submit_modal(form, {}))
    assert {bill.status for bill in server.club.bills(member)} == {"paid"}


async def test_a_reminder_of_a_new_month_shows_what_is_owed_from_before_as_well(server: Server):
    member = await server.owing(server.ann, 300, period="2026-05")
    server.db.write(reminders.run, server.club.system, date(2026, 5, 20))
    server.club.open("2026-06")
    await server.deliver()
    server.club.set(reminder_mode="both", debtors_public=True)
    server.db.write(reminders.run, server.club.system, date(2026, 6, 8))
    (private_one,) = await shown(server, "overdue")
    said = text(part_of(private_one))
    assert ("May 2026" in said, "June 2026" in said, "Total: **NT$600**" in said) == (True, True, True)
    (public_one,) = await shown(server, "overdue_list")
    assert f"<@{member.discord_id}>: **NT$600** (May 2026 and June 2026)" in text(part_of(public_one))
    newest = server.club.bills(member)[0]
    server.club.submit(member, [newest])
    assert await shown(server, "overdue") == [], "it was for June, and June is paid"


async def test_bills_paid_meanwhile_are_left_out_of_a_reminder(server: Server):
    server.club.set(debtors_public=True)
    member = await server.owing(server.ann, 300, 90)
    remind(server, member)
    server.club.submit(member, server.club.bills(member)[:1])
    assert "**NT$300**" in everything(await shown(server, "overdue_list"))
    server.club.submit(member)
    assert await shown(server, "overdue_list") == []


# --- results for members ------------------------------------------------------------------------------


async def test_every_result_has_its_sentence(server: Server):
    member = await server.owing(server.ann, 300)
    club, said = server.club, []

    async def told() -> None:
        await server.deliver()
        said.append(text(server.dm(server.ann)[-1]).splitlines()[0])

    club.verify(club.submit(member))
    await told()
    server.db.write(reversals.unverify, club.treasurer, 1)
    await told()
    server.db.write(payments.reject, club.reviewer, 1, "no")
    await told()
    server.db.write(payments.reopen, club.reviewer, 1)
    await told()
    server.db.write(payments.withdraw, club.reviewer, 1)
    await told()
    record = club.record(member, 300)
    await told()
    server.db.write(reversals.refund, club.treasurer, record.id, Money(100, "TWD"))
    await told()
    other = club.record(member, 70)
    await told()
    server.db.write(reversals.cancel, club.treasurer, other.id)
    await told()
    assert said == [
        "### Your payment has arrived", "### A verification was taken back", "### Your payment was rejected",
        "### Your payment is being looked at again", "### Your submission was withdrawn",
        "### A payment of yours was recorded", "### You got money back",
        "### A payment of yours was recorded", "### A recorded payment was cancelled",
    ]  # fmt: skip


async def test_a_result_that_something_overtook_says_so(server: Server):
    member = await server.owing(server.ann, 300)
    server.club.verify(server.club.submit(member))
    (before,) = await shown(server, "payment_result")
    assert "has changed since" not in text(part_of(before))
    row = server.db.conn.execute("SELECT id, params FROM notices WHERE kind = 'payment_result'").fetchone()
    server.db.write(reversals.unverify, server.club.treasurer, 1)
    notice = server.db.read(lambda tx: notice_rows.get(tx.conn, row[0]))
    assert notice is not None
    assert json.loads(notice.params)["event"] == "verify"
    (part,) = await render(server.services, Attempt(notice, server.club.workspace, "none"))
    assert "Something has changed since" in text(part_of(part))


async def test_with_closed_messages_the_public_form_has_a_mention_and_no_amount(server: Server):
    member = await server.owing(server.ann, 300)
    server.club.verify(server.club.submit(member))
    (part,) = await shown(server, "payment_result", public=True)
    said = text(part_of(part))
    assert f"<@{server.ann.id}>" in said
    assert "300" not in said.replace(str(server.ann.id), "")
    assert [user.id for user in part.allowed_mentions.users] == [server.ann.id]
    assert labels(part_of(part)) == ["My bills", "Pay"]


async def test_public_posts_are_in_the_clubs_language(server: Server):
    server.club.set(locale="zh-TW")
    await server.owing(server.ann, 300)
    assert "2026 年 6 月開始繳費" in text(server.announce.last_message)
    assert labels(server.announce.last_message)[0] == "繳費"
    private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    await server.deliver()
    card = server.review.last_message
    assert "等待核帳・P-0001" in text(card)
    form = await server.rita.click(card, label="退回…")
    assert "The amount is not right." in options(form)  # her own client is English
    await server.rita.submit_modal(form, {"reason": ["review.reason_wrong_amount"]})
    await server.deliver()
    assert "原因：金額不對。" in text(server.review.last_message)
    assert "was rejected. Reason: 金額不對。" in text(server.dm(server.ann)[-1])  # and so is Ann's


# --- words to those in charge -------------------------------------------------------------------------


async def test_missed_months_come_with_a_button_each(server: Server):
    workspace = server.club.workspace
    params = {"periods": ["2026-03", "2026-04"]}
    server.db.write(lambda tx: notices.for_admins(tx, workspace, "months_unopened", "t", params))
    await server.deliver()
    card = server.admin.last_message
    assert "March 2026 and April 2026" in text(card)
    ids = [part["custom_id"] for part in components(card) if part["type"] == 2]
    assert ids == [f"period:open:{workspace.id}202603", f"period:open:{workspace.id}202604"]


async def test_a_failed_job_is_told_with_its_reason(server: Server):
    workspace = server.club.workspace
    params = {"job": "reminders", "date": "2026-06-05", "reason": "disk *full*"}
    server.db.write(lambda tx: notices.for_admins(tx, workspace, "job_failed", "t", params))
    await server.deliver()
    assert r"“reminders” for 5 June 2026: disk \*full\*." in text(server.admin.last_message)


async def test_private_messages_are_in_the_language_that_the_member_last_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    """The club is English; Ann's Discord is Chinese at first, and Ben has never come by."""
    await server.owing(server.ann)
    ben = server.on_roster(server.ben)
    with monkeypatch.context() as chinese:
        chinese.setattr("cogs.ui.replies.best_locale", lambda *_: "zh-TW")
        private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    await server.deliver()
    await server.rita.click(server.review.last_message, label="Verify")
    server.club.record(ben, 90)
    await server.deliver()
    assert "### 已收到你的付款" in text(server.dm(server.ann)[-1])
    assert labels(server.dm(server.ann)[-1]) == ["我的帳單"]
    assert "### A payment of yours was recorded" in text(server.dm(server.ben)[-1])

    private(await server.ann.slash(server.general, "my"))  # in English by now
    server.db.write(reversals.unverify, server.club.treasurer, PaymentId(1))
    await server.deliver()
    assert "### A verification was taken back" in text(server.dm(server.ann)[-1])
