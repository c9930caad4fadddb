"""Pictures: sent as what they are and nothing else, to those who may see them."""

from __future__ import annotations

from aiohttp import web

from bot.web.routing import Routes
from bot.web.visit import Desk
from core.access import Role
from core.models import PaymentId
from core.proofs import PROOF_CONTENT_TYPE

pages = Routes()

KEPT_SECONDS = 3600


@pages.get("/proof/{id}", least=Role.AUDITOR)
async def picture(desk: Desk) -> web.StreamResponse:
    """The whole picture."""
    return await _send(desk, thumbnail=False)


@pages.get("/proof/{id}/small", least=Role.AUDITOR)
async def thumbnail(desk: Desk) -> web.StreamResponse:
    """The small one of the lists."""
    return await _send(desk, thumbnail=True)


async def _send(desk: Desk, *, thumbnail: bool) -> web.Response:
    payment_id = PaymentId(desk.number("id"))
    data = await desk.site.services.proof(desk.actor, payment_id, thumbnail=thumbnail)
    return web.Response(
        body=data, content_type=PROOF_CONTENT_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="P-{payment_id:04d}.webp"',
            "Cache-Control": f"private, max-age={KEPT_SECONDS}",
        },
    )  # fmt: skip
