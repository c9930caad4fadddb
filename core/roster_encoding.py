"""How the characters of a roster file are encoded: known for sure, or asked; never guessed.

UTF-8 proves itself, and so does UTF-16 with its mark. The old East Asian encodings do not: many a file of one
can be read as another, with wrong names and without an error. So a file is read with each of them, and one is
taken only when its header row makes sense, its characters are ones that people use, and no other reading
comes near. Else the treasurer chooses.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from core.errors import (
    EncodingUnclear,
    EncodingWrong,
    FileEmpty,
    FileNotText,
    FileTooLarge,
    UnknownEncoding,
    shown,
)
from core.roster_columns import find_delimiter, first_row, recognise

MOST_MEGABYTES = 5
MOST_BYTES = MOST_MEGABYTES * 1_000_000

ENCODINGS: dict[str, str] = {
    "utf-8": "UTF-8",
    "cp950": "Big5 (cp950)",
    "gb18030": "GB18030",
    "cp932": "Shift-JIS (cp932)",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}
"""Encodings that can be chosen, with the name to show. All but the last two are also tried by themselves."""

_ALIASES = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf16": "utf-16",
    "big5": "cp950",
    "big-5": "cp950",
    "ms950": "cp950",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "shift-jis": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "windows-1252": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
}
_TRIED = ("cp950", "gb18030", "cp932")
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")

# Shares of everyday characters among those beyond ASCII. Measured on made-up lists of Taiwanese, Chinese and
# Japanese names, four or more: the right reading has 0.75 to 1, and is ahead of every wrong one. It is taken
# when it has at least _SENSIBLE and no other reading comes nearer than _LEAD; below _DOUBTFUL it is not even
# proposed (a Western file, read as Chinese).
_SENSIBLE, _LEAD, _DOUBTFUL = 0.85, 0.25, 0.5
# With fewer characters than this a wrong reading can look right by chance.
_ENOUGH_CHARACTERS = 12
# Up to so many letters, a file in another encoding can be valid UTF-8 by chance.
_FEW_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text, how it was read (a key of ENCODINGS), and every encoding that was possible."""

    text: str
    encoding: str
    candidates: tuple[str, ...]

    @property
    def label(self) -> str:
        """The encoding's name as the preview shows it."""
        return ENCODINGS[self.encoding]


