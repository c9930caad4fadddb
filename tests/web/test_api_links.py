"""Upload links by API: for whoever reviews, shown once, and good for one payment."""

from __future__ import annotations

import pytest

from core import upload_links
from core.models import MemberId
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.api_site import Seeded, program, seed
from tests.web.conftest import MakePages
from tests.web.site import SAME_ORIGIN, Pages


@pytest.fixture
def seeded(club: Club) -> Seeded:
    return seed(club)


async def test_a_link_made_by_a_program_sends_one_payment(
    make_pages: MakePages, seeded: Seeded, club: Club, clock: FixedClock
) -> None:
    pages = await make_pages(url="https://club.example/pot")
    caller, debtor = await program(pages, seeded.secrets["review"]), seeded.ids["member_id"]
    made = await caller.post(f"/members/{debtor}/upload-link", status=201)
    assert made["member_id"] == debtor
    assert made["address"].startswith("https://club.example/pot/u/")
    clock.advance(minutes=29)
    path = made["address"].removeprefix("https://club.example")
    browser = await pages.browser()
    assert (await browser.get(path)).status == 200
    form = {"bill": str(seeded.ids["bill_id"])}
    sent = await browser._request("POST", path, data=_parts(form), headers=SAME_ORIGIN)
    assert sent.status == 303
    assert (await browser._request("POST", path, data=_parts(form), headers=SAME_ORIGIN)).status == 410


async def test_the_address_is_shown_once_and_kept_nowhere(pages: Pages, seeded: Seeded, club: Club) -> None:
    caller = await program(pages, seeded.secrets["review"])
    path, key = f"/members/{seeded.ids['member_id']}/upload-link", {"Idempotency-Key": "once"}
    first = await caller.post(path, status=201, headers=key)
    again = await caller.post(path, status=201, headers=key)
    assert again == {**first, "address": None}
    secret = first["address"].rsplit("/", 1)[1]
    assert len(secret) == 43, "256 bits"
    assert secret not in "\n".join(club.db.conn.iterdump())
    assert club.db.read(upload_links.look, secret) is not None


async def test_nobody_gets_a_link_for_a_made_up_member(pages: Pages, seeded: Seeded) -> None:
    caller = await program(pages, seeded.secrets["review"])
    refused = await caller.post(f"/members/{MemberId(4711)}/upload-link", status=404)
    assert refused["error"] == "member_unknown"


def _parts(form: dict[str, str]) -> object:
    from aiohttp import FormData

    found = FormData(default_to_multipart=True)
    for name, value in form.items():
        found.add_field(name, value)
    return found
