"""Who runs the club, and that nobody is left without anybody who does."""

from __future__ import annotations

import pytest

from core import admins, errors
from core.access import Role, role_of
from core.models import Actor
from tests.core.helpers import refused
from tests.factories import AUDITOR, REVIEWER, TREASURER, Club


def grant(club: Club, actor: Actor, discord_id: int, role: str, **options):
    return club.db.write(admins.grant, actor, discord_id, role, **options)


def revoke(club: Club, actor: Actor, discord_id: int, **options):
    return club.db.write(admins.revoke, actor, discord_id, **options)


def test_roles_are_listed_highest_first(club):
    grant(club, club.owner, 50, "owner")
    listed = [(admin.discord_id, admin.role) for admin in club.db.read(admins.everyone, club.auditor)]
    assert listed == [(50, "owner"), (TREASURER, "treasurer"), (REVIEWER, "reviewer"), (AUDITOR, "auditor")]


def test_members_do_not_read_the_list(club):
    with refused(club.db, errors.RoleNeeded, role="auditor"):
        club.db.read(admins.everyone, club.stranger)


def test_a_treasurer_gives_and_takes_roles_below_owner(club):
    assert grant(club, club.treasurer, 60, "reviewer") == admins.RoleChanged(60, None, "reviewer")
    assert grant(club, club.treasurer, 60, "treasurer") == admins.RoleChanged(60, "reviewer", "treasurer")
    assert revoke(club, club.treasurer, 60) == admins.RoleChanged(60, "treasurer", None)
    assert club.db.read(role_of, Actor.discord(club.id, 60)) is Role.NOBODY
    assert club.audits("admin.")[-3:] == ["admin.grant", "admin.grant", "admin.revoke"]


def test_giving_the_role_that_somebody_has_or_taking_one_that_they_have_not_changes_nothing(club):
    before = club.audits()
    assert grant(club, club.treasurer, REVIEWER, "reviewer").before == "reviewer"
    assert revoke(club, club.treasurer, 61) == admins.RoleChanged(61, None, None)
    assert club.audits() == before


def test_only_an_owner_makes_and_removes_owners(club):
    with refused(club.db, errors.RoleNeeded, role="owner"):
        grant(club, club.treasurer, 70, "owner")
    with refused(club.db, errors.RoleNeeded, role="owner"):
        grant(club, club.treasurer, TREASURER, "owner")
    grant(club, club.owner, 70, "owner")
    with refused(club.db, errors.RoleNeeded, role="owner"):
        revoke(club, club.treasurer, 70)
    with refused(club.db, errors.RoleNeeded, role="owner"):
        grant(club, club.treasurer, 70, "auditor")
    revoke(club, Actor.discord(club.id, 70), 70)


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_others_give_no_roles(club, who):
    with refused(club.db, errors.RoleNeeded, role="treasurer"):
        grant(club, getattr(club, who), 80, "reviewer")
    with refused(club.db, errors.RoleNeeded, role="treasurer"):
        revoke(club, getattr(club, who), REVIEWER)


def test_the_last_treasurer_cannot_remove_or_demote_themselves(club):
    with refused(club.db, errors.LastTreasurer):
        revoke(club, club.treasurer, TREASURER)
    with refused(club.db, errors.LastTreasurer):
        grant(club, club.treasurer, TREASURER, "auditor")


def test_a_treasurer_can_go_when_another_one_or_an_owner_stays(club):
    grant(club, club.owner, 90, "owner")
    assert revoke(club, club.treasurer, TREASURER).after is None
    with refused(club.db, errors.LastTreasurer):
        revoke(club, Actor.discord(club.id, 90), 90)


def test_the_servers_owner_can_remove_the_last_treasurer_since_they_remain(club):
    assert revoke(club, club.owner, TREASURER).before == "treasurer"


def test_the_command_line_removes_the_last_treasurer_only_when_it_is_confirmed(club):
    with refused(club.db, errors.LastTreasurer):
        revoke(club, club.operator, TREASURER)
    assert revoke(club, club.operator, TREASURER, confirmed=True).before == "treasurer"


def test_a_treasurer_cannot_confirm_their_own_removal_away(club):
    with refused(club.db, errors.LastTreasurer):
        revoke(club, club.treasurer, TREASURER, confirmed=True)


@pytest.mark.parametrize(
    ("discord_id", "role", "error"),
    [
        (5, "king", errors.ChoiceUnknown),
        (5, "", errors.ChoiceUnknown),
        (0, "reviewer", errors.DiscordIdInvalid),
        (2**63, "reviewer", errors.DiscordIdInvalid),
        ("5", "reviewer", errors.DiscordIdInvalid),
    ],
)
def test_impossible_roles_and_accounts_are_refused(club, discord_id, role, error):
    with refused(club.db, error):
        grant(club, club.treasurer, discord_id, role)


def test_roles_of_another_club_stay_apart(db):
    here, there = Club.create(db), Club.create(db, number=1)
    grant(here, here.treasurer, 5, "reviewer")
    with refused(db, errors.RoleNeeded):
        revoke(there, Actor.discord(there.id, here.treasurer.discord_id), there.treasurer.discord_id)
    assert [admin.discord_id for admin in db.read(admins.everyone, there.auditor)] == [11002, 11003, 11004]
