"""Text that people typed, made fit to stand in a message."""

from __future__ import annotations

import re

_ALWAYS = re.compile(r"([\\`*_~|<>\[\]()@])")
_AT_START = re.compile(r"^(\s*)([#+>-]|[0-9]+\.)", re.MULTILINE)


def escape_markdown(text: str) -> str:
    """Return the text so that Discord shows it as it was typed: no markup, no mention, no masked link."""
    marked = _ALWAYS.sub(r"\\\1", text)
    return _AT_START.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", marked)


def one_line(text: str) -> str:
    """The same on one line, for names and titles."""
    return escape_markdown(" ".join(text.split()))
