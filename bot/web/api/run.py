"""Runs an operation: who asks, what was sent, the use case in one transaction, the answer; once per key."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from aiohttp import web
from pydantic import BaseModel

from bot.web.api.calls import Call, SignedOut, who_calls
from bot.web.api.models import Confirmed
from bot.web.api.operations import Done, File, Operation
from bot.web.api.parse import NotValid, body_of, path_of, query_of
from bot.web.middleware import json_error
from bot.web.routing import Route
from bot.web.visit import Visit
from core import api_tokens, errors
from core.api_tokens import Answer, AnsweredBefore
from core.db import Tx
from core.preview import PreviewChanged, digest_of

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)

_in_hand: WeakValueDictionary[tuple[int, str, str], asyncio.Lock] = WeakValueDictionary()
"""One lock for each key that is being worked on: a retry waits for the first and gets its answer."""


def route_of(operation: Operation) -> Route:
    """The operation as the application serves it."""

    async def handler(visit: Visit) -> web.StreamResponse:
        try:
            return await _run(operation, visit)
        except SignedOut:
            response = json_error(401, "signed_out", visit.t("web_api.signed_out"))
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        except NotValid as wrong:
            sentence = visit.t(wrong.key, field=wrong.field or "?")
            return json_error(wrong.status, wrong.key.removeprefix("web_api."), sentence, wrong.field)

    return Route(operation.method, operation.route, handler, None, limit="api", from_ours=False)


async def _run(operation: Operation, visit: Visit) -> web.StreamResponse:
    call = await who_calls(visit)
    if call.role < operation.least:
        raise errors.RoleNeeded(role=operation.least.word)
    given = path_of(operation, visit)
    query = query_of(operation.query, visit)
    raw, body = await body_of(operation, visit)
    given |= {name: value for name, value in (("query", query), ("body", body)) if name in operation.hints}
    key, digest = _key(visit, operation), _request_digest(visit, raw)
    call = replace(call, request_id=_request_id(call, key, digest))
    work = _Work(operation, call, given, key, digest)
    try:
        return await work.do()
    except PreviewChanged as changed:
        return _changed(visit, changed.result)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a unit of work came to: the answer, and the effects by which it can be confirmed."""

    result: Any
    answer: Any

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        found: tuple[tuple[Any, ...], ...] = self.result.effects
        return found


