"""Reviewers: the card and its buttons, the two forms, undo, the screenshot, and /review."""

from __future__ import annotations

import asyncio

import pytest
from simcord.actors import MemberActor

from cogs.review import RetryNoticeButton, VerifyButton
from cogs.ui.cards import bill_lines
from core import payments
from core.models import Member, PaymentId
from core.notices import for_admins
from core.store import bills as bill_rows
from core.store import payments as payment_rows
from tests.cogs.club_steps import club, confirm
from tests.cogs.conftest import Server, components, labels, options, private, text
from tests.pictures import encoded, screenshot

PICTURE = encoded(screenshot(), "PNG")


async def submitted(
    server: Server, person: MemberActor, *prices: int, picture: bytes | None = None
) -> Member:
    """Somebody owes and has pressed Pay; the card is in the review channel."""
    member = await server.owing(person, *prices)
    form = await person.slash(server.general, "pay")
    private(await person.submit_modal(form, {"screenshot": ("shot.png", picture)} if picture else {}))
    await server.deliver()
    return member


def statuses(server: Server, member: Member) -> list[str]:
    return [bill.status for bill in server.db.read(lambda tx: bill_rows.of_member(tx.conn, member.id))]


def payment(server: Server, payment_id: int = 1) -> object:
    return server.db.read(lambda tx: payment_rows.get(tx.conn, server.club.id, payment_id))


# --- the card -----------------------------------------------------------------------------------------


async def test_the_card_says_who_how_much_for_what_and_flags_a_missing_screenshot(server: Server):
    await submitted(server, server.ann, 300, 90)
    card = server.review.last_message
    said = text(card)
    assert "### Waiting for review · P-0001" in said
    assert f"**Ann** (M-1, <@{server.ann.id}>)" in said
    assert "## NT$390" in said
    assert "- June 2026 · Plan 90 of ann: **NT$90**" in said
    assert "Method: not stated" in said
    assert "⚠️ No screenshot" in said
    assert "Sent <t:" in said
    assert labels(card) == ["Verify", "Other amount…", "Reject…"]


async def test_a_name_cannot_format_the_card(server: Server):
    member = server.on_roster(server.ann, "Ann **of** @everyone")
    server.club.subscribe(member, server.club.plan("Tea"), "2026-06-01")
    server.club.open("2026-06")
    private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    await server.deliver()
    assert r"**Ann \*\*of\*\* \@everyone** (M-1" in text(server.review.last_message)


async def test_the_reviewers_role_is_mentioned_once_and_nobody_else(server: Server):
    server.club.set(reviewer_role_id=server.reviewers.id)
    await submitted(server, server.ann)
    posted = [
        r for r in server.env.http_requests if r.path.endswith(f"/channels/{server.review.id}/messages")
    ]
    assert posted[-1].json["allowed_mentions"]["roles"] == [server.reviewers.id]
    assert not posted[-1].json["allowed_mentions"].get("users")
    assert f"<@&{server.reviewers.id}>" in text(server.review.last_message)


async def test_the_same_screenshot_again_is_flagged(server: Server):
    await submitted(server, server.ann, 300, picture=PICTURE)
    earlier = server.review.last_message
    await submitted(server, server.ben, 200, picture=PICTURE)
    said = text(server.review.last_message)
    assert "Same screenshot as [P-0001](" in said
    assert f"/channels/{server.guild.id}/{server.review.id}/{earlier.id})" in said


async def test_a_screenshot_that_was_saved_again_is_flagged_as_looking_the_same(server: Server):
    await submitted(server, server.ann, 300, picture=PICTURE)
    again = encoded(screenshot().resize((432, 936)).convert("RGB"), "JPEG", quality=80)
    await submitted(server, server.ben, 200, picture=again)
    assert "The screenshot looks like that of [P-0001](" in text(server.review.last_message)


# --- verify -------------------------------------------------------------------------------------------


async def waiting_twice(server: Server) -> Member:
    """Ann has sent two submissions, for June and for July."""
    member = await submitted(server, server.ann, 300)
    server.club.open("2026-07")
    server.club.submit(member)
    await server.deliver()
    return member


