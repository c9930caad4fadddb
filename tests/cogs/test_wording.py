"""The club's own wording in real notices: filled in, split, and never a ping that was not meant."""

from __future__ import annotations

import pytest

from cogs.ui import limits, public_cards
from cogs.ui.notices import render
from cogs.ui.template_samples import sample
from cogs.ui.wording import pieces
from core import notices, panels, reports_members, resync, templates
from core.i18n import LOCALES
from core.period import Period
from core.sending import Attempt
from core.store import notices as notice_rows
from tests.cogs.conftest import Server, labels, text
from tests.factories import Club

JUNE = Period("2026-06")


def word(server: Server, kind: str, body: str, locale: str = "en") -> None:
    server.db.write(templates.save, server.club.treasurer, kind, locale, body)


# --- filling in and cutting ---------------------------------------------------------------------------


def test_every_line_is_there_and_each_piece_fits():
    lines = [f"- somebody with number {number:04}" for number in range(500)]
    found = pieces("Owing:\n{list}\nThanks", {}, {"list": lines})
    assert len(found) > 3
    assert max(len(piece.text) for piece in found) <= limits.PAGE_CHARACTERS
    assert "\n".join(piece.text for piece in found) == "\n".join(("Owing:", *lines, "Thanks"))


def test_only_those_who_may_be_mentioned_are_and_each_once():
    body = "<@1> <@2> <@!3> <@&4> @everyone {list} <@1>"
    (piece,) = pieces(body, {}, {"list": ["<@5> <@&6> <@5>"]}, users=[5, 1], roles=[6])
    assert (piece.users, piece.roles) == ((1, 5), (6,))


def test_a_hundred_mentions_fill_a_piece():
    lines = [f"<@{number}>" for number in range(1, 251)]
    found = pieces("{list}", {}, {"list": lines}, users=range(1, 251))
    assert [len(piece.users) for piece in found] == [100, 100, 50]


def test_with_borders_each_line_stays_in_its_piece_however_many_are_gone():
    lines = {number: f"- somebody with number {number:04}" for number in range(500)}
    found = pieces("Owing:\n{list}\nThanks", {}, {"list": list(lines.values())}, ids=list(lines))
    borders = [piece.holds for piece in found]
    assert sorted(one for held in borders for one in held) == list(lines)
    left = {one: line for one, line in lines.items() if one % 7 and one not in borders[2]}
    again = pieces(
        "Owing:\n{list}\nThanks", {}, {"list": list(left.values())}, ids=list(left), borders=borders
    )
    assert [piece.holds for piece in again] == [tuple(one for one in held if one in left) for held in borders]
    assert again[2].text == ""
    assert again[-1].text.endswith("\nThanks")


def test_a_wording_that_has_its_list_twice_still_fits_with_borders():
    lines = [f"- somebody with number {number:04}" for number in range(150)]
    body = "{list}\nAnd once more:\n{list}"
    found = pieces(body, {}, {"list": lines}, ids=range(150))
    again = pieces(body, {}, {"list": lines}, ids=range(150), borders=[piece.holds for piece in found])
    assert [piece.holds for piece in again if piece.holds] == [piece.holds for piece in found if piece.holds]
    assert max(len(piece.text) for piece in again) <= limits.PAGE_CHARACTERS


def test_an_empty_list_takes_its_line_with_it():
    assert pieces("A\n  {list}\nB", {}, {"list": []})[0].text == "A\nB"


def test_a_line_longer_than_a_message_is_torn_at_a_blank():
    found = pieces("{club}", {"club": "word " * 1000})
    assert max(len(piece.text) for piece in found) <= limits.PAGE_CHARACTERS
    assert "".join(piece.text for piece in found).split() == ["word"] * 1000


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", templates.PLACEHOLDERS)
def test_every_default_looks_as_it_should(club: Club, kind: str, locale: str):
    body = templates.default(kind, locale)
    shown = sample(kind, club.workspace, body, locale, JUNE, 1)
    for view, _ in shown:
        limits.check_message(view)
    said = "\n".join(text({"components": view.to_components()}) for view, _ in shown)
    assert "{" not in said.replace("{link}", "")
    assert "NT$" in said or kind in ("added", "panel")


# --- in real notices ----------------------------------------------------------------------------------


async def test_an_opening_in_the_club_s_own_words(server: Server):
    tea = server.guild.create_role("Tea")
    word(
        server,
        "opened",
        "# Hey @everyone <@&1> **{period}**\n{plans}\nAll in all {total}, by {due}. {period}!",
    )
    plan = server.club.plan("Tea @here *x*", 300, role_id=tea.id)
    for name in ("Ann", "Ben"):
        server.club.subscriber(plan, name)
    server.club.open("2026-06")
    await server.deliver()
    said = text(server.announce.last_message)
    assert said == (
        "# Hey @everyone <@&1> **June 2026**\n"
        rf"- Tea \@here \*x\* <@&{tea.id}>: **NT$300**" "\n"
        "All in all NT$600, by 5 June 2026. June 2026!"
    )  # fmt: skip
    posted = [r.json for r in server.env.http_requests if r.path.endswith(f"{server.announce.id}/messages")]
    assert posted[-1]["allowed_mentions"] == {
        "parse": [], "roles": [tea.id], "users": [],
    }  # fmt: skip


