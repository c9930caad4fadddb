"""Two clubs in one file: no use case reaches the other one's data, whatever ids it is given.

The worst case: the same account runs both clubs and is on both rosters. Every use case of `core` is found by
itself, so a new one is asked here without being listed.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

import core
from core import (
    admins,
    alerts,
    api_tokens,
    bill_lists,
    corrections,
    errors,
    linking,
    opening_balances,
    payments,
    roster_import,
    upload_links,
    web_sessions,
)
from core.bill_lists import BillFilter
from core.db import LocalDatabase, Tx, rollback
from core.models import (
    Actor,
    BillId,
    LinkRequestId,
    MemberId,
    MethodId,
    NoticeId,
    PaymentId,
    PlanId,
    ProofId,
    SubscriptionId,
)
from core.money import Money
from core.period import Period
from core.preview import PreviewChanged
from core.proof_files import ProofFile
from core.proofs import CleanProof
from tests.core.helpers import assert_clean, everything, tables
from tests.factories import Club

HERE, THERE = "Azure", "Zebra"
"""What everything of a club is called: where the other one's word shows up, something has leaked."""
BOSS, PLAYER, GUEST = 4242, 4343, 4444
"""Accounts: BOSS owns both clubs; PLAYER is a plain member here and owner there; GUEST is nobody."""

# Parts of use cases, which take no rights of their own, and what is no question about one club.
NOT_ASKED = {
    "access.require", "access.require_self_or", "audit.record", "payment_changes.decision",
    "resync.apply_revised", "subscriptions.end_all", "api_tokens.keep_answer", "api_tokens.earlier_answer",
}  # fmt: skip
# An id by which a list is only narrowed down: the other club's finds nothing.
NARROWS = (
    "lists.", "bill_lists.choices", "bill_lists.to_record", "reports_admin.", "reports_bills.search",
    "reports_web.queue",
)  # fmt: skip
SEARCHES = ("query", "accounts")

ID_TYPES: dict[Any, str] = {
    MemberId: "member", PlanId: "plan", MethodId: "method", SubscriptionId: "subscription", BillId: "bill",
    PaymentId: "payment", LinkRequestId: "link_request", NoticeId: "notice", ProofId: "proof",
}  # fmt: skip
INT_IDS = {
    "member_id": "member", "bill_id": "bill", "payment_id": "payment", "waiver_id": "waiver",
    "audit_id": "audit", "import_id": "import_", "target_id": "target", "token_id": "token",
    "session_id": "session", "proof_ids": "proof", "member_ids": "member", "subject_id": "payment",
    "bill_ids": "bill", "period_id": "period",
}  # fmt: skip


@dataclass
class World:
    """A club with something of everything, and the numbers of it all."""

    club: Club
    word: str
    ids: dict[str, int]
    accounts: list[int]
    upload_link: str


