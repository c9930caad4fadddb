"""What every answer carries, where changes may come from, how often one may ask, and what stays unsaid."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import re
from pathlib import Path

import pytest
from aiohttp import ClientError, web

from bot.web import limits
from bot.web.options import RATES, Rate
from bot.web.paths import PublicUrl
from tests.factories import Club
from tests.web.conftest import MakePages
from tests.web.site import Pages

STATIC = Path(__file__).parents[2] / "bot/web/static"


# --- headers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/login", "/login/x", "/nothing/here", "/u/unknown", "/version", "/review"]
)
@pytest.mark.parametrize("role", [None, "treasurer"])
async def test_every_answer_carries_the_headers(pages: Pages, path: str, role: str | None) -> None:
    response = await (await pages.browser(role)).get(path)
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?:|\*", policy)


async def test_https_adds_what_belongs_to_it(make_pages: MakePages) -> None:
    pages = await make_pages(url="https://club.example")
    response = await (await pages.browser()).get("/login")
    assert response.headers["Strict-Transport-Security"].startswith("max-age=")


async def test_pages_have_no_inline_style_script_or_foreign_address(pages: Pages, club: Club) -> None:
    club.subscriber(club.plan())
    club.open()
    browser = await pages.browser("owner")
    for path in ("/", "/review", "/login", "/sessions", "/periods/2026-06/close"):
        page = await (await browser.get(path)).text()
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page)), path
        assert not re.search(r'(?:href|src|action)="(?:https?:)?//', page), path


# --- where changes come from --------------------------------------------------------------------------------


HOST = "{host}"
CROSS = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": HOST}, False),
    ({"Origin": HOST}, True),
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Referer": HOST}, False),
    ({}, False),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "fine"), CROSS)
@pytest.mark.parametrize(
    "path", ["/logout", "/preferences", "/login/unknown", "/review/1/verify", "/u/unknown"]
)
async def test_a_change_must_come_from_our_own_page(
    pages: Pages, headers: dict[str, str], fine: bool, path: str
) -> None:
    browser = await pages.browser("treasurer")
    origin = str(browser.client.make_url("/")).rstrip("/")
    sent = {name: origin if value == HOST else value for name, value in headers.items()}
    response = await browser.post(path, headers=sent)
    assert (response.status == 403) is not fine
    if not fine:
        assert browser.cookies, "still signed in"


async def test_behind_a_proxy_the_public_origin_counts(make_pages: MakePages) -> None:
    pages = await make_pages(url="https://club.example/pot")
    browser = await pages.browser()
    for origin, status in (
        ("https://club.example", 303),
        ("http://club.example", 403),
        ("https://club.exampl", 403),
    ):
        assert (await browser.post("/pot/preferences", headers={"Origin": origin})).status == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(pages: Pages, method: str) -> None:
    browser = await pages.browser("owner")
    response = await browser._request(method, "/review")
    assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD")


async def test_forms_that_are_too_large_or_of_another_kind_are_not_read(pages: Pages) -> None:
    browser = await pages.browser("treasurer")
    assert (await browser.post("/preferences", {"back": "x" * 300_000})).status == 413
    response = await browser._request(
        "POST", "/preferences", data=b"{}",
        headers={"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"},
    )  # fmt: skip
    assert response.status == 415


# --- a path below a proxy -----------------------------------------------------------------------------------


async def test_everything_works_below_a_path(make_pages: MakePages, club: Club) -> None:
    pages = await make_pages(url="http://127.0.0.1/pot")
    browser = await pages.browser("treasurer")
    for path in ("/pot/", "/"):  # some proxies take the path off
        page = await (await browser.get(path)).text()
        addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
        assert len(addresses) > 10
        assert all(address.startswith("/pot/") for address in addresses)
        assert "aria-current=page" in page
    for address in addresses:
        if "/static/" in address:
            assert (await browser.get(address)).status == 200
    response = await browser.post("/pot/logout")
    assert response.headers["Location"] == "/pot/login"


@pytest.mark.parametrize(
    "text", ["", "club.example", "ftp://x", "https://", "https://u:p@x/", "https://x/?q", "https://x/#f"]
)
def test_what_is_no_address_of_a_site_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        PublicUrl.parse(text)


# --- the client's address -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forwarded", "trusted", "asks"),
    [
        ("1.2.3.4", (), 1),  # the header is made up: everybody shares the peer's bucket
        ("1.2.3.4", ("127.0.0.0/8",), 2),
        ("6.6.6.6, 1.2.3.4", ("127.0.0.0/8",), 2),
        ("1.2.3.4, 10.0.0.1", ("127.0.0.0/8", "10.0.0.0/8"), 2),
    ],
)
async def test_limits_count_the_address_behind_trusted_proxies(
    make_pages: MakePages, forwarded: str, trusted: tuple[str, ...], asks: int
) -> None:
    networks = tuple(ipaddress.ip_network(text) for text in trusted)
    pages = await make_pages(rates={**RATES, "sign_in": Rate(1, 1)}, trusted_proxies=networks)
    browser = await pages.browser()
    first = await browser.get("/login/x", headers={"X-Forwarded-For": forwarded})
    other = await browser.get(
        "/login/x", headers={"X-Forwarded-For": forwarded.replace("1.2.3.4", "1.2.3.5")}
    )
    again = await browser.get("/login/x", headers={"X-Forwarded-For": forwarded})
    assert (first.status, other.status, again.status) == (200, 200 if asks == 2 else 429, 429)


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("1.2.3.4", "::ffff:1.2.3.4", "1.2.3.5"),
    ],
)
async def test_who_has_many_addresses_is_limited_as_one(
    make_pages: MakePages, address: str, same: str, other: str
) -> None:
    """An IPv6 connection comes with 2**64 of them."""
    here = (ipaddress.ip_network("127.0.0.0/8"),)
    pages = await make_pages(rates={**RATES, "sign_in": Rate(1, 1)}, trusted_proxies=here)
    browser = await pages.browser()
    statuses = [
        (await browser.get("/login/x", headers={"X-Forwarded-For": one})).status
        for one in (address, same, other)
    ]
    assert statuses == [200, 429, 200]


# --- limits -------------------------------------------------------------------------------------------------


def test_a_bucket_fills_up_again_and_never_beyond_its_size() -> None:
    now = [0.0]
    buckets = limits.Limits({"x": Rate(2, 60)}, lambda: now[0])
    assert [buckets.take("x", "a") for _ in range(3)] == [0, 0, 1]
    assert buckets.take("x", "b") == 0
    now[0] = 1.0
    assert [buckets.take("x", "a") for _ in range(2)] == [0, 1]
    now[0] = 1000.0
    assert [buckets.take("x", "a") for _ in range(3)] == [0, 0, 1]


def test_the_memory_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 100)
    buckets = limits.Limits({"x": Rate(1, 1)})
    for number in range(1000):
        buckets.take("x", str(number))
    assert len(buckets._buckets) == 100


# --- what is never said -------------------------------------------------------------------------------------


async def test_secrets_of_addresses_and_cookies_are_in_no_log(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = await pages.browser("treasurer")
    for path in (
        "/login/SECRETSECRET",
        "/u/SECRETSECRET",
        "/statement/SECRETSECRET",
        "/nothing/SECRETSECRET",
    ):
        await browser.get(path)
        await browser.post(path)
    await browser.get("/api/v1/me", headers={"Authorization": "Bearer SECRETSECRET"})
    await browser.get("/metrics?token=SECRETSECRET", headers={"Authorization": "Bearer SECRETSECRET"})
    await browser.get("/u/sent", headers={"Cookie": "sent=SECRETSECRET; statement=SECRETSECRET"})
    said = caplog.text
    assert "SECRETSECRET" not in said
    assert browser.cookies["sid"] not in said
    assert "/login/{secret}" in said


async def test_an_unexpected_error_is_logged_and_named_but_not_shown(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from core import reports_web

    def broken(*_: object) -> None:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr(reports_web, "queue", broken)
    response = await (await pages.browser("treasurer")).get("/review")
    page = await response.text()
    assert response.status == 500
    assert "inner secret" not in page
    reference = re.search(r"logged as ([0-9a-f]{8})", page)
    assert reference is not None
    assert reference[1] in caplog.text


async def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(pages: Pages) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"one line")
        raise RuntimeError("and then the database was gone")

    pages.server.app.router.add_get("/half", half)
    with pytest.raises(ClientError):
        await (await pages.browser()).get("/half")


async def test_errors_of_the_api_are_json(pages: Pages) -> None:
    response = await (await pages.browser()).get("/api/nothing/here")
    assert response.status == 404
    assert set(await response.json()) == {"error", "message"}


# --- files --------------------------------------------------------------------------------------------------


async def test_files_are_kept_by_their_hash_and_nothing_else_is_served(pages: Pages) -> None:
    browser = await pages.browser()
    page = await (await browser.get("/login")).text()
    address = re.search(r"/static/app\.css\?v=[0-9a-f]+", page)
    assert address is not None
    lasting = await browser.get(address[0])
    assert (lasting.status, "immutable" in lasting.headers["Cache-Control"]) == (200, True)
    assert lasting.headers["Content-Encoding"] == "gzip"
    assert (await browser.get("/static/app.css")).headers["Cache-Control"] == "no-cache"
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing.css", "/static/"):
        assert (await browser.get(path)).status == 404, path
    assert (await browser.get("/favicon.ico")).headers["Location"].startswith("/static/favicon.svg")


def test_htmx_is_the_file_that_the_licences_name() -> None:
    said = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    digest = hashlib.sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest()
    assert digest in said
    assert "ISC License" in said
