"""Reminding everybody who owes now, because a treasurer says so: previewed to the last name and amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from core import access, audit, errors, reminders
from core.access import Role
from core.clock import instant_text, local_date
from core.db import Tx
from core.models import Actor, Workspace
from core.period import Period
from core.quiet_hours import quiet_until
from core.store import bills
from core.store import reminders as rows
from core.store.reminders import UnpaidBill

WAYS = ("private", "channel", "both")
RECENTLY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class RemindedMember:
    """One member, what they owe in minor units, and by which ways they are told.

    `ways`: "private" (a direct message), "named" and "mentioned" (in the channel), "counted" (in a message
    that names nobody); none at all when they cannot be reached, because they are not linked.
    """

    member_id: int
    name: str
    discord_id: int | None
    bills: int
    minor: int
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reminded:
    """What reminding now does. `recently`: reminders that were queued in the last hours already.

    `quiet_until`: when it goes out, since the club has quiet hours now; None is at once.
    """

    workspace: Workspace
    period: Period | None
    how: str
    members: tuple[RemindedMember, ...]
    recently: int
    quiet_until: datetime | None

    @property
    def reached(self) -> tuple[RemindedMember, ...]:
        return tuple(member for member in self.members if member.ways)

    @property
    def unreachable(self) -> tuple[RemindedMember, ...]:
        return tuple(member for member in self.members if not member.ways)

    @property
    def minor(self) -> int:
        return sum(member.minor for member in self.reached)

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        what = ("remind", self.period.text if self.period else None, self.how, self.recently)
        return (what, *((member.member_id, member.minor, member.ways) for member in self.members))


def remind_now(tx: Tx, actor: Actor, period: Period | None, how: str | None = None) -> Reminded:
    """Remind everybody of what they can pay, in one period or in all, whatever its due date.

    `how` is "private", "channel" or "both"; None is the club's own way, or the channel where there is none.
    Steps of the policy that have come by today count as done. Raises RoleNeeded, PeriodUnknown,
    ChoiceUnknown.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    way = _way(workspace, how)
    period_id = _period_id(tx, workspace, period)
    unpaid = rows.gather_unpaid(tx.conn, workspace.id, period_id, linked_only=False)
    recently = rows.queued_since(tx.conn, workspace.id, instant_text(tx.now - RECENTLY))
    result = Reminded(
        workspace, period, way, _members(workspace, unpaid, way), recently,
        quiet_until(workspace, tx.now),
    )  # fmt: skip
    if result.reached:
        _queue(tx, actor, result, period_id)
    return result


def _queue(tx: Tx, actor: Actor, result: Reminded, period_id: int | None) -> None:
    workspace = result.workspace
    line = audit.record(
        tx, actor, "reminders.now", "workspace" if period_id is None else "period", period_id or workspace.id,
        after={"period": result.period.text if result.period else None, "how": result.how,
               "members": len(result.reached), "minor": result.minor},
    )  # fmt: skip
    if result.unreachable:  # only they have no way, and their steps stay due until they are linked
        rows.gather_unpaid(tx.conn, workspace.id, period_id, linked_only=True)
    notice_id, _ = reminders.queue_gathered(tx, workspace, result.how, f"now{line}", whole=False)
    today = local_date(tx.now, workspace.timezone)
    rows.record_now(tx.conn, reminders.cutoffs_of(workspace, today), notice_id=notice_id, now=tx.now_text)


def _members(workspace: Workspace, unpaid: Sequence[UnpaidBill], how: str) -> tuple[RemindedMember, ...]:
    found = []
    for member_id, group in groupby(unpaid, key=lambda bill: bill.member_id):
        owed = list(group)
        first = owed[0]
        ways = _ways_to(workspace, how, is_linked=first.discord_id is not None)
        minor = sum(bill.open_minor for bill in owed)
        found.append(RemindedMember(member_id, first.name, first.discord_id, len(owed), minor, ways))
    return tuple(found)


def _ways_to(workspace: Workspace, how: str, *, is_linked: bool) -> tuple[str, ...]:
    ways = ["private"] if is_linked and how in ("private", "both") else []
    if how in ("channel", "both"):
        ways.append("counted" if not workspace.debtors_public else "mentioned" if is_linked else "named")
    return tuple(ways)


def _way(workspace: Workspace, how: str | None) -> str:
    if how is None:
        return "channel" if workspace.reminder_mode == "off" else workspace.reminder_mode
    if how not in WAYS:
        raise errors.ChoiceUnknown(field="reminder_mode", value=errors.shown(how), choices=", ".join(WAYS))
    return how


def _period_id(tx: Tx, workspace: Workspace, period: Period | None) -> int | None:
    if period is None:
        return None
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    return row.id
