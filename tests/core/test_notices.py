"""The outbox: what is queued, what is due, and what every ending does to a notice."""

from __future__ import annotations

import pytest

from core import notices, payments, sending
from core.db import LocalDatabase
from core.errors import NoticeUnknown
from core.models import Member, Notice
from core.sending import Attempt
from core.store import notices as rows
from tests.factories import Club
from tests.fakes import FixedClock


@pytest.fixture
def ready(club: Club) -> Club:
    """A club with its channels."""
    club.set(announce_channel_id=11, review_channel_id=22, admin_channel_id=33)
    club.db.conn.execute("DELETE FROM notices")  # the admin log tells of that change
    return club


def tell_admins(club: Club, key: str = "k") -> int:
    club.db.write(notices.for_admins, club.workspace, "job_failed", key, {})
    found = club.db.read(lambda tx: rows.by_key(tx.conn, f"w{club.id}:job_failed:{key}"))
    assert found is not None
    return found.id


def get(club: Club, notice_id: int) -> Notice:
    found = club.db.read(lambda tx: rows.get(tx.conn, notice_id))
    assert found is not None
    return found


def claim(club: Club, notice_id: int) -> Attempt:
    attempt = club.db.write(sending.claim, notice_id)
    assert attempt is not None
    return attempt


def due(club: Club) -> list[int]:
    return [row.id for row in club.db.read(sending.due, 100)]


def member_with_bill(club: Club) -> Member:
    member = club.subscriber(club.plan())
    club.open()
    return member


def no_more_due(club: Club) -> None:
    club.db.conn.execute("UPDATE notices SET status = 'sent' WHERE status = 'waiting'")


# --- queueing ---


def test_the_same_thing_is_said_once(ready: Club):
    first = tell_admins(ready)
    assert tell_admins(ready) == first
    assert len(ready.notices()) == 1


def test_keys_of_two_clubs_never_meet(ready: Club, db: LocalDatabase):
    other = Club.create(db, number=1)
    assert tell_admins(ready) != tell_admins(other)


def test_a_card_asked_for_again_waits_again_with_its_newest_state(ready: Club):
    member = member_with_bill(ready)
    payment = ready.submit(member)
    [card] = [row for row in ready.db.read(sending.due, 100) if row.target == "review"]
    attempt = claim(ready, card.id)
    ready.db.write(sending.mark_part_sent, attempt.notice, 0, 22, 5, last=True)
    assert get(ready, card.id).status == "sent"
    ready.verify(payment)
    again = get(ready, card.id)
    assert (again.status, again.revision, again.attempts) == ("waiting", 2, 0)
    assert ready.db.read(sending.shown_at, again, 0) == (22, 5)


# --- being due ---


def test_without_a_channel_nothing_is_due_until_one_is_chosen(club: Club):
    notice_id = tell_admins(club)
    assert due(club) == []
    assert club.db.read(sending.count_due) == 0
    assert club.db.write(sending.claim, notice_id) is None
    club.set(review_channel_id=22)
    assert due(club) == [notice_id]
    assert claim(club, notice_id).channel_id == 22, "admins without a channel are told with the reviewers"
    no_more_due(club)


def test_what_is_claimed_is_not_due_again_at_once(ready: Club, clock: FixedClock):
    notice_id = tell_admins(ready)
    attempt = claim(ready, notice_id)
    assert (attempt.doubt, attempt.channel_id, attempt.user_id) == ("none", 33, 0)
    assert due(ready) == []
    assert ready.db.write(sending.claim, notice_id) is None
    assert get(ready, notice_id).attempted_at is not None


def test_what_is_busy_is_left_out(ready: Club):
    first, second = tell_admins(ready, "a"), tell_admins(ready, "b")
    assert [row.id for row in ready.db.read(sending.due, 100, {first})] == [second]


def test_after_a_crash_it_is_in_doubt(ready: Club, clock: FixedClock):
    notice_id = tell_admins(ready)
    claim(ready, notice_id)
    clock.advance(seconds=110)
    assert claim(ready, notice_id).doubt == "nonce"
    clock.advance(seconds=121)
    assert claim(ready, notice_id).doubt == "search"


# --- endings ---


def test_a_refusal_is_tried_again_ever_less_often_and_then_fails(ready: Club, clock: FixedClock):
    notice_id = tell_admins(ready)
    waits = []
    while get(ready, notice_id).status == "waiting":
        before = clock.now()
        while not due(ready):
            clock.advance(seconds=1)
        waits.append((clock.now() - before).total_seconds())
        ready.db.write(sending.mark_refused, claim(ready, notice_id).notice, "50013", final=False)
    assert waits == sorted(waits)
    assert len(waits) == sending.GIVE_UP_AFTER
    failed = get(ready, notice_id)
    assert (failed.status, failed.error, failed.attempted_at) == ("failed", "50013", None)


