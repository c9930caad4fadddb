"""The review desk: one tap and Undo, other amounts, reasons, several at once, and two reviewers at a time."""

from __future__ import annotations

import asyncio
import re

import pytest

from core.models import Member, Payment
from tests.core.helpers import assert_clean
from tests.factories import Club
from tests.pictures import encoded, screenshot
from tests.web.site import Browser, Pages


@pytest.fixture
def ann(club: Club) -> Member:
    """A member who owes 300 for June."""
    member = club.subscriber(club.plan("Streaming", 300), "Ann <b>")
    club.open()
    return member


@pytest.fixture
def waiting(club: Club, ann: Member) -> Payment:
    """Her submission."""
    return club.submit(ann, note="last digits <12345>")


async def text_of(browser: Browser, path: str) -> str:
    response = await browser.get(path)
    assert response.status == 200, response.status
    return await response.text()


async def act(browser: Browser, path: str, data: dict[str, str] | None = None) -> str:
    """Post a form and read the page it leads to."""
    return await (await browser.follow(await browser.post(path, data or {}))).text()


async def test_the_queue_shows_who_paid_what_for_what_and_says_so_safely(
    pages: Pages, waiting: Payment
) -> None:
    page = await text_of(await pages.browser("reviewer"), "/review")
    for said in (
        "Ann &lt;b&gt;",
        "NT$300",
        "Streaming",
        "June 2026",
        "last digits &lt;12345&gt;",
        "no screenshot",
    ):
        assert said in page
    assert "<b>" not in page


async def test_one_tap_verifies_and_undo_takes_it_back(pages: Pages, club: Club, waiting: Payment) -> None:
    browser = await pages.browser("reviewer")
    page = await act(browser, f"/review/{waiting.id}/verify")
    assert f"{waiting.label} verified: NT$300 from Ann" in page
    assert f'name="payment" value="{waiting.id}"' in page
    assert club.payment(waiting).status == "verified"
    page = await act(browser, "/review/undo", {"payment": str(waiting.id)})
    assert f"{waiting.label} waits for review again" in page
    assert club.payment(waiting).status == "submitted"
    assert_clean(club.db)


async def test_a_message_is_shown_once(pages: Pages, waiting: Payment) -> None:
    browser = await pages.browser("reviewer")
    assert "verified: NT$300" in await act(browser, f"/review/{waiting.id}/verify")
    assert "verified: NT$300" not in await text_of(browser, "/review")


@pytest.mark.parametrize(
    ("typed", "credit", "said"),
    [("100", 0, "NT$100 from"), ("NT$450", 150, "NT$150 is credit now"), ("３００", 0, "NT$300 from")],
)
async def test_another_amount_than_stated(
    pages: Pages, club: Club, ann: Member, waiting: Payment, typed: str, credit: int, said: str
) -> None:
    page = await act(await pages.browser("reviewer"), f"/review/{waiting.id}/verify", {"amount": typed})
    assert said in page
    assert club.credit(ann) == credit
    assert_clean(club.db)


async def test_it_may_be_unknown_by_which_way_it_arrived(pages: Pages, club: Club, ann: Member) -> None:
    declared = club.method()
    payment = club.submit(ann, method_id=declared.id)
    browser = await pages.browser("reviewer")
    page = await text_of(browser, f"/review/{payment.id}")
    assert '<option value="none">not stated</option>' in page
    await act(browser, f"/review/{payment.id}/verify", {"method": "none"})
    assert (club.payment(payment).status, club.payment(payment).confirmed_method_id) == ("verified", None)
    await act(browser, "/review/undo", {"payment": str(payment.id)})
    await act(browser, f"/review/{payment.id}/verify", {"method": ""})
    assert club.payment(payment).confirmed_method_id == declared.id
    assert_clean(club.db)


async def test_not_stated_is_offered_once_when_nothing_was_declared(pages: Pages, waiting: Payment) -> None:
    page = await text_of(await pages.browser("reviewer"), f"/review/{waiting.id}")
    assert '<option value="none">' not in page


@pytest.mark.parametrize("typed", ["x", "0", "-5", "1.5", "US$20"])
async def test_an_amount_that_cannot_be_is_refused_and_changes_nothing(
    pages: Pages, club: Club, waiting: Payment, typed: str
) -> None:
    page = await act(await pages.browser("reviewer"), f"/review/{waiting.id}/verify", {"amount": typed})
    assert 'class="toast is-bad"' in page
    assert club.payment(waiting).status == "submitted"


