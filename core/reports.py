"""Read-only views: what members owe, what waits for review, how a period stands. They decide nothing."""

from dataclasses import dataclass
from datetime import date

from core import access, errors
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import (
    Actor,
    Allocation,
    Bill,
    BillId,
    BillLine,
    Member,
    MemberId,
    Method,
    Payment,
    PaymentId,
    Proof,
    Workspace,
)  # fmt: skip
from core.period import Period
from core.store import bills, members, methods, notices, payments, report_rows, workspaces

NEWEST_PAYMENTS = 5


@dataclass(frozen=True, slots=True)
class PayGroup:
    """What one period, or the charges outside any period ("other"), leaves to pay."""

    key: str
    period: Period | None
    bills: tuple[Bill, ...]

    @property
    def total_minor(self) -> int:
        return sum(bill.open_minor for bill in self.bills)


@dataclass(frozen=True, slots=True)
class PayForm:
    """Everything the Pay form shows."""

    workspace: Workspace
    member: Member
    groups: tuple[PayGroup, ...]
    methods: tuple[Method, ...]

    @property
    def total_minor(self) -> int:
        return sum(group.total_minor for group in self.groups)


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill as its member sees it. `waiting`: the submission that waits for review on it."""

    bill: Bill
    period: Period | None
    waiting: Payment | None
    overdue: bool
    payable: bool
    short_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A member's bills (newest period first), credit and newest payments."""

    workspace: Workspace
    member: Member
    bills: tuple[BillView, ...]
    credit_minor: int
    payments: tuple[Payment, ...]
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a bill is what it is: its lines, what was settled and what was waived."""

    workspace: Workspace
    bill: Bill
    period: Period | None
    lines: tuple[BillLine, ...]
    price_from: str | None
    settled: tuple[tuple[Payment, Allocation], ...]


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as a reviewer sees it. `lines`: each bill and how much of the payment is on it."""

    workspace: Workspace
    member: Member
    payment: Payment
    lines: tuple[tuple[Bill, int], ...]
    declared_method: str | None
    confirmed_method: str | None
    proof: Proof | None
    same_proof_as: PaymentId | None
    own: bool
    amount_differs: bool
    waiting_count: int
    same_proof_kind: str | None = None
    """How the same picture was seen: "file", "pixels" or "look" (it only looks the same)."""
    same_proof_card: tuple[int, int] | None = None
    """(channel, message) of the earlier payment's card, to link to."""
    member_waiting: int = 0
    """How many submissions of this member wait for review, this one included."""


@dataclass(frozen=True, slots=True)
class StatusTotals:
    """How many bills of a period are in a status; minor units: their sum, and what is settled of them."""

    status: str
    bills: int
    amount_minor: int
    settled_minor: int
    waived_minor: int


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """One plan (or charge) of a period: bills, verified bills, due and settled sums in minor units."""

    title: str
    bills: int
    verified: int
    amount_minor: int
    settled_minor: int


@dataclass(frozen=True, slots=True)
class PeriodStatus:
    """How a period stands. `debtors`: (member, open minor units, oldest due date), the largest debt first."""

    workspace: Workspace
    period: Period
    status: str
    totals: tuple[StatusTotals, ...]
    plans: tuple[PlanStatus, ...]
    debtors: tuple[tuple[Member, int, date], ...]
    methods: tuple[tuple[str | None, int], ...]
    pot_minor: int
    waiting: int

    def total(self, *statuses: str) -> StatusTotals:
        """The sum over some statuses, or over all that are not void."""
        rows = [row for row in self.totals if (row.status in statuses if statuses else row.status != "void")]
        return StatusTotals(
            "+".join(statuses), sum(r.bills for r in rows), sum(r.amount_minor for r in rows),
            sum(r.settled_minor for r in rows), sum(r.waived_minor for r in rows),
        )  # fmt: skip


def pay_form(tx: Tx, actor: Actor, member_id: MemberId | None = None) -> PayForm:
    """What the member can pay now, by period, oldest first. Raises NotLinked, NothingToPay."""
    workspace, member = _whose(tx, actor, member_id)
    groups: dict[str, list[Bill]] = {}
    for bill in bills.payable(tx.conn, member.id):
        groups.setdefault(_period_text(tx, bill) or "other", []).append(bill)
    if not groups:
        raise errors.NothingToPay()
    return PayForm(
        workspace, member,
        tuple(
            PayGroup(key, None if key == "other" else Period(key), tuple(found))
            for key, found in sorted(groups.items())
        ),
        tuple(methods.everyone(tx.conn, workspace.id)),
    )  # fmt: skip


