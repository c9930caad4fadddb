"""What is done to a month, by several treasurers at the same moment and again: it happens once.

Each of them has the same preview on the screen and presses at once. One is first; the others either find
nothing left to do, or are shown what is different now.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import (
    announcing,
    billing,
    closing,
    corrections,
    errors,
    payments,
    reminding,
    resync,
    subscriptions,
)  # fmt: skip
from core.db import LocalDatabase
from core.models import Member
from core.period import Period
from core.preview import PreviewChanged, digest_of
from tests.core.helpers import assert_clean, refused
from tests.core.racing import Step, at_once, outcomes, press
from tests.factories import Club
from tests.fakes import FixedClock

JUNE = Period("2026-06")
CALLERS = 6

UseCase = Callable[..., Any]


@pytest.fixture
def member(club: Club) -> Member:
    """Owes 300 for June; the opening was announced."""
    club.set(announce_channel_id=1, debtors_public=True)
    payer = club.subscriber(club.plan(price=300))
    club.open()
    club.db.conn.execute("UPDATE notices SET status = 'sent', sent_at = created_at")
    return payer


def drift(club: Club, member: Member) -> None:
    """One bill to add, one to reprice, one to void."""
    club.reprice(club.db.read(billing.prices_at, club.treasurer, JUNE)[0].plan, 350, "2026-06")
    other = club.plan("Other", 90)
    gone, added = club.subscriber(other, "Ben"), club.subscriber(other, "Eve")
    seat = club.db.read(subscriptions.of_member, club.treasurer, gone.id)[0].subscription
    club.db.write(subscriptions.end, club.treasurer, seat.id, "2026-05-31")
    club.db.write(corrections.void, club.treasurer, club.bills(added)[0].id, "by mistake")


def closed(club: Club, member: Member) -> None:
    club.db.write(closing.close, club.treasurer, JUNE)


def as_it_is(club: Club, member: Member) -> None:
    pass


OPERATIONS: dict[str, tuple[UseCase, Callable[[Club, Member], None], str, int]] = {
    "resync": (resync.resync, drift, "period.resync", 0),
    "retract": (resync.retract, as_it_is, "period.retract", 0),
    "close": (closing.close, as_it_is, "period.close", 0),
    "reopen": (closing.reopen, closed, "period.reopen", 0),
    "resend": (announcing.resend_opened, as_it_is, "period.announce", 1),
    "remind": (reminding.remind_now, as_it_is, "reminders.now", 1),
}
"""Name -> the use case, what comes before it, its line in the audit log, how many notices it queues."""


def confirm(use_case: UseCase, digest: str, *args: Any) -> Step:
    return lambda own: own.confirm(digest, use_case, *args)


def logged(club: Club) -> list[str]:
    return club.audits("period") + club.audits("reminders")


def waiting(club: Club) -> int:
    """Notices in the outbox about the month or who owes for it."""
    return len([kind for kind, *_ in club.notices() if kind in ("opened", "overdue_list", "added", "closed")])


@pytest.mark.parametrize("name", OPERATIONS)
def test_confirmed_by_several_at_once_it_happens_once(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock, name: str
) -> None:
    use_case, before, action, notices = OPERATIONS[name]
    before(club, member)
    told = waiting(club)
    preview = db.preview(use_case, club.treasurer, JUNE)
    steps = [confirm(use_case, digest_of(preview), club.treasurer, JUNE)] * CALLERS
    results = at_once(db_path, clock, *steps)
    assert outcomes(results) == {"won": 1, "PreviewChanged": CALLERS - 1}
    (won,) = (found for found in results if not isinstance(found, Exception))
    assert won.effects == preview.effects, "what was shown is what was done"
    assert logged(club).count(action) == 1
    assert waiting(club) == told + notices
    assert_clean(db)


@pytest.mark.parametrize("name", ["resync", "retract", "close", "reopen", "resend"])
def test_without_a_preview_too_only_the_first_changes_anything(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock, name: str
) -> None:
    use_case, before, action, notices = OPERATIONS[name]
    before(club, member)
    told = waiting(club)
    results = at_once(db_path, clock, *[press(use_case, club.treasurer, JUNE)] * CALLERS)
    assert outcomes(results) == {"won": CALLERS}, "the others are told that it was so already"
    assert logged(club).count(action) == 1
    assert waiting(club) == told + notices
    everything = list(db.conn.iterdump())
    db.write(use_case, club.treasurer, JUNE)
    assert list(db.conn.iterdump()) == everything, "and so is whoever repeats it later"
    assert_clean(db)


def test_opened_with_prices_by_several_at_once_it_is_billed_and_priced_once(
    club: Club, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    plan = club.plan(price=300)
    member = club.subscriber(plan)
    prices = {plan.id: club.money(320)}
    preview = db.preview(billing.open_period, club.treasurer, JUNE, prices)
    step = confirm(billing.open_period, digest_of(preview), club.treasurer, JUNE, prices)
    results = at_once(db_path, clock, *[step] * CALLERS)
    assert outcomes(results) == {"won": 1, "PreviewChanged": CALLERS - 1}
    assert all(found.result.already_open for found in results if isinstance(found, PreviewChanged))
    assert [bill.amount_minor for bill in club.bills(member)] == [320]
    assert club.audits("plan").count("plan.price") == 1
    assert len(club.notices("opened")) == 1
    assert_clean(db)


def test_closed_and_retracted_at_once_the_month_ends_in_one_of_the_two(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    results = at_once(
        db_path, clock, *[press(closing.close, club.treasurer, JUNE), press(resync.retract, club.treasurer, JUNE)]
    )  # fmt: skip
    assert outcomes(results)["won"] == 1
    (lost,) = (found for found in results if isinstance(found, errors.DomainError))
    assert isinstance(lost, errors.PeriodClosed | errors.PeriodNotOpen)
    assert_clean(db)


def test_somebody_pays_while_the_opening_is_taken_back(
    club: Club, member: Member, db: LocalDatabase, db_path: Path, clock: FixedClock
) -> None:
    """Either the claim was first and its bill stays, or the bill is gone and there is nothing to claim."""
    (bill,) = club.bills(member)

    def pay(own: LocalDatabase) -> Any:
        return own.write(payments.submit, club.as_member(member), [bill.id], request_id="race")

    results = at_once(db_path, clock, press(resync.retract, club.treasurer, JUNE), pay)
    if isinstance(results[1], Exception):
        assert club.bills(member) == []
    else:
        assert [bill.status for bill in club.bills(member)] == ["paid"]
        assert results[0].frozen == 1
    with refused(db, errors.PeriodNotOpen):
        db.write(resync.resync, club.treasurer, JUNE)
    assert_clean(db)
