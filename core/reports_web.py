"""Read-only views for the pages: the overview and the review desk. They decide nothing."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from core import access, billing, reports, reports_admin
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, BillingPeriod, Member, MemberId, Method, Payment, PaymentId, Proof, Workspace
from core.period import Period, next_billing_period
from core.reports import PaymentView
from core.reports_admin import Progress
from core.store import bills, members, methods, notices, payments, report_rows, web_views

MONTHS_SHOWN = 12
DEBTORS_SHOWN = 6
QUEUE_PAGE = 25
EARLIER_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Part:
    """Some bills: how many, what they ask for without what is waived, and what is settled; in minor units."""

    bills: int = 0
    due_minor: int = 0
    settled_minor: int = 0
    waived_minor: int = 0

    def __add__(self, other: "Part") -> "Part":
        return Part(
            self.bills + other.bills, self.due_minor + other.due_minor,
            self.settled_minor + other.settled_minor, self.waived_minor + other.waived_minor,
        )  # fmt: skip

    @property
    def open_minor(self) -> int:
        """What is still missing."""
        return self.due_minor - self.settled_minor


@dataclass(frozen=True, slots=True)
class PlanBar:
    """One plan (or charge) of a period: settled bills, those with a claim to review, and the unpaid ones."""

    title: str
    verified: Part
    paid: Part
    unpaid: Part

    @property
    def all(self) -> Part:
        """The three together."""
        return self.verified + self.paid + self.unpaid


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who still owes for a period and has no claim waiting."""

    member_id: int
    name: str
    open_minor: int
    due_on: str


@dataclass(frozen=True, slots=True)
class MethodSum:
    """What came in for a period by one confirmed way to pay (None: not stated), and by how many payments."""

    name: str | None
    settled_minor: int
    payments: int


@dataclass(frozen=True, slots=True)
class MonthSum:
    """One month of the history: what was asked for and what of it is settled."""

    period: Period
    status: str
    due_minor: int
    settled_minor: int


@dataclass(frozen=True, slots=True)
class NoticesOfPeriod:
    """What was said about a period, how the whole outbox stands, and what comes next.

    `opened` is the status of the opening notice, None when there was none.
    """

    opened: str | None
    opened_at: str | None
    reminded_at: str | None
    sent: int
    waiting: int
    failed: int
    next_reminder_on: date | None
    next_opening_on: date | None
    next_period: Period


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first page. `row` is None for a month that has no bills yet.

    `late_days` counts from the oldest due date; `oldest_at` is the submission that has waited longest;
    `rejected` are unpaid bills whose payment was sent back, `without_picture` those claimed or paid without one.
    """

    workspace: Workspace
    period: Period
    collecting: Period
    row: BillingPeriod | None
    choices: tuple[tuple[Period, str], ...]
    unopened: tuple[Period, ...]
    whole: PlanBar
    plans: tuple[PlanBar, ...]
    rejected: int
    without_picture: int
    waiting: int
    waiting_minor: int
    oldest_at: str | None
    due_on: str | None
    late_days: int
    debtors: tuple[Debtor, ...]
    debtor_count: int
    methods: tuple[MethodSum, ...]
    pot_minor: int
    notices: NoticesOfPeriod
    history: tuple[MonthSum, ...]
    progress: Progress
    version: int

    @property
    def status(self) -> str:
        """draft, open or closed; draft also for a month that was never opened."""
        return self.row.status if self.row else "draft"


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of what waits for review, oldest first. `next_after` continues it, None at the end.

    `of_member`: the submissions of a member that wait, for those with several. `member`: only theirs.
    """

    workspace: Workspace
    views: tuple[PaymentView, ...]
    total: int
    next_after: int | None
    of_member: dict[int, tuple[int, ...]]
    version: int
    member: Member | None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a payment's history."""

    action: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One payment with everything a reviewer wants to know before deciding.

    `twin` is the earlier payment that came with the same picture.
    """

    view: PaymentView
    earlier: tuple[Payment, ...]
    history: tuple[Step, ...]
    twin: PaymentView | None
    previous_id: PaymentId | None
    next_id: PaymentId | None
    methods: tuple[Method, ...]
    version: int


def overview(tx: Tx, actor: Actor, period: Period | None = None) -> Overview:
    """How a period stands, the one being collected when none is named; for auditors."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    today = local_date(tx.now, workspace.timezone)
    choices = reports_admin.periods(tx, actor)
    chosen = period or choices.newest
    row = bills.period(tx.conn, workspace.id, chosen.text)
    plans = _plans(tx, row)
    whole = PlanBar(
        "", *(_sum([getattr(plan, name) for plan in plans]) for name in ("verified", "paid", "unpaid"))
    )
    due_on = web_views.oldest_due(tx.conn, row.id) if row else None
    rejected, without_picture = web_views.bill_marks(tx.conn, row.id) if row else (0, 0)
    return Overview(
        workspace, chosen, choices.collecting, row, _choices(choices),
        tuple(billing.unopened_periods(tx, workspace, choices.collecting)), whole, plans,
        rejected, without_picture, *web_views.waiting_sums(tx.conn, workspace.id), due_on,
        max(0, (today - date.fromisoformat(due_on)).days) if due_on else 0,
        tuple(Debtor(*found) for found in web_views.debtors(tx.conn, row.id, DEBTORS_SHOWN)) if row else (),
        web_views.count_debtors(tx.conn, row.id) if row else 0,
        tuple(MethodSum(*found) for found in report_rows.by_method(tx.conn, row.id)) if row else (),
        report_rows.pot(tx.conn, workspace.id), _notices(tx, workspace, row, due_on, today),
        _history(tx, workspace, choices.collecting), reports_admin.progress(tx, actor),
        web_views.newest_audit(tx.conn, workspace.id),
    )  # fmt: skip


