"""Fixtures that every layer shares: a clock that stands still, a real database file, and a ready club."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import migrate
from core.db import LocalDatabase
from tests.factories import Club
from tests.fakes import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def db_path(tmp_path: Path) -> Path:
    """A prepared database file."""
    path = tmp_path / "data" / "potkeeper.db"
    migrate.prepare(path)
    return path


@pytest.fixture
def db(db_path: Path, clock: FixedClock) -> Iterator[LocalDatabase]:
    """The database as the command line opens it; the clock is `clock`."""
    with LocalDatabase(db_path, clock) as opened:
        yield opened


@pytest.fixture
def club(db: LocalDatabase) -> Club:
    """A club in Taipei that collects TWD on the 5th, with an owner, a treasurer, a reviewer and an auditor."""
    return Club.create(db)