async def test_everything_of_a_member_is_verified_in_one_tap(server: Server):
    member = await waiting_twice(server)
    card = server.review.last_message
    assert "Verify all of this member" in labels(card)
    clicked = await server.rita.click(card, label="Verify all of this member")
    said = text(clicked.followups[0])
    assert "2 payments were verified: NT$600" in said
    assert "- P-0001: **NT$300**" in said
    assert "### Verified · P-0002" in text(server.review.last_message)
    assert statuses(server, member) == ["verified", "verified"]
    await server.deliver()
    assert "### Verified · P-0001" in text(server.review.history()[0])


async def test_one_submission_alone_has_no_button_for_all(server: Server):
    await submitted(server, server.ann, 300)
    assert "Verify all of this member" not in labels(server.review.last_message)


async def test_what_could_not_be_verified_is_named_and_does_not_stop_the_rest(server: Server):
    member = await waiting_twice(server)
    preview = await club(server, "payment verify-all", server.rita, member=member.label)
    assert "Verify all 2 submissions of **Ann**" in text(preview)
    assert labels(preview)[0] == "Verify 2: NT$600"
    server.db.write(payments.reject, server.club.treasurer, PaymentId(1), "not here")
    said = await confirm(server, preview, server.rita)
    assert "One payment was verified: NT$300" in said
    assert "**One was not:**" in said
    assert "P-0001 is rejected by now" in said
    assert sorted(statuses(server, member)) == ["rejected", "verified"]


async def test_only_what_was_shown_is_verified(server: Server):
    member = await submitted(server, server.ann, 300)
    preview = await club(server, "payment verify-all", server.rita, member=member.label)
    server.club.open("2026-07")
    server.club.submit(member)
    await confirm(server, preview, server.rita)
    assert sorted(statuses(server, member)) == ["paid", "verified"]


async def test_nothing_that_waits_is_said(server: Server):
    member = await server.owing(server.ann, 300)
    said = text(await club(server, "payment verify-all", server.rita, member=member.label))
    assert "Nothing of **Ann**" in said


async def test_a_member_may_not_verify_all(server: Server):
    await waiting_twice(server)
    clicked = await server.ann.click(server.review.last_message, label="Verify all of this member")
    assert "Only a reviewer" in text(clicked.followups[0])


async def test_verify_shows_the_outcome_on_the_card_and_tells_the_member(server: Server):
    member = await submitted(server, server.ann, 300)
    card = server.review.last_message
    await server.rita.click(card, label="Verify")
    assert "### Verified · P-0001" in text(server.review.last_message)
    assert f"by <@{server.rita.id}>" in text(server.review.last_message)
    assert labels(server.review.last_message) == ["Undo…"]
    assert statuses(server, member) == ["verified"]
    await server.deliver()
    said = server.dm(server.ann)[-1]
    assert "P-0001: **NT$300** verified" in text(said)
    assert len(server.review.history()) == 1


async def test_cards_keep_working_after_a_restart(server: Server):
    member = await submitted(server, server.ann)
    await server.restart()
    await server.rita.click(server.review.last_message, label="Verify")
    assert statuses(server, member) == ["verified"]


@pytest.mark.parametrize("label", ["Verify", "Other amount…", "Reject…"])
async def test_members_and_strangers_may_decide_nothing(server: Server, label: str):
    member = await submitted(server, server.ann)
    said = private(await server.ann.click(server.review.last_message, label=label))
    assert "Only a reviewer of this club may do that" in text(said)
    assert statuses(server, member) == ["paid"]


async def test_the_servers_owner_may_verify_without_a_role(server: Server):
    member = await submitted(server, server.ann)
    await server.owner.click(server.review.last_message, label="Verify")
    assert statuses(server, member) == ["verified"]


async def test_a_second_verify_is_refused_and_posts_nothing(server: Server):
    await submitted(server, server.ann)
    old = await server.post(server.general, VerifyButton(1))
    await server.rita.click(server.review.last_message, label="Verify")
    said = private(await server.tess.click(old, label="Verify"))
    assert "P-0001 is verified by now" in text(said)
    assert labels(server.general.last_message) == ["Verify"]  # what others see is only changed on the card
    entries = server.db.conn.execute("SELECT count(*) FROM ledger_entries WHERE kind = 'verify'").fetchone()
    assert entries == (1,)


