"""Plans, methods and subscriptions."""

from core.errors.base import Conflict, InvalidInput


class PlanNameTaken(Conflict):
    """Another plan in use has this name."""

    code = "plan_name_taken"
    fields = ("plan",)


class PlanRetired(Conflict):
    """The plan takes nobody new any more."""

    code = "plan_retired"
    fields = ("plan",)


class MethodNameTaken(Conflict):
    """Another payment method in use has this name."""

    code = "method_name_taken"
    fields = ("method",)


class AlreadySubscribed(Conflict):
    """The member holds this plan at that time already."""

    code = "already_subscribed"
    fields = ("member", "plan")


class SubscriptionOver(Conflict):
    """The subscription has ended."""

    code = "subscription_over"
    fields = ("ended_on",)


class PauseOverlaps(Conflict):
    """Another pause holds in that time already."""

    code = "pause_overlaps"
    fields = ("from_on",)


class NotPaused(Conflict):
    """No pause holds on that day."""

    code = "not_paused"


class DateTooEarly(InvalidInput):
    """The day lies before the earliest that makes sense here."""

    code = "date_too_early"
    fields = ("field", "earliest")


class DateTooLate(InvalidInput):
    """The day lies after the latest that makes sense here."""

    code = "date_too_late"
    fields = ("field", "latest")
