"""Stand-ins for the world outside the program: what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 6, 5, 1, 0, tzinfo=UTC)
"""Nine in the morning in Taipei, on a usual billing day."""


class FixedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> datetime:
        """Move on by a `timedelta(**by)` and return the new instant."""
        self._now += timedelta(**by)
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to this instant, forwards or back."""
        if moment.tzinfo is None:
            raise ValueError("a naive datetime is no instant")
        self._now = moment.astimezone(UTC)
