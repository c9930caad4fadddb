"""`kill -9` at any moment: what was answered is in the books, and everything is said, once.

`POTKEEPER_TEST_KILLS` and `POTKEEPER_TEST_SEED` make the long test longer, or another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
from asyncio import FIRST_COMPLETED
from collections import Counter
from pathlib import Path

import pytest

from bot.delivery import marker
from bot.simulator import permissions
from bot.simulator.faults import Fault
from tests.faults.stage import DAY_SECONDS, Stage, button_id, first_option, on_stage, parts, words

pytestmark = pytest.mark.socket

KILLS = int(os.environ.get("POTKEEPER_TEST_KILLS", "12"))
SEED = int(os.environ.get("POTKEEPER_TEST_SEED", "20260605"))
PEOPLE = 24
LATEST_KILL_SECONDS = 0.6
MORE_MONTHS = 1
SOON = 10  # seconds: longer than the notifier waits after a first attempt, shorter than a nonce lasts
CONFIRMED = re.compile(r"^P-0*(\d+) over .* waits for review", re.MULTILINE)
DECIDED = re.compile(r"^### (Verified|Rejected) · P-0*(\d+)", re.MULTILINE)
TOLD = re.compile(r"^### Your payment (?:has arrived|was rejected)\nP-0*(\d+)", re.MULTILINE)


# --- at random moments ------------------------------------------------------------------------------------


class Month:
    """What the club does, day after day: some pay, a reviewer decides, a day goes by."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self.stage = stage
        self.chance = chance
        self.days_left = 31 * MORE_MONTHS

    async def live(self) -> None:
        """One day after the other until cancelled, or until the story is over and everything is paid."""
        while self.days_left or self.open_bills():
            await self.day()

    async def day(self) -> None:
        stage = self.stage
        few = self.chance.sample(stage.people, 3) if self.days_left else stage.people
        await asyncio.gather(*(self.pay(user) for user in few), self.decide())
        while await self.decide():
            pass
        if days := min(self.days_left, 1 if self.open_bills() else 4):
            self.days_left -= days
            await stage.days(days)

    async def pay(self, user: str) -> None:
        await self.stage.pay(user, values={"note": f"from {user}"})

    async def decide(self) -> bool:
        """Verify the oldest that waits; one in five is rejected. False when nothing waits."""
        stage = self.stage
        shown = await stage.act("reviewer", "command", name="review", channel="review")
        card = shown["messages"][-1] if shown["messages"] else {"components": []}
        verify, reject = button_id(card, "Verify"), button_id(card, "Reject…")
        if verify is None or reject is None:
            return False
        if self.chance.random() < 0.8:
            await stage.act("reviewer", "click", message=card["id"], custom_id=verify)
        elif form := (await stage.act("reviewer", "click", message=card["id"], custom_id=reject))["modal"]:
            await stage.act("reviewer", "submit", values={"reason": first_option(form, "reason")})
        return True

    def open_bills(self) -> int:
        count: int = self.stage.value("SELECT count(*) FROM bills WHERE status NOT IN ('verified', 'void')")
        return count


async def test_killed_at_random_moments_the_month_comes_out_right(tmp_path: Path):
    chance = random.Random(SEED)  # noqa: S311 - moments, not secrets
    async with on_stage(tmp_path / "club", people=PEOPLE) as stage:
        month = Month(stage, chance)
        for _ in range(KILLS):
            await live_until_killed(stage, month, chance)
            stage.assert_clean()
            assert_confirmed_is_booked(stage)
        await stage.start()
        await month.live()
        await stage.outbox_empty(seconds=90)
        stage.assert_clean()
        assert_confirmed_is_booked(stage)
        assert_everything_was_said_once(stage)
        assert_everybody_was_told(stage)
        assert stage.value("SELECT count(*) FROM billing_periods WHERE openings = 1") == 1 + MORE_MONTHS
        assert stage.value("SELECT count(*) FROM bills") == PEOPLE * (1 + MORE_MONTHS)


async def live_until_killed(stage: Stage, month: Month, chance: random.Random) -> None:
    """Start the bot and let the club live; the process dies at some instant, or with one of its requests."""
    killer = None
    if chance.random() < 0.5:
        killer = KilledBySending(stage, "/", lost=chance.random() < 0.5, skip=chance.randint(8, 120))
    await stage.spawn()
    living = asyncio.create_task(_live(stage, month))
    if killer is None:
        if chance.random() < 0.8:
            await stage.ready()
        await asyncio.sleep(chance.uniform(0, LATEST_KILL_SECONDS))  # the instant of the power failure
    else:
        await asyncio.wait([living, asyncio.create_task(killer.happened.wait())], return_when=FIRST_COMPLETED)
    await stage.kill()
    living.cancel()
    if killer is not None:
        killer.happened.set()
    with contextlib.suppress(asyncio.CancelledError):
        await living


async def _live(stage: Stage, month: Month) -> None:
    await stage.until(lambda: stage.simulator.gateway.has_session)
    await stage.until(lambda: bool(stage.world.commands[None]))
    await month.live()


def booked(stage: Stage) -> dict[int, tuple[str, int]]:
    """Every payment in the books: its status and whose it is, by Discord's id."""
    rows = stage.rows(
        "SELECT payment.id, payment.status, discord_id FROM payments AS payment JOIN members ON members.id = member_id"
    )
    return {number: (status, owner) for number, status, owner in rows}


