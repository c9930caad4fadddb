"""What was sent, read and validated: one clear error that names the field, or the model."""

from __future__ import annotations

from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.web.api.operations import Operation, is_number
from bot.web.visit import Visit

M = TypeVar("M", bound=BaseModel)

# pydantic's kinds of errors, and what we say about them; all others are "not what it has to be".
_SENTENCES = {
    "missing": "web_api.missing", "extra_forbidden": "web_api.not_known", "string_type": "web_api.not_text",
    "string_too_long": "web_api.too_long", "string_too_short": "web_api.too_short",
    "string_pattern_mismatch": "web_api.wrong_form", "int_type": "web_api.not_a_number",
    "int_parsing": "web_api.not_a_number", "bool_type": "web_api.not_true_or_false",
    "greater_than_equal": "web_api.out_of_range", "less_than_equal": "web_api.out_of_range",
    "literal_error": "web_api.not_a_choice", "list_type": "web_api.not_a_list",
    "too_long": "web_api.too_many",
    "too_short": "web_api.too_few",
}  # fmt: skip


class NotValid(Exception):  # noqa: N818 - reads as what happened
    """Something that was sent is not what it has to be."""

    def __init__(self, key: str, field: str, status: int = 422) -> None:
        """Keep which sentence says it, and which field it is about."""
        super().__init__(f"{key}: {field}")
        self.key, self.field, self.status = key, field, status


def path_of(operation: Operation, visit: Visit) -> dict[str, Any]:
    """The parts of the address. What no row can have for its number is an address that does not exist."""
    found: dict[str, Any] = {}
    for name, hint in operation.path_params.items():
        text = visit.request.match_info[name]
        try:
            found[name] = TypeAdapter(hint).validate_python(int(text) if is_number(hint) else text)
        except ValidationError:
            raise web.HTTPNotFound from None
    return found


def query_of(model: type[M] | None, visit: Visit) -> M | None:
    """What stands behind the question mark; raises NotValid."""
    sent = visit.request.query
    for name in sent:
        if len(sent.getall(name)) > 1:
            raise NotValid("web_api.given_twice", name)
    if model is None:
        if sent:
            raise NotValid("web_api.not_known", next(iter(sent)))
        return None
    try:
        return model.model_validate(dict(sent))
    except ValidationError as error:
        raise _not_valid(error) from None


async def body_of(operation: Operation, visit: Visit) -> tuple[bytes, Any]:
    """The body as it came, and as the operation takes it; raises NotValid, and HTTP 413 or 415."""
    model = operation.body
    raw = await read_limited(visit.request, operation.most_bytes)
    if model is None:
        return raw, None
    if not raw and model is not bytes:
        raw_or_empty = b"{}"
    else:
        accepted = operation.body_media.split("|")
        if visit.request.content_type not in accepted:
            raise web.HTTPUnsupportedMediaType
        raw_or_empty = raw
    if model is bytes:
        return raw, raw
    try:
        return raw, model.model_validate_json(raw_or_empty)
    except ValidationError as error:
        raise _not_valid(error) from None


async def read_limited(request: web.Request, most: int) -> bytes:
    """The whole body; HTTP 413 as soon as it is longer than `most` bytes."""
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > most:
            raise web.HTTPRequestEntityTooLarge(most, size)
        parts.append(part)
    return b"".join(parts)


def _not_valid(error: ValidationError) -> NotValid:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return NotValid("web_api.not_json", "", status=400)
    return NotValid(_SENTENCES.get(first["type"], "web_api.not_valid"), field)
