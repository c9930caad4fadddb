"""/club subscription."""

from __future__ import annotations

import pytest

from tests.cogs.club_steps import books, chinese, club, club_all, confirm, refused, suggestions
from tests.cogs.conftest import Server, labels, text
from tests.factories import Club

__all__ = ["chinese"]  # a fixture


async def test_starting_bills_the_open_months_at_once(server: Server):
    plan, member = server.club.plan("Tea", 300), server.club.member("Ann")
    server.club.open("2026-06")
    said = text(await club(server, "subscription start", member=member.label, plan=f"plan:{plan.id}"))
    assert "**Tea** from 5 June 2026 on" in said
    assert "Billed at once" in said
    assert "June 2026 · Tea: **NT$300**" in said
    assert len(server.club.bills(member)) == 1


async def test_starting_on_a_later_day_bills_nothing_yet(server: Server):
    plan, member = server.club.plan("Tea", 300), server.club.member("Ann")
    server.club.open("2026-06")
    said = text(await club(server, "subscription start", member="ann", plan="TEA", day="2026-07-01"))
    assert "1 July 2026" in said
    assert "Billed" not in said
    assert server.club.bills(member) == []
    assert plan.name == "Tea"


async def test_ending_names_the_unpaid_bills_that_stay(server: Server):
    member = server.club.subscriber(server.club.plan("Tea", 300), "Ann")
    server.club.open("2026-06")
    before = books(server)
    preview = await club(server, "subscription end", subscription="S-1", day="2026-05-31")
    assert "End the subscription of **Ann**" in text(preview)
    assert labels(preview)[0] == "End it after 31 May 2026"
    assert books(server) == before
    said = await confirm(server, preview)
    assert "ends after 31 May 2026" in said
    assert "They stay as they are" in said
    assert "June 2026 · Tea" in said
    assert len(server.club.bills(member)) == 1


async def test_ending_now_or_with_the_month_and_taking_it_back(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300), "Ann")
    preview = await club(server, "subscription end", subscription="S-1", when="period")
    assert "ends after 30 June 2026" in await confirm(server, preview)
    preview = await club(server, "subscription end", subscription="S-1", when="never")
    assert labels(preview)[0] == "Let it go on"
    assert "goes on without an end" in await confirm(server, preview)
    preview = await club(server, "subscription end", subscription="S-1")
    assert "ends after 5 June 2026" in await confirm(server, preview)


async def test_a_billing_day_of_its_own_and_the_clubs_again(server: Server):
    member = server.club.subscriber(server.club.plan("Tea", 300), "Ann")
    preview = await club(server, "subscription billing-day", subscription="S-1", day=20)
    assert "on day 20 of the month" in text(preview)
    assert "has day 20 as its billing day now" in await confirm(server, preview)
    server.club.open("2026-06")
    assert [bill.due_on for bill in server.club.bills(member)] == ["2026-06-20"]
    preview = await club(server, "subscription billing-day", subscription="S-1", day=0)
    assert "follows the club's billing day (5) again" in await confirm(server, preview)
    assert [bill.due_on for bill in server.club.bills(member)] == ["2026-06-20"]


async def test_pausing_and_resuming(server: Server):
    server.club.subscriber(server.club.plan("Tea", 300), "Ann")
    said = text(await club(server, "subscription pause", subscription="S-1", day="2026-06-01"))
    assert "paused from 1 June 2026 on, until somebody resumes it" in said
    (paused,) = await suggestions(server, "subscription resume", "subscription", "")
    assert paused["name"].endswith("Tea · paused")
    server.club.open("2026-06")
    said = text(await club(server, "subscription resume", subscription="S-1"))
    assert "active again from 5 June 2026" in said
    assert "Billed at once" in said
    said = text(
        await club(server, "subscription pause", subscription="S-1", day="2026-07-01", until="2026-08-01")
    )
    assert "active again on 1 August 2026" in said


