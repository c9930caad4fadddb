"""Who is due which reminder today: each step of each bill once, and of several steps only the newest.

A step is a number of days after the due date (negative: before). Steps that came while the bot was down or
the bill was claimed are recorded as skipped when a newer one goes out, so catching up never floods anybody.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from core import access, notices
from core.access import Role
from core.clock import at_local_time, instant_text
from core.db import Tx
from core.models import Actor, NoticeId, Workspace
from core.store import reminders


@dataclass(frozen=True, slots=True)
class ReminderRun:
    """How many bills were reminded of, and how many older steps were left out for that."""

    sent: int
    skipped: int


def run(tx: Tx, actor: Actor, today: date) -> ReminderRun:
    """Queue what is due on the local date `today`, as the workspace wishes: privately, in one list, both, or not.

    Only bills that can be paid now: not settled, not claimed, in a month that was opened. A bill that was made
    today waits until tomorrow, so that no reminder follows on the heels of the opening. Whoever is reminded of
    one bill is told everything that they can pay, as Pay shows it. Raises RoleNeeded.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    cutoffs = cutoffs_of(workspace, today)
    if workspace.reminder_mode == "off" or not cutoffs:
        return ReminderRun(0, 0)
    sent = reminders.gather(
        tx.conn, workspace.id, cutoffs, linked_only=workspace.reminder_mode == "private",
        not_made=_day_of(workspace, today),
    )  # fmt: skip
    notice_id, key = queue_gathered(tx, workspace, workspace.reminder_mode, str(today), whole=True)
    return ReminderRun(sent, reminders.record(tx.conn, notice_id=notice_id, key=key, now=tx.now_text))


def _day_of(workspace: Workspace, today: date) -> tuple[str, str]:
    """The instants at which this day begins and ends for the club."""
    begin, end = (
        at_local_time(day, "00:00", workspace.timezone) for day in (today, today + timedelta(days=1))
    )
    return instant_text(begin), instant_text(end)


def cutoffs_of(workspace: Workspace, today: date) -> list[tuple[int, str]]:
    """Each step of the policy with the newest due date for which it has come on that day."""
    steps = sorted({int(days) for days in json.loads(workspace.reminder_days)})
    return [(days, str(today - timedelta(days=days))) for days in steps]


def queue_gathered(
    tx: Tx, workspace: Workspace, how: str, name: str, *, whole: bool
) -> tuple[NoticeId | None, str]:
    """Queue notices about the gathered bills: "private", "channel" or "both".

    With `whole` each member is also told what else they can pay. `name` makes the dedupe keys. Returns the
    list's notice, if there is one, and the key of the private ones.
    """
    key = notices.key_of(workspace, f"overdue:{name}")
    notice_id = None
    if how in ("private", "both"):
        reminders.queue_for_members(tx.conn, {
            "workspace_id": workspace.id, "key": key, "whole": json.dumps(whole), "now": tx.now_text,
        })  # fmt: skip
    if how in ("channel", "both") and (bill_ids := reminders.due_bills(tx.conn)):
        notice_id = notices.overdue_list(tx, workspace, f"{name}:b{min(bill_ids)}", bill_ids, whole=whole)
    return notice_id, key
