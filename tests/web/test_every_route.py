"""Every route, asked by everybody: signed out, each role, and the treasurer of another club.

A new route is in here by itself. What it needs to be called sensibly stands in CALLS.
"""

from __future__ import annotations

import importlib
import re

import pytest

from bot.web.app import MODULES, _own_routes
from bot.web.routing import Route
from core.access import Role
from core.models import Payment
from tests.core.helpers import everything
from tests.factories import Club
from tests.web.site import ROLES, FakeHost, Pages

RANK = {"auditor": Role.AUDITOR, "reviewer": Role.REVIEWER, "treasurer": Role.TREASURER, "owner": Role.OWNER}
HOLDER = {role: name for name, role in RANK.items()}

# The form of routes that want one; "{payment}" and "{member}" stand for ids of the club's own things.
CALLS: dict[str, dict[str, str]] = {
    "POST /review/undo": {"payment": "{payment}"},
    "POST /review/{id}/reject": {"reason": "twice"},
}
# What `{id}` names, by the beginning of the path; the longest that fits counts.
IDS = {
    "/review/members/": "member", "/review/": "payment", "/proof/": "payment", "/members/": "member",
    "/bills/": "bill", "/plans/": "plan", "/methods/": "method",
}  # fmt: skip
# What may stand for a part of a path that has a pattern.
SAMPLES = ("1", "2026-06", "csv", "en", "opened")
# What anybody may post to. Programs (below) bring a proof of their own.
OPEN_CHANGES = {"POST /login/{secret}", "POST /preferences", "POST /u/{secret}", "POST /statement/{secret}"}
PROGRAMS = ("/api/", "/hooks/")

ROUTES = {
    f"{route.method} {route.path}": route
    for route in (*_own_routes(), *(r for name in MODULES for r in importlib.import_module(name).pages))
}
GUARDED = {name: route for name, route in ROUTES.items() if route.least is not None}
CHANGES = [name for name, route in GUARDED.items() if route.method != "GET"]
OURS = (
    "payments",
    "bills",
    "allocations",
    "members",
    "plans",
    "methods",
    "subscriptions",
    "proofs",
    "notices",
)


class Stage:
    """Two clubs with something of everything in the first."""

    def __init__(self, pages: Pages, club: Club, other: Club, payment: Payment) -> None:
        self.pages, self.club, self.other = pages, club, other
        self.ids = {"payment": payment.id, "member": payment.member_id, "bill": 1, "plan": 1, "method": 1}

    def path(self, route: Route) -> str:
        fitting = [start for start in IDS if route.path.startswith(start)]
        thing = IDS[max(fitting, key=len)] if fitting else "payment"

        def fill(match: re.Match[str]) -> str:
            name, pattern = match[1], match[2] or "[^/]+"
            given = {"id": str(self.ids[thing]), "period": "2026-06"}.get(name)
            offered = (given, *pattern.split("|"), *SAMPLES)
            candidates = [text for text in offered if text and re.fullmatch(pattern, text)]
            assert candidates, f"SAMPLES has nothing for {route.path}"
            return candidates[0]

        return re.sub(r"\{(\w+)(?::([^{}]+(?:\{\d+,?\d*\})?))?\}", fill, route.path)

    async def ask(self, name: str, role: str | None, club: Club | None = None) -> tuple[int, str]:
        route, browser = ROUTES[name], await self.pages.browser(role, club=club)
        if route.method == "GET":
            response = await browser.get(self.path(route))
        else:
            data = {key: value.format(**self.ids) for key, value in CALLS.get(name, {}).items()}
            response = await browser.post(self.path(route), data)
        return response.status, response.headers.get("Location", "")


@pytest.fixture
def stage(pages: Pages, club: Club, host: FakeHost) -> Stage:
    member = club.subscriber(club.plan())
    club.open()
    other = Club.create(club.db, number=1)
    host.owners[other.workspace.guild_id] = other.owner.discord_id
    return Stage(pages, club, other, club.submit(member))


async def test_nobody_gets_in_without_a_session(stage: Stage) -> None:
    let_in = {}
    for name, route in GUARDED.items():
        found = await stage.ask(name, None)
        reads = route.method == "GET" and not route.path.startswith(PROGRAMS)
        if found != ((303, "/login") if reads else (401, "")):
            let_in[name] = found
    assert let_in == {}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_reads_what_it_may_and_is_refused_the_rest(stage: Stage, role: str) -> None:
    before = everything(stage.club.db)
    wrong = {}
    for name, route in GUARDED.items():
        assert route.least is not None
        allowed = RANK[role] >= route.least
        if allowed and route.method != "GET":
            continue
        status, _ = await stage.ask(name, role)
        if (status == 403) is allowed or status in (401, 405) or status >= 500:
            wrong[name] = status
    assert wrong == {}
    after = everything(stage.club.db)
    assert [table for table in OURS if after[table] != before[table]] == []


@pytest.mark.parametrize("name", CHANGES)
async def test_the_least_role_that_may_change_something_may(stage: Stage, name: str) -> None:
    least = ROUTES[name].least
    assert least is not None
    status, _ = await stage.ask(name, HOLDER[least])
    assert status not in (401, 403, 405)
    assert status < 500


async def test_another_club_finds_and_changes_nothing_of_ours(stage: Stage) -> None:
    before = everything(stage.club.db)
    wrong = {}
    for name, route in GUARDED.items():
        status, _ = await stage.ask(name, "treasurer", stage.other)
        found = "{id" in route.path and route.method == "GET" and status == 200
        if status >= 500 or found:
            wrong[name] = status
    assert wrong == {}
    after = everything(stage.club.db)
    ours = {table: [row for row in before[table] if row in after[table]] for table in OURS}
    assert {table: len(before[table]) - len(kept) for table, kept in ours.items()} == dict.fromkeys(OURS, 0)


async def test_head_is_answered_like_get_without_a_body(stage: Stage) -> None:
    wrong = {}
    for name, route in ROUTES.items():
        if route.method == "GET":
            response = await (await stage.pages.browser("owner")).head(stage.path(route))
            if response.status >= 500 or await response.read():
                wrong[name] = response.status
    assert wrong == {}


def test_every_change_is_guarded() -> None:
    opened = {
        name
        for name, route in ROUTES.items()
        if route.method != "GET" and route.least is None and not route.path.startswith(PROGRAMS)
    }
    assert opened <= OPEN_CHANGES
    assert [name for name in opened if not ROUTES[name].from_ours] == []


def test_the_forms_above_belong_to_routes() -> None:
    assert CALLS.keys() <= ROUTES.keys()
