"""Everything that the router serves, asked by everybody: signed out, each role, the owner of another club.

The screens behind a session are in test_every_route.py. Here are what is open to all, the API by session, and
where changes may come from. A route that is in none of these tables fails the first test.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

import pytest

from bot.web.api import OPERATIONS
from bot.web.api.operations import Operation
from bot.web.sso.options import AccessOptions, DiscordOptions, HeaderOptions, OidcOptions, SignIns
from core.access import Role
from core.store import payments as payment_rows
from tests.core.helpers import everything
from tests.factories import Club
from tests.web.api_site import Program, Seeded, address, seed
from tests.web.conftest import MakePages
from tests.web.site import ROLES, SAME_ORIGIN, FakeHost, Pages
from tests.web.test_every_route import GUARDED, RANK, Stage

AWAY = "http://127.0.0.1:9"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)
# Open to everybody, with what everybody gets: the address, and the status.
OPEN: dict[str, tuple[str, int]] = {
    "GET /static/{name}": ("/static/app.css", 200),
    "GET /favicon.ico": ("/favicon.ico", 303),
    "GET /login": ("/login", 200),
    "GET /login/{secret}": ("/login/made-up", 200),
    "POST /login/{secret}": ("/login/made-up", 410),
    "POST /preferences": ("/preferences", 303),
    "GET /u/sent": ("/u/sent", 404),
    "GET /u/{secret}": ("/u/made-up", 404),
    "POST /u/{secret}": ("/u/made-up", 404),
    "GET /statement": ("/statement", 410),
    "GET /statement.{kind}": ("/statement.csv", 410),
    "GET /statement/{secret}": ("/statement/made-up", 200),
    "POST /statement/{secret}": ("/statement/made-up", 410),
    "GET /healthz": ("/healthz", 200),
    "GET /readyz": ("/readyz", 200),
    "GET /metrics": ("/metrics", 404),
    "GET /openapi.json": ("/openapi.json", 200),
    "GET /login/access": ("/login/access", 403),
    "GET /login/oidc": ("/login/oidc", 503),
    "GET /login/oidc/callback": ("/login/oidc/callback?state=x&code=y", 403),
    "GET /login/discord": ("/login/discord", 303),
    "GET /login/discord/callback": ("/login/discord/callback?state=x&code=y", 403),
    "GET /login/header": ("/login/header", 403),
    "POST /login/choose": ("/login/choose", 403),
}
EVERYBODY = (None, *ROLES, "another club")
# What browsers say about changes that do not come from our pages.
FOREIGN: tuple[Mapping[str, str], ...] = (
    {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"}, {"Origin": "null"},
)  # fmt: skip


@pytest.fixture
async def pages(make_pages: MakePages) -> Pages:
    """The application with every way to sign in configured."""
    nobody = {"nobody": 1}
    return await make_pages(sign_ins=SignIns(
        AccessOptions(AWAY, "club", nobody), OidcOptions(AWAY, "club", "secret", nobody),
        DiscordOptions("club", "secret", AWAY), HeaderOptions("Remote-User", HERE, nobody),
    ))  # fmt: skip


@pytest.fixture
def seeded(club: Club) -> Seeded:
    return seed(club)


@pytest.fixture
def other(seeded: Seeded, host: FakeHost) -> Club:
    made = Club.create(seeded.club.db, number=1)
    host.owners[made.workspace.guild_id] = made.owner.discord_id
    return made


def served(pages: Pages) -> set[str]:
    """What the router answers to; HEAD comes with every GET."""
    found = set()
    for route in pages.server.app.router.routes():
        assert route.resource is not None
        if route.method != "HEAD":
            found.add(f"{route.method} {route.resource.canonical}")
    return found


async def browser_of(pages: Pages, who: str | None, other: Club) -> Any:
    if who == "another club":
        return await pages.browser("owner", club=other)
    return await pages.browser(who)


async def test_nothing_is_served_that_is_asked_nowhere(pages: Pages) -> None:
    await pages.browser()
    operations = {f"{operation.method} {operation.route}" for operation in OPERATIONS}
    asked = {_plain(name) for name in (*GUARDED, *OPEN, *operations)}
    assert served(pages) == asked


def _plain(name: str) -> str:
    """A pattern as the router names it: without what its parts have to match."""
    return re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", name)


@pytest.mark.parametrize("who", EVERYBODY)
async def test_what_is_open_says_the_same_to_everybody(
    pages: Pages, seeded: Seeded, other: Club, who: str | None
) -> None:
    before, wrong = everything(seeded.club.db), {}
    for name, (path, status) in OPEN.items():
        browser = await browser_of(pages, who, other)
        response = await (browser.get(path) if name.startswith("GET ") else browser.post(path))
        text = await response.text()
        if response.status != status or seeded.club.workspace.name in text or "Spare" in text:
            wrong[name] = response.status
    assert wrong == {}
    after = everything(seeded.club.db)
    assert [table for table in after if after[table] != before[table] and table not in SIGNED_IN] == []


SIGNED_IN = ("sessions", "audit_log")
"""That the browsers of this test are signed in, and nothing else."""


@pytest.mark.parametrize("who", [None, "owner"])
async def test_every_answer_carries_the_headers(
    pages: Pages, seeded: Seeded, other: Club, who: str | None
) -> None:
    """Pages, files, pictures, JSON, refusals: no address is forgotten."""
    (waiting,) = payment_rows.waiting(seeded.club.db.conn, seeded.club.id)
    stage = Stage(pages, seeded.club, other, waiting)
    paths = [stage.path(route) for route in GUARDED.values() if route.method == "GET"]
    paths += [path for name, (path, _) in OPEN.items() if name.startswith("GET ")]
    paths += [address(operation, seeded.ids) for operation in OPERATIONS if operation.is_read]
    browser, wrong = await pages.browser(who), {}
    for path in paths:
        response = await browser.get(path)
        headers, is_page = response.headers, response.content_type == "text/html"
        policy = headers["Content-Security-Policy"]
        cached = "immutable" in headers["Cache-Control"] or "no-cache" in headers["Cache-Control"]
        fine = (
            headers["X-Content-Type-Options"] == "nosniff"
            and headers["X-Frame-Options"] == "DENY"
            and headers["Cross-Origin-Resource-Policy"] == "same-origin"
            and "frame-ancestors 'none'" in policy
            and policy.startswith("default-src 'none'")
            and "unsafe" not in policy
            and not re.search(r"https?:|\*", policy)
            and ("script-src 'self'" in policy or not is_page)
            and ("sandbox" in policy or is_page)
            and (headers["Cache-Control"] == "no-store" or cached is path.startswith("/static/"))
        )
        if not fine:
            wrong[path] = dict(headers)
    assert wrong == {}


# --- the API by session ---------------------------------------------------------------------------------------


async def run(browser: Any, operation: Operation, seeded: Seeded) -> Any:
    program = Program(browser)
    program.headers = dict(SAME_ORIGIN)
    return await program.run(operation, seeded.ids)


async def test_the_api_is_closed_to_whoever_is_signed_out(pages: Pages, seeded: Seeded) -> None:
    browser, before = await pages.browser(), everything(seeded.club.db)
    statuses = {one.name: (await run(browser, one, seeded)).status for one in OPERATIONS}
    assert {name: status for name, status in statuses.items() if status != 401} == {}
    assert everything(seeded.club.db) == before


@pytest.mark.parametrize("role", ROLES)
async def test_a_session_may_by_api_what_its_role_may(pages: Pages, seeded: Seeded, role: str) -> None:
    browser, wrong = await pages.browser(role), {}
    before = everything(seeded.club.db)
    refused = [one for one in OPERATIONS if RANK[role] < one.least]
    for operation in refused:
        response = await run(browser, operation, seeded)
        if (response.status, (await response.json()).get("error")) != (403, "role_needed"):
            wrong[operation.name] = response.status
    assert everything(seeded.club.db) == before, "what was refused changed nothing"
    for operation in (one for one in OPERATIONS if RANK[role] >= one.least):
        status = (await run(browser, operation, seeded)).status
        if status in (401, 405) or status >= 500 or (status == 403 and operation.name not in MORE_NEEDED):
            wrong[operation.name] = status
    assert wrong == {}


MORE_NEEDED = {"unverify_payment", "reject_payment_after_all", "cancel_payment", "grant_role", "revoke_role"}
"""Beyond the role: one's own decision of the last minutes, or what only an owner gives and takes."""


