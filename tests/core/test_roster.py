"""The roster: adding, editing, leaving, coming back, and finding people."""

from __future__ import annotations

from datetime import date

import pytest

from core import errors, linking, roster, subscriptions
from core.models import Actor
from tests.core.helpers import assert_clean, refused
from tests.factories import Club


def add(club: Club, name: str, **options):
    return club.db.write(roster.add_member, club.treasurer, name, **options)


def edit(club: Club, member, **changes):
    return club.db.write(roster.edit, club.treasurer, member.id, **changes)


def leave(club: Club, member, left_on=None):
    return club.db.write(roster.leave, club.treasurer, member.id, left_on)


def find(club: Club, query: str = "", **options):
    page = club.db.read(roster.find, club.auditor, query, **options)
    return [member.name for member in page.members]


# --- adding and editing -------------------------------------------------------------------------------------


def test_a_member_needs_a_name_only(club):
    member = add(club, "  王　小明 ")
    assert (member.name, member.email, member.note, member.discord_id) == ("王 小明", None, "", None)
    assert member.label == f"M-{member.id}"
    assert club.audits("member.") == ["member.add"]


def test_two_people_may_share_a_name_but_not_an_e_mail(club):
    first = add(club, "Ann", email="Ann@Club.example")
    add(club, "Ann")
    with refused(club.db, errors.EmailTaken, member=first.label):
        add(club, "Ann", email="ann@club.EXAMPLE")


def test_the_e_mail_is_kept_as_it_was_written(club):
    assert add(club, "Ann", email=" Ann@Club.example ").email == "Ann@Club.example"


def test_an_edit_tells_absent_from_blank(club):
    member = add(club, "Ann", email="a@x.tw", note="first")
    assert edit(club, member, name="Anne").member.email == "a@x.tw"
    cleared = edit(club, member, email="", note="")
    assert (cleared.member.name, cleared.member.email, cleared.member.note) == ("Anne", None, "")
    assert cleared.changed == ("email", "note")
    assert edit(club, member, email="b@x.tw").member.email == "b@x.tw"
    assert edit(club, member, email=None).member.email is None


def test_an_edit_that_changes_nothing_is_not_audited(club):
    member = add(club, "Ann", email="a@x.tw")
    assert edit(club, member, name="Ann", email="a@x.tw").changed == ()
    assert edit(club, member).changed == ()
    assert club.audits("member.edit") == []


def test_one_may_change_the_case_of_ones_own_e_mail_but_not_take_anothers(club):
    member, other = add(club, "Ann", email="a@x.tw"), add(club, "Bo", email="b@x.tw")
    assert edit(club, member, email="A@X.tw").changed == ("email",)
    with refused(club.db, errors.EmailTaken, member=other.label):
        edit(club, member, email="B@x.tw")


def test_the_audit_log_keeps_neither_names_nor_e_mails(club):
    member = add(club, "Extraordinary", email="secret@x.tw", note="private")
    edit(club, member, name="Unforgettable", email="hidden@x.tw", note="")
    leave(club, member)
    log = str(club.db.conn.execute("SELECT before_json, after_json FROM audit_log").fetchall())
    for word in ("Extraordinary", "Unforgettable", "secret", "hidden", "private"):
        assert word not in log


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"name": ""}, errors.FieldMissing, "name"),
        ({"name": "x" * 101}, errors.TextTooLong, "name"),
        ({"email": "nobody"}, errors.EmailInvalid, "email"),
        ({"email": "a@b"}, errors.EmailInvalid, "email"),
        ({"email": "a b@x.tw"}, errors.EmailInvalid, "email"),
        ({"note": "x" * 501}, errors.TextTooLong, "note"),
    ],
)
def test_impossible_texts_are_refused(club, changes, error, field):
    member = add(club, "Ann")
    with refused(club.db, error, field=field):
        edit(club, member, **changes)
    with refused(club.db, error, field=field):
        add(club, **{"name": "Bo", **changes})


# --- leaving and coming back --------------------------------------------------------------------------------


def test_leaving_ends_subscriptions_frees_the_account_and_keeps_the_history(club):
    plan = club.plan()
    member = club.subscriber(plan)
    club.open("2026-06")
    club.open("2026-07")
    account = club.fresh(member).discord_id
    gone = leave(club, member, "2026-06-04")
    assert gone.member.left_on == "2026-06-04"
    assert gone.unlinked == account
    assert len(gone.ended) == 1
    assert [bill.covers_from for bill in gone.affected] == ["2026-06-01", "2026-07-01"]
    assert len(club.bills(member)) == 2
    assert club.open("2026-08").bills == 0
    club.link(club.member(), account)
    assert_clean(club.db)


def test_what_would_have_begun_later_never_begins(club):
    plan, member = club.plan(), club.member()
    club.subscribe(member, plan, "2026-09-01")
    leave(club, member)
    row = club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription
    assert row.ends_on == "2026-08-31"
    assert club.open("2026-09").bills == 0


def test_leaving_ends_what_waits_for_the_name(club):
    member = club.member()
    asked = club.db.write(linking.request_link, Actor.discord(club.id, 5), member.id)
    leave(club, member)
    with refused(club.db, errors.LinkDecided):
        club.db.write(linking.approve, club.reviewer, asked.request.id)


def test_leaving_twice_changes_nothing_the_second_time(club):
    member = club.member()
    leave(club, member, "2026-06-01")
    assert leave(club, member).member.left_on == "2026-06-01"
    assert club.audits("member.leave") == ["member.leave"]


