"""What all sections of the configuration share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LARGEST_ID = 2**63 - 1


class Section(BaseModel):
    """A table of the file. Unknown keys are refused, values are never guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def split(value: object) -> object:
    """Let the environment give a list as words with commas or blanks between; TOML has real lists."""
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def is_no_switch(value: object) -> object:
    """Refuse `true` where a number belongs; Python alone would take it for 1."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


def is_path(value: object) -> object:
    """Refuse what cannot be a path; an empty one would be the folder in which the bot happens to start."""
    if isinstance(value, str) and (not value.strip() or not value.isprintable()):
        raise ValueError("not a path")
    return value


AccountId = Annotated[int, Field(gt=0, le=LARGEST_ID), BeforeValidator(is_no_switch)]
FilePath = Annotated[Path, BeforeValidator(is_path)]
