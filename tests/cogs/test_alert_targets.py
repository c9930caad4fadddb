"""/club alert: add in a form, list without secrets, test, remove."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from core import admins
from core.alerts import Alert, AlertOutcome
from tests.cogs.club_steps import books, chinese, club, suggestions
from tests.cogs.conftest import Server, components, private, text

__all__ = ["chinese"]  # a fixture

HOOK = "https://hooks.example/services/SECRET"


@dataclass
class Port:
    """Takes alerts as it is told to."""

    outcome: AlertOutcome = field(default_factory=lambda: AlertOutcome(sent=True))
    sent: list[tuple[Alert, str]] = field(default_factory=list)

    async def send(self, alert: Alert, link: str = "") -> AlertOutcome:
        self.sent.append((alert, link))
        return self.outcome


@pytest.fixture
def port(server: Server) -> Port:
    server.services.alert_port = made = Port()
    return made


async def add(server: Server, command: str = "add-webhook", *typed: str) -> Any:
    form = await server.tess.slash(server.general, f"club alert {command}")
    names = [part["custom_id"] for part in components(form) if part["type"] == 4]
    values = typed or ("Ops *x*", HOOK)
    return await server.tess.submit_modal(form, dict(zip(names, (*values, ""), strict=False)))


async def test_a_webhook_is_added_tested_listed_and_removed_and_its_secret_is_never_shown(
    server: Server, port: Port
):
    said = text(private(await add(server)))
    assert r"**Ops \*x\*** (hooks.example) is told" in said
    tested = text(await club(server, "alert test", target="target:1"))
    assert "took the test" in tested
    (sent, link) = port.sent[0]
    assert (sent.text, link) == ("[test] Robin Example says they paid NT$520 for June 2026.", "")
    listed = text(await club(server, "alert list"))
    assert r"- **Ops \*x\*** · webhook · hooks.example" in listed
    removed = text(await club(server, "alert remove", target="Ops *x*"))
    assert "told no more" in removed
    assert "SECRET" not in said + tested + listed + removed
    assert "in the review channel only" in text(await club(server, "alert list"))


async def test_a_failed_test_says_why_and_changes_nothing(server: Server, port: Port):
    await add(server)
    before = books(server)
    for outcome, said in (
        (AlertOutcome(False, "answered 500"), "it answered 500"),
        (AlertOutcome(False, "not_public", final=True), "not a public one"),
        (AlertOutcome(False, "no_answer"), "did not answer in time"),
        (AlertOutcome(False, "unreachable"), "cannot be reached"),
    ):
        port.outcome = outcome
        assert said in text(await club(server, "alert test", target="target:1"))
    assert books(server) == before


async def test_a_target_that_was_just_added_can_be_tried_by_a_button(server: Server, port: Port):
    added = private(await add(server))
    before = books(server)
    port.outcome = AlertOutcome(False, "answered 404")
    assert "it answered 404" in text(private(await server.tess.click(added, label="Send a test")))
    port.outcome = AlertOutcome(sent=True)
    assert "took the test" in text(private(await server.tess.click(added, label="Send a test")))
    assert [sent.target.target for sent, _ in port.sent] == [HOOK, HOOK]
    assert books(server) == before


async def test_the_button_asks_again_who_may(server: Server, port: Port):
    added = private(await add(server))
    server.club.db.write(admins.revoke, server.club.owner, server.club.treasurer.discord_id)
    assert "Only a treasurer" in text(private(await server.tess.click(added, label="Send a test")))
    assert port.sent == []


async def test_a_phone_with_bark(server: Server, port: Port):
    said = text(private(await add(server, "add-bark", "Phone", "KEY123")))
    assert "**Phone** (api.day.app)" in said
    assert "KEY123" not in said


@pytest.mark.parametrize("address", ["ftp://x", "https://u:p@x.example/", "nonsense"])
async def test_an_address_that_is_none_is_refused_and_kept_for_another_try(server: Server, address: str):
    before = books(server)
    said = private(await add(server, "add-webhook", "Ops", address))
    assert "webhook address" in text(said)
    assert books(server) == before
    again = await server.tess.click(said, label="Try again")
    assert [part.get("value") for part in components(again) if part["type"] == 4] == ["Ops", address]


async def test_the_link_leads_to_the_member_s_month_where_there_are_pages(server: Server, port: Port):
    await add(server)
    server.services.month_link = lambda member, month: f"https://pot.example/members/{member}?period={month}"
    await club(server, "alert test", target="target:1")
    assert port.sent[0][1] == "https://pot.example/members/0?period=2026-06"


async def test_a_failed_alert_is_told_with_a_button_that_tries_again(server: Server, port: Port):
    await add(server)
    port.outcome = AlertOutcome(False, "answered 410", final=True)
    member = await server.owing(server.ann, 300)
    server.club.submit(member)
    await server.deliver()
    await server.deliver()
    (card,) = [message for message in server.admin.history() if "could not be sent" in text(message)]
    assert r"“Ops \*x\*” did not take it: it answered 410" in text(card)
    port.outcome = AlertOutcome(sent=True)
    await server.tess.click(card, label="Send again")
    await server.deliver()
    status = server.db.conn.execute("SELECT status FROM notices WHERE kind = 'alert'").fetchone()
    assert status == ("sent",)


async def test_members_reviewers_and_wrong_names_are_refused(server: Server, port: Port):
    await add(server)
    for command in ("alert add-webhook", "alert add-bark"):
        assert "Only a treasurer" in text(await club(server, command, server.rita))
    assert "Only a treasurer" in text(await club(server, "alert test", server.rita, target="target:1"))
    assert "no such alert target" in text(await club(server, "alert test", target="target:9"))
    assert [choice["name"] for choice in await suggestions(server, "alert test", "target", "op")] == [
        "Ops *x* · hooks.example"
    ]
    assert await suggestions(server, "alert test", "target", "", server.ann) == []


async def test_in_chinese(server: Server, port: Port, chinese: None):
    assert "之後每筆新付款都會通知" in text(private(await add(server)))
    port.outcome = AlertOutcome(False, "answered 404", final=True)
    assert "回應了 404" in text(await club(server, "alert test", target="target:1"))
