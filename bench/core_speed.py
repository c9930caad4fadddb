"""What the core costs: against bare sqlite3 doing the same work, or in milliseconds at a million bills."""

import asyncio
import shutil
import sqlite3
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.clubs import (
    TREASURER,
    BenchClock,
    add_history,
    bare,
    copy_of,
    make_club,
    member_actor,
    remove,
)  # fmt: skip
from bench.figures import emit, median_seconds, seconds
from core import billing, payments, reports
from core.db import Database, LocalDatabase
from core.models import BillId, PaymentId
from core.period import Period

ROUNDS = 5
SUBMISSIONS = 400
BIG_CLUB = 100_000


class RecordingConnection(sqlite3.Connection):
    """Notes every statement with its parameters, so that a bare program can issue the same ones."""

    log: list[tuple[str, Any]]

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self.log.append((sql, parameters))
        return super().execute(sql, parameters)


def submit(folder: Path) -> None:
    """Durable submissions per second against a bare program issuing the same statements."""
    template = folder / "submit.sqlite3"
    db = make_club(template, members=SUBMISSIONS, plans=2)
    db.write(billing.open_period, TREASURER, Period("2026-06"))
    source = copy_of(db, folder / "submit-source.sqlite3")
    db.close()
    log = _recorded(source, folder)
    core, plain = [], []
    for _ in range(ROUNDS):
        core.append(SUBMISSIONS / asyncio.run(_submit_all(_fresh(source, folder))))
        plain.append(SUBMISSIONS / _replay(_fresh(source, folder), log))
    value, baseline = statistics.median(core), statistics.median(plain)
    emit(
        "submit",
        "submissions/s",
        value,
        baseline=baseline,
        ratio=value / baseline,
        target=0.5,
        op=">=",
        of="ratio",
    )


def open_period(folder: Path) -> None:
    """Opening a month for 100,000 subscriptions against bare INSERT … SELECT of the same rows."""
    db = make_club(folder / "open.sqlite3", members=BIG_CLUB // 2, plans=2)
    source = copy_of(db, folder / "open-source.sqlite3")
    db.close()
    core, plain = [], []
    for _ in range(3):
        done = _fresh(source, folder, "open-done.sqlite3")
        local = LocalDatabase(done, BenchClock())
        core.append(seconds(lambda: local.write(billing.open_period, TREASURER, Period("2026-06"))))  # noqa: B023
        local.close()
        plain.append(_bare_insert(_fresh(source, folder, "open-bare.sqlite3"), done))
    value, baseline = statistics.median(core), statistics.median(plain)
    emit("open_period", "s", value, baseline=baseline, ratio=value / baseline, target=2, op="<=", of="ratio")


def verify(folder: Path) -> None:
    """A thousand verifications one by one."""
    db = make_club(folder / "verify.sqlite3", members=1000, plans=2)
    db.write(billing.open_period, TREASURER, Period("2026-06"))
    waiting = [_submit_one(db, number) for number in range(1, 1001)]
    took = [seconds(lambda: db.write(payments.verify, TREASURER, payment)) for payment in waiting]  # noqa: B023
    db.close()
    emit("verify", "ms", statistics.median(took) * 1000)


def million(folder: Path) -> None:
    """What members and reviewers look at most, with a million bills in the file."""
    db = make_club(folder / "million.sqlite3", members=13_900, plans=2)
    add_history(db, 36, unpaid=2)
    for number in range(1, 301):
        _submit_one(db, number * 40)
    numbers = iter(range(1, 13_000, 37))
    mine = median_seconds(lambda: db.read(reports.statement, member_actor(next(numbers))), 200)
    emit("my_bills", "ms", mine * 1000, target=10, op="<=")
    after = iter(range(0, 10**9, 1))
    queue = median_seconds(lambda: db.read(reports.next_waiting, TREASURER, next(after)), 200)
    emit("review_queue", "ms", queue * 1000, target=10, op="<=")
    db.close()


def _submit_one(db: LocalDatabase, number: int) -> PaymentId:
    actor = member_actor(number)
    form = db.read(reports.pay_form, actor)
    chosen = [bill.id for group in form.groups for bill in group.bills]
    result = db.write(
        payments.submit, actor, chosen, request_id=f"bench-{number}", method_id=form.methods[0].id
    )
    return result.payment.id


def _chosen(number: int) -> Sequence[BillId]:
    return [BillId(2 * number - 1), BillId(2 * number)]


async def _submit_all(path: Path) -> float:
    async with Database(path, BenchClock()) as db:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in range(1, SUBMISSIONS + 1):
            await db.write(
                payments.submit, member_actor(number), _chosen(number), request_id=f"bench-{number}",
                method_id=1,
            )  # type: ignore[arg-type]  # fmt: skip
        return loop.time() - start


def _recorded(source: Path, folder: Path) -> list[tuple[str, Any]]:
    path = _fresh(source, folder)
    db = LocalDatabase(path, BenchClock())
    db.conn.close()
    conn = sqlite3.connect(path, isolation_level=None, factory=RecordingConnection)
    conn.log = log = []
    db.conn = conn
    for number in range(1, SUBMISSIONS + 1):
        db.write(
            payments.submit, member_actor(number), _chosen(number), request_id=f"bench-{number}", method_id=1,
        )  # type: ignore[arg-type]  # fmt: skip
    db.close()
    return log


def _replay(path: Path, log: list[tuple[str, Any]]) -> float:
    conn = bare(path)

    def work() -> None:
        for sql, parameters in log:
            conn.execute(sql, parameters).fetchall()

    took = seconds(work)
    conn.close()
    return took


def _bare_insert(path: Path, done: Path) -> float:
    """Insert the rows that the core made into an untouched copy: same tables, indexes and triggers."""
    conn = bare(path)
    conn.execute("ATTACH ? AS done", (str(done),))
    tables = ("billing_periods", "bills", "bill_lines", "accounts", "ledger_entries", "ledger_postings",
              "audit_log", "notices")  # fmt: skip

    def work() -> None:
        conn.execute("BEGIN IMMEDIATE")
        for table in tables:
            conn.execute(f"INSERT INTO main.{table} SELECT * FROM done.{table}")
        conn.execute("COMMIT")

    took = seconds(work)
    conn.close()
    return took


def _fresh(source: Path, folder: Path, name: str = "round.sqlite3") -> Path:
    path = folder / name
    remove(path)
    shutil.copyfile(source, path)
    return path


ALL: dict[str, Callable[[Path], None]] = {
    "submit": submit, "open_period": open_period, "verify": verify, "my_bills": million, "review_queue": million,
}  # fmt: skip
