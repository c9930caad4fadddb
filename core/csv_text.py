"""CSV files: rows with their line numbers, and files that spreadsheets open safely.

A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@` or a tab as a formula, also when a member chose
that as a name. Such a cell gets an apostrophe in front, which is taken off again when the file comes back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from core.errors import QuoteNotClosed

# Excel can be told the delimiter in a first line of its own.
_SEPARATOR_LINE = re.compile(r"\s*sep=([,;\t])[ ,;\t]*(?:\r\n|\r|\n)", re.IGNORECASE)
# A row of these alone is blank, whichever of them turns out to be the delimiter.
_NOTHING = " \t\r\n,;\u3000\xa0\ufeff"
# Also the full-width signs, which East Asian spreadsheets take for the plain ones.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def protected(cell: str) -> str:
    """Return the cell's text so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unprotected(cell: str) -> str:
    """Take off the apostrophe that `protected` put there."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return the file's bytes: UTF-8 with the mark by which Excel knows it, every cell protected."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([protected(cell) for cell in header])
    writer.writerows([protected(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def named_delimiter(text: str) -> str | None:
    """Return the delimiter that a first line `sep=;` names, if there is such a line."""
    named = _SEPARATOR_LINE.match(text)
    return named[1] if named else None


def rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Read the file row by row, each with the physical line (from 1) on which it begins.

    Blank lines are left out, and rows of nothing but empty cells. Raises QuoteNotClosed, after the last whole
    row, when a quotation mark is not closed or is followed by something that does not belong there.
    """
    named = _SEPARATOR_LINE.match(text)
    body, skipped = (text[named.end() :], 1) if named else (text, 0)
    # newline="" keeps line breaks inside quotes as they are, and knows \n, \r\n and \r as ends of lines.
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    line = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip(_NOTHING) for cell in cells):
                yield line, cells
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise QuoteNotClosed(line=line) from error
