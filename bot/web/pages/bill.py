"""One bill: why it is what it is, what settled it, what happened to it, and its corrections."""

from __future__ import annotations

from aiohttp import web

from bot.web.confirm import Proposal, Shown
from bot.web.exports import amount as plain_amount
from bot.web.forms import Form
from bot.web.pages.bills import STATUS_WORDS
from bot.web.pages.wording import HAPPENED, LINE_WORDS, who
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import bill_lists, corrections
from core.access import Role
from core.bill_lists import BillCard
from core.corrections import REASON_CHARACTERS, BillCorrected
from core.models import BillId
from core.money import format_money

pages = Routes()


@pages.get("/bills/{id:[0-9]+}", least=Role.AUDITOR)
async def show(desk: Desk) -> web.StreamResponse:
    """Everything about one bill."""
    card = await _card(desk)
    return desk.render(
        "bill.html",
        card=card,
        bill=card.row.bill,
        statuses=STATUS_WORDS,
        line_words=LINE_WORDS,
        happened=HAPPENED,
        who=lambda by, name: who(desk, by, name),
        can_correct=_can_correct(desk, card),
    )


def _can_correct(desk: Desk, card: BillCard) -> bool:
    return desk.may(Role.TREASURER) and card.row.bill.status != "void"


async def _card(desk: Desk) -> BillCard:
    return await desk.db.read(bill_lists.card, desk.actor, BillId(desk.number("id")))


async def _amount(desk: Desk, form: Form) -> Question:
    card = await _card(desk)
    bill = card.row.bill
    title = desk.t("web_bills.amount_title", bill=bill.label)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(bill.id),
        about=[_about(desk, card)],
        fields=[
            Field(
                "amount", desk.t("web_bills.new_amount"), "money", plain_amount(desk.money(bill.amount_minor))
            ),
            _reason(desk),
        ],
        propose=lambda typed: Proposal(
            corrections.set_amount,
            (desk.actor, bill.id, typed.money("amount", desk.workspace.currency), typed.required("reason")),
            show=lambda result: _corrected(
                desk,
                result,
                title,
                "web_bills.amount_about",
                "web_bills.amount_button",
                needless=_same(result),
            ),
            done=lambda result: _flash(desk, "web_bills.amount_done", result),
            back=_back(bill.id),
        ),
    )


async def _waive(desk: Desk, form: Form) -> Question:
    card = await _card(desk)
    bill = card.row.bill
    title = desk.t("web_bills.waive_title", bill=bill.label)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(bill.id),
        about=[_about(desk, card)],
        fields=[
            Field(
                "amount",
                desk.t("web_bills.waive_amount"),
                "money",
                needed=False,
                hint=desk.t("web_bills.waive_hint", amount=desk.money(bill.open_minor)),
            ),
            _reason(desk),
        ],
        propose=lambda typed: Proposal(
            corrections.waive,
            (
                desk.actor,
                bill.id,
                typed.optional_money("amount", desk.workspace.currency),
                typed.required("reason"),
            ),
            show=lambda result: _corrected(
                desk, result, title, "web_bills.waive_about", "web_bills.waive_button"
            ),
            done=lambda result: _flash(desk, "web_bills.waive_done", result),
            back=_back(bill.id),
        ),
    )


async def _void(desk: Desk, form: Form) -> Question:
    card = await _card(desk)
    bill = card.row.bill
    title = desk.t("web_bills.void_title", bill=bill.label)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(bill.id),
        about=[_about(desk, card)],
        warning=desk.t("web_bills.void_warning"),
        fields=[_reason(desk)],
        propose=lambda typed: Proposal(
            corrections.void,
            (desk.actor, bill.id, typed.required("reason")),
            show=lambda result: _corrected(
                desk, result, title, "web_bills.void_about", "web_bills.void_button", danger=True
            ),
            done=lambda result: _flash(desk, "web_bills.void_done", result),
            back=_back(bill.id),
        ),
    )