async def test_the_list_is_complete_and_can_be_narrowed(server: Server):
    tea, cake = server.club.plan("Tea", 300), server.club.plan("Cake", 100)
    people = [server.club.subscriber(tea, f"Somebody with quite a long name {n:03}") for n in range(60)]
    server.club.subscribe(people[0], cake)
    whole = "\n".join(text(message) for message in await club_all(server, "subscription list"))
    assert "61 subscriptions" in whole
    assert [person.label for person in people if f"({person.label}," not in whole] == []
    assert "One subscription" in text(await club(server, "subscription list", plan="Cake"))
    assert "2 subscriptions" in text(await club(server, "subscription list", member=people[0].label))
    ending = await club(server, "subscription end", subscription="S-61", day="2026-05-31")
    await confirm(server, ending)
    assert "no such subscription" in text(await club(server, "subscription list", plan="Cake"))
    assert "ended" in text(await club(server, "subscription list", plan="Cake", ended=True))


async def test_more_than_fit_are_found_by_member_or_plan(server: Server):
    tea, cake = server.club.plan("Tea", 300), server.club.plan("Cake", 100)
    people = [server.club.subscriber(tea, f"Member {n:02}") for n in range(40)]
    server.club.subscribe(people[3], cake)
    assert len(await suggestions(server, "subscription end", "subscription", "")) == 25
    (found,) = await suggestions(server, "subscription end", "subscription", "member 39")
    assert found["name"] == f"Member 39 ({people[39].label}) · Tea · active"
    (found,) = await suggestions(server, "subscription end", "subscription", "cake")
    assert found["name"].startswith("Member 03")
    assert await suggestions(server, "subscription end", "subscription", "", server.ann) == []


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("start", {"day": "2026-13-45"}, "start date"),
    ("start", {"day": "today"}, "start date"),
    ("start", {"plan": "Nothing"}, "no such plan"),
    ("start", {"member": "M-99"}, "no such member"),
    ("start", {"plan": "Old"}, "Old"),
    ("start", {"member": "Ann"}, "Ann"),
    ("end", {"day": "2026-02-30"}, "end date"),
    ("end", {"day": "2025-01-01"}, "end date"),
    ("end", {"subscription": "S-99"}, "no such subscription"),
    ("end", {"subscription": "Ann"}, "no such subscription"),
    ("pause", {"day": "2025-01-01"}, "first day of the pause"),
    ("pause", {"until": "2026-06-05"}, "day of return"),
    ("pause", {"until": "x"}, "day of return"),
    ("resume", {}, "not paused"),
    ("resume", {"day": "2026-00-01"}, "day"),
]


@pytest.mark.parametrize("command", ["start", "end", "pause", "resume"])
async def test_wrong_input_is_named_and_changes_nothing(server: Server, command: str):
    server.club.subscriber(server.club.plan("Tea", 300), "Ann")
    server.club.member("Ben")
    old = server.club.plan("Old", 1)
    await club(server, "plan retire", plan=f"plan:{old.id}")
    usual = {"member": "Ben", "plan": "Tea"} if command == "start" else {"subscription": "S-1"}
    cases = [(options, said) for group, options, said in WRONG if group == command]
    await refused(server, f"subscription {command}", cases, usual)


async def test_another_clubs_subscription_is_unknown(server: Server):
    other = Club.create(server.db, number=1)
    other.subscriber(other.plan("Theirs", 5))
    before = books(server)
    for command in ("end", "pause", "resume"):
        said = text(await club(server, f"subscription {command}", subscription="S-1"))
        assert "no such subscription here" in said
    assert books(server) == before


async def test_members_may_not(server: Server):
    server.on_roster(server.ann)
    commands: list[tuple[str, dict[str, str | int]]] = [
        ("start", {"member": "x", "plan": "x"}), ("end", {"subscription": "x"}),
        ("pause", {"subscription": "x"}), ("resume", {"subscription": "x"}), ("list", {}),
        ("billing-day", {"subscription": "x", "day": 1}),
    ]  # fmt: skip
    for command, options in commands:
        await refused(
            server, f"subscription {command}", [(options, "of this club may do that")], who=server.ann
        )


async def test_in_chinese(server: Server, chinese: None):
    server.club.plan("茶", 300)
    server.club.member("王小明")
    said = text(await club(server, "subscription start", member="王小明", plan="茶"))
    assert "從 2026 年 6 月 5 日起加入 **茶**" in said
