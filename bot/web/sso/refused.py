"""The one answer to every sign-in that does not work; the log says why, without any secret."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - reads as what happened
    """Nobody is signed in. `reason` is for the log and holds nothing that was sent."""

    def __init__(self, reason: str, *, ours: bool = False) -> None:
        """`ours`: the provider cannot be reached, which is not the person's fault."""
        super().__init__(reason)
        self.reason, self.ours = reason, ours
