"""Discord's own OAuth2: who they are (`identify`), and nothing else."""

from __future__ import annotations

from aiohttp import web

from bot.web.routing import Routes
from bot.web.sso.desk import arrive, depart, finish, new_journey, refusing
from bot.web.sso.options import DiscordOptions
from bot.web.sso.refused import Refused
from bot.web.visit import Visit

pages = Routes()

CALLBACK = "/login/discord/callback"


@pages.open_get("/login/discord", limit="sign_in")
@refusing
async def start(visit: Visit) -> web.StreamResponse:
    """Send the browser to Discord."""
    options = _options(visit)
    return depart(visit, new_journey("discord"), f"{options.base}/oauth2/authorize", {
        "client_id": options.client_id, "redirect_uri": visit.site.options.url.full(CALLBACK),
        "scope": "identify", "prompt": "none",
    })  # fmt: skip


@pages.open_get(CALLBACK, limit="sign_in")
@refusing
async def callback(visit: Visit) -> web.StreamResponse:
    """The browser is back with a code; Discord says whose it is."""
    options = _options(visit)
    journey, code = arrive(visit, "discord")
    outgoing = visit.site.sso.outgoing
    answer = await outgoing.post(
        f"{options.base}/api/oauth2/token",
        {
            "grant_type": "authorization_code", "code": code, "code_verifier": journey.verifier,
            "redirect_uri": visit.site.options.url.full(CALLBACK),
        },
        (options.client_id, options.client_secret),
    )  # fmt: skip
    token = answer.get("access_token")
    if not isinstance(token, str) or not (token.isascii() and token.isprintable()):
        raise Refused("Discord gave no token")
    account = await outgoing.get(f"{options.base}/api/users/@me", {"Authorization": f"Bearer {token}"})
    return await finish(visit, "discord", _number(account.get("id")))


def _options(visit: Visit) -> DiscordOptions:
    options = visit.site.sso.options.discord
    if options is None:
        raise web.HTTPNotFound
    return options


def _number(text: object) -> int:
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise Refused("Discord does not say who it is")
    return int(text)
