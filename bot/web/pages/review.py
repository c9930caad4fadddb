"""The review desk: what waits, verified with one tap, and everything that can be taken back."""

from __future__ import annotations

from aiohttp import web

from bot.web import exports, lists
from bot.web.forms import Form, read_form
from bot.web.pages.sign_in import own_path
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import payments, reports_web, review_desk
from core.access import Role
from core.errors import DomainError, ReasonMissing
from core.models import MemberId, MethodId, PaymentId
from core.money import format_money
from core.payment_changes import PaymentChanged

pages = Routes()

EXPORT_BATCH = 200
METHOD_NOT_STATED = "none"
"""In place of a method's id: nobody knows how the money arrived, whatever was declared."""
COLUMNS = ("payment", "member", "amount", "currency", "method", "submitted_at", "note", "bills")

REASONS = {
    "not_arrived": "review.reason_not_arrived", "wrong_amount": "review.reason_wrong_amount",
    "unreadable": "review.reason_unreadable", "twice": "review.reason_twice",
}  # fmt: skip


@pages.get("/review", least=Role.AUDITOR)
async def queue(desk: Desk) -> web.StreamResponse:
    """What waits for review, oldest first; `?member=` only theirs, `?after=` continues a long list."""
    query = Form(desk.request.query.items())
    member = query.id("member")
    found = await desk.db.read(
        reports_web.queue, desk.actor, query.id("after") or 0, MemberId(member) if member else None
    )
    return desk.render(
        "review.html", queue=found, version=found.version, reasons=REASONS, is_first=query.id("after") is None,
        query_of=lambda **changes: lists.query_of(desk, **changes),
    )  # fmt: skip


@pages.get(r"/review.{kind:csv|json}", least=Role.AUDITOR)
async def export(desk: Desk) -> web.StreamResponse:
    """Everything that waits, or what waits of one member, as a file."""
    return await exports.send(desk, f"review-{desk.today}", desk.arg("kind"), COLUMNS, _batches(desk))


async def _batches(desk: Desk) -> exports.Batches:
    member, after = lists.whole_number(desk, "member"), 0
    while True:
        found = await desk.db.read(
            reports_web.queue, desk.actor, after, MemberId(member) if member else None, EXPORT_BATCH
        )
        yield [
            (view.payment.label, view.member.name, exports.amount(desk.money(view.payment.declared_minor)),
             desk.workspace.currency, view.declared_method, view.payment.submitted_at, view.payment.note,
             " ".join(bill.label for bill, _ in view.lines))
            for view in found.views
        ]  # fmt: skip
        if found.next_after is None:
            return
        after = found.next_after


@pages.post("/review/{id}/verify", least=Role.REVIEWER)
async def verify(desk: Desk) -> web.StreamResponse:
    """The money arrived: as declared, or the amount that was typed."""
    form, payment_id = await read_form(desk), PaymentId(desk.number("id"))
    is_unstated = form.text("method") == METHOD_NOT_STATED
    method = None if is_unstated else form.id("method")
    try:
        received = form.optional_money("amount", desk.workspace.currency)
        result = await desk.db.write(
            payments.verify, desk.actor, payment_id, received, MethodId(method) if method else None,
            is_unstated=is_unstated,
        )  # fmt: skip
    except DomainError as error:
        return desk.refused(_back(form), error)
    return desk.redirect(_back(form), _verified(desk, result))


@pages.post("/review/{id}/reject", least=Role.REVIEWER)
async def reject(desk: Desk) -> web.StreamResponse:
    """The money did not arrive, for a reason out of the list, one's own, or both."""
    form, payment_id = await read_form(desk), PaymentId(desk.number("id"))
    try:
        result = await desk.db.write(payments.reject, desk.actor, payment_id, reason_of(desk, form))
    except DomainError as error:
        return desk.refused(_back(form), error)
    said = {"payment": result.payment.label, "name": result.member.name}
    return desk.redirect(_back(form), Flash("web_review.flash_rejected", said, undo=(payment_id,)))


@pages.post("/review/members/{id}/verify", least=Role.REVIEWER)
async def verify_all(desk: Desk) -> web.StreamResponse:
    """Everything of one member that waits, each by itself: what fails does not take the others with it."""
    form = await read_form(desk)
    try:
        shown = [PaymentId(found) for found in form.ids("payment")]
        result = await desk.site.services.verify_all(desk.actor, MemberId(desk.number("id")), shown)
    except DomainError as error:
        return desk.refused(_back(form), error)
    undo = tuple(changed.payment.id for changed in result.verified)
    said: dict[str, str | int] = {"count": len(undo)}
    if result.failed:
        said |= {"failed": len(result.failed), "reason": desk.sentence(result.failed[0][1])}
        flash = Flash("web_review.flash_verified_some", said, tone="bad", undo=undo)
    else:
        flash = Flash("web_review.flash_verified_all", said, undo=undo)
    return desk.redirect(_back(form), flash)


@pages.post("/review/undo", least=Role.REVIEWER)
async def undo(desk: Desk) -> web.StreamResponse:
    """Take back what was just decided; it waits again."""
    form = await read_form(desk)
    ids = [PaymentId(found) for found in form.ids("payment")]
    try:
        taken = await desk.db.write(review_desk.take_back, desk.actor, ids)
    except DomainError as error:
        return desk.refused(_back(form), error)
    said: dict[str, str | int] = {"count": len(taken), "payment": taken[0].payment.label if taken else ""}
    return desk.redirect(_back(form), Flash("web_review.flash_undone", said))


def _verified(desk: Desk, result: PaymentChanged) -> Flash:
    received = desk.money(result.payment.received_minor or 0)
    said = {
        "payment": result.payment.label, "name": result.member.name,
        "amount": format_money(received, desk.locale),
    }  # fmt: skip
    gained = result.credit_minor - result.credit_before
    if gained > 0:
        said["credit"] = format_money(desk.money(gained), desk.locale)
        return Flash("web_review.flash_verified_credit", said, undo=(result.payment.id,))
    return Flash("web_review.flash_verified", said, undo=(result.payment.id,))


def reason_of(desk: Desk, form: Form) -> str:
    """The sentence the member reads, in the club's language when it is out of the list."""
    chosen, own = form.text("reason"), form.text("own_reason")
    canned = desk.club_t(REASONS[chosen]) if chosen in REASONS else ""
    if not canned and not own:
        raise ReasonMissing()
    return f"{canned} {own}".strip()


def _back(form: Form) -> str:
    return own_path(form.text("back") or "/review")
