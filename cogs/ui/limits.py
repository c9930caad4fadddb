"""Discord's limits, checked in one place on exactly what is about to be sent.

Breaking one is our mistake, never the person's, so it is a `LimitBroken` and ends in the log. Lists that may
grow are packed into pages here before they get that far; nothing is ever cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import discord

COMPONENTS = 40
MESSAGE_CHARACTERS = 4000
PAGE_CHARACTERS = 3200
"""How much text a page of ours takes: the rest is for its heading and closing line."""
OPTIONS = 25
MODAL_PARTS = 5
MENTIONS = 100
FILES = 10

_BUTTON, _SELECTS, _TEXT_INPUT = 2, frozenset({3, 5, 6, 7, 8}), 4
_ROW, _SECTION, _TEXT, _GALLERY, _CONTAINER, _LABEL = 1, 9, 10, 12, 17, 18

# The most characters that a field of a component may have, wherever it stands.
_LENGTHS = {"custom_id": 100, "label": 80, "placeholder": 150, "content": 4000, "description": 100}


class LimitBroken(ValueError):  # noqa: N818 - reads as what happened
    """Discord would refuse this message or form."""


def check_message(
    view: discord.ui.LayoutView,
    *,
    allowed_mentions: discord.AllowedMentions | None = None,
    files: Sequence[discord.File] = (),
) -> None:
    """Raise LimitBroken when Discord would refuse this message."""
    components = view.to_components()  # type: ignore[no-untyped-call]  # the library's is untyped
    everything = list(_walk(components))
    _require(bool(components), "a message without components")
    _require(len(everything) <= COMPONENTS, f"{len(everything)} components")
    _check_parts(everything)
    _require(len(files) <= FILES, f"{len(files)} files")
    if allowed_mentions is not None:
        _check_mentions(allowed_mentions)


def check_modal(modal: discord.ui.Modal) -> None:
    """Raise LimitBroken when Discord would refuse this form."""
    form = modal.to_dict()
    _require(1 <= len(form["components"]) <= MODAL_PARTS, f"{len(form['components'])} parts of a form")
    _require(1 <= len(form["title"]) <= 45, f"a title of {len(form['title'])} characters")
    _require(1 <= len(form["custom_id"]) <= 100, "the form's custom_id")
    for part in form["components"]:
        if part["type"] == _LABEL:
            _require(1 <= len(part["label"]) <= 45, f"the label {part['label']!r}")
    _check_parts(list(_walk(form["components"])))


def shorten(text: str, limit: int) -> str:
    """Return a name fit for a label: on one line, and with an ellipsis where it is longer than `limit`."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def pack(lines: Iterable[str], *, characters: int = PAGE_CHARACTERS, lines_each: int = 1000) -> list[str]:
    """Join lines into as few texts as fit; a line is never torn apart. At least one text, maybe empty."""
    pages: list[list[str]] = [[]]
    size = 0
    for line in lines:
        if pages[-1] and (size + len(line) + 1 > characters or len(pages[-1]) >= lines_each):
            pages.append([])
            size = 0
        pages[-1].append(line)
        size += len(line) + 1
    return ["\n".join(page) for page in pages]


def chunks(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """Cut a list into pieces of at most `size`; an empty list is one empty piece."""
    return [items[start : start + size] for start in range(0, len(items), size)] or [()]


def _walk(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for part in components:
        yield part
        yield from _walk(part.get("components") or ())
        yield from _walk([part[name] for name in ("accessory", "component") if part.get(name)])


def _check_parts(everything: Sequence[Mapping[str, Any]]) -> None:
    for part in everything:
        _check_part(part)
    texts = sum(len(part["content"]) for part in everything if part["type"] == _TEXT)
    _require(texts <= MESSAGE_CHARACTERS, f"{texts} characters of text")
    custom_ids = [part["custom_id"] for part in everything if part.get("custom_id")]
    _require(len(set(custom_ids)) == len(custom_ids), f"a custom_id twice in {custom_ids}")


def _check_part(part: Mapping[str, Any]) -> None:
    for field, most in _LENGTHS.items():
        _require(len(part.get(field) or "") <= most, f"{field} of {len(part.get(field) or '')} characters")
    kind = part["type"]
    if kind == _TEXT:
        _require(bool(part["content"].strip()), "an empty text")
    elif kind == _BUTTON:
        _require(bool(part.get("label") or part.get("emoji")), "a button without a label")
    elif kind in _SELECTS:
        _check_select(part)
    elif kind == _ROW:
        buttons = [child["type"] == _BUTTON for child in part["components"]]
        _require(1 <= len(buttons) <= (5 if all(buttons) else 1), f"{len(buttons)} parts in a row")
    elif kind == _SECTION:
        _require(1 <= len(part["components"]) <= 3 and bool(part.get("accessory")), "a section's parts")
    elif kind == _GALLERY:
        _require(1 <= len(part["items"]) <= 10, "a gallery's pictures")
    elif kind == _CONTAINER:
        _require(bool(part["components"]), "an empty container")
    elif kind == _TEXT_INPUT:
        _require(len(part.get("placeholder") or "") <= 100, "a text field's placeholder")
        _require(len(part.get("value") or "") <= (part.get("max_length") or 4000), "a text field's value")


def _check_select(part: Mapping[str, Any]) -> None:
    options = part.get("options") or ()
    most = part.get("max_values") or 1
    if part["type"] == 3:
        _require(1 <= len(options) <= OPTIONS, f"{len(options)} options")
        _require(most <= len(options), f"up to {most} of {len(options)} options")
    values = [option["value"] for option in options]
    _require(len(set(values)) == len(values), f"an option twice in {values}")
    _require(sum(bool(option.get("default")) for option in options) <= most, "too many chosen options")
    for option in options:
        for field in ("label", "value", "description"):
            text = option.get(field)
            _require(text is None or 1 <= len(text) <= 100, f"an option's {field} {text!r}")


def _check_mentions(mentions: discord.AllowedMentions) -> None:
    for kind in ("users", "roles"):
        named = getattr(mentions, kind)
        if isinstance(named, bool):
            _require(not named, f"allowed_mentions names no {kind}")
        else:
            ids = [item.id for item in named]
            _require(len(ids) <= MENTIONS, f"{len(ids)} {kind} in allowed_mentions")
            _require(len(set(ids)) == len(ids), f"{kind} twice in allowed_mentions")
    _require(not mentions.everyone, "everybody in allowed_mentions")


def _require(fits: bool, what: str) -> None:
    if not fits:
        raise LimitBroken(f"Discord would refuse {what}")
