"""Taking back an action of the admin log, by the use case that is its reverse.

Everything reverses in the books: nothing is edited or deleted. The use case asks for rights and refuses what
has moved on since, naming it. A line is taken back once, and only while nobody has done the same again since.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core import (
    access,
    admin_log,
    admins,
    alerts,
    audit,
    closing,
    corrections,
    errors,
    import_undo,
    methods,
    notices,
    payments,
    plans,
    resync,
    reversals,
    roster,
    seat_undo,
    subscriptions,
    templates,
    workspaces,
)  # fmt: skip
from core.access import Role
from core.admin_log import LogLine
from core.db import Tx
from core.i18n import t
from core.models import Actor, BillId, MemberId, MethodId, PaymentId, PlanId, SubscriptionId, Workspace
from core.period import Period
from core.preview import Previewed, digest_of
from core.store import audit_log, bills, members
from core.store import methods as method_rows
from core.store import plans as plan_rows
from core.store import subscriptions as subscription_rows

Undo = Callable[[Tx, Actor, LogLine], Any]

# A line of these names one thing of its own (this waiver), so newer lines do not matter.
_NAMES_ITS_OWN = ("bill.waive", "roster.import")


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking a line back did: the result of the use case that did it."""

    workspace: Workspace
    line: LogLine
    result: Any

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        inner = self.result.effects if isinstance(self.result, Previewed) else ()
        return (("undo", self.line.action, self.line.subject_id), *inner)


def undo(tx: Tx, actor: Actor, audit_id: int) -> Undone:
    """Take back what this line of the audit log says.

    Raises ActionUnknown, NotUndoable, UndoneBefore, UndoOvertaken, and whatever the reverse raises.
    """
    access.require(tx, actor, Role.REVIEWER)
    workspace = access.workspace_of(tx, actor)
    line = admin_log.line(tx, workspace, audit_id)
    row = audit_log.get(tx.conn, workspace.id, audit_id)
    if line is None or row is None:
        raise errors.ActionUnknown()
    if not has_way_back(line):
        raise errors.NotUndoable()
    if line.undone_by is not None:
        raise errors.UndoneBefore()
    if line.action not in _NAMES_ITS_OWN and audit_log.newest(tx.conn, row) != row.id:
        raise errors.UndoOvertaken()
    undone = Undone(workspace, line, UNDOS[line.action](tx, actor, line))
    audit.record(
        tx, actor, "action.undo", "audit", audit_id,
        after={"action": line.action, "digest": digest_of(undone)},
    )  # fmt: skip
    if workspace.admin_channel_id is not None:
        notices.log(tx, workspace, audit_id)
    return undone


def has_way_back(line: LogLine) -> bool:
    """Whether a reverse exists for what the line says; it may still be refused when things moved on."""
    if line.action == "plan.price":
        return bool(line.before)  # before its first price a plan had none
    return line.action in UNDOS


def workspace_of_line(tx: Tx, audit_id: int) -> Workspace:
    """Whose log a button's line is in; raises ActionUnknown."""
    found = audit_log.workspace_of(tx.conn, audit_id)
    workspace = workspaces.by_id(tx, found) if found is not None else None
    if workspace is None:
        raise errors.ActionUnknown()
    return workspace


# --- the reverses -----------------------------------------------------------------------------------------


