"""Idempotency keys: a retry gets the first answer, and what was done is done once."""

from __future__ import annotations

import asyncio

import pytest

from bot.web.api.operations import PREFIX
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.api_site import Program, Seeded, program, seed
from tests.web.site import SAME_ORIGIN, Pages


@pytest.fixture
def seeded(club: Club) -> Seeded:
    return seed(club)


@pytest.fixture
async def treasurer(pages: Pages, seeded: Seeded) -> Program:
    return await program(pages, seeded.secrets["treasurer"])


def record(seeded: Seeded, minor: int = 100) -> dict[str, object]:
    return {"member_id": seeded.ids["loose"], "amount": {"minor": minor}}


RECORD = f"{PREFIX}/payments/record"
KEY = {"Idempotency-Key": "one"}


async def test_a_retry_gets_the_first_answer_and_does_nothing(treasurer: Program, seeded: Seeded) -> None:
    first = await treasurer.call("POST", RECORD, record(seeded), headers=KEY)
    before = seeded.club.audits()
    again = await treasurer.call("POST", RECORD, record(seeded), headers=KEY)
    assert (first.status, again.status) == (201, 201)
    assert await first.text() == await again.text()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert seeded.club.audits() == before


async def test_without_a_key_every_request_is_its_own(treasurer: Program, seeded: Seeded) -> None:
    made = [await treasurer.post("/payments/record", record(seeded), status=201) for _ in range(2)]
    assert made[0]["payment"]["id"] != made[1]["payment"]["id"]


async def test_the_same_key_with_another_request_is_refused(treasurer: Program, seeded: Seeded) -> None:
    await treasurer.call("POST", RECORD, record(seeded), headers=KEY)
    before = seeded.club.audits()
    for path, body in (
        (RECORD, record(seeded, 101)),
        (f"{PREFIX}/notices/retry", None),
        (f"{PREFIX}/payments", {"member_id": 1, "bill_ids": [1]}),
    ):
        refused = await treasurer.call("POST", path, body, headers=KEY)
        assert refused.status == 409, path
        assert (await refused.json())["error"] == "idempotency_key_reused"
    assert seeded.club.audits() == before


async def test_keys_of_others_are_their_own(pages: Pages, treasurer: Program, seeded: Seeded) -> None:
    reviewer = await program(pages, seeded.secrets["review"])
    first = await treasurer.post("/payments/record", record(seeded), status=201, headers=KEY)
    other = await reviewer.post("/payments/record", record(seeded), status=201, headers=KEY)
    assert first["payment"]["id"] != other["payment"]["id"]


async def test_a_refused_request_is_tried_anew(treasurer: Program, seeded: Seeded) -> None:
    path = f"{PREFIX}/bills/{seeded.ids['bill_id']}/waive"
    too_much = {"amount": {"minor": 9999}, "reason": "x"}
    assert (await treasurer.call("POST", path, too_much, headers=KEY)).status == 422
    assert (await treasurer.call("POST", path, {"reason": "x"}, headers=KEY)).status == 200


async def test_a_preview_keeps_no_answer(treasurer: Program, seeded: Seeded) -> None:
    path = "/periods/2026-07/open"
    shown = await treasurer.post(f"{path}?dry_run=true", {}, headers=KEY)
    done = await treasurer.post(f"{path}?digest={shown['digest']}", {}, headers=KEY)
    assert done["dry_run"] is False


async def test_many_at_once_with_one_key_are_done_once(treasurer: Program, seeded: Seeded) -> None:
    answers = await asyncio.gather(
        *(treasurer.call("POST", RECORD, record(seeded), headers=KEY) for _ in range(20))
    )
    assert {answer.status for answer in answers} == {201}
    assert len({await answer.text() for answer in answers}) == 1
    assert seeded.club.audits("payment.record") == ["payment.record"] * 2  # one of them is the seed's


async def test_what_needs_more_than_the_database_is_done_once_too(treasurer: Program, seeded: Seeded) -> None:
    body = {"member_id": seeded.ids["member_id"], "bill_ids": [seeded.ids["bill_id"]]}
    path = f"{PREFIX}/payments"
    answers = await asyncio.gather(*(treasurer.call("POST", path, body, headers=KEY) for _ in range(5)))
    assert {answer.status for answer in answers} == {201}
    assert len({(await answer.json())["payment"]["id"] for answer in answers}) == 1


async def test_an_answer_is_kept_for_a_day(treasurer: Program, clock: FixedClock) -> None:
    body = {"name": "Dora"}
    first = await treasurer.post("/members", body, status=201, headers=KEY)
    clock.advance(hours=23)
    assert await treasurer.post("/members", body, status=201, headers=KEY) == first
    clock.advance(hours=2)
    await treasurer.post("/notices/retry", headers={"Idempotency-Key": "two"})
    assert (await treasurer.post("/members", body, status=201, headers=KEY))["id"] != first["id"]


async def test_money_is_not_booked_twice_even_when_the_answer_was_forgotten(
    treasurer: Program, seeded: Seeded, clock: FixedClock
) -> None:
    first = await treasurer.post("/payments/record", record(seeded), status=201, headers=KEY)
    clock.advance(hours=25)
    await treasurer.post("/notices/retry", headers={"Idempotency-Key": "two"})
    again = await treasurer.post("/payments/record", record(seeded), status=201, headers=KEY)
    assert again["repeated"] is True
    assert again["payment"]["id"] == first["payment"]["id"]


async def test_a_secret_that_is_shown_once_is_not_kept(pages: Pages, seeded: Seeded) -> None:
    """Neither in the database nor in the answer to a retry; and the retry makes no second token."""
    browser = await pages.browser("treasurer")
    caller = Program(browser)
    headers = {**SAME_ORIGIN, **KEY}
    body = {"name": "New", "scope": "read"}
    first = await caller.post("/tokens", body, status=201, headers=headers)
    again = await caller.post("/tokens", body, status=201, headers=headers)
    assert first["secret"].startswith("pk_")
    assert again["secret"] is None
    assert again["token"] == first["token"]
    assert first["secret"] not in "\n".join(seeded.club.db.conn.iterdump())


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel", "two words"])
async def test_a_key_has_to_be_a_short_plain_text(treasurer: Program, seeded: Seeded, key: str) -> None:
    response = await treasurer.call("POST", RECORD, record(seeded), headers={"Idempotency-Key": key})
    assert response.status == 422
    assert (await response.json())["field"] == "Idempotency-Key"
