"""Signing in and out, one's own sessions, and the two wishes of a browser: language and colours."""

from __future__ import annotations

import asyncio
import hmac
from urllib.parse import urlsplit

from aiohttp import web

from bot.web.forms import read_form
from bot.web.pages.settings import TABS
from bot.web.routing import Routes
from bot.web.security import SECRET_REFERRER_POLICY
from bot.web.sessions import LASTING_SECONDS
from bot.web.visit import THEMES, Desk, Flash, Visit
from core import web_sessions
from core.access import Role
from core.db import Tx
from core.errors import LinkExpired
from core.i18n import LOCALES
from core.web_sessions import OwnerOf, Started

pages = Routes()

MOST_SECRET = 200


@pages.open_get("/login")
async def ways(visit: Visit) -> web.StreamResponse:
    """How to get in: the command in Discord, and whatever else is configured."""
    return visit.render("sign_in.html", ways=visit.site.sso.ways)


@pages.open_get("/login/{secret}", limit="sign_in")
async def ask(visit: Visit) -> web.StreamResponse:
    """Only ever shows the button, for any link: chat programs fetch what people post."""
    response = visit.render("sign_in_link.html", secret=visit.arg("secret"))
    response.headers["Referrer-Policy"] = SECRET_REFERRER_POLICY
    return response


@pages.open_post("/login/{secret}", limit="sign_in")
async def spend(visit: Visit) -> web.StreamResponse:
    """Spend the link. Unknown, used and expired ones get one answer, after one time."""
    patience = asyncio.create_task(asyncio.sleep(visit.site.options.refusal_seconds))
    try:
        started = await _start(visit, visit.arg("secret")[:MOST_SECRET])
    except LinkExpired:
        await patience
        return visit.render("sign_in_refused.html", status=410)
    finally:
        patience.cancel()
    response = visit.redirect("/")
    visit.site.cookies.set_session(response, started.secret)
    return response


async def _start(visit: Visit, secret: str) -> Started:
    agent = visit.request.headers.get("User-Agent", "")
    demo = visit.site.options.demo
    if demo is not None and hmac.compare_digest(demo.secret.encode(), secret.encode()):
        return await visit.db.write(_start_demo, demo.discord_id, visit.site.owner_of, agent, visit.address)
    return await visit.db.write(
        web_sessions.sign_in, secret, owner_of=visit.site.owner_of, user_agent=agent, address=visit.address
    )


def _start_demo(tx: Tx, discord_id: int, owner_of: OwnerOf, agent: str, address: str) -> Started:
    workspace = web_sessions.the_workspace(tx)
    return web_sessions.start(
        tx, workspace.id, discord_id, "demo", owner_of=owner_of, user_agent=agent, address=address
    )


@pages.get("/sessions", least=Role.AUDITOR)
async def sessions(desk: Desk) -> web.StreamResponse:
    """Where whoever asks is signed in."""
    found = await desk.db.read(web_sessions.own_sessions, desk.actor)
    return desk.render("sessions.html", tabs=TABS, sessions=found, current=desk.standing.session.id)


@pages.post("/sessions/{id}/end", least=Role.AUDITOR)
async def end(desk: Desk) -> web.StreamResponse:
    """Sign out in another place."""
    await desk.db.write(web_sessions.end, desk.actor, desk.number("id"))
    return desk.redirect("/sessions", Flash("web_sessions.flash_ended"))


@pages.post("/sessions/end", least=Role.AUDITOR)
async def end_everywhere(desk: Desk) -> web.StreamResponse:
    """Sign out in all places, this one included."""
    await desk.db.write(web_sessions.end_everywhere, desk.actor)
    return _out(desk)


@pages.post("/logout", least=Role.AUDITOR)
async def sign_out(desk: Desk) -> web.StreamResponse:
    """Sign out here."""
    await desk.db.write(web_sessions.end, desk.actor, desk.standing.session.id)
    return _out(desk)


def _out(desk: Desk) -> web.Response:
    response = desk.redirect("/login", Flash("web_sign_in.flash_out"))
    desk.site.cookies.clear_session(response)
    return response


@pages.open_post("/preferences")
async def preferences(visit: Visit) -> web.StreamResponse:
    """Keep the language or the colours in this browser, and go back to the page."""
    form = await read_form(visit)
    response = visit.redirect(own_path(form.text("back")))
    if (theme := form.text("theme")) in THEMES:
        visit.site.cookies.set(response, "theme", theme, LASTING_SECONDS)
    if (language := form.text("lang")) in LOCALES:
        visit.site.cookies.set(response, "lang", language, LASTING_SECONDS)
    return response


def own_path(text: str) -> str:
    """The path if it is one of this site, else the first page: a form must not send people elsewhere."""
    parts = urlsplit(text)
    plain = text.isascii() and text.isprintable() and "\\" not in text
    ours = (
        plain and not parts.scheme and not parts.netloc and text.startswith("/") and not text.startswith("//")
    )
    return text if ours else "/"
