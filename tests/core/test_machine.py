"""The core as a whole: random use cases in random order, and after each one the books hold.

A refusal (DomainError) is fine; anything else fails. Before each action its preview runs, and must say what
the action then does. Hypothesis looks for the shortest story that fails; the long walks reach what only many
steps reach. `POTKEEPER_MACHINE=<examples>x<steps>` makes both longer and new every time.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core import (
    billing,
    closing,
    corrections,
    errors,
    import_undo,
    merging,
    migrate,
    opening_balances,
    payments,
    plans,
    resync,
    reversals,
    roster,
    roster_import,
    subscriptions,
    undo,
    workspaces,
)
from core.check import run_check
from core.clock import local_date
from core.db import LocalDatabase
from core.models import Actor, Bill, MemberId, PaymentId, SubscriptionId
from core.money import Money
from core.period import Period
from core.preview import Previewed
from core.store import bills as bill_rows
from core.store import payments as payment_rows
from tests.factories import Club
from tests.fakes import FixedClock

LONG = os.environ.get("POTKEEPER_MACHINE", "")
EXAMPLES, STEPS = (int(part) for part in (LONG or "25x30").split("x"))
WALKS = [int.from_bytes(os.urandom(4)) for _ in range(EXAMPLES // 5)] if LONG else [1, 2, 3]
WALK_STEPS = STEPS * 10 if LONG else 500

picks = st.integers(0, 999)
minors = st.one_of(st.integers(1, 40), st.sampled_from([100, 250, 299, 300, 301, 600, 1000]))
periods = st.sampled_from([f"2026-{month:02}" for month in range(4, 11)])
days = st.integers(-70, 70)
cells = st.sampled_from(["TRUE", "FALSE", ""])

# What a healthy database has beyond the rules of `check`; each finds rows that break it.
BEYOND_CHECK = {
    "a void bill holds no money": "SELECT id FROM bills WHERE status = 'void' AND settled_minor <> 0",
    "a person's receivable below zero is their credit beside what is still open": """
        WITH people AS (SELECT id, coalesce(successor_id, id) AS person FROM members),
        credit AS (
            SELECT person, sum(received_minor - refunded_minor - allocated_minor) AS minor
            FROM payments JOIN people ON people.id = member_id WHERE status = 'verified' GROUP BY person),
        missing AS (
            SELECT person, sum(amount_minor - settled_minor - waived_minor) AS minor
            FROM bills JOIN people ON people.id = member_id WHERE status <> 'void' GROUP BY person),
        books AS (
            SELECT person, sum(amount_minor) AS minor FROM ledger_postings
            JOIN accounts ON accounts.id = account_id JOIN people ON people.id = owner_id
            WHERE kind = 'receivable' GROUP BY person)
        SELECT people.id FROM people LEFT JOIN credit ON credit.person = people.id
            LEFT JOIN missing ON missing.person = people.id LEFT JOIN books ON books.person = people.id
        WHERE people.id = people.person
            AND coalesce(missing.minor, 0) - coalesce(credit.minor, 0) <> coalesce(books.minor, 0)
    """,
}


class BooksMachine(RuleBasedStateMachine):
    """Two clubs in one file; nearly everything happens in the first, and the second must never notice."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="potkeeper-machine-")
        self.clock = FixedClock()
        path = Path(self.folder.name) / "books.db"
        shutil.copy(template(), path)
        self.db = LocalDatabase(path, self.clock)
        self.db.conn.execute("PRAGMA synchronous = OFF")
        self.club = club_of(self.db, 0)
        self.other = club_of(self.db, 1)
        self.numbers = itertools.count(1)
        self.plans: list[int] = []
        self.retries: list[Callable[[], Any]] = []
        self.done: Counter[str] = Counter()
        self.walking = False

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    @initialize(
        prices=st.lists(minors, min_size=1, max_size=3), daily=st.booleans(),
        cycle=st.sampled_from([1, 1, 3, 6]),
    )  # fmt: skip
    def begin(self, prices: list[int], daily: bool, cycle: int) -> None:
        for number, price in enumerate(prices):
            proration = "daily" if daily and number % 2 == 0 else "none"
            plan = self.club.plan(
                f"Plan {number}", price, cycle_months=cycle if number else 1, proration=proration
            )
            self.plans.append(plan.id)
        self.bank = self.club.method()
        for number in range(3):
            plan = self.plans[number % len(self.plans)]
            self.subscribe(self.club.linked().id, plan, f"2026-0{4 + number}-0{1 + number}")
        for period in ("2026-05", "2026-06"):
            self.do(billing.open_period, self.club.treasurer, Period(period))

    # --- doing -------------------------------------------------------------------------------------------

    def do(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The preview, then the action itself; both say the same, and both refuse the same."""
        promised = self.attempt(self.db.preview, use_case, args, kwargs)
        done = self.attempt(self.db.write, use_case, args, kwargs)
        if isinstance(done, errors.DomainError):
            assert type(done) is type(promised), (use_case.__name__, promised, done)
            return None
        if isinstance(done, Previewed):
            assert promised.effects == done.effects, use_case.__name__
        if not self.walking:
            event(f"{use_case.__name__} done")
        self.done[use_case.__name__] += 1
        return done

    @staticmethod
    def attempt(how: Callable[..., Any], use_case: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        try:
            return how(use_case, *args, **kwargs)
        except errors.DomainError as refusal:
            return refusal

    def subscribe(self, member_id: int, plan_id: int, starts_on: str) -> None:
        self.do(subscriptions.start, self.club.treasurer, member_id, plan_id, starts_on)

    def member(self, pick: int) -> MemberId:
        rows = self.db.conn.execute(
            "SELECT id FROM members WHERE workspace_id = ? ORDER BY id", (self.club.id,)
        ).fetchall()
        return MemberId(rows[pick % len(rows)][0])

    def linked(self, member_id: MemberId) -> bool:
        row = self.db.conn.execute("SELECT discord_id FROM members WHERE id = ?", (member_id,)).fetchone()
        return row[0] is not None

    def member_actor(self, member_id: MemberId) -> Actor:
        row = self.db.conn.execute("SELECT discord_id FROM members WHERE id = ?", (member_id,)).fetchone()
        return Actor.discord(self.club.id, row[0] or 1)

    def payment(self, pick: int, *statuses: str) -> PaymentId | None:
        """Mostly one in such a status, now and then any."""
        rows = self.db.conn.execute("SELECT id, status FROM payments ORDER BY id DESC LIMIT 12").fetchall()
        fitting = [row[0] for row in rows if row[1] in statuses or pick % 10 == 0]
        return PaymentId(fitting[pick % len(fitting)]) if fitting else None

    def bill(self, pick: int) -> Bill | None:
        rows = self.db.conn.execute(
            "SELECT id FROM bills WHERE workspace_id = ? AND status <> 'void' ORDER BY id", (self.club.id,)
        ).fetchall()
        found = rows and self.db.read(
            lambda tx: bill_rows.get(tx.conn, self.club.id, rows[pick % len(rows)][0])
        )
        return found or None

    def day(self, offset: int) -> str:
        return str(local_date(self.clock.now(), "Asia/Taipei") + timedelta(days=offset))

    # --- the club ----------------------------------------------------------------------------------------

    @rule(plan=picks, offset=days)
    def somebody_joins(self, plan: int, offset: int) -> None:
        member = self.club.linked()
        self.subscribe(member.id, self.plans[plan % len(self.plans)], self.day(offset))

    @rule(pick=picks, plan=picks, offset=days)
    def subscription_starts(self, pick: int, plan: int, offset: int) -> None:
        self.subscribe(self.member(pick), self.plans[plan % len(self.plans)], self.day(offset))

    @rule(pick=picks, offset=days, length=st.one_of(st.none(), st.integers(0, 60)))
    def subscription_pauses(self, pick: int, offset: int, length: int | None) -> None:
        until = None if length is None else self.day(offset + length)
        self.do(subscriptions.pause, self.club.treasurer, self.subscription(pick), self.day(offset), until)

    @rule(pick=picks, offset=days)
    def subscription_resumes(self, pick: int, offset: int) -> None:
        self.do(subscriptions.resume, self.club.treasurer, self.subscription(pick), self.day(offset))

    @rule(pick=picks, offset=days)
    def subscription_ends(self, pick: int, offset: int) -> None:
        self.do(subscriptions.end, self.club.treasurer, self.subscription(pick), self.day(offset))

    def subscription(self, pick: int) -> SubscriptionId:
        rows = self.db.conn.execute(
            "SELECT id FROM subscriptions WHERE workspace_id = ? ORDER BY id", (self.club.id,)
        ).fetchall()
        return SubscriptionId(rows[pick % len(rows)][0])

    @rule(pick=picks, day=st.one_of(st.none(), st.integers(1, 28)))
    def billing_day_of_one_changes(self, pick: int, day: int | None) -> None:
        self.do(subscriptions.set_billing_day, self.club.treasurer, self.subscription(pick), day)

    @rule(
        picked=st.lists(picks, max_size=3), cells=st.lists(cells, min_size=3, max_size=3), new=st.booleans()
    )
    def roster_file_is_imported(self, picked: list[int], cells: list[str], new: bool) -> None:
        chosen = cells[: len(self.plans)]
        names = [f"Plan {number}" for number in range(len(self.plans))]
        rows = [[f"M-{self.member(pick)}", "", "", *chosen] for pick in picked]
        if new:
            number = next(self.numbers)
            rows.append(["", f"New {number}", f"new{number}@club.example", *chosen])
        text = "\n".join(",".join(row) for row in [["member", "name", "e-mail", *names], *rows])
        self.do(roster_import.import_roster, self.club.treasurer, text.encode())

    @rule(pick=picks)
    def import_is_undone(self, pick: int) -> None:
        rows = self.db.conn.execute("SELECT id FROM roster_imports ORDER BY id DESC").fetchall()
        if rows:
            self.do(import_undo.undo, self.club.treasurer, rows[pick % len(rows)][0])

    @rule(pick=picks)
    def logged_action_is_taken_back(self, pick: int) -> None:
        rows = self.db.conn.execute(
            "SELECT id FROM audit_log WHERE workspace_id = ? ORDER BY id DESC LIMIT 20", (self.club.id,)
        ).fetchall()
        self.do(undo.undo, self.club.treasurer, rows[pick % len(rows)][0])

    @rule(pick=picks)
    def member_leaves(self, pick: int) -> None:
        if pick % 4 == 0:
            self.do(roster.leave, self.club.treasurer, self.member(pick))

    @rule(pick=picks)
    def member_comes_back(self, pick: int) -> None:
        self.do(roster.rejoin, self.club.treasurer, self.member(pick))

    @rule(pick=picks, other=picks)
    def two_entries_turn_out_to_be_one_person(self, pick: int, other: int) -> None:
        if pick % 3 == 0:
            if self.linked(self.member(pick)) and self.linked(self.member(other)):
                self.do(roster.unlink, self.club.treasurer, self.member(pick))
            self.do(merging.merge, self.club.treasurer, self.member(pick), self.member(other))

    @rule(plan=picks, price=st.one_of(st.just(0), minors), period=periods)
    def price_changes(self, plan: int, price: int, period: str) -> None:
        plan_id = self.plans[plan % len(self.plans)]
        self.do(plans.set_price, self.club.treasurer, plan_id, Money(price, "TWD"), period)

    @rule(pick=picks, minor=minors, debt=st.booleans())
    def opening_balance(self, pick: int, minor: int, debt: bool) -> None:
        amount = Money(minor if debt else -minor, "TWD")
        on = self.day(-30)
        self.do(opening_balances.set_balance, self.club.treasurer, self.member(pick), amount, on)

    @rule(period=periods)
    def period_opens(self, period: str) -> None:
        self.do(billing.open_period, self.club.treasurer, Period(period))

    @rule()
    def scheduler_looks(self) -> None:
        today = local_date(self.clock.now(), "Asia/Taipei")
        self.do(billing.auto_open, self.club.system, today)

    @rule(hours=st.sampled_from([0.1, 5, 30, 400, 800]))
    def time_passes(self, hours: float) -> None:
        self.clock.advance(hours=hours)

    # --- payments ----------------------------------------------------------------------------------------

    @rule(pick=picks, mask=st.integers(1, 15), as_reviewer=st.booleans())
    def submit(self, pick: int, mask: int, as_reviewer: bool) -> None:
        member_id = self.member(pick)
        payable = self.db.read(lambda tx: bill_rows.payable(tx.conn, member_id))
        chosen = [bill.id for n, bill in enumerate(payable) if mask >> (n % 4) & 1]
        actor = self.club.reviewer if as_reviewer else self.member_actor(member_id)
        options = {"request_id": f"r{next(self.numbers)}", "method_id": self.bank.id, "member_id": member_id}
        done = self.do(payments.submit, actor, chosen, **options)
        if done is not None:
            self.retries.append(lambda: self.do(payments.submit, actor, chosen, **options))

    @rule(pick=picks, other=picks)
    def submit_any_bills_at_all(self, pick: int, other: int) -> None:
        """Settled ones, claimed ones, somebody else's."""
        chosen = [bill.id for bill in (self.bill(pick), self.bill(other)) if bill]
        self.do(
            payments.submit, self.member_actor(self.member(pick)), chosen, request_id=f"r{next(self.numbers)}"
        )

    @precondition(lambda self: self.retries)
    @rule(pick=picks)
    def the_same_request_comes_again(self, pick: int) -> None:
        before = self.db.conn.execute("SELECT count(*) FROM payments").fetchone()
        again = self.retries[pick % len(self.retries)]()
        assert again is None or again.repeated
        assert self.db.conn.execute("SELECT count(*) FROM payments").fetchone() == before

    @rule(pick=picks)
    def withdraw(self, pick: int) -> None:
        self.act(payments.withdraw, pick, "submitted")

    @rule(pick=picks, amount=st.one_of(st.none(), minors))
    def verify(self, pick: int, amount: int | None) -> None:
        received = None if amount is None else Money(amount, "TWD")
        self.act(payments.verify, pick, "submitted", received=received)

    @rule(pick=picks)
    def reject(self, pick: int) -> None:
        self.act(payments.reject, pick, "submitted", reason="not on the statement")

    @rule(pick=picks)
    def reopen(self, pick: int) -> None:
        self.act(payments.reopen, pick, "rejected")

    @rule(pick=picks)
    def unverify(self, pick: int) -> None:
        self.act(reversals.unverify, pick, "verified")

    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        self.act(reversals.cancel, pick, "verified")

    @rule(pick=picks, minor=minors)
    def refund(self, pick: int, minor: int) -> None:
        self.act(reversals.refund, pick, "verified", amount=Money(minor, "TWD"))

    @rule(pick=picks)
    def refund_everything(self, pick: int) -> None:
        found = self.payment(pick, "verified")
        payment = found and self.db.read(lambda tx: payment_rows.get(tx.conn, self.club.id, found))
        if payment and payment.kept_minor:
            self.do(reversals.refund, self.club.treasurer, payment.id, Money(payment.kept_minor, "TWD"))

    def act(self, use_case: Callable[..., Any], pick: int, *statuses: str, **options: Any) -> None:
        payment_id = self.payment(pick, *statuses)
        if payment_id is not None:
            actor = (self.club.treasurer, self.club.treasurer, self.club.reviewer)[pick % 3]
            self.do(use_case, actor, payment_id, **options)

    @rule(pick=picks, minor=minors, name_bills=st.booleans())
    def record(self, pick: int, minor: int, name_bills: bool) -> None:
        member_id = self.member(pick)
        payable = self.db.read(lambda tx: bill_rows.payable(tx.conn, member_id))
        self.do(
            payments.record, self.club.reviewer, member_id, Money(minor, "TWD"),
            request_id=f"r{next(self.numbers)}", method_id=self.bank.id if pick % 2 else None,
            bill_ids=[bill.id for bill in payable[-2:]] if name_bills else (),
        )  # fmt: skip

    # --- bills and months that change under all that -----------------------------------------------------

    @rule(pick=picks, delta=st.integers(-300, 300).filter(bool))
    def bill_is_adjusted(self, pick: int, delta: int) -> None:
        bill = self.bill(pick)
        if bill and bill.amount_minor + delta >= 0:
            amount = Money(bill.amount_minor + delta, "TWD")
            self.do(corrections.set_amount, self.club.treasurer, bill.id, amount, "it was agreed")

    @rule(pick=picks, minor=st.one_of(st.none(), minors))
    def bill_is_waived(self, pick: int, minor: int | None) -> None:
        bill = self.bill(pick)
        if bill:
            amount = None if minor is None else Money(minor, "TWD")
            self.do(corrections.waive, self.club.treasurer, bill.id, amount, "hard times")

    @rule(pick=picks)
    def waiver_is_taken_back(self, pick: int) -> None:
        rows = self.db.conn.execute("SELECT id FROM waivers ORDER BY id").fetchall()
        if rows:
            self.do(corrections.unwaive, self.club.treasurer, rows[pick % len(rows)][0])

    @rule(pick=picks)
    def bill_is_voided(self, pick: int) -> None:
        bill = self.bill(pick)
        if bill and pick % 3 == 0:
            self.do(corrections.void, self.club.treasurer, bill.id, "a mistake")

    @rule(pick=picks, minor=minors, everybody=st.booleans(), due=days)
    def members_are_charged(self, pick: int, minor: int, everybody: bool, due: int) -> None:
        chosen = [self.member(pick + n) for n in range(3 if everybody else 1)]
        self.do(corrections.charge, self.club.treasurer, chosen, "Party", Money(minor, "TWD"), self.day(due))

    @rule(pick=picks, period=periods)
    def old_month_is_filled(self, pick: int, period: str) -> None:
        self.do(corrections.back_fill, self.club.treasurer, self.subscription(pick), Period(period))

    @rule(period=periods)
    def period_is_resynced(self, period: str) -> None:
        done = self.do(resync.resync, self.club.treasurer, Period(period))
        if done is not None:
            again = self.db.preview(resync.resync, self.club.treasurer, Period(period))
            assert (again.added, again.revised) == ((), ()), "a second resync finds nothing to do"

    @rule(period=periods)
    def period_is_retracted(self, period: str) -> None:
        self.do(resync.retract, self.club.treasurer, Period(period))

    @rule(period=periods)
    def period_is_closed(self, period: str) -> None:
        self.do(closing.close, self.club.treasurer, Period(period))

    @rule(period=periods)
    def period_is_reopened(self, period: str) -> None:
        self.do(closing.reopen, self.club.treasurer, Period(period))

    @rule(pick=picks)
    def verified_is_rejected_after_all(self, pick: int) -> None:
        self.act(reversals.reject_after_all, pick, "verified", reason="it bounced")

    # --- and what must hold ------------------------------------------------------------------------------

    @invariant()
    def books_hold(self) -> None:
        assert not self.db.conn.in_transaction
        found = self.db.read(run_check).problems
        assert not found, "\n".join(problem.message for problem in found)
        for sentence, sql in BEYOND_CHECK.items():
            assert not self.db.conn.execute(sql).fetchall(), sentence

    @invariant()
    def the_other_club_never_notices(self) -> None:
        counted = self.db.conn.execute(
            """
            SELECT (SELECT count(*) FROM bills WHERE workspace_id = :id),
                (SELECT count(*) FROM payments WHERE workspace_id = :id),
                (SELECT count(*) FROM notices WHERE workspace_id = :id)
            """,
            {"id": self.other.id},
        ).fetchone()
        assert counted == (1, 1, OTHER_NOTICES)


# --- a file with the two clubs, made once -------------------------------------------------------------------

_made: list[Path] = []
OTHER_NOTICES = 3  # it opened a month, and one payment was submitted (a card) and verified (a result)


def template() -> Path:
    if not _made or not _made[0].exists():
        path = Path(tempfile.mkdtemp(prefix="potkeeper-machine-")) / "template.db"
        migrate.prepare(path)
        with LocalDatabase(path, FixedClock()) as db:
            Club.create(db, number=0)
            other = Club.create(db, number=1, currency="USD", timezone="America/New_York")
            member = other.subscriber(other.plan(price=1250))
            other.open()
            other.verify(other.submit(member))
            db.conn.execute("PRAGMA journal_mode = DELETE")
        _made[:] = [path]
    return _made[0]


def club_of(db: LocalDatabase, number: int) -> Club:
    workspace = db.read(workspaces.by_guild, 700_000 + number)
    assert workspace is not None
    return Club(db, workspace, 10_000 * number)


TestBooks = BooksMachine.TestCase
TestBooks.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=not LONG, database=None,
    suppress_health_check=list(HealthCheck), print_blob=True,
)  # fmt: skip


