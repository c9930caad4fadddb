"""Undoing a roster import as a whole: what it did is taken back, and what has moved on since is left alone.

Nothing is deleted. Subscriptions that it started end before they began and their bills are voided, pauses are
put back, texts too, and people whom it added leave the lists. Each thing that somebody changed, paid or
claimed since is named with the reason and stays as it is; nothing about it is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core import access, audit, billing, errors, linking, resync
from core.access import Role
from core.clock import local_date, parse_instant
from core.db import Tx
from core.models import Actor, Member, Pause, Plan, Subscription, Workspace
from core.preview import digest_of
from core.resync import RevisedBill
from core.roster import email_key
from core.store import import_undo, members, plans, revising, roster_import, subscriptions
from core.store.import_undo import Change, MadeBill, RosterImport
from core.text import name_key


@dataclass(frozen=True, slots=True)
class SeatBack:
    """A subscription that was put back: `how` is "ended", "paused" or "resumed"."""

    how: str
    subscription: Subscription
    member: Member
    plan: Plan


@dataclass(frozen=True, slots=True)
class TextBack:
    """A member's name, email or note that has its earlier value again."""

    member: Member
    field: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What was left alone: a member's entry, text or seat (`plan`), and why.

    `reason`: "changed" since, "claimed" (a claim or payment lies on its bill), "waived", "closed" (the month
    is), "linked", "history" (bills, payments or seats of its own), "email_taken".
    """

    reason: str
    kind: str
    member: Member
    plan: Plan | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing an import did, and what it left alone."""

    workspace: Workspace
    import_id: int
    seats: tuple[SeatBack, ...]
    texts: tuple[TextBack, ...]
    removed: tuple[Member, ...]
    voided: tuple[RevisedBill, ...]
    bills_made: int
    bills_minor: int
    kept: tuple[Kept, ...]

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (
            ("undo", self.import_id, self.bills_made, self.bills_minor),
            *((seat.how, seat.subscription.id) for seat in self.seats),
            *(("text", text.member.id, text.field, text.was, text.now) for text in self.texts),
            *(("remove", member.id) for member in self.removed),
            *(("void", bill.bill_id, bill.from_minor) for bill in self.voided),
            *(("keep", kept.reason, kept.kind, kept.member.id, kept.field) for kept in self.kept),
        )

    @property
    def counts(self) -> dict[str, int]:
        return {
            "seats": len(self.seats), "texts": len(self.texts), "removed": len(self.removed),
            "voided": len(self.voided), "bills": self.bills_made, "kept": len(self.kept),
        }  # fmt: skip


def recent(tx: Tx, actor: Actor, limit: int = 10) -> list[RosterImport]:
    """The newest imports of the club, undone ones too."""
    access.require(tx, actor, Role.AUDITOR)
    return import_undo.newest(tx.conn, access.workspace_of(tx, actor).id, limit)


