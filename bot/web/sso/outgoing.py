"""Asking a provider: short, small, no redirects, JSON only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.web.sso.refused import Refused

SECONDS = 8
MOST_BYTES = 512 * 1024


class Outgoing:
    """One HTTP session for all sign-ins of an application; closed with it."""

    def __init__(self) -> None:
        """Nothing is opened until somebody signs in."""
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at an address; raises Refused."""
        return await self._ask("GET", url, headers=dict(headers or {}))

    async def post(
        self, url: str, form: Mapping[str, str], auth: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object that a form is answered with; raises Refused."""
        basic = {"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {}
        return await self._ask("POST", url, headers=basic, data=dict(form))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        more["headers"] = {"Accept": "application/json", **more.get("headers", {})}
        try:
            async with self._session.request(method, url, allow_redirects=False, **more) as response:
                body = await response.content.read(MOST_BYTES + 1)
                while len(body) <= MOST_BYTES and (part := await response.content.read(MOST_BYTES)):
                    body += part
                status = response.status
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            raise Refused(f"the provider cannot be reached: {type(error).__name__}", ours=True) from None
        if len(body) > MOST_BYTES:
            raise Refused("the provider's answer is too large", ours=True)
        if status != 200:
            raise Refused(f"the provider answered {status}", ours=status >= 500)
        return _object(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused("the provider's answer is no JSON object", ours=True)
    return found
