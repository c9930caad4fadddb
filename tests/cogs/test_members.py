"""/club member."""

from __future__ import annotations

import pytest

from core import roster
from tests.cogs.club_steps import books, chinese, club, club_all, confirm, refused, suggestions
from tests.cogs.conftest import Server, labels, text
from tests.factories import Club

__all__ = ["chinese"]  # a fixture


async def test_a_member_is_added_and_linked_at_once(server: Server):
    said = text(
        await club(
            server, "member add", name="Ann Lee", email="Ann@x.org", account=server.ann, note="pays cash"
        )
    )
    assert "**Ann Lee** (M-1" in said
    assert f"<@{server.ann.id}>" in said
    (row,) = server.db.conn.execute("SELECT name, email, note, discord_id FROM members").fetchall()
    assert row == ("Ann Lee", "Ann@x.org", "pays cash", server.ann.id)


async def test_an_account_that_is_taken_adds_nobody(server: Server):
    server.on_roster(server.ann, "Ann")
    before = books(server)
    said = text(await club(server, "member add", name="Ben", account=server.ann))
    assert "Ann" in said
    assert books(server) == before


async def test_editing_changes_what_was_given_and_a_hyphen_makes_blank(server: Server):
    member = server.club.member("Ann", email="a@x.org")
    await club(server, "member edit", member=member.label, name="Anna", note="new")
    assert (server.club.fresh(member).name, server.club.fresh(member).note) == ("Anna", "new")
    assert server.club.fresh(member).email == "a@x.org"
    await club(server, "member edit", member=member.label, email="-", account=server.ann)
    assert server.club.fresh(member).email is None
    assert server.club.fresh(member).discord_id == server.ann.id
    assert "exactly like that already" in text(
        await club(server, "member edit", member=member.label, name="Anna")
    )


async def test_show_has_subscriptions_bills_and_payments(server: Server):
    plan = server.club.plan("Tea", 300)
    member = server.club.subscriber(plan, "Ann")
    server.club.open("2026-05")
    server.club.open("2026-06")
    server.club.record(member, 400)
    shown = text(await club(server, "member show", member=member.label))
    assert "Tea (S-1) · active · since 1 January 2026" in shown
    assert "B-1 · May 2026 · Tea: NT$300, settled" in shown
    assert "to be paid, NT$200 still open" in shown
    assert "P-0001: NT$400, verified" in shown


async def test_leaving_previews_what_ends_then_does_it(server: Server):
    plan = server.club.plan("Tea", 300)
    member = server.on_roster(server.ann, "Ann")
    server.club.subscribe(member, plan)
    server.club.open("2026-06")
    before = books(server)
    preview = await club(server, "member leave", member=member.label)
    shown = text(preview)
    assert "leave on 5 June 2026?" in shown
    assert "The subscription to Tea ends." in shown
    assert f"<@{server.ann.id}> is no longer linked" in shown
    assert "still owe NT$300" in shown
    assert labels(preview)[0] == "Let Ann leave"
    assert books(server) == before
    assert "The subscription to Tea has ended." in await confirm(server, preview)
    assert server.club.fresh(member).left_on == "2026-06-05"
    assert "has left already" in text(await club(server, "member leave", member=member.label))


async def test_leaving_that_changed_meanwhile_is_asked_again(server: Server):
    member = server.club.member("Ann")
    preview = await club(server, "member leave", member=member.label)
    server.club.subscribe(member, server.club.plan("Tea", 300))
    clicked = await server.tess.click(preview, label="Let Ann leave")
    assert server.club.fresh(member).left_on is None
    assert "now: The subscription to Tea ends." in text(clicked.followups[0])


async def test_leaving_twice_from_two_previews_is_done_once(server: Server):
    member = server.club.member("Ann")
    first, second = [await club(server, "member leave", member=member.label) for _ in range(2)]
    await confirm(server, first)
    before = books(server)
    assert "has left already" in await confirm(server, second)
    assert books(server) == before


async def test_rejoining_and_unlinking(server: Server):
    member = server.on_roster(server.ann, "Ann")
    assert "has no Discord account any more" in text(await club(server, "member unlink", member=member.label))
    assert server.club.fresh(member).discord_id is None
    server.db.write(roster.leave, server.club.treasurer, member.id)
    assert "in the club again" in text(await club(server, "member rejoin", member="Ann"))
    assert server.club.fresh(member).left_on is None


@pytest.mark.parametrize(
    ("kind", "minor", "word"), [("owes", 500, "They owed **NT$500**"), ("credit", -500, "ahead")]
)
async def test_an_opening_balance_is_previewed_and_set(server: Server, kind: str, minor: int, word: str):
    member = server.club.member("Ann")
    before = books(server)
    preview = await club(
        server, "member balance", member=member.label, kind=kind, amount="500", day="2026-01-31"
    )
    assert word in text(preview)
    assert "31 January 2026" in text(preview)
    assert books(server) == before
    assert "is set" in await confirm(server, preview)
    balance = server.db.conn.execute(
        "SELECT sum(amount_minor) FROM ledger_postings JOIN accounts ON accounts.id = account_id"
        " WHERE kind = 'receivable'"
    ).fetchall()[0][0]
    assert balance == minor
    again = text(await club(server, "member balance", member=member.label, kind=kind, amount="1"))
    assert "Ann" in again


