"""One-time upload links: for a member, made by the member or by a reviewer, good for one submission.

A link is spent by a submission that goes through, in the same transaction; one that fails leaves it whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core import access, audit, errors, payments, reports, tokens
from core.access import Role
from core.db import Tx
from core.models import Actor, BillId, Member, MemberId, MethodId, Payment, Workspace, WorkspaceId
from core.payment_changes import PaymentChanged
from core.proof_files import ProofFile
from core.reports import PayForm
from core.store import link_tokens, members, workspaces
from core.store import payments as payment_rows
from core.tokens import LinkToken


@dataclass(frozen=True, slots=True)
class UploadLink:
    """What a link stands for now. `state`: ready, used, expired, or nothing (to pay).

    `form` is there when it is ready, `payment` when it was used for one.
    """

    state: str
    token: LinkToken
    workspace: Workspace
    member: Member
    form: PayForm | None = None
    payment: Payment | None = None

    @property
    def actor(self) -> Actor:
        """Who submits by it: the member; the system for one without a Discord account."""
        if self.member.discord_id is None:
            return Actor.system(self.workspace.id)
        return Actor.discord(self.workspace.id, self.member.discord_id)

    @property
    def request_id(self) -> str:
        """The one submission that this link can make."""
        return request_id(self.token.id)


def mint(tx: Tx, actor: Actor, member_id: MemberId | None = None) -> str:
    """The secret of a link: for oneself, or for a member by a reviewer.

    Raises NotLinked, NotYours, MemberUnknown.
    """
    workspace = access.workspace_of(tx, actor)
    member = access.own_member(tx, actor) if member_id is None else _member(tx, workspace, member_id)
    access.require_self_or(tx, actor, member.id, Role.REVIEWER)
    secret = tokens.mint(tx, workspace.id, "upload", actor.text, member_id=member.id)
    audit.record(tx, actor, "upload_link.mint", "member", member.id)
    return secret


def mint_own(tx: Tx, actor: Actor) -> str:
    """A link for whoever asks, while there is something to pay. Raises NotLinked, NothingToPay."""
    reports.pay_form(tx, actor)
    return mint(tx, actor)


def look(tx: Tx, secret: str) -> UploadLink | None:
    """What a link stands for; None when nobody ever made it."""
    token = tokens.look_at(tx, "upload", secret)
    return _state(tx, token) if token else None


def sent(tx: Tx, token_sha256: str) -> UploadLink | None:
    """The same by the digest of a spent secret, to show what it was spent for; None for any other."""
    token = link_tokens.find(tx.conn, LinkToken, "upload", token_sha256)
    found = _state(tx, token) if token else None
    return found if found and found.payment else None


def submit(
    tx: Tx, actor: Actor, bill_ids: Sequence[BillId], *, link: str, request_id: str,
    method_id: MethodId | None, note: str, member_id: MemberId | None, proof: ProofFile | None, source: str,
) -> PaymentChanged:  # fmt: skip
    """Submit and spend the link, both or neither. Raises LinkExpired, and what payments.submit raises."""
    tokens.redeem(tx, "upload", link)
    return payments.submit(
        tx, actor, bill_ids, request_id=request_id, method_id=method_id, note=note, member_id=member_id,
        proof=proof, source=source,
    )  # fmt: skip


def request_id(token_id: int) -> str:
    """The request id of the submission that a link makes."""
    return f"link:{token_id}"


def _state(tx: Tx, token: LinkToken) -> UploadLink:
    workspace = workspaces.get(tx.conn, token.workspace_id)
    assert workspace is not None
    assert token.member_id is not None
    member = _member(tx, workspace, token.member_id)
    payment = payment_rows.by_request(tx.conn, request_id(token.id))
    if payment is not None or token.used_at is not None:
        return UploadLink("used", token, workspace, member, payment=payment)
    if token.expires_at <= tx.now_text:
        return UploadLink("expired", token, workspace, member)
    try:
        form = reports.pay_form(tx, Actor.system(WorkspaceId(workspace.id)), member.id)
    except errors.NothingToPay:
        return UploadLink("nothing", token, workspace, member)
    return UploadLink("ready", token, workspace, member, form=form)


def _member(tx: Tx, workspace: Workspace, member_id: MemberId) -> Member:
    found = members.current(tx.conn, workspace.id, member_id)
    if found is None:
        raise errors.MemberUnknown()
    return found
