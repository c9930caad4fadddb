"""The first page: how the month stands, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web

from bot.web import exports
from bot.web.routing import Routes
from bot.web.visit import Desk
from core import reports_web
from core.access import Role
from core.clock import local_date, parse_instant
from core.db import Tx
from core.i18n import format_period, t
from core.models import Actor
from core.period import Period
from core.reports_admin import Progress
from core.reports_web import Overview, Queue

pages = Routes()

QUEUE_SHOWN = 4


@dataclass(frozen=True, slots=True)
class SetUpStep:
    """One thing that a club needs before it can collect; `path` is where to do it, once that page exists."""

    key: str
    done: bool
    path: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """The way from an empty workspace to the first month."""

    steps: tuple[SetUpStep, ...]

    @property
    def done(self) -> int:
        """How many steps are behind us."""
        return sum(step.done for step in self.steps)

    @property
    def complete(self) -> bool:
        """Whether the list has done its work."""
        return self.done == len(self.steps)


@dataclass(frozen=True, slots=True)
class Beside:
    """The periods before and after the one that is shown."""

    newer: Period | None
    older: Period | None


@pages.get("/", least=Role.AUDITOR)
async def overview(desk: Desk) -> web.StreamResponse:
    """How a period stands; `?period=2026-06` names another than the one being collected."""
    if (kept := desk.site.page_cache.kept(desk)) is not None:
        return kept
    view, waiting = await desk.db.read(_first_page, desk.actor, _chosen(desk))
    page = desk.render("overview.html", queue=waiting, **page_of(desk, view))
    return desk.site.page_cache.keep(desk, page)


def _first_page(tx: Tx, actor: Actor, period: Period | None) -> tuple[Overview, Queue]:
    """Figures and the head of the queue, of one moment."""
    return reports_web.overview(tx, actor, period), reports_web.queue(tx, actor, limit=QUEUE_SHOWN)


@pages.get("/version", least=Role.AUDITOR)
async def version(desk: Desk) -> web.StreamResponse:
    """A number that moves with every change, for pages that want to stay up to date."""
    return web.json_response({"version": await desk.db.read(reports_web.version, desk.actor)})


def page_of(desk: Desk, view: Overview) -> dict[str, Any]:
    """What the template needs beside the figures themselves."""
    zone = view.workspace.timezone
    row, reminded = view.row, view.notices.reminded_at
    months = [month.period for month in view.history]
    return {
        "overview": view, "version": view.version,
        "opened_on": _day(row.opened_at if row else None, zone) or desk.today,
        "closed_on": _day(row.closed_at if row else None, zone) or desk.today,
        "reminded_on": _day(reminded, zone),
        "unopened_names": [format_period(period, desk.locale) for period in view.unopened],
        "newer_older": _beside(view), "checklist": _checklist(desk, view.progress),
        "history_pairs": [(month.due_minor, month.settled_minor) for month in view.history],
        "history_due": sum(month.due_minor for month in view.history),
        "history_collected": sum(month.settled_minor for month in view.history),
        "month_names": [_short(period, desk.locale) for period in months],
        "month_slots": max(6, len(months)),
    }  # fmt: skip


def _chosen(desk: Desk) -> Period | None:
    text = desk.request.query.get("period", "")
    return Period.parse(text) if text else None


def _day(instant: str | None, timezone: str) -> date | None:
    return local_date(parse_instant(instant), timezone) if instant else None


def _short(period: Period, locale: str) -> str:
    """A month under a column: "Jun", "6月"."""
    name = t(locale, f"formats.month_{period.month}")
    return name[:3] if locale == "en" else t(locale, "web_overview.month_short", month=name)


def _beside(view: Overview) -> Beside:
    periods = [period for period, _ in view.choices]
    newer = [period for period in periods if period > view.period]
    older = [period for period in periods if period < view.period]
    return Beside(min(newer, default=None), max(older, default=None))


def _checklist(desk: Desk, progress: Progress) -> Checklist:
    workspace = progress.workspace
    chosen = bool(workspace.announce_channel_id and workspace.review_channel_id)
    steps = (
        ("web_overview.step_channels", chosen, "/settings/channels"),
        ("web_overview.step_methods", progress.methods > 0, "/plans"),
        ("web_overview.step_plans", progress.plans > 0, "/plans"),
        ("web_overview.step_members", progress.members > 0, "/members"),
        ("web_overview.step_seats", progress.seats > 0, "/members"),
        ("web_overview.step_opened", progress.openings > 0, ""),
    )
    return Checklist(
        tuple(SetUpStep(key, done, path if path in desk.site.pages else "") for key, done, path in steps)
    )


def _plan_rows(view: Overview) -> list[exports.Row]:
    return [
        (plan.title, plan.verified.bills, plan.paid.bills, plan.unpaid.bills,
         _amount(view, plan.all.due_minor), _amount(view, plan.all.settled_minor), view.workspace.currency)
        for plan in view.plans
    ]  # fmt: skip


def _method_rows(view: Overview) -> list[exports.Row]:
    return [
        (str(view.period), one.name, one.payments, _amount(view, one.settled_minor), view.workspace.currency)
        for one in view.methods
    ]


def _month_rows(view: Overview) -> list[exports.Row]:
    return [
        (str(month.period), month.status, _amount(view, month.due_minor), _amount(view, month.settled_minor),
         view.workspace.currency)
        for month in view.history
    ]  # fmt: skip


def _amount(view: Overview, minor: int) -> exports.Plain:
    return exports.amount(view.workspace.money(minor))


_TABLES: dict[str, tuple[tuple[str, ...], Callable[[Overview], list[exports.Row]]]] = {
    "": (
        ("plan", "bills_verified", "bills_to_review", "bills_unpaid", "due", "collected", "currency"),
        _plan_rows,
    ),
    "-methods": (("month", "method", "payments", "collected", "currency"), _method_rows),
    "-months": (("month", "status", "due", "collected", "currency"), _month_rows),
}


def _as_file(part: str) -> None:
    """Offer a table of the page as a file: the plans of a period, its payment methods, the last twelve months."""
    columns, rows_of = _TABLES[part]

    @pages.get(f"/overview{part}.{{kind:csv|json}}", least=Role.AUDITOR)
    async def export(desk: Desk) -> web.StreamResponse:
        view = await desk.db.read(reports_web.overview, desk.actor, _chosen(desk))
        name = f"overview{part}-{view.period}"
        return await exports.send(desk, name, desk.arg("kind"), columns, exports.in_one(rows_of(view)))


for table in _TABLES:
    _as_file(table)
