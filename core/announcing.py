"""Posting the opening notice of an open period once more; nothing else happens."""

from dataclasses import dataclass
from typing import Any

from core import access, audit, errors, notices
from core.access import Role
from core.db import Tx
from core.models import Actor, Workspace
from core.period import Period
from core.store import bills, notice_status


@dataclass(frozen=True, slots=True)
class Announced:
    """What announcing again did. `waits`: one is on its way already, so none was added.

    `times`: how often this opening had been announced before.
    """

    workspace: Workspace
    period: Period
    times: int
    waits: bool

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (("announce", self.period.text, self.times, self.waits),)


def resend_opened(tx: Tx, actor: Actor, period: Period) -> Announced:
    """Post the opening notice of an open period again. Raises PeriodUnknown, PeriodClosed, PeriodNotOpen."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    if row.status == "closed":
        raise errors.PeriodClosed(period=period)
    if row.status != "open":
        raise errors.PeriodNotOpen(period=period)
    key = notices.key_of(workspace, f"opened:{period.text}:{row.openings}")
    times, waiting = notice_status.announced(tx.conn, key)
    if not waiting:
        line = audit.record(
            tx, actor, "period.announce", "period", row.id, after={"period": period.text, "times": times}
        )
        notices.opened_again(tx, workspace, row.id, period.text, row.openings, line)
    return Announced(workspace, period, times, waits=bool(waiting))
