"""Uploaded files: the multipart body of a request, storing, and how large a picture is."""

from __future__ import annotations

import json
import mimetypes
import re
import struct
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.simulator import rules
from bot.simulator.errors import invalid_form, invalid_json, too_large
from bot.simulator.things import StoredFile
from bot.simulator.world import World

MAX_REQUEST_BYTES = 110 * 1024 * 1024
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
FIELD = re.compile(r"files\[([0-9]{1,4})\]")


@dataclass(frozen=True)
class Upload:
    """One file of a request; `index` is the number in its field name `files[n]`."""

    index: int
    filename: str
    content_type: str
    content: bytes


async def read_body(request: web.Request) -> tuple[Any, list[Upload]]:
    """The JSON payload of a request and its files, from either of the two forms that Discord takes."""
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (_parse(raw) if raw else {}), []
    payload: Any = {}
    uploads: list[Upload] = []
    total = 0
    async for part in await request.multipart():
        content = bytes(await part.read(decode=False))  # type: ignore[union-attr]  # only flat forms are sent
        total += len(content)
        if total > MAX_REQUEST_BYTES:
            raise too_large()
        if part.name == "payload_json":  # type: ignore[union-attr]  # see above
            payload = _parse(content)
        elif match := FIELD.fullmatch(part.name or ""):  # type: ignore[union-attr]  # see above
            uploads.append(_upload(int(match[1]), part.filename, content))  # type: ignore[union-attr]  # see above
    check_uploads(uploads)
    return payload, uploads


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise invalid_json() from None


def _upload(index: int, filename: str | None, content: bytes) -> Upload:
    name = safe_name(filename or "unknown")
    return Upload(index, name, mimetypes.guess_type(name)[0] or "application/octet-stream", content)


def safe_name(filename: str) -> str:
    """A file name as Discord keeps it: no path, no spaces, nothing that would not stand in an address."""
    name = re.sub(r"[^\w.\-]+", "_", filename.replace("\\", "/").rsplit("/", 1)[-1]).strip("._")
    return name[:200] or "unknown"


def check_uploads(uploads: list[Upload]) -> None:
    sizes = [(upload.filename, len(upload.content)) for upload in uploads]
    if rules.is_too_large(sizes):
        raise too_large()
    if problems := rules.check_files(sizes):
        raise invalid_form(rules.as_errors(problems))


def store(world: World, channel_id: int, upload: Upload) -> StoredFile:
    stored = StoredFile(
        world.clock.next_id(),
        channel_id,
        upload.filename,
        upload.content_type,
        upload.content,
        picture_size(upload.content),
    )
    world.files[stored.id] = stored
    return stored


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF or JPEG in pixels, read from its header; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
