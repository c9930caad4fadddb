"""Discord drops the connection, answers with errors or asks to wait, and fifty people come at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.stage import PATIENCE_SECONDS, Payload, Stage, on_stage, payments_named, said

pytestmark = pytest.mark.socket

MANY = 50
CONFIRMED = re.compile(r"P-0*(\d+) over .* waits for review")
ANSWER_SECONDS = 3.0


@pytest.fixture
async def running(stage: Stage) -> AsyncIterator[Stage]:
    await stage.start()
    await stage.outbox_empty()
    yield stage
    assert stage.bot
    assert stage.bot.returncode is None, "\n".join(stage.log)
    assert stage.simulator.interactions.unanswered == 0


def registered(stage: Stage) -> list[tuple[int, str]]:
    return stage.rows("SELECT id, status FROM payments ORDER BY id")


def named(answers: list[Payload]) -> list[int]:
    """The payments that the answers name, in their order."""
    return [payment for answer in answers for payment in payments_named(said(answer))]


@pytest.mark.parametrize("resume", [True, False])
async def test_a_submit_while_the_connection_is_gone_is_registered_once(running: Stage, resume: bool):
    """What happens meanwhile comes with the resumed session; without one, the next click works."""
    form = await running.act("extra1", "command", name="pay", channel="dues")
    assert form["modal"]
    before = running.simulator.gateway.resumes, running.simulator.gateway.identifies
    running.simulator.gateway.drop(resume=resume)
    if not resume:
        await running.until(lambda: running.simulator.gateway.is_connected)
    answer = await running.act("extra1", "submit", values={})
    assert payments_named(said(answer)) == [1]
    assert registered(running) == [(1, "submitted")]
    after = running.simulator.gateway.resumes, running.simulator.gateway.identifies
    assert after == (before[0] + resume, before[1] + (not resume))


async def test_dropped_again_and_again_while_members_pay_every_submission_is_registered(running: Stage):
    """Whoever got no answer in Discord's three seconds tries again, as people do; nothing is there twice."""

    async def drop() -> None:
        for _ in range(3):
            await running.until(lambda: running.simulator.gateway.is_connected)
            running.simulator.gateway.drop(resume=True)

    async def pay_until_told(user: str) -> int:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (told := CONFIRMED.findall("\n".join(running.private_words(running.world.user(user))))):
                await running.pay(user)
        return int(told[0])

    payments, _ = await asyncio.gather(asyncio.gather(*map(pay_until_told, running.people)), drop())
    assert sorted(payments) == [1, 2, 3, 4]
    assert [status for _, status in registered(running)] == ["submitted"] * 4
    running.simulator.interactions.unanswered = 0


@pytest.mark.parametrize(
    "fault",
    [{"kind": "rate_limit", "times": 2, "retry_after": 0.2}, {"kind": "http_5xx", "times": 1, "status": 502}],
    ids=["429", "502"],
)
async def test_errors_and_waits_lose_nothing_and_double_nothing(running: Stage, fault: Payload):
    """They meet the first answer, the answer after it, the card, and whatever comes next."""
    routes = ("/callback", "PATCH /webhooks/", "POST /channels/", "/")
    for number, (user, route) in enumerate(zip(running.people, routes, strict=True), 1):
        running.simulator.faults.add({**fault, "route": route})
        assert payments_named(said(await running.pay(user))) == [number], route
        await running.outbox_empty()
        assert running.simulator.faults.waiting == [], route
    assert [status for _, status in registered(running)] == ["submitted"] * 4
    assert len(running.messages("review")) == 4


async def test_fifty_members_press_pay_and_submit_at_once(tmp_path: Path):
    async with on_stage(tmp_path / "club", people=MANY) as stage:
        await stage.start()
        forms = await asyncio.gather(
            *(stage.act(user, "command", name="pay", channel="dues") for user in stage.people)
        )
        assert all(form["modal"] for form in forms)
        answers = await asyncio.gather(*(stage.act(user, "submit", values={}) for user in stage.people))
        assert sorted(named(answers)) == list(range(1, MANY + 1))
        assert all(answer["elapsed_ms"] < ANSWER_SECONDS * 1000 for answer in (*forms, *answers))
        owners = dict(stage.rows("SELECT id, member_id FROM payments WHERE status = 'submitted'"))
        assert [owners[payment] for payment in named(answers)] == [
            stage.members[user].id for user in stage.people
        ]
        await stage.outbox_empty(seconds=60)
        assert len(stage.messages("review")) == MANY
        stage.assert_clean()
