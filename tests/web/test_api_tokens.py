"""API tokens: made once, kept as a hash, never more than their maker, gone when revoked."""

from __future__ import annotations

import json

import pytest

from bot import cli
from bot.web.api.operations import PREFIX
from core import access, admins, api_tokens, errors, payments
from core.access import Role
from core.models import Actor
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.api_site import program
from tests.web.site import FakeHost, Pages


def make(club: Club, scope: str = "treasurer", **more: object) -> api_tokens.Made:
    return club.db.write(api_tokens.create, club.treasurer, "Sheet", scope, **more)


def standing(club: Club, made: api_tokens.Made, owner: int | None = None) -> api_tokens.TokenStanding | None:
    return club.db.read(api_tokens.resume, made.secret, lambda guild: owner)


def test_only_the_hash_of_a_secret_is_kept(club: Club) -> None:
    made = make(club)
    assert made.secret.startswith("pk_")
    assert len(made.secret) == 46
    dump = "\n".join(club.db.conn.iterdump())
    assert made.secret not in dump
    assert made.secret[3:] not in dump


@pytest.mark.parametrize(
    ("scope", "role"), [("read", Role.AUDITOR), ("review", Role.REVIEWER), ("treasurer", Role.TREASURER)]
)
def test_a_scope_is_a_role_at_most(club: Club, scope: str, role: Role) -> None:
    found = standing(club, make(club, scope))
    assert found is not None
    assert found.role is role
    assert found.actor.text == f"token:{found.token.id}"


def test_a_token_never_may_more_than_its_maker_may_now(club: Club) -> None:
    made = make(club)
    club.db.write(admins.grant, club.owner, club.treasurer.discord_id, "auditor", confirmed=True)
    lowered = standing(club, made)
    assert lowered is not None
    assert lowered.role is Role.AUDITOR
    club.db.write(admins.revoke, club.owner, club.treasurer.discord_id)
    gone = standing(club, made)
    assert gone is not None
    assert gone.role is Role.NOBODY


def test_a_token_of_the_servers_owner_counts_while_they_own_it(club: Club) -> None:
    made = club.db.write(api_tokens.create, club.owner, "Owner's", "treasurer")
    owned = standing(club, made, owner=club.owner.discord_id)
    sold = standing(club, made, owner=4711)
    assert owned is not None
    assert sold is not None
    assert (owned.role, sold.role) == (Role.TREASURER, Role.NOBODY)


def test_a_revoked_or_expired_token_is_unknown(club: Club, clock: FixedClock) -> None:
    revoked, expiring = make(club), make(club, days=30)
    club.db.write(api_tokens.revoke, club.treasurer, revoked.token.id)
    assert standing(club, revoked) is None
    assert standing(club, expiring) is not None
    clock.advance(days=30)
    assert standing(club, expiring) is None
    assert club.db.read(api_tokens.everyone, club.auditor) == []


def test_an_actor_of_a_revoked_token_may_nothing_even_if_somebody_kept_it(club: Club) -> None:
    found = standing(club, make(club))
    assert found is not None
    club.db.write(api_tokens.revoke, club.treasurer, found.token.id)
    assert club.db.read(access.role_of, found.actor) is Role.NOBODY


def test_a_token_is_nobodys_self(club: Club) -> None:
    """A program of a member who is also treasurer cannot pay as that member without the right to."""
    plan = club.plan()
    member = club.member("Treasurer", discord_id=club.treasurer.discord_id)
    club.subscribe(member, plan)
    club.open()
    found = standing(club, make(club, "read"))
    assert found is not None
    bill = club.bills(member)[0]
    with pytest.raises(errors.NotYours):
        club.db.write(payments.submit, found.actor, [bill.id], request_id="x", member_id=member.id)
    with pytest.raises(errors.NotLinked):
        club.db.write(payments.submit, found.actor, [bill.id], request_id="x")


def test_a_club_that_forbids_verifying_ones_own_forbids_it_by_token_too(club: Club) -> None:
    plan = club.plan()
    member = club.member("Treasurer", discord_id=club.treasurer.discord_id)
    club.subscribe(member, plan)
    club.set(self_verify=False)
    club.open()
    claim = club.submit(member)
    found = standing(club, make(club))
    assert found is not None
    with pytest.raises(errors.OwnPayment):
        club.db.write(payments.verify, found.actor, claim.id)


