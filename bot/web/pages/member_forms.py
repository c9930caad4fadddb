"""What is done with one member: edit, link, leave, merge, opening balance. What hurts is previewed first."""

from __future__ import annotations

from aiohttp import web

from bot.web.confirm import Group, Line, Proposal, Shown
from bot.web.forms import Form
from bot.web.pages.members import account_field, account_of, person_fields
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import member_desk, merging, opening_balances, reports_bills, roster
from core.access import Role
from core.errors import DiscordIdInvalid, MemberUnknown
from core.i18n import format_count, format_date
from core.member_desk import Leaving
from core.merging import Merged
from core.models import Member, MemberId
from core.money import format_money, parse_money
from core.opening_balances import BalanceSet
from core.period import parse_date
from core.roster_cells import member_id as number_of

pages = Routes()

TAKEN_WORDS = {
    "account": "web_members.account",
    "email": "web_members.email",
    "note": "web_members.note",
}


async def _edit(desk: Desk, form: Form) -> Question:
    member = await _member(desk)

    async def act(typed: Form) -> web.StreamResponse:
        await desk.db.write(
            roster.edit,
            desk.actor,
            member.id,
            name=typed.text("name"),
            email=typed.text("email"),
            note=typed.text("note"),
        )
        return desk.redirect(_back(member), Flash("web_members.edited", {"name": typed.text("name")}))

    return Question(
        desk.t("web_members.edit_title", name=member.name),
        desk.t("web_members.save"),
        _back(member),
        fields=person_fields(desk, member.name, member.email or "", member.note),
        act=act,
    )


async def _link(desk: Desk, form: Form) -> Question:
    member = await _member(desk)

    async def act(typed: Form) -> web.StreamResponse:
        account = account_of(typed)
        if account is None:
            raise DiscordIdInvalid(field="discord_id")
        await desk.db.write(roster.move_account, desk.actor, member.id, account)
        return desk.redirect(_back(member), Flash("web_members.linked_done", {"name": member.name}))

    return Question(
        desk.t("web_members.link_title", name=member.name),
        desk.t("web_members.link_button"),
        _back(member),
        about=[desk.t("web_members.link_about")],
        fields=[account_field(desk, str(member.discord_id or ""), needed=True)],
        act=act,
    )


async def _leave(desk: Desk, form: Form) -> Question:
    member = await _member(desk)
    title = desk.t("web_members.leave_title", name=member.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(member),
        fields=[Field("left_on", desk.t("web_members.left_on_day"), "date", str(desk.today))],
        propose=lambda typed: Proposal(
            member_desk.leave,
            (desk.actor, member.id, parse_date(typed.text("left_on"), "left_on")),
            show=lambda result: _show_leaving(desk, result, title),
            done=lambda result: Flash("web_members.left_done", {"name": result.member.name}),
            back=_back(member),
        ),
    )


def _show_leaving(desk: Desk, result: Leaving, title: str) -> Shown:
    if result.already:
        return Shown(title, [desk.t("web_members.left_already")], "", needless=True)
    lines = [desk.t("web_members.leave_about")]
    if result.unlinked is not None:
        lines.append(desk.t("web_members.leave_unlinks"))
    if result.balance_minor:
        owes = result.balance_minor > 0
        key = "web_members.leave_owes" if owes else "web_members.leave_credit"
        lines.append(desk.t(key, amount=desk.money(abs(result.balance_minor))))
    return Shown(
        title,
        lines,
        desk.t("web_members.leave_button", name=result.member.name),
        groups=[
            Group(desk.t("web_members.seats_ending"), [Line(plan.name) for _, plan in result.ended]),
        ],
        danger=True,
    )


async def _merge(desk: Desk, form: Form) -> Question:
    member = await _member(desk)
    title = desk.t("web_members.merge_title", name=member.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(member),
        about=[desk.t("web_members.merge_about")],
        warning=desk.t("web_members.merge_final"),
        fields=[Field("into", desk.t("web_members.merge_into"), hint=desk.t("web_members.merge_hint"))],
        propose=lambda typed: Proposal(
            merging.merge,
            (desk.actor, member.id, _into(typed)),
            show=lambda result: _show_merged(desk, result, title),
            done=lambda result: Flash(
                "web_members.merged", {"name": result.member.name, "into": result.into.name}
            ),
            back=f"/members/{_into(typed)}",
        ),
    )


