"""/club admins."""

from __future__ import annotations

import pytest

from tests.cogs.club_steps import books, chinese, club
from tests.cogs.conftest import Server, text

__all__ = ["chinese"]  # a fixture


async def test_a_role_is_granted_explained_and_listed(server: Server):
    said = text(await club(server, "admins grant", person=server.ann, role="reviewer"))
    assert f"<@{server.ann.id}> is reviewer of this club now." in said
    assert "verify and reject" in said
    listed = text(await club(server, "admins list"))
    assert f"<@{server.owner.id}>: owner" in listed
    assert f"<@{server.tess.id}>: treasurer" in listed
    assert f"<@{server.ann.id}>: reviewer" in listed


async def test_granting_the_same_role_again_changes_nothing(server: Server):
    before = books(server)
    assert "is reviewer already" in text(
        await club(server, "admins grant", person=server.rita, role="reviewer")
    )
    assert books(server) == before


async def test_a_role_is_taken_away_at_once(server: Server):
    assert "no longer reviewer" in text(await club(server, "admins revoke", person=server.rita))
    assert "Only a reviewer" in text(await club(server, "payment cancel", server.rita, payment="P-1"))
    assert "has no role" in text(await club(server, "admins revoke", person=server.rita))


async def test_the_last_treasurer_cannot_remove_themselves(server: Server):
    before = books(server)
    assert "nobody would be left to run the club" in text(
        await club(server, "admins revoke", person=server.tess)
    )
    said = text(await club(server, "admins grant", person=server.tess, role="auditor"))
    assert "nobody would be left" in said
    assert books(server) == before


async def test_the_servers_owner_may_but_is_told(server: Server):
    said = text(await club(server, "admins revoke", server.owner, person=server.tess))
    assert "no treasurer besides you" in said


@pytest.mark.parametrize(("who", "role"), [("tess", "owner"), ("rita", "reviewer"), ("ann", "treasurer")])
async def test_nobody_grants_more_than_they_may(server: Server, who: str, role: str):
    before = books(server)
    said = text(await club(server, "admins grant", getattr(server, who), person=server.ann, role=role))
    assert said.startswith("Only a")
    assert books(server) == before


async def test_a_bot_gets_no_role(server: Server):
    bot = server.guild.add_member(server.env.create_user("helper", bot=True))
    before = books(server)
    assert "A bot cannot have a role" in text(await club(server, "admins grant", person=bot, role="auditor"))
    assert books(server) == before


async def test_members_may_not_look(server: Server):
    assert text(await club(server, "admins list", server.ann)).startswith("Only a")


async def test_in_chinese(server: Server, chinese: None):
    said = text(await club(server, "admins grant", person=server.ann, role="treasurer"))
    assert "現在是本社團的財務" in said
