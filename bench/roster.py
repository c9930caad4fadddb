"""Bringing a large roster up to date from a file: the preview and the confirmation together."""

import csv
import io
import shutil
import statistics
from collections.abc import Callable
from pathlib import Path

from bench.clubs import TREASURER, BenchClock, copy_of, make_club, remove
from bench.figures import emit, seconds
from core import billing, roster_import
from core.db import LocalDatabase
from core.period import Period
from core.preview import digest_of

ROWS, KNOWN, PLANS, ROUNDS = 20_000, 10_000, 2, 3
NAMES = ("Ann {}", "王小明 {}", "佐藤健太 {}", "Amélie Dubois, {}")


def roster_import_(folder: Path) -> None:
    """20,000 rows, half of them new people, into a club with an open month; every seat makes a bill."""
    db = make_club(folder / "roster.sqlite3", members=KNOWN, plans=PLANS)
    db.write(billing.open_period, TREASURER, Period("2026-06"))
    source = copy_of(db, folder / "roster-source.sqlite3")
    db.close()
    data = _file()
    took, complete = [], True
    for _ in range(ROUNDS):
        with LocalDatabase(_fresh(source), BenchClock()) as local:
            took.append(seconds(lambda: _import(local, data)))
            complete &= _count(local, "members") == ROWS and _count(local, "bills") > KNOWN * PLANS
    emit("roster_import", "s", statistics.median(took), target=10, op="<=", holds=complete)


def _fresh(source: Path) -> Path:
    path = source.with_name("roster-round.sqlite3")
    remove(path)
    shutil.copyfile(source, path)
    return path


def _import(db: LocalDatabase, data: bytes) -> None:
    preview = db.preview(roster_import.import_roster, TREASURER, data)
    db.confirm(digest_of(preview), roster_import.import_roster, TREASURER, data)


def _file() -> bytes:
    """As a form service exports it; every fifth known member pauses, their other cells are blank."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["Timestamp", "E-mail", "Name", "Consent", *(f"Plan {n}" for n in range(1, PLANS + 1))])
    for number in range(1, ROWS + 1):
        name = NAMES[number % len(NAMES)].format(number)
        cells = ["TRUE", "TRUE"] if number > KNOWN else ["FALSE" if number % 5 == 0 else "", ""]
        rows.writerow([f"2026/6/1 09:{number % 60:02}", f"m{number}@example.org", name, "yes", *cells])
    return text.getvalue().encode()


def _count(db: LocalDatabase, table: str) -> int:
    return int(db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


ALL: dict[str, Callable[[Path], None]] = {"roster_import": roster_import_}
