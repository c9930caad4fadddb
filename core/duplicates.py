"""The same screenshot sent twice: flagged on the card with the earlier payment, never refused.

Three ways to see it, in this order: the same bytes; the same pixels in another file; a picture that looks the
same, because it was re-saved or resized. For the last, a perceptual hash only picks whom to compare with: of
thousands of receipts of one bank those that say nearly the same. What decides is how many pixels differ
clearly at 480 pixels width; other receipts, even with one digit edited, differ in more than a copy.
Cropped copies are not seen, nor copies of pictures that were deleted by retention and re-saved since.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from core import errors
from core.clock import instant_text
from core.db import Tx
from core.models import Actor, PaymentId
from core.proofs import CleanProof, hot_pixels
from core.store import proofs
from core.store.proofs import KeptProof

if TYPE_CHECKING:
    from core.services import Services

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=396)  # 13 months: a yearly payer's last receipt is among them
MOST_LOOKED_AT = 20_000
MOST_COMPARED = 12
HASH_BITS = 64  # of the 2,048 of a hash
HOT_PIXELS = 20
SECONDS_TO_COMPARE = 10
_SAME_SHAPE = 0.01


async def looks_like(services: "Services", actor: Actor, clean: CleanProof) -> PaymentId | None:
    """The earlier payment of the club whose picture looks the same, or None; also when it cannot be told.

    Nothing that goes wrong here may keep a member from paying. What is the same to the bit is not looked
    for: that is seen while the payment is written (core/payments.py).
    """
    try:
        async with asyncio.timeout(SECONDS_TO_COMPARE):
            found = await services.db.read(candidates, actor, clean)
            earlier = [(one, data) for one in found if (data := await _picture(services, one)) is not None]
            if not earlier:
                return None
            hot = await asyncio.to_thread(hot_pixels, clean.picture, [data for _, data in earlier])
    except Exception as error:
        log.warning("A screenshot was not compared with earlier ones: %s", error or "it took too long")
        return None
    pairs = zip(earlier, hot, strict=True)
    same = [one.payment_id for (one, _), pixels in pairs if pixels is not None and pixels <= HOT_PIXELS]
    return min(same, default=None)


def candidates(tx: Tx, actor: Actor, clean: CleanProof) -> list[KeptProof]:
    """Whom to compare a new picture with; nobody when it is the same to the bit as an earlier one."""
    if proofs.same_pixels(tx.conn, actor.workspace_id, clean.pixels_sha256) is not None:
        return []
    since = instant_text(tx.now - LOOK_BACK)
    return nearest(proofs.kept_since(tx.conn, actor.workspace_id, since, MOST_LOOKED_AT), clean)


def nearest(kept: Iterable[KeptProof], clean: CleanProof) -> list[KeptProof]:
    """Those worth comparing: of the same shape and with a near hash, the nearest first."""
    hashed = int(clean.dhash, 16)
    near: list[tuple[int, int, KeptProof]] = []
    for number, one in enumerate(kept):
        distance = (int(one.dhash, 16) ^ hashed).bit_count()
        if distance <= HASH_BITS and _same_shape(one, clean):
            near.append((distance, number, one))
    return [one for *_, one in sorted(near)[:MOST_COMPARED]]


def _same_shape(one: KeptProof, clean: CleanProof) -> bool:
    """Whether the sides have the same proportion; a resized copy is off by less than a pixel."""
    mine, theirs = clean.width * one.height, one.width * clean.height
    return abs(mine - theirs) <= _SAME_SHAPE * max(mine, theirs)


async def _picture(services: "Services", one: KeptProof) -> bytes | None:
    try:
        return await services.storage.get(one.storage_key)
    except errors.NotFound:
        return None
