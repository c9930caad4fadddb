"""The roster for the pages: searched and filtered, page by page, and one person with everything."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core import access, errors, import_undo, reports, subscriptions
from core.access import Role
from core.bill_lists import name_of
from core.clock import local_date
from core.db import Tx
from core.models import Actor, Bill, LinkRequest, Member, MemberId, Payment, Workspace
from core.period import Period
from core.reports import BillView, Statement
from core.roster_cells import member_id as number_of
from core.store import admin_views, bills, member_lists, members, opening_balances, payments
from core.store import import_undo as import_rows
from core.store.import_undo import RosterImport
from core.subscriptions import SubscriptionView
from core.text import name_key

PAGE = 50
PAYMENTS_SHOWN = 200
EVENTS_SHOWN = 120
SHOWS = ("", "owes", "credit", "linked", "unlinked", "asking", "left")
"""What the list can be narrowed down to; "" is everybody who has not left."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One line. `seats`: plans, and whether they are paused. A negative `balance_minor` is credit."""

    member: Member
    seats: tuple[tuple[str, bool], ...]
    balance_minor: int
    last_payment: Payment | None
    asked_for: bool


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One page by name; `next_after` continues it."""

    workspace: Workspace
    rows: tuple[MemberRow, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened around a person.

    `label` names the bill or payment, `minor` is its amount, `reason` what was said; `has_proof`: a picture.
    """

    at: str
    action: str
    by: str
    by_name: str | None
    subject_type: str
    subject_id: int
    label: str = ""
    title: str = ""
    period: Period | None = None
    minor: int | None = None
    reason: str = ""
    has_proof: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """One person with everything. `opening`: the label of the opening balance, if one stands."""

    statement: Statement
    seats: tuple[SubscriptionView, ...]
    payments: tuple[Payment, ...]
    balance_minor: int
    requests: tuple[LinkRequest, ...]
    opening: str | None
    events: tuple[Event, ...]

    @property
    def member(self) -> Member:
        return self.statement.member

    @property
    def overdue(self) -> tuple[BillView, ...]:
        return tuple(view for view in self.statement.bills if view.overdue)


def page(
    tx: Tx, actor: Actor, query: str = "", *, show: str = "", after: int | None = None, limit: int = PAGE
) -> MemberPage:
    """A page of members behind the member `after`; for auditors. Raises ChoiceUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    if show not in SHOWS:
        known = ", ".join(one for one in SHOWS if one)
        raise errors.ChoiceUnknown(field="status", value=errors.shown(show), choices=known)
    last = members.get(tx.conn, workspace.id, after) if after else None
    number = number_of(query)
    only = _only(tx, workspace, show)
    if number is not None:
        person = members.current(tx.conn, workspace.id, number)
        only = [person.id] if person and (only is None or person.id in only) else []
    found = member_lists.page(
        tx.conn, workspace.id, text_key="" if number is not None else name_key(query), left=show == "left",
        linked={"linked": True, "unlinked": False}.get(show), only=only,
        after_key=last.name_key if last else "", after_id=last.id if last else 0, limit=limit + 1,
    )  # fmt: skip
    shown = found[:limit]
    asked = set(member_lists.asking(tx.conn, workspace.id))
    return MemberPage(
        workspace,
        tuple(_row(tx, workspace, member, asked) for member in shown),
        shown[-1].id if len(found) > limit else None,
    )


def dossier(tx: Tx, actor: Actor, member_id: MemberId) -> Dossier:
    """One person with everything; for auditors. Raises MemberUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    statement = reports.statement(tx, actor, member_id)
    member, workspace = statement.member, statement.workspace
    paid = tuple(payments.of_member(tx.conn, member.id, PAYMENTS_SHOWN))
    return Dossier(
        statement, tuple(subscriptions.of_member(tx, actor, member.id)), paid,
        admin_views.balance(tx.conn, workspace.id, member.id),
        tuple(members.waiting_requests(tx.conn, workspace.id, member_id=member.id)),
        opening_balances.standing(tx.conn, member.id), _events(tx, statement, paid),
    )  # fmt: skip


