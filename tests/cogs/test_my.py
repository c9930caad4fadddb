"""/my: bills by month with their state, credit, last payments, and why an amount is what it is."""

from __future__ import annotations

from cogs.my import BillsButton, WhyButton
from cogs.panel import HowToPayButton, panel
from core import payments
from core.store import bills as bill_rows
from tests.cogs.conftest import Server, components, labels, options, private, text, values


async def pay(server: Server, **values: object) -> None:
    private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), values))


async def test_bills_show_their_state_month_by_month(server: Server):
    member = server.on_roster(server.ann)
    server.club.subscribe(member, server.club.plan("Tea", 300), "2026-04-01")
    server.club.open("2026-04")
    await pay(server)
    server.db.write(payments.verify, server.club.reviewer, 1)
    server.club.open("2026-05")
    await pay(server)
    server.club.open("2026-06")
    shown = private(await server.ann.slash(server.general, "my"))
    said = text(shown)
    assert "### Ann · Tea Club" in said
    assert "To pay: **NT$300**" in said
    assert "**June 2026**\n- Tea: **NT$300** · ⚪ to pay by 5 June 2026" in said
    assert "**May 2026**\n- Tea: **NT$300** · 🟡 P-0002 waits for review" in said
    assert "**April 2026**\n- Tea: **NT$300** · ✅ verified" in said
    assert "- P-0001: **NT$300** · verified <t:" in said
    assert labels(shown) == ["Pay", "How to pay"]


async def test_overdue_rejected_and_part_paid_bills_say_so(server: Server):
    member = server.on_roster(server.ann)
    for name in ("One", "Two", "Three"):
        server.club.subscribe(member, server.club.plan(name, 300), "2026-06-01")
    server.club.open("2026-06")
    one, two, _ = sorted(server.club.bills(member), key=lambda bill: bill.id)
    server.club.verify(server.club.submit(member, [one]), 100)
    rejected = server.club.submit(member, [two])
    server.db.write(payments.reject, server.club.reviewer, rejected.id, "not *there*")
    server.services.clock.advance(days=3)
    said = text(private(await server.ann.slash(server.general, "my")))
    assert "One: **NT$300** · 🔴 overdue since 5 June 2026 · NT$200 of it still open" in said
    assert "Two: **NT$300** · 🔴 rejected, please pay again" in said
    assert "Three: **NT$300** · 🔴 overdue since 5 June 2026" in said
    assert r"Reason: not \*there\*" in said


async def test_the_rest_of_a_part_paid_bill_that_waits_for_review_is_not_called_open(server: Server):
    member = await server.owing(server.ann, 300)
    first = server.club.submit(member)
    server.club.verify(first, 100)
    server.club.submit(member)
    shown = private(await server.ann.slash(server.general, "my"))
    assert "🟡 P-0002 waits for review" in text(shown)
    assert "still open" not in text(shown)
    assert "Nothing to pay" in text(shown)
    why = private(await server.ann.select(shown, values(shown)))
    assert "- P-0002: NT$200, waiting for review" in text(why)
    assert "Still open" not in text(why)


async def test_credit_is_shown_and_nothing_to_pay_is_said(server: Server):
    member = await server.owing(server.ann, 300)
    server.club.record(member, 450)
    shown = private(await server.ann.slash(server.general, "my"))
    assert "Nothing to pay" in text(shown)
    assert "Credit: **NT$150**" in text(shown)
    assert labels(shown) == ["How to pay"]


async def test_someone_without_bills_gets_a_friendly_answer(server: Server):
    server.on_roster(server.ann)
    assert "no bill for you yet" in text(private(await server.ann.slash(server.general, "my")))


async def test_who_is_not_linked_gets_the_button(server: Server):
    assert labels(private(await server.ben.slash(server.general, "my"))) == ["Link my name"]


async def test_many_bills_come_in_pages_and_none_is_missing(server: Server):
    member = server.on_roster(server.ann)
    for number in range(4):
        server.club.subscribe(member, server.club.plan(f"Plan {number}", 10, "2020-01"), "2020-01-01")
    for month in range(1, 13):
        server.club.open(f"2020-{month:02}")
    shown = private(await server.ann.slash(server.general, "my"))
    seen = set(values(shown))
    pages = 1
    while True:
        following = [part for part in components(shown) if part.get("label") == "Next"]
        if not following or following[0].get("disabled"):
            break
        await server.ann.click(shown, label="Next")
        seen |= set(values(shown))
        pages += 1
    assert len(seen) == 48
    assert pages > 1
    await server.ann.click(shown, label="Previous")
    assert f"Page {pages - 1} of {pages}" in text(shown)