def furnish(db: LocalDatabase, number: int, word: str, price: int) -> World:
    club = Club.create(db, number=number, currency=("TWD", "USD")[number])
    db.conn.execute("UPDATE workspaces SET name = ? WHERE id = ?", (f"{word} Club", club.id))
    plan, method = club.plan(f"{word} Tea", price), club.method(f"{word} Bank", instructions=f"{word} 12345")
    debtor, payer = (club.subscriber(plan, f"{word} {name}") for name in ("Debtor", "Payer"))
    boss = club.member(f"{word} Boss", discord_id=BOSS)
    player = club.member(f"{word} Player", discord_id=PLAYER)
    asked_for = club.member(f"{word} Wanted", email=f"{word.lower()}@x.tw")
    club.subscribe(player, plan)
    club.open()
    verified = club.verify(club.submit(payer, note=f"{word} note"))
    rejected = club.submit(player)
    db.write(payments.reject, club.reviewer, rejected.id, f"{word} reason")
    picture = ProofFile(
        f"{word}.webp", f"{word}-small.webp", CLEAN.sha256, CLEAN.pixels_sha256, CLEAN.dhash, 10, 3, 4
    )
    waiting = club.submit(player, proof=picture, method_id=method.id)
    db.write(opening_balances.set_balance, club.treasurer, boss.id, club.money(price), "2026-05-01")
    charged = db.write(
        corrections.charge, club.treasurer, [debtor.id], f"{word} Party", club.money(price), "2026-07-01"
    )
    (party,) = (bill for bill in club.bills(debtor) if bill.title == f"{word} Party")
    assert charged
    db.write(corrections.waive, club.treasurer, party.id, club.money(1), f"{word} waived")
    link = db.write(linking.request_link, Actor.discord(club.id, 600_000 + number), asked_for.id)
    db.write(alerts.add_webhook, club.treasurer, f"{word} hook", f"https://{word.lower()}.example/hook")
    token = db.write(api_tokens.create, club.owner, f"{word} token", "read")
    started = db.write(web_sessions.start, club.id, BOSS, "link", owner_of=lambda guild: BOSS)
    disputed = db.write(linking.dispute, Actor.discord(club.id, 610_000 + number), debtor.id)
    upload_link = db.write(upload_links.mint, club.reviewer, player.id)
    failed = db.conn.execute("SELECT max(id) FROM notices").fetchone()[0]
    db.conn.execute("UPDATE notices SET status = 'failed' WHERE id = ?", (failed,))
    file = f"name,e-mail,{word} Tea\n{word} New,{word.lower()}2@x.tw,TRUE\n".encode()
    imported = db.write(roster_import.import_roster, club.treasurer, file)
    for account in (BOSS, PLAYER) if word == THERE else (BOSS,):
        db.write(admins.grant, club.owner, account, "owner")

    def newest(table: str) -> int:
        return int(db.conn.execute(f"SELECT max(id) FROM {table}").fetchone()[0])  # noqa: S608

    unpaid = next(bill for bill in club.bills(debtor) if bill.id != party.id)
    ids = {
        "member": debtor.id, "into": asked_for.id, "plan": plan.id, "method": method.id, "bill": unpaid.id,
        "payment": waiting.id, "verified": verified.id, "subscription": newest("subscriptions"),
        "link_request": link.request.id, "dispute": disputed.request.id, "notice": failed,
        "proof": newest("proofs"), "waiver": newest("waivers"), "audit": newest("audit_log"),
        "import_": imported.import_id, "target": newest("alert_targets"), "token": token.token.id,
        "session": started.session.id, "period": newest("billing_periods"),
    }  # fmt: skip
    return World(club, word, ids, [BOSS, PLAYER, debtor.discord_id or 0], upload_link)


@dataclass
class Both:
    """The two clubs; `there` was made first, so its rows are known before anything else is in the file."""

    db: LocalDatabase
    here: World
    there: World
    of_there: dict[str, list[tuple[Any, ...]]]

    def counts_there(self) -> dict[str, int]:
        """How many rows say that they are the other club's."""
        conn = self.db.conn
        counted: dict[str, int] = {}
        for table in tables(conn):
            columns = {row[1] for row in conn.execute(f"PRAGMA table_info({table})").fetchall()}
            if "workspace_id" in columns:
                sql = f"SELECT count(*) FROM {table} WHERE workspace_id = ?"  # noqa: S608 - names of the schema
                counted[table] = conn.execute(sql, (self.there.club.id,)).fetchone()[0]
        return counted


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, empty_database: Any) -> Iterator[Both]:
    """Made once: nothing that is asked of it stays."""
    import shutil

    from tests.fakes import FixedClock

    path = tmp_path_factory.mktemp("two") / "books.db"
    shutil.copyfile(empty_database, path)
    with LocalDatabase(path, FixedClock()) as db:
        there = furnish(db, 1, THERE, 98_765)
        of_there = everything(db)
        here = furnish(db, 0, HERE, 300)
        assert_clean(db)
        yield Both(db, here, there, of_there)


# --- the use cases, and what they are asked with ------------------------------------------------------------


