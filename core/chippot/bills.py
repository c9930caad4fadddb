"""Every bill with its state: as a bill, its lines and its entry in the books, and the payment behind it.

Bills arrive in the order in which they were settled together, so that one submission for several bills
becomes one payment again. All of it is written in batches of bounded size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from core import errors
from core.chippot import clean
from core.chippot.book import Book
from core.chippot.months import Month
from core.chippot.offers import Price, wrong
from core.payments import NOTE_CHARACTERS
from core.period import Period
from core.store import bills as bill_rows
from core.store import chippot, ledger, plans
from core.store.chippot import Batch
from core.store.chippot_source import BillRow

BATCH = 5000
STATUSES = ("pending", "paid", "verified", "rejected")
# What was settled by the member, as opposed to written down by an admin.
BY_MEMBER = ("user", "user_slash", "user_web")
TITLE_CHARACTERS = 100
_PAYMENT_STATUS = {
    "pending": "withdrawn",
    "paid": "submitted",
    "verified": "verified",
    "rejected": "rejected",
}


@dataclass(slots=True)
class Seat:
    """A subscription here, with the accounts of its member and its plan."""

    id: int
    member_id: int
    plan_id: int
    title: str
    payer: str
    receivable: int
    dues: int


@dataclass(slots=True)
class Claim:
    """One payment in the making: what was settled together there."""

    key: tuple[Any, ...]
    payment_id: int
    seat: Seat
    row: BillRow
    status: str
    submitted_at: str
    decided_at: str
    total: int = 0
    notes: list[str] = field(default_factory=list)


class Writer:
    """Turns rows of theirs into rows of ours."""

    def __init__(self, book: Book, methods: Mapping[int, int], months: Mapping[str, Month]) -> None:
        self.book = book
        self.methods = methods
        self.months = months
        self.seats = _seats(book)
        self.known = chippot.known_bills(book.tx.conn, book.workspace.id, book.origin)
        self.batch = Batch()
        self.claim: Claim | None = None
        self.block: tuple[Any, Any] = (None, None)
        self.in_block: set[int] = set()
        self.opening = ledger.account(book.tx.conn, book.workspace.id, "opening", 0, book.workspace.currency)
        self.price = lru_cache(maxsize=65536)(self._price)
        self.adjusted = book.word("chippot.amount_there")

    def take(self, row: BillRow) -> None:
        """Bring one bill over."""
        seat = self.seats.get(row.subscription_id)
        minor, status = _judge(row)
        if seat is None:
            self.book.findings.add(
                "chippot.bill_without_owner", bill=row.id, period=clean.cut(clean.line(row.period), 40) or "-"
            )
            return
        self.book.read("bill", row)
        claim = self._claim_of(row, seat, minor, status)
        bill_id = self.book.next_id("bills")
        self._bill(row, seat, bill_id, minor, status, claim)
        if claim is not None:
            claim.total += minor
            released = claim.decided_at if claim.status == "withdrawn" else None
            self.batch.allocations.append((claim.payment_id, bill_id, minor, claim.submitted_at, released))
        self.batch.imported.append(
            (self.book.workspace.id, self.book.origin, "payments", row.id, "bills", bill_id)
        )

    def flush(self) -> None:
        """Write what is gathered; a payment whose bills are not all there yet is finished first."""
        self._finish_claim()
        self.book.counts["payments"] += len(self.batch.payments)
        self.book.counts["bills"] += len(self.batch.bills)
        chippot.write(self.book.tx.conn, self.batch)
        self.batch = Batch()

    # --- the bill -------------------------------------------------------------------------------------

    def _bill(
        self, row: BillRow, seat: Seat, bill_id: int, minor: int, status: str, claim: Claim | None
    ) -> None:
        book, now = self.book, self.book.now
        created_at = clean.first_instant(row.created_at, row.submitted_at) or now
        created_on = clean.local_day(created_at, book.workspace.timezone)
        label = row.period
        month = self.months.get(label)
        due_on = self._due(row, label, month, created_on)
        is_plan, title = self._kind(row, seat, label, month)
        if month is None:
            first = last = due_on
        else:
            first, last = month.first_day, month.last_day
        self.batch.bills.append((
            bill_id, book.workspace.id, seat.member_id, "plan" if is_plan else "charge",
            month and month.period_id, seat.id if is_plan else None, seat.plan_id, title, minor,
            minor if status == "verified" else 0, status, due_on, first, last, created_at,
        ))  # fmt: skip
        self._lines(row, seat, bill_id, minor, label if is_plan else "", claim)
        if minor:
            entry = book.next_id("ledger_entries")
            self.batch.entries.append(
                (entry, book.workspace.id, "issue", bill_id, None, created_on, book.actor.text, now)
            )
            self.batch.postings += ((entry, seat.receivable, minor), (entry, seat.dues, -minor))

    def _kind(self, row: BillRow, seat: Seat, label: str, month: Month | None) -> tuple[bool, str]:
        """Whether it is the plan's bill for a month, or else a charge, which has to say what it is for."""
        if month is None:
            return False, self._charge("chippot.junk_period", row, seat, label, label)
        if month.is_closed:
            raise errors.PeriodClosed(period=Period(label))
        taken = seat.id in self.in_block
        self.in_block.add(seat.id)
        if not taken and not self.book.is_new_workspace:
            first, last = Period(label).first_day, Period(label).last_day
            taken = bill_rows.covering(self.book.tx.conn, seat.id, first, last) is not None
        if taken:
            return False, self._charge("chippot.bill_twice", row, seat, label, f"{label} (2)")
        return True, seat.title

    def _charge(self, finding: str, row: BillRow, seat: Seat, label: str, what: str) -> str:
        """Tell that a bill became a one-off charge; returns how the charge is called."""
        shown = clean.cut(clean.line(label), 40) or "-"
        title = clean.cut(f"{seat.title} · {clean.cut(clean.line(what), 40) or '-'}", TITLE_CHARACTERS)
        self.book.findings.add(finding, bill=row.id, period=shown, title=title)
        self.book.counts["charges"] += 1
        return title

    def _due(self, row: BillRow, label: str, month: Month | None, created_on: str) -> str:
        if (due := clean.day(row.due_date)) is not None:
            return str(due)
        fallback = created_on if month is None else str(Period(label).day(self.book.settings.billing_day))
        shown = clean.cut(clean.line(row.due_date), 40) or "-"
        self.book.findings.add("chippot.due_unreadable", bill=row.id, value=shown, used=fallback)
        return fallback

    def _lines(
        self, row: BillRow, seat: Seat, bill_id: int, minor: int, month: str, claim: Claim | None
    ) -> None:
        """Why the bill is what it is. A note that has no payment, or is too long for it, is kept here."""
        by, now = self.book.actor.text, self.book.now
        note = clean.text(row.note) if row.note else ""
        if claim is not None and len(note) <= NOTE_CHARACTERS:
            note = ""
        price = self.price(seat.plan_id, month) if month else None
        if price is None:
            self.batch.lines.append((bill_id, "price" if month else "charge", minor, None, note, by, now))
            return
        self.batch.lines.append((bill_id, "price", price.minor, price.id, note, by, now))
        if price.minor != minor:
            self.batch.lines.append(
                (bill_id, "adjustment", minor - price.minor, None, self.adjusted, by, now)
            )

    def _price(self, plan_id: int, month: str) -> Price | None:
        found = plans.price_at(self.book.tx.conn, plan_id, month)
        return Price(found.id, found.amount_minor) if found else None

    # --- the payment behind it ------------------------------------------------------------------------

    def _claim_of(self, row: BillRow, seat: Seat, minor: int, status: str) -> Claim | None:
        """The payment that this bill belongs to, begun if it is another than the last one; None without one.

        A pending bill has one when something was submitted for it before its verification was taken back.
        """
        if row[2:4] != self.block:  # member and month
            self.block = row[2:4]
            self.in_block.clear()
        declared = row.paid_at or row.screenshot_key or row.declared_id
        if not minor or (status == "pending" and not declared):
            self._finish_claim()
            self._flush_if_full()
            return None
        key = (
            seat.member_id, row.period, row.paid_at or row.id, row.screenshot_key, status,
            row.source in BY_MEMBER, row.declared_id, row.confirmed_id, row.verified_by, row.reason,
        )  # fmt: skip
        if self.claim is None or self.claim.key != key:
            self._finish_claim()
            self._flush_if_full()
            self.claim = self._begin_claim(key, row, seat, status)
        if row.note and (note := clean.text(row.note)) and note not in self.claim.notes:
            self.claim.notes.append(note)
        if status == "verified" and (verified_at := clean.instant(row.verified_at)):
            self.claim.decided_at = max(self.claim.decided_at, verified_at)
        return self.claim

    def _flush_if_full(self) -> None:
        if len(self.batch.bills) >= BATCH:
            self.flush()

    def _begin_claim(self, key: tuple[Any, ...], row: BillRow, seat: Seat, status: str) -> Claim:
        now = self.book.now
        submitted = clean.first_instant(row.paid_at, row.submitted_at, row.verified_at, row.created_at) or now
        decided = (
            clean.first_instant(row.verified_at, row.paid_at, row.updated_at)
            if status == "verified"
            else clean.instant(row.updated_at)
        ) or now
        payment_id = self.book.next_id("payments")
        return Claim(key, payment_id, seat, row, _PAYMENT_STATUS[status], submitted, decided)

    def _finish_claim(self) -> None:
        claim, self.claim = self.claim, None
        if claim is None:
            return
        book, row = self.book, claim.row
        is_verified, waits = claim.status == "verified", claim.status == "submitted"
        recorded = is_verified and (row.source not in BY_MEMBER or not row.paid_at)
        note = "\n".join(claim.notes)
        if len(note) > NOTE_CHARACTERS:
            book.findings.add("chippot.note_cut", bill=row.id, limit=NOTE_CHARACTERS)
        reason = clean.cut(clean.text(row.reason), NOTE_CHARACTERS) or book.word("chippot.no_reason")
        by_member = row.source in BY_MEMBER
        received_on = clean.local_day(claim.submitted_at, book.workspace.timezone) if is_verified else None
        self.batch.payments.append((
            claim.payment_id, book.workspace.id, claim.seat.member_id, claim.status, int(recorded),
            "opening" if is_verified else "pot", claim.total, claim.total if is_verified else None,
            0 if claim.status == "withdrawn" else claim.total, self._method(row.declared_id, row.id),
            self._method(row.confirmed_id, row.id) if is_verified else None, clean.cut(note, NOTE_CHARACTERS),
            reason if claim.status == "rejected" else "", f"chippot:{book.workspace.id}:{row.id}",
            claim.seat.payer if by_member else _who(row.verified_by), claim.submitted_at,
            None if waits else _who(row.verified_by), None if waits else claim.decided_at, received_on,
        ))  # fmt: skip
        if is_verified:
            entry = book.next_id("ledger_entries")
            kind = "record" if recorded else "verify"
            self.batch.entries.append((
                entry, book.workspace.id, kind, None, claim.payment_id, received_on, book.actor.text,
                book.now,
            ))  # fmt: skip
            self.batch.postings += (
                (entry, self.opening, claim.total), (entry, claim.seat.receivable, -claim.total),
            )  # fmt: skip

    def _method(self, theirs: Any, bill: int) -> int | None:
        if theirs is None:
            return None
        found = self.methods.get(theirs)
        if found is None:
            self.book.findings.add("chippot.method_gone", bill=bill, method=clean.cut(clean.line(theirs), 40))
        return found


