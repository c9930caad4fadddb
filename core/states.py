"""The payment's transition table. `apply` is the only writer of payments.status after the row is made."""

from dataclasses import dataclass
from typing import Any

from core import errors
from core.access import Role
from core.db import Tx
from core.models import Payment
from core.store import payments

STATUSES = ("submitted", "verified", "rejected", "withdrawn")

# A reviewer may take back an own decision for so long; later it takes a treasurer.
UNDO_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Transition:
    """From one status to the next; `least` is the role that may, `own_undo` that a reviewer may undo theirs."""

    before: str
    after: str
    least: Role
    recorded: bool | None = None  # None: either; else only payments that were (not) recorded by hand
    own_undo: bool = False


# NOBODY stands for "its own member"; core/payments.py checks that it is theirs.
TRANSITIONS: dict[str, Transition] = {
    "withdraw": Transition("submitted", "withdrawn", Role.NOBODY),
    "verify": Transition("submitted", "verified", Role.REVIEWER),
    "reject": Transition("submitted", "rejected", Role.REVIEWER),
    "reopen": Transition("rejected", "submitted", Role.REVIEWER),
    "unverify": Transition("verified", "submitted", Role.TREASURER, recorded=False, own_undo=True),
    "cancel": Transition("verified", "withdrawn", Role.TREASURER, recorded=True, own_undo=True),
    "refund": Transition("verified", "verified", Role.TREASURER),
}
# How a payment comes into being: the status it starts in and the role that may.
BIRTHS: dict[str, tuple[str, Role]] = {
    "submit": ("submitted", Role.NOBODY),
    "record": ("verified", Role.REVIEWER),
}


def check_possible(action: str, payment: Payment) -> Transition:
    """Raise PaymentMoved, NotRecorded or WasRecorded when the table has no such step from here."""
    step = TRANSITIONS[action]
    if payment.status != step.before:
        raise errors.PaymentMoved(payment=payment.label, status=payment.status)
    if step.recorded is not None and bool(payment.recorded) != step.recorded:
        wrong = errors.NotRecorded if step.recorded else errors.WasRecorded
        raise wrong(payment=payment.label)
    return step


def apply(tx: Tx, action: str, payment: Payment, **fields: Any) -> None:
    """Move the payment by the table; raises PaymentMoved when somebody was faster."""
    step = check_possible(action, payment)
    if not payments.move(tx.conn, payment.id, was=step.before, status=step.after, **fields):
        now = payments.get(tx.conn, payment.workspace_id, payment.id)
        raise errors.PaymentMoved(payment=payment.label, status=now.status if now else "withdrawn")
