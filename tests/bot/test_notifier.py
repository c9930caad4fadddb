"""The notifier over real sockets: what is queued arrives once, in order, or is accounted for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.delivery import marker, nonce_of
from bot.notifier import Pace
from bot.simulator import permissions
from core import sending
from core.db import LocalDatabase, Tx
from core.store import workspaces
from tests.bot.outbox import Outbox, texts_in, until
from tests.fakes import FixedClock


async def set_workspace(outbox: Outbox, **changes: object) -> None:
    await outbox.db.write(lambda tx: workspaces.update(tx.conn, outbox.workspace_id, changes))


async def add_member(outbox: Outbox, key: str) -> int:
    """A roster entry linked to that person of the simulator."""

    def insert(tx: Tx) -> int:
        cursor = tx.conn.execute(
            "INSERT INTO members (workspace_id, name, name_key, discord_id, created_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (outbox.workspace_id, key, key, outbox.user_id(key), tx.now_text),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    return await outbox.db.write(insert)


@contextmanager
def killed_when_a_message_arrives(outbox: Outbox, text: str = "") -> Iterator[None]:
    """Stop everything the notifier does in the moment that Discord has the message and we do not know it."""

    def kill(change: object) -> None:
        message = getattr(change, "message", None)
        if message is not None and text in str(message.data):
            for task in outbox.notifier._running:
                task.cancel()

    outbox.simulator.world.listeners.append(kill)
    yield
    outbox.simulator.world.listeners.remove(kill)
    outbox.notifier = outbox.new_notifier()


# --- sending ---


async def test_a_notice_arrives_once_and_is_marked_sent(outbox: Outbox):
    notice_id = await outbox.queue("hello")
    await outbox.drain()
    await outbox.drain()
    assert outbox.said("dues") == ["hello r1"]
    notice = await outbox.notice(notice_id)
    assert (notice.status, notice.parts_sent, notice.error) == ("sent", 1, "")
    assert notice.sent_at is not None
    assert notice.attempted_at is None


@pytest.mark.parametrize(
    ("target", "channel"), [("announce", "dues"), ("review", "review"), ("admin", "admin")]
)
async def test_each_target_has_its_channel(outbox: Outbox, target: str, channel: str):
    await outbox.queue("here", target=target)
    await outbox.drain()
    assert outbox.said(channel) == ["here r1"]


async def test_notices_to_one_place_arrive_in_order(outbox: Outbox):
    for number in range(20):
        await outbox.queue(f"{number}")
    await outbox.drain()
    assert outbox.said("dues") == [f"{number} r1" for number in range(20)]


async def test_a_word_to_admins_goes_to_the_reviewers_where_admins_have_no_channel(outbox: Outbox):
    await set_workspace(outbox, admin_channel_id=None)
    await outbox.queue("for admins", target="admin")
    await outbox.drain()
    assert outbox.said("review") == ["for admins r1"]


async def test_without_a_channel_it_waits_and_goes_out_as_soon_as_one_is_chosen(outbox: Outbox):
    await set_workspace(outbox, announce_channel_id=None)
    notice_id = await outbox.queue("later")
    await outbox.drain()
    notice = await outbox.notice(notice_id)
    assert (notice.status, notice.attempts) == ("waiting", 0)
    assert await outbox.notifier.is_idle()
    await set_workspace(outbox, announce_channel_id=outbox.channel("general").id)
    assert not await outbox.notifier.is_idle()
    await outbox.drain()
    assert outbox.said("general") == ["later r1"]


async def test_the_running_notifier_hears_of_a_commit_and_of_the_command_line(
    outbox: Outbox, clock: FixedClock
):
    async with outbox.notifier:
        notice_id = await outbox.queue("woken")
        await until(lambda: outbox.said("dues") == ["woken r1"])
        with LocalDatabase(outbox.db.path, clock) as shell:  # no listener hears of this connection
            shell.write(lambda tx: tx.conn.execute(
                    "INSERT INTO notices SELECT id + 1, workspace_id, 'shell', op, kind, target, target_id, "
                    "subject_type, subject_id, params, 'waiting', 1, 0, 0, NULL, created_at, '', created_at, "
                    "NULL FROM notices WHERE id = ?", (notice_id,)
                ).rowcount)  # fmt: skip
        await until(lambda: len(outbox.said("dues")) == 2)


async def test_parts_of_a_long_list_are_marked_one_by_one(outbox: Outbox):
    notice_id = await outbox.queue("one", "two", "three")
    await outbox.drain()
    assert outbox.said("dues") == ["one r1", "two r1", "three r1"]
    assert (await outbox.notice(notice_id)).parts_sent == 3


async def test_nothing_to_say_is_obsolete(outbox: Outbox):
    notice_id = await outbox.queue(target="member", target_id=12345)
    await outbox.drain()
    assert (await outbox.notice(notice_id)).status == "obsolete"


# --- cards ---


async def test_a_card_is_edited_not_posted_again(outbox: Outbox):
    notice_id = await outbox.queue("card", target="review", op="edit", key="card")
    await outbox.drain()
    await outbox.queue("card", target="review", op="edit", key="card")
    await outbox.queue("card", target="review", op="edit", key="card")
    await outbox.drain()
    assert outbox.said("review") == ["card r3"]
    assert (await outbox.notice(notice_id)).status == "sent"


async def test_a_card_that_somebody_deleted_is_posted_anew(outbox: Outbox):
    await outbox.queue("card", target="review", op="edit", key="card")
    await outbox.drain()
    [message] = outbox.channel("review").messages.values()
    outbox.simulator.messages.delete(message)
    await outbox.queue("card", target="review", op="edit", key="card")
    await outbox.drain()
    assert outbox.said("review") == ["card r2"]
    await outbox.queue("card", target="review", op="edit", key="card")
    await outbox.drain()
    assert outbox.said("review") == ["card r3"]


async def test_a_card_asked_for_again_while_it_is_sent_shows_the_newest_state(outbox: Outbox):
    await outbox.queue("card", target="review", op="edit", key="card")
    pending: list[asyncio.Task[int]] = []

    def ask_again(change: object) -> None:
        if not pending and getattr(change, "message", None) is not None:
            again = outbox.queue("card", target="review", op="edit", key="card")
            pending.append(asyncio.create_task(again))

    outbox.simulator.world.listeners.append(ask_again)
    await outbox.drain()
    await pending[0]
    await outbox.drain()
    assert outbox.said("review") == ["card r2"]


# --- crashes ---


async def test_killed_after_sending_the_same_nonce_makes_no_second_message(outbox: Outbox):
    notice_id = await outbox.queue("once")
    with killed_when_a_message_arrives(outbox):
        await outbox.drain()
    assert (await outbox.notice(notice_id)).status == "waiting"
    outbox.clock.advance(seconds=60)
    await outbox.drain()
    assert outbox.said("dues") == ["once r1"]
    assert (await outbox.notice(notice_id)).status == "sent"


@pytest.mark.parametrize("where", ["channel", "direct message"])
async def test_killed_after_sending_it_is_found_when_the_nonce_is_forgotten(outbox: Outbox, where: str):
    target = {"target": "user", "target_id": outbox.user_id("member1")} if where != "channel" else {}
    notice_id = await outbox.queue("once", **target)
    with killed_when_a_message_arrives(outbox):
        await outbox.drain()
    outbox.simulator.messages._nonces.clear()
    outbox.clock.advance(minutes=10)
    await outbox.drain()
    assert (outbox.said("dues") if where == "channel" else outbox.said_to("member1")) == ["once r1"]
    assert (await outbox.notice(notice_id)).status == "sent"


async def test_an_outage_while_looking_for_it_leaves_it_in_doubt(outbox: Outbox):
    """The nonce of the first attempt is long forgotten: a second attempt in doubt must not count as a fresh one."""
    notice_id = await outbox.queue("once")
    with killed_when_a_message_arrives(outbox):
        await outbox.drain()
    outbox.simulator.messages._nonces.clear()
    outbox.clock.advance(minutes=10)
    route = f"GET /channels/{outbox.channel('dues').id}/messages"
    outbox.simulator.faults.add({"kind": "http_5xx", "times": 5, "route": route, "status": 503})
    await outbox.drain()
    assert (await outbox.notice(notice_id)).status == "waiting"
    outbox.simulator.faults.add({"kind": "http_5xx", "times": 0})
    outbox.clock.advance(seconds=60)
    outbox.notifier = outbox.new_notifier()
    await outbox.drain()
    assert outbox.said("dues") == ["once r1"]
    assert (await outbox.notice(notice_id)).status == "sent"


async def test_killed_after_posting_a_card_it_is_found_and_brought_up_to_date(outbox: Outbox):
    await outbox.queue("card", target="review", op="edit", key="card")
    with killed_when_a_message_arrives(outbox):
        await outbox.drain()
    outbox.simulator.messages._nonces.clear()
    outbox.clock.advance(minutes=10)
    await outbox.queue("card", target="review", op="edit", key="card")
    await outbox.drain()
    assert outbox.said("review") == ["card r2"]


async def test_killed_between_two_parts_only_the_missing_ones_are_sent(outbox: Outbox):
    await outbox.queue("one", "two", "three")
    with killed_when_a_message_arrives(outbox):
        await outbox.drain()
    outbox.simulator.messages._nonces.clear()
    outbox.clock.advance(minutes=10)
    await outbox.drain()
    assert outbox.said("dues") == ["one r1", "two r1", "three r1"]


async def test_parts_that_arrived_before_a_crash_are_left_alone(outbox: Outbox):
    await outbox.queue("one", "two", "three")
    with killed_when_a_message_arrives(outbox, "two"):
        await outbox.drain()
    outbox.simulator.messages._nonces.clear()
    outbox.clock.advance(minutes=10)
    await outbox.drain()
    assert outbox.said("dues") == ["one r1", "two r1", "three r1"]
    edited = [message.data["edited_timestamp"] for message in outbox.channel("dues").messages.values()]
    assert edited == [None, None, None]


async def test_killed_before_sending_it_is_sent_once(outbox: Outbox):
    notice_id = await outbox.queue("once")
    assert await outbox.db.write(sending.claim, notice_id) is not None
    outbox.clock.advance(minutes=10)
    await outbox.drain()
    assert outbox.said("dues") == ["once r1"]


async def test_what_cannot_be_decided_is_not_sent_again_but_shown_to_admins(outbox: Outbox):
    notice_id = await outbox.queue("once")
    assert await outbox.db.write(sending.claim, notice_id) is not None
    deny_bot(outbox, "dues", permissions.READ_MESSAGE_HISTORY)
    outbox.clock.advance(minutes=10)
    await outbox.db.write(lambda tx: tx.conn.execute(  # the admins' notice is of another kind: let it wait
        "UPDATE workspaces SET admin_channel_id = NULL, review_channel_id = NULL").rowcount)  # fmt: skip
    assert outbox.notifier._may_read(outbox.channel("dues").id) is False
    await outbox.drain()
    assert outbox.said("dues") == []
    assert (await outbox.notice(notice_id)).status == "unknown"
    kinds = await outbox.db.read(
        lambda tx: [
            row[0] for row in tx.conn.execute("SELECT kind FROM notices WHERE target = 'admin'").fetchall()
        ]
    )
    assert kinds == ["notice_unknown"]


def deny_bot(outbox: Outbox, channel: str, permission: int) -> None:
    world = outbox.simulator.world
    world.set_overwrite(outbox.channel(channel), world.bot.id, deny=permission)
    guild = outbox.client.get_guild(world.home.id)
    assert guild is not None
    known = guild.get_channel(outbox.channel(channel).id)
    assert known is not None
    # The simulator announces no channel changes; on Discord the gateway would have told the client.
    from discord.abc import _Overwrites

    known._overwrites.append(_Overwrites({"id": world.bot.id, "type": 1, "allow": 0, "deny": permission}))


# --- refusals ---


async def test_a_rate_limit_only_delays(outbox: Outbox):
    outbox.simulator.faults.add({"kind": "rate_limit", "times": 1, "route": "/messages", "retry_after": 0.05})
    await outbox.queue("one")
    await outbox.queue("two")
    await outbox.drain()
    assert outbox.said("dues") == ["one r1", "two r1"]


async def test_server_errors_delay_and_keep_the_order(outbox: Outbox):
    outbox.simulator.faults.add({"kind": "http_5xx", "times": 1, "route": "/messages", "status": 503})
    first = await outbox.queue("one")
    await outbox.queue("two")
    await outbox.drain()
    notice = await outbox.notice(first)
    assert notice.status == "waiting"
    assert notice.error.startswith("503")
    assert notice.attempted_at is not None, "it may have arrived"
    assert outbox.said("dues") == []
    outbox.clock.advance(seconds=30)
    outbox.notifier = outbox.new_notifier()
    await outbox.drain()
    assert outbox.said("dues") == ["one r1", "two r1"]


async def test_while_the_network_is_down_notices_wait_for_as_long_as_it_takes(outbox: Outbox):
    notice_id = await outbox.queue("patient")
    port = int(outbox.simulator.url.rsplit(":", 1)[1])
    await outbox.simulator.stop()
    for _ in range(12):
        outbox.notifier = outbox.new_notifier()
        await outbox.drain()
        outbox.clock.advance(minutes=10)
    notice = await outbox.notice(notice_id)
    assert notice.status == "waiting"
    assert notice.error.startswith("network")
    await outbox.simulator.start(port=port)
    outbox.notifier = outbox.new_notifier()
    await outbox.drain()
    assert outbox.said("dues") == ["patient r1"]


@pytest.mark.parametrize("how", ["deleted", "forbidden"])
async def test_a_channel_that_cannot_be_used_is_tried_again_and_then_failed_with_the_reason(
    outbox: Outbox, how: str
):
    notice_id = await outbox.queue("lost")
    world = outbox.simulator.world
    if how == "deleted":
        del world.channels[outbox.channel("dues").id]
        world.home.channel_ids = [found for found in world.home.channel_ids if found in world.channels]
    else:
        world.set_overwrite(outbox.channel("dues"), world.bot.id, deny=permissions.SEND_MESSAGES)
    for _ in range(sending.GIVE_UP_AFTER):
        assert (await outbox.notice(notice_id)).status == "waiting"
        await outbox.drain()
        outbox.clock.advance(hours=1)
    notice = await outbox.notice(notice_id)
    assert notice.status == "failed"
    assert ("10003" if how == "deleted" else "50013") in notice.error
    await set_workspace(outbox, announce_channel_id=outbox.channel("general").id)
    await outbox.db.write(sending.retry, outbox.workspace_id, notice.id)
    await outbox.drain()
    assert outbox.said("general") == ["lost r1"]


async def test_a_mistake_of_ours_fails_without_stopping_the_others(outbox: Outbox):
    broken = await outbox.queue("broken")
    await outbox.queue("fine")
    await outbox.drain()
    notice = await outbox.notice(broken)
    assert "ZeroDivisionError" in notice.error
    assert outbox.said("dues") == ["fine r1"]


async def test_what_breaks_a_limit_fails_at_once_and_is_not_sent(outbox: Outbox):
    too_long = await outbox.queue("x" * 4001)
    await outbox.drain()
    notice = await outbox.notice(too_long)
    assert notice.status == "failed"
    assert outbox.said("dues") == []


# --- closed direct messages ---


async def test_a_member_is_told_privately(outbox: Outbox):
    member = await add_member(outbox, "member2")
    await outbox.queue("psst", target="member", target_id=member)
    await outbox.drain()
    assert outbox.said_to("member2") == ["psst r1"]


async def test_with_closed_messages_it_waits_until_they_come_by(outbox: Outbox):
    member = await add_member(outbox, "member2")
    outbox.simulator.world.user("member2").dms_closed = True
    notice_id = await outbox.queue("psst", target="member", target_id=member)
    await outbox.drain()
    notice = await outbox.notice(notice_id)
    assert (notice.status, notice.attempts) == ("waiting", 0)
    outbox.clock.advance(hours=2)
    outbox.simulator.world.user("member2").dms_closed = False
    await outbox.drain()
    assert outbox.said_to("member2") == []
    await outbox.db.write(sending.wake_member, member)
    await outbox.drain()
    assert outbox.said_to("member2") == ["psst r1"]


async def test_with_closed_messages_a_private_thread_is_used_again_and_again(outbox: Outbox):
    await set_workspace(outbox, closed_dm_policy="thread")
    member = await add_member(outbox, "member2")
    outbox.simulator.world.user("member2").dms_closed = True
    first = await outbox.queue("one", target="member", target_id=member)
    await outbox.drain()
    await outbox.queue("two", target="member", target_id=member)
    await outbox.drain()
    [thread] = [channel for channel in outbox.simulator.world.channels.values() if channel.is_thread]
    assert texts_in(thread) == ["one r1", "two r1"]
    assert outbox.user_id("member2") in thread.members
    assert (await outbox.notice(first)).status == "sent"
    del outbox.simulator.world.channels[thread.id]  # somebody deletes it
    await outbox.queue("three", target="member", target_id=member)
    await outbox.drain()
    [thread] = [channel for channel in outbox.simulator.world.channels.values() if channel.is_thread]
    assert texts_in(thread) == ["three r1"]


async def test_with_closed_messages_a_mention_has_no_amounts(outbox: Outbox):
    await set_workspace(outbox, closed_dm_policy="mention")
    member = await add_member(outbox, "member2")
    outbox.simulator.world.user("member2").dms_closed = True
    await outbox.queue("you owe 300", target="member", target_id=member)
    await outbox.drain()
    assert outbox.said("dues") == ["public r1"]


async def test_where_the_way_out_is_closed_too_it_waits(outbox: Outbox):
    await set_workspace(outbox, closed_dm_policy="mention")
    world = outbox.simulator.world
    world.set_overwrite(outbox.channel("dues"), world.bot.id, deny=permissions.SEND_MESSAGES)
    world.user("member2").dms_closed = True
    member = await add_member(outbox, "member2")
    notice_id = await outbox.queue("psst", target="member", target_id=member)
    await outbox.drain()
    notice = await outbox.notice(notice_id)
    assert (notice.status, notice.attempts) == ("waiting", 0)


# --- small parts ---


def test_nonces_fit_and_differ():
    longest = nonce_of(9_999_999_999, 99, (1, 1_200_000_000_000_000_000))
    assert len(longest) <= 25
    assert (
        len({nonce_of(1, 0), nonce_of(1, 1), nonce_of(10, 0), nonce_of(1, 0, (1, 2)), nonce_of(1, 0, (1, 3))})
        == 5
    )


def test_marks_are_component_ids_that_discord_takes():
    marks = {marker(notice_id, part) for notice_id in range(1, 200) for part in range(500)}
    assert len(marks) == 199 * 500, "a list of ten thousand people has some two hundred parts"
    assert all(1000 < mark < 2**31 for mark in marks)


async def test_the_pace_lets_a_burst_through_and_then_holds_back():
    loop = asyncio.get_running_loop()
    pace = Pace(burst=5, per_second=50)
    started = loop.time()
    for _ in range(5):
        await pace()
    assert loop.time() - started < 0.05
    for _ in range(5):
        await pace()
    assert loop.time() - started > 0.07


async def test_nothing_overtakes_a_delayed_notice_to_the_same_place(outbox: Outbox):
    route = f"/channels/{outbox.channel('dues').id}/messages"
    outbox.simulator.faults.add({"kind": "http_5xx", "times": 1, "route": route, "status": 503})
    first = await outbox.queue("one")
    await outbox.db.write(lambda tx: tx.conn.execute("UPDATE notices SET attempts = 3").rowcount)
    await outbox.queue("two")
    await outbox.queue("elsewhere", target="review")
    await outbox.drain()
    assert outbox.said("dues") == []
    assert outbox.said("review") == ["elsewhere r1"]
    [held] = outbox.notifier._held.values()
    assert held - asyncio.get_running_loop().time() > 100
    assert (await outbox.notice(first)).status == "waiting"
