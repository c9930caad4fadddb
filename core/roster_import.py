"""Bring the roster up to date from a file, and write it into one.

TRUE subscribes, FALSE pauses, a blank cell leaves alone; a plan that is no column is never touched. All of it
is one transaction, previewed by running it for real and taking it back, and running it again changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core import access, audit, billing, errors
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, MemberId, Pause, Plan, Subscription, Workspace
from core.period import Period, parse_date
from core.preview import digest_of
from core.roster_columns import PLAN, ROLES
from core.roster_csv import ColumnSeen, ExportRow, Note, RosterFile, columns_of, decode, parse, render
from core.roster_diff import Created, FieldChange, RosterDiff, SeatChange
from core.roster_matching import Person, match
from core.store import import_undo as import_rows
from core.store import members, plans, roster_import, subscriptions
from core.store.import_undo import Change, texts_of
from core.subscriptions import pause_to_end, status_on
from core.text import name_key


@dataclass(frozen=True, slots=True)
class _Seat:
    """A change of one subscription: of `person`, on `plan`; `row` is None when it is new."""

    person: Person
    plan: Plan
    on: str
    row: Subscription | None = None
    pause: Pause | None = None

    def shown(self) -> SeatChange:
        member_id = self.person.member.id if self.person.member else None
        return SeatChange(
            self.person.row.line, member_id, self.person.name, self.plan.id, self.plan.name, self.on
        )


@dataclass(slots=True)
class _Seats:
    """What the TRUE and FALSE cells ask for."""

    new: list[_Seat] = field(default_factory=list)
    resumed: list[_Seat] = field(default_factory=list)
    paused: list[_Seat] = field(default_factory=list)
    conflicts: list[Note] = field(default_factory=list)


def import_roster(
    tx: Tx,
    actor: Actor,
    data: bytes,
    *,
    encoding: str | None = None,
    starts_on: date | str | None = None,
    columns: Sequence[str] | None = None,
) -> RosterDiff:
    """Apply a roster file; run it as a preview first. New subscriptions start on `starts_on`.

    That is the first day of this month when None. `columns` says what each column is: "name", "email",
    "member", "note", "plan:3" with a plan's id, or "" for nothing; None goes by the headers. Raises RoleNeeded,
    InvalidDate, ChoiceUnknown, PlanWithoutPrice, and what `decode` and `parse` raise for a file that cannot be
    trusted as a whole.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    today = local_date(tx.now, workspace.timezone)
    first = parse_date(str(starts_on), "starts_on") if starts_on else Period.of(today).first_day
    active = plans.everyone(tx.conn, workspace.id)
    decoded = decode(data, encoding)
    file = parse(decoded.text, [plan.name for plan in active], _by_name(columns, active))
    plan_columns = _plan_columns(file, active)
    everybody = roster_import.members(tx.conn, workspace.id)
    found = match(file, plan_columns, everybody, roster_import.merged(tx.conn, workspace.id))
    seats = _Book(tx, workspace, today).seats(found.people, plan_columns, str(first))
    made, changes = _apply(tx, actor, workspace, found.people, seats)
    lost = [seat.row.id for seat in seats.paused if seat.row]
    diff = RosterDiff(
        workspace=workspace,
        encoding=decoded.label,
        by_position=file.by_position,
        starts_on=str(first),
        plan_columns=tuple(plan_columns),
        ignored_columns=(
            *(name for name in file.other_columns if name not in plan_columns),
            *file.ignored_columns,
        ),
        rows_read=file.rows_read,
        created=tuple(_created(person) for person in found.people if person.member is None),
        changed=tuple(change for person in found.people for change in _field_changes(person)),
        subscribed=tuple(seat.shown() for seat in seats.new),
        resumed=tuple(seat.shown() for seat in seats.resumed),
        paused=tuple(seat.shown() for seat in seats.paused),
        conflicts=_by_line(found.conflicts, seats.conflicts),
        problems=_by_line(file.problems, found.problems),
        notes=_by_line(file.notes, file.unclear_cells(list(plan_columns))),
        affected=tuple(subscriptions.unpaid_bills_after(tx.conn, lost, str(today))),
        bills_made=len(made),
        bills_minor=roster_import.sum_of_bills(tx.conn, made),
    )
    return replace(diff, import_id=_record(tx, actor, diff, changes))


def columns(
    tx: Tx, actor: Actor, data: bytes, *, encoding: str | None = None, columns: Sequence[str] | None = None
) -> tuple[ColumnSeen, ...]:
    """Every column of a file with what it is taken for, in the words of `import_roster`'s `columns`.

    Raises RoleNeeded, ChoiceUnknown, and what `decode` and `columns_of` raise.
    """
    access.require(tx, actor, Role.TREASURER)
    active = plans.everyone(tx.conn, actor.workspace_id)
    names = [plan.name for plan in active]
    found = columns_of(decode(data, encoding).text, names, _by_name(columns, active))
    ids = {plan.name_key: f"{PLAN}{plan.id}" for plan in active}
    return tuple(
        replace(seen, use=ids.get(name_key(seen.use.removeprefix(PLAN)), ""))
        if seen.use.startswith(PLAN)
        else seen
        for seen in found
    )


