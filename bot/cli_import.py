"""What importing a roster file does, line by line, for `potkeeper import`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.words import terminal_locale, words
from core.i18n import format_list, t
from core.money import format_money
from core.period import parse_date
from core.roster_csv import note_text
from core.roster_diff import FieldChange, RosterDiff, SeatChange

COUNTED = ("created", "changed", "subscribed", "resumed", "paused", "conflicts", "problems")


def as_json(diff: RosterDiff, *, applied: bool) -> dict[str, Any]:
    """Counts, every change, and every note as a sentence; amounts in minor units."""
    return {
        "applied": applied, "encoding": diff.encoding, "rows": diff.rows_read, **_counts(diff),
        "ignored_columns": list(diff.ignored_columns), "bills": diff.bills_made,
        "bills_minor": diff.bills_minor, "notes": _told(diff),
        "changes": {
            "created": [{"line": row.line, "name": row.name, "email": row.email} for row in diff.created],
            "changed": [
                {"line": row.line, "member": f"M-{row.member_id}", "field": row.field, "before": row.before,
                 "after": row.after}
                for row in diff.changed
            ],
            "subscribed": _seats(diff.subscribed), "resumed": _seats(diff.resumed),
            "paused": _seats(diff.paused),
        },
        "unpaid": [{"bill": bill.label, "open_minor": bill.open_minor} for bill in diff.affected],
    }  # fmt: skip


def as_lines(diff: RosterDiff) -> list[str]:
    """How the file was read, each change with its line, then what somebody should know or decide."""
    locale = terminal_locale()
    lines = [
        words("shell.import", rows=diff.rows_read, encoding=diff.encoding),
        words("shell.import_counts", **_counts(diff)),
    ]
    if diff.bills_made:
        amount = format_money(diff.billed, locale)
        lines.append(words("shell.import_bills", count=diff.bills_made, amount=amount))
    if diff.ignored_columns:
        columns = format_list(list(diff.ignored_columns), locale)
        lines.append(words("shell.import_ignored", columns=columns))
    return [*lines, *_changes(diff), *_told(diff)]


def _changes(diff: RosterDiff) -> Iterator[str]:
    for row in diff.created:
        if row.email:
            yield words("shell.import_created_email", line=row.line, name=row.name, email=row.email)
        else:
            yield words("shell.import_created", line=row.line, name=row.name)
    yield from (_change(row) for row in diff.changed)
    for key, seats in (
        ("shell.import_subscribed", diff.subscribed), ("shell.import_resumed", diff.resumed),
        ("shell.import_paused", diff.paused),
    ):  # fmt: skip
        for seat in seats:
            yield words(key, line=seat.line, name=seat.name, plan=seat.plan, day=parse_date(seat.on))
    for bill in diff.affected:
        yield words("shell.import_unpaid", bill=bill.label, amount=diff.workspace.money(bill.open_minor))


def _change(row: FieldChange) -> str:
    blank = words("roster.blank")
    return words(
        "shell.import_changed", line=row.line, name=row.name, field=t(terminal_locale(), f"fields.{row.field}"),
        before=row.before or blank, after=row.after or blank,
    )  # fmt: skip


def _seats(seats: tuple[SeatChange, ...]) -> list[dict[str, Any]]:
    return [
        {"line": seat.line, "member": f"M-{seat.member_id}" if seat.member_id else None, "name": seat.name,
         "plan": seat.plan, "on": seat.on}
        for seat in seats
    ]  # fmt: skip


def _counts(diff: RosterDiff) -> dict[str, int]:
    return {name: len(getattr(diff, name)) for name in COUNTED}


def _told(diff: RosterDiff) -> list[str]:
    return [note_text(terminal_locale(), note) for note in (*diff.problems, *diff.conflicts, *diff.notes)]
