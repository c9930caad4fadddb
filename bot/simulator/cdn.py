"""Files the browser and the bot fetch: uploaded attachments, pictures of people, and the chat page itself."""

from __future__ import annotations

from html import escape
from pathlib import Path

from aiohttp import web

from bot.simulator.files import INLINE_TYPES
from bot.simulator.findings import as_id
from bot.simulator.view import initials
from bot.simulator.world import World

PAGE = Path(__file__).with_name("page")
# What people upload is served from the page's own address, so it must never run as a page of ours.
UPLOAD_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=86400",
}
PAGE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
AVATAR = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    '<rect width="64" height="64" fill="{color}"/>'
    '<text x="32" y="41" font-family="sans-serif" font-size="26" fill="#fff"'
    ' text-anchor="middle">{text}</text>'
    "</svg>"
)


class Cdn:
    """Serves files by address, read only."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/cdn/attachments/{channel_id}/{file_id}/{filename}", self.attachment)
        app.router.add_get("/cdn/avatars/{user_id}.svg", self.avatar)
        app.router.add_get("/", self.page)
        app.router.add_get("/{path:(?!api/|control/|cdn/|gateway).+}", self.page)

    async def attachment(self, request: web.Request) -> web.Response:
        file_id = request.match_info["file_id"]
        stored = self.world.files.get(as_id(file_id))
        if stored is None or stored.filename != request.match_info["filename"]:
            raise web.HTTPNotFound(text="There is no such file.")
        headers = dict(UPLOAD_HEADERS)
        kind = stored.content_type
        if kind not in INLINE_TYPES:
            headers["Content-Disposition"] = "attachment"
            kind = "application/octet-stream"
        return web.Response(body=stored.content, headers=headers | {"Content-Type": kind})

    async def avatar(self, request: web.Request) -> web.Response:
        user_id = request.match_info["user_id"]
        user = self.world.users.get(as_id(user_id))
        if user is None:
            raise web.HTTPNotFound(text="There is no such person.")
        picture = AVATAR.format(color=escape(user.color), text=escape(initials(user.name)))
        return web.Response(text=picture, content_type="image/svg+xml", headers=UPLOAD_HEADERS)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """A file of the chat page; anything outside its folder does not exist."""
        path = (PAGE / (request.match_info.get("path") or "index.html")).resolve()
        if not path.is_relative_to(PAGE.resolve()) or not path.is_file():
            raise web.HTTPNotFound(text="There is no such page.")
        return web.FileResponse(path, headers=PAGE_HEADERS)
