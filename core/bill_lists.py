"""Lists of bills for the pages: filtered, searched, page by page, newest first. They decide nothing.

A page is put together from the index of period and status and stops as soon as it is full. A filter that
hardly any bill fits is looked for in at most `MOST_LOOKED_AT` bills at once; the reader can then go on.
"""

import heapq
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core import access, errors, reports
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, Bill, BillId, MemberId, Method, PaymentId, Plan, Workspace
from core.period import Period
from core.reports import Explanation
from core.store import bill_lists, bills, members, methods, payments, plans
from core.text import name_key

PAGE = 50
MOST_LOOKED_AT = 30_000
FEW_PEOPLE = 60
_SLICE = 200
_NONE_BEFORE = 2**62
_LABEL = re.compile(r"([BMP])-?0*([0-9]{1,17})", re.IGNORECASE)

ALIVE = ("pending", "paid", "rejected", "verified")
STATES: dict[str, tuple[str, ...]] = {
    "": ALIVE,
    "open": ("pending", "rejected"),
    "overdue": ("pending", "rejected"),
    "partly": ("pending", "paid", "rejected"),
    "paid": ("paid",),
    "rejected": ("rejected",),
    "verified": ("verified",),
    "void": ("void",),
}
"""What can be asked for, and the statuses of the bills that may fit."""


@dataclass(frozen=True, slots=True)
class BillFilter:
    """What is asked for. `period` None: every month; "none": what belongs to no month.

    `method_id` 0 asks for what has no method. `text` is a bill (B-12), a member (M-12), a payment (P-12) or a
    part of a name.
    """

    text: str = ""
    period: Period | str | None = None
    state: str = ""
    plan_id: int | None = None
    method_id: int | None = None
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class BillRow:
    """One line of the list. `payment_id` is the newest payment on the bill that counts or waits."""

    bill: Bill
    member_id: MemberId
    name: str
    period: Period | None
    period_status: str | None
    payment_id: PaymentId | None
    payment_status: str | None
    method: str | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class BillPage:
    """One page. `next_before` continues it; `gave_up`: the page is not full, but there may be more."""

    workspace: Workspace
    rows: tuple[BillRow, ...]
    next_before: int | None
    gave_up: bool


@dataclass(frozen=True, slots=True)
class BillChoices:
    """What the filters offer: periods newest first, plans and methods with the retired ones, and a member."""

    periods: tuple[Period, ...]
    plans: tuple[Plan, ...]
    methods: tuple[Method, ...]
    member_name: str | None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A part of a bill that was forgiven; `reversed_at` when it was taken back."""

    id: int
    amount_minor: int
    reason: str
    by: str
    at: str
    reversed_at: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a thing's history: what was done, by whom, when, and what it says before and after."""

    action: str
    by: str
    by_name: str | None
    at: str
    before: dict[str, object]
    after: dict[str, object]


@dataclass(frozen=True, slots=True)
class BillCard:
    """One bill with everything about it. `locked`: its month is closed. `payable`: it can be paid now."""

    row: BillRow
    why: Explanation
    waivers: tuple[Waiver, ...]
    history: tuple[Happened, ...]
    locked: bool
    payable: bool


@dataclass(frozen=True, slots=True)
class ToRecord:
    """What the form for money by hand offers: bills that can be paid now, oldest first, and methods."""

    payable: tuple[tuple[Bill, Period | None], ...]
    methods: tuple[Method, ...]


def page(tx: Tx, actor: Actor, asked: BillFilter, before: int | None = None, limit: int = PAGE) -> BillPage:
    """A page of bills below the bill `before`; for auditors. Raises ChoiceUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    look = _Look(tx, workspace, asked, before or _NONE_BEFORE)
    ids, going_on = look.find(limit + 1)
    more = len(ids) > limit
    shown = ids[:limit]
    found = tuple(_row(workspace, tx, bill, rest) for bill, rest in bill_lists.rows(tx.conn, shown))
    after = shown[-1] if more else going_on
    return BillPage(workspace, found, after, gave_up=going_on is not None and not more)


def choices(tx: Tx, actor: Actor, member_id: int | None = None) -> BillChoices:
    """What the filters of the list offer; for auditors."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    rows = bills.periods(tx.conn, workspace.id, ("draft", "open", "closed"))
    member = members.current(tx.conn, workspace.id, member_id) if member_id else None
    return BillChoices(
        tuple(Period(row.period) for row in reversed(rows)),
        tuple(plans.everyone(tx.conn, workspace.id, with_retired=True)),
        tuple(methods.everyone(tx.conn, workspace.id, with_retired=True)),
        member.name if member else None,
    )


