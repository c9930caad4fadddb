"""Undoing a roster import: everything goes back, but for what somebody touched since; that is named."""

from __future__ import annotations

from datetime import date

import pytest

from core import (
    closing,
    corrections,
    errors,
    import_undo,
    linking,
    merging,
    roster,
    roster_import,
    subscriptions,
)
from core.models import Actor, Member, Pause, Subscription
from core.period import Period
from core.preview import PreviewChanged, digest_of
from core.roster_diff import RosterDiff
from core.store import members as member_rows
from core.store import subscriptions as subscription_rows
from tests.core.helpers import assert_clean, count, everything, refused
from tests.factories import Club
from tests.fakes import FixedClock


def apply(club: Club, text: str, starts_on: str | None = "2026-06-01") -> RosterDiff:
    return club.db.write(roster_import.import_roster, club.treasurer, text.encode(), starts_on=starts_on)


def undo(club: Club, done: RosterDiff | int) -> import_undo.Undone:
    number = done if isinstance(done, int) else done.import_id
    return club.db.write(import_undo.undo, club.treasurer, number)


def people(club: Club, *, with_left: bool = False) -> list[tuple[str, str | None, str]]:
    rows = club.db.read(lambda tx: member_rows.everyone(tx.conn, club.id, with_left=with_left))
    return [(row.name, row.email, row.note) for row in rows]


def named(club: Club, name: str) -> Member:
    rows = club.db.read(lambda tx: member_rows.everyone(tx.conn, club.id, with_left=True))
    return next(row for row in rows if row.name == name)


def seats(club: Club, member: Member) -> list[tuple[str, str | None, list[tuple[str, str | None]]]]:
    """(start, end, pauses) of a member's subscriptions."""
    return [
        (row.starts_on, row.ends_on, [(pause.from_on, pause.resumes_on) for pause in pauses(club, row)])
        for row in held(club, member)
    ]


def held(club: Club, member: Member) -> list[Subscription]:
    return club.db.read(lambda tx: subscription_rows.of_member(tx.conn, member.id))


def pauses(club: Club, row: Subscription) -> list[Pause]:
    return club.db.read(lambda tx: subscription_rows.pauses(tx.conn, row.id))


def kept(result: import_undo.Undone) -> list[tuple[str, str, str]]:
    return [(one.member.name, one.kind, one.reason) for one in result.kept]


# --- everything goes back ------------------------------------------------------------------------------


def test_people_who_were_added_leave_the_lists_and_nothing_is_deleted(club: Club) -> None:
    club.plan("Base", 300)
    club.open()
    done = apply(club, "name,email,Base\nAnn,ann@x.tw,TRUE\nBo,,\nCy,cy@x.tw,\n")
    assert (done.bills_made, count(club.db, "members")) == (1, 2)
    ann = named(club, "Ann")
    result = undo(club, done)
    assert [member.name for member in result.removed] == ["Ann", "Cy"]
    assert (people(club), result.kept) == ([], ())
    assert count(club.db, "members") == 2
    assert seats(club, ann) == [("2026-06-01", "2026-05-31", [])]
    assert [bill.to_minor for bill in result.voided] == [None]
    assert club.bills(ann) == []
    assert club.audits("roster") == ["roster.import", "roster.undo"]
    assert_clean(club.db)


def test_the_corrected_file_can_be_imported_afterwards(club: Club) -> None:
    club.plan("Base", 300)
    club.open()
    undo(club, apply(club, "name,email,Base\nAnn Wrong,ann@x.tw,TRUE\n"))
    again = apply(club, "name,email,Base\nAnn,ann@x.tw,TRUE\n")
    assert (len(again.created), len(again.subscribed), again.bills_made, again.problems) == (1, 1, 1, ())
    assert people(club) == [("Ann", "ann@x.tw", "")]
    assert_clean(club.db)


def test_texts_get_their_earlier_values_again_also_exchanged_emails(club: Club) -> None:
    ann, bo = club.member("Ann", email="a@x.tw"), club.member("Bo", email="b@x.tw")
    done = apply(club, f"member,name,email,note\n{ann.label},Anne,b@x.tw,hello\n{bo.label},Bob,a@x.tw,\n")
    assert people(club) == [("Anne", "b@x.tw", "hello"), ("Bob", "a@x.tw", "")]
    result = undo(club, done)
    assert people(club) == [("Ann", "a@x.tw", ""), ("Bo", "b@x.tw", "")]
    assert [(text.field, text.was, text.now) for text in result.texts][:2] == [
        ("name", "Anne", "Ann"), ("email", "b@x.tw", "a@x.tw"),
    ]  # fmt: skip
    assert club.fresh(ann).email_key == "a@x.tw"
    assert club.fresh(ann).name_key == "ann"


