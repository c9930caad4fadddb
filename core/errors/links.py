"""One-time links, and programs that use the API (core/tokens.py, core/api_tokens.py)."""

from core.errors.base import Conflict, NotAllowed, NotFound


class LinkExpired(Conflict):
    """The one-time link is unknown, used or too old."""

    code = "link_expired"


class TokenUnknown(NotFound):
    code = "token_unknown"


class TokenMadeByToken(NotAllowed):
    """Only people make tokens: revoking one must leave none behind that it made."""

    code = "token_made_by_token"


class TooManyTokens(Conflict):
    code = "too_many_tokens"
    fields = ("most",)


class IdempotencyKeyReused(Conflict):
    """The same key came with another request before."""

    code = "idempotency_key_reused"
