"""What all sections of the configuration share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file. Unknown keys are refused, values are never guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def split(value: object) -> object:
    """Let the environment give a list as words with commas or blanks between; TOML has real lists."""
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value
