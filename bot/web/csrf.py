"""Requests that change something must come from our own pages: judged by what the browser itself says."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from bot.web.paths import PublicUrl

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_ours(request: web.Request, url: PublicUrl) -> bool:
    """Whether this request may change something.

    Browsers say so in Sec-Fetch-Site, which no page can forge. They leave it out on plain-http addresses
    other than localhost; there Origin has to name us. What says neither is no browser, and is refused.
    """
    if request.method in SAFE_METHODS:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    if origin == url.origin:
        return True
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == request.host.lower() != ""
