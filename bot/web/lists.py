"""What every list has: its filters in the address, pages, and the whole of it as a file, however long."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlencode

from aiohttp import web

from bot.web.security import add_headers
from bot.web.visit import Desk
from core.csv_text import protected
from core.money import Money, exponent

FORMATS = ("csv", "json")
Row = Sequence[object]


class Plain(str):
    """A number as text: nothing that a spreadsheet could take for a formula, minus sign included."""

    __slots__ = ()


def amount(money: Money) -> Plain:
    """An amount as a plain number with a point: `12.50`, `315`, `-3.00`."""
    places = exponent(money.currency)
    whole, part = divmod(abs(money.minor), 10**places)
    sign = "-" if money.minor < 0 else ""
    return Plain(f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}")


def query_of(desk: Desk, **changes: str | int | None) -> str:
    """The address's query with some parts changed (None: left out), beginning with `?`; "" when empty."""
    kept = {name: value for name, value in desk.request.query.items() if value}
    for name, value in changes.items():
        kept[name] = "" if value is None else str(value)
    return (
        "?" + urlencode({name: value for name, value in kept.items() if value}) if any(kept.values()) else ""
    )


def whole_number(desk: Desk, name: str) -> int | None:
    """A part of the query that is a whole number; None when it is absent or not one."""
    text = desk.request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


async def send(
    desk: Desk, name: str, kind: str, columns: Sequence[str], chunks: AsyncIterator[Sequence[Row]]
) -> web.StreamResponse:
    """The list as CSV (safe in spreadsheets) or JSON, written as it is read: its length costs no memory."""
    types = {"csv": "text/csv", "json": "application/json"}
    response = web.StreamResponse(headers={
        "Content-Type": f"{types[kind]}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
    })  # fmt: skip
    add_headers(response, secure=desk.site.options.url.is_secure)
    if desk.request.method == "HEAD":
        await response.prepare(desk.request)
        return response
    writer = _csv if kind == "csv" else _json
    begun = False
    async for rows in chunks:
        if not begun:  # only now: an error of the first read is still a page
            await response.prepare(desk.request)
            await response.write(_head(kind, columns))
        await response.write(writer(columns, rows, begun=begun).encode())
        begun = True
    if not begun:
        await response.prepare(desk.request)
        await response.write(_head(kind, columns))
    await response.write(b"" if kind == "csv" else b"\n]\n")
    await response.write_eof()
    return response


async def in_one(rows: Sequence[Row]) -> AsyncIterator[Sequence[Row]]:
    """A short list, as one chunk."""
    yield rows


def _head(kind: str, columns: Sequence[str]) -> bytes:
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
