"""/club bill: look, change the amount, waive, void, charge, back-fill."""

from __future__ import annotations

import pytest

from core import closing
from core.models import Bill, Member
from core.period import Period
from tests.cogs.club_steps import books, chinese, club, club_all, confirm, refused, suggestions
from tests.cogs.conftest import Server, labels, text
from tests.factories import Club

__all__ = ["chinese"]  # a fixture


@pytest.fixture
async def ann(server: Server) -> Member:
    """A linked member who owes 300 for June."""
    return await server.owing(server.ann, 300)


def bill_of(server: Server, member: Member) -> Bill:
    (bill,) = server.club.bills(member)
    return bill


# --- looking ------------------------------------------------------------------------------------------


async def test_the_list_is_complete_and_can_be_narrowed(server: Server, ann: Member):
    tea = server.club.plan("Tea", 10)
    people = [server.club.subscriber(tea, f"Somebody with quite a long name {n:03}") for n in range(80)]
    server.club.open("2026-05")
    whole = "\n".join(text(message) for message in await club_all(server, "bill list"))
    assert "161 bills" in whole
    assert [person.label for person in people if f"({person.label})" not in whole] == []
    only = text(await club(server, "bill list", member=ann.label))
    assert "One bill" in only
    assert "B-1 · Ann (M-1) · June 2026 · Plan 300 of ann: **NT$300**, to be paid, due 5 June 2026" in only
    assert "80 bills" in text((await club_all(server, "bill list", period="2026-05"))[0])
    assert "no such bill" in text(await club(server, "bill list", status="void"))


async def test_more_bills_than_are_listed_say_that_there_are_older_ones(server: Server, ann: Member):
    for number in range(305):
        server.club.opening_balance(server.club.member(f"Member {number:03}"), 5)
    pages = [text(message) for message in await club_all(server, "bill list")]
    assert "The newest 300 bills" in pages[0]
    assert "There are older ones" in pages[-1]


async def test_a_bill_explains_itself(server: Server, ann: Member):
    await confirm(
        server, await club(server, "bill amount", bill="B-1", amount="250", reason="half a month *ill*")
    )
    said = text(await club(server, "bill show", bill="b1"))
    assert "NT$250" in said
    assert "half a month \\*ill\\*" in said


async def test_bills_are_found_by_number_or_name(server: Server, ann: Member):
    for number in range(30):
        server.club.opening_balance(server.club.member(f"Member {number:03}"), 5)
    assert len(await suggestions(server, "bill void", "bill", "")) == 25
    (found,) = await suggestions(server, "bill void", "bill", "b-1")
    assert found == {"name": "B-1 · Ann · June 2026 · Plan 300 of ann · NT$300", "value": "B-1"}
    (found,) = await suggestions(server, "bill waive", "bill", "member 007")
    assert found["name"].endswith("Balance from before · NT$5")
    assert await suggestions(server, "bill void", "bill", "", server.ann) == []


# --- amount -------------------------------------------------------------------------------------------


async def test_the_amount_is_previewed_then_changed_with_its_reason(server: Server, ann: Member):
    before = books(server)
    preview = await club(server, "bill amount", bill="B-1", amount="250", reason="half a month")
    shown = text(preview)
    assert "Change the amount of B-1?" in shown
    assert "June 2026 · Plan 300 of ann of **Ann**" in shown
    assert "Amount: NT$300 → NT$250" in shown
    assert "> half a month" in shown
    assert labels(preview)[0] == "Set B-1 to NT$250"
    assert books(server) == before
    assert "The amount of B-1 was changed" in await confirm(server, preview)
    assert bill_of(server, ann).amount_minor == 250
    assert server.club.audits("bill") == ["bill.adjust"]


async def test_the_same_amount_is_nothing_to_do(server: Server, ann: Member):
    said = text(await club(server, "bill amount", bill="B-1", amount="300", reason="so"))
    assert "asks for NT$300 already. Nothing was changed" in said


async def test_lowering_a_paid_bill_makes_credit_and_says_so(server: Server, ann: Member):
    server.club.verify(server.club.submit(ann))
    preview = await club(server, "bill amount", bill="B-1", amount="200", reason="too much")
    assert "Credit after it: NT$100" in text(preview)
    await confirm(server, preview)
    assert server.club.credit(ann) == 100


async def test_a_change_meanwhile_is_asked_again(server: Server, ann: Member):
    preview = await club(server, "bill amount", bill="B-1", amount="200", reason="x")
    server.club.record(ann, 50)
    before = books(server)
    clicked = await server.tess.click(preview, label=labels(preview)[0])
    assert books(server) == before
    assert "NT$50 of NT$200" in text(clicked.followups[0])


# --- waive and void -----------------------------------------------------------------------------------


async def test_waiving_all_and_taking_it_back(server: Server, ann: Member):
    preview = await club(server, "bill waive", bill="B-1", reason="helped in the kitchen")
    assert "Waive NT$300 of B-1?" in text(preview)
    assert "to be paid → settled" in text(preview)
    assert labels(preview)[0] == "Waive NT$300 of B-1"
    assert "NT$300 of B-1 was waived" in await confirm(server, preview)
    assert bill_of(server, ann).status == "verified"
    (waiver,) = await suggestions(server, "bill unwaive", "waiver", "ann")
    assert waiver["value"] == "W-1"
    preview = await club(server, "bill unwaive", waiver="W-1")
    assert "Take back the waiver of NT$300?" in text(preview)
    assert labels(preview)[0] == "B-1: ask for NT$300 again"
    assert "asks for it again" in await confirm(server, preview)
    assert bill_of(server, ann).status == "pending"
    assert await suggestions(server, "bill unwaive", "waiver", "") == []
    assert "no such waiver" in text(await club(server, "bill unwaive", waiver="W-1"))


