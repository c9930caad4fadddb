"""A roster file as people keep it: read into rows with their line numbers, and written again for export.

Pure: no database. What a row does to a member or a subscription is decided where the roster is imported; here
a cell is TRUE (subscribe), FALSE (pause), or nothing. A row that cannot be understood is left out and listed
with its line; it never changes how another row is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from core.csv_text import rows_of, write
from core.errors import ColumnTwice, FileEmpty, FileHasTooManyRows, NameColumnUnclear, Param, shown
from core.i18n import t
from core.roster_cells import choice_of, has_unprintable, is_email, member_id, one_line, plain, trimmed
from core.roster_columns import Columns, Table, find_delimiter, use_by_header
from core.roster_encoding import Decoded, decode

__all__ = [
    "ColumnSeen",
    "Decoded",
    "ExportRow",
    "Note",
    "RosterFile",
    "RosterRow",
    "columns_of",
    "decode",
    "note_text",
    "parse",
    "render",
]

MOST_ROWS = 50_000
SAMPLE_CELLS = 3


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about one line: `roster_csv.<code>` in the catalogs, with `line` and the params."""

    line: int
    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person of the file. Empty texts were blank; `email` is in small letters."""

    line: int
    name: str
    email: str
    member_id: int | None
    note: str
    choices: Mapping[str, bool]
    """By column header: True to subscribe, False to pause. A blank cell is not there."""
    unclear: Mapping[str, str]
    """By column header: what stood in a cell that is neither TRUE nor FALSE nor blank."""


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A whole file, understood as far as that is possible without knowing the members and plans."""

    delimiter: str
    by_position: bool
    """Neither a name nor an e-mail header was recognised: the first two columns were taken for them."""
    other_columns: tuple[str, ...]
    """Headers that may be plans."""
    ignored_columns: tuple[str, ...]
    """Headers of columns that are known and never used, such as a form's timestamp."""
    rows: tuple[RosterRow, ...]
    rows_read: int
    """Rows with anything in them, before merging and leaving out."""
    problems: tuple[Note, ...]
    """One for each row that was left out."""
    notes: tuple[Note, ...]
    """What was understood in a way that somebody may want to know: merged rows, short rows."""

    def unclear_cells(self, plans: Collection[str]) -> list[Note]:
        """List the cells of these columns that say neither TRUE nor FALSE; they leave everything as it is."""
        return [
            Note(row.line, "cell_left_alone", {"column": column, "value": shown(value)})
            for row in self.rows
            for column, value in row.unclear.items()
            if column in plans
        ]


def note_text(locale: str, note: Note) -> str:
    """Return the sentence for a note or problem; it names the line."""
    return t(locale, f"roster_csv.{note.code}", line=note.line, **note.params)


@dataclass(frozen=True, slots=True)
class ColumnSeen:
    """One column of a file: its header, what it is taken for, and the first cells with something in them.

    `use` is one of ROLES, PLAN with the plan's name, or "" (core/roster_columns.py).
    """

    header: str
    use: str
    cells: tuple[str, ...]


def columns_of(
    text: str, plans: Collection[str] = (), chosen: Sequence[str] | None = None
) -> tuple[ColumnSeen, ...]:
    """Every column with what `parse` takes it for; where it cannot decide, with what its header says alone.

    Raises FileEmpty, QuoteNotClosed, FileHasTooManyRows and HeaderRowMissing.
    """
    _, header, body = _table(text)
    try:
        columns = _columns(header, body, plans, chosen)
        uses = [columns.use_of(n) for n in range(len(header))]
    except (ColumnTwice, NameColumnUnclear):
        uses = list(chosen or (use_by_header(cell, plans) for cell in header))
    uses += [""] * (len(header) - len(uses))
    return tuple(
        ColumnSeen(header[n], uses[n], tuple(islice(_filled(body, n), SAMPLE_CELLS)))
        for n in range(len(header))
    )


def parse(text: str, plans: Collection[str] = (), chosen: Sequence[str] | None = None) -> RosterFile:
    """Understand a decoded roster file; a header that is the exact name of one of `plans` means that plan.

    With `chosen` a person has said what each column is (core/roster_columns.py), and headers mean nothing.
    Raises FileEmpty, QuoteNotClosed, FileHasTooManyRows, ColumnTwice, HeaderRowMissing or NameColumnUnclear
    when the file as a whole cannot be trusted. Rows with the same e-mail or member are merged: the last name
    that is not blank wins, and TRUE beats FALSE.
    """
    header_line, header, body = _table(text)
    columns = _columns(header, body, plans, chosen)
    people = _People(columns)
    people.notes += [Note(header_line, "column_without_header", {"column": n}) for n in columns.nameless]
    for line, cells in body:
        people.read(line, cells)
    return RosterFile(
        delimiter=find_delimiter(text),
        by_position=columns.by_position,
        other_columns=tuple(dict.fromkeys(columns.others.values())),
        ignored_columns=tuple(columns.ignored),
        rows=tuple(people.rows),
        rows_read=len(body),
        problems=tuple(people.problems),
        notes=tuple(people.notes),
    )


