"""A provider to sign in with: real HTTP on this machine, real keys, and every mistake that a test wants.

It is an OpenID Connect provider, the keys of Cloudflare Access, and Discord's OAuth2, all at one address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.fakes import FixedClock

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - to be refused
EC = ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    """The public half of a key as providers publish it."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "use": "sig", **more}


@dataclass
class Provider:
    """What it says about itself, whom it signs in, and what it was asked."""

    clock: FixedClock
    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk(RSA, "one", alg="RS256"), jwk(EC, "two")])
    client_id: str = "club"
    client_secret: str = "s3cret"
    claims: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    down: bool = False
    fetched: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        app = web.Application(middlewares=[self._watch])
        app.router.add_get("/.well-known/openid-configuration", self._discover)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/cdn-cgi/access/certs", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_post("/api/oauth2/token", self._token)
        app.router.add_get("/api/users/@me", self._me)
        self.server = TestServer(app)

    @property
    def issuer(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.fetched.append(request.path)
        if self.down:
            raise web.HTTPBadGateway
        return await handler(request)

    async def _discover(self, request: web.Request) -> web.Response:
        return web.json_response({
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"], **self.discovery,
        })  # fmt: skip

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": self.keys})

    async def _me(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer access":
            raise web.HTTPUnauthorized
        return web.json_response(self.account)

    async def _token(self, request: web.Request) -> web.Response:
        """Hand out a token for a code, once, to whoever knows the verifier and the client's secret."""
        form = await request.post()
        asked = self.codes.pop(str(form.get("code")), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        sent = request.headers.get("Authorization", "")
        wanted = "Basic " + base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        fits = asked is not None and asked["code_challenge"] == challenge.rstrip(b"=").decode()
        if not fits or asked["redirect_uri"] != form["redirect_uri"] or sent != wanted:
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {**self.usual(), "nonce": asked.get("nonce", ""), **self.claims}
        token = (self.sign or self.signed)(
            {name: value for name, value in claims.items() if value is not None}
        )
        return web.json_response({"access_token": "access", "id_token": token})

    def usual(self) -> dict[str, Any]:
        """The claims of a token that is good now."""
        now = int(self.clock.now().timestamp())
        return {
            "iss": self.issuer, "aud": self.client_id, "sub": "u1", "iat": now, "exp": now + 300,
            "email": "ann@club.example", "email_verified": True,
        }  # fmt: skip

    def signed(
        self, claims: dict[str, Any], key: Any = RSA, kid: str | None = "one", algorithm: str = "RS256"
    ) -> str:
        """A token with these claims."""
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else {})

    def authorize(self, location: str) -> str:
        """What happens in the browser at the provider; returns the path to which it comes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?code={code}&state={asked['state']}"
