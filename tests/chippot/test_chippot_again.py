"""Running the import again, beside others, into a club that exists: nothing twice, nothing by halves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core import closing, errors
from core.chippot import Imported, import_chippot, open_source
from core.clock import SystemClock
from core.db import LocalDatabase, connect
from core.models import Actor
from core.period import Period
from tests.chippot.predecessor import GUILD, Predecessor, ordinary
from tests.chippot.steps import assert_sound, bring, codes, details, dump_of, rows
from tests.factories import Club
from tests.fakes import FixedClock

ROOT = Path(__file__).parents[2]
HOME = 700_000


def test_a_second_run_has_nothing_to_do(db: LocalDatabase, tmp_path: Path):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    bring(db, path)
    before = dump_of(db)
    again = bring(db, path)
    assert again.nothing_to_do
    assert again.differences == ()
    assert dump_of(db) == before


def test_the_dump_of_the_same_club_is_the_same_club(db: LocalDatabase, tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    bring(db, there.path)
    assert bring(db, there.dump()).nothing_to_do


def test_what_came_new_since_the_first_run_is_added_and_the_rest_left_alone(
    db: LocalDatabase, tmp_path: Path
):
    there = ordinary(tmp_path / "chippot.sqlite3")
    bring(db, there.path)
    newcomer = there.seat(there.user("新人", "600007"), 1, "2026-05-20")
    there.bill(newcomer, "2026-05", 330)
    there.bill(1, "2026-07", 330)
    there.said("billing_opened", "2026-06", "2026-06-04T01:00:00.000Z")
    again = bring(db, there.file())
    assert {kind: count for kind, count in again.counts.items() if count} == {
        "members": 1, "links": 1, "subscriptions": 1, "bills": 2, "periods": 1, "opened": 1,
    }  # fmt: skip
    assert again.differences == ()
    assert rows(db, "SELECT status FROM billing_periods WHERE period = '2026-06'") == [("open",)]
    assert rows(db, "SELECT count(*) FROM audit_log") == [(2,)]


def test_what_changed_here_since_is_a_difference_and_is_not_undone(db: LocalDatabase, tmp_path: Path):
    from core import payments
    from core.models import PaymentId

    path = ordinary(tmp_path / "chippot.sqlite3").file()
    first = bring(db, path)
    db.write(payments.verify, Actor.operator(first.workspace.id), PaymentId(3))
    again = bring(db, path)
    assert again.nothing_to_do
    assert [(line.period, line.status, line.there_count, line.here_count) for line in again.differences] == [
        ("2026-05", "paid", 2, 0),
        ("2026-05", "verified", 0, 2),
    ]


PLANTED = {
    "an amount": "UPDATE bills SET amount_minor = amount_minor + 1 WHERE id = 8",
    "a state": "UPDATE bills SET status = 'rejected' WHERE id = 7",
    "a month": "UPDATE bills SET billing_period_id = 3 WHERE id = 7",
    "a bill that is forgotten": "DELETE FROM imported_rows WHERE source_table = 'payments' AND source_id = 8",
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_difference_is_found(what: str, db: LocalDatabase, tmp_path: Path):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    bring(db, path)
    db.conn.execute(PLANTED[what])
    with open_source(path) as source:
        again = db.preview(import_chippot, source)
    if what == "a bill that is forgotten":  # it would be billed again, but the subscription has that month
        assert (codes(again), again.counts["charges"]) == (["bill_twice", "pictures_left"], 1)
    else:
        assert len(again.differences) in (1, 2)


def test_another_chippot_is_not_poured_into_the_same_books(db: LocalDatabase, tmp_path: Path):
    bring(db, ordinary(tmp_path / "chippot.sqlite3").file())
    other = Predecessor(tmp_path / "other.sqlite3")
    other.conn.execute("UPDATE workspaces SET created_at = '2024-01-01T00:00:00.000Z'")
    before = dump_of(db)
    with pytest.raises(errors.ChippotOtherSource):
        bring(db, other.file())
    assert dump_of(db) == before


def test_one_chippot_can_fill_two_servers(db: LocalDatabase, tmp_path: Path):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    assert bring(db, path).counts["bills"] == bring(db, path, 4711).counts["bills"] == 8


# --- into a club that is there already ---------------------------------------------------------------------


@pytest.fixture
def home(db: LocalDatabase) -> Club:
    """A club that was set up before; its server is HOME."""
    return Club.create(db)


def test_a_club_that_was_set_up_keeps_its_settings_and_is_filled(
    home: Club, db: LocalDatabase, tmp_path: Path
):
    result = bring(db, ordinary(tmp_path / "chippot.sqlite3").file(), HOME)
    assert not result.is_new_workspace
    assert (result.workspace.name, result.workspace.billing_day) == ("Club 0", 5)
    assert result.workspace.announce_channel_id == 880_002
    assert {finding["name"] for finding in details(result, "setting_kept")} == {
        "billing_day", "reminder_days", "proof_retention_months",
    }  # fmt: skip
    assert result.counts["bills"] == 8


def test_who_and_what_is_there_already_is_used_not_doubled(home: Club, db: LocalDatabase, tmp_path: Path):
    plan, method = home.plan("chatgpt", 300), home.method("line pay", "mobile")
    lin = home.member("Lin by e-mail", email="LIN@example.org")
    wang = home.member("Wang by account", discord_id=600_002)
    home.subscribe(wang, plan)
    result = bring(db, ordinary(tmp_path / "chippot.sqlite3").file(), HOME)
    assert rows(db, "SELECT name, discord_id FROM members ORDER BY id") == [
        ("Lin by e-mail", 600_001),
        ("Wang by account", 600_002),
        ("陳美麗", None),
    ]
    assert [finding["name"] for finding in details(result, "member_matched")] == [lin.name, wang.name]
    assert rows(db, "SELECT name FROM plans ORDER BY id") == [("chatgpt",), ("Claude",)]
    assert rows(db, "SELECT count(*) FROM plan_prices WHERE plan_id = ?", plan.id) == [(1,)]
    assert rows(db, "SELECT id, name FROM methods ORDER BY id") == [(method.id, "line pay"), (2, "銀行轉帳")]
    assert codes(result).count("seat_twice") == 1


def test_a_months_bills_of_both_sides_stand_beside_each_other(home: Club, db: LocalDatabase, tmp_path: Path):
    """What was billed here already stays; credit that somebody has here settles what is open."""
    plan = home.plan("ChatGPT", 300)
    wang = home.member("Wang", discord_id=600_002)
    home.subscribe(wang, plan)
    home.open("2026-05")
    home.record(wang, 5000)
    result = bring(db, ordinary(tmp_path / "chippot.sqlite3").file(), HOME)
    assert len(result.differences) == 2  # Wang's rejected bill of May was settled by his credit
    assert_sound(db)
    assert home.credit(wang) == 5000 - 300 - 330


def test_a_closed_month_takes_no_bills(home: Club, db: LocalDatabase, tmp_path: Path):
    home.open("2026-04")
    db.write(closing.close, home.treasurer, Period("2026-04"))
    before = dump_of(db)
    with pytest.raises(errors.PeriodClosed):
        bring(db, ordinary(tmp_path / "chippot.sqlite3").file(), HOME)
    assert dump_of(db) == before


def test_another_currency_is_refused(db: LocalDatabase, tmp_path: Path):
    Club.create(db, currency="EUR")
    db.conn.execute("UPDATE workspaces SET guild_id = ?", (GUILD,))
    with pytest.raises(errors.ChippotCurrency):
        bring(db, ordinary(tmp_path / "chippot.sqlite3").file())


def test_roles_that_somebody_has_are_not_lowered(home: Club, db: LocalDatabase, tmp_path: Path):
    db.conn.execute("INSERT INTO admins VALUES (1, 880003, 'owner', 'operator', 'x')")
    bring(db, ordinary(tmp_path / "chippot.sqlite3").file(), HOME)
    assert rows(db, "SELECT role FROM admins WHERE discord_id = 880003") == [("owner",)]


# --- at once, and half-way ---------------------------------------------------------------------------------


def test_of_two_runs_at_once_one_brings_over_and_the_other_has_nothing_to_do(db_path: Path, tmp_path: Path):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    results: list[Imported] = []
    together = threading.Barrier(2)

    def run() -> None:
        with open_source(path) as source, LocalDatabase(db_path, SystemClock()) as db:
            together.wait(10)
            results.append(db.write(import_chippot, source))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(result.nothing_to_do for result in results) == [False, True]
    with LocalDatabase(db_path, SystemClock()) as db:
        assert_sound(db)
        assert rows(db, "SELECT count(*) FROM bills") == [(8,)]


KILLED = """
import os, signal, sys
from pathlib import Path
from core.chippot import bills, import_chippot, open_source
from core.clock import SystemClock
from core.db import LocalDatabase
from core.store import chippot

