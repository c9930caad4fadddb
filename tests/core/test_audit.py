"""The audit log: one line per action, chained, with ids and not names, in the transaction of the change."""

from __future__ import annotations

import hashlib
import json

import pytest

from core import audit, payments
from core.audit import FIRST_HASH, canonical, chain_hash
from core.db import LocalDatabase, Tx
from tests.core.helpers import count
from tests.factories import Club


def chain(db: LocalDatabase, club: Club) -> list[tuple[str, str]]:
    return db.conn.execute(
        "SELECT previous_hash, hash FROM audit_log WHERE workspace_id = ? ORDER BY id", (club.id,)
    ).fetchall()


def test_each_line_follows_from_the_one_before_it(club: Club, db: LocalDatabase) -> None:
    club.record(club.linked(), 10)
    links = chain(db, club)
    assert links[0][0] == FIRST_HASH
    assert [before for before, _ in links[1:]] == [after for _, after in links[:-1]]


def test_a_hash_can_be_worked_out_by_hand(club: Club, db: LocalDatabase) -> None:
    """Anybody with the file and a SHA-256 can verify the chain, without this program."""
    names = (
        "workspace_id",
        "action",
        "subject_type",
        "subject_id",
        "before_json",
        "after_json",
        "done_by",
        "done_at",
    )
    row = db.conn.execute(
        f"SELECT previous_hash, hash, {', '.join(names)} FROM audit_log ORDER BY id DESC LIMIT 1"  # noqa: S608 - names above
    ).fetchone()
    text = json.dumps(dict(zip(names, row[2:], strict=True)), sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256((row[0] + text).encode()).hexdigest() == row[1]


def test_two_clubs_have_chains_of_their_own(club: Club, db: LocalDatabase) -> None:
    other = Club.create(db, number=1)
    club.record(club.linked(), 10)
    other.record(other.linked(), 10)
    for each in (club, other):
        links = chain(db, each)
        assert links[0][0] == FIRST_HASH
        assert [before for before, _ in links[1:]] == [after for _, after in links[:-1]]


def test_an_action_that_fails_leaves_no_line_and_the_next_one_follows_the_last_that_stood(
    club: Club, db: LocalDatabase
) -> None:
    before = chain(db, club)

    def fails(tx: Tx) -> None:
        audit.record(tx, club.treasurer, "x.y", "thing", 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        db.write(fails)
    db.preview(lambda tx: audit.record(tx, club.treasurer, "x.y", "thing", 1))
    assert chain(db, club) == before
    club.record(club.linked(), 10)
    assert chain(db, club)[len(before)][0] == before[-1][1]


def test_what_was_and_what_is_stands_in_the_line_with_ids_and_never_names(
    club: Club, db: LocalDatabase
) -> None:
    bank = club.method("Secret Bank of Names")
    member = club.subscriber(club.plan(price=300), name="Very Recognisable")
    club.open()
    payment = club.submit(member, note="my note", method_id=bank.id)
    db.write(payments.reject, club.reviewer, payment.id, "not there")
    before, after, by = db.conn.execute(
        "SELECT before_json, after_json, done_by FROM audit_log ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert (json.loads(before)["status"], json.loads(after)["status"]) == ("submitted", "rejected")
    assert by == club.reviewer.text
    everything = "".join(
        "".join(map(str, row))
        for row in db.conn.execute("SELECT * FROM audit_log WHERE action LIKE 'payment.%'")
    )
    assert "Recognisable" not in everything
    assert "my note" not in everything


def test_a_bulk_action_is_one_line_with_counts_and_a_digest(club: Club, db: LocalDatabase) -> None:
    plan = club.plan(price=300)
    for _ in range(5):
        club.subscriber(plan)
    before = count(db, "audit_log")
    club.open()
    assert count(db, "audit_log") == before + 1
    after = json.loads(
        db.conn.execute("SELECT after_json FROM audit_log ORDER BY id DESC LIMIT 1").fetchone()[0]
    )
    assert (after["period"], after["bills"], after["minor"], after["credit"]) == ("2026-06", 5, 1500, 0)
    assert len(after["digest"]) == 64


def test_canonical_json_does_not_depend_on_order_or_script() -> None:
    assert canonical({"b": 1, "a": "帳"}) == '{"a":"\\u5e33","b":1}'
    one = chain_hash(FIRST_HASH, {"a": 1, "b": 2})
    assert one == chain_hash(FIRST_HASH, {"b": 2, "a": 1}) != chain_hash("1" * 64, {"a": 1, "b": 2})
