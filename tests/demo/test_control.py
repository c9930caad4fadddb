"""The control API as a script outside uses it, on the real demo: docs/simulator.md is kept to its word."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.demo_receipts import receipt
from core.clock import SystemClock, local_date
from core.db import LocalDatabase
from core.period import collecting_period
from tests.demo.demo_process import DemoProcess, controls, custom_id, words
from tests.factories import Club
from tests.faults.stage import ROOT

pytestmark = pytest.mark.socket

USERS = ("owner", "treasurer", "reviewer", "member1", "member2", "member3", "newcomer", "unlinked")
FILE = {
    "filename": "proof.png",
    "content_type": "image/png",
    "content_base64": base64.b64encode(receipt("violet", 9)).decode(),
}
EXAMPLE = re.compile(r"""curl (?:-X POST )?"\$URL([^"]+)"(?: -H '[^']+')?(?: -d '([^']*)')?""")
# What an example may be refused with: its ids stand for those that a script has read before.
STANDS_FOR = {"unknown_message", "no_modal"}


# --- reading -----------------------------------------------------------------------------------------------


def first(demo: DemoProcess, user: str, channel: str, text: str) -> dict[str, Any]:
    """The newest message there that says this, when it has come."""
    found: dict[str, Any] = demo.until(
        lambda: next((one for one in reversed(demo.messages(user, channel)) if text in words(one)), None),
        f"{text!r} in {channel} of {user}",
    )
    return found


def click(demo: DemoProcess, user: str, message: dict[str, Any], label: str) -> dict[str, Any]:
    return demo.act(user, "click", message=message["id"], custom_id=custom_id(message, label))


def books(demo: DemoProcess) -> tuple[Any, ...]:
    """How far every record in the books has come: nothing is ever done without one of these moving."""
    opened = sqlite3.connect(f"file:{demo.folder / 'potkeeper.db'}?mode=ro", uri=True)
    try:
        row = opened.execute(
            """
            SELECT (SELECT max(id) FROM audit_log), (SELECT max(id) FROM payments),
                   (SELECT max(id) FROM allocations), (SELECT max(id) FROM ledger_entries),
                   (SELECT max(id) FROM notices), (SELECT max(id) FROM members), (SELECT max(id) FROM proofs)
            """
        ).fetchone()
    finally:
        opened.close()
    return tuple(row)


def world(demo: DemoProcess) -> dict[str, Any]:
    """The state without what moves by itself."""
    state = demo.state()
    return {key: state[key] for key in ("users", "channels", "faults")} | {
        "offset": state["clock"]["offset_seconds"], "interactions": state["counters"]["interactions"],
    }  # fmt: skip


@pytest.fixture
def untouched(running: DemoProcess) -> Iterator[DemoProcess]:
    """The demo as it happens to be; afterwards nothing may have changed, neither in the world nor in the books."""
    running.wake()
    before = world(running), books(running)
    yield running
    assert (world(running), books(running)) == before


# --- what is there ---


def test_the_state_names_the_seeded_people_places_and_commands(untouched: DemoProcess) -> None:
    state = untouched.state()
    assert [user["key"] for user in state["users"]] == list(USERS)
    assert [channel["name"] for channel in state["channels"]] == ["general", "dues", "review", "admin"]
    assert {"pay", "my", "link", "review", "setup", "club"} <= {
        command["name"] for command in state["commands"]
    }
    assert (state["bot"]["connected"], state["bot"]["ready"]) == (True, True)
    assert (state["unknown_routes"], state["last_errors"]) == ([], [])


@pytest.mark.parametrize("user", USERS)
def test_each_of_the_eight_sees_their_own_part_of_the_club(untouched: DemoProcess, user: str) -> None:
    view = untouched.view(user)
    assert (view["user"], view["me"]["key"], view["modal"]) == (user, user, None)
    seen = {channel["name"] for channel in view["channels"] if channel["kind"] == "text"}
    more = {"owner": {"review", "admin"}, "treasurer": {"review", "admin"}, "reviewer": {"review"}}
    assert seen == {"general", "dues"} | more.get(user, set())
    notice = first(untouched, user, "dues", "is open")
    assert [custom_id(notice, label).split(":")[1] for label in ("Pay", "How to pay", "My bills")] == [
        "pay", "methods", "bills",
    ]  # fmt: skip
    assert not any(message["ephemeral"] for message in untouched.messages(user, "dues"))