def _into(form: Form) -> MemberId:
    """The member that was typed as M-12; raises MemberUnknown."""
    number = number_of(form.text("into"))
    if number is None:
        raise MemberUnknown()
    return MemberId(number)


def _show_merged(desk: Desk, result: Merged, title: str) -> Shown:
    lines = [desk.t("web_members.merge_line", name=result.member.name, into=result.into.name)]
    taken = [Line(desk.t(TAKEN_WORDS[one])) for one in result.taken]
    return Shown(
        title,
        lines,
        desk.t("web_members.merge_button", into=result.into.name),
        warning=desk.t("web_members.merge_final"),
        figures=[
            (desk.t("web_bills.title"), format_count(result.bills, desk.locale)),
            (desk.t("web_members.payments"), format_count(result.payments, desk.locale)),
            (desk.t("web_members.credit_used"), format_money(desk.money(result.credit_used), desk.locale)),
        ],
        groups=[
            Group(desk.t("web_members.seats_going_on"), [Line(plan.name) for plan in result.plans]),
            Group(desk.t("web_members.taken_over"), taken),
        ],
        danger=True,
    )


async def _balance(desk: Desk, form: Form) -> Question:
    member = await _member(desk)
    title = desk.t("web_members.balance_title", name=member.name)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(member),
        about=[desk.t("web_members.balance_about")],
        fields=[
            Field("kind", desk.t("web_members.balance_kind"), "choice", options=[
                ("debt", desk.t("web_members.balance_debt")),
                ("credit", desk.t("web_members.balance_credit")),
            ]),
            Field("balance", desk.t("web_bills.amount"), "money"),
            Field("on", desk.t("web_members.balance_on"), "date", str(desk.today)),
            Field("due_on", desk.t("web_members.balance_due"), "date", needed=False,
                  hint=desk.t("web_members.balance_due_hint")),
        ],
        propose=lambda typed: _propose_balance(desk, member, typed, title),
    )  # fmt: skip


def _propose_balance(desk: Desk, member: Member, typed: Form, title: str) -> Proposal:
    amount = parse_money(typed.text("balance"), desk.workspace.currency, "balance")
    due = parse_date(typed.text("due_on"), "due_on") if typed.text("due_on") else None
    return Proposal(
        opening_balances.set_balance,
        (
            desk.actor,
            member.id,
            -amount if typed.text("kind") == "credit" else amount,
            parse_date(typed.text("on"), "on"),
        ),
        kwargs={"due_on": due},
        show=lambda result: _show_balance(desk, result, title),
        done=lambda result: Flash(
            "web_members.balance_done",
            {"name": member.name, "amount": format_money(abs(result.amount), desk.locale)},
        ),
        back=_back(member),
    )


def _show_balance(desk: Desk, result: BalanceSet, title: str) -> Shown:
    amount = abs(result.amount)
    if result.bill is None:
        lines = [desk.t("web_members.balance_paid_ahead", amount=amount)]
    else:
        due = format_date(parse_date(result.bill.due_on), desk.locale)
        lines = [desk.t("web_members.balance_becomes_bill", amount=amount, day=due)]
    return Shown(
        title,
        lines,
        desk.t("web_members.balance_button", amount=amount),
        figures=[
            (desk.t("web_bills.amount"), format_money(amount, desk.locale)),
            (
                desk.t("web_bills.settled"),
                format_money(desk.money(result.bill.settled_minor if result.bill else 0), desk.locale),
            ),
            (desk.t("web_bills.credit_after"), format_money(desk.money(result.credit_minor), desk.locale)),
        ],
    )


async def _member(desk: Desk) -> Member:
    number = MemberId(desk.number("id"))
    (member,) = await desk.db.read(reports_bills.people, desk.actor, [number])
    return member


def _back(member: Member) -> str:
    return f"/members/{member.id}"


register(pages, "/members/{id:[0-9]+}/edit", Role.TREASURER, _edit)
register(pages, "/members/{id:[0-9]+}/link", Role.TREASURER, _link)
register(pages, "/members/{id:[0-9]+}/leave", Role.TREASURER, _leave)
register(pages, "/members/{id:[0-9]+}/merge", Role.TREASURER, _merge)
register(pages, "/members/{id:[0-9]+}/balance", Role.TREASURER, _balance)
