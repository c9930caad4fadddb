"""Who has which rights, by name, and how the machine's work stands. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import access, admins
from core.access import Role
from core.admins import Admin
from core.db import Tx
from core.models import Actor, Workspace
from core.store import log_lists, notices, proofs
from core.store.log_lists import Holder, JobRun


@dataclass(frozen=True, slots=True)
class Rights:
    """Everybody with a role; `names` of their accounts; `holders` are members with an account, to choose from."""

    admins: tuple[Admin, ...]
    names: dict[int, str]
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Workings:
    """How nightly jobs and outbox stand. `runs`: job → how it ended the last time, None when it never ran."""

    workspace: Workspace
    runs: dict[str, JobRun | None]
    outbox: dict[str, int]
    oldest_waiting_at: str | None
    proofs: int
    proofs_bytes: int


def rights(tx: Tx, actor: Actor, owner: int | None) -> Rights:
    """Who may do what. `owner` is the account that owns the Discord server, where that is known."""
    found = admins.everyone(tx, actor)
    accounts = [admin.discord_id for admin in found] + ([owner] if owner else [])
    return Rights(
        tuple(found), log_lists.names_of_accounts(tx.conn, actor.workspace_id, accounts),
        tuple(log_lists.holders(tx.conn, actor.workspace_id)),
    )  # fmt: skip


def workings(tx: Tx, actor: Actor, jobs: Sequence[str] = ()) -> Workings:
    """How the machine's work for this club stands; `jobs` are those whose last run is wanted. For auditors."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    kept, kept_bytes = proofs.kept_totals(tx.conn, workspace.id)
    return Workings(
        workspace, {job: log_lists.last_run(tx.conn, workspace.id, job) for job in jobs},
        notices.counts(tx.conn, workspace.id), log_lists.oldest_waiting(tx.conn, workspace.id), kept, kept_bytes,
    )  # fmt: skip