async def test_two_reviewers_at_the_same_moment_verify_once(server: Server):
    await submitted(server, server.ann)
    from core import payments

    outcomes = await asyncio.gather(
        *(
            server.services.db.write(payments.verify, actor, 1)
            for actor in (server.club.reviewer, server.club.treasurer)
        ),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PaymentChanged", "PaymentMoved"]


async def test_a_reviewers_own_payment_is_marked_or_forbidden(server: Server):
    await submitted(server, server.rita)
    server.club.set(self_verify=False)
    said = private(await server.rita.click(server.review.last_message, label="Verify"))
    assert "somebody else to check your own payment" in text(said)
    server.club.set(self_verify=True)
    await server.rita.click(server.review.last_message, label="Verify")
    assert "Decided by the payer" in text(server.review.last_message)


# --- other amount -------------------------------------------------------------------------------------


async def test_less_than_claimed_leaves_the_rest_open_and_tells_both(server: Server):
    await submitted(server, server.ann, 300, 90)
    form = await server.rita.click(server.review.last_message, label="Other amount…")
    assert "Ann stated NT$390 as P-0001" in text(form)
    await server.rita.submit_modal(form, {"amount": "３50"})
    assert "Received **NT$350** instead of NT$390" in text(server.review.last_message)
    await server.deliver()
    said = text(server.dm(server.ann)[-1])
    assert "You had stated NT$390; NT$350 arrived." in said
    assert "- June 2026 · Plan 90 of ann: **NT$40** missing" in said
    assert labels(server.dm(server.ann)[-1]) == ["Pay", "My bills"]


async def test_more_than_claimed_becomes_credit_and_the_member_reads_it(server: Server):
    await submitted(server, server.ann, 300)
    bank = server.club.method("Bank")
    form = await server.rita.click(server.review.last_message, label="Other amount…")
    await server.rita.submit_modal(form, {"amount": "NT$500", "method": [str(bank.id)]})
    assert "Method: Bank (stated: not stated)" in text(server.review.last_message)
    await server.deliver()
    assert "**NT$200** are kept as your credit" in text(server.dm(server.ann)[-1])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("12x", "as a number"), ("3.5", "too many decimals"), ("0", "more than zero"), ("-5", "below zero"),
     ("€20", "another currency")],
)  # fmt: skip
async def test_a_bad_amount_changes_nothing_and_can_be_corrected(server: Server, typed: str, sentence: str):
    member = await submitted(server, server.ann)
    form = await server.rita.click(server.review.last_message, label="Other amount…")
    said = private(await server.rita.submit_modal(form, {"amount": typed}))
    assert sentence in text(said)
    assert statuses(server, member) == ["paid"]
    again = await server.rita.click(said, label="Try again")
    await server.rita.submit_modal(again, {"amount": "300"})
    assert statuses(server, member) == ["verified"]


async def test_a_corrected_amount_keeps_the_method_that_was_chosen(server: Server):
    server.club.method("Bank")
    cash = server.club.method("Cash", "cash")
    await submitted(server, server.ann)
    form = await server.rita.click(server.review.last_message, label="Other amount…")
    said = private(await server.rita.submit_modal(form, {"amount": "1o0", "method": [str(cash.id)]}))
    form = await server.rita.click(said, label="Try again")
    offered = next(part for part in components(form) if part.get("custom_id") == "method")["options"]
    assert [option["label"] for option in offered if option.get("default")] == ["Cash"]


async def test_more_methods_than_a_select_takes_are_typed_by_name(server: Server):
    await submitted(server, server.ann)
    for number in range(30):
        server.club.method(f"Method {number}")
    form = await server.rita.click(server.review.last_message, label="Other amount…")
    said = private(await server.rita.submit_modal(form, {"amount": "300", "method": "Method 99"}))
    assert "no such payment method" in text(said)
    again = await server.rita.click(said, label="Try again")
    await server.rita.submit_modal(again, {"amount": "300", "method": "method 29"})
    await server.deliver()
    assert "Method: Method 29" in text(server.review.last_message)


