"""What Discord accepts in a message, a form and a list of suggestions: pure functions over payloads.

Each `check_*` returns the problems it finds, in Discord's words; none means the payload is fine. `as_errors`
turns them into the nested `errors` object of an "Invalid Form Body" answer. The rules for components are in
`component_rules.py` and those for commands in `command_rules.py`; both are reached from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.simulator.command_rules import check_commands
from bot.simulator.component_rules import Components, check_components, number_components, text_of, walk
from bot.simulator.findings import SNOWFLAKE, Findings, Path, Payload, Problem, as_errors

__all__ = [
    "Problem",
    "as_errors",
    "check_choices",
    "check_commands",
    "check_files",
    "check_message",
    "check_modal",
    "is_empty",
    "is_too_large",
    "number_components",
    "text_of",
    "walk",
]

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15
SUPPRESS_EMBEDS = 1 << 2
SUPPRESS_NOTIFICATIONS = 1 << 12

MAX_CONTENT = 2000
MAX_EMBEDS = 10
MAX_EMBED_TEXT = 6000
MAX_FILES = 10
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_MENTIONS = 100
MAX_CHOICES = 25
MAX_NONCE = 25


def check_message(
    payload: object, *, is_v2: bool | None = None, file_names: Iterable[str] = (), is_edit: bool = False
) -> list[Problem]:
    """A message to create or edit.

    `is_v2`: the message to edit is made of components already; `file_names`: all files it will have.
    """
    found = Findings()
    message = found.mapping((), payload)
    if found.problems:
        return found.problems
    flags = found.number(("flags",), message.get("flags"), 0, (1 << 53) - 1) or 0
    v2 = bool(flags & COMPONENTS_V2) or bool(is_v2)
    found.text(("content",), message.get("content"), 0, MAX_CONTENT, optional=True)
    _check_nonce(found, message.get("nonce"))
    for index, entry in enumerate(found.items(("attachments",), message.get("attachments"), 0, MAX_FILES)):
        found.mapping(("attachments", index), entry)
    embeds = found.items(("embeds",), message.get("embeds"), 0, MAX_EMBEDS)
    _check_embeds(found, embeds)
    if message.get("allowed_mentions") is not None:
        _check_allowed_mentions(found, message["allowed_mentions"])
    if v2:
        _refuse_legacy_fields(found, message)
    check_components(found, message.get("components"), is_v2=v2, file_names=set(file_names))
    if (
        is_edit
        and is_v2
        and "flags" in message
        and message["flags"] is not None
        and not flags & COMPONENTS_V2
    ):
        found.add(
            ("flags",),
            "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG",
            "The components V2 flag cannot be removed.",
        )
    return found.problems


def check_files(files: Iterable[tuple[str, int]]) -> list[Problem]:
    """Uploaded files as (name, size in bytes); a file too large is refused otherwise, see `is_too_large`."""
    found = Findings()
    names = list(files)
    if len(names) > MAX_FILES:
        found.add(("attachments",), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")
    for index, (name, _size) in enumerate(names):
        found.text(("attachments", index, "filename"), name, 1, 260)
    return found.problems


def is_too_large(files: Iterable[tuple[str, int]]) -> bool:
    """Whether Discord would refuse the upload for its size."""
    return any(size > MAX_FILE_BYTES for _name, size in files)


def is_empty(content: object, embeds: object, components: object, has_files: bool) -> bool:
    """Nothing to show: Discord's 50006."""
    return (
        not (isinstance(content, str) and content.strip()) and not embeds and not components and not has_files
    )


def _check_nonce(found: Findings, nonce: object) -> None:
    if nonce is None or (isinstance(nonce, int) and not isinstance(nonce, bool)):
        return
    found.text(("nonce",), nonce, 0, MAX_NONCE)


def _refuse_legacy_fields(found: Findings, message: Payload) -> None:
    for field in ("content", "embeds", "poll", "sticker_ids"):
        if message.get(field):
            text = f"The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            found.add((field,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)


