"""What is wrong with a payload, in Discord's words; the rule modules collect it here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

SNOWFLAKE = re.compile(r"[0-9]{1,20}")

Path = tuple[str | int, ...]
Payload = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a payload: where, Discord's error code, Discord's sentence."""

    path: Path
    code: str
    message: str


def as_errors(problems: Iterable[Problem]) -> dict[str, Any]:
    """Problems as Discord nests them: one object per path step, `_errors` at the end."""
    errors: dict[str, Any] = {}
    for problem in problems:
        node = errors
        for step in problem.path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return errors


def as_id(value: object) -> int:
    """The id that a text or number is; 0, which nothing has, when it is none."""
    text = str(value)
    return int(text) if isinstance(value, str | int) and SNOWFLAKE.fullmatch(text) else 0


def scalar(value: object) -> Any:
    """The value if it can stand in a set; for a list or an object, which fit nowhere, a text."""
    return repr(value) if isinstance(value, list | dict) else value


class Findings:
    """Collects problems while a payload is walked."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, path: Path, code: str, message: str) -> None:
        self.problems.append(Problem(path, code, message))

    def text(self, path: Path, value: object, low: int, high: int, *, optional: bool = False) -> bool:
        """A string of `low` to `high` characters; None counts as absent."""
        if value is None:
            if not optional:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
            return False
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return False
        if not value and low:
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
            return False
        if len(value) > high and not low:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
            return False
        if not low <= len(value) <= high:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
            return False
        return True

    def number(self, path: Path, value: object, low: int, high: int, *, optional: bool = True) -> int | None:
        """A whole number within bounds; returns it when it is one."""
        if value is None:
            if not optional:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if value < low:
            self.add(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
            return None
        if value > high:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
            return None
        return value

    def items(self, path: Path, value: object, low: int, high: int) -> list[Any]:
        """A list of `low` to `high` things; None counts as empty."""
        if value is None:
            value = []
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not low <= len(value) <= high:
            message = (
                f"Must be between {low} and {high} in length."
                if low
                else f"Must be {high} or fewer in length."
            )
            self.add(path, "BASE_TYPE_BAD_LENGTH" if low else "BASE_TYPE_MAX_LENGTH", message)
        return value

    def mapping(self, path: Path, value: object) -> Payload:
        if not isinstance(value, dict):
            self.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return {}
        return value

    def url(self, path: Path, value: object, schemes: tuple[str, ...]) -> None:
        if not self.text(path, value, 1, 2048):
            return
        if not str(value).startswith(tuple(f"{scheme}://" for scheme in schemes)) or re.search(
            r"\s", str(value)
        ):
            wanted = ", ".join(f"'{scheme}'" for scheme in schemes)
            self.add(
                path,
                "URL_TYPE_INVALID_SCHEME",
                f'Scheme of "{value}" is not supported. Scheme must be one of ({wanted}).',
            )
