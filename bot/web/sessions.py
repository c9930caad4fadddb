"""Our cookies: the session's secret, and small wishes of the browser (language, theme, a message)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from aiohttp import web

from bot.web.paths import PublicUrl
from core.web_sessions import LONGEST

LASTING_SECONDS = 400 * 24 * 3600
FLASH_SECONDS = 120
MOST_FLASH = 3000


class Cookies:
    """Names and flags: with https every cookie is Secure and bound to this very host."""

    def __init__(self, url: PublicUrl) -> None:
        """`url` says whether browsers come by https."""
        self._secure = url.is_secure
        self._prefix = "__Host-" if url.is_secure else ""

    def session(self, request: web.BaseRequest) -> str | None:
        """The session's secret that the browser sent."""
        return self.get(request, "sid")

    def set_session(self, response: web.StreamResponse, secret: str) -> None:
        """Sign the browser in; the server ends the session earlier than the cookie."""
        self.set(response, "sid", secret, int(LONGEST.total_seconds()))

    def clear_session(self, response: web.StreamResponse) -> None:
        """Sign the browser out."""
        self.clear(response, "sid")

    def get(self, request: web.BaseRequest, name: str) -> str | None:
        """What the browser sent under this name."""
        return request.cookies.get(self._prefix + name) or None

    def set(self, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
        """Keep something in the browser; no script can read it."""
        response.set_cookie(
            self._prefix + name, value, max_age=seconds, path="/", httponly=True, samesite="Lax",
            secure=self._secure,
        )  # fmt: skip

    def clear(self, response: web.StreamResponse, name: str) -> None:
        """Take it back."""
        response.del_cookie(self._prefix + name, path="/", httponly=True, samesite="Lax", secure=self._secure)

    def set_flash(self, response: web.StreamResponse, flash: dict[str, Any]) -> None:
        """Leave a message for the page that the browser is sent to."""
        text = json.dumps(flash, ensure_ascii=False, separators=(",", ":"))
        packed = base64.urlsafe_b64encode(text.encode()).decode()
        if len(packed) <= MOST_FLASH:
            self.set(response, "flash", packed, FLASH_SECONDS)

    def flash(self, request: web.BaseRequest) -> dict[str, Any] | None:
        """The message that was left, if it can be read."""
        packed = self.get(request, "flash")
        if packed is None:
            return None
        try:
            found = json.loads(base64.urlsafe_b64decode(packed.encode()))
        except (ValueError, binascii.Error, UnicodeError, RecursionError):
            return None
        return found if isinstance(found, dict) else None
