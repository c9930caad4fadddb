"""No room on the disk, or no right to write: one clear sentence, nothing half done, and the bot stays."""

from __future__ import annotations

import base64
import ctypes
import os
import resource
from pathlib import Path

import pytest

from bot.storage import LocalProofStorage
from core.check import run_check
from core.db import Database
from core.errors import DatabaseUnavailable
from core.models import Member
from core.services import Services
from tests.factories import Club
from tests.fakes import FixedClock
from tests.faults.stage import Stage, said
from tests.pictures import encoded, screenshot

PICTURE = encoded(screenshot(), "PNG")
SENTENCE = "The books cannot be written at the moment, so nothing was changed."
UPLOAD = [{
    "filename": "proof.png", "content_type": "image/png",
    "content_base64": base64.b64encode(PICTURE).decode(),
}]  # fmt: skip
LITTLE = 4096
MANY = 12
BOUNDING_SET_DROP, OVERRIDES = 24, (1, 2)

needs_prlimit = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="this system cannot change the limits of another process"
)


def limit_files(stage: Stage, most: int | None) -> None:
    """From now on the running bot cannot make any file longer than that; None lifts it."""
    assert stage.bot is not None
    hard = resource.RLIM_INFINITY
    resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, (hard if most is None else most, hard))


def proof_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "proofs").rglob("*") if path.is_file()]


@needs_prlimit
@pytest.mark.socket
async def test_with_a_full_disk_members_get_one_sentence_and_the_bot_goes_on_when_there_is_room(stage: Stage):
    await stage.start()
    await stage.pay("extra1")
    await stage.outbox_empty()
    limit_files(stage, LITTLE)
    answers = [await stage.pay("extra2"), await stage.review("Verify")]
    assert all(SENTENCE in said(answer) for answer in answers), [said(answer) for answer in answers]
    assert stage.rows("SELECT status FROM payments") == [("submitted",)]
    stage.assert_clean()
    owing = await stage.act("extra2", "command", name="my", channel="dues")
    assert "NT$300" in said(owing)
    limit_files(stage, None)
    assert "P-0002" in said(await stage.pay("extra2"))
    await stage.review("Verify")
    await stage.outbox_empty()
    assert stage.rows("SELECT status FROM payments ORDER BY status") == [("submitted",), ("verified",)]
    assert stage.bot
    assert stage.bot.returncode is None


@needs_prlimit
@pytest.mark.socket
async def test_a_screenshot_that_finds_no_room_registers_nothing(stage: Stage):
    await stage.start()
    limit_files(stage, 1)
    answer = await stage.pay("extra1", files={"screenshot": UPLOAD})
    assert "The screenshot could not be stored, so nothing was registered." in said(answer)
    assert stage.value("SELECT count(*) FROM payments") == 0
    assert proof_files(stage.folder) == []
    limit_files(stage, None)
    assert "With your screenshot." in said(await stage.pay("extra1", files={"screenshot": UPLOAD}))
    assert len(proof_files(stage.folder)) == 2


@needs_prlimit
@pytest.mark.socket
async def test_a_day_that_comes_with_a_full_disk_is_made_up_for_later(stage: Stage):
    await stage.start()
    await stage.outbox_empty()
    limit_files(stage, LITTLE)
    await stage.days(2)
    assert opened(stage) == 1
    limit_files(stage, None)
    await stage.until(lambda: opened(stage) == 2)
    await stage.outbox_empty()
    assert stage.rows("SELECT status FROM notices WHERE kind = 'opened'") == [("sent",), ("sent",)]


def opened(stage: Stage) -> int:
    count: int = stage.value("SELECT count(*) FROM billing_periods WHERE openings = 1")
    return count


@pytest.mark.socket
async def test_books_that_cannot_be_written_are_refused_in_one_sentence(stage: Stage):
    """At the start: a member would only learn it at the click."""
    for path in (stage.database, stage.folder):
        path.chmod(0o400 if path.is_file() else 0o500)
    (stage.folder / "potkeeper.lock").unlink(missing_ok=True)
    try:
        await stage.spawn(preexec_fn=_without_override)
        status = await stage.ended()
    finally:
        stage.folder.chmod(0o700)
        stage.database.chmod(0o600)
    assert status == 2
    (line,) = stage.log
    assert str(stage.folder) in line


def _without_override() -> None:
    """Take from root what lets it write everywhere; for others there is nothing to take."""
    if os.geteuid() == 0:
        for capability in OVERRIDES:
            ctypes.CDLL(None).prctl(BOUNDING_SET_DROP, capability, 0, 0, 0)


# --- at every page: the core itself, on a database that may not grow --------------------------------------


async def test_a_database_that_may_not_grow_leaves_nothing_half_done(
    db_path: Path, clock: FixedClock, tmp_path: Path, club: Club
):
    """One page more after each refusal: whichever statement fails, all is taken back, the picture too."""
    plan = club.plan()
    members = [club.subscriber(plan) for _ in range(MANY)]
    club.open()
    refused = 0
    async with Database(db_path, clock) as db:
        services = Services(db, clock, LocalProofStorage(tmp_path / "proofs"))
        pages = await _pragma(db, "page_count")
        for number, member in enumerate(members, 1):
            while not await _fits(db, services, club, member, pages + refused):
                refused += 1
                assert len(proof_files(tmp_path)) == 2 * (number - 1)
    assert refused >= 5, "the database never got full"
    assert len(proof_files(tmp_path)) == 2 * MANY
    assert club.db.read(run_check).ok


async def _fits(db: Database, services: Services, club: Club, member: Member, pages: int) -> bool:
    """Submit with so many pages; False when it was refused, and then nothing is different."""
    await _pragma(db, f"max_page_count = {pages}")
    before = list(club.db.conn.iterdump())
    bills = [bill.id for bill in club.bills(member)]
    request = f"full-{member.id}"
    try:
        await services.submit(
            club.as_member(member), bills, request_id=request, note="n" * 500, picture=PICTURE
        )
    except DatabaseUnavailable:
        assert list(club.db.conn.iterdump()) == before
        return False
    return True


async def _pragma(db: Database, pragma: str) -> int:
    assert db._writer is not None
    found = await db._writer.run(lambda conn: conn.execute(f"PRAGMA {pragma}").fetchone())
    return int(found[0])
