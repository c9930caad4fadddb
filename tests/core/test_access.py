"""Roles: who counts as what, asked at the moment of the act."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core import access, admins, errors, roster
from core.access import Role
from core.db import LocalDatabase
from core.models import Actor, WorkspaceId
from tests.factories import Club

RANKS = ("stranger", "auditor", "reviewer", "treasurer", "owner")


def test_each_person_has_their_role(club: Club, db: LocalDatabase) -> None:
    found = [db.read(access.role_of, getattr(club, name)) for name in RANKS]
    assert found == [Role.NOBODY, Role.AUDITOR, Role.REVIEWER, Role.TREASURER, Role.OWNER]
    assert all(low < high for low, high in pairwise(found))


def test_the_machine_may_do_what_an_owner_may(club: Club, db: LocalDatabase) -> None:
    assert {db.read(access.role_of, actor) for actor in (club.operator, club.system)} == {Role.OWNER}


def test_the_servers_owner_is_owner_without_a_row_and_only_while_they_own_it(
    club: Club, db: LocalDatabase
) -> None:
    same_person = Actor.discord(club.id, club.owner.discord_id)
    assert db.read(access.role_of, same_person) == Role.NOBODY
    demoted = Actor.discord(club.id, club.treasurer.discord_id, owns_server=True)
    assert db.read(access.role_of, demoted) == Role.OWNER


@pytest.mark.parametrize("least", [Role.AUDITOR, Role.REVIEWER, Role.TREASURER, Role.OWNER])
def test_requiring_a_role_refuses_exactly_those_below_it_and_says_which(
    club: Club, db: LocalDatabase, least: Role
) -> None:
    for rank, name in enumerate(RANKS):
        actor = getattr(club, name)
        if rank >= least:
            assert db.read(access.require, actor, least) == Role(rank)
            continue
        with pytest.raises(errors.RoleNeeded) as refused:
            db.read(access.require, actor, least)
        assert refused.value.params == {"role": least.word}


def test_a_role_in_one_club_is_none_in_another(club: Club, db: LocalDatabase) -> None:
    other = Club.create(db, number=1)
    for name in ("auditor", "reviewer", "treasurer"):
        abroad = Actor.discord(other.id, getattr(club, name).discord_id)
        assert db.read(access.role_of, abroad) == Role.NOBODY


def test_a_changed_role_counts_at_once(club: Club, db: LocalDatabase) -> None:
    db.write(admins.grant, club.owner, club.stranger.discord_id, "reviewer")
    assert db.read(access.role_of, club.stranger) == Role.REVIEWER
    db.write(admins.revoke, club.owner, club.stranger.discord_id)
    assert db.read(access.role_of, club.stranger) == Role.NOBODY


def test_a_workspace_that_is_not_there_is_said_so(db: LocalDatabase) -> None:
    with pytest.raises(errors.WorkspaceUnknown):
        db.read(access.workspace_of, Actor.operator(WorkspaceId(99)))


def test_own_member_is_the_linked_one_of_this_club(club: Club, db: LocalDatabase) -> None:
    other = Club.create(db, number=1)
    member = club.member(discord_id=777)
    assert db.read(access.own_member, Actor.discord(club.id, 777)).id == member.id
    for actor in (Actor.discord(other.id, 777), club.stranger, club.operator, club.system):
        with pytest.raises(errors.NotLinked):
            db.read(access.own_member, actor)
    db.write(roster.unlink, club.treasurer, member.id)
    with pytest.raises(errors.NotLinked):
        db.read(access.own_member, Actor.discord(club.id, 777))


def test_self_or_lets_the_member_and_the_role_through_and_nobody_else(club: Club, db: LocalDatabase) -> None:
    member, neighbour = club.linked(), club.linked()
    for actor in (
        club.as_member(member),
        club.reviewer,
        club.treasurer,
        club.owner,
        club.operator,
        club.system,
    ):
        db.read(access.require_self_or, actor, member.id, Role.REVIEWER)
    for actor in (club.as_member(neighbour), club.auditor, club.stranger):
        with pytest.raises(errors.NotYours):
            db.read(access.require_self_or, actor, member.id, Role.REVIEWER)


def test_an_unlinked_member_is_nobodys_self(club: Club, db: LocalDatabase) -> None:
    """A missing Discord id on both sides is no match."""
    paper = club.member()
    with pytest.raises(errors.NotYours):
        db.read(access.require_self_or, Actor.discord(club.id, 0), paper.id, Role.REVIEWER)
