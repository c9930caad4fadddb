"""Executing an SQL dump that somebody else made, in memory, letting it do nothing but fill tables.

The file is cut into statements, and each runs under an authorizer that knows two things: creating tables and
indexes, and inserting rows. What exports wrap around those (BEGIN, COMMIT, a pragma about foreign keys) is
left out. Whatever else stands there is refused by its line.
"""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

DUMP_MEGABYTES = 1024
STATEMENT_CHARACTERS = 8 * 1024 * 1024
VALUE_BYTES = 16 * 1024 * 1024
_MEMORY_PAGES = 1024 * 1024  # of 4 KiB

_OPENING = re.compile(r"'|\"|`|\[|--|/\*|;")
_CLOSING = {"'": "'", '"': '"', "`": "`", "[": "]", "/*": "*/"}
# One whole statement on one line, which is what nearly all of a dump is made of.
_PLAIN = re.compile(r"[^'\";`\[\-/]*(?:(?:'[^']*'|\"[^\"]*\")[^'\";`\[\-/]*)*;\s*")
_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_WRAPPING = re.compile(
    r"(?:PRAGMA\s+(?:foreign_keys|defer_foreign_keys)\s*=\s*(?:ON|OFF|TRUE|FALSE|0|1)"
    r"|BEGIN(?:\s+(?:DEFERRED|IMMEDIATE|EXCLUSIVE))?(?:\s+TRANSACTION)?|(?:COMMIT|END)(?:\s+TRANSACTION)?"
    r"|ANALYZE\s+\"?sqlite_(?:schema|master)\"?|DELETE\s+FROM\s+\"?sqlite_sequence\"?"
    r"|INSERT\s+INTO\s+\"?sqlite_(?:sequence|stat[0-9])\"?\s*(?:\([^()']*\))?\s*VALUES\s*\([^()]*\))\s*;\s*",
    re.IGNORECASE,
)
_DEFINING = re.compile(r"CREATE\s+(?:TABLE|INDEX|UNIQUE\s+INDEX)\b", re.IGNORECASE)
_FILLING = re.compile(r"INSERT\s+INTO\b", re.IGNORECASE)
_UNISTR = re.compile(r"\\(?:\\|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))")

# What dumps write texts with, and what defaults and checks of such tables use.
_FUNCTIONS = {
    "replace", "char", "unistr", "strftime", "datetime", "date", "time", "julianday", "unixepoch", "length",
    "lower", "upper", "trim", "typeof", "coalesce", "ifnull", "like", "glob", "json", "json_valid", "abs",
}  # fmt: skip
_STOPPED = (sqlite3.SQLITE_AUTH, sqlite3.SQLITE_INTERRUPT)
_SCHEMA = ("sqlite_master", "sqlite_schema")
_ROUND = 10_000  # instructions between two looks at how much a statement has used


class DumpRefused(Exception):  # noqa: N818 - reads as what happened
    """A statement that a dump must not have; `line` is where it begins, `text` how."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line = line
        self.text = text


class DumpBroken(Exception):  # noqa: N818
    """A statement that cannot be executed, or does not end; `line` is where it begins."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def load(path: Path) -> sqlite3.Connection:
    """Execute the dump and return the database in memory that it makes; raises DumpRefused, DumpBroken.

    OSError and UnicodeDecodeError when the file cannot be read as UTF-8 text.
    """
    conn = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    try:
        _confine(conn)
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            _execute(conn, file)
    except BaseException:
        conn.close()
        raise
    return conn


def statements(file: TextIO) -> Iterator[tuple[int, str]]:
    """Yield (line, statement) with the line on which the statement itself begins; raises DumpBroken."""
    parts: list[str] = []
    size, closing, begins, number = 0, "", 1, 0
    while line := file.readline(STATEMENT_CHARACTERS):
        number += 1
        if not parts:
            begins = number
            if _PLAIN.fullmatch(line):
                yield begins, line
                continue
        start = 0
        closing, ends = _scan(line, closing)
        for end in ends:
            parts.append(line[start:end])
            yield _begin("".join(parts), begins)
            parts, size, start, begins = [], 0, end, number
        if line[start:].strip() or parts:
            parts.append(line[start:])
            size += len(line) - start
        if size > STATEMENT_CHARACTERS:
            raise DumpBroken(_begin("".join(parts), begins)[0], "too long")
    begins, rest = _begin("".join(parts), begins)
    if rest or closing:
        raise DumpBroken(begins, "not finished")


