"""A club's own wording, filled in and cut into messages: nothing of a long list is ever left out.

The wording keeps its markdown. What is filled in was escaped by whoever made it, and mentions only work for
the accounts and roles that a message names in `allowed_mentions`; what somebody typed can never ping.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cogs.ui import limits
from core import templates

_MENTION = re.compile(r"<@(&?)!?([0-9]{1,20})>")


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one message, and whom of those who may be mentioned it mentions."""

    text: str
    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()


def pieces(
    body: str,
    values: Mapping[str, str],
    lists: Mapping[str, Sequence[str]] | None = None,
    *,
    users: Collection[int] = (),
    roles: Collection[int] = (),
) -> list[Piece]:
    """Fill in the wording; `lists` are placeholders that stand for lines. At least one piece, maybe blank.

    `users` and `roles` may be mentioned, nobody else; at most 100 of each stand in one piece.
    """
    lines = dict(lists or {})
    for name in [name for name, found in lines.items() if not found]:
        body = re.sub(rf"^[ \t]*\{{{name}\}}[ \t]*\n?", "", body, flags=re.MULTILINE)
    text = templates.fill(body, {**values, **{name: "\n".join(found) for name, found in lines.items()}})
    may_users, may_roles = frozenset(users), frozenset(roles)
    pages: list[list[str]] = [[]]
    size = 0
    for line in _torn(text):
        if pages[-1] and not _fits(size, pages[-1], line, may_users, may_roles):
            pages.append([])
            size = 0
        pages[-1].append(line)
        size += len(line) + 1
    return [_piece("\n".join(page), may_users, may_roles) for page in pages]


def _torn(text: str) -> list[str]:
    """The lines of a text; one that fills more than a whole message is torn at a blank."""
    found = []
    for line in text.split("\n"):
        rest = line
        while len(rest) > limits.PAGE_CHARACTERS:
            at = rest.rfind(" ", 1, limits.PAGE_CHARACTERS) + 1 or limits.PAGE_CHARACTERS
            found.append(rest[:at])
            rest = rest[at:]
        found.append(rest)
    return found


def _fits(size: int, page: Sequence[str], line: str, users: Collection[int], roles: Collection[int]) -> bool:
    if size + len(line) + 1 > limits.PAGE_CHARACTERS:
        return False
    if "<@" not in line:
        return True
    piece = _piece("\n".join((*page, line)), users, roles)
    return len(piece.users) <= limits.MENTIONS and len(piece.roles) <= limits.MENTIONS


def _piece(text: str, users: Collection[int], roles: Collection[int]) -> Piece:
    found: dict[str, dict[int, None]] = {"": {}, "&": {}}
    for match in _MENTION.finditer(text):
        found[match[1]][int(match[2])] = None
    return Piece(
        text.strip("\n"),
        tuple(user for user in found[""] if user in users),
        tuple(role for role in found["&"] if role in roles),
    )
