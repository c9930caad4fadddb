"""The admin log in its channel: who did what, Undo where there is a way back, and what there is none for."""

from __future__ import annotations

import itertools
from typing import Any

from cogs.ui import limits
from cogs.ui.log_cards import log_card
from core import admin_log, corrections, payments, plans, roster, subscriptions
from core.admin_log import LogLine
from core.i18n import LOCALES
from core.models import Member
from core.undo import UNDOS
from tests.cogs.club_steps import books, chinese, confirm
from tests.cogs.club_steps import club as run
from tests.cogs.conftest import Server, labels, text
from tests.factories import Club

__all__ = ["chinese"]  # a fixture


async def newest(server: Server) -> Any:
    """The newest line in the admin channel."""
    await server.deliver()
    return server.admin.last_message


async def test_a_verification_is_told_and_taken_back_with_a_preview(server: Server):
    ann = await server.owing(server.ann, 300)
    server.club.verify(server.club.submit(ann))
    line = await newest(server)
    assert f"<@{server.rita.id}> verified P-0001 of **Ann** (M-1, <@{server.ann.id}>): **NT$300**" in text(
        line
    )
    assert labels(line) == ["Undo"]
    before = books(server)
    preview = (await server.rita.click(line, label="Undo")).response
    assert "Take this back?" in text(preview)
    assert "P-0001 waits for review again" in text(preview)
    assert "B-1 · Plan 300 of ann: NT$300 → NT$0" in text(preview)
    assert books(server) == before
    assert "### Taken back" in await confirm(server, preview, server.rita)
    assert {bill.status for bill in server.club.bills(ann)} == {"paid"}
    await server.deliver()
    shown = next(m for m in server.admin.history() if "verified P-0001" in text(m))
    assert "Taken back by" in text(shown)
    assert labels(shown) == []


async def test_a_second_click_and_what_has_moved_on_are_named(server: Server):
    ann = await server.owing(server.ann, 300)
    payment = server.club.submit(ann)
    server.db.write(payments.reject, server.club.reviewer, payment.id, "no *x*")
    line = await newest(server)
    assert "rejected P-0001" in text(line)
    server.club.submit(ann)
    before = books(server)
    said = text((await server.rita.click(line, label="Undo")).response)
    assert "P-0002" in said
    assert books(server) == before


async def test_what_cannot_be_taken_back_says_so(server: Server):
    ann = await server.owing(server.ann, 300)
    server.db.write(corrections.void, server.club.treasurer, server.club.bills(ann)[0].id, "a mistake *y*")
    line = await newest(server)
    assert r"voided B-1 (Plan 300 of ann) of **Ann**" in text(line)
    assert r"a mistake \*y\*" in text(line)
    assert "This cannot be taken back" in text(line)
    assert labels(line) == []


async def test_an_opening_is_told_and_retracted_from_the_log(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300), "Ann")
    await confirm(server, await run(server, "billing open"))
    line = await newest(server)
    assert "opened June 2026: one bill, **NT$300**" in text(line)
    preview = (await server.tess.click(line, label="Undo")).response
    assert "June 2026 is not open any more; one bill over **NT$300** is voided." in text(preview)
    await confirm(server, preview)
    assert "took back the opening of June 2026" in text(await newest(server))


async def test_members_and_reviewers_cannot_take_back_what_treasurers_did(server: Server):
    ann = await server.owing(server.ann, 300)
    server.db.write(corrections.waive, server.club.treasurer, server.club.bills(ann)[0].id, None, "gift")
    line = await newest(server)
    before = books(server)
    for who in (server.ann, server.rita):
        assert "Only a" in text((await who.click(line, label="Undo")).response)
    assert books(server) == before


async def test_without_an_admin_channel_nothing_is_told(server: Server):
    server.club.set(admin_channel_id=None)
    server.db.conn.execute("DELETE FROM notices")
    ann = await server.owing(server.ann, 300)
    server.club.record(ann, 300)
    assert server.club.notices("log") == []


