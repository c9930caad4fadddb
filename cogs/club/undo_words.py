"""What undoing a roster import does, in words; what is left alone comes with its reason."""

from __future__ import annotations

from typing import Any

from cogs.ui import cards
from cogs.ui.text import escape_markdown, one_line
from core.i18n import t
from core.import_undo import Kept, SeatBack, TextBack, Undone

_SEATS = {
    "ended": "roster_undo.seat_ended", "paused": "roster_undo.seat_paused",
    "resumed": "roster_undo.seat_resumed",
}  # fmt: skip
_FIELDS = {"name": "fields.name", "email": "fields.email", "note": "fields.note"}
_REASONS = {
    "changed": "roster_undo.kept_changed", "claimed": "roster_undo.kept_claimed",
    "waived": "roster_undo.kept_waived", "closed": "roster_undo.kept_closed",
    "linked": "roster_undo.kept_linked", "history": "roster_undo.kept_history",
    "email_taken": "roster_undo.kept_email_taken",
}  # fmt: skip


class UndoWords:
    """Puts the undo of an import into words of one language."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def label(self, result: Undone) -> str:
        """What the button says."""
        changes = len(result.seats) + len(result.texts) + len(result.removed)
        return self.t("roster_undo.button", count=changes, number=f"I-{result.import_id}")

    def lines(self, result: Undone, heading: str) -> list[str]:
        """A heading, and the details below it."""
        return [self.t(heading, number=f"I-{result.import_id}"), *self.details(result)]

    def details(self, result: Undone) -> list[str]:
        """Everything that goes back, and everything that stays with the reason."""
        found = [self._seat(seat) for seat in result.seats]
        found += [self._text(text) for text in result.texts]
        found += [
            self.t("roster_undo.removed", person=cards.person(member, self.locale))
            for member in result.removed
        ]
        if result.voided:
            total = sum(bill.from_minor for bill in result.voided)
            amount = result.workspace.money(total)
            found.append(self.t("roster_undo.voided", count=len(result.voided), amount=amount))
        if result.bills_made:
            amount = result.workspace.money(result.bills_minor)
            found.append(self.t("roster_undo.billed", count=result.bills_made, amount=amount))
        if result.kept:
            found.append(self.t("roster_undo.kept", count=len(result.kept)))
            found += [self._kept(kept) for kept in result.kept]
        return found or [self.t("roster_undo.nothing")]

    def _seat(self, seat: SeatBack) -> str:
        person = cards.person(seat.member, self.locale)
        return self.t(_SEATS[seat.how], person=person, plan=one_line(seat.plan.name))

    def _text(self, text: TextBack) -> str:
        blank = self.t("roster.blank")
        return self.t(
            "roster_undo.text", member=text.member.label, field=self.t(_FIELDS[text.field]),
            was=escape_markdown(text.was) or blank, now=escape_markdown(text.now) or blank,
        )  # fmt: skip

    def _kept(self, kept: Kept) -> str:
        what = one_line(kept.plan.name) if kept.plan is not None else ""
        if kept.field:
            what = self.t(_FIELDS[kept.field])
        reason = self.t(_REASONS[kept.reason])
        person = cards.person(kept.member, self.locale)
        if not what:
            return self.t("roster_undo.kept_line_person", person=person, reason=reason)
        return self.t("roster_undo.kept_line", person=person, what=what, reason=reason)
