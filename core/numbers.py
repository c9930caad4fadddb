"""Whole numbers that people type: full-width digits count, anything else is refused by the field's name."""

import re
import unicodedata

from core import errors

_NUMBER = re.compile(r"[-+]?[0-9]{1,6}")
_BETWEEN = re.compile(r"[\s,;、]+")


def parse_whole(text: str, field: str, least: int, most: int) -> int:
    """The number that was typed; raises FieldMissing, or NumberOutOfRange naming the field."""
    typed = _plain(text)
    if not typed:
        raise errors.FieldMissing(field=field)
    if _NUMBER.fullmatch(typed) is None or not least <= int(typed) <= most:
        raise errors.NumberOutOfRange(field=field, least=least, most=most)
    return int(typed)


def parse_several(text: str, field: str, least: int, most: int) -> list[int]:
    """Numbers with commas or blanks between them; none at all for a blank text."""
    parts = [part for part in _BETWEEN.split(_plain(text)) if part]
    return [parse_whole(part, field, least, most) for part in parts]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").strip()
