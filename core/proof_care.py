"""How long screenshots are kept: retention by months, and deleting a single one. The payment stays as it is.

Only the pictures of decided payments are ever deleted by retention; what waits for review keeps its own.
A row is marked first and its objects are deleted afterwards, so nobody is shown a picture that is half gone;
what cannot be deleted then, the nightly sweep for objects without a row removes.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import access, audit, errors, notices
from core.access import Role
from core.clock import at_local_time, instant_text, local_date
from core.db import Tx
from core.models import Actor, Member, Payment, PaymentId, Proof, Workspace
from core.period import Period
from core.services import Services
from core.store import members, payments, proofs
from core.workspaces import MOST_RETENTION_MONTHS, whole_number

log = logging.getLogger(__name__)

KEEP_FOR_EVER = 0
BATCH = 200
_NAMED_IN_AUDIT = 50


@dataclass(frozen=True, slots=True)
class Retention:
    """What keeping screenshots for so many months would delete tonight, of how much there is.

    `before` is the first day whose decisions keep theirs; None when they are kept for ever.
    """

    workspace: Workspace
    months: int
    before: date | None
    proofs: int
    size_bytes: int
    kept_proofs: int
    kept_bytes: int

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return (("retention", self.months, self.proofs, self.size_bytes),)


@dataclass(frozen=True, slots=True)
class ProofDeleted:
    """The payment whose screenshot was deleted, and the rows of what was there."""

    workspace: Workspace
    member: Member
    payment: Payment
    proofs: tuple[Proof, ...]

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return tuple(("delete", self.payment.id, proof.id) for proof in self.proofs)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a nightly run did: pictures marked as deleted, and objects that could not be removed yet."""

    purged: int
    left_over: int


def cutoff(today: date, months: int) -> date:
    """The day so many months before; in a shorter month its last day (31 May minus one is 30 April)."""
    month = Period.of(today).plus(-months)
    return month.day(min(today.day, month.days))


def preview_retention(tx: Tx, actor: Actor, months: int) -> Retention:
    """What a retention of so many months would delete; 0 keeps everything. Changes nothing."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    whole_number("proof_retention_months", months, 0, MOST_RETENTION_MONTHS)
    there, there_bytes = proofs.kept_totals(tx.conn, workspace.id)
    if months == KEEP_FOR_EVER:
        return Retention(workspace, months, None, 0, 0, there, there_bytes)
    day = cutoff(local_date(tx.now, workspace.timezone), months)
    gone, gone_bytes = proofs.due_totals(tx.conn, workspace.id, _midnight(workspace, day))
    return Retention(workspace, months, day, gone, gone_bytes, there - gone, there_bytes - gone_bytes)


def due_for_purge(tx: Tx, actor: Actor, limit: int = BATCH) -> list[Proof]:
    """The oldest pictures that the club's retention does not keep any longer."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    if workspace.proof_retention_months == KEEP_FOR_EVER:
        return []
    day = cutoff(local_date(tx.now, workspace.timezone), workspace.proof_retention_months)
    return proofs.due(tx.conn, workspace.id, _midnight(workspace, day), limit)


def mark_purged(tx: Tx, actor: Actor, proof_ids: Sequence[int]) -> list[Proof]:
    """Mark pictures of the club as deleted; returns those that were still there."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    marked = proofs.mark_purged(tx.conn, workspace.id, proof_ids, actor.text, tx.now_text)
    if marked:
        named = [proof.payment_id for proof in marked] if len(marked) <= _NAMED_IN_AUDIT else len(marked)
        audit.record(
            tx, actor, "proof.purge", "workspace", workspace.id,
            after={"payments": named, "bytes": sum(proof.size_bytes for proof in marked)},
        )  # fmt: skip
    return marked


def delete_proof(tx: Tx, actor: Actor, payment_id: PaymentId) -> ProofDeleted:
    """Delete the screenshot of one payment, which stays as it is; `delete_one` removes the objects too.

    Raises RoleNeeded, PaymentUnknown, ProofUnknown when there is none (any more).
    """
    access.require(tx, actor, Role.REVIEWER)
    workspace = access.workspace_of(tx, actor)
    payment = payments.get(tx.conn, workspace.id, payment_id)
    if payment is None:
        raise errors.PaymentUnknown()
    found = proofs.of_payment(tx.conn, payment.id)
    if not found:
        raise errors.ProofUnknown()
    marked = proofs.mark_purged(tx.conn, workspace.id, found, actor.text, tx.now_text)
    audit.record(
        tx, actor, "proof.delete", "payment", payment.id,
        before={"proofs": [proof.id for proof in marked], "sha256": [proof.sha256 for proof in marked]},
    )  # fmt: skip
    notices.payment_card(tx, workspace, payment.id)
    member = members.current(tx.conn, workspace.id, payment.member_id)
    assert member is not None
    return ProofDeleted(workspace, member, payment, tuple(marked))


async def delete_one(services: Services, actor: Actor, payment_id: PaymentId) -> ProofDeleted:
    """Delete the screenshot of one payment, row and objects. Raises what `delete_proof` raises."""
    done = await services.db.write(delete_proof, actor, payment_id)
    await _remove(services, done.proofs)
    return done


async def purge_old(services: Services, workspace: Workspace) -> Swept:
    """The nightly sweep of one club: delete what its retention does not keep, batch by batch."""
    actor = Actor.system(workspace.id)
    purged = left_over = 0
    while marked := await services.db.write(_purge_batch, actor):
        purged += len(marked)
        left_over += await _remove(services, marked)
    return Swept(purged, left_over)


def _purge_batch(tx: Tx, actor: Actor) -> list[Proof]:
    return mark_purged(tx, actor, [proof.id for proof in due_for_purge(tx, actor, BATCH)])


async def _remove(services: Services, gone: Iterable[Proof]) -> int:
    """Delete the objects of marked rows; returns how many could not be, which never stops the rest."""
    left_over = 0
    for key in (key for proof in gone for key in (proof.storage_key, proof.thumbnail_key)):
        try:
            await services.storage.delete(key)
        except errors.DomainError as error:
            log.warning("A screenshot that was to be deleted stays until the next sweep: %s", error)
            left_over += 1
    return left_over


def _midnight(workspace: Workspace, day: date) -> str:
    return instant_text(at_local_time(day, "00:00", workspace.timezone))
