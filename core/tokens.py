"""One-time links: mint, look at, redeem. Only the SHA-256 of a secret is stored, never the secret."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from core import errors
from core.clock import instant_text
from core.db import Tx
from core.models import MemberId, WorkspaceId
from core.store import link_tokens

SECRET_BYTES = 32
LIFETIMES = {
    "upload": timedelta(minutes=30), "sign_in": timedelta(minutes=10), "statement": timedelta(minutes=10),
}  # fmt: skip
# Links that say who somebody is: a new one ends the older ones of the same person.
_PERSONAL = frozenset({"sign_in", "statement"})


@dataclass(frozen=True, slots=True)
class LinkToken:
    """What a valid link stands for."""

    id: int
    workspace_id: WorkspaceId
    purpose: str
    member_id: MemberId | None
    discord_id: int | None
    expires_at: str
    used_at: str | None


def mint(
    tx: Tx, workspace_id: WorkspaceId, purpose: str, by: str, *, member_id: MemberId | None = None,
    discord_id: int | None = None,
) -> str:  # fmt: skip
    """Make a link's secret; one that says who somebody is ends the older ones of its kind and person."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    if purpose in _PERSONAL:
        link_tokens.end_older(tx.conn, workspace_id, purpose, discord_id, tx.now_text)
    link_tokens.add(
        tx.conn, workspace_id=workspace_id, purpose=purpose, token_sha256=digest(secret), member_id=member_id,
        discord_id=discord_id, by=by, now=tx.now_text, expires_at=instant_text(tx.now + LIFETIMES[purpose]),
    )  # fmt: skip
    return secret


def look_at(tx: Tx, purpose: str, secret: str) -> LinkToken | None:
    """What the secret stands for, used or expired ones included; None when it is not known."""
    return link_tokens.find(tx.conn, LinkToken, purpose, digest(secret))


def redeem(tx: Tx, purpose: str, secret: str) -> LinkToken:
    """Spend a link; raises LinkExpired when it is unknown, used or too old. Only one of many wins."""
    token = look_at(tx, purpose, secret)
    if token is None or not link_tokens.spend(tx.conn, token.id, tx.now_text):
        raise errors.LinkExpired()
    return token


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