def queue(
    tx: Tx, actor: Actor, after: int = 0, member_id: MemberId | None = None, limit: int = QUEUE_PAGE
) -> Queue:
    """What waits for review, oldest first, of one member or of all; for auditors, who decide nothing."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    found = web_views.waiting(tx.conn, workspace.id, member_id, after=after, limit=limit + 1)
    shown = found[:limit]
    return Queue(
        workspace,
        tuple(reports.payment_view(tx, workspace.id, payment.id) for payment in shown),
        payments.count_waiting(tx.conn, workspace.id),
        shown[-1].id if len(found) > limit else None,
        web_views.waiting_with_others(tx.conn, workspace.id),
        web_views.newest_audit(tx.conn, workspace.id),
        members.get(tx.conn, workspace.id, member_id) if member_id else None,
    )


def version(tx: Tx, actor: Actor) -> int:
    """A number that moves whenever something was changed in the workspace; for auditors."""
    access.require(tx, actor, Role.AUDITOR)
    return web_views.newest_audit(tx.conn, actor.workspace_id)


def submission(tx: Tx, actor: Actor, payment_id: PaymentId) -> Submission:
    """One payment as its page shows it; raises PaymentUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    view = reports.payment_view(tx, actor.workspace_id, payment_id)
    neighbours = _neighbours(tx, actor, payment_id)
    twin = view.same_proof_as
    return Submission(
        view,
        tuple(web_views.earlier_payments(tx.conn, view.member.id, payment_id, EARLIER_SHOWN)),
        tuple(
            Step(action.removeprefix("payment."), by, at, str(json.loads(after).get("reason", "")))
            for action, by, at, after in web_views.history_of_payment(tx.conn, payment_id)
        ),
        reports.payment_view(tx, actor.workspace_id, twin) if twin else None,
        *neighbours,
        tuple(methods.everyone(tx.conn, actor.workspace_id)),
        web_views.newest_audit(tx.conn, actor.workspace_id),
    )


