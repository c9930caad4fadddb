"""Bringing the roster up to date from a file: who is who, what each cell does, and what is never guessed."""

from __future__ import annotations

import json

import pytest

from core import errors, opening_balances, plans, roster, roster_import, subscriptions
from core.preview import PreviewChanged, digest_of
from core.roster_csv import note_text
from core.roster_diff import RosterDiff
from tests.core.helpers import assert_clean, everything, refused
from tests.factories import Club

# As a form service exports it: a byte order mark, a timestamp and a consent column, names in two scripts, a
# quoted comma, a blank line, and one person twice with the e-mail in different case.
FORM_EXPORT = (
    "\ufeff時間戳記,電子郵件地址,姓名,個資同意,Netflix,Spotify,備註\r\n"
    '2026/6/1 上午 9:12:01,ming@club.example,王小明,我同意,TRUE,FALSE,"班長, 三年級"\r\n'
    '2026/6/1 上午 9:15:44,alin@club.example,"Lin, Ann",我同意,TRUE,,\r\n'
    "\r\n"
    "2026/6/2 下午 3:02:10,MING@Club.Example,王曉明,我同意,,TRUE,\r\n"
    "2026/6/2 下午 3:05:00,not-an-address,陳大文,我同意,TRUE,,\r\n"
    "2026/6/2 下午 3:06:00,,李無信箱,我同意,TRUE,,\r\n"
).encode()


def preview(club: Club, data: str | bytes, **options) -> RosterDiff:
    return club.db.preview(roster_import.import_roster, club.treasurer, _bytes(data), **options)


def apply(club: Club, data: str | bytes, **options) -> RosterDiff:
    """Confirm the preview, check that it told the truth, and that doing it again changes nothing."""
    before = everything(club.db)
    shown = preview(club, data, **options)
    assert everything(club.db) == before
    done = club.db.confirm(
        digest_of(shown), roster_import.import_roster, club.treasurer, _bytes(data), **options
    )
    assert done == shown
    after = everything(club.db)
    again = club.db.write(roster_import.import_roster, club.treasurer, _bytes(data), **options)
    assert again.changes_nothing
    assert everything(club.db) == after
    assert_clean(club.db)
    return done