# --- long walks --------------------------------------------------------------------------------------------


def steps_of(machine: BooksMachine, dice: random.Random) -> list[tuple[int, Callable[[], Any]]]:
    """(weight, step): what may happen next; money moves more often than the roster changes."""

    def pick() -> int:
        return dice.randrange(1000)

    def minor() -> int:
        return dice.choice([dice.randint(1, 40), 100, 250, 299, 300, 301, 600, 1000])

    def day() -> int:
        return dice.randint(-70, 70)

    def maybe(value: int) -> int | None:
        return dice.choice([None, value])

    def period() -> str:
        return f"2026-{dice.randint(4, 10):02}"

    m = machine
    return [
        (2, lambda: m.somebody_joins(pick(), day())),
        (2, lambda: m.subscription_starts(pick(), pick(), day())),
        (2, lambda: m.subscription_pauses(pick(), day(), maybe(dice.randint(0, 60)))),
        (2, lambda: m.subscription_resumes(pick(), day())),
        (1, lambda: m.subscription_ends(pick(), day())),
        (1, lambda: m.member_leaves(pick())),
        (1, lambda: m.member_comes_back(pick())),
        (1, lambda: m.two_entries_turn_out_to_be_one_person(pick(), pick())),
        (1, lambda: m.price_changes(pick(), dice.choice([0, minor()]), period())),
        (1, lambda: m.opening_balance(pick(), minor(), dice.random() < 0.5)),
        (4, lambda: m.period_opens(period())),
        (1, m.scheduler_looks),
        (3, lambda: m.time_passes(dice.choice([0.1, 0.1, 5, 30, 400]))),
        (15, lambda: m.submit(pick(), dice.randint(1, 15), dice.random() < 0.5)),
        (2, lambda: m.submit_any_bills_at_all(pick(), pick())),
        (2, lambda: m.the_same_request_comes_again(pick()) if m.retries else None),
        (3, lambda: m.withdraw(pick())),
        (10, lambda: m.verify(pick(), maybe(minor()))),
        (6, lambda: m.reject(pick())),
        (6, lambda: m.reopen(pick())),
        (6, lambda: m.unverify(pick())),
        (5, lambda: m.cancel(pick())),
        (4, lambda: m.refund(pick(), minor())),
        (1, lambda: m.refund_everything(pick())),
        (
            2,
            lambda: m.roster_file_is_imported(
                [pick()], dice.choices(["TRUE", "FALSE", ""], k=3), dice.random() < 0.3
            ),
        ),
        (1, lambda: m.import_is_undone(pick())),
        (3, lambda: m.logged_action_is_taken_back(pick())),
        (1, lambda: m.billing_day_of_one_changes(pick(), maybe(dice.randint(1, 28)))),
        (5, lambda: m.record(pick(), minor(), dice.random() < 0.5)),
        (4, lambda: m.bill_is_adjusted(pick(), dice.choice([-1, 1]) * minor())),
        (3, lambda: m.bill_is_waived(pick(), maybe(minor()))),
        (2, lambda: m.waiver_is_taken_back(pick())),
        (2, lambda: m.members_are_charged(pick(), minor(), dice.random() < 0.5, day())),
        (2, lambda: m.old_month_is_filled(pick(), period())),
        (3, lambda: m.period_is_resynced(period())),
        (2, lambda: m.period_is_retracted(period())),
        (2, lambda: m.period_is_closed(period())),
        (2, lambda: m.period_is_reopened(period())),
        (2, lambda: m.verified_is_rejected_after_all(pick())),
        (2, lambda: m.bill_is_voided(pick())),
    ]


@pytest.mark.parametrize("seed", WALKS)
def test_the_books_hold_on_a_long_walk(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a walk to be walked again, no secret
    machine = BooksMachine()
    machine.walking = True
    try:
        prices = [dice.choice([100, 299, 300]) for _ in range(3)]
        machine.begin(prices, daily=dice.random() < 0.5, cycle=dice.choice([1, 3, 6, 12]))
        steps = steps_of(machine, dice)
        for _ in range(WALK_STEPS):
            dice.choices([step for _, step in steps], [weight for weight, _ in steps])[0]()
            machine.books_hold()
            machine.the_other_club_never_notices()
        moved = {"submit", "verify", "reject", "reopen", "unverify", "cancel", "refund", "record", "withdraw"}
        # The walk went everywhere; of a walk that nobody walked before that cannot be promised.
        assert LONG or moved <= machine.done.keys(), machine.done
    finally:
        machine.teardown()
