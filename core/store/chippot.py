"""Writing what came from a ChipPot: in batches, with a row in imported_rows for each row of theirs."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.store.rows import change, value, values

Row = Sequence[Any]


class SeatRow(NamedTuple):
    """A subscription that came over: its id there, and here with its member and plan."""

    source_id: int
    subscription_id: int
    member_id: int
    discord_id: int | None
    plan_id: int
    plan_name: str


@dataclass(slots=True)
class Batch:
    """Rows to be written together, each list in the order of its INSERT below."""

    bills: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    allocations: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    postings: list[Row] = field(default_factory=list)
    imported: list[Row] = field(default_factory=list)


def begin(conn: sqlite3.Connection) -> None:
    """Give the connection room to work in, and empty the places of this run."""
    conn.execute("PRAGMA cache_size = -131072")
    for statement in _TEMPORARY:
        conn.execute(statement)


def write(conn: sqlite3.Connection, batch: Batch) -> None:
    """Write a batch; what refers to another row comes after it."""
    for name, statement in _WRITES.items():
        conn.executemany(statement, getattr(batch, name))


def last_ids(conn: sqlite3.Connection) -> dict[str, int]:
    """The highest id so far of each table that is numbered here; it holds because there is one writer."""
    return {
        table: int(value(conn, f"SELECT coalesce(max(id), 0) FROM {table}"))
        for table in ("members", "plans", "methods", "subscriptions", "bills", "payments", "ledger_entries")
    }


# --- what came before --------------------------------------------------------------------------------


def known(conn: sqlite3.Connection, workspace_id: int, origin: str, table: str) -> dict[int, int]:
    """Their id → ours, for the rows of one of their tables that came over already."""
    found = conn.execute(
        """
        SELECT source_id, target_id FROM imported_rows
        WHERE workspace_id = :workspace AND source = :source AND source_table = :table
        """,
        {"workspace": workspace_id, "source": origin, "table": table},
    )
    return dict(found.fetchall())


def known_bills(conn: sqlite3.Connection, workspace_id: int, origin: str) -> set[int]:
    """Their ids of the bills that came over already."""
    return set(values(
        conn,
        """
        SELECT source_id FROM imported_rows
        WHERE workspace_id = :workspace AND source = :source AND source_table = 'payments'
        """,
        workspace=workspace_id, source=origin,
    ))  # fmt: skip


def has_other_origin(conn: sqlite3.Connection, workspace_id: int, origin: str) -> bool:
    """Whether something came over from another ChipPot."""
    return bool(value(
        conn,
        "SELECT EXISTS (SELECT 1 FROM imported_rows WHERE workspace_id = :workspace AND source <> :source)",
        workspace=workspace_id, source=origin,
    ))  # fmt: skip


def seats(conn: sqlite3.Connection, workspace_id: int, origin: str) -> list[SeatRow]:
    """Every subscription that came over."""
    found = conn.execute(
        """
        SELECT source_id, subscriptions.id, member_id, discord_id, plan_id, plans.name
        FROM imported_rows JOIN subscriptions ON subscriptions.id = target_id
            JOIN members ON members.id = member_id JOIN plans ON plans.id = plan_id
        WHERE imported_rows.workspace_id = :workspace AND source = :source AND source_table = 'subscriptions'
        """,
        {"workspace": workspace_id, "source": origin},
    )
    return [SeatRow(*row) for row in found.fetchall()]


def held(conn: sqlite3.Connection, workspace_id: int) -> set[tuple[int, int]]:
    """(member, plan) of every subscription without an end."""
    return set(conn.execute(
        "SELECT member_id, plan_id FROM subscriptions WHERE workspace_id = :workspace AND ends_on IS NULL",
        {"workspace": workspace_id},
    ).fetchall())  # fmt: skip


# --- people and what they hold -----------------------------------------------------------------------


def add_members(conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    conn.executemany(
        """
        INSERT INTO members (id, workspace_id, name, name_key, email, email_key, note, discord_id, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        rows,
    )


