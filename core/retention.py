"""Setting for how long screenshots are kept, with its effect known before."""

from dataclasses import dataclass
from typing import Any

from core import proof_care, workspaces
from core.db import Tx
from core.models import Actor
from core.proof_care import Retention


@dataclass(frozen=True, slots=True)
class RetentionSet:
    """What the new retention would delete tonight, and the months before it."""

    retention: Retention
    months_before: int

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (("from", self.months_before), *self.retention.effects)


def set_months(tx: Tx, actor: Actor, months: int) -> RetentionSet:
    """Keep the screenshots of decided payments for so many months, 0 for ever.

    Nothing is deleted here: the nightly sweep does that. Raises RoleNeeded, NumberOutOfRange.
    """
    found = proof_care.preview_retention(tx, actor, months)
    before = found.workspace.proof_retention_months
    workspaces.update_settings(tx, actor, proof_retention_months=months)
    return RetentionSet(found, before)