def test_only_treasurers_make_tokens_and_no_token_does(club: Club) -> None:
    with pytest.raises(errors.RoleNeeded):
        club.db.write(api_tokens.create, club.reviewer, "x", "read")
    found = standing(club, make(club))
    assert found is not None
    with pytest.raises(errors.TokenMadeByToken):
        club.db.write(api_tokens.create, found.actor, "x", "read")
    for name, scope, days, error in (
        ("", "read", None, errors.FieldMissing), ("x", "all", None, errors.ChoiceUnknown),
        ("x", "read", 0, errors.NumberOutOfRange), ("x" * 81, "read", None, errors.TextTooLong),
    ):  # fmt: skip
        with pytest.raises(error):
            club.db.write(api_tokens.create, club.treasurer, name, scope, days=days)


def test_there_is_a_limit_to_tokens(club: Club) -> None:
    for _ in range(api_tokens.MOST_TOKENS):
        make(club, "read")
    with pytest.raises(errors.TooManyTokens):
        make(club, "read")


def test_another_clubs_token_cannot_be_revoked(club: Club) -> None:
    other = Club.create(club.db, number=1)
    made = make(club)
    with pytest.raises(errors.TokenUnknown):
        club.db.write(api_tokens.revoke, other.treasurer, made.token.id)
    assert standing(club, made) is not None


def test_making_and_revoking_are_in_the_log(club: Club) -> None:
    made = make(club)
    club.db.write(api_tokens.revoke, club.owner, made.token.id)
    club.db.write(api_tokens.revoke, club.owner, made.token.id)
    assert club.audits("token.") == ["token.create", "token.revoke"]


async def test_last_use_is_noted_down_once_a_minute(pages: Pages, club: Club, clock: FixedClock) -> None:
    made = make(club)
    caller = await program(pages, made.secret)

    async def last_used() -> str | None:
        return (await caller.get("/tokens"))["items"][0]["last_used_at"]

    assert await last_used() == "2026-06-05T01:00:00.000Z"
    clock.advance(seconds=30)
    assert await last_used() == "2026-06-05T01:00:00.000Z"
    clock.advance(seconds=30)
    assert await last_used() == "2026-06-05T01:01:00.000Z"


async def test_a_revoked_token_is_refused_at_the_next_request(pages: Pages, club: Club) -> None:
    made = make(club)
    caller = await program(pages, made.secret)
    assert (await caller.call("DELETE", f"{PREFIX}/tokens/{made.token.id}")).status == 200
    assert (await caller.call("GET", f"{PREFIX}/me")).status == 401


async def test_losing_the_role_is_felt_at_the_next_request(pages: Pages, club: Club, host: FakeHost) -> None:
    caller = await program(pages, make(club).secret)
    assert (await caller.get("/me"))["role"] == "treasurer"
    club.db.write(admins.revoke, club.owner, club.treasurer.discord_id)
    assert (await caller.call("GET", f"{PREFIX}/me")).status == 401


async def test_bearer_is_the_only_way_to_show_a_token(pages: Pages, club: Club) -> None:
    secret = make(club).secret
    browser = await pages.browser()
    for header in (
        secret,
        f"Basic {secret}",
        f"Token {secret}",
        "Bearer",
        "Bearer ",
        f"Bearer {secret}{secret}",
    ):
        response = await browser.get(f"{PREFIX}/me", headers={"Authorization": header})
        assert response.status == 401, header
    assert (await browser.get(f"{PREFIX}/me?token={secret}")).status == 401
    assert (await browser.get(f"{PREFIX}/me", headers={"Authorization": f"bearer {secret}"})).status == 200


def test_an_actor_text_names_the_token(club: Club) -> None:
    assert Actor.token(club.id, 7, 12).text == "token:7"


# --- the command line --------------------------------------------------------------------------------------


def test_the_command_line_makes_lists_and_revokes_tokens(
    club: Club, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(club.db.path.parent)]
    assert cli.main(["api-token", "create", "Sheet", "--scope", "review", *data]) == 0
    secret = capsys.readouterr().out.split()[-1]
    found = club.db.read(api_tokens.resume, secret, lambda guild: None)
    assert found is not None
    assert (found.token.name, found.token.created_by, found.role) == ("Sheet", "operator", Role.REVIEWER)
    assert cli.main(["api-token", "list", "--json", *data]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in listed] == ["Sheet"]
    assert "token_sha256" not in listed[0]
    assert cli.main(["api-token", "revoke", str(found.token.id), *data]) == 0
    assert club.db.read(api_tokens.resume, secret, lambda guild: None) is None


def test_the_command_line_says_what_is_wrong(club: Club, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(club.db.path.parent)]
    assert cli.main(["api-token", "revoke", "99", *data]) == 2
    assert "no such API token" in capsys.readouterr().err
    assert cli.main(["api-token", "create", " ", *data]) == 2