def payment(tx: Tx, actor: Actor, payment_id: PaymentId) -> PaymentView:
    """One payment, for auditors; raises PaymentUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    return reports.payment_view(tx, actor.workspace_id, payment_id)


def picture(tx: Tx, actor: Actor, payment_id: PaymentId) -> Proof:
    """The picture of a payment; raises PaymentUnknown, ProofUnknown."""
    return reports.proof_to_show(tx, actor, payment_id)


def name_of(tx: Tx, workspace: Workspace, by: str) -> str | None:
    """The name on the roster of whoever a *_by column names; None for accounts without one."""
    if not by.startswith("discord:"):
        return None
    member = members.by_discord(tx.conn, workspace.id, int(by.removeprefix("discord:")))
    return member.name if member else None


def next_reminder(workspace: Workspace, due_on: str | None, today: date) -> date | None:
    """The next day on which those who owe are reminded, if bills of this due date stay unpaid."""
    if workspace.reminder_mode == "off" or due_on is None:
        return None
    steps = (
        date.fromisoformat(due_on) + timedelta(days=int(step)) for step in json.loads(workspace.reminder_days)
    )
    return min((day for day in steps if day > today), default=None)


def _choices(choices: reports_admin.PeriodChoices) -> tuple[tuple[Period, str], ...]:
    """Every period with a row, the collecting one and the next, newest first."""
    known = {Period(text) for text in choices.statuses} | {choices.collecting, choices.collecting.next()}
    return tuple((period, choices.status(period)) for period in sorted(known, reverse=True))


def _plans(tx: Tx, row: BillingPeriod | None) -> tuple[PlanBar, ...]:
    found: dict[str, dict[str, Part]] = {}
    for title, status, count, due, settled, waived in web_views.plan_sums(tx.conn, row.id) if row else ():
        kind = status if status in ("verified", "paid") else "unpaid"
        parts = found.setdefault(title, {})
        parts[kind] = parts.get(kind, Part()) + Part(count, due, settled, waived)
    return tuple(
        PlanBar(title, *(parts.get(kind, Part()) for kind in ("verified", "paid", "unpaid")))
        for title, parts in found.items()
    )


def _sum(parts: list[Part]) -> Part:
    return sum(parts, Part())


def _notices(
    tx: Tx, workspace: Workspace, row: BillingPeriod | None, due_on: str | None, today: date
) -> NoticesOfPeriod:
    opened = web_views.opened_notice(tx.conn, row.id) if row else None
    counts = notices.counts(tx.conn, workspace.id)
    upcoming = next_billing_period(today, workspace.billing_day)
    billing_day = upcoming.day(workspace.billing_day)
    if bills.period(tx.conn, workspace.id, upcoming.text) and billing_day == today:
        upcoming = upcoming.next()
        billing_day = upcoming.day(workspace.billing_day)
    return NoticesOfPeriod(
        opened[0] if opened else None, opened[1] if opened else None,
        web_views.reminded_at(tx.conn, row.id) if row else None,
        counts.get("sent", 0), counts.get("waiting", 0), counts.get("failed", 0) + counts.get("unknown", 0),
        next_reminder(workspace, due_on, today), billing_day if workspace.auto_open else None, upcoming,
    )  # fmt: skip


def _history(tx: Tx, workspace: Workspace, collecting: Period) -> tuple[MonthSum, ...]:
    """The twelve months up to the collecting one, without those before the first that was opened."""
    rows = {row.period: row for row in bills.periods(tx.conn, workspace.id, ("draft", "open", "closed"))}
    months = [collecting.plus(n) for n in range(1 - MONTHS_SHOWN, 1)]
    known = [rows[month.text].id for month in months if month.text in rows]
    sums = web_views.period_sums(tx.conn, known)
    found = [
        MonthSum(month, row.status if row else "draft", *sums.get(row.id if row else 0, (0, 0)))
        for month in months
        for row in (rows.get(month.text),)
    ]
    first = next((n for n, month in enumerate(found) if month.due_minor), len(found))
    return tuple(found[first:])


def _neighbours(tx: Tx, actor: Actor, payment_id: PaymentId) -> tuple[PaymentId | None, PaymentId | None]:
    waiting = [payment.id for payment in payments.waiting(tx.conn, actor.workspace_id, limit=500)]
    before = [found for found in waiting if found < payment_id]
    behind = [found for found in waiting if found > payment_id]
    return (before[-1] if before else None), (behind[0] if behind else None)
