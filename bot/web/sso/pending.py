"""Sign-ins that are under way: what we sent somebody off with, kept in memory until they come back, once.

A restart forgets them, and whoever was under way starts again.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

SECONDS = 600
MOST = 1000


@dataclass(frozen=True, slots=True)
class Journey:
    """One sign-in at a provider. `nonce` comes back in the token, `verifier` proves that it was us who asked."""

    way: str
    nonce: str = ""
    verifier: str = ""
    discord_id: int = 0


class Pending:
    """Journeys by their state; the oldest are forgotten when there are too many."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        """`seconds` never runs backwards."""
        self._seconds = seconds
        self._journeys: OrderedDict[str, tuple[float, Journey]] = OrderedDict()

    def begin(self, journey: Journey) -> str:
        """Keep a journey and return its state, which nobody can guess."""
        state = secrets.token_urlsafe(32)
        self._journeys[state] = (self._seconds(), journey)
        while len(self._journeys) > MOST:
            self._journeys.popitem(last=False)
        return state

    def end(self, way: str, state: str) -> Journey | None:
        """The journey of this state, which then is over; None when it is unknown, too old or was ended before."""
        began, journey = self._journeys.pop(state, (0.0, None))
        if journey is None or journey.way != way or self._seconds() - began > SECONDS:
            return None
        return journey