def _bytes(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def people(club: Club) -> list[tuple[str, str | None]]:
    page = club.db.read(roster.find, club.treasurer, "", limit=100, with_left=True)
    return [(member.name, member.email) for member in page.members]


def standing(club: Club, member_id: int) -> dict[str, str]:
    """How each of a member's subscriptions stands."""
    held = club.db.read(subscriptions.of_member, club.treasurer, member_id)
    return {view.plan.name: view.status for view in held}


def codes(notes) -> list[tuple[int, str]]:
    return [(note.line, note.code) for note in notes]


# --- a real file --------------------------------------------------------------------------------------------


def test_a_form_services_export_becomes_members_seats_and_bills(club):
    club.plan("Netflix", 90)
    club.plan("Spotify", 60)
    club.open("2026-06")
    done = apply(club, FORM_EXPORT)
    assert done.encoding == "UTF-8"
    assert people(club) == [("王曉明", "ming@club.example"), ("Lin, Ann", "alin@club.example")]
    assert done.created[0].note == "班長, 三年級"
    assert [(seat.name, seat.plan) for seat in done.subscribed] == [
        ("王曉明", "Netflix"), ("王曉明", "Spotify"), ("Lin, Ann", "Netflix"),
    ]  # fmt: skip
    assert done.plan_columns == ("Netflix", "Spotify")
    assert set(done.ignored_columns) == {"時間戳記", "個資同意"}
    assert codes(done.problems) == [(6, "bad_email"), (7, "nothing_to_match")]
    assert (5, "merged_into_line") in codes(done.notes)
    assert (done.bills_made, done.billed) == (3, club.money(240))
    assert done.starts_on == "2026-06-01"


def test_every_note_of_an_import_is_a_sentence_in_both_languages(club):
    club.plan("Netflix")
    for locale in ("en", "zh-TW"):
        for note in preview(club, FORM_EXPORT).problems:
            assert str(note.line) in note_text(locale, note)


@pytest.mark.parametrize("encoding", ["cp950", "gb18030", "utf-16"])
def test_a_file_in_an_older_encoding_is_imported_and_the_diff_names_it(club, encoding):
    club.plan("Base")
    names = "陳怡君 林志明 黃雅婷 張家豪 李淑芬 王建宏"
    if encoding == "gb18030":
        names = "陈怡君 林志明 黄雅婷 张家豪 李淑芬 王建宏"
    rows = "".join(f"{name},m{n}@x.tw,TRUE\r\n" for n, name in enumerate(names.split()))
    header = "姓名,电子邮件,Base\r\n" if encoding == "gb18030" else "姓名,電子郵件,Base\r\n"
    done = apply(club, (header + rows).encode(encoding), encoding=encoding)
    assert [name for name, _ in people(club)] == names.split()
    assert done.encoding != "UTF-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_comma_semicolon_and_tab_files_are_the_same(club, delimiter):
    club.plan("Base")
    done = apply(
        club, delimiter.join(["name", "e-mail", "Base"]) + "\n" + delimiter.join(["Ann", "a@x.tw", "TRUE"])
    )
    assert len(done.subscribed) == 1


# --- who is who ---------------------------------------------------------------------------------------------


def test_the_member_number_wins_over_the_e_mail(club):
    ann = club.member("Ann", email="ann@x.tw")
    club.member("Bo", email="bo@x.tw")
    done = apply(club, f"member,name,e-mail\n{ann.label},Anne,anne@new.tw\n")
    assert [(change.field, change.before, change.after) for change in done.changed] == [
        ("name", "Ann", "Anne"), ("email", "ann@x.tw", "anne@new.tw"),
    ]  # fmt: skip
    assert done.created == ()
    assert people(club)[0] == ("Anne", "anne@new.tw")


def test_an_e_mail_is_compared_without_case_and_kept_as_it_was(club):
    club.member("Ann", email="Ann@X.tw")
    done = apply(club, "name,e-mail\nAnne,ANN@x.TW\n")
    assert [change.field for change in done.changed] == ["name"]
    assert people(club) == [("Anne", "Ann@X.tw")]


def test_a_blank_name_e_mail_or_note_overwrites_nothing(club):
    ann = club.db.write(roster.add_member, club.treasurer, "Ann", email="a@x.tw", note="kept")
    done = apply(club, f"member,name,e-mail,note\n{ann.label},,,\n")
    assert done.changes_nothing
    assert people(club) == [("Ann", "a@x.tw")]
    assert club.fresh(ann).note == "kept"


def test_a_name_alone_says_nothing_in_a_file_with_e_mails(club):
    club.plan("Base")
    club.member("Ann")
    done = apply(club, "name,e-mail,Base\nAnn,,TRUE\nBo,bo@x.tw,TRUE\n")
    assert codes(done.problems) == [(2, "nothing_to_match")]
    assert [row.name for row in done.created] == ["Bo"]


def test_a_known_name_with_another_e_mail_is_a_second_entry_that_somebody_has_to_look_at(club):
    ann = club.member("Ann", email="ann@old.tw")
    bare = club.member("Bo")
    shown = preview(club, "name,e-mail\nCy,c@x.tw\nＡＮＮ,ann@new.tw\nBo,bo@x.tw\n")
    assert codes(shown.conflicts) == [(3, "namesake_on_roster"), (4, "namesake_on_roster")]
    assert [note.params["member"] for note in shown.conflicts] == [ann.label, bare.label]
    for locale in ("en", "zh-TW"):
        sentences = [note_text(locale, note) for note in shown.conflicts]
        assert ("3" in sentences[0], ann.label in sentences[0]) == (True, True)
    heeded = f"member,name,e-mail\n,Cy,c@x.tw\n{ann.label},Ann,ann@new.tw\n{bare.label},Bo,bo@x.tw\n"
    done = apply(club, heeded)
    assert (done.conflicts, [row.name for row in done.created]) == ((), ["Cy"])
    assert people(club) == [("Ann", "ann@new.tw"), ("Bo", "bo@x.tw"), ("Cy", "c@x.tw")]


def test_what_is_said_about_a_namesake_may_be_ignored_and_is_not_said_again(club):
    club.member("Ann", email="ann@old.tw")
    data = "name,e-mail\nAnn,ann@new.tw\n"
    assert codes(apply(club, data).conflicts) == [(2, "namesake_on_roster")]
    assert people(club) == [("Ann", "ann@old.tw"), ("Ann", "ann@new.tw")]
    assert preview(club, data).conflicts == ()


def test_two_new_people_of_one_name_are_pointed_at(club):
    done = apply(club, "name,e-mail\nAnn,a1@x.tw\nBo,b@x.tw\nann,a2@x.tw\n")
    assert [(n.line, n.code, n.params["first_line"]) for n in done.conflicts] == [(4, "namesake_in_file", 2)]
    assert "line 2" in note_text("en", done.conflicts[0])
    assert len(done.created) == 3


def test_a_namesake_who_left_or_was_merged_is_told_by_who_counts_now(club):
    old, new, gone = club.member("Ann"), club.member("Anne"), club.member("Bo")
    club.db.conn.execute("UPDATE members SET successor_id = ? WHERE id = ?", (new.id, old.id))
    club.db.write(roster.leave, club.treasurer, gone.id)
    shown = preview(club, "name,e-mail\nAnn,a@x.tw\nBo,b@x.tw\n")
    assert [(n.line, n.params["member"]) for n in shown.conflicts] == [(2, new.label), (3, gone.label)]


def test_a_file_of_names_matches_unique_names_and_adds_new_ones(club):
    club.plan("Base")
    ann = club.member("Ann")
    done = apply(club, "name,Base\nＡＮＮ,TRUE\nBo,TRUE\n")
    assert [row.name for row in done.created] == ["Bo"]
    assert standing(club, ann.id) == {"Base": "active"}


def test_names_that_are_not_unique_are_problems(club):
    club.member("Ann")
    club.member("ann")
    done = apply(club, "name\nAnn\nBo\nBO\nCy\n")
    assert codes(done.problems) == [(2, "name_not_unique"), (3, "name_not_unique"), (4, "name_not_unique")]
    assert [row.name for row in done.created] == ["Cy"]


def test_a_new_e_mail_needs_a_name(club):
    done = apply(club, "name,e-mail\n,new@x.tw\n")
    assert codes(done.problems) == [(2, "new_without_name")]
    assert people(club) == []


def test_an_unknown_number_or_another_clubs_is_a_problem(db):
    here, there = Club.create(db), Club.create(db, number=1)
    theirs = there.member("Theirs", email="t@x.tw")
    done = apply(here, f"member,name,e-mail\n{theirs.label},Mine,t2@x.tw\nM-999999,Ghost,g@x.tw\n")
    assert codes(done.problems) == [(2, "no_such_member"), (3, "no_such_member")]
    assert there.fresh(theirs).name == "Theirs"
    apply(here, "name,e-mail\nOwn,t@x.tw\n")  # the same e-mail may live in both clubs
    assert people(here) == [("Own", "t@x.tw")]


def test_a_number_of_a_merged_entry_means_its_successor(club):
    old, new = club.member("Old"), club.member("New")
    club.db.conn.execute("UPDATE members SET successor_id = ? WHERE id = ?", (new.id, old.id))
    done = apply(club, f"member,name\n{old.label},Newer\n")
    assert [(change.member_id, change.after) for change in done.changed] == [(new.id, "Newer")]


def test_one_member_named_twice_in_different_ways_counts_once(club):
    ann = club.member("Ann", email="a@x.tw")
    done = apply(club, f"member,name,e-mail\n{ann.label},Anne,\n,Annie,a@x.tw\n")
    assert codes(done.problems) == [(3, "same_member_again")]
    assert people(club) == [("Anne", "a@x.tw")]


def test_members_may_exchange_their_e_mails_but_not_take_one_that_is_in_use(club):
    ann, bo = club.member("Ann", email="a@x.tw"), club.member("Bo", email="b@x.tw")
    club.member("Cy", email="c@x.tw")
    apply(club, f"member,e-mail\n{ann.label},b@x.tw\n{bo.label},a@x.tw\n")
    assert people(club)[:2] == [("Ann", "b@x.tw"), ("Bo", "a@x.tw")]
    done = apply(club, f"member,e-mail\n{ann.label},C@x.tw\n{bo.label},d@x.tw\n")
    assert codes(done.problems) == [(2, "email_of_another")]
    assert people(club) == [("Ann", "b@x.tw"), ("Bo", "d@x.tw"), ("Cy", "c@x.tw")]


def test_leaving_out_one_row_may_leave_out_the_next_that_counted_on_it(club):
    ann, bo = club.member("Ann", email="a@x.tw"), club.member("Bo", email="b@x.tw")
    club.member("Cy", email="c@x.tw")
    done = apply(club, f"member,e-mail\n{ann.label},c@x.tw\n{bo.label},a@x.tw\n")
    assert codes(done.problems) == [(2, "email_of_another"), (3, "email_of_another")]
    assert people(club) == [("Ann", "a@x.tw"), ("Bo", "b@x.tw"), ("Cy", "c@x.tw")]


def test_texts_that_are_too_long_are_problems(club):
    long_name, long_note = "x" * 101, "y" * 501
    done = apply(club, f"name,e-mail,note\n{long_name},a@x.tw,\nBo,b@x.tw,{long_note}\nCy,c@x.tw,fine\n")
    assert codes(done.problems) == [(2, "name_too_long"), (3, "note_too_long")]
    assert people(club) == [("Cy", "c@x.tw")]


# --- what a cell does ---------------------------------------------------------------------------------------


def test_true_subscribes_false_pauses_and_blank_leaves_alone(club):
    base, plus, extra = club.plan("Base"), club.plan("Plus"), club.plan("Extra")
    ann = club.member("Ann", email="a@x.tw")
    club.subscribe(ann, plus)
    club.subscribe(ann, extra)
    club.open("2026-06")
    done = apply(club, "name,e-mail,Base,Plus,Extra\nAnn,a@x.tw,true,False,\n")
    assert standing(club, ann.id) == {"Base": "active", "Plus": "paused", "Extra": "active"}
    assert [(seat.plan_id, seat.on) for seat in done.subscribed] == [(base.id, "2026-06-01")]
    assert [(seat.plan_id, seat.on) for seat in done.paused] == [(plus.id, "2026-06-05")]
    assert [bill.plan_id for bill in done.affected] == [plus.id]
    assert done.bills_made == 1
    assert extra.id not in {seat.plan_id for seat in (*done.subscribed, *done.paused)}


def test_a_column_that_is_absent_touches_nothing(club):
    ann = club.member("Ann", email="a@x.tw")
    club.subscribe(ann, club.plan("Base"))
    assert apply(club, "name,e-mail\nAnn,a@x.tw\n").changes_nothing
    assert standing(club, ann.id) == {"Base": "active"}


def test_true_resumes_what_is_paused_and_bills_it_at_once(club):
    ann = club.member("Ann", email="a@x.tw")
    row = club.subscribe(ann, club.plan("Base", 300))
    club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-04-01")
    club.open("2026-06")
    done = apply(club, "name,e-mail,Base\nAnn,a@x.tw,TRUE\n")
    assert [(seat.member_id, seat.on) for seat in done.resumed] == [(ann.id, "2026-06-05")]
    assert (done.bills_made, done.bills_minor) == (1, 300)
    assert standing(club, ann.id) == {"Base": "active"}


def test_true_never_revives_what_was_ended(club):
    ann = club.member("Ann", email="a@x.tw")
    row = club.subscribe(ann, club.plan("Base"))
    club.db.write(subscriptions.end, club.treasurer, row.id, "2026-05-31")
    done = apply(club, "name,e-mail,Base\nAnn,a@x.tw,TRUE\n")
    assert codes(done.conflicts) == [(2, "was_cancelled")]
    assert standing(club, ann.id) == {"Base": "cancelled"}


def test_false_for_what_is_paused_ended_or_was_never_there_does_nothing(club):
    base, plus = club.plan("Base"), club.plan("Plus")
    club.plan("Extra")
    ann = club.member("Ann", email="a@x.tw")
    paused, ended = club.subscribe(ann, base), club.subscribe(ann, plus)
    club.db.write(subscriptions.pause, club.treasurer, paused.id, "2026-04-01")
    club.db.write(subscriptions.end, club.treasurer, ended.id, "2026-05-31")
    done = apply(club, "name,e-mail,Base,Plus,Extra\nAnn,a@x.tw,FALSE,FALSE,FALSE\nBo,b@x.tw,FALSE,,\n")
    assert (done.paused, done.conflicts) == ((), ())
    assert [row.name for row in done.created] == ["Bo"]


def test_false_pauses_what_begins_later_from_its_start_and_true_takes_that_back(club):
    ann = club.member("Ann", email="a@x.tw")
    club.subscribe(ann, club.plan("Base"), "2026-08-15")
    done = apply(club, "name,e-mail,Base\nAnn,a@x.tw,FALSE\n")
    assert [seat.on for seat in done.paused] == ["2026-08-15"]
    assert club.open("2026-08").bills == 0
    done = apply(club, "name,e-mail,Base\nAnn,a@x.tw,TRUE\n")
    assert [seat.on for seat in done.resumed] == ["2026-08-15"]
    assert done.bills_made == 1


def test_false_beside_a_planned_pause_is_left_to_a_person(club):
    ann = club.member("Ann", email="a@x.tw")
    row = club.subscribe(ann, club.plan("Base"))
    club.db.write(subscriptions.pause, club.treasurer, row.id, "2026-09-01", "2026-10-01")
    done = apply(club, "name,e-mail,Base\nAnn,a@x.tw,FALSE\n")
    assert codes(done.conflicts) == [(2, "pause_planned")]
    assert done.changes_nothing


def test_who_left_is_a_conflict_only_when_the_file_subscribes_them(club):
    club.plan("Base")
    for number, cell in enumerate(("TRUE", "FALSE")):
        member = club.member(f"Gone {cell}", email=f"{number}@x.tw")
        club.db.write(roster.leave, club.treasurer, member.id)
    done = apply(
        club, "name,e-mail,Base,consent\nAnother name,0@x.tw,TRUE,TRUE\nGone FALSE,1@x.tw,FALSE,TRUE\n"
    )
    assert codes(done.conflicts) == [(2, "has_left")]
    assert done.changes_nothing
    assert people(club)[0][0] == "Gone TRUE"


def test_a_retired_plan_is_an_ignored_column(club):
    plan = club.plan("Base")
    club.db.write(plans.retire, club.treasurer, plan.id)
    done = apply(club, "name,e-mail,Base,T-shirt\nAnn,a@x.tw,TRUE,XL\n")
    assert done.ignored_columns == ("Base", "T-shirt")
    assert (done.plan_columns, done.subscribed) == ((), ())


def test_a_plans_header_may_differ_in_case_and_width(club):
    club.plan("Netflix 4K")
    done = apply(club, "name,e-mail,ＮＥＴＦＬＩＸ 4k\nAnn,a@x.tw,TRUE\n")
    assert [seat.plan for seat in done.subscribed] == ["Netflix 4K"]


def test_two_columns_for_one_plan_are_refused(club):
    club.plan("Base")
    with refused(club.db, errors.ColumnTwice):
        preview(club, "name,e-mail,Base,BASE\nAnn,a@x.tw,TRUE,FALSE\n")


def test_a_cell_that_says_something_else_is_noted_and_changes_nothing(club):
    club.plan("Base")
    done = apply(club, "name,e-mail,Base\nAnn,a@x.tw,maybe\n")
    assert codes(done.notes) == [(2, "cell_left_alone")]
    assert done.subscribed == ()


# --- columns that a person chose ----------------------------------------------------------------------------

OWN_WORDS = "Wer,Post,Musik?,Sonst\nKai,kai@example.org,TRUE,x\nAnn,ann@example.org,,y\n"


def test_columns_may_be_chosen_whatever_their_headers_say(club):
    music = club.plan("Music", 300)
    done = apply(club, OWN_WORDS, columns=["name", "email", f"plan:{music.id}", "note"])
    assert people(club) == [("Kai", "kai@example.org"), ("Ann", "ann@example.org")]
    assert [(seat.name, seat.plan) for seat in done.subscribed] == [("Kai", "Music")]
    assert [row.note for row in done.created] == ["x", "y"]
    assert (done.by_position, done.plan_columns, done.ignored_columns) == (False, ("Music",), ())


def test_a_column_that_was_not_chosen_is_not_read(club):
    club.plan("Music", 300)
    done = apply(club, "name,email,Music\nKai,kai@example.org,TRUE\n", columns=["name", "", ""])
    assert [(row.name, row.email) for row in done.created] == [("Kai", "")]
    assert done.subscribed == ()
    assert done.ignored_columns == ("email", "Music")


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        (["name", "name"], errors.ColumnTwice), (["plan:1", "name", "plan:1"], errors.ColumnTwice),
        (["", "note"], errors.NameColumnUnclear), ([], errors.NameColumnUnclear),
        (["name", "plan:99"], errors.ChoiceUnknown), (["name", "Music"], errors.ChoiceUnknown),
    ],
)  # fmt: skip
def test_a_choice_of_columns_that_cannot_be_is_refused(club, columns, error):
    club.plan("Music", 300)
    with refused(club.db, error):
        club.db.write(roster_import.import_roster, club.treasurer, OWN_WORDS.encode(), columns=columns)


