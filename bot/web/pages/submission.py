"""One submission with everything a reviewer wants to know, and what can be done about it."""

from __future__ import annotations

from aiohttp import web

from bot.web.confirm import Group, Line, Proposal, Shown
from bot.web.forms import Form, read_form
from bot.web.pages.review import REASONS, reason_of
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import payments, proof_care, reports_web, reversals
from core.access import Role
from core.errors import DomainError
from core.models import PaymentId
from core.money import format_money
from core.payment_changes import BillChange, PaymentChanged
from core.payments import NOTE_CHARACTERS

pages = Routes()

ACTIONS = {
    "submit": "web_submission.did_submit", "record": "web_submission.did_record",
    "verify": "web_submission.did_verify", "reject": "web_submission.did_reject",
    "reopen": "web_submission.did_reopen", "unverify": "web_submission.did_unverify",
    "cancel": "web_submission.did_cancel", "withdraw": "web_submission.did_withdraw",
    "refund": "web_submission.did_refund",
}  # fmt: skip


@pages.get("/review/{id:[0-9]+}", least=Role.AUDITOR)
async def submission(desk: Desk) -> web.StreamResponse:
    """The page of one payment, whatever became of it."""
    payment_id = PaymentId(desk.number("id"))
    found = await desk.db.read(reports_web.submission, desk.actor, payment_id)
    names = {
        step.by: await desk.db.read(reports_web.name_of, desk.workspace, step.by) for step in found.history
    }
    return desk.render(
        "submission.html",
        submission=found,
        names=names,
        actions=ACTIONS,
        reasons=REASONS,
        version=found.version,
    )


@pages.post("/review/{id:[0-9]+}/reopen", least=Role.REVIEWER)
async def reopen(desk: Desk) -> web.StreamResponse:
    """Put a rejected submission back into the queue."""
    payment_id = PaymentId(desk.number("id"))
    try:
        result = await desk.db.write(payments.reopen, desk.actor, payment_id)
    except DomainError as error:
        return desk.refused(_here(payment_id), error)
    return desk.redirect(
        _here(payment_id), Flash("web_submission.flash_reopened", {"payment": result.payment.label})
    )


@pages.get("/review/{id:[0-9]+}/undo", least=Role.REVIEWER)
async def ask_undo(desk: Desk) -> web.StreamResponse:
    """What taking the verification (or the recorded payment) back would do."""
    return await (await _undo(desk)).ask(desk)


@pages.post("/review/{id:[0-9]+}/undo", least=Role.REVIEWER)
async def confirm_undo(desk: Desk) -> web.StreamResponse:
    """Take it back."""
    form = await read_form(desk)
    return await (await _undo(desk)).confirm(desk, form)


async def _undo(desk: Desk) -> Proposal:
    payment_id = PaymentId(desk.number("id"))
    view = await desk.db.read(reports_web.payment, desk.actor, payment_id)
    return Proposal(
        reversals.cancel if view.payment.recorded else reversals.unverify, (desk.actor, payment_id),
        show=lambda result: _show_undo(desk, result),
        done=lambda result: Flash("web_submission.flash_undone", {"payment": result.payment.label}),
        back=_here(payment_id),
    )  # fmt: skip


def _show_undo(desk: Desk, result: PaymentChanged) -> Shown:
    waits = result.payment.status == "submitted"
    about = "web_submission.undo_waits" if waits else "web_submission.undo_cancelled"
    return Shown(
        desk.t("web_submission.undo_title", payment=result.payment.label),
        [desk.t(about, name=result.member.name), *_credit_line(desk, result)],
        desk.t("web_submission.undo_button"),
        groups=[Group(desk.t("web_submission.bills_change"), _changes(desk, result))],
        danger=True,
    )  # fmt: skip


