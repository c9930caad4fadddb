"""/club payment: record, unverify, cancel, refund, list."""

from __future__ import annotations

import pytest

from core import payments
from core.models import Member
from tests.cogs.club_steps import books, chinese, club, club_all, confirm, refused, suggestions
from tests.cogs.conftest import Server, labels, text
from tests.factories import Club

__all__ = ["chinese"]  # a fixture


@pytest.fixture
async def ann(server: Server) -> Member:
    """A linked member who owes 300 for June."""
    return await server.owing(server.ann, 300)


async def test_recording_previews_what_it_settles_then_does_it(server: Server, ann: Member):
    server.club.method("Cash", "cash")
    before = books(server)
    preview = await club(
        server,
        "payment record",
        member=ann.label,
        amount="400",
        method="cash",
        day="2026-06-03",
        note="in the hall",
    )
    shown = text(preview)
    assert "Record NT$400 from **Ann**" in shown
    assert "Received on 3 June 2026" in shown
    assert "June 2026 · Plan 300 of ann: to be paid → settled" in shown
    assert "Credit: NT$0 → NT$100" in shown
    assert "P-0" not in shown
    assert labels(preview)[0] == "Record NT$400"
    assert books(server) == before
    assert "P-0001 is recorded: NT$400" in await confirm(server, preview)
    (row,) = server.db.conn.execute("SELECT status, received_on, note, recorded FROM payments").fetchall()
    assert row == ("verified", "2026-06-03", "in the hall", 1)


async def test_a_bill_paid_in_part_says_how_much(server: Server, ann: Member):
    preview = await club(server, "payment record", member=ann.label, amount="100")
    assert "to be paid → to be paid (NT$100 of NT$300)" in text(preview)


async def test_recording_that_changed_meanwhile_is_asked_again(server: Server, ann: Member):
    preview = await club(server, "payment record", member=ann.label, amount="300")
    server.club.record(ann, 200)
    before = books(server)
    clicked = await server.tess.click(preview, label="Record NT$300")
    assert books(server) == before
    assert "Credit: NT$0 → NT$200" in text(clicked.followups[0])


async def test_a_reviewer_may_record_and_take_back_their_own_at_once(server: Server, ann: Member):
    preview = await club(server, "payment record", server.rita, member=ann.label, amount="300")
    await confirm(server, preview, server.rita)
    preview = await club(server, "payment cancel", server.rita, payment="P-0001")
    assert "was cancelled" in await confirm(server, preview, server.rita)


async def test_unverify_previews_and_takes_back(server: Server, ann: Member):
    payment = server.club.verify(server.club.submit(ann))
    before = books(server)
    preview = await club(server, "payment unverify", payment=payment.label)
    assert "Take back the verification of P-0001?" in text(preview)
    assert "settled → waits for review" in text(preview)
    assert labels(preview)[0] == "Unverify P-0001: NT$300"
    assert books(server) == before
    assert "waits for review again" in await confirm(server, preview)
    assert server.club.payment(payment).status == "submitted"


async def test_unverifying_twice_from_two_previews_is_done_once(server: Server, ann: Member):
    payment = server.club.verify(server.club.submit(ann))
    first, second = [await club(server, "payment unverify", payment=payment.label) for _ in range(2)]
    await confirm(server, first)
    before = books(server)
    clicked = await server.tess.click(second, label=labels(second)[0])
    assert "P-0001 is waiting for review by now" in text(clicked.followups[0])
    assert books(server) == before


async def test_cancel_previews_and_takes_back(server: Server, ann: Member):
    payment = server.club.record(ann, 300)
    preview = await club(server, "payment cancel", payment=str(payment.id))
    assert "settled → to be paid" in text(preview)
    assert "was cancelled" in await confirm(server, preview)
    assert server.club.payment(payment).status == "withdrawn"


async def test_refund_previews_and_books_it(server: Server, ann: Member):
    payment = server.club.record(ann, 300)
    preview = await club(server, "payment refund", payment=payment.label, amount="100")
    assert "Give back NT$100 of P-0001?" in text(preview)
    assert "settled → to be paid (NT$200 of NT$300)" in text(preview)
    assert "NT$100 of P-0001 was given back" in await confirm(server, preview)
    assert server.club.payment(payment).refunded_minor == 100


async def test_a_submission_is_not_cancelled_and_a_recorded_one_not_unverified(server: Server, ann: Member):
    submitted = server.club.verify(server.club.submit(ann))
    recorded = server.club.record(ann, 50)
    assert "is unverified rather than cancelled" in text(
        await club(server, "payment cancel", payment=submitted.label)
    )
    assert "is cancelled rather than unverified" in text(
        await club(server, "payment unverify", payment=recorded.label)
    )


async def test_a_wrong_detail_of_a_record_is_named(server: Server, ann: Member):
    cases = [
        ({"amount": "12x"}, "amount"),
        ({"amount": "0"}, "more than zero"),
        ({"amount": "-5"}, "below zero"),
        ({"amount": "1.5"}, "too many decimals"),
        ({"amount": "9" * 30}, "too large"),
        ({"amount": " "}, "amount is missing"),
        ({"amount": "€5"}, "another currency"),
        ({"day": "2026-13-45"}, "date"),
        ({"day": "2026-06-06"}, "5 June 2026"),
        ({"method": "Barter"}, "no such payment method"),
        ({"method": "method:99"}, "no such payment method"),
        ({"member": "M-99"}, "no such member"),
        ({"note": "x" * 501}, "note is too long"),
    ]
    await refused(server, "payment record", cases, {"member": ann.label, "amount": "300"})


