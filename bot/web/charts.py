"""Numbers for the charts in templates/charts.html: inline SVG; a table beside each has the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: where it begins and how wide it is, in percent of the whole."""

    kind: str
    start: str
    width: str


class Charts:
    """Arithmetic that templates should not do."""

    @staticmethod
    def percent(part: int, whole: int) -> int:
        """The part in whole percent, never 100 before it is all, never 0 when there is some."""
        if whole <= 0:
            return 100 if part >= whole and part > 0 else 0
        found = part * 100 // whole
        return max(1, min(99, found)) if 0 < part < whole else max(0, min(100, found))

    @staticmethod
    def bar(*parts: tuple[str, int]) -> list[Segment]:
        """Segments of (kind, number) in a row that fill the bar; those of nothing are left out."""
        total = sum(number for _, number in parts)
        segments, start = [], 0.0
        for kind, number in parts:
            if number > 0 and total:
                width = number * 100 / total
                segments.append(Segment(kind, f"{start:.2f}%", f"{width:.2f}%"))
                start += width
        return segments

    @staticmethod
    def columns(pairs: Sequence[tuple[int, int]], height: int) -> list[tuple[int, int]]:
        """Heights for (whole, part) in each column, so that the largest whole is `height`."""
        most = max((whole for whole, _ in pairs), default=0) or 1
        return [
            (round(whole * height / most), round(min(part, whole) * height / most)) for whole, part in pairs
        ]