def _scan(line: str, closing: str) -> tuple[str, list[int]]:
    """(What still has to be closed at the line's end, where each statement that ends in it ends)."""
    ends: list[int] = []
    at = 0
    while at < len(line):
        if closing:
            found = line.find(closing, at)
            if found < 0:
                return closing, ends
            at, closing = found + len(closing), ""
        elif (mark := _OPENING.search(line, at)) is None:
            break
        elif mark[0] == ";":
            at = mark.end()
            ends.append(at)
        elif mark[0] == "--":
            break
        else:
            at, closing = mark.end(), _CLOSING[mark[0]]
    return closing, ends


def _begin(text: str, line: int) -> tuple[int, str]:
    """The statement without the blanks and comments before it, and the line on which it begins."""
    leading = _LEADING.match(text)
    assert leading is not None
    return line + leading[0].count("\n"), text[leading.end() :]


def _execute(conn: sqlite3.Connection, file: TextIO) -> None:
    guard = _Guard(conn)
    conn.execute("BEGIN")
    for line, text in statements(file):
        text = text.lstrip()
        if text.strip() == ";" or _WRAPPING.fullmatch(text):
            continue
        defining = _DEFINING.match(text) is not None
        if not (defining or _FILLING.match(text)) or not sqlite3.complete_statement(text):
            raise DumpRefused(line, text)
        try:
            guard.run(text, defining=defining)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in _STOPPED or str(error).startswith("not authorized"):
                raise DumpRefused(line, text) from None
            raise DumpBroken(line, str(error)) from None
        except (sqlite3.Warning, OverflowError) as error:
            raise DumpBroken(line, str(error)) from None
    guard.lift()
    conn.execute("COMMIT")


class _Guard:
    """Lets a statement only define or only fill, and stops one that works on and on."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        self.defining = False
        self.rounds_left = 0
        self.active = False
        conn.set_authorizer(self._allow)
        conn.set_progress_handler(self._still_fine, _ROUND)

    def run(self, text: str, *, defining: bool) -> None:
        self.defining, self.active = defining, True
        rows = self.conn.total_changes if defining else 0
        self.rounds_left = 100 + (200 * len(text) + 500 * rows) // _ROUND
        self.conn.execute(text)
        self.active = False

    def lift(self) -> None:
        self.conn.set_authorizer(None)
        self.conn.set_progress_handler(None, 0)

    def _still_fine(self) -> bool:
        self.rounds_left -= 1
        return self.rounds_left < 0

    def _allow(self, action: int, one: str | None, two: str | None, base: str | None, _: str | None) -> int:
        if not self.active and action == sqlite3.SQLITE_TRANSACTION:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_OK if self._may(action, one, two, base) else sqlite3.SQLITE_DENY

    def _may(self, action: int, one: str | None, two: str | None, base: str | None) -> bool:
        if action == sqlite3.SQLITE_FUNCTION:
            return (two or "").lower() in _FUNCTIONS
        if action == sqlite3.SQLITE_SELECT:  # rows of VALUES after the first; there is nothing they may read
            return not self.defining
        if base not in (None, "main"):
            return False
        if not self.defining:
            return action == sqlite3.SQLITE_INSERT and not (one or "").lower().startswith("sqlite_")
        if action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE):
            return one in _SCHEMA
        return action in (
            sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_REINDEX,
            sqlite3.SQLITE_READ,
        )  # fmt: skip


def _confine(conn: sqlite3.Connection) -> None:
    """Bound what a value, a statement and the whole database can take, and trust nothing in its schema."""
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)
    conn.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, VALUE_BYTES)
    conn.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    conn.execute(f"PRAGMA max_page_count = {_MEMORY_PAGES}")
    conn.execute("PRAGMA trusted_schema = OFF")
    conn.execute("PRAGMA journal_mode = OFF")
    if not conn.execute("SELECT count(*) FROM pragma_function_list WHERE name = 'unistr'").fetchone()[0]:
        conn.create_function("unistr", 1, _unistr, deterministic=True)


def _unistr(text: str | None) -> str | None:
    """What newer versions of SQLite write line breaks with: backslash-u and four digits."""
    if text is None:
        return None
    return _UNISTR.sub(
        lambda found: chr(int(next(filter(None, found.groups())), 16)) if any(found.groups()) else "\\", text
    )