async def test_the_list_has_everybody_with_plans_and_balance(server: Server):
    tea, cake = server.club.plan("Tea", 300), server.club.plan("Cake", 100)
    ann = server.club.subscriber(tea, "Ann")
    server.club.subscribe(ann, cake)
    server.club.record(server.club.member("Ben"), 50)
    server.club.open("2026-06")
    shown = text(await club(server, "member list"))
    assert "2 members" in shown
    assert "Tea and Cake · owes **NT$400**" in shown
    assert "no plan · credit **NT$50** · no Discord account linked" in shown


async def test_three_hundred_members_are_all_listed(server: Server):
    for number in range(300):
        server.club.member(f"Member {number:03}")
    whole = "\n".join(text(message) for message in await club_all(server, "member list"))
    assert [number for number in range(300) if f"Member {number:03}" not in whole] == []


async def test_more_members_than_fit_are_found_by_name_or_number(server: Server):
    people = [server.club.member(f"Member {number:02}") for number in range(40)]
    assert len(await suggestions(server, "member show", "member", "")) == 25
    for typed in ("member 39", people[39].label, people[39].label.lower()):
        (found,) = await suggestions(server, "member show", "member", typed)
        assert found == {"name": f"Member 39 · {people[39].label}", "value": people[39].label}
    assert await suggestions(server, "member show", "member", "", server.ann) == []


async def test_a_wrong_detail_of_a_member_is_named(server: Server):
    server.club.member("Ann", email="a@x.org")
    cases = [
        ({"name": " "}, "name is missing"),
        ({"name": "x" * 101}, "name is too long"),
        ({"email": "not an address"}, "not an e-mail"),
        ({"email": "A@X.org"}, "M-1"),
        ({"note": "x" * 501}, "note is too long"),
    ]
    await refused(server, "member add", cases, {"name": "New"})


async def test_a_wrong_detail_of_a_balance_is_named(server: Server):
    member = server.club.member("Ann")
    cases = [
        ({"amount": "12x"}, "opening balance"),
        ({"amount": "0"}, "opening balance"),
        ({"amount": "1.5"}, "too many decimals"),
        ({"day": "2026-13-45"}, "not a day of the calendar"),
        ({"day": "2026-06-06"}, "5 June 2026"),
        ({"due": "soon"}, "due date"),
    ]
    await refused(server, "member balance", cases, {"member": member.label, "kind": "owes", "amount": "5"})


async def test_a_wrong_day_of_leaving_is_named(server: Server):
    member = server.club.member("Ann")
    days = ["2026-13-45", "2026-02-30", "tomorrow", "2026-06-06", "x" * 200]
    cases = [({"day": day}, "day of leaving") for day in days]
    await refused(server, "member leave", cases, {"member": member.label})


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("member show", {}), ("member edit", {"name": "x"}), ("member leave", {}), ("member rejoin", {}),
        ("member unlink", {}), ("member balance", {"kind": "owes", "amount": "5"}),
    ],
)  # fmt: skip
async def test_an_unknown_member_is_refused(server: Server, command: str, options: dict[str, str]):
    typed = ["M-999", "M-0", "Nobody", "", "12", "plan:1", "M-999999999999999999999"]
    cases = [({"member": value}, "no such member here") for value in typed]
    await refused(server, command, cases, options)


async def test_another_clubs_member_is_unknown(server: Server):
    other = Club.create(server.db, number=1).member("Theirs")
    before = books(server)
    for command in ("member show", "member leave", "member unlink"):
        assert "no such member here" in text(await club(server, command, member=other.label))
    assert books(server) == before


async def test_two_people_of_one_name_have_to_be_chosen(server: Server):
    server.club.member("Ann")
    server.club.member("Ann")
    said = text(await club(server, "member show", member="Ann"))
    assert "Several members are called Ann. Nothing was changed" in said


async def test_members_may_not(server: Server):
    server.on_roster(server.ann)
    commands: list[tuple[str, dict[str, str]]] = [
        ("member add", {"name": "x"}), ("member edit", {"member": "x"}), ("member show", {"member": "x"}),
        ("member leave", {"member": "x"}), ("member rejoin", {"member": "x"}),
        ("member unlink", {"member": "x"}), ("member list", {}),
        ("member balance", {"member": "x", "kind": "owes", "amount": "x"}),
    ]  # fmt: skip
    for command, options in commands:
        await refused(server, command, [(options, "of this club may do that")], who=server.ann)


async def test_in_chinese(server: Server, chinese: None):
    member = server.club.subscriber(server.club.plan("茶", 300), "王小明")
    server.club.open("2026-06")
    preview = await club(server, "member leave", member="王小明")
    assert "要讓 **王小明**" in text(preview)
    assert labels(preview) == ["讓 王小明 離開", "取消"]
    assert "待繳" in text(await club(server, "member show", member=member.label))
