"""Linking a Discord account to a name: who has it at once, who must wait, and what undoing takes back."""

from __future__ import annotations

import json
import threading

import pytest

from core import errors, linking, payments, roster
from core.db import LocalDatabase
from core.models import Actor
from tests.core.helpers import assert_clean, refused
from tests.factories import Club


def person(club: Club, discord_id: int) -> Actor:
    return Actor.discord(club.id, discord_id)


def ask(club: Club, discord_id: int, member):
    return club.db.write(linking.request_link, person(club, discord_id), member.id)


def dispute(club: Club, discord_id: int, member):
    return club.db.write(linking.dispute, person(club, discord_id), member.id)


def approve(club: Club, outcome):
    return club.db.write(linking.approve, club.reviewer, outcome.request.id)


def undo(club: Club, outcome):
    return club.db.write(linking.undo, club.reviewer, outcome.request.id)


def told(club: Club) -> list[tuple[int, str]]:
    """Whom the outbox tells which answer."""
    rows = club.db.conn.execute(
        "SELECT target_id, params FROM notices WHERE kind = 'link_result' AND target = 'user' ORDER BY id"
    ).fetchall()
    return [(account, json.loads(params)["status"]) for account, params in rows]


def cards(club: Club) -> int:
    return len(club.notices("link_card"))


# --- choosing -----------------------------------------------------------------------------------------------


def test_a_short_list_shows_every_name_that_is_free_and_a_long_one_none(club):
    for number in range(25):
        club.member(f"Member {number}")
    club.linked("Linked")
    shown = club.db.read(linking.all_candidates, club.id)
    assert [candidate.name for candidate in shown] == [f"Member {number}" for number in range(25)]
    club.member("One more")
    assert club.db.read(linking.all_candidates, club.id) is None


def test_a_search_shows_free_names_and_nothing_else_about_people(club):
    ann = club.member("Ann Lee", email="ann@x.tw")
    club.linked("Ann Linked")
    gone = club.member("Ann Gone")
    club.db.write(roster.leave, club.treasurer, gone.id)
    found = club.db.read(linking.candidates, club.id, "aNN")
    assert found == [linking.Candidate(ann.id, "Ann Lee")]
    assert found[0].label == ann.label
    assert club.db.read(linking.candidates, club.id, "x.tw") == []


@pytest.mark.parametrize("query", ["", "a", " a ", "王"])
def test_a_search_needs_two_characters(club, query):
    with refused(club.db, errors.SearchTooShort, least=2):
        club.db.read(linking.candidates, club.id, query)


def test_a_search_stops_at_its_limit_and_takes_signs_as_they_are(club):
    for number in range(30):
        club.member(f"100% {number}")
    assert len(club.db.read(linking.candidates, club.id, "0%")) == 25
    assert len(club.db.read(linking.candidates, club.id, "0%", 3)) == 3
    assert club.db.read(linking.candidates, club.id, "__") == []


def test_whose_name_was_taken_searches_among_taken_names(club):
    club.member("Ann Free")
    taken = club.linked("Ann Taken")
    found = club.db.read(linking.candidates, club.id, "ann", taken=True)
    assert [candidate.member_id for candidate in found] == [taken.id]


def test_no_club_shows_anothers_names(db):
    here, there = Club.create(db), Club.create(db, number=1)
    there.member("Theirs")
    assert db.read(linking.all_candidates, here.id) == []
    assert db.read(linking.candidates, here.id, "theirs") == []


# --- the policy "approve" -----------------------------------------------------------------------------------


def test_a_reviewer_confirms_before_the_link_takes_effect(club):
    member = club.member()
    asked = ask(club, 5, member)
    assert (asked.status, asked.request.status, asked.member.discord_id) == ("waiting", "waiting", None)
    assert cards(club) == 1
    approved = approve(club, asked)
    assert approved.member.discord_id == 5
    assert approved.request.decided_by == club.reviewer.text
    assert told(club) == [(5, "approved")]
    assert club.audits("link.") == ["link.request", "link.approved"]


