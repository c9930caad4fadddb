"""How an operation of the API says what it is: its address, who may, what it takes and what it answers.

The signature is the contract. `call` and `tx` come from outside; `query` and `body` are models that validate
(or bytes); every other parameter is a part of the path. The OpenAPI description is made from the same
signatures.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from bot.web.api.models import Confirmed
from core.access import Role

PREFIX = "/api/v1"
MOST_BODY = 256 * 1024
SCOPES = {Role.AUDITOR: "read", Role.REVIEWER: "review", Role.TREASURER: "treasurer"}

M = TypeVar("M", bound=BaseModel)
H = TypeVar("H", bound=Callable[..., Any])

_GIVEN = ("call", "tx", "query", "body")
_NUMBER = "{%s:[0-9]{1,19}}"


class Effects(BaseModel):
    """What an operation did, or would do: `digest` names it, to be confirmed."""

    dry_run: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Done(Generic[M]):
    """The result of a use case that can be previewed, and how it is answered."""

    result: Any
    answer: M


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON."""

    data: bytes
    content_type: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    handler: Callable[..., Any]
    least: Role
    tag: str
    status: int
    media: str
    body_media: str
    most_bytes: int
    keeps_secret: tuple[str, ...] = ()
    hints: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name for programs: `verify_payment`."""
        return self.handler.__name__

    @property
    def about(self) -> str:
        """What it does, in the words of the code."""
        return inspect.cleandoc(self.handler.__doc__ or "")

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    @property
    def is_async(self) -> bool:
        """Whether it needs more than the database, and so runs outside of its transaction."""
        return inspect.iscoroutinefunction(self.handler)

    @property
    def path_params(self) -> dict[str, Any]:
        """The parts of the path and their types."""
        return {name: hint for name, hint in self.hints.items() if name not in (*_GIVEN, "return")}

    @property
    def query(self) -> type[BaseModel] | None:
        """The model of what may stand behind the question mark."""
        found: type[BaseModel] | None = self.hints.get("query")
        return found

    @property
    def body(self) -> Any:
        """The model of the body, `bytes` for a file, or None."""
        return self.hints.get("body")

    @property
    def can_preview(self) -> bool:
        """Whether `dry_run` and `digest` are understood."""
        return get_origin(self.hints.get("return")) is Done

    @property
    def answer(self) -> Any:
        """The model of the answer, File, or None."""
        hint = self.hints.get("return")
        if hint is NoneType:
            return None
        return get_args(hint)[0] if self.can_preview else hint

    @property
    def route(self) -> str:
        """The address as the server's router has it; numbers are told apart there."""
        route = PREFIX + self.path
        for name, hint in self.path_params.items():
            if is_number(hint):
                route = route.replace("{%s}" % name, _NUMBER % name)  # noqa: UP031 - braces
        return route


def is_number(hint: Any) -> bool:
    """Whether a part of the path is an id, told from a word or a month."""
    return get_args(hint)[:1] == (int,)


class Operations:
    """The operations of one area. `tag` is the heading under which they are described."""

    def __init__(self, tag: str) -> None:
        """Begin without any."""
        self.tag = tag
        self._all: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._all)

    def get(
        self, path: str, *, least: Role = Role.AUDITOR, media: str = "application/json"
    ) -> Callable[[H], H]:
        """Something to read."""
        return self._add("GET", path, least, media=media)

    def post(
        self, path: str, *, least: Role, status: int = 200, body_media: str = "application/json",
        most_bytes: int = MOST_BODY, keeps_secret: tuple[str, ...] = (),
    ) -> Callable[[H], H]:  # fmt: skip
        """Something to do; with an Idempotency-Key it is done once.

        `keeps_secret` names fields of the answer that are shown once, and are null when it is given again.
        """
        return self._add(
            "POST", path, least, status=status, body_media=body_media, most_bytes=most_bytes,
            keeps_secret=keeps_secret,
        )  # fmt: skip

    def patch(self, path: str, *, least: Role) -> Callable[[H], H]:
        """Some fields to change."""
        return self._add("PATCH", path, least)

    def put(self, path: str, *, least: Role) -> Callable[[H], H]:
        """Something to be as it is sent."""
        return self._add("PUT", path, least)

    def delete(self, path: str, *, least: Role) -> Callable[[H], H]:
        """Something to take away."""
        return self._add("DELETE", path, least)

    def _add(
        self, method: str, path: str, least: Role, *, status: int = 200, media: str = "application/json",
        body_media: str = "application/json", most_bytes: int = MOST_BODY,
        keeps_secret: tuple[str, ...] = (),
    ) -> Callable[[H], H]:  # fmt: skip
        def keep(handler: H) -> H:
            hints = get_type_hints(handler, include_extras=True)
            made = Operation(
                method, path, handler, least, self.tag, status, media, body_media, most_bytes, keeps_secret,
                hints,
            )  # fmt: skip
            assert set(re.findall(r"\{(\w+)\}", path)) == set(made.path_params), (method, path)
            assert made.about, handler.__name__
            assert not made.can_preview or issubclass(hints["query"], Confirmed), handler.__name__
            self._all.append(made)
            return handler

        return keep