def _table(text: str) -> tuple[int, list[str], Table]:
    """The line of the header row, its cells, and the rows below it."""
    table = list(islice(rows_of(text, find_delimiter(text)), MOST_ROWS + 2))
    if not table:
        raise FileEmpty()
    if len(table) > MOST_ROWS + 1:
        raise FileHasTooManyRows(rows=MOST_ROWS)
    return table[0][0], [one_line(cell) for cell in table[0][1]], table[1:]


def _columns(header: list[str], body: Table, plans: Collection[str], chosen: Sequence[str] | None) -> Columns:
    return Columns.of(header, body, plans) if chosen is None else Columns.chosen(header, chosen)


def _filled(body: Table, column: int) -> Iterator[str]:
    return (
        shown(cells[column].strip()) for _, cells in body if column < len(cells) and cells[column].strip()
    )


class _People:
    """Collects the rows of a file, person by person."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.rows: list[RosterRow] = []
        self.problems: list[Note] = []
        self.notes: list[Note] = []
        self._by_email: dict[str, int] = {}
        self._by_member: dict[int, int] = {}

    def read(self, line: int, cells: list[str]) -> None:
        """Take one row: add a person, merge it into one, or list it as a problem."""
        if any(cell.strip() for cell in cells[self.columns.width :]):
            self.problems.append(
                Note(line, "row_too_long", {"cells": len(cells), "columns": self.columns.width})
            )
            return
        if len(cells) < self.columns.width:
            self.notes.append(Note(line, "row_short", {"cells": len(cells), "columns": self.columns.width}))
            cells = cells + [""] * (self.columns.width - len(cells))
        row = self._understood(line, cells)
        if isinstance(row, Note):
            self.problems.append(row)
        else:
            self._place(row)

    def _understood(self, line: int, cells: list[str]) -> RosterRow | Note:
        """Turn cells into a row, or into the problem that keeps it out."""
        columns = self.columns
        name = one_line(columns.cell(cells, columns.name))
        email = plain(columns.cell(cells, columns.email)).lower()
        member = plain(columns.cell(cells, columns.member))
        note = trimmed(columns.cell(cells, columns.note))
        if not (name or email or member):
            return Note(line, "nobody_named")
        if has_unprintable(name) or has_unprintable(note):
            return Note(line, "unprintable_characters")
        if email and not is_email(email):
            return Note(line, "bad_email", {"value": shown(email)})
        number = member_id(member)
        if member and number is None:
            return Note(line, "bad_member_id", {"value": shown(member)})
        choices: dict[str, bool] = {}
        unclear: dict[str, str] = {}
        for index, header in columns.others.items():
            cell = trimmed(cells[index])
            choice = choice_of(cell)
            if choice is not None:
                choices[header] = choice
            elif cell:
                unclear[header] = cell
        return RosterRow(line, name, email, number, note, choices, unclear)

    def _place(self, row: RosterRow) -> None:
        """Add the row, or merge it into the one that has its e-mail or member already."""
        found = {
            place
            for place in (self._by_email.get(row.email), self._by_member.get(row.member_id or 0))
            if place is not None
        }
        if not found:
            self._put(len(self.rows), row)
            return
        place = min(found)
        first = self.rows[place]
        contradiction = (first.email and row.email and first.email != row.email) or (
            first.member_id and row.member_id and first.member_id != row.member_id
        )
        if len(found) > 1 or contradiction:
            self.problems.append(Note(row.line, "contradicts_line", {"first_line": first.line}))
            return
        self._put(place, _merged(first, row))
        self.notes.append(Note(row.line, "merged_into_line", {"first_line": first.line}))

    def _put(self, place: int, row: RosterRow) -> None:
        self.rows[place : place + 1] = [row]
        if row.email:
            self._by_email[row.email] = place
        if row.member_id:
            self._by_member[row.member_id] = place


def _merged(first: RosterRow, later: RosterRow) -> RosterRow:
    choices = dict(first.choices)
    for column, choice in later.choices.items():
        choices[column] = choice or choices.get(column, False)
    unclear = {**first.unclear, **later.unclear}
    return replace(
        first,
        name=later.name or first.name,
        email=first.email or later.email,
        member_id=first.member_id or later.member_id,
        note=later.note or first.note,
        choices=choices,
        unclear={column: cell for column, cell in unclear.items() if column not in choices},
    )


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One member for the export; a plan that is absent or None stays blank and is left alone."""

    member_id: int
    name: str
    email: str
    note: str
    choices: Mapping[str, bool | None]


def render(rows: Iterable[ExportRow], plans: Sequence[str], locale: str = "en") -> bytes:
    """Write the roster as a file that `parse` reads back: one row per member, one column per plan."""
    header = [t(locale, f"roster_csv.header_{column}") for column in ("member", "name", "email", "note")]
    words = {True: "TRUE", False: "FALSE", None: ""}
    return write(
        [*header, *plans],
        (
            [f"M-{row.member_id}", row.name, row.email, row.note, *(words[row.choices.get(p)] for p in plans)]
            for row in rows
        ),
    )
