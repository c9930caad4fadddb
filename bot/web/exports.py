"""Lists as files, however long: CSV that spreadsheets open right and that cannot carry formulas, and JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from bot.web.security import add_headers
from bot.web.visit import Visit
from core.csv_text import protected
from core.money import Money, exponent

Row = Sequence[object]
Batches = AsyncIterator[Sequence[Row]]

_TYPES = {"csv": "text/csv", "json": "application/json"}


class Plain(str):
    """A number as text: nothing that a spreadsheet could take for a formula, minus sign included."""

    __slots__ = ()


def amount(money: Money) -> Plain:
    """An amount as a plain number with a point: `12.50`, `315`, `-3.00`."""
    places = exponent(money.currency)
    whole, part = divmod(abs(money.minor), 10**places)
    sign = "-" if money.minor < 0 else ""
    return Plain(f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}")


async def send(
    visit: Visit, name: str, kind: str, columns: Sequence[str], batches: Batches
) -> web.StreamResponse:
    """The list as a file, written as it is read: its length costs no memory. `kind` is "csv" or "json"."""
    response = web.StreamResponse(headers={
        "Content-Type": f"{_TYPES[kind]}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
    })  # fmt: skip
    # It is on its way before the middleware sees it.
    add_headers(response, secure=visit.site.options.url.is_secure)
    if visit.request.method == "HEAD":
        await response.prepare(visit.request)
        return response
    writer = _csv if kind == "csv" else _json
    begun = False
    async for rows in batches:
        if not rows:
            continue
        if not begun:  # only now: an error of the first read is still a page
            await response.prepare(visit.request)
            await response.write(_head(kind, columns))
        await response.write(writer(columns, rows, begun=begun).encode())
        begun = True
    if not begun:
        await response.prepare(visit.request)
        await response.write(_head(kind, columns))
    await response.write(b"" if kind == "csv" else b"\n]\n")
    await response.write_eof()
    return response


async def in_one(rows: Sequence[Row]) -> Batches:
    """A short list, as one batch."""
    yield rows


def _head(kind: str, columns: Sequence[str]) -> bytes:
    """The mark by which spreadsheets know UTF-8, and the names of the columns."""
    return f"\ufeff{_line(columns)}".encode() if kind == "csv" else b"["


def _csv(columns: Sequence[str], rows: Sequence[Row], *, begun: bool) -> str:
    del columns, begun
    return "".join(_line(row) for row in rows)


def _json(columns: Sequence[str], rows: Sequence[Row], *, begun: bool) -> str:
    texts = [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows]
    return (",\n" if begun else "\n") + ",\n".join(texts)


def _line(row: Row) -> str:
    return ",".join(_cell(value) for value in row) + "\r\n"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    safe = text if isinstance(value, Plain | int) else protected(text)
    return '"' + safe.replace('"', '""') + '"' if any(c in safe for c in ',"\r\n') else safe
