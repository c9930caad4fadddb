"""`kill -9` at any moment: what was answered is in the books, and everything is said, once.

`POTKEEPER_TEST_KILLS` and `POTKEEPER_TEST_SEED` make the long test longer, or another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bot.delivery import marker
from bot.simulator import permissions
from bot.simulator.faults import Fault
from bot.simulator.rules import walk
from tests.faults.stage import Stage, button_id, on_stage, payments_named, words

pytestmark = pytest.mark.socket

KILLS = int(os.environ.get("POTKEEPER_TEST_KILLS", "12"))
SEED = int(os.environ.get("POTKEEPER_TEST_SEED", "20260605"))
PEOPLE = 6
LATEST_KILL_SECONDS = 0.7
MORE_MONTHS = 2


# --- at random moments ------------------------------------------------------------------------------------


class Month:
    """What the club does, over and over: members pay, a reviewer decides, days go by."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self.stage = stage
        self.chance = chance
        self.days_left = 31 * MORE_MONTHS

    async def live(self) -> None:
        """One round after the other until cancelled, or until nothing is left to do."""
        while await self.round():
            pass

    async def round(self) -> bool:
        """Everybody pays while the reviewer decides; then some days pass. False when the story is over."""
        stage = self.stage
        paying = [self.pay(user) for user in stage.people]
        await asyncio.gather(*paying, self.decide(), self.decide())
        while await self.decide():
            pass
        days = min(self.days_left, self.chance.randint(1, 5))
        if days:
            self.days_left -= days
            await stage.days(days)
        return bool(days) or bool(self.open_bills())

    async def pay(self, user: str) -> None:
        """`/pay` when something is open; the form may have gone with the last bot."""
        with contextlib.suppress(KeyError):
            await self.stage.pay(user, values={"note": f"from {user}"})

    async def decide(self) -> bool:
        """Verify the oldest that waits; one in five is rejected. False when nothing waits."""
        shown = await self.stage.act("reviewer", "command", name="review", channel="review")
        if not shown["messages"]:
            return False
        card = shown["messages"][-1]
        if button_id(card, "Verify") is None:
            return False
        if self.chance.random() < 0.2:
            await self.click(card, "Reject…")
            with contextlib.suppress(Exception):
                await self.stage.act("reviewer", "submit", values={"reason": "not arrived"})
        else:
            await self.click(card, "Verify")
        return True

    async def click(self, card: dict[str, Any], label: str) -> None:
        found = button_id(card, label)
        assert found is not None
        await self.stage.act("reviewer", "click", message=card["id"], custom_id=found)

    def open_bills(self) -> int:
        count: int = self.stage.value("SELECT count(*) FROM bills WHERE status NOT IN ('verified', 'void')")
        return count


async def test_killed_at_random_moments_the_month_comes_out_right(tmp_path_factory: pytest.TempPathFactory):
    chance = random.Random(SEED)
    async with on_stage(tmp_path_factory.mktemp("kill") / "club", people=PEOPLE) as stage:
        month = Month(stage, chance)
        for _ in range(KILLS):
            await stage.spawn()
            if chance.random() < 0.8:
                await stage.ready()
            living = asyncio.create_task(_when_connected(stage, month.live))
            await asyncio.sleep(chance.uniform(0, LATEST_KILL_SECONDS))  # the moment of the power failure
            import sys; print("KILL", month.days_left, stage.rows("select count(*) from payments"), stage.rows("select count(*), sum(attempted_at is not null) from notices where status='waiting'"), file=sys.stderr)
            await stage.kill()
            living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await living
            stage.assert_clean()
            assert_confirmed_is_booked(stage)
        await stage.start()
        await month.live()
        await stage.outbox_empty(seconds=60)
        stage.assert_clean()
        assert_confirmed_is_booked(stage)
        assert_everything_was_said_once(stage)
        assert month.open_bills() == 0
        import sys; print("STATS", stage.rows("select status,count(*) from payments group by 1"), stage.rows("select kind,status,count(*),max(attempts) from notices group by 1,2"), file=sys.stderr)
        assert stage.value("SELECT count(*) FROM billing_periods WHERE openings = 1") == 1 + MORE_MONTHS
        assert stage.value("SELECT count(*) FROM bills") == PEOPLE * (1 + MORE_MONTHS)


async def _when_connected(stage: Stage, live: Callable[[], Any]) -> None:
    await stage.until(lambda: stage.simulator.gateway.has_session)
    await live()


