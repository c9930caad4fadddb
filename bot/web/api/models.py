"""What many operations share: amounts, ids, pages, errors. All of it validates, and describes itself."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from core.money import LARGEST_MINOR

LARGEST = 2**63 - 1
MOST_ROWS = 200
_DIGITS = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def _number(value: object) -> object:
    """Digits in an address are a number; anything else is left for the model to refuse."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value


def _truth(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Id = Annotated[int, Field(ge=1, le=LARGEST)]
QueryId = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(_number)]
QueryBool = Annotated[bool, BeforeValidator(_truth)]
DiscordId = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,18}$")]
"""Ids of Discord are strings: they are larger than what every reader of JSON gets right."""
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A date in the club's time zone: 2026-06-05."""
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]
"""A month: 2026-06."""
Text = Annotated[str, StringConstraints(max_length=4000)]
Search = Annotated[str, StringConstraints(max_length=200)]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:.-]{1,80}$")]


class Sent(BaseModel):
    """What comes in: nothing that we do not know, and nothing turned into something else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Asked(BaseModel):
    """What stands behind the question mark of an address."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Amount(Sent):
    """An amount in the smallest unit of the club's currency; naming the currency makes sure it is that."""

    minor: Annotated[int, Field(ge=-LARGEST_MINOR, le=LARGEST_MINOR)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None


class Money(BaseModel):
    """An amount: in the smallest unit of the currency, and as people read it."""

    minor: int
    currency: str
    text: str


class Person(BaseModel):
    """Whose it is."""

    id: int
    name: str


class Paged(Asked):
    """Which part of a list; `cursor` is what the page before said as `next`."""

    cursor: Annotated[int, Field(ge=0, le=LARGEST), BeforeValidator(_number)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS), BeforeValidator(_number)] = 50


class Confirmed(Asked):
    """Whether only to say what would happen, or to do exactly what was said (`digest`)."""

    dry_run: QueryBool = False
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None


class Problem(BaseModel):
    """Why it was not done. `preview` and `digest` come with `preview_changed`: what would happen now."""

    error: str
    message: str
    field: str | None = None
    preview: dict[str, Any] | None = None
    digest: str | None = None
