"""payments, allocations and proofs."""

import sqlite3
from typing import Any

from core.models import Allocation, Payment, PaymentId, Proof, ProofId
from core.store.members import COUNTING, PERSON
from core.store.rows import change, columns, insert, many, one, value, values

_PAYMENT = columns(Payment)
_ALLOCATION = columns(Allocation)
_PROOF = columns(Proof)


def get(conn: sqlite3.Connection, workspace_id: int, payment_id: int) -> Payment | None:
    return one(
        conn,
        Payment,
        f"SELECT {_PAYMENT} FROM payments WHERE id = :id AND workspace_id = :workspace",
        id=payment_id,
        workspace=workspace_id,
    )


def by_request(conn: sqlite3.Connection, request_id: str) -> Payment | None:
    return one(
        conn, Payment, f"SELECT {_PAYMENT} FROM payments WHERE request_id = :request", request=request_id
    )


def of_member(conn: sqlite3.Connection, member_id: int, limit: int) -> list[Payment]:
    """A person's newest payments first, merged entries included."""
    return many(
        conn,
        Payment,
        f"SELECT {_PAYMENT} FROM payments WHERE member_id IN {PERSON} ORDER BY id DESC LIMIT :limit",
        member=member_id,
        limit=limit,
    )


def waiting(conn: sqlite3.Connection, workspace_id: int, *, after: int = 0, limit: int = 1) -> list[Payment]:
    """Submissions that wait for review, oldest first."""
    return many(
        conn,
        Payment,
        f"""
        SELECT {_PAYMENT} FROM payments WHERE workspace_id = :workspace AND status = 'submitted' AND id > :after
        ORDER BY id LIMIT :limit
        """,
        workspace=workspace_id,
        after=after,
        limit=limit,
    )


def count_waiting(conn: sqlite3.Connection, workspace_id: int) -> int:
    return int(value(
        conn,
        "SELECT count(*) FROM payments WHERE workspace_id = :workspace AND status = 'submitted'",
        workspace=workspace_id,
    ))  # fmt: skip


def ids_waiting_of(conn: sqlite3.Connection, workspace_id: int, member_id: int) -> list[PaymentId]:
    """A person's submissions that wait for review, oldest first."""
    return values(
        conn,
        f"""
        SELECT id FROM payments
        WHERE workspace_id = :workspace AND member_id IN {PERSON} AND status = 'submitted' ORDER BY id
        """,
        workspace=workspace_id,
        member=member_id,
    )


def waiting_by_submitter(conn: sqlite3.Connection, member_id: int, submitted_by: str) -> list[Payment]:
    return many(
        conn,
        Payment,
        f"""
        SELECT {_PAYMENT} FROM payments
        WHERE member_id IN {PERSON} AND submitted_by = :by AND status = 'submitted' ORDER BY id
        """,
        member=member_id,
        by=submitted_by,
    )


def with_credit(conn: sqlite3.Connection, member_id: int) -> list[Payment]:
    """Verified payments of which a part is not used by any bill, oldest first."""
    return many(
        conn,
        Payment,
        f"""
        SELECT {_PAYMENT} FROM payments INDEXED BY payments_credit
        WHERE member_id IN {PERSON} AND status = 'verified'
            AND allocated_minor < received_minor - refunded_minor
        ORDER BY id
        """,
        member=member_id,
    )


def members_with_credit(conn: sqlite3.Connection, workspace_id: int) -> list[int]:
    """Members of the workspace who have credit; the entries that count, not merged ones."""
    rows = conn.execute(
        f"""
        SELECT DISTINCT {COUNTING.format(id="member_id")} AS person FROM payments INDEXED BY payments_credit
        WHERE status = 'verified' AND allocated_minor < received_minor - refunded_minor
            AND workspace_id = :workspace
        ORDER BY person
        """,
        {"workspace": workspace_id},
    ).fetchall()
    return [row[0] for row in rows]


def credit(conn: sqlite3.Connection, member_id: int) -> int:
    """The member's credit in minor units."""
    return sum(payment.kept_minor - payment.allocated_minor for payment in with_credit(conn, member_id))


def add(conn: sqlite3.Connection, row: dict[str, Any]) -> PaymentId:
    return PaymentId(insert(
        conn,
        """
        INSERT INTO payments (workspace_id, member_id, status, recorded, funds, source, declared_minor,
            received_minor, declared_method_id, confirmed_method_id, note, request_id, submitted_by,
            submitted_at, decided_by, decided_at, received_on)
        VALUES (:workspace_id, :member_id, :status, :recorded, :funds, :source, :declared_minor,
            :received_minor, :declared_method_id, :confirmed_method_id, :note, :request_id, :submitted_by,
            :submitted_at, :decided_by, :decided_at, :received_on)
        """,
        **row,
    ))  # fmt: skip


