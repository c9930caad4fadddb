"""Lists as files: CSV that spreadsheets open right and that cannot carry formulas, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from aiohttp import web

from core.money import Money, exponent

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def amount(money: Money) -> str:
    """An amount as a plain number with a point: `12.50`, `315`."""
    places = exponent(money.currency)
    whole, part = divmod(abs(money.minor), 10**places)
    sign = "-" if money.minor < 0 else ""
    return f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}"


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as CSV: a byte order mark for spreadsheets, and a quote before what would be a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> web.Response:
    """The table as a file to keep."""
    return _file(csv_text(columns, rows), f"{name}.csv", "text/csv")


def json_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> web.Response:
    """The table as a list of objects."""
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    return _file(json.dumps(found, ensure_ascii=False, indent=1), f"{name}.json", "application/json")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    is_number = text.removeprefix("-").replace(".", "", 1).isdigit()
    return "'" + text if text.startswith(_FORMULA) and not is_number else text


def _file(text: str, name: str, content_type: str) -> web.Response:
    return web.Response(
        text=text, content_type=content_type, charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
