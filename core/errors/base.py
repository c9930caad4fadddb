"""Every error a person can cause, each with a stable code.

A use case raises one of the leaves below and has then changed nothing. The code and the params are for
machines and tests; what the person reads is `errors.<code>` in the catalogs (`core.i18n.error_text`).
Mistakes of our own are not here: those are `ValueError`, `TypeError` or an assertion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from datetime import date

    from core.money import Money
    from core.period import Period

Param: TypeAlias = "str | int | Money | Period | date"

_SHOWN_CHARACTERS = 40


class DomainError(Exception):
    """A request that cannot be done as it was made; nothing was changed.

    `fields` names the params that the leaf's sentence may use. All of them must be given, so that a
    sentence can never fail to be built at the moment it is needed.
    """

    code: ClassVar[str] = ""
    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **params: Param) -> None:
        """Keep the params for the sentence; raises TypeError when a declared one is missing."""
        missing = [name for name in self.fields if name not in params]
        if missing or not self.code:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing) or 'a code'}")
        super().__init__()
        self.params = params

    def __str__(self) -> str:
        """Return `code: name=value …` for logs; people read the catalog's sentence instead."""
        return f"{self.code}: " + ", ".join(f"{name}={value}" for name, value in self.params.items())


# The four kinds decide the HTTP status. They read as sentences ("raise NotFound"), hence no Error suffix.
class InvalidInput(DomainError):  # noqa: N818
    """Something that was typed or sent is not what it has to be."""


class NotAllowed(DomainError):  # noqa: N818
    """This actor may not do this."""


class NotFound(DomainError):  # noqa: N818
    """The thing that was named is not there, or belongs to another workspace."""


class Conflict(DomainError):  # noqa: N818
    """It is not possible any more, or not in the present state."""


def all_errors() -> list[type[DomainError]]:
    """List every leaf that has been imported so far, by code; raises ValueError if two share a code."""
    found: dict[str, type[DomainError]] = {}
    waiting = list(DomainError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if not kind.code:
            continue
        if found.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"two errors have the code {kind.code}")
    return [found[code] for code in sorted(found)]


def shown(text: str) -> str:
    """Return what somebody typed, fit to be repeated in a sentence: on one line and not too long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: _SHOWN_CHARACTERS * 4])
    line = " ".join(printable.split())
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 1] + "…"
