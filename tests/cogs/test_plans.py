"""/club plan."""

from __future__ import annotations

import pytest

from tests.cogs.club_steps import books, chinese, club, club_all, refused, suggestions
from tests.cogs.conftest import Server, text
from tests.factories import Club

__all__ = ["chinese"]  # a fixture


async def test_a_plan_is_added_with_a_price_from_the_collecting_month_on(server: Server):
    said = text(await club(server, "plan add", name="Netflix", price="NT$1,573"))
    assert "**Netflix** · NT$1,573 every month" in said
    (row,) = server.db.conn.execute("SELECT from_period, amount_minor FROM plan_prices").fetchall()
    assert row == ("2026-06", 1573)


async def test_a_plan_takes_every_detail(server: Server):
    role = server.guild.create_role("Netflix")
    said = text(await club(
        server, "plan add", name="Netflix", price="900", from_month="2026-01", cycle="3", proration="daily",
        role=role,
    ))  # fmt: skip
    assert "NT$900 every 3 months" in said
    assert "billed by the day" in said
    assert f"<@&{role.id}>" in said


async def test_a_price_from_a_later_month_is_shown_as_the_next_one(server: Server):
    plan = server.club.plan("Tea", 300)
    said = text(await club(server, "plan price", plan=f"plan:{plan.id}", price="350", from_month="2026-09"))
    assert "**Tea** costs NT$350 from September 2026 on." in said
    assert "NT$300 every month" in said
    assert "NT$350 from September 2026 on" in said


async def test_a_price_for_an_open_month_says_that_issued_bills_stay(server: Server):
    server.club.plan("Tea", 300)
    server.club.open("2026-06")
    said = text(await club(server, "plan price", plan="tea", price="350", from_month="2026-06"))
    assert "is open already" in said


async def test_a_plan_is_renamed_gets_a_role_and_is_retired(server: Server):
    plan = server.club.plan("Tea", 300)
    server.club.subscriber(plan)
    value = f"plan:{plan.id}"
    assert "called **Cake** now" in text(await club(server, "plan rename", plan=value, name="Cake"))
    assert f"<@&{server.reviewers.id}> is mentioned" in text(
        await club(server, "plan role", plan=value, role=server.reviewers)
    )
    assert "Nobody is mentioned" in text(await club(server, "plan role", plan=value))
    said = text(await club(server, "plan retire", plan=value))
    assert "**Cake** is retired" in said
    assert "One subscription of it goes on" in said
    assert "no plan yet" in text(await club(server, "plan list"))
    assert "retired" in text(await club(server, "plan list", retired=True))


async def test_a_retired_plan_is_suggested_and_taken_into_use_again(server: Server):
    plan = server.club.plan("Tea", 300)
    server.club.plan("Cake", 90)
    assert await suggestions(server, "plan restore", "plan", "") == []
    said = text(await club(server, "plan retire", plan="Tea"))
    assert "/club plan restore takes it into use again" in said
    (found,) = await suggestions(server, "plan restore", "plan", "te")
    assert found == {"name": "Tea", "value": f"plan:{plan.id}"}
    said = text(await club(server, "plan restore", plan=found["value"]))
    assert "**Tea** is in use again" in said
    assert "NT$300" in said
    assert "Tea" in text(await club(server, "plan list"))


async def test_forty_plans_are_all_listed(server: Server):
    for number in range(40):
        server.club.plan(f"A plan with a really quite long name, number {number:02}", 100)
    whole = "\n".join(text(message) for message in await club_all(server, "plan list"))
    assert "40 plans" in whole
    assert [number for number in range(40) if f"number {number:02}" not in whole] == []


async def test_more_plans_than_fit_are_found_by_typing(server: Server):
    for number in range(40):
        server.club.plan(f"Plan {number:02}", 100)
    assert len(await suggestions(server, "plan price", "plan", "")) == 25
    (found,) = await suggestions(server, "plan price", "plan", "pLAN ３９")
    assert found["name"] == "Plan 39"


async def test_typed_names_cannot_ping_or_format(server: Server):
    said = text(await club(server, "plan add", name="*A* <@1> @everyone", price="1"))
    assert "\\*A\\* \\<\\@1\\> \\@everyone" in said


async def test_a_wrong_detail_of_a_plan_is_named_and_nothing_is_changed(server: Server):
    server.club.plan("Tea", 300)
    cases = [
        ({"price": "12x"}, "price"),
        ({"price": "12.5"}, "too many decimals for the price"),
        ({"price": "-5"}, "cannot be below zero"),
        ({"price": "US$5"}, "another currency"),
        ({"price": "9999999999999"}, "too large"),
        ({"price": " "}, "price is missing"),
        ({"name": "x" * 81}, "name is too long"),
        ({"name": "   "}, "name is missing"),
        ({"name": "TEA"}, "Tea"),
        ({"from_month": "2026-13"}, "not a month"),
        ({"from_month": "next"}, "not a month"),
    ]
    await refused(server, "plan add", cases, {"name": "New", "price": "100"})


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("plan price", {"price": "1", "from_month": "2026-06"}), ("plan rename", {"name": "x"}),
        ("plan role", {}), ("plan retire", {}), ("plan restore", {}),
    ],
)  # fmt: skip
async def test_an_unknown_plan_is_refused(server: Server, command: str, options: dict[str, str]):
    typed = ["plan:999", "plan:0", "Nothing", "", "plan:99999999999999999999", "M-1"]
    cases = [({"plan": value}, "no such plan here") for value in typed]
    await refused(server, command, cases, options)


async def test_another_clubs_plan_is_unknown(server: Server):
    other = Club.create(server.db, number=1).plan("Theirs", 5)
    before = books(server)
    said = text(await club(server, "plan retire", plan=f"plan:{other.id}"))
    assert "no such plan here" in said
    assert books(server) == before


async def test_members_hear_whose_task_it_is_before_anything_else(server: Server):
    server.on_roster(server.ann)
    commands: list[tuple[str, dict[str, str]]] = [
        ("plan add", {"name": "x", "price": "nonsense"}),
        ("plan price", {"plan": "x", "price": "1", "from_month": "x"}),
        ("plan rename", {"plan": "x", "name": "y"}), ("plan role", {"plan": "x"}),
        ("plan retire", {"plan": "x"}), ("plan list", {}),
    ]  # fmt: skip
    for command, options in commands:
        await refused(server, command, [(options, "of this club may do that")], who=server.ann)


async def test_a_reviewer_is_no_treasurer(server: Server):
    assert "Only a treasurer" in text(await club(server, "plan add", server.rita, name="x", price="1"))


async def test_in_chinese(server: Server, chinese: None):
    said = text(await club(server, "plan add", name="串流影音", price="１００"))
    assert "已新增方案" in said
    assert "**串流影音**・每月 NT$100" in said


async def test_the_history_shows_every_price_and_who_set_it(server: Server):
    plan = server.club.plan("Tea", 300)
    server.club.reprice(plan, 350, "2026-07")
    server.club.reprice(plan, 360, "2026-07")
    said = text(await club(server, "plan history", plan="Tea"))
    assert "Tea: 3 prices" in said
    assert "from January 2026: **NT$300**" in said
    assert "from July 2026: ~~NT$350~~" in said
    assert "from July 2026: **NT$360**" in said
    assert f"<@{server.tess.id}>" in said
    assert "no such plan" in text(await club(server, "plan history", plan="Nothing"))
    assert "no such plan" in text(await club(server, "plan history", plan="plan:99"))