def functions_of(*first: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every `fn(tx, actor, …)` of core, or what `first` says comes second."""
    for found in pkgutil.walk_packages(core.__path__, "core."):
        if found.name.startswith(("core.store", "core.errors", "core.chippot")) or found.ispkg:
            continue
        if found.name == "core.proof_worker":  # a process of its own
            continue
        module = importlib.import_module(found.name)
        for name, function in vars(module).items():
            if not inspect.isfunction(function) or function.__module__ != module.__name__ or name[0] == "_":
                continue
            label = f"{found.name.removeprefix('core.')}.{name}"
            parameters = [*inspect.signature(function).parameters]
            if parameters[:1] == ["tx"] and parameters[1:2] and parameters[1] in first:
                yield label, function


USE_CASES = {label: function for label, function in functions_of("actor") if label not in NOT_ASKED}
# What cards and pages look up for a club whose name they know already.
VIEWS = {
    label: function
    for label, function in functions_of("workspace", "workspace_id")
    if label.startswith(("reports", "bill_lists.", "admin_log.line", "linking.candidates", "linking.all_"))
}
CASES = {**USE_CASES, **VIEWS}


def kind_of(name: str, hint: Any) -> tuple[str, bool] | None:
    """What an argument is the number of, and whether it is a list of them; None for no id."""
    parts = [hint, *typing.get_args(hint)]
    parts += [inner for part in parts for inner in typing.get_args(part)]
    many = any(typing.get_origin(part) in (list, tuple) or "Sequence" in str(part) for part in parts[:2])
    for part in parts:
        if part in ID_TYPES:
            return ID_TYPES[part], many
    if name in INT_IDS and int in parts:
        return INT_IDS[name], many
    return None


def plain(world: World, name: str, hint: Any) -> Any:
    """A good value for an argument that is no id."""
    if hint is Money or Money in typing.get_args(hint):
        return world.club.money(5)
    if hint is Period or Period in typing.get_args(hint):
        return Period("2026-06")
    values: dict[str, Any] = {
        "role": "auditor", "discord_id": 5151, "name": f"{world.word} again", "kind": "cash",
        "key": "abc", "address": "https://new.example/x", "scope": "read", "asked": BillFilter(), "count": 1,
        "reason": "because", "title": "Trip", "due_on": "2026-07-01", "today": date(2026, 6, 5),
        "from_on": "2026-06-20", "resumed_on": "2026-06-20", "resumes_on": None, "on": "2026-06-05",
        "starts_on": "2026-06-01", "day": 3, "last": date(2026, 6, 30), "left_on": date(2026, 6, 5),
        "instructions": "Account", "up": True, "give": True, "months": 3, "data": b"name,e-mail\nA,a@x.tw\n",
        "jobs": (), "accounts": world.accounts, "query": world.word, "channel_id": 1, "message_id": 1,
        "request_id": "a-new-request", "link": world.upload_link, "bodies": {"en": "Hello"}, "locale": "en",
        "body": "Hello", "filters": {}, "owner": BOSS, "email": "new@x.tw", "note": "note",
        "subject_type": "payment", "by": f"discord:{world.accounts[-1]}",
        "role_id": 9, "ends_on": "2026-06-30", "proof": None, "source": "discord", "clean": CLEAN,
    }  # fmt: skip
    return values[name]


def arguments(case: str, world: World) -> dict[str, Any]:
    """Good arguments, all from one club; of optional ones only ids and texts to look for."""
    function = CASES[case]
    hints = typing.get_type_hints(function)
    found: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[2:]:
        name = parameter.name
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        kind = kind_of(name, hints[name])
        if kind is not None:
            number = number_for(case, world, kind[0], name)
            found[name] = [number] if kind[1] else number
        elif parameter.default is inspect.Parameter.empty or name in SEARCHES:
            found[name] = plain(world, name, hints[name])
    if case.startswith("template") and "kind" in found:
        found["kind"] = "opened"
    if case == "billing.open_period":
        found |= {"period": Period("2026-07"), "prices": {world.ids["plan"]: world.club.money(5)}}
    return found


CLEAN = CleanProof(b"", b"", "image/webp", 3, 4, "s" * 64, "p" * 64, "0" * 512)
"""A picture that both clubs have."""


def number_for(case: str, world: World, kind: str, name: str) -> int:
    """One that suits the use case."""
    verb = case.split(".")[-1]
    if verb in ("unverify", "refund", "reject_after_all"):
        kind = "verified"
    elif verb == "resolve_dispute":
        kind = "dispute"
    elif name == "into_id":
        kind = "into"
    return world.ids[kind]


def id_arguments(case: str) -> list[str]:
    function = CASES[case]
    hints = typing.get_type_hints(function)
    names = list(inspect.signature(function).parameters)[2:]
    return [name for name in names if name in hints and (kind_of(name, hints[name]) or name in SEARCHES)]


def attempt(both: Both, function: Callable[..., Any], actor: Actor, given: Mapping[str, Any]) -> Any:
    """Run it as one unit and take it back: its result or refusal, all rows, and how many are the other's."""
    conn = both.db.conn
    conn.execute("BEGIN IMMEDIATE")
    try:
        result = function(Tx(conn, both.db.clock.now()), actor, **given)
        result = list(result) if inspect.isgenerator(result) else result
        return result, everything(both.db), both.counts_there()
    except (errors.DomainError, PreviewChanged) as refusal:
        rollback(conn)
        return refusal, everything(both.db), both.counts_there()
    finally:
        rollback(conn)


def leaked(result: Any) -> bool:
    text = f"{result!r} {result}"  # of a refusal, its params too
    return THERE.casefold() in text.casefold() or "98765" in text


@pytest.mark.parametrize("case", USE_CASES)
def test_a_use_case_of_one_club_shows_and_changes_nothing_of_the_other(both: Both, case: str):
    given = arguments(case, both.here)
    untouched = both.counts_there()
    for account in (BOSS, PLAYER, GUEST):
        actor = Actor.discord(both.here.club.id, account)
        result, rows, counted = attempt(both, CASES[case], actor, given)
        if account == BOSS:
            assert not isinstance(result, errors.NotFound | errors.RoleNeeded), "these are no good arguments"
        assert not leaked(result)
        assert counted == untouched
        for table, before in both.of_there.items():
            assert set(before) <= set(rows[table]), table


@pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case in USE_CASES for name in id_arguments(case)]
)
def test_the_other_clubs_ids_are_unknown_here(both: Both, case: str, name: str):
    """Each argument in turn is the other club's, the rest is good; nothing is changed, nothing shown."""
    given = {**arguments(case, both.here), name: arguments(case, both.there)[name]}
    before = everything(both.db)
    results = []
    for account in (BOSS, PLAYER, GUEST):
        result, rows, _ = attempt(both, CASES[case], Actor.discord(both.here.club.id, account), given)
        assert not leaked(result)
        assert rows == before
        results.append(result)
    if name not in SEARCHES and not case.startswith(NARROWS):
        assert any(isinstance(result, errors.NotFound) or not result for result in results), results


@pytest.mark.parametrize("case", VIEWS)
def test_what_a_card_looks_up_never_finds_the_other_clubs(both: Both, case: str):
    club = both.here.club
    takes = list(inspect.signature(VIEWS[case]).parameters)[1]
    first = club.workspace if takes == "workspace" else club.id
    for world in (both.here, both.there):
        try:
            found = both.db.read(VIEWS[case], first, **arguments(case, world))
        except (errors.NotFound, AssertionError):
            continue
        assert not leaked(found)


@pytest.mark.parametrize("kind", ["plan", "method", "member"])
def test_a_list_of_bills_narrowed_down_by_the_other_clubs_ids_is_empty(both: Both, kind: str):
    asked = BillFilter(**{f"{kind}_id": both.there.ids[kind]})
    boss = Actor.discord(both.here.club.id, BOSS)
    assert both.db.read(bill_lists.page, boss, asked).rows == ()
