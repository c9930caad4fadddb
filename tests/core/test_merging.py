"""Merging two entries of one person: rows stay, and whatever is asked about the person finds both."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from core import (
    access,
    corrections,
    errors,
    linking,
    merging,
    payments,
    reminders,
    reports,
    reports_admin,
    reversals,
    roster,
    roster_import,
    sending,
    subscriptions,
)
from core.models import Actor, Member
from core.period import Period
from core.preview import PreviewChanged, digest_of
from core.store import bills as bill_rows
from core.store import members as member_rows
from tests.core.helpers import (
    assert_clean,
    balance,
    claims,
    credits_used,
    everything,
    problems,
    refused,
    status,
)
from tests.factories import Club


@pytest.fixture
def pair(club: Club) -> tuple[Member, Member]:
    """One person twice: an old entry on one plan with an open bill, and a linked one on another plan."""
    old = club.member("Ann Old", email="ann.old@example.org")
    club.subscribe(old, club.plan("Base", 300))
    new = club.subscriber(club.plan("Extra", 50), "Ann New")
    club.open()
    return old, new


def merge(club: Club, old: Member, new: Member) -> merging.Merged:
    return club.db.write(merging.merge, club.treasurer, old.id, new.id)


def payable(club: Club, member: Member) -> list[int]:
    return [bill.amount_minor for bill in club.db.read(lambda tx: bill_rows.payable(tx.conn, member.id))]


def current(club: Club, member: Member) -> Member:
    found = club.db.read(lambda tx: member_rows.current(tx.conn, club.id, member.id))
    assert found is not None
    return found


# --- what it does --------------------------------------------------------------------------------------


def test_the_merged_entry_keeps_its_rows_and_points_at_its_successor(
    club: Club, pair: tuple[Member, Member]
) -> None:
    old, new = pair
    done = merge(club, old, new)
    assert (done.member.successor_id, done.into.id, done.bills, done.payments) == (new.id, new.id, 1, 0)
    assert [plan.name for plan in done.plans] == ["Base"]
    assert done.balance_minor == 350
    assert merging.Merged.can_be_undone is False
    rows = club.db.conn.execute("SELECT member_id FROM bills ORDER BY member_id").fetchall()
    assert rows == [(old.id,), (new.id,)]
    assert club.audits("member.merge") == ["member.merge"]
    assert_clean(club.db)


def test_balance_statement_and_lists_show_both(club: Club, pair: tuple[Member, Member]) -> None:
    old, new = pair
    merge(club, old, new)
    for asked in (old, new):
        shown = club.db.read(reports.statement, club.auditor, asked.id)
        assert shown.member.id == new.id
        assert sorted(view.bill.amount_minor for view in shown.bills) == [50, 300]
        card = club.db.read(reports_admin.member_card, club.auditor, asked.id)
        assert sorted(seat.plan.name for seat in card.seats) == ["Base", "Extra"]
    lines = club.db.read(reports_admin.roster_lines, club.auditor)
    assert [(line.member.id, line.plans, line.balance_minor) for line in lines] == [
        (new.id, ("Base", "Extra"), 350)
    ]
    seats = club.db.read(reports_admin.seats, club.auditor, member_id=old.id)
    assert {seat.member.id for seat in seats} == {new.id}
    assert len(seats) == 2
    debtors = club.db.read(reports.period_status, club.auditor, Period("2026-06")).debtors
    assert [(member.id, minor) for member, minor, _ in debtors] == [(new.id, 350)]


def test_searches_find_the_successor_by_the_old_name_and_number(
    club: Club, pair: tuple[Member, Member]
) -> None:
    old, new = pair
    merge(club, old, new)
    for query in ("ann old", "Ann New", old.label, new.label):
        page = club.db.read(roster.find, club.auditor, query)
        assert ([member.id for member in page.members], page.total) == ([new.id], 1), query
    taken = club.db.read(lambda tx: linking.candidates(tx, club.id, "old", taken=True))
    assert [one.member_id for one in taken] == [new.id]


def test_the_member_pays_the_bills_of_both_in_one_go(club: Club, pair: tuple[Member, Member]) -> None:
    old, new = pair
    merge(club, old, new)
    form = club.db.read(reports.pay_form, club.as_member(new))
    assert form.total_minor == 350
    paid = club.submit(new)
    assert paid.member_id == new.id
    assert sorted(claims(club, paid).values()) == [50, 300]
    club.verify(paid, received=400)
    assert (payable(club, new), club.credit(new), club.credit(old)) == ([], 50, 50)
    assert_clean(club.db)
    club.db.write(reversals.unverify, club.treasurer, paid.id)
    assert sorted(claims(club, paid).values()) == [50, 300]
    assert_clean(club.db)


def test_credit_of_one_settles_bills_of_the_other_at_once(club: Club) -> None:
    old, new = club.member(), club.member()
    club.subscribe(old, club.plan("Base", 300))
    club.open()
    credit = club.record(new, 200)
    before = club.db.preview(merging.merge, club.treasurer, old.id, new.id)
    assert (before.credit_used, before.credit_minor, before.balance_minor) == (200, 0, 100)
    done = club.db.confirm(digest_of(before), merging.merge, club.treasurer, old.id, new.id)
    assert (done.credit_used, club.credit(new)) == (200, 0)
    assert list(credits_used(club, credit).values()) == [200]
    # each entry's account keeps what it had: it is the sum that is the person's
    assert (balance(club, "receivable", old.id), balance(club, "receivable", new.id)) == (300, -200)
    assert_clean(club.db)


@pytest.mark.parametrize("holder", ["old", "new"])
def test_opening_a_month_uses_the_credit_of_either(club: Club, holder: str) -> None:
    old, new = club.member(), club.member()
    club.subscribe(old, club.plan("Base", 300))
    club.subscribe(new, club.plan("Extra", 50))
    club.record({"old": old, "new": new}[holder], 320)
    merge(club, old, new)
    opened = club.open()
    assert (opened.credit_minor, opened.members, club.credit(new)) == (320, 1, 0)
    assert payable(club, new) != []
    assert_clean(club.db)


def test_money_recorded_for_either_settles_all(club: Club, pair: tuple[Member, Member]) -> None:
    old, new = pair
    merge(club, old, new)
    club.record(old, 350)
    assert (payable(club, new), club.credit(new)) == ([], 0)
    voided = next(bill for bill in club.bills(new) if bill.amount_minor == 300)
    club.db.write(corrections.void, club.treasurer, voided.id, "moved")
    assert club.credit(new) == 300
    later = club.db.write(
        corrections.charge, club.treasurer, [old.id, new.id], "Party", club.money(100), "2026-06-30"
    )
    assert [bill.member_id for bill in later.bills] == [new.id]  # one person is charged once
    assert club.credit(new) == 200
    assert_clean(club.db)


def test_the_successor_withdraws_and_sees_what_the_merged_entry_paid(
    club: Club, pair: tuple[Member, Member]
) -> None:
    old, new = pair
    club.record(old, 300)
    merge(club, old, new)
    payment = club.submit(new)
    me = club.as_member(new)
    newest = club.db.read(reports.statement, me).payments
    assert [one.member_id for one in newest] == [new.id, old.id]
    assert club.db.read(reports.show_payment, me, newest[1].id).member.id == new.id
    theirs = next(bill for bill in club.bills(new) if bill.member_id == old.id)
    assert club.db.read(reports.explain_bill, me, theirs.id).bill.id == theirs.id
    somebody = club.as_member(club.linked())
    with refused(club.db, errors.NotYours):
        club.db.read(reports.show_payment, somebody, newest[1].id)
    assert club.db.write(payments.withdraw, me, payment.id).payment.status == "withdrawn"


def test_confirming_ones_own_money_is_seen_through_the_merge(club: Club, pair: tuple[Member, Member]) -> None:
    old, new = pair
    merge(club, old, new)
    club.db.write(roster.move_account, club.treasurer, new.id, club.reviewer.discord_id)
    club.set(self_verify=False)
    with refused(club.db, errors.OwnPayment):
        club.record(old, 10)


def test_a_submission_of_the_merged_entry_is_the_successors_own(club: Club) -> None:
    old, new = club.subscriber(club.plan()), club.member()
    club.open()
    payment = club.verify(club.submit(old))
    merge(club, old, new)
    club.db.write(roster.move_account, club.treasurer, new.id, club.reviewer.discord_id)
    club.db.write(reversals.unverify, club.treasurer, payment.id)
    club.set(self_verify=False)
    with refused(club.db, errors.OwnPayment):
        club.verify(payment)


def test_reminders_go_to_the_successor_in_one_message(club: Club, pair: tuple[Member, Member]) -> None:
    old, new = pair
    merge(club, old, new)
    club.set(reminder_mode="private")
    club.db.write(reminders.run, club.system, date(2026, 6, 10))
    assert club.notices("overdue") == [("overdue", "member", new.id)]
    (text,) = club.db.conn.execute("SELECT params FROM notices WHERE kind = 'overdue'").fetchone()
    assert sorted(json.loads(text)["bills"]) == sorted(bill.id for bill in club.bills(new))


def test_the_next_month_bills_both_subscriptions_and_starting_the_same_plan_is_refused(
    club: Club, pair: tuple[Member, Member]
) -> None:
    old, new = pair
    base = club.db.conn.execute(
        "SELECT plan_id FROM subscriptions WHERE member_id = ?", (old.id,)
    ).fetchone()[0]
    merge(club, old, new)
    with refused(club.db, errors.AlreadySubscribed, plan="Base"):
        club.db.write(subscriptions.start, club.treasurer, new.id, base, "2026-07-01")
    assert club.open("2026-07").bills == 2
    assert len(payable(club, new)) == 4
    left = club.db.write(roster.leave, club.treasurer, new.id, date(2026, 6, 5))
    assert len(left.ended) == 2
    assert_clean(club.db)


# --- what the successor gets ---------------------------------------------------------------------------


def test_the_account_the_email_and_the_note_fill_what_is_blank(club: Club) -> None:
    old = club.member("Old", email="Old@Example.org", discord_id=31)
    club.db.write(roster.edit, club.treasurer, old.id, note="from 2020")
    new = club.member("New")
    done = merge(club, old, new)
    assert done.taken == ("account", "email", "note")
    now = club.fresh(new)
    assert (now.discord_id, now.email, now.email_key, now.note) == (
        31, "Old@Example.org", "old@example.org", "from 2020",
    )  # fmt: skip
    assert club.fresh(old).discord_id is None
    assert club.db.read(access.own_member, Actor.discord(club.id, 31)).id == new.id
    assert_clean(club.db)


def test_what_the_successor_has_is_never_overwritten(club: Club) -> None:
    old = club.member("Old", email="old@example.org")
    new = club.member("New", email="new@example.org", discord_id=32)
    club.db.write(roster.edit, club.treasurer, new.id, note="mine")
    club.db.write(roster.edit, club.treasurer, old.id, note="theirs")
    assert merge(club, old, new).taken == ()
    now = club.fresh(new)
    assert (now.name, now.email, now.note, now.discord_id) == ("New", "new@example.org", "mine", 32)


def test_a_wish_for_the_merged_name_is_a_wish_for_the_successor(club: Club) -> None:
    old, new = club.member("Old"), club.member("New")
    club.record(old, 5)  # so that a reviewer has to decide
    asked = club.db.write(linking.request_link, Actor.discord(club.id, 77), old.id)
    merge(club, old, new)
    club.db.write(linking.approve, club.reviewer, asked.request.id)
    assert club.fresh(new).discord_id == 77
    assert club.fresh(old).discord_id is None
    undone = club.db.write(linking.undo, club.reviewer, asked.request.id)
    assert (undone.member.id, club.fresh(new).discord_id) == (new.id, None)


def test_what_waited_to_be_said_is_said_to_the_successor(club: Club) -> None:
    old = club.subscriber(club.plan())
    club.open()
    club.verify(club.submit(old))
    new = club.member()
    assert club.notices("payment_result") == [("payment_result", "member", old.id)]
    merge(club, old, new)
    assert club.notices("payment_result") == [("payment_result", "member", new.id)]
    to_person = [row.id for row in club.db.read(sending.due, 20) if row.target == "member"]
    sent = [club.db.write(sending.claim, notice_id) for notice_id in to_person]
    assert [one.user_id for one in sent if one is not None] == [club.fresh(new).discord_id]


def test_results_of_old_payments_are_told_to_the_successor(club: Club, pair: tuple[Member, Member]) -> None:
    old, new = pair
    payment = club.record(old, 300)
    merge(club, old, new)
    club.db.write(reversals.refund, club.treasurer, payment.id, club.money(300))
    assert club.notices("payment_result")[-1] == ("payment_result", "member", new.id)
    assert payable(club, new)
    assert_clean(club.db)


# --- chains --------------------------------------------------------------------------------------------


def test_a_chain_of_merges_ends_at_the_last(club: Club) -> None:
    plans = [club.plan(name, price) for name, price in (("A", 1), ("B", 20), ("C", 300))]
    one, two, three = (club.member(f"Entry {n}") for n in range(3))
    for member, plan in zip((one, two, three), plans, strict=True):
        club.subscribe(member, plan)
    club.open()
    merge(club, one, two)
    merge(club, two, three)
    assert [club.fresh(member).successor_id for member in (one, two)] == [three.id, three.id]
    for member in (one, two, three):
        assert sorted(payable(club, member)) == [1, 20, 300]
        assert current(club, member).id == three.id
    club.record(one, 321)
    assert payable(club, three) == []
    assert_clean(club.db)


def test_check_finds_a_successor_that_was_merged_itself(club: Club) -> None:
    one, two, three = club.member(), club.member(), club.member()
    merge(club, two, three)
    club.db.conn.execute("UPDATE members SET successor_id = ? WHERE id = ?", (two.id, one.id))
    assert [(p.rule, p.id) for p in problems(club.db)] == [("successor_counts", one.id)]


# --- what is refused -----------------------------------------------------------------------------------


def test_two_linked_entries_are_refused(club: Club) -> None:
    old, new = club.linked(), club.linked()
    with refused(club.db, errors.MergeBothLinked, member=old.label, into=new.label):
        merge(club, old, new)
    club.db.write(roster.unlink, club.treasurer, old.id)
    merge(club, old, new)


def test_two_who_hold_the_same_plan_are_refused(club: Club) -> None:
    plan = club.plan()
    old, new = club.member(), club.member()
    first, _ = club.subscribe(old, plan), club.subscribe(new, plan, "2026-03-01")
    with refused(club.db, errors.MergeSamePlan, plan="Base"):
        merge(club, old, new)
    club.db.write(subscriptions.end, club.treasurer, first.id, date(2026, 6, 30))
    with refused(club.db, errors.MergeSamePlan, plan="Base"):  # it runs to the end of the month
        merge(club, old, new)
    club.db.write(subscriptions.end, club.treasurer, first.id, date(2026, 6, 4))
    merge(club, old, new)
    assert_clean(club.db)


def test_one_seat_after_the_other_is_no_conflict(club: Club) -> None:
    plan = club.plan()
    old, new = club.member(), club.member()
    first, _ = club.subscribe(old, plan), club.subscribe(new, plan, "2026-07-01")
    club.db.write(subscriptions.end, club.treasurer, first.id, date(2026, 6, 30))
    merge(club, old, new)
    with refused(club.db, errors.DateTooLate, latest=date(2026, 6, 30)):
        club.db.write(subscriptions.end, club.treasurer, first.id, None)


@pytest.mark.parametrize("who", ["old", "new"])
def test_waiting_claims_of_either_are_refused(club: Club, who: str) -> None:
    linked, other = club.subscriber(club.plan()), club.member()
    club.open()
    payment = club.submit(linked)
    old, new = (linked, other) if who == "old" else (other, linked)
    with refused(club.db, errors.MergeClaimsWaiting, member=linked.label, count=1):
        merge(club, old, new)
    club.verify(payment)
    merge(club, old, new)


def test_entries_that_cannot_be_one_person_are_refused(club: Club) -> None:
    one, two, gone = club.member(), club.member(), club.member()
    with refused(club.db, errors.MergeWithItself, member=one.label):
        merge(club, one, one)
    club.db.write(roster.leave, club.treasurer, gone.id)
    with refused(club.db, errors.MemberLeft):
        merge(club, one, gone)
    merge(club, gone, two)  # whoever left and came back as somebody new
    with refused(club.db, errors.MemberMerged, member=gone.label, into=two.label):
        merge(club, gone, one)
    with refused(club.db, errors.MemberMerged, member=gone.label):
        merge(club, one, gone)


def test_other_clubs_and_lower_roles_are_refused(club: Club) -> None:
    other = Club.create(club.db, number=1)
    own, foreign = club.member(), other.member()
    for pair in ((own, foreign), (foreign, own)):
        with refused(club.db, errors.MemberUnknown):
            merge(club, *pair)
    second = club.member()
    with refused(club.db, errors.RoleNeeded, role="treasurer"):
        club.db.write(merging.merge, club.reviewer, own.id, second.id)


def test_a_preview_changes_nothing_and_an_outdated_one_is_not_confirmed(
    club: Club, pair: tuple[Member, Member]
) -> None:
    old, new = pair
    before = everything(club.db)
    shown = club.db.preview(merging.merge, club.treasurer, old.id, new.id)
    assert everything(club.db) == before
    club.record(new, 500)
    with pytest.raises(PreviewChanged) as changed:
        club.db.confirm(digest_of(shown), merging.merge, club.treasurer, old.id, new.id)
    assert (changed.value.result.credit_used, shown.credit_used) == (300, 0)
    assert club.fresh(old).successor_id is None


# --- the roster file -----------------------------------------------------------------------------------


def test_a_file_with_the_old_email_changes_the_successors_seats_only(club: Club) -> None:
    club.plan("Base")
    old = club.member("Old", email="old@example.org")
    new = club.member("New", email="new@example.org")
    merge(club, old, new)
    file = b"name,email,Base\nOld,OLD@example.org,TRUE\n"
    done = club.db.write(roster_import.import_roster, club.treasurer, file)
    assert (done.created, done.changed, [seat.member_id for seat in done.subscribed]) == ((), (), [new.id])
    assert club.fresh(new).email == "new@example.org"
    again = club.db.write(roster_import.import_roster, club.treasurer, file)
    assert again.changes_nothing


def test_both_entries_in_one_file_are_one_person_twice(club: Club) -> None:
    old = club.member("Old", email="old@example.org")
    new = club.member("New", email="new@example.org")
    merge(club, old, new)
    file = b"name,email\nNew,new@example.org\nOld,old@example.org\n"
    done = club.db.write(roster_import.import_roster, club.treasurer, file)
    assert [(note.line, note.code) for note in done.problems] == [(3, "same_member_again")]
    assert done.changes_nothing


def test_an_email_that_somebody_else_took_since_is_theirs(club: Club) -> None:
    old = club.member("Old", email="old@example.org")
    new = club.member("New", email="new@example.org")
    merge(club, old, new)
    third = club.member("Third", email="old@example.org")
    file = b"name,email\nThird Renamed,old@example.org\n"
    club.db.write(roster_import.import_roster, club.treasurer, file)
    assert (club.fresh(third).name, club.fresh(new).name) == ("Third Renamed", "New")


def test_a_name_alone_leads_from_the_merged_entry_to_its_successor(club: Club) -> None:
    club.plan("Base")
    old, new = club.member("Old Ann"), club.member("Ann")
    merge(club, old, new)
    done = club.db.write(roster_import.import_roster, club.treasurer, b"name,email,Base\nold ann,,TRUE\n")
    assert (done.created, done.changed, [seat.member_id for seat in done.subscribed]) == ((), (), [new.id])


def test_status_of_the_merged_entrys_bill_follows_the_successors_payment(
    club: Club, pair: tuple[Member, Member]
) -> None:
    old, new = pair
    merge(club, old, new)
    bill = next(bill for bill in club.bills(new) if bill.member_id == old.id)
    payment = club.submit(new, [bill])
    assert status(club, bill) == "paid"
    club.db.write(payments.reject, club.reviewer, payment.id, "no money")
    assert status(club, bill) == "rejected"
    assert bill.due_on == str(date(2026, 6, 5) + timedelta(days=club.workspace.due_days))
    assert_clean(club.db)
