"""Who may: the people who run the club, and the tokens of programs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.web.api.calls import Call
from bot.web.api.models import LARGEST, Id, Sent, Text
from bot.web.api.operations import Operations
from core import admins, api_tokens
from core.access import Role
from core.db import Tx

operations = Operations("Access")

AccountId = Annotated[int, Field(ge=1, le=LARGEST)]


class Admin(BaseModel):
    """A Discord account and its role here. The server's owner is always owner and not listed."""

    discord_id: str
    role: str


class AdminList(BaseModel):
    """All roles, the highest first."""

    items: list[Admin]


class Granting(Sent):
    """The role."""

    role: Literal["owner", "treasurer", "reviewer", "auditor"]


class RoleChanged(BaseModel):
    """A role before and after; null: none."""

    discord_id: str
    before: str | None
    after: str | None


class Token(BaseModel):
    """A token as it is listed: never its secret."""

    id: int
    name: str
    scope: str
    created_by: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


class TokenList(BaseModel):
    """The tokens that count now."""

    items: list[Token]


class TokenMaking(Sent):
    """A name, what it may, and for how many days; for ever when left out."""

    name: Text
    scope: Literal["read", "review", "treasurer"]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


class TokenMade(BaseModel):
    """The new token and its secret, which is shown this once."""

    token: Token
    secret: str | None


@operations.get("/admins")
def list_admins(call: Call, tx: Tx) -> AdminList:
    """List who runs the club."""
    found = admins.everyone(tx, call.actor)
    return AdminList(items=[Admin(discord_id=str(row.discord_id), role=row.role) for row in found])


@operations.put("/admins/{discord_id}", least=Role.TREASURER)
def grant_role(call: Call, tx: Tx, discord_id: AccountId, body: Granting) -> RoleChanged:
    """Give a Discord account this role instead of the one it has."""
    return _role(admins.grant(tx, call.actor, discord_id, body.role))


@operations.delete("/admins/{discord_id}", least=Role.TREASURER)
def revoke_role(call: Call, tx: Tx, discord_id: AccountId) -> RoleChanged:
    """Take the role of a Discord account away."""
    return _role(admins.revoke(tx, call.actor, discord_id))


@operations.get("/tokens")
def list_tokens(call: Call, tx: Tx) -> TokenList:
    """List the API tokens that count now."""
    return TokenList(items=[_token(row) for row in api_tokens.everyone(tx, call.actor)])


@operations.post("/tokens", least=Role.TREASURER, status=201, keeps_secret=("secret",))
def create_token(call: Call, tx: Tx, body: TokenMaking) -> TokenMade:
    """Make a token. Only people can: a session is needed, a token is refused."""
    made = api_tokens.create(tx, call.actor, body.name, body.scope, days=body.days)
    return TokenMade(token=_token(made.token), secret=made.secret)


@operations.delete("/tokens/{token_id}", least=Role.TREASURER)
def revoke_token(call: Call, tx: Tx, token_id: Id) -> Token:
    """End a token at once."""
    return _token(api_tokens.revoke(tx, call.actor, token_id))


def _role(found: admins.RoleChanged) -> RoleChanged:
    return RoleChanged(discord_id=str(found.discord_id), before=found.before, after=found.after)


def _token(token: api_tokens.ApiToken) -> Token:
    return Token(
        id=token.id, name=token.name, scope=token.scope, created_by=token.created_by,
        created_at=token.created_at, expires_at=token.expires_at, last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )  # fmt: skip
