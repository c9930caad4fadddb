"""Signed tokens of a provider: its keys, kept for an hour, and everything that has to be true of a token."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.web.sso.refused import Refused

FRESH_SECONDS = 3600
STALE_SECONDS = 24 * 3600
RETRY_SECONDS = 30
LEEWAY_SECONDS = 30
MOST_TOKEN = 16 * 1024
MOST_KEYS = 100
LEAST_RSA_BITS = 2048
# Signatures by a key that only the provider has; those by a shared secret ("HS…") and "none" never count.
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A public key, and the one algorithm that the provider says it is for (None: it does not say)."""

    key: Any
    algorithm: str | None


class KeySet:
    """A provider's public keys: fetched at need, kept an hour, a day while the provider cannot be reached.

    A token that names an unknown key makes us look again, but twice a minute at most, whatever is sent.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[dict[str, Any]]], seconds: Callable[[], float] = monotonic
    ) -> None:
        """`fetch` gets the document with the keys and raises Refused; `seconds` never runs backwards."""
        self._fetch, self._seconds = fetch, seconds
        self._keys: dict[str, ProviderKey] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> ProviderKey:
        """The key of that name; raises Refused when there is none, or none can be trusted any more."""
        async with self._lock:
            if self._age() > FRESH_SECONDS or kid not in self._keys:
                await self._look_again()
            if self._age() > STALE_SECONDS:
                raise Refused("the provider's keys are not known", ours=True)
            if kid not in self._keys:
                raise Refused("the token names an unknown key")
            return self._keys[kid]

    def _age(self) -> float:
        return math.inf if self._fetched is None else self._seconds() - self._fetched

    async def _look_again(self) -> None:
        now = self._seconds()
        if self._tried is not None and now - self._tried < RETRY_SECONDS:
            return
        self._tried = now
        try:
            found = _read_keys(await self._fetch())
        except Refused:
            return
        self._keys, self._fetched = found, self._seconds()


async def check(
    token: str, keys: KeySet, *, algorithms: Sequence[str], audience: str, issuer: str, now: datetime
) -> dict[str, Any]:
    """The claims of a token that is signed, meant for us, and valid now; raises Refused for any other."""
    if len(token) > MOST_TOKEN:
        raise Refused("the token is too long")
    algorithm, kid = _header(token)
    if algorithm not in algorithms or algorithm not in ASYMMETRIC:
        raise Refused("the token is signed by another algorithm")
    key = await keys.find(kid)
    if key.algorithm not in (None, algorithm):
        raise Refused("the key is for another algorithm")
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key.key, algorithms=[algorithm], audience=audience, issuer=issuer,
            options={
                "require": ["exp", "iat", "aud", "iss"], "verify_exp": False, "verify_iat": False,
                "verify_nbf": False,
            },
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Refused(f"the token is not valid: {type(error).__name__}") from None
    _check_times(claims, now.timestamp())
    return claims


def _header(token: str) -> tuple[str, str]:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Refused(f"there is no token to read: {type(error).__name__}") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not isinstance(kid, str):
        raise Refused("the token does not say how it is signed")
    return algorithm, kid


def _check_times(claims: dict[str, Any], now: float) -> None:
    """By our own clock, which tests can set; PyJWT has only the machine's."""
    if _instant(claims, "exp") <= now - LEEWAY_SECONDS:
        raise Refused("the token has expired")
    if _instant(claims, "iat") > now + LEEWAY_SECONDS:
        raise Refused("the token is from the future")
    if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY_SECONDS:
        raise Refused("the token is not valid yet")


def _instant(claims: dict[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(f"{name} of the token is no instant")
    return float(value)


def _read_keys(document: dict[str, Any]) -> dict[str, ProviderKey]:
    """The keys by name; those that we cannot or must not use are left out."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise Refused("the provider lists no keys", ours=True)
    found: dict[str, ProviderKey] = {}
    for row in listed[:MOST_KEYS]:
        kid = row.get("kid") if isinstance(row, dict) else None
        if isinstance(kid, str) and row.get("kty") in ("RSA", "EC", "OKP") and row.get("use", "sig") == "sig":
            try:
                key = jwt.PyJWK.from_dict({name: value for name, value in row.items() if name != "d"})
            except (jwt.PyJWTError, ValueError, TypeError, KeyError):
                continue
            if not isinstance(key.key, RSAPublicKey) or key.key.key_size >= LEAST_RSA_BITS:
                found[kid] = ProviderKey(key.key, row.get("alg"))
    return found