@pytest.mark.parametrize(
    ("command", "options"),
    [("unverify", {}), ("cancel", {}), ("refund", {"amount": "1"}), ("reject", {"reason": "x"}), ("reopen", {})],
)  # fmt: skip
async def test_an_unknown_payment_is_refused(server: Server, command: str, options: dict[str, str]):
    typed = ["P-9999", "P-0", "Ann", "", "B-1", "-1", "9" * 40]
    cases = [({"payment": value}, "no such payment here") for value in typed]
    await refused(server, f"payment {command}", cases, options)


async def test_another_clubs_payment_is_unknown(server: Server):
    other = Club.create(server.db, number=1)
    payment = other.record(other.member("Theirs"), 100)
    before = books(server)
    for command in ("unverify", "cancel"):
        assert "no such payment here" in text(await club(server, f"payment {command}", payment=payment.label))
    assert "no such payment" in text(await club(server, "payment refund", payment=payment.label, amount="1"))
    assert books(server) == before


async def test_more_than_was_received_is_not_given_back(server: Server, ann: Member):
    payment = server.club.record(ann, 300)
    assert "At most NT$300" in text(await club(server, "payment refund", payment=payment.label, amount="301"))


async def test_a_verified_payment_is_rejected_after_all(server: Server, ann: Member):
    payment = server.club.verify(server.club.submit(ann), 400)
    before = books(server)
    preview = await club(server, "payment reject", payment=payment.label, reason="it was *bounced*")
    shown = text(preview)
    assert "Reject P-0001 after all?" in shown
    assert "> it was \\*bounced\\*" in shown
    assert "settled → payment rejected" in shown
    assert "Credit: NT$100 → NT$0" in shown
    assert labels(preview)[0] == "Reject P-0001: NT$400"
    assert books(server) == before
    assert "P-0001 was rejected" in await confirm(server, preview)
    assert server.club.payment(payment).status == "rejected"
    await server.deliver()
    assert "bounced" in text(server.dm(server.ann)[-1])


async def test_a_waiting_payment_is_rejected_and_reopened(server: Server, ann: Member):
    payment = server.club.submit(ann)
    await confirm(server, await club(server, "payment reject", payment=payment.label, reason="x"))
    (found,) = await suggestions(server, "payment reopen", "payment", "ann")
    preview = await club(server, "payment reopen", payment=found["value"])
    assert "payment rejected → waits for review" in text(preview)
    assert "waits for review again" in await confirm(server, preview)
    assert server.club.payment(payment).status == "submitted"


async def test_a_recorded_payment_is_not_rejected(server: Server, ann: Member):
    payment = server.club.record(ann, 300)
    before = books(server)
    said = text(await club(server, "payment reject", payment=payment.label, reason="x"))
    assert "is cancelled rather than unverified" in said
    assert books(server) == before


async def test_members_may_not(server: Server, ann: Member):
    commands: list[tuple[str, dict[str, str]]] = [
        ("record", {"member": "x", "amount": "x"}), ("unverify", {"payment": "x"}),
        ("cancel", {"payment": "x"}), ("refund", {"payment": "x", "amount": "x"}), ("list", {}),
        ("reject", {"payment": "x", "reason": "x"}), ("reopen", {"payment": "x"}),
        ("verify-all", {"member": "x"}),
    ]  # fmt: skip
    for command, options in commands:
        await refused(server, f"payment {command}", [(options, "of this club may do that")], who=server.ann)


async def test_only_treasurers_refund(server: Server, ann: Member):
    payment = server.club.record(ann, 300)
    said = text(await club(server, "payment refund", server.rita, payment=payment.label, amount="1"))
    assert "Only a treasurer" in said


async def test_the_list_is_complete_and_can_be_narrowed(server: Server, ann: Member):
    ben = server.club.member("Ben")
    for number in range(120):
        server.club.record(ben, number + 1)
    server.db.write(payments.reject, server.club.reviewer, server.club.submit(ann).id, "wrong")
    whole = "\n".join(text(message) for message in await club_all(server, "payment list"))
    assert "121 payments" in whole
    assert [n for n in range(1, 121) if f"P-{n:04d} " not in whole] == []
    only = text(await club(server, "payment list", status="rejected"))
    assert "One payment" in only
    assert "P-0121 · Ann: **NT$300**, rejected" in only
    assert "One payment" in text(await club(server, "payment list", member=ann.label))


async def test_payments_are_found_by_number_or_name(server: Server, ann: Member):
    ben = server.club.member("Ben")
    for _ in range(30):
        server.club.record(ben, 5)
    verified = server.club.verify(server.club.submit(ann))
    assert len(await suggestions(server, "payment cancel", "payment", "")) == 25
    (found,) = await suggestions(server, "payment cancel", "payment", "p-7")
    assert found == {"name": "P-0007 · Ben · NT$5 · 2026-06-05", "value": "P-0007"}
    (found,) = await suggestions(server, "payment unverify", "payment", "aNN")
    assert found["value"] == verified.label
    assert await suggestions(server, "payment refund", "payment", "", server.ann) == []


async def test_in_chinese(server: Server, ann: Member, chinese: None):
    preview = await club(server, "payment record", member=ann.label, amount="３００")
    assert "要登錄 **Ann**" in text(preview)
    assert "待繳 → 已結清" in text(preview)
    assert labels(preview) == ["登錄 NT$300", "取消"]
    assert "已登錄 P-0001" in await confirm(server, preview)
