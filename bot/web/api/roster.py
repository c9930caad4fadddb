"""The roster as a file: out, in with a preview, and taken back."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from bot.web.api.bills import BillShort, bill_of
from bot.web.api.calls import Call
from bot.web.api.members import Member, member_of
from bot.web.api.models import Confirmed, Day, Id, Money
from bot.web.api.operations import Done, Effects, File, Operations
from bot.web.api.periods import BillRevised, revised
from core import import_undo, roster_import
from core.access import Role
from core.db import Tx
from core.roster_csv import Note, note_text
from core.roster_diff import SeatChange as SeatInCore

operations = Operations("Roster file")

MOST_FILE = 6 * 1024 * 1024


class ImportQuery(Confirmed):
    """How the file is to be read: its encoding if it is not clear, and when new subscriptions start."""

    encoding: Annotated[str, StringConstraints(max_length=40)] | None = None
    starts_on: Day | None = None
    columns: Annotated[str, StringConstraints(max_length=4000)] | None = None
    """What each column is, in order and between commas: name, email, member, note, plan:3, or nothing."""


class Created(BaseModel):
    """A person who was not on the roster yet."""

    line: int
    name: str
    email: str
    note: str


class FieldChange(BaseModel):
    """A member's name, e-mail or note, before and after."""

    line: int
    member_id: int
    name: str
    field: str
    before: str
    after: str


class SeatChange(BaseModel):
    """A subscription that begins, goes on or pauses on a day; `member_id` is null for a new person."""

    line: int
    member_id: int | None
    name: str
    plan_id: int
    plan: str
    on: str


class Remark(BaseModel):
    """Something about one line of the file."""

    line: int
    code: str
    message: str


class RosterImported(Effects):
    """What importing the file does. `import_id` takes it back; null while nothing was changed."""

    encoding: str
    starts_on: str
    plan_columns: list[str]
    ignored_columns: list[str]
    rows_read: int
    created: list[Created]
    changed: list[FieldChange]
    subscribed: list[SeatChange]
    resumed: list[SeatChange]
    paused: list[SeatChange]
    conflicts: list[Remark]
    problems: list[Remark]
    notes: list[Remark]
    affected: list[BillShort]
    bills_made: int
    billed: Money
    import_id: int | None


class Import(BaseModel):
    """A file that was applied."""

    id: int
    starts_on: str
    imported_by: str
    imported_at: str
    undone_by: str | None
    undone_at: str | None


class ImportList(BaseModel):
    """The newest imports, undone ones too."""

    items: list[Import]


class Kept(BaseModel):
    """What was left alone, and why."""

    reason: str
    kind: str
    member: Member
    plan: str | None
    field: str


class ImportUndone(Effects):
    """What taking an import back does, and what it leaves alone."""

    import_id: int
    seats: int
    texts: int
    removed: list[Member]
    voided: list[BillRevised]
    bills_made: int
    billed: Money
    kept: list[Kept]


@operations.get("/roster.csv", least=Role.TREASURER, media="text/csv")
def export_roster(call: Call, tx: Tx) -> File:
    """The roster as a file to be imported again."""
    return File(roster_import.export_roster(tx, call.actor), "text/csv", "roster.csv")


@operations.post(
    "/roster/import", least=Role.TREASURER, body_media="text/csv|application/octet-stream",
    most_bytes=MOST_FILE,
)  # fmt: skip
def import_roster(call: Call, tx: Tx, query: ImportQuery, body: bytes) -> Done[RosterImported]:
    """Bring the roster up to date from a file: TRUE subscribes, FALSE pauses, a blank cell leaves alone."""
    found = roster_import.import_roster(
        tx,
        call.actor,
        body,
        encoding=query.encoding,
        starts_on=query.starts_on,
        columns=None if query.columns is None else query.columns.split(","),
    )
    return Done(found, RosterImported(
        encoding=found.encoding, starts_on=found.starts_on, plan_columns=list(found.plan_columns),
        ignored_columns=list(found.ignored_columns), rows_read=found.rows_read,
        created=[Created(line=r.line, name=r.name, email=r.email, note=r.note) for r in found.created],
        changed=[
            FieldChange(line=r.line, member_id=r.member_id, name=r.name, field=r.field, before=r.before,
                        after=r.after)
            for r in found.changed
        ],
        subscribed=_seats(found.subscribed), resumed=_seats(found.resumed), paused=_seats(found.paused),
        conflicts=_remarks(call, found.conflicts), problems=_remarks(call, found.problems),
        notes=_remarks(call, found.notes), affected=[bill_of(call, bill) for bill in found.affected],
        bills_made=found.bills_made, billed=call.money(found.bills_minor),
        import_id=None if query.dry_run else found.import_id or None,
    ))  # fmt: skip


@operations.get("/roster/imports")
def list_imports(call: Call, tx: Tx) -> ImportList:
    """List the newest imports."""
    return ImportList(items=[
        Import(id=row.id, starts_on=row.starts_on, imported_by=row.imported_by, imported_at=row.imported_at,
               undone_by=row.undone_by, undone_at=row.undone_at)
        for row in import_undo.recent(tx, call.actor)
    ])  # fmt: skip


@operations.post("/roster/imports/{import_id}/undo", least=Role.TREASURER)
def undo_import(call: Call, tx: Tx, import_id: Id, query: Confirmed) -> Done[ImportUndone]:
    """Take an import back as a whole; what has moved on since is left alone and named."""
    found = import_undo.undo(tx, call.actor, import_id)
    return Done(found, ImportUndone(
        import_id=found.import_id, seats=len(found.seats), texts=len(found.texts),
        removed=[member_of(member) for member in found.removed],
        voided=[revised(call, row) for row in found.voided], bills_made=found.bills_made,
        billed=call.money(found.bills_minor),
        kept=[
            Kept(reason=row.reason, kind=row.kind, member=member_of(row.member),
                 plan=row.plan.name if row.plan else None, field=row.field)
            for row in found.kept
        ],
    ))  # fmt: skip


def _seats(rows: tuple[SeatInCore, ...]) -> list[SeatChange]:
    return [
        SeatChange(line=r.line, member_id=r.member_id, name=r.name, plan_id=r.plan_id, plan=r.plan, on=r.on)
        for r in rows
    ]


def _remarks(call: Call, notes: tuple[Note, ...]) -> list[Remark]:
    return [Remark(line=note.line, code=note.code, message=note_text(call.locale, note)) for note in notes]
