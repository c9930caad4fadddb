"""Who may move a payment from where to where: every state × action × role, as the design's table has it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core import errors, migrate, payment_changes, payments, reversals, states
from core.access import Role
from core.db import LocalDatabase
from core.models import Actor, Payment
from tests.core.helpers import assert_clean
from tests.factories import Club
from tests.fakes import FixedClock

# from the design, not from core/states.py: (from, to, who may, in recorded payments only / never / either)
RUNNERS = {"reviewer", "treasurer", "owner", "operator", "system"}
BOSSES = RUNNERS - {"reviewer"}
TABLE: dict[str, tuple[str, str, set[str], bool | None]] = {
    "withdraw": ("submitted", "withdrawn", RUNNERS | {"own"}, None),
    "verify": ("submitted", "verified", RUNNERS, None),
    "reject": ("submitted", "rejected", RUNNERS, None),
    "reopen": ("rejected", "submitted", RUNNERS, None),
    "unverify": ("verified", "submitted", BOSSES, False),
    "cancel": ("verified", "withdrawn", BOSSES, True),
    "refund": ("verified", "verified", BOSSES, None),
}
STATES = ("submitted", "verified", "recorded", "rejected", "withdrawn", "cancelled")
ACTORS = ("own", "other", "stranger", "auditor", "reviewer", "treasurer", "owner", "operator", "system")


def act(db: LocalDatabase, action: str, actor: Actor, payment: Payment, club: Club) -> Payment:
    """Try it and take it back, so that one club serves every actor."""
    extra: dict[str, tuple[Any, ...]] = {"reject": ("no such transfer",), "refund": (club.money(100),)}
    use_case = getattr(reversals if action in ("unverify", "cancel", "refund") else payments, action)
    changed: payment_changes.PaymentChanged = db.preview(use_case, actor, payment.id, *extra.get(action, ()))
    return changed.payment


def payment_in(state: str, club: Club) -> tuple[Payment, dict[str, Actor]]:
    """A payment of 300 in the given state, decided by the treasurer, and everybody who might touch it."""
    plan = club.plan()
    member, other = club.subscriber(plan), club.subscriber(plan)
    club.open()
    if state in ("recorded", "cancelled"):
        payment = club.db.write(
            payments.record, club.treasurer, member.id, club.money(300), request_id="cash"
        ).payment
        if state == "cancelled":
            payment = club.db.write(reversals.cancel, club.treasurer, payment.id).payment
    else:
        payment = club.submit(member)
        if state == "verified":
            payment = club.db.write(payments.verify, club.treasurer, payment.id).payment
        elif state == "rejected":
            payment = club.db.write(payments.reject, club.treasurer, payment.id, "not there").payment
        elif state == "withdrawn":
            payment = club.db.write(payments.withdraw, club.treasurer, payment.id).payment
    actors = {
        "own": club.as_member(member), "other": club.as_member(other), "stranger": club.stranger,
        "auditor": club.auditor, "reviewer": club.reviewer, "treasurer": club.treasurer, "owner": club.owner,
        "operator": club.operator, "system": club.system,
    }  # fmt: skip
    return payment, actors


@pytest.mark.parametrize("state", STATES)
def test_every_action_by_every_role_does_what_the_table_says(
    club: Club, db: LocalDatabase, state: str
) -> None:
    payment, actors = payment_in(state, club)
    for action, (before, after, who, recorded) in TABLE.items():
        fits = payment.status == before and recorded in (None, bool(payment.recorded))
        for name in ACTORS:
            case = f"{action} of a {state} payment by {name}"
            if fits and name in who:
                assert act(db, action, actors[name], payment, club).status == after, case
                continue
            with pytest.raises(errors.DomainError) as raised:
                act(db, action, actors[name], payment, club)
            if fits:
                assert isinstance(raised.value, errors.NotAllowed), (case, raised.value)
            elif name in who:
                assert isinstance(raised.value, errors.Conflict), (case, raised.value)
    assert club.payment(payment) == payment
    assert_clean(db)


def test_the_code_has_the_table_of_the_design() -> None:
    lowest = {
        "withdraw": Role.NOBODY,
        "verify": Role.REVIEWER,
        "reject": Role.REVIEWER,
        "reopen": Role.REVIEWER,
    }
    assert states.TRANSITIONS.keys() == TABLE.keys()
    for action, (before, after, _, recorded) in TABLE.items():
        step = states.TRANSITIONS[action]
        assert (step.before, step.after, step.recorded) == (before, after, recorded), action
        assert step.least == lowest.get(action, Role.TREASURER), action
    assert {action for action, step in states.TRANSITIONS.items() if step.own_undo} == {"unverify", "cancel"}
    assert states.BIRTHS == {"submit": ("submitted", Role.NOBODY), "record": ("verified", Role.REVIEWER)}


def test_the_schema_knows_exactly_the_statuses_of_the_table() -> None:
    found = re.search(r"CREATE TABLE payments.*?status\s+TEXT NOT NULL CHECK \(status IN \(([^)]*)\)\)",
                      migrate.schema_text(), re.DOTALL)  # fmt: skip
    assert found
    in_schema = set(re.findall(r"'(\w+)'", found[1]))
    named = {status for step in states.TRANSITIONS.values() for status in (step.before, step.after)}
    named |= {status for status, _ in states.BIRTHS.values()}
    assert in_schema == named == set(states.STATUSES)


def test_a_payment_of_another_workspace_is_unknown_to_everybody_here(db: LocalDatabase, club: Club) -> None:
    elsewhere = Club.create(db, number=1, currency="USD", timezone="Europe/Berlin")
    payment, _ = payment_in("submitted", club)
    for action in TABLE:
        for actor in (elsewhere.owner, elsewhere.reviewer, elsewhere.operator, elsewhere.system):
            with pytest.raises(errors.PaymentUnknown):
                act(db, action, actor, payment, elsewhere)


@pytest.mark.parametrize(("action", "state"), [("unverify", "submitted"), ("cancel", "recorded")])
def test_a_reviewer_may_take_back_their_own_decision_for_fifteen_minutes(
    club: Club, db: LocalDatabase, clock: FixedClock, action: str, state: str
) -> None:
    member = club.subscriber(club.plan())
    club.open()
    payment = club.verify(club.submit(member)) if action == "unverify" else club.record(member, 300)
    assert payment.decided_by == club.reviewer.text
    clock.advance(minutes=15)
    assert act(db, action, club.reviewer, payment, club).status == TABLE[action][1]
    clock.advance(milliseconds=1)
    with pytest.raises(errors.UndoTooLate):
        act(db, action, club.reviewer, payment, club)
    assert act(db, action, club.treasurer, payment, club).status == TABLE[action][1]


def test_a_reviewer_may_not_take_back_what_another_reviewer_decided(club: Club, db: LocalDatabase) -> None:
    from core import admins

    second = Actor.discord(club.id, 4242)
    db.write(admins.grant, club.owner, 4242, "reviewer")
    member = club.subscriber(club.plan())
    club.open()
    payment = club.verify(club.submit(member))
    with pytest.raises(errors.RoleNeeded):
        act(db, "unverify", second, payment, club)


def test_a_reviewer_does_not_reverse_a_treasurers_refund_with_their_own_undo(
    club: Club, db: LocalDatabase
) -> None:
    member = club.subscriber(club.plan())
    club.open()
    payment = club.verify(club.submit(member))
    db.write(reversals.refund, club.treasurer, payment.id, club.money(100))
    with pytest.raises(errors.RoleNeeded):
        act(db, "unverify", club.reviewer, payment, club)


def test_a_role_that_was_taken_away_counts_no_more_at_the_next_click(club: Club, db: LocalDatabase) -> None:
    from core import admins

    member = club.subscriber(club.plan())
    club.open()
    payment = club.submit(member)
    db.write(admins.revoke, club.owner, club.reviewer.discord_id)
    with pytest.raises(errors.RoleNeeded):
        act(db, "verify", club.reviewer, payment, club)
