"""Numbers for Prometheus: what the server did, and how the books and the gateway stand. No names, no amounts."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bot.version import program_version
from bot.web.identity import by_unknown_proxy, is_trusted
from bot.web.routing import Routes
from core import figures
from core.figures import Figures

if TYPE_CHECKING:
    from bot.web.host import Host
    from bot.web.visit import Visit

pages = Routes()

CONTENT_TYPE = "text/plain; version=0.0.4"
NO_ROUTE = "-"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NOTICE_STATUSES = ("waiting", "sent", "obsolete", "unknown", "failed")


class Metrics:
    """One application's numbers; nothing is shared with another one in the same process."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        registry = self._registry
        self._requests = Counter(
            "potkeeper_http_requests", "Requests answered", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "potkeeper_http_seconds", "Time to answer", ("route",), buckets=_SECONDS, registry=registry
        )
        self._version = Gauge("potkeeper_build_info", "This program", ("version",), registry=registry)
        self._version.labels(program_version()).set(1)
        self._connected = Gauge("potkeeper_gateway_connected", "1 while Discord is there", registry=registry)
        self._latency = Gauge("potkeeper_gateway_latency_seconds", "Last heartbeat", registry=registry)
        self._workspaces = Gauge("potkeeper_workspaces", "Clubs", registry=registry)
        self._members = Gauge("potkeeper_members", "People on rosters", registry=registry)
        self._waiting = Gauge("potkeeper_payments_waiting", "Submissions to review", registry=registry)
        self._notices = Gauge("potkeeper_notices", "Notices by status", ("status",), registry=registry)
        self._oldest = Gauge(
            "potkeeper_notice_oldest_due_seconds", "How long the oldest due notice waits", registry=registry
        )
        self._failed = Gauge("potkeeper_jobs_failed", "Failed job runs of the last day", registry=registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the pattern, never the address itself."""
        known = method if method in hdrs.METH_ALL else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, found: Figures, host: Host) -> bytes:
        """Everything as Prometheus reads it."""
        self._workspaces.set(found.workspaces)
        self._members.set(found.members)
        self._waiting.set(found.waiting_payments)
        for status in _NOTICE_STATUSES:
            self._notices.labels(status).set(found.notices.get(status, 0))
        self._oldest.set(found.oldest_due_seconds)
        self._failed.set(found.failed_jobs)
        self._connected.set(int(host.is_connected()))
        self._latency.set(host.latency_seconds() or 0.0)
        return generate_latest(self._registry)


@pages.open_get("/metrics")
async def metrics(visit: Visit) -> web.StreamResponse:
    """The numbers, for listed networks and whoever has the token; as good as not there when neither is set."""
    options = visit.site.options.metrics
    if options.token is None and not options.networks:
        raise web.HTTPNotFound
    if not _is_listed(visit) and not _has_token(visit, options.token):
        raise web.HTTPForbidden
    found = await visit.db.read(figures.current)
    body = visit.site.metrics.text(found, visit.site.host)
    return web.Response(body=body, headers={"Content-Type": f"{CONTENT_TYPE}; charset=utf-8"})


def _is_listed(visit: Visit) -> bool:
    """Whether the address is in a listed network. Behind a proxy that nobody named, every address looks local."""
    networks, proxies = visit.site.options.metrics.networks, visit.site.options.trusted_proxies
    return is_trusted(visit.address, networks) and not by_unknown_proxy(visit.request, proxies)


def _has_token(visit: Visit, token: str | None) -> bool:
    kind, _, sent = visit.request.headers.get("Authorization", "").partition(" ")
    fits = token is not None and hmac.compare_digest(sent.strip().encode(), token.encode())
    return kind.lower() == "bearer" and fits
