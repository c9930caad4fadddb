"""Linking a Discord account to a name on the roster.

Someone asks for a name. By the club's policy a reviewer confirms first (`approve`), or it takes effect at
once for names without any bill history (`open`), with a card by which reviewers can undo it. E-mails are
never shown to members, and whoever was not there first gets one clear answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core import access, audit, errors, notices, payments
from core.access import Role
from core.db import Tx
from core.models import Actor, LinkRequest, LinkRequestId, Member, MemberId, Payment, PaymentId, Workspace
from core.store import members
from core.store import payments as payment_rows
from core.text import name_key

SEARCH_CHARACTERS = 2
MOST_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that can be chosen, and nothing else about the person."""

    member_id: MemberId
    name: str

    @property
    def label(self) -> str:
        """How to tell two people of one name apart."""
        return f"M-{self.member_id}"


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """What came of asking for a name: `status` is "linked" or "waiting"."""

    status: str
    request: LinkRequest
    member: Member


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """What a decision did: the request and the member as they are now, and the claims it withdrew."""

    request: LinkRequest
    member: Member
    withdrawn: tuple[Payment, ...] = ()


def candidates(
    tx: Tx, workspace_id: int, query: str, limit: int = MOST_SHOWN, *, taken: bool = False
) -> list[Candidate]:
    """Names that nobody is linked to and that contain the query; with `taken`, those somebody is linked to.

    Raises SearchTooShort under two characters, so that nobody reads the whole roster letter by letter.
    """
    text = name_key(query)
    if len(text) < SEARCH_CHARACTERS:
        raise errors.SearchTooShort(least=SEARCH_CHARACTERS)
    if taken:
        return _shown(members.search_linked(tx.conn, workspace_id, text, limit=limit))
    return _shown(members.search(tx.conn, workspace_id, text, unlinked_only=True, limit=limit))


def all_candidates(tx: Tx, workspace_id: int) -> list[Candidate] | None:
    """Every name that nobody is linked to, when one list can show them; None when they must be searched."""
    if members.count_unlinked(tx.conn, workspace_id) > MOST_SHOWN:
        return None
    return _shown(members.search(tx.conn, workspace_id, "", unlinked_only=True, limit=MOST_SHOWN))


def is_known(tx: Tx, actor: Actor) -> bool:
    """Whether the club has ever had to do with this account: a role, a name, or a wish for one."""
    return (
        access.role_of(tx, actor) > Role.NOBODY
        or members.by_discord(tx.conn, actor.workspace_id, actor.discord_id) is not None
        or members.has_asked(tx.conn, actor.workspace_id, actor.discord_id)
    )


def request_link(tx: Tx, actor: Actor, member_id: MemberId) -> LinkOutcome:
    """Ask for a name, for one's own Discord account.

    Raises AlreadyLinked, LinkWaiting, MemberUnknown, and NameTaken for whoever was not first.
    """
    workspace = access.workspace_of(tx, actor)
    _check_free_to_ask(tx, workspace, actor, "link")
    member = _present(tx, workspace, member_id)
    if member.discord_id is not None:
        raise errors.NameTaken(name=member.name)
    at_once = workspace.link_policy == "open" and not _needs_a_reviewer(tx, member)
    if at_once and not members.link(tx.conn, member.id, actor.discord_id):
        raise errors.NameTaken(name=member.name)
    request = _add_request(tx, actor, workspace, member, "link", "approved" if at_once else "waiting")
    return LinkOutcome("linked" if at_once else "waiting", request, _present(tx, workspace, member.id))


def asked_for(tx: Tx, actor: Actor) -> Member | None:
    """The name that this account asked for and that no reviewer has answered yet."""
    waiting = members.waiting_request(tx.conn, actor.workspace_id, actor.discord_id, "link")
    return members.current(tx.conn, actor.workspace_id, waiting.member_id) if waiting else None


def take_back(tx: Tx, actor: Actor) -> LinkRequest | None:
    """Whoever asked changed their mind: their waiting request for a name ends. None when there is none."""
    workspace = access.workspace_of(tx, actor)
    waiting = members.waiting_request(tx.conn, workspace.id, actor.discord_id, "link")
    if waiting is None:
        return None
    return _decide(tx, actor, workspace, waiting, "undone", tell=False)


