"""What importing a roster file does, as its preview shows it: no new ids, every problem with its line."""

from dataclasses import dataclass
from typing import Any

from core.models import Bill, MemberId, PlanId, Workspace
from core.money import Money
from core.roster_csv import Note


@dataclass(frozen=True, slots=True)
class Created:
    """A person who was not on the roster yet."""

    line: int
    name: str
    email: str
    note: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A member's name, email or note, before and after."""

    line: int
    member_id: MemberId
    name: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SeatChange:
    """A subscription that begins, goes on or pauses on a day; `member_id` is None for a new person."""

    line: int
    member_id: MemberId | None
    name: str
    plan_id: PlanId
    plan: str
    on: str


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """The whole import. Preview and apply return the same; apply has done it."""

    workspace: Workspace
    encoding: str
    """The name of the encoding by which the file was read."""
    by_position: bool
    """No header was recognised, so the first two columns were taken for name and e-mail."""
    starts_on: str
    plan_columns: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    rows_read: int
    created: tuple[Created, ...]
    changed: tuple[FieldChange, ...]
    subscribed: tuple[SeatChange, ...]
    resumed: tuple[SeatChange, ...]
    paused: tuple[SeatChange, ...]
    conflicts: tuple[Note, ...]
    """What a person has to decide: nothing was done about it, but that somebody of a known name was added."""
    problems: tuple[Note, ...]
    """Rows that were left out, and why."""
    notes: tuple[Note, ...]
    """How something was understood."""
    affected: tuple[Bill, ...]
    """Unpaid bills of the subscriptions that pause; they stay as they are."""
    bills_made: int
    bills_minor: int
    import_id: int = 0
    """By which it can be undone (core/import_undo.py); 0 when nothing was changed. No part of the effects."""

    @property
    def billed(self) -> Money:
        """The sum of the bills that were made at once for open periods."""
        return self.workspace.money(self.bills_minor)

    @property
    def changes_nothing(self) -> bool:
        return not (self.created or self.changed or self.subscribed or self.resumed or self.paused)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, for the audit log and for a summary."""
        return {
            "rows": self.rows_read, "created": len(self.created), "changed": len(self.changed),
            "subscribed": len(self.subscribed), "resumed": len(self.resumed), "paused": len(self.paused),
            "conflicts": len(self.conflicts), "problems": len(self.problems), "bills": self.bills_made,
            "bills_minor": self.bills_minor,
        }  # fmt: skip

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        """What is confirmed. A person just created is known by their line."""
        return (
            ("file", self.encoding, self.starts_on, *self.plan_columns),
            *(("create", row.line, row.name, row.email, row.note) for row in self.created),
            *(("change", row.member_id, row.field, row.before, row.after) for row in self.changed),
            *_seats("subscribe", self.subscribed),
            *_seats("resume", self.resumed),
            *_seats("pause", self.paused),
            *(("conflict", note.line, note.code) for note in self.conflicts),
            *(("problem", note.line, note.code) for note in self.problems),
            *(("affected", bill.id, bill.open_minor) for bill in self.affected),
            ("bills", self.bills_made, self.bills_minor),
        )


def _seats(action: str, seats: tuple[SeatChange, ...]) -> list[tuple[Any, ...]]:
    return [(action, seat.line, seat.member_id, seat.plan_id, seat.on) for seat in seats]