def test_a_declined_request_leaves_the_name_free_and_may_be_asked_again(club):
    member = club.member()
    declined = club.db.write(linking.decline, club.reviewer, ask(club, 5, member).request.id)
    assert (declined.request.status, declined.member.discord_id) == ("declined", None)
    assert told(club) == [(5, "declined")]
    assert ask(club, 5, member).status == "waiting"


def test_asking_twice_waits_for_the_first_answer(club):
    member, other = club.member("Ann"), club.member("Bo")
    ask(club, 5, member)
    for wanted in (member, other):
        with refused(club.db, errors.LinkWaiting, name="Ann"):
            ask(club, 5, wanted)


def test_whoever_asked_for_the_wrong_name_takes_it_back(club):
    wrong, right = club.member("Ann"), club.member("Bo")
    asked = ask(club, 5, wrong)
    assert club.db.write(linking.take_back, person(club, 5)).status == "undone"
    assert told(club) == []
    assert club.db.write(linking.take_back, person(club, 5)) is None
    with refused(club.db, errors.LinkDecided):
        approve(club, asked)
    assert ask(club, 5, right).status == "waiting"


def test_two_people_may_ask_for_a_name_and_one_gets_it(club):
    member = club.member("Ann")
    first, second = ask(club, 5, member), ask(club, 6, member)
    approve(club, first)
    with refused(club.db, errors.NameTaken, name="Ann"):
        approve(club, second)
    assert club.db.write(linking.decline, club.reviewer, second.request.id).request.status == "declined"


def test_a_decision_is_made_once(club):
    asked = ask(club, 5, club.member())
    approve(club, asked)
    for act in (linking.approve, linking.decline):
        with refused(club.db, errors.LinkDecided):
            club.db.write(act, club.reviewer, asked.request.id)


def test_who_left_meanwhile_is_not_linked(club):
    member = club.member()
    asked = ask(club, 5, member)
    club.db.conn.execute("UPDATE members SET left_on = '2026-06-01' WHERE id = ?", (member.id,))
    with refused(club.db, errors.MemberUnknown):
        approve(club, asked)


def test_an_account_that_got_another_name_meanwhile_is_not_linked_twice(club):
    asked = ask(club, 5, club.member())
    club.db.conn.execute("UPDATE members SET discord_id = 5 WHERE id = ?", (club.member("Bo").id,))
    with refused(club.db, errors.AccountTaken, name="Bo"):
        approve(club, asked)


# --- the policy "open" --------------------------------------------------------------------------------------


@pytest.fixture
def open_club(club):
    club.set(link_policy="open")
    return club


def test_a_name_without_bill_history_is_linked_at_once_with_a_card(open_club):
    asked = ask(open_club, 5, open_club.member())
    assert (asked.status, asked.request.status, asked.member.discord_id) == ("linked", "approved", 5)
    assert cards(open_club) == 1
    assert told(open_club) == []


def test_a_name_with_bills_or_payments_still_waits_for_a_reviewer(open_club):
    billed, paid = open_club.member(), open_club.member()
    open_club.subscribe(billed, open_club.plan())
    open_club.open("2026-06")
    open_club.opening_balance(paid, -100)
    assert ask(open_club, 5, billed).status == "waiting"
    assert ask(open_club, 6, paid).status == "waiting"


def test_a_name_that_somebody_waits_for_is_not_given_to_the_next_one_at_once(open_club):
    member = open_club.member()
    open_club.set(link_policy="approve")
    ask(open_club, 5, member)
    open_club.set(link_policy="open")
    assert ask(open_club, 6, member).status == "waiting"


def test_who_is_linked_or_wants_a_taken_name_is_told_so(open_club):
    mine, free = open_club.member("Ann"), open_club.member("Bo")
    ask(open_club, 5, mine)
    with refused(open_club.db, errors.AlreadyLinked, name="Ann"):
        ask(open_club, 5, free)
    with refused(open_club.db, errors.NameTaken, name="Ann"):
        ask(open_club, 6, mine)


