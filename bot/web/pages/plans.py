"""Plans with their prices and holders, and the ways to pay. A price is previewed with what it leaves as it is."""

from __future__ import annotations

from aiohttp import web

from bot.web import exports
from bot.web.confirm import Group, Line, Proposal, Shown
from bot.web.exports import amount as plain_amount
from bot.web.forms import Form
from bot.web.pages.wording import who
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import plan_desk, plans
from core.access import Role
from core.errors import ChoiceUnknown, DomainError, shown
from core.i18n import format_count, format_period
from core.models import PlanId
from core.money import format_money
from core.period import Period
from core.plan_desk import PlanCard, PlanRetired, PriceSet
from core.plans import CYCLES, PRORATIONS

pages = Routes()

CYCLE_WORDS = {1: "plans.cycle_1", 3: "plans.cycle_3", 6: "plans.cycle_6", 12: "plans.cycle_12"}
PRORATION_WORDS = {"none": "plans.proration_none", "daily": "plans.proration_daily"}
PLAN_COLUMNS = (
    "plan", "name", "cycle_months", "proration", "price", "price_from", "next_price", "next_from",
    "subscribers", "currency", "retired",
)  # fmt: skip


@pages.get("/plans", least=Role.AUDITOR)
async def listing(desk: Desk) -> web.StreamResponse:
    """Every plan and every way to pay."""
    found = await desk.db.read(plans.everyone, desk.actor, with_retired=True)
    uses = await desk.db.read(plan_desk.method_uses, desk.actor)
    return desk.render(
        "plans.html",
        views=[view for view in found if view.plan.retired_at is None],
        retired=[view for view in found if view.plan.retired_at is not None],
        uses=[use for use in uses if use.method.retired_at is None],
        retired_uses=[use for use in uses if use.method.retired_at is not None],
        cycles=CYCLE_WORDS,
        kinds=KIND_WORDS,
        role_name=lambda role_id: _role_name(desk, role_id),
    )


@pages.get(r"/plans.{kind:csv|json}", least=Role.AUDITOR)
async def export(desk: Desk) -> web.StreamResponse:
    """The plans as a file."""
    found = await desk.db.read(plans.everyone, desk.actor, with_retired=True)
    rows = [
        (f"PL-{view.plan.id}", view.plan.name, view.plan.cycle_months, view.plan.proration,
         exports.amount(view.price) if view.price is not None else "", view.price_from.text if view.price_from else "",
         exports.amount(view.next_price) if view.next_price is not None else "",
         view.next_from.text if view.next_from else "", view.subscribers, desk.workspace.currency,
         int(view.plan.retired_at is not None))
        for view in found
    ]  # fmt: skip
    return await exports.send(desk, "plans", desk.arg("kind"), PLAN_COLUMNS, exports.in_one(rows))


@pages.get("/plans/{id:[0-9]+}", least=Role.AUDITOR)
async def show(desk: Desk) -> web.StreamResponse:
    """One plan: its prices, and who holds it."""
    card = await _card(desk)
    return desk.render(
        "plan.html",
        card=card,
        view=card.plan,
        plan=card.plan.plan,
        cycles=CYCLE_WORDS,
        prorations=PRORATION_WORDS,
        who=lambda by, name: who(desk, by, name),
        role_name=lambda role_id: _role_name(desk, role_id),
    )


@pages.get(r"/plans/{id:[0-9]+}/holders.{kind:csv|json}", least=Role.AUDITOR)
async def holders(desk: Desk) -> web.StreamResponse:
    """Who holds a plan, as a file."""
    card = await _card(desk)
    rows = [
        (seat.member.label, seat.member.name, card.plan.plan.name, seat.view.status,
         seat.view.subscription.starts_on, seat.view.subscription.ends_on or "")
        for seat in card.seats
    ]  # fmt: skip
    columns = ("member", "name", "plan", "status", "starts_on", "ends_on")
    return await exports.send(
        desk, f"holders-{card.plan.plan.id}", desk.arg("kind"), columns, exports.in_one(rows)
    )