# --- what can be done ---


def test_every_example_of_the_document_does_what_it_says(demo: DemoProcess) -> None:
    examples = EXAMPLE.findall((ROOT / "docs" / "simulator.md").read_text(encoding="utf-8"))
    assert len(examples) >= 15
    for path, body in examples:
        if path.startswith("/control/ws"):
            continue
        posted = path not in ("/control/state", "/control/view?user=member1")
        status, answer = demo.post(path, json.loads(body or "{}")) if posted else demo.get(path)
        assert status == 200 or answer["error"] in STANDS_FOR, (path, body, answer)
        assert answer.get("acknowledged", True), (path, body, answer)


def test_a_payment_goes_from_the_form_to_the_members_message(demo: DemoProcess) -> None:
    notice = first(demo, "member2", "dues", "is open")
    paid = first(demo, "reviewer", "review", "Amélie Dubois")
    click(demo, "reviewer", paid, "Reject…")
    rejected = demo.act("reviewer", "submit", values={"reason": ["review.reason_not_arrived"]})
    assert "Rejected" in words(rejected["messages"])
    form = click(demo, "member2", notice, "Pay")["modal"]
    assert "NT$315" in words(form)
    assert demo.view("member2")["modal"]["custom_id"] == form["custom_id"]
    sent = demo.act(
        "member2", "submit", values={"method": ["1"], "note": "second try"}, files={"screenshot": [FILE]}
    )
    assert "waits for review" in words(sent["messages"])
    card = first(demo, "reviewer", "review", "second try")
    shown = click(demo, "reviewer", card, "View proof")["messages"]
    assert shown[0]["ephemeral"]
    assert shown[0]["attachments"][0]["content_type"].startswith("image/")
    assert "Verified" in words(click(demo, "reviewer", card, "Verify")["messages"])
    assert "NT$315" in words(first(demo, "member2", "dm", "Your payment has arrived"))


def test_a_name_is_suggested_chosen_and_confirmed(demo: DemoProcess) -> None:
    asked = {"name": "link", "channel": "dues"}
    [choice] = demo.act("unlinked", "autocomplete", **asked, options={"name": "林美"}, focused="name")[
        "choices"
    ]
    found = demo.act("unlinked", "command", **asked, options={"name": "林美"})["messages"][-1]
    select = custom_id(found, "選擇你的名字")
    refused = {"user": "unlinked", "do": "select", "message": found["id"], "custom_id": select}
    assert demo.post("/control/act", refused | {"values": ["1"]})[1]["field"] == "values"
    demo.act("unlinked", "command", **asked, options={"name": choice["value"]})
    click(demo, "reviewer", first(demo, "reviewer", "review", "says: I am 林美玲"), "Confirm")
    first(demo, "unlinked", "dm", "林美玲")
    bills = demo.act("unlinked", "command", name="my", channel="dues")
    assert "NT$315" in words(bills["messages"])


# --- time, and what goes wrong ---


def test_the_clock_moves_by_days_and_to_a_date_and_the_bot_keeps_up(demo: DemoProcess) -> None:
    start = datetime.fromisoformat(demo.state()["clock"]["now"])
    moved = demo.did("/control/clock", {"days": 3})
    assert (moved["steps"], moved["offset_seconds"]) == (3, 3 * 86_400)
    assert "林美玲" in words(demo.messages("member1", "dues")[-1])
    target: date = (start + timedelta(days=33)).date()
    moved = demo.did("/control/clock", {"to": str(target)})
    assert (moved["now"][:10], moved["steps"]) == (str(target), 30)
    assert sum("is open" in words(one) for one in demo.messages("member1", "dues")) == 2