def whole_statement(tx: Tx, actor: Actor, member_id: MemberId | None = None) -> Statement:
    """A member's statement with every payment, for print; a member's own, or anybody's for an auditor."""
    found = reports.statement(tx, actor, member_id)
    every = payments.of_member(tx.conn, found.member.id, PAYMENTS_SHOWN)
    return replace(found, payments=tuple(every))


def recent_imports(tx: Tx, actor: Actor) -> list[tuple[RosterImport, str | None]]:
    """The newest roster imports with the names of who brought them; for auditors."""
    workspace = access.workspace_of(tx, actor)
    found = import_undo.recent(tx, actor)
    return [(one, name_of(tx, workspace, one.imported_by)) for one in found]


def roster_import(tx: Tx, actor: Actor, import_id: int) -> RosterImport | None:
    """One roster import of the club; for auditors."""
    access.require(tx, actor, Role.AUDITOR)
    return import_rows.get(tx.conn, actor.workspace_id, import_id)


def _only(tx: Tx, workspace: Workspace, show: str) -> list[int] | None:
    """The people whom the list is narrowed down to by what they owe or asked for; None when by nothing."""
    if show == "owes":
        return member_lists.owing(tx.conn, workspace.id)
    if show == "credit":
        return payments.members_with_credit(tx.conn, workspace.id)
    if show == "asking":
        return member_lists.asking(tx.conn, workspace.id)
    return None


def _row(tx: Tx, workspace: Workspace, member: Member, asked: set[int]) -> MemberRow:
    today = str(local_date(tx.now, workspace.timezone))
    seats = member_lists.seats_of(tx.conn, member.id, today)
    newest = payments.of_member(tx.conn, member.id, 1)
    return MemberRow(
        member, tuple((plan, bool(paused)) for plan, paused in seats),
        admin_views.balance(tx.conn, workspace.id, member.id), newest[0] if newest else None,
        asked_for=member.id in asked,
    )  # fmt: skip


def _events(tx: Tx, statement: Statement, paid: Sequence[Payment]) -> tuple[Event, ...]:
    """Bills that were made, and what the activity log says, newest first."""
    workspace, member = statement.workspace, statement.member
    subjects = member_lists.subjects_of(tx.conn, member.id)
    known: dict[int, tuple[Bill, Period | None]] = {
        view.bill.id: (view.bill, view.period) for view in statement.bills
    }
    proofs = set(member_lists.with_proof(tx.conn, member.id))
    by_id: dict[int, Payment] = {payment.id: payment for payment in paid}
    found = [
        _event(tx, workspace, line, known, by_id, proofs)
        for line in member_lists.log_of(tx.conn, subjects, EVENTS_SHOWN)
    ]
    found += [
        Event(bill.created_at, "bill.issue", "system", None, "bill", bill.id, bill.label, bill.title, period,
              bill.amount_minor)
        for bill, period in known.values() if bill.kind == "plan"
    ]  # fmt: skip
    found.sort(key=lambda event: event.at, reverse=True)
    return tuple(found[:EVENTS_SHOWN])


def _event(
    tx: Tx, workspace: Workspace, line: tuple[str, str, str, str, str, str, int],
    known: dict[int, tuple[Bill, Period | None]], paid: dict[int, Payment], proofs: set[int],
) -> Event:  # fmt: skip
    action, by, at, _, after, kind, subject = line
    said = json.loads(after)
    event = Event(
        at, action, by, name_of(tx, workspace, by), kind, subject, reason=str(said.get("reason") or "")
    )
    if kind == "bill":
        bill, period = known.get(subject) or (bills.get(tx.conn, workspace.id, subject), None)
        if bill is not None:
            minor = said.get("minor") or said.get("amount") or bill.amount_minor
            return replace(event, label=bill.label, title=bill.title, period=period, minor=int(minor))
    if kind == "payment" and subject in paid:
        payment = paid[subject]
        shows = action in ("payment.submit", "payment.record") and payment.id in proofs
        minor = said.get("received") or payment.declared_minor
        return replace(event, label=payment.label, minor=int(minor), has_proof=shows)
    return event
