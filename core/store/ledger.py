"""accounts, ledger_entries and ledger_postings. Entries are only ever added."""

import sqlite3

from core.store.rows import insert, value


def account(conn: sqlite3.Connection, workspace_id: int, kind: str, owner_id: int, currency: str) -> int:
    """The id of an account, opened if it is new."""
    key = {"workspace": workspace_id, "kind": kind, "owner": owner_id, "currency": currency}
    found = value(
        conn,
        """
        SELECT id FROM accounts
        WHERE workspace_id = :workspace AND kind = :kind AND owner_id = :owner AND currency = :currency
        """,
        **key,
    )
    if found is not None:
        return int(found)
    return insert(
        conn,
        """
        INSERT INTO accounts (workspace_id, kind, owner_id, currency)
        VALUES (:workspace, :kind, :owner, :currency)
        """,
        **key,
    )


def add_entry(
    conn: sqlite3.Connection, *, workspace_id: int, kind: str, bill_id: int | None, payment_id: int | None,
    reverses_id: int | None, on: str, by: str, now: str,
) -> int:  # fmt: skip
    return insert(
        conn,
        """
        INSERT INTO ledger_entries
            (workspace_id, kind, bill_id, payment_id, reverses_id, entered_on, entered_by, entered_at)
        VALUES (:workspace, :kind, :bill, :payment, :reverses, :on, :by, :now)
        """,
        workspace=workspace_id, kind=kind, bill=bill_id, payment=payment_id, reverses=reverses_id,
        on=on, by=by, now=now,
    )  # fmt: skip


def add_posting(conn: sqlite3.Connection, entry_id: int, account_id: int, amount_minor: int) -> None:
    conn.execute(
        "INSERT INTO ledger_postings (entry_id, account_id, amount_minor) VALUES (:entry, :account, :amount)",
        {"entry": entry_id, "account": account_id, "amount": amount_minor},
    )


def postings(conn: sqlite3.Connection, entry_id: int) -> list[tuple[int, int]]:
    """(account, amount) of each posting of an entry."""
    return conn.execute(
        "SELECT account_id, amount_minor FROM ledger_postings WHERE entry_id = :entry ORDER BY id",
        {"entry": entry_id},
    ).fetchall()


def standing_entries(
    conn: sqlite3.Connection, *, bill_id: int | None = None, payment_id: int | None = None
) -> list[int]:
    """The entries of a bill or a payment that are neither reversals nor reversed, oldest first."""
    column = "bill_id" if payment_id is None else "payment_id"
    rows = conn.execute(
        f"""
        SELECT id FROM ledger_entries AS entry
        WHERE {column} = :id AND reverses_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM ledger_entries WHERE reverses_id = entry.id)
        ORDER BY id
        """,
        {"id": bill_id if payment_id is None else payment_id},
    ).fetchall()
    return [row[0] for row in rows]


def balance(conn: sqlite3.Connection, workspace_id: int, kind: str, owner_id: int | None = None) -> int:
    """Sum of an account's postings; of all accounts of the kind when no owner is named."""
    return int(value(
        conn,
        """
        SELECT coalesce(sum(amount_minor), 0)
        FROM accounts JOIN ledger_postings ON account_id = accounts.id
        WHERE workspace_id = :workspace AND kind = :kind AND (:owner IS NULL OR owner_id = :owner)
        """,
        workspace=workspace_id, kind=kind, owner=owner_id,
    ))  # fmt: skip