def undo(tx: Tx, actor: Actor, import_id: int) -> Undone:
    """Take a roster import back; run it as a preview first.

    Raises RoleNeeded, ImportUnknown, ImportUndone when it was taken back before, PlanWithoutPrice.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    row = import_undo.get(tx.conn, workspace.id, import_id)
    if row is None:
        raise errors.ImportUnknown()
    if row.undone_at is not None:
        raise errors.ImportUndone(day=local_date(parse_instant(row.undone_at), workspace.timezone))
    work = _Work(tx, actor, workspace, row, import_undo.changes(tx.conn, row.id))
    work.take_seats_back()
    revising.gather_bills(tx.conn, work.to_void)
    voided = tuple(RevisedBill(*line) for line in revising.lines(tx.conn))
    resync.apply_revised(tx, actor, workspace)
    made = [int(bill_id) for bill_id in billing.issue_all(tx, workspace, actor, work.active_again)]
    work.remove_people()
    work.put_texts_back()
    result = Undone(
        workspace, row.id, tuple(work.seats), tuple(work.texts), tuple(work.removed), voided, len(made),
        roster_import.sum_of_bills(tx.conn, made), tuple(work.kept),
    )  # fmt: skip
    import_undo.mark_undone(tx.conn, row.id, actor.text, tx.now_text)
    audit.record(
        tx, actor, "roster.undo", "workspace", workspace.id,
        after={**result.counts, "import": row.id, "digest": digest_of(result)},
    )  # fmt: skip
    return result


@dataclass(slots=True)
class _Work:
    """One undo in progress: what was put back, and what is left alone."""

    tx: Tx
    actor: Actor
    workspace: Workspace
    row: RosterImport
    changes: Sequence[Change]
    seats: list[SeatBack] = field(default_factory=list)
    texts: list[TextBack] = field(default_factory=list)
    removed: list[Member] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    to_void: list[int] = field(default_factory=list)
    active_again: list[int] = field(default_factory=list)

    # --- subscriptions and pauses ---------------------------------------------------------------------

    def take_seats_back(self) -> None:
        """End what was started, pause what was resumed, resume what was paused; bills are only gathered."""
        kinds = ("subscribed", "resumed", "paused")
        touched = [change for change in self.changes if change.kind in kinds]
        held = {id(change): self._subscription(change) for change in touched}
        bills: dict[int, list[MadeBill]] = {}
        for bill in import_undo.bills_of(self.tx.conn, [row.id for row in held.values()]):
            bills.setdefault(bill.subscription_id, []).append(bill)
        for change in touched:
            row = held[id(change)]
            pauses = subscriptions.pauses(self.tx.conn, row.id)
            match change.kind:
                case "subscribed":
                    self._end(row, pauses, bills.get(row.id, []))
                case "resumed":
                    self._pause_again(change, row, pauses, bills.get(row.id, []))
                case "paused":
                    self._resume(change, row, pauses)

    def _end(self, row: Subscription, pauses: Sequence[Pause], bills: Sequence[MadeBill]) -> None:
        reason = "changed" if row.ends_on is not None or pauses else _fixed(bills)
        if reason:
            self._keep_seat(reason, "subscribed", row)
            return
        never = str(date.fromisoformat(row.starts_on) - timedelta(days=1))
        subscriptions.set_end(self.tx.conn, row.id, never)
        self.to_void += [bill.id for bill in bills]
        self._put_back("ended", row)

    def _pause_again(
        self, change: Change, row: Subscription, pauses: Sequence[Pause], bills: Sequence[MadeBill]
    ) -> None:
        resumed_on = change.after_value or ""
        later = [pause for pause in pauses if pause.id != change.subject_id and pause.from_on >= resumed_on]
        own = next(pause for pause in pauses if pause.id == change.subject_id)
        since = [
            bill for bill in bills if bill.created_at >= self.row.imported_at and bill.covers_to >= resumed_on
        ]
        moved_on = row.ends_on is not None or own.resumes_on != change.after_value or later
        reason = "changed" if moved_on else _fixed(since)
        if reason:
            self._keep_seat(reason, "resumed", row)
            return
        import_undo.set_pause_end(self.tx.conn, own.id, change.before_value)
        self.to_void += [bill.id for bill in since]
        self._put_back("paused", row)

    def _resume(self, change: Change, row: Subscription, pauses: Sequence[Pause]) -> None:
        own = next(pause for pause in pauses if pause.id == change.subject_id)
        if row.ends_on is not None or own.resumes_on is not None:
            self._keep_seat("changed", "paused", row)
            return
        import_undo.set_pause_end(self.tx.conn, own.id, own.from_on)  # over before it began
        self.active_again.append(row.id)
        self._put_back("resumed", row)

    def _subscription(self, change: Change) -> Subscription:
        subscription_id = (
            change.subject_id
            if change.kind == "subscribed"
            else import_undo.subscription_of_pause(self.tx.conn, change.subject_id)
        )
        row = subscriptions.get(self.tx.conn, self.workspace.id, subscription_id)
        assert row is not None
        return row

    def _put_back(self, how: str, row: Subscription) -> None:
        self.seats.append(SeatBack(how, row, self._person(row.member_id), self._plan(row)))

    def _keep_seat(self, reason: str, kind: str, row: Subscription) -> None:
        self.kept.append(Kept(reason, kind, self._person(row.member_id), self._plan(row)))

    def _plan(self, row: Subscription) -> Plan:
        plan = plans.get(self.tx.conn, self.workspace.id, row.plan_id)
        assert plan is not None
        return plan

    # --- people and their texts -----------------------------------------------------------------------

    def remove_people(self) -> None:
        """Let those who were added leave the lists, unless they have got a life of their own since."""
        today = str(local_date(self.tx.now, self.workspace.timezone))
        for change in self.changes:
            if change.kind != "created":
                continue
            member = self._entry(change.subject_id)
            reason = self._stays(change, member)
            if reason:
                self.kept.append(Kept(reason, "created", member))
            elif member.left_on is None:
                linking.close_waiting(self.tx, self.workspace, self.actor, member_id=member.id)
                import_undo.remove_from_lists(self.tx.conn, member.id, today)
                self.removed.append(member)

    def _stays(self, change: Change, member: Member) -> str:
        texts = import_undo.texts_of(member.name, member.email, member.note)
        if member.successor_id is not None or texts != change.after_value:
            return "changed"
        if member.discord_id is not None:
            return "linked"
        seats = subscriptions.of_member(self.tx.conn, member.id)
        lives = any(row.ends_on is None or row.ends_on >= row.starts_on for row in seats)
        return "history" if lives or import_undo.has_history(self.tx.conn, member.id) else ""

    def put_texts_back(self) -> None:
        """Give members their earlier texts again, where they still are what the file said."""
        back: list[tuple[Change, Member]] = []
        for change in self.changes:
            if change.kind == "changed":
                member = self._entry(change.subject_id)
                same = (getattr(member, change.field) or "") == change.after_value
                if member.successor_id is not None or not same:
                    self.kept.append(Kept("changed", "changed", member, field=change.field))
                else:
                    back.append((change, member))
        back = self._without_taken_emails(back)
        roster_import.clear_emails(
            self.tx.conn, [member.id for change, member in back if change.field == "email"]
        )
        for change, member in back:
            self._set_text(change)
            now = change.before_value or ""
            self.texts.append(TextBack(member, change.field, change.after_value or "", now))

    def _without_taken_emails(self, back: list[tuple[Change, Member]]) -> list[tuple[Change, Member]]:
        """Leave out e-mails that somebody else has now; leaving one out may keep the next one taken."""
        while True:
            moving = {int(member.id) for change, member in back if change.field == "email"}
            taken = [pair for pair in back if self._is_taken(*pair, moving)]
            if not taken:
                return back
            back = [pair for pair in back if pair not in taken]
            self.kept += [Kept("email_taken", "changed", member, field="email") for _, member in taken]

    def _is_taken(self, change: Change, member: Member, moving: set[int]) -> bool:
        """Whether a member's earlier e-mail belongs to somebody who does not give it back now."""
        if change.field != "email" or not change.before_value:
            return False
        holder = members.by_email(self.tx.conn, self.workspace.id, email_key(change.before_value))
        return holder is not None and holder.id not in moving

    def _set_text(self, change: Change) -> None:
        now = self._entry(change.subject_id)
        texts = {"name": now.name, "email": now.email, "note": now.note}
        texts[change.field] = change.before_value or (None if change.field == "email" else "")
        name, email = texts["name"] or now.name, texts["email"]
        members.update(
            self.tx.conn, now.id, name=name, name_key=name_key(name), email=email,
            email_key=email and email_key(email), note=texts["note"] or "",
        )  # fmt: skip

    def _entry(self, member_id: int) -> Member:
        member = members.get(self.tx.conn, self.workspace.id, member_id)
        assert member is not None
        return member

    def _person(self, member_id: int) -> Member:
        member = members.current(self.tx.conn, self.workspace.id, member_id)
        assert member is not None
        return member


def _fixed(bills: Sequence[MadeBill]) -> str:
    """Why bills cannot simply be voided; blank when they can."""
    if any(bill.is_claimed for bill in bills):
        return "claimed"
    if any(bill.is_waived for bill in bills):
        return "waived"
    return "closed" if any(bill.is_locked for bill in bills) else ""