@dataclass(frozen=True, slots=True)
class _Work:
    """One call of one operation, validated and ready to be done."""

    operation: Operation
    call: Call
    given: dict[str, Any]
    key: str | None
    request_sha256: str

    async def do(self) -> web.StreamResponse:
        """Do it, or say what would be done, or give the earlier answer again."""
        if self.operation.is_read:
            return self._response(await self._read())
        confirmed = self.given.get("query")
        if isinstance(confirmed, Confirmed) and confirmed.dry_run:
            return self._response(await self.call.visit.db.preview(self._unit, None))
        if self.key is None:
            return self._response(await self._write(confirmed, None))
        lock = _in_hand.setdefault((self.call.workspace.id, self.call.actor.text, self.key), asyncio.Lock())
        async with lock:
            return await self._once(confirmed)

    async def _once(self, confirmed: Any) -> web.StreamResponse:
        try:
            outcome = await self._write(confirmed, self.key)
        except AnsweredBefore as before:
            earlier = before.answer
            return web.Response(
                text=earlier.body, status=earlier.status, content_type="application/json",
                headers={REPLAYED_HEADER: "true"},
            )  # fmt: skip
        return self._response(outcome)

    async def _read(self) -> Any:
        if self.operation.is_async:
            return await self.operation.handler(self.call, **self.given)
        return await self.call.visit.db.read(self._plain)

    async def _write(self, confirmed: Any, key: str | None) -> Any:
        """Do it for real. What needs more than the database keeps its answer in a transaction of its own."""
        db = self.call.visit.db
        if self.operation.is_async:
            if key is not None:
                await db.read(self._raise_if_answered, key)
            answer = await self.operation.handler(self.call, **self.given)
            if key is not None:
                await db.write(self._keep, key, answer)
            return answer
        digest = confirmed.digest if isinstance(confirmed, Confirmed) else None
        return await (db.confirm(digest, self._unit, key) if digest else db.write(self._unit, key))

    def _plain(self, tx: Tx) -> Any:
        return self.operation.handler(self.call, tx, **self.given)

    def _unit(self, tx: Tx, key: str | None) -> _Outcome:
        """The use case and the keeping of its answer: both, or neither."""
        if key is not None:
            self._raise_if_answered(tx, key)
        answer = self._plain(tx)
        outcome = self._named(answer) if isinstance(answer, Done) else _Outcome(None, answer)
        if key is not None:
            self._keep(tx, key, outcome)
        return outcome

    def _named(self, done: Done[Any]) -> _Outcome:
        """With the digest by which it can be confirmed, and whether it was only tried."""
        extra = {"digest": digest_of(done.result), "dry_run": self.given["query"].dry_run}
        return _Outcome(done.result, done.answer.model_copy(update=extra))

    def _raise_if_answered(self, tx: Tx, key: str) -> None:
        earlier = api_tokens.earlier_answer(tx, self.call.actor, key, self.request_sha256)
        if earlier is not None:
            raise AnsweredBefore(earlier)

    def _keep(self, tx: Tx, key: str, outcome: Any) -> None:
        answer = outcome.answer if isinstance(outcome, _Outcome) else outcome
        body = _without(answer, self.operation.keeps_secret).model_dump_json()
        kept = Answer(self.operation.status, body)
        api_tokens.keep_answer(tx, self.call.actor, key, self.request_sha256, kept)

    def _response(self, outcome: Any) -> web.StreamResponse:
        answer = outcome.answer if isinstance(outcome, _Outcome) else outcome
        if answer is None:
            return web.Response(status=204)
        if isinstance(answer, File):
            return _file(answer)
        return web.Response(
            text=answer.model_dump_json(), status=self.operation.status, content_type="application/json"
        )


def _changed(visit: Visit, outcome: _Outcome) -> web.Response:
    """What was confirmed is not what would happen any more: nothing was done, and this is what would be."""
    preview = outcome.answer.model_copy(update={"dry_run": True})
    body = {
        "error": "preview_changed", "message": visit.t("web_api.preview_changed"),
        "preview": json.loads(preview.model_dump_json()), "digest": digest_of(outcome),
    }  # fmt: skip
    return web.json_response(body, status=409)


def _without(answer: BaseModel, names: tuple[str, ...]) -> BaseModel:
    """The answer as it may be kept: what is shown once is left out."""
    return answer.model_copy(update=dict.fromkeys(names))


def _file(file: File) -> web.Response:
    response = web.Response(body=file.data, content_type=file.content_type)
    if file.content_type.startswith("text/"):
        response.charset = "utf-8"
    if file.name:
        response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


def _key(visit: Visit, operation: Operation) -> str | None:
    """The Idempotency-Key of a POST; raises NotValid when it cannot be one."""
    key = visit.request.headers.get(KEY_HEADER) if operation.method == "POST" else None
    if key is not None and _KEY.fullmatch(key) is None:
        raise NotValid("web_api.wrong_form", KEY_HEADER)
    return key


def _request_digest(visit: Visit, raw: bytes) -> str:
    """What tells one request from another: method, address and body."""
    head = f"{visit.request.method} {visit.site.local_address(visit.request)}\n".encode()
    return hashlib.sha256(head + raw).hexdigest()


def _request_id(call: Call, key: str | None, digest: str) -> str:
    """What keeps a retry from being booked twice even if the first answer could not be kept."""
    return (
        f"api:{call.workspace.id}:{call.actor.text}:{key}:{digest}" if key else f"api:{secrets.token_hex(16)}"
    )
