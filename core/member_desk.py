"""What treasurers do with a member in one go: roster entry and account together, leaving with a preview."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core import access, roster
from core.db import Tx
from core.models import Actor, Member, MemberId, Plan, SubscriptionId, Workspace
from core.roster import MemberChanged
from core.store import admin_views, members, plans
from core.store import subscriptions as subscription_rows
from core.unset import UNSET, Unset


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaving does: the subscriptions it ends with their plans, the account it unlinks, what is owed.

    `already`: the member had left before, and nothing was done. `balance_minor` is negative for credit.
    """

    workspace: Workspace
    member: Member
    ended: tuple[tuple[SubscriptionId, Plan], ...]
    unlinked: int | None
    balance_minor: int
    already: bool

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        leaving = (
            "leave",
            self.member.id,
            self.member.left_on,
            self.unlinked,
            self.balance_minor,
            self.already,
        )
        return (leaving, *(("end", subscription_id, plan.id) for subscription_id, plan in self.ended))


@dataclass(frozen=True, slots=True)
class AccountMoved:
    """A member who is linked to another Discord account now; `before` None: they had none."""

    workspace: Workspace
    member: Member
    before: int | None

    @property
    def is_new(self) -> bool:
        return self.member.discord_id != self.before

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (("account", self.member.id, str(self.before), str(self.member.discord_id)),)


def add(
    tx: Tx,
    actor: Actor,
    name: str,
    *,
    email: str | None = None,
    note: str = "",
    discord_id: int | None = None,
) -> Member:
    """Put a person on the roster, linked to this Discord account if one is named.

    Raises what roster.add_member and roster.move_account raise; then nobody was added.
    """
    added = roster.add_member(tx, actor, name, email=email, note=note)
    return added if discord_id is None else roster.move_account(tx, actor, added.id, discord_id)


def edit(
    tx: Tx,
    actor: Actor,
    member_id: MemberId,
    *,
    name: str | Unset = UNSET,
    email: str | Unset | None = UNSET,
    note: str | Unset = UNSET,
    discord_id: int | None = None,
) -> MemberChanged:
    """Change the given fields, and the account if one is named; `account` is then among what changed."""
    changed = roster.edit(tx, actor, member_id, name=name, email=email, note=note)
    if discord_id is None or changed.member.discord_id == discord_id:
        return changed
    moved = roster.move_account(tx, actor, member_id, discord_id)
    return MemberChanged(moved, (*changed.changed, "account"))


def move_account(tx: Tx, actor: Actor, member_id: MemberId, discord_id: int) -> AccountMoved:
    """Link a member to another Discord account; see roster.move_account. The result can be previewed."""
    workspace = access.workspace_of(tx, actor)
    before = members.get(tx.conn, workspace.id, member_id)
    moved = roster.move_account(tx, actor, member_id, discord_id)
    return AccountMoved(workspace, moved, before.discord_id if before is not None else None)


def leave(tx: Tx, actor: Actor, member_id: MemberId, left_on: date) -> Leaving:
    """Somebody leaves the club; see roster.leave. The result can be previewed."""
    workspace = access.workspace_of(tx, actor)
    before = members.get(tx.conn, workspace.id, member_id)
    left = roster.leave(tx, actor, member_id, left_on)
    already = before is not None and before.left_on is not None
    ended = tuple(
        (subscription_id, _plan_of(tx, workspace, subscription_id)) for subscription_id in left.ended
    )
    owed = admin_views.balance(tx.conn, workspace.id, left.member.id)
    return Leaving(workspace, left.member, ended, left.unlinked, owed, already)


def _plan_of(tx: Tx, workspace: Workspace, subscription_id: SubscriptionId) -> Plan:
    subscription = subscription_rows.get(tx.conn, workspace.id, subscription_id)
    assert subscription is not None
    plan = plans.get(tx.conn, workspace.id, subscription.plan_id)
    assert plan is not None
    return plan
