"""Linking a Discord account to a name: choosing, searching, policies, disputes, reviewers' buttons."""

from __future__ import annotations

import asyncio

import pytest
from simcord.actors import MemberActor

from cogs.link import ApproveButton, DisputeButton, LinkButton
from core import linking
from core.models import Actor, Member
from tests.cogs.conftest import Server, components, labels, options, private, text, values


def holder(server: Server, member: Member) -> int | None:
    return server.club.fresh(member).discord_id


async def asked(server: Server, person: MemberActor, member: Member) -> str:
    """Somebody asks for a name; the card is in the review channel. Returns what they read."""
    said = private(await person.slash(server.general, "link", name=member.label))
    await server.deliver()
    return text(said)


# --- choosing -------------------------------------------------------------------------------------------


async def test_up_to_25_free_names_are_one_list(server: Server):
    free = server.club.member("Nora *N*", email="nora@example.org")
    server.on_roster(server.ann)
    shown = private(await server.nora.slash(server.general, "link"))
    assert options(shown) == ["Nora *N* (M-1)"]
    assert "nora@example.org" not in str(components(shown))
    await server.nora.select(shown, [str(free.id)])
    assert r"You asked for the name **Nora \*N\***" in text(shown)
    assert holder(server, free) is None


async def test_more_names_are_searched_by_two_characters(server: Server):
    for number in range(30):
        server.club.member(f"Person {number}")
    form = await server.nora.slash(server.general, "link")
    said = private(await server.nora.submit_modal(form, {"query": "on 1"}))
    assert "Person 1 (M-2)" in options(said)
    assert len(options(said)) == 11
    form = await server.nora.click(said, label="Search again")
    said = private(await server.nora.submit_modal(form, {"query": "person"}))
    assert len(options(said)) == 25
    assert "More than 25 names fit" in text(said)
    form = await server.nora.click(said, label="Search again")
    said = private(await server.nora.submit_modal(form, {"query": "zz%"}))
    assert "No free name on the roster fits “zz%”" in text(said)


async def test_a_search_of_one_real_character_is_refused(server: Server):
    for number in range(30):
        server.club.member(f"Person {number}")
    said = private(await server.nora.slash(server.general, "link", name="p"))
    assert "2 characters" in text(said)
    assert options_offered(await server.nora.autocomplete(server.general, "link", "name", "p")) == []


def options_offered(offered: list[dict[str, str]]) -> list[str]:
    return [choice["name"] for choice in offered]


async def test_names_are_suggested_while_typing(server: Server):
    for number in range(30):
        server.club.member(f"Person {number}")
    offered = await server.nora.autocomplete(server.general, "link", "name", "on 29")
    assert options_offered(offered) == ["Person 29 (M-30)"]
    said = private(await server.nora.slash(server.general, "link", name=offered[0]["value"]))
    assert "Person 29" in text(said)


async def test_the_link_button_opens_the_same_choice(server: Server):
    server.club.member("Nora")
    panel = await server.post(server.general, LinkButton(server.club.id))
    assert options(private(await server.nora.click(panel, label="Link my name"))) == ["Nora (M-1)"]


async def test_with_no_free_name_it_says_whom_to_ask(server: Server):
    server.on_roster(server.ann)
    said = private(await server.nora.slash(server.general, "link"))
    assert "no free name" in text(said)
    assert labels(said) == ["Somebody took my name"]


async def test_who_is_linked_already_is_told_as_whom(server: Server):
    server.on_roster(server.ann)
    assert "linked as **Ann**" in text(private(await server.ann.slash(server.general, "link")))
    other = server.club.member("Other")
    said = private(await server.ann.slash(server.general, "link", name=other.label))
    assert "Ann" in text(said)
    assert holder(server, other) is None


async def test_asking_twice_offers_to_take_the_first_back(server: Server):
    first, second = server.club.member("First"), server.club.member("Second")
    await asked(server, server.nora, first)
    said = private(await server.nora.slash(server.general, "link", name=second.label))
    assert "You asked for **First**" in text(said)
    await server.nora.click(said, label="Take it back")
    assert "taken back" in text(said)
    assert "Second" in await asked(server, server.nora, second)


async def test_whoever_waits_for_an_answer_is_told_so_instead_of_being_asked_again(server: Server):
    free = server.club.member("Nora N")
    await asked(server, server.nora, free)
    for command in ("link", "pay", "my"):
        said = private(await server.nora.slash(server.general, command))
        assert "You asked for **Nora N**, and a reviewer has not answered yet" in text(said), command
        assert labels(said) == ["Take it back"]
    await server.nora.click(said, label="Take it back")
    assert "Which name is yours?" in text(private(await server.nora.slash(server.general, "link")))


@pytest.mark.parametrize("name", ["M-999", "M-999999999999999999"])
async def test_a_number_that_is_nobody_is_refused(server: Server, name: str):
    said = private(await server.nora.slash(server.general, "link", name=name))
    assert "no such member" in text(said)


# --- approve, decline, undo -------------------------------------------------------------------------------


