"""How long screenshots are kept, and deleting one: the payment stays, and nothing is shown half gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.jobs import JobRunner
from core import errors, payments, proof_care, proof_files, reports
from core.db import Database, LocalDatabase
from core.models import Member, Payment
from core.preview import digest_of
from core.services import Services
from core.store import payments as payment_rows
from tests.core.helpers import assert_clean, everything, problems, refused
from tests.core.test_services import Shelf
from tests.factories import Club
from tests.fakes import FixedClock


class Stuck(Shelf):
    """A store that has trouble with one object."""

    def __init__(self, shelf: Shelf, stuck: str) -> None:
        super().__init__()
        self.kept = shelf.kept
        self.stuck = stuck

    async def delete(self, key: str) -> None:
        if key == self.stuck:
            raise errors.StorageUnavailable()
        await super().delete(key)


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
    club.subscribe(member, club.plan("Extra", 100))
    club.open()
    return member


def key(club: Club, name: str) -> str:
    return f"w{club.id}/2026-06/{name * 32}.webp"


def sent(club: Club, member: Member, name: str, shelf: Shelf | None = None, *, size: int = 1000) -> Payment:
    """A submission of the member's first payable bill with a picture of `size` bytes."""
    file = proof_files.ProofFile(
        key(club, name), key(club, name).replace(".webp", "-small.webp"), name, name, "0" * 64, size, 10, 20
    )
    if shelf is not None:
        shelf.kept |= {file.storage_key: b"picture", file.thumbnail_key: b"small"}
    bill = next(bill for bill in reversed(club.bills(member)) if bill.status == "pending")
    return club.submit(member, [bill], proof=file)


def purged(club: Club, payment: Payment) -> str | None:
    row = club.db.read(lambda tx: payment_rows.proof_of(tx.conn, payment.id))
    assert row is not None
    return row.purged_by


# --- when ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "months", "day"),
    [
        ("2026-05-31", 1, "2026-04-30"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2026-03-31", 13, "2025-02-28"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-06-05", 600, "1976-06-05"),
    ],
)
def test_months_back_end_at_the_last_day_of_a_shorter_month(today: str, months: int, day: str) -> None:
    assert proof_care.cutoff(date.fromisoformat(today), months) == date.fromisoformat(day)


def test_what_was_decided_on_the_day_itself_is_kept_one_more_day(
    club: Club, payer: Member, clock: FixedClock
) -> None:
    """Decided at 9 in Taipei on 5 June; two months later the 5th still keeps it, the 6th does not."""
    club.set(proof_retention_months=2)
    payment = sent(club, payer, "a")
    club.verify(payment)
    due = []
    for moment in (datetime(2026, 8, 5, 15, 59, tzinfo=UTC), datetime(2026, 8, 5, 16, 0, tzinfo=UTC)):
        clock.set(moment)  # one minute before and at midnight of the 6th in Taipei
        due.append([proof.payment_id for proof in club.db.read(proof_care.due_for_purge, club.system)])
    assert due == [[], [payment.id]]


def test_what_waits_for_review_keeps_its_picture(club: Club, payer: Member, clock: FixedClock) -> None:
    club.set(proof_retention_months=1)
    payment = sent(club, payer, "a")
    clock.advance(days=400)
    assert club.db.read(proof_care.due_for_purge, club.system) == []
    club.db.write(payments.reject, club.reviewer, payment.id, "no money")
    assert club.db.read(proof_care.due_for_purge, club.system) == []
    clock.advance(days=40)
    assert len(club.db.read(proof_care.due_for_purge, club.system)) == 1


def test_zero_months_keep_everything_for_ever(club: Club, payer: Member, clock: FixedClock) -> None:
    club.verify(sent(club, payer, "a"))
    assert club.workspace.proof_retention_months == 24
    clock.advance(days=36_500)
    assert len(club.db.read(proof_care.due_for_purge, club.system)) == 1
    club.set(proof_retention_months=0)
    assert club.db.read(proof_care.due_for_purge, club.system) == []
    assert club.db.read(proof_care.preview_retention, club.treasurer, 0).proofs == 0


