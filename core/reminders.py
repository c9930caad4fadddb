"""Who is due which reminder today: each step of each bill once, and of several steps only the newest.

A step is a number of days after the due date (negative: before). Steps that came while the bot was down or
the bill was claimed are recorded as skipped when a newer one goes out, so catching up never floods anybody.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from core import access, notices
from core.access import Role
from core.db import Tx
from core.models import Actor
from core.store import reminders


@dataclass(frozen=True, slots=True)
class ReminderRun:
    """How many bills were reminded of, and how many older steps were left out for that."""

    sent: int
    skipped: int


def run(tx: Tx, actor: Actor, today: date) -> ReminderRun:
    """Queue what is due on the local date `today`, as the workspace wishes: privately, in one list, or not.

    Only bills that can be paid now: not settled, not claimed, in a month that was opened. Raises RoleNeeded.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    steps = sorted({int(days) for days in json.loads(workspace.reminder_days)})
    if workspace.reminder_mode == "off" or not steps:
        return ReminderRun(0, 0)
    cutoffs = [(days, str(today - timedelta(days=days))) for days in steps]
    private = workspace.reminder_mode == "private"
    sent = reminders.gather(tx.conn, workspace.id, cutoffs, linked_only=private)
    notice_id = None
    if private:
        key = notices.key_of(workspace, f"overdue:{today}")
        reminders.queue_for_members(tx.conn, {"workspace_id": workspace.id, "key": key, "now": tx.now_text})
    else:
        bill_ids = reminders.due_bills(tx.conn)
        key = f"{today}:b{min(bill_ids, default=0)}"
        if bill_ids:
            notice_id = notices.overdue_list(tx, workspace, key, bill_ids)
    return ReminderRun(sent, reminders.record(tx.conn, notice_id=notice_id, key=key, now=tx.now_text))