async def _unwaive(desk: Desk, form: Form) -> Question:
    card = await _card(desk)
    bill = card.row.bill
    number = desk.number("waiver")
    title = desk.t("web_bills.unwaive_title", bill=bill.label)
    return Question(
        title,
        desk.t("web_bills.preview"),
        _back(bill.id),
        about=[_about(desk, card)],
        propose=lambda typed: Proposal(
            corrections.unwaive,
            (desk.actor, number),
            show=lambda result: _corrected(
                desk, result, title, "web_bills.unwaive_about", "web_bills.unwaive_button"
            ),
            done=lambda result: _flash(desk, "web_bills.unwaive_done", result),
            back=_back(bill.id),
        ),
    )


def _corrected(
    desk: Desk,
    result: BillCorrected,
    title: str,
    about: str,
    button: str,
    *,
    danger: bool = False,
    needless: bool = False,
) -> Shown:
    """The same page for every correction: what changes, and what becomes of the money."""
    was, now = result.before, result.bill
    asked = {
        "corrected": desk.money(now.amount_minor),
        "waived": desk.money(abs(now.waived_minor - was.waived_minor)),
    }

    def words(key: str) -> str:
        return desk.t(
            key, bill=now.label, amount=asked["corrected"], waived=asked["waived"], name=result.member.name
        )

    return Shown(
        title,
        [desk.t("web_bills.nothing_to_change") if needless else words(about)],
        words(button),
        figures=[
            (
                desk.t("web_bills.amount"),
                _change(desk, was.amount_minor, 0 if now.status == "void" else now.amount_minor),
            ),
            (desk.t("web_bills.open"), _change(desk, was.open_minor, now.open_minor)),
            (desk.t("web_bills.state"), _states(desk, was.status, now.status)),
            (desk.t("web_bills.credit_after"), format_money(desk.money(result.credit_minor), desk.locale)),
        ],
        danger=danger,
        needless=needless,
    )


def _change(desk: Desk, before: int, after: int) -> str:
    first, then = (format_money(desk.money(minor), desk.locale) for minor in (before, after))
    return first if before == after else desk.t("web_bills.from_to", before=first, after=then)


def _states(desk: Desk, before: str, after: str) -> str:
    first, then = (desk.t(STATUS_WORDS[status][0]) for status in (before, after))
    return first if before == after else desk.t("web_bills.from_to", before=first, after=then)


def _same(result: BillCorrected) -> bool:
    return result.before.amount_minor == result.bill.amount_minor


def _flash(desk: Desk, key: str, result: BillCorrected) -> Flash:
    changed = abs(result.bill.waived_minor - result.before.waived_minor)
    return Flash(
        key,
        {
            "bill": result.bill.label,
            "waived": format_money(desk.money(changed), desk.locale),
            "amount": format_money(desk.money(result.bill.amount_minor), desk.locale),
        },
    )


def _about(desk: Desk, card: BillCard) -> str:
    bill = card.row.bill
    return desk.t(
        "web_bills.bill_line", name=card.row.name, title=bill.title, amount=desk.money(bill.amount_minor)
    )


def _reason(desk: Desk) -> Field:
    return Field(
        "reason", desk.t("web_bills.reason"), hint=desk.t("web_bills.reason_hint"), most=REASON_CHARACTERS
    )


def _back(bill_id: int) -> str:
    return f"/bills/{bill_id}"


register(pages, "/bills/{id:[0-9]+}/amount", Role.TREASURER, _amount)
register(pages, "/bills/{id:[0-9]+}/waive", Role.TREASURER, _waive)
register(pages, "/bills/{id:[0-9]+}/void", Role.TREASURER, _void)
register(pages, "/bills/{id:[0-9]+}/waivers/{waiver:[0-9]+}/take-back", Role.TREASURER, _unwaive)
