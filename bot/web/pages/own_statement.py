"""A member's own statement: a one-time link from Discord opens it in this browser, for half an hour."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from aiohttp import web

from bot.web import exports
from bot.web.keeping import LIFETIME, Keep, Kept
from bot.web.pages.bills import STATUS_WORDS
from bot.web.pages.member import PAYMENT_WORDS, STATEMENT_COLUMNS, statement_rows
from bot.web.routing import Routes
from bot.web.security import SECRET_REFERRER_POLICY
from bot.web.visit import Visit
from core import statement_links
from core.errors import LinkExpired, NotLinked
from core.models import Actor, WorkspaceId
from core.reports import Statement

pages = Routes()

MOST_SECRET = 200
COOKIE = "statement"
_keeps: WeakKeyDictionary[object, Keep[None]] = WeakKeyDictionary()


@pages.open_get("/statement")
async def show(visit: Visit) -> web.StreamResponse:
    """The statement that this browser opened, as it is now."""
    found = await _statement(visit)
    if found is None:
        return _gone(visit)
    visit.club = found.workspace
    return visit.render("own_statement.html", found=found, statuses=STATUS_WORDS, payment_words=PAYMENT_WORDS)


@pages.open_get(r"/statement.{kind:csv|json}")
async def as_file(visit: Visit) -> web.StreamResponse:
    """The same as a file."""
    found = await _statement(visit)
    if found is None:
        return _gone(visit)
    rows = exports.in_one(statement_rows(found))
    return await exports.send(
        visit, f"statement-{found.member.label}", visit.arg("kind"), STATEMENT_COLUMNS, rows
    )


async def _statement(visit: Visit) -> Statement | None:
    """The statement that this browser opened; None when it is not open any more."""
    kept = _kept(visit)
    if kept is None:
        return None
    actor = Actor.discord(WorkspaceId(int(kept.about["workspace"])), int(kept.about["account"]))
    try:
        return await visit.db.read(statement_links.show, actor)
    except NotLinked:
        return None


@pages.open_get("/statement/{secret}", limit="sign_in")
async def ask(visit: Visit) -> web.StreamResponse:
    """Only ever shows the button, for any link: chat programs fetch what people post."""
    response = visit.render("statement_link.html")
    response.headers["Referrer-Policy"] = SECRET_REFERRER_POLICY
    return response


@pages.open_post("/statement/{secret}", limit="sign_in")
async def spend(visit: Visit) -> web.StreamResponse:
    """Spend the link; this browser may then look for half an hour."""
    try:
        actor = await visit.db.write(statement_links.redeem, visit.arg("secret")[:MOST_SECRET])
    except LinkExpired:
        return _gone(visit)
    about = {"workspace": str(actor.workspace_id), "account": str(actor.discord_id)}
    name = _keep(visit).put(0, b"", visit.now, about)
    response = visit.redirect("/statement")
    visit.site.cookies.set(response, COOKIE, name, int(LIFETIME.total_seconds()))
    return response


def _keep(visit: Visit) -> Keep[None]:
    return _keeps.setdefault(visit.site, Keep(most_files=10_000))


def _kept(visit: Visit) -> Kept[None] | None:
    name = visit.site.cookies.get(visit.request, COOKIE)
    return _keep(visit).get(0, name, visit.now) if name else None


def _gone(visit: Visit) -> web.Response:
    return visit.render("statement_gone.html", status=410)