def test_an_email_that_went_from_a_member_to_a_new_person_comes_back(club: Club) -> None:
    ann = club.member("Ann", email="a@x.tw")
    first = apply(club, f"member,email\n{ann.label},new@x.tw\n")
    second = apply(club, "name,email\nNewcomer,a@x.tw\n")
    undo(club, second)
    undo(club, first)
    assert people(club) == [("Ann", "a@x.tw", "")]


def test_paused_seats_go_on_and_resumed_ones_are_paused_again(club: Club) -> None:
    plan = club.plan("Base", 300)
    stays, rests = club.member("Stays", email="s@x.tw"), club.member("Rests", email="r@x.tw")
    club.subscribe(stays, plan)
    pause = club.subscribe(rests, plan)
    club.db.write(subscriptions.pause, club.treasurer, pause.id, "2026-05-01")
    club.open()
    before = {member.id: seats(club, member) for member in (stays, rests)}
    done = apply(club, "email,Base\ns@x.tw,FALSE\nr@x.tw,TRUE\n")
    assert (len(done.paused), len(done.resumed), done.bills_made) == (1, 1, 1)
    result = undo(club, done)
    assert sorted(seat.how for seat in result.seats) == ["paused", "resumed"]
    assert seats(club, rests) == before[rests.id]
    assert club.bills(rests) == []
    assert seats(club, stays) == [("2026-01-01", None, [("2026-06-05", "2026-06-05")])]
    assert len(club.bills(stays)) == 1
    assert club.open("2026-07").bills == 1
    assert_clean(club.db)


def test_a_bill_from_before_the_import_stays_though_it_covers_later_days(
    club: Club, clock: FixedClock
) -> None:
    plan = club.plan("Yearly", 1200, cycle_months=12)
    ann = club.member("Ann", email="a@x.tw")
    row = club.subscribe(ann, plan)
    club.open("2026-01")
    club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-05-01")
    clock.advance(days=1)
    result = undo(club, apply(club, "email,Yearly\na@x.tw,TRUE\n"))
    assert ([seat.how for seat in result.seats], result.voided, result.kept) == (["paused"], (), ())
    assert [bill.status for bill in club.bills(ann)] == ["pending"]
    assert_clean(club.db)


def test_what_was_paused_while_a_month_opened_is_billed_for_it(club: Club) -> None:
    plan = club.plan("Base", 300)
    ann = club.member("Ann", email="a@x.tw")
    club.subscribe(ann, plan)
    done = apply(club, "email,Base\na@x.tw,FALSE\n")
    assert club.open("2026-07").bills == 0
    result = undo(club, done)
    assert (result.bills_made, result.bills_minor) == (1, 300)
    assert_clean(club.db)


def test_bills_of_later_months_go_too_and_their_credit_comes_back(club: Club) -> None:
    club.plan("Base", 300)
    club.member("Ann", email="a@x.tw")
    done = apply(club, "email,Base\na@x.tw,TRUE\n")
    ann = named(club, "Ann")
    club.open("2026-06")
    club.record(ann, 500)
    club.open("2026-07")
    assert club.credit(ann) == 0
    result = undo(club, done)
    assert (len(result.voided), club.credit(ann)) == (2, 500)
    assert_clean(club.db)


# --- what moved on is left alone -----------------------------------------------------------------------


@pytest.fixture
def june(club: Club) -> RosterDiff:
    """Ann and Bo were imported with a seat each, and the month is open."""
    club.plan("Base", 300)
    club.open()
    return apply(club, "name,email,Base\nAnn,ann@x.tw,TRUE\nBo,bo@x.tw,TRUE\n")


