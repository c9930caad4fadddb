"""The append-only record of who changed what: one hash chain per workspace.

hash = SHA-256 over the previous hash and the canonical JSON of the row (sorted keys, no spaces, ASCII).
Rows name ids, not people, so that a name can be forgotten without breaking the chain.
"""

import hashlib
import json
from typing import Any

from core import admin_log
from core.db import Tx
from core.models import Actor
from core.store import audit_log

FIRST_HASH = "0" * 64


def record(
    tx: Tx,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> int:
    """Add one line to the workspace's chain, in the transaction of the change itself; returns its id."""
    row = {
        "workspace_id": actor.workspace_id,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "before_json": canonical(before or {}),
        "after_json": canonical(after or {}),
        "done_by": actor.text,
        "done_at": tx.now_text,
    }
    previous = audit_log.head(tx.conn, actor.workspace_id) or FIRST_HASH
    line = audit_log.add(tx.conn, {**row, "previous_hash": previous, "hash": chain_hash(previous, row)})
    admin_log.queue(tx, actor.workspace_id, action, line)
    return line


def canonical(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def chain_hash(previous: str, row: dict[str, Any]) -> str:
    return hashlib.sha256(previous.encode() + canonical(row).encode()).hexdigest()
