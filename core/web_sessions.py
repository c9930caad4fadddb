"""Web sign-ins: from a one-time link, or an outside identity, to a session that the server keeps.

A session says who somebody is, never what they may: the role is looked up at every request, and a person
who has none any more has no session either. Only the SHA-256 of the cookie's secret is stored.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import access, audit, errors, tokens
from core.access import Role
from core.clock import instant_text, parse_instant
from core.db import Tx
from core.models import Actor, Workspace, WorkspaceId
from core.store import members, payments, web_sessions, workspaces

IDLE = timedelta(days=14)
LONGEST = timedelta(days=60)
TOUCH_AFTER = timedelta(minutes=10)
"""A session is marked as used at most this often: one write, not one for every request."""
AGENT_CHARACTERS = 300

OwnerOf = Callable[[int], int | None]
"""The Discord id of a server's owner, or None while Discord has not told us yet."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """One sign-in of one person to one workspace; `discord_id` None is the operator."""

    id: int
    workspace_id: WorkspaceId
    discord_id: int | None
    signed_in_with: str
    user_agent: str
    address: str
    created_at: str
    last_seen_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Started:
    """A new session and its secret, which is stored nowhere but in the person's cookie."""

    session: WebSession
    secret: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks, and what they may now. `role` NOBODY ends the session, unless `in_doubt`.

    `in_doubt`: the role may only be missing because Discord has not said yet who owns the server.
    `name` is theirs on the roster; `waiting` counts submissions for the menu. `stamp` is the state of the
    database: the same stamp again means that nothing was written since.
    """

    session: WebSession
    workspace: Workspace
    actor: Actor
    role: Role
    name: str | None
    waiting: int
    in_doubt: bool
    stamp: tuple[int, int]

    @property
    def is_stale(self) -> bool:
        """Whether nothing may be shown any more."""
        return self.role is Role.NOBODY and not self.in_doubt


def mint_link(tx: Tx, actor: Actor) -> str:
    """The secret of a one-time sign-in link for whoever asks; raises RoleNeeded. Older ones end."""
    access.require(tx, actor, Role.AUDITOR)
    discord_id = actor.discord_id if actor.kind == "discord" else None
    return tokens.mint(tx, actor.workspace_id, "sign_in", actor.text, discord_id=discord_id)


def sign_in(tx: Tx, secret: str, *, owner_of: OwnerOf, user_agent: str = "", address: str = "") -> Started:
    """Spend a sign-in link and start a session.

    Raises LinkExpired when the link is unknown, used or too old, or its owner has no role (any more).
    """
    token = tokens.redeem(tx, "sign_in", secret)
    return start(
        tx, token.workspace_id, token.discord_id, "link", owner_of=owner_of, user_agent=user_agent,
        address=address,
    )  # fmt: skip


def start(
    tx: Tx, workspace_id: WorkspaceId, discord_id: int | None, signed_in_with: str, *, owner_of: OwnerOf,
    user_agent: str = "", address: str = "",
) -> Started:  # fmt: skip
    """Start a session for a person whose identity was proven; raises LinkExpired when they have no role."""
    actor = _actor(tx, workspace_id, discord_id, owner_of)
    if access.role_of(tx, actor) is Role.NOBODY:
        raise errors.LinkExpired()
    web_sessions.remove_of_person(tx.conn, workspace_id, discord_id, until=tx.now_text)
    secret = secrets.token_urlsafe(tokens.SECRET_BYTES)
    session_id = web_sessions.add(
        tx.conn, workspace_id=workspace_id, token_sha256=tokens.digest(secret), discord_id=discord_id,
        signed_in_with=signed_in_with, user_agent=_plain(user_agent), address=_plain(address),
        now=tx.now_text, expires_at=_end(tx.now, tx.now),
    )  # fmt: skip
    audit.record(tx, actor, "session.start", "session", session_id, after={"with": signed_in_with})
    session = web_sessions.find(tx.conn, WebSession, tokens.digest(secret), tx.now_text)
    assert session is not None
    return Started(session, secret)


def workspaces_named(tx: Tx, workspace_id: int | None = None) -> list[Workspace]:
    """The workspace of that id, all of them without one; for the operator of the machine."""
    return [found for found in workspaces.everyone(tx.conn) if workspace_id in (None, found.id)]


def the_workspace(tx: Tx) -> Workspace:
    """The only workspace there is; raises WorkspaceUnknown when there is none, or another."""
    found = workspaces_named(tx)
    if len(found) != 1:
        raise errors.WorkspaceUnknown()
    return found[0]


def resume(tx: Tx, secret: str, owner_of: OwnerOf) -> Standing | None:
    """Who the cookie's secret stands for and what they may now; None when there is no such session."""
    session = web_sessions.find(tx.conn, WebSession, tokens.digest(secret), tx.now_text)
    workspace = workspaces.get(tx.conn, session.workspace_id) if session else None
    if session is None or workspace is None:
        return None
    actor = _actor(tx, workspace.id, session.discord_id, owner_of)
    role = access.role_of(tx, actor)
    member = members.by_discord(tx.conn, workspace.id, session.discord_id) if session.discord_id else None
    return Standing(
        session, workspace, actor, role, member.name if member else None,
        payments.count_waiting(tx.conn, workspace.id),
        in_doubt=role is Role.NOBODY and owner_of(workspace.guild_id) is None,
        stamp=web_sessions.stamp(tx.conn),
    )  # fmt: skip


