"""What every part of an import works with."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.chippot.result import Findings
from core.chippot.settings import Settings
from core.chippot.source import Source
from core.db import Tx
from core.i18n import t
from core.models import Actor, Workspace
from core.store import chippot


@dataclass(slots=True)
class Book:
    """One import: both sides, what was done so far, and the next free ids."""

    tx: Tx
    source: Source
    actor: Actor
    workspace: Workspace
    settings: Settings
    origin: str
    today: date
    findings: Findings
    is_new_workspace: bool
    last: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    now: str = ""
    _hash: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.now = self.tx.now_text

    def next_id(self, table: str) -> int:
        self.last[table] += 1
        return self.last[table]

    def known(self, table: str) -> dict[int, int]:
        """Their id → ours of what came over already."""
        return chippot.known(self.tx.conn, self.workspace.id, self.origin, table)

    def remember(self, table: str, target: str, ids: Iterable[tuple[int, int]]) -> None:
        """Keep which of their rows became which of ours."""
        chippot.remember(
            self.tx.conn,
            ((self.workspace.id, self.origin, table, theirs, target, ours) for theirs, ours in ids),
        )

    def read(self, what: str, row: object) -> None:
        """Put a new row of theirs into the digest."""
        self._hash.update(f"{what}{row!r}".encode("utf-8", "surrogatepass"))

    def word(self, key: str, **params: str | int) -> str:
        """A word of the club's language that is written into its books."""
        return t(self.workspace.locale, key, **params)

    @property
    def digest(self) -> str:
        return str(self._hash.hexdigest())[:32]
