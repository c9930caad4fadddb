"""Fixtures that every layer shares: a clock that stands still, a real database file, and a ready club."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import migrate
from core.db import LocalDatabase
from tests.factories import Club
from tests.fakes import FixedClock

pytest_plugins = ["tests.plugin_skips"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file comes first, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name != "test_screens.py")


@pytest.fixture(autouse=True)
def logging_stays_as_it_was() -> Iterator[None]:
    """A test that sets the program's logging up leaves nothing of it to the next one."""
    root = logging.getLogger()
    for ours in ("bot", "cogs", "core"):
        logging.getLogger(ours)  # so that it is there to be kept
    handlers = list(root.handlers)
    loggers = [root, *(each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    levels = [(each, each.level) for each in loggers]
    yield
    root.handlers[:] = [handler for handler in root.handlers if handler in handlers]
    for each, level in levels:
        each.setLevel(level)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared database file without a club; made once, because copying it is faster."""
    path = tmp_path_factory.mktemp("empty") / "potkeeper.db"
    migrate.prepare(path)
    return path


@pytest.fixture
def db_path(tmp_path: Path, empty_database: Path) -> Path:
    """A prepared database file of the test's own."""
    path = tmp_path / "data" / "potkeeper.db"
    path.parent.mkdir()
    shutil.copyfile(empty_database, path)
    return path


@pytest.fixture
def db(db_path: Path, clock: FixedClock) -> Iterator[LocalDatabase]:
    """The database as the command line opens it; the clock is `clock`."""
    with LocalDatabase(db_path, clock) as opened:
        yield opened


@pytest.fixture
def club(db: LocalDatabase) -> Club:
    """A club in Taipei that collects TWD on the 5th, run by an owner, a treasurer, a reviewer, an auditor."""
    return Club.create(db)
