"""The roster: searched, filtered, page by page, as a file; and somebody new on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from bot.web import exports, lists
from bot.web.forms import Form
from bot.web.middleware import status_of
from bot.web.questions import Field, Question, register
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import member_desk, member_lists
from core.access import Role
from core.errors import DiscordIdInvalid, DomainError
from core.member_lists import MemberPage, MemberRow
from core.models import Workspace
from core.roster import NAME_CHARACTERS, NOTE_CHARACTERS

pages = Routes()

EXPORT_CHUNK = 200
SHOW_WORDS = {
    "": "web_members.show_all",
    "owes": "web_members.show_owes",
    "credit": "web_members.show_credit",
    "linked": "web_members.show_linked",
    "unlinked": "web_members.show_unlinked",
    "asking": "web_members.show_asking",
    "left": "web_members.show_left",
}
COLUMNS = (
    "member", "name", "email", "note", "discord_id", "left_on", "plans", "balance", "currency",
    "last_payment", "last_payment_at", "last_payment_amount",
)  # fmt: skip


@pages.get("/members", least=Role.AUDITOR)
async def listing(desk: Desk) -> web.StreamResponse:
    """One page of the list."""
    query, error = desk.request.query, None
    page: MemberPage | None = None
    try:
        page = await desk.db.read(
            member_lists.page,
            desk.actor,
            query.get("q", "")[:100],
            show=query.get("show", ""),
            after=lists.whole_number(desk, "after"),
        )
    except DomainError as refused:
        error = refused
    return desk.render(
        "members.html",
        status=status_of(error) if error else 200,
        page=page,
        wrong=desk.sentence(error) if error else "",
        query=query,
        shows=SHOW_WORDS,
        query_of=lambda **changes: lists.query_of(desk, **changes),
    )


@pages.get(r"/members.{kind:csv|json}", least=Role.AUDITOR)
async def export(desk: Desk) -> web.StreamResponse:
    """The whole filtered list as a file."""
    return await exports.send(desk, "members", desk.arg("kind"), COLUMNS, _chunks(desk))


async def _chunks(desk: Desk) -> AsyncIterator[list[tuple[object, ...]]]:
    query, after = desk.request.query, None
    while True:
        page = await desk.db.read(
            member_lists.page,
            desk.actor,
            query.get("q", "")[:100],
            show=query.get("show", ""),
            after=after,
            limit=EXPORT_CHUNK,
        )
        if page.rows:
            yield [_cells(page.workspace, row) for row in page.rows]
        if page.next_after is None:
            return
        after = page.next_after


def _cells(workspace: Workspace, row: MemberRow) -> tuple[object, ...]:
    member, last = row.member, row.last_payment
    return (
        member.label, member.name, member.email or "", member.note,
        str(member.discord_id) if member.discord_id else "", member.left_on or "",
        "; ".join(name for name, _ in row.seats), exports.amount(workspace.money(row.balance_minor)),
        workspace.currency, last.label if last else "", last.submitted_at if last else "",
        exports.amount(workspace.money(last.declared_minor)) if last else "",
    )  # fmt: skip


async def _add(desk: Desk, form: Form) -> Question:
    async def act(typed: Form) -> web.StreamResponse:
        member = await desk.db.write(
            member_desk.add,
            desk.actor,
            typed.text("name"),
            email=typed.text("email") or None,
            note=typed.text("note"),
            discord_id=account_of(typed),
        )
        return desk.redirect(f"/members/{member.id}", Flash("web_members.added", {"name": member.name}))

    return Question(
        desk.t("web_members.add_title"),
        desk.t("web_members.add_button"),
        "/members",
        fields=[*person_fields(desk), account_field(desk)],
        act=act,
    )


def person_fields(desk: Desk, name: str = "", email: str = "", note: str = "") -> list[Field]:
    """Name, e-mail and note, for somebody new and for a change."""
    return [
        Field("name", desk.t("web_members.name"), value=name, most=NAME_CHARACTERS),
        Field("email", desk.t("web_members.email"), value=email, needed=False),
        Field("note", desk.t("web_members.note"), "long", value=note, needed=False, most=NOTE_CHARACTERS),
    ]


def account_field(desk: Desk, value: str = "", *, needed: bool = False) -> Field:
    """A Discord account by its number: nobody's names are known without a privileged intent."""
    return Field(
        "discord_id", desk.t("web_members.account"), "number", value=value, needed=needed,
        hint=desk.t("web_members.account_hint"),
    )  # fmt: skip


def account_of(form: Form) -> int | None:
    """The Discord account that was typed, None for a blank field; raises DiscordIdInvalid."""
    text = form.text("discord_id")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise DiscordIdInvalid(field="discord_id")
    return int(text)


register(pages, "/members/add", Role.TREASURER, _add)

assert set(SHOW_WORDS) == set(member_lists.SHOWS)
