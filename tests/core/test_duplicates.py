"""The same screenshot twice: what is flagged, what is not, and that a member can always pay."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from core import duplicates, payments, proof_care, proofs, reports
from core.db import Database, LocalDatabase
from core.models import Member, Payment, PaymentId
from core.proof_files import ProofFile
from core.proofs import CleanProof, clean_proof, hot_pixels
from core.services import Services
from core.store.proofs import KeptProof
from tests.core.helpers import assert_clean
from tests.core.test_services import Shelf
from tests.factories import Club
from tests.fakes import FixedClock
from tests.pictures import encoded

PHONE = (1080, 2340)


def receipt(
    *, name: str = "LIN YI-CHUN", amount: str = "NT$ 1,250", on: str = "2026/06/05 09:41", clock: str = "9:41"
) -> Image.Image:
    """A bank app's receipt. Two of them differ in what is said, not in how it looks."""
    width, height = PHONE
    image = Image.new("RGB", PHONE, "#f7f7f8")
    draw = ImageDraw.Draw(image)
    draw.text((60, 30), clock, fill="black", font_size=42)
    draw.rectangle((0, 120, width, 420), fill="#1f6f5c")
    draw.text((80, 220), "Transfer complete", fill="white", font_size=72)
    draw.text((80, 560), amount, fill="black", font_size=110)
    lines = [
        ("From", name),
        ("Account", "012-345-678901"),
        ("To", "CLUB ACCOUNT"),
        ("Date", on),
        ("Fee", "0"),
    ]
    for row, (label, text) in enumerate(lines):
        top = 860 + row * 180
        draw.text((80, top), label, fill="#6b7280", font_size=46)
        draw.text((400, top), text, fill="black", font_size=52)
        draw.line((80, top + 120, width - 80, top + 120), fill="#d1d5db", width=3)
    draw.rounded_rectangle((80, height - 320, width - 80, height - 180), 40, fill="#1f6f5c")
    return image


ORIGINAL = encoded(receipt(), "PNG")


def resized(image: Image.Image, factor: float) -> Image.Image:
    size = (round(image.width * factor), round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS)


COPIES = {
    "re-saved as JPEG 70": encoded(receipt(), "JPEG", quality=70),
    "re-saved as JPEG 90": encoded(receipt(), "JPEG", quality=90),
    "at half the size": encoded(resized(receipt(), 0.5), "JPEG", quality=80),
    "at three quarters": encoded(resized(receipt(), 0.75), "PNG"),
    "with another clock on top": encoded(receipt(clock="18:03"), "JPEG", quality=85),
}
OTHERS = {
    "another member, same amount": encoded(receipt(name="CHEN DA-WEN"), "PNG"),
    "the next month": encoded(receipt(on="2026/07/05 10:12"), "PNG"),
    "one digit of the amount": encoded(receipt(amount="NT$ 1,260"), "PNG"),
    "one minute later": encoded(receipt(on="2026/06/05 09:42"), "PNG"),
}


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
def people(club: Club) -> tuple[Member, Member]:
    plan = club.plan()
    pair = club.subscriber(plan), club.subscriber(plan)
    for period in ("2026-04", "2026-05", "2026-06"):
        club.open(period)
    return pair


async def pay(services: Services, club: Club, member: Member, picture: bytes) -> Payment:
    """Submit the member's oldest bill that can be paid, with this picture."""
    bill = next(b for b in reversed(club.bills(member)) if b.status in ("pending", "rejected"))
    request = f"test:{bill.id}:{time.monotonic_ns()}"
    done = await services.submit(club.as_member(member), [bill.id], request_id=request, picture=picture)
    return done.payment


def flag(club: Club, payment: Payment) -> tuple[PaymentId | None, str | None]:
    view = club.db.read(reports.payment_view, club.id, payment.id)
    return view.same_proof_as, view.same_proof_kind


# --- the comparison itself -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original() -> CleanProof:
    return clean_proof(ORIGINAL)


@pytest.mark.parametrize("what", COPIES)
def test_a_copy_differs_in_few_pixels_and_is_near_by_hash(original: CleanProof, what: str) -> None:
    copy = clean_proof(COPIES[what])
    assert (int(copy.dhash, 16) ^ int(original.dhash, 16)).bit_count() <= duplicates.HASH_BITS
    (hot,) = hot_pixels(original.picture, [copy.picture])
    assert hot is not None
    assert hot <= duplicates.HOT_PIXELS


