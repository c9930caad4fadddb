"""What importing a roster file does, in words: a summary, and every change and problem with its line."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import discord

from cogs.ui import cards, limits
from cogs.ui.text import one_line
from core.i18n import format_list, t
from core.models import Workspace
from core.period import parse_date
from core.roster_csv import Note, note_text
from core.roster_diff import Created, FieldChange, RosterDiff, SeatChange

DETAIL_CHARACTERS = 2 * limits.PAGE_CHARACTERS
"""Longer details come as a text file beside the summary."""

_FIELDS = {"name": "fields.name", "email": "fields.email", "note": "fields.note"}


def _plain(text: str) -> str:
    return " ".join(text.split())


class RosterWords:
    """Puts a diff into words, in one language."""

    def __init__(self, workspace: Workspace, locale: str) -> None:
        self.workspace, self.locale = workspace, locale

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def preview(self, diff: RosterDiff) -> list[str]:
        """The summary, and the details below it when they are not too long."""
        details = self._details(diff, one_line)
        lines = [self.t("roster.question"), *self._reading(diff), *self._summary(diff)]
        if self._fits(details):
            return [*lines, "", *details]
        return [*lines, "", self.t("roster.details_attached")]

    def files(self, diff: RosterDiff) -> list[discord.File]:
        """The details as a text file when they are too long to be read in Discord."""
        if self._fits(self._details(diff, one_line)):
            return []
        text = "\n".join([*self._reading(diff), *self._summary(diff), "", *self._details(diff, _plain)])
        return [discord.File(io.BytesIO(text.encode("utf-8-sig")), "roster-preview.txt")]

    def label(self, diff: RosterDiff) -> str:
        """What the button says."""
        count = (
            len(diff.created)
            + len(diff.changed)
            + len(diff.subscribed)
            + len(diff.resumed)
            + len(diff.paused)
        )
        return self.t("roster.button", count=count)

    def done(self, diff: RosterDiff) -> list[str]:
        """What was really changed."""
        return [self.t("roster.done"), *self._summary(diff), self.t("roster.done_undo")]

    def needless(self, diff: RosterDiff) -> list[str] | None:
        """The file says what the roster says already; its problems are listed all the same."""
        if not diff.changes_nothing:
            return None
        return [self.t("roster.nothing"), *self._reading(diff), "", *self._details(diff, one_line)]

    def _fits(self, details: Sequence[str]) -> bool:
        return sum(len(line) + 1 for line in details) <= DETAIL_CHARACTERS

    def _reading(self, diff: RosterDiff) -> Iterable[str]:
        """How the file was understood."""
        yield self.t("roster.read_as", encoding=diff.encoding, count=diff.rows_read)
        if diff.by_position:
            yield self.t("roster.by_position")
        if diff.plan_columns:
            yield self.t("roster.plan_columns", columns=self._list(diff.plan_columns))
        if diff.ignored_columns:
            yield self.t("roster.ignored_columns", columns=self._list(diff.ignored_columns))

    def _list(self, names: Sequence[str]) -> str:
        return format_list([one_line(limits.shorten(name, 80)) for name in names], self.locale)

    def _summary(self, diff: RosterDiff) -> Iterable[str]:
        """One line for each kind of change that there is."""
        day = parse_date(diff.starts_on)
        counted: tuple[tuple[str, int], ...] = (
            ("roster.created", len(diff.created)),
            ("roster.changed", len({change.member_id for change in diff.changed})),
            ("roster.subscribed", len(diff.subscribed)),
            ("roster.resumed", len(diff.resumed)),
            ("roster.paused", len(diff.paused)),
            ("roster.conflicts", len(diff.conflicts)),
            ("roster.problems", len(diff.problems)),
        )
        for key, count in counted:
            if count:
                yield self.t(key, count=count, day=day)
        if diff.bills_made:
            yield self.t("roster.bills", count=diff.bills_made, amount=diff.billed)
        if diff.affected:
            yield self.t("roster.affected", count=len(diff.affected))

    def _details(self, diff: RosterDiff, shown: Callable[[str], str]) -> list[str]:
        """Every change and every problem, with its line in the file."""
        return [
            *self._section("roster.section_problems", self._notes(diff.problems, shown)),
            *self._section("roster.section_conflicts", self._notes(diff.conflicts, shown)),
            *self._section("roster.section_created", [self._created(row, shown) for row in diff.created]),
            *self._section("roster.section_changed", [self._changed(row, shown) for row in diff.changed]),
            *self._section("roster.section_subscribed", self._seats(diff.subscribed, shown)),
            *self._section("roster.section_resumed", self._seats(diff.resumed, shown)),
            *self._section("roster.section_paused", self._seats(diff.paused, shown)),
            *self._section("roster.section_affected", self._affected(diff)),
            *self._section("roster.section_notes", self._notes(diff.notes, shown)),
        ]

    def _section(self, key: str, lines: list[str]) -> list[str]:
        return [self.t(key), *lines] if lines else []

    def _notes(self, notes: Sequence[Note], shown: Callable[[str], str]) -> list[str]:
        return [f"- {shown(note_text(self.locale, note))}" for note in notes]

    def _created(self, row: Created, shown: Callable[[str], str]) -> str:
        key = "roster.line_created_email" if row.email else "roster.line_created"
        return self.t(key, line=row.line, name=shown(row.name), email=shown(row.email))

    def _changed(self, row: FieldChange, shown: Callable[[str], str]) -> str:
        blank = self.t("roster.blank")
        return self.t(
            "roster.line_changed", line=row.line, name=shown(row.name), field=self.t(_FIELDS[row.field]),
            before=shown(row.before) or blank, after=shown(row.after) or blank,
        )  # fmt: skip

    def _seats(self, seats: Sequence[SeatChange], shown: Callable[[str], str]) -> list[str]:
        return [
            self.t(
                "roster.line_seat", line=seat.line, name=shown(seat.name), plan=shown(seat.plan),
                day=parse_date(seat.on),
            )
            for seat in seats
        ]  # fmt: skip

    def _affected(self, diff: RosterDiff) -> list[str]:
        return [cards.bill_text(diff.workspace, bill, bill.open_minor, self.locale) for bill in diff.affected]
