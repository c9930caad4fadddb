"""OpenID Connect: authorization code with PKCE, state and nonce; endpoints and keys by discovery."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.web.routing import Routes
from bot.web.sso.desk import arrive, depart, finish, new_journey, refusing
from bot.web.sso.options import OidcOptions, who
from bot.web.sso.refused import Refused
from bot.web.sso.tokens import ASYMMETRIC, check
from bot.web.visit import Visit

pages = Routes()

CALLBACK = "/login/oidc/callback"


@pages.open_get("/login/oidc", limit="sign_in")
@refusing
async def start(visit: Visit) -> web.StreamResponse:
    """Send the browser to the provider."""
    options = _options(visit)
    journey = new_journey("oidc")
    return depart(visit, journey, _endpoint(await _discover(visit, options), "authorization_endpoint", options), {
        "client_id": options.client_id, "redirect_uri": visit.site.options.url.full(CALLBACK),
        "scope": options.scopes, "nonce": journey.nonce,
    })  # fmt: skip


@pages.open_get(CALLBACK, limit="sign_in")
@refusing
async def callback(visit: Visit) -> web.StreamResponse:
    """The browser is back with a code; the provider says for whom it is."""
    options = _options(visit)
    journey, code = arrive(visit, "oidc")
    if visit.request.query.get("iss", options.issuer) != options.issuer:
        raise Refused("another provider answers")
    found = await _discover(visit, options)
    token = await _exchange(visit, options, found, code, journey.verifier)
    claims = await check(
        token, visit.site.sso.keys(_endpoint(found, "jwks_uri", options)), algorithms=_algorithms(found),
        audience=options.client_id, issuer=options.issuer, now=visit.now,
    )  # fmt: skip
    _check_ours(claims, options, journey.nonce)
    return await finish(visit, "oidc", who(options.people, _name(claims, options.claim)))


def _options(visit: Visit) -> OidcOptions:
    options = visit.site.sso.options.oidc
    if options is None:
        raise web.HTTPNotFound
    return options


async def _discover(visit: Visit, options: OidcOptions) -> dict[str, Any]:
    """What the provider says about itself; it has to be who we think it is."""
    found = await visit.site.sso.document(f"{options.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != options.issuer:
        raise Refused("the provider says that it is another one", ours=True)
    return found


def _endpoint(found: dict[str, Any], name: str, options: OidcOptions) -> str:
    """An address of the provider; never plain http, unless the provider itself is so configured."""
    url = found.get(name)
    allowed = {"https", urlsplit(options.issuer).scheme}
    if not isinstance(url, str) or urlsplit(url).scheme not in allowed:
        raise Refused(f"the provider has no usable {name}", ours=True)
    return url


def _algorithms(found: dict[str, Any]) -> tuple[str, ...]:
    """What the provider signs with, as far as a shared secret has no part in it."""
    listed = found.get("id_token_signing_alg_values_supported")
    offered = listed if isinstance(listed, list) else ["RS256"]
    return tuple(name for name in ASYMMETRIC if name in offered)


async def _exchange(
    visit: Visit, options: OidcOptions, found: dict[str, Any], code: str, verifier: str
) -> str:
    form = {
        "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
        "redirect_uri": visit.site.options.url.full(CALLBACK), "client_id": options.client_id,
    }  # fmt: skip
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    auth = None
    if options.client_secret and "client_secret_basic" in methods:
        auth = (options.client_id, options.client_secret)
    elif options.client_secret:
        form["client_secret"] = options.client_secret
    answer = await visit.site.sso.outgoing.post(_endpoint(found, "token_endpoint", options), form, auth)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Refused("the provider gave no token")
    return token


def _check_ours(claims: dict[str, Any], options: OidcOptions, nonce: str) -> None:
    """The token is for this very sign-in, and for us alone."""
    sent = claims.get("nonce")
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), nonce.encode()):
        raise Refused("the token is of another sign-in")
    audiences = claims["aud"]
    party = claims.get("azp")
    alone = isinstance(audiences, str) or len(audiences) == 1
    if party != options.client_id and not (party is None and alone):
        raise Refused("the token is for somebody else, too")


def _name(claims: dict[str, Any], claim: str) -> str:
    name = claims.get(claim)
    if not isinstance(name, str) or not name:
        raise Refused("the token does not say who it is about")
    if claim == "email" and claims.get("email_verified") is not True:
        raise Refused("the e-mail address is not verified")
    return name