def statement(tx: Tx, actor: Actor, member_id: MemberId | None = None) -> Statement:
    """A member's bills, credit and newest payments; a member's own, or anybody's for an auditor."""
    workspace, member = _whose(tx, actor, member_id)
    today = local_date(tx.now, workspace.timezone)
    views = [_bill_view(tx, bill, today) for bill in bills.of_member(tx.conn, member.id)]
    return Statement(
        workspace, member, tuple(views), payments.credit(tx.conn, member.id),
        tuple(payments.of_member(tx.conn, member.id, NEWEST_PAYMENTS)),
        tuple(methods.everyone(tx.conn, workspace.id)),
    )  # fmt: skip


def explain_bill(tx: Tx, actor: Actor, bill_id: BillId) -> Explanation:
    """The derivation of a bill's amount, for its member and for auditors."""
    workspace = access.workspace_of(tx, actor)
    bill = bills.get(tx.conn, workspace.id, bill_id)
    if bill is None:
        raise errors.BillUnknown()
    access.require_self_or(tx, actor, bill.member_id, Role.AUDITOR)
    lines = bills.lines(tx.conn, bill_id)
    price = next((line.price_id for line in reversed(lines) if line.price_id), None)
    return Explanation(
        workspace, bill, _period(tx, bill), tuple(lines), report_rows.price_from(tx.conn, price),
        tuple(
            (payment, allocation)
            for allocation in payments.live_on_bill(tx.conn, bill_id)
            if (payment := payments.get(tx.conn, workspace.id, allocation.payment_id))
        ),
    )  # fmt: skip


def payment_view(tx: Tx, workspace_id: int, payment_id: PaymentId) -> PaymentView:
    """A payment as the review card shows it; raises PaymentUnknown."""
    workspace = workspaces.get(tx.conn, workspace_id)
    payment = payments.get(tx.conn, workspace_id, payment_id)
    if payment is None or workspace is None:
        raise errors.PaymentUnknown()
    member = members.current(tx.conn, workspace_id, payment.member_id)
    assert member is not None
    lines = _payment_lines(tx, payment)
    proof = payments.proof_of(tx.conn, payment_id)
    return PaymentView(
        workspace, member, payment, lines, _method_name(tx, payment.workspace_id, payment.declared_method_id),
        _method_name(tx, payment.workspace_id, payment.confirmed_method_id), proof,
        proof.same_as_payment_id if proof else None,
        own=payment.decided_by is not None and payment.decided_by == f"discord:{member.discord_id}",
        amount_differs=_amount_differs(payment, lines),
        waiting_count=payments.count_waiting(tx.conn, workspace_id),
        same_proof_kind=proof.same_kind if proof else None,
        same_proof_card=card_of(tx, proof.same_as_payment_id) if proof else None,
        member_waiting=len(payments.ids_waiting_of(tx.conn, workspace_id, member.id)),
    )  # fmt: skip


def card_of(tx: Tx, payment_id: PaymentId | None) -> tuple[int, int] | None:
    """Where (channel, message) the payment's card stands; None while it was not posted."""
    return notices.message(tx.conn, "payment_card", "payment", payment_id) if payment_id else None


def next_waiting(tx: Tx, actor: Actor, after: int = 0) -> PaymentView | None:
    """The oldest submission that waits for review, after the payment `after`; for reviewers."""
    access.require(tx, actor, Role.REVIEWER)
    found = payments.waiting(tx.conn, actor.workspace_id, after=after, limit=1)
    return payment_view(tx, actor.workspace_id, found[0].id) if found else None