def assert_confirmed_is_booked(stage: Stage) -> None:
    """Whatever the bot confirmed to somebody who clicked stands in the books, and as theirs."""
    payments = booked(stage)
    for message in stage.world.messages.values():
        text = words(message.data)
        if found := CONFIRMED.search(text):
            assert payments[int(found[1])][1] == message.only_for, text
        if found := DECIDED.search(text):
            assert payments[int(found[2])][0] == found[1].lower(), text


def came_too_late(stage: Stage, kind: str) -> set[int]:
    """Payments decided weeks before the bot came back: what nobody has seen of them is not said any more."""
    found = stage.rows(f"SELECT subject_id FROM notices WHERE kind = '{kind}' AND status = 'obsolete'")  # noqa: S608
    return {number for (number,) in found}


def assert_everybody_was_told(stage: Stage) -> None:
    """Whatever the outbox says: each payment has one card that shows how it ended, and its member heard of it once."""
    late, unsaid = came_too_late(stage, "payment_card"), came_too_late(stage, "payment_result")
    payments = booked(stage)
    cards = [words(card.data) for card in stage.messages("review") if card.only_for is None]
    shown = [(int(number), outcome.lower()) for card in cards for outcome, number in DECIDED.findall(card)]
    wanted = [(number, status) for number, (status, _) in sorted(payments.items()) if number not in late]
    assert sorted(one for one in shown if one[0] not in late) == wanted, cards
    told = [
        (int(number), user.id)
        for user in map(stage.world.user, stage.people)
        for text in stage.private_words(user)
        for number in TOLD.findall(text)
    ]
    heard = [(number, owner) for number, (_, owner) in sorted(payments.items()) if number not in unsaid]
    assert sorted(one for one in told if one[0] not in unsaid) == heard


def assert_everything_was_said_once(stage: Stage) -> None:
    """Every notice ended, none is lost, and no part of one stands twice anywhere."""
    shown = Counter(
        part.get("id") for message in stage.world.messages.values() for part in parts(message.data)
    )
    for notice, status, sent, attempts in stage.rows("SELECT id, status, parts_sent, attempts FROM notices"):
        assert status in ("sent", "obsolete"), f"notice {notice} is {status} after {attempts} attempts"
        for part in range(sent):
            times = shown[marker(notice, part)]
            assert times == 1, f"notice {notice} stands {times} times"


# --- at the worst moment: a message is on its way -----------------------------------------------------------


class KilledBySending:
    """Kills the bot in the moment that its request arrives; `lost` says that the request is lost with it."""

    def __init__(self, stage: Stage, route: str, *, lost: bool, skip: int = 0) -> None:
        self.stage, self.route, self.lost, self.skip = stage, route, lost, skip
        self.happened = asyncio.Event()
        self._take = stage.simulator.faults.take
        stage.simulator.faults.take = self.take  # type: ignore[method-assign]  # the test's own fault

    def take(self, line: str) -> Fault | None:
        if self.happened.is_set() or self.route not in line:
            return self._take(line)
        if self.skip:
            self.skip -= 1
            return self._take(line)
        assert self.stage.bot is not None
        with contextlib.suppress(ProcessLookupError):
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


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "arrived"])
@pytest.mark.parametrize("down", [SOON, DAY_SECONDS], ids=["soon", "a day later"])
async def test_a_message_that_was_on_its_way_is_there_once(stage: Stage, lost: bool, down: int):
    """Soon after it the nonce decides; after a longer time the channel is searched."""
    await killed_while_posting_a_card(stage, lost=lost)
    stage.let_time_pass(down)
    await stage.start()
    await stage.outbox_empty()
    assert len(stage.messages("review")) == 1
    assert stage.rows("SELECT status FROM notices WHERE kind = 'payment_card'") == [("sent",)]
    assert "notice_unknown" not in kinds(stage)


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "arrived"])
async def test_what_cannot_be_decided_is_not_sent_again_but_shown_to_admins(stage: Stage, lost: bool):
    await killed_while_posting_a_card(stage, lost=lost)
    review, everybody = stage.world.channel("review"), stage.world.home.id
    stage.world.set_overwrite(review, everybody, deny=permissions.READ_MESSAGE_HISTORY)
    stage.world.set_overwrite(review, stage.world.bot.id, deny=permissions.READ_MESSAGE_HISTORY)
    stage.let_time_pass(DAY_SECONDS)
    await stage.start()
    await stage.outbox_empty()
    assert len(stage.messages("review")) == (0 if lost else 1)
    assert stage.rows("SELECT status FROM notices WHERE kind = 'payment_card'") == [("unknown",)]
    offers = [(card.id, button_id(card.data, "Send again")) for card in stage.messages("admin")]
    ((card_id, again),) = [offer for offer in offers if offer[1] is not None]
    await stage.act("treasurer", "click", message=str(card_id), custom_id=again)
    await stage.until(lambda: len(stage.messages("review")) == (1 if lost else 2))
    await stage.outbox_empty()
    assert stage.rows("SELECT status FROM notices WHERE kind = 'payment_card'") == [("sent",)]


def kinds(stage: Stage) -> set[str]:
    return {row[0] for row in stage.rows("SELECT kind FROM notices")}
