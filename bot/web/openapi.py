"""The API's own description, OpenAPI 3.1, made from the models that validate and the signatures that run."""

from __future__ import annotations

import json
from functools import cache
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from bot.version import program_version
from bot.web.api import OPERATIONS
from bot.web.api.models import Problem
from bot.web.api.operations import PREFIX, SCOPES, File, Operation
from bot.web.paths import PublicUrl
from bot.web.routing import Routes
from bot.web.visit import Visit

pages = Routes()

Refs = dict[Any, dict[str, Any]]
_REF = "#/components/schemas/{model}"
_ABOUT = """Everything the pages do, for programs. Money is in the smallest unit of the club's currency, ids
of Discord are strings, lists are read a page at a time (`cursor`, `next`), and every POST is done once per
`Idempotency-Key`. What can be previewed takes `dry_run=true`, and `digest` to do exactly what was shown."""
_ERRORS = {
    400: "The request could not be read.",
    401: "No token or session that counts.",
    403: "The token or role may not do this.",
    404: "There is no such thing in this club.",
    409: "Not possible (any more), or the preview changed; nothing was done.",
    413: "The body is too large.",
    415: "The body is of another content type.",
    422: "A field is not what it has to be; `field` names it.",
    429: "Too many requests; `Retry-After` says when to come again.",
    503: "The database or the storage cannot be used now.",
}
_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "The same key with the same request gives the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}  # fmt: skip


@pages.open_get("/openapi.json", limit="api")
async def openapi(visit: Visit) -> web.StreamResponse:
    """The description, for everybody."""
    return web.json_response(text=as_json(visit.site.options.url))


@cache
def as_json(url: PublicUrl) -> str:
    """The description as a text; `url` is where the API is reached."""
    return json.dumps(describe(url), ensure_ascii=False, indent=1)


def describe(url: PublicUrl) -> dict[str, Any]:
    """The whole document."""
    schemas, refs = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _operation(operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Potkeeper", "version": program_version(), "description": _one_line(_ABOUT)},
        "servers": [{"url": url.full("")}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in OPERATIONS)],
        "paths": paths,
        "components": {
            "responses": _problems(refs),
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "__Host-sid" if url.is_secure else "sid",
                    "description": "A signed-in browser; changes only from our own pages.",
                },
            },
        },
    }  # fmt: skip


def _schemas() -> tuple[dict[str, Any], Refs]:
    """All models as schemas, and how each is referred to."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for operation in OPERATIONS:
        if operation.body is not None and operation.body is not bytes:
            wanted[operation.body, "validation"] = None
        if operation.answer is not File:
            wanted[operation.answer, "serialization"] = None
    found, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return definitions["$defs"], {model: schema for (model, _), schema in found.items()}


def _operation(operation: Operation, refs: Refs) -> dict[str, Any]:
    first, _, rest = operation.about.partition("\n")
    scope = SCOPES[operation.least]
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": first.rstrip("."),
        "description": _one_line(f"{rest} Needs the scope `{scope}`."),
        "parameters": _parameters(operation),
        "responses": _responses(operation, refs),
    }
    if operation.body is not None:
        found["requestBody"] = _body(operation, refs)
    return found


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": _schema(hint)}
        for name, hint in operation.path_params.items()
    ]
    if operation.query is not None:
        properties = operation.query.model_json_schema()["properties"]
        found += [
            {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}
            for name, schema in properties.items()
        ]
    if operation.method == "POST":
        found.append(_KEY)
    return found


def _body(operation: Operation, refs: Refs) -> dict[str, Any]:
    if operation.body is bytes:
        schema: dict[str, Any] = {"type": "string", "format": "binary"}
        return {"required": True, "content": {m: {"schema": schema} for m in operation.body_media.split("|")}}
    required = any(field.is_required() for field in operation.body.model_fields.values())
    content = {"application/json": {"schema": refs[operation.body]}}
    return {"required": required, "content": content}


def _responses(operation: Operation, refs: Refs) -> dict[str, Any]:
    answer = operation.answer
    if answer is File:
        content: dict[str, Any] = {operation.media: {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": refs[answer]}}
    about = "The answer." if operation.status == 200 else "It was made."
    return {
        str(operation.status): {"description": about, "content": content},
        **{
            str(status): {"$ref": f"#/components/responses/{HTTPStatus(status).name}"}
            for status in _statuses(operation)
        },
    }


def _problems(refs: Refs) -> dict[str, Any]:
    """The errors, described once for all operations."""
    content = {"application/json": {"schema": refs[Problem]}}
    return {
        HTTPStatus(status).name: {"description": about, "content": content}
        for status, about in _ERRORS.items()
    }


def _statuses(operation: Operation) -> list[int]:
    """Which errors an operation can answer."""
    found = {400, 401, 403, 422, 429, 503}
    if operation.path_params or not operation.is_read:
        found.add(404)
    if not operation.is_read:
        found |= {409, 413}
    if operation.body is not None:
        found |= {413, 415}
    return sorted(found)


def _schema(hint: Any) -> dict[str, Any]:
    found: dict[str, Any] = TypeAdapter(hint).json_schema()
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out is simply not there; addresses have no null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    plain = {key: value for key, value in schema.items() if key not in ("anyOf", "title", "default")}
    kept = {**plain, **(kinds[0] if len(kinds) == 1 else {})}
    return kept if schema.get("default") is None else {**kept, "default": schema["default"]}


def _one_line(text: str) -> str:
    return " ".join(text.split())
