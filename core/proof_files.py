"""The picture that backs a payment: what is kept of it, and whether it came before."""

from dataclasses import dataclass

from core.db import Tx
from core.models import PaymentId, Workspace
from core.store import payments, proofs


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A cleaned picture that lies in the proof storage already, and what identifies it."""

    storage_key: str
    thumbnail_key: str
    sha256: str
    pixels_sha256: str
    dhash: str
    size_bytes: int
    width: int
    height: int
    looks_like: PaymentId | None = None
    """An earlier payment whose picture looks the same (core/duplicates.py)."""


def add_proof(tx: Tx, workspace: Workspace, payment_id: PaymentId, proof: ProofFile) -> None:
    """Tie a stored picture to its payment."""
    same = _same_proof(tx, workspace, proof)
    payments.add_proof(tx.conn, {
        "workspace_id": workspace.id, "payment_id": payment_id, "storage_key": proof.storage_key,
        "thumbnail_key": proof.thumbnail_key, "sha256": proof.sha256, "pixels_sha256": proof.pixels_sha256,
        "dhash": proof.dhash, "size_bytes": proof.size_bytes, "width": proof.width, "height": proof.height,
        "same_as_payment_id": same[0] if same else None, "same_kind": same[1] if same else None,
        "created_at": tx.now_text,
    })  # fmt: skip


def _same_proof(tx: Tx, workspace: Workspace, proof: ProofFile) -> tuple[PaymentId, str] | None:
    """(earlier payment, "file", "pixels" or "look") when this picture came before."""
    if same := proofs.same_file(tx.conn, workspace.id, proof.sha256):
        return same, "file"
    if same := proofs.same_pixels(tx.conn, workspace.id, proof.pixels_sha256):
        return same, "pixels"
    known = proof.looks_like and payments.get(tx.conn, workspace.id, proof.looks_like)
    return (known.id, "look") if known else None