def test_the_columns_are_shown_as_they_were_taken_with_their_first_cells(club):
    music = club.plan("Music", 300)

    def seen(text: str, **options) -> list[tuple[str, str, tuple[str, ...]]]:
        found = club.db.read(roster_import.columns, club.treasurer, text.encode(), **options)
        return [(column.header, column.use, column.cells) for column in found]

    assert seen("Name,Music,Timestamp\nKai,TRUE,\nAnn,,2026\n") == [
        ("Name", "name", ("Kai", "Ann")), ("Music", f"plan:{music.id}", ("TRUE",)), ("Timestamp", "", ("2026",)),
    ]  # fmt: skip
    # Two names: not decided, so each is shown as what its header says.
    assert [use for _, use, _ in seen("Name,姓名,E-mail\na,b,c@d.example\n")] == ["name", "name", "email"]
    assert [use for _, use, _ in seen(OWN_WORDS, columns=["note", "name"])] == ["note", "name", "", ""]


# --- the start, and credit ----------------------------------------------------------------------------------


def test_new_seats_start_on_the_given_day_and_bill_open_months_since_then(club):
    club.plan("Base", 300)
    for period in ("2026-04", "2026-05", "2026-06"):
        club.open(period)
    done = apply(club, "name,e-mail,Base\nAnn,a@x.tw,TRUE\n", starts_on="2026-05-10")
    assert done.starts_on == "2026-05-10"
    assert done.bills_made == 2


