"""What members, reviewers and treasurers are shown, and that nobody is shown what is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from core import errors, payments, proof_files, reports, reversals
from core.db import LocalDatabase
from core.models import Member
from core.period import Period
from tests.core.helpers import adjust_bill, everything, void_bill
from tests.factories import Club
from tests.fakes import FixedClock

PROOF = proof_files.ProofFile(
    "w1/2026-06/a.webp", "w1/2026-06/a-small.webp", "s" * 64, "p" * 64, "d" * 16, 10, 3, 4
)


@pytest.fixture
def payer(club: Club) -> Member:
    """Owes 300 for May and June, and 50 from before."""
    member = club.subscriber(club.plan(price=300), starts_on="2026-05-01")
    club.opening_balance(member, 50)
    club.open("2026-05")
    club.open("2026-06")
    return member


# --- what is owed ------------------------------------------------------------------------------------------


def test_the_form_shows_what_can_be_paid_by_period_oldest_first(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    bank = club.method()
    form = db.read(reports.pay_form, club.as_member(payer))
    assert [(group.key, group.total_minor) for group in form.groups] == [
        ("2026-05", 300),
        ("2026-06", 300),
        ("other", 50),
    ]
    assert form.total_minor == 650
    assert [method.id for method in form.methods] == [bank.id]


def test_the_form_leaves_out_what_is_claimed_settled_or_void(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    june, may, opening = (
        next(bill for bill in club.bills(payer) if key in (bill.covers_from[:7], bill.kind))
        for key in ("2026-06", "2026-05", "opening")
    )
    club.submit(payer, [june])
    db.write(void_bill, club.treasurer, opening.id)
    form = db.read(reports.pay_form, club.as_member(payer))
    assert [bill.id for group in form.groups for bill in group.bills] == [may.id]
    club.record(payer, 300)
    with pytest.raises(errors.NothingToPay):
        db.read(reports.pay_form, club.as_member(payer))


def test_the_form_shows_only_the_rest_of_a_part_paid_bill(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    club.record(payer, 400)
    assert db.read(reports.pay_form, club.as_member(payer)).total_minor == 250


def test_a_reading_changes_nothing(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.submit(payer)
    before = everything(db)
    db.read(reports.statement, club.as_member(payer))
    db.read(reports.payment_view, club.id, payment.id)
    db.read(reports.period_status, club.auditor, Period("2026-06"))
    assert everything(db) == before


def test_the_statement_says_how_each_bill_stands(
    club: Club, db: LocalDatabase, payer: Member, clock: FixedClock
) -> None:
    may = min(club.bills(payer), key=lambda bill: bill.covers_from if bill.kind == "plan" else "9")
    payment = club.submit(payer, [may])
    db.write(adjust_bill, club.treasurer, may.id, 20)
    clock.advance(days=10)
    views = {view.bill.covers_from: view for view in db.read(reports.statement, club.as_member(payer)).bills}
    claimed, june = views["2026-05-01"], views["2026-06-01"]
    assert claimed.waiting is not None
    assert (claimed.waiting.id, claimed.short_minor, claimed.overdue, claimed.payable) == (
        payment.id,
        20,
        False,
        False,
    )
    assert (june.waiting, june.overdue, june.payable, june.period) == (None, True, True, Period("2026-06"))


@pytest.mark.parametrize(("days", "overdue"), [(0, False), (1, True)])
def test_a_bill_is_overdue_from_the_day_after_it_is_due(
    club: Club, db: LocalDatabase, clock: FixedClock, days: int, overdue: bool
) -> None:
    member = club.subscriber(club.plan())
    club.open()
    clock.advance(days=days)
    (view,) = db.read(reports.statement, club.as_member(member)).bills
    assert view.overdue is overdue


def test_the_statement_shows_credit_and_the_newest_payments_first(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    made = [club.record(payer, 100 + n).id for n in range(7)]
    statement = db.read(reports.statement, club.as_member(payer))
    assert [payment.id for payment in statement.payments] == made[:1:-1]
    assert statement.credit_minor == sum(100 + n for n in range(7)) - 650


def test_an_explanation_has_every_line_the_price_and_what_settled_it(club: Club, db: LocalDatabase) -> None:
    plan = club.plan(price=1000, proration="daily", from_period="2026-02")
    member = club.subscriber(plan, starts_on="2026-06-11")
    club.open()
    (bill,) = club.bills(member)
    payment = club.record(member, 100)
    why = db.read(reports.explain_bill, club.as_member(member), bill.id)
    assert [(line.kind, line.amount_minor) for line in why.lines] == [("price", 1000), ("proration", -333)]
    assert (why.price_from, why.period) == ("2026-02", Period("2026-06"))
    assert [(paid.id, part.amount_minor) for paid, part in why.settled] == [(payment.id, 100)]


# --- the review queue --------------------------------------------------------------------------------------


def test_the_queue_is_walked_oldest_first(club: Club, db: LocalDatabase) -> None:
    plan = club.plan()
    members = [club.subscriber(plan) for _ in range(3)]
    club.open()
    waiting = [club.submit(member).id for member in members]
    db.write(payments.reject, club.reviewer, waiting[1], "no")
    seen, after = [], 0
    while (view := db.read(reports.next_waiting, club.reviewer, after)) is not None:
        assert view.waiting_count == 2
        seen.append(after := view.payment.id)
    assert seen == [waiting[0], waiting[2]]
    with pytest.raises(errors.RoleNeeded):
        db.read(reports.next_waiting, club.auditor)


def test_a_card_shows_lines_methods_and_flags(club: Club, db: LocalDatabase, payer: Member) -> None:
    bank, cash = club.method(), club.method("Cash", "cash")
    payment = club.submit(payer, method_id=bank.id, proof=PROOF)
    view = db.read(reports.payment_view, club.id, payment.id)
    assert [minor for _, minor in view.lines] == [300, 50, 300]
    assert [bill.due_on for bill, _ in view.lines] == sorted(bill.due_on for bill, _ in view.lines)
    assert (view.declared_method, view.confirmed_method, view.amount_differs) == ("Bank", None, False)
    assert view.proof is not None
    assert view.same_proof_as is None
    db.write(payments.verify, club.reviewer, payment.id, club.money(100), cash.id)
    view = db.read(reports.payment_view, club.id, payment.id)
    assert (view.confirmed_method, view.amount_differs, sum(minor for _, minor in view.lines)) == (
        "Cash",
        True,
        100,
    )


def test_a_bill_that_changed_under_a_claim_is_flagged(club: Club, db: LocalDatabase, payer: Member) -> None:
    payment = club.submit(payer)
    bill = club.bills(payer)[0]
    for delta, differs in ((10, True), (-10, False), (-10, True)):
        db.write(adjust_bill, club.treasurer, bill.id, delta)
        assert db.read(reports.payment_view, club.id, payment.id).amount_differs is differs


def test_the_same_picture_again_is_flagged_within_the_club_only(club: Club, db: LocalDatabase) -> None:
    plan = club.plan()
    one, two = club.subscriber(plan), club.subscriber(plan)
    other = Club.create(db, number=1)
    abroad = other.subscriber(other.plan())
    club.open()
    other.open()

    def proof(name: str, sha: str, pixels: str) -> proof_files.ProofFile:
        return proof_files.ProofFile(f"{name}.webp", f"{name}-small.webp", sha, pixels, "d", 1, 1, 1)

    first = club.submit(one, proof=proof("a", "same", "x"))
    again = club.submit(two, proof=proof("b", "same", "y"))
    elsewhere = other.submit(abroad, proof=proof("c", "same", "x"))
    assert db.read(reports.payment_view, club.id, first.id).same_proof_as is None
    assert db.read(reports.payment_view, club.id, again.id).same_proof_as == first.id
    assert db.read(reports.payment_view, other.id, elsewhere.id).same_proof_as is None


def test_a_withdrawn_payment_shows_what_it_had_claimed_once(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    payment = club.submit(payer)
    for _ in range(2):
        club.verify(payment)
        db.write(reversals.unverify, club.treasurer, payment.id)
    db.write(payments.withdraw, club.as_member(payer), payment.id)
    view = db.read(reports.payment_view, club.id, payment.id)
    assert [minor for _, minor in view.lines] == [300, 50, 300]


def test_a_waiting_payment_whose_bills_were_voided_shows_no_lines(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    bill = club.bills(payer)[0]
    payment = club.submit(payer, [bill])
    db.write(void_bill, club.treasurer, bill.id)
    view = db.read(reports.payment_view, club.id, payment.id)
    assert (view.lines, view.amount_differs) == ((), True)


def test_verifying_ones_own_is_marked_on_the_card(club: Club, db: LocalDatabase) -> None:
    member = club.member(discord_id=club.reviewer.discord_id)
    club.subscribe(member, club.plan())
    club.open()
    payment = club.submit(member)
    assert not db.read(reports.payment_view, club.id, payment.id).own
    club.verify(payment)
    assert db.read(reports.payment_view, club.id, payment.id).own


# --- a period ----------------------------------------------------------------------------------------------


def test_the_status_of_a_period_adds_up(club: Club, db: LocalDatabase) -> None:
    base, extra = club.plan("Base", 300), club.plan("Extra", 100)
    bank = club.method()
    paid, waiting, owing, partly = (club.subscriber(base) for _ in range(4))
    club.subscribe(partly, extra)
    club.open()
    club.verify(club.submit(paid, method_id=bank.id))
    club.submit(waiting)
    club.record(partly, 350)
    status = db.read(reports.period_status, club.auditor, Period("2026-06"))
    assert (status.status, status.pot_minor, status.waiting) == ("open", 650, 1)
    assert (status.total().bills, status.total().amount_minor, status.total().settled_minor) == (5, 1300, 650)
    assert (status.total("paid").bills, status.total("verified").bills, status.total("pending").bills) == (
        1,
        2,
        2,
    )
    by_plan = [(p.title, p.bills, p.verified, p.amount_minor, p.settled_minor) for p in status.plans]
    assert by_plan == [
        ("Base", 4, 2, 1200, 600), ("Extra", 1, 0, 100, 50),
    ]  # fmt: skip
    assert [(member.id, minor, due) for member, minor, due in status.debtors] == [
        (owing.id, 300, date(2026, 6, 5)), (partly.id, 50, date(2026, 6, 5)),
    ]  # fmt: skip
    assert sorted(status.methods, key=str) == [("Bank", 300), (None, 350)]


def test_a_period_without_a_row_is_unknown(club: Club, db: LocalDatabase) -> None:
    with pytest.raises(errors.PeriodUnknown) as unknown:
        db.read(reports.period_status, club.auditor, Period("2026-06"))
    assert unknown.value.params == {"period": Period("2026-06")}


# --- whose eyes --------------------------------------------------------------------------------------------

Look = Callable[[Club, Member, int, int], tuple[Any, ...]]
LOOKS: dict[str, Look] = {
    "pay_form": lambda club, member, bill, payment: (reports.pay_form, member.id),
    "statement": lambda club, member, bill, payment: (reports.statement, member.id),
    "explain_bill": lambda club, member, bill, payment: (reports.explain_bill, bill),
    "show_payment": lambda club, member, bill, payment: (reports.show_payment, payment),
    "proof_to_show": lambda club, member, bill, payment: (reports.proof_to_show, payment),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_members_matters_are_seen_by_them_and_by_those_who_run_the_club(
    club: Club, db: LocalDatabase, payer: Member, look: str
) -> None:
    bills = club.bills(payer)
    payment = club.submit(payer, bills[:1], proof=PROOF)
    report, subject = LOOKS[look](club, payer, bills[0].id, payment.id)
    for actor in (
        club.as_member(payer),
        club.auditor,
        club.reviewer,
        club.treasurer,
        club.owner,
        club.operator,
    ):
        db.read(report, actor, subject)
    neighbour = club.as_member(club.linked())
    for actor in (neighbour, club.stranger):
        with pytest.raises(errors.NotYours):
            db.read(report, actor, subject)
    other = Club.create(db, number=1)
    for actor in (other.owner, other.operator):
        with pytest.raises(errors.NotFound):
            db.read(report, actor, subject)


def test_a_period_is_for_auditors_and_up(club: Club, db: LocalDatabase, payer: Member) -> None:
    for actor in (club.stranger, club.as_member(payer)):
        with pytest.raises(errors.RoleNeeded):
            db.read(reports.period_status, actor, Period("2026-06"))


def test_a_purged_or_missing_proof_is_unknown(club: Club, db: LocalDatabase, payer: Member) -> None:
    bare = club.submit(payer, club.bills(payer)[:1])
    with pytest.raises(errors.ProofUnknown):
        db.read(reports.proof_to_show, club.reviewer, bare.id)
    with_proof = club.submit(payer, club.bills(payer)[1:2], proof=PROOF)
    assert db.read(reports.proof_to_show, club.reviewer, with_proof.id).storage_key == PROOF.storage_key
    db.conn.execute("UPDATE proofs SET purged_at = 'x', purged_by = 'x'")
    with pytest.raises(errors.ProofUnknown):
        db.read(reports.proof_to_show, club.reviewer, with_proof.id)


# --- buttons know their object, not their server -----------------------------------------------------------


def test_the_workspace_comes_from_the_object_that_a_button_names(
    club: Club, db: LocalDatabase, payer: Member
) -> None:
    other = Club.create(db, number=1)
    stranger = other.subscriber(other.plan())
    other.open()
    theirs = other.submit(stranger)
    assert db.read(reports.workspace_of_payment, theirs.id).id == other.id
    assert db.read(reports.workspace_of_bill, other.bills(stranger)[0].id).id == other.id
    assert db.read(reports.workspace_of_bill, club.bills(payer)[0].id).id == club.id


@pytest.mark.parametrize(
    ("look", "error"),
    [
        (reports.workspace_of_payment, errors.PaymentUnknown),
        (reports.workspace_of_bill, errors.BillUnknown),
        (reports.workspace_of_notice, errors.NoticeUnknown),
        (reports.workspace_of_link_request, errors.NotFound),
        (reports.workspace_of_period, errors.NotFound),
    ],
)
@pytest.mark.parametrize("number", [0, -1, 999_999, 10**18 - 1])
def test_an_id_that_names_nothing_is_one_clear_error(
    club: Club, db: LocalDatabase, look: Any, error: type[Exception], number: int
) -> None:
    with pytest.raises(error):
        db.read(look, number)