def bring(book: Book, methods: Mapping[int, int], months: Mapping[str, Month]) -> None:
    """Bring over every bill that is not here yet. Raises ChippotValueWrong, PeriodClosed."""
    writer, notes = Writer(book, methods, months), _SideNotes(book, months)
    for row in book.source.bills(book.settings.workspace_id):
        notes.take(row)
        if row.id not in writer.known:
            writer.take(row)
    writer.flush()
    notes.flush()


class _SideNotes:
    """Keeps of every bill, new or not, what is asked for later: a junk month, the key of a picture."""

    def __init__(self, book: Book, months: Mapping[str, Month]) -> None:
        self.conn = book.tx.conn
        self.months = months
        self.labels: list[tuple[int, str]] = []
        self.pictures: list[tuple[int, str]] = []

    def take(self, row: BillRow) -> None:
        if row.screenshot_key:
            self.pictures.append((row.id, clean.text(row.screenshot_key)))
        if row.period not in self.months:
            self.labels.append((row.id, row.period))
        if len(self.pictures) >= BATCH or len(self.labels) >= BATCH:
            self.flush()

    def flush(self) -> None:
        chippot.add_labels(self.conn, self.labels)
        chippot.add_pictures(self.conn, self.pictures)
        self.labels, self.pictures = [], []