def test_this_month_is_the_clubs_month(db, clock):
    clock.advance(days=25, hours=20)  # 30 June, 21:00 UTC: July in Taipei, June in New York
    taipei, york = Club.create(db), Club.create(db, number=1, timezone="America/New_York", currency="USD")
    for club, day in ((taipei, "2026-07-01"), (york, "2026-06-01")):
        club.plan("Base")
        assert preview(club, "name,e-mail,Base\nAnn,a@x.tw,TRUE\n").starts_on == day


@pytest.mark.parametrize("day", ["2026-13-45", "2026-02-30", "junk"])
def test_an_impossible_start_is_refused(club, day):
    with refused(club.db, errors.InvalidDate, field="starts_on"):
        preview(club, "name,e-mail\nAnn,a@x.tw\n", starts_on=day)


def test_credit_settles_the_bills_of_an_import(club):
    club.plan("Base", 300)
    ann = club.member("Ann", email="a@x.tw")
    club.db.write(opening_balances.set_balance, club.treasurer, ann.id, club.money(-500), "2026-01-01")
    club.open("2026-06")
    apply(club, "name,e-mail,Base\nAnn,a@x.tw,TRUE\n")
    assert club.credit(ann) == 200


def test_a_plan_without_a_price_for_an_open_month_stops_the_whole_import(club):
    club.open("2026-06")
    club.plan("Later", from_period="2026-09")
    with refused(club.db, errors.PlanWithoutPrice, plan="Later"):
        club.db.write(roster_import.import_roster, club.treasurer, b"name,e-mail,Later\nAnn,a@x.tw,TRUE\n")


