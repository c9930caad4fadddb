"""Read-only views of bills for treasurers: searched, by plan or account, and what waits of a member."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import access, errors
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, Bill, Member, MemberId, Payment, PaymentId, PlanId
from core.store import bill_views, members, payments, plans
from core.store.bill_views import Waiver
from core.text import name_key

STATUSES = ("pending", "paid", "rejected", "verified", "void")


@dataclass(frozen=True, slots=True)
class WaivedBill:
    """A waiver that could be taken back, with its bill and whose it is."""

    waiver: Waiver
    bill: Bill
    member: Member


def search(
    tx: Tx,
    actor: Actor,
    query: str = "",
    *,
    bill_id: int | None = None,
    member_id: MemberId | None = None,
    status: str | None = None,
    period: str | None = None,
    with_void: bool = True,
    limit: int = 50,
) -> list[tuple[Bill, Member]]:
    """Bills with whose they are, newest first: by number or a part of the name. Raises ChoiceUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    if status is not None and status not in STATUSES:
        raise errors.ChoiceUnknown(field="status", value=errors.shown(status), choices=", ".join(STATUSES))
    return bill_views.search(
        tx.conn, actor.workspace_id, text_key=name_key(query), bill_id=bill_id, member_id=member_id,
        status=status, period=period, with_void=with_void, limit=limit,
    )  # fmt: skip


def waivers(tx: Tx, actor: Actor, query: str = "", *, limit: int = 50) -> list[WaivedBill]:
    """Waivers that could be taken back, those of the newest bills first."""
    access.require(tx, actor, Role.AUDITOR)
    found = bill_views.search(
        tx.conn, actor.workspace_id, text_key=name_key(query), is_waived=True, with_void=False, limit=limit
    )
    every = [
        WaivedBill(waiver, bill, member)
        for bill, member in found
        for waiver in bill_views.waivers(tx.conn, bill.id)
    ]
    return every[:limit]


def holders(tx: Tx, actor: Actor, plan_id: PlanId) -> list[Member]:
    """Everybody who holds a seat on the plan today, paused ones included. Raises PlanUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    if plans.get(tx.conn, workspace.id, plan_id) is None:
        raise errors.PlanUnknown()
    today = str(local_date(tx.now, workspace.timezone))
    found = bill_views.holders(tx.conn, workspace.id, plan_id, today)
    return people(tx, actor, [MemberId(member_id) for member_id in found])


def people(tx: Tx, actor: Actor, member_ids: Sequence[MemberId]) -> list[Member]:
    """These members, each once and in this order; raises MemberUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    found: dict[MemberId, Member] = {}
    for member_id in member_ids:
        member = members.current(tx.conn, actor.workspace_id, member_id)
        if member is None:
            raise errors.MemberUnknown()
        found[member.id] = member
    return list(found.values())


def by_accounts(tx: Tx, actor: Actor, accounts: Sequence[int]) -> tuple[list[Member], list[int]]:
    """The members that these Discord accounts are linked to, and the accounts that are nobody's."""
    access.require(tx, actor, Role.AUDITOR)
    found: list[Member] = []
    strangers: list[int] = []
    for account in accounts:
        member = members.by_discord(tx.conn, actor.workspace_id, account)
        if member is None:
            strangers.append(account)
        else:
            found.append(member)
    return found, strangers


def waiting_of(tx: Tx, actor: Actor, member_id: MemberId) -> tuple[Member, list[Payment]]:
    """A member and their submissions that wait for review, oldest first; raises MemberUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    (member,) = people(tx, actor, [member_id])
    ids: list[PaymentId] = payments.ids_waiting_of(tx.conn, actor.workspace_id, member.id)
    waiting = (payments.get(tx.conn, actor.workspace_id, payment_id) for payment_id in ids)
    return member, [payment for payment in waiting if payment is not None]
