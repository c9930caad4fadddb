"""What an action on a payment changed, and the parts that all of those actions share.

core/payments.py takes money in, core/reversals.py takes it back.
"""

from dataclasses import dataclass
from typing import Any

from core import audit, errors, notices
from core.access import workspace_of
from core.db import Tx
from core.models import Actor, Bill, Member, MemberId, MethodId, Payment, PaymentId, Workspace
from core.money import LARGEST_MINOR, Money, format_money
from core.store import bills, members, payments


@dataclass(frozen=True, slots=True)
class BillChange:
    """What an action did to one bill; amounts in minor units."""

    bill: Bill
    status_before: str
    settled_before: int


@dataclass(frozen=True, slots=True)
class PaymentChanged:
    """What an action on a payment did: the payment as it is now, the bills touched, the member's credit."""

    workspace: Workspace
    member: Member
    payment: Payment
    changes: tuple[BillChange, ...]
    credit_before: int
    credit_minor: int
    repeated: bool = False

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        payment = ("payment", self.payment.status, self.payment.received_minor, self.payment.refunded_minor)
        credit = ("credit", self.credit_before, self.credit_minor)
        touched = (
            ("bill", change.bill.id, change.status_before, change.bill.status,
             change.settled_before, change.bill.settled_minor)
            for change in self.changes
        )  # fmt: skip
        return (payment, credit, *touched)


class Before:
    """The member's bills and credit before an action; `finish` compares, audits and tells."""

    def __init__(self, tx: Tx, member_id: MemberId, payment: Payment | None = None) -> None:
        self.payment = payment
        self.bills = bills.of_member(tx.conn, member_id)
        self.credit = payments.credit(tx.conn, member_id)

    def finish(
        self, tx: Tx, actor: Actor, workspace: Workspace, payment_id: PaymentId, action: str,
        *, tell_member: bool = True, own: bool = False,
    ) -> PaymentChanged:  # fmt: skip
        payment = payments.get(tx.conn, workspace.id, payment_id)
        assert payment is not None
        member = current_member(tx, workspace, payment.member_id)
        result = PaymentChanged(
            workspace, member, payment, self._changes(tx, member.id), self.credit,
            payments.credit(tx.conn, member.id),
        )  # fmt: skip
        line = audit.record(
            tx, actor, f"payment.{action}", "payment", payment.id,
            before=_state(self.payment) if self.payment else None,
            after={**_state(payment), **({"own": True} if own else {})},
        )  # fmt: skip
        notices.payment_card(tx, workspace, payment.id)
        if tell_member and member.discord_id is not None:
            notices.payment_result(
                tx, workspace, payment, action, line, result.credit_minor - result.credit_before
            )
        return result

    def _changes(self, tx: Tx, member_id: MemberId) -> tuple[BillChange, ...]:
        was = {bill.id: bill for bill in self.bills}
        return tuple(
            BillChange(bill, was[bill.id].status, was[bill.id].settled_minor)
            for bill in sorted(bills.of_member(tx.conn, member_id), key=lambda bill: (bill.due_on, bill.id))
            if bill.id in was
            and (bill.status, bill.settled_minor) != (was[bill.id].status, was[bill.id].settled_minor)
        )


def load(tx: Tx, actor: Actor, payment_id: PaymentId) -> tuple[Workspace, Payment]:
    """The actor's workspace and a payment in it; raises PaymentUnknown."""
    workspace = workspace_of(tx, actor)
    payment = payments.get(tx.conn, workspace.id, payment_id)
    if payment is None:
        raise errors.PaymentUnknown()
    return workspace, payment


def current_member(tx: Tx, workspace: Workspace, member_id: MemberId) -> Member:
    """The roster entry that counts for this one now; raises MemberUnknown."""
    member = members.current(tx.conn, workspace.id, member_id)
    if member is None:
        raise errors.MemberUnknown()
    return member


def positive(workspace: Workspace, amount: Money) -> int:
    """The minor units of an amount that must be the club's currency and more than nothing; else raises."""
    if amount.currency != workspace.currency:
        shown = format_money(amount, workspace.locale)
        raise errors.AmountInOtherCurrency(field="amount", value=shown, currency=workspace.currency)
    if amount.minor <= 0:
        raise errors.AmountNotPositive(field="amount")
    if amount.minor > LARGEST_MINOR:
        raise errors.AmountTooLarge(field="amount", largest=workspace.money(LARGEST_MINOR))
    return amount.minor


def decision(tx: Tx, actor: Actor) -> dict[str, str]:
    """The columns that say who decides now."""
    return {"decided_by": actor.text, "decided_at": tx.now_text}


def pot(payment: Payment, method_id: MethodId | None) -> tuple[str, int]:
    """Where the money of a payment lies: the pot of its method, or what was there before these books."""
    return ("pot", method_id or 0) if payment.funds == "pot" else ("opening", 0)


def _state(payment: Payment) -> dict[str, Any]:
    return {
        "status": payment.status, "declared": payment.declared_minor, "received": payment.received_minor,
        "refunded": payment.refunded_minor,
        "method": payment.confirmed_method_id or payment.declared_method_id,
    }  # fmt: skip