def test_each_fault_is_survived_and_nothing_is_said_twice(demo: DemoProcess) -> None:
    before = demo.state()["bot"]
    demo.did("/control/fault", {"kind": "dm_closed", "user": "member2", "on": True})
    demo.did("/control/fault", {"kind": "rate_limit", "times": 2, "retry_after": 0.1})
    click(demo, "reviewer", first(demo, "reviewer", "review", "Amélie Dubois"), "Verify")
    demo.did("/control/fault", {"kind": "http_5xx", "times": 1, "route": "/messages"})
    click(demo, "reviewer", first(demo, "reviewer", "review", "佐藤健太"), "Verify")
    first(demo, "member3", "dm", "Your payment has arrived")
    for resume in (True, False):
        demo.did("/control/fault", {"kind": "drop", "resume": resume})
        demo.until(lambda: demo.state()["bot"]["connected"], "the bot to come back")
    demo.did("/control/clock", {"days": 1})
    assert demo.messages("member2", "dm") == []
    assert sum("Your payment has arrived" in words(one) for one in demo.messages("member3", "dm")) == 1
    state = demo.state()
    assert state["bot"]["resumes"] - before["resumes"] == 1
    assert state["bot"]["identifies"] - before["identifies"] == 1
    assert state["faults"] == {"rate_limit": [], "http_5xx": [], "dms_closed": ["member2"]}


# --- what cannot be done ---

PAY = {"user": "member1", "do": "command", "name": "pay"}
BAD = [
    ("act", [1], None), ("act", {}, "do"), ("act", {"user": "nobody", "do": "command"}, "user"),
    ("act", {"user": "bot", "do": "dismiss"}, "user"), ("act", {"user": 7, "do": "dismiss"}, "user"),
    ("act", {"user": "member1", "do": "fly"}, "do"), ("act", {"user": "member1", "do": "command"}, "name"),
    ("act", PAY | {"name": "nope"}, "name"), ("act", PAY | {"channel": "nowhere"}, "channel"),
    ("act", PAY | {"channel": "review"}, "channel"), ("act", PAY | {"extra": 1}, "extra"),
    ("act", PAY | {"options": {"x": 1}}, "x"), ("act", PAY | {"options": []}, "options"),
    ("act", PAY | {"options": {"method": 7}}, "method"), ("act", PAY | {"options": {"note": "x" * 7000}}, "note"),
    ("act", PAY | {"files": {"screenshot": FILE | {"content_base64": "***"}}}, "screenshot"),
    ("act", PAY | {"files": {"nothing": FILE}}, "nothing"), ("act", PAY | {"force": "yes"}, "force"),
    ("act", {"user": "member1", "do": "autocomplete", "name": "link", "focused": "no"}, "focused"),
    ("act", {"user": "member1", "do": "click", "message": "1", "custom_id": "workspace:pay:1"}, "message"),
    ("act", {"user": "member1", "do": "submit"}, "user"), ("act", {"user": "member1", "do": "dismiss"}, "user"),
    ("clock", {}, "days"), ("clock", {"days": -1}, "days"), ("clock", {"days": 401}, "days"),
    ("clock", {"days": 1.5}, "days"), ("clock", {"days": True}, "days"), ("clock", {"days": "1"}, "days"),
    ("clock", {"to": "2026-13-45"}, "to"), ("clock", {"to": "2020-01-01"}, "to"),
    ("clock", {"to": "2030-01-01T09:00:00"}, "to"), ("clock", {"to": "3000-01-01"}, "to"),
    ("clock", {"to": 7}, "to"), ("clock", {"days": 1, "to": "2030-01-01"}, "days"),
    ("clock", {"weeks": 1}, "weeks"), ("clock", [], None),
    ("fault", {}, "kind"), ("fault", {"kind": "flood"}, "kind"),
    ("fault", {"kind": "dm_closed", "user": "nobody", "on": True}, "user"),
    ("fault", {"kind": "dm_closed", "user": "member1"}, "on"),
    ("fault", {"kind": "dm_closed", "user": "member1", "on": "yes"}, "on"),
    ("fault", {"kind": "rate_limit", "times": -1}, "times"),
    ("fault", {"kind": "rate_limit", "times": 1001}, "times"),
    ("fault", {"kind": "rate_limit", "retry_after": 61}, "retry_after"),
    ("fault", {"kind": "rate_limit", "route": 7}, "route"), ("fault", {"kind": "rate_limit", "global": 1}, "global"),
    ("fault", {"kind": "http_5xx", "status": 404}, "status"), ("fault", {"kind": "drop", "resume": "no"}, "resume"),
    ("fault", {"kind": "drop", "now": True}, "now"),
    ("locale", {"user": "member1", "locale": "xx"}, "locale"), ("locale", {"locale": "zh-TW"}, "user"),
    ("reset", {"hard": True}, "hard"), ("reset", [], None),
]  # fmt: skip