# --- preview, audit, export, who may ------------------------------------------------------------------------


def test_what_changed_between_preview_and_confirmation_is_shown_instead(club):
    club.plan("Base")
    data = b"name,e-mail,Base\nAnn,a@x.tw,TRUE\n"
    shown = preview(club, data)
    club.member("Ann already", email="A@x.tw")
    before = everything(club.db)
    with pytest.raises(PreviewChanged) as changed:
        club.db.confirm(digest_of(shown), roster_import.import_roster, club.treasurer, data)
    assert everything(club.db) == before
    assert changed.value.result.created == ()
    assert [change.field for change in changed.value.result.changed] == ["name"]


def test_an_import_is_one_audit_line_with_counts_and_a_digest_but_no_names(club):
    club.plan("Base")
    done = apply(club, "name,e-mail,Base\nUnforgettable,secret@x.tw,TRUE\n")
    assert club.audits("roster.") == ["roster.import"]
    row = club.db.conn.execute("SELECT after_json FROM audit_log WHERE action = 'roster.import'").fetchone()[
        0
    ]
    after = json.loads(row)
    assert after["digest"] == digest_of(done)
    assert (after["created"], after["subscribed"], after["bills"]) == (1, 1, 0)
    assert "Unforgettable" not in row
    assert "secret" not in row


