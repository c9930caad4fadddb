"""Proofs of a whole club: retention, and pictures that came before. One payment's own: store/payments.py."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from core.models import PaymentId, Proof, ProofId
from core.store.rows import change, columns, many, value

# Still there, and of a payment that was decided before :before; the index finds those sent before it.
_DUE = """
    proofs AS proof JOIN payments ON payments.id = payment_id
    WHERE proof.workspace_id = :workspace AND purged_at IS NULL AND proof.created_at < :before
        AND payments.status <> 'submitted' AND coalesce(decided_at, submitted_at) < :before
"""


@dataclass(frozen=True, slots=True)
class KeptProof:
    """A picture that is still there, and what tells whether another may look like it."""

    payment_id: PaymentId
    dhash: str
    width: int
    height: int
    storage_key: str


def due(conn: sqlite3.Connection, workspace_id: int, before: str, limit: int) -> list[Proof]:
    """Pictures of payments that were decided before this instant, oldest first."""
    return many(
        conn,
        Proof,
        f"SELECT {columns(Proof, 'proof')} FROM {_DUE} ORDER BY proof.created_at, proof.id LIMIT :limit",
        workspace=workspace_id,
        before=before,
        limit=limit,
    )


def due_totals(conn: sqlite3.Connection, workspace_id: int, before: str) -> tuple[int, int]:
    """(pictures, their bytes) that `due` finds."""
    found: tuple[int, int] = conn.execute(
        f"SELECT count(*), coalesce(sum(size_bytes), 0) FROM {_DUE}",
        {"workspace": workspace_id, "before": before},
    ).fetchall()[0]
    return found


def kept_totals(conn: sqlite3.Connection, workspace_id: int) -> tuple[int, int]:
    """(pictures, their bytes) that the club has."""
    found: tuple[int, int] = conn.execute(
        """
        SELECT count(*), coalesce(sum(size_bytes), 0) FROM proofs INDEXED BY proofs_kept
        WHERE workspace_id = :workspace AND purged_at IS NULL
        """,
        {"workspace": workspace_id},
    ).fetchall()[0]
    return found


def mark_purged(
    conn: sqlite3.Connection, workspace_id: int, proof_ids: Sequence[int], by: str, now: str
) -> list[Proof]:
    """Mark those of the club's pictures that are still there as deleted; returns what was marked."""
    found = many(
        conn,
        Proof,
        f"""
        SELECT {columns(Proof, "proof")} FROM json_each(:ids) AS wanted JOIN proofs AS proof
            ON proof.id = wanted.value
        WHERE proof.workspace_id = :workspace AND purged_at IS NULL ORDER BY proof.id
        """,
        ids=json.dumps(list(proof_ids)),
        workspace=workspace_id,
    )
    change(
        conn,
        """
        UPDATE proofs SET purged_at = :now, purged_by = :by
        WHERE id IN (SELECT value FROM json_each(:ids)) AND purged_at IS NULL
        """,
        ids=json.dumps([proof.id for proof in found]),
        by=by,
        now=now,
    )
    return found


def of_payment(conn: sqlite3.Connection, payment_id: int) -> list[ProofId]:
    """The pictures of a payment that are still there."""
    rows = conn.execute(
        "SELECT id FROM proofs WHERE payment_id = :payment AND purged_at IS NULL ORDER BY id",
        {"payment": payment_id},
    ).fetchall()
    return [row[0] for row in rows]


def same_file(conn: sqlite3.Connection, workspace_id: int, sha256: str) -> PaymentId | None:
    """The first payment of the club that came with these very bytes, whether they are still there or not."""
    found: PaymentId | None = value(
        conn,
        "SELECT min(payment_id) FROM proofs WHERE sha256 = :sha AND workspace_id = :workspace",
        sha=sha256,
        workspace=workspace_id,
    )
    return found


def same_pixels(conn: sqlite3.Connection, workspace_id: int, pixels_sha256: str) -> PaymentId | None:
    """The first payment of the club that came with the same picture in any file."""
    found: PaymentId | None = value(
        conn,
        "SELECT min(payment_id) FROM proofs WHERE pixels_sha256 = :sha AND workspace_id = :workspace",
        sha=pixels_sha256,
        workspace=workspace_id,
    )
    return found


def kept_since(conn: sqlite3.Connection, workspace_id: int, since: str, limit: int) -> list[KeptProof]:
    """The newest pictures that came since this instant and are still there."""
    return many(
        conn,
        KeptProof,
        """
        SELECT payment_id, dhash, width, height, storage_key FROM proofs
        WHERE workspace_id = :workspace AND purged_at IS NULL AND created_at >= :since
        ORDER BY created_at DESC LIMIT :limit
        """,
        workspace=workspace_id,
        since=since,
        limit=limit,
    )
