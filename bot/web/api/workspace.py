"""The club itself: settings, the overview, who calls."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.web.api.calls import Call
from bot.web.api.members import id_text
from bot.web.api.models import Asked, DiscordId, Money, Month, Sent, Text
from bot.web.api.operations import Operations
from core import panels, reports_web, workspaces
from core.access import Role
from core.db import Tx
from core.models import Workspace as WorkspaceOfCore
from core.period import Period

operations = Operations("Club")

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]$")]
_IDS = ("announce_channel_id", "review_channel_id", "admin_channel_id", "reviewer_role_id")


class Caller(BaseModel):
    """Who calls, as the activity log names them, and what they may now."""

    actor: str
    role: str
    workspace_id: int
    workspace: str


class Workspace(BaseModel):
    """A club and its settings."""

    id: int
    guild_id: str
    name: str
    currency: str
    timezone: str
    locale: str
    billing_day: int
    due_days: int
    announce_channel_id: str | None
    review_channel_id: str | None
    admin_channel_id: str | None
    reviewer_role_id: str | None
    auto_open: bool
    link_policy: str
    closed_dm_policy: str
    self_verify: bool
    reminder_mode: str
    reminder_days: list[int]
    proof_retention_months: int
    quiet_from: str | None
    quiet_to: str | None
    debtors_public: bool
    created_at: str


def _no_defaults(schema: dict[str, Any]) -> None:
    """What is left out of a change has no value at all, so the description must not name one."""
    for field in schema["properties"].values():
        field.pop("default", None)


class Settings(Sent):
    """The settings to change; what is left out stays. Channels, role and quiet hours can be null: none."""

    model_config = ConfigDict(json_schema_extra=_no_defaults)

    name: Text = ""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = ""
    timezone: Text = ""
    locale: Literal["en", "zh-TW"] = "en"
    billing_day: Annotated[int, Field(ge=1, le=28)] = 1
    due_days: Annotated[int, Field(ge=0, le=60)] = 0
    announce_channel_id: DiscordId | None = None
    review_channel_id: DiscordId | None = None
    admin_channel_id: DiscordId | None = None
    reviewer_role_id: DiscordId | None = None
    auto_open: bool = True
    link_policy: Literal["approve", "open"] = "approve"
    closed_dm_policy: Literal["wait", "thread", "mention"] = "wait"
    self_verify: bool = True
    reminder_mode: Literal["off", "channel", "private", "both"] = "channel"
    reminder_days: Annotated[list[Annotated[int, Field(ge=-30, le=60)]], Field(max_length=5)] = []  # noqa: RUF012
    proof_retention_months: Annotated[int, Field(ge=0, le=600)] = 0
    quiet_from: TimeOfDay | None = None
    quiet_to: TimeOfDay | None = None
    debtors_public: bool = False


class SettingsChanged(BaseModel):
    """The club as it is now, and the names of the settings that really changed."""

    workspace: Workspace
    changed: list[str]


class OverviewQuery(Asked):
    """Which month; the one that is collected now when left out."""

    period: Month | None = None


class Part(BaseModel):
    """Some bills: how many, what they ask for, what of it is settled."""

    bills: int
    due: Money
    settled: Money
    open: Money


class PlanBar(BaseModel):
    """One plan (or charge) by how its bills stand."""

    title: str
    verified: Part
    paid: Part
    unpaid: Part


class MonthSum(BaseModel):
    """One month of the history."""

    period: str
    status: str
    due: Money
    settled: Money


class WaitingNow(BaseModel):
    """What waits for review, and since when."""

    count: int
    amount: Money
    oldest_at: str | None


class NoticesNow(BaseModel):
    """How the outbox stands, and what comes next."""

    sent: int
    waiting: int
    failed: int
    next_reminder_on: str | None
    next_opening_on: str | None


class PanelQueued(BaseModel):
    """Where the panel will stand in a moment."""

    channel_id: str


class Overview(BaseModel):
    """How a month stands. `late_days` counts from the oldest due date; `version` moves with every change."""

    period: str
    collecting: str
    status: str
    unopened: list[str]
    whole: PlanBar
    plans: list[PlanBar]
    waiting: WaitingNow
    late_days: int
    debtors: int
    pot: Money
    notices: NoticesNow
    history: list[MonthSum]
    version: int


@operations.get("/me")
def get_caller(call: Call, tx: Tx) -> Caller:
    """Who calls, and what they may."""
    return Caller(
        actor=call.actor.text, role=call.role.word, workspace_id=call.workspace.id,
        workspace=call.workspace.name,
    )  # fmt: skip


@operations.get("/workspace")
def get_workspace(call: Call, tx: Tx) -> Workspace:
    """The club and its settings."""
    return _workspace(call.workspace)


@operations.patch("/workspace", least=Role.TREASURER)
def edit_workspace(call: Call, tx: Tx, body: Settings) -> SettingsChanged:
    """Change settings; nothing is changed when one of them cannot be."""
    sent = {name: _setting(name, getattr(body, name)) for name in body.model_fields_set}
    found = workspaces.update_settings(tx, call.actor, **sent)
    return SettingsChanged(workspace=_workspace(found.workspace), changed=sorted(found.after))


@operations.post("/panel", least=Role.TREASURER)
def post_panel(call: Call, tx: Tx) -> PanelQueued:
    """Post the panel with the Pay button in the announcement channel, or bring it up to date there."""
    found = panels.post(tx, call.actor)
    return PanelQueued(channel_id=str(found.announce_channel_id))


@operations.get("/overview")
def get_overview(call: Call, tx: Tx, query: OverviewQuery) -> Overview:
    """How a billing period stands: collected of due, waiting, unpaid, the last twelve months."""
    found = reports_web.overview(tx, call.actor, Period.parse(query.period) if query.period else None)
    notices = found.notices
    return Overview(
        period=found.period.text, collecting=found.collecting.text, status=found.status,
        unopened=[period.text for period in found.unopened], whole=_bar(call, found.whole),
        plans=[_bar(call, plan) for plan in found.plans],
        waiting=WaitingNow(
            count=found.waiting, amount=call.money(found.waiting_minor), oldest_at=found.oldest_at
        ),
        late_days=found.late_days, debtors=found.debtor_count, pot=call.money(found.pot_minor),
        notices=NoticesNow(
            sent=notices.sent, waiting=notices.waiting, failed=notices.failed,
            next_reminder_on=_day(notices.next_reminder_on), next_opening_on=_day(notices.next_opening_on),
        ),
        history=[
            MonthSum(period=row.period.text, status=row.status, due=call.money(row.due_minor),
                     settled=call.money(row.settled_minor))
            for row in found.history
        ],
        version=found.version,
    )  # fmt: skip


def _bar(call: Call, plan: reports_web.PlanBar) -> PlanBar:
    return PlanBar(
        title=plan.title, verified=_part(call, plan.verified), paid=_part(call, plan.paid),
        unpaid=_part(call, plan.unpaid),
    )  # fmt: skip


def _part(call: Call, part: reports_web.Part) -> Part:
    return Part(
        bills=part.bills, due=call.money(part.due_minor), settled=call.money(part.settled_minor),
        open=call.money(part.open_minor),
    )  # fmt: skip


def _workspace(found: WorkspaceOfCore) -> Workspace:
    return Workspace(
        id=found.id, guild_id=str(found.guild_id), name=found.name, currency=found.currency,
        timezone=found.timezone, locale=found.locale, billing_day=found.billing_day,
        due_days=found.due_days, announce_channel_id=id_text(found.announce_channel_id),
        review_channel_id=id_text(found.review_channel_id),
        admin_channel_id=id_text(found.admin_channel_id),
        reviewer_role_id=id_text(found.reviewer_role_id), auto_open=bool(found.auto_open),
        link_policy=found.link_policy, closed_dm_policy=found.closed_dm_policy,
        self_verify=bool(found.self_verify), reminder_mode=found.reminder_mode,
        reminder_days=json.loads(found.reminder_days), proof_retention_months=found.proof_retention_months,
        quiet_from=found.quiet_from, quiet_to=found.quiet_to, debtors_public=bool(found.debtors_public),
        created_at=found.created_at,
    )  # fmt: skip


def _setting(name: str, value: Any) -> Any:
    """A setting as the core takes it."""
    return int(value) if name in _IDS and value is not None else value


def _day(day: object) -> str | None:
    return None if day is None else str(day)
