"""The API: every operation for every scope, what it answers, and what it refuses."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from bot.web.api import OPERATIONS
from bot.web.api.operations import PREFIX, SCOPES, Operation
from core import api_tokens
from tests.factories import Club
from tests.pictures import encoded, screenshot
from tests.web.api_site import Program, Seeded, address, program, seed
from tests.web.site import SAME_ORIGIN, Pages

ORDER = ("read", "review", "treasurer")


@pytest.fixture
def seeded(club: Club) -> Seeded:
    return seed(club)


def every(*, writes: bool | None = None) -> list[Any]:
    chosen = [one for one in OPERATIONS if writes is None or one.is_read != writes]
    return [pytest.param(one, id=one.name) for one in chosen]


# --- who may -----------------------------------------------------------------------------------------------


async def test_there_are_at_least_twenty_five_paths() -> None:
    assert len({operation.path for operation in OPERATIONS}) >= 25
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


async def test_every_operation_needs_somebody(pages: Pages, seeded: Seeded) -> None:
    for secret in (None, "pk_made-up", seeded.secrets["read"] + "x"):
        caller = await program(pages, secret)
        for operation in OPERATIONS:
            response = await caller.run(operation, seeded.ids)
            assert response.status == 401, operation.name
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert (await response.json())["error"] == "signed_out"


async def test_every_operation_is_refused_below_its_scope(pages: Pages, seeded: Seeded) -> None:
    """And nothing is changed by it."""
    for scope in ORDER:
        caller = await program(pages, seeded.secrets[scope])
        for operation in OPERATIONS:
            if ORDER.index(SCOPES[operation.least]) > ORDER.index(scope):
                before = seeded.club.audits()
                response = await caller.run(operation, seeded.ids)
                assert response.status == 403, (scope, operation.name)
                assert (await response.json())["error"] == "role_needed"
                assert seeded.club.audits() == before


@pytest.mark.parametrize("operation", every())
async def test_an_operation_works_with_its_scope(pages: Pages, seeded: Seeded, operation: Operation) -> None:
    scope = SCOPES[operation.least]
    caller = await program(pages, seeded.secrets[scope])
    response = await caller.run(operation, seeded.ids)
    text = "a file" if operation.media != "application/json" else await response.text()
    assert response.status == EXPECTED.get(operation.name, operation.status), text


# What the seed does not have, or what is refused to a token.
EXPECTED = {
    "get_proof": 404, "get_thumbnail": 404, "delete_proof": 404, "create_token": 403, "resolve_dispute": 404,
    "undo_link": 409, "resume_subscription": 409, "undo_action": 409, "unverify_payment": 403,
    "reject_payment_after_all": 403,
    "cancel_payment": 403, "reopen_period": 200, "close_period": 409, "retry_notice": 404,
    "post_panel": 422,
}  # fmt: skip


async def test_another_clubs_token_finds_nothing(pages: Pages, seeded: Seeded) -> None:
    other = Club.create(seeded.club.db, number=1)
    other.set(announce_channel_id=999)
    secret = other.db.write(api_tokens.create, other.operator, "Other", "treasurer").secret
    caller = await program(pages, secret)
    before = seeded.club.audits()
    for operation in OPERATIONS:
        if operation.name in OWN_THINGS:
            continue
        response = await caller.run(operation, seeded.ids)
        if operation.path_params or operation.name in NAMES_THINGS:
            assert response.status == 404, (operation.name, response.status, await response.text())
        else:
            assert response.status in (200, 201, 403), (operation.name, await response.text())
            assert "Ann" not in await response.text()
    assert seeded.club.audits() == before


# Every club has its own of these under the same name; what they do there is no leak.
OWN_THINGS = {
    "open_period",
    "save_template",
    "reset_template",
    "grant_role",
    "revoke_role",
    "get_caller",
}
NAMES_THINGS = {"charge_members", "submit_payment", "record_payment", "start_subscription"}


# --- sessions ----------------------------------------------------------------------------------------------


async def test_a_session_works_too_and_changes_only_from_our_own_pages(pages: Pages, seeded: Seeded) -> None:
    treasurer = await pages.browser("treasurer")
    assert (await treasurer.get(f"{PREFIX}/me")).status == 200
    path = f"{PREFIX}/notices/retry"
    assert (await treasurer.post(path, headers=SAME_ORIGIN)).status == 200
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert (await treasurer.post(path, headers=headers)).status == 403


async def test_a_session_has_the_rights_of_its_role(pages: Pages, seeded: Seeded) -> None:
    auditor = Program(await pages.browser("auditor"))
    assert (await auditor.get("/me"))["role"] == "auditor"
    retried = await auditor.call("POST", f"{PREFIX}/notices/retry", headers=SAME_ORIGIN)
    assert retried.status == 403


async def test_a_wrong_token_is_not_made_good_by_a_session(pages: Pages, seeded: Seeded) -> None:
    browser = await pages.browser("owner")
    response = await browser.get(f"{PREFIX}/me", headers={"Authorization": "Bearer pk_wrong"})
    assert response.status == 401


# --- what it answers ---------------------------------------------------------------------------------------


@pytest.fixture
async def treasurer(pages: Pages, seeded: Seeded) -> Program:
    return await program(pages, seeded.secrets["treasurer"])


async def test_amounts_have_number_currency_and_text(treasurer: Program, seeded: Seeded) -> None:
    found = (await treasurer.get(f"/bills/{seeded.ids['bill_id']}"))["bill"]
    assert found["amount"] == {"minor": 300, "currency": "TWD", "text": "NT$300"}
    assert found["waived"]["minor"] == 50


async def test_ids_of_discord_are_strings(treasurer: Program, seeded: Seeded) -> None:
    assert (await treasurer.get("/workspace"))["guild_id"] == "700000"
    assert all(isinstance(row["discord_id"], str) for row in (await treasurer.get("/admins"))["items"])


async def test_an_error_is_written_in_the_callers_language(treasurer: Program) -> None:
    path = f"{PREFIX}/bills/999"
    english = await (await treasurer.call("GET", path)).json()
    chinese = await (await treasurer.call("GET", path, headers={"Accept-Language": "zh-TW"})).json()
    assert english["error"] == chinese["error"] == "bill_unknown"
    assert english["message"] != chinese["message"]


async def test_lists_are_read_a_page_at_a_time(treasurer: Program, seeded: Seeded) -> None:
    for path in ("/bills", "/payments", "/members", "/subscriptions", "/notices", "/log"):
        whole = (await treasurer.get(f"{path}?limit=200"))["items"]
        assert len(whole) > 1, path
        pieces, cursor = [], 0
        while cursor is not None:
            page = await treasurer.get(f"{path}?limit=1&cursor={cursor}")
            pieces += page["items"]
            cursor = page["next"]
        assert pieces == whole, path


async def test_bills_are_filtered_by_everything_that_is_asked(treasurer: Program, seeded: Seeded) -> None:
    async def count(query: str) -> int:
        return len((await treasurer.get(f"/bills?{query}"))["items"])

    everything = await count("")
    assert await count("period=2026-06") == everything
    assert await count("period=2026-07") == 0
    assert await count("q=ann") == await count(f"member_id={seeded.ids['payer']}") == 1
    assert await count("status=rejected&q=dan") == 1
    assert await count("status=verified&q=dan") == 0
    assert await count("overdue=true") == 0
    assert await count("kind=charge") == 0
    assert await count(f"plan_id={seeded.ids['plan_id']}") == everything


async def test_what_waits_can_be_verified_rejected_and_taken_back(treasurer: Program, seeded: Seeded) -> None:
    path = f"/payments/{seeded.ids['waiting']}"
    done = await treasurer.post(f"{path}/verify", {"received": {"minor": 200}})
    assert done["payment"]["status"] == "verified"
    assert done["payment"]["decided_by"].startswith("token:")
    assert done["bills"][0]["settled"]["minor"] == 200
    back = await treasurer.post(f"{path}/unverify")
    assert back["payment"]["status"] == "submitted"
    assert "payment.verify" in seeded.club.audits()


async def test_how_it_arrived_is_as_declared_another_way_or_unknown(
    treasurer: Program, seeded: Seeded
) -> None:
    declared = seeded.ids["method_id"]
    payer = seeded.club.member("Declares", discord_id=31_337)
    seeded.club.subscribe(payer, seeded.club.plan("Tea"), "2026-06-01")
    path = f"/payments/{seeded.club.submit(payer, method_id=declared).id}"
    for body, confirmed in (
        ({}, declared), ({"method_id": declared + 1}, declared + 1), ({"method_unstated": True}, None),
    ):  # fmt: skip
        done = await treasurer.post(f"{path}/verify", body)
        assert done["payment"]["declared_method_id"] == declared
        assert done["payment"]["confirmed_method_id"] == confirmed
        await treasurer.post(f"{path}/unverify")


async def test_a_picture_comes_along_and_can_be_fetched_and_deleted(
    treasurer: Program, seeded: Seeded
) -> None:
    body = {
        "member_id": seeded.ids["member_id"], "bill_ids": [seeded.ids["bill_id"]],
        "proof": base64.b64encode(encoded(screenshot(), "PNG")).decode(),
    }  # fmt: skip
    made = await treasurer.post("/payments", body, status=201)
    path = f"/payments/{made['payment']['id']}"
    assert (await treasurer.get(path))["has_proof"] is True
    for name in ("proof", "thumbnail"):
        shown = await treasurer.call("GET", f"{PREFIX}{path}/{name}")
        assert shown.content_type == "image/webp"
        assert (await shown.read())[:4] == b"RIFF"
    assert (await treasurer.call("DELETE", f"{PREFIX}{path}/proof")).status == 200
    assert (await treasurer.call("GET", f"{PREFIX}{path}/proof")).status == 404


async def test_a_preview_changes_nothing_and_its_digest_confirms_it(
    treasurer: Program, seeded: Seeded
) -> None:
    path = "/periods/2026-07/open"
    before = seeded.club.audits()
    shown = await treasurer.post(f"{path}?dry_run=true", {})
    assert shown["dry_run"] is True
    assert shown["bills"] > 0
    assert seeded.club.audits() == before
    done = await treasurer.post(f"{path}?digest={shown['digest']}", {})
    assert done["dry_run"] is False
    assert done["digest"] == shown["digest"]
    assert "period.open" in seeded.club.audits()[len(before) :]


async def test_a_digest_that_does_not_fit_any_more_shows_what_would_happen(
    treasurer: Program, seeded: Seeded
) -> None:
    shown = await treasurer.post("/periods/2026-07/open?dry_run=true", {})
    plan = seeded.club.plan("Second")
    seeded.club.subscriber(plan, "Eve")
    before = seeded.club.audits()
    refused = await treasurer.post(f"/periods/2026-07/open?digest={shown['digest']}", {}, status=409)
    assert refused["error"] == "preview_changed"
    assert refused["preview"]["bills"] == shown["bills"] + 1
    assert seeded.club.audits() == before
    await treasurer.post(f"/periods/2026-07/open?digest={refused['digest']}", {})


async def test_a_roster_file_is_previewed_applied_and_taken_back(treasurer: Program, seeded: Seeded) -> None:
    file = b"Name,Base\nFrida,TRUE\n"
    shown = await treasurer.post("/roster/import?dry_run=true", file)
    assert [row["name"] for row in shown["created"]] == ["Frida"]
    assert shown["import_id"] is None
    done = await treasurer.post(f"/roster/import?digest={shown['digest']}", file)
    assert (await treasurer.get("/members?q=frida"))["items"][0]["name"] == "Frida"
    await treasurer.post(f"/roster/imports/{done['import_id']}/undo")
    exported = await treasurer.call("GET", f"{PREFIX}/roster.csv")
    assert exported.content_type == "text/csv"
    assert "Frida" not in (await exported.read()).decode("utf-8-sig")


async def test_columns_without_telling_headers_are_named_in_the_address(
    treasurer: Program, seeded: Seeded
) -> None:
    file, plan = b"Who,Where,X\nFrida,frida@club.example,TRUE\n", seeded.ids["plan_id"]
    path = "/roster/import?dry_run=true&columns="
    shown = await treasurer.post(f"{path}name,email,plan:{plan}", file)
    assert [(row["name"], row["email"]) for row in shown["created"]] == [("Frida", "frida@club.example")]
    assert len(shown["subscribed"]) == 1
    assert (await treasurer.post(f"{path}name,,", file))["subscribed"] == []
    refused = await treasurer.post(f"{path}name,gold,", file, status=422)
    assert refused["error"] == "choice_unknown"


async def test_settings_are_changed_one_by_one_or_not_at_all(treasurer: Program) -> None:
    path = f"{PREFIX}/workspace"
    done = await (await treasurer.call("PATCH", path, {"due_days": 5, "review_channel_id": "77"})).json()
    assert done["changed"] == ["due_days", "review_channel_id"]
    refused = await treasurer.call("PATCH", path, {"due_days": 9, "currency": "XXX"})
    assert refused.status in (409, 422)
    assert (await treasurer.get("/workspace"))["due_days"] == 5


# --- what it refuses ---------------------------------------------------------------------------------------


async def test_what_is_sent_has_to_be_what_it_should_be(treasurer: Program, seeded: Seeded) -> None:
    """(path, body, status, error, field)"""
    reject = f"/payments/{seeded.ids['waiting']}/reject"
    record = {"member_id": seeded.ids["loose"], "amount": {"minor": 5}}
    cases: list[tuple[str, Any, int, str, str | None]] = [
        (reject, {}, 422, "missing", "reason"),
        (reject, {"reason": 5}, 422, "not_text", "reason"),
        (reject, {"reason": "x", "why": "y"}, 422, "not_known", "why"),
        (reject, {"reason": " "}, 422, "reason_missing", None),
        (reject + "?dry_run=maybe", {"reason": "x"}, 422, "not_true_or_false", "dry_run"),
        (reject + "?a=1", {"reason": "x"}, 422, "not_known", "a"),
        (reject + "?dry_run=true&dry_run=true", {"reason": "x"}, 422, "given_twice", "dry_run"),
        ("/payments/record", {**record, "member_id": "1"}, 422, "not_a_number", "member_id"),
        ("/payments/record", {**record, "member_id": 0}, 422, "out_of_range", "member_id"),
        ("/payments/record", {**record, "amount": {"minor": 1.5}}, 422, "not_a_number", "amount.minor"),
        ("/payments/record", {**record, "amount": {"minor": 5, "currency": "USD"}}, 422,
         "amount_in_other_currency", "amount"),
        ("/payments/record", {**record, "amount": {"minor": 0}}, 422, "amount_not_positive", "amount"),
        ("/periods/2026-13/open", {}, 422, "invalid_period", "period"),
        ("/methods", {"name": "x", "kind": "gold"}, 422, "not_a_choice", "kind"),
        ("/payments", {"member_id": 1, "bill_ids": []}, 422, "too_few", "bill_ids"),
        ("/payments", {"member_id": 1, "bill_ids": [1], "proof": "?"}, 422, "not_base64", "proof"),
        ("/bills/99999999999999999999/void", {"reason": "x"}, 404, "not_found", None),
        ("/bills/9223372036854775807/void", {"reason": "x"}, 404, "bill_unknown", None),
        (f"/payments/{seeded.ids['waiting']}/verify",
         {"method_unstated": True, "method_id": seeded.ids["method_id"]}, 422, "contradicts",
         "method_unstated"),
        ("/nothing", {}, 404, "not_found", None),
    ]  # fmt: skip
    before = seeded.club.audits()
    for path, body, status, error, field in cases:
        refused = await treasurer.post(path, body, status=status)
        assert (refused["error"], refused.get("field")) == (error, field), path
        assert refused["message"]
    assert seeded.club.audits() == before


async def test_a_body_has_to_be_json_of_a_bearable_size(treasurer: Program, seeded: Seeded) -> None:
    path = f"{PREFIX}/payments/{seeded.ids['waiting']}/reject"
    cases = [
        (b"{", {"Content-Type": "application/json"}, 400, "not_json"),
        (b'{"reason": "\\ud800"}', {"Content-Type": "application/json"}, 400, "not_json"),
        (b"[" * 5000, {"Content-Type": "application/json"}, 400, "not_json"),
        (b"reason=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (b" " * 300_000, {"Content-Type": "application/json"}, 413, "request_entity_too_large"),
    ]  # fmt: skip
    for body, headers, status, error in cases:
        response = await treasurer.call("POST", path, body, headers=headers)
        assert response.status == status, body[:20]
        assert (await response.json())["error"] in (error, "content_too_large")


async def test_another_method_is_refused_with_those_that_work(treasurer: Program) -> None:
    response = await treasurer.call("DELETE", f"{PREFIX}/bills")
    assert response.status == 405
    assert "GET" in response.headers["Allow"]
    assert (await response.json())["error"] == "method_not_allowed"


async def test_who_asks_too_often_is_told_when_to_come_again(make_pages: Any, seeded: Seeded) -> None:
    from bot.web.options import RATES, Rate

    free = dict.fromkeys(RATES, Rate(1000, 1000))
    pages = await make_pages(rates={**free, "api": Rate(2, 1)})
    caller = await program(pages, seeded.secrets["read"])
    assert [(await caller.call("GET", f"{PREFIX}/me")).status for _ in range(3)] == [200, 200, 429]
    last = await caller.call("GET", f"{PREFIX}/me")
    assert int(last.headers["Retry-After"]) > 0
    assert (await last.json())["error"] == "too_many_requests"


async def test_every_address_is_what_the_table_says(seeded: Seeded) -> None:
    for operation in OPERATIONS:
        assert "{" not in address(operation, seeded.ids)
