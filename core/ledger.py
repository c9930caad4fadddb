"""Double-entry books: every movement is an immutable entry whose postings sum to zero.

Signs: what the club holds or is owed is positive (`pot`, `receivable`, `cost`), where it comes from is
negative (`dues`, `opening`). A receivable below zero is a member's credit. Corrections reverse.
"""

from dataclasses import dataclass

from core.clock import local_date
from core.db import Tx
from core.models import Actor, BillId, PaymentId, Workspace
from core.store import ledger


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a movement: account kind, its owner's id, and the amount in minor units."""

    kind: str
    owner_id: int
    amount_minor: int


def post(
    tx: Tx,
    workspace: Workspace,
    actor: Actor,
    kind: str,
    *legs: Leg,
    bill_id: BillId | None = None,
    payment_id: PaymentId | None = None,
    on: str | None = None,
) -> None:
    """Write one entry. Legs of nothing are left out; an entry of nothing is not written."""
    assert sum(leg.amount_minor for leg in legs) == 0, legs
    moving = [leg for leg in legs if leg.amount_minor]
    if not moving:
        return
    entry = ledger.add_entry(
        tx.conn, workspace_id=workspace.id, kind=kind, bill_id=bill_id, payment_id=payment_id,
        reverses_id=None, on=on or str(local_date(tx.now, workspace.timezone)), by=actor.text, now=tx.now_text,
    )  # fmt: skip
    for leg in moving:
        account = ledger.account(tx.conn, workspace.id, leg.kind, leg.owner_id, workspace.currency)
        ledger.add_posting(tx.conn, entry, account, leg.amount_minor)


def reverse(
    tx: Tx,
    workspace: Workspace,
    actor: Actor,
    kind: str,
    *,
    bill_id: BillId | None = None,
    payment_id: PaymentId | None = None,
) -> None:
    """Reverse every entry of a bill or a payment that still stands, dated today."""
    today = str(local_date(tx.now, workspace.timezone))
    for standing in ledger.standing_entries(tx.conn, bill_id=bill_id, payment_id=payment_id):
        entry = ledger.add_entry(
            tx.conn, workspace_id=workspace.id, kind=kind, bill_id=bill_id, payment_id=payment_id,
            reverses_id=standing, on=today, by=actor.text, now=tx.now_text,
        )  # fmt: skip
        for account, amount in ledger.postings(tx.conn, standing):
            ledger.add_posting(tx.conn, entry, account, -amount)