@pytest.mark.parametrize("how", ["claim", "verified"])
def test_what_was_claimed_or_paid_meanwhile_stays(club: Club, june: RosterDiff, how: str) -> None:
    ann = named(club, "Ann")
    club.db.write(roster.move_account, club.treasurer, ann.id, 41)
    payment = club.submit(ann)
    if how == "verified":
        club.verify(payment)
    result = undo(club, june)
    assert kept(result) == [("Ann", "subscribed", "claimed"), ("Ann", "created", "linked")]
    assert [member.name for member in result.removed] == ["Bo"]
    assert (len(club.bills(ann)), seats(club, ann)) == (1, [("2026-06-01", None, [])])
    assert_clean(club.db)


def test_money_without_a_claim_stays_as_credit_with_its_member(club: Club, june: RosterDiff) -> None:
    ann = named(club, "Ann")
    club.record(ann, 300)  # settled by itself: no claim
    result = undo(club, june)
    assert kept(result) == [("Ann", "created", "history")]
    assert (club.bills(ann), club.credit(ann), club.fresh(ann).left_on) == ([], 300, None)
    assert_clean(club.db)


def test_a_seat_that_was_ended_paused_or_waived_since_stays(club: Club) -> None:
    club.plan("Base", 300)
    club.open()
    done = apply(club, "name,email,Base\nAnn,a@x.tw,TRUE\nBo,b@x.tw,TRUE\nCy,c@x.tw,TRUE\n")
    ann, bo, cy = (named(club, name) for name in ("Ann", "Bo", "Cy"))
    club.db.write(subscriptions.end, club.treasurer, held(club, ann)[0].id, date(2026, 6, 30))
    club.db.write(subscriptions.pause, club.treasurer, held(club, bo)[0].id, "2026-07-01")
    club.db.write(corrections.waive, club.treasurer, club.bills(cy)[0].id, club.money(100), "poor")
    result = undo(club, done)
    assert kept(result) == [
        ("Ann", "subscribed", "changed"), ("Bo", "subscribed", "changed"), ("Cy", "subscribed", "waived"),
        ("Ann", "created", "history"), ("Bo", "created", "history"), ("Cy", "created", "history"),
    ]  # fmt: skip
    assert (result.removed, result.voided) == ((), ())
    assert_clean(club.db)


def test_bills_of_a_closed_month_stay(club: Club, june: RosterDiff) -> None:
    club.db.write(closing.close, club.treasurer, Period("2026-06"))
    result = undo(club, june)
    assert {reason for _, kind, reason in kept(result) if kind == "subscribed"} == {"closed"}
    assert len(club.bills(named(club, "Ann"))) == 1
    assert_clean(club.db)


def test_texts_that_somebody_changed_since_stay(club: Club) -> None:
    ann = club.member("Ann", email="a@x.tw")
    done = apply(club, f"member,name,note\n{ann.label},Anne,from the file\n")
    club.db.write(roster.edit, club.treasurer, ann.id, name="Annabel")
    result = undo(club, done)
    assert kept(result) == [("Annabel", "changed", "changed")]
    assert (club.fresh(ann).name, club.fresh(ann).note) == ("Annabel", "")


def test_an_email_that_somebody_took_since_stays_away(club: Club) -> None:
    ann, bo = club.member("Ann", email="a@x.tw"), club.member("Bo", email="b@x.tw")
    done = apply(club, f"member,email\n{ann.label},c@x.tw\n{bo.label},d@x.tw\n")
    club.member("Thief", email="A@x.tw")
    result = undo(club, done)
    assert kept(result) == [("Ann", "changed", "email_taken")]
    assert (club.fresh(ann).email, club.fresh(bo).email) == ("c@x.tw", "b@x.tw")


def test_leaving_out_one_email_leaves_out_the_next_that_counted_on_it(club: Club) -> None:
    ann, bo = club.member("Ann", email="a@x.tw"), club.member("Bo", email="b@x.tw")
    done = apply(club, f"member,email\n{ann.label},b@x.tw\n{bo.label},d@x.tw\n")
    club.member("Thief", email="a@x.tw")
    result = undo(club, done)
    assert kept(result) == [("Ann", "changed", "email_taken"), ("Bo", "changed", "email_taken")]
    assert (club.fresh(ann).email, club.fresh(bo).email) == ("b@x.tw", "d@x.tw")


