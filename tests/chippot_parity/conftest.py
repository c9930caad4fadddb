"""The scene of tests/cogs beside the club of tests/factories.py: what is compared is seen from both."""

from __future__ import annotations

from tests.cogs.conftest import server, services, short_patience, simcord_bot

__all__ = ["server", "services", "short_patience", "simcord_bot"]  # fixtures
