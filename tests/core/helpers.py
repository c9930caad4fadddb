"""What the tests of the books share: look at everything at once, and demand that `check` finds nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core import access, corrections, errors
from core.check import Problem, run_check
from core.db import LocalDatabase, Tx
from core.models import Actor, Bill, BillId, Payment
from core.store import bills
from core.store import payments as payment_rows
from tests.factories import Club


def tables(conn: sqlite3.Connection) -> list[str]:
    rows = conn.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [row[0] for row in rows.fetchall()]


def everything(db: LocalDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table: two equal ones prove that nothing was changed."""
    return {
        table: db.conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608 - names of the schema
        for table in tables(db.conn)
    }


def problems(db: LocalDatabase) -> tuple[Problem, ...]:
    return db.read(run_check).problems


def assert_clean(db: LocalDatabase) -> None:
    found = problems(db)
    assert not found, "\n".join(problem.message for problem in found)


@contextmanager
def refused(db: LocalDatabase, error: type[errors.DomainError], **params: Any) -> Iterator[None]:
    """What happens inside raises exactly this error, with these params among its own, and changes nothing."""
    before = everything(db)
    with pytest.raises(errors.DomainError) as raised:
        yield
    assert type(raised.value) is error, repr(raised.value)
    assert {key: raised.value.params.get(key) for key in params} == params
    assert everything(db) == before
    assert not db.conn.in_transaction


def status(club: Club, bill: Bill) -> str:
    return current(club, bill).status


def current(club: Club, bill: Bill) -> Bill:
    """The bill as it is now, void ones too."""
    found = club.db.read(lambda tx: bills.get(tx.conn, club.id, bill.id))
    assert found is not None
    return found


def claims(club: Club, payment: Payment) -> dict[int, int]:
    """Bill id → what this payment has on it now, claims only."""
    return _standing(club, payment, "claim")


def credits_used(club: Club, payment: Payment) -> dict[int, int]:
    """Bill id → what of this payment settled by itself."""
    return _standing(club, payment, "credit")


def _standing(club: Club, payment: Payment, kind: str) -> dict[int, int]:
    rows = club.db.read(lambda tx: payment_rows.unreleased(tx.conn, payment.id))
    amounts: dict[int, int] = {}
    for row in rows:
        if row.kind == kind:
            amounts[row.bill_id] = amounts.get(row.bill_id, 0) + row.amount_minor
    return amounts


def balance(club: Club, kind: str, owner: int | None = None) -> int:
    """Sum of the postings of an account, straight from the tables."""
    row = club.db.conn.execute(
        """
        SELECT coalesce(sum(amount_minor), 0) FROM ledger_postings JOIN accounts ON accounts.id = account_id
        WHERE workspace_id = ? AND kind = ? AND (? IS NULL OR owner_id = ?)
        """,
        (club.id, kind, owner, owner),
    ).fetchone()
    return int(row[0])


def entries(club: Club, kind: str = "") -> list[str]:
    """The kinds of ledger entries that were written, in order."""
    rows = club.db.conn.execute(
        "SELECT kind FROM ledger_entries WHERE workspace_id = ? ORDER BY id", (club.id,)
    ).fetchall()
    return [row[0] for row in rows if not kind or row[0] == kind]


def count(db: LocalDatabase, table: str) -> int:
    return int(db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a name of the schema


# --- corrections of a bill, in short ---------------------------------------------------------------------


def adjust_bill(tx: Tx, actor: Actor, bill_id: BillId, delta: int) -> corrections.BillCorrected:
    """Raise or lower a bill by so many minor units."""
    workspace = access.workspace_of(tx, actor)
    bill = bills.get(tx.conn, workspace.id, bill_id)
    assert bill is not None
    return corrections.set_amount(tx, actor, bill_id, workspace.money(bill.amount_minor + delta), "test")


def waive_bill(tx: Tx, actor: Actor, bill_id: BillId, minor: int) -> corrections.BillCorrected:
    """Forgive a part of a bill."""
    return corrections.waive(tx, actor, bill_id, access.workspace_of(tx, actor).money(minor), "test")


def void_bill(tx: Tx, actor: Actor, bill_id: BillId) -> corrections.BillCorrected:
    """The bill should not have been."""
    return corrections.void(tx, actor, bill_id, "test")
