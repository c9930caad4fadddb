"""What is done to a whole month at once: bringing it into line, taking it back, reminding everybody."""

import shutil
import statistics
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.clubs import TREASURER, BenchClock, bare, copy_of, make_club, remove
from bench.figures import emit, seconds
from core import billing, reminders, resync
from core.db import LocalDatabase
from core.period import Period

JUNE = Period("2026-06")
BILLS, PLANS, DEBTORS, ROUNDS = 100_000, 2, 10_000, 3
LATE = date(2026, 6, 20)


def resync_(folder: Path) -> None:
    """100,000 pending bills, all of which a new price changes; against a bare UPDATE of the same rows."""
    source = _open_month(folder, BILLS, new_price=True)
    took, complete = _measured(source, lambda db: db.write(resync.resync, TREASURER, JUNE), _all_repriced)
    plain = _bare(source, _UPDATE)
    emit("resync", "s", took, baseline=plain, ratio=took / plain, holds=complete)


def retract(folder: Path) -> None:
    """Taking back a month of 100,000 pending bills; against a bare UPDATE of the same rows."""
    source = _open_month(folder, BILLS)
    took, complete = _measured(source, lambda db: db.write(resync.retract, TREASURER, JUNE), _all_void)
    plain = _bare(source, _VOID)
    emit("retract", "s", took, baseline=plain, ratio=took / plain, holds=complete)


def reminder_run(folder: Path) -> None:
    """The daily run for 10,000 members who are overdue, each of whom gets a private message in the outbox."""
    source = _open_month(folder, DEBTORS * PLANS)
    with LocalDatabase(source, BenchClock()) as db:
        db.conn.execute("UPDATE workspaces SET reminder_mode = 'private'")
    took, complete = _measured(source, lambda db: db.write(reminders.run, TREASURER, LATE), _all_reminded)
    emit("reminder_run", "s", took, holds=complete)


def _open_month(folder: Path, bills: int, *, new_price: bool = False) -> Path:
    """A club with June open for so many subscriptions; with a new price its bills are not what they would be."""
    db = make_club(folder / "month.sqlite3", members=bills // PLANS, plans=PLANS)
    db.write(billing.open_period, TREASURER, JUNE)
    if new_price:
        db.conn.execute("UPDATE plan_prices SET amount_minor = amount_minor + 10")
    source = copy_of(db, folder / "month-source.sqlite3")
    db.close()
    return source


def _measured(
    source: Path, work: Callable[[LocalDatabase], object], is_complete: Callable[[LocalDatabase], bool]
) -> tuple[float, bool]:
    """Median seconds on fresh copies, and whether each did all of it."""
    took, complete = [], True
    for _ in range(ROUNDS):
        with LocalDatabase(_fresh(source), BenchClock()) as db:
            took.append(seconds(lambda: work(db)))
            complete &= is_complete(db)
    return statistics.median(took), complete


def _bare(source: Path, statements: tuple[str, ...]) -> float:
    """Median seconds of the bare statements: the same rows written, without deciding or checking anything."""
    took = []
    for _ in range(ROUNDS):
        conn = bare(_fresh(source))

        def work() -> None:
            conn.execute("BEGIN IMMEDIATE")  # noqa: B023 - called at once
            for statement in statements:
                conn.execute(statement)  # noqa: B023 - called at once
            conn.execute("COMMIT")  # noqa: B023 - called at once

        took.append(seconds(work))
        conn.close()
    return statistics.median(took)


def _fresh(source: Path) -> Path:
    path = source.with_name("month-round.sqlite3")
    remove(path)
    shutil.copyfile(source, path)
    return path


def _count(db: LocalDatabase, where: str) -> int:
    return int(db.conn.execute(f"SELECT count(*) FROM {where}").fetchone()[0])


def _all_repriced(db: LocalDatabase) -> bool:
    return _count(db, "bill_lines WHERE kind = 'reprice'") == BILLS


def _all_void(db: LocalDatabase) -> bool:
    return _count(db, "bills WHERE status = 'void'") == BILLS


def _all_reminded(db: LocalDatabase) -> bool:
    return _count(db, "notices WHERE kind = 'overdue'") == DEBTORS


# An entry of two postings for each bill that changes, beside the bill's own row.
_ENTRIES = """
    INSERT INTO ledger_entries (id, workspace_id, kind, bill_id, entered_on, entered_by, entered_at)
    SELECT (SELECT max(id) FROM ledger_entries) + id, 1, 'void', id, '2026-06-05', 'system', '2026-06-05' FROM bills
"""
_POSTINGS = """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT new.id, account_id, -amount_minor FROM ledger_entries AS new
        JOIN ledger_entries AS old ON old.bill_id = new.bill_id AND old.kind = 'issue'
        JOIN ledger_postings ON entry_id = old.id
    WHERE new.kind = 'void'
"""
_VOID = ("UPDATE bills SET status = 'void'", _ENTRIES, _POSTINGS)
_UPDATE = (
    "UPDATE bills SET amount_minor = amount_minor + 10",
    """
    INSERT INTO bill_lines (bill_id, kind, amount_minor, reason, created_by, created_at)
    SELECT id, 'adjustment', 10, 'price', 'system', '2026-06-05' FROM bills
    """,
    _ENTRIES,
    _POSTINGS,
)

ALL: dict[str, Callable[[Path], None]] = {
    "resync": resync_, "retract": retract, "reminder_run": reminder_run,
}  # fmt: skip