async def test_the_wording_is_that_of_the_moment_of_sending_and_of_the_club_s_language(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300))
    server.club.open("2026-06")
    word(server, "opened", "English {period}")
    word(server, "opened", "中文 {period}", "zh-TW")
    server.club.set(locale="zh-TW")
    await server.deliver()
    assert text(server.announce.last_message) == "中文 2026 年 6 月"


async def test_a_reminder_names_nobody_unless_the_club_wants_it(server: Server):
    ann = await server.owing(server.ann, 300, 90)
    ben = server.on_roster(server.ben, "Ben *b*")
    plan = server.club.plan("Tea", 50)
    server.club.subscribe(ben, plan, "2026-06-01")
    ids = [bill.id for member in (ann, ben) for bill in server.club.bills(member)]
    server.db.write(notices.overdue_list, server.club.workspace, "a", ids)
    await server.deliver()
    card = server.announce.last_message
    said = text(card)
    assert "This reminder is for 2 members; NT$440 in all is still open." in said
    for secret in (str(server.ann.id), str(server.ben.id), "Ann", "Ben", "390"):
        assert secret not in said
    assert labels(card) == ["Pay", "How to pay", "My bills"]
    posted = [r.json for r in server.env.http_requests if r.path.endswith(f"{server.announce.id}/messages")]
    assert posted[-1]["allowed_mentions"]["users"] == []
    server.club.set(debtors_public=True)
    server.db.write(notices.overdue_list, server.club.workspace, "b", ids)
    await server.deliver()
    assert f"- <@{server.ann.id}>: **NT$390**" in text(server.announce.last_message)


async def test_a_wording_without_its_list_mentions_nobody(server: Server):
    ann = await server.owing(server.ann, 300)
    server.club.set(debtors_public=True)
    word(server, "overdue_list", "{count}: {total}")
    ids = [bill.id for bill in server.club.bills(ann)]
    notice_id = server.db.write(notices.overdue_list, server.club.workspace, "a", ids)
    notice = server.db.read(lambda tx: notice_rows.get(tx.conn, notice_id or 0))
    assert notice is not None
    (part,) = await render(server.services, Attempt(notice, server.club.workspace, "none"))
    assert part.allowed_mentions.users == []
    assert text({"components": part.view.to_components()}) == "1 member: NT$300"


async def test_the_added_are_mentioned_all_of_them_and_nobody_else(server: Server):
    await server.owing(server.ann, 300)
    people = [server.club.linked(f"New {number}") for number in range(130)]
    for member in people:
        server.db.conn.execute(
            """
            INSERT INTO subscriptions (workspace_id, member_id, plan_id, starts_on, created_at)
            SELECT workspace_id, ?, id, '2026-06-01', created_at FROM plans LIMIT 1
            """,
            (member.id,),
        )
    server.db.write(resync.resync, server.club.treasurer, JUNE, tell_added=True)
    row = server.db.conn.execute("SELECT max(id) FROM notices WHERE kind = 'added'").fetchone()
    notice = server.db.read(lambda tx: notice_rows.get(tx.conn, row[0]))
    assert notice is not None
    parts = await render(server.services, Attempt(notice, server.club.workspace, "none"))
    mentioned = [user.id for part in parts for user in part.allowed_mentions.users]
    assert sorted(mentioned) == sorted(member.discord_id for member in people)
    assert max(len(part.allowed_mentions.users) for part in parts) <= 100


async def test_the_panel_is_worded_by_the_club_and_can_ping_nobody(server: Server):
    word(server, "panel", "@everyone <@&5> Dues of {club}")
    view = public_cards.panel(
        server.club.workspace, (await _template(server, "panel")).body, server.club.workspace.locale
    )
    assert text({"components": view.to_components()}) == "@everyone <@&5> Dues of Tea Club"
    assert server.db.read(panels.where, server.club.treasurer) is None


async def _template(server: Server, kind: str) -> templates.Template:
    return await server.services.db.read(templates.get, server.club.id, kind, "en")


async def test_of_many_debts_a_member_s_line_names_the_span(server: Server):
    ann = server.on_roster(server.ann)
    plan = server.club.plan("Tea", 10, "2025-01")
    server.club.subscribe(ann, plan, "2025-01-01")
    for number in range(8):
        server.club.open(JUNE.plus(-number).text)
    server.club.set(debtors_public=True)
    ids = [bill.id for bill in server.club.bills(ann)]
    debts = await server.services.db.read(reports_members.debts, server.club.workspace, ids)
    ((view, _),) = public_cards.overdue_list(server.club.workspace, debts, "{list}", "en")
    assert "**NT$80** (November 2025 – June 2026)" in text({"components": view.to_components()})
