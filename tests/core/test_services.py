"""Submitting with a screenshot: stored first, and taken away again when nothing comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from core import errors, payments
from core.db import Database, LocalDatabase
from core.models import Actor, BillId, Member
from core.proofs import is_proof_key
from core.services import Services
from tests.core.helpers import assert_clean, count
from tests.factories import Club
from tests.fakes import FixedClock
from tests.pictures import encoded, screenshot


class Shelf:
    """A store of proofs in memory that can be told to fail."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.fail_after: int | None = None
        self.fail_deletes = False

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        if self.fail_after is not None and len(self.kept) >= self.fail_after:
            raise errors.ProofNotStored()
        self.kept[key] = data

    async def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise errors.ProofMissing()
        return self.kept[key]

    async def delete(self, key: str) -> None:
        if self.fail_deletes:
            raise errors.StorageUnavailable()
        self.kept.pop(key, None)

    async def list_keys(self, older_than: datetime) -> list[str]:
        return list(self.kept)

    async def check(self) -> None: ...


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def services(
    db: LocalDatabase, db_path: Path, clock: FixedClock, shelf: Shelf
) -> AsyncIterator[Services]:
    async with Database(db_path, clock) as opened:
        yield Services(opened, clock, shelf)


@pytest.fixture
def payer(club: Club) -> Member:
    member = club.subscriber(club.plan(price=300))
    club.open()
    return member


@pytest.fixture(scope="module")
def picture() -> bytes:
    return encoded(screenshot(), "PNG")


def who(club: Club, member: Member) -> tuple[Actor, list[BillId]]:
    return club.as_member(member), [bill.id for bill in club.bills(member)]


async def test_the_picture_and_its_thumbnail_are_kept_with_the_submission(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes
) -> None:
    done = await services.submit(*who(club, payer), request_id="a", picture=picture)
    assert done.payment.status == "submitted"
    assert len(shelf.kept) == 2
    assert all(is_proof_key(key) and key.startswith(f"w{club.id}/2026-06/") for key in shelf.kept)
    row = club.db.conn.execute(
        "SELECT payment_id, storage_key, thumbnail_key, size_bytes FROM proofs"
    ).fetchone()
    assert (row[0], set(row[1:3]), row[3]) == (done.payment.id, set(shelf.kept), len(shelf.kept[row[1]]))
    assert await services.proof(club.reviewer, done.payment.id) == shelf.kept[row[1]]
    assert await services.proof(club.reviewer, done.payment.id, thumbnail=True) == shelf.kept[row[2]]
    assert_clean(club.db)


async def test_the_month_in_the_key_is_the_clubs_month(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes, clock: FixedClock
) -> None:
    clock.advance(days=25, hours=16)  # June 30th 17:00 UTC is July in Taipei
    await services.submit(*who(club, payer), request_id="a", picture=picture)
    assert all("/2026-07/" in key for key in shelf.kept)


async def test_without_a_picture_nothing_is_stored(
    club: Club, payer: Member, services: Services, shelf: Shelf
) -> None:
    await services.submit(*who(club, payer), request_id="a")
    assert shelf.kept == {}


async def test_what_is_not_a_picture_submits_nothing(
    club: Club, payer: Member, services: Services, shelf: Shelf
) -> None:
    with pytest.raises(errors.ProofNotAPicture):
        await services.submit(*who(club, payer), request_id="a", picture=b"%PDF-1.7 not a picture")
    assert (shelf.kept, count(club.db, "payments")) == ({}, 0)


async def test_a_refused_submission_takes_its_picture_away_again(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes
) -> None:
    club.submit(payer)
    with pytest.raises(errors.BillClaimed):
        await services.submit(*who(club, payer), request_id="a", picture=picture)
    assert (shelf.kept, count(club.db, "proofs")) == ({}, 0)


@pytest.mark.parametrize("fail_after", [0, 1])
async def test_a_store_that_fails_half_way_submits_nothing_and_keeps_nothing(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes, fail_after: int
) -> None:
    shelf.fail_after = fail_after
    with pytest.raises(errors.ProofNotStored):
        await services.submit(*who(club, payer), request_id="a", picture=picture)
    assert (shelf.kept, count(club.db, "payments")) == ({}, 0)
    shelf.fail_after = None
    await services.submit(*who(club, payer), request_id="a", picture=picture)


async def test_a_picture_that_cannot_be_taken_away_hides_not_what_went_wrong(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes
) -> None:
    club.submit(payer)
    shelf.fail_deletes = True
    with pytest.raises(errors.BillClaimed):  # the sweep finds the rest
        await services.submit(*who(club, payer), request_id="a", picture=picture)


async def test_a_retry_stores_no_second_picture(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes
) -> None:
    first = await services.submit(*who(club, payer), request_id="a", picture=picture)
    kept = dict(shelf.kept)
    again = await services.submit(*who(club, payer), request_id="a", picture=picture)
    assert (again.repeated, again.payment.id, shelf.kept) == (True, first.payment.id, kept)


async def test_the_same_click_twice_at_once_keeps_one_picture(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes
) -> None:
    chosen = who(club, payer)
    both = await asyncio.gather(
        *[services.submit(*chosen, request_id="a", picture=picture) for _ in range(2)]
    )
    assert sorted(done.repeated for done in both) == [False, True]
    named = club.db.conn.execute("SELECT storage_key, thumbnail_key FROM proofs").fetchall()
    assert [set(row) for row in named] == [set(shelf.kept)]


async def test_many_submissions_for_one_bill_at_once_keep_only_the_winners_picture(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes
) -> None:
    chosen = who(club, payer)
    done = await asyncio.gather(
        *[services.submit(*chosen, request_id=f"click-{n}", picture=picture) for n in range(3)],
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in done) == [
        "BillClaimed",
        "BillClaimed",
        "PaymentChanged",
    ]
    assert len(shelf.kept) == 2
    assert_clean(club.db)


async def test_somebody_elses_proof_is_not_shown(
    club: Club, payer: Member, services: Services, picture: bytes
) -> None:
    done = await services.submit(*who(club, payer), request_id="a", picture=picture)
    neighbour = club.as_member(club.linked())
    with pytest.raises(errors.NotYours):
        await services.proof(neighbour, done.payment.id)


async def test_a_proof_that_the_store_lost_is_said_so(
    club: Club, payer: Member, services: Services, shelf: Shelf, picture: bytes
) -> None:
    done = await services.submit(*who(club, payer), request_id="a", picture=picture)
    shelf.kept.clear()
    with pytest.raises(errors.ProofMissing):
        await services.proof(club.as_member(payer), done.payment.id)


async def test_writes_through_the_event_loop_are_units_like_all_others(
    club: Club, payer: Member, services: Services
) -> None:
    payment = club.submit(payer)
    results = await asyncio.gather(
        *[services.db.write(payments.verify, club.reviewer, payment.id) for _ in range(5)],
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["PaymentChanged"] + ["PaymentMoved"] * 4
    assert_clean(club.db)
