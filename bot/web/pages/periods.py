"""What a treasurer does with a month: open, remind, resync, retract, close, reopen; preview, then confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web

from bot.web import exports
from bot.web.confirm import Group, Line, Proposal, Shown
from bot.web.forms import Form, read_form
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import announcing, billing, closing, plans, reminding, resync
from core.access import Role
from core.announcing import Announced
from core.billing import Opened
from core.closing import PeriodMoved
from core.errors import Conflict
from core.i18n import format_count, format_instant
from core.models import PlanId
from core.money import Money, format_money, parse_money
from core.period import Period
from core.plans import PlanView
from core.reminding import Reminded, RemindedMember
from core.resync import AddedBill, Resynced, Retracted, RevisedBill

pages = Routes()

REMIND_WAYS = {
    "private": "web_period.remind_private", "channel": "web_period.remind_channel",
    "both": "web_period.remind_both",
}  # fmt: skip
REMIND_NAMES = {
    "private": "web_period.way_private", "channel": "web_period.way_channel", "both": "web_period.way_both",
}  # fmt: skip

Make = Callable[[Desk, Form], Proposal]


def _register(action: str, make: Make) -> None:
    """Both halves of one action: GET previews it, POST confirms it."""

    @pages.get(f"/periods/{{period}}/{action}", least=Role.TREASURER)
    async def ask(desk: Desk) -> web.StreamResponse:
        proposal = make(desk, Form(desk.request.query.items()))
        try:
            return await proposal.ask(desk)
        except Conflict as error:  # it is not possible now: say so where the button was
            return desk.refused(proposal.back, error)

    @pages.post(f"/periods/{{period}}/{action}", least=Role.TREASURER)
    async def confirm(desk: Desk) -> web.StreamResponse:
        form = await read_form(desk)
        return await make(desk, form).confirm(desk, form)


@pages.get("/periods/{period}/open", least=Role.TREASURER)
async def ask_open(desk: Desk) -> web.StreamResponse:
    """What opening the month would do, at the prices that stand or were typed."""
    proposal = await _open(desk, Form(desk.request.query.items()))
    return await proposal.ask(desk)


@pages.post("/periods/{period}/open", least=Role.TREASURER)
async def confirm_open(desk: Desk) -> web.StreamResponse:
    """Open it."""
    form = await read_form(desk)
    return await (await _open(desk, form)).confirm(desk, form)


async def _open(desk: Desk, form: Form) -> Proposal:
    period = _period(desk)
    found = await desk.db.read(plans.everyone, desk.actor)
    typed = _prices(desk, form, found)
    return Proposal(
        billing.open_period, (desk.actor, period, typed),
        show=lambda result: _show_open(desk, result, found, typed),
        done=lambda result: _flash_open(desk, result),
        back=_back(period),
        keep=[(f"price_{plan}", form.text(f"price_{plan}")) for plan in typed],
    )  # fmt: skip


def _prices(desk: Desk, form: Form, found: Iterable[PlanView]) -> dict[PlanId, Money]:
    """The prices that were typed; an empty field leaves a price as it is."""
    currency = desk.workspace.currency
    return {
        view.plan.id: parse_money(form.text(f"price_{view.plan.id}"), currency, "price")
        for view in found
        if form.text(f"price_{view.plan.id}")
    }


def _price_field(
    desk: Desk, view: PlanView, period: Period, typed: dict[PlanId, Money]
) -> tuple[PlanId, str, str, str]:
    """A plan's id and name, what it costs in that month, and what was typed instead."""
    later = view.next_from is not None and view.next_from <= period
    price = view.next_price if later else view.price
    chosen = typed.get(view.plan.id)
    shown = format_money(price, desk.locale) if price is not None else ""
    return view.plan.id, view.plan.name, shown, exports.amount(chosen) if chosen is not None else ""


def _show_open(desk: Desk, result: Opened, found: list[PlanView], typed: dict[PlanId, Money]) -> Shown:
    title = desk.t("web_period.open_title", period=result.period)
    if result.already_open:
        return Shown(title, [desk.t("web_period.already_open", period=result.period)], "", needless=True)
    lines = [desk.t("web_period.open_notice")]
    if not desk.workspace.announce_channel_id:
        lines = [desk.t("web_period.open_payable"), desk.t("web_period.open_no_place")]
    if result.credit_minor:
        lines.append(desk.t("web_period.open_credit", amount=desk.money(result.credit_minor)))
    changes = [
        Line(change.name, desk.t("web_period.from_to", before=_money(desk, change.from_minor),
                                 after=_money(desk, change.to_minor)))
        for change in result.prices
    ]  # fmt: skip
    by_plan = [
        Line(plan.name, desk.t("web_period.bills", count=plan.bills), _money(desk, plan.minor))
        for plan in result.plans
    ]
    return Shown(
        title, lines, desk.t("web_period.open_button", count=result.bills, amount=desk.money(result.minor)),
        figures=_figures(
            desk, ("web_period.new_bills", format_count(result.bills, desk.locale)),
            ("web_period.sum", _money(desk, result.minor)),
            ("web_period.members", format_count(result.members, desk.locale)),
            ("web_period.price_changes", format_count(len(changes), desk.locale)),
        ),
        groups=[
            Group(desk.t("web_period.price_changes"), changes),
            Group(desk.t("web_period.by_plan"), by_plan),
        ],
        warning="" if result.bills else desk.t("web_period.nobody_to_bill"),
        template="period_prices.html",
        fields=[_price_field(desk, view, result.period, typed) for view in found],
    )  # fmt: skip