bills.BATCH = 1
written = chippot.write
left = int(sys.argv[3])

def write(conn, batch):
    global left
    conn.execute("PRAGMA cache_size = 4")  # so that what is not committed yet is in the file
    written(conn, batch)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

chippot.write = write
with open_source(Path(sys.argv[1])) as source, LocalDatabase(Path(sys.argv[2]), SystemClock()) as db:
    db.write(import_chippot, source)
"""


@pytest.mark.parametrize("after", [1, 4])
def test_killed_in_the_middle_nothing_is_there_and_the_next_run_does_it_all(
    after: int, db_path: Path, tmp_path: Path
):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(db_path), str(after)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert Path(f"{db_path}-wal").stat().st_size > 0
    conn = connect(db_path)
    assert conn.execute(
        "SELECT (SELECT count(*) FROM workspaces), (SELECT count(*) FROM bills)"
    ).fetchall() == [(0, 0)]
    conn.close()
    with LocalDatabase(db_path, FixedClock()) as db:
        assert bring(db, path).counts["bills"] == 8


def test_an_error_late_in_the_run_leaves_nothing(db: LocalDatabase, tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    there.bill(4, "2027-01", 1, "nonsense")
    before = dump_of(db)
    with pytest.raises(errors.ChippotValueWrong):
        bring(db, there.file())
    assert dump_of(db) == before
