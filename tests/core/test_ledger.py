"""Double entry: every movement balances, corrections reverse, nothing is edited."""

from __future__ import annotations

import pytest

from core import ledger, reversals
from core.db import LocalDatabase, Tx
from core.ledger import Leg
from core.store import ledger as rows
from tests.core.helpers import assert_clean, balance, count, entries
from tests.factories import Club


def every_entry(club: Club) -> list[tuple[str, tuple[tuple[str, int, int], ...]]]:
    """(kind, ((account kind, owner, amount), …)) of each entry in order."""
    found = club.db.conn.execute(
        """
        SELECT entry_id, ledger_entries.kind, accounts.kind, owner_id, amount_minor
        FROM ledger_postings JOIN accounts ON accounts.id = account_id
            JOIN ledger_entries ON ledger_entries.id = entry_id
        WHERE ledger_entries.workspace_id = ? ORDER BY ledger_postings.id
        """,
        (club.id,),
    ).fetchall()
    by_entry: dict[int, tuple[str, list[tuple[str, int, int]]]] = {}
    for entry, kind, *leg in found:
        by_entry.setdefault(entry, (kind, []))[1].append((leg[0], leg[1], leg[2]))
    return [(kind, tuple(legs)) for _, (kind, legs) in sorted(by_entry.items())]


def test_a_month_is_posted_as_the_design_says(club: Club, db: LocalDatabase) -> None:
    plan, bank = club.plan(price=300), club.method()
    member = club.subscriber(plan)
    club.open()
    payment = club.verify(club.submit(member, method_id=bank.id), 350)
    db.write(reversals.refund, club.treasurer, payment.id, club.money(50))
    receivable, pot = ("receivable", member.id), ("pot", bank.id)
    assert every_entry(club) == [
        ("issue", ((*receivable, 300), ("dues", plan.id, -300))),
        ("verify", ((*pot, 350), (*receivable, -350))),
        ("refund", ((*receivable, 50), (*pot, -50))),
    ]
    db.write(reversals.unverify, club.treasurer, payment.id)
    assert every_entry(club)[3:] == [
        ("unverify", ((*pot, -350), (*receivable, 350))),
        ("unverify", ((*receivable, -50), (*pot, 50))),
    ]


def test_money_without_a_stated_method_goes_into_a_pot_of_its_own(club: Club) -> None:
    club.record(club.linked(), 70)
    assert balance(club, "pot", 0) == 70


def test_each_reversal_names_what_it_reverses_and_nothing_is_reversed_twice(
    club: Club, db: LocalDatabase
) -> None:
    member = club.subscriber(club.plan(price=300))
    club.open()
    payment = club.submit(member)
    for _ in range(3):
        club.verify(payment)
        db.write(reversals.unverify, club.treasurer, payment.id)
    pairs = db.conn.execute(
        "SELECT reverses_id, kind FROM ledger_entries WHERE payment_id = ? ORDER BY id", (payment.id,)
    ).fetchall()
    verifies = [n for n, (_, kind) in enumerate(pairs) if kind == "verify"]
    assert len(verifies) == 3
    assert len({reversed_id for reversed_id, kind in pairs if kind == "unverify"}) == 3
    assert balance(club, "pot") == 0


def test_an_entry_that_does_not_balance_is_our_mistake(club: Club, db: LocalDatabase) -> None:
    workspace = club.workspace

    def wrong(tx: Tx) -> None:
        ledger.post(tx, workspace, club.system, "adjust", Leg("pot", 0, 5), Leg("dues", 0, -4))

    with pytest.raises(AssertionError):
        db.write(wrong)
    assert count(db, "ledger_entries") == 0


def test_an_entry_of_nothing_is_not_written(club: Club, db: LocalDatabase) -> None:
    db.write(ledger.post, club.workspace, club.system, "adjust", Leg("pot", 0, 0), Leg("dues", 0, 0))
    assert count(db, "ledger_entries") == 0
    assert count(db, "accounts") == 0


def test_an_entry_is_dated_in_the_clubs_own_day(db: LocalDatabase) -> None:
    # One in the morning UTC on June 5th is still the 4th in New York.
    club = Club.create(db, number=1, currency="USD", timezone="America/New_York")
    club.record(club.linked(), 100)
    assert db.conn.execute("SELECT entered_on, entered_at FROM ledger_entries").fetchone() == (
        "2026-06-04", "2026-06-05T01:00:00.000Z",
    )  # fmt: skip


def test_accounts_of_two_clubs_are_never_shared(club: Club, db: LocalDatabase) -> None:
    other = Club.create(db, number=1, currency="TWD")
    club.record(club.linked(), 100)
    other.record(other.linked(), 30)
    assert (balance(club, "pot"), balance(other, "pot")) == (100, 30)
    for each, sum_of in ((club, 100), (other, 30)):
        assert db.read(lambda tx, each=each: rows.balance(tx.conn, each.id, "pot")) == sum_of
        assert db.read(lambda tx, each=each: rows.balance(tx.conn, each.id, "pot", 0)) == sum_of
        assert db.read(lambda tx, each=each: rows.balance(tx.conn, each.id, "pot", 7)) == 0


def test_all_accounts_of_a_club_sum_to_zero(club: Club, db: LocalDatabase) -> None:
    plan = club.plan(price=300)
    for minor in (100, 300, 500):
        club.record(club.subscriber(plan), minor)
    club.open()
    total = db.conn.execute("SELECT sum(amount_minor) FROM ledger_postings").fetchone()[0]
    assert total == 0
    assert entries(club) == ["record"] * 3 + ["issue"] * 3
    assert_clean(db)