def add_plans(conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    conn.executemany(
        """
        INSERT INTO plans (id, workspace_id, name, name_key, role_id, cycle_months, retired_at, created_at)
        VALUES (?, ?, ?, ?, ?, 1, ?, ?)
        """,
        rows,
    )


def add_methods(conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    conn.executemany(
        """
        INSERT INTO methods (id, workspace_id, name, name_key, kind, sort_order, retired_at, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        rows,
    )


def add_subscriptions(conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    conn.executemany(
        """
        INSERT INTO subscriptions
            (id, workspace_id, member_id, plan_id, starts_on, ends_on, billing_day, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        rows,
    )


def add_pauses(conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    conn.executemany(
        """
        INSERT INTO subscription_pauses (subscription_id, from_on, created_by, created_at) VALUES (?, ?, ?, ?)
        """,
        rows,
    )


def remember(conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Keep (workspace, origin, their table, their id, our table, our id)."""
    conn.executemany(_WRITES["imported"], rows)


# --- periods and what was said -----------------------------------------------------------------------


def open_period(conn: sqlite3.Connection, period_id: int, by: str, at: str) -> int:
    """Mark a month as opened once, that there was open and here never; returns 0 when it was."""
    return change(
        conn,
        """
        UPDATE billing_periods SET status = 'open', openings = 1, opened_by = :by, opened_at = :at
        WHERE id = :id AND status = 'draft' AND openings = 0
        """,
        id=period_id,
        by=by,
        at=at,
    )


def add_sent_notice(conn: sqlite3.Connection, row: dict[str, Any]) -> int | None:
    """Write down a notice that was sent long ago, so that it is not sent again; None when it is there."""
    rows = conn.execute(
        """
        INSERT INTO notices (workspace_id, dedupe_key, op, kind, target, subject_type, subject_id, params,
            status, parts_sent, next_attempt_at, created_at, sent_at)
        VALUES (:workspace, :key, 'post', :kind, 'announce', :subject_type, :subject, :params,
            'sent', 1, :at, :at, :at)
        ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
        """,
        row,
    ).fetchall()
    return rows[0][0] if rows else None


def reminded_bills(
    conn: sqlite3.Connection, workspace_id: int, origin: str, label: str, sent_on: str, sent_at: str
) -> list[int]:
    """The unpaid bills of a month, by what it is called there, that were due when the reminder went out."""
    return values(
        conn,
        """
        SELECT bills.id FROM bills JOIN imported_rows ON target_id = bills.id
            LEFT JOIN billing_periods ON billing_periods.id = billing_period_id
            LEFT JOIN chippot_labels AS labels ON labels.source_id = imported_rows.source_id
        WHERE imported_rows.workspace_id = :workspace AND source = :source AND source_table = 'payments'
            AND bills.status IN ('pending', 'paid', 'rejected')
            AND coalesce(billing_periods.period, labels.label) = :label
            AND due_on <= :sent_on AND bills.created_at <= :sent_at
        ORDER BY bills.id
        """,
        workspace=workspace_id, source=origin, label=label, sent_on=sent_on, sent_at=sent_at,
    )  # fmt: skip


def add_reminders(conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Record (bill, step, notice, instant) as sent."""
    conn.executemany(
        """
        INSERT INTO reminders (bill_id, step_days, status, notice_id, created_at) VALUES (?, ?, 'sent', ?, ?)
        ON CONFLICT (bill_id, step_days) DO NOTHING
        """,
        rows,
    )


# --- pictures ----------------------------------------------------------------------------------------


def add_pictures(conn: sqlite3.Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Keep which of their bills has which picture: (their id, key)."""
    conn.executemany("INSERT INTO chippot_pictures (source_id, picture) VALUES (?, ?)", rows)


def without_picture(
    conn: sqlite3.Connection, workspace_id: int, origin: str
) -> Iterator[tuple[int, str, str]]:
    """(payment, their key, submitted at) of the payments that had a picture there and have none here."""
    return conn.execute(
        """
        SELECT DISTINCT payments.id, picture, submitted_at
        FROM chippot_pictures JOIN imported_rows ON imported_rows.workspace_id = :workspace
                AND imported_rows.source = :source AND source_table = 'payments'
                AND imported_rows.source_id = chippot_pictures.source_id
            JOIN allocations ON bill_id = target_id JOIN payments ON payments.id = payment_id
        WHERE payments.request_id LIKE 'chippot:%'
            AND NOT EXISTS (SELECT 1 FROM proofs WHERE proofs.payment_id = payments.id)
        ORDER BY payments.id, picture
        """,
        {"workspace": workspace_id, "source": origin},
    )


# --- does it agree -----------------------------------------------------------------------------------


def add_labels(conn: sqlite3.Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Keep what stands as month on their bills that belong to none here: (their id, text)."""
    conn.executemany("INSERT INTO chippot_labels (source_id, label) VALUES (?, ?)", rows)


def totals(conn: sqlite3.Connection, workspace_id: int, origin: str) -> list[tuple[str, str, int, int]]:
    """(month as it is called there, status, how many, their sum) of the bills that came over, as of now."""
    return conn.execute(
        """
        SELECT coalesce(billing_periods.period, labels.label, ''), bills.status, count(*), sum(amount_minor)
        FROM imported_rows JOIN bills ON bills.id = target_id
            LEFT JOIN billing_periods ON billing_periods.id = billing_period_id
            LEFT JOIN chippot_labels AS labels ON labels.source_id = imported_rows.source_id
        WHERE imported_rows.workspace_id = :workspace AND source = :source AND source_table = 'payments'
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {"workspace": workspace_id, "source": origin},
    ).fetchall()


_TEMPORARY = (
    """
    CREATE TEMP TABLE IF NOT EXISTS chippot_labels (
        source_id INTEGER PRIMARY KEY, label TEXT NOT NULL) STRICT
    """,
    """
    CREATE TEMP TABLE IF NOT EXISTS chippot_pictures (
        source_id INTEGER NOT NULL, picture TEXT NOT NULL) STRICT
    """,
    "DELETE FROM chippot_labels",
    "DELETE FROM chippot_pictures",
)
_WRITES = {
    "bills": """
        INSERT INTO bills (id, workspace_id, member_id, kind, billing_period_id, subscription_id, plan_id,
            title, amount_minor, settled_minor, status, due_on, covers_from, covers_to, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """,
    "lines": """
        INSERT INTO bill_lines (bill_id, kind, amount_minor, price_id, reason, created_by, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
    """,
    "payments": """
        INSERT INTO payments (id, workspace_id, member_id, status, recorded, funds, source, declared_minor,
            received_minor, allocated_minor, declared_method_id, confirmed_method_id, note, reject_reason,
            request_id, submitted_by, submitted_at, decided_by, decided_at, received_on)
        VALUES (?, ?, ?, ?, ?, ?, 'import', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """,
    "allocations": """
        INSERT INTO allocations (payment_id, bill_id, kind, amount_minor, created_at, released_at)
        VALUES (?, ?, 'claim', ?, ?, ?)
    """,
    "entries": """
        INSERT INTO ledger_entries
            (id, workspace_id, kind, bill_id, payment_id, entered_on, entered_by, entered_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    """,
    "postings": "INSERT INTO ledger_postings (entry_id, account_id, amount_minor) VALUES (?, ?, ?)",
    "imported": """
        INSERT INTO imported_rows (workspace_id, source, source_table, source_id, target_table, target_id)
        VALUES (?, ?, ?, ?, ?, ?)
    """,
}