def test_nobody_leaves_in_the_future(club):
    member = club.member()
    with refused(club.db, errors.DateTooLate, field="left_on", latest=date(2026, 6, 5)):
        leave(club, member, "2026-06-06")
    with refused(club.db, errors.InvalidDate, field="left_on"):
        leave(club, member, "2026-06-31")


def test_today_is_the_clubs_today(db, clock):
    # 23:30 UTC on 5 June is 6 June in Taipei already, and still 5 June in New York.
    clock.advance(hours=22, minutes=30)
    taipei, york = Club.create(db), Club.create(db, number=1, timezone="America/New_York")
    assert leave(taipei, taipei.member()).member.left_on == "2026-06-06"
    assert leave(york, york.member()).member.left_on == "2026-06-05"


def test_coming_back_revives_no_subscription_and_no_account(club):
    member = club.subscriber(club.plan())
    leave(club, member, "2026-06-04")
    back = club.db.write(roster.rejoin, club.treasurer, member.id)
    assert (back.left_on, back.discord_id) == (None, None)
    assert club.open("2026-07").bills == 0
    club.db.write(roster.rejoin, club.treasurer, member.id)
    assert club.audits("member.rejoin") == ["member.rejoin"]


# --- accounts -----------------------------------------------------------------------------------------------


def test_the_treasurer_moves_a_member_to_another_account_and_parts_them(club):
    member = club.linked()
    moved = club.db.write(roster.move_account, club.treasurer, member.id, 77)
    assert moved.discord_id == 77
    assert club.db.write(roster.unlink, club.treasurer, member.id).discord_id is None
    club.db.write(roster.unlink, club.treasurer, member.id)
    assert club.audits("member.account") == ["member.account"] * 3


def test_an_account_holds_one_name(club):
    member, other = club.linked("Ann"), club.member()
    with refused(club.db, errors.AccountTaken, name="Ann"):
        club.db.write(roster.move_account, club.treasurer, other.id, member.discord_id)


def test_linking_by_the_treasurer_answers_what_the_account_had_asked_for(club):
    wanted, other = club.member(), club.member()
    first, second = Actor.discord(club.id, 5), Actor.discord(club.id, 6)
    for actor in (first, second):
        club.db.write(linking.request_link, actor, wanted.id)
    club.db.write(roster.move_account, club.treasurer, wanted.id, 5)
    club.db.write(roster.move_account, club.treasurer, other.id, 6)
    rows = club.db.conn.execute("SELECT discord_id, status FROM link_requests ORDER BY id").fetchall()
    assert rows == [(5, "approved"), (6, "declined")]


def test_who_left_gets_no_account(club):
    member = club.member("Ann")
    leave(club, member)
    with refused(club.db, errors.MemberLeft, member="Ann"):
        club.db.write(roster.move_account, club.treasurer, member.id, 5)


# --- finding ------------------------------------------------------------------------------------------------


def test_people_are_found_by_number_or_a_part_of_the_name(club):
    ann, bo = add(club, "Ann Lee"), add(club, "王小明")
    assert find(club, ann.label) == ["Ann Lee"]
    assert find(club, f" m-{bo.id} ") == ["王小明"]
    assert find(club, "LEE") == ["Ann Lee"]
    assert find(club, "ＬＥＥ") == ["Ann Lee"]
    assert find(club, "小明") == ["王小明"]
    assert find(club, "nobody") == []
    assert find(club, "M-999999") == []


def test_signs_of_a_pattern_are_plain_text(club):
    add(club, "100% sure"), add(club, "under_score"), add(club, "Ann")
    assert find(club, "%") == ["100% sure"]
    assert find(club, "_") == ["under_score"]


def test_long_lists_come_in_pages_with_their_total(club):
    names = [add(club, f"Member {n}").name for n in range(7)]
    page = club.db.read(roster.find, club.auditor, "", limit=3, offset=3)
    assert [member.name for member in page.members] == names[3:6]
    assert page.total == 7


def test_who_left_is_found_only_when_asked_for(club):
    member = add(club, "Ann")
    leave(club, member)
    assert find(club, "Ann") == find(club, member.label) == []
    assert find(club, "Ann", with_left=True) == find(club, member.label, with_left=True) == ["Ann"]


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": 101}, {"offset": -1}])
def test_an_impossible_page_is_refused(club, options):
    with refused(club.db, errors.NumberOutOfRange):
        club.db.read(roster.find, club.auditor, "", **options)


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_the_roster_is_the_treasurers(club, who):
    member, actor = club.member(), getattr(club, who)
    for fn, args in (
        (roster.add_member, ("Bo",)),
        (roster.edit, (member.id,)),
        (roster.leave, (member.id,)),
        (roster.rejoin, (member.id,)),
        (roster.unlink, (member.id,)),
        (roster.move_account, (member.id, 5)),
    ):
        with refused(club.db, errors.RoleNeeded, role="treasurer"):
            club.db.write(fn, actor, *args)


def test_members_do_not_read_the_roster(club):
    member = club.as_member(club.linked())
    with refused(club.db, errors.RoleNeeded, role="auditor"):
        club.db.read(roster.find, member)


def test_another_clubs_member_is_not_there(db):
    here, there = Club.create(db), Club.create(db, number=1)
    member = there.linked("Theirs")
    for fn, args in (
        (roster.edit, (member.id,)),
        (roster.leave, (member.id,)),
        (roster.rejoin, (member.id,)),
        (roster.unlink, (member.id,)),
        (roster.move_account, (member.id, 5)),
    ):
        with refused(db, errors.MemberUnknown):
            db.write(fn, here.treasurer, *args)
    assert find(here, member.label) == find(here, "Theirs") == []
    # One account may hold a name in each club.
    assert db.write(roster.move_account, here.treasurer, here.member().id, member.discord_id)
