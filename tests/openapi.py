"""Layer 3: every request that a test recorded, compared with Discord's published API description.

The description is 1.2 MB of Discord's data and no part of the repository: it is read from DISCORD_OPENAPI, or
from the shared reference folder beside the checkout. Without it the comparison is left out and
`missing_reason` says so; with NO_SKIPS=1 that is a failure.

Three relaxations that its README states or implies: integers may be strings, ids may be integers, and `oneOf`
is read as `anyOf`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

BESIDE = Path(__file__).parents[2] / "shared" / "reference" / "discord-openapi.json"
_METHODS = ("get", "post", "put", "patch", "delete")


def description_file() -> Path | None:
    """Where the description lies, or None."""
    named = os.environ.get("DISCORD_OPENAPI")
    path = Path(named) if named else BESIDE
    return path if path.is_file() else None


def missing_reason() -> str | None:
    """Why nothing can be compared, for a skip; None when it can. With NO_SKIPS=1 it raises instead."""
    if description_file():
        return None
    reason = "Discord's API description is not here (set DISCORD_OPENAPI to discord-openapi.json)"
    if os.environ.get("NO_SKIPS") == "1":
        raise AssertionError(reason)
    return reason


def check_requests(requests: Iterable[Any]) -> None:
    """Raise AssertionError naming every recorded request that Discord's description does not allow."""
    if missing_reason():
        return
    wrong = [
        f"{request.method} {request.path}: {problem}" for request in requests for problem in problems(request)
    ]
    assert not wrong, "requests that Discord would refuse:\n" + "\n".join(wrong)


def problems(request: Any) -> Iterator[str]:
    """Yield what is wrong with one request; it has `method`, `path` and `json`."""
    operation = _operation(request.method.lower(), _plain(request.path))
    if operation is None:
        yield "no such route"
        return
    if request.json is None:
        return
    validator = _validator(operation)
    if validator is None:
        yield "this route takes no JSON"
        return
    error = jsonschema.exceptions.best_match(validator.iter_errors(request.json))
    if error is not None:
        yield f"{error.json_path}: {error.message[:300]}"


def _plain(path: str) -> str:
    return re.sub(r"^(?:https?://[^/]+)?(?:/api)?(?:/v[0-9]+)?", "", path).partition("?")[0]


@cache
def _description() -> dict[str, Any]:
    file = description_file()
    assert file is not None
    found: dict[str, Any] = _relaxed(json.loads(file.read_text(encoding="utf-8")))
    return found


def _relaxed(node: Any) -> Any:
    if isinstance(node, list):
        return [_relaxed(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {("anyOf" if name == "oneOf" else name): _relaxed(value) for name, value in node.items()}
    if made.get("type") == "integer" and "enum" not in made and "format" in made:
        made["type"] = ["integer", "string"]
    if made.get("format") == "snowflake" or made.get("pattern") == r"^(0|[1-9][0-9]*)$":
        made["type"] = ["string", "integer", *(["null"] if "null" in str(made.get("type")) else [])]
    return made


@cache
def _routes() -> list[tuple[re.Pattern[str], int, str]]:
    """Every path as a pattern; those with fewer variables are tried first."""
    found = []
    for path in _description()["paths"]:
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", re.sub(r"([.+*?^$()\[\]|])", r"\\\1", path))
        found.append((re.compile(pattern), path.count("{"), path))
    return sorted(found, key=lambda route: route[1])


@cache
def _operation(method: str, path: str) -> tuple[str, str] | None:
    for pattern, _, name in _routes():
        if pattern.fullmatch(path) and method in _description()["paths"][name]:
            return name, method
    return None


@cache
def _validator(operation: tuple[str, str]) -> Any:
    body = _description()["paths"][operation[0]][operation[1]].get("requestBody", {}).get("content", {})
    kind = next((kind for kind in ("application/json", "multipart/form-data") if kind in body), None)
    if kind is None:
        return None
    pointer = "/".join(
        part.replace("~", "~0").replace("/", "~1")
        for part in ("paths", *operation, "requestBody", "content", kind, "schema")
    )
    schema = {
        "$ref": f"#/{pointer}",
        **{k: v for k, v in _description().items() if k in ("paths", "components")},
    }
    return jsonschema.Draft202012Validator(schema)
