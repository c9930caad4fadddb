"""A real server for alerts to go to, which keeps what arrives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

SECRET = "S3CRET-hook"


@dataclass
class Hook:
    """A server on loopback that keeps what it was asked, and answers what it is told to."""

    answers: list[int] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    wait: asyncio.Event | None = None
    port: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        text = await request.text()
        self.asked.append((request.method, request.raw_path, json.loads(text) if text else None))
        if self.wait is not None:
            await self.wait.wait()
        status = self.answers.pop(0) if self.answers else 200
        headers = {"Location": f"http://127.0.0.1:{self.port}/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=headers)

    def url(self, host: str = "127.0.0.1", path: str = f"/{SECRET}") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """Such a server, running."""
    made = Hook()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.port = runner.addresses[0][1]
    yield made
    if made.wait is not None:
        made.wait.set()
    await runner.cleanup()
