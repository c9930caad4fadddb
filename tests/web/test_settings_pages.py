"""Settings, alert targets, rights and API tokens: what is saved, what is refused and why, and who may."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core import alerts, api_tokens
from core.alerts import Alert, AlertOutcome
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.conftest import MakePages
from tests.web.desk_pages import ADMIN, ANNOUNCE, REVIEW, ROLE, furnish, refused, text_of
from tests.web.site import FakeHost, Pages

PARTS: dict[str, dict[str, str]] = {
    "club": {"name": "Pot of friends", "currency": "EUR", "timezone": "Europe/Berlin", "locale": "zh-TW"},
    "billing": {"billing_day": "7", "due_days": "14", "auto_open": "0"},
    "reminders": {
        "reminder_mode": "both", "reminder_days": "-2, 3、7", "quiet_from": "22:00", "quiet_to": "07:30",
        "debtors_public": "1",
    },
    "rules": {"link_policy": "open", "closed_dm_policy": "thread", "self_verify": "0"},
}  # fmt: skip


async def save(pages: Pages, part: str, **fields: str) -> Any:
    return await (await pages.browser("treasurer")).post(f"/settings/{part}", fields)


@pytest.mark.parametrize("part", PARTS)
async def test_each_part_is_saved_by_itself(pages: Pages, club: Club, part: str) -> None:
    before = club.workspace
    response = await save(pages, part, **PARTS[part])
    assert response.status == 303
    after, expected = club.workspace, {**PARTS[part]}
    if part == "reminders":
        expected["reminder_days"] = "[-2, 3, 7]"
    for name in before.__slots__:
        wanted = expected.get(name, str(getattr(before, name)))
        assert str(getattr(after, name)) == wanted, name
    assert club.audits("workspace.update") == ["workspace.update"]


@pytest.mark.parametrize(
    ("part", "field", "value", "said"),
    [
        ("club", "name", " ", "The name is missing"),
        ("club", "currency", "XYZ", "XYZ"),
        ("club", "timezone", "Asia/Nowhere", "Asia/Nowhere"),
        ("club", "locale", "de", "language"),
        ("billing", "billing_day", "31", "billing day"),
        ("billing", "billing_day", "first", "billing day"),
        ("billing", "due_days", "-1", "days to pay"),
        ("reminders", "reminder_mode", "shout", "kind of reminders"),
        ("reminders", "reminder_days", "soon", "days of the reminders"),
        ("reminders", "reminder_days", "1,2,3,4,5,6", "days of the reminders"),
        ("reminders", "quiet_from", "25:00", "beginning of the quiet hours"),
        ("reminders", "quiet_to", "", "end of the quiet hours"),
        ("reminders", "quiet_to", "22:00", "quiet hours"),
        ("rules", "link_policy", "anybody", "rule for linking names"),
    ],
)
async def test_bad_input_is_refused_beside_its_field_and_nothing_of_the_part_is_saved(
    pages: Pages, club: Club, part: str, field: str, value: str, said: str
) -> None:
    before = club.workspace
    page = await refused(await save(pages, part, **{**PARTS[part], field: value}))
    errors = re.findall(r'<p class="error" id="([a-z_]+)-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    assert [name for name, _ in errors] == [field] or field in ("reminder_mode", "locale", "link_policy")
    assert said in " ".join(text for _, text in errors) or said in page
    assert club.workspace == before


async def test_the_currency_stays_once_an_amount_was_written(pages: Pages, club: Club) -> None:
    plan = club.plan()
    club.subscriber(plan)
    club.open()
    page = await refused(await save(pages, "club", **PARTS["club"]), 409)
    assert 'id="currency-error"' in page
    assert club.workspace.currency == "TWD"


async def test_channels_and_the_role_are_picked_by_name(pages: Pages, club: Club, host: FakeHost) -> None:
    furnish(host)
    page = await text_of(pages, "treasurer", "/settings/channels")
    assert "#announcements" in page
    assert "@Treasury" in page
    fields = {
        "announce_channel_id": str(ANNOUNCE), "review_channel_id": str(REVIEW),
        "admin_channel_id": "", "reviewer_role_id": str(ROLE),
    }  # fmt: skip
    assert (await save(pages, "channels", **fields)).status == 303
    found = club.workspace
    assert (found.announce_channel_id, found.review_channel_id) == (ANNOUNCE, REVIEW)
    assert (found.admin_channel_id, found.reviewer_role_id) == (None, ROLE)


async def test_the_panel_is_queued_for_the_announcement_channel_and_asks_for_one(
    pages: Pages, club: Club
) -> None:
    browser = await pages.browser("treasurer")
    page = await (await browser.follow(await browser.post("/settings/panel"))).text()
    assert "announcement channel is missing" in page
    assert club.notices("panel") == []
    club.set(announce_channel_id=ANNOUNCE)
    assert "Post the panel" in await text_of(pages, "treasurer", "/settings/channels")
    for _ in range(2):
        page = await (await browser.follow(await browser.post("/settings/panel"))).text()
        assert "The panel is on its way" in page
    assert club.notices("panel") == [("panel", "announce", 0)]


@pytest.mark.parametrize("value", ["12345", "x", str(ROLE)])
async def test_a_channel_that_the_server_does_not_have_is_refused(
    pages: Pages, club: Club, host: FakeHost, value: str
) -> None:
    furnish(host)
    page = await refused(await save(pages, "channels", announce_channel_id=value))
    assert 'id="announce_channel_id-error"' in page
    assert club.workspace.announce_channel_id is None


async def test_a_chosen_channel_that_is_gone_stays_until_another_is_chosen(
    pages: Pages, club: Club, host: FakeHost
) -> None:
    club.set(announce_channel_id=77)
    furnish(host)
    assert "A channel that the bot does not see any more" in await text_of(
        pages, "auditor", "/settings/channels"
    )
    await save(pages, "channels", announce_channel_id="77", review_channel_id=str(REVIEW))
    assert (club.workspace.announce_channel_id, club.workspace.review_channel_id) == (77, REVIEW)


async def test_without_discord_no_channel_can_be_chosen_and_none_is_lost(pages: Pages, club: Club) -> None:
    club.set(announce_channel_id=77)
    page = await text_of(pages, "treasurer", "/settings/channels")
    assert "nothing can be chosen at this moment" in page
    assert (await save(pages, "channels")).status == 303
    assert club.workspace.announce_channel_id == 77


async def test_the_retention_shows_its_effect_before_it_is_set(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    asked = await browser.get("/settings/pictures?months=6")
    page = await asked.text()
    assert "Deleted tonight" in page
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert digest is not None
    assert club.workspace.proof_retention_months == 24
    done = await browser.post("/settings/pictures", {"digest": digest[1], "months": "6"})
    assert done.status == 303
    assert club.workspace.proof_retention_months == 6


@pytest.mark.parametrize("months", ["", "x", "601", "-1"])
async def test_a_retention_that_cannot_be_is_refused(pages: Pages, club: Club, months: str) -> None:
    page = await refused(await (await pages.browser("treasurer")).get(f"/settings/pictures?months={months}"))
    assert 'id="months-error"' in page
    assert "months to keep screenshots" in page


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
async def test_who_is_no_treasurer_reads_and_changes_nothing(
    pages: Pages, club: Club, host: FakeHost, role: str
) -> None:
    furnish(host)
    browser = await pages.browser(role)
    for path in ("/settings", *(f"/settings/{tab}" for tab in ("channels", "alerts", "rights", "tokens"))):
        page = await (await browser.get(path)).text()
        assert 'class="button is-primary"' not in page, path
    before = club.workspace
    for path in (
        "club", "channels", "alerts/webhook", "alerts/bark", "alerts/1/test", "alerts/1/remove", "rights",
        "rights/1/revoke", "tokens", "tokens/1/revoke", "pictures",
    ):  # fmt: skip
        assert (await browser.post(f"/settings/{path}", {"name": "x"})).status == 403, path
    assert club.workspace == before


# --- alert targets -----------------------------------------------------------------------------------------


async def test_what_a_target_is_reached_by_is_never_shown_again(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    address = "https://hooks.example.org/very/secret"
    added = await browser.post("/settings/alerts/webhook", {"name": "Chat", "webhook": address})
    phone = {"name": "Phone", "bark_key": "s3cretkey", "bark_server": ""}
    assert (await browser.post("/settings/alerts/bark", phone)).status == 303
    page = await (await browser.follow(added)).text()
    assert "hooks.example.org" in page
    assert "very/secret" not in page
    assert "s3cretkey" not in page


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("webhook", {"name": "", "webhook": "https://a.example/secret"}, "name"),
        ("webhook", {"name": "x", "webhook": "ftp://a.example/secret"}, "webhook"),
        ("bark", {"name": "x", "bark_key": ""}, "bark_key"),
        ("bark", {"name": "x", "bark_key": "secret", "bark_server": "nowhere"}, "bark_server"),
    ],
)
async def test_a_target_that_cannot_be_is_refused_and_its_secret_is_not_repeated(
    pages: Pages, club: Club, path: str, fields: dict[str, str], field: str
) -> None:
    page = await refused(await (await pages.browser("treasurer")).post(f"/settings/alerts/{path}", fields))
    assert f'id="{path}-{field}-error"' in page
    assert "secret" not in page
    assert club.db.read(alerts.everyone, club.treasurer) == []


class Port:
    """Where alerts go in these tests."""

    def __init__(self, outcome: AlertOutcome) -> None:
        self.outcome, self.sent = outcome, list[Alert]()

    async def send(self, alert: Alert, link: str = "") -> AlertOutcome:
        self.sent.append(alert)
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (AlertOutcome(sent=True), "The test reached Chat."),
        (AlertOutcome(sent=False, reason="no_answer"), "did not answer in time"),
        (AlertOutcome(sent=False, reason="answered 404"), "refused with the answer 404"),
        (AlertOutcome(sent=False, reason="not_public"), "not allowed here"),
    ],
)
async def test_a_target_can_be_tried(pages: Pages, club: Club, outcome: AlertOutcome, said: str) -> None:
    target = club.db.write(alerts.add_webhook, club.treasurer, "Chat", "https://a.example/x")
    pages.services.alert_port = port = Port(outcome)
    browser = await pages.browser("treasurer")
    page = await (await browser.follow(await browser.post(f"/settings/alerts/{target.id}/test"))).text()
    assert said in page
    assert len(port.sent) == 1


async def test_a_target_of_another_club_is_neither_tried_nor_removed(pages: Pages, club: Club) -> None:
    other = Club.create(club.db, number=1)
    target = club.db.write(alerts.add_webhook, other.treasurer, "Theirs", "https://a.example/x")
    browser = await pages.browser("treasurer")
    for action in ("test", "remove"):
        assert (await browser.post(f"/settings/alerts/{target.id}/{action}")).status == 404
    assert club.db.read(alerts.everyone, other.treasurer) == [target]


async def test_a_removed_target_is_told_no_more(pages: Pages, club: Club) -> None:
    target = club.db.write(alerts.add_webhook, club.treasurer, "Chat", "https://a.example/x")
    browser = await pages.browser("treasurer")
    page = await (await browser.follow(await browser.post(f"/settings/alerts/{target.id}/remove"))).text()
    assert "Removed: Chat." in page
    assert club.db.read(alerts.everyone, club.treasurer) == []


# --- rights ------------------------------------------------------------------------------------------------


async def test_a_role_is_given_and_taken_by_a_members_name(pages: Pages, club: Club) -> None:
    member = club.member("Mei Lin", discord_id=1_412_345_678_901_234_999)
    browser = await pages.browser("treasurer")
    given = await browser.post("/settings/rights", {"member": str(member.id), "role": "auditor"})
    assert "Mei Lin is auditor now." in await (await browser.follow(given)).text()
    taken = await browser.post(f"/settings/rights/{member.discord_id}/revoke")
    assert "Mei Lin is no longer auditor." in await (await browser.follow(taken)).text()
    assert club.audits("admin")[-2:] == ["admin.grant", "admin.revoke"]


@pytest.mark.parametrize(
    ("member", "role", "status"),
    [("", "auditor", 422), ("999", "auditor", 404), ("1", "king", 422), ("1", "owner", 403)],
)
async def test_a_role_that_cannot_be_given_is_refused(
    pages: Pages, club: Club, member: str, role: str, status: int
) -> None:
    person = club.member("Mei Lin", discord_id=600_001)
    browser = await pages.browser("treasurer")
    chosen = str(person.id) if member == "1" else member
    response = await browser.post("/settings/rights", {"member": chosen, "role": role})
    await refused(response, status)
    assert "600001" not in str(club.db.conn.execute("SELECT discord_id FROM admins").fetchall())


async def test_the_last_one_who_runs_the_club_stays(pages: Pages, club: Club, host: FakeHost) -> None:
    browser = await pages.browser("treasurer")
    response = await browser.post(f"/settings/rights/{club.treasurer.discord_id}/revoke")
    assert response.status == 303
    assert (await browser.get("/settings/rights")).status == 200  # still somebody


async def test_a_treasurer_cannot_take_the_role_of_an_owner(pages: Pages, club: Club) -> None:
    from core import admins

    club.db.write(admins.grant, club.owner, 600_002, "owner")
    browser = await pages.browser("treasurer")
    page = await (await browser.get("/settings/rights")).text()
    assert "/settings/rights/600002/revoke" not in page
    response = await browser.post("/settings/rights/600002/revoke")
    assert response.status == 303
    assert ("owner",) in club.db.conn.execute("SELECT role FROM admins WHERE discord_id = 600002").fetchall()


# --- API tokens --------------------------------------------------------------------------------------------


async def test_the_key_of_a_token_is_shown_once(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    made = await browser.post("/settings/tokens", {"name": "Sheet", "scope": "read", "days": "90"})
    secret = re.search(r'value="(pk_[\w-]{43})"', await made.text())
    assert secret is not None
    assert made.headers["Cache-Control"] == "no-store"
    listed = await text_of(pages, "treasurer", "/settings/tokens")
    assert "Sheet" in listed
    assert secret[1] not in listed
    assert club.db.read(api_tokens.resume, secret[1], lambda guild: None) is not None


async def test_the_list_says_when_a_token_was_used_and_a_revoked_one_opens_nothing(
    pages: Pages, club: Club, clock: FixedClock
) -> None:
    made = club.db.write(api_tokens.create, club.treasurer, "Sheet", "read")
    assert "never" in await text_of(pages, "auditor", "/settings/tokens")
    club.db.write(api_tokens.touch, made.token.id)
    clock.advance(hours=3)
    assert "3 h ago" in await text_of(pages, "auditor", "/settings/tokens")
    browser = await pages.browser("treasurer")
    page = await (await browser.follow(await browser.post(f"/settings/tokens/{made.token.id}/revoke"))).text()
    assert "No tokens yet" in page
    assert club.db.read(api_tokens.resume, made.secret, lambda guild: None) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "", "scope": "read", "days": ""}, "name"),
        ({"name": "x", "scope": "all", "days": ""}, "scope"),
        ({"name": "x", "scope": "read", "days": "7"}, "days"),
    ],
)
async def test_a_token_that_cannot_be_is_refused(
    pages: Pages, club: Club, fields: dict[str, str], field: str
) -> None:
    page = await refused(await (await pages.browser("treasurer")).post("/settings/tokens", fields))
    assert f'id="{field}-error"' in page
    assert club.db.read(api_tokens.everyone, club.treasurer) == []


async def test_tokens_of_another_club_are_out_of_reach(pages: Pages, club: Club) -> None:
    other = Club.create(club.db, number=1)
    made = club.db.write(api_tokens.create, other.treasurer, "Theirs", "read")
    assert "Theirs" not in await text_of(pages, "treasurer", "/settings/tokens")
    assert (
        await (await pages.browser("treasurer")).post(f"/settings/tokens/{made.token.id}/revoke")
    ).status == 404


@pytest.mark.parametrize(
    "path", ["club", "channels", "alerts/webhook", "alerts/1/test", "rights", "rights/1/revoke", "tokens"]
)
async def test_another_site_cannot_post_here(make_pages: MakePages, club: Club, path: str) -> None:
    pages = await make_pages()
    browser = await pages.browser("owner")
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert (await browser.post(f"/settings/{path}", {"name": "x"}, headers=headers)).status == 403


def test_the_places_of_these_tests_are_as_large_as_discords() -> None:
    assert len(str(ADMIN)) == 19
