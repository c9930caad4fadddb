"""Which role may do what. Every use case that changes something asks here first, at the moment of the act."""

from enum import IntEnum

from core import errors
from core.db import Tx
from core.models import Actor, Member, MemberId, Workspace
from core.store import api_tokens, members, workspaces


class Role(IntEnum):
    """Higher may do all that lower may, but for AUDITOR, who reads everything and changes nothing."""

    NOBODY = 0
    AUDITOR = 1
    REVIEWER = 2
    TREASURER = 3
    OWNER = 4

    @property
    def word(self) -> str:
        return self.name.lower()


SCOPES = {"read": Role.AUDITOR, "review": Role.REVIEWER, "treasurer": Role.TREASURER}
"""What the scope of an API token allows at most."""


def role_of(tx: Tx, actor: Actor) -> Role:
    """The actor's role now. The machine's operator and the scheduler may do what an owner may.

    A token may what its scope says, and never more than whoever made it may now.
    """
    if actor.kind == "token":
        scope = api_tokens.scope(tx.conn, actor.workspace_id, actor.token_id, tx.now_text)
        return min(SCOPES[scope], _maker_role(tx, actor)) if scope else Role.NOBODY
    return Role.OWNER if actor.kind != "discord" else _account_role(tx, actor)


def _maker_role(tx: Tx, actor: Actor) -> Role:
    """The role of whoever made a token; one that the command line made has no account."""
    return _account_role(tx, actor) if actor.discord_id else Role.OWNER


def _account_role(tx: Tx, actor: Actor) -> Role:
    if actor.owns_server:
        return Role.OWNER
    found = workspaces.role(tx.conn, actor.workspace_id, actor.discord_id)
    return Role[found.upper()] if found else Role.NOBODY


def require(tx: Tx, actor: Actor, least: Role) -> Role:
    """Raise RoleNeeded unless the actor has at least this role."""
    role = role_of(tx, actor)
    if role < least:
        raise errors.RoleNeeded(role=least.word)
    return role


def workspace_of(tx: Tx, actor: Actor) -> Workspace:
    """The actor's workspace; raises WorkspaceUnknown."""
    workspace = workspaces.get(tx.conn, actor.workspace_id)
    if workspace is None:
        raise errors.WorkspaceUnknown()
    return workspace


def own_member(tx: Tx, actor: Actor) -> Member:
    """The roster entry that the actor's Discord account is linked to; raises NotLinked."""
    member = _own(tx, actor)
    if member is None:
        raise errors.NotLinked()
    return member


def require_self_or(tx: Tx, actor: Actor, member_id: MemberId, least: Role) -> None:
    """Let the member do it for themselves, and anybody of this role for them; else raises NotYours."""
    own = _own(tx, actor)
    person = members.current(tx.conn, actor.workspace_id, member_id)
    if own is not None and person is not None and own.id == person.id:
        return
    if role_of(tx, actor) < least:
        raise errors.NotYours()


def _own(tx: Tx, actor: Actor) -> Member | None:
    """The actor's own roster entry. A token is a program: it is nobody's self, whoever made it."""
    if actor.kind != "discord" or not actor.discord_id:
        return None
    return members.by_discord(tx.conn, actor.workspace_id, actor.discord_id)
