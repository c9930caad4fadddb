"""What all other ways to sign in share: their parts, the way out and back, the session at the end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from bot.web.sso.options import SignIns
from bot.web.sso.outgoing import Outgoing
from bot.web.sso.pending import SECONDS, Journey, Pending
from bot.web.sso.refused import Refused
from core import outside_sign_in

if TYPE_CHECKING:
    from bot.web.sso.tokens import KeySet
    from bot.web.visit import Visit

log = logging.getLogger(__name__)

STATE_COOKIE = "sso"
MOST_STATE = 200
FRESH_SECONDS = 3600

Handler = Callable[["Visit"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to sign in, for the sign-in page: where its button leads, and the catalog's key of its name."""

    path: str
    label: str


class SsoDesk:
    """The state of all these sign-ins in one application."""

    def __init__(self, options: SignIns) -> None:
        """Nothing is fetched until somebody signs in."""
        self.options = options
        self.outgoing = Outgoing()
        self.pending = Pending()
        self._keys: dict[str, KeySet] = {}
        self._documents: dict[str, tuple[float, dict[str, Any]]] = {}

    def keys(self, url: str) -> KeySet:
        """The keys at an address, kept as bot/web/sso/tokens.py says."""
        from bot.web.sso.tokens import KeySet

        if url not in self._keys:
            self._keys[url] = KeySet(lambda: self.outgoing.get(url))
        return self._keys[url]

    async def document(self, url: str) -> dict[str, Any]:
        """What a provider says about itself, kept for an hour; raises Refused."""
        fetched, found = self._documents.get(url, (0.0, None))
        if found is None or monotonic() - fetched > FRESH_SECONDS:
            found = await self.outgoing.get(url)
            self._documents[url] = monotonic(), found
        return found

    @property
    def ways(self) -> list[Way]:
        """What is configured."""
        found = (
            (self.options.access, Way("/login/access", "web_sso.way_access")),
            (self.options.oidc, Way("/login/oidc", "web_sso.way_oidc")),
            (self.options.discord, Way("/login/discord", "web_sso.way_discord")),
            (self.options.header, Way("/login/header", "web_sso.way_header")),
        )
        return [way for configured, way in found if configured is not None]


def refusing(handler: Handler) -> Handler:
    """Answer every refusal with one page; the log has the reason."""

    async def guarded(visit: Visit) -> web.StreamResponse:
        try:
            return await handler(visit)
        except Refused as refused:
            log.warning("a sign-in was refused: %s", refused.reason)
            response = visit.render(
                "sso_refused.html", status=503 if refused.ours else 403, ours=refused.ours
            )
            visit.site.cookies.clear(response, STATE_COOKIE)
            return response

    return guarded


def depart(visit: Visit, journey: Journey, authorize_url: str, params: dict[str, str]) -> web.Response:
    """Send the browser to a provider; only this browser can come back, and only once."""
    state = visit.site.sso.pending.begin(journey)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest())
    query = urlencode({
        **params, "response_type": "code", "state": state, "code_challenge_method": "S256",
        "code_challenge": challenge.rstrip(b"=").decode(),
    })  # fmt: skip
    joint = "&" if "?" in authorize_url else "?"
    response = web.Response(status=303, headers={"Location": f"{authorize_url}{joint}{query}"})
    visit.site.cookies.set(response, STATE_COOKIE, state, SECONDS)
    return response


def arrive(visit: Visit, way: str) -> tuple[Journey, str]:
    """The journey and the code with which the browser comes back; raises Refused."""
    sent, own = (
        visit.request.query.get("state", ""),
        visit.site.cookies.get(visit.request, STATE_COOKIE) or "",
    )
    if not sent or len(sent) > MOST_STATE or not hmac.compare_digest(sent.encode(), own.encode()):
        raise Refused("the state is not this browser's")
    journey = visit.site.sso.pending.end(way, sent)
    if journey is None:
        raise Refused("the state is unknown, too old or was used before")
    code = visit.request.query.get("code", "")
    if not code:
        raise Refused("the provider gave no code")
    return journey, code


def new_journey(way: str) -> Journey:
    """A journey with secrets of its own."""
    return Journey(way, nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48))


async def finish(visit: Visit, way: str, discord_id: int | None) -> web.StreamResponse:
    """Sign in whom the provider vouches for; with roles in several clubs they choose one. Raises Refused."""
    if discord_id is None:
        raise Refused("nobody here is known by that name")
    clubs = await visit.db.read(outside_sign_in.clubs_of, discord_id, visit.site.owner_of)
    if not clubs:
        raise Refused("the account has no role in any club")
    if len(clubs) == 1:
        return await enter(visit, way, discord_id, clubs[0].id)
    secret = visit.site.sso.pending.begin(Journey(f"choose:{way}", discord_id=discord_id))
    response = visit.render("sso_choose.html", clubs=clubs, way=way, secret=secret)
    visit.site.cookies.set(response, STATE_COOKIE, secret, SECONDS)
    return response


async def enter(visit: Visit, way: str, discord_id: int, workspace_id: int) -> web.StreamResponse:
    """Start the session and go to the first page."""
    started = await visit.db.write(
        outside_sign_in.start, discord_id, way, workspace_id=workspace_id, owner_of=visit.site.owner_of,
        user_agent=visit.request.headers.get("User-Agent", ""), address=visit.address,
    )  # fmt: skip
    response = visit.redirect("/")
    visit.site.cookies.clear(response, STATE_COOKIE)
    visit.site.cookies.set_session(response, started.secret)
    return response