def test_check_finds_a_picture_in_another_club_than_its_payment(club: Club, payer: Member) -> None:
    sent(club, payer, "a")
    other = Club.create(club.db, number=1)
    club.db.conn.execute("UPDATE proofs SET workspace_id = ?", (other.id,))
    assert [problem.rule for problem in problems(club.db)] == ["proof_of_its_payment"]


# --- the preview ---------------------------------------------------------------------------------------


def test_the_preview_counts_what_would_go_and_what_stays(
    club: Club, payer: Member, clock: FixedClock
) -> None:
    club.verify(sent(club, payer, "a", size=1000))
    clock.advance(days=100)
    club.verify(sent(club, payer, "b", size=70))
    before = everything(club.db)
    shown = club.db.read(proof_care.preview_retention, club.treasurer, 3)
    assert (shown.proofs, shown.size_bytes, shown.kept_proofs, shown.kept_bytes) == (1, 1000, 1, 70)
    assert shown.before == date(2026, 6, 13)
    assert everything(club.db) == before
    later = club.db.read(proof_care.preview_retention, club.treasurer, 4)
    assert (later.proofs, digest_of(later) == digest_of(shown)) == (0, False)


@pytest.mark.parametrize("months", [-1, 601, True, 1.5])
def test_months_outside_the_range_are_refused(club: Club, months: int) -> None:
    with refused(club.db, errors.NumberOutOfRange, field="proof_retention_months"):
        club.db.read(proof_care.preview_retention, club.treasurer, months)
    with refused(club.db, errors.NumberOutOfRange, field="proof_retention_months"):
        club.set(proof_retention_months=months)


def test_only_treasurers_ask_what_would_go(club: Club) -> None:
    with refused(club.db, errors.RoleNeeded, role="treasurer"):
        club.db.read(proof_care.preview_retention, club.reviewer, 1)


# --- deleting ------------------------------------------------------------------------------------------


def test_marking_twice_or_another_clubs_marks_nothing(club: Club, payer: Member) -> None:
    payment = sent(club, payer, "a")
    proof = club.db.read(lambda tx: payment_rows.proof_of(tx.conn, payment.id))
    assert proof is not None
    other = Club.create(club.db, number=1)
    assert other.db.write(proof_care.mark_purged, other.treasurer, [proof.id]) == []
    assert purged(club, payment) is None
    assert len(club.db.write(proof_care.mark_purged, club.treasurer, [proof.id, 999])) == 1
    before = everything(club.db)
    assert club.db.write(proof_care.mark_purged, club.treasurer, [proof.id]) == []
    assert everything(club.db) == before
    assert club.audits("proof") == ["proof.purge"]


async def test_a_purged_picture_leaves_the_payment_as_it_is(
    services: Services, club: Club, payer: Member, shelf: Shelf, clock: FixedClock
) -> None:
    club.set(proof_retention_months=1)
    old = club.verify(sent(club, payer, "a", shelf))
    clock.advance(days=60)
    new = club.verify(sent(club, payer, "b", shelf))
    swept = await proof_care.purge_old(services, club.workspace)
    assert swept == proof_care.Swept(purged=1, left_over=0)
    assert [name for name in shelf.kept if "aaa" in name] == []
    assert len(shelf.kept) == 2
    assert (purged(club, old), purged(club, new)) == ("system", None)
    assert club.payment(old) == old
    view = club.db.read(reports.payment_view, club.id, old.id)
    assert view.proof is not None
    assert view.proof.purged_at is not None
    with refused(club.db, errors.ProofUnknown):
        club.db.read(reports.proof_to_show, club.reviewer, old.id)
    assert club.db.read(reports.proof_to_show, club.reviewer, new.id).payment_id == new.id
    assert await proof_care.purge_old(services, club.workspace) == proof_care.Swept(0, 0)
    assert club.audits("proof") == ["proof.purge"]
    assert_clean(club.db)