def test_a_race_for_a_name_has_one_winner_and_one_clear_answer(open_club, db_path, clock):
    member = open_club.member("Ann")
    start, outcomes = threading.Barrier(4), []

    def race(discord_id: int) -> None:
        with LocalDatabase(db_path, clock) as own:
            start.wait()
            try:
                outcomes.append(
                    own.write(linking.request_link, person(open_club, discord_id), member.id).status
                )
            except errors.DomainError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=race, args=(50 + n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["linked", "name_taken", "name_taken", "name_taken"]


def test_one_account_racing_for_two_names_gets_one(open_club, db_path, clock):
    names = [open_club.member("Ann"), open_club.member("Bo")]
    start, outcomes = threading.Barrier(2), []

    def race(member) -> None:
        with LocalDatabase(db_path, clock) as own:
            start.wait()
            try:
                outcomes.append(own.write(linking.request_link, person(open_club, 5), member.id).status)
            except errors.DomainError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=race, args=(member,)) for member in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_linked", "linked"]


# --- undoing ------------------------------------------------------------------------------------------------


def test_undoing_frees_the_name_and_withdraws_what_the_account_claimed_and_waits(club):
    plan = club.plan()
    member = club.member()
    club.subscribe(member, plan)
    club.open("2026-05")
    club.open("2026-06")
    asked = ask(club, 5, member)
    approve(club, asked)
    june, may = club.bills(member)
    decided, waiting = club.submit(member, [may]), club.submit(member, [june])
    club.verify(decided)
    undone = undo(club, asked)
    assert undone.member.discord_id is None
    assert undone.request.status == "undone"
    assert [payment.id for payment in undone.withdrawn] == [waiting.id]
    assert club.payment(waiting).status == "withdrawn"
    assert club.payment(decided).status == "verified"
    assert [bill.status for bill in club.bills(member)] == ["pending", "verified"]
    assert told(club)[-1] == (5, "undone")
    assert_clean(club.db)


def test_undoing_leaves_what_a_reviewer_submitted_for_the_member(club):
    member = club.member()
    club.subscribe(member, club.plan())
    club.open("2026-06")
    asked = ask(club, 5, member)
    approve(club, asked)
    ids = [bill.id for bill in club.bills(member)]
    theirs = club.db.write(
        payments.submit, club.reviewer, ids, request_id="for-them", member_id=member.id
    ).payment
    assert undo(club, asked).withdrawn == ()
    assert club.payment(theirs).status == "submitted"


def test_only_what_is_linked_by_the_request_can_be_undone(club):
    member = club.member("Ann")
    asked = ask(club, 5, member)
    with refused(club.db, errors.LinkDecided):
        undo(club, asked)
    approve(club, asked)
    club.db.write(roster.move_account, club.treasurer, member.id, 6)
    with refused(club.db, errors.LinkGone, name="Ann"):
        undo(club, asked)


def test_undoing_twice_is_refused(club):
    asked = ask(club, 5, club.member())
    approve(club, asked)
    undo(club, asked)
    with refused(club.db, errors.LinkDecided):
        undo(club, asked)


# --- "somebody took my name" --------------------------------------------------------------------------------


def test_a_dispute_reaches_the_reviewers_and_changes_nothing_yet(club):
    member = club.linked()
    raised = dispute(club, 5, member)
    assert (raised.status, raised.request.kind) == ("waiting", "dispute")
    assert cards(club) == 1
    assert club.fresh(member).discord_id == member.discord_id


def test_a_dispute_that_is_right_moves_the_name_and_tells_both(club):
    member = club.member()
    club.subscribe(member, club.plan())
    club.open("2026-06")
    approve(club, ask(club, 5, member))
    claim = club.submit(member)
    raised = dispute(club, 6, member)
    given = club.db.write(linking.resolve_dispute, club.reviewer, raised.request.id, give=True)
    assert given.member.discord_id == 6
    assert [payment.id for payment in given.withdrawn] == [claim.id]
    assert told(club) == [(5, "approved"), (5, "undone"), (6, "approved")]
    assert club.audits("dispute.") == ["dispute.request", "dispute.approved"]
    assert_clean(club.db)