def assert_confirmed_is_booked(stage: Stage) -> None:
    """Whatever the bot confirmed to somebody who clicked stands in the books."""
    statuses = dict(stage.rows("SELECT id, status FROM payments"))
    for user in map(stage.world.user, stage.people):
        for text in stage.private_words(user):
            if "waits for review" in text:
                (payment,) = payments_named(text)
                assert payment in statuses, text
    for message in stage.world.messages.values():
        if message.only_for != stage.world.user("reviewer").id:
            continue
        text = words(message.data)
        for title, status in (("### Verified", "verified"), ("### Rejected", "rejected")):
            if text.startswith(title):
                assert statuses[payments_named(text)[0]] == status, text


def assert_everything_was_said_once(stage: Stage) -> None:
    """Every notice ended, none is lost, and no part of one stands twice anywhere."""
    shown = Counter(
        part.get("id") for message in stage.world.messages.values() for part in walk(message.data["components"])
    )
    for notice, status, parts, attempts in stage.rows("SELECT id, status, parts_sent, attempts FROM notices"):
        assert status in ("sent", "obsolete"), f"notice {notice} is {status} after {attempts} attempts"
        for part in range(parts):
            assert shown[marker(notice, part)] == 1, f"notice {notice} stands {shown[marker(notice, part)]} times"


# --- at the worst moment: a message is on its way -----------------------------------------------------------


class KilledBySending:
    """Kills the bot in the moment that its request arrives; `lost` says that the request is lost with it."""

    def __init__(self, stage: Stage, route: str, *, lost: bool) -> None:
        self.stage, self.route, self.lost = stage, route, lost
        self.happened = asyncio.Event()
        self._take = stage.simulator.faults.take
        stage.simulator.faults.take = self.take  # type: ignore[method-assign]  # the test's own fault

    def take(self, line: str) -> Fault | None:
        if self.happened.is_set() or self.route not in line:
            return self._take(line)
        assert self.stage.bot is not None
        self.stage.bot.kill()
        self.happened.set()
        return Fault("http_5xx", 1) if self.lost else None


async def killed_while_posting_a_card(stage: Stage, *, lost: bool) -> None:
    """A member has paid; the bot dies when the card for the reviewers is on its way."""
    await stage.start()
    await stage.outbox_empty()
    review = stage.world.channel("review").id
    killer = KilledBySending(stage, f"POST /channels/{review}/messages", lost=lost)
    paying = asyncio.create_task(stage.pay("extra1"))
    async with asyncio.timeout(20):
        await killer.happened.wait()
    await stage.kill()
    paying.cancel()
    await asyncio.gather(paying, return_exceptions=True)
    assert len(stage.messages("review")) == (0 if lost else 1)
    assert stage.rows("SELECT status FROM notices WHERE kind = 'payment_card'") == [("waiting",)]


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("days_down", [0, 1])
async def test_a_message_that_was_on_its_way_is_there_once(stage: Stage, lost: bool, days_down: int):
    """At once the nonce decides; after a longer time the channel is searched."""
    await killed_while_posting_a_card(stage, lost=lost)
    if days_down:
        let_time_pass(stage, days_down)
    await stage.start()
    await stage.outbox_empty()
    assert len(stage.messages("review")) == 1
    assert stage.rows("SELECT status FROM notices WHERE kind = 'payment_card'") == [("sent",)]
    assert "notice_unknown" not in kinds(stage)


@pytest.mark.parametrize("lost", [True, False])
async def test_what_cannot_be_decided_is_not_sent_again_but_shown_to_admins(stage: Stage, lost: bool):
    await killed_while_posting_a_card(stage, lost=lost)
    review, everybody = stage.world.channel("review"), stage.world.home.id
    stage.world.set_overwrite(review, everybody, deny=permissions.READ_MESSAGE_HISTORY)
    stage.world.set_overwrite(review, stage.world.bot.id, deny=permissions.READ_MESSAGE_HISTORY)
    let_time_pass(stage, 1)
    await stage.start()
    await stage.outbox_empty()
    assert len(stage.messages("review")) == (0 if lost else 1)
    assert stage.rows("SELECT status FROM notices WHERE kind = 'payment_card'") == [("unknown",)]
    (told,) = stage.messages("admin")
    again = button_id(told.data, "Send again")
    assert again is not None, words(told.data)
    await stage.act("treasurer", "click", message=str(told.id), custom_id=again)
    await stage.until(lambda: len(stage.messages("review")) == (1 if lost else 2))
    await stage.outbox_empty()
    assert stage.rows("SELECT status FROM notices WHERE kind = 'payment_card'") == [("sent",)]


def let_time_pass(stage: Stage, days: int) -> None:
    """Move the clock while no bot is there; meanwhile Discord has forgotten every nonce."""
    clock = stage.world.clock
    clock.offset_seconds += days * 86_400
    clock._write()
    stage.simulator.messages._nonces.clear()


def kinds(stage: Stage) -> set[str]:
    return {row[0] for row in stage.rows("SELECT kind FROM notices")}
