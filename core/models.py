"""Rows as frozen dataclasses, and the ids that tie them together.

Field order is column order: `core/store/rows.py` builds a row by position. Dates and instants stay the
text they are stored as (they sort as time does); `core.period` and `core.clock` read them.
"""

from dataclasses import dataclass
from typing import Literal, NewType

from core.money import Money

WorkspaceId = NewType("WorkspaceId", int)
MemberId = NewType("MemberId", int)
PlanId = NewType("PlanId", int)
MethodId = NewType("MethodId", int)
SubscriptionId = NewType("SubscriptionId", int)
BillId = NewType("BillId", int)
PaymentId = NewType("PaymentId", int)
LinkRequestId = NewType("LinkRequestId", int)
NoticeId = NewType("NoticeId", int)
ProofId = NewType("ProofId", int)

ActorKind = Literal["discord", "token", "operator", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does this now. Which rights that gives is looked up at the moment of the act (core/access.py).

    `operator` is whoever may run the command line on the machine; `system` is the scheduler. `token` is a
    program: `discord_id` is then who made the token. `owns_server` is read from Discord at the click.
    """

    workspace_id: WorkspaceId
    kind: ActorKind
    discord_id: int = 0
    owns_server: bool = False
    token_id: int = 0

    @classmethod
    def discord(cls, workspace_id: WorkspaceId, discord_id: int, *, owns_server: bool = False) -> "Actor":
        return cls(workspace_id, "discord", discord_id, owns_server)

    @classmethod
    def token(
        cls, workspace_id: WorkspaceId, token_id: int, maker_id: int, *, owns_server: bool = False
    ) -> "Actor":
        return cls(workspace_id, "token", maker_id, owns_server, token_id)

    @classmethod
    def operator(cls, workspace_id: WorkspaceId) -> "Actor":
        return cls(workspace_id, "operator")

    @classmethod
    def system(cls, workspace_id: WorkspaceId) -> "Actor":
        return cls(workspace_id, "system")

    @property
    def text(self) -> str:
        """As stored in the *_by columns."""
        number = {"discord": self.discord_id, "token": self.token_id}.get(self.kind)
        return self.kind if number is None else f"{self.kind}:{number}"


@dataclass(frozen=True, slots=True)
class Workspace:
    id: WorkspaceId
    guild_id: int
    name: str
    currency: str
    timezone: str
    locale: str
    billing_day: int
    due_days: int
    announce_channel_id: int | None
    review_channel_id: int | None
    admin_channel_id: int | None
    reviewer_role_id: int | None
    auto_open: int
    link_policy: str
    closed_dm_policy: str
    self_verify: int
    reminder_mode: str
    reminder_days: str
    proof_retention_months: int
    quiet_from: str | None
    quiet_to: str | None
    debtors_public: int
    created_at: str

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


@dataclass(frozen=True, slots=True)
class Member:
    id: MemberId
    workspace_id: WorkspaceId
    name: str
    name_key: str
    email: str | None
    email_key: str | None
    note: str
    discord_id: int | None
    left_on: str | None
    successor_id: MemberId | None
    created_at: str

    @property
    def label(self) -> str:
        """How people name this entry: M-12."""
        return f"M-{self.id}"


@dataclass(frozen=True, slots=True)
class LinkRequest:
    id: LinkRequestId
    workspace_id: WorkspaceId
    member_id: MemberId
    discord_id: int
    kind: str
    status: str
    requested_at: str
    decided_by: str | None
    decided_at: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    id: PlanId
    workspace_id: WorkspaceId
    name: str
    name_key: str
    role_id: int | None
    cycle_months: int
    proration: str
    retired_at: str | None
    created_at: str


@dataclass(frozen=True, slots=True)
class PlanPrice:
    id: int
    plan_id: PlanId
    from_period: str
    amount_minor: int
    set_by: str
    set_at: str


@dataclass(frozen=True, slots=True)
class Method:
    id: MethodId
    workspace_id: WorkspaceId
    name: str
    name_key: str
    kind: str
    instructions: str
    sort_order: int
    retired_at: str | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Subscription:
    id: SubscriptionId
    workspace_id: WorkspaceId
    member_id: MemberId
    plan_id: PlanId
    starts_on: str
    ends_on: str | None
    billing_day: int | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Pause:
    id: int
    subscription_id: SubscriptionId
    from_on: str
    resumes_on: str | None
    created_by: str
    created_at: str


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    id: int
    workspace_id: WorkspaceId
    period: str
    status: str
    openings: int
    opened_by: str | None
    opened_at: str | None
    retracted_by: str | None
    retracted_at: str | None
    closed_by: str | None
    closed_at: str | None


@dataclass(frozen=True, slots=True)
class Bill:
    id: BillId
    workspace_id: WorkspaceId
    member_id: MemberId
    kind: str
    billing_period_id: int | None
    subscription_id: SubscriptionId | None
    plan_id: PlanId | None
    title: str
    amount_minor: int
    settled_minor: int
    waived_minor: int
    status: str
    due_on: str
    covers_from: str
    covers_to: str
    created_at: str

    @property
    def label(self) -> str:
        """How people name this bill: B-1042."""
        return f"B-{self.id}"

    @property
    def open_minor(self) -> int:
        """What is still missing, whether or not a claim on it waits."""
        return 0 if self.status == "void" else self.amount_minor - self.settled_minor - self.waived_minor


@dataclass(frozen=True, slots=True)
class BillLine:
    id: int
    bill_id: BillId
    kind: str
    amount_minor: int
    price_id: int | None
    active_days: int | None
    period_days: int | None
    reason: str
    created_by: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Payment:
    id: PaymentId
    workspace_id: WorkspaceId
    member_id: MemberId
    status: str
    recorded: int
    funds: str
    source: str
    declared_minor: int
    received_minor: int | None
    refunded_minor: int
    allocated_minor: int
    declared_method_id: MethodId | None
    confirmed_method_id: MethodId | None
    note: str
    reject_reason: str
    request_id: str
    submitted_by: str
    submitted_at: str
    decided_by: str | None
    decided_at: str | None
    received_on: str | None

    @property
    def label(self) -> str:
        """How people name this payment: P-0871."""
        return f"P-{self.id:04d}"

    @property
    def kept_minor(self) -> int:
        """What the club holds of it: received minus refunded; 0 until verified."""
        return (self.received_minor or 0) - self.refunded_minor


@dataclass(frozen=True, slots=True)
class Allocation:
    id: int
    payment_id: PaymentId
    bill_id: BillId
    kind: str
    amount_minor: int
    created_at: str
    released_at: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    id: ProofId
    workspace_id: WorkspaceId
    payment_id: PaymentId
    storage_key: str
    thumbnail_key: str
    sha256: str
    pixels_sha256: str
    dhash: str
    size_bytes: int
    width: int
    height: int
    same_as_payment_id: PaymentId | None
    same_kind: str | None
    created_at: str
    purged_at: str | None
    purged_by: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    id: NoticeId
    workspace_id: WorkspaceId
    dedupe_key: str
    op: str
    kind: str
    target: str
    target_id: int
    subject_type: str
    subject_id: int
    params: str
    status: str
    revision: int
    parts_sent: int
    attempts: int
    attempted_at: str | None
    next_attempt_at: str
    error: str
    created_at: str
    sent_at: str | None
