"""Health, readiness and numbers: what they say, and to whom."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest

from bot.web.options import MetricsOptions
from core.db import Database
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.site import FakeHost, Pages

HERE = (ipaddress.ip_network("127.0.0.0/8"),)
ELSEWHERE = (ipaddress.ip_network("10.0.0.0/8"),)
TOKEN = {"Authorization": "Bearer let-me-see"}


async def test_it_lives_while_the_database_answers(pages: Pages) -> None:
    browser = await pages.browser()
    response = await browser.get("/healthz")
    assert (response.status, await response.json()) == (200, {"status": "ok", "database": True})
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/login"])
async def test_head_is_answered_too(pages: Pages, path: str) -> None:
    response = await (await pages.browser()).head(path)
    assert response.status == 200
    assert await response.read() == b""


async def test_it_says_so_when_the_database_is_gone(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.errors import DatabaseUnavailable

    async def gone(self: Database, *args: Any, **kwargs: Any) -> Any:
        raise DatabaseUnavailable(cause="the disk is gone")

    browser = await pages.browser()
    monkeypatch.setattr(Database, "read", gone)
    for path in ("/healthz", "/readyz"):
        response = await browser.get(path)
        assert response.status == 503
        assert (await response.json())["database"] is False


async def test_it_is_ready_while_discord_is_there_or_was_a_moment_ago(
    pages: Pages, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.web import health_checks

    now = 1000.0
    monkeypatch.setattr(health_checks, "monotonic", lambda: now)
    browser = await pages.browser()
    host.connected = False
    assert (await browser.get("/readyz")).status == 503, "never seen"
    host.connected = True
    assert (await browser.get("/readyz")).status == 200
    host.connected = False
    now += 59
    assert (await browser.get("/readyz")).status == 200, "the session may be resuming"
    now += 2
    response = await browser.get("/readyz")
    assert response.status == 503
    assert await response.json() == {"status": "failing", "database": True, "gateway": False}
    assert (await browser.get("/healthz")).status == 200, "a restart would not help"


async def test_numbers_are_not_there_unless_somebody_may_read_them(pages: Pages) -> None:
    assert (await (await pages.browser("owner")).get("/metrics", headers=TOKEN)).status == 404


async def test_numbers_are_for_whoever_has_the_token(make_pages: Any) -> None:
    pages = await make_pages(metrics=MetricsOptions(token="let-me-see", networks=ELSEWHERE))
    browser = await pages.browser("owner")
    assert (await browser.get("/metrics", headers=TOKEN)).status == 200
    for header in ("Bearer let-me-se", "Bearer", "let-me-see", "Basic let-me-see", "Bearer lët"):
        response = await browser.get("/metrics", headers={"Authorization": header})
        assert response.status == 403, header


async def test_numbers_are_for_listed_networks(make_pages: Any) -> None:
    near = await make_pages(metrics=MetricsOptions(networks=HERE))
    far = await make_pages(metrics=MetricsOptions(networks=ELSEWHERE))
    assert (await (await near.browser()).get("/metrics")).status == 200
    assert (await (await far.browser()).get("/metrics")).status == 403
    spoofed = await (await far.browser()).get("/metrics", headers={"X-Forwarded-For": "10.1.1.1"})
    assert spoofed.status == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
async def test_what_an_unknown_proxy_passes_on_is_not_local(make_pages: Any, header: str) -> None:
    """A proxy on this machine that nobody listed would otherwise open the numbers to the whole world."""
    near = await make_pages(metrics=MetricsOptions(networks=HERE))
    asked = await (await near.browser()).get("/metrics", headers={header: "127.0.0.1"})
    assert asked.status == 403
    known = await make_pages(metrics=MetricsOptions(networks=ELSEWHERE), trusted_proxies=HERE)
    asked = await (await known.browser()).get("/metrics", headers={"X-Forwarded-For": "10.1.1.1"})
    assert asked.status == 200


async def numbers(pages: Pages) -> dict[str, float]:
    response = await (await pages.browser()).get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = re.findall(r"^(\w+(?:\{[^}]*\})?) ([0-9.e+-]+)$", await response.text(), re.MULTILINE)
    return {name: float(value) for name, value in found}


async def test_numbers_say_how_things_stand(make_pages: Any, club: Club, clock: FixedClock) -> None:
    plan = club.plan()
    first, _ = club.subscriber(plan), club.subscriber(plan)
    club.open()
    club.submit(first)
    clock.advance(minutes=5)
    pages = await make_pages(metrics=MetricsOptions(networks=HERE))
    browser = await pages.browser()
    await browser.get("/login")
    await browser.get("/u/secret-of-somebody")
    found = await numbers(pages)
    assert found["potkeeper_members"] == 2
    assert found["potkeeper_payments_waiting"] == 1
    assert found["potkeeper_workspaces"] == 1
    assert found['potkeeper_notices{status="waiting"}'] > 0
    assert found["potkeeper_notice_oldest_due_seconds"] == 300
    assert found["potkeeper_jobs_failed"] == 0
    assert found["potkeeper_gateway_connected"] == 1
    assert found["potkeeper_gateway_latency_seconds"] == 0.04
    assert found['potkeeper_http_requests_total{method="GET",route="/login",status="200"}'] == 1
    assert found["process_resident_memory_bytes"] > 0


async def test_numbers_hold_no_secret_and_no_name(make_pages: Any, club: Club) -> None:
    club.member("Ann Secretive")
    pages = await make_pages(metrics=MetricsOptions(networks=HERE))
    browser = await pages.browser()
    for path in ("/u/secret-token", "/login/secret-token", "/no/secret-token", "/api/v1/secret-token"):
        await browser.get(path)
    text = await (await browser.get("/metrics")).text()
    assert "secret-token" not in text
    assert "Secretive" not in text