@dataclass(frozen=True, slots=True)
class _Reading:
    encoding: str
    text: str
    header_proof: int  # recognised headers that are not plain ASCII: no other encoding reads them so
    header_known: bool
    sense: float
    characters: int

    @property
    def fits(self) -> bool:
        """Whether this could be what was meant, as far as one reading alone can tell."""
        return self.header_known and self.sense >= _SENSIBLE


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Turn the bytes of a file into text, with the chosen encoding or by what the file proves.

    Raises FileTooLarge, FileEmpty, FileNotText, UnknownEncoding, EncodingWrong (the choice does not fit), or
    EncodingUnclear, which names the choices.
    """
    if len(data) > MOST_BYTES:
        raise FileTooLarge(megabytes=MOST_MEGABYTES)
    if not data.removeprefix(_UTF8_MARK).strip():
        raise FileEmpty()
    if encoding is not None and encoding.strip():
        return _as_chosen(data, encoding)
    if data.startswith(_UTF16_MARKS):
        return _as_chosen(data, "utf-16")
    if b"\0" in data:
        raise FileNotText()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _as_proved(_readings(data))
    if not data.startswith(_UTF8_MARK) and _may_be_chance(text):
        others = [reading.encoding for reading in _readings(data) if reading.header_known]
        if others:
            raise EncodingUnclear(candidates=", ".join(["utf-8", *others]))
    return Decoded(text, "utf-8", ("utf-8",))


def _as_chosen(data: bytes, encoding: str) -> Decoded:
    wanted = unicodedata.normalize("NFKC", encoding).strip().lower().replace("_", "-")
    wanted = _ALIASES.get(wanted, wanted)
    if wanted not in ENCODINGS:
        raise UnknownEncoding(value=shown(encoding), choices=", ".join(ENCODINGS))
    marked = data.startswith(_UTF8_MARK) or data.startswith(_UTF16_MARKS)
    own_mark = _UTF16_MARKS if wanted == "utf-16" else (_UTF8_MARK,)
    if (marked or wanted == "utf-16") and not (data.startswith(own_mark) and wanted.startswith("utf")):
        raise EncodingWrong(encoding=ENCODINGS[wanted])
    try:
        text = data.decode("utf-8-sig" if wanted == "utf-8" else wanted)
    except UnicodeDecodeError:
        raise EncodingWrong(encoding=ENCODINGS[wanted]) from None
    if "\0" in text:
        raise FileNotText()
    return Decoded(text, wanted, (wanted,))


def _as_proved(readings: list[_Reading]) -> Decoded:
    """Take the one reading that its header proves, or that is far more sensible than the others."""
    best = max((reading.sense for reading in readings if reading.header_known), default=0.0)
    possible = [r for r in readings if r.header_known and r.sense > best - _LEAD]
    proved = [reading for reading in possible if reading.header_proof]
    found = proved or [reading for reading in possible if len(possible) == 1 and reading.fits]
    if len(found) == 1 and (proved or found[0].characters >= _ENOUGH_CHARACTERS):
        return Decoded(found[0].text, found[0].encoding, tuple(r.encoding for r in possible))
    choices = [r.encoding for r in possible if r.sense >= _DOUBTFUL] or list(ENCODINGS)
    raise EncodingUnclear(candidates=", ".join(choices))


def _may_be_chance(text: str) -> bool:
    """Whether this valid UTF-8 could still be something else: a short name can be both.

    Not so when there are many letters, at least half of them everyday ones, or accents in Western words.
    """
    foreign = [c for c in text if c > "\x7f"]
    everyday = sum(c in _everyday_characters() or c > "\uffff" for c in foreign)
    if len(foreign) > _FEW_LETTERS or everyday * 2 >= len(foreign):
        return False
    accents = [c for word in re.findall(r"\w*[A-Za-z]\w*", text) for c in word if c > "\x7f"]
    return len(accents) < len(foreign) or not all(
        unicodedata.name(c, "").startswith("LATIN") for c in accents
    )


def _readings(data: bytes) -> list[_Reading]:
    return [reading for name in _TRIED if (reading := _reading(data, name)) is not None]


def _reading(data: bytes, encoding: str) -> _Reading | None:
    """Read the file in this encoding; None when it cannot be, or gives characters that no text has."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    foreign = [c for c in text if c > "\x7f"]
    kinds = {unicodedata.category(c) for c in set(foreign)}
    controls = any(c < " " and c not in "\t\r\n" for c in set(text))
    if controls or not kinds.isdisjoint({"Cc", "Co", "Cn", "Cs"}):
        return None
    known = [cell for cell in first_row(text, find_delimiter(text)) if recognise(cell) is not None]
    proof = sum(not cell.isascii() for cell in known)
    everyday = _everyday_characters()
    sense = sum(c in everyday for c in foreign) / len(foreign) if foreign else 1.0
    return _Reading(encoding, text, proof, bool(known), sense, len(foreign))


@cache
def _everyday_characters() -> frozenset[str]:
    """Return the frequent characters of Big5, GB 2312 and JIS X 0208 (first levels), kana, punctuation."""
    levels = [("cp950", 0xA4, 0xC6), ("gb2312", 0xB0, 0xD7), ("cp932", 0x88, 0x98)]
    # Full-width punctuation, then hiragana and katakana.
    characters = set("’‘“”…–—·、。，．：；？！（）「」『』〈〉《》【】・ー～　％＋－／＠＃＆")
    characters.update(map(chr, range(0x3041, 0x30FB)))
    for encoding, first, last in levels:
        pairs = (bytes((lead, trail)) for lead in range(first, last + 1) for trail in range(0x40, 0xFF))
        characters.update(c for pair in pairs if len(c := pair.decode(encoding, "ignore")) == 1 and c >= "一")
    return frozenset(characters)
