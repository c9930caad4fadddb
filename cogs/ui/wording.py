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


Borders = Sequence[Sequence[int]]
"""For each message of a list, the ids of those whom it names."""
Page = list[tuple[str, int | None]]
"""Lines of one message, each with its id when it is one of the list."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one message, whom of those who may be mentioned it mentions, and the ids of its list lines."""

    text: str
    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    holds: tuple[int, ...] = ()


def pieces(
    body: str,
    values: Mapping[str, str],
    lists: Mapping[str, Sequence[str]] | None = None,
    *,
    users: Collection[int] = (),
    roles: Collection[int] = (),
    ids: Sequence[int] = (),
    borders: Borders = (),
) -> list[Piece]:
    """Fill in the wording; `lists` are placeholders that stand for lines. At least one piece, maybe blank.

    `users` and `roles` may be mentioned, nobody else; at most 100 of each stand in one piece. `ids` name the
    lines of the list. With `borders`, which an earlier call gave as `holds`, each line stays in its piece and
    there are as many pieces, however many lines are gone meanwhile.
    """
    may = frozenset(users), frozenset(roles)
    place = {one: number for number, held in enumerate(borders) for one in held}
    lines = _lines(body, values, lists or {}, ids)
    after_list = max((at for at, (_, one) in enumerate(lines) if one is not None), default=-1) + 1
    pages: list[Page] = [[]]
    size = 0
    for at, (line, one) in enumerate(lines):
        at_page = len(pages) - 1
        if one in place:
            at_page = max(at_page, place[one])
        elif at == after_list and borders:
            at_page = max(at_page, len(borders) - 1)
        elif pages[-1] and not _fits(size, pages[-1], line, *may):
            at_page += 1
        while len(pages) <= at_page:
            pages.append([])
            size = 0
        pages[-1].append((line, one))
        size += len(line) + 1
    return [_piece(page, *may) for page in pages]


def _lines(
    body: str, values: Mapping[str, str], lists: Mapping[str, Sequence[str]], ids: Sequence[int]
) -> list[tuple[str, int | None]]:
    """The lines of the text, each with its id when it is one of the list; an empty list takes its line with it."""
    found: list[tuple[str, int | None]] = []
    left = list(ids)
    for line in body.split("\n"):
        named = [name for name in templates.PLACEHOLDER.findall(line) if name in lists]
        if len(named) == 1 and not lists[named[0]] and line.strip() == f"{{{named[0]}}}":
            continue
        filled = templates.fill(line, {**values, **{name: "\n".join(lists[name]) for name in named}})
        rows = filled.split("\n")
        held: list[int] | list[None] = [None] * len(rows)
        if named and len(rows) == len(left):
            held, left = left, []  # a wording that has the list twice counts as long as it is, the first time
        found += [(torn, one) for row, one in zip(rows, held, strict=True) for torn in _torn(row)]
    return found


def _torn(line: str) -> list[str]:
    """The line; one that fills more than a whole message is torn at a blank."""
    found = []
    while len(line) > limits.PAGE_CHARACTERS:
        at = line.rfind(" ", 1, limits.PAGE_CHARACTERS) + 1 or limits.PAGE_CHARACTERS
        found.append(line[:at])
        line = line[at:]
    return [*found, line]


def _fits(size: int, page: Page, line: str, users: Collection[int], roles: Collection[int]) -> bool:
    if size + len(line) + 1 > limits.PAGE_CHARACTERS:
        return False
    if "<@" not in line:
        return True
    piece = _piece([*page, (line, None)], users, roles)
    return len(piece.users) <= limits.MENTIONS and len(piece.roles) <= limits.MENTIONS


def _piece(page: Page, users: Collection[int], roles: Collection[int]) -> Piece:
    text = "\n".join(line for line, _ in page)
    found: dict[str, dict[int, None]] = {"": {}, "&": {}}
    for match in _MENTION.finditer(text):
        found[match[1]][int(match[2])] = None
    return Piece(
        text.strip("\n"),
        tuple(user for user in found[""] if user in users),
        tuple(role for role in found["&"] if role in roles),
        tuple(dict.fromkeys(one for _, one in page if one is not None)),
    )