def _by_name(chosen: Sequence[str] | None, active: Sequence[Plan]) -> list[str] | None:
    """What was chosen for each column, with the plans by their names."""
    if chosen is None:
        return None
    uses = {
        "": "",
        **{role: role for role in ROLES},
        **{f"{PLAN}{plan.id}": PLAN + plan.name for plan in active},
    }
    unknown = next((use for use in chosen if use not in uses), None)
    if unknown is not None:
        raise errors.ChoiceUnknown(
            field="columns", value=errors.shown(unknown), choices=", ".join(use for use in uses if use)
        )
    return [uses[use] for use in chosen]


def export_roster(tx: Tx, actor: Actor) -> bytes:
    """The roster as a file to be imported again: with member numbers, and a column for each plan in use."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    active = plans.everyone(tx.conn, workspace.id)
    book = _Book(tx, workspace, local_date(tx.now, workspace.timezone))
    rows = [
        ExportRow(
            member.id, member.name, member.email or "", member.note,
            {plan.name: book.choice(member.id, plan) for plan in active},
        )
        for member in members.everyone(tx.conn, workspace.id)
    ]  # fmt: skip
    return render(rows, [plan.name for plan in active], workspace.locale)


class _Book:
    """Every subscription of the workspace with its pauses, read once."""

    def __init__(self, tx: Tx, workspace: Workspace, today: date) -> None:
        self.today = today
        self.held: dict[tuple[int, int], list[Subscription]] = {}
        for row in subscriptions.of_workspace(tx.conn, workspace.id):
            self.held.setdefault((row.member_id, row.plan_id), []).append(row)
        self.pauses: dict[int, list[Pause]] = {}
        for pause in subscriptions.pauses_of_workspace(tx.conn, workspace.id):
            self.pauses.setdefault(pause.subscription_id, []).append(pause)

    def live(self, member_id: int, plan: Plan) -> tuple[Subscription | None, str]:
        """What has not ended, and "active" or "paused"; else None, and "cancelled" or "none"."""
        held = self.held.get((member_id, plan.id), [])
        for row in held:
            status = status_on(row, self.pauses.get(row.id, ()), self.day(row))
            if status != "cancelled":
                return row, status
        return None, "cancelled" if held else "none"

    def day(self, row: Subscription) -> date:
        """From when on a change counts: today, or the first day of what begins later."""
        return max(self.today, date.fromisoformat(row.starts_on))

    def choice(self, member_id: int, plan: Plan) -> bool | None:
        """The cell that leaves this subscription as it is."""
        return {"active": True, "paused": False}.get(self.live(member_id, plan)[1])

    def seats(self, people: Sequence[Person], columns: Mapping[str, Plan], starts_on: str) -> _Seats:
        """Work out what every TRUE and FALSE of the file does."""
        found = _Seats()
        for person in people:
            for header, wanted in person.row.choices.items():
                if header in columns:
                    self._seat(found, person, columns[header], wanted, starts_on)
        return found

    def _seat(self, found: _Seats, person: Person, plan: Plan, wanted: bool, starts_on: str) -> None:
        row, status = self.live(person.member.id, plan) if person.member else (None, "none")
        pauses = self.pauses.get(row.id, []) if row else []
        day = str(self.day(row) if row else self.today)
        match wanted, status:
            case True, "none":
                found.new.append(_Seat(person, plan, starts_on))
            case True, "paused":
                found.resumed.append(_Seat(person, plan, day, row, pause_to_end(pauses, day)))
            case True, "cancelled":
                found.conflicts.append(_conflict("was_cancelled", person, plan))
            case False, "active":
                if any(pause.resumes_on is None or pause.resumes_on > day for pause in pauses):
                    found.conflicts.append(_conflict("pause_planned", person, plan))
                else:
                    found.paused.append(_Seat(person, plan, day, row))


def _plan_columns(file: RosterFile, active: Sequence[Plan]) -> dict[str, Plan]:
    """The headers that name a plan in use; capitals and widths do not matter."""
    by_name = {plan.name_key: plan for plan in active}
    columns = {
        header: by_name[name_key(header)] for header in file.other_columns if name_key(header) in by_name
    }
    seen: set[int] = set()
    for header, plan in columns.items():
        if plan.id in seen:
            raise errors.ColumnTwice(column=errors.shown(header))
        seen.add(plan.id)
    return columns


def _apply(
    tx: Tx, actor: Actor, workspace: Workspace, people: Sequence[Person], seats: _Seats
) -> tuple[list[int], list[Change]]:
    """Write it all; returns the bills that were made for open periods, and what to note down for an undo."""
    ids = _write_people(tx, workspace, people)
    first_new = roster_import.last_subscription_id(tx.conn) + 1
    roster_import.add_subscriptions(tx.conn, (
        {"id": first_new + n, "workspace": workspace.id, "member": ids[seat.person.row.line],
         "plan": seat.plan.id, "starts_on": seat.on, "now": tx.now_text}
        for n, seat in enumerate(seats.new)
    ))  # fmt: skip
    roster_import.end_pauses(
        tx.conn, [{"pause": seat.pause.id, "resumes_on": seat.on} for seat in seats.resumed if seat.pause]
    )
    first_pause = roster_import.last_pause_id(tx.conn) + 1
    roster_import.add_pauses(tx.conn, [
        {"id": first_pause + n, "subscription": seat.row.id, "from_on": seat.on, "by": actor.text,
         "now": tx.now_text}
        for n, seat in enumerate(seats.paused) if seat.row
    ])  # fmt: skip
    active_again = [
        *range(first_new, first_new + len(seats.new)),
        *(s.row.id for s in seats.resumed if s.row),
    ]
    changes = [
        *(_noted_person(person, ids) for person in people if person.member is None),
        *(Change("changed", change.member_id, change.field, change.before, change.after)
          for person in people for change in _field_changes(person)),
        *(Change("subscribed", first_new + n) for n, _ in enumerate(seats.new)),
        *(Change("resumed", seat.pause.id, "resumes_on", seat.pause.resumes_on, seat.on)
          for seat in seats.resumed if seat.pause),
        *(Change("paused", first_pause + n) for n, _ in enumerate(seats.paused)),
    ]  # fmt: skip
    return [int(bill_id) for bill_id in billing.issue_all(tx, workspace, actor, active_again)], changes


def _noted_person(person: Person, ids: Mapping[int, MemberId]) -> Change:
    return Change("created", ids[person.row.line], "", None, texts_of(person.name, person.email, person.note))


def _write_people(tx: Tx, workspace: Workspace, people: Sequence[Person]) -> dict[int, MemberId]:
    """Add and change members; returns everybody's id by line."""
    changed = [person for person in people if person.member and any(_field_changes(person))]
    roster_import.clear_emails(
        tx.conn, [p.member.id for p in changed if p.member and p.email_key != p.member.email_key]
    )
    roster_import.update_members(
        tx.conn, ({"id": p.member.id, **_texts(p)} for p in changed if p.member is not None)
    )
    new = [person for person in people if person.member is None]
    first_new = roster_import.last_member_id(tx.conn) + 1
    roster_import.add_members(tx.conn, (
        {"id": first_new + n, "workspace": workspace.id, "now": tx.now_text, **_texts(person)}
        for n, person in enumerate(new)
    ))  # fmt: skip
    ids = {person.row.line: person.member.id for person in people if person.member is not None}
    return ids | {person.row.line: MemberId(first_new + n) for n, person in enumerate(new)}