async def _add(desk: Desk, form: Form) -> Question:
    currency = desk.workspace.currency

    async def act(typed: Form) -> web.StreamResponse:
        view = await desk.db.write(
            plans.add,
            desk.actor,
            typed.text("name"),
            typed.money("price", currency),
            typed.period("from_period"),
            cycle_months=_cycle(typed),
            proration=typed.text("proration"),
            role_id=typed.id("role"),
        )
        return desk.redirect(f"/plans/{view.plan.id}", Flash("web_plans.added", {"plan": view.plan.name}))

    return Question(
        desk.t("web_plans.add_title"),
        desk.t("web_plans.add_button"),
        "/plans",
        fields=[
            Field("name", desk.t("web_settings.name"), most=plans.NAME_CHARACTERS),
            Field("price", desk.t("web_plans.price"), "money", hint=desk.t("web_plans.price_hint")),
            Field("from_period", desk.t("web_plans.from"), "month", str(Period.of(desk.today)),
                  hint=desk.t("web_bills.month_hint")),
            Field("cycle_months", desk.t("web_plans.cycle"), "choice", "1",
                  options=[(str(months), desk.t(CYCLE_WORDS[months])) for months in CYCLES]),
            Field("proration", desk.t("web_plans.proration"), "choice", "none",
                  hint=desk.t("web_plans.proration_hint"),
                  options=[(one, desk.t(PRORATION_WORDS[one])) for one in PRORATIONS]),
            _role_field(desk, None),
        ],
        act=act,
    )  # fmt: skip


def _cycle(form: Form) -> int:
    text = form.text("cycle_months")
    if text not in {str(months) for months in CYCLES}:
        choices = ", ".join(map(str, CYCLES))
        raise ChoiceUnknown(field="cycle_months", value=shown(text), choices=choices)
    return int(text)


async def _price(desk: Desk, form: Form) -> Question:
    card = await _card(desk)
    plan = card.plan.plan
    title = desk.t("web_plans.price_title", plan=plan.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(plan.id),
        about=[desk.t("web_plans.price_about")],
        fields=[
            Field("price", desk.t("web_plans.price"), "money",
                  plain_amount(card.plan.price) if card.plan.price is not None else "",
                  hint=desk.t("web_plans.price_hint")),
            Field("from_period", desk.t("web_plans.from"), "month", str(Period.of(desk.today).next()),
                  hint=desk.t("web_bills.month_hint")),
        ],
        propose=lambda typed: Proposal(
            plan_desk.set_price,
            (desk.actor, plan.id, typed.money("price", desk.workspace.currency), typed.period("from_period")),
            show=lambda result: _show_price(desk, result, title),
            done=lambda result: Flash("web_plans.price_set", {
                "plan": plan.name, "period": format_period(result.period, desk.locale),
                "price": format_money(desk.money(result.minor), desk.locale)}),
            back=_back(plan.id),
        ),
    )  # fmt: skip


def _show_price(desk: Desk, result: PriceSet, title: str) -> Shown:
    before = desk.t("web_period.no_price")
    if result.before_minor is not None:
        before = format_money(desk.money(result.before_minor), desk.locale)
    same = result.before_minor == result.minor
    after = format_money(desk.money(result.minor), desk.locale)
    lines = [
        Line(format_period(month, desk.locale), desk.t(
            "web_plans.issued_open" if is_open else "web_plans.issued_closed", count=unpaid),
            desk.t("web_period.bills", count=bills))
        for month, is_open, bills, unpaid in result.issued
    ]  # fmt: skip
    about = [desk.t("web_plans.price_same" if same else "web_plans.price_line", period=result.period)]
    if lines:
        about.append(desk.t("web_plans.issued_about"))
    return Shown(
        title,
        about,
        desk.t("web_plans.price_button", price=desk.money(result.minor), period=result.period),
        figures=[
            (desk.t("web_plans.price"), before if same else desk.t("web_bills.from_to", before=before, after=after)),
            (desk.t("web_plans.from"), format_period(result.period, desk.locale)),
            (desk.t("web_plans.holders"), format_count(result.plan.subscribers, desk.locale)),
        ],
        groups=[Group(desk.t("web_plans.issued"), lines)],
        needless=same,
    )  # fmt: skip