def test_bad_input_is_refused_by_the_name_of_its_field_and_changes_nothing(untouched: DemoProcess) -> None:
    for where, body, field in BAD:
        status, answer = untouched.post(f"/control/{where}", body)
        assert (status, answer.get("field")) == (400, field), (where, body, answer)
        assert answer["message"], body


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "user"), ("?user=nobody", "user"), ("?user=member1&limit=0", "limit"), ("?user=member1&limit=x", "limit"),
     ("?user=member1&guild=1", "guild"), ("?user=member1&x=1", "x")],
)  # fmt: skip
def test_a_view_that_cannot_be_had_is_refused(untouched: DemoProcess, query: str, field: str) -> None:
    status, answer = untouched.get(f"/control/view{query}")
    assert (status, answer["field"]) == (400, field)


# Who sends it, what they send, and what they are told; {waits} is somebody else's payment.
FORGED = [
    ("member1", "payment:verify:{waits}", "reviewer"), ("member1", "payment:verify:99999", "no such payment"),
    ("member1", "payment:withdraw:{waits}", "another member"), ("member1", "payment:proof:{waits}", "another member"),
    ("member1", "payment:undo:{waits}", ""), ("member1", "log:undo:1", ""), ("member1", "link:approve:1", ""),
    ("member1", "bill:why:1", ""), ("member1", "period:open:3", ""),
    ("member1", "workspace:pay:999999999999999999", "not set up"),
    ("newcomer", "workspace:pay:1", "not linked"), ("newcomer", "workspace:bills:1", "not linked"),
    ("member1", "payment:verify:abc", "expired"), ("member1", "nonsense", "expired"),
]  # fmt: skip


def test_a_forged_button_gets_a_private_refusal_and_does_nothing(demo: DemoProcess) -> None:
    demo.did("/control/locale", {"user": "member1", "locale": "en-US"})
    notice = first(demo, "member1", "dues", "is open")
    waits = custom_id(first(demo, "reviewer", "review", "佐藤健太"), "Verify").split(":")[-1]
    before = books(demo)
    for user, template, told in FORGED:
        forged = template.replace("{waits}", waits)
        answer = demo.act(user, "click", message=notice["id"], custom_id=forged, force=True)
        assert answer["messages"], forged
        assert all(message["ephemeral"] for message in answer["messages"]), (forged, words(answer))
        assert told in words(answer["messages"]), (forged, words(answer))
    assert books(demo) == before
    assert words(first(demo, "member1", "dues", "is open")) == words(notice)


def test_a_form_sent_once_more_is_told_that_it_has_expired(demo: DemoProcess) -> None:
    demo.did("/control/locale", {"user": "member1", "locale": "en-US"})
    form = click(demo, "member1", first(demo, "member1", "dues", "is open"), "Pay")["modal"]
    sent = {"custom_id": form["custom_id"], "values": {"method": ["1"]}}
    assert "waits for review" in words(demo.act("member1", "submit", **sent)["messages"])
    before = books(demo)
    again = demo.act("member1", "submit", **sent, force=True)
    assert words(again["messages"])
    assert "waits for review. You" not in words(again["messages"])
    assert books(demo) == before