def test_who_was_linked_edited_or_merged_since_stays(club: Club) -> None:
    done = apply(club, "name,email\nAnn,a@x.tw\nBo,b@x.tw\nCy,c@x.tw\nDi,d@x.tw\n")
    ann, bo, cy = (named(club, name) for name in ("Ann", "Bo", "Cy"))
    club.db.write(roster.move_account, club.treasurer, ann.id, 51)
    club.db.write(roster.edit, club.treasurer, bo.id, note="knows everybody")
    club.db.write(merging.merge, club.treasurer, cy.id, bo.id)
    result = undo(club, done)
    assert kept(result) == [
        ("Ann", "created", "linked"), ("Bo", "created", "changed"), ("Cy", "created", "changed"),
    ]  # fmt: skip
    assert [member.name for member in result.removed] == ["Di"]
    assert_clean(club.db)


def test_a_wish_for_a_removed_name_is_declined(club: Club) -> None:
    done = apply(club, "name,email\nAnn,a@x.tw\n")
    asked = club.db.write(linking.request_link, Actor.discord(club.id, 61), named(club, "Ann").id)
    undo(club, done)
    status = club.db.read(lambda tx: member_rows.request(tx.conn, asked.request.id))
    assert status is not None
    assert status.status == "declined"


def test_a_resumed_seat_that_was_paused_anew_stays(club: Club) -> None:
    ann = club.member("Ann", email="a@x.tw")
    row = club.subscribe(ann, club.plan("Base", 300))
    club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-05-01")
    done = apply(club, "email,Base\na@x.tw,TRUE\n")
    club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-08-01")
    assert kept(undo(club, done)) == [("Ann", "resumed", "changed")]
    assert_clean(club.db)


def test_a_paused_seat_that_goes_on_already_stays(club: Club) -> None:
    ann = club.member("Ann", email="a@x.tw")
    row = club.subscribe(ann, club.plan("Base", 300))
    done = apply(club, "email,Base\na@x.tw,FALSE\n")
    club.db.write(subscriptions.resume, club.treasurer, row.id, "2026-07-01")
    assert kept(undo(club, done)) == [("Ann", "paused", "changed")]


# --- who, when, how often ------------------------------------------------------------------------------


def test_running_it_twice_says_so(club: Club, june: RosterDiff) -> None:
    undo(club, june)
    with refused(club.db, errors.ImportUndone, day=date(2026, 6, 5)):
        undo(club, june)
    listed = club.db.read(import_undo.recent, club.auditor)
    assert [(row.id, row.undone_by) for row in listed] == [(june.import_id, club.treasurer.text)]


def test_another_clubs_import_and_lower_roles_are_refused(club: Club, june: RosterDiff) -> None:
    other = Club.create(club.db, number=1)
    for number in (june.import_id, 999):
        with refused(club.db, errors.ImportUnknown):
            undo(other, number)
    with refused(club.db, errors.RoleNeeded):
        club.db.write(import_undo.undo, club.reviewer, june.import_id)
    assert other.db.read(import_undo.recent, other.treasurer) == []


def test_a_file_that_changes_nothing_leaves_nothing_to_undo(club: Club) -> None:
    club.member("Ann", email="a@x.tw")
    assert apply(club, "name,email\nAnn,a@x.tw\n").import_id == 0
    assert count(club.db, "roster_imports") == 0


def test_a_preview_changes_nothing_and_names_no_new_ids(club: Club, june: RosterDiff) -> None:
    before = everything(club.db)
    shown = club.db.preview(import_undo.undo, club.treasurer, june.import_id)
    assert everything(club.db) == before
    club.record(named(club, "Ann"), 1)
    with pytest.raises(PreviewChanged):
        club.db.confirm(digest_of(shown), import_undo.undo, club.treasurer, june.import_id)
    fresh = club.db.preview(import_undo.undo, club.treasurer, june.import_id)
    club.db.confirm(digest_of(fresh), import_undo.undo, club.treasurer, june.import_id)


def test_the_number_of_an_import_is_no_part_of_its_preview(club: Club) -> None:
    club.plan("Base", 300)
    file = b"name,email,Base\nAnn,a@x.tw,TRUE\n"
    shown = club.db.preview(roster_import.import_roster, club.treasurer, file)
    apply(club, "name,email\nBo,b@x.tw\n")
    done = club.db.confirm(digest_of(shown), roster_import.import_roster, club.treasurer, file)
    assert done.import_id == 2