async def test_a_rejection_has_a_reason_in_the_clubs_language(
    pages: Pages, club: Club, waiting: Payment
) -> None:
    club.set(locale="zh-TW")
    browser = await pages.browser("reviewer")
    await browser.post("/preferences", {"lang": "en"})
    assert 'class="toast is-bad"' in await act(browser, f"/review/{waiting.id}/reject")
    assert club.payment(waiting).status == "submitted"
    await act(browser, f"/review/{waiting.id}/reject", {"reason": "not_arrived", "own_reason": "Look again."})
    fresh = club.payment(waiting)
    assert fresh.status == "rejected"
    assert fresh.reject_reason.endswith("Look again.")
    assert re.match(r"[\u4e00-\u9fff]", fresh.reject_reason)
    await act(browser, "/review/undo", {"payment": str(waiting.id)})
    assert club.payment(waiting).status == "submitted"


async def test_everything_of_one_member_at_once_and_back(pages: Pages, club: Club) -> None:
    first, second = club.plan("One", 100), club.plan("Two", 200)
    member = club.subscriber(first, "Ann")
    club.subscribe(member, second)
    club.open()
    payments = [club.submit(member, [bill]) for bill in club.bills(member)]
    browser = await pages.browser("reviewer")
    assert "Verify all 2" in await text_of(browser, "/review")
    form = [("payment", str(payment.id)) for payment in payments]
    page = await (
        await browser.follow(await browser.post(f"/review/members/{member.id}/verify", form))
    ).text()
    assert "2 submissions verified" in page
    assert {club.payment(payment).status for payment in payments} == {"verified"}
    await browser.post("/review/undo", form)
    assert {club.payment(payment).status for payment in payments} == {"submitted"}
    assert_clean(club.db)


async def test_a_second_reviewer_is_told_and_overwrites_nothing(
    pages: Pages, club: Club, waiting: Payment
) -> None:
    one, other = await pages.browser("reviewer"), await pages.browser("treasurer")
    await act(one, f"/review/{waiting.id}/reject", {"reason": "twice"})
    page = await act(other, f"/review/{waiting.id}/verify")
    assert "somebody may have been faster" in page
    assert "rejected by now" in page
    assert club.payment(waiting).status == "rejected"


async def test_twenty_taps_at_once_verify_once(pages: Pages, club: Club, waiting: Payment) -> None:
    browsers = [await pages.browser("reviewer"), await pages.browser("treasurer")]
    await asyncio.gather(*(browsers[n % 2].post(f"/review/{waiting.id}/verify") for n in range(20)))
    assert club.audits("payment.verify") == ["payment.verify"]
    assert_clean(club.db)


async def test_the_version_moves_when_somebody_else_decides(pages: Pages, waiting: Payment) -> None:
    one, other = await pages.browser("reviewer"), await pages.browser("treasurer")
    before = (await (await one.get("/version")).json())["version"]
    assert f'data-version="{before}"' in await text_of(one, "/review")
    await act(other, f"/review/{waiting.id}/verify")
    assert (await (await one.get("/version")).json())["version"] > before


async def test_an_auditor_sees_the_queue_and_no_buttons(pages: Pages, club: Club, waiting: Payment) -> None:
    browser = await pages.browser("auditor")
    page = await text_of(browser, "/review")
    assert "NT$300" in page
    assert "/verify" not in page
    assert (await browser.post(f"/review/{waiting.id}/verify")).status == 403
    assert club.payment(waiting).status == "submitted"


async def test_a_long_queue_is_continued(pages: Pages, club: Club) -> None:
    plan = club.plan("One", 100)
    members = [club.subscriber(plan) for _ in range(27)]
    club.open()
    payments = [club.submit(member) for member in members]
    browser = await pages.browser("reviewer")
    first = await text_of(browser, "/review")
    assert first.count("data-row ") == 25
    following = re.search(r'href="(/review\?after=\d+)"', first)
    assert following is not None
    second = await text_of(browser, following[1])
    assert second.count("data-row ") == 2
    assert f'id="p{payments[-1].id}"' in second


