"""/club bill charge: one or many members, named in full, never cut at what a Discord list takes."""

from __future__ import annotations

from typing import Any

import simcord

from core.models import Member
from tests.cogs.club_steps import answers, books, club, confirm, refused
from tests.cogs.conftest import Server, components, labels, options, private, text, values


def charged(server: Server) -> dict[int, int]:
    """Member → what they were charged in all."""
    rows = server.db.conn.execute(
        "SELECT member_id, sum(amount_minor) FROM bills WHERE kind = 'charge' GROUP BY member_id"
    )
    return dict(rows.fetchall())


async def chooser(server: Server, **more: Any) -> Any:
    """The form that asks who is to be charged."""
    return await club(server, "bill charge", title="Party", amount="50", **more)


async def test_one_member_is_charged_at_once(server: Server):
    ann = server.club.member("Ann")
    before = books(server)
    preview = await club(
        server, "bill charge", title="New key", amount="120", due="2026-06-20", member=ann.label
    )
    assert "Charge NT$120 for “New key” to one member?" in text(preview)
    assert "Due on 20 June 2026" in text(preview)
    assert "**Ann** (M-1)" in text(preview)
    assert labels(preview)[0] == "Charge one member NT$120"
    assert books(server) == before
    assert "was charged to one member" in await confirm(server, preview)
    (bill,) = server.club.bills(ann)
    assert (bill.title, bill.amount_minor, bill.due_on, bill.kind) == ("New key", 120, "2026-06-20", "charge")


async def test_everybody_on_a_plan_is_charged_and_named(server: Server):
    tea, cake = server.club.plan("Tea", 300), server.club.plan("Cake", 300)
    people = [server.club.subscriber(tea, f"Somebody with quite a long name {n:03}") for n in range(130)]
    server.club.subscriber(cake, "Not charged")
    result = await server.tess.slash(
        server.general, "club bill charge", title="Party", amount="50", plan=f"plan:{tea.id}"
    )
    shown = answers(result)
    whole = "\n".join(text(message) for message in shown)
    assert "to 130 members?" in whole
    assert "**NT$6,500** in all" in whole
    assert [person.label for person in people if f"({person.label}," not in whole] == []
    assert labels(shown[-1])[0] == "Charge 130 members, NT$6,500 in all"
    await server.tess.click(shown[-1], label=labels(shown[-1])[0])
    assert charged(server) == {person.id: 50 for person in people}
    assert server.club.audits("bill") == ["bill.charge"]


async def test_a_plan_that_nobody_holds_charges_nobody(server: Server):
    server.club.plan("Tea", 300)
    await refused(
        server, "bill charge", [({"plan": "Tea"}, "No member was chosen")], {"title": "x", "amount": "1"}
    )


async def test_people_are_gathered_by_account_by_plan_and_by_name(server: Server):
    ann, ben = server.on_roster(server.ann), server.on_roster(server.ben)
    carla = server.club.member("Carla")
    server.club.subscribe(ben, server.club.plan("Tea", 300))
    view = await chooser(server)
    assert "Whom do you want to charge?" in text(view)
    assert "0 members are chosen" in text(view)
    await server.tess.select(view, [server.ann, server.nora], custom_id=select_id(view, 0))
    assert f"not added: <@{server.nora.id}>" in text(view.message)
    assert "One member is chosen" in text(view.message)
    await server.tess.select(view.message, values(view.message), custom_id=select_id(view.message, 1))
    assert "2 members are chosen" in text(view.message)
    form = await server.tess.click(view.message, label="Search by name…")
    await server.tess.submit_modal(form, {first_field(form): "car"})
    assert "One member fits “car”" in text(view.message)
    await server.tess.select(view.message, values(view.message))
    assert "3 members are chosen" in text(view.message)
    preview = private(await server.tess.click(view.message, label="Preview"))
    await confirm(server, preview)
    assert charged(server) == {person.id: 50 for person in (ann, ben, carla)}


async def test_the_whole_roster_is_charged_however_large(server: Server):
    people: list[Member] = [server.club.member(f"Member {n:03}") for n in range(230)]
    view = await chooser(server)
    await server.tess.click(view, label="Add everybody")
    assert "230 members are chosen" in text(view.message)
    assert "and 190 more, named in the preview" in text(view.message)
    shown = answers(await server.tess.click(view.message, label="Preview"))
    whole = "\n".join(text(message) for message in shown)
    assert [person.label for person in people if f"({person.label})" not in whole] == []
    await server.tess.click(shown[-1], label=labels(shown[-1])[0])
    assert len(charged(server)) == 230


async def test_more_than_fit_are_found_by_typing_more(server: Server):
    for number in range(60):
        server.club.member(f"Member {number:03}")
    view = await chooser(server)
    form = await server.tess.click(view, label="Search by name…")
    await server.tess.submit_modal(form, {first_field(form): "member"})
    assert "60 members fit" in text(view.message)
    assert "35 of them do not fit here" in text(view.message)
    form = await server.tess.click(view.message, label="Search by name…")
    await server.tess.submit_modal(form, {first_field(form): "059"})
    assert options(view.message) == ["Member 059"]


async def test_nobody_found_and_nobody_chosen_charge_nobody(server: Server):
    server.club.member("Ann")
    view = await chooser(server)
    form = await server.tess.click(view, label="Search by name…")
    said = await server.tess.submit_modal(form, {first_field(form): "zzz"})
    assert "no such member" in text(said.followups[0])
    await server.tess.click(view.message, label="Add everybody")
    await server.tess.click(view.message, label="Choose nobody")
    preview = [part for part in components(view.message) if part.get("label") == "Preview"]
    assert preview[0]["disabled"]
    assert charged(server) == {}


async def test_a_wrong_detail_is_named_and_changes_nothing(server: Server):
    server.club.member("Ann")
    await refused(server, "bill charge", [
        ({"amount": "0"}, "more than zero"),
        ({"amount": "12x"}, "amount"),
        ({"due": "2026-13-45"}, "due date"),
        ({"title": " "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"member": "M-99"}, "no such member"),
        ({"plan": "Nothing"}, "no such plan"),
    ], {"title": "Party", "amount": "50", "member": "Ann"})  # fmt: skip


def first_field(form: simcord.results.InteractionResult) -> str:
    """The id of the only text field of a form."""
    (field,) = [part["custom_id"] for part in components(form) if part["type"] == 4]
    return field


def select_id(message: Any, number: int) -> str:
    """The id of the select of that number, the one for accounts included."""
    return [part["custom_id"] for part in components(message) if part["type"] in (3, 5)][number]
