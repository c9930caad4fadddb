"""Styles, scripts and icons: a handful of files, read once, with their content's hash in the address."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources

from aiohttp import web

_TYPES = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent."""

    data: bytes
    packed: bytes
    content_type: str
    version: str


class StaticFiles:
    """All files of bot/web/static; nothing outside this folder can be named."""

    def __init__(self) -> None:
        """Read them; there are few, and they are small."""
        self._files: dict[str, StaticFile] = {}
        for file in resources.files("bot.web").joinpath("static").iterdir():
            ending = file.name[file.name.rfind(".") :]
            if ending in _TYPES:
                data = file.read_bytes()
                version = hashlib.sha256(data).hexdigest()[:12]
                packed = gzip.compress(data, 6, mtime=0)
                self._files[file.name] = StaticFile(data, packed, _TYPES[ending], version)

    def address(self, name: str) -> str:
        """The path of a file, which changes with its content; KeyError for one that we do not have."""
        return f"/static/{name}?v={self._files[name].version}"

    def answer(self, request: web.Request) -> web.Response:
        """Send a file; what is asked for by its version may be kept for a year."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        packs = "gzip" in request.headers.get("Accept-Encoding", "")
        lasting = request.query.get("v") == file.version
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if lasting else "no-cache",
            "Vary": "Accept-Encoding",
        }
        if packs:
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            body=file.packed if packs else file.data, content_type=file.content_type, headers=headers,
            charset="utf-8",
        )  # fmt: skip