async def test_pictures_are_sent_inert_and_private(pages: Pages, club: Club, ann: Member) -> None:
    bill = club.bills(ann)[0]
    data = encoded(screenshot(), "PNG")
    sent = await pages.services.submit(club.as_member(ann), [bill.id], request_id="one", picture=data)
    browser = await pages.browser("auditor")
    for path in (f"/proof/{sent.payment.id}", f"/proof/{sent.payment.id}/small"):
        response = await browser.get(path)
        assert (response.status, response.content_type) == (200, "image/webp")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"].startswith("private")
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert response.headers["Content-Disposition"].startswith("inline")
    assert (await (await pages.browser()).get(f"/proof/{sent.payment.id}")).status == 303
    page = await text_of(browser, f"/review/{sent.payment.id}")
    assert f"/proof/{sent.payment.id}?v=" in page


async def test_without_a_picture_there_is_none_to_send(pages: Pages, waiting: Payment) -> None:
    assert (await (await pages.browser("auditor")).get(f"/proof/{waiting.id}")).status == 404


async def test_the_same_picture_twice_is_flagged_and_shown_side_by_side(
    pages: Pages, club: Club, ann: Member
) -> None:
    club.subscribe(ann, club.plan("Second", 200))
    data = encoded(screenshot(), "PNG")
    sent = [
        await pages.services.submit(club.as_member(ann), [bill.id], request_id=bill.label, picture=data)
        for bill in club.bills(ann)
    ]
    first, second = sorted(result.payment.id for result in sent)
    browser = await pages.browser("reviewer")
    assert f"Same screenshot as P-{first:04d}" in await text_of(browser, "/review")
    page = await text_of(browser, f"/review/{second}")
    assert f"Side by side with P-{first:04d}" in page
    assert page.count(f"/proof/{first}?v=") == 1


async def test_a_verification_is_taken_back_after_a_preview(
    pages: Pages, club: Club, ann: Member, waiting: Payment
) -> None:
    club.verify(waiting)
    browser = await pages.browser("treasurer")
    page = await text_of(browser, f"/review/{waiting.id}/undo")
    assert "settled: NT$300 → NT$0" in page
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert digest is not None
    assert club.payment(waiting).status == "verified"
    page = await act(browser, f"/review/{waiting.id}/undo", {"digest": digest[1]})
    assert f"{waiting.label} was taken back" in page
    assert club.payment(waiting).status == "submitted"


async def test_a_verified_payment_is_rejected_after_all_in_one_step(
    pages: Pages, club: Club, waiting: Payment
) -> None:
    club.verify(waiting)
    browser = await pages.browser("treasurer")
    where = f"/review/{waiting.id}/reject-after-all"
    assert where in await text_of(browser, f"/review/{waiting.id}")
    refused = await browser.get(f"{where}?go=1&reason=&own_reason=")
    assert refused.status == 422
    assert 'role="alert"' in await refused.text()
    page = await text_of(browser, f"{where}?go=1&reason=&own_reason=Not+our+account")
    assert "settled: NT$300 → NT$0" in page
    assert "Not our account" in page
    assert club.payment(waiting).status == "verified"
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert digest is not None
    page = await act(browser, where, {"digest": digest[1], "reason": "", "own_reason": "Not our account"})
    assert f"{waiting.label} rejected. Ann &lt;b&gt; is told the reason." in page
    found = club.payment(waiting)
    assert (found.status, found.reject_reason) == ("rejected", "Not our account")
    assert_clean(club.db)


async def test_what_changed_since_the_preview_is_shown_instead_of_done(
    pages: Pages, club: Club, waiting: Payment
) -> None:
    club.verify(waiting)
    browser = await pages.browser("treasurer")
    page = await text_of(browser, f"/review/{waiting.id}/refund?amount=100")
    assert "Refund NT$100" in page
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert digest is not None
    await act(
        browser,
        f"/review/{waiting.id}/undo",
        {"digest": await _digest(browser, f"/review/{waiting.id}/undo")},
    )
    club.verify(waiting, 250)
    response = await browser.post(f"/review/{waiting.id}/refund", {"digest": digest[1], "amount": "100"})
    assert response.status == 200
    assert "Something changed meanwhile" in await response.text()
    assert club.payment(waiting).refunded_minor == 0
    assert_clean(club.db)


async def _digest(browser: Browser, path: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]+)"', await text_of(browser, path))
    assert found is not None
    return found[1]
