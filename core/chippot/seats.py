"""Subscriptions: running, paused and cancelled ones, and those that somebody holds twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.chippot import clean
from core.chippot.book import Book
from core.period import Period
from core.store import chippot
from core.store import members as member_rows

ACTIVE, PAUSED, CANCELLED = "active", "paused", "cancelled"
_ORDER = {ACTIVE: 0, PAUSED: 1}


@dataclass(frozen=True, slots=True)
class _Row:
    """A subscription as it is there."""

    id: int
    user_id: Any
    plan_id: Any
    starts_on: date
    billing_day: int | None
    status: str
    changed_on: date
    created_at: str


def bring(book: Book, members: Mapping[int, int], plans: Mapping[int, int]) -> None:
    """Bring over subscriptions.

    Of several that run for one member and plan only the first stays: the others end with the last month that
    they were billed for, so that nobody is billed twice from now on, and keep their bills.
    """
    known = book.known("subscriptions")
    billed = book.source.seat_periods(book.settings.workspace_id)
    rows = [
        _read(book, row, billed.get(row[0]))
        for row in book.source.rows("subscriptions", book.settings.workspace_id)
        if row[0] not in known and _has_owner(book, row, members, plans)
    ]
    held = chippot.held(book.tx.conn, book.workspace.id)
    new, pauses, ids = [], [], []
    for row in sorted(rows, key=lambda row: (_ORDER.get(row.status, 2), row.id)):
        ours, member, plan = book.next_id("subscriptions"), members[row.user_id], plans[row.plan_id]
        ends_on = paused_from = None
        if row.status != CANCELLED and (member, plan) in held:
            ends_on = _stop(row, billed.get(row.id), book.today) - timedelta(days=1)
            whose = member_rows.current(book.tx.conn, book.workspace.id, member)
            assert whose is not None
            book.findings.add(
                "chippot.seat_twice", seat=row.id, member=str(row.user_id), name=whose.name, ends=str(ends_on)
            )
        elif row.status == CANCELLED:
            ends_on = _stop(row, billed.get(row.id), row.changed_on) - timedelta(days=1)
        else:
            held.add((member, plan))
        if row.status == PAUSED and ends_on is None:
            paused_from = _stop(row, billed.get(row.id), row.changed_on)
            pauses.append((ours, str(paused_from), book.actor.text, book.now))
        new.append((ours, book.workspace.id, member, plan, str(row.starts_on), ends_on and str(ends_on),
                    row.billing_day, row.created_at))  # fmt: skip
        ids.append((row.id, ours))
    chippot.add_subscriptions(book.tx.conn, new)
    chippot.add_pauses(book.tx.conn, pauses)
    book.remember("subscriptions", "subscriptions", ids)
    book.counts["subscriptions"] += len(new)
    book.counts["pauses"] += len(pauses)


def _has_owner(
    book: Book, row: tuple[Any, ...], members: Mapping[int, int], plans: Mapping[int, int]
) -> bool:
    """Whether its member and plan came over; without them nobody can say whose it is."""
    if row[2] in members and row[3] in plans:
        return True
    book.findings.add("chippot.seat_without_owner", seat=row[0], member=str(row[2]), plan=str(row[3]))
    return False


def _read(book: Book, row: tuple[Any, ...], billed: tuple[str, str] | None) -> _Row:
    book.read("subscription", row)
    theirs, _, user_id, plan_id, start, billing_day, custom, status, created_at, updated_at = row
    created = clean.instant(created_at) or book.now
    changed = clean.first_instant(updated_at, created_at) or book.now
    if status not in (ACTIVE, PAUSED, CANCELLED):
        book.findings.add("chippot.seat_status", seat=theirs, value=clean.cut(clean.line(status), 40) or "-")
        status = PAUSED
    starts_on = clean.day(start)
    if starts_on is None:
        first = Period(billed[0]).first_day if billed else None
        starts_on = first or date.fromisoformat(clean.local_day(created, book.workspace.timezone))
        shown = clean.cut(clean.line(start), 40) or "-"
        book.findings.add("chippot.seat_start", seat=theirs, value=shown, used=str(starts_on))
    own_day = clean.number(billing_day, 1, 28) if custom else None
    changed_on = date.fromisoformat(clean.local_day(changed, book.workspace.timezone))
    return _Row(theirs, user_id, plan_id, starts_on, own_day, status, min(changed_on, book.today), created)


def _stop(row: _Row, billed: tuple[str, str] | None, on: date) -> date:
    """The first day on which it is not active, when it was stopped on `on`.

    A month that it was not billed for is not to be billed now: then it stopped before that month began.
    """
    month = Period.of(on)
    if billed is None:
        first = month.first_day
    elif billed[1] >= month.text:
        first = on
    else:
        first = Period(billed[1]).next().first_day
    return max(first, row.starts_on)