@pytest.mark.parametrize("what", OTHERS)
def test_another_receipt_is_near_by_hash_but_differs_in_many_pixels(original: CleanProof, what: str) -> None:
    other = clean_proof(OTHERS[what])
    assert (int(other.dhash, 16) ^ int(original.dhash, 16)).bit_count() <= duplicates.HASH_BITS
    (hot,) = hot_pixels(original.picture, [other.picture])
    assert hot is not None
    assert hot > duplicates.HOT_PIXELS


def test_pictures_of_another_shape_are_not_compared(original: CleanProof) -> None:
    cropped = clean_proof(encoded(receipt().crop((0, 0, 1080, 2000)), "PNG"))
    assert hot_pixels(original.picture, [cropped.picture, original.picture]) == [None, 0]


# --- from submitting to the card -----------------------------------------------------------------------


async def test_the_very_same_file_is_flagged_and_taken(
    services: Services, club: Club, people: tuple[Member, Member]
) -> None:
    first = await pay(services, club, people[0], ORIGINAL)
    again = await pay(services, club, people[1], ORIGINAL)
    assert flag(club, first) == (None, None)
    assert (again.status, flag(club, again)) == ("submitted", (first.id, "file"))
    assert_clean(club.db)


async def test_the_same_picture_in_another_file_is_flagged(
    services: Services, club: Club, people: tuple[Member, Member]
) -> None:
    first = await pay(services, club, people[0], ORIGINAL)
    again = await pay(services, club, people[0], encoded(receipt(), "PNG", compress_level=1, optimize=False))
    assert flag(club, again) == (first.id, "pixels")


@pytest.mark.parametrize("what", ["re-saved as JPEG 70", "at half the size"])
async def test_a_re_saved_picture_is_flagged(
    services: Services, club: Club, people: tuple[Member, Member], what: str
) -> None:
    first = await pay(services, club, people[0], ORIGINAL)
    again = await pay(services, club, people[1], COPIES[what])
    assert flag(club, again) == (first.id, "look")


async def test_other_receipts_of_the_same_bank_are_not_flagged(
    services: Services, club: Club, people: tuple[Member, Member]
) -> None:
    await pay(services, club, people[0], ORIGINAL)
    pictures = list(OTHERS.values())
    others = [await pay(services, club, people[1], pictures[0])]
    others += [await pay(services, club, people[0], picture) for picture in pictures[1:3]]
    assert [flag(club, payment) for payment in others] == [(None, None)] * 3


async def test_a_rejected_one_may_be_sent_again(
    services: Services, club: Club, people: tuple[Member, Member]
) -> None:
    first = await pay(services, club, people[0], ORIGINAL)
    club.db.write(payments.reject, club.reviewer, first.id, "which month?")
    again = await pay(services, club, people[0], ORIGINAL)
    assert (again.status, flag(club, again)) == ("submitted", (first.id, "file"))


async def test_the_card_knows_where_the_earlier_card_is(
    services: Services, club: Club, people: tuple[Member, Member]
) -> None:
    first = await pay(services, club, people[0], ORIGINAL)
    again = await pay(services, club, people[1], ORIGINAL)
    assert club.db.read(reports.payment_view, club.id, again.id).same_proof_card is None
    club.db.conn.execute(
        """
        INSERT INTO messages (workspace_id, kind, subject_type, subject_id, channel_id, message_id, posted_at)
        VALUES (?, 'payment_card', 'payment', ?, 11, 22, 'x')
        """,
        (club.id, first.id),
    )
    assert club.db.read(reports.payment_view, club.id, again.id).same_proof_card == (11, 22)


async def test_another_clubs_pictures_are_never_looked_at(
    services: Services, club: Club, people: tuple[Member, Member], db: LocalDatabase
) -> None:
    other = Club.create(db, number=1)
    abroad = other.subscriber(other.plan())
    other.open()
    await pay(services, club, people[0], ORIGINAL)
    for picture in (ORIGINAL, COPIES["re-saved as JPEG 70"]):
        other.record(abroad, 1)
        found = await duplicates.looks_like(services, other.treasurer, clean_proof(picture))
        assert found is None
    payment = await pay(services, other, abroad, ORIGINAL)
    assert flag(other, payment) == (None, None)


async def test_a_deleted_picture_is_known_by_its_bytes_but_not_by_its_look(
    services: Services, club: Club, people: tuple[Member, Member], shelf: Shelf
) -> None:
    first = await pay(services, club, people[0], ORIGINAL)
    await proof_care.delete_one(services, club.reviewer, first.id)
    copy = await pay(services, club, people[1], COPIES["re-saved as JPEG 70"])
    assert flag(club, copy) == (None, None)
    again = await pay(services, club, people[1], ORIGINAL)
    assert flag(club, again) == (first.id, "file")


