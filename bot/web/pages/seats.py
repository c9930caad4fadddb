"""Subscriptions of a member: start, pause, resume, end, a billing day of one's own; each previewed first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.web.confirm import Group, Line, Proposal, Shown
from bot.web.forms import Form
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import plans, reports_admin, reports_bills, subscriptions
from core.access import Role
from core.errors import NumberOutOfRange, SubscriptionUnknown
from core.i18n import format_date, format_period
from core.models import Bill, Member, MemberId, PlanId, SubscriptionId
from core.money import format_money
from core.period import Period, parse_date
from core.reports_admin import Seat
from core.subscriptions import SubscriptionChanged

pages = Routes()

_SEAT = "/members/{id:[0-9]+}/seats/{seat:[0-9]+}"
Done = Callable[[SubscriptionChanged], Flash]


async def _start(desk: Desk, form: Form) -> Question:
    (member,) = await desk.db.read(reports_bills.people, desk.actor, [MemberId(desk.number("id"))])
    found = await desk.db.read(plans.everyone, desk.actor)
    title = desk.t("web_members.start_title", name=member.name)
    first = Period.of(desk.today).first_day
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(member),
        about=[desk.t("web_members.start_about")],
        warning="" if found else desk.t("web_members.no_plans"),
        fields=[
            Field("plan", desk.t("web_bills.plan"), "choice",
                  options=[(str(view.plan.id), view.plan.name) for view in found]),
            Field("starts_on", desk.t("web_members.starts_on"), "date", str(first)),
        ],
        propose=lambda typed: _proposal(
            desk, member, title, "web_members.start_button", "web_members.started",
            subscriptions.start, member.id, PlanId(typed.id("plan") or 0),
            parse_date(typed.text("starts_on"), "starts_on"),
        ),
    )  # fmt: skip


async def _pause(desk: Desk, form: Form) -> Question:
    seat = await _seat(desk)
    title = desk.t("web_members.pause_title", plan=seat.view.plan.name, name=seat.member.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(seat.member),
        fields=[
            Field("from_on", desk.t("web_members.pause_from"), "date", str(desk.today)),
            Field("resumes_on", desk.t("web_members.pause_until"), "date", needed=False,
                  hint=desk.t("web_members.pause_hint")),
        ],
        propose=lambda typed: _proposal(
            desk, seat.member, title, "web_members.pause_button", "web_members.pause_done",
            subscriptions.pause, _id(seat), parse_date(typed.text("from_on"), "from_on"),
            parse_date(typed.text("resumes_on"), "resumes_on") if typed.text("resumes_on") else None,
        ),
    )  # fmt: skip


async def _resume(desk: Desk, form: Form) -> Question:
    seat = await _seat(desk)
    title = desk.t("web_members.resume_title", plan=seat.view.plan.name, name=seat.member.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(seat.member),
        about=[desk.t("web_members.start_about")],
        fields=[Field("on", desk.t("web_members.resume_on"), "date", str(desk.today))],
        propose=lambda typed: _proposal(
            desk, seat.member, title, "web_members.resume_button", "web_members.resume_done",
            subscriptions.resume, _id(seat), parse_date(typed.text("on"), "on"),
        ),
    )  # fmt: skip


async def _end(desk: Desk, form: Form) -> Question:
    seat = await _seat(desk)
    title = desk.t("web_members.end_title", plan=seat.view.plan.name, name=seat.member.name)
    covered = await desk.db.read(subscriptions.last_covered_day, desk.actor, _id(seat))
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(seat.member),
        about=[desk.t("web_members.end_about", day=covered)],
        fields=[
            Field("ends_on", desk.t("web_members.ends_on"), "date",
                  seat.view.subscription.ends_on or str(covered), needed=False,
                  hint=desk.t("web_members.end_hint")),
        ],
        propose=lambda typed: _proposal(
            desk, seat.member, title, "web_members.end_button", "web_members.end_done",
            subscriptions.end, _id(seat),
            parse_date(typed.text("ends_on"), "ends_on") if typed.text("ends_on") else None,
        ),
    )  # fmt: skip


async def _billing_day(desk: Desk, form: Form) -> Question:
    seat = await _seat(desk)
    own = seat.view.subscription.billing_day
    title = desk.t("web_members.billing_day_title", plan=seat.view.plan.name, name=seat.member.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(seat.member),
        about=[desk.t("web_members.billing_day_about", day=desk.workspace.billing_day)],
        fields=[
            Field("billing_day", desk.t("web_members.billing_day"), "number", str(own or ""), needed=False,
                  hint=desk.t("web_members.billing_day_hint")),
        ],
        propose=lambda typed: _proposal(
            desk, seat.member, title, "web_members.billing_day_button", "web_members.billing_day_done",
            subscriptions.set_billing_day, _id(seat), _day_of_month(typed),
        ),
    )  # fmt: skip


def _day_of_month(form: Form) -> int | None:
    text = form.text("billing_day")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise NumberOutOfRange(field="billing_day", least=1, most=28)
    return int(text)


def _proposal(
    desk: Desk, member: Member, title: str, button: str, done: str, fn: Callable[..., Any], *args: Any
) -> Proposal:
    """All of them give a SubscriptionChanged, and are shown alike."""
    return Proposal(
        fn,
        (desk.actor, *args),
        show=lambda result: _show(desk, result, title, button),
        done=lambda result: Flash(done, {
            "name": result.member.name, "plan": result.plan.name, "count": len(result.made)}),
        back=_back(member),
    )  # fmt: skip


def _show(desk: Desk, result: SubscriptionChanged, title: str, button: str) -> Shown:
    row = result.subscription
    facts = [(desk.t("web_members.starts_on"), _day(desk, row.starts_on))]
    if row.ends_on:
        facts.append((desk.t("web_members.ends_on"), _day(desk, row.ends_on)))
    facts += [
        (desk.t("web_members.pause"), desk.t(
            "web_members.pause_span", first=_day(desk, pause.from_on),
            last=_day(desk, pause.resumes_on) if pause.resumes_on else "…"))
        for pause in result.pauses[-2:] if pause.resumes_on != pause.from_on
    ]  # fmt: skip
    return Shown(
        title,
        [desk.t("web_members.affected_about")] if result.affected else [],
        desk.t(button),
        figures=facts,
        groups=[
            Group(desk.t("web_members.billed_at_once"), [_line(desk, bill) for bill in result.made]),
            Group(desk.t("web_members.affected"), [_line(desk, bill) for bill in result.affected]),
        ],
    )


def _line(desk: Desk, bill: Bill) -> Line:
    when = format_period(Period(bill.covers_from[:7]), desk.locale)
    return Line(bill.title, when, format_money(desk.money(bill.open_minor), desk.locale))


async def _seat(desk: Desk) -> Seat:
    """The subscription of the address, if it is one of this member. Raises SubscriptionUnknown."""
    found = await desk.db.read(
        reports_admin.seats, desk.actor, member_id=MemberId(desk.number("id")), standing="all"
    )
    number = desk.number("seat")
    seat = next((one for one in found if one.view.subscription.id == number), None)
    if seat is None:
        raise SubscriptionUnknown()
    return seat


def _id(seat: Seat) -> SubscriptionId:
    return seat.view.subscription.id


def _day(desk: Desk, text: str) -> str:
    return format_date(parse_date(text), desk.locale)


def _back(member: Member) -> str:
    return f"/members/{member.id}"


register(pages, "/members/{id:[0-9]+}/seats/start", Role.TREASURER, _start)
register(pages, f"{_SEAT}/pause", Role.TREASURER, _pause)
register(pages, f"{_SEAT}/resume", Role.TREASURER, _resume)
register(pages, f"{_SEAT}/end", Role.TREASURER, _end)
register(pages, f"{_SEAT}/billing-day", Role.TREASURER, _billing_day)
