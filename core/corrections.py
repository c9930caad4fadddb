"""Corrections of charges: adjust, waive, void, charge, back-fill. Everything reverses; nothing is edited.

Each takes a reason that the bill's derivation shows, or names what it reverses. What a correction frees on a
bill becomes the member's credit; what it asks for anew is settled by credit the member has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import access, audit, billing, errors, ledger, settle
from core.access import Role
from core.clock import local_date
from core.closing import require_unlocked
from core.db import Tx
from core.ledger import Leg
from core.models import Actor, Bill, BillId, Member, MemberId, SubscriptionId, Workspace
from core.money import Money
from core.period import Period, collecting_period, parse_date
from core.store import bills, issuing, members, payments, waivers
from core.store import subscriptions as subscription_rows
from core.text import clean_name, clean_text

REASON_CHARACTERS = 300
TITLE_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class BillCorrected:
    """A bill before and after a correction, and the member's credit after it in minor units.

    `undo_id` is the waiver's id, for taking a waiver back.
    """

    workspace: Workspace
    member: Member
    before: Bill
    bill: Bill
    credit_minor: int
    undo_id: int = 0

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        was, now = self.before, self.bill
        return (
            ("bill", now.id, was.status, now.status, was.amount_minor, now.amount_minor),
            ("settled", was.settled_minor, now.settled_minor, was.waived_minor, now.waived_minor),
            ("credit", self.credit_minor),
        )


@dataclass(frozen=True, slots=True)
class Charged:
    """The bills of one charge, one per member."""

    workspace: Workspace
    bills: tuple[Bill, ...]

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return tuple((bill.member_id, bill.title, bill.amount_minor, bill.due_on) for bill in self.bills)


@dataclass(frozen=True, slots=True)
class ChargeVoided:
    """The bills of one charge, all voided."""

    results: tuple[BillCorrected, ...]

    @property
    def effects(self) -> tuple[tuple[Any, ...], ...]:
        return tuple(effect for result in self.results for effect in result.effects)


def set_amount(tx: Tx, actor: Actor, bill_id: BillId, amount: Money, reason: str) -> BillCorrected:
    """Change what a bill asks for, as an adjustment with a reason; the price stays what it is.

    Raises BillUnknown, BillSettled (void), PeriodClosed, ReasonMissing, WaiverTooLarge.
    """
    work = _Correction(tx, actor, bill_id)
    text = _reason(reason)
    minor = _amount(work.workspace, amount)
    if minor < work.bill.waived_minor:
        raise errors.WaiverTooLarge(bill=work.bill.label, most=amount)
    change = minor - work.bill.amount_minor
    if change:
        bills.add_line(
            tx.conn,
            bill_id,
            kind="adjustment",
            amount_minor=change,
            reason=text,
            by=actor.text,
            now=tx.now_text,
        )
        settle.clip_claim(tx, bill_id)
        ledger.post(
            tx, work.workspace, actor, "adjust", Leg("receivable", work.bill.member_id, change),
            Leg(*_income(work.bill), -change), bill_id=bill_id,
        )  # fmt: skip
    return work.finish("bill.adjust", {"reason": text})


def waive(tx: Tx, actor: Actor, bill_id: BillId, amount: Money | None, reason: str) -> BillCorrected:
    """Forgive a bill, or a part of it; None forgives all that is still missing.

    Raises BillUnknown, BillSettled, ReasonMissing, WaiverTooLarge.
    """
    work = _Correction(tx, actor, bill_id, locked_matters=False)
    text = _reason(reason)
    most = work.bill.open_minor
    if most <= 0:
        raise errors.BillSettled(bill=work.bill.label)
    minor = most if amount is None else _amount(work.workspace, amount)
    if not 0 < minor <= most:
        raise errors.WaiverTooLarge(bill=work.bill.label, most=work.workspace.money(most))
    waiver_id = waivers.add(tx.conn, bill_id, minor, text, actor.text, tx.now_text)
    settle.clip_claim(tx, bill_id)
    ledger.post(
        tx, work.workspace, actor, "waive", Leg("writeoff", 0, minor),
        Leg("receivable", work.bill.member_id, -minor), bill_id=bill_id,
    )  # fmt: skip
    return work.finish("bill.waive", {"minor": minor, "reason": text, "waiver": waiver_id}, undo_id=waiver_id)


def unwaive(tx: Tx, actor: Actor, waiver_id: int) -> BillCorrected:
    """Take a waiver back: the bill asks for it again. Raises WaiverUnknown, BillSettled (void)."""
    access.require(tx, actor, Role.TREASURER)
    found = waivers.standing(tx.conn, actor.workspace_id, waiver_id)
    if found is None:
        raise errors.WaiverUnknown()
    bill_id, minor = found
    work = _Correction(tx, actor, BillId(bill_id), locked_matters=False)
    waivers.reverse(tx.conn, waiver_id, tx.now_text)
    ledger.post(
        tx, work.workspace, actor, "unwaive", Leg("receivable", work.bill.member_id, minor),
        Leg("writeoff", 0, -minor), bill_id=work.bill.id,
    )  # fmt: skip
    return work.finish("bill.unwaive", {"minor": minor})


def void(tx: Tx, actor: Actor, bill_id: BillId, reason: str) -> BillCorrected:
    """The bill should not have been: its charge is reversed, what settled it becomes credit.

    Raises BillUnknown, BillSettled (void already), PeriodClosed, ReasonMissing.
    """
    text = _reason(reason)
    return _voided(tx, actor, bill_id).finish("bill.void", {"reason": text})


def void_charge(tx: Tx, actor: Actor, bill_id: BillId, count: int) -> ChargeVoided:
    """Void the `count` bills of one charge, of which this is the first: all of them, or none.

    The audit line is the caller's. Raises what `void` raises, naming the first bill that is in the way.
    """
    done = tuple(_voided(tx, actor, BillId(bill_id + n)).result() for n in range(count))
    return ChargeVoided(done)


def charge(
    tx: Tx, actor: Actor, member_ids: Sequence[MemberId], title: str, amount: Money, due_on: date | str
) -> Charged:
    """Charge one or many members once, outside any period; payable at once.

    Raises NothingSelected, MemberUnknown, AmountNotPositive, InvalidDate.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    name = clean_name(title, "title", TITLE_CHARACTERS)
    minor = _amount(workspace, amount)
    due = str(parse_date(str(due_on), "due_on"))
    if not member_ids:
        raise errors.NothingSelected()
    if minor == 0:
        raise errors.AmountNotPositive(field="amount")
    people = dict.fromkeys(_person(tx, workspace, member_id) for member_id in member_ids)
    made = [_charge_one(tx, actor, workspace, person, name, minor, due) for person in people]
    assert [bill.id for bill in made] == list(
        range(made[0].id, made[0].id + len(made))
    )  # as void_charge takes it
    result = Charged(workspace, tuple(made))
    audit.record(
        tx, actor, "bill.charge", "bill", made[0].id,
        after={"bills": len(made), "minor": minor, "digest": billing.digest(result.effects)},
    )  # fmt: skip
    for bill in made:
        settle.settle_credit(tx, bill.member_id)
    return result


