"""What the bot says: the outbox, wording, alert targets; and the activity log with its way back."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, StringConstraints, model_validator

from bot.web.api.calls import Call
from bot.web.api.models import Asked, Confirmed, Id, Paged, QueryBool, QueryId, Sent, Text, Word
from bot.web.api.operations import Done, Effects, Operations
from core import alerts, lists, notice_retries, reports_log, templates, undo
from core.access import Role
from core.db import Tx
from core.models import Notice as NoticeOfCore
from core.models import NoticeId

operations = Operations("Notices and log")

Instant = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{1,12}Z?)?$")]


class Notice(BaseModel):
    """One message to be posted or edited, and how that went."""

    id: int
    kind: str
    op: str
    target: str
    subject_type: str
    subject_id: int
    status: str
    attempts: int
    error: str
    created_at: str
    next_attempt_at: str
    sent_at: str | None


class NoticePage(BaseModel):
    """A page of the outbox, newest first."""

    items: list[Notice]
    next: int | None


class NoticeQuery(Paged):
    """Which notices."""

    status: Literal["waiting", "sent", "obsolete", "unknown", "failed"] | None = None
    kind: Word | None = None


class Retried(BaseModel):
    """How many notices are tried again."""

    count: int


class Template(BaseModel):
    """The wording of one kind of notice in one language; `is_own` false: the default."""

    kind: str
    locale: str
    body: str
    placeholders: list[str]
    is_own: bool


class TemplateList(BaseModel):
    """Every kind in every language."""

    items: list[Template]


class Wording(Sent):
    """The club's own wording."""

    body: Text


class AlertTarget(BaseModel):
    """Where else a new submission is told; its secret is never shown."""

    id: int
    kind: str
    name: str
    host: str


class AlertTargetList(BaseModel):
    """All targets of the club."""

    items: list[AlertTarget]


class AlertTrying(Sent):
    """A Bark key (with a server of one's own, if there is one), or the address of a webhook."""

    kind: Literal["bark", "webhook"]
    key: Text = ""
    server: Text = ""
    address: Text = ""

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.kind == "webhook" and (self.key or self.server):
            raise ValueError("a webhook has an address only")
        if self.kind == "bark" and self.address:
            raise ValueError("Bark has no address")
        return self


class AlertAdding(AlertTrying):
    """The same, and what to call it."""

    name: Text


class AlertTested(BaseModel):
    """Whether the made-up alert arrived, and if not, why."""

    sent: bool
    reason: str


class LogLine(BaseModel):
    """Who changed what: one line of the chain."""

    id: int
    action: str
    subject_type: str
    subject_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    done_by: str
    done_at: str
    hash: str


class LogPage(BaseModel):
    """A page of the log, newest first."""

    items: list[LogLine]
    next: int | None


class LogQuery(Paged):
    """Which lines: all that is given has to fit. `since` and `until` are instants in UTC."""

    action: Word | None = None
    subject_type: Word | None = None
    subject_id: QueryId | None = None
    done_by: Word | None = None
    since: Instant | None = None
    until: Instant | None = None


class ChainQuery(Asked):
    """How far to look."""

    whole: QueryBool = False


class ChainChecked(BaseModel):
    """How many lines were looked at, all of them or not, and the ids of those that do not follow.

    `head` is the newest hash: compared with an earlier note it shows a tail that was cut off.
    """

    lines: int
    is_whole: bool
    head: str
    broken: list[int]


class ActionUndone(Effects):
    """The action that was taken back."""

    line_id: int
    action: str


@operations.get("/notices")
def list_notices(call: Call, tx: Tx, query: NoticeQuery) -> NoticePage:
    """List what the bot said or is to say, newest first."""
    found = lists.notices(
        tx, call.actor, status=query.status, kind=query.kind, cursor=query.cursor, limit=query.limit
    )
    return NoticePage(items=[_notice(row) for row in found.rows], next=found.next)


@operations.post("/notices/retry", least=Role.TREASURER)
def retry_notices(call: Call, tx: Tx) -> Retried:
    """Try all failed or undecidable notices again."""
    return Retried(count=notice_retries.retry_all(tx, call.actor))


@operations.post("/notices/{notice_id}/retry", least=Role.TREASURER)
def retry_notice(call: Call, tx: Tx, notice_id: Id) -> Retried:
    """Try one failed or undecidable notice again."""
    notice_retries.retry_one(tx, call.actor, NoticeId(notice_id))
    return Retried(count=1)


@operations.get("/templates")
def list_templates(call: Call, tx: Tx) -> TemplateList:
    """List the wording of every public notice in every language."""
    return TemplateList(items=[_template(row) for row in templates.everyone(tx, call.actor)])


