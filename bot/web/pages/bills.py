"""The bills: filtered by what stands in the address, searched, page by page, and the whole list as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from bot.web import exports, lists
from bot.web.middleware import status_of
from bot.web.routing import Routes
from bot.web.visit import Desk
from core import bill_lists
from core.access import Role
from core.bill_lists import STATES, BillFilter, BillPage, BillRow
from core.errors import DomainError
from core.models import Workspace
from core.period import Period

pages = Routes()

EXPORT_CHUNK = 2000
STATE_WORDS = {
    "": "web_bills.state_all",
    "open": "web_bills.state_open",
    "overdue": "web_bills.state_overdue",
    "partly": "web_bills.state_partly",
    "paid": "web_bills.state_paid",
    "rejected": "web_bills.state_rejected",
    "verified": "web_bills.state_verified",
    "void": "web_bills.state_void",
}
STATUS_WORDS = {
    "pending": ("web_bills.status_pending", ""),
    "paid": ("web_bills.status_paid", "is-warn"),
    "rejected": ("web_bills.status_rejected", "is-bad"),
    "verified": ("web_bills.status_verified", "is-good"),
    "void": ("web_bills.status_void", ""),
}
COLUMNS = (
    "bill",
    "member",
    "name",
    "title",
    "period",
    "due_on",
    "status",
    "overdue",
    "amount",
    "settled",
    "waived",
    "open",
    "currency",
    "payment",
    "method",
)


@pages.get("/bills", least=Role.AUDITOR)
async def listing(desk: Desk) -> web.StreamResponse:
    """One page of the list."""
    error: DomainError | None = None
    page: BillPage | None = None
    try:
        page = await desk.db.read(
            bill_lists.page, desk.actor, asked_of(desk), lists.whole_number(desk, "before")
        )
    except DomainError as refused:
        error = refused
    member_id = lists.whole_number(desk, "member")
    choices = await desk.db.read(bill_lists.choices, desk.actor, member_id)
    return desk.render(
        "bills.html",
        status=status_of(error) if error else 200,
        page=page,
        choices=choices,
        wrong=desk.sentence(error) if error else "",
        query=desk.request.query,
        states=STATE_WORDS,
        statuses=STATUS_WORDS,
        query_of=lambda **changes: lists.query_of(desk, **changes),
        narrowed=any(
            desk.request.query.get(name) for name in ("q", "period", "state", "plan", "method", "member")
        ),
    )


@pages.get(r"/bills.{kind:csv|json}", least=Role.AUDITOR)
async def export(desk: Desk) -> web.StreamResponse:
    """The whole filtered list as a file."""
    return await exports.send(desk, "bills", desk.arg("kind"), COLUMNS, _chunks(desk, asked_of(desk)))


def asked_of(desk: Desk) -> BillFilter:
    """The filter in the address. Raises InvalidPeriod; an id that is none is as good as absent."""
    query = desk.request.query
    period = query.get("period", "")
    return BillFilter(
        text=query.get("q", "")[:100],
        period=None if not period else "none" if period == "none" else Period.parse(period),
        state=query.get("state", ""),
        plan_id=lists.whole_number(desk, "plan"),
        method_id=lists.whole_number(desk, "method"),
        member_id=lists.whole_number(desk, "member"),
    )


async def _chunks(desk: Desk, asked: BillFilter) -> AsyncIterator[list[tuple[object, ...]]]:
    before: int | None = None
    while True:
        page = await desk.db.read(bill_lists.page, desk.actor, asked, before, EXPORT_CHUNK)
        if page.rows:
            yield [_cells(page.workspace, row) for row in page.rows]
        if page.next_before is None:
            return
        before = page.next_before


def _cells(workspace: Workspace, row: BillRow) -> tuple[object, ...]:
    bill = row.bill
    parts = (bill.amount_minor, bill.settled_minor, bill.waived_minor, bill.open_minor)
    return (
        bill.label,
        f"M-{row.member_id}",
        row.name,
        bill.title,
        row.period.text if row.period else "",
        bill.due_on,
        bill.status,
        int(row.overdue),
        *(exports.amount(workspace.money(minor)) for minor in parts),
        workspace.currency,
        f"P-{row.payment_id:04d}" if row.payment_id else "",
        row.method or "",
    )


assert set(STATE_WORDS) == set(STATES)
