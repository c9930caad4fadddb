"""Long lists as files, sent a piece at a time: however many rows there are, few are in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from bot.web.exports import csv_text
from bot.web.security import add_headers
from bot.web.visit import Desk

Batches = AsyncIterator[Sequence[Sequence[object]]]


async def csv_stream(desk: Desk, name: str, columns: Sequence[str], batches: Batches) -> web.StreamResponse:
    """The rows as CSV, as exports.csv_file writes it."""
    header = csv_text(columns, ())
    before = csv_text((), ())

    async def pieces() -> AsyncIterator[str]:
        yield header
        async for rows in batches:
            yield csv_text((), rows).removeprefix(before)

    return await _send(desk, f"{name}.csv", "text/csv", pieces())


async def json_stream(desk: Desk, name: str, columns: Sequence[str], batches: Batches) -> web.StreamResponse:
    """The rows as a list of objects."""

    async def pieces() -> AsyncIterator[str]:
        between = "[\n"
        async for rows in batches:
            for row in rows:
                yield between + json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
                between = ",\n"
        yield "[]\n" if between == "[\n" else "\n]\n"

    return await _send(desk, f"{name}.json", "application/json", pieces())


async def _send(desk: Desk, name: str, content_type: str, pieces: AsyncIterator[str]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    response.content_type, response.charset = content_type, "utf-8"
    # It is on its way before the middleware sees it.
    add_headers(response, secure=desk.site.options.url.is_secure)
    await response.prepare(desk.request)
    if desk.request.method != "HEAD":
        async for piece in pieces:
            await response.write(piece.encode())
    await response.write_eof()
    return response