def test_a_final_refusal_fails_at_once_and_can_be_sent_after_all(ready: Club):
    notice_id = tell_admins(ready)
    ready.db.write(sending.mark_refused, claim(ready, notice_id).notice, "50035", final=True)
    assert get(ready, notice_id).status == "failed"
    ready.db.write(sending.retry, ready.id, get(ready, notice_id).id)
    assert due(ready) == [notice_id]
    with pytest.raises(NoticeUnknown):
        ready.db.write(sending.retry, ready.id, get(ready, notice_id).id)


def test_another_club_cannot_retry_it(ready: Club, db: LocalDatabase):
    notice_id = tell_admins(ready)
    ready.db.write(sending.mark_refused, claim(ready, notice_id).notice, "50035", final=True)
    with pytest.raises(NoticeUnknown):
        ready.db.write(sending.retry, Club.create(db, number=1).id, get(ready, notice_id).id)


def test_an_outage_of_any_length_is_waited_out(ready: Club, clock: FixedClock):
    notice_id = tell_admins(ready)
    for _ in range(100):
        attempt = claim(ready, notice_id)
        ready.db.write(sending.mark_delayed, attempt.notice, "network", may_have_arrived=False)
        clock.advance(minutes=2)
    assert due(ready) == [notice_id]
    ready.db.write(sending.mark_refused, claim(ready, notice_id).notice, "50013", final=False)
    assert get(ready, notice_id).status == "waiting", "the outage cost no attempts"


def test_a_lost_answer_leaves_a_doubt_and_a_given_one_does_not(ready: Club, clock: FixedClock):
    lost, given = tell_admins(ready), tell_admins(ready, "k2")
    ready.db.write(sending.mark_delayed, claim(ready, lost).notice, "502", may_have_arrived=True)
    ready.db.write(sending.mark_delayed, claim(ready, given).notice, "429", may_have_arrived=False)
    clock.advance(minutes=5)
    assert claim(ready, lost).doubt == "search"
    assert claim(ready, given).doubt == "none"


def test_a_doubt_stays_with_its_first_instant_until_a_part_is_confirmed(ready: Club, clock: FixedClock):
    notice_id = tell_admins(ready)
    claim(ready, notice_id)  # and killed: it may have arrived
    first = get(ready, notice_id).attempted_at
    endings = (
        lambda notice: ready.db.write(sending.mark_delayed, notice, "429", may_have_arrived=False),
        lambda notice: ready.db.write(sending.mark_delayed, notice, "502", may_have_arrived=True),
        lambda notice: ready.db.write(sending.mark_refused, notice, "403", final=False),
        lambda notice: ready.db.write(sending.mark_waiting, notice, "dm_closed"),
    )
    for ending in endings:
        clock.advance(days=2)
        attempt = claim(ready, notice_id)
        assert (attempt.doubt, attempt.notice.attempted_at) == ("search", first)
        ending(attempt.notice)
    clock.advance(days=2)
    attempt = claim(ready, notice_id)
    ready.db.write(sending.mark_part_sent, attempt.notice, 0, 33, 1, last=False)
    ready.db.write(sending.mark_delayed, attempt.notice, "429", may_have_arrived=False)
    clock.advance(days=2)
    assert claim(ready, notice_id).doubt == "none", "what may have arrived did, and the next part did not"


def test_an_undecidable_one_is_shown_to_admins_once(ready: Club):
    notice_id = tell_admins(ready)
    attempt = claim(ready, notice_id)
    ready.db.write(sending.mark_unknown, attempt.notice)
    assert get(ready, notice_id).status == "unknown"
    assert ready.notices("notice_unknown") == [("notice_unknown", "admin", 0)]


def test_parts_are_counted_one_by_one(ready: Club):
    attempt = claim(ready, tell_admins(ready))
    ready.db.write(sending.mark_part_sent, attempt.notice, 0, 33, 1, last=False)
    assert get(ready, attempt.notice.id).status == "waiting"
    assert ready.db.read(sending.parts_sent, attempt.notice) == 1
    ready.db.write(sending.mark_part_sent, attempt.notice, 1, 33, 2, last=True)
    sent = get(ready, attempt.notice.id)
    assert (sent.status, sent.parts_sent) == ("sent", 2)
    assert ready.db.read(sending.shown_at, sent, 1) == (33, 2)


def test_nothing_left_to_say_is_sent_or_obsolete(ready: Club):
    started, never = claim(ready, tell_admins(ready, "a")), claim(ready, tell_admins(ready, "b"))
    ready.db.write(sending.mark_part_sent, started.notice, 0, 33, 1, last=False)
    ready.db.write(sending.mark_over, started.notice)
    ready.db.write(sending.mark_over, never.notice)
    assert [get(ready, found.notice.id).status for found in (started, never)] == ["sent", "obsolete"]


