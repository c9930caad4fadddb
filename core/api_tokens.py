"""API tokens: keys by which programs use a club's API, and the answers kept for a retry.

A secret is `pk_` and 43 characters; only its SHA-256 is stored. A token belongs to one workspace and never
does more than its scope, nor more than whoever made it may now (core/access.py).
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import access, audit, errors
from core.access import Role
from core.clock import instant_text, parse_instant
from core.db import Tx
from core.models import Actor, Workspace, WorkspaceId
from core.store import api_tokens, workspaces
from core.text import clean_name
from core.workspaces import whole_number

PREFIX = "pk_"
NAME_CHARACTERS = 80
MOST_TOKENS = 50
LONGEST_DAYS = 3650
TOUCH_AFTER = timedelta(minutes=1)
"""A token is marked as used at most this often: one write, not one for every request."""
KEEP_ANSWERS = timedelta(hours=24)

OwnerOf = Callable[[int], int | None]
"""The Discord id of a server's owner, or None while Discord has not told us yet."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is listed; its secret is known to nobody but its holder."""

    id: int
    workspace_id: WorkspaceId
    name: str
    scope: str
    discord_id: int | None
    created_by: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """A new token and its secret, which is shown this once."""

    token: ApiToken
    secret: str


@dataclass(frozen=True, slots=True)
class TokenStanding:
    """Who asks with a token, and what it may now."""

    token: ApiToken
    workspace: Workspace
    actor: Actor
    role: Role


@dataclass(frozen=True, slots=True)
class Answer:
    """What was, or is to be, answered to a request: a status and a JSON text."""

    status: int
    body: str


class AnsweredBefore(Exception):  # noqa: N818 - not an error: the earlier answer is given again
    """This request was answered already; whatever the transaction did is rolled back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


def create(tx: Tx, actor: Actor, name: str, scope: str, *, days: int | None = None) -> Made:
    """Make a token for `days` days, for ever when None.

    Only people make tokens, so that a revoked one leaves none behind. Raises RoleNeeded, TokenMadeByToken,
    ChoiceUnknown, FieldMissing, TextTooLong, NumberOutOfRange, TooManyTokens.
    """
    access.require(tx, actor, Role.TREASURER)
    if actor.kind == "token":
        raise errors.TokenMadeByToken()
    if scope not in access.SCOPES:
        raise errors.ChoiceUnknown(field="scope", value=errors.shown(scope), choices=", ".join(access.SCOPES))
    title = clean_name(name, "name", NAME_CHARACTERS)
    until = None if days is None else tx.now + timedelta(days=whole_number("days", days, 1, LONGEST_DAYS))
    if len(api_tokens.standing(tx.conn, ApiToken, actor.workspace_id, tx.now_text)) >= MOST_TOKENS:
        raise errors.TooManyTokens(most=MOST_TOKENS)
    secret = PREFIX + secrets.token_urlsafe(32)
    token_id = api_tokens.add(
        tx.conn, workspace_id=actor.workspace_id, name=title, scope=scope, token_sha256=_digest(secret),
        discord_id=actor.discord_id or None, by=actor.text, now=tx.now_text,
        expires_at=instant_text(until) if until else None,
    )  # fmt: skip
    audit.record(tx, actor, "token.create", "token", token_id, after={"scope": scope, "days": days})
    return Made(_load(tx, actor, token_id), secret)


def revoke(tx: Tx, actor: Actor, token_id: int) -> ApiToken:
    """End a token; nothing happens when it was revoked before. Raises RoleNeeded, TokenUnknown."""
    access.require(tx, actor, Role.TREASURER)
    token = _load(tx, actor, token_id)
    if api_tokens.revoke(tx.conn, token.id, actor.text, tx.now_text):
        audit.record(tx, actor, "token.revoke", "token", token.id)
    return _load(tx, actor, token_id)


def everyone(tx: Tx, actor: Actor) -> list[ApiToken]:
    """The workspace's tokens that count now."""
    access.require(tx, actor, Role.AUDITOR)
    return api_tokens.standing(tx.conn, ApiToken, actor.workspace_id, tx.now_text)


def resume(tx: Tx, secret: str, owner_of: OwnerOf) -> TokenStanding | None:
    """Who asks with this secret and what they may now; None when it is unknown, revoked or expired."""
    token = api_tokens.find(tx.conn, ApiToken, _digest(secret), tx.now_text)
    workspace = workspaces.get(tx.conn, token.workspace_id) if token else None
    if token is None or workspace is None:
        return None
    owns = token.discord_id is not None and owner_of(workspace.guild_id) == token.discord_id
    actor = Actor.token(workspace.id, token.id, token.discord_id or 0, owns_server=owns)
    return TokenStanding(token, workspace, actor, access.role_of(tx, actor))


def is_to_be_touched(token: ApiToken, now: datetime) -> bool:
    """Whether the token should be marked as used."""
    return token.last_used_at is None or now - parse_instant(token.last_used_at) >= TOUCH_AFTER


def touch(tx: Tx, token_id: int) -> None:
    """Mark a token as used now."""
    api_tokens.touch(tx.conn, token_id, tx.now_text)


def earlier_answer(tx: Tx, actor: Actor, request_key: str, request_sha256: str) -> Answer | None:
    """What was answered to this key before; raises IdempotencyKeyReused when that was another request."""
    found = api_tokens.answered(tx.conn, actor.workspace_id, actor.text, request_key)
    if found is None:
        return None
    if found[0] != request_sha256:
        raise errors.IdempotencyKeyReused()
    return Answer(found[1], found[2])


def keep_answer(tx: Tx, actor: Actor, request_key: str, request_sha256: str, answer: Answer) -> None:
    """Keep an answer for a day, in the transaction of what it answers."""
    api_tokens.forget_answers(tx.conn, instant_text(tx.now - KEEP_ANSWERS))
    api_tokens.keep_answer(
        tx.conn, workspace_id=actor.workspace_id, asked_by=actor.text, request_key=request_key,
        request_sha256=request_sha256, status=answer.status, body=answer.body, now=tx.now_text,
    )  # fmt: skip


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _load(tx: Tx, actor: Actor, token_id: int) -> ApiToken:
    token = api_tokens.get(tx.conn, ApiToken, actor.workspace_id, token_id)
    if token is None:
        raise errors.TokenUnknown()
    return token
