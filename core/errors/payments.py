"""Payments (core/payments.py)."""

from core.errors.base import Conflict, InvalidInput, NotAllowed


class PaymentMoved(Conflict):
    """Somebody was faster: the payment is not in the state from which this can be done."""

    code = "payment_moved"
    fields = ("payment", "status")


class NothingToPay(Conflict):
    """None of the member's bills can be paid now."""

    code = "nothing_to_pay"


class NothingChosen(InvalidInput):
    """No bill was chosen."""

    code = "nothing_chosen"


class BillNotPayable(Conflict):
    """The bill is settled, void, or its month is not open."""

    code = "bill_not_payable"
    fields = ("bill",)


class BillClaimed(Conflict):
    """A submission for this bill waits for review already."""

    code = "bill_claimed"
    fields = ("bill", "payment")


class ReasonMissing(InvalidInput):
    """A rejection or a correction needs a reason."""

    code = "reason_missing"


class RefundTooLarge(InvalidInput):
    """More would be given back than was received."""

    code = "refund_too_large"
    fields = ("most",)


class UndoTooLate(NotAllowed):
    """A reviewer may take back an own decision for so many minutes; later it takes a treasurer."""

    code = "undo_too_late"
    fields = ("minutes",)


class NotRecorded(Conflict):
    """Only a recorded payment can be cancelled; a verified submission is unverified."""

    code = "not_recorded"
    fields = ("payment",)


class WasRecorded(Conflict):
    """A recorded payment cannot be unverified, it has no submission to go back to; it is cancelled."""

    code = "was_recorded"
    fields = ("payment",)
