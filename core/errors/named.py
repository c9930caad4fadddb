"""Things that are named and are not there (core/store)."""

from core.errors.base import Conflict, NotFound


class WorkspaceUnknown(NotFound):
    """This server has no workspace yet."""

    code = "workspace_unknown"


class WorkspaceExists(Conflict):
    """This server has a workspace already."""

    code = "workspace_exists"


class MemberUnknown(NotFound):
    code = "member_unknown"


class PlanUnknown(NotFound):
    code = "plan_unknown"


class MethodUnknown(NotFound):
    code = "method_unknown"


class SubscriptionUnknown(NotFound):
    code = "subscription_unknown"


class BillUnknown(NotFound):
    code = "bill_unknown"


class PaymentUnknown(NotFound):
    code = "payment_unknown"


class PeriodUnknown(NotFound):
    code = "period_unknown"
    fields = ("period",)


class NoticeUnknown(NotFound):
    code = "notice_unknown"


class ProofUnknown(NotFound):
    code = "proof_unknown"