def show_payment(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentView:
    """One payment, for its member and for auditors."""
    view = payment_view(tx, actor.workspace_id, payment_id)
    access.require_self_or(tx, actor, view.member.id, Role.AUDITOR)
    return view


def proof_to_show(tx: Tx, actor: Actor, payment_id: PaymentId) -> Proof:
    """The picture of a payment, for its member and for auditors; raises ProofUnknown without one (left)."""
    workspace = access.workspace_of(tx, actor)
    payment = payments.get(tx.conn, workspace.id, payment_id)
    if payment is None:
        raise errors.PaymentUnknown()
    access.require_self_or(tx, actor, payment.member_id, Role.AUDITOR)
    proof = payments.proof_of(tx.conn, payment_id)
    if proof is None or proof.purged_at:
        raise errors.ProofUnknown()
    return proof


def period_status(tx: Tx, actor: Actor, period: Period) -> PeriodStatus:
    """How a period stands, for auditors; raises PeriodUnknown when it has no row."""
    workspace = access.workspace_of(tx, actor)
    access.require(tx, actor, Role.AUDITOR)
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    debtors = []
    for member_id, minor, due_on in report_rows.debtors(tx.conn, row.id):
        member = members.get(tx.conn, workspace.id, member_id)
        assert member is not None
        debtors.append((member, minor, date.fromisoformat(due_on)))
    return PeriodStatus(
        workspace, period, row.status,
        tuple(StatusTotals(*found) for found in report_rows.totals(tx.conn, row.id)),
        tuple(PlanStatus(*found) for found in report_rows.plans(tx.conn, row.id)),
        tuple(debtors), tuple((name, minor) for name, minor, _ in report_rows.by_method(tx.conn, row.id)),
        report_rows.pot(tx.conn, workspace.id), payments.count_waiting(tx.conn, workspace.id),
    )  # fmt: skip


def workspace_of_payment(tx: Tx, payment_id: int) -> Workspace:
    """Whose books a button's payment belongs to; buttons in direct messages have no server."""
    return _named(tx, report_rows.workspace_of(tx.conn, "payments", payment_id), errors.PaymentUnknown)


def workspace_of_bill(tx: Tx, bill_id: int) -> Workspace:
    return _named(tx, report_rows.workspace_of(tx.conn, "bills", bill_id), errors.BillUnknown)


def workspace_of_link_request(tx: Tx, request_id: int) -> Workspace:
    return _named(tx, report_rows.workspace_of(tx.conn, "link_requests", request_id), errors.MemberUnknown)


def workspace_of_period(tx: Tx, period_id: int) -> Workspace:
    return _named(
        tx, report_rows.workspace_of(tx.conn, "billing_periods", period_id), errors.WorkspaceUnknown
    )


def workspace_of_notice(tx: Tx, notice_id: int) -> Workspace:
    return _named(tx, report_rows.workspace_of(tx.conn, "notices", notice_id), errors.NoticeUnknown)


def _named(tx: Tx, workspace_id: int | None, missing: type[errors.NotFound]) -> Workspace:
    workspace = workspaces.get(tx.conn, workspace_id) if workspace_id is not None else None
    if workspace is None:
        raise missing()
    return workspace


def _whose(tx: Tx, actor: Actor, member_id: MemberId | None) -> tuple[Workspace, Member]:
    workspace = access.workspace_of(tx, actor)
    if member_id is None:
        return workspace, access.own_member(tx, actor)
    access.require_self_or(tx, actor, member_id, Role.AUDITOR)
    member = members.current(tx.conn, workspace.id, member_id)
    if member is None:
        raise errors.MemberUnknown()
    return workspace, member


def _bill_view(tx: Tx, bill: Bill, today: date) -> BillView:
    waiting = payments.waiting_claim(tx.conn, bill.id) if bill.status == "paid" else None
    claimed = sum(
        row.amount_minor
        for row in (payments.live_on_bill(tx.conn, bill.id) if waiting else ())
        if waiting and row.payment_id == waiting.id
    )
    missing = bill.open_minor > 0 and waiting is None
    return BillView(
        bill, _period(tx, bill), waiting,
        overdue=missing and bill.due_on < str(today),
        payable=missing and bills.is_payable(tx.conn, bill.id),
        short_minor=bill.open_minor - claimed if waiting else 0,
    )  # fmt: skip


def _payment_lines(tx: Tx, payment: Payment) -> tuple[tuple[Bill, int], ...]:
    """The bills of a payment with what is on them; for a withdrawn one, what it claimed last."""
    rows = payments.allocations(tx.conn, payment.id)
    amounts: dict[BillId, int] = {}
    for row in rows:
        if row.released_at is None:
            amounts[row.bill_id] = amounts.get(row.bill_id, 0) + row.amount_minor
    if payment.status == "withdrawn":  # a bill that was claimed again after an unverify counts once
        amounts = {row.bill_id: row.amount_minor for row in rows if row.kind == "claim"}
    found = [(bills.get(tx.conn, payment.workspace_id, bill_id), minor) for bill_id, minor in amounts.items()]
    return tuple(sorted(((b, m) for b, m in found if b), key=lambda line: (line[0].due_on, line[0].id)))


def _amount_differs(payment: Payment, lines: tuple[tuple[Bill, int], ...]) -> bool:
    """Whether what was declared, or received, is not what its bills ask for."""
    if payment.status == "verified":
        return payment.received_minor != payment.declared_minor
    if payment.status != "submitted":
        return False
    return payment.declared_minor != payment.allocated_minor or any(
        bill.open_minor != minor for bill, minor in lines
    )


def _method_name(tx: Tx, workspace_id: int, method_id: int | None) -> str | None:
    method = methods.get(tx.conn, workspace_id, method_id) if method_id else None
    return method.name if method else None


def _period(tx: Tx, bill: Bill) -> Period | None:
    text = _period_text(tx, bill)
    return Period(text) if text else None


def _period_text(tx: Tx, bill: Bill) -> str | None:
    row = bills.period_by_id(tx.conn, bill.billing_period_id) if bill.billing_period_id else None
    return row.period if row else None
