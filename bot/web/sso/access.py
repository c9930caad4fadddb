"""Cloudflare Access: its signed header, checked as if it had come from anywhere."""

from __future__ import annotations

from aiohttp import web

from bot.web.routing import Routes
from bot.web.sso.desk import finish, refusing
from bot.web.sso.options import who
from bot.web.sso.refused import Refused
from bot.web.sso.tokens import check
from bot.web.visit import Visit

pages = Routes()

HEADER = "Cf-Access-Jwt-Assertion"


@pages.open_get("/login/access", limit="sign_in")
@refusing
async def sign_in(visit: Visit) -> web.StreamResponse:
    """Sign in whom Cloudflare Access let through. The header only: a cookie could be somebody else's."""
    options = visit.site.sso.options.access
    if options is None:
        raise web.HTTPNotFound
    sent = visit.request.headers.getall(HEADER, [])
    if len(sent) != 1:
        raise Refused("there is no single token of Cloudflare Access")
    claims = await check(
        sent[0], visit.site.sso.keys(options.certs_url), algorithms=("RS256",), audience=options.audience,
        issuer=options.issuer, now=visit.now,
    )  # fmt: skip
    email = claims.get("email")
    if not isinstance(email, str):
        raise Refused("the token names no e-mail address")
    return await finish(visit, "access", who(options.people, email))
