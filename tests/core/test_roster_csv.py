"""Roster files as people really have them: columns, rows, problems by line, and the way out and back in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import csv_text
from core.errors import (
    ColumnTwice,
    FileEmpty,
    FileHasTooManyRows,
    HeaderRowMissing,
    InvalidInput,
    NameColumnUnclear,
    QuoteNotClosed,
)
from core.i18n import LOCALES
from core.roster_columns import _NAMES, Kind, recognise
from core.roster_csv import ExportRow, Note, RosterFile, RosterRow, decode, note_text, parse, render

# As a form service exports it: its own timestamp, a consent with a comma, checkboxes, a blank line.
FORM_FILE = (
    "時間戳記,電子郵件地址,姓名（請填全名）,Netflix,Spotify,\"我同意社團使用我的資料, 僅供收費\",備註\r\n"
    "2026/6/1 上午 9:00:11,Ann@Example.org,\"王, 小明\",TRUE,FALSE,同意,\r\n"
    "\r\n"
    "2026/6/1 上午 9:05:00,bob@example.org,陳怡君,FALSE,,同意,\"第一行\r\n第二行\"\r\n"
    "2026/6/1 上午 9:06:00,ANN@example.org,王小明,FALSE,TRUE,同意,改過\r\n"
)  # fmt: skip


def by_line(file: RosterFile) -> dict[int, RosterRow]:
    return {row.line: row for row in file.rows}


def codes(notes: tuple[Note, ...]) -> list[tuple[int, str]]:
    return [(note.line, note.code) for note in notes]


def only(text: str) -> RosterRow:
    file = parse(text)
    assert file.problems == ()
    (row,) = file.rows
    return row


# --- a whole file -------------------------------------------------------------------------------------


def test_a_file_as_a_form_service_exports_it():
    file = parse(decode(FORM_FILE.encode("utf-8-sig")).text)
    ann, bob = file.rows
    assert (ann.line, ann.name, ann.email, ann.note) == (2, "王小明", "ann@example.org", "改過")
    assert ann.choices == {"Netflix": True, "Spotify": True}
    assert (bob.line, bob.name, bob.note) == (4, "陳怡君", "第一行\r\n第二行")
    assert bob.choices == {"Netflix": False}
    assert file.other_columns == ("Netflix", "Spotify", "我同意社團使用我的資料, 僅供收費")
    assert file.ignored_columns == ("時間戳記",)
    assert codes(file.notes) == [(6, "merged_into_line")]
    assert file.problems == ()
    assert (file.rows_read, file.delimiter, file.by_position) == (3, ",", False)


def test_cells_of_plans_that_say_neither_true_nor_false_are_listed_with_their_line():
    file = parse("name,email,Netflix,T-shirt\nAnn,ann@x.org,yes,L\nBob,bob@x.org,TRUE,M\n")
    assert file.unclear_cells({"Netflix"}) == [
        Note(2, "cell_left_alone", {"column": "Netflix", "value": "yes"})
    ]
    assert file.rows[0].choices == {}


@pytest.mark.parametrize(
    ("cell", "choice"),
    [
        ("TRUE", True),
        ("true", True),
        (" True ", True),
        ("ＴＲＵＥ", True),
        ("FALSE", False),
        ("false", False),
    ],
)
def test_checkboxes(cell: str, choice: bool):
    assert only(f"name,email,Netflix\nAnn,ann@x.org,{cell}\n").choices == {"Netflix": choice}


@pytest.mark.parametrize("cell", ["", "  ", "yes", "1", "是", "x", "TRUE?", "TRUE FALSE"])
def test_anything_else_is_no_choice(cell: str):
    assert only(f"name,email,Netflix\nAnn,ann@x.org,{cell}\n").choices == {}


# --- delimiters, quotes and line numbers --------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_comma_semicolon_and_tab_are_told_apart(delimiter: str):
    text = '姓名|信箱|"A,B;C\tD"\nAnn|ann@x.org|TRUE\n'.replace("|", delimiter)
    assert parse(text).delimiter == delimiter
    assert only(text).choices == {"A,B;C D": True}


def test_the_delimiter_is_the_one_that_makes_sense_of_the_header():
    text = 'name;email;"Plan, big, family, all";Other\nAnn;ann@x.org;TRUE;\n'
    assert only(text).choices == {"Plan, big, family, all": True}


def test_excels_separator_line_is_obeyed_and_counted():
    text = "sep=;\r\nname;email;Netflix\r\nAnn;ann@x.org;TRUE\r\n"
    assert only(text) == RosterRow(3, "Ann", "ann@x.org", None, "", {"Netflix": True}, {})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_shows_them(end: str):
    text = 'name,email,note\n"Ann\nLee",ann@x.org,"one\ntwo\nthree"\n\n , ,\nBob,bob@x.org,\nCy,cy@x.org,'
    file = parse(text.replace("\n", end))
    assert [(row.line, row.name) for row in file.rows] == [(2, "Ann Lee"), (8, "Bob"), (9, "Cy")]


def test_quotes_as_rfc_4180_has_them():
    row = only('"name","email","note"\r\n"Ann ""A"" Lee","ann@x.org","a,b;c"\r\n')
    assert (row.name, row.note) == ('Ann "A" Lee', "a,b;c")


def test_a_quotation_mark_inside_an_unquoted_text_is_just_one():
    assert only('name,email\nAnn 5" Lee,ann@x.org\n').name == 'Ann 5" Lee'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name,email\nAnn,ann@x.org\n"Bob,bob@x.org\nCy,cy@x.org\n', 3),
        ('name,email\n"Ann" Lee,ann@x.org\nBob,bob@x.org\n', 2),
        ('name,email\n"Ann,ann@x.org\n"Bob, Jr.",bob@x.org\n', 2),
        ('"name,email\nAnn,ann@x.org\n', 1),
        ('name,email\n"' + "x" * 200_000 + '",ann@x.org\n', 2),
    ],
)
def test_a_quote_without_its_end_is_refused_with_its_line(text: str, line: int):
    with pytest.raises(QuoteNotClosed) as caught:
        parse(text)
    assert caught.value.params == {"line": line}


@pytest.mark.parametrize("text", ["", "\n\n", " ,,\n"])
def test_a_file_without_any_content_is_refused(text: str):
    with pytest.raises(FileEmpty):
        parse(text)


def test_a_header_alone_has_no_rows():
    assert parse("name,email,Netflix\n").rows == ()


# --- columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_every_listed_header_is_recognised(kind: Kind):
    names = [name.strip() for name in _NAMES[kind].replace("\n", ";").split(";") if name.strip()]
    assert names
    assert {recognise(name) for name in names} == {kind}
    assert len({name for names in _NAMES.values() for name in names.split("; ")}) == sum(
        len(names.split("; ")) for names in _NAMES.values()
    )


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("E-MAIL", Kind.EMAIL),
        ("Ｅｍａｉｌ", Kind.EMAIL),
        ("Email Address *", Kind.EMAIL),
        ("電子郵件 / E-mail", Kind.EMAIL),
        ("姓名 Name", Kind.NAME),
        ("姓名（必填）", Kind.NAME),
        ("Name (as in passport)：", Kind.NAME),
        ("【必填】姓名", Kind.NAME),
        ("備註 Note", Kind.NOTE),
        ("name of plan", None),
        ("姓名 Netflix", None),
        ("Netflix", None),
        ("", None),
        ("(name)", None),
    ],
)
def test_headers_are_recognised_in_their_usual_clothes(header: str, kind: Kind | None):
    assert recognise(header) == kind


def test_columns_may_stand_in_any_order():
    row = only("Spotify,備註,成員,email,Netflix,暱稱\nTRUE,hi,M-12,ann@x.org,FALSE,Annie\n")
    assert row == RosterRow(2, "Annie", "ann@x.org", 12, "hi", {"Spotify": True, "Netflix": False}, {})


def test_only_when_neither_name_nor_email_is_recognised_the_first_two_columns_are_those():
    file = parse("誰,怎麼聯絡,Netflix\nAnn,ann@x.org,TRUE\n")
    assert file.by_position
    assert file.rows[0] == RosterRow(2, "Ann", "ann@x.org", None, "", {"Netflix": True}, {})
    one = parse("誰,email,Netflix\nAnn,ann@x.org,TRUE\n")
    assert not one.by_position
    assert one.rows[0].name == ""
    assert one.other_columns == ("誰", "Netflix")


def test_columns_by_position_are_refused_when_one_of_them_is_something_else():
    with pytest.raises(NameColumnUnclear):
        parse("Timestamp,Who,Netflix\n2026-06-01,Ann,TRUE\n")
    with pytest.raises(NameColumnUnclear):
        parse("Who,Netflix,Spotify\nAnn,TRUE,TRUE\n", plans={"Netflix", "Spotify"})


def test_member_numbers_alone_say_who_is_meant():
    file = parse("member,Netflix,Spotify\nM-12,TRUE,\n")
    assert file.rows == (RosterRow(2, "", "", 12, "", {"Netflix": True}, {}),)
    assert not file.by_position


def test_a_file_that_begins_with_a_person_is_refused():
    with pytest.raises(HeaderRowMissing):
        parse("Ann,ann@x.org,TRUE\nBob,bob@x.org,TRUE\n")


def test_a_list_of_names_alone_is_a_roster():
    assert [row.name for row in parse("姓名\n王小明\n陳怡君\n").rows] == ["王小明", "陳怡君"]


def test_a_nickname_or_account_beside_the_real_column_is_ignored():
    file = parse("暱稱,姓名,帳號,email\nAnnie,Ann,12345@bank,ann@x.org\n")
    assert (file.rows[0].name, file.rows[0].email) == ("Ann", "ann@x.org")
    assert file.ignored_columns == ("暱稱", "帳號")


def test_an_account_is_an_email_only_when_its_cells_look_like_it():
    assert only("姓名,帳號\nAnn,ann@x.org\n").email == "ann@x.org"
    file = parse("姓名,帳號\nAnn,012-3456\n")
    assert (file.rows[0].email, file.ignored_columns) == ("", ("帳號",))


def test_a_member_column_holds_numbers_or_names_as_its_cells_show():
    assert only("Member,Email\nAnn,ann@x.org\n").name == "Ann"
    assert only("member,name\nm-12,Ann\n").member_id == 12
    assert only("編號,姓名\nＭ－１２,Ann\n").member_id == 12
    file = parse("編號,姓名\n1,Ann\n2,Bob\n")
    assert ([row.member_id for row in file.rows], file.ignored_columns) == ([None, None], ("編號",))


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("name,email,姓名,Netflix", "姓名"),
        ("name,email,Email Address", "Email Address"),
        ("name,email,note,備註", "備註"),
        ("name,email,Netflix,Netflix", "Netflix"),
    ],
)
def test_two_columns_that_mean_the_same_are_refused(header: str, column: str):
    with pytest.raises(ColumnTwice) as caught:
        parse(f"{header}\nAnn,ann@x.org,TRUE,FALSE\n")
    assert caught.value.params == {"column": column}


def test_two_questions_of_one_name_that_choose_nothing_do_no_harm():
    file = parse("name,email,Why?,Why?\nAnn,ann@x.org,fun,more fun\n")
    assert file.other_columns == ("Why?",)
    assert file.rows[0].choices == {}


def test_a_plan_may_be_called_like_a_known_column():
    assert only("name,email,Note\nAnn,ann@x.org,TRUE\n").note == "TRUE"
    file = parse("name,email,Note\nAnn,ann@x.org,TRUE\n", plans={"Note"})
    assert (file.rows[0].note, file.rows[0].choices) == ("", {"Note": True})


def test_content_under_no_header_is_ignored_and_said_so():
    file = parse("name,,email,\nAnn,x,ann@x.org,\n")
    assert file.notes == (Note(1, "column_without_header", {"column": 2}),)
    assert file.rows[0].email == "ann@x.org"


# --- rows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",,,TRUE", "nobody_named"),
        ("Bob,not an e-mail,,", "bad_email"),
        ("Bob,bob@x,,", "bad_email"),
        ("Bob,a@b.c;d@e.f,,", "bad_email"),
        ("Bob,<b@x.org>,,", "bad_email"),
        (f"Bob,{'b' * 250}@x.org,,", "bad_email"),
        ("Bob,,12,", "bad_member_id"),
        ("Bob,,M-0,", "bad_member_id"),
        ("Bob,,M-1234567890123456789,", "bad_member_id"),
        ("Bob\x07,bob@x.org,,", "unprintable_characters"),
        ("B\u202eob,bob@x.org,,", "unprintable_characters"),
        ("Lee, Bob,bob@x.org,,TRUE", "row_too_long"),
    ],
)
def test_a_row_that_cannot_be_understood_is_left_out_with_its_line(row: str, code: str):
    file = parse(f"name,email,member,Netflix\nAnn,ann@x.org,M-1,TRUE\n{row}\nCy,cy@x.org,,\n")
    assert codes(file.problems) == [(3, code)]
    assert [row.name for row in file.rows] == ["Ann", "Cy"]
    for locale in LOCALES:
        assert "3" in note_text(locale, file.problems[0])


def test_missing_cells_at_the_end_count_as_blank_since_excel_drops_them():
    file = parse("name,email,Netflix,Spotify\nAnn,ann@x.org\nBob,bob@x.org,TRUE,,,\n")
    assert [row.choices for row in file.rows] == [{}, {"Netflix": True}]
    assert codes(file.notes) == [(2, "row_short")]


def test_text_is_trimmed_and_emails_are_made_comparable():
    row = only("name,email\n　Ann   Lee\u200b ,＼ \n".replace("＼ ", " ＡＮＮ＠Example.ORG\ufeff "))
    assert (row.name, row.email) == ("Ann Lee", "ann@example.org")


def test_rows_of_one_person_are_merged_last_name_wins_and_true_beats_false():
    file = parse(
        "member,name,email,note,A,B,C,D\n"
        "M-3,Ann,ann@x.org,first,TRUE,FALSE,,maybe\n"
        ",,ANN@X.org,,FALSE,TRUE,FALSE,TRUE\n"
        "M-3,Annie,,last,,,what,\n"
    )
    assert file.rows == (
        RosterRow(2, "Annie", "ann@x.org", 3, "last", {"A": True, "B": True, "C": False, "D": True}, {}),
    )
    assert file.notes == (
        Note(3, "merged_into_line", {"first_line": 2}),
        Note(4, "merged_into_line", {"first_line": 2}),
    )


@pytest.mark.parametrize("row", ["M-3,Bob,bob@x.org", "M-4,Bob,ann@x.org", "M-3,Bob,cy@x.org"])
def test_rows_that_contradict_each_other_about_who_they_are_are_not_merged(row: str):
    file = parse(f"member,name,email\nM-3,Ann,ann@x.org\n,Cy,cy@x.org\n{row}\n")
    assert [row.name for row in file.rows] == ["Ann", "Cy"]
    assert codes(file.problems) == [(4, "contradicts_line")]


def test_a_row_that_would_make_two_people_one_is_left_out():
    file = parse("member,name,email\nM-3,Ann,\n,Bob,bob@x.org\nM-3,Ann,bob@x.org\n")
    assert [(row.name, row.email) for row in file.rows] == [("Ann", ""), ("Bob", "bob@x.org")]
    assert codes(file.problems) == [(4, "contradicts_line")]


def test_two_people_of_one_name_are_not_merged():
    assert len(parse("name,email\nAnn,\nAnn,\nAnn,ann@x.org\n").rows) == 3


def test_every_note_has_a_sentence_in_both_languages():
    params = {"cells": 1, "columns": 2, "column": "x", "value": "y", "first_line": 3}
    for code in (
        "nobody_named", "bad_email", "bad_member_id", "unprintable_characters", "row_too_long", "row_short",
        "contradicts_line", "merged_into_line", "column_without_header", "cell_left_alone",
    ):  # fmt: skip
        for locale in LOCALES:
            assert "7" in note_text(locale, Note(7, code, params))


# --- size ---------------------------------------------------------------------------------------------


def test_more_rows_than_a_roster_can_have_are_refused():
    most = "name\n" + "Ann\n" * 50_000
    assert parse(most).rows_read == 50_000
    with pytest.raises(FileHasTooManyRows) as caught:
        parse(most + "Bob\n")
    assert caught.value.params == {"rows": 50_000}


def test_twenty_thousand_rows_are_read():
    text = "姓名,電子郵件,Netflix,Spotify,YouTube\n" + "".join(
        f"王小明{n},m{n}@example.org,TRUE,FALSE,\n" for n in range(20_000)
    )
    file = parse(decode(text.encode("cp950")).text)
    assert len(file.rows) == 20_000


# --- the export ---------------------------------------------------------------------------------------

MEMBERS = [
    ExportRow(12, "王, 小明", "ann@example.org", 'says "hi"\nto all', {"Netflix": True, "-50% plan": False}),
    ExportRow(13, "=cmd|' /C calc'!A0", "", "'@me", {"Netflix": None}),
    ExportRow(14, "'Ann", "bob@example.org", "-5", {"-50% plan": True}),
]


@pytest.mark.parametrize("locale", LOCALES)
def test_an_export_comes_back_as_it_was(locale: str):
    plans = ["Netflix", "-50% plan"]
    data = render(MEMBERS, plans, locale)
    assert data.startswith(b"\xef\xbb\xbf")
    decoded = decode(data)
    assert decoded.encoding == "utf-8"
    file = parse(decoded.text)
    assert file.other_columns == tuple(plans)
    assert (file.ignored_columns, file.problems, file.notes, file.by_position) == ((), (), (), False)
    for row, member in zip(file.rows, MEMBERS, strict=True):
        choices = {plan: choice for plan, choice in member.choices.items() if choice is not None}
        assert (row.member_id, row.name, row.email, row.note) == (
            member.member_id,
            member.name,
            member.email,
            member.note,
        )
        assert row.choices == choices


def test_an_empty_roster_exports_its_header():
    assert parse(decode(render([], ["Netflix"], "zh-TW")).text).rows == ()


def test_no_cell_of_an_export_is_a_formula_in_a_spreadsheet():
    cells = [c for row in csv.reader(io.StringIO(render(MEMBERS, ["=1+1"]).decode("utf-8-sig"))) for c in row]
    assert "'=1+1" in cells
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) for cell in cells
    )


@given(st.text(max_size=20) | st.from_regex(r"'*[=+\-@\t]'?x", fullmatch=True))
def test_protection_is_taken_off_exactly(cell: str):
    assert csv_text.unprotected(csv_text.protected(cell)) == cell
    assert not csv_text.protected(cell).startswith(("=", "+", "-", "@", "\t"))


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_a_roster_or_one_clear_error(data: bytes):
    try:
        file = parse(decode(b"name,email,Netflix\n" + data).text)
    except InvalidInput:
        return  # one clear error is right as well; a crash is not
    assert file.rows_read >= len(file.rows) + len(file.problems)
