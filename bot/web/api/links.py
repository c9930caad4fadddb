"""Links of members: whose Discord account holds which name, and one-time addresses to send a payment by."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from bot.web.api.calls import Call
from bot.web.api.members import Member, member_of
from bot.web.api.models import Id, Paged, Sent
from bot.web.api.operations import Operations
from bot.web.api.payments import PaymentShort, payment_of
from core import linking, lists, tokens, upload_links
from core.access import Role
from core.clock import instant_text
from core.db import Tx
from core.models import LinkRequest as RequestOfCore
from core.models import LinkRequestId, MemberId

operations = Operations("Links")


class LinkRequest(BaseModel):
    """A wish to hold a name on the roster, or a word that somebody else took it."""

    id: int
    kind: str
    status: str
    member_id: int
    discord_id: str
    requested_at: str
    decided_by: str | None
    decided_at: str | None


class LinkRequestPage(BaseModel):
    """A page of requests, newest first."""

    items: list[LinkRequest]
    next: int | None


class LinkRequestQuery(Paged):
    """Which requests."""

    status: Literal["waiting", "approved", "declined", "undone"] | None = None
    kind: Literal["link", "dispute"] | None = None


class LinkChanged(BaseModel):
    """What a decision did: the request and the member now, and the claims it withdrew."""

    request: LinkRequest
    member: Member
    withdrawn: list[PaymentShort]


class Resolving(Sent):
    """Whether the name goes to whoever asked."""

    give: bool


class UploadLink(BaseModel):
    """Where a member sends in one payment. Shown once: `address` is null when the answer is given again."""

    address: str | None
    member_id: int
    expires_at: str


@operations.get("/link-requests")
def list_link_requests(call: Call, tx: Tx, query: LinkRequestQuery) -> LinkRequestPage:
    """List who wants to hold a name on the roster, and disputes; newest first."""
    found = lists.link_requests(
        tx, call.actor, status=query.status, kind=query.kind, cursor=query.cursor, limit=query.limit
    )
    return LinkRequestPage(items=[_request(row) for row in found.rows], next=found.next)


@operations.post("/link-requests/{request_id}/approve", least=Role.REVIEWER)
def approve_link(call: Call, tx: Tx, request_id: Id) -> LinkChanged:
    """Confirm that it is them."""
    return _decided(call, linking.approve(tx, call.actor, LinkRequestId(request_id)))


@operations.post("/link-requests/{request_id}/decline", least=Role.REVIEWER)
def decline_link(call: Call, tx: Tx, request_id: Id) -> LinkChanged:
    """Say no; the name stays free."""
    return _decided(call, linking.decline(tx, call.actor, LinkRequestId(request_id)))


@operations.post("/link-requests/{request_id}/undo", least=Role.REVIEWER)
def undo_link(call: Call, tx: Tx, request_id: Id) -> LinkChanged:
    """Take a link back; what the account claimed and waits is withdrawn."""
    return _decided(call, linking.undo(tx, call.actor, LinkRequestId(request_id)))


@operations.post("/link-requests/{request_id}/resolve", least=Role.REVIEWER)
def resolve_dispute(call: Call, tx: Tx, request_id: Id, body: Resolving) -> LinkChanged:
    """Decide a dispute: give the name to whoever asked, or leave it where it is."""
    found = linking.resolve_dispute(tx, call.actor, LinkRequestId(request_id), give=body.give)
    return _decided(call, found)


@operations.post(
    "/members/{member_id}/upload-link", least=Role.REVIEWER, status=201, keeps_secret=("address",)
)
def make_upload_link(call: Call, tx: Tx, member_id: Id) -> UploadLink:
    """Make a one-time link by which a member sends in a payment in the browser, to be passed on privately."""
    secret = upload_links.mint(tx, call.actor, MemberId(member_id))
    return UploadLink(
        address=call.visit.site.options.url.full(f"/u/{secret}"), member_id=member_id,
        expires_at=instant_text(tx.now + tokens.LIFETIMES["upload"]),
    )  # fmt: skip


def _request(request: RequestOfCore) -> LinkRequest:
    return LinkRequest(
        id=request.id, kind=request.kind, status=request.status, member_id=request.member_id,
        discord_id=str(request.discord_id), requested_at=request.requested_at,
        decided_by=request.decided_by, decided_at=request.decided_at,
    )  # fmt: skip


def _decided(call: Call, found: linking.LinkChanged) -> LinkChanged:
    return LinkChanged(
        request=_request(found.request), member=member_of(found.member),
        withdrawn=[payment_of(call, payment) for payment in found.withdrawn],
    )  # fmt: skip
