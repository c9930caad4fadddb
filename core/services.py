"""What the adapters work with, and the few flows that need more than the database."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from core import access, alerts, duplicates, errors, payments, upload_links
from core.alerts import Alert, AlertOutcome
from core.clock import Clock, local_date
from core.db import Database, Tx
from core.models import Actor, BillId, MemberId, MethodId, PaymentId
from core.payment_changes import PaymentChanged
from core.period import Period
from core.proof_files import ProofFile
from core.proofs import CleanProof, ProofStorage, clean_proof, new_proof_key, thumbnail_key
from core.reports import proof_to_show
from core.store import payments as payment_rows
from core.store import workspaces


class AlertPort(Protocol):
    """Whatever brings alerts to phones and webhooks."""

    async def send(self, alert: Alert, link: str = "") -> AlertOutcome:
        """Send it; what goes wrong is an outcome."""
        ...


@dataclass(slots=True)
class Services:
    """Everything a cog or a page needs: the database, the clock, and where pictures lie.

    `alert_port` sends alerts (None: they wait); `month_link` makes the address of a member's month on the
    pages, from their number and the month, where there are pages.
    """

    db: Database
    clock: Clock
    storage: ProofStorage
    alert_port: AlertPort | None = None
    month_link: Callable[[int, str], str] | None = None
    # One picture at a time: decoding is what needs memory.
    _cleaning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def submit(
        self,
        actor: Actor,
        bill_ids: Sequence[BillId],
        *,
        request_id: str,
        method_id: MethodId | None = None,
        note: str = "",
        member_id: MemberId | None = None,
        picture: bytes | None = None,
        source: str = "discord",
        link: str | None = None,
    ) -> PaymentChanged:
        """Submit a payment, with a picture or without; `link` is the secret of the upload link it spends.

        The picture is cleaned and stored first, and removed again when the submission does not go through.
        Raises what payments.submit raises, the errors of clean_proof, and StorageUnavailable.
        """
        stored = None
        if picture is not None and not await self.db.read(_is_known, request_id):
            stored = await self._store(actor, member_id, picture)
        try:
            use_case = payments.submit if link is None else partial(upload_links.submit, link=link)
            result = await self.db.write(
                use_case, actor, bill_ids, request_id=request_id, method_id=method_id, note=note,
                member_id=member_id, proof=stored, source=source,
            )  # fmt: skip
        except Exception:
            await self._discard(stored)
            raise
        if result.repeated:
            await self._discard(stored)
        return result

    async def verify_all(
        self, actor: Actor, member_id: MemberId, payment_ids: Sequence[PaymentId] | None = None
    ) -> "VerifiedAll":
        """Verify everything of a member that waits, one by one: what fails does not take the rest with it.

        With `payment_ids` only those that somebody was shown; one of them that is decided by now has failed.
        """
        waiting = await self.db.read(_waiting_of, actor, member_id) if payment_ids is None else payment_ids
        verified, failed = [], []
        for payment_id in waiting:
            try:
                verified.append(await self.db.write(payments.verify, actor, payment_id))
            except errors.DomainError as error:
                failed.append((payment_id, error))
        return VerifiedAll(tuple(verified), tuple(failed))

    async def send_alert(self, alert: Alert) -> AlertOutcome:
        """Send one alert, with the link to the member's month where there are pages."""
        if self.alert_port is None:
            return AlertOutcome(sent=False, reason="no_sender")
        link = self.month_link(alert.member_id, alert.month) if self.month_link and alert.month else ""
        return await self.alert_port.send(alert, link)

    async def test_alert(self, actor: Actor, target_id: int) -> AlertOutcome:
        """Send a made-up alert to one target, and say how that went. Raises AlertTargetUnknown."""
        return await self.send_alert(await self.db.read(alerts.sample, actor, target_id))

    async def try_bark(self, actor: Actor, key: str, server: str = "") -> AlertOutcome:
        """The same with a Bark key that is not added yet. Raises what alerts.sample_bark raises."""
        return await self.send_alert(await self.db.read(alerts.sample_bark, actor, key, server))

    async def try_webhook(self, actor: Actor, address: str) -> AlertOutcome:
        """The same with an address that is not added yet. Raises what alerts.sample_webhook raises."""
        return await self.send_alert(await self.db.read(alerts.sample_webhook, actor, address))

    async def proof(self, actor: Actor, payment_id: PaymentId, *, thumbnail: bool = False) -> bytes:
        """The picture of a payment, for those who may see it; raises ProofUnknown, StorageUnavailable."""
        row = await self.db.read(proof_to_show, actor, payment_id)
        return await self.storage.get(row.thumbnail_key if thumbnail else row.storage_key)

    async def _store(self, actor: Actor, member_id: MemberId | None, picture: bytes) -> ProofFile:
        async with self._cleaning:
            clean = await asyncio.to_thread(clean_proof, picture)
            looks_like = await duplicates.looks_like(self, actor, clean)
        period = await self.db.read(_month_now, actor)
        key = new_proof_key(actor.workspace_id, period)
        proof = _proof_file(key, clean, looks_like)
        try:
            await self.storage.put(proof.storage_key, clean.picture, clean.content_type)
            await self.storage.put(proof.thumbnail_key, clean.thumbnail, clean.content_type)
        except Exception:
            await self._discard(proof)
            raise
        return proof

    async def _discard(self, proof: ProofFile | None) -> None:
        """Remove a stored picture that no row names. What cannot be removed now, the nightly sweep finds."""
        if proof is None:
            return
        keys = [proof.storage_key, proof.thumbnail_key]
        with contextlib.suppress(errors.DomainError):
            if not await self.db.read(_known_keys, keys):
                for key in keys:
                    await self.storage.delete(key)


@dataclass(frozen=True, slots=True)
class VerifiedAll:
    """What verifying all of a member's submissions did: what went through, what did not, and why."""

    verified: tuple[PaymentChanged, ...]
    failed: tuple[tuple[PaymentId, errors.DomainError], ...]


def _waiting_of(tx: Tx, actor: Actor, member_id: MemberId) -> list[PaymentId]:
    access.require(tx, actor, access.Role.REVIEWER)
    return payment_rows.ids_waiting_of(tx.conn, actor.workspace_id, member_id)


def _proof_file(key: str, clean: CleanProof, looks_like: PaymentId | None) -> ProofFile:
    return ProofFile(
        key, thumbnail_key(key), clean.sha256, clean.pixels_sha256, clean.dhash, len(clean.picture),
        clean.width, clean.height, looks_like,
    )  # fmt: skip


def _is_known(tx: Tx, request_id: str) -> bool:
    return payment_rows.by_request(tx.conn, request_id) is not None


def _known_keys(tx: Tx, keys: list[str]) -> set[str]:
    return payment_rows.storage_keys_known(tx.conn, keys)


def _month_now(tx: Tx, actor: Actor) -> str:
    workspace = workspaces.get(tx.conn, actor.workspace_id)
    if workspace is None:
        raise errors.WorkspaceUnknown()
    return Period.of(local_date(tx.now, workspace.timezone)).text
