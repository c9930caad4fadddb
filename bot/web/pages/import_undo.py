"""Taking a roster import back as a whole: previewed, confirmed, and said what stayed as it is and why."""

from __future__ import annotations

from bot.web.confirm import Group, Line, Proposal, Shown
from bot.web.forms import Form
from bot.web.pages.roster_import import FIELD_WORDS
from bot.web.questions import Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import import_undo, member_lists
from core.access import Role
from core.errors import ImportUnknown
from core.i18n import format_count
from core.import_undo import Kept, Undone
from core.money import format_money

pages = Routes()

SEAT_WORDS = {
    "ended": "web_import.seat_ended",
    "paused": "web_import.seat_paused",
    "resumed": "web_import.seat_resumed",
}
KEPT_WORDS = {
    "changed": "web_import.kept_changed", "claimed": "web_import.kept_claimed",
    "waived": "web_import.kept_waived", "closed": "web_import.kept_closed",
    "linked": "web_import.kept_linked", "history": "web_import.kept_history",
    "email_taken": "web_import.kept_email_taken",
}  # fmt: skip


async def _undo(desk: Desk, form: Form) -> Question:
    number = desk.number("id")
    if await desk.db.read(member_lists.roster_import, desk.actor, number) is None:
        raise ImportUnknown()
    title = desk.t("web_import.undo_title", number=number)
    return Question(
        title,
        desk.t("web_bills.preview"),
        "/import",
        about=[desk.t("web_import.undo_about")],
        propose=lambda typed: Proposal(
            import_undo.undo,
            (desk.actor, number),
            show=lambda result: _show(desk, result, title),
            done=lambda result: Flash("web_import.undone", {"count": _count(result)}),
            back="/import",
        ),
    )


def _show(desk: Desk, result: Undone, title: str) -> Shown:
    seats = [
        Line(seat.member.name, desk.t(SEAT_WORDS[seat.how], plan=seat.plan.name)) for seat in result.seats
    ]
    texts = [
        Line(text.member.name, desk.t("web_bills.from_to", before=text.was, after=text.now))
        for text in result.texts
    ]
    voided = [
        Line(bill.name, bill.title, format_money(desk.money(bill.from_minor), desk.locale))
        for bill in result.voided
    ]
    return Shown(
        title,
        [desk.t("web_import.undo_nothing")] if not _count(result) else [],
        desk.t("web_import.undo_button", count=_count(result)),
        figures=[
            (desk.t("web_import.changes"), format_count(_count(result), desk.locale)),
            (desk.t("web_import.voided"), format_count(len(voided), desk.locale)),
            (desk.t("web_import.stays"), format_count(len(result.kept), desk.locale)),
        ],
        groups=[
            Group(desk.t("web_members.seats"), seats),
            Group(desk.t("web_import.texts"), texts),
            Group(desk.t("web_import.removed"), [Line(member.name, member.label) for member in result.removed]),
            Group(desk.t("web_import.voided"), voided),
            Group(desk.t("web_import.stays"), [_kept(desk, one) for one in result.kept]),
        ],
        danger=True,
    )  # fmt: skip


def _kept(desk: Desk, kept: Kept) -> Line:
    what = kept.plan.name if kept.plan else desk.t(FIELD_WORDS[kept.field]) if kept.field else ""
    reason = desk.t(KEPT_WORDS[kept.reason])
    return Line(kept.member.name, desk.t("web_import.kept", what=what, reason=reason) if what else reason)


def _count(result: Undone) -> int:
    return len(result.seats) + len(result.texts) + len(result.removed)


register(pages, "/import/undo/{id:[0-9]+}", Role.TREASURER, _undo)
