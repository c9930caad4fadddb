"""Billing and corrections (core/billing.py, core/corrections.py)."""

from core.errors.base import Conflict, InvalidInput, NotFound


class PeriodClosed(Conflict):
    """The month is closed: its charges are locked."""

    code = "period_closed"
    fields = ("period",)


class PeriodNotOpen(Conflict):
    """The month is not open at the moment."""

    code = "period_not_open"
    fields = ("period",)


class PlanWithoutPrice(Conflict):
    """A plan that somebody holds has no price for that month."""

    code = "plan_without_price"
    fields = ("plan", "period")


class ClaimsWaiting(Conflict):
    """Submissions for this month wait for review."""

    code = "claims_waiting"
    fields = ("period", "count")


class BillSettled(Conflict):
    """The bill is settled or void already, so there is nothing left to correct in this way."""

    code = "bill_settled"
    fields = ("bill",)


class WaiverTooLarge(InvalidInput):
    """More would be waived than the bill asks for."""

    code = "waiver_too_large"
    fields = ("bill", "most")


class WaiverUnknown(NotFound):
    """No such waiver, or it was taken back before."""

    code = "waiver_unknown"


class NothingSelected(InvalidInput):
    """No member was chosen for the charge."""

    code = "nothing_selected"


class BillExists(Conflict):
    """The subscription has a bill that covers this month already."""

    code = "bill_exists"
    fields = ("bill", "period")


class NothingToBill(Conflict):
    """The subscription is not active on any day of the month."""

    code = "nothing_to_bill"
    fields = ("period",)
