"""One member: what they owe and paid, subscriptions, account, and everything that happened; a statement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.web import exports
from bot.web.forms import read_form
from bot.web.pages.bills import STATUS_WORDS
from bot.web.pages.wording import HAPPENED, who
from bot.web.routing import Routes
from bot.web.security import SECRET_REFERRER_POLICY
from bot.web.visit import Desk, Flash
from core import linking, member_lists, roster, tokens, upload_links
from core.access import Role
from core.errors import DomainError
from core.member_lists import Dossier
from core.models import LinkRequestId, MemberId
from core.period import Period
from core.reports import Statement

pages = Routes()

STANDINGS = {
    "active": ("subscriptions.active", "is-good"), "paused": ("subscriptions.paused", "is-warn"),
    "cancelled": ("subscriptions.over", ""),
}  # fmt: skip
PAYMENT_WORDS = {
    "submitted": ("payment_status.submitted", "is-warn"), "verified": ("payment_status.verified", "is-good"),
    "rejected": ("payment_status.rejected", "is-bad"), "withdrawn": ("payment_status.withdrawn", ""),
}  # fmt: skip
EVENT_WORDS = {**HAPPENED, "bill.issue": "web_members.did_issue"}
STATEMENT_COLUMNS = (
    "kind", "number", "date", "title", "period", "status", "amount", "settled", "waived", "open", "currency",
)  # fmt: skip


@pages.get("/members/{id:[0-9]+}", least=Role.AUDITOR)
async def show(desk: Desk) -> web.StreamResponse:
    """Everything about one member; `?period=2026-06` shows the bills of that month first."""
    found = await desk.db.read(member_lists.dossier, desk.actor, MemberId(desk.number("id")))
    return desk.render("member.html", **page_of(desk, found))


def page_of(desk: Desk, found: Dossier) -> dict[str, Any]:
    """What the template needs."""
    text = desk.request.query.get("period", "")
    month = Period.parse(text) if text else None
    bills = [view for view in found.statement.bills if month is None or view.period == month]
    return {
        "found": found, "member": found.member, "bills": bills, "month": month, "statuses": STATUS_WORDS,
        "standings": STANDINGS, "payment_words": PAYMENT_WORDS, "event_words": EVENT_WORDS,
        "who": lambda by, name: who(desk, by, name),
        "owes": sum(view.bill.open_minor for view in found.statement.bills),
    }  # fmt: skip


@pages.get("/members/{id:[0-9]+}/statement", least=Role.AUDITOR)
async def statement(desk: Desk) -> web.StreamResponse:
    """The statement alone, to be printed or handed over."""
    found = await _statement(desk)
    return desk.render("statement.html", found=found, statuses=STATUS_WORDS, payment_words=PAYMENT_WORDS)


@pages.get(r"/members/{id:[0-9]+}/statement.{kind:csv|json}", least=Role.AUDITOR)
async def statement_file(desk: Desk) -> web.StreamResponse:
    """The same as a file."""
    found = await _statement(desk)
    rows = exports.in_one(statement_rows(found))
    name = f"statement-{found.member.label}"
    return await exports.send(desk, name, desk.arg("kind"), STATEMENT_COLUMNS, rows)


async def _statement(desk: Desk) -> Statement:
    return await desk.db.read(member_lists.whole_statement, desk.actor, MemberId(desk.number("id")))


def statement_rows(found: Statement) -> list[tuple[object, ...]]:
    """Bills and payments of a statement, one row each."""
    club = found.workspace

    def money(minor: int) -> exports.Plain:
        return exports.amount(club.money(minor))

    bills = [
        ("bill", view.bill.label, view.bill.due_on, view.bill.title, view.period.text if view.period else "",
         view.bill.status, money(view.bill.amount_minor), money(view.bill.settled_minor),
         money(view.bill.waived_minor), money(view.bill.open_minor), club.currency)
        for view in found.bills
    ]  # fmt: skip
    paid = [
        ("payment", payment.label, payment.received_on or payment.submitted_at[:10], payment.note, "",
         payment.status, money(payment.received_minor or payment.declared_minor),
         money(payment.allocated_minor), money(0), money(0), club.currency)
        for payment in found.payments
    ]  # fmt: skip
    return [*bills, *paid]


@pages.post("/members/{id:[0-9]+}/upload-link", least=Role.REVIEWER)
async def upload_link(desk: Desk) -> web.StreamResponse:
    """Make an upload link and show it once: it stands in no address and no message."""
    member_id = MemberId(desk.number("id"))
    secret = await desk.db.write(upload_links.mint, desk.actor, member_id)
    found = await desk.db.read(member_lists.dossier, desk.actor, member_id)
    address = desk.site.options.url.full(f"/u/{secret}")
    until = desk.now + tokens.LIFETIMES["upload"]
    response = desk.render(
        "upload_link.html", member=found.member, link=address,
        minutes=int((until - desk.now) / timedelta(minutes=1)),
    )  # fmt: skip
    response.headers["Referrer-Policy"] = SECRET_REFERRER_POLICY
    return response


@pages.post("/members/{id:[0-9]+}/unlink", least=Role.TREASURER)
async def unlink(desk: Desk) -> web.StreamResponse:
    """Part the member from their Discord account."""
    back = f"/members/{desk.number('id')}"
    try:
        member = await desk.db.write(roster.unlink, desk.actor, MemberId(desk.number("id")))
    except DomainError as error:
        return desk.refused(back, error)
    return desk.redirect(back, Flash("web_members.unlinked_done", {"name": member.name}))


@pages.post("/members/{id:[0-9]+}/rejoin", least=Role.TREASURER)
async def rejoin(desk: Desk) -> web.StreamResponse:
    """Take somebody back who had left."""
    member = await desk.db.write(roster.rejoin, desk.actor, MemberId(desk.number("id")))
    return desk.redirect(f"/members/{member.id}", Flash("web_members.rejoined", {"name": member.name}))


@pages.post("/members/{id:[0-9]+}/requests/{request:[0-9]+}", least=Role.REVIEWER)
async def decide_request(desk: Desk) -> web.StreamResponse:
    """Say yes or no to somebody who asked for this name, or says that it was taken."""
    form = await read_form(desk)
    request, yes = LinkRequestId(desk.number("request")), form.text("answer") == "yes"
    back = f"/members/{desk.number('id')}"
    try:
        if form.text("kind") == "dispute":
            await desk.db.write(linking.resolve_dispute, desk.actor, request, give=yes)
        else:
            await desk.db.write(linking.approve if yes else linking.decline, desk.actor, request)
    except DomainError as error:
        return desk.refused(back, error)
    return desk.redirect(back, Flash("web_members.request_yes" if yes else "web_members.request_no"))
