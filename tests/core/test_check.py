"""`check` finds nothing on healthy books, and each of its rules finds exactly its own fault."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from core import payments, reversals, settle
from core.check import CheckReport, run_check
from core.db import LocalDatabase, connect, run_read
from core.models import Member, Payment
from core.store import checks
from tests.core.helpers import everything, problems, waive_bill
from tests.factories import Club
from tests.fakes import START


class Town:
    """Two clubs with a bill and a payment in every state."""

    def __init__(self, db: LocalDatabase) -> None:
        self.club = Club.create(db)
        plan = self.club.plan(price=300)
        self.bank = self.club.method()
        names = ("waiting", "paid", "rich", "rejected", "debtor", "forgiven")
        self.members: dict[str, Member] = {name: self.club.subscriber(plan, name) for name in names}
        self.members["newcomer"] = self.club.linked("newcomer")
        self.club.open()
        self.waiting: Payment = self.club.submit(self.members["waiting"])
        self.paid = self.club.verify(self.club.submit(self.members["paid"], method_id=self.bank.id))
        self.rich = self.club.record(self.members["rich"], 1000)
        self.rejected = self.club.submit(self.members["rejected"])
        db.write(payments.reject, self.club.reviewer, self.rejected.id, "not there")
        forgiven = self.club.bills(self.members["forgiven"])[0]
        db.write(waive_bill, self.club.treasurer, forgiven.id, 100)
        self.other = Club.create(db, number=1, currency="USD")
        stranger = self.other.subscriber(self.other.plan(price=1250))
        self.other.open()
        self.other.verify(self.other.submit(stranger))

    def ids(self) -> dict[str, int]:
        """What the corruptions below may name."""
        owed = {name: self.club.bills(member) for name, member in self.members.items()}
        bills = {f"{name}_bill": found[0].id for name, found in owed.items() if found}
        found = {name: member.id for name, member in self.members.items()}
        return {
            **bills, **found, "waiting_payment": self.waiting.id, "paid_payment": self.paid.id,
            "rich_payment": self.rich.id, "rejected_payment": self.rejected.id, "club": self.club.id,
            "other": self.other.id, "bank": self.bank.id,
        }  # fmt: skip


@pytest.fixture
def town(db: LocalDatabase) -> Town:
    return Town(db)


def unprotected(db: LocalDatabase) -> None:
    """As somebody with an editor for SQLite files might have it: no triggers, no checks, no keys."""
    for (name,) in db.conn.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.conn.execute(f"DROP TRIGGER {name}")
    db.conn.execute("PRAGMA ignore_check_constraints = ON")
    db.conn.execute("PRAGMA foreign_keys = OFF")


ENTRY = """
    INSERT INTO ledger_entries (workspace_id, kind, payment_id, entered_on, entered_by, entered_at)
    VALUES (:club, 'adjust', {payment}, '2026-06-05', 'x', 'x')
"""
POSTING = """
    INSERT INTO ledger_postings (entry_id, account_id, amount_minor)
    SELECT (SELECT max(id) FROM ledger_entries), id, {amount} FROM accounts
    WHERE workspace_id = {workspace} AND kind = '{kind}' {and_owner} ORDER BY id LIMIT 1