# --- reject and reopen --------------------------------------------------------------------------------


async def test_a_rejection_needs_a_reason_and_the_member_can_pay_again(server: Server):
    member = await submitted(server, server.ann)
    form = await server.rita.click(server.review.last_message, label="Reject…")
    said = private(await server.rita.submit_modal(form, {}))
    assert "A reason is needed" in text(said)
    again = await server.rita.click(said, label="Try again")
    assert "The amount is not right." in options(again)
    await server.rita.submit_modal(
        again, {"reason": ["review.reason_wrong_amount"], "words": "You sent *200* @everyone."}
    )
    await server.deliver()
    card = server.review.last_message
    assert r"Reason: The amount is not right. You sent \*200\* \@everyone." in text(card)
    assert labels(card) == ["Reopen"]
    assert statuses(server, member) == ["rejected"]
    told = server.dm(server.ann)[-1]
    assert "The amount is not right." in text(told)
    assert labels(told) == ["Pay again", "My bills"]
    form = await server.ann.user.click(told, label="Pay again")
    private(await server.ann.user.submit_modal(form, {}))
    assert statuses(server, member) == ["paid"]


async def test_reopen_puts_it_back_and_is_refused_when_paid_otherwise(server: Server):
    member = await submitted(server, server.ann)
    form = await server.rita.click(server.review.last_message, label="Reject…")
    await server.rita.submit_modal(form, {"words": "wrong"})
    card = server.review.last_message
    await server.rita.click(card, label="Reopen")
    assert statuses(server, member) == ["paid"]
    form = await server.rita.click(server.review.last_message, label="Reject…")
    await server.rita.submit_modal(form, {"words": "wrong"})
    private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    said = private(await server.rita.click(card, label="Reopen"))
    assert "already covered by P-0002" in text(said)


# --- undo ---------------------------------------------------------------------------------------------


async def test_undo_shows_what_changes_and_then_does_it(server: Server):
    member = await submitted(server, server.ann, 300)
    await server.rita.click(server.review.last_message, label="Verify")
    asked = private(await server.rita.click(server.review.last_message, label="Undo…"))
    assert "P-0001 waits for review again" in text(asked)
    assert "NT$300 of NT$300 settled → NT$0 of NT$300 settled" in text(asked)
    assert statuses(server, member) == ["verified"]
    await server.rita.click(asked, label="Take it back")
    assert statuses(server, member) == ["paid"]
    await server.deliver()
    assert "Waiting for review" in text(server.review.last_message)


async def test_a_reviewer_may_undo_for_fifteen_minutes_and_only_their_own(server: Server):
    await submitted(server, server.ann)
    await server.tess.click(server.review.last_message, label="Verify")
    said = private(await server.rita.click(server.review.last_message, label="Undo…"))
    assert "Only a treasurer" in text(said)
    asked = private(await server.tess.click(server.review.last_message, label="Undo…"))
    await server.tess.click(asked, label="Take it back")
    await server.deliver()
    await server.rita.click(server.review.last_message, label="Verify")
    server.services.clock.advance(minutes=16)
    said = private(await server.rita.click(server.review.last_message, label="Undo…"))
    assert "for 15 minutes" in text(said)


async def test_a_recorded_payment_is_cancelled_by_undo(server: Server):
    member = await server.owing(server.ann, 300)
    server.club.record(member, 300)
    await server.deliver()
    card = server.review.last_message
    assert "### Recorded · P-0001" in text(card)
    asked = private(await server.tess.click(card, label="Undo…"))
    assert "no longer counts" in text(asked)
    await server.tess.click(asked, label="Take it back")
    assert statuses(server, member) == ["pending"]


# --- the screenshot -----------------------------------------------------------------------------------