def _texts(person: Person) -> dict[str, str | None]:
    return {
        "name": person.name, "name_key": name_key(person.name), "email": person.email,
        "email_key": person.email_key, "note": person.note,
    }  # fmt: skip


def _field_changes(person: Person) -> list[FieldChange]:
    member = person.member
    if member is None:
        return []
    pairs = (
        ("name", member.name, person.name),
        ("email", member.email or "", person.email or ""),
        ("note", member.note, person.note),
    )
    return [
        FieldChange(person.row.line, member.id, member.name, name, before, after)
        for name, before, after in pairs
        if before != after
    ]


def _created(person: Person) -> Created:
    return Created(person.row.line, person.name, person.email or "", person.note)


def _conflict(code: str, person: Person, plan: Plan) -> Note:
    return Note(person.row.line, code, {"name": person.name, "plan": plan.name})


def _by_line(*lists: Sequence[Note]) -> tuple[Note, ...]:
    return tuple(sorted((note for notes in lists for note in notes), key=lambda note: note.line))


def _record(tx: Tx, actor: Actor, diff: RosterDiff, changes: Sequence[Change]) -> int:
    """Note the file down for an undo, and with one line in the audit log; returns the import's number."""
    if diff.changes_nothing:
        return 0
    import_id = import_rows.add(
        tx.conn, diff.workspace.id, starts_on=diff.starts_on, by=actor.text, now=tx.now_text, changes=changes
    )
    audit.record(
        tx, actor, "roster.import", "workspace", diff.workspace.id,
        after={**diff.counts, "import": import_id, "starts_on": diff.starts_on, "digest": digest_of(diff)},
    )  # fmt: skip
    return import_id
