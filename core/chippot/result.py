"""What an import did and found, and whether both sides agree afterwards."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.models import Workspace

MOST_OF_A_KIND = 1000
"""So many findings of one kind are listed one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that could not come over as it was, and what became of it: a sentence of the catalogs."""

    key: str
    params: Mapping[str, str | int]


class Findings:
    """Collects findings; there may be as many as bills, so they are bounded."""

    def __init__(self) -> None:
        self._list: list[Finding] = []
        self._seen: Counter[str] = Counter()

    def add(self, key: str, **params: str | int) -> None:
        self._seen[key] += 1
        if self._seen[key] <= MOST_OF_A_KIND:
            self._list.append(Finding(key, params))

    @property
    def listed(self) -> tuple[Finding, ...]:
        return tuple(self._list)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return sum(max(0, count - MOST_OF_A_KIND) for count in self._seen.values())


@dataclass(frozen=True, slots=True)
class TotalLine:
    """The bills of one month and status there and here: how many, and their sum in minor units.

    `period` is what stands as month there, junk included.
    """

    period: str
    status: str
    there_count: int
    there_minor: int
    here_count: int
    here_minor: int

    @property
    def agrees(self) -> bool:
        return (self.there_count, self.there_minor) == (self.here_count, self.here_minor)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought over. `counts`: what was written, by kind; nothing when it was done before.

    `pictures`: their key of each screenshot that a payment still lacks → how many payments need it. `digest`
    names everything that was read and is new.
    """

    workspace: Workspace
    is_new_workspace: bool
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]
    more_findings: int
    totals: tuple[TotalLine, ...]
    pictures: Mapping[str, int]
    digest: str

    @property
    def nothing_to_do(self) -> bool:
        return not any(self.counts.values())

    @property
    def differences(self) -> tuple[TotalLine, ...]:
        return tuple(line for line in self.totals if not line.agrees)

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        counts = tuple(sorted((kind, count) for kind, count in self.counts.items() if count))
        return (("chippot", self.workspace.guild_id, self.digest), *counts)