@operations.put("/templates/{kind}/{locale}", least=Role.TREASURER)
def save_template(call: Call, tx: Tx, kind: Word, locale: Word, body: Wording) -> Template:
    """Use this wording from now on."""
    return _template(templates.save(tx, call.actor, kind, locale, body.body))


@operations.delete("/templates/{kind}/{locale}", least=Role.TREASURER)
def reset_template(call: Call, tx: Tx, kind: Word, locale: Word) -> Template:
    """Go back to the default wording."""
    return _template(templates.reset(tx, call.actor, kind, locale))


@operations.get("/alert-targets")
def list_alert_targets(call: Call, tx: Tx) -> AlertTargetList:
    """List where else new submissions are told."""
    return AlertTargetList(items=[_target(row) for row in alerts.everyone(tx, call.actor)])


@operations.post("/alert-targets", least=Role.TREASURER, status=201)
def add_alert_target(call: Call, tx: Tx, body: AlertAdding) -> AlertTarget:
    """Tell a phone through Bark, or a webhook."""
    if body.kind == "bark":
        return _target(alerts.add_bark(tx, call.actor, body.name, body.key, body.server))
    return _target(alerts.add_webhook(tx, call.actor, body.name, body.address))


@operations.delete("/alert-targets/{target_id}", least=Role.TREASURER)
def remove_alert_target(call: Call, tx: Tx, target_id: Id) -> AlertTarget:
    """Stop telling a target; its secret is forgotten."""
    return _target(alerts.remove(tx, call.actor, target_id))


@operations.post("/alert-targets/{target_id}/test", least=Role.TREASURER)
async def test_alert_target(call: Call, target_id: Id) -> AlertTested:
    """Send a made-up alert to a target now."""
    return _tested(await call.services.test_alert(call.actor, target_id))


@operations.post("/alert-targets/try", least=Role.TREASURER)
async def try_alert_target(call: Call, body: AlertTrying) -> AlertTested:
    """Send a made-up alert with what is not added yet; nothing is kept of it."""
    if body.kind == "bark":
        return _tested(await call.services.try_bark(call.actor, body.key, body.server))
    return _tested(await call.services.try_webhook(call.actor, body.address))


@operations.get("/log")
def list_log(call: Call, tx: Tx, query: LogQuery) -> LogPage:
    """List who changed what, newest first."""
    found = lists.audit_log(
        tx, call.actor, action=query.action, subject_type=query.subject_type, subject_id=query.subject_id,
        done_by=query.done_by, since=query.since, until=query.until, cursor=query.cursor, limit=query.limit,
    )  # fmt: skip
    items = [
        LogLine(
            id=row.id, action=row.action, subject_type=row.subject_type, subject_id=row.subject_id,
            before=json.loads(row.before_json), after=json.loads(row.after_json), done_by=row.done_by,
            done_at=row.done_at, hash=row.hash,
        )
        for row in found.rows
    ]  # fmt: skip
    return LogPage(items=items, next=found.next)


@operations.get("/log/check")
def check_log(call: Call, tx: Tx, query: ChainQuery) -> ChainChecked:
    """Whether the log's lines follow from each other: the newest ones, or with `whole` all of them."""
    found = reports_log.check_chain(tx, call.actor, whole=query.whole)
    return ChainChecked(
        lines=found.lines, is_whole=found.is_whole, head=found.head, broken=list(found.broken)
    )


@operations.post("/log/{line_id}/undo", least=Role.REVIEWER)
def undo_action(call: Call, tx: Tx, line_id: Id, query: Confirmed) -> Done[ActionUndone]:
    """Take back what a line of the log says, by the use case that is its reverse."""
    found = undo.undo(tx, call.actor, line_id)
    return Done(found, ActionUndone(line_id=line_id, action=found.line.action))


def _notice(row: NoticeOfCore) -> Notice:
    return Notice(
        id=row.id, kind=row.kind, op=row.op, target=row.target, subject_type=row.subject_type,
        subject_id=row.subject_id, status=row.status, attempts=row.attempts, error=row.error,
        created_at=row.created_at, next_attempt_at=row.next_attempt_at, sent_at=row.sent_at,
    )  # fmt: skip


def _template(row: templates.Template) -> Template:
    return Template(
        kind=row.kind, locale=row.locale, body=row.body, placeholders=list(row.placeholders),
        is_own=row.is_own,
    )  # fmt: skip


def _tested(outcome: alerts.AlertOutcome) -> AlertTested:
    return AlertTested(sent=outcome.sent, reason=outcome.reason)


def _target(row: alerts.ShownTarget) -> AlertTarget:
    return AlertTarget(id=row.id, kind=row.kind, name=row.name, host=row.host)
