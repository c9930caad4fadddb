"""Files that wait between two steps of a form: here, not in the browser, under a name that cannot be guessed.

In memory only, packed, for a short time, and never more than a few: a restart forgets them, and then the file
is chosen again. Only the session that brought a file gets it back.
"""

from __future__ import annotations

import secrets
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

LIFETIME = timedelta(minutes=30)
MOST_FILES = 16
MOST_PACKED_BYTES = 24 * 1024 * 1024


@dataclass(slots=True)
class Kept(Generic[T]):
    """A file and what was said about it so far; `result` once something was done with it."""

    session_id: int
    packed: bytes
    until: datetime
    about: dict[str, str] = field(default_factory=dict)
    result: T | None = None

    @property
    def data(self) -> bytes:
        """The file as it was sent."""
        return zlib.decompress(self.packed)


class Keep(Generic[T]):
    """The files that wait, the oldest first; that one goes when there are too many."""

    def __init__(self, most_files: int = MOST_FILES) -> None:
        """Begin without any."""
        self._most_files = most_files
        self._files: OrderedDict[str, Kept[T]] = OrderedDict()

    def put(self, session_id: int, data: bytes, now: datetime, about: dict[str, str]) -> str:
        """Keep a file for a session; returns the name by which it is asked for."""
        name = secrets.token_urlsafe(24)
        self._files[name] = Kept(session_id, zlib.compress(data, 6), now + LIFETIME, about)
        self._tidy(now)
        return name

    def get(self, session_id: int, name: str, now: datetime) -> Kept[T] | None:
        """The file of this session under that name, if it is still there."""
        self._tidy(now)
        kept = self._files.get(name)
        return kept if kept is not None and kept.session_id == session_id else None

    def _tidy(self, now: datetime) -> None:
        for name in [name for name, kept in self._files.items() if kept.until <= now]:
            del self._files[name]
        while len(self._files) > 1 and (
            len(self._files) > self._most_files
            or sum(len(kept.packed) for kept in self._files.values()) > MOST_PACKED_BYTES
        ):
            self._files.popitem(last=False)
