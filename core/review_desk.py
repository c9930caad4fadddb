"""What the review desk does beside core/payments.py: taking several decisions back at once."""

from collections.abc import Sequence

from core import errors, payments, reversals
from core.db import Tx
from core.models import Actor, PaymentId
from core.payment_changes import PaymentChanged
from core.store import payments as payment_rows


def take_back(tx: Tx, actor: Actor, payment_ids: Sequence[PaymentId]) -> list[PaymentChanged]:
    """Take decisions back, all of them or none: what was verified or rejected waits for review again.

    Raises what unverify and reopen raise, PaymentUnknown, and PaymentMoved for one that is in neither state.
    """
    return [_take_back_one(tx, actor, payment_id) for payment_id in dict.fromkeys(payment_ids)]


def _take_back_one(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentChanged:
    payment = payment_rows.get(tx.conn, actor.workspace_id, payment_id)
    if payment is None:
        raise errors.PaymentUnknown()
    if payment.status == "rejected":
        return payments.reopen(tx, actor, payment_id)
    if payment.recorded:
        return reversals.cancel(tx, actor, payment_id)
    return reversals.unverify(tx, actor, payment_id)