def runnable(commands: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every command that can be run, below the groups."""
    for one in commands:
        inner = [option for option in one.get("options") or [] if option["type"] in (1, 2)]
        if inner:
            yield from runnable(inner)
        else:
            yield one


# Something for each kind of option: text, number, yes or no, person, role, number with decimals.
SOMETHING = {3: "x", 4: 1, 5: True, 6: "member1", 8: "Reviewer", 10: 1.5}


def test_what_an_option_does_not_offer_is_refused_by_every_command(demo: DemoProcess) -> None:
    """A forged choice is never taken for another one, nor a word for yes or no."""
    demo.did("/control/locale", {"user": "owner", "locale": "en-US"})
    before, tried = books(demo), 0
    for command in runnable(demo.view("owner")["commands"]):
        options = command.get("options") or []
        usual = {
            one["name"]: SOMETHING[one["type"]]
            for one in options
            if one.get("required") and one["type"] != 11
        }
        for one in options:
            if not one.get("choices") and one["type"] != 5:
                continue
            given = usual | {one["name"]: "sideways"}
            answer = demo.act("owner", "command", name=command["path"], options=given, force=True)
            told = words(answer["messages"])
            wanted = "is not a choice for" if one.get("choices") else "This command has changed meanwhile"
            assert wanted in told, (command["path"], one["name"], told)
            assert [message["ephemeral"] for message in answer["messages"]] == [True]
            tried += 1
    assert tried > 10
    assert books(demo) == before


def test_an_option_of_a_select_that_nobody_offered_names_nothing(demo: DemoProcess) -> None:
    demo.did("/control/locale", {"user": "member1", "locale": "en-US"})
    demo.did("/control/locale", {"user": "unlinked", "locale": "en-US"})
    before = books(demo)
    for user, command, told in (
        ("member1", "my", "There is no such bill here"),
        ("unlinked", "link", "There is no such member here"),
    ):
        shown = demo.act(user, "command", name=command)["messages"][-1]
        select = next(part["custom_id"] for part in controls(shown) if part["type"] == 3)
        for value in ("x", "-1", "9" * 30, "999999"):
            answer = demo.act(
                user, "select", message=shown["id"], custom_id=select, values=[value], force=True
            )
            assert told in words(answer["messages"]), (command, value, words(answer["messages"]))
    form = demo.act("member1", "command", name="pay")["modal"]
    sent = {"custom_id": form["custom_id"], "values": {"method": ["x"]}}
    answer = demo.act("member1", "submit", **sent, force=True)
    assert "There is no such payment method here" in words(answer["messages"])
    assert books(demo) == before


def test_a_form_that_somebody_else_has_open_does_nothing_for_others(demo: DemoProcess) -> None:
    """The reviewer's form would verify by the reviewer's right; its id can be read off the clock."""
    demo.did("/control/locale", {"user": "member2", "locale": "en-US"})
    card = first(demo, "reviewer", "review", "佐藤健太")
    form = click(demo, "reviewer", card, "Other amount…")["modal"]
    before = books(demo)
    sent = {"custom_id": form["custom_id"], "values": {"amount": "1"}}
    answer = demo.act("member2", "submit", **sent, force=True)
    assert "This control has expired, and nothing was changed" in words(answer["messages"])
    assert books(demo) == before


def test_ids_of_another_club_are_refused(demo: DemoProcess) -> None:
    """A second club in the same database, whose Discord server these people are not in."""
    demo.did("/control/locale", {"user": "reviewer", "locale": "en-US"})
    with LocalDatabase(demo.folder / "potkeeper.db", SystemClock()) as db:
        this_month = collecting_period(local_date(SystemClock().now(), "Asia/Taipei"), 5).text
        other = Club.create(db, number=7, auto_open=False, reminder_mode="off")
        member = other.subscriber(other.plan(), starts_on="2026-01-01")
        other.open(this_month)
        payment = other.submit(member)
        ids = {"workspace": other.id, "payment": payment.id, "bill": other.bills(member)[0].id}
    notice = first(demo, "reviewer", "dues", "is open")
    before = books(demo)
    for user in ("reviewer", "treasurer", "owner", "member1"):
        for name in ("workspace:pay", "workspace:bills", "payment:verify", "payment:withdraw", "bill:why"):
            forged = f"{name}:{ids[name.split(':')[0]]}"
            answer = demo.act(user, "click", message=notice["id"], custom_id=forged, force=True)
            assert [message["ephemeral"] for message in answer["messages"]] == [True], (user, forged)
            assert "NT$" not in words(answer["messages"]), (user, forged, words(answer))
    assert books(demo) == before