async def test_a_reviewer_confirms_and_the_person_is_told(server: Server):
    member = server.club.member("Nora")
    await asked(server, server.nora, member)
    card = server.review.last_message
    assert f"<@{server.nora.id}> says: I am Nora" in text(card)
    assert labels(card) == ["Confirm", "Decline"]
    await server.rita.click(card, label="Confirm")
    assert holder(server, member) == server.nora.id
    assert "Confirmed <t:" in text(server.review.last_message)
    await server.deliver()
    told = server.dm(server.nora)[-1]
    assert "You are **Nora** in Tea Club from now on" in text(told)
    assert labels(told) == ["Pay", "My bills"]


async def test_a_reviewer_declines_and_the_name_stays_free(server: Server):
    member = server.club.member("Nora")
    await asked(server, server.nora, member)
    await server.rita.click(server.review.last_message, label="Decline")
    assert holder(server, member) is None
    await server.deliver()
    told = server.dm(server.nora)[-1]
    assert "did not confirm that you are **Nora**" in text(told)
    assert labels(told) == ["Link my name"]
    card = server.review.last_message
    assert labels(card) == []
    assert "cannot be taken back here; whoever asked can ask again with /link" in text(card)


async def test_members_may_not_confirm(server: Server):
    member = server.club.member("Nora")
    await asked(server, server.nora, member)
    said = private(await server.nora.click(server.review.last_message, label="Confirm"))
    assert "Only a reviewer" in text(said)
    assert holder(server, member) is None


async def test_confirming_twice_is_refused_the_second_time(server: Server):
    member = server.club.member("Nora")
    await asked(server, server.nora, member)
    old = await server.post(server.general, ApproveButton(1))
    await server.rita.click(server.review.last_message, label="Confirm")
    assert "decided" in text(private(await server.tess.click(old, label="Confirm"))).lower()


async def test_the_open_policy_links_at_once_and_undo_withdraws_claims(server: Server):
    server.club.set(link_policy="open")
    member = server.club.member("Nora")
    assert "You are **Nora** from now on" in await asked(server, server.nora, member)
    card = server.review.last_message
    assert labels(card) == ["Undo"]
    server.club.subscribe(member, server.club.plan("Tea", 50), "2026-06-01")
    server.club.open("2026-06")
    private(await server.nora.submit_modal(await server.nora.slash(server.general, "pay"), {}))
    said = private(await server.rita.click(card, label="Undo"))
    assert "One payment that waited was withdrawn" in text(said)
    assert holder(server, member) is None
    assert [payment.status for payment in payments_of(server, member)] == ["withdrawn"]
    await server.deliver()
    assert "took back that you are **Nora**" in text(server.dm(server.nora)[-1])


def payments_of(server: Server, member: Member) -> list[object]:
    from core.store import payments

    return server.db.read(lambda tx: payments.of_member(tx.conn, member.id, 10))


async def test_the_open_policy_still_asks_for_names_with_bills(server: Server):
    server.club.set(link_policy="open")
    member = server.club.member("Nora")
    server.club.subscribe(member, server.club.plan("Tea", 50), "2026-06-01")
    server.club.open("2026-06")
    assert "A reviewer confirms" in await asked(server, server.nora, member)
    assert "has bills or payments" in text(server.review.last_message)


# --- taken names ------------------------------------------------------------------------------------------


async def test_a_taken_name_can_be_disputed_and_given(server: Server):
    member = server.on_roster(server.ben, "Nora")
    said = private(await server.nora.slash(server.general, "link", name=member.label))
    assert labels(said) == ["Somebody took my name"]
    await server.nora.click(said, label="Somebody took my name")
    assert "The reviewers know" in text(said)
    await server.deliver()
    card = server.review.last_message
    assert f"Linked to <@{server.ben.id}> now" in text(card)
    await server.rita.click(card, label="Give it to them")
    assert holder(server, member) == server.nora.id
    await server.deliver()
    assert "The name is yours" in text(server.dm(server.nora)[-1])
    card = server.review.last_message
    assert labels(card) == []
    assert "a treasurer can change the account with /club member move" in text(card)


async def test_a_dispute_is_found_by_search_and_can_be_turned_down(server: Server):
    member = server.on_roster(server.ben, "Nora")
    shown = private(await server.nora.slash(server.general, "link"))
    form = await server.nora.click(shown, label="Somebody took my name")
    found = private(await server.nora.submit_modal(form, {"query": "nor"}))
    await server.nora.select(found, values(found)[:1])
    assert "The reviewers know" in text(found)
    await server.deliver()
    await server.rita.click(server.review.last_message, label="Leave as it is")
    assert holder(server, member) == server.ben.id
    await server.deliver()
    assert "left it as it is" in text(server.dm(server.nora)[-1])


async def test_two_people_want_one_name_and_one_gets_it(server: Server):
    server.club.set(link_policy="open")
    member = server.club.member("Nora")
    outcomes = await asyncio.gather(
        *(
            server.services.db.write(
                linking.request_link, Actor.discord(server.club.id, person.id), member.id
            )
            for person in (server.nora, server.ben)
        ),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LinkOutcome", "NameTaken"]


@pytest.mark.parametrize("subject", [0, 999_999])
async def test_forged_ids_name_nobody(server: Server, subject: int):
    message = await server.post(server.general, DisputeButton(subject), ApproveButton(subject))
    assert "no such member" in text(await server.press(server.nora, message, label="Somebody took my name"))
    assert "no such" in text(await server.press(server.rita, message, label="Confirm")).lower()