def is_to_be_touched(session: WebSession, now: datetime) -> bool:
    """Whether the session should be marked as used."""
    return now - parse_instant(session.last_seen_at) >= TOUCH_AFTER


def touch(tx: Tx, session: WebSession) -> None:
    """Mark a session as used now: it lives on, but never longer than LONGEST."""
    web_sessions.touch(tx.conn, session.id, tx.now_text, _end(parse_instant(session.created_at), tx.now))


def own_sessions(tx: Tx, actor: Actor) -> list[WebSession]:
    """Where whoever asks is signed in, the one used last first."""
    return web_sessions.of_person(tx.conn, WebSession, actor.workspace_id, _account(actor), tx.now_text)


def end(tx: Tx, actor: Actor, session_id: int) -> bool:
    """Sign out in one place; only one's own. False when it was not running any more."""
    if session_id not in {session.id for session in own_sessions(tx, actor)}:
        return False
    return bool(web_sessions.remove(tx.conn, session_id))


def end_everywhere(tx: Tx, actor: Actor) -> int:
    """Sign out everywhere, this place included; returns how many sign-ins ended."""
    ended = web_sessions.remove_of_person(tx.conn, actor.workspace_id, _account(actor))
    audit.record(tx, actor, "session.end_everywhere", "session", 0, after={"ended": ended})
    return ended


def drop(tx: Tx, session_id: int) -> None:
    """Remove a session whose person has no role any more."""
    web_sessions.remove(tx.conn, session_id)


def _actor(tx: Tx, workspace_id: WorkspaceId, discord_id: int | None, owner_of: OwnerOf) -> Actor:
    if discord_id is None:
        return Actor.operator(workspace_id)
    workspace = workspaces.get(tx.conn, workspace_id)
    owns = workspace is not None and owner_of(workspace.guild_id) == discord_id
    return Actor.discord(workspace_id, discord_id, owns_server=owns)


def _account(actor: Actor) -> int | None:
    return actor.discord_id if actor.kind == "discord" else None


def _end(created: datetime, now: datetime) -> str:
    return instant_text(min(now + IDLE, created + LONGEST))


def _plain(text: str) -> str:
    """What a browser says about itself, fit to be shown in a list."""
    return "".join(c if c.isprintable() else " " for c in text)[:AGENT_CHARACTERS]
