"""The bills: what the list finds, its files, one bill, and every correction from preview to books."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from core import bill_lists, corrections, payments
from core.bill_lists import BillFilter
from core.models import BillId
from core.period import Period
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.list_pages import (
    Scene,
    books,
    confirm,
    hidden,
    objects_of,
    page,
    preview,
    rows_of,
    scene,
    sound,
    visible,
)
from tests.web.site import Pages


@pytest.fixture
def made(club: Club) -> Scene:
    return scene(club)


def labels(text: str) -> set[str]:
    """The bills that a page of the list shows."""
    return set(re.findall(r'<tr class="is-link" id="bill-(\d+)">', text))


async def listed(pages: Pages, query: str = "") -> set[str]:
    return labels(
        await page(await (await pages.browser("auditor")).get(f"/bills{quote(query, safe='?&=%')}"))
    )


# --- the list ---------------------------------------------------------------------------------------------


async def test_the_list_shows_every_bill_newest_first(pages: Pages, made: Scene) -> None:
    text = await page(await (await pages.browser("auditor")).get("/bills"))
    found = re.findall(r'id="bill-(\d+)"', text)
    assert found == sorted(found, key=int, reverse=True)
    assert len(found) == 6


async def test_each_filter_finds_what_it_says(pages: Pages, made: Scene, clock: FixedClock) -> None:
    club = made.club
    charged = club.db.write(
        corrections.charge, club.treasurer, [made.mei.id], "T-shirt", club.money(450), "2026-06-01"
    ).bills[0]
    club.submit(made.jonas)
    club.db.write(corrections.void, club.treasurer, made.bill(made.evil).id, "left")
    mei_june = next(b for b in club.bills(made.mei) if b.title == "Music" and b.status == "pending")
    assert await listed(pages, "?period=none") == {str(charged.id)}
    assert str(mei_june.id) in await listed(pages, "?period=2026-06")
    assert len(await listed(pages, "?period=2026-05")) == 3
    assert await listed(pages, "?period=2020-01") == set()
    assert await listed(pages, "?state=overdue") == {str(charged.id)}  # June is due today
    assert await listed(pages, "?state=open") == {str(charged.id), str(mei_june.id)}
    assert len(await listed(pages, "?state=paid")) == 1
    assert len(await listed(pages, "?state=verified")) == 3
    assert len(await listed(pages, "?state=void")) == 1
    assert len(await listed(pages, f"?plan={made.cloud.id}")) == 2
    assert len(await listed(pages, f"?method={made.bank.id}")) == 2
    assert len(await listed(pages, f"?member={made.mei.id}")) == 3
    assert len(await listed(pages, "?q=mei")) == 3
    assert len(await listed(pages, "?q=ＭＥＩ&state=verified")) == 1
    assert await listed(pages, f"?q=B-{mei_june.id}") == {str(mei_june.id)}
    assert len(await listed(pages, f"?q=m-{made.mei.id}")) == 3
    payment = payments_of(club, made.jonas)
    assert len(await listed(pages, f"?q=P-{payment:04d}")) == 1
    assert await listed(pages, "?q=nobody") == set()


def payments_of(club: Club, member: Any) -> int:
    return int(
        club.db.conn.execute("SELECT max(id) FROM payments WHERE member_id = ?", (member.id,)).fetchone()[0]
    )


async def test_a_merged_member_is_found_under_the_name_that_counts(pages: Pages, made: Scene) -> None:
    from core import merging, roster

    club = made.club
    twin = club.db.write(roster.add_member, club.treasurer, "Mei-Mei")
    club.db.write(merging.merge, club.treasurer, made.mei.id, twin.id)
    for query in ("?q=Mei Lin", "?q=Mei-Mei", f"?q=M-{twin.id}", f"?member={twin.id}"):
        assert len(await listed(pages, query)) == 2, query


@pytest.mark.parametrize(
    ("query", "said"),
    [("?period=2026-13", "billing period"), ("?period=soon", "billing period"), ("?state=shiny", "state")],
)
async def test_a_filter_that_cannot_be_is_named(pages: Pages, made: Scene, query: str, said: str) -> None:
    text = await page(await (await pages.browser("auditor")).get(f"/bills{query}"), 422)
    (alert,) = re.findall(r'role="alert">(.*?)</div></div>', text, re.DOTALL)
    assert said in alert
    for kind in ("csv", "json"):
        assert (await (await pages.browser("auditor")).get(f"/bills.{kind}{query}")).status == 422


@pytest.mark.parametrize(
    "query", ["?plan=x", "?method=-1", "?member=99999999999999999999", "?before=abc", "?q=%00"]
)
async def test_nonsense_in_the_address_breaks_nothing(pages: Pages, made: Scene, query: str) -> None:
    assert (await (await pages.browser("auditor")).get(f"/bills{query}")).status == 200


async def test_pages_join_without_gap_or_double(club: Club) -> None:
    plan = club.plan()
    for _ in range(7):
        club.subscriber(plan)
    for month in ("2026-04", "2026-05", "2026-06"):
        club.open(month)
    for wanted in (
        BillFilter(),
        BillFilter(state="open"),
        BillFilter(plan_id=plan.id),
        BillFilter(text="member"),
    ):
        seen: list[int] = []
        before: int | None = None
        while True:
            found = club.db.read(bill_lists.page, club.auditor, wanted, before, 4)
            seen += [row.bill.id for row in found.rows]
            before = found.next_before
            if before is None:
                break
        assert seen == sorted(seen, reverse=True), wanted
        assert len(seen) == 21, wanted


async def test_a_search_that_hardly_anything_fits_stops_and_goes_on(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, rare = club.plan(), club.plan("Rare", 10)
    club.subscriber(rare)
    club.open("2026-03")
    for _ in range(300):
        club.subscribe(club.member(), plan)
    club.open("2026-04")
    monkeypatch.setattr(bill_lists, "MOST_LOOKED_AT", 100)
    first = club.db.read(bill_lists.page, club.auditor, BillFilter(plan_id=rare.id))
    assert first.gave_up or first.rows
    found, before, steps = len(first.rows), first.next_before, 0
    while before is not None:
        more = club.db.read(bill_lists.page, club.auditor, BillFilter(plan_id=rare.id), before)
        found, before, steps = found + len(more.rows), more.next_before, steps + 1
    assert found == 2
    assert steps >= 1


async def test_the_files_hold_the_whole_filtered_list_and_no_formula(pages: Pages, made: Scene) -> None:
    browser = await pages.browser("auditor")
    response = await browser.get("/bills.csv?period=2026-06")
    assert response.headers["Content-Disposition"] == 'attachment; filename="bills.csv"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    rows = rows_of(await page(response))
    assert len(rows) == 3
    assert all(not name.startswith("=") for name in (row["name"] for row in rows))
    assert {row["amount"] for row in rows} == {"300", "500"}
    found = objects_of(await page(await browser.get("/bills.json?period=2026-05")))
    assert {row["method"] for row in found} == {"Bank", "Cash"}
    assert {row["open"] for row in found} == {"0"}
    assert objects_of(await page(await browser.get("/bills.json?q=nobody"))) == []


async def test_a_long_file_is_written_in_pieces(
    pages: Pages, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.web.pages import bills as bills_page

    plan = club.plan()
    for _ in range(7):
        club.subscriber(plan)
    club.open()
    monkeypatch.setattr(bills_page, "EXPORT_CHUNK", 2)
    browser = await pages.browser("auditor")
    assert len(rows_of(await page(await browser.get("/bills.csv")))) == 7
    assert len(objects_of(await page(await browser.get("/bills.json")))) == 7


# --- one bill -----------------------------------------------------------------------------------------------


async def test_a_bill_says_why_it_is_what_it_is_and_what_happened(pages: Pages, made: Scene) -> None:
    club, bill = made.club, made.bill(made.mei)
    club.db.write(corrections.set_amount, club.treasurer, bill.id, club.money(250), "half a month <b>")
    club.db.write(corrections.waive, club.treasurer, bill.id, club.money(50), "late")
    text = await page(await (await pages.browser("auditor")).get(f"/bills/{bill.id}"))
    words = visible(text)
    for part in ("Price of the plan", "Adjustment", "half a month <b>", "NT$250", "Waiver", "NT$200", "late"):
        assert part in words, part
    assert "half a month <b>" not in text
    assert "Void…" not in words, "an auditor only reads"


async def test_a_bill_of_another_club_is_not_there(pages: Pages, made: Scene) -> None:
    other = Club.create(made.club.db, number=1)
    pages.host.owners[other.workspace.guild_id] = other.owner.discord_id
    browser = await pages.browser("owner", club=other)
    bill = made.bill(made.mei)
    for path in ("", "/amount", "/waive", "/void"):
        assert (await browser.get(f"/bills/{bill.id}{path}")).status == 404
    before = books(made.club)
    for path in ("amount", "waive", "void"):
        data = {"amount": "1", "reason": "x", "digest": "x"}
        assert (await browser.post(f"/bills/{bill.id}/{path}", data)).status == 404
    assert books(made.club) == before


# --- corrections --------------------------------------------------------------------------------------------


async def test_each_correction_is_previewed_then_done_then_said(pages: Pages, made: Scene) -> None:
    club, bill = made.club, made.bill(made.mei)
    browser, before = await pages.browser("treasurer"), books(made.club)
    path = f"/bills/{bill.id}"
    shown = visible(await preview(browser, f"{path}/amount", {"amount": "250", "reason": "half"}))
    assert "NT$300 → NT$250" in shown
    assert books(club) == before, "a preview changes nothing"
    text = await confirm(browser, f"{path}/amount", {"amount": "250", "reason": "half"})
    assert f"B-{bill.id} asks for NT$250 now." in text
    text = await confirm(browser, f"{path}/waive", {"amount": "100", "reason": "late"})
    assert f"NT$100 of B-{bill.id} was waived." in text
    (waiver,) = re.findall(r"/waivers/(\d+)/take-back", text)
    assert made.bill(made.mei).open_minor == 150
    text = await confirm(browser, f"{path}/waivers/{waiver}/take-back", {})
    assert f"asks for NT$100 again" in text  # noqa: F541 - reads like the others
    assert made.bill(made.mei).open_minor == 250
    text = await confirm(browser, f"{path}/waive", {"amount": "", "reason": "all of it"})
    assert made.bill(made.mei).status == "verified"
    await confirm(browser, f"{path}/void", {"reason": "should not be"})
    assert club.audits("bill.") == ["bill.adjust", "bill.waive", "bill.unwaive", "bill.waive", "bill.void"]
    assert sound(club)


@pytest.mark.parametrize(
    ("what", "fields", "field", "said"),
    [
        ("amount", {"amount": "", "reason": "x"}, "amount", "missing"),
        ("amount", {"amount": "12x", "reason": "x"}, "amount", "12x"),
        ("amount", {"amount": "1.5", "reason": "x"}, "amount", "1.5"),
        ("amount", {"amount": "-5", "reason": "x"}, "amount", "-5"),
        ("amount", {"amount": "9" * 30, "reason": "x"}, "amount", "amount"),
        ("amount", {"amount": "US$5", "reason": "x"}, "amount", "US$5"),
        ("amount", {"amount": "5", "reason": " "}, "reason", "missing"),
        ("amount", {"amount": "5", "reason": "x" * 301}, "reason", "300"),
        ("waive", {"amount": "0", "reason": "x"}, "", "At most"),
        ("waive", {"amount": "301", "reason": "x"}, "", "At most"),
        ("waive", {"amount": "many", "reason": "x"}, "amount", "many"),
        ("waive", {"amount": "", "reason": ""}, "reason", "missing"),
        ("void", {"reason": ""}, "reason", "missing"),
    ],
)
async def test_bad_input_is_named_beside_its_field_and_changes_nothing(
    pages: Pages, made: Scene, what: str, fields: dict[str, str], field: str, said: str
) -> None:
    browser, before = await pages.browser("treasurer"), books(made.club)
    path = f"/bills/{made.bill(made.mei).id}/{what}"
    for response in (
        await browser.get(path, params={"go": "1", **fields}),
        await browser.post(path, {**fields, "digest": "x"}),
    ):
        text = await page(response, 422)
        beside = re.findall(r'<p class="error" id="(\w+)-error">(.*?)</p>', text)
        whole = re.findall(r'callout is-bad" role="alert">.*?<p>(.*?)</p>', text, re.DOTALL)
        assert len(beside) + len(whole) == 1, "one clear message"
        assert [name for name, _ in beside] == ([field] if field else [])
        assert said in visible(" ".join([*(words for _, words in beside), *whole]))
        for name, value in fields.items():
            assert f'name="{name}"' in text
            if value.strip():
                assert visible(f'value="{value.strip()}"') in visible(text) or f'value="{value}"' in text
    assert books(made.club) == before


async def test_confirming_an_old_preview_shows_the_new_one_and_does_nothing(
    pages: Pages, made: Scene
) -> None:
    club, bill = made.club, made.bill(made.mei)
    browser = await pages.browser("treasurer")
    shown = await preview(browser, f"/bills/{bill.id}/waive", {"amount": "", "reason": "late"})
    club.record(made.mei, 100)
    before = books(club)
    text = await page(await browser.post(f"/bills/{bill.id}/waive", hidden(shown)))
    assert "Something changed meanwhile" in text
    assert books(club) == before
    await browser.follow(await browser.post(f"/bills/{bill.id}/waive", hidden(text)))
    assert made.bill(made.mei).waived_minor == 200


async def test_a_closed_month_says_that_its_charges_are_locked(pages: Pages, made: Scene) -> None:
    from core import closing

    club = made.club
    bill = made.bill(made.mei, 1)
    club.db.write(closing.close, club.treasurer, Period("2026-05"))
    browser = await pages.browser("treasurer")
    text = visible(await page(await browser.get(f"/bills/{bill.id}")))
    assert "May 2026 is closed" in text
    assert "Void…" not in text
    refused = await browser.get(f"/bills/{bill.id}/void?go=1&reason=x")
    assert "May 2026 is closed" in visible(await page(refused, 409))


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
async def test_corrections_are_for_treasurers(pages: Pages, made: Scene, role: str) -> None:
    browser, before = await pages.browser(role), books(made.club)
    bill = made.bill(made.mei)
    for path in ("amount", "waive", "void"):
        assert (await browser.get(f"/bills/{bill.id}/{path}")).status == 403
        assert (await browser.post(f"/bills/{bill.id}/{path}", {"amount": "1", "reason": "x"})).status == 403
    assert (await browser.get("/bills/charge")).status == 403
    assert (await browser.get("/bills/record")).status == (403 if role == "auditor" else 200)
    assert books(made.club) == before


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}]
)
async def test_another_site_corrects_nothing(pages: Pages, made: Scene, headers: dict[str, str]) -> None:
    browser, before = await pages.browser("treasurer"), books(made.club)
    bill = made.bill(made.mei)
    data = {"amount": "1", "reason": "x", "digest": "x"}
    for path in (f"/bills/{bill.id}/amount", f"/bills/{bill.id}/void", "/bills/charge", "/bills/record"):
        assert (await browser.post(path, data, headers=headers)).status == 403
    assert books(made.club) == before


# --- charging, billing an old month, recording ---------------------------------------------------------------


async def test_many_are_charged_at_once_and_the_preview_names_everybody(pages: Pages, made: Scene) -> None:
    browser = await pages.browser("treasurer")
    fields = {"title": "T-shirt", "amount": "450", "due_on": "2026-06-20", "whom": "everybody"}
    shown = visible(await preview(browser, "/bills/charge", fields))
    for part in ("Mei Lin", "Jonas Weber", "NT$1,350", "Charge 3 members"):
        assert part in shown
    text = await confirm(browser, "/bills/charge", fields)
    assert "3 members were charged: NT$1,350." in text
    assert [made.bill(member).title for member in (made.mei, made.jonas, made.evil)] == ["T-shirt"] * 3


async def test_chosen_members_and_those_of_a_plan_are_charged_alone(pages: Pages, made: Scene) -> None:
    browser = await pages.browser("treasurer")
    base = {"title": "Cake", "amount": "10", "due_on": "2026-06-20"}
    pairs = [*base.items(), ("whom", "chosen"), ("member", str(made.mei.id)), ("member", str(made.evil.id))]
    assert "2 members were charged" in await confirm(browser, "/bills/charge", pairs)
    assert "One member was charged" in await confirm(
        browser, "/bills/charge", {**base, "whom": f"plan:{made.cloud.id}"}
    )
    assert [made.bill(member).title for member in (made.mei, made.jonas, made.evil)] == ["Cake"] * 3


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"title": ""}, 422), ({"title": "x" * 101}, 422), ({"amount": "0"}, 422), ({"amount": "ten"}, 422),
        ({"due_on": "2026-02-30"}, 422), ({"due_on": ""}, 422), ({"whom": "nobody"}, 422),
        ({"whom": "plan:999"}, 404), ({"whom": "plan:x"}, 422), ({"member": "x"}, 400), ({"member": "99999"}, 404),
    ],
)  # fmt: skip
async def test_a_charge_that_cannot_be_is_refused_whole(
    pages: Pages, made: Scene, change: dict[str, str], status: int
) -> None:
    browser, before = await pages.browser("treasurer"), books(made.club)
    fields = {"title": "T", "amount": "5", "due_on": "2026-06-20", "whom": "everybody", **change}
    assert (await browser.get("/bills/charge", params={"go": "1", **fields})).status == status
    assert (await browser.post("/bills/charge", {**fields, "digest": "x"})).status == status
    assert books(made.club) == before


async def test_an_old_month_is_billed_at_its_price(pages: Pages, made: Scene) -> None:
    club = made.club
    browser = await pages.browser("treasurer")
    text = visible(await page(await browser.get("/bills/back-fill?q=mei")))
    assert "Mei Lin" in text
    assert "Jonas" not in text
    seat = club.db.conn.execute(
        "SELECT id FROM subscriptions WHERE member_id = ?", (made.mei.id,)
    ).fetchone()[0]
    fields = {"member": str(made.mei.id), "subscription": str(seat), "period": "2026-03"}
    assert "NT$300" in visible(await preview(browser, "/bills/back-fill", fields))
    assert "was made: NT$300" in await confirm(browser, "/bills/back-fill", fields)
    again = await browser.get("/bills/back-fill", params={"go": "1", **fields})
    assert "March 2026 is covered by" in visible(await page(again, 409))
    for period in ("2026-13", "", "2026-07"):
        response = await browser.get("/bills/back-fill", params={"go": "1", **fields, "period": period})
        assert response.status in (409, 422)


async def test_money_by_hand_settles_the_ticked_bills_once(pages: Pages, made: Scene) -> None:
    club, bill = made.club, made.bill(made.mei)
    browser = await pages.browser("reviewer")
    form = await page(await browser.get(f"/bills/record?member={made.mei.id}&bill={bill.id}"))
    assert 'value="300"' in form
    request = dict(hidden(form))["request"]
    fields = {
        "member": str(made.mei.id), "request": request, "amount": "300", "method": str(made.cash.id),
        "date": "2026-06-04", "bill": str(bill.id), "note": "in hand",
    }  # fmt: skip
    shown = await preview(browser, "/bills/record", fields)
    answers = [await browser.post("/bills/record", hidden(shown)) for _ in range(2)]
    assert answers[0].status == 303
    text = await page(answers[1])
    assert "This is recorded already" in text
    assert made.bill(made.mei).status == "verified"
    newest = club.db.read(
        lambda tx: tx.conn.execute("SELECT count(*), max(note), max(received_on) FROM payments WHERE source = 'web'")
        .fetchone()
    )  # fmt: skip
    assert newest == (1, "in hand", "2026-06-04")
    assert sound(club)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"amount": ""}, 422, "amount"), ({"amount": "-3"}, 422, "amount"), ({"amount": "0"}, 422, "amount"),
        ({"date": "2026-06-31"}, 422, "date"), ({"date": "2027-01-01"}, 422, "date"), ({"date": ""}, 422, "date"),
        ({"method": "999"}, 404, ""), ({"method": "x"}, 400, ""), ({"bill": "999"}, 404, ""),
        ({"note": "x" * 501}, 422, "note"), ({"request": "!"}, 400, ""), ({"member": "999"}, 404, ""),
    ],
)  # fmt: skip
async def test_money_that_cannot_be_recorded_is_refused(
    pages: Pages, made: Scene, change: dict[str, str], status: int, field: str
) -> None:
    browser, before = await pages.browser("reviewer"), books(made.club)
    fields = {
        "member": str(made.mei.id),
        "request": "a" * 24,
        "amount": "300",
        "date": "2026-06-04",
        **change,
    }
    response = await browser.get("/bills/record", params={"go": "1", **fields})
    text = await page(response, status)
    assert re.findall(r'<p class="error" id="(\w+)-error">', text) == ([field] if field else [])
    assert books(made.club) == before


async def test_money_for_a_bill_of_somebody_else_is_refused(pages: Pages, made: Scene) -> None:
    browser, before = await pages.browser("reviewer"), books(made.club)
    fields = {
        "member": str(made.mei.id), "request": "a" * 24, "amount": "300", "date": "2026-06-04",
        "bill": str(made.bill(made.jonas).id),
    }  # fmt: skip
    assert (await browser.get("/bills/record", params={"go": "1", **fields})).status == 403
    assert books(made.club) == before


def test_bills_of_a_payment_that_waits_are_named_in_the_list(made: Scene) -> None:
    club = made.club
    payment = club.submit(made.mei)
    row = club.db.read(bill_lists.card, club.auditor, BillId(made.bill(made.mei).id)).row
    assert (row.payment_id, row.payment_status) == (payment.id, "submitted")
    club.db.write(payments.withdraw, club.as_member(made.mei), payment.id)
    row = club.db.read(bill_lists.card, club.auditor, BillId(made.bill(made.mei).id)).row
    assert row.payment_id is None