def test_an_export_comes_back_without_changing_anything(club):
    base, plus = club.plan("Base, the first"), club.plan("=Plus")
    ann = club.db.write(roster.add_member, club.treasurer, "=HYPERLINK()", email="A@x.tw", note='a "b", c\nd')
    bo, cy = club.member("Lin, Bo"), club.member("王小明", email="c@x.tw")
    club.subscribe(ann, base)
    paused = club.subscribe(bo, base)
    club.db.write(subscriptions.pause, club.treasurer, paused.id, "2026-06-01")
    ended = club.subscribe(cy, plus)
    club.db.write(subscriptions.end, club.treasurer, ended.id, "2026-05-31")
    club.subscribe(bo, plus, "2026-09-01")
    data = club.db.read(roster_import.export_roster, club.treasurer)
    assert f"M-{ann.id}" in data.decode("utf-8-sig")
    done = apply(club, data)
    assert done.changes_nothing
    assert (done.problems, done.conflicts, done.notes, done.ignored_columns) == ((), (), (), ())
    assert done.plan_columns == ("Base, the first", "=Plus")


def test_an_export_leaves_out_who_left_and_plans_out_of_use(club):
    plan, gone = club.plan("Base"), club.member("Gone")
    club.db.write(roster.leave, club.treasurer, gone.id)
    club.db.write(plans.retire, club.treasurer, plan.id)
    text = club.db.read(roster_import.export_roster, club.treasurer).decode("utf-8-sig")
    assert text.splitlines() == ["member,name,e-mail,note"]


