"""/club member merge and move."""

from __future__ import annotations

from core import payments
from tests.cogs.club_steps import books, chinese, club, confirm, refused
from tests.cogs.conftest import Server, labels, text

__all__ = ["chinese"]  # a fixture


async def test_two_entries_of_one_person_become_one(server: Server):
    tea = server.club.plan("Tea", 300)
    old = server.club.member("Annie", email="ann@x.org")
    server.club.subscribe(old, tea)
    server.club.open("2026-06")
    kept = server.on_roster(server.ann)
    server.club.record(kept, 100)
    before = books(server)
    preview = await club(server, "member merge", member=old.label, into=kept.label)
    shown = text(preview)
    assert "Merge **Annie** (M-1) into **Ann**" in shown
    assert "one bill comes along" in shown
    assert "these subscriptions go on: Tea" in shown
    assert "taken over from the entry that goes: e-mail" in shown
    assert "NT$100 of credit of one is used for bills of the other" in shown
    assert "together they owe NT$200" in shown
    assert "This cannot be undone." in shown
    assert labels(preview)[0] == "Merge M-1 into M-2, for good"
    assert books(server) == before
    assert "was merged into" in await confirm(server, preview)
    owed = text(await club(server, "bill list", member=kept.label))
    assert "B-1 · Ann (M-2)" in owed
    assert "NT$100 of NT$300" in owed


async def test_what_stands_in_the_way_is_named(server: Server):
    tea = server.club.plan("Tea", 300)
    first, second = server.club.subscriber(tea, "Ann"), server.club.subscriber(tea, "Annie")
    spare = server.club.member("Ben")
    cases = [
        ({"member": first.label, "into": first.label}, "cannot be merged into itself"),
        ({"member": first.label, "into": second.label}, "both linked to a Discord account"),
        ({"member": "M-99", "into": second.label}, "no such member"),
    ]
    await refused(server, "member merge", cases)
    await club(server, "member unlink", member=first.label)
    await refused(
        server, "member merge", [({"member": first.label, "into": second.label}, "Both entries hold Tea")]
    )
    server.club.open("2026-06")
    server.club.submit(second)
    await refused(
        server,
        "member merge",
        [({"member": spare.label, "into": second.label}, "M-2 has payments that still wait for review (1)")],
    )


async def test_a_merged_entry_is_named_no_more(server: Server):
    old, kept = server.club.member("Annie"), server.club.member("Ann")
    await confirm(server, await club(server, "member merge", member=old.label, into=kept.label))
    said = text(await club(server, "member merge", member=old.label, into=kept.label))
    assert "cannot be merged into itself" in said or "was merged into M-2" in said


async def test_a_member_moves_to_another_account(server: Server):
    member = server.on_roster(server.ann)
    preview = await club(server, "member move", member=member.label, account=server.ben)
    shown = text(preview)
    assert f"Link **Ann** to <@{server.ben.id}>?" in shown
    assert f"before: <@{server.ann.id}>" in shown
    assert "is linked to" in await confirm(server, preview)
    assert server.club.fresh(member).discord_id == server.ben.id
    again = text(await club(server, "member move", member=member.label, account=server.ben))
    assert "linked to that account already" in again


async def test_an_account_of_somebody_else_is_not_taken(server: Server):
    member, other = server.on_roster(server.ann), server.on_roster(server.ben)
    before = books(server)
    said = text(await club(server, "member move", member=member.label, account=server.ben))
    assert f"linked to {other.name} already" in said
    assert books(server) == before


async def test_the_history_stays_after_the_move(server: Server):
    member = await server.owing(server.ann, 300)
    payment = server.club.submit(member)
    await confirm(server, await club(server, "member move", member=member.label, account=server.ben))
    server.db.write(payments.verify, server.club.reviewer, payment.id)
    await server.deliver()
    assert "P-0001: **NT$300** verified" in text(server.dm(server.ben)[-1])


async def test_members_may_not(server: Server):
    server.on_roster(server.ann)
    await refused(
        server, "member merge", [({"member": "M-1", "into": "M-1"}, "Only a treasurer")], who=server.ann
    )
    await refused(
        server,
        "member move",
        [({"member": "M-1", "account": server.ann}, "Only a treasurer")],
        who=server.ann,
    )


async def test_in_chinese(server: Server, chinese: None):
    old, kept = server.club.member("小明"), server.club.member("王小明")
    preview = await club(server, "member merge", member=old.label, into=kept.label)
    assert "這個動作無法復原" in text(preview)
    assert "已把" in await confirm(server, preview)
