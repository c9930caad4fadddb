"""Filtered lists for programs and pages, a page at a time: the rows, and where the next page begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from core import access
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import (
    Actor,
    Bill,
    LinkRequest,
    Member,
    MemberId,
    Notice,
    Payment,
    Plan,
    PlanId,
    Subscription,
)  # fmt: skip
from core.period import Period
from core.store import admin_views, lists
from core.store import subscriptions as subscription_rows
from core.store.lists import AuditLine
from core.subscriptions import SubscriptionView, status_on
from core.text import name_key

T = TypeVar("T")

MOST = 200
BILL_STATUSES = ("pending", "paid", "rejected", "verified", "void")
PAYMENT_STATUSES = ("submitted", "verified", "rejected", "withdrawn")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list; `next` is the cursor of the page behind it, None at the end."""

    rows: tuple[T, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class BillRow:
    """A bill with whose it is and its month; `overdue`: past due, and nobody says it was paid."""

    bill: Bill
    member: Member
    period: Period | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment with whose it is."""

    payment: Payment
    member: Member


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with what they owe in minor units; negative: have as credit."""

    member: Member
    balance_minor: int


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A subscription with whose it is."""

    view: SubscriptionView
    member: Member


def bills(
    tx: Tx, actor: Actor, *, query: str = "", period: Period | None = None, status: str | None = None,
    kind: str | None = None, member_id: MemberId | None = None, plan_id: PlanId | None = None,
    overdue: bool = False, cursor: int = 0, limit: int = 50,
) -> Page[BillRow]:  # fmt: skip
    """Bills, newest first; void ones too."""
    today = _today(tx, actor)
    filters = {
        "cursor": cursor or None, "period": period.text if period else None, "status": status, "kind": kind,
        "member_id": member_id, "plan_id": plan_id, "overdue_on": today if overdue else None,
        "text": name_key(query) or None,
    }  # fmt: skip
    found = lists.bills(tx.conn, actor.workspace_id, filters, limit + 1)
    rows = [
        BillRow(bill, member, Period(month) if month else None, _is_overdue(bill, today))
        for bill, member, month in found
    ]
    return _page(rows, limit, lambda row: row.bill.id)


def payments(
    tx: Tx, actor: Actor, *, query: str = "", status: str | None = None, member_id: MemberId | None = None,
    recorded: bool | None = None, cursor: int = 0, limit: int = 50,
) -> Page[PaymentRow]:  # fmt: skip
    """Payments, newest first."""
    access.require(tx, actor, Role.AUDITOR)
    filters = {
        "cursor": cursor or None, "status": status, "member_id": member_id,
        "recorded": None if recorded is None else int(recorded), "text": name_key(query) or None,
    }  # fmt: skip
    found = lists.payments(tx.conn, actor.workspace_id, filters, limit + 1)
    return _page([PaymentRow(*row) for row in found], limit, lambda row: row.payment.id)


def members(
    tx: Tx, actor: Actor, *, query: str = "", with_left: bool = False, cursor: int = 0, limit: int = 50
) -> Page[MemberRow]:
    """The roster in its order."""
    access.require(tx, actor, Role.AUDITOR)
    filters = {
        "cursor": cursor or None, "here": None if with_left else True, "text": name_key(query) or None,
    }  # fmt: skip
    found = lists.members(tx.conn, actor.workspace_id, filters, limit + 1)
    rows = [MemberRow(row, admin_views.balance(tx.conn, actor.workspace_id, row.id)) for row in found]
    return _page(rows, limit, lambda row: row.member.id)


def subscriptions(
    tx: Tx, actor: Actor, *, query: str = "", member_id: MemberId | None = None,
    plan_id: PlanId | None = None, with_ended: bool = False, cursor: int = 0, limit: int = 50,
) -> Page[SeatRow]:  # fmt: skip
    """Subscriptions, oldest first."""
    today = _today(tx, actor)
    filters = {
        "cursor": cursor or None, "member_id": member_id, "plan_id": plan_id,
        "running_on": None if with_ended else today, "text": name_key(query) or None,
    }  # fmt: skip
    found = lists.subscriptions(tx.conn, actor.workspace_id, filters, limit + 1)
    rows = [SeatRow(_seat(tx, actor, row, plan), member) for row, member, plan in found]
    return _page(rows, limit, lambda row: row.view.subscription.id)


def notices(
    tx: Tx, actor: Actor, *, status: str | None = None, kind: str | None = None, cursor: int = 0,
    limit: int = 50,
) -> Page[Notice]:  # fmt: skip
    """What the bot said, or is to say; newest first."""
    access.require(tx, actor, Role.AUDITOR)
    filters = {"cursor": cursor or None, "status": status, "kind": kind}
    found = lists.notices(tx.conn, actor.workspace_id, filters, limit + 1)
    return _page(found, limit, lambda row: row.id)


def audit_log(
    tx: Tx, actor: Actor, *, action: str | None = None, subject_type: str | None = None,
    subject_id: int | None = None, done_by: str | None = None, since: str | None = None,
    until: str | None = None, cursor: int = 0, limit: int = 50,
) -> Page[AuditLine]:  # fmt: skip
    """Who changed what, newest first; `since` and `until` are instants as the log has them."""
    access.require(tx, actor, Role.AUDITOR)
    filters = {
        "cursor": cursor or None, "action": action, "subject_type": subject_type, "subject_id": subject_id,
        "done_by": done_by, "since": since, "until": until,
    }  # fmt: skip
    found = lists.audit(tx.conn, actor.workspace_id, filters, limit + 1)
    return _page(found, limit, lambda row: row.id)


def link_requests(
    tx: Tx, actor: Actor, *, status: str | None = None, kind: str | None = None, cursor: int = 0,
    limit: int = 50,
) -> Page[LinkRequest]:  # fmt: skip
    """Wishes to hold a name on the roster, and disputes about one; newest first."""
    access.require(tx, actor, Role.AUDITOR)
    filters = {"cursor": cursor or None, "status": status, "kind": kind}
    found = lists.link_requests(tx.conn, actor.workspace_id, filters, limit + 1)
    return _page(found, limit, lambda row: row.id)


def _today(tx: Tx, actor: Actor) -> str:
    access.require(tx, actor, Role.AUDITOR)
    return str(local_date(tx.now, access.workspace_of(tx, actor).timezone))


def _seat(tx: Tx, actor: Actor, row: Subscription, plan: Plan) -> SubscriptionView:
    pauses = tuple(subscription_rows.pauses(tx.conn, row.id))
    today = local_date(tx.now, access.workspace_of(tx, actor).timezone)
    return SubscriptionView(row, plan, pauses, status_on(row, pauses, today))


def _is_overdue(bill: Bill, today: str) -> bool:
    return bill.status in ("pending", "rejected") and bill.due_on < today


def _page(rows: Sequence[T], limit: int, number: Callable[[T], int]) -> Page[T]:
    """The rows that were asked for; one more was read, to know whether there are any behind them."""
    shown = tuple(rows[:limit])
    return Page(shown, number(shown[-1]) if len(rows) > limit else None)
