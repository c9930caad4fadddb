"""What one cell of a roster file says: a choice, an e-mail, a member's number, or a text."""

from __future__ import annotations

import re
import unicodedata

from core.csv_text import unprotected

_MEMBER_ID = re.compile(r"M-([1-9][0-9]{0,17})")
_EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\".]+(?:\.[^@\s,;<>()\".]+)+")
_LONGEST_EMAIL = 254
# Control characters, and those that turn the direction of the text around them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_CLINGING = "\ufeff\u200b"  # invisible characters that come along with copied text
_CHOICES = {"TRUE": True, "FALSE": False}


def choice_of(cell: str) -> bool | None:
    """Return what a plan's cell chooses: TRUE or FALSE, as spreadsheets write checkboxes, alone."""
    return _CHOICES.get(plain(cell).upper())


def member_id(cell: str) -> int | None:
    """Return 12 for "M-12"; None for anything else."""
    number = _MEMBER_ID.fullmatch(plain(cell).upper())
    return int(number[1]) if number else None


def is_member_id(cell: str) -> bool:
    """Whether this is a member's number as our export writes it."""
    return member_id(cell) is not None


def is_email(text: str) -> bool:
    """Whether this has the form of one e-mail address; whether it exists nobody can tell."""
    return len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def has_at(cell: str) -> bool:
    """Whether this may be an e-mail address, or a wrong one."""
    return "@" in plain(cell)


def has_unprintable(text: str) -> bool:
    """Whether there are characters in it that would disturb a message and that nobody typed on purpose."""
    return _UNPRINTABLE.search(text) is not None


def trimmed(cell: str) -> str:
    """Return the text without what surrounds it, as it was before an export protected it."""
    return unprotected(cell.strip(" ")).strip().strip(_CLINGING).strip()


def one_line(cell: str) -> str:
    """Return the text on one line, with single spaces."""
    return " ".join(trimmed(cell).split())


def plain(cell: str) -> str:
    """Return the text with full-width characters as plain ones, for what is compared rather than shown."""
    return trimmed(cell if cell.isascii() else unicodedata.normalize("NFKC", cell))