def test_who_held_a_name_by_the_treasurers_hand_is_told_too(club):
    member = club.linked()
    raised = dispute(club, 6, member)
    club.db.write(linking.resolve_dispute, club.reviewer, raised.request.id, give=True)
    assert told(club) == [(member.discord_id, "undone"), (6, "approved")]


def test_a_dispute_that_is_wrong_leaves_the_name_where_it_is(club):
    member = club.linked()
    raised = dispute(club, 5, member)
    kept = club.db.write(linking.resolve_dispute, club.reviewer, raised.request.id, give=False)
    assert (kept.request.status, kept.member.discord_id) == ("declined", member.discord_id)
    assert told(club) == [(5, "declined")]


def test_a_dispute_about_a_name_that_is_free_meanwhile_simply_links_it(club):
    member = club.linked()
    raised = dispute(club, 5, member)
    club.db.write(roster.unlink, club.treasurer, member.id)
    given = club.db.write(linking.resolve_dispute, club.reviewer, raised.request.id, give=True)
    assert given.member.discord_id == 5


def test_giving_a_disputed_name_ends_what_the_asker_waits_for_elsewhere(club):
    member, other = club.linked(), club.member()
    waiting = ask(club, 5, other)
    raised = dispute(club, 5, member)
    club.db.write(linking.resolve_dispute, club.reviewer, raised.request.id, give=True)
    with refused(club.db, errors.LinkDecided):
        approve(club, waiting)


def test_a_dispute_needs_a_taken_name_and_an_account_without_one(club):
    taken, free = club.linked("Ann"), club.member("Bo")
    with refused(club.db, errors.NameFree, name="Bo"):
        dispute(club, 5, free)
    with refused(club.db, errors.AlreadyLinked, name="Ann"):
        dispute(club, taken.discord_id, taken)
    dispute(club, 5, taken)
    with refused(club.db, errors.LinkWaiting, name="Ann"):
        dispute(club, 5, taken)


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["auditor", "stranger"])
def test_decisions_are_the_reviewers(club, who):
    actor = getattr(club, who)
    asked, raised = ask(club, 5, club.member()), dispute(club, 6, club.linked())
    for fn in (linking.approve, linking.decline, linking.undo):
        with refused(club.db, errors.RoleNeeded, role="reviewer"):
            club.db.write(fn, actor, asked.request.id)
    with refused(club.db, errors.RoleNeeded, role="reviewer"):
        club.db.write(linking.resolve_dispute, actor, raised.request.id, give=True)


def test_whoever_asks_does_not_approve_it_themselves(club):
    asked = ask(club, 5, club.member())
    with refused(club.db, errors.RoleNeeded):
        club.db.write(linking.approve, person(club, 5), asked.request.id)


def test_a_request_is_not_a_dispute_and_unknown_ones_are_not_there(club):
    asked, raised = ask(club, 5, club.member()), dispute(club, 6, club.linked())
    with refused(club.db, errors.LinkRequestUnknown):
        club.db.write(linking.resolve_dispute, club.reviewer, asked.request.id, give=True)
    for fn in (linking.approve, linking.decline, linking.undo):
        for number in (raised.request.id, 10**6):
            with refused(club.db, errors.LinkRequestUnknown):
                club.db.write(fn, club.reviewer, number)


def test_what_belongs_to_another_club_is_not_there(db):
    here, there = Club.create(db), Club.create(db, number=1)
    free, taken = there.member(), there.linked()
    with refused(db, errors.MemberUnknown):
        ask(here, 5, free)
    with refused(db, errors.MemberUnknown):
        dispute(here, 5, taken)
    asked = ask(there, 5, free)
    for fn in (linking.approve, linking.decline, linking.undo):
        with refused(db, errors.LinkRequestUnknown):
            db.write(fn, here.reviewer, asked.request.id)


def test_only_a_discord_account_can_be_linked(club):
    member = club.member()
    with refused(club.db, errors.DiscordIdInvalid):
        club.db.write(linking.request_link, club.operator, member.id)
