"""The last step for somebody who has a role in several clubs."""

from __future__ import annotations

import hmac

from aiohttp import web

from bot.web.forms import read_form
from bot.web.routing import Routes
from bot.web.sso.desk import STATE_COOKIE, enter, refusing
from bot.web.sso.refused import Refused
from bot.web.visit import Visit

pages = Routes()

WAYS = ("access", "oidc", "discord", "header")


@pages.open_post("/login/choose", limit="sign_in")
@refusing
async def choose(visit: Visit) -> web.StreamResponse:
    """Sign in to the chosen club, once, in the browser that was asked."""
    form = await read_form(visit)
    way, secret, club = form.text("way"), form.text("secret"), form.id("club")
    own = visit.site.cookies.get(visit.request, STATE_COOKIE) or ""
    if way not in WAYS or club is None or not hmac.compare_digest(secret.encode(), own.encode()):
        raise Refused("the choice is not this browser's")
    journey = visit.site.sso.pending.end(f"choose:{way}", secret)
    if journey is None:
        raise Refused("the choice is unknown, too old or was made before")
    return await enter(visit, way, journey.discord_id, club)