def _flash_open(desk: Desk, result: Opened) -> Flash:
    if result.already_open:
        return Flash("web_period.already_open", {"period": _name(desk, result.period)})
    return Flash(
        "web_period.opened",
        {"period": _name(desk, result.period), "count": result.bills, "amount": _money(desk, result.minor)},
    )


def _resync(desk: Desk, form: Form) -> Proposal:
    period = _period(desk)
    tell = form.checked("tell")
    return Proposal(
        resync.resync, (desk.actor, period), kwargs={"tell_added": tell},
        show=lambda result: _show_resync(desk, result, tell=tell or "digest" not in form),
        done=lambda result: Flash("web_period.resynced", {
            "added": len(result.added), "repriced": len(result.repriced), "voided": len(result.voided),
            "frozen": result.frozen}),
        back=_back(period),
    )  # fmt: skip


def _show_resync(desk: Desk, result: Resynced, *, tell: bool) -> Shown:
    nothing = not (result.added or result.revised)
    return Shown(
        desk.t("web_period.resync_title", period=result.period),
        [desk.t("web_period.resync_nothing" if nothing else "web_period.resync_about")],
        desk.t("web_period.resync_button"),
        figures=_figures(
            desk, ("web_period.added", format_count(len(result.added), desk.locale)),
            ("web_period.repriced", format_count(len(result.repriced), desk.locale)),
            ("web_period.voided", format_count(len(result.voided), desk.locale)),
            ("web_period.frozen", format_count(result.frozen, desk.locale)),
        ),
        groups=[
            Group(desk.t("web_period.added"), [_added(desk, bill) for bill in result.added]),
            Group(desk.t("web_period.repriced"), [_revised(desk, bill) for bill in result.repriced]),
            Group(desk.t("web_period.voided"), [_revised(desk, bill) for bill in result.voided]),
        ],
        needless=nothing,
        options=[("tell", desk.t("web_period.tell", count=len(result.added)), tell)] if result.added else (),
    )  # fmt: skip


def _retract(desk: Desk, form: Form) -> Proposal:
    period = _period(desk)
    return Proposal(
        resync.retract, (desk.actor, period), show=lambda result: _show_retract(desk, result),
        done=lambda result: Flash(
            "web_period.retracted", {"period": _name(desk, period), "count": len(result.voided)}
        ),
        back=_back(period),
    )  # fmt: skip


def _show_retract(desk: Desk, result: Retracted) -> Shown:
    title = desk.t("web_period.retract_title", period=result.period)
    if not result.was_open:
        return Shown(title, [desk.t("web_period.not_open", period=result.period)], "", needless=True)
    lines = [desk.t("web_period.retract_about")]
    if result.frozen:
        lines.append(desk.t("web_period.retract_frozen", count=result.frozen))
    return Shown(
        title, lines, desk.t("web_period.retract_button", count=len(result.voided)),
        figures=_figures(
            desk, ("web_period.voided", format_count(len(result.voided), desk.locale)),
            ("web_period.sum", _money(desk, sum(bill.from_minor for bill in result.voided))),
            ("web_period.frozen", format_count(result.frozen, desk.locale)),
        ),
        groups=[Group(desk.t("web_period.voided"), [_revised(desk, bill) for bill in result.voided])],
        danger=True,
    )  # fmt: skip


def _close(desk: Desk, form: Form) -> Proposal:
    period, announce = _period(desk), form.checked("announce")
    return Proposal(
        closing.close, (desk.actor, period), kwargs={"announce": announce},
        show=lambda result: _show_close(desk, result, announce=announce or "digest" not in form),
        done=lambda result: Flash("web_period.closed", {"period": _name(desk, period)}),
        back=_back(period),
    )  # fmt: skip


def _show_close(desk: Desk, result: PeriodMoved, *, announce: bool) -> Shown:
    title = desk.t("web_period.close_title", period=result.period)
    if not result.changed:
        return Shown(title, [desk.t("web_period.already_closed", period=result.period)], "", needless=True)
    return Shown(
        title, [desk.t("web_period.close_about")], desk.t("web_period.close_button", period=result.period),
        figures=_figures(desk, ("web_period.still_unpaid", _money(desk, result.unpaid_minor))),
        options=[("announce", desk.t("web_period.announce"), announce)],
    )  # fmt: skip


