"""Merging two roster entries of one person. It cannot be undone.

The merged entry keeps its bills, payments and subscriptions and points at its successor; whatever is asked
about the person afterwards finds the rows of both (`PERSON` in core/store/members.py).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from core import access, audit, errors, settle
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, Member, MemberId, Plan, Subscription, Workspace
from core.store import admin_views, members, merging, payments, plans, subscriptions


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did. `taken`: what the successor got from the merged entry ("account", "email", "note").

    `bills` and `payments` count what the merged entry brings along, `plans` are those it goes on holding.
    Amounts in minor units: what the two owed together before (negative: had as credit), and how much credit
    of one was used for bills of the other.
    """

    can_be_undone: ClassVar[bool] = False

    workspace: Workspace
    member: Member
    into: Member
    taken: tuple[str, ...]
    bills: int
    payments: int
    plans: tuple[Plan, ...]
    balance_minor: int
    credit_used: int
    credit_minor: int

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (
            ("merge", self.member.id, self.into.id, *self.taken),
            ("rows", self.bills, self.payments, *(plan.id for plan in self.plans)),
            ("money", self.balance_minor, self.credit_used, self.credit_minor),
        )


def merge(tx: Tx, actor: Actor, member_id: MemberId, into_id: MemberId) -> Merged:
    """Merge the entry `member_id` into `into_id`, both of one person; there is no way back.

    A linked account goes to the successor, an e-mail or note fills a blank one. Raises RoleNeeded,
    MemberUnknown, MergeWithItself, MemberMerged, MemberLeft (the successor has), MergeBothLinked,
    MergeSamePlan, MergeClaimsWaiting.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    merged, into = _load(tx, workspace, member_id), _load(tx, workspace, into_id)
    running = _check(tx, workspace, merged, into)
    bills, paid = merging.rows_kept(tx.conn, merged.id)
    balance = sum(admin_views.balance(tx.conn, workspace.id, member.id) for member in (merged, into))
    merging.set_successor(tx.conn, merged.id, into.id)
    merging.retarget_notices(tx.conn, workspace.id, merged.id, into.id)
    taken = _take_over(tx, merged, into)
    used = settle.settle_credit(tx, into.id)
    result = Merged(
        workspace, _fresh(tx, merged), _fresh(tx, into), taken, bills, paid,
        tuple(_plan(tx, row) for row in running), balance, used, payments.credit(tx.conn, into.id),
    )  # fmt: skip
    audit.record(
        tx, actor, "member.merge", "member", merged.id, before=_account(merged),
        after={"into": into.id, "taken": list(taken), "bills": bills, "payments": paid, "credit_used": used},
    )  # fmt: skip
    return result


def _check(tx: Tx, workspace: Workspace, merged: Member, into: Member) -> list[Subscription]:
    """Refuse what cannot be merged, with the reason; returns the subscriptions that go on."""
    if merged.id == into.id:
        raise errors.MergeWithItself(member=merged.label)
    if into.left_on is not None:
        raise errors.MemberLeft(member=into.name)
    if merged.discord_id is not None and into.discord_id is not None:
        raise errors.MergeBothLinked(member=merged.label, into=into.label)
    for member in (merged, into):
        waiting = len(payments.ids_waiting_of(tx.conn, workspace.id, member.id))
        if waiting:
            raise errors.MergeClaimsWaiting(member=member.label, count=waiting)
    today = str(local_date(tx.now, workspace.timezone))
    running, theirs = (
        [row for row in subscriptions.of_member(tx.conn, member.id) if _runs(row, today)]
        for member in (merged, into)
    )
    for row in running:
        if any(row.plan_id == other.plan_id and _overlap(row, other) for other in theirs):
            raise errors.MergeSamePlan(plan=_plan(tx, row).name)
    return running


def _runs(row: Subscription, today: str) -> bool:
    return row.ends_on is None or row.ends_on >= max(today, row.starts_on)


def _overlap(row: Subscription, other: Subscription) -> bool:
    return (other.ends_on is None or row.starts_on <= other.ends_on) and (
        row.ends_on is None or other.starts_on <= row.ends_on
    )


def _take_over(tx: Tx, merged: Member, into: Member) -> tuple[str, ...]:
    """Give the successor what it lacks; what it has stays."""
    email = merged if into.email is None else into
    note = into.note or merged.note
    members.update(
        tx.conn, into.id, name=into.name, name_key=into.name_key, email=email.email,
        email_key=email.email_key, note=note,
    )  # fmt: skip
    if merged.discord_id is not None:
        linked = members.link(tx.conn, into.id, merged.discord_id)
        assert linked, into.id
    after = _fresh(tx, into)
    changed = {
        "account": after.discord_id != into.discord_id,
        "email": after.email != into.email,
        "note": after.note != into.note,
    }
    return tuple(name for name, is_new in changed.items() if is_new)


def _load(tx: Tx, workspace: Workspace, member_id: MemberId) -> Member:
    member = members.get(tx.conn, workspace.id, member_id)
    if member is None:
        raise errors.MemberUnknown()
    if member.successor_id is not None:
        raise errors.MemberMerged(member=member.label, into=f"M-{member.successor_id}")
    return member


def _fresh(tx: Tx, member: Member) -> Member:
    found = members.get(tx.conn, member.workspace_id, member.id)
    assert found is not None
    return found


def _plan(tx: Tx, row: Subscription) -> Plan:
    plan = plans.get(tx.conn, row.workspace_id, row.plan_id)
    assert plan is not None
    return plan


def _account(member: Member) -> dict[str, str | None]:
    return {"account": None if member.discord_id is None else str(member.discord_id)}
