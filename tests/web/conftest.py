"""The web application on the test's own database, with browsers for every role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.storage import LocalProofStorage
from core.db import Database
from core.services import Services
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.site import FakeHost, Pages, options

MakePages = Callable[..., Awaitable[Pages]]


@pytest.fixture
def host(club: Club) -> FakeHost:
    """Discord, which knows who owns the club's server."""
    return FakeHost(owners={club.workspace.guild_id: club.owner.discord_id})


@pytest.fixture
async def services(club: Club, db_path: Path, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Services]:
    """What the bot gives to the pages; the database is the one that `club` writes to."""
    async with Database(db_path, clock) as db:
        yield Services(db, clock, LocalProofStorage(tmp_path / "proofs"))


@pytest.fixture
async def make_pages(club: Club, services: Services, host: FakeHost) -> AsyncIterator[MakePages]:
    """Start the application with options of one's own."""
    made: list[Pages] = []

    async def make(**changes: Any) -> Pages:
        url = changes.pop("url", "http://127.0.0.1")
        made.append(Pages(club, services, host, options(url, **changes)))
        return made[-1]

    yield make
    for pages in made:
        await pages.close()


@pytest.fixture
async def pages(make_pages: MakePages) -> Pages:
    """The application as most tests want it."""
    return await make_pages()
