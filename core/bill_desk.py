"""What treasurers do with bills in one go, as results that can be previewed."""

from dataclasses import dataclass
from typing import Any

from core import access, corrections
from core.db import Tx
from core.models import Actor, Bill, Member, SubscriptionId, Workspace
from core.period import Period
from core.store import bills, members


@dataclass(frozen=True, slots=True)
class BackFilled:
    """The bill that was made for an old or an open month, as it stands after the member's credit was used."""

    workspace: Workspace
    member: Member
    period: Period
    bill: Bill

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        bill = self.bill
        return (
            ("back_fill", bill.subscription_id, self.period.text, bill.title, bill.amount_minor, bill.due_on),
            ("settled", bill.settled_minor, bill.status),
        )


def back_fill(tx: Tx, actor: Actor, subscription_id: SubscriptionId, period: Period) -> BackFilled:
    """Bill one subscription for an old or an open month; raises what corrections.back_fill raises."""
    made = corrections.back_fill(tx, actor, subscription_id, period)
    workspace = access.workspace_of(tx, actor)
    bill = bills.get(tx.conn, workspace.id, made.id)
    member = members.current(tx.conn, workspace.id, made.member_id)
    assert bill is not None
    assert member is not None
    return BackFilled(workspace, member, period, bill)