async def test_one_object_that_cannot_be_removed_does_not_stop_the_rest_and_is_swept_later(
    services: Services, club: Club, payer: Member, shelf: Shelf, clock: FixedClock
) -> None:
    club.set(proof_retention_months=1)
    payments_made = [club.verify(sent(club, payer, name, shelf)) for name in "ab"]
    stuck = key(club, "a")
    services.storage = Stuck(shelf, stuck)
    clock.advance(days=60)
    swept = await proof_care.purge_old(services, club.workspace)
    assert swept == proof_care.Swept(purged=2, left_over=1)
    assert list(shelf.kept) == [stuck]
    assert [purged(club, payment) for payment in payments_made] == ["system", "system"]
    services.storage = shelf
    assert await JobRunner(services).sweep()
    assert shelf.kept == {}  # the nightly look for objects that no row needs


async def test_the_nightly_job_does_it_for_every_club_and_batch_by_batch(
    services: Services,
    club: Club,
    payer: Member,
    shelf: Shelf,
    clock: FixedClock,
    db: LocalDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proof_care, "BATCH", 1)
    other = Club.create(db, number=1, proof_retention_months=0)
    theirs = other.subscriber(other.plan())
    other.open()
    club.set(proof_retention_months=1)
    for name in "ab":
        club.verify(sent(club, payer, name, shelf))
    kept = other.verify(sent(other, theirs, "c", shelf))
    clock.advance(days=60)
    await JobRunner(services).sweep()
    assert [name for name in shelf.kept if name.startswith(f"w{club.id}/")] == []
    assert (len(shelf.kept), purged(other, kept)) == (2, None)
    rows = db.conn.execute(
        "SELECT workspace_id, status, detail FROM job_runs WHERE job = 'purge_proofs' ORDER BY workspace_id"
    ).fetchall()
    assert rows == [
        (club.id, "done", '{"purged": 2, "left_over": 0}'),
        (other.id, "done", '{"purged": 0, "left_over": 0}'),
    ]


# --- deleting one --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["reviewer", "treasurer"])
async def test_one_picture_is_deleted_and_its_payment_goes_on(
    services: Services, club: Club, payer: Member, shelf: Shelf, who: str
) -> None:
    payment = sent(club, payer, "a", shelf)
    actor = getattr(club, who)
    done = await proof_care.delete_one(services, actor, payment.id)
    assert (len(done.proofs), shelf.kept, purged(club, payment)) == (1, {}, actor.text)
    assert club.payment(payment) == payment
    assert club.verify(payment).status == "verified"
    assert club.audits("proof") == ["proof.delete"]
    with refused(club.db, errors.ProofUnknown):
        club.db.write(proof_care.delete_proof, actor, payment.id)
    assert_clean(club.db)


def test_a_deleted_picture_brings_its_card_up_to_date(club: Club, payer: Member) -> None:
    payment = sent(club, payer, "a")
    club.db.conn.execute("UPDATE notices SET status = 'sent'")
    shown = club.db.preview(proof_care.delete_proof, club.reviewer, payment.id)
    assert shown.effects == (("delete", payment.id, shown.proofs[0].id),)
    club.db.confirm(digest_of(shown), proof_care.delete_proof, club.reviewer, payment.id)
    waiting = club.db.conn.execute("SELECT kind FROM notices WHERE status = 'waiting'").fetchall()
    assert waiting == [("payment_card",)]


def test_members_auditors_and_other_clubs_delete_none(club: Club, payer: Member) -> None:
    payment = sent(club, payer, "a")
    other = Club.create(club.db, number=1)
    for actor in (club.auditor, club.as_member(payer)):
        with refused(club.db, errors.RoleNeeded, role="reviewer"):
            club.db.write(proof_care.delete_proof, actor, payment.id)
    with refused(club.db, errors.PaymentUnknown):
        other.db.write(proof_care.delete_proof, other.treasurer, payment.id)
    bare = club.submit(payer)
    with refused(club.db, errors.ProofUnknown):
        club.db.write(proof_care.delete_proof, club.reviewer, bare.id)