def _verify(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return reversals.unverify(tx, actor, PaymentId(line.subject_id))


def _record(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return reversals.cancel(tx, actor, PaymentId(line.subject_id))


def _reject(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return payments.reopen(tx, actor, PaymentId(line.subject_id))


def _adjust(tx: Tx, actor: Actor, line: LogLine) -> Any:
    bill = bills.get(tx.conn, line.workspace.id, line.subject_id)
    if bill is None or bill.amount_minor != line.after["amount"]:
        raise errors.UndoOvertaken()
    amount = line.workspace.money(line.before["amount"])
    return corrections.set_amount(tx, actor, bill.id, amount, _reason(line))


def _waive(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return corrections.unwaive(tx, actor, line.after["waiver"])


def _charge(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return corrections.void_charge(tx, actor, BillId(line.subject_id), line.after["bills"])


def _void(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return corrections.void(tx, actor, BillId(line.subject_id), _reason(line))


def _open(tx: Tx, actor: Actor, line: LogLine) -> Any:
    result = resync.retract(tx, actor, Period(line.after["period"]))
    if not result.was_open:
        raise errors.UndoOvertaken()
    return result


def _close(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return _moved(closing.reopen(tx, actor, Period(line.after["period"])))


def _reopen(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return _moved(closing.close(tx, actor, Period(line.after["period"])))


def _moved(result: closing.PeriodMoved) -> closing.PeriodMoved:
    if not result.changed:
        raise errors.UndoOvertaken()
    return result


def _rename_plan(tx: Tx, actor: Actor, line: LogLine) -> Any:
    if line.name != line.after["name"]:
        raise errors.UndoOvertaken()
    return plans.rename(tx, actor, PlanId(line.subject_id), line.before["name"])


def _plan_role(tx: Tx, actor: Actor, line: LogLine) -> Any:
    before = line.before["role"]
    return plans.set_role(tx, actor, PlanId(line.subject_id), int(before) if before else None)


def _retire_plan(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return plans.restore(tx, actor, PlanId(line.subject_id))


def _restore_plan(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return plans.retire(tx, actor, PlanId(line.subject_id))


def _retire_method(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return methods.restore(tx, actor, MethodId(line.subject_id))


def _restore_method(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return methods.retire(tx, actor, MethodId(line.subject_id))


def _price(tx: Tx, actor: Actor, line: LogLine) -> Any:
    """The price before, from the same month on; bills that are there keep their amount."""
    month = line.after["from"]
    now = plan_rows.price_at(tx.conn, line.subject_id, month)
    if now is None or now.amount_minor != line.after["price"]:
        raise errors.UndoOvertaken()
    price = line.workspace.money(line.before["price"])
    return plans.set_price(tx, actor, PlanId(line.subject_id), price, month)


def _edit_method(tx: Tx, actor: Actor, line: LogLine) -> Any:
    """The fields that the line changed, if they still are what it made them."""
    method = method_rows.get(tx.conn, line.workspace.id, line.subject_id)
    changed = [name for name, value in line.before.items() if line.after[name] != value]
    if method is None or any(getattr(method, name) != line.after[name] for name in changed):
        raise errors.UndoOvertaken()
    earlier = {name: line.before[name] for name in changed}
    return methods.edit(tx, actor, MethodId(line.subject_id), **earlier)


def _leave(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return roster.rejoin(tx, actor, MemberId(line.subject_id))


def _rejoin(tx: Tx, actor: Actor, line: LogLine) -> Any:
    """Off the roster again, unless the member has an account or a subscription again by now."""
    member = members.get(tx.conn, line.workspace.id, line.subject_id)
    held = subscription_rows.of_member(tx.conn, line.subject_id)
    left_on = line.before["left_on"]
    if member is None or member.discord_id is not None or any((row.ends_on or "9") > left_on for row in held):
        raise errors.UndoOvertaken()
    return roster.leave(tx, actor, member.id, left_on)


def _account(tx: Tx, actor: Actor, line: LogLine) -> Any:
    """The account that the member had before, or none."""
    member = members.get(tx.conn, line.workspace.id, line.subject_id)
    before, after = line.before["account"], line.after["account"]
    if member is None or member.discord_id != (int(after) if after else None):
        raise errors.UndoOvertaken()
    if before is None:
        return roster.unlink(tx, actor, member.id)
    return roster.move_account(tx, actor, member.id, int(before))


def _start_seat(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return seat_undo.take_back_start(tx, actor, SubscriptionId(line.subject_id), _reason(line))


def _resume_seat(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return seat_undo.take_back_resume(
        tx, actor, SubscriptionId(line.subject_id), line.after["resumes_on"], line.before["resumes_on"],
        _reason(line),
    )  # fmt: skip


def _billing_day(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return subscriptions.set_billing_day(
        tx, actor, SubscriptionId(line.subject_id), line.before["billing_day"]
    )


def _end_seat(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return subscriptions.end(tx, actor, SubscriptionId(line.subject_id), line.before["ends_on"])


def _pause_seat(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return subscriptions.resume(tx, actor, SubscriptionId(line.subject_id), line.after["from_on"])


def _import(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return import_undo.undo(tx, actor, line.after["import"])


def _role(tx: Tx, actor: Actor, line: LogLine) -> Any:
    before = line.before.get("role")
    if before is None:
        return admins.revoke(tx, actor, line.subject_id)
    return admins.grant(tx, actor, line.subject_id, before)


def _settings(tx: Tx, actor: Actor, line: LogLine) -> Any:
    """Every setting of the line, if none was changed again since."""
    now = {name: getattr(line.workspace, name) for name in line.after}
    if workspaces.shown(now) != line.after:
        raise errors.UndoOvertaken()
    return workspaces.update_settings(
        tx, actor, **{name: _setting(name, value) for name, value in line.before.items()}
    )


def _setting(name: str, value: Any) -> Any:
    """A setting as `update_settings` takes it, from how the audit log keeps it."""
    if name.endswith("_id"):
        return int(value) if value else None
    return json.loads(value) if name == "reminder_days" else value


def _template(tx: Tx, actor: Actor, line: LogLine) -> Any:
    kind, locale = line.before["kind"], line.before["locale"]
    if templates.get(tx, line.workspace.id, kind, locale).body != line.after["body"]:
        raise errors.UndoOvertaken()
    return templates.save(tx, actor, kind, locale, line.before["body"])


def _target(tx: Tx, actor: Actor, line: LogLine) -> Any:
    return alerts.remove(tx, actor, line.subject_id)


def _reason(line: LogLine) -> str:
    return t(line.workspace.locale, "log.undo_reason")


UNDOS: dict[str, Undo] = {
    "payment.verify": _verify, "payment.record": _record, "payment.reject": _reject,
    "bill.adjust": _adjust, "bill.waive": _waive, "bill.charge": _charge, "bill.back_fill": _void,
    "opening.debt": _void,
    "period.open": _open, "period.close": _close, "period.reopen": _reopen,
    "plan.rename": _rename_plan, "plan.role": _plan_role, "plan.price": _price,
    "plan.retire": _retire_plan, "plan.restore": _restore_plan,
    "method.edit": _edit_method, "method.retire": _retire_method, "method.restore": _restore_method,
    "member.leave": _leave, "member.rejoin": _rejoin, "member.account": _account,
    "subscription.start": _start_seat, "subscription.end": _end_seat, "subscription.pause": _pause_seat,
    "subscription.resume": _resume_seat, "subscription.billing_day": _billing_day,
    "roster.import": _import, "admin.grant": _role, "admin.revoke": _role,
    "workspace.update": _settings, "template.save": _template, "template.reset": _template,
    "alert_target.add": _target,
}  # fmt: skip