async def test_a_part_is_waived(server: Server, ann: Member):
    preview = await club(server, "bill waive", bill="B-1", amount="100", reason="x")
    assert "Waived: NT$0 → NT$100" in text(preview)
    await confirm(server, preview)
    assert bill_of(server, ann).open_minor == 200


async def test_voiding_says_that_there_is_no_way_back_and_frees_what_was_paid(server: Server, ann: Member):
    server.club.verify(server.club.submit(ann))
    preview = await club(server, "bill void", bill="B-1", reason="billed by mistake")
    assert "A void bill stays void" in text(preview)
    assert "settled → void" in text(preview)
    assert labels(preview)[0] == "Void B-1: NT$300"
    assert "B-1 was voided" in await confirm(server, preview)
    assert server.club.bills(ann) == []
    assert server.club.credit(ann) == 300
    assert "is settled or void already" in text(await club(server, "bill void", bill="B-1", reason="x"))


# --- back-fill ----------------------------------------------------------------------------------------


async def test_an_old_month_is_billed_at_its_own_price(server: Server):
    tea = server.club.plan("Tea", 300)
    server.club.reprice(tea, 400, "2026-05")
    member = server.club.subscriber(tea, "Ann")
    before = books(server)
    preview = await club(server, "bill back-fill", subscription="S-1", period="2026-03")
    assert "Bill March 2026 for **Ann**" in text(preview)
    assert labels(preview)[0] == "Bill March 2026: NT$300"
    assert books(server) == before
    said = await confirm(server, preview)
    assert "B-1 was made for March 2026" in said
    assert "/club payment record" in said
    (bill,) = server.club.bills(member)
    assert (bill.amount_minor, bill.due_on) == (300, "2026-03-05")
    again = text(await club(server, "bill back-fill", subscription="S-1", period="2026-03"))
    assert "covered by B-1 already" in again


async def test_a_month_before_the_subscription_began_is_not_billed(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300), "Ann", starts_on="2026-05-01")
    said = text(await club(server, "bill back-fill", subscription="S-1", period="2026-03"))
    assert "not active on any day of March 2026" in said


# --- what is refused ----------------------------------------------------------------------------------


async def test_a_wrong_detail_is_named_and_changes_nothing(server: Server, ann: Member):
    reason = {"reason": "x"}
    await refused(server, "bill amount", [
        ({"bill": "B-99", "amount": "1", **reason}, "no such bill"),
        ({"bill": "Ann", "amount": "1", **reason}, "no such bill"),
        ({"bill": "B-1", "amount": "x", **reason}, "amount"),
        ({"bill": "B-1", "amount": "-1", **reason}, "below zero"),
        ({"bill": "B-1", "amount": "1", "reason": " "}, "A reason is needed"),
    ])  # fmt: skip
    await refused(server, "bill waive", [
        ({"bill": "B-1", "amount": "301", **reason}, "At most NT$300"),
        ({"bill": "B-1", "amount": "0", **reason}, "At most NT$300"),
        ({"bill": "B-1", "reason": "  "}, "A reason is needed"),
    ])  # fmt: skip
    await refused(server, "bill back-fill", [
        ({"subscription": "S-9", "period": "2026-03"}, "no such subscription"),
        ({"subscription": "S-1", "period": "2026-13"}, "2026-13"),
        ({"subscription": "S-1", "period": "2026-07"}, "not open at the moment"),
    ])  # fmt: skip


async def test_a_closed_month_is_locked(server: Server, ann: Member):
    server.db.write(closing.close, server.club.treasurer, Period("2026-06"))
    for command in ("amount", "void"):
        options = {"bill": "B-1", "reason": "x", **({"amount": "1"} if command == "amount" else {})}
        await refused(server, f"bill {command}", [(options, "is closed and its charges are locked")])
    preview = await club(server, "bill waive", bill="B-1", reason="what is unpaid can be forgiven")
    assert "was waived" in await confirm(server, preview)


async def test_another_clubs_bill_is_unknown(server: Server):
    other = Club.create(server.db, number=1)
    other.opening_balance(other.member("Theirs"), 100)
    cases = [({"bill": "B-1", "reason": "x"}, "no such bill")]
    await refused(server, "bill void", cases)
    await refused(server, "bill waive", cases)
    assert await suggestions(server, "bill void", "bill", "") == []


async def test_reviewers_and_members_may_not(server: Server, ann: Member):
    for command, options in (
        ("amount", {"bill": "B-1", "amount": "1", "reason": "x"}), ("void", {"bill": "B-1", "reason": "x"}),
        ("waive", {"bill": "B-1", "reason": "x"}), ("unwaive", {"waiver": "W-1"}),
        ("charge", {"title": "x", "amount": "1"}),
        ("back-fill", {"subscription": "S-1", "period": "2026-05"}),
    ):  # fmt: skip
        for who in (server.rita, server.ann):
            await refused(server, f"bill {command}", [(options, "Only a treasurer")], who=who)
    await refused(server, "bill list", [({}, "of this club may do that")], who=server.ann)


async def test_in_chinese(server: Server, ann: Member, chinese: None):
    preview = await club(server, "bill void", bill="B-1", reason="開錯了")
    assert "要作廢 B-1 嗎" in text(preview)
    assert labels(preview) == ["作廢 B-1：NT$300", "取消"]
    assert "已作廢 B-1" in await confirm(server, preview)
