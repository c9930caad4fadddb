"""Which actions are told in the admin channel, in which sentence, and what to say where there is no way back.

`audit.record` asks here for every line that it writes; whether a line can be taken back is core/undo.py.
"""

import json
from dataclasses import dataclass
from typing import Any

from core import notices
from core.db import Tx
from core.models import Member, Workspace
from core.store import admin_log as rows
from core.store import audit_log, members, workspaces

# Action -> the key of its sentence. What is not here is not told: what members do themselves, and sign-ins.
LOGGED = {
    "payment.verify": "log.payment_verify", "payment.reject": "log.payment_reject",
    "payment.reopen": "log.payment_reopen", "payment.record": "log.payment_record",
    "payment.unverify": "log.payment_unverify", "payment.cancel": "log.payment_cancel",
    "payment.refund": "log.payment_refund", "payment.withdraw": "log.payment_withdraw",
    "bill.adjust": "log.bill_adjust", "bill.waive": "log.bill_waive", "bill.unwaive": "log.bill_unwaive",
    "bill.void": "log.bill_void", "bill.charge": "log.bill_charge", "bill.back_fill": "log.bill_back_fill",
    "opening.debt": "log.opening_debt", "proof.delete": "log.proof_delete",
    "period.open": "log.period_open", "period.resync": "log.period_resync",
    "period.retract": "log.period_retract", "period.announce": "log.period_announce",
    "period.close": "log.period_close", "period.reopen": "log.period_reopen",
    "reminders.now": "log.reminders_now",
    "plan.add": "log.plan_add", "plan.price": "log.plan_price", "plan.rename": "log.plan_rename",
    "plan.role": "log.plan_role", "plan.retire": "log.plan_retire", "plan.restore": "log.plan_restore",
    "method.add": "log.method_add", "method.edit": "log.method_edit", "method.retire": "log.method_retire",
    "method.restore": "log.method_restore",
    "member.add": "log.member_add", "member.edit": "log.member_edit", "member.leave": "log.member_leave",
    "member.rejoin": "log.member_rejoin", "member.account": "log.member_account",
    "member.merge": "log.member_merge",
    "subscription.start": "log.subscription_start", "subscription.end": "log.subscription_end",
    "subscription.pause": "log.subscription_pause", "subscription.resume": "log.subscription_resume",
    "subscription.billing_day": "log.subscription_billing_day",
    "roster.import": "log.roster_import", "roster.undo": "log.roster_undo",
    "chippot.import": "log.chippot_import",
    "admin.grant": "log.admin_grant", "admin.revoke": "log.admin_revoke",
    "workspace.update": "log.workspace_update",
    "template.save": "log.template_save", "template.reset": "log.template_reset",
    "alert_target.add": "log.alert_target_add", "alert_target.remove": "log.alert_target_remove",
}  # fmt: skip

# Actions that nothing takes back, with the sentence that says so and what to do instead.
FINAL = {
    "payment.cancel": "log.final_cancel", "payment.refund": "log.final_refund",
    "payment.unverify": "log.final_unverify", "payment.reopen": "log.final_reopen",
    "payment.withdraw": "log.final_withdraw", "bill.unwaive": "log.final_unwaive",
    "bill.void": "log.final_void", "proof.delete": "log.final_proof",
    "period.resync": "log.final_resync", "period.retract": "log.final_retract",
    "period.announce": "log.final_sent", "reminders.now": "log.final_sent",
    "plan.add": "log.final_plan_added", "plan.price": "log.final_price",
    "method.add": "log.final_method_added",
    "member.add": "log.final_member_added", "member.edit": "log.final_member_edited",
    "member.merge": "log.final_merge", "alert_target.remove": "log.final_target",
    "roster.undo": "log.final_roster", "chippot.import": "log.final_import",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the audit log, with what its sentence needs.

    `name` is the plan's, method's or target's, or the bill's title; `member` whom it is about, if anybody.
    `undone_by` says who took it back. `is_shown` False: nothing to tell after all.
    """

    workspace: Workspace
    id: int
    action: str
    subject_type: str
    subject_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    done_by: str
    done_at: str
    name: str
    member: Member | None
    undone_by: str | None
    is_shown: bool


def queue(tx: Tx, workspace_id: int, action: str, audit_id: int) -> None:
    """Tell the admin channel of this line, if the club has such a channel and the action is told at all."""
    if action not in LOGGED:
        return
    workspace = workspaces.get(tx.conn, workspace_id)
    if workspace is not None and workspace.admin_channel_id is not None:
        notices.log(tx, workspace, audit_id)


def line(tx: Tx, workspace: Workspace, audit_id: int) -> LogLine | None:
    """A line as it is told; None when it is not one of this workspace."""
    row = audit_log.get(tx.conn, workspace.id, audit_id)
    if row is None:
        return None
    name, member_id = rows.subject(tx.conn, row.subject_type, row.subject_id)
    submitted_by = rows.submitted_by(tx.conn, row.subject_id) if row.action == "payment.withdraw" else None
    return LogLine(
        workspace, row.id, row.action, row.subject_type, row.subject_id, json.loads(row.before_json),
        json.loads(row.after_json), row.done_by, row.done_at, name,
        members.current(tx.conn, workspace.id, member_id) if member_id else None,
        audit_log.undone_by(tx.conn, row.id), is_shown=submitted_by != row.done_by,
    )  # fmt: skip
