"""Long lists as files, sent a piece at a time: however many rows there are, few are in memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from bot.web.exports import csv_text
from bot.web.security import add_headers
from bot.web.visit import Desk

Batches = AsyncIterator[Sequence[Sequence[object]]]


async def csv_stream(desk: Desk, name: str, columns: Sequence[str], batches: Batches) -> web.StreamResponse:
    """The rows as CSV, as exports.csv_file writes it."""
    response = await _begin(desk, f"{name}.csv", "text/csv")
    await response.write(csv_text(columns, ()).encode())
    async for rows in batches:
        await response.write(_without_header(rows).encode())
    await response.write_eof()
    return response


async def json_stream(desk: Desk, name: str, columns: Sequence[str], batches: Batches) -> web.StreamResponse:
    """The rows as a list of objects."""
    response = await _begin(desk, f"{name}.json", "application/json")
    before = "[\n"
    async for rows in batches:
        for row in rows:
            line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
            await response.write((before + line).encode())
            before = ",\n"
    await response.write((("[" if before == "[\n" else "") + "\n]\n").encode())
    await response.write_eof()
    return response


def _without_header(rows: Sequence[Sequence[object]]) -> str:
    """The rows alone: csv_text begins with a mark and a line of columns, which stand there already."""
    first = io.StringIO()
    csv.writer(first).writerow(())
    return csv_text((), rows).removeprefix("\ufeff").removeprefix(first.getvalue())


async def _begin(desk: Desk, name: str, content_type: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    response.content_type, response.charset = content_type, "utf-8"
    # It is on its way before the middleware sees it.
    add_headers(response, secure=desk.site.options.url.is_secure)
    await response.prepare(desk.request)
    return response
