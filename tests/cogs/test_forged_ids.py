"""Every durable button with an id that somebody made up, on a message that everybody sees.

Whatever the id names, the message stays as it was and only the one who clicked is answered. An id that names
nothing, or something of another club, changes nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from cogs.pay import PayButton
from cogs.ui.actions import ACTIONS
from cogs.ui.notice_cards import month_id
from core import linking
from core.db import LocalDatabase
from core.models import Actor
from core.notices import for_admins
from tests.cogs.club_steps import books
from tests.cogs.conftest import Server, components, labels, private, text
from tests.factories import Club

NOWHERE = 10**18 - 1
NEWEST = {
    "payment": "SELECT max(id) FROM payments WHERE workspace_id = ?",
    "bill": "SELECT max(id) FROM bills WHERE workspace_id = ?",
    "member": "SELECT min(id) FROM members WHERE workspace_id = ?",
    "link": "SELECT max(id) FROM link_requests WHERE kind = 'link' AND workspace_id = ?",
    "dispute": "SELECT max(id) FROM link_requests WHERE kind = 'dispute' AND workspace_id = ?",
    "notice": "SELECT max(id) FROM notices WHERE workspace_id = ?",
    "log": "SELECT max(id) FROM audit_log WHERE workspace_id = ?",
}  # fmt: skip


def busy(club: Club, db: LocalDatabase, someone: int, other: int) -> None:
    """A club with one of everything that a button can name: the newest of each waits to be decided."""
    club.method()
    member = club.member(discord_id=someone)
    club.subscribe(member, club.plan(), "2026-06-01")
    club.open("2026-06")
    free, workspace = club.member(), club.workspace
    db.write(linking.request_link, Actor.discord(club.id, other), free.id)
    db.write(linking.dispute, Actor.discord(club.id, other), member.id)
    club.submit(member)
    params = {"job": "x", "date": "2026-06-05", "reason": "x"}
    db.write(for_admins, workspace, "job_failed", "x", params)
    db.conn.execute("UPDATE notices SET status = 'failed' WHERE kind = 'job_failed'")


def subject(db: LocalDatabase, club: Club, action: str) -> int:
    """The newest thing of this club that a button with this action can name."""
    noun = action.split(":")[0]
    if noun in ("workspace", "notices"):
        return int(club.id)
    if noun == "period":
        return month_id(club.workspace, "2026-07")
    return int(db.conn.execute(NEWEST[noun], (club.id,)).fetchone()[0])


@pytest.fixture
def clubs(server: Server, db: LocalDatabase) -> Callable[[], tuple[Club, Club]]:
    """The server's club and one of another server, both busy."""

    def make() -> tuple[Club, Club]:
        elsewhere = Club.create(db, number=1)
        busy(server.club, db, server.ann.id, server.nora.id)
        busy(elsewhere, db, 7001, 7002)
        elsewhere.set(link_policy="open")
        return server.club, elsewhere

    return make


async def forged(server: Server, action: str, subject_id: int) -> discord.Message:
    """A message that everybody sees, with a button that belongs to no message."""
    button: discord.ui.Button[Any] = discord.ui.Button(label="?", custom_id=f"{action}:{subject_id}")
    return await server.post(server.general, button)


async def stays(server: Server, person: MemberActor, message: discord.Message) -> list[str]:
    """Click it. The message stays, and every answer is private; returns them, or the title of the form."""
    before = components(server.general.last_message)
    result = await person.click(message, label="?")
    assert server.general.last_message.id == message.id, "something was posted for all to see"
    assert components(server.general.last_message) == before
    if result.modal is not None:
        return [str(result.modal["title"])]
    found = [one for one in [result.response, *result.followups] if one and one.id != message.id]
    assert found, "no answer"
    assert all(one.ephemeral for one in found)
    return [text(one) for one in found]


async def test_an_id_that_names_nothing_changes_nothing_and_is_answered_once(server: Server, clubs: Any):
    clubs()
    for action in sorted(ACTIONS):
        message, before = await forged(server, action, NOWHERE), books(server)
        for person in (server.ann, server.rita, server.owner):
            (said,) = await stays(server, person, message)
            assert re.search("[Nn]othing was changed|There is no", said), (action, said)
        assert books(server) == before, action


async def test_another_clubs_id_changes_nothing_and_shows_nothing(server: Server, clubs: Any):
    _, elsewhere = clubs()
    for action in sorted(ACTIONS):
        message = await forged(server, action, subject(server.db, elsewhere, action))
        before = books(server)
        for person in (server.ann, server.rita, server.owner):
            (said,) = await stays(server, person, message)
            assert said == (
                "This button belongs to another server, so nothing was changed. Please use the commands or "
                "the panel in your club's own server."
            ), action
        assert books(server) == before, action


@pytest.mark.parametrize("action", sorted(ACTIONS))
async def test_an_id_on_a_message_that_is_not_its_own_is_answered_privately(
    server: Server, clubs: Any, action: str
):
    own, _ = clubs()
    message = await forged(server, action, subject(server.db, own, action))
    for person in (server.nora, server.ann, server.rita, server.tess):
        await stays(server, person, message)


async def test_in_direct_messages_another_clubs_id_changes_nothing(server: Server, clubs: Any):
    _, elsewhere = clubs()
    account = await server.env.bot.fetch_user(server.ann.id)
    for action in sorted(ACTIONS):
        view = discord.ui.LayoutView(timeout=None)
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
        row.add_item(
            discord.ui.Button(label="?", custom_id=f"{action}:{subject(server.db, elsewhere, action)}")
        )
        view.add_item(row)
        message = await account.send(view=view)
        await server.env.settle()
        before = books(server)
        said = private(await server.ann.user.click(message, label="?"))
        assert "belongs to another server, so nothing was changed" in text(said), action
        assert books(server) == before
        assert labels(server.dm(server.ann)[-1]) == ["?"], action


async def test_a_club_whose_server_the_operator_leaves_out_is_not_reached_from_direct_messages(
    server: Server,
):
    await server.owing(server.ann)
    server.env.bot.settings = server.env.bot.settings.model_copy(update={"allowed_guilds": (1,)})
    account = await server.env.bot.fetch_user(server.ann.id)
    view = discord.ui.LayoutView(timeout=None)
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    row.add_item(PayButton(server.club.id))
    view.add_item(row)
    message = await account.send(view=view)
    await server.env.settle()
    said = private(await server.ann.user.click(message, label="Pay"))
    assert "This bot only works for the servers that its operator has named" in text(said)


async def test_a_private_control_on_a_message_that_everybody_sees_is_refused(server: Server):
    await server.owing(server.ann)
    shown = private(await server.ann.slash(server.general, "my"))
    own = next(part["custom_id"] for part in components(shown) if part.get("label") == "How to pay")
    button: discord.ui.Button[Any] = discord.ui.Button(label="?", custom_id=own)
    message = await server.post(server.general, button)
    assert await stays(server, server.ann, message) == [
        "This control has expired, and nothing was changed. Please use the command, or the button on the "
        "panel, again."
    ]