def test_the_exports_headers_are_in_the_clubs_language_and_understood_again(db):
    club = Club.create(db, locale="zh-TW")
    club.member("王小明", email="a@x.tw")
    data = club.db.read(roster_import.export_roster, club.treasurer)
    assert "member,name" not in data.decode("utf-8-sig")
    assert apply(club, data).changes_nothing


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_files_are_the_treasurers(club, who):
    actor = getattr(club, who)
    with refused(club.db, errors.RoleNeeded, role="treasurer"):
        club.db.preview(roster_import.import_roster, actor, b"name\nAnn\n")
    with refused(club.db, errors.RoleNeeded, role="treasurer"):
        club.db.read(roster_import.export_roster, actor)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", errors.FileEmpty),
        (b"\xef\xbb\xbf\r\n", errors.FileEmpty),
        (b"PK\x03\x04\0\0", errors.FileNotText),
        (b'name,e-mail\n"Ann,a@x.tw\n', errors.QuoteNotClosed),
        (b"name,name,e-mail\nAnn,Ann,a@x.tw\n", errors.ColumnTwice),
        (b"Ann,a@x.tw\nBo,b@x.tw\n", errors.HeaderRowMissing),
    ],
)
def test_a_file_that_cannot_be_trusted_as_a_whole_is_refused(club, data, error):
    with refused(club.db, error):
        preview(club, data)


def test_thousands_of_rows_are_a_handful_of_statements(club):
    """Each row costs no statement of its own to read; the write itself is batched."""
    club.plan("Base")
    club.open("2026-06")
    rows = "".join(f"Member {n},m{n}@x.tw,TRUE\n" for n in range(1000))
    seen: list[str] = []
    club.db.conn.set_trace_callback(lambda sql: seen.append(sql.split(None, 1)[0]))
    done = preview(club, "name,e-mail,Base\n" + rows)
    club.db.conn.set_trace_callback(None)
    assert len(done.subscribed) == done.bills_made == 1000
    assert seen.count("SELECT") < 40
