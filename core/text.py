"""Text that people type: trimmed, normalised, never longer than its field, and fit to stand in a message."""

import re
import unicodedata

from core import errors

_ALWAYS = re.compile(r"([\\`*_~|<>\[\]()@])")
_AT_START = re.compile(r"^(\s*)([#+>-]|[0-9]+\.)", re.MULTILINE)


def clean_text(text: str, field: str, limit: int, *, required: bool = False) -> str:
    """Return the text without outer blanks and control characters; raises FieldMissing, TextTooLong."""
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cn"})
    kept = unicodedata.normalize("NFC", kept).strip()
    if required and not kept:
        raise errors.FieldMissing(field=field)
    if len(kept) > limit:
        raise errors.TextTooLong(field=field, limit=limit)
    return kept


def clean_name(text: str, field: str, limit: int) -> str:
    """A required text on one line; raises FieldMissing, TextTooLong."""
    return clean_text(" ".join(text.split()), field, limit, required=True)


def name_key(text: str) -> str:
    """The form in which names are compared: width, case and inner blanks do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def escape_markdown(text: str) -> str:
    """Return the text so that Discord shows it as it was typed: no markup, no mention, no masked link."""
    marked = _ALWAYS.sub(r"\\\1", text)
    return _AT_START.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", marked)