async def test_why_this_amount_explains_price_proration_and_payments(server: Server):
    member = server.on_roster(server.ann)
    plan = server.club.plan("Tea", 300, proration="daily")
    server.club.subscribe(member, plan, "2026-06-16")
    server.club.open("2026-06")
    server.club.record(member, 100)
    shown = private(await server.ann.slash(server.general, "my"))
    why = private(await server.ann.select(shown, values(shown)[:1]))
    said = text(why)
    assert "### Tea: NT$150" in said
    assert "B-1 for June 2026, due 5 June 2026" in said
    assert "- Price of the plan since January 2026: NT$300" in said
    assert "Only 15 of 30 days, calculated by the day: -NT$150" in said
    assert "= **NT$150**" in said
    assert "P-0001: NT$100 of your credit, verified" in said
    assert "Still open: **NT$50**" in said


async def test_why_is_for_the_member_and_those_in_charge(server: Server):
    await server.owing(server.ann, 300)
    message = await server.post(server.general, WhyButton(1))
    assert "NT$300" in text(private(await server.ann.click(message, label="Why this amount?")))
    assert "NT$300" in text(private(await server.rita.click(message, label="Why this amount?")))
    said = private(await server.ben.click(message, label="Why this amount?"))
    assert "belongs to another member" in text(said)
    unknown = await server.post(server.general, WhyButton(4711))
    assert "no such bill" in text(private(await server.ann.click(unknown, label="Why this amount?")))


async def test_pay_from_my_bills_opens_the_form(server: Server):
    member = await server.owing(server.ann, 300)
    shown = private(await server.ann.slash(server.general, "my"))
    form = await server.ann.click(shown, label="Pay")
    private(await server.ann.submit_modal(form, {}))
    assert [bill.status for bill in server.club.bills(member)] == ["paid"]


async def test_how_to_pay_shows_every_methods_instructions_privately(server: Server):
    server.club.method("Bank", instructions="Account *123*\nName: Tea Club")
    server.club.method("Cash", "cash", instructions="")
    message = await server.post(server.general, HowToPayButton(server.club.id))
    said = text(private(await server.nora.click(message, label="How to pay")))
    assert "**Bank**\nAccount \\*123\\*\nName: Tea Club" in said
    assert "**Cash**\nAsk the people who run the club" in said


async def test_many_long_instructions_are_split_and_complete(server: Server):
    for number in range(12):
        server.club.method(f"Method {number}", instructions=f"{number} " + "x" * 900)
    message = await server.post(server.general, HowToPayButton(server.club.id))
    result = await server.nora.click(message, label="How to pay")
    shown = [result.response, *result.followups]
    assert len(shown) > 1
    everything = "\n".join(text(part) for part in shown)
    assert all(f"**Method {number}**" in everything for number in range(12))
    assert everything.count("x" * 900) == 12


async def test_how_to_pay_without_methods_says_whom_to_ask(server: Server):
    message = await server.post(server.general, HowToPayButton(server.club.id))
    said = text(private(await server.nora.click(message, label="How to pay")))
    assert "not said yet how to pay" in said


async def test_the_panel_has_its_buttons_and_they_work(server: Server):
    await server.owing(server.ann)
    await server.env.bot.get_channel(server.general.id).send(
        view=await panel(server.services, server.club.workspace)
    )
    await server.restart()
    message = server.general.last_message
    assert labels(message) == ["Pay", "My bills", "Link my name", "How to pay"]
    assert "To pay: **NT$300**" in text(private(await server.ann.click(message, label="My bills")))


async def test_coming_by_wakes_what_waited_for_open_direct_messages(server: Server):
    member = await server.owing(server.ann)
    server.club.verify(server.club.submit(member))
    server.db.conn.execute(
        """
        UPDATE notices SET error = 'closed', next_attempt_at = '2026-07-01T00:00:00.000Z'
        WHERE kind = 'payment_result'
        """
    )
    message = await server.post(server.general, BillsButton(server.club.id))
    private(await server.ann.click(message, label="My bills"))
    due = server.db.conn.execute(
        "SELECT next_attempt_at FROM notices WHERE kind = 'payment_result'"
    ).fetchone()
    assert due[0] < "2026-06-06"


async def test_a_balance_from_before_is_named_and_explained(server: Server):
    member = server.on_roster(server.ann)
    server.club.opening_balance(member, 250)
    shown = private(await server.ann.slash(server.general, "my"))
    assert "Balance from before: **NT$250**" in text(shown)
    assert options(shown) == ["Other charges · Balance from before"]
    why = text(private(await server.ann.select(shown, values(shown)[:1])))
    assert "- Balance brought forward" in why
    assert server.db.read(lambda tx: bill_rows.payable(tx.conn, member.id))