def card(tx: Tx, actor: Actor, bill_id: BillId) -> BillCard:
    """One bill; for auditors. Raises BillUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    why = reports.explain_bill(tx, actor, bill_id)
    (bill, rest), *_ = bill_lists.rows(tx.conn, [bill_id])
    return BillCard(
        _row(why.workspace, tx, bill, rest), why,
        tuple(Waiver(*found) for found in bill_lists.waivers_of(tx.conn, bill_id)),
        history(tx, why.workspace, "bill", bill_id),
        locked=rest[3] == "closed", payable=bills.is_payable(tx.conn, bill_id),
    )  # fmt: skip


def to_record(tx: Tx, actor: Actor, member_id: MemberId) -> ToRecord:
    """What money of this member can settle; for reviewers."""
    access.require(tx, actor, Role.REVIEWER)
    workspace = access.workspace_of(tx, actor)
    found = bills.payable(tx.conn, member_id) if members.get(tx.conn, workspace.id, member_id) else []
    rows = {bill.id: rest for bill, rest in bill_lists.rows(tx.conn, [bill.id for bill in found])}
    return ToRecord(
        tuple((bill, Period(rows[bill.id][2]) if rows[bill.id][2] else None) for bill in found),
        tuple(methods.everyone(tx.conn, workspace.id)),
    )


def history(tx: Tx, workspace: Workspace, subject_type: str, subject_id: int) -> tuple[Happened, ...]:
    """Everything that the activity log says about one thing of this workspace, oldest first."""
    return tuple(
        Happened(
            action, by, name_of(tx, workspace, by), at, json.loads(before) or {}, json.loads(after) or {}
        )
        for action, by, at, before, after in bill_lists.history_of(
            tx.conn, workspace.id, subject_type, subject_id
        )
    )


def name_of(tx: Tx, workspace: Workspace, by: str) -> str | None:
    """The name on the roster of whoever a *_by column names; None for accounts without one."""
    account = by.removeprefix("discord:")
    if account == by or not account.isdigit():
        return None
    member = members.by_discord(tx.conn, workspace.id, int(account))
    return member.name if member else None


class _Look:
    """One search for the next bills of a list."""

    def __init__(self, tx: Tx, workspace: Workspace, asked: BillFilter, before: int) -> None:
        if asked.state not in STATES:
            known = ", ".join(state for state in STATES if state)
            raise errors.ChoiceUnknown(field="status", value=errors.shown(asked.state), choices=known)
        self.tx, self.workspace, self.asked, self.before = tx, workspace, asked, before
        self.statuses = STATES[asked.state]
        today = str(local_date(tx.now, workspace.timezone))
        self.due_before = today if asked.state == "overdue" else None
        self.partly = asked.state == "partly"
        self.outside = asked.period == "none"
        self.row = (
            bills.period(tx.conn, workspace.id, asked.period.text)
            if isinstance(asked.period, Period)
            else None
        )
        self.people: Sequence[int] | None = None
        self.ids: Sequence[int] | None = None

    def find(self, wanted: int) -> tuple[list[int], int | None]:
        """Up to `wanted` ids, newest first, and where to go on when the search was cut short."""
        if isinstance(self.asked.period, Period) and self.row is None:
            return [], None
        self._read_text()
        if self.ids is not None:
            return self._fitting([found for found in self.ids if found < self.before])[:wanted], None
        if self.people is not None and len(self.people) <= FEW_PEOPLE:
            return self._of_few_people(wanted), None
        return self._walk(wanted)

    def _read_text(self) -> None:
        """Turn the search text and the member into people, or into the very bills."""
        tx, workspace, text = self.tx, self.workspace, self.asked.text
        if self.asked.member_id is not None:
            self.people = bill_lists.entries_of(tx.conn, workspace.id, self.asked.member_id)
        named = _LABEL.fullmatch(text.strip())
        if named is None:
            if key := name_key(text):
                found = bill_lists.people_named(tx.conn, workspace.id, key)
                self.people = found if self.people is None else [n for n in self.people if n in set(found)]
            return
        kind, number = named[1].upper(), int(named[2])
        if kind == "M":
            found = bill_lists.entries_of(tx.conn, workspace.id, number)
            self.people = found if self.people is None else [n for n in self.people if n in found]
        elif kind == "B":
            self.ids = [number] if bills.get(tx.conn, workspace.id, number) else []
        else:
            payment = payments.get(tx.conn, workspace.id, number)
            self.ids = sorted(bills.ids_of_payment(tx.conn, number), reverse=True) if payment else []

    def _fitting(self, ids: Sequence[int]) -> list[int]:
        """Those of some bills that fit everything that is asked for."""
        kept = self._fits(ids)
        rows = [bill for bill, _ in bill_lists.rows(self.tx.conn, kept)]
        return [
            bill.id
            for bill in rows
            if (bill.status in self.statuses or not self.asked.state)
            and (self.row is None or bill.billing_period_id == self.row.id)
            and (not self.outside or bill.billing_period_id is None)
        ]

    def _fits(self, ids: Sequence[int]) -> list[int]:
        asked = self.asked
        return bill_lists.fitting(
            self.tx.conn, ids, member_ids=self.people, plan_id=asked.plan_id, method_id=asked.method_id,
            due_before=self.due_before, partly=self.partly,
        )  # fmt: skip

    def _of_few_people(self, wanted: int) -> list[int]:
        asked = self.asked
        return bill_lists.ids_of_members(
            self.tx.conn, self.workspace.id, self.people or (), self.statuses,
            period_id=self.row.id if self.row else None, outside=self.outside, plan_id=asked.plan_id,
            method_id=asked.method_id, due_before=self.due_before, partly=self.partly, before=self.before,
            limit=wanted,
        )  # fmt: skip

    def _walk(self, wanted: int) -> tuple[list[int], int | None]:
        """Look through the bills from the newest on, until there are enough or too many were looked at."""
        candidates = self._candidates()
        if not (self.people is not None or self.asked.plan_id is not None or self.asked.method_id is not None
                or self.due_before or self.partly):  # fmt: skip
            return list(islice(candidates, wanted)), None
        found: list[int] = []
        looked_at = 0
        while chunk := list(islice(candidates, _SLICE)):
            found += self._fits(chunk)
            looked_at += len(chunk)
            if len(found) >= wanted:
                return found[:wanted], None
            if looked_at >= MOST_LOOKED_AT:
                return found, chunk[-1]
        return found, None

    def _candidates(self) -> Iterator[int]:
        """Ids of the asked periods and statuses, newest first: many short lists, merged."""
        conn, before = self.tx.conn, self.before
        sources: list[Iterator[int]] = []
        if self.row is None:
            sources += [self._outside(status) for status in self.statuses]
        if not self.outside:
            rows = [self.row] if self.row else bills.periods(
                conn, self.workspace.id, ("draft", "open", "closed")
            )  # fmt: skip
            found = bill_lists.heads(conn, [row.id for row in rows], self.statuses, before)
            sources += [self._of_period(period, status, head) for period, status, head in found]
        return heapq.merge(*sources, reverse=True)

    def _of_period(self, period_id: int, status: str, head: int) -> Iterator[int]:
        yield head
        last = head
        while ids := bill_lists.ids_of_period(self.tx.conn, period_id, status, last, _SLICE):
            yield from ids
            last = ids[-1]

    def _outside(self, status: str) -> Iterator[int]:
        last = self.before
        while ids := bill_lists.ids_outside(self.tx.conn, self.workspace.id, status, last, _SLICE):
            yield from ids
            last = ids[-1]


def _row(workspace: Workspace, tx: Tx, bill: Bill, rest: tuple[object, ...]) -> BillRow:
    member_id, name, period, period_status, payment_id, payment_status, method = rest
    today = str(local_date(tx.now, workspace.timezone))
    return BillRow(
        bill, member_id, name, Period(str(period)) if period else None, period_status, payment_id,  # type: ignore[arg-type]  # columns of one SELECT
        payment_status, method,  # type: ignore[arg-type]  # as above
        overdue=bill.status in ("pending", "rejected") and bill.due_on < today,
    )  # fmt: skip
