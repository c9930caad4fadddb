"""What tests of the settings, log, notices and health pages share: a Discord server with channels and roles."""

from __future__ import annotations

from aiohttp import ClientResponse

from bot.web.host import Place
from tests.factories import Club
from tests.web.site import FakeHost, Pages

# As large as Discord's are today: nineteen digits.
ANNOUNCE, REVIEW, ADMIN = (
    1_412_345_678_901_234_561, 1_412_345_678_901_234_562, 1_412_345_678_901_234_563,
)  # fmt: skip
ROLE = 1_412_345_678_901_234_570


def furnish(host: FakeHost) -> None:
    """Give the server channels and a role."""
    host.places = [Place(ANNOUNCE, "announcements"), Place(REVIEW, "review"), Place(ADMIN, "admins")]
    host.role_list = [Place(ROLE, "Treasury")]


async def text_of(pages: Pages, role: str, path: str, *, status: int = 200) -> str:
    """The page as this role sees it."""
    response = await (await pages.browser(role)).get(path)
    assert response.status == status, (path, response.status, await response.text())
    return await response.text()


async def refused(response: ClientResponse, status: int = 422) -> str:
    """The page that says why nothing was changed."""
    assert response.status == status, await response.text()
    return await response.text()


def busy(club: Club) -> None:
    """A month in which something happened: opened, paid, verified, rejected, reminded."""
    plan = club.plan("Music", 300)
    one, two = club.subscriber(plan, "Mei Lin"), club.subscriber(plan, "Jonas Weber")
    club.method()
    club.open("2026-06")
    club.verify(club.submit(one))
    club.submit(two)
