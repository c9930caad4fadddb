"""Read-only views for those who run the club: what they search, list, and still have to set up."""

from dataclasses import dataclass
from datetime import date

from core import access, errors, reports, subscriptions
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, Member, MemberId, Notice, Payment, PlanId, Workspace
from core.period import Period, collecting_period
from core.reports import Statement
from core.states import STATUSES
from core.store import admin_views, bills, members, notices
from core.store import subscriptions as subscription_rows
from core.subscriptions import SubscriptionView, status_on
from core.text import name_key

MOST_TROUBLED = 200


@dataclass(frozen=True, slots=True)
class PeriodChoices:
    """Today, the periods being collected now and next, and every period's status by its text ("open", …)."""

    workspace: Workspace
    today: date
    collecting: Period
    statuses: dict[str, str]

    def status(self, period: Period) -> str:
        """The period's status; "draft" for one that was never opened."""
        return self.statuses.get(period.text, "draft")

    @property
    def newest(self) -> Period:
        """The collecting period if it was opened, else the newest opened one, else the collecting one."""
        opened = [text for text, status in self.statuses.items() if status != "draft"]
        fits = self.collecting.text in opened or not opened
        return self.collecting if fits else Period(max(opened))


@dataclass(frozen=True, slots=True)
class Seat:
    """A subscription with whose it is."""

    view: SubscriptionView
    member: Member


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A member with the names of the plans they hold, and what they owe (negative: have as credit)."""

    member: Member
    plans: tuple[str, ...]
    balance_minor: int


@dataclass(frozen=True, slots=True)
class MemberCard:
    """Everything about one member."""

    statement: Statement
    seats: tuple[SubscriptionView, ...]


@dataclass(frozen=True, slots=True)
class NoticesState:
    """How the outbox stands: counts by status, how many are held back, and those in trouble."""

    counts: dict[str, int]
    held: int
    troubled: tuple[Notice, ...]

    @property
    def waiting(self) -> int:
        return self.counts.get("waiting", 0)

    @property
    def in_trouble(self) -> int:
        return self.counts.get("failed", 0) + self.counts.get("unknown", 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a club has come with its set-up. `panel`: the channel and message of the panel."""

    workspace: Workspace
    plans: int
    methods: int
    members: int
    linked: int
    seats: int
    treasurers: int
    openings: int
    panel: tuple[int, int] | None


def today(tx: Tx, actor: Actor) -> date:
    """Which day it is for the club."""
    return local_date(tx.now, access.workspace_of(tx, actor).timezone)


def periods(tx: Tx, actor: Actor) -> PeriodChoices:
    """The periods that can be opened or looked at."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    day = today(tx, actor)
    rows = bills.periods(tx.conn, workspace.id, ("draft", "open", "closed"))
    statuses = {row.period: row.status for row in rows}
    return PeriodChoices(workspace, day, collecting_period(day, workspace.billing_day), statuses)


def seats(
    tx: Tx,
    actor: Actor,
    query: str = "",
    *,
    member_id: MemberId | None = None,
    plan_id: PlanId | None = None,
    standing: str = "running",
    limit: int = -1,
) -> list[Seat]:
    """Subscriptions by a part of the member's or the plan's name; `standing` as in the store."""
    access.require(tx, actor, Role.AUDITOR)
    workspace, day = access.workspace_of(tx, actor), today(tx, actor)
    found = admin_views.seats(
        tx.conn, workspace.id, str(day), text_key=name_key(query), member_id=member_id, plan_id=plan_id,
        standing=standing, limit=limit,
    )  # fmt: skip
    return [
        Seat(SubscriptionView(row, plan, pauses, status_on(row, pauses, day)), member)
        for row, member, plan in found
        for pauses in (tuple(subscription_rows.pauses(tx.conn, row.id)),)
    ]


def payments(
    tx: Tx,
    actor: Actor,
    query: str = "",
    *,
    payment_id: int | None = None,
    member_id: MemberId | None = None,
    status: str | None = None,
    recorded: bool | None = None,
    limit: int = 50,
) -> list[tuple[Payment, str]]:
    """Payments with their member's name, newest first. Raises ChoiceUnknown for a status that is none."""
    access.require(tx, actor, Role.AUDITOR)
    if status is not None and status not in STATUSES:
        raise errors.ChoiceUnknown(field="status", value=errors.shown(status), choices=", ".join(STATUSES))
    return admin_views.payments(
        tx.conn, actor.workspace_id, text_key=name_key(query), payment_id=payment_id, member_id=member_id,
        status=status, recorded=recorded, limit=limit,
    )  # fmt: skip


def roster_lines(tx: Tx, actor: Actor, *, with_left: bool = False) -> list[RosterLine]:
    """The whole roster in its order."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    owed = admin_views.balances(tx.conn, workspace.id)
    held = admin_views.plan_names(tx.conn, workspace.id, str(today(tx, actor)))
    return [
        RosterLine(member, tuple(held.get(member.id, ())), owed.get(member.id, 0))
        for member in members.everyone(tx.conn, workspace.id, with_left=with_left)
    ]


def member_card(tx: Tx, actor: Actor, member_id: MemberId) -> MemberCard:
    """One member with bills, payments and subscriptions; raises MemberUnknown."""
    access.require(tx, actor, Role.AUDITOR)
    return MemberCard(
        reports.statement(tx, actor, member_id), tuple(subscriptions.of_member(tx, actor, member_id))
    )


def notices_state(tx: Tx, actor: Actor) -> NoticesState:
    """What the bot could not say yet, or not at all."""
    access.require(tx, actor, Role.AUDITOR)
    workspace_id = actor.workspace_id
    return NoticesState(
        notices.counts(tx.conn, workspace_id),
        admin_views.held_notices(tx.conn, workspace_id),
        tuple(admin_views.troubled_notices(tx.conn, workspace_id, MOST_TROUBLED)),
    )


def progress(tx: Tx, actor: Actor) -> Progress:
    """How far the set-up has come."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    panel = notices.message(tx.conn, "panel", "workspace", workspace.id)
    return Progress(workspace, *admin_views.progress(tx.conn, workspace.id), panel=panel)
