"""What all REST routes under /api/v10 have in common: token, faults, refusals, what is missing."""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.simulator.errors import ApiError, invalid_form, unauthorized
from bot.simulator.faults import Fault, Faults
from bot.simulator.findings import SNOWFLAKE
from bot.simulator.world import BOT_TOKEN, World

Handler = Callable[[web.Request], Awaitable[Any]]
PREFIX = "/api/v10"
MOST_REMEMBERED_ERRORS = 100


def json_answer(payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as discord.py wants it: the bare content type, without a charset."""
    body = json.dumps(payload).encode()
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def number(request: web.Request, name: str, error: Exception) -> int:
    """An id from the path; `error` is what Discord says when there is no such thing."""
    text = request.match_info[name]
    if not SNOWFLAKE.fullmatch(text):
        raise error
    return int(text)


def form_error(field: str, code: str, message: str) -> Exception:
    return invalid_form({field: {"_errors": [{"code": code, "message": message}]}})


class Api:
    """Wraps every route in what all have in common: token, faults, counting, refusals in Discord's shape."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world = world
        self.faults = faults
        self.requests = 0
        self.unknown_routes: dict[tuple[str, str], int] = {}
        self.last_errors: deque[dict[str, Any]] = deque(maxlen=MOST_REMEMBERED_ERRORS)
        self._routes: list[web.RouteDef] = []

    def route(self, method: str, path: str, handler: Handler, *, needs_token: bool = True) -> None:
        """Add a route; interaction and webhook routes carry their own token in the path."""

        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, handler, needs_token)

        self._routes.append(web.route(method, PREFIX + path, answer))

    def add_to(self, app: web.Application) -> None:
        async def unknown(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, self._unknown, True)

        app.router.add_routes(self._routes)
        app.router.add_route("*", PREFIX + "/{rest:.*}", unknown)

    async def _answer(self, request: web.Request, handler: Handler, needs_token: bool) -> web.StreamResponse:
        self.requests += 1
        line = f"{request.method} {request.path.removeprefix(PREFIX)}"
        if fault := self.faults.take(line):
            await request.read()
            return _faulty_answer(fault)
        try:
            if needs_token and not _has_token(request):
                raise unauthorized()
            payload = await handler(request)
        except ApiError as error:
            self._remember(request, error)
            return json_answer(error.body(), error.status)
        return web.Response(status=204) if payload is None else json_answer(payload)

    async def _unknown(self, request: web.Request) -> Any:
        path = request.path.removeprefix(PREFIX)
        key = (request.method, path)
        self.unknown_routes[key] = self.unknown_routes.get(key, 0) + 1
        raise ApiError(501, 0, f"The simulator has no route {request.method} {path}")

    def _remember(self, request: web.Request, error: ApiError) -> None:
        self.last_errors.append(
            {
                "at": self.world.clock.timestamp(),
                "method": request.method,
                "path": _without_token(request),
                "status": error.status,
                "code": error.code,
                "message": error.message,
                "errors": error.errors or {},
            }
        )

    def describe_unknown(self) -> list[dict[str, Any]]:
        return [{"method": m, "path": p, "times": times} for (m, p), times in self.unknown_routes.items()]


def _has_token(request: web.Request) -> bool:
    return secrets.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bot {BOT_TOKEN}".encode()
    )


def _without_token(request: web.Request) -> str:
    """The path with an interaction's token left out: it is long and says nothing."""
    path = request.path.removeprefix(PREFIX)
    token = request.match_info.get("token")
    return path.replace(token, "…") if token else path


def _faulty_answer(fault: Fault) -> web.Response:
    if fault.kind == "http_5xx":
        return web.Response(status=fault.status, text="The simulator was asked for this error.")
    headers = {
        "Via": "1.1 simulator",
        "Retry-After": str(fault.retry_after),
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset-After": str(fault.retry_after),
        "X-RateLimit-Scope": "global" if fault.is_global else "user",
    }
    if fault.is_global:
        headers["X-RateLimit-Global"] = "true"
    body = {
        "message": "You are being rate limited.",
        "retry_after": fault.retry_after,
        "global": fault.is_global,
    }
    return json_answer(body, 429, headers)