def move(conn: sqlite3.Connection, payment_id: int, *, was: str, status: str, **fields: Any) -> int:
    """Change a payment's status and what changes with it; returns 0 when somebody was faster."""
    assert fields.keys() <= {
        "received_minor", "refunded_minor", "confirmed_method_id", "reject_reason", "decided_by", "decided_at",
        "received_on",
    }  # fmt: skip
    assignments = "".join(f", {name} = :{name}" for name in fields)
    return change(
        conn,
        f"UPDATE payments SET status = :status{assignments} WHERE id = :id AND status = :was",
        id=payment_id,
        was=was,
        status=status,
        **fields,
    )


def allocate(
    conn: sqlite3.Connection, payment_id: int, bill_id: int, kind: str, minor: int, now: str
) -> None:
    insert(
        conn,
        """
        INSERT INTO allocations (payment_id, bill_id, kind, amount_minor, created_at)
        VALUES (:payment, :bill, :kind, :amount, :now)
        """,
        payment=payment_id, bill=bill_id, kind=kind, amount=minor, now=now,
    )  # fmt: skip
    change(
        conn,
        "UPDATE payments SET allocated_minor = allocated_minor + :amount WHERE id = :id",
        id=payment_id,
        amount=minor,
    )


def release(conn: sqlite3.Connection, allocation: Allocation, now: str) -> None:
    change(conn, "UPDATE allocations SET released_at = :now WHERE id = :id", id=allocation.id, now=now)
    change(
        conn,
        "UPDATE payments SET allocated_minor = allocated_minor - :amount WHERE id = :id",
        id=allocation.payment_id,
        amount=allocation.amount_minor,
    )


def allocations(conn: sqlite3.Connection, payment_id: int) -> list[Allocation]:
    """All allocations of a payment, released ones included, in the order they were made."""
    return many(
        conn,
        Allocation,
        f"SELECT {_ALLOCATION} FROM allocations WHERE payment_id = :payment ORDER BY id",
        payment=payment_id,
    )


def unreleased(conn: sqlite3.Connection, payment_id: int) -> list[Allocation]:
    return [row for row in allocations(conn, payment_id) if row.released_at is None]


def live_on_bill(conn: sqlite3.Connection, bill_id: int) -> list[Allocation]:
    """Unreleased allocations on a bill whose payment is submitted or verified, oldest first."""
    return many(
        conn,
        Allocation,
        f"""
        SELECT {columns(Allocation, "allocation")}
        FROM allocations AS allocation JOIN payments ON payments.id = payment_id
        WHERE bill_id = :bill AND released_at IS NULL AND payments.status IN ('submitted', 'verified')
        ORDER BY allocation.id
        """,
        bill=bill_id,
    )


def waiting_claim(conn: sqlite3.Connection, bill_id: int) -> Payment | None:
    """The submitted payment whose claim on this bill waits for review."""
    return one(
        conn,
        Payment,
        f"""
        SELECT {columns(Payment, "payment")}
        FROM allocations JOIN payments AS payment ON payment.id = payment_id
        WHERE bill_id = :bill AND kind = 'claim' AND released_at IS NULL AND payment.status = 'submitted'
        """,
        bill=bill_id,
    )


def add_proof(conn: sqlite3.Connection, row: dict[str, Any]) -> ProofId:
    return ProofId(insert(
        conn,
        """
        INSERT INTO proofs (workspace_id, payment_id, storage_key, thumbnail_key, sha256, pixels_sha256, dhash,
            size_bytes, width, height, same_as_payment_id, same_kind, created_at)
        VALUES (:workspace_id, :payment_id, :storage_key, :thumbnail_key, :sha256, :pixels_sha256, :dhash,
            :size_bytes, :width, :height, :same_as_payment_id, :same_kind, :created_at)
        """,
        **row,
    ))  # fmt: skip


def proof_of(conn: sqlite3.Connection, payment_id: int) -> Proof | None:
    """The newest picture of a payment, purged or not."""
    return one(
        conn,
        Proof,
        f"SELECT {_PROOF} FROM proofs WHERE payment_id = :payment ORDER BY id DESC LIMIT 1",
        payment=payment_id,
    )


def storage_keys_known(conn: sqlite3.Connection, keys: list[str]) -> set[str]:
    """Those of the given storage keys that a row names whose picture was not deleted."""
    known: set[str] = set()
    sql = "SELECT 1 FROM proofs WHERE (storage_key = :key OR thumbnail_key = :key) AND purged_at IS NULL"
    for key in keys:
        if value(conn, sql, key=key):
            known.add(key)
    return known