def approve(tx: Tx, actor: Actor, request_id: LinkRequestId) -> LinkChanged:
    """A reviewer confirms that it is them. Raises LinkDecided, NameTaken, AccountTaken, MemberUnknown."""
    access.require(tx, actor, Role.REVIEWER)
    workspace, request = _waiting(tx, actor, request_id, "link")
    member = _present(tx, workspace, request.member_id)
    _link(tx, workspace, member, request.discord_id)
    return LinkChanged(_decide(tx, actor, workspace, request, "approved"), _present(tx, workspace, member.id))


def decline(tx: Tx, actor: Actor, request_id: LinkRequestId) -> LinkChanged:
    """A reviewer says no; the name stays free. Raises LinkDecided."""
    access.require(tx, actor, Role.REVIEWER)
    workspace, request = _waiting(tx, actor, request_id, "link")
    declined = _decide(tx, actor, workspace, request, "declined")
    return LinkChanged(declined, _member(tx, workspace, request.member_id))


def undo(tx: Tx, actor: Actor, request_id: LinkRequestId) -> LinkChanged:
    """Take a link back: the name is free again, and what the account claimed for it and waits is withdrawn.

    Raises LinkDecided when it is not linked by this request, LinkGone when it is not linked any more.
    """
    access.require(tx, actor, Role.REVIEWER)
    workspace, request = _request(tx, actor, request_id, "link")
    if request.status != "approved":
        raise errors.LinkDecided()
    member = _member(tx, workspace, request.member_id)
    if member.discord_id != request.discord_id:
        raise errors.LinkGone(name=member.name)
    withdrawn = _part(tx, actor, member)
    undone = _decide(tx, actor, workspace, request, "undone", was="approved")
    return LinkChanged(undone, _member(tx, workspace, member.id), withdrawn)


def dispute(tx: Tx, actor: Actor, member_id: MemberId) -> LinkOutcome:
    """Somebody took my name: tell the reviewers.

    Raises AlreadyLinked, LinkWaiting, NameFree, MemberUnknown.
    """
    workspace = access.workspace_of(tx, actor)
    _check_free_to_ask(tx, workspace, actor, "dispute")
    member = _present(tx, workspace, member_id)
    if member.discord_id is None:
        raise errors.NameFree(name=member.name)
    return LinkOutcome("waiting", _add_request(tx, actor, workspace, member, "dispute", "waiting"), member)


def resolve_dispute(tx: Tx, actor: Actor, request_id: LinkRequestId, *, give: bool) -> LinkChanged:
    """Decide who holds the name: `give` it to whoever asked, or leave it where it is.

    Whoever loses it is told, and their claims for it that wait are withdrawn.
    """
    access.require(tx, actor, Role.REVIEWER)
    workspace, request = _waiting(tx, actor, request_id, "dispute")
    if not give:
        declined = _decide(tx, actor, workspace, request, "declined")
        return LinkChanged(declined, _member(tx, workspace, request.member_id))
    member = _present(tx, workspace, request.member_id)
    withdrawn: tuple[Payment, ...] = ()
    if member.discord_id is not None and member.discord_id != request.discord_id:
        withdrawn = _part(tx, actor, member)
        _tell_loser(tx, actor, workspace, member, request)
    _link(tx, workspace, _present(tx, workspace, member.id), request.discord_id)
    approved = _decide(tx, actor, workspace, request, "approved")
    close_waiting(tx, workspace, actor, discord_id=request.discord_id, approved=member.id)
    return LinkChanged(approved, _present(tx, workspace, member.id), withdrawn)


def close_waiting(
    tx: Tx,
    workspace: Workspace,
    actor: Actor,
    *,
    member_id: int | None = None,
    discord_id: int | None = None,
    approved: int | None = None,
) -> None:
    """End the requests for a member, or of an account, that wait and make no sense any more.

    Those for the member `approved` came true, the others are declined. Part of other use cases.
    """
    for request in members.waiting_requests(
        tx.conn, workspace.id, member_id=member_id, discord_id=discord_id
    ):
        person = _member(tx, workspace, request.member_id).id
        came_true = request.kind == "link" and person == approved
        _decide(tx, actor, workspace, request, "approved" if came_true else "declined")


def _check_free_to_ask(tx: Tx, workspace: Workspace, actor: Actor, kind: str) -> None:
    if not actor.discord_id:
        raise errors.DiscordIdInvalid(field="discord_id")
    own = members.by_discord(tx.conn, workspace.id, actor.discord_id)
    if own is not None:
        raise errors.AlreadyLinked(name=own.name)
    waiting = members.waiting_request(tx.conn, workspace.id, actor.discord_id, kind)
    if waiting is not None:
        raise errors.LinkWaiting(name=_member(tx, workspace, waiting.member_id).name)