def _check_embeds(found: Findings, embeds: list[Any]) -> None:
    total = 0
    for index, raw in enumerate(embeds):
        at: Path = ("embeds", index)
        embed = found.mapping(at, raw)
        total += _check_embed(found, at, embed)
    if total > MAX_EMBED_TEXT:
        found.add(
            ("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}"
        )


def _check_embed(found: Findings, at: Path, embed: Payload) -> int:
    """Check one embed; returns how many characters it adds to the common limit."""
    texts: list[object] = [embed.get("title"), embed.get("description")]
    found.text((*at, "title"), embed.get("title"), 0, 256, optional=True)
    found.text((*at, "description"), embed.get("description"), 0, 4096, optional=True)
    found.number((*at, "color"), embed.get("color"), 0, 0xFFFFFF)
    for name, part, limit in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.get(name) is not None:
            inner = found.mapping((*at, name), embed[name])
            found.text((*at, name, part), inner.get(part), 1, limit)
            texts.append(inner.get(part))
    for position, raw in enumerate(found.items((*at, "fields"), embed.get("fields"), 0, 25)):
        field = found.mapping((*at, "fields", position), raw)
        found.text((*at, "fields", position, "name"), field.get("name"), 1, 256)
        found.text((*at, "fields", position, "value"), field.get("value"), 1, 1024)
        texts += [field.get("name"), field.get("value")]
    _check_embed_links(found, at, embed)
    if embed.get("timestamp") is not None and not _is_instant(embed["timestamp"]):
        found.add(
            (*at, "timestamp"),
            "DATE_TIME_TYPE_PARSE",
            f"Could not parse {embed['timestamp']}. Should be ISO8601.",
        )
    return sum(len(text) for text in texts if isinstance(text, str))


def _check_embed_links(found: Findings, at: Path, embed: Payload) -> None:
    if embed.get("url"):
        found.url((*at, "url"), embed["url"], ("http", "https"))
    for name in ("image", "thumbnail"):
        if embed.get(name):
            media = found.mapping((*at, name), embed[name])
            found.url((*at, name, "url"), media.get("url"), ("http", "https", "attachment"))


def _is_instant(text: object) -> bool:
    try:
        datetime.fromisoformat(str(text))
    except ValueError:
        return False
    return True


def _check_allowed_mentions(found: Findings, raw: object) -> None:
    at: Path = ("allowed_mentions",)
    allowed = found.mapping(at, raw)
    kinds = found.items((*at, "parse"), allowed.get("parse"), 0, 3)
    for index, kind in enumerate(kinds):
        if kind not in ("roles", "users", "everyone"):
            found.add(
                (*at, "parse", index),
                "BASE_TYPE_CHOICES",
                "Value must be one of ('users', 'roles', 'everyone').",
            )
        elif kind in kinds[:index]:
            found.add(
                (*at, "parse"), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value"
            )
    for name in ("users", "roles"):
        ids = found.items((*at, name), allowed.get(name), 0, MAX_MENTIONS)
        _check_ids(found, (*at, name), ids)
        if ids and name in kinds:
            text = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            found.add(at, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)


def _check_ids(found: Findings, at: Path, ids: list[Any]) -> None:
    seen: set[str] = set()
    for index, value in enumerate(ids):
        text = str(value)
        if isinstance(value, bool) or not SNOWFLAKE.fullmatch(text):
            found.add((*at, index), "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        elif text in seen:
            found.add((*at, index), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
        seen.add(text)


def check_modal(payload: object) -> list[Problem]:
    """A form: title, custom_id and one to five parts."""
    found = Findings()
    modal = found.mapping(("data",), payload)
    if found.problems:
        return found.problems
    found.text(("data", "title"), modal.get("title"), 1, 45)
    found.text(("data", "custom_id"), modal.get("custom_id"), 1, 100)
    checker = Components(found, set())
    parts = found.items(("data", "components"), modal.get("components"), 1, 5)
    for index, part in enumerate(parts):
        checker.modal_part(("data", "components", index), part)
    return found.problems


def check_choices(payload: object, option_type: int) -> list[Problem]:
    """Suggestions for an option of that type: at most 25, names of 1 to 100 characters, fitting values."""
    found = Findings()
    data = found.mapping(("data",), payload)
    for index, raw in enumerate(found.items(("data", "choices"), data.get("choices"), 0, MAX_CHOICES)):
        at: Path = ("data", "choices", index)
        choice = found.mapping(at, raw)
        found.text((*at, "name"), choice.get("name"), 1, 100)
        value = choice.get("value")
        if option_type == 3:
            found.text((*at, "value"), value, 1, 100)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            found.add((*at, "value"), "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')
    return found.problems