def _judge(row: BillRow) -> tuple[int, str]:
    """The amount in minor units and the status; a bill of nothing has nothing to wait for."""
    minor = clean.amount(row.amount)
    if minor is None:
        raise wrong("payments", row.id, "amount", row.amount)
    if row.status not in STATUSES:
        raise wrong("payments", row.id, "status", row.status)
    return minor, row.status if minor else "verified"


@lru_cache(maxsize=4096)
def _who(name: Any) -> str:
    """A reviewer as *_by columns name people: an account, the system, or an address known only there."""
    text = clean.cut(clean.line(name), 200)
    if text.startswith("discord:") and clean.discord_id(text.removeprefix("discord:")):
        return text
    if not text:
        return "operator"
    return "system" if text == "system" else f"chippot:{text}"


def _seats(book: Book) -> dict[Any, Seat]:
    """Every subscription that came over, by their id."""
    conn, workspace = book.tx.conn, book.workspace

    @cache
    def account(kind: str, owner: int) -> int:
        return ledger.account(conn, workspace.id, kind, owner, workspace.currency)

    found: dict[Any, Seat] = {}
    for row in chippot.seats(conn, workspace.id, book.origin):
        payer = f"discord:{row.discord_id}" if row.discord_id else "operator"
        found[row.source_id] = Seat(
            row.subscription_id, row.member_id, row.plan_id, row.plan_name, payer,
            account("receivable", row.member_id), account("dues", row.plan_id),
        )  # fmt: skip
    return found
