"""/club method."""

from __future__ import annotations

import pytest

from tests.cogs.club_steps import answers, books, chinese, club, club_all, refused, suggestions
from tests.cogs.conftest import Server, components, private, text
from tests.factories import Club

__all__ = ["chinese"]  # a fixture


async def test_a_method_is_added_by_options(server: Server):
    said = text(await club(server, "method add", name="Bank", kind="bank", instructions="Account 123 *now*"))
    assert "**Bank** · bank transfer" in said
    assert "> Account 123 \\*now\\*" in said


async def test_a_method_is_added_by_a_form_with_several_lines(server: Server):
    form = await server.tess.slash(server.general, "club method add", name="Bank")
    assert form.modal is not None
    assert form.modal["title"] == "Add a payment method"
    done = private(
        await server.tess.submit_modal(form, _values(form, "LINE Pay", "mobile", "Line one\nLine two"))
    )
    assert "**LINE Pay** · mobile payment\n> Line one\n> Line two" in text(done)


async def test_a_refused_form_opens_again_with_what_was_filled_in(server: Server):
    server.club.method("Bank")
    form = await server.tess.slash(server.general, "club method add")
    refused = private(await server.tess.submit_modal(form, _values(form, "bank", "cash", "In the box")))
    assert "Bank" in text(refused)
    again = await server.tess.click(refused, label="Try again")
    assert again.modal is not None
    texts = [part["value"] for part in components(again) if part["type"] == 4]
    assert texts == ["bank", "In the box"]


async def test_editing_shows_what_it_says_now_and_saves_the_change(server: Server):
    method = server.club.method("Bank", instructions="Old")
    form = await server.tess.slash(server.general, "club method edit", method=f"method:{method.id}")
    assert [part.get("value") for part in components(form) if part["type"] == 4] == ["Bank", "Old"]
    said = text(private(await server.tess.submit_modal(form, _values(form, "Post", "bank", "New"))))
    assert "**Post** · bank transfer\n> New" in said


async def test_a_method_is_moved_without_a_form(server: Server):
    server.club.method("Bank")
    cash = server.club.method("Cash", "cash")
    await club(server, "method edit", method="cash", position=0)
    listed = text(await club(server, "method list"))
    assert listed.index("Cash") < listed.index("Bank")
    assert cash.sort_order != 0


async def test_a_retired_method_is_gone_from_list_and_suggestions(server: Server):
    method = server.club.method("Bank")
    assert "is retired" in text(await club(server, "method retire", method=f"method:{method.id}"))
    assert "no payment method yet" in text(await club(server, "method list"))
    assert await suggestions(server, "method edit", "method", "") == []


async def test_a_retired_method_is_suggested_and_offered_again(server: Server):
    server.club.method("Bank")
    assert await suggestions(server, "method restore", "method", "") == []
    said = text(await club(server, "method retire", method="bank"))
    assert "/club method restore offers it again" in said
    (found,) = await suggestions(server, "method restore", "method", "ba")
    assert found["name"] == "Bank"
    said = text(await club(server, "method restore", method="BANK"))
    assert "**Bank** can be chosen again" in said
    assert "Account 123" in said
    assert "Bank" in text(await club(server, "method list"))


async def test_thirty_methods_with_long_instructions_are_all_listed(server: Server):
    for number in range(30):
        server.club.method(f"Method {number:02}", instructions="Line of text\n" * 60)
    whole = "\n".join(text(message) for message in await club_all(server, "method list"))
    assert [number for number in range(30) if f"Method {number:02}" not in whole] == []
    assert whole.count("Line of text") == 30 * 60


async def test_a_wrong_detail_is_named_and_nothing_is_changed(server: Server):
    server.club.method("Bank")
    cases = [
        ({"name": " "}, "name is missing"),
        ({"name": "x" * 81}, "name is too long"),
        ({"name": "ＢＡＮＫ"}, "Bank"),
        ({"instructions": "x" * 1001}, "instructions is too long"),
    ]
    await refused(server, "method add", cases, {"name": "New", "kind": "cash", "instructions": "x"})


@pytest.mark.parametrize("command", ["method edit", "method retire"])
async def test_an_unknown_method_is_refused(server: Server, command: str):
    server.club.method("Bank")
    typed = ["method:999", "Nothing", "", "plan:1"]
    await refused(server, command, [({"method": method}, "no such payment method") for method in typed])


async def test_another_clubs_method_is_unknown(server: Server):
    other = Club.create(server.db, number=1).method("Theirs")
    for command in ("method edit", "method retire"):
        assert "no such payment method" in text(await club(server, command, method=f"method:{other.id}"))


@pytest.mark.parametrize("command", ["method add", "method list"])
async def test_members_may_not(server: Server, command: str):
    result = await server.ann.slash(server.general, f"club {command}")
    assert result.modal is None
    assert "Only a" in text(answers(result)[0])


async def test_the_form_asks_for_the_right_again(server: Server):
    form = await server.tess.slash(server.general, "club method add")
    server.db.conn.execute("DELETE FROM admins WHERE discord_id = ?", (server.tess.id,))
    before = books(server)
    refused = private(await server.tess.submit_modal(form, _values(form, "Bank", "bank", "")))
    assert "Only a treasurer" in text(refused)
    assert books(server) == before


async def test_in_chinese(server: Server, chinese: None):
    said = text(await club(server, "method add", name="街口", kind="mobile", instructions="帳號 123"))
    assert "**街口**・行動支付\n> 帳號 123" in said


def _values(form, name: str, kind: str, instructions: str) -> dict[str, str]:
    """What is filled in, by the ids that the fields have."""
    inputs = [part["custom_id"] for part in components(form) if part["type"] == 4]
    (kinds,) = [part["custom_id"] for part in components(form) if part["type"] == 3]
    return {inputs[0]: name, kinds: [kind], inputs[1]: instructions}


async def test_the_order_is_changed_a_place_at_a_time(server: Server):
    for name in ("Bank", "Cash", "Mobile"):
        server.club.method(name)
    said = text(await club(server, "method order", method="Mobile", direction="earlier"))
    assert "1. Bank\n2. Mobile\n3. Cash" in said
    said = text(await club(server, "method order", method="Bank", direction="earlier"))
    assert "1. Bank\n2. Mobile\n3. Cash" in said
    await refused(
        server, "method order", [({"method": "Gold"}, "no such payment method")], {"direction": "later"}
    )
    await refused(
        server,
        "method order",
        [({"method": "Bank"}, "Only a treasurer")],
        {"direction": "later"},
        server.rita,
    )