async def _rename(desk: Desk, form: Form) -> Question:
    plan = (await _card(desk)).plan.plan

    async def act(typed: Form) -> web.StreamResponse:
        view = await desk.db.write(plans.rename, desk.actor, plan.id, typed.text("name"))
        return desk.redirect(_back(plan.id), Flash("web_plans.renamed", {"plan": view.plan.name}))

    return Question(
        desk.t("web_plans.rename_title", plan=plan.name),
        desk.t("web_members.save"),
        _back(plan.id),
        about=[desk.t("web_plans.rename_about")],
        fields=[Field("name", desk.t("web_settings.name"), value=plan.name, most=plans.NAME_CHARACTERS)],
        act=act,
    )


async def _role(desk: Desk, form: Form) -> Question:
    plan = (await _card(desk)).plan.plan

    async def act(typed: Form) -> web.StreamResponse:
        await desk.db.write(plans.set_role, desk.actor, plan.id, typed.id("role"))
        return desk.redirect(_back(plan.id), Flash("web_plans.role_done", {"plan": plan.name}))

    return Question(
        desk.t("web_plans.role_title", plan=plan.name),
        desk.t("web_members.save"),
        _back(plan.id),
        fields=[_role_field(desk, plan.role_id)],
        act=act,
    )


async def _retire(desk: Desk, form: Form) -> Question:
    card = await _card(desk)
    plan = card.plan.plan
    title = desk.t("web_plans.retire_title", plan=plan.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(plan.id),
        about=[desk.t("web_plans.retire_about")],
        propose=lambda typed: Proposal(
            plan_desk.retire,
            (desk.actor, plan.id),
            show=lambda result: _show_retired(desk, result, title),
            done=lambda result: Flash("web_plans.retired_done", {"plan": plan.name}),
            back="/plans",
        ),
    )


@pages.post("/plans/{id:[0-9]+}/restore", least=Role.TREASURER)
async def restore(desk: Desk) -> web.StreamResponse:
    """Take a retired plan into use again."""
    plan_id = PlanId(desk.number("id"))
    try:
        view = await desk.db.write(plans.restore, desk.actor, plan_id)
    except DomainError as error:
        return desk.refused(_back(plan_id), error)
    return desk.redirect(_back(plan_id), Flash("web_plans.restored_done", {"name": view.plan.name}))


def _show_retired(desk: Desk, result: PlanRetired, title: str) -> Shown:
    holders = result.plan.subscribers
    return Shown(
        title,
        [desk.t("web_plans.retire_about"), desk.t("web_plans.retire_holders", count=holders)],
        desk.t("web_plans.retire_button"),
        figures=[(desk.t("web_plans.holders"), format_count(holders, desk.locale))],
        danger=True,
    )


def _role_field(desk: Desk, chosen: int | None) -> Field:
    """A role of the Discord server by its name; one that is gone is still shown, by its number."""
    roles = [(str(role.id), role.name) for role in desk.site.host.roles(desk.workspace.guild_id)]
    if chosen is not None and str(chosen) not in dict(roles):
        roles.append((str(chosen), desk.t("web_plans.role_gone", role=str(chosen))))
    return Field(
        "role",
        desk.t("web_plans.role"),
        "choice",
        str(chosen or ""),
        hint=desk.t("web_plans.role_hint"),
        options=[("", desk.t("web_plans.role_none")), *roles],
        needed=False,
    )


def _role_name(desk: Desk, role_id: int) -> str:
    names = {role.id: role.name for role in desk.site.host.roles(desk.workspace.guild_id)}
    return names.get(role_id) or desk.t("web_plans.role_gone", role=str(role_id))


async def _card(desk: Desk) -> PlanCard:
    return await desk.db.read(plan_desk.card, desk.actor, PlanId(desk.number("id")))


def _back(plan_id: int) -> str:
    return f"/plans/{plan_id}"


KIND_WORDS = {
    "bank": "methods.kind_bank", "mobile": "methods.kind_mobile", "cash": "methods.kind_cash",
    "online": "methods.kind_online",
}  # fmt: skip

register(pages, "/plans/add", Role.TREASURER, _add)
register(pages, "/plans/{id:[0-9]+}/price", Role.TREASURER, _price)
register(pages, "/plans/{id:[0-9]+}/rename", Role.TREASURER, _rename)
register(pages, "/plans/{id:[0-9]+}/role", Role.TREASURER, _role)
register(pages, "/plans/{id:[0-9]+}/retire", Role.TREASURER, _retire)
