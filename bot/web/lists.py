"""What every list has: its filters in the address, also from page to page."""

from __future__ import annotations

from urllib.parse import urlencode

from bot.web.visit import Desk


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
