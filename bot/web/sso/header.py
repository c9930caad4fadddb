"""A proxy that signs people in itself (Authelia, Authentik, oauth2-proxy) and names them in a header."""

from __future__ import annotations

from aiohttp import web

from bot.web.identity import is_trusted
from bot.web.routing import Routes
from bot.web.sso.desk import finish, refusing
from bot.web.sso.options import who
from bot.web.sso.refused import Refused
from bot.web.visit import Visit

pages = Routes()


@pages.open_get("/login/header", limit="sign_in")
@refusing
async def sign_in(visit: Visit) -> web.StreamResponse:
    """Sign in whom the proxy names. Only the connection itself counts, never what a header says of it."""
    options = visit.site.sso.options.header
    if options is None:
        raise web.HTTPNotFound
    if not is_trusted(visit.request.remote or "", options.networks):
        raise Refused("the connection does not come from the proxy")
    sent = visit.request.headers.getall(options.header, [])
    if len(sent) != 1 or not sent[0].strip():
        raise Refused("the proxy names nobody, or several")
    return await finish(visit, "header", who(options.people, sent[0]))