def _reopen(desk: Desk, form: Form) -> Proposal:
    period = _period(desk)
    return Proposal(
        closing.reopen, (desk.actor, period), show=lambda result: _show_reopen(desk, result),
        done=lambda result: Flash("web_period.reopened", {"period": _name(desk, period)}), back=_back(period),
    )  # fmt: skip


def _show_reopen(desk: Desk, result: PeriodMoved) -> Shown:
    title = desk.t("web_period.reopen_title", period=result.period)
    about = "web_period.reopen_about" if result.changed else "web_period.already_reopened"
    button = desk.t("web_period.reopen_button", period=result.period)
    return Shown(title, [desk.t(about, period=result.period)], button, needless=not result.changed)


def _remind(desk: Desk, form: Form) -> Proposal:
    period = _period(desk)
    how = form.text("how") or None
    return Proposal(
        reminding.remind_now, (desk.actor, period, how), show=lambda result: _show_remind(desk, result),
        done=lambda result: Flash(
            "web_period.reminded",
            {"count": len(result.reached), "amount": _money(desk, result.minor)},
        ),
        back=_back(period), keep=[("how", how)] if how else [],
    )  # fmt: skip


def _show_remind(desk: Desk, result: Reminded) -> Shown:
    title = desk.t("web_period.remind_title", period=_period(desk))
    if not result.members:
        return Shown(title, [desk.t("web_period.remind_nobody")], "", needless=True)
    lines = [desk.t(REMIND_WAYS[result.how])]
    if result.quiet_until:
        when = format_instant(result.quiet_until, desk.workspace.timezone, desk.locale)
        lines.append(desk.t("web_period.remind_quiet", when=when))
    if result.unreachable:
        lines.append(desk.t("web_period.remind_unreachable", count=len(result.unreachable)))
    return Shown(
        title, lines, desk.t("web_period.remind_button", count=len(result.reached)),
        figures=_figures(
            desk, ("web_period.members", format_count(len(result.reached), desk.locale)),
            ("web_period.sum", _money(desk, result.minor)),
        ),
        groups=[
            Group(desk.t("web_period.remind_reached"), [_reminded(desk, one) for one in result.reached]),
            Group(
                desk.t("web_period.remind_not_reached"), [_reminded(desk, one) for one in result.unreachable]
            ),
        ],
        warning=desk.t("web_period.remind_recently", count=result.recently) if result.recently else "",
        needless=not result.reached, template="period_ways.html",
        fields=[(way, key, way == result.how) for way, key in REMIND_NAMES.items()],
    )  # fmt: skip


def _resend(desk: Desk, form: Form) -> Proposal:
    period = _period(desk)
    return Proposal(
        announcing.resend_opened, (desk.actor, period), show=lambda result: _show_resend(desk, result),
        done=lambda result: Flash(
            "web_period.resend_waits" if result.waits else "web_period.resent", {"period": _name(desk, period)}
        ),
        back=_back(period),
    )  # fmt: skip


def _show_resend(desk: Desk, result: Announced) -> Shown:
    lines = [desk.t("web_period.resend_waits", period=result.period)]
    if not result.waits:
        lines = [desk.t("web_period.resend_about"), desk.t("web_period.resend_before", count=result.times)]
        if not desk.workspace.announce_channel_id:
            lines.append(desk.t("web_period.open_no_place"))
    title = desk.t("web_period.resend_title", period=result.period)
    return Shown(title, lines, desk.t("web_period.resend_button"), needless=result.waits)


def _reminded(desk: Desk, one: RemindedMember) -> Line:
    return Line(one.name, desk.t("web_period.bills", count=one.bills), _money(desk, one.minor))


def _period(desk: Desk) -> Period:
    return Period.parse(desk.arg("period"))


def _back(period: Period) -> str:
    return f"/?period={period}"


def _name(desk: Desk, period: Period) -> str:
    return desk.t("web_period.name", period=period)


def _money(desk: Desk, minor: int | None) -> str:
    return desk.t("web_period.no_price") if minor is None else format_money(desk.money(minor), desk.locale)


def _figures(desk: Desk, *pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(desk.t(key), value) for key, value in pairs]


def _added(desk: Desk, bill: AddedBill) -> Line:
    return Line(bill.name, bill.title, _money(desk, bill.minor))


def _revised(desk: Desk, bill: RevisedBill) -> Line:
    if bill.to_minor is None:
        return Line(bill.name, bill.title, _money(desk, bill.from_minor))
    change = desk.t(
        "web_period.from_to", before=_money(desk, bill.from_minor), after=_money(desk, bill.to_minor)
    )
    return Line(bill.name, bill.title, change)


for _action, _make in (
    ("remind", _remind), ("resync", _resync), ("retract", _retract), ("close", _close), ("reopen", _reopen),
    ("resend", _resend),
):  # fmt: skip
    _register(_action, _make)
