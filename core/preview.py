"""Previews: a use case run for real and rolled back, and the digest that ties a confirmation to it."""

import hashlib
import json
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Previewed(Protocol):
    """A result that can be previewed: its ordered effects, without new ids and instants."""

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]: ...


class PreviewChanged(Exception):  # noqa: N818 - not an error: the caller shows the new preview
    """What was confirmed is no longer what would happen. Nothing was changed; `result` is the new preview."""

    def __init__(self, result: Any) -> None:
        super().__init__("the preview changed")
        self.result = result


def digest_of(result: Any) -> str:
    """A short name of what `result` did: equal exactly when the ordered effects are equal."""
    assert isinstance(result, Previewed), f"{type(result).__name__} has no effects to confirm"
    text = json.dumps(result.effects, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
