"""Months as billing periods, and what was announced and reminded there, so that nothing is said twice."""

import json
from typing import NamedTuple

from core.chippot import clean
from core.chippot.book import Book
from core.notices import key_of
from core.period import Period
from core.store import bills, chippot


class Month(NamedTuple):
    """A month here: its row, its first and last day, and whether it is closed."""

    period_id: int
    first_day: str
    last_day: str
    is_closed: bool


class Said(NamedTuple):
    """When each month (by what stands there as month) was announced, and when the unpaid were reminded."""

    opened: dict[str, str]
    reminded: dict[str, str]


def read_said(book: Book) -> Said:
    """Read the record of notices; of several for one month the first opening and the last reminder count."""
    said = Said({}, {})
    for _, kind, period, sent_at in book.source.rows("notification_logs", book.settings.workspace_id):
        label, at = clean.text(period), clean.instant(sent_at) or book.now
        if kind == "billing_opened":
            said.opened[label] = min(at, said.opened.get(label, at))
        elif kind == "overdue":
            said.reminded[label] = max(at, said.reminded.get(label, at))
    return said


def bring(book: Book, said: Said) -> dict[str, Month]:
    """Make every month that was billed or opened there; what was open is open, all else stays a draft."""
    found = {}
    wanted = {*book.source.months(book.settings.workspace_id), *said.opened}
    for label in sorted(wanted):
        if not clean.is_month(label):
            if label in said.opened:
                shown = clean.cut(clean.line(label), 40) or "-"
                book.findings.add("chippot.junk_opened", period=shown)
            continue
        found[label] = _bring_one(book, Period(label), said.opened.get(label))
    return found


def _bring_one(book: Book, period: Period, opened_at: str | None) -> Month:
    conn, workspace = book.tx.conn, book.workspace
    if bills.period(conn, workspace.id, period.text) is None:
        bills.draft_period(conn, workspace.id, period.text)
        book.counts["periods"] += 1
    row = bills.period(conn, workspace.id, period.text)
    assert row is not None
    if opened_at is not None and chippot.open_period(conn, row.id, book.actor.text, opened_at):
        book.counts["opened"] += 1
        book.read("opened", (period.text, opened_at))
        chippot.add_sent_notice(conn, {
            "workspace": workspace.id, "key": key_of(workspace, f"opened:{period.text}:1"), "kind": "opened",
            "subject_type": "period", "subject": row.id, "params": "{}", "at": opened_at,
        })  # fmt: skip
    return Month(row.id, str(period.first_day), str(period.last_day), row.status == "closed")


def bring_reminders(book: Book, said: Said) -> None:
    """Record for every unpaid bill that was due by then that its reminder went out."""
    steps = {int(step) for step in json.loads(book.workspace.reminder_days)} | {book.settings.overdue_days}
    for label, at in sorted(said.reminded.items()):
        on = clean.local_day(at, book.workspace.timezone)
        found = chippot.reminded_bills(book.tx.conn, book.workspace.id, book.origin, label, on, at)
        notice_id = found and chippot.add_sent_notice(book.tx.conn, {
            "workspace": book.workspace.id, "key": key_of(book.workspace, f"overdue:chippot:{label}"),
            "kind": "overdue_list", "subject_type": "workspace", "subject": book.workspace.id,
            "params": json.dumps({"bills": found}), "at": at,
        })  # fmt: skip
        if not notice_id:
            continue
        book.read("reminded", (label, at))
        book.counts["reminders"] += len(found)
        past = sorted(step for step in steps if step <= book.settings.overdue_days)
        chippot.add_reminders(
            book.tx.conn, ((bill_id, step, notice_id, at) for bill_id in found for step in past)
        )