def back_fill(tx: Tx, actor: Actor, subscription_id: SubscriptionId, period: Period) -> Bill:
    """Bill one subscription for an old or an open month, at that month's price; payable at once.

    Raises SubscriptionUnknown, PeriodNotOpen (a month to come is opened instead), PeriodClosed, BillExists,
    NothingToBill, PlanWithoutPrice.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    subscription = subscription_rows.get(tx.conn, workspace.id, subscription_id)
    if subscription is None:
        raise errors.SubscriptionUnknown()
    row = billing.period_row(tx, workspace, period)
    require_unlocked(tx, row.id)
    if earlier := bills.covering(tx.conn, subscription_id, period.first_day, period.last_day):
        raise errors.BillExists(bill=earlier.label, period=period)
    if not issuing.gather(tx.conn, billing.issue_period(workspace, row), [subscription_id]):
        raise errors.NothingToBill(period=period)
    if not row.openings:
        if period >= collecting_period(local_date(tx.now, workspace.timezone), workspace.billing_day):
            raise errors.PeriodNotOpen(period=period)
        bills.mark_payable(tx.conn, row.id)
    billing.issue(tx, workspace, actor, row)
    bill = bills.get(tx.conn, workspace.id, bills.last_id(tx.conn))
    assert bill is not None
    audit.record(
        tx,
        actor,
        "bill.back_fill",
        "bill",
        bill.id,
        after={"period": period.text, "minor": bill.amount_minor},
    )
    return bill


class _Correction:
    """One bill being corrected: loaded and allowed before, recomputed, settled and audited after."""

    def __init__(self, tx: Tx, actor: Actor, bill_id: BillId, *, locked_matters: bool = True) -> None:
        access.require(tx, actor, Role.TREASURER)
        self.tx, self.actor = tx, actor
        self.workspace = access.workspace_of(tx, actor)
        self.bill = _load(tx, self.workspace, bill_id)
        if self.bill.status == "void":
            raise errors.BillSettled(bill=self.bill.label)
        if locked_matters:
            require_unlocked(tx, self.bill.billing_period_id)

    def finish(self, action: str, detail: dict[str, Any], *, undo_id: int = 0) -> BillCorrected:
        done = self.result(undo_id)
        audit.record(
            self.tx, self.actor, action, "bill", self.bill.id, before=_state(self.bill),
            after={**_state(done.bill), **detail},
        )  # fmt: skip
        return done

    def result(self, undo_id: int = 0) -> BillCorrected:
        """The bill's status and the member's credit, worked out anew."""
        tx = self.tx
        bills.recompute(tx.conn, self.bill.id)
        settle.settle_credit(tx, self.bill.member_id)
        after = _load(tx, self.workspace, self.bill.id)
        member = members.current(tx.conn, self.workspace.id, self.bill.member_id)
        assert member is not None
        credit = payments.credit(tx.conn, member.id)
        return BillCorrected(self.workspace, member, self.bill, after, credit, undo_id)


def _voided(tx: Tx, actor: Actor, bill_id: BillId) -> _Correction:
    """The bill void and its charge reversed; its result is still to be worked out."""
    work = _Correction(tx, actor, bill_id)
    bills.set_void(tx.conn, bill_id)
    settle.clip_claim(tx, bill_id)
    ledger.reverse(tx, work.workspace, actor, "void", bill_id=bill_id)
    return work


def _charge_one(
    tx: Tx, actor: Actor, workspace: Workspace, member_id: MemberId, title: str, minor: int, due_on: str
) -> Bill:
    today = str(local_date(tx.now, workspace.timezone))
    bill_id = bills.add(
        tx.conn, workspace_id=workspace.id, member_id=member_id, kind="charge", billing_period_id=None,
        title=title, amount_minor=minor, due_on=due_on, covers_from=today, covers_to=today, now=tx.now_text,
    )  # fmt: skip
    bills.add_line(
        tx.conn, bill_id, kind="charge", amount_minor=minor, reason=title, by=actor.text, now=tx.now_text
    )
    ledger.post(
        tx, workspace, actor, "issue", Leg("receivable", member_id, minor), Leg("dues", 0, -minor),
        bill_id=bill_id,
    )  # fmt: skip
    return _load(tx, workspace, bill_id)


def _person(tx: Tx, workspace: Workspace, member_id: MemberId) -> MemberId:
    member = members.current(tx.conn, workspace.id, member_id)
    if member is None:
        raise errors.MemberUnknown()
    return member.id


def _load(tx: Tx, workspace: Workspace, bill_id: BillId) -> Bill:
    bill = bills.get(tx.conn, workspace.id, bill_id)
    if bill is None:
        raise errors.BillUnknown()
    return bill


def _income(bill: Bill) -> tuple[str, int]:
    """Where a bill's charge came from in the books."""
    return ("opening", 0) if bill.kind == "opening" else ("dues", bill.plan_id or 0)


def _reason(reason: str) -> str:
    text = clean_text(reason, "reason", REASON_CHARACTERS)
    if not text:
        raise errors.ReasonMissing()
    return text


def _amount(workspace: Workspace, amount: Money) -> int:
    assert amount.currency == workspace.currency, amount
    if amount.minor < 0:
        raise errors.AmountNegative(field="amount", value=str(amount.minor))
    return amount.minor


def _state(bill: Bill) -> dict[str, Any]:
    return {"status": bill.status, "amount": bill.amount_minor, "waived": bill.waived_minor}
