"""Alert targets: what is kept, what is shown, and that every submission queues one alert for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core import alerts, errors, sending
from core.alerts import Alert, AlertOutcome, webhook_body
from core.models import Member, Notice, NoticeId
from core.store import notices as rows
from tests.core.helpers import everything, refused
from tests.factories import Club

HOOK = "https://hooks.example/services/T1/SECRET"


@pytest.fixture
def member(club: Club) -> Member:
    member = club.subscriber(club.plan(), "Ann")
    club.open()
    return member


def add_hook(club: Club, address: str = HOOK, name: str = "Ops") -> alerts.ShownTarget:
    return club.db.write(alerts.add_webhook, club.treasurer, name, address)


def queued(club: Club) -> list[Notice]:
    ids = club.db.conn.execute("SELECT id FROM notices WHERE kind = 'alert' ORDER BY id").fetchall()
    found = [club.db.read(lambda tx, one=row[0]: rows.get(tx.conn, one)) for row in ids]
    return [notice for notice in found if notice is not None]


def to_send(club: Club, number: int = 0) -> Alert | None:
    return club.db.read(alerts.to_send, queued(club)[number].id)


def test_a_target_is_listed_by_name_and_host_and_never_with_its_secret(club: Club):
    add_hook(club)
    club.db.write(alerts.add_bark, club.treasurer, "Phone", "KEY123")
    shown = club.db.read(alerts.everyone, club.auditor)
    assert [(target.kind, target.name, target.host) for target in shown] == [
        ("webhook", "Ops", "hooks.example"), ("bark", "Phone", "api.day.app"),
    ]  # fmt: skip
    assert "SECRET" not in repr(shown)
    assert "KEY123" not in repr(shown)
    audit = club.db.conn.execute("SELECT group_concat(after_json) FROM audit_log").fetchone()[0]
    assert "SECRET" not in audit
    assert "KEY123" not in audit


def test_each_submission_queues_one_alert_for_each_target_in_its_own_transaction(club: Club, member: Member):
    add_hook(club)
    add_hook(club, name="Second")
    payment = club.submit(member, note="paid")
    assert [(n.target, n.subject_type, n.subject_id) for n in queued(club)] == [
        ("alert", "payment", payment.id)
    ] * 2
    alert = to_send(club)
    assert alert is not None
    assert (alert.payer, alert.amount, alert.amount_minor, alert.month) == ("Ann", "NT$300", 300, "2026-06")
    assert alert.text == "Ann says they paid NT$300 for June 2026."


def test_a_repeated_submission_and_a_recorded_payment_alert_nobody(club: Club, member: Member):
    add_hook(club)
    bills = club.bills(member)
    club.submit(member, bills, request_id="same")
    club.submit(member, bills, request_id="same")
    club.record(member, 100)
    assert len(queued(club)) == 1


def test_what_was_decided_or_removed_meanwhile_is_not_sent(club: Club, member: Member):
    target = add_hook(club)
    payment = club.submit(member)
    assert to_send(club) is not None
    club.verify(payment)
    assert to_send(club) is None
    other = club.subscriber(club.plan("Other"), "Ben", "2026-06-01")
    club.submit(other)
    club.db.write(alerts.remove, club.treasurer, target.id)
    assert to_send(club, 1) is None
    kept = club.db.conn.execute("SELECT target FROM alert_targets").fetchall()
    assert kept == [("-",)], "the secret is forgotten"


def test_outcomes_are_noted_down_and_a_final_failure_is_told(club: Club, member: Member):
    add_hook(club)
    club.submit(member)
    (notice,) = queued(club)
    attempt = club.db.write(sending.claim, notice.id)
    assert attempt is not None
    alert = to_send(club)
    assert alert is not None
    again = AlertOutcome(sent=False, reason="answered 500")
    club.db.write(alerts.record_outcome, notice, alert, again)
    assert (queued(club)[0].status, queued(club)[0].error) == ("waiting", "answered 500")
    assert club.notices("alert_failed") == []
    club.db.write(alerts.record_outcome, notice, alert, AlertOutcome(False, "answered 410", final=True))
    assert queued(club)[0].status == "failed"
    assert club.notices("alert_failed") == [("alert_failed", "admin", 0)]
    club.db.write(sending.retry, club.id, NoticeId(notice.id))
    club.db.write(alerts.record_outcome, notice, alert, AlertOutcome(sent=True))
    assert queued(club)[0].status == "sent"


def test_the_club_s_own_wording_is_used(club: Club, member: Member):
    from core import templates

    club.db.write(templates.save, club.treasurer, "alert", "en", "NEW {payer} {amount} {period} {link}")
    add_hook(club)
    club.submit(member)
    alert = to_send(club)
    assert alert is not None
    assert (
        webhook_body(alert, "https://pot.example/m")["text"]
        == "NEW Ann NT$300 June 2026 https://pot.example/m"
    )


def test_each_host_gets_its_shape(club: Club, member: Member):
    for host in (
        "discord.com", "ptb.discord.com", "discordapp.com", "hooks.slack.com", "chat.googleapis.com",
        "example.org", "notdiscord.com",
    ):  # fmt: skip
        add_hook(club, f"https://{host}/hook", host)
    club.submit(member)
    bodies = {}
    for number in range(7):
        alert = to_send(club, number)
        assert alert is not None
        bodies[alert.target.name] = webhook_body(alert, "https://pot.example/m")
    said = "Ann says they paid NT$300 for June 2026.\n→ https://pot.example/m"
    for host in ("discord.com", "ptb.discord.com", "discordapp.com"):
        assert bodies[host] == {"content": said, "allowed_mentions": {"parse": []}}
    for host in ("hooks.slack.com", "chat.googleapis.com"):
        assert bodies[host] == {"text": said}
    plain = {
        "text": said, "payer": "Ann", "amount": 300, "amount_text": "NT$300", "period": "2026-06",
        "link": "https://pot.example/m",
    }  # fmt: skip
    assert bodies["example.org"] == bodies["notdiscord.com"] == plain


def test_a_name_pings_nobody_and_links_nowhere_in_any_shape(club: Club):
    name = "<!channel> <users/all> @everyone [pay](https://evil.example) & Co"
    member = club.subscriber(club.plan(), name)
    club.open()
    for host in ("discord.com", "hooks.slack.com", "chat.googleapis.com"):
        add_hook(club, f"https://{host}/hook", host)
    club.submit(member)
    discord, slack, google = (webhook_body(to_send(club, number), "") for number in range(3))
    assert discord["allowed_mentions"] == {"parse": []}
    assert r"\[pay\]\(https://evil.example\)" in str(discord["content"])
    said = "&lt;!channel&gt; &lt;users/all&gt; @everyone [pay](https://evil.example) &amp; Co says"
    assert str(slack["text"]).startswith(said)
    assert "<users/all>" not in str(google["text"])
    assert "<!channel>" not in str(google["text"])


@pytest.mark.parametrize(
    "address",
    ["", "ftp://x.example/", "//x.example", "javascript:alert(1)", "https://", "https://user:pw@x.example/",
     "https://x.example/a b", "https://x.example:99999/", "https://[::1", "not an address", "https://例.example/"],
)  # fmt: skip
def test_addresses_that_are_none_are_refused(club: Club, address: str):
    before = everything(club.db)
    with pytest.raises(errors.DomainError):
        add_hook(club, address)
    assert everything(club.db) == before


@pytest.mark.parametrize("key", ["", "a/b", "a b", "鑰匙"])
def test_bark_keys_that_are_none_are_refused(club: Club, key: str):
    with pytest.raises((errors.AddressInvalid, errors.FieldMissing)):
        club.db.write(alerts.add_bark, club.treasurer, "Phone", key)


def test_there_is_an_end_to_targets(club: Club):
    for number in range(alerts.MOST_TARGETS):
        add_hook(club, name=f"Hook {number}")
    with refused(club.db, errors.TooManyAlertTargets, most=alerts.MOST_TARGETS):
        add_hook(club)


def test_only_treasurers_and_only_their_own_club(club: Club):
    target = add_hook(club)
    for actor in (club.reviewer, club.auditor, club.stranger):
        for act, args in (
            (alerts.add_webhook, ("x", HOOK)), (alerts.remove, (target.id,)), (alerts.sample, (target.id,)),
            (alerts.sample_webhook, (HOOK,)), (alerts.sample_bark, ("KEY123",)),
        ):  # fmt: skip
            with refused(club.db, errors.RoleNeeded):
                club.db.write(act, actor, *args)
    other = Club.create(club.db, number=1)
    for act in (alerts.remove, alerts.sample):
        with refused(club.db, errors.AlertTargetUnknown):
            club.db.write(act, other.treasurer, target.id)


def test_a_test_of_what_was_typed_is_one_of_what_would_be_added(club: Club):
    """The same target, the same words, and nothing is kept of it: no row, no line of the log."""
    before = everything(club.db)
    tried = [
        club.db.write(alerts.sample_webhook, club.treasurer, f" {HOOK} "),
        club.db.write(alerts.sample_bark, club.treasurer, "KEY123"),
        club.db.write(alerts.sample_bark, club.treasurer, "KEY123", "https://bark.example/"),
    ]
    assert everything(club.db) == before
    add_hook(club, f" {HOOK} ")
    for server in ("", "https://bark.example/"):
        club.db.write(alerts.add_bark, club.treasurer, "Phone", "KEY123", server)
    for alert, shown in zip(tried, club.db.read(alerts.everyone, club.treasurer), strict=True):
        kept = club.db.read(alerts.sample, club.treasurer, shown.id)
        assert replace(kept.target, id=0, name="") == alert.target
        assert (alert.text, kept.text) == ("[test] Robin Example says they paid NT$520 for June 2026.",) * 2


@pytest.mark.parametrize(
    ("add", "sample", "typed"),
    [
        (alerts.add_webhook, alerts.sample_webhook, ("",)),
        (alerts.add_webhook, alerts.sample_webhook, ("ftp://x.example/",)),
        (alerts.add_webhook, alerts.sample_webhook, ("https://user:pw@x.example/",)),
        (alerts.add_webhook, alerts.sample_webhook, (f"https://x.example/{'x' * 500}",)),
        (alerts.add_bark, alerts.sample_bark, ("",)),
        (alerts.add_bark, alerts.sample_bark, ("a/b",)),
        (alerts.add_bark, alerts.sample_bark, ("KEY123", "nowhere")),
    ],
)
def test_a_test_is_refused_for_what_could_not_be_added(
    club: Club, add: Callable[..., Any], sample: Callable[..., Any], typed: tuple[str, ...]
):
    with pytest.raises(errors.InvalidInput) as adding:
        club.db.write(add, club.treasurer, "Name", *typed)
    with refused(club.db, type(adding.value), **adding.value.params):
        club.db.write(sample, club.treasurer, *typed)


def test_a_test_says_that_it_is_one(club: Club):
    target = add_hook(club)
    alert = club.db.read(alerts.sample, club.treasurer, target.id)
    assert alert.text == "[test] Robin Example says they paid NT$520 for June 2026."
    assert queued(club) == []
