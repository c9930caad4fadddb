"""Several connections on one file press at the same moment: one wins, the others get one clear error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import billing, opening_balances, payments, reversals, subscriptions
from core.check import run_check
from core.db import LocalDatabase
from core.models import Member
from core.period import Period
from tests.core.helpers import assert_clean, balance, count, entries, everything
from tests.core.racing import at_once, outcomes, press
from tests.factories import Club
from tests.fakes import FixedClock


@pytest.fixture
def member(club: Club) -> Member:
    """Owes 300 for June."""
    payer = club.subscriber(club.plan(price=300))
    club.open()
    return payer


def test_of_many_verifications_one_posts(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    payment = club.submit(member)
    results = at_once(db_path, clock, *[press(payments.verify, club.reviewer, payment.id)] * 6)
    assert outcomes(results) == {"won": 1, "PaymentMoved": 5}
    assert entries(club, "verify") == ["verify"]
    assert balance(club, "pot") == 300
    assert_clean(db)


def test_verify_reject_and_withdraw_at_once_end_in_one_of_them(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    for _ in range(5):
        payment = club.submit(member)
        results = at_once(
            db_path, clock,
            press(payments.verify, club.reviewer, payment.id),
            press(payments.reject, club.treasurer, payment.id, "no"),
            press(payments.withdraw, club.as_member(member), payment.id),
        )  # fmt: skip
        assert outcomes(results) == {"won": 1, "PaymentMoved": 2}
        winner = next(result for result in results if not isinstance(result, Exception))
        assert club.payment(payment).status == winner.payment.status
        assert_clean(db)
        if winner.payment.status == "verified":
            db.write(reversals.unverify, club.treasurer, payment.id)
            db.write(payments.withdraw, club.reviewer, payment.id)


def test_of_many_submissions_for_one_bill_one_claims_it(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    ids, actor = [bill.id for bill in club.bills(member)], club.as_member(member)
    results = at_once(
        db_path, clock, *[press(payments.submit, actor, ids, request_id=f"click-{n}") for n in range(6)]
    )
    assert outcomes(results) == {"won": 1, "BillClaimed": 5}
    assert count(db, "payments") == 1
    assert_clean(db)


def test_the_same_click_delivered_many_times_is_one_submission_and_the_same_answer(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    ids, actor = [bill.id for bill in club.bills(member)], club.as_member(member)
    results = at_once(db_path, clock, *[press(payments.submit, actor, ids, request_id="click")] * 6)
    assert Counter(result.repeated for result in results) == {False: 1, True: 5}
    assert len({result.payment.id for result in results}) == 1
    assert count(db, "audit_log WHERE action = 'payment.submit'") == 1


def test_one_bank_line_recorded_from_two_sides_is_booked_once(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    money = club.money(300)
    step = press(payments.record, club.reviewer, member.id, money, request_id="line-1")
    results = at_once(db_path, clock, *[step] * 4)
    assert outcomes(results) == {"won": 4}
    assert balance(club, "pot") == 300
    assert_clean(db)


def test_a_payment_is_unverified_or_refunded_once(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    payment = club.verify(club.submit(member))
    refund = press(reversals.refund, club.treasurer, payment.id, club.money(200))
    results = at_once(db_path, clock, *[refund] * 4)
    assert outcomes(results) == {"won": 1, "RefundTooLarge": 3}
    results = at_once(db_path, clock, *[press(reversals.unverify, club.treasurer, payment.id)] * 4)
    assert outcomes(results) == {"won": 1, "PaymentMoved": 3}
    assert balance(club, "pot") == 0
    assert_clean(db)


def test_a_month_opened_from_two_sides_is_billed_once(
    club: Club, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    plan = club.plan(price=300)
    for _ in range(5):
        club.subscriber(plan)
    today = clock.now().date()
    results = at_once(
        db_path, clock,
        *[press(billing.open_period, club.treasurer, Period("2026-06"))] * 3,
        *[press(billing.auto_open, club.system, today)] * 3,
    )  # fmt: skip
    opened = [result for result in results if result is not None and not result.already_open]
    assert [result.bills for result in opened] == [5]
    assert count(db, "bills") == 5
    assert club.notices("opened") == [("opened", "announce", 0)]
    assert_clean(db)


def test_who_starts_while_the_month_opens_is_billed_exactly_once(
    club: Club, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    plan = club.plan(price=300)
    members = [club.linked() for _ in range(4)]
    steps = [press(subscriptions.start, club.treasurer, m.id, plan.id, "2026-06-01") for m in members]
    at_once(db_path, clock, *steps, press(billing.open_period, club.treasurer, Period("2026-06")))
    assert [len(club.bills(member)) for member in members] == [1] * 4
    assert_clean(db)


def test_one_opening_balance_per_member_also_at_once(
    club: Club, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    member = club.member()
    step = press(opening_balances.set_balance, club.treasurer, member.id, club.money(-50), "2026-05-01")
    assert outcomes(at_once(db_path, clock, *[step] * 4)) == {"won": 1, "OpeningBalanceSet": 3}
    assert_clean(db)


def test_credit_is_never_spent_twice(club: Club, db: LocalDatabase, db_path: Path, clock: FixedClock) -> None:
    plans = [club.plan(f"Plan {n}", 300) for n in range(4)]
    club.open()
    member = club.linked()
    club.record(member, 500)
    at_once(
        db_path,
        clock,
        *[press(subscriptions.start, club.treasurer, member.id, p.id, "2026-06-01") for p in plans],
    )
    assert sorted(bill.settled_minor for bill in club.bills(member)) == [0, 0, 200, 300]
    assert_clean(db)


def test_a_storm_of_everything_leaves_books_that_hold(
    club: Club, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    plan = club.plan(price=300)
    members = [club.subscriber(plan) for _ in range(8)]
    club.open()

    workspace = club.workspace

    def life(own: LocalDatabase, number: int) -> None:
        mine = Club(own, workspace)
        member = members[number]
        for turn in range(3):
            payment = mine.submit(member, request_id=f"storm-{number}-{turn}")
            mine.verify(payment, 200 + 100 * turn)
            own.write(reversals.unverify, club.treasurer, payment.id)
            own.write(payments.reject, club.reviewer, payment.id, "again")
            assert own.read(run_check).ok

    at_once(db_path, clock, *[lambda own, n=n: life(own, n) for n in range(len(members))])
    assert entries(club, "verify") == ["verify"] * 24
    assert_clean(db)


# --- killed in the middle ----------------------------------------------------------------------------------


class Killed(BaseException):
    """As a signal would end the process: nothing catches it on purpose."""


def statements_of(db: LocalDatabase, step: Callable[[], Any]) -> int:
    seen: list[str] = []
    db.conn.set_trace_callback(seen.append)
    try:
        step()
    finally:
        db.conn.set_trace_callback(None)
    return len(seen)


@pytest.mark.parametrize("action", ["submit", "verify", "record", "unverify", "refund", "open", "start"])
def test_an_end_at_any_statement_leaves_nothing_behind(club: Club, db: LocalDatabase, action: str) -> None:
    plan = club.plan(price=300)
    member, newcomer = club.subscriber(plan), club.linked()
    if action != "open":
        club.open()
    payment = None
    if action in ("verify", "unverify", "refund"):
        payment = club.submit(member)
        if action != "verify":
            payment = club.verify(payment, 350)
    steps: dict[str, tuple[Any, ...]] = {
        "submit": (payments.submit, club.reviewer, [b.id for b in club.bills(member)]),
        "verify": (payments.verify, club.reviewer, payment and payment.id, club.money(200)),
        "record": (payments.record, club.reviewer, member.id, club.money(700)),
        "unverify": (reversals.unverify, club.treasurer, payment and payment.id),
        "refund": (reversals.refund, club.treasurer, payment and payment.id, club.money(100)),
        "open": (billing.open_period, club.treasurer, Period("2026-06")),
        "start": (subscriptions.start, club.treasurer, newcomer.id, plan.id, "2026-06-01"),
    }
    named = {"submit": {"request_id": "x", "member_id": member.id}, "record": {"request_id": "x"}}.get(
        action, {}
    )
    total = statements_of(db, lambda: db.preview(*steps[action], **named))
    assert total > 8
    before = everything(db)
    for last in range(2, total):
        with pytest.raises(Killed):
            db.write(killed_after(db, last, steps[action][0]), *steps[action][1:], **named)
        assert not db.conn.in_transaction
        assert everything(db) == before, f"killed at statement {last}"
    db.write(*steps[action], **named)
    assert_clean(db)


def killed_after(db: LocalDatabase, last: int, use_case: Callable[..., Any]) -> Callable[..., Any]:
    """The use case on a connection that dies at statement number `last`, at the latest just before COMMIT."""

    class Dying:
        def __init__(self) -> None:
            self.left = last

        def execute(self, sql: str, *args: Any) -> Any:
            self.left -= 1
            if self.left <= 0:
                raise Killed
            return db.conn.execute(sql, *args)

        def __getattr__(self, name: str) -> Any:
            return getattr(db.conn, name)

    def run(tx: Any, *args: Any, **kwargs: Any) -> Any:
        use_case(type(tx)(Dying(), tx.now), *args, **kwargs)
        raise Killed

    return run