async def test_the_screenshot_is_shown_to_the_one_who_asks_alone(server: Server):
    await submitted(server, server.ann, picture=PICTURE)
    card = server.review.last_message
    assert labels(card)[-1] == "View proof"
    shown = private(await server.rita.click(card, label="View proof"))
    assert "Screenshot of P-0001, from Ann" in text(shown)
    assert [attachment.filename for attachment in shown.attachments] == ["proof.webp"]
    said = private(await server.ben.click(card, label="View proof"))
    assert "belongs to another member" in text(said)


async def test_a_deleted_screenshot_says_so(server: Server):
    await submitted(server, server.ann, picture=PICTURE)
    card = server.review.last_message
    server.db.conn.execute("UPDATE proofs SET purged_at = '2026-06-05T01:00:00.000Z', purged_by = 'system'")
    said = private(await server.rita.click(card, label="View proof"))
    assert "no screenshot here, or it was deleted" in text(said)


# --- /review ------------------------------------------------------------------------------------------


async def test_review_walks_through_what_waits_oldest_first(server: Server):
    await submitted(server, server.ann, 100)
    await submitted(server, server.ben, 200)
    await submitted(server, server.nora, 300)
    shown = private(await server.rita.slash(server.general, "review"))
    assert "3 payments wait for review." in text(shown)
    assert "P-0001" in text(shown)
    await server.rita.click(shown, label="Skip")
    assert "P-0002" in text(shown)
    await server.rita.click(shown, label="Verify")
    assert "### Verified · P-0002" in text(shown)
    await server.rita.click(shown, label="Next")
    assert "P-0003" in text(shown)
    form = await server.rita.click(shown, label="Reject…")
    await server.rita.submit_modal(form, {"words": "no money came"})
    assert "### Rejected · P-0003" in text(shown)
    await server.rita.click(shown, label="Next")
    assert "last one" in text(shown)


async def test_review_with_nothing_waiting_says_so(server: Server):
    assert "Nothing waits" in text(private(await server.rita.slash(server.general, "review")))


async def test_review_is_for_reviewers(server: Server):
    await submitted(server, server.ann)
    assert "Only a reviewer" in text(private(await server.ann.slash(server.general, "review")))


# --- forged and stale ---------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", [0, 424_242, 10**18 - 1])
async def test_an_id_that_names_nothing_is_unknown(server: Server, subject: int):
    message = await server.post(server.general, VerifyButton(subject))
    assert "no such payment" in text(await server.press(server.rita, message, label="Verify"))


# --- an undecided notice ------------------------------------------------------------------------------


async def test_an_undecided_notice_is_sent_again_by_a_treasurer(server: Server):
    await submitted(server, server.ann)
    notice = server.db.conn.execute("SELECT id FROM notices WHERE kind = 'payment_card'").fetchone()[0]
    server.db.conn.execute("UPDATE notices SET status = 'unknown' WHERE id = ?", (notice,))
    params = {"notice": notice, "kind": "payment_card"}
    workspace = server.club.workspace
    server.db.write(lambda tx: for_admins(tx, workspace, "notice_unknown", "1", params))
    await server.deliver()
    card = server.admin.last_message
    assert "payment card" in text(card)
    assert "Only a treasurer" in text(private(await server.rita.click(card, label="Send again")))
    assert "sent again now" in text(private(await server.tess.click(card, label="Send again")))
    assert "no such notice" in text(private(await server.tess.click(card, label="Send again")))
    status = server.db.conn.execute("SELECT status FROM notices WHERE id = ?", (notice,)).fetchone()
    assert status == ("waiting",)


async def test_a_retry_button_that_names_nothing_is_answered(server: Server):
    message = await server.post(server.general, RetryNoticeButton(77))
    assert "no such notice" in text(await server.press(server.tess, message, label="Send again"))


def test_a_long_list_is_summed_up_and_nothing_is_left_out(db, club):
    member = club.linked()
    for number in range(80):
        club.subscribe(member, club.plan(f"Plan {number}", 10))
    for month in range(1, 4):
        club.open(f"2026-0{month}")
    lines = [(bill, bill.amount_minor) for bill in club.bills(member)]
    shown, complete = bill_lines(club.workspace, lines, "en")
    assert not complete
    assert shown.count("80 bills: **NT$800**") == 3