async def test_nothing_that_goes_wrong_while_comparing_keeps_a_member_from_paying(
    services: Services,
    club: Club,
    people: tuple[Member, Member],
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = await pay(services, club, people[0], ORIGINAL)

    def broken(picture: bytes, earlier: object) -> list[int | None]:
        raise RuntimeError("the worker is gone")

    monkeypatch.setattr(duplicates, "hot_pixels", broken)
    payment = await pay(services, club, people[1], COPIES["re-saved as JPEG 70"])
    assert (payment.status, flag(club, payment)) == ("submitted", (None, None))
    monkeypatch.undo()
    shelf.kept = dict.fromkeys(shelf.kept, b"rotten")  # and what is stored cannot be decoded any more
    payment = await pay(services, club, people[1], COPIES["at half the size"])
    assert (payment.status, flag(club, payment)) == ("submitted", (None, None))
    shelf.kept.clear()
    payment = await pay(services, club, people[0], COPIES["at half the size"])
    assert payment.status == "submitted"
    assert first.id


async def test_two_at_once_with_one_picture_are_seen_by_the_bytes(
    services: Services, club: Club, people: tuple[Member, Member]
) -> None:
    """Neither is written while the other looks for earlier ones: what decides is looked at in the write."""
    one, two = await asyncio.gather(*(pay(services, club, member, ORIGINAL) for member in people))
    first, second = sorted((one, two), key=lambda payment: payment.id)
    assert (flag(club, first), flag(club, second)) == ((None, None), (first.id, "file"))


# --- whom to compare with ------------------------------------------------------------------------------


def kept(number: int, dhash: int, *, size: tuple[int, int] = PHONE) -> KeptProof:
    return KeptProof(PaymentId(number), f"{dhash:0512x}", *size, f"key{number}")


def clean(dhash: int) -> CleanProof:
    return CleanProof(b"", b"", "image/webp", *PHONE, "", "", f"{dhash:0512x}")


def test_near_ones_of_the_same_shape_are_compared_the_nearest_first() -> None:
    earlier = [
        kept(1, 0b111),
        kept(2, 0b1),
        kept(3, (1 << duplicates.HASH_BITS + 1) - 1),  # one bit too far
        kept(4, 0, size=(1080, 1920)),
        kept(5, 0, size=(540, 1170)),
    ]
    found = duplicates.nearest(earlier, clean(0))
    assert [one.payment_id for one in found] == [5, 2, 1]


def test_among_many_receipts_of_one_bank_a_copy_is_nearest_to_its_original() -> None:
    """In a club of hundreds most have the same few banks: more of their receipts than are ever compared."""
    said = itertools.product(("LIN", "CHEN", "WANG", "HUANG"), ("2026/05/06 10:02", "2026/06/15 21:40"))
    others = [clean_proof(encoded(receipt(name=f"{who} MEI-LING", on=on), "PNG")) for who, on in said]
    copy = clean_proof(COPIES["at half the size"])
    earlier = [KeptProof(PaymentId(1), clean_proof(ORIGINAL).dhash, *PHONE, "key1")]
    for number, other in enumerate(others * 50, start=2):  # newer ones, of which each is near
        assert duplicates.nearest([KeptProof(PaymentId(number), other.dhash, *PHONE, "")], copy)
        earlier.insert(0, KeptProof(PaymentId(number), other.dhash, *PHONE, f"key{number}"))
    assert duplicates.nearest(earlier, copy)[0].payment_id == 1


def test_only_so_many_are_compared_and_only_recent_ones(club: Club, clock: FixedClock) -> None:
    many = [kept(number, 0) for number in range(40)]
    assert len(duplicates.nearest(many, clean(0))) == duplicates.MOST_COMPARED
    member = club.subscriber(club.plan())
    club.open()
    proof = ProofFile("w1/a.webp", "w1/a-small.webp", "s", "p", f"{0:0512x}", 1, *PHONE)
    club.submit(member, proof=proof)
    assert len(club.db.read(duplicates.candidates, club.reviewer, clean(0))) == 1
    clock.advance(days=duplicates.LOOK_BACK.days + 1)
    assert club.db.read(duplicates.candidates, club.reviewer, clean(0)) == []


def test_the_worker_that_compares_is_a_child_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "_START_WORKER", "raise SystemExit(3)")
    with pytest.raises(RuntimeError, match="status 3"):
        hot_pixels(b"", [b""])
