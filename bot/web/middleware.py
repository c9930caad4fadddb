"""What happens around every handler: headers, errors, limits, where a change comes from, and who asks."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.web import csrf
from bot.web.identity import household
from bot.web.metrics import NO_ROUTE
from bot.web.routing import Route
from bot.web.security import add_headers
from bot.web.visit import Desk, Visit
from core import errors, web_sessions
from core.access import Role

if TYPE_CHECKING:
    from bot.web.app import Site

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ERROR_PAGES = {
    400: "web.error_400", 401: "web.error_401", 403: "web.error_403", 404: "web.error_404",
    405: "web.error_405", 413: "web.error_413", 415: "web.error_415", 429: "web.error_429",
    503: "web.error_503",
}  # fmt: skip
# Errors whose kind alone does not say it.
_STATUSES: tuple[tuple[type[errors.DomainError], int], ...] = (
    (errors.DatabaseUnavailable, 503),
    (errors.StorageUnavailable, 503),
    (errors.ProofTooLarge, 413),
    (errors.FileTooLarge, 413),
    (errors.LinkExpired, 410),
    (errors.InvalidInput, 422),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
)


class TooOften(web.HTTPTooManyRequests):
    """The address has asked too often; `seconds` says when to come again."""

    def __init__(self, seconds: int) -> None:
        """Say it in the header that browsers and programs read."""
        super().__init__(headers={"Retry-After": str(seconds)})
        self.seconds = seconds


def status_of(error: errors.DomainError) -> int:
    """The HTTP status that fits an error of the core."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)


def around_everything(site: Site) -> Middleware:
    """The one aiohttp middleware: whatever a handler does, the answer is complete."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = perf_counter()
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = _http_answer(site, request, error)
        except errors.DomainError as error:
            response = answer_error(Visit(site, request), error)
        except Exception:
            response = _unexpected(site, request)
        if not response.prepared:
            add_headers(response, secure=site.options.url.is_secure)
        # The route's pattern, never the address itself: there may be a secret in it.
        resource = request.match_info.route.resource
        route = resource.canonical if resource else NO_ROUTE
        log.debug("%s %s %d", request.method, route, response.status)
        site.metrics.answered(request.method, route, response.status, perf_counter() - began)
        return response

    return middleware


def guarded(site: Site, route: Route) -> Handler:
    """The handler of a route with everything that has to be true before it runs."""

    async def handle(request: web.Request) -> web.StreamResponse:
        visit = Visit(site, request)
        if route.limit is not None and (seconds := site.limits.take(route.limit, household(visit.address))):
            raise TooOften(seconds)
        if route.from_ours and not csrf.is_ours(request, site.options.url):
            raise web.HTTPForbidden
        if route.least is None:
            return await route.handler(visit)
        desk = await desk_of(site, request)
        if desk is None:
            return _signed_out(visit)
        if not desk.may(route.least):
            raise errors.RoleNeeded(role=route.least.word)
        return await route.handler(desk)

    return handle


def answer_error(visit: Visit, error: errors.DomainError) -> web.Response:
    """An error of the core as a page, or as JSON for programs."""
    status, sentence = status_of(error), visit.sentence(error)
    if visit.site.wants_json(visit.request):
        return json_error(status, error.code, sentence, str(error.params.get("field", "")))
    return _page(visit, status, sentence)


def json_error(status: int, code: str, message: str, field: str | None = None) -> web.Response:
    """An error as programs read it."""
    body = {"error": code, "message": message, **({"field": field} if field else {})}
    return web.json_response(body, status=status)


async def desk_of(site: Site, request: web.Request) -> Desk | None:
    """Who is signed in, with the role of this moment; None when nobody is, or not any more."""
    secret = site.cookies.session(request)
    standing = await site.services.db.read(web_sessions.resume, secret, site.owner_of) if secret else None
    if standing is None:
        return None
    if standing.is_stale:
        await site.services.db.write(web_sessions.drop, standing.session.id)
        return None
    if standing.role is Role.NOBODY:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"})
    if web_sessions.is_to_be_touched(standing.session, site.services.clock.now()):
        await site.services.db.write(web_sessions.touch, standing.session)
    return Desk(site, request, standing)


def _signed_out(visit: Visit) -> web.Response:
    """Send readers to the sign-in page; say to others that nothing was done."""
    if visit.site.wants_json(visit.request):
        response = json_error(401, "signed_out", visit.t("web.error_401"))
    elif visit.request.method in ("GET", "HEAD"):
        response = visit.redirect("/login")
    else:
        response = _page(visit, 401, visit.t("web.error_401"))
    if visit.site.cookies.session(visit.request):
        visit.site.cookies.clear_session(response)
    return response


def _http_answer(site: Site, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """aiohttp's own errors as pages of ours, with the headers that belong to them."""
    if error.status < 400:
        return error
    visit = Visit(site, request)
    params = {"count": error.seconds} if isinstance(error, TooOften) else {}
    sentence = visit.t(_ERROR_PAGES.get(error.status, "web.error_400"), **params)
    if site.wants_json(request):
        response = json_error(error.status, HTTPStatus(error.status).name.lower(), sentence)
    else:
        response = _page(visit, error.status, sentence)
    for name in ("Retry-After", "Allow"):
        if name in error.headers:
            response.headers[name] = error.headers[name]
    return response


def _unexpected(site: Site, request: web.Request) -> web.StreamResponse:
    reference = secrets.token_hex(4)
    log.exception("a page failed (%s)", reference)
    if getattr(
        request.writer, "output_size", 0
    ):  # half of an answer is out: nobody may take it for a whole one
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError
    visit = Visit(site, request)
    sentence = visit.t("web.error_500", reference=reference)
    if site.wants_json(request):
        return json_error(500, "unexpected", sentence)
    return _page(visit, 500, sentence)


def _page(visit: Visit, status: int, sentence: str) -> web.Response:
    return visit.render("error.html", status=status, sentence=sentence, code=status)