async def test_another_clubs_owner_reaches_nothing_of_ours_by_api(
    pages: Pages, seeded: Seeded, other: Club
) -> None:
    browser, found = await browser_of(pages, "another club", other), {}
    before = everything(seeded.club.db)
    for operation in OPERATIONS:
        response = await run(browser, operation, seeded)
        named = {"id" in name for name in operation.path_params} - {False}
        text = "" if operation.media != "application/json" else await response.text()
        if response.status >= 500 or "Ann" in text or (named and response.status < 300 and operation.is_read):
            found[operation.name] = response.status
    assert found == {}
    after, ours = everything(seeded.club.db), ("payments", "bills", "members", "plans", "methods", "notices")
    assert {table: len([row for row in before[table] if row not in after[table]]) for table in ours} == (
        dict.fromkeys(ours, 0)
    )


# --- where changes come from ----------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_no_change_comes_from_elsewhere(
    pages: Pages, seeded: Seeded, other: Club, headers: Mapping[str, str]
) -> None:
    """Every change of every kind, by a browser that is signed in as the owner."""
    (waiting,) = payment_rows.waiting(seeded.club.db.conn, seeded.club.id)
    stage = Stage(pages, seeded.club, other, waiting)
    browser, before = await pages.browser("owner"), everything(seeded.club.db)
    statuses = {}
    for name, route in GUARDED.items():
        if route.method != "GET":
            statuses[name] = (await browser.post(stage.path(route), headers=headers)).status
    for name, (path, _) in OPEN.items():
        if name.startswith("POST "):
            statuses[name] = (await browser.post(path, headers=headers)).status
    program = Program(browser)
    program.headers = dict(headers)
    for operation in OPERATIONS:
        if not operation.is_read:
            statuses[operation.name] = (await program.run(operation, seeded.ids)).status
    assert {name: status for name, status in statuses.items() if status != 403} == {}
    assert everything(seeded.club.db) == before


def test_least_roles_are_what_they_say() -> None:
    """Reading is for auditors, deciding for reviewers, all else for treasurers, by page as by API."""
    for operation in OPERATIONS:
        assert operation.least in (Role.AUDITOR, Role.REVIEWER, Role.TREASURER)
        assert operation.is_read is (operation.least is Role.AUDITOR) or operation.name == "export_roster"