"""


def posting(kind: str, amount: int, workspace: str = ":club", and_owner: str = "") -> str:
    return POSTING.format(kind=kind, amount=amount, workspace=workspace, and_owner=and_owner)


# rule -> statements that break it and nothing else. Named parameters are Town.ids().
FAULTS: dict[str, tuple[str, ...]] = {
    "entry_balances": (
        """
        UPDATE ledger_postings SET amount_minor = amount_minor + 1
        WHERE id = (
            SELECT min(ledger_postings.id) FROM ledger_postings JOIN accounts ON accounts.id = account_id
            WHERE kind = 'dues')
        """,
    ),
    "entry_has_postings": (ENTRY.format(payment="NULL"),),
    "entry_in_one_workspace": (
        ENTRY.format(payment="NULL"), posting("dues", 5, ":other"), posting("dues", -5, ":other"),
    ),
    "account_currency": (
        "INSERT INTO accounts (workspace_id, kind, owner_id, currency) VALUES (:club, 'dues', 77, 'EUR')",
    ),
    "bill_is_sum_of_lines": (
        """
        INSERT INTO bill_lines (bill_id, kind, amount_minor, created_by, created_at)
        VALUES (:debtor_bill, 'adjustment', -1, 'x', 'x')
        """,
    ),
    "bill_waived_is_sum": ("UPDATE waivers SET amount_minor = 99 WHERE bill_id = :forgiven_bill",),
    "bill_settled_is_sum": ("UPDATE bills SET settled_minor = 1 WHERE id = :debtor_bill",),
    "bill_not_overallocated": (
        "UPDATE allocations SET amount_minor = 301 WHERE payment_id = :waiting_payment",
        "UPDATE payments SET allocated_minor = 301, declared_minor = 301 WHERE id = :waiting_payment",
    ),
    "bill_status": ("UPDATE bills SET status = 'rejected' WHERE id = :debtor_bill",),
    "bill_claimed_once": (
        "UPDATE allocations SET amount_minor = 200 WHERE payment_id = :waiting_payment",
        "UPDATE payments SET allocated_minor = 200 WHERE id = :waiting_payment",
        """
        INSERT INTO payments (id, workspace_id, member_id, status, recorded, source, declared_minor,
            allocated_minor, request_id, submitted_by, submitted_at)
        VALUES (900, :club, :waiting, 'submitted', 0, 'web', 100, 100, 'second', 'x', 'x')
        """,
        """
        INSERT INTO allocations (payment_id, bill_id, kind, amount_minor, created_at)
        VALUES (900, :waiting_bill, 'claim', 100, 'x')
        """,
    ),
    "bill_of_one_workspace": ("UPDATE bills SET workspace_id = :other WHERE id = :debtor_bill",),
    "bill_of_its_subscription": (
        "UPDATE subscriptions SET member_id = :newcomer WHERE member_id = :debtor",
    ),
    "bill_covers_days_once": (
        """
        INSERT INTO billing_periods (id, workspace_id, period, status, openings)
        VALUES (900, :club, '2026-07', 'open', 1)
        """,
        """
        INSERT INTO bills (workspace_id, member_id, kind, billing_period_id, subscription_id, plan_id, title,
            amount_minor, status, due_on, covers_from, covers_to, created_at)
        SELECT workspace_id, member_id, kind, 900, subscription_id, plan_id, title, 0, 'verified',
            due_on, covers_from, covers_to, created_at FROM bills WHERE id = :debtor_bill
        """,
    ),
    "bill_is_in_the_books": (
        "UPDATE ledger_entries SET bill_id = NULL WHERE bill_id = :debtor_bill",
    ),
    "payment_allocated_is_sum": ("UPDATE payments SET allocated_minor = 299 WHERE id = :rejected_payment",),
    "payment_not_overallocated": (
        "UPDATE payments SET status = 'withdrawn' WHERE id = :waiting_payment",
        "UPDATE bills SET status = 'pending' WHERE id = :waiting_bill",
    ),
    "payment_of_one_workspace": (
        "UPDATE payments SET declared_method_id = NULL, workspace_id = :other WHERE id = :rejected_payment",
    ),
    "payment_is_in_the_books": (
        "UPDATE ledger_entries SET payment_id = :rich_payment WHERE payment_id = :paid_payment",
        # both pots and the member's sums stay right
    ),
    "credit_is_verified_money": (
        "UPDATE allocations SET kind = 'credit' WHERE payment_id = :rejected_payment",
        "UPDATE bills SET status = 'pending' WHERE id = :rejected_bill",
    ),
    "allocation_of_one_member": ("UPDATE payments SET member_id = :debtor WHERE id = :rejected_payment",),
    "receivable_is_owed_minus_paid": (
        ENTRY.format(payment="NULL"), posting("receivable", 5, and_owner="AND owner_id = :debtor"),
        posting("dues", -5),
    ),
    "pot_is_received_minus_refunded": (
        ENTRY.format(payment=":paid_payment"), posting("pot", 5), posting("dues", -5),
    ),
    "successor_counts": (
        """
        UPDATE members SET successor_id = (SELECT min(id) FROM members WHERE workspace_id = :other)
        WHERE id = :newcomer
        """,
    ),
    "proof_of_its_payment": (
        """
        INSERT INTO proofs (workspace_id, payment_id, storage_key, thumbnail_key, sha256, pixels_sha256,
            dhash, size_bytes, width, height, created_at)
        VALUES (:other, :rejected_payment, 'a', 'b', 'c', 'd', 'e', 1, 1, 1, 'x')
        """,
    ),
    "foreign_keys": (
        """
        INSERT INTO link_tokens
            (workspace_id, purpose, token_sha256, member_id, created_by, created_at, expires_at)
        VALUES (:club, 'upload', 'x', 999, 'x', 'x', 'x')
        """,
    ),
    "audit_chain": (
        """UPDATE audit_log SET after_json = replace(after_json, '1000', '9000')
           WHERE id = (SELECT max(id) FROM audit_log WHERE action = 'payment.record')""",
    ),
}  # fmt: skip
ELSEWHERE = {"no_credit_beside_open_bill"}  # needs a use case that forgot its duty; tested below


def test_every_rule_has_a_fault_here() -> None:
    assert FAULTS.keys() | ELSEWHERE == checks.RULES.keys() | {"audit_chain"}


def test_healthy_books_have_no_problem(db: LocalDatabase, town: Town) -> None:
    report = db.read(run_check)
    assert report.problems == ()
    assert report.ok
    assert report.counts["bills"] == 7
    assert report.heads.keys() == {town.club.id, town.other.id}


def test_an_empty_file_has_no_problem(db: LocalDatabase) -> None:
    assert db.read(run_check) == CheckReport(dict.fromkeys(checks.COUNTED, 0), {}, ())


@pytest.mark.parametrize("rule", FAULTS)
def test_each_rule_finds_its_fault_and_no_other_rule_complains(
    db: LocalDatabase, town: Town, rule: str
) -> None:
    ids = town.ids()
    unprotected(db)
    for statement in FAULTS[rule]:
        assert db.conn.execute(statement, ids).rowcount >= 1, statement
    found = problems(db)
    assert {problem.rule for problem in found} == {rule}, found
    for problem in found:
        assert any(row[0] == problem.id for row in everything(db)[problem.table]), "the named row is there"
        assert problem.rule in problem.message
        assert str(problem.id) in problem.message


def test_a_use_case_that_forgets_to_settle_credit_is_found(
    db: LocalDatabase, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "settle_credit", lambda tx, member_id: 0)
    town.club.open("2026-07")
    (problem,) = problems(db)
    assert (problem.rule, problem.id) == ("no_credit_beside_open_bill", town.members["rich"].id)


# --- the audit chain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit_log SET done_by = 'discord:666' WHERE id = :second", 1),
        ("UPDATE audit_log SET done_at = '2020-01-01T00:00:00.000Z' WHERE id = :second", 1),
        ("UPDATE audit_log SET subject_id = subject_id + 1 WHERE id = :second", 1),
        ("UPDATE audit_log SET hash = 'f' || substr(hash, 2) WHERE id = :second", 2),  # and the one after it
        ("DELETE FROM audit_log WHERE id = :second", 1),
        ("DELETE FROM audit_log WHERE id = :first", 1),
    ],
)
def test_an_edited_or_missing_line_breaks_the_chain(
    db: LocalDatabase, town: Town, change: str, broken: int
) -> None:
    mine = "SELECT id FROM audit_log WHERE workspace_id = ? ORDER BY id"
    first, second = (row[0] for row in db.conn.execute(mine, (town.club.id,)).fetchmany(2))
    unprotected(db)
    db.conn.execute(
        change, {key: value for key, value in (("first", first), ("second", second)) if f":{key}" in change}
    )
    found = problems(db)
    assert [problem.rule for problem in found] == ["audit_chain"] * broken


def test_a_line_moved_to_another_club_breaks_a_chain(db: LocalDatabase, town: Town) -> None:
    unprotected(db)
    db.conn.execute(
        """
        UPDATE audit_log SET workspace_id = :other
        WHERE id = (SELECT max(id) FROM audit_log WHERE workspace_id = :club)
        """,
        {"other": town.other.id, "club": town.club.id},
    )
    assert {problem.rule for problem in problems(db)} == {"audit_chain"}


def test_a_cut_tail_leaves_a_whole_chain_but_another_head(db: LocalDatabase, town: Town) -> None:
    before = db.read(run_check).heads
    unprotected(db)
    db.conn.execute("DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log WHERE workspace_id = 1)")
    report = db.read(run_check)
    assert report.ok
    assert report.heads[town.club.id] != before[town.club.id]
    assert report.heads[town.other.id] == before[town.other.id]


# --- on a live file ----------------------------------------------------------------------------------------


def test_check_changes_nothing_and_runs_on_a_read_only_connection(
    db: LocalDatabase, db_path: Path, town: Town
) -> None:
    before = everything(db)
    conn = connect(db_path, read_only=True)
    try:
        assert run_read(conn, START, run_check, (), {}).ok
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            conn.execute("DELETE FROM notices")
    finally:
        conn.close()
    assert everything(db) == before


def test_check_sees_one_moment_while_others_write(db: LocalDatabase, db_path: Path) -> None:
    club = Club.create(db)
    plan = club.plan(price=300)
    members = [club.subscriber(plan) for _ in range(4)]
    club.open()
    stop = threading.Event()
    found: list[CheckReport] = []
    failed: list[BaseException] = []

    def look() -> None:
        conn = connect(db_path, read_only=True)
        try:
            while not stop.is_set():
                found.append(run_read(conn, START, run_check, (), {}))
        except BaseException as exc:
            failed.append(exc)
        finally:
            conn.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for _ in range(6):
            for member in members:
                payment = club.submit(member)
                db.write(payments.withdraw, club.as_member(member), payment.id)
                db.write(reversals.cancel, club.treasurer, club.record(member, 1000).id)
    finally:
        stop.set()
        watcher.join()
    assert not failed
    assert found
    assert all(report.ok for report in found), [report.problems for report in found if not report.ok]
