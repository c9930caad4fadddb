"""Taking back from the admin log: every reverse, its conflicts, once, and only what is still as it was left."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import (
    admin_log,
    admins,
    alerts,
    billing,
    closing,
    corrections,
    errors,
    methods,
    opening_balances,
    payments,
    plans,
    resync,
    roster,
    subscriptions,
    templates,
    undo,
)  # fmt: skip
from core.models import Actor, Bill, Member, Plan, Subscription
from core.period import Period
from tests.core.helpers import assert_clean, refused, status
from tests.factories import Club

JUNE = Period("2026-06")
CORE = Path(__file__).parents[2] / "core"


@pytest.fixture
def plan(club: Club) -> Plan:
    return club.plan()


@pytest.fixture
def member(club: Club, plan: Plan) -> Member:
    member = club.subscriber(plan, "Ann")
    club.method("Bank")
    club.open()
    return member


def last(club: Club, action: str) -> int:
    row = club.db.conn.execute("SELECT max(id) FROM audit_log WHERE action = ?", (action,)).fetchone()
    assert row[0] is not None, action
    return int(row[0])


def take_back(club: Club, action: str, actor: Actor | None = None) -> undo.Undone:
    return club.db.write(undo.undo, actor or club.treasurer, last(club, action))


def seat_of(club: Club, member: Member, seat_id: int) -> Subscription:
    views = club.db.read(subscriptions.of_member, club.treasurer, member.id)
    return next(view.subscription for view in views if view.subscription.id == seat_id)


def bill_of(club: Club, member: Member) -> Bill:
    return club.bills(member)[0]


# --- one test for each reverse ------------------------------------------------------------------------


def verified(club: Club, member: Member) -> None:
    club.verify(club.submit(member))


def rejected(club: Club, member: Member) -> None:
    club.db.write(payments.reject, club.reviewer, club.submit(member).id, "no")


def recorded(club: Club, member: Member) -> None:
    club.record(member, 300)


def adjusted(club: Club, member: Member) -> None:
    club.db.write(corrections.set_amount, club.treasurer, bill_of(club, member).id, club.money(120), "half")


def waived(club: Club, member: Member) -> None:
    club.db.write(corrections.waive, club.treasurer, bill_of(club, member).id, None, "gift")


def closed(club: Club, member: Member) -> None:
    club.db.write(closing.close, club.treasurer, JUNE)


def reopened(club: Club, member: Member) -> None:
    closed(club, member)
    club.db.write(closing.reopen, club.treasurer, JUNE)


def renamed(club: Club, member: Member) -> None:
    club.db.write(plans.rename, club.treasurer, plans_of(club)[0].id, "New")


def given_a_role(club: Club, member: Member) -> None:
    club.db.write(plans.set_role, club.treasurer, plans_of(club)[0].id, 4711)


def granted(club: Club, member: Member) -> None:
    club.db.write(admins.grant, club.owner, 5005, "reviewer")


def revoked(club: Club, member: Member) -> None:
    club.db.write(admins.revoke, club.owner, club.auditor.discord_id)


def settings_changed(club: Club, member: Member) -> None:
    club.set(
        review_channel_id=77, reminder_days=[1, 5], debtors_public=True, quiet_from="22:00", quiet_to="07:00"
    )


def worded(club: Club, member: Member) -> None:
    club.db.write(templates.save, club.treasurer, "panel", "en", "Hello {club}")


def unworded(club: Club, member: Member) -> None:
    worded(club, member)
    club.db.write(templates.reset, club.treasurer, "panel", "en")


def seat_ended(club: Club, member: Member) -> None:
    seat = club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription
    club.db.write(subscriptions.end, club.treasurer, seat.id, "2026-08-31")


def repriced(club: Club, member: Member) -> None:
    club.reprice(plans_of(club)[0], 350, "2026-07")


def method_edited(club: Club, member: Member) -> None:
    (bank,) = club.db.read(methods.everyone, club.treasurer)
    club.db.write(methods.edit, club.treasurer, bank.id, name="Post office", instructions="Account 7")


def plan_retired(club: Club, member: Member) -> None:
    club.db.write(plans.retire, club.treasurer, plans_of(club)[0].id)


def method_retired(club: Club, member: Member) -> None:
    (bank,) = club.db.read(methods.everyone, club.treasurer)
    club.db.write(methods.retire, club.treasurer, bank.id)


def account_moved(club: Club, member: Member) -> None:
    club.db.write(roster.move_account, club.treasurer, member.id, 9009)


def account_parted(club: Club, member: Member) -> None:
    club.db.write(roster.unlink, club.treasurer, member.id)


def owed_before(club: Club, member: Member) -> None:
    club.db.write(opening_balances.set_balance, club.treasurer, member.id, club.money(80), "2026-06-01")


def own_billing_day(club: Club, member: Member) -> None:
    seat = club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription
    club.db.write(subscriptions.set_billing_day, club.treasurer, seat.id, 20)


def plans_of(club: Club) -> list[Plan]:
    return [view.plan for view in club.db.read(plans.everyone, club.treasurer)]


STATES: dict[str, Callable[[Club, Member], Any]] = {
    "payment.verify": verified, "payment.reject": rejected, "payment.record": recorded,
    "bill.adjust": adjusted, "bill.waive": waived, "period.close": closed, "period.reopen": reopened,
    "plan.rename": renamed, "plan.role": given_a_role, "admin.grant": granted, "admin.revoke": revoked,
    "workspace.update": settings_changed, "template.save": worded, "template.reset": unworded,
    "subscription.end": seat_ended, "plan.price": repriced, "method.edit": method_edited,
    "plan.retire": plan_retired, "method.retire": method_retired,
    "member.account": account_moved, "opening.debt": owed_before, "subscription.billing_day": own_billing_day,
}  # fmt: skip


def state(club: Club, member: Member) -> Any:
    """What the actions above change, as somebody sees it."""
    conn = club.db.conn
    return (
        [(bill.amount_minor, bill.waived_minor, bill.settled_minor) for bill in club.bills(member)],
        conn.execute("SELECT period, status FROM billing_periods").fetchall(),
        conn.execute("SELECT name, role_id, retired_at FROM plans").fetchall(),
        conn.execute("SELECT discord_id, role FROM admins ORDER BY 1").fetchall(),
        conn.execute("SELECT ends_on, billing_day FROM subscriptions").fetchall(),
        [found.price for found in club.db.read(billing.prices_at, club.treasurer, Period("2026-07"))],
        conn.execute("SELECT name, kind, instructions, sort_order, retired_at FROM methods").fetchall(),
        conn.execute("SELECT discord_id FROM members").fetchall(),
        conn.execute("SELECT kind, locale, body FROM templates").fetchall(), club.workspace, club.credit(member),
    )  # fmt: skip


@pytest.mark.parametrize("action", STATES)
def test_everything_is_as_before_and_the_books_balance(club: Club, member: Member, action: str):
    if action == "template.reset":
        worded(club, member)
    if action == "period.reopen":
        closed(club, member)
    before = state(club, member)
    if action == "template.reset":
        club.db.write(templates.reset, club.treasurer, "panel", "en")
    elif action == "period.reopen":
        club.db.write(closing.reopen, club.treasurer, JUNE)
    else:
        STATES[action](club, member)
    assert action in ("payment.reject",) or state(club, member) != before
    take_back(club, action, club.owner)
    assert state(club, member) == before
    assert_clean(club.db)


@pytest.mark.parametrize("action", STATES)
def test_a_line_is_taken_back_once(club: Club, member: Member, action: str):
    STATES[action](club, member)
    take_back(club, action, club.owner)
    line = club.db.conn.execute("SELECT subject_id FROM audit_log WHERE action = 'action.undo'").fetchone()[0]
    with refused(club.db, errors.UndoneBefore):
        club.db.write(undo.undo, club.owner, line)


@pytest.mark.parametrize("action", ["payment.verify", "bill.adjust", "period.close", "plan.rename"])
def test_the_preview_changes_nothing(club: Club, member: Member, action: str):
    STATES[action](club, member)
    before = list(club.db.conn.iterdump())
    club.db.preview(undo.undo, club.treasurer, last(club, action))
    assert list(club.db.conn.iterdump()) == before


# --- the bigger ones ----------------------------------------------------------------------------------


def test_an_opening_is_retracted_and_may_be_opened_and_taken_back_again(club: Club, member: Member):
    first = last(club, "period.open")
    club.db.write(undo.undo, club.treasurer, first)
    assert club.bills(member) == []
    club.open()
    with refused(club.db, errors.UndoneBefore):
        club.db.write(undo.undo, club.treasurer, first)
    take_back(club, "period.open")
    assert_clean(club.db)


def test_the_line_of_an_earlier_opening_does_not_take_back_the_later_one(club: Club, member: Member):
    first = last(club, "period.open")
    club.db.write(resync.retract, club.treasurer, JUNE)
    club.open()
    with refused(club.db, errors.UndoOvertaken):
        club.db.write(undo.undo, club.treasurer, first)


def test_a_charge_of_several_is_voided_as_a_whole_or_not_at_all(club: Club, member: Member):
    ben = club.linked("Ben")
    made = club.db.write(
        corrections.charge, club.treasurer, [member.id, ben.id], "Trip", club.money(500), "2026-07-01"
    )
    club.db.write(corrections.void, club.treasurer, made.bills[1].id, "not Ben")
    line = last(club, "bill.charge")
    with refused(club.db, errors.BillSettled, bill=made.bills[1].label):
        club.db.write(undo.undo, club.treasurer, line)
    again = club.db.write(
        corrections.charge, club.treasurer, [member.id, ben.id], "Trip 2", club.money(500), "2026-07-01"
    )
    take_back(club, "bill.charge")
    assert {status(club, bill) for bill in again.bills} == {"void"}
    assert_clean(club.db)


def test_each_waiver_of_a_bill_has_its_own_way_back(club: Club, member: Member):
    bill = bill_of(club, member)
    for amount in (100, 50):
        club.db.write(corrections.waive, club.treasurer, bill.id, club.money(amount), "gift")
    first, second = (
        row[0]
        for row in club.db.conn.execute("SELECT id FROM audit_log WHERE action = 'bill.waive' ORDER BY id")
    )
    club.db.write(undo.undo, club.treasurer, first)
    assert bill_of(club, member).waived_minor == 50
    club.db.write(undo.undo, club.treasurer, second)
    assert bill_of(club, member).waived_minor == 0


def test_somebody_who_left_comes_back(club: Club, member: Member):
    club.db.write(roster.leave, club.treasurer, member.id, "2026-06-05")
    take_back(club, "member.leave")
    assert club.fresh(member).left_on is None


def test_somebody_who_was_taken_back_leaves_again_while_nothing_was_given_to_them(club: Club, member: Member):
    club.db.write(roster.leave, club.treasurer, member.id, "2026-06-05")
    club.db.write(roster.rejoin, club.treasurer, member.id)
    take_back(club, "member.rejoin")
    assert club.fresh(member).left_on == "2026-06-05"
    club.db.write(roster.rejoin, club.treasurer, member.id)
    club.db.write(roster.move_account, club.treasurer, member.id, 9009)
    with refused(club.db, errors.UndoOvertaken):
        take_back(club, "member.rejoin")
    club.db.write(roster.unlink, club.treasurer, member.id)
    club.subscribe(member, plans_of(club)[0], "2026-07-01")
    with refused(club.db, errors.UndoOvertaken):
        take_back(club, "member.rejoin")


def test_a_charge_of_very_many_is_voided_as_a_whole_with_one_line_in_the_log(club: Club, member: Member):
    club.set(admin_channel_id=33)
    people = [club.member(f"Guest {n}") for n in range(120)]
    charged = [person.id for person in people]
    made = club.db.write(corrections.charge, club.treasurer, charged, "Trip", club.money(500), "2026-07-01")
    told = len(club.notices("log"))
    done = take_back(club, "bill.charge")
    assert {status(club, bill) for bill in made.bills} == {"void"}
    assert len(done.result.results) == 120
    assert club.audits("bill") == ["bill.charge"]
    assert len(club.notices("log")) == told
    assert_clean(club.db)


def test_a_subscription_that_was_started_by_mistake_goes_with_its_bills(club: Club, member: Member):
    plan = club.plan("Other", 90)
    club.open("2026-07")
    seat = club.subscribe(member, plan, "2026-06-10")
    assert [bill.amount_minor for bill in club.bills(member)] == [90, 300, 90, 300]
    preview = club.db.preview(undo.undo, club.treasurer, last(club, "subscription.start"))
    assert len(preview.result.voided) == 2
    take_back(club, "subscription.start")
    assert [bill.amount_minor for bill in club.bills(member)] == [300, 300]
    assert seat_of(club, member, seat.id).ends_on == "2026-06-09", "it never was active"
    assert club.db.write(resync.resync, club.treasurer, JUNE).added == ()
    assert_clean(club.db)


def test_a_start_stays_once_somebody_claimed_its_bill_or_its_month_is_closed(club: Club, member: Member):
    seat = club.subscribe(member, club.plan("Other", 90), "2026-06-10")
    payment = club.submit(member)
    with refused(club.db, errors.UndoOvertaken):
        take_back(club, "subscription.start")
    club.db.write(payments.withdraw, club.as_member(member), payment.id)
    club.db.write(closing.close, club.treasurer, JUNE)
    with refused(club.db, errors.PeriodClosed, period=JUNE):
        take_back(club, "subscription.start")
    club.db.write(closing.reopen, club.treasurer, JUNE)
    club.db.write(subscriptions.pause, club.treasurer, seat.id, "2026-06-20")
    with refused(club.db, errors.UndoOvertaken):
        take_back(club, "subscription.start")


def test_a_resumption_by_mistake_pauses_again_and_its_bills_go(club: Club, member: Member):
    seat = club.subscribe(member, club.plan("Other", 90), "2026-05-10")
    june = next(bill for bill in club.bills(member) if bill.amount_minor == 90)
    club.db.write(corrections.void, club.treasurer, june.id, "paused")
    club.db.write(subscriptions.pause, club.treasurer, seat.id, "2026-06-01", "2026-09-01")
    club.db.write(subscriptions.resume, club.treasurer, seat.id, "2026-06-04")
    assert [bill.amount_minor for bill in club.bills(member)] == [90, 300]
    done = take_back(club, "subscription.resume")
    assert [bill.amount_minor for bill in done.result.voided] == [90]
    assert [bill.amount_minor for bill in club.bills(member)] == [300]
    club.open("2026-07")
    assert [bill.amount_minor for bill in club.bills(member)] == [300, 300], "still paused in July"
    club.open("2026-09")
    assert [bill.amount_minor for bill in club.bills(member)][:2] == [90, 300], "and active from September on"
    assert_clean(club.db)


def test_a_resumption_is_not_taken_from_a_bill_that_was_paid(club: Club, member: Member):
    seat = club.subscribe(member, club.plan("Other", 90), "2026-05-10")
    club.db.write(subscriptions.pause, club.treasurer, seat.id, "2026-06-01")
    club.db.write(subscriptions.resume, club.treasurer, seat.id, "2026-06-01")
    club.submit(member)
    done = take_back(club, "subscription.resume")
    assert done.result.voided == ()
    assert [bill.status for bill in club.bills(member)] == ["paid", "paid"]


def test_an_alert_target_is_removed(club: Club):
    club.db.write(alerts.add_webhook, club.treasurer, "Ops", "https://hooks.example/x")
    take_back(club, "alert_target.add")
    assert club.db.read(alerts.everyone, club.treasurer) == []


# --- what stands in the way ---------------------------------------------------------------------------


def test_what_was_changed_again_since_is_left_alone(club: Club, member: Member):
    bill = bill_of(club, member)
    adjusted(club, member)
    first = last(club, "bill.adjust")
    club.db.write(corrections.set_amount, club.treasurer, bill.id, club.money(90), "more")
    with refused(club.db, errors.UndoOvertaken):
        club.db.write(undo.undo, club.treasurer, first)
    club.set(due_days=3)
    line = last(club, "workspace.update")
    club.set(due_days=5)
    with refused(club.db, errors.UndoOvertaken):
        club.db.write(undo.undo, club.treasurer, line)


def test_a_conflict_is_named_by_the_reverse_itself(club: Club, member: Member):
    rejected(club, member)
    line = last(club, "payment.reject")
    payment = club.submit(member)
    with refused(club.db, errors.BillClaimed, payment=payment.label):
        club.db.write(undo.undo, club.treasurer, line)
    club.verify(payment)
    club.db.write(closing.close, club.treasurer, JUNE)
    with refused(club.db, errors.PeriodClosed, period=JUNE):
        take_back(club, "payment.verify")


def test_what_has_no_reverse_says_so(club: Club, member: Member):
    club.db.write(corrections.void, club.treasurer, bill_of(club, member).id, "wrong")
    with refused(club.db, errors.NotUndoable):
        take_back(club, "bill.void")


def test_the_rights_are_those_of_the_reverse(club: Club, member: Member):
    verified(club, member)
    for actor in (club.auditor, club.stranger, club.as_member(member)):
        with refused(club.db, errors.RoleNeeded):
            take_back(club, "payment.verify", actor)
    waived_bill = club.subscriber(club.plan("Other"), "Ben", "2026-06-01")
    waived(club, waived_bill)
    for action in ("bill.waive", "subscription.start", "member.account", "period.open"):
        with refused(club.db, errors.RoleNeeded):
            take_back(club, action, club.reviewer)


def test_a_line_of_another_club_is_unknown(club: Club, member: Member):
    other = Club.create(club.db, number=1)
    line = last(club, "period.open")
    with refused(club.db, errors.ActionUnknown):
        club.db.write(undo.undo, other.treasurer, line)
    with refused(club.db, errors.ActionUnknown):
        club.db.write(undo.undo, club.treasurer, 999_999)


# --- the log itself -----------------------------------------------------------------------------------


def test_actions_are_told_where_there_is_an_admin_channel_and_only_there(club: Club, member: Member):
    verified(club, member)
    assert club.notices("log") == []
    club.set(admin_channel_id=33)
    club.record(member, 10)
    assert len(club.notices("log")) == 2, "the setting itself, and the payment"
    club.submit(club.subscriber(club.plan("Other"), "Ben", "2026-06-01"))
    told = club.db.conn.execute(
        "SELECT action FROM audit_log WHERE id IN (SELECT subject_id FROM notices WHERE kind = 'log')"
    ).fetchall()
    assert {row[0] for row in told} == {
        "workspace.update", "payment.record", "plan.add", "member.add", "member.account", "subscription.start",
    }  # fmt: skip


def test_taking_back_shows_on_the_line(club: Club, member: Member):
    club.set(admin_channel_id=33)
    club.record(member, 10)
    line_id = last(club, "payment.record")
    line = club.db.read(admin_log.line, club.workspace, line_id)
    assert line is not None
    assert (line.member, line.undone_by) == (club.fresh(member), None)
    club.db.conn.execute("UPDATE notices SET status = 'sent'")
    take_back(club, "payment.record")
    line = club.db.read(admin_log.line, club.workspace, line_id)
    assert line is not None
    assert line.undone_by == club.treasurer.text
    waiting = club.db.conn.execute("SELECT subject_id FROM notices WHERE kind = 'log' AND status = 'waiting'")
    assert (line_id,) in waiting.fetchall()


def test_what_a_member_withdraws_is_not_an_admin_s_action(club: Club, member: Member):
    payment = club.submit(member)
    club.db.write(payments.withdraw, club.as_member(member), payment.id)
    own = club.db.read(admin_log.line, club.workspace, last(club, "payment.withdraw"))
    second = club.submit(member)
    club.db.write(payments.withdraw, club.reviewer, second.id)
    theirs = club.db.read(admin_log.line, club.workspace, last(club, "payment.withdraw"))
    assert own is not None
    assert theirs is not None
    assert (own.is_shown, theirs.is_shown) == (False, True)


def test_every_logged_action_has_a_way_back_or_a_word_that_there_is_none():
    assert set(undo.UNDOS) | set(admin_log.FINAL) == set(admin_log.LOGGED)
    # a plan's first price replaced none
    assert set(undo.UNDOS) & set(admin_log.FINAL) == {"plan.price"}


def test_every_action_of_the_code_is_logged_or_left_out_on_purpose():
    left_out = {
        "payment.submit", "workspace.create", "notices.retry", "action.undo", "session.start",
        "session.end_everywhere", "method.move", "proof.purge", "token.create", "token.revoke",
        "upload_link.mint", "statement.open",
    }  # fmt: skip
    found = set()
    for file in CORE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for call in re.findall(r"audit\.record\((.{0,200})", text, re.DOTALL):
            found |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', call)[:1])
    assert found - set(admin_log.LOGGED) - left_out == set()
