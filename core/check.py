"""`potkeeper check`: re-add everything on the live file and say what does not hold.

It reads one consistent snapshot, so it also runs while the bot works. A chain of audit lines shows an edited
or missing line, but not a cut tail: that is why the heads are reported, to be compared with an earlier run.
"""

from dataclasses import dataclass

from core.audit import FIRST_HASH, chain_hash
from core.db import Tx
from core.store import audit_log, checks, workspaces


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that breaks one rule."""

    rule: str
    table: str
    id: int
    message: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """`heads`: workspace id → hash of the newest audit line."""

    counts: dict[str, int]
    heads: dict[int, str]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def run_check(tx: Tx) -> CheckReport:
    """Prove the invariants of the design (§3, Books); a healthy file has no problems."""
    problems = [
        Problem(rule, table, row_id, f"{rule}: {table} {row_id} ({detail})")
        for rule in checks.RULES
        for table, row_id, detail in checks.broken(tx.conn, rule)
    ]
    heads: dict[int, str] = {}
    for workspace in workspaces.everyone(tx.conn):
        heads[workspace.id], broken = _walk_chain(tx, workspace.id)
        problems += broken
    return CheckReport(checks.counts(tx.conn), heads, tuple(problems))


def _walk_chain(tx: Tx, workspace_id: int) -> tuple[str, list[Problem]]:
    head = FIRST_HASH
    broken = []
    for row_id, previous, found, row in audit_log.chain(tx.conn, workspace_id):
        if previous != head or found != chain_hash(previous, row):
            message = f"audit_chain: audit_log {row_id} does not follow from the line before it"
            broken.append(Problem("audit_chain", "audit_log", row_id, message))
        head = found
    return head, broken
