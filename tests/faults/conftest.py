"""A stage with four members who owe a month, and the bot running."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.stage import Stage, on_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot is not started yet, so that a test can configure it; afterwards the books must be clean."""
    async with on_stage(tmp_path / "club") as made:
        yield made
        made.assert_clean()
