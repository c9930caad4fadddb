"""Lists that may be very long in a preview: some messages of it, or a file with every line."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import discord

from core.i18n import t

MOST_LINES = 150
"""Some four messages; beyond that a file is easier to read."""

_MARKS = re.compile(r"\\([\\`*_~|<>\[\]()@#+>.-])|\*\*")


def shown(lines: Sequence[str], locale: str) -> list[str]:
    """The lines themselves, or the word that they are in the file."""
    return list(lines) if len(lines) <= MOST_LINES else [t(locale, "common.lines_attached", count=len(lines))]


def attached(name: str, lines: Sequence[str]) -> list[discord.File]:
    """The file with every line, where there are too many to be shown; without markdown."""
    if len(lines) <= MOST_LINES:
        return []
    text = "\n".join(_MARKS.sub(lambda mark: mark[1] or "", line) for line in lines) + "\n"
    return [discord.File(io.BytesIO(text.encode("utf-8-sig")), filename=f"{name}.txt")]
