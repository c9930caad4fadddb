"""New bills and money by hand: charge one or many members, bill an old month, record a payment."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from aiohttp import web

from bot.web.confirm import Group, Line, Proposal, Shown
from bot.web.exports import amount as plain_amount
from bot.web.forms import Form
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import bill_desk, bill_lists, corrections, payments, plans, reports_admin, reports_bills, roster
from core.access import Role
from core.bill_desk import BackFilled
from core.bill_lists import ToRecord
from core.corrections import TITLE_CHARACTERS, Charged
from core.errors import NothingSelected
from core.i18n import format_count, format_date, format_list, format_period
from core.models import Bill, BillId, Member, MemberId, MethodId, PlanId, SubscriptionId
from core.money import format_money
from core.payment_changes import PaymentChanged
from core.payments import NOTE_CHARACTERS
from core.period import Period, parse_date

pages = Routes()

MOST_FOUND = 25
_REQUEST = re.compile(r"[0-9a-f]{16,40}")


async def _charge(desk: Desk, form: Form) -> Question:
    found = await desk.db.read(plans.everyone, desk.actor)
    chosen = await desk.db.read(
        reports_bills.people, desk.actor, [MemberId(one) for one in form.ids("member")]
    )
    whom = [
        *([("chosen", desk.t("web_bills.whom_chosen", count=len(chosen)))] if chosen else []),
        ("everybody", desk.t("web_bills.whom_everybody")),
        *(
            (
                f"plan:{view.plan.id}",
                desk.t("web_bills.whom_plan", plan=view.plan.name, count=view.subscribers),
            )
            for view in found
            if view.subscribers
        ),
    ]
    picked = form.text("whom") or whom[0][0]
    people = await _people(desk, picked, chosen) if "whom" in form else chosen
    title = desk.t("web_bills.charge_title")
    names = {int(person.id): person for person in people}
    return Question(
        title,
        desk.t("web_bills.preview"),
        "/bills",
        about=[desk.t("web_bills.charge_about")],
        facts=[(desk.t("web_bills.member"), format_list([one.name for one in chosen], desk.locale))]
        if chosen
        else [],
        fields=[
            Field(
                "title",
                desk.t("web_bills.charge_for"),
                most=TITLE_CHARACTERS,
                hint=desk.t("web_bills.charge_hint"),
            ),
            Field("amount", desk.t("web_bills.charge_each"), "money"),
            Field("due_on", desk.t("web_bills.due"), "date", str(desk.today)),
            Field(
                "whom",
                desk.t("web_bills.whom"),
                "choice",
                picked,
                options=whom,
                hint="" if chosen else desk.t("web_bills.whom_hint"),
            ),
            Field("member", "", "hidden", values=[str(one.id) for one in chosen]),
        ],
        propose=lambda typed: Proposal(
            corrections.charge,
            (
                desk.actor,
                [one.id for one in people],
                typed.required("title"),
                typed.money("amount", desk.workspace.currency),
                parse_date(typed.text("due_on"), "due_on"),
            ),
            show=lambda result: _show_charge(desk, result, title, names),
            done=lambda result: Flash(
                "web_bills.charge_done", {"count": len(result.bills), "amount": _sum(desk, result)}
            ),
            back="/bills?period=none",
        ),
    )


async def _people(desk: Desk, whom: str, chosen: Sequence[Member]) -> Sequence[Member]:
    """Who is meant by a choice of the form; nobody for one that is not offered."""
    if whom == "everybody":
        return [line.member for line in await desk.db.read(reports_admin.roster_lines, desk.actor)]
    kind, _, number = whom.partition(":")
    if kind == "plan" and number.isascii() and number.isdigit() and len(number) <= 18:
        return await desk.db.read(reports_bills.holders, desk.actor, PlanId(int(number)))
    if whom == "chosen":
        return chosen
    raise NothingSelected()


def _show_charge(desk: Desk, result: Charged, title: str, names: dict[int, Member]) -> Shown:
    lines = [
        Line(
            names[int(bill.member_id)].name, names[int(bill.member_id)].label, _money(desk, bill.amount_minor)
        )
        for bill in result.bills
    ]
    first = result.bills[0]
    return Shown(
        title,
        [
            desk.t(
                "web_bills.charge_line",
                title=first.title,
                day=format_date(parse_date(first.due_on), desk.locale),
            )
        ],
        desk.t("web_bills.charge_button", count=len(lines), amount=_sum(desk, result)),
        figures=[
            (desk.t("web_bills.members"), format_count(len(lines), desk.locale)),
            (desk.t("web_bills.charge_each"), _money(desk, first.amount_minor)),
            (desk.t("web_bills.sum"), _sum(desk, result)),
        ],
        groups=[Group(desk.t("web_bills.members"), lines)],
    )


async def _back_fill(desk: Desk, form: Form) -> Question | web.StreamResponse:
    member_id = form.id("member")
    if member_id is None:
        return await _choose_member(desk, "web_bills.back_fill_title")
    member = await _member(desk, member_id)
    seats = await desk.db.read(reports_admin.seats, desk.actor, member_id=member.id, standing="all")
    title = desk.t("web_bills.back_fill_title")
    return Question(
        title,
        desk.t("web_bills.preview"),
        f"/members/{member.id}",
        about=[desk.t("web_bills.back_fill_about")],
        warning="" if seats else desk.t("web_bills.no_seats", name=member.name),
        facts=[(desk.t("web_bills.member"), member.name)],
        fields=[
            Field("member", "", "hidden", str(member.id)),
            Field(
                "subscription",
                desk.t("web_bills.subscription"),
                "choice",
                options=[(str(seat.view.subscription.id), _seat_name(desk, seat)) for seat in seats],
            ),
            Field("period", desk.t("web_bills.period"), "month", hint=desk.t("web_bills.month_hint")),
        ],
        propose=lambda typed: Proposal(
            bill_desk.back_fill,
            (desk.actor, SubscriptionId(typed.id("subscription") or 0), typed.period()),
            show=lambda result: _show_back_fill(desk, result, title),
            done=lambda result: Flash(
                "web_bills.back_fill_done",
                {"bill": result.bill.label, "amount": _money(desk, result.bill.amount_minor)},
            ),
            back=f"/bills?member={member.id}",
        ),
    )


def _seat_name(desk: Desk, seat: reports_admin.Seat) -> str:
    row = seat.view.subscription
    since = format_date(parse_date(row.starts_on), desk.locale)
    if row.ends_on is None:
        return desk.t("web_bills.seat_since", plan=seat.view.plan.name, day=since)
    until = format_date(parse_date(row.ends_on), desk.locale)
    return desk.t("web_bills.seat_until", plan=seat.view.plan.name, day=since, until=until)


def _show_back_fill(desk: Desk, result: BackFilled, title: str) -> Shown:
    bill = result.bill
    lines = [
        desk.t("web_bills.back_fill_line", title=bill.title, period=result.period, name=result.member.name)
    ]
    if bill.settled_minor:
        lines.append(desk.t("web_bills.from_credit_line", amount=desk.money(bill.settled_minor)))
    return Shown(
        title,
        lines,
        desk.t("web_bills.back_fill_button", amount=desk.money(bill.amount_minor)),
        figures=[
            (desk.t("web_bills.amount"), _money(desk, bill.amount_minor)),
            (desk.t("web_bills.due"), format_date(parse_date(bill.due_on), desk.locale)),
        ],
    )


async def _record(desk: Desk, form: Form) -> Question | web.StreamResponse:
    member_id = form.id("member")
    if member_id is None:
        return await _choose_member(desk, "web_bills.record_title")
    member = await _member(desk, member_id)
    desk_view = await desk.db.read(bill_lists.to_record, desk.actor, member.id)
    request = form.text("request") or secrets.token_hex(12)
    if not _REQUEST.fullmatch(request):
        raise web.HTTPBadRequest
    named = form.all("bill") or [str(bill.id) for bill, _ in desk_view.payable]
    title = desk.t("web_bills.record_title")
    return Question(
        title,
        desk.t("web_bills.preview"),
        f"/members/{member.id}",
        about=[desk.t("web_bills.record_about")],
        facts=[(desk.t("web_bills.member"), member.name)],
        fields=[
            Field("member", "", "hidden", str(member.id)),
            Field("request", "", "hidden", request),
            *_record_fields(desk, desk_view, named),
        ],
        propose=lambda typed: Proposal(
            payments.record,
            (desk.actor, member.id, typed.money("amount", desk.workspace.currency)),
            kwargs={
                "request_id": f"web:{desk.standing.session.id}:{request}",
                "method_id": MethodId(typed.id("method") or 0) or None,
                "bill_ids": [BillId(one) for one in typed.ids("bill")],
                "note": typed.text("note"),
                "received_on": str(parse_date(typed.text("date"))),
                "source": "web",
            },
            show=lambda result: _show_record(desk, result, title),
            done=lambda result: Flash(
                "web_bills.record_done",
                {
                    "payment": result.payment.label,
                    "name": result.member.name,
                    "amount": _money(desk, result.payment.declared_minor),
                },
                undo=(result.payment.id,),
            ),
            back=f"/members/{member.id}",
        ),
    )


def _record_fields(desk: Desk, found: ToRecord, named: list[str]) -> list[Field]:
    """What arrived, how and when, and for which of the bills that can be paid; `named` are ticked."""
    due = sum(bill.open_minor for bill, _ in found.payable if str(bill.id) in named)
    methods = [("", desk.t("common.method_none")), *((str(one.id), one.name) for one in found.methods)]
    fields = [
        Field("amount", desk.t("web_bills.received"), "money", plain_amount(desk.money(due)) if due else ""),
        Field("method", desk.t("web_bills.method"), "choice", needed=False, options=methods),
        Field("date", desk.t("web_bills.received_on"), "date", str(desk.today)),
    ]
    if found.payable:
        bills = [(str(bill.id), _bill_name(desk, bill, period)) for bill, period in found.payable]
        hint = desk.t("web_bills.for_bills_hint")
        fields.append(
            Field(
                "bill", desk.t("web_bills.for_bills"), "ticks", values=named, needed=False, hint=hint,
                options=bills,
            )
        )  # fmt: skip
    return [*fields, Field("note", desk.t("web_bills.note"), needed=False, most=NOTE_CHARACTERS)]


def _bill_name(desk: Desk, bill: Bill, period: Period | None) -> str:
    when = format_period(period, desk.locale) if period else bill.label
    return desk.t("web_bills.bill_choice", title=bill.title, period=when, amount=desk.money(bill.open_minor))


def _show_record(desk: Desk, result: PaymentChanged, title: str) -> Shown:
    if result.repeated:
        return Shown(
            title, [desk.t("web_bills.record_repeated", payment=result.payment.label)], "", needless=True
        )
    received = desk.money(result.payment.received_minor or 0)
    lines = [
        Line(
            change.bill.title,
            change.bill.label,
            _money(desk, change.bill.settled_minor - change.settled_before),
        )
        for change in result.changes
    ]
    return Shown(
        title,
        [desk.t("web_bills.record_line", amount=received, name=result.member.name)],
        desk.t("web_bills.record_button", amount=received),
        figures=[
            (desk.t("web_bills.received"), format_money(received, desk.locale)),
            (desk.t("web_bills.bills_settled"), format_count(len(lines), desk.locale)),
            (desk.t("web_bills.credit_after"), _money(desk, result.credit_minor)),
        ],
        groups=[Group(desk.t("web_bills.bills_settled"), lines)],
    )


async def _choose_member(desk: Desk, title: str) -> web.Response:
    """First of all: for whom? A search by name, each result a link back to the form."""
    query = desk.request.query.get("q", "")[:100]
    found = await desk.db.read(roster.find, desk.actor, query, limit=MOST_FOUND)
    return desk.render("choose_member.html", title=desk.t(title), found=found, q=query)


async def _member(desk: Desk, member_id: int) -> Member:
    (member,) = await desk.db.read(reports_bills.people, desk.actor, [MemberId(member_id)])
    return member


def _money(desk: Desk, minor: int) -> str:
    return format_money(desk.money(minor), desk.locale)


def _sum(desk: Desk, result: Charged) -> str:
    return _money(desk, sum(bill.amount_minor for bill in result.bills))


register(pages, "/bills/charge", Role.TREASURER, _charge)
register(pages, "/bills/back-fill", Role.TREASURER, _back_fill)
register(pages, "/bills/record", Role.REVIEWER, _record)
