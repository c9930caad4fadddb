"""The scene of tests/cogs on the day on which the stage of tests/faults begins."""

from __future__ import annotations

import pytest

from tests.cogs.conftest import server, services, simcord_bot
from tests.fakes import FixedClock
from tests.faults.stage import first_morning

__all__ = ["server", "services", "simcord_bot"]  # fixtures


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(first_morning())
