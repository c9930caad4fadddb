"""Opening balances: what a member owed, or had paid ahead, when the club began to keep these books.

A debt is a bill of its own that is payable at once. A credit is a payment out of the account `opening`, so
that it settles what is open by itself.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core import access, audit, errors, ledger, payments, settle
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.i18n import t
from core.ledger import Leg
from core.models import Actor, Bill, BillId, Member, MemberId, Payment, Workspace
from core.money import LARGEST_MINOR, Money
from core.period import parse_date
from core.store import bills, members, opening_balances
from core.store import payments as payment_rows


@dataclass(frozen=True, slots=True)
class BalanceSet:
    """What setting a balance did: the bill of a debt or the payment of a credit, and what credit is left."""

    workspace: Workspace
    member: Member
    amount: Money
    bill: Bill | None
    payment: Payment | None
    credit_minor: int

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        settled = (self.bill.settled_minor, self.bill.due_on) if self.bill else (0, "")
        return (("opening", self.member.id, self.amount.minor, *settled, self.credit_minor),)


def set_balance(
    tx: Tx,
    actor: Actor,
    member_id: MemberId,
    amount: Money,
    on: date | str,
    *,
    due_on: date | str | None = None,
) -> BalanceSet:
    """Set a member's balance as of the day `on`: positive is a debt, negative a credit; once per member.

    A debt is due on `due_on`, today when None. Raises RoleNeeded, MemberUnknown, AmountZero, AmountTooLarge,
    DateTooLate, and OpeningBalanceSet until the earlier one is voided or cancelled.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    member = members.get(tx.conn, workspace.id, member_id)
    if member is None or member.successor_id is not None:
        raise errors.MemberUnknown()
    _check_amount(workspace, amount)
    today = local_date(tx.now, workspace.timezone)
    day = parse_date(str(on), "on")
    if day > today:
        raise errors.DateTooLate(field="on", latest=today)
    earlier = opening_balances.standing(tx.conn, member.id)
    if earlier is not None:
        raise errors.OpeningBalanceSet(member=member.name, entry=earlier)
    bill = payment = None
    if amount.minor > 0:
        due = today if due_on is None else parse_date(str(due_on), "due_on")
        bill = _debt(tx, actor, workspace, member, amount.minor, str(day), str(due))
    else:
        payment = _credit(tx, actor, workspace, member, -amount, str(day))
    credit = payment_rows.credit(tx.conn, member.id)
    return BalanceSet(workspace, member, amount, bill, payment, credit)


def _check_amount(workspace: Workspace, amount: Money) -> None:
    assert amount.currency == workspace.currency, amount
    if amount.is_zero:
        raise errors.AmountZero(field="balance")
    if abs(amount.minor) > LARGEST_MINOR:
        raise errors.AmountTooLarge(field="balance", largest=workspace.money(LARGEST_MINOR))


def _debt(
    tx: Tx, actor: Actor, workspace: Workspace, member: Member, minor: int, day: str, due_on: str
) -> Bill:
    bill_id = bills.add(
        tx.conn, workspace_id=workspace.id, member_id=member.id, kind="opening", billing_period_id=None,
        title=t(workspace.locale, "opening_balances.title"), amount_minor=minor, due_on=due_on,
        covers_from=day, covers_to=day, now=tx.now_text,
    )  # fmt: skip
    bills.add_line(
        tx.conn, bill_id, kind="opening", amount_minor=minor, reason="", by=actor.text, now=tx.now_text
    )
    ledger.post(
        tx, workspace, actor, "opening", Leg("receivable", member.id, minor), Leg("opening", 0, -minor),
        bill_id=bill_id, on=day,
    )  # fmt: skip
    settle.settle_credit(tx, member.id)
    audit.record(
        tx, actor, "opening.debt", "bill", bill_id, after={"member": member.id, "amount": minor, "on": day}
    )
    return _bill(tx, workspace, bill_id)


def _credit(tx: Tx, actor: Actor, workspace: Workspace, member: Member, amount: Money, day: str) -> Payment:
    times = opening_balances.count_credits(tx.conn, member.id)
    recorded = payments.record(
        tx, actor, member.id, amount, request_id=f"opening:{member.id}:{times + 1}", received_on=day,
        source="import", funds="opening",
    )  # fmt: skip
    return recorded.payment


def _bill(tx: Tx, workspace: Workspace, bill_id: BillId) -> Bill:
    bill = bills.get(tx.conn, workspace.id, bill_id)
    assert bill is not None
    return bill
