"""The upload page: what a link stands for, what is sent, and that only what goes through spends the link."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import FormData

from core import billing, payments, upload_links
from core.db import LocalDatabase
from core.models import Actor, Member
from core.period import Period
from core.proofs import MAX_PROOF_BYTES
from tests.core.helpers import assert_clean
from tests.factories import Club
from tests.fakes import FixedClock
from tests.pictures import decoded, encoded, photo_with_gps, screenshot
from tests.web.conftest import MakePages
from tests.web.site import SAME_ORIGIN, Browser, Pages


@pytest.fixture
def ann(club: Club) -> Member:
    """A member who owes 300 and 200 for June."""
    member = club.subscriber(club.plan("Streaming", 300), "Ann <b>")
    club.subscribe(member, club.plan("Music", 200))
    club.open()
    return member


def link(club: Club, member: Member, actor: Actor | None = None) -> str:
    return f"/u/{club.db.write(upload_links.mint, actor or club.reviewer, member.id)}"


def form(*bills: int, picture: bytes | None = None, name: str = "shot.png", **fields: Any) -> FormData:
    data = FormData(default_to_multipart=True)
    for bill in bills:
        data.add_field("bill", str(bill))
    for field, value in fields.items():
        data.add_field(field, str(value))
    data.add_field(
        "picture", io.BytesIO(picture or b""), filename=name if picture else "", content_type="image/png"
    )
    return data


def all_bills(club: Club, member: Member) -> list[int]:
    return [bill.id for bill in club.bills(member)]


async def send(browser: Browser, address: str, data: FormData) -> str:
    return await (await browser.follow(await browser.post(address, data))).text()


async def test_the_page_shows_bills_total_and_how_to_pay(pages: Pages, club: Club, ann: Member) -> None:
    club.method("Bank", instructions="Account <123>\nput your name")
    response = await (await pages.browser()).get(link(club, ann))
    page = await response.text()
    for said in ("Hello Ann &lt;b&gt;", "Streaming", "Music", "NT$500", "Account &lt;123&gt;", "June 2026"):
        assert said in page
    assert response.headers["Referrer-Policy"] == "strict-origin"


async def test_what_is_sent_is_a_submission_with_method_note_and_picture(
    pages: Pages, club: Club, ann: Member
) -> None:
    method, browser = club.method("Bank"), await pages.browser()
    address = link(club, ann)
    data = form(
        *all_bills(club, ann), picture=encoded(screenshot(), "PNG"), method=method.id, note=" five digits "
    )
    response = await browser.post(address, data)
    assert response.headers["Location"] == "/u/sent"
    page = await (await browser.follow(response)).text()
    assert "NT$500 is registered as" in page
    row = club.db.conn.execute(
        "SELECT source, declared_minor, declared_method_id, note, submitted_by FROM payments"
    )
    assert row.fetchall() == [("web", 500, method.id, "five digits", f"discord:{ann.discord_id}")]
    assert club.db.conn.execute("SELECT count(*) FROM proofs").fetchone() == (1,)
    assert_clean(club.db)


async def test_only_the_ticked_bills_are_claimed(pages: Pages, club: Club, ann: Member) -> None:
    one = club.bills(ann)[0]
    await send(await pages.browser(), link(club, ann), form(one.id))
    assert [bill.status for bill in club.bills(ann)].count("paid") == 1


async def test_a_link_for_a_member_without_an_account(pages: Pages, club: Club) -> None:
    member = club.member("Bea")
    club.subscribe(member, club.plan("Streaming", 300))
    club.open()
    assert "is registered as" in await send(
        await pages.browser(), link(club, member), form(*all_bills(club, member))
    )


async def test_a_used_link_says_what_it_was_used_for(pages: Pages, club: Club, ann: Member) -> None:
    browser, address = await pages.browser(), link(club, ann)
    await send(browser, address, form(*all_bills(club, ann)))
    for response in (await browser.get(address), await browser.post(address, form(*all_bills(club, ann)))):
        assert response.status == 410
        assert "NT$500 was registered as" in await response.text()
    assert len(club.audits("payment.submit")) == 1


async def test_an_expired_link_leads_back_to_discord(
    pages: Pages, club: Club, ann: Member, clock: FixedClock
) -> None:
    browser, address = await pages.browser(), link(club, ann)
    clock.advance(minutes=30)
    for response in (await browser.get(address), await browser.post(address, form(*all_bills(club, ann)))):
        assert response.status == 410
        assert "press the button in Discord again" in await response.text()


async def test_an_unknown_link_is_a_plain_404(pages: Pages) -> None:
    browser = await pages.browser()
    assert (await browser.get("/u/" + "a" * 43)).status == 404
    assert (await browser.post("/u/" + "a" * 43, form(1))).status == 404
    assert (await browser.get("/u/sent")).status == 404


async def test_nothing_owed_is_said_clearly_and_spends_nothing(pages: Pages, club: Club, ann: Member) -> None:
    browser, address = await pages.browser(), link(club, ann)
    payment = club.submit(ann)
    response = await browser.get(address)
    assert (response.status, "Nothing to pay" in await response.text()) == (200, True)
    refused = await browser.post(address, form(*all_bills(club, ann)))
    assert (refused.status, "Nothing to pay" in await refused.text()) == (409, True)
    club.db.write(payments.reject, club.reviewer, payment.id, "no")
    assert "is registered as" in await send(browser, address, form(*all_bills(club, ann)))


async def test_a_month_that_is_not_open_cannot_be_paid(pages: Pages, club: Club, ann: Member) -> None:
    from core import resync

    bills = all_bills(club, ann)
    browser, address = await pages.browser(), link(club, ann)
    club.db.write(resync.retract, club.treasurer, Period("2026-06"))
    assert "Nothing to pay" in await (await browser.get(address)).text()
    assert (await browser.post(address, form(*bills))).status == 409
    club.db.write(billing.open_period, club.treasurer, Period("2026-06"))
    assert (await browser.get(address)).status == 200


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("html", 422),
        ("svg", 422),
        ("gif", 422),
        ("truncated", 422),
        ("tiny", 422),
        ("bomb", 422),
        ("large", 413),
    ],
)
async def test_what_is_no_picture_is_refused_and_the_link_still_works(
    pages: Pages, club: Club, ann: Member, what: str, status: int
) -> None:
    whole = encoded(screenshot(), "PNG")
    bad = {
        "html": b"<html><script>alert(1)</script>", "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "gif": encoded(screenshot(), "GIF"), "truncated": whole[: len(whole) // 2],
        "tiny": encoded(screenshot((8, 8)), "PNG"), "bomb": _bomb(),
        "large": b"\x89PNG" + b"0" * MAX_PROOF_BYTES,
    }[what]  # fmt: skip
    browser, address = await pages.browser(), link(club, ann)
    response = await browser.post(address, form(*all_bills(club, ann), picture=bad, note="kept"))
    page = await response.text()
    assert response.status == status
    assert "the link still works" in page
    if status == 422:
        assert ">kept</textarea>" in page
    assert "is registered as" in await send(browser, address, form(*all_bills(club, ann), picture=whole))
    assert len(club.audits("payment.submit")) == 1


def _bomb() -> bytes:
    from tests.pictures import png_chunk

    header = (30_000).to_bytes(4) + (30_000).to_bytes(4) + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IEND", b"")


async def test_a_photo_loses_place_and_camera(pages: Pages, club: Club, ann: Member) -> None:
    await send(await pages.browser(), link(club, ann), form(*all_bills(club, ann), picture=photo_with_gps()))
    desk = await pages.browser("reviewer")
    (payment_id,) = club.db.conn.execute("SELECT id FROM payments").fetchone()
    data = await (await desk.get(f"/proof/{payment_id}")).read()
    assert b"Secret" not in data
    kept = decoded(data)
    assert not kept.getexif()
    assert kept.height > kept.width, "upright"


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [("note", "x" * 9000, 413), ("bill", "1; DROP", 400), ("bill", "9" * 30, 400), ("method", "x", 400),
     ("method", "424242", 404), ("bill", "424242", 404)],
)  # fmt: skip
async def test_fields_that_cannot_be_change_nothing(
    pages: Pages, club: Club, ann: Member, field: str, value: str, status: int
) -> None:
    browser, address = await pages.browser(), link(club, ann)
    data = form(*(all_bills(club, ann) if field != "bill" else []), **{field: value})
    assert (await browser.post(address, data)).status == status
    assert club.audits("payment.submit") == []
    assert (await browser.get(address)).status == 200


async def test_bills_of_somebody_else_are_not_claimed(pages: Pages, club: Club, ann: Member) -> None:
    other = club.subscriber(club.plan("Third", 50))
    bill = club.bills(other)[0]
    response = await (await pages.browser()).post(link(club, ann), form(bill.id))
    assert response.status == 403
    assert club.bills(other)[0].status == "pending"


@pytest.mark.parametrize("megabytes", [12, 40])
@pytest.mark.parametrize("says_how_long", [True, False])
async def test_a_body_that_is_too_long_is_answered_however_it_comes(
    pages: Pages, club: Club, ann: Member, megabytes: int, says_how_long: bool
) -> None:
    """With a Content-Length it is not even read; without one, reading stops at the first byte too many."""
    head = b'--cut\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    size = megabytes * 1024 * 1024

    async def pieces() -> AsyncIterator[bytes]:
        yield head
        for _ in range(megabytes):
            yield bytes(1024 * 1024)
        yield b"\r\n--cut--\r\n"

    headers = {**SAME_ORIGIN, "Content-Type": "multipart/form-data; boundary=cut"}
    if says_how_long:
        headers["Content-Length"] = str(len(head) + size + len(b"\r\n--cut--\r\n"))
    browser, address = await pages.browser(), link(club, ann)
    response = await browser.post(address, pieces(), headers=headers)
    assert response.status == 413
    assert "the link still works" in await response.text()
    assert "is registered as" in await send(browser, address, form(*all_bills(club, ann)))


async def test_a_form_of_another_kind_is_not_read(pages: Pages, club: Club, ann: Member) -> None:
    browser, address = await pages.browser(), link(club, ann)
    assert (await browser.post(address, {"bill": "1"})).status == 415
    assert (await browser.get(address)).status == 200


async def test_a_hundred_posts_of_one_link_settle_once(pages: Pages, club: Club, ann: Member) -> None:
    address, bills = link(club, ann), all_bills(club, ann)
    browsers = [await pages.browser() for _ in range(10)]
    posts = [browser.post(address, form(*bills)) for browser in browsers for _ in range(10)]
    statuses = [response.status for response in await asyncio.gather(*posts)]
    assert (statuses.count(303), statuses.count(410)) == (1, 99)
    assert club.audits("payment.submit") == ["payment.submit"]
    assert_clean(club.db)


async def test_two_links_of_one_member_claim_each_bill_once(pages: Pages, club: Club, ann: Member) -> None:
    bills = all_bills(club, ann)
    addresses = [link(club, ann) for _ in range(8)]
    browser = await pages.browser()
    statuses = [r.status for r in await asyncio.gather(*(browser.post(a, form(*bills)) for a in addresses))]
    assert statuses.count(303) == 1
    assert_clean(club.db)


async def test_members_make_links_for_themselves_only(club: Club, ann: Member, db: LocalDatabase) -> None:
    from core import errors

    assert db.write(upload_links.mint, club.as_member(ann))
    other = club.linked("Bea")
    with pytest.raises(errors.NotYours):
        db.write(upload_links.mint, club.as_member(ann), other.id)
    with pytest.raises(errors.NotLinked):
        db.write(upload_links.mint, club.stranger)


async def test_uploads_are_limited(make_pages: MakePages, club: Club, ann: Member) -> None:
    from bot.web.options import RATES

    pages = await make_pages(rates=RATES)
    browser, address = await pages.browser(), link(club, ann)
    statuses = {(await browser.get(address)).status for _ in range(RATES["upload"].burst)}
    refused = await browser.get(address)
    assert (statuses, refused.status) == ({200}, 429)
    assert int(refused.headers["Retry-After"]) >= 1