def _needs_a_reviewer(tx: Tx, member: Member) -> bool:
    """Names with something at stake, and names that two people want."""
    wanted = members.waiting_requests(tx.conn, member.workspace_id, member_id=member.id)
    return bool(wanted) or members.has_bill_history(tx.conn, member.id)


def _add_request(
    tx: Tx, actor: Actor, workspace: Workspace, member: Member, kind: str, status: str
) -> LinkRequest:
    request_id = members.add_request(
        tx.conn, workspace_id=workspace.id, member_id=member.id, discord_id=actor.discord_id, kind=kind,
        status=status, by=None if status == "waiting" else actor.text, now=tx.now_text,
    )  # fmt: skip
    audit.record(
        tx, actor, f"{kind}.request", "link", request_id,
        after={"member": member.id, "account": str(actor.discord_id), "status": status},
    )  # fmt: skip
    notices.link_card(tx, workspace, request_id)
    request = members.request(tx.conn, request_id)
    assert request is not None
    return request


def _decide(
    tx: Tx, actor: Actor, workspace: Workspace, request: LinkRequest, status: str, *, was: str = "waiting",
    tell: bool = True,
) -> LinkRequest:  # fmt: skip
    """Move a request on, show it on its card, and tell whoever asked."""
    if not members.decide_request(
        tx.conn, request.id, was=was, status=status, by=actor.text, now=tx.now_text
    ):
        raise errors.LinkDecided()
    audit.record(
        tx, actor, f"{request.kind}.{status}", "link", request.id, before={"status": was},
        after={"status": status, "member": request.member_id, "account": str(request.discord_id)},
    )  # fmt: skip
    notices.link_card(tx, workspace, request.id)
    if tell:
        notices.link_result(tx, workspace, request.id, request.discord_id, status)
    decided = members.request(tx.conn, request.id)
    assert decided is not None
    return decided


def _link(tx: Tx, workspace: Workspace, member: Member, discord_id: int) -> None:
    holder = members.by_discord(tx.conn, workspace.id, discord_id)
    if holder is not None:
        raise errors.AccountTaken(name=holder.name)
    if not members.link(tx.conn, member.id, discord_id):
        raise errors.NameTaken(name=member.name)


def _part(tx: Tx, actor: Actor, member: Member) -> tuple[Payment, ...]:
    """Unlink a member and withdraw what the account claimed for it and what waits for review."""
    members.unlink(tx.conn, member.id)
    waiting = payment_rows.waiting_by_submitter(tx.conn, member.id, f"discord:{member.discord_id}")
    return tuple(payments.withdraw(tx, actor, PaymentId(payment.id)).payment for payment in waiting)


def _tell_loser(tx: Tx, actor: Actor, workspace: Workspace, member: Member, disputed: LinkRequest) -> None:
    """Tell the account that held the name, and mark the request by which it got it as undone."""
    assert member.discord_id is not None
    earlier = members.approved_request(tx.conn, member.id, member.discord_id)
    if earlier is not None:
        _decide(tx, actor, workspace, earlier, "undone", was="approved")
    else:  # a treasurer had linked it
        notices.link_result(tx, workspace, disputed.id, member.discord_id, "undone")


def _request(tx: Tx, actor: Actor, request_id: int, kind: str) -> tuple[Workspace, LinkRequest]:
    workspace = access.workspace_of(tx, actor)
    request = members.request(tx.conn, request_id)
    if request is None or request.workspace_id != workspace.id or request.kind != kind:
        raise errors.LinkRequestUnknown()
    return workspace, request


def _waiting(tx: Tx, actor: Actor, request_id: int, kind: str) -> tuple[Workspace, LinkRequest]:
    workspace, request = _request(tx, actor, request_id, kind)
    if request.status != "waiting":
        raise errors.LinkDecided()
    return workspace, request


def _member(tx: Tx, workspace: Workspace, member_id: int) -> Member:
    """The roster entry that counts for this one now: a wish for a merged one is a wish for its successor."""
    member = members.current(tx.conn, workspace.id, member_id)
    if member is None:
        raise errors.MemberUnknown()
    return member


def _present(tx: Tx, workspace: Workspace, member_id: int) -> Member:
    """A member who can be linked, because they have not left."""
    member = _member(tx, workspace, member_id)
    if member.left_on is not None:
        raise errors.MemberUnknown()
    return member


def _shown(found: Iterable[Member]) -> list[Candidate]:
    return [Candidate(member.id, member.name) for member in found]
