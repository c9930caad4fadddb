"""The activity log: who did what, when, and what it was before; whether the chain holds; everything as a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.web import exports
from bot.web.forms import field_errors
from bot.web.log_words import ACTIONS, LogWords
from bot.web.middleware import status_of
from bot.web.routing import Routes
from bot.web.visit import Desk
from core import errors, reports_log
from core.access import Role
from core.clock import at_local_time, instant_text
from core.errors import DomainError
from core.period import parse_date
from core.reports_log import LogPage, Names

pages = Routes()

PAGE, BATCH = 50, 500
ABOUT = {
    "payment": "web_log.about_payment", "bill": "web_log.about_bill", "period": "web_log.about_period",
    "plan": "web_log.about_plan", "method": "web_log.about_method", "member": "web_log.about_member",
    "subscription": "web_log.about_subscription", "link": "web_log.about_link",
    "workspace": "web_log.about_workspace", "admin": "web_log.about_admin",
    "alert_target": "web_log.about_alert_target", "token": "web_log.about_token",
    "session": "web_log.about_session", "audit": "web_log.about_audit",
}  # fmt: skip
"""What a line can be about."""
FILTERS = ("by", "action", "about", "id", "from", "to")
_COLUMNS = (
    "id", "done_at", "done_by", "done_by_name", "action", "action_words", "subject_type", "subject_id", "name",
    "member", "before", "after", "undone_by", "hash",
)  # fmt: skip


@pages.get("/log", least=Role.AUDITOR)
async def log(desk: Desk) -> web.StreamResponse:
    """Lines that fit the address, newest first; `?check=all` walks along the whole chain."""
    query = desk.request.query
    chosen = {name: query.get(name, "") for name in FILTERS if query.get(name)}
    error: DomainError | None = None
    try:
        found = await _read(desk, _conditions(desk, chosen), _cursor(query.get("before", "")), PAGE)
    except DomainError as problem:
        error, found = problem, LogPage((), None, Names({}, {}, {}))
    people, names = await desk.db.read(reports_log.people, desk.actor)
    whole = query.get("check") == "all"
    words = LogWords(desk, found.names)
    return desk.render(
        "log.html", status=status_of(error) if error else 200, found=found, words=words,
        chain=await desk.db.read(reports_log.check_chain, desk.actor, whole=whole),
        people=_choices(desk, LogWords(desk, names), people, names, chosen.get("by", "")),
        actions=sorted(((key, words.action(key)) for key in ACTIONS), key=lambda pair: pair[1]),
        about=ABOUT, chosen=chosen, query=urlencode(chosen), is_first="before" not in query,
        errors=field_errors(desk, error) if error else {},
    )  # fmt: skip


@pages.get(r"/log.{kind:csv|json}", least=Role.AUDITOR)
async def export(desk: Desk) -> web.StreamResponse:
    """Every line that fits, as a file."""
    return await exports.send(desk, "log", desk.arg("kind"), _COLUMNS, await _rows(desk))


async def _read(desk: Desk, conditions: dict[str, Any], cursor: int, limit: int) -> LogPage:
    return await desk.db.read(reports_log.log, desk.actor, conditions, cursor=cursor, limit=limit)


async def _rows(desk: Desk) -> exports.Batches:
    """The lines in batches. A filter that cannot be is refused before the file begins."""
    query = desk.request.query
    conditions = _conditions(desk, {name: query.get(name, "") for name in FILTERS if query.get(name)})

    async def batches() -> exports.Batches:
        cursor: int | None = 0
        while cursor is not None:
            found = await _read(desk, conditions, cursor, BATCH)
            words = LogWords(desk, found.names)
            yield [
                (row.id, row.done_at, row.done_by, words.who(row.done_by), row.action, words.action(row.action),
                 row.subject_type, str(row.subject_id), row.name, row.member, _compact(row.before),
                 _compact(row.after), row.undone_by or "", row.hash)
                for row in found.rows
            ]  # fmt: skip
            cursor = found.next

    return batches()


def _conditions(desk: Desk, chosen: dict[str, str]) -> dict[str, Any]:
    """The filters of lists.audit_log; days are days of the club. Raises InvalidDate, NumberOutOfRange."""
    zone = desk.workspace.timezone

    def midnight(day: date) -> str:
        return instant_text(at_local_time(day, "00:00", zone))

    found: dict[str, Any] = {
        "done_by": chosen.get("by"), "action": chosen.get("action"), "subject_type": chosen.get("about"),
    }  # fmt: skip
    if "id" in chosen:
        found["subject_id"] = _number(chosen["id"])
    if "from" in chosen:
        found["since"] = midnight(parse_date(chosen["from"], "starts_on"))
    if "to" in chosen:
        found["until"] = midnight(parse_date(chosen["to"], "ends_on") + timedelta(days=1))
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise errors.NumberOutOfRange(field="number", least=0, most=10**18)
    return int(text)


def _cursor(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _choices(
    desk: Desk, words: LogWords, people: Sequence[Any], names: Names, now: str
) -> list[tuple[str, str]]:
    """Whom the log can be narrowed to: those with a role, programs, the operator, the bot itself."""
    found = [f"discord:{admin.discord_id}" for admin in people]
    found += [f"token:{number}" for number in names.tokens] + ["operator", "system"]
    if now and now not in found:
        found.append(now)
    return [(by, words.who(by)) for by in found]


def _compact(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""