async def test_settings_are_told_with_before_and_after(server: Server):
    server.club.set(due_days=7, review_channel_id=server.general.id)
    said = text(await newest(server))
    assert "days to pay: 0 → 7" in said
    assert f"review channel: <#{server.review.id}> → <#{server.general.id}>" in said


async def test_old_lines_are_not_posted_after_a_long_absence(server: Server, clock: Any):
    ann = await server.owing(server.ann, 300)
    server.club.record(ann, 100)
    clock.advance(days=3)
    posted = len(server.admin.history())
    await server.deliver()
    assert len(server.admin.history()) == posted


def test_every_line_can_be_shown(club: Club):
    after = {
        "bills": 2,
        "minor": 300,
        "period": "2026-06",
        "role": "reviewer",
        "account": "1",
        "into": 3,
    }
    before = {"kind": "panel", "amount": 100, "name": "Old"}
    for action, locale in itertools.product(admin_log.LOGGED, LOCALES):
        line = LogLine(
            club.workspace, 1, action, action.split(".")[0], 1, before, after, "discord:1",
            "2026-06-05T01:00:00.000Z", "Name", None, None, is_shown=True,
        )  # fmt: skip
        card = log_card(line, locale)
        limits.check_message(card)
        shown = {"components": card.to_components()}
        assert bool(labels(shown)) is (action in UNDOS), action
        assert ("-#" in text(shown)) is (action not in UNDOS), action
    first_price = LogLine(
        club.workspace, 1, "plan.price", "plan", 1, {}, {"price": 300, "from": "2026-06"}, "discord:1",
        "2026-06-05T01:00:00.000Z", "Name", None, None, is_shown=True,
    )  # fmt: skip
    shown = {"components": log_card(first_price, "en").to_components()}
    assert labels(shown) == []
    assert "There was no price before this one" in text(shown)


async def test_each_way_back_says_what_would_change(server: Server):
    """Bills that go, bills that are made, accounts, prices: never a bare "as before" where money moves."""
    ann = await server.owing(server.ann, 300)
    club = server.club
    (plan, *_) = [view.plan for view in server.db.read(plans.everyone, club.treasurer)]
    other = club.plan("Other", 90)
    seat = club.subscribe(ann, other, "2026-06-01")
    assert "B-2 · Other: NT$90 is voided" in await asked(server)
    club.db.write(subscriptions.pause, club.treasurer, seat.id, "2026-06-10")
    said = await asked(server)
    assert "the subscription is as it was before" in said
    club.db.write(subscriptions.end, club.treasurer, seat.id, "2026-06-12")
    assert "the subscription is as it was before" in await asked(server)
    club.reprice(plan, 400, "2026-07")
    assert "costs NT$300 from July 2026 on again" in await asked(server)
    club.db.write(roster.unlink, club.treasurer, ann.id)
    assert f"Discord account of Ann: <@{server.ann.id}>" in await asked(server)
    guests = [club.member(f"Guest {n}").id for n in range(3)]
    club.db.write(corrections.charge, club.treasurer, guests, "Trip", club.money(50), "2026-07-01")
    assert "3 bills are voided: Trip, **NT$150** in all" in await asked(server)
    club.db.write(roster.leave, club.treasurer, guests[0], "2026-06-05")
    club.db.write(roster.rejoin, club.treasurer, guests[0])
    assert "Guest 0 is off the roster again, last day" in await asked(server)


async def asked(server: Server) -> str:
    """What taking the newest line back would do, in words."""
    line = await newest(server)
    assert labels(line) == ["Undo"], text(line)
    return text((await server.owner.click(line, label="Undo")).response)


async def test_in_chinese(server: Server, chinese: None):
    server.club.set(locale="zh-TW")
    ann: Member = await server.owing(server.ann, 300)
    server.club.record(ann, 300)
    line = await newest(server)
    assert "登錄了 P-0001" in text(line)
    preview = (await server.rita.click(line, label="復原")).response
    assert "要復原這個動作嗎？" in text(preview)
    assert "### 已復原" in await confirm(server, preview, server.rita)