async def _reject_after_all(desk: Desk, form: Form) -> Question:
    """Take the verification back and reject, as one step: the transfer turned out to be somebody else's."""
    payment_id = PaymentId(desk.number("id"))
    view = await desk.db.read(reports_web.payment, desk.actor, payment_id)
    title = desk.t("web_submission.after_all_title", payment=view.payment.label)
    reasons = [(code, desk.t(key)) for code, key in REASONS.items()]
    return Question(
        title, desk.t("web_bills.preview"), _here(payment_id),
        fields=[
            Field("reason", desk.t("web_review.reason"), "choice", value=reasons[0][0],
                  options=[("", desk.t("web_review.reason_own_only")), *reasons], needed=False),
            Field("own_reason", desk.t("web_review.own_reason"), needed=False, most=NOTE_CHARACTERS),
        ],
        propose=lambda typed: Proposal(
            reversals.reject_after_all, (desk.actor, payment_id, reason_of(desk, typed)),
            show=lambda result: Shown(
                title,
                [desk.t("web_submission.after_all_about", name=result.member.name),
                 desk.t("web.quoted", text=result.payment.reject_reason or ""), *_credit_line(desk, result)],
                desk.t("web_submission.after_all_button"),
                groups=[Group(desk.t("web_submission.bills_change"), _changes(desk, result))],
                danger=True,
            ),
            done=lambda result: Flash(
                "web_review.flash_rejected", {"payment": result.payment.label, "name": result.member.name}
            ),
            back=_here(payment_id),
        ),
    )  # fmt: skip


@pages.get("/review/{id:[0-9]+}/refund", least=Role.TREASURER)
async def ask_refund(desk: Desk) -> web.StreamResponse:
    """What giving an amount back would do; all of it when none is named."""
    form = Form(desk.request.query.items())
    try:
        return await (await _refund(desk, form)).ask(desk)
    except DomainError as error:
        return desk.refused(_here(PaymentId(desk.number("id"))), error)


@pages.post("/review/{id:[0-9]+}/refund", least=Role.TREASURER)
async def confirm_refund(desk: Desk) -> web.StreamResponse:
    """Write it into the books; handing the money back is for people."""
    form = await read_form(desk)
    return await (await _refund(desk, form)).confirm(desk, form)


async def _refund(desk: Desk, form: Form) -> Proposal:
    payment_id = PaymentId(desk.number("id"))
    view = await desk.db.read(reports_web.payment, desk.actor, payment_id)
    typed = form.optional_money("amount", desk.workspace.currency)
    amount = desk.money(view.payment.kept_minor) if typed is None else typed
    shown = format_money(amount, desk.locale)
    return Proposal(
        reversals.refund, (desk.actor, payment_id, amount),
        show=lambda result: Shown(
            desk.t("web_submission.refund_title", amount=shown, payment=result.payment.label),
            [desk.t("web_submission.refund_about", name=result.member.name), *_credit_line(desk, result)],
            desk.t("web_submission.refund_button", amount=shown),
            groups=[Group(desk.t("web_submission.bills_change"), _changes(desk, result))],
            danger=True,
        ),
        done=lambda result: Flash(
            "web_submission.flash_refunded", {"amount": shown, "name": result.member.name}
        ),
        back=_here(payment_id), keep=[("amount", form.text("amount"))],
    )  # fmt: skip


@pages.post("/review/{id:[0-9]+}/picture/delete", least=Role.REVIEWER)
async def delete_picture(desk: Desk) -> web.StreamResponse:
    """Remove the picture for good; that there was one stays known."""
    payment_id = PaymentId(desk.number("id"))
    try:
        await proof_care.delete_one(desk.site.services, desk.actor, payment_id)
    except DomainError as error:
        return desk.refused(_here(payment_id), error)
    return desk.redirect(_here(payment_id), Flash("web_submission.flash_picture_deleted"))


def _changes(desk: Desk, result: PaymentChanged) -> list[Line]:
    return [Line(change.bill.label, change.bill.title, _change(desk, change)) for change in result.changes]


def _change(desk: Desk, change: BillChange) -> str:
    before, after = (
        format_money(desk.money(minor), desk.locale)
        for minor in (change.settled_before, change.bill.settled_minor)
    )
    return desk.t("web_submission.settled_from_to", before=before, after=after)


def _credit_line(desk: Desk, result: PaymentChanged) -> list[str]:
    if result.credit_before == result.credit_minor:
        return []
    before, after = (
        format_money(desk.money(minor), desk.locale) for minor in (result.credit_before, result.credit_minor)
    )
    return [desk.t("web_submission.credit", name=result.member.name, before=before, after=after)]


def _here(payment_id: PaymentId) -> str:
    return f"/review/{payment_id}"


register(pages, "/review/{id:[0-9]+}/reject-after-all", Role.REVIEWER, _reject_after_all)