# --- closed direct messages ---


def test_it_waits_for_the_member_to_come_by(ready: Club, clock: FixedClock):
    member = member_with_bill(ready)
    ready.verify(ready.submit(member))
    [notice_id] = [row.id for row in ready.db.read(sending.due, 100) if row.target == "member"]
    attempt = claim(ready, notice_id)
    assert attempt.user_id == member.discord_id
    ready.db.write(sending.mark_waiting, attempt.notice, "dm_closed")
    clock.advance(hours=20)
    assert notice_id not in due(ready)
    ready.db.write(sending.wake_member, member.id)
    assert notice_id in due(ready)


def test_what_waits_for_an_account_wakes_with_its_member(ready: Club, clock: FixedClock):
    member = ready.member()
    ready.link(member, 777)
    [notice_id] = [row.id for row in ready.db.read(sending.due, 100) if row.target == "user"]
    ready.db.write(sending.mark_waiting, claim(ready, notice_id).notice, "dm_closed")
    ready.db.write(sending.wake_member, member.id)
    assert notice_id in due(ready)


def test_a_private_thread_is_remembered_for_each_club(ready: Club, db: LocalDatabase):
    other = Club.create(db, number=1)
    for club, thread in ((ready, 1), (other, 2), (ready, 3)):
        db.write(sending.remember_thread, club.workspace, 777, thread)
    found = [db.read(sending.thread_of, club.workspace, 777) for club in (ready, other)]
    assert found == [3, 2]
    db.write(sending.remember_thread, ready.workspace, 777, None)
    assert db.read(sending.thread_of, ready.workspace, 777) is None


# --- no longer wanted ---


def test_a_reminder_of_what_was_paid_meanwhile_is_obsolete(ready: Club):
    member = member_with_bill(ready)
    no_more_due(ready)
    bill = ready.bills(member)[0]
    notice_id = ready.db.write(notices.overdue_list, ready.workspace, "k", [bill.id])
    assert notice_id is not None
    ready.submit(member)
    assert ready.db.write(sending.claim, notice_id) is None
    assert get(ready, notice_id).status == "obsolete"


def test_what_was_said_of_a_month_is_obsolete_when_that_month_is_something_else_by_now(ready: Club):
    member = member_with_bill(ready)
    no_more_due(ready)
    ready.db.write(notices.opened, ready.workspace, 1, "2026-06", 1)
    ready.db.conn.execute("UPDATE notices SET status = 'waiting' WHERE kind = 'opened'")
    ready.db.write(notices.added_to_period, ready.workspace, 1, 7, [member.id])
    ready.db.write(notices.closed, ready.workspace, 1, 8)
    ids = dict(ready.db.conn.execute("SELECT kind, id FROM notices WHERE status = 'waiting'").fetchall())
    wanted = {
        "draft": set(),
        "open": {"opened", "added"},
        "closed": {"closed"},
    }
    for status, kinds in wanted.items():
        ready.db.conn.execute("UPDATE billing_periods SET status = ?", (status,))
        said = {
            kind for kind, number in ids.items() if ready.db.read(sending.still_wanted, get(ready, number))
        }
        assert said == kinds, status
    assert ready.db.write(sending.claim, ids["opened"]) is None
    assert get(ready, ids["opened"]).status == "obsolete"


def test_old_news_is_obsolete_but_a_card_never(ready: Club, clock: FixedClock):
    member = member_with_bill(ready)
    payment = ready.submit(member)
    word = tell_admins(ready)
    clock.advance(days=15)
    assert ready.db.write(sending.claim, word) is None
    assert get(ready, word).status == "obsolete"
    [card] = [row for row in ready.db.read(sending.due, 100) if row.target == "review"]
    assert claim(ready, card.id).notice.subject_id == payment.id


def test_a_result_for_somebody_without_an_account_is_obsolete(ready: Club):
    member = member_with_bill(ready)
    payment = ready.submit(member)
    ready.db.write(payments.reject, ready.reviewer, payment.id, "not arrived")
    [notice_id] = [row.id for row in ready.db.read(sending.due, 100) if row.target == "member"]
    ready.db.conn.execute("UPDATE members SET discord_id = NULL")
    assert ready.db.write(sending.claim, notice_id) is None
    assert get(ready, notice_id).status == "obsolete"


def test_looking_for_what_is_due_uses_the_index(ready: Club):
    statements: list[str] = []
    ready.db.conn.set_trace_callback(statements.append)
    due(ready)
    ready.db.conn.set_trace_callback(None)
    [query] = [text for text in statements if "json_each" in text]
    plan = ready.db.conn.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert any("notices_waiting" in step[3] for step in plan), plan
