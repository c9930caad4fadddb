"""What an action on a payment does to bills and credit, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from cogs.ui import cards
from cogs.ui.text import escape_markdown, one_line
from core.i18n import t
from core.models import Bill, Payment, Workspace
from core.money import Money
from core.payment_changes import BillChange, PaymentChanged

_BILLS = {
    "pending": "members.bill_pending", "paid": "members.bill_paid", "rejected": "members.bill_rejected",
    "verified": "members.bill_verified", "void": "members.bill_void",
}  # fmt: skip
_STATUSES = {
    "submitted": "payment_status.submitted", "verified": "payment_status.verified",
    "rejected": "payment_status.rejected", "withdrawn": "payment_status.withdrawn",
}  # fmt: skip


class PaymentWords:
    """Puts the outcome of an action, or its preview, into words."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def record_preview(self, result: PaymentChanged, received_on: date) -> list[str]:
        """What recording would settle; the payment has no number yet."""
        payment, workspace = result.payment, result.workspace
        person = cards.person(result.member, self.locale)
        head = self.t(
            "payments.record_question", amount=workspace.money(payment.declared_minor), person=person
        )
        return [head, self.t("payments.received_on", day=received_on), *self._effects(result)]

    def recorded(self, result: PaymentChanged) -> list[str]:
        """What it really settled."""
        payment, workspace = result.payment, result.workspace
        head = self.t(
            "payments.recorded", payment=payment.label, amount=workspace.money(payment.declared_minor),
            person=cards.person(result.member, self.locale),
        )  # fmt: skip
        return [head, *self._effects(result)]

    def repeated(self, result: PaymentChanged) -> list[str] | None:
        """The very same click arrived before."""
        return [self.t("payments.repeated", payment=result.payment.label)] if result.repeated else None

    def changed(self, result: PaymentChanged, heading: str, *, amount: Money, note: str = "") -> list[str]:
        """A heading about the payment, the reason if there is one, and what it means for bills and credit."""
        person = cards.person(result.member, self.locale)
        reason = [self.t("bills.reason", reason=escape_markdown(note))] if note else []
        return [
            self.t(heading, payment=result.payment.label, person=person, amount=amount),
            *reason,
            *self._effects(result),
        ]

    def _effects(self, result: PaymentChanged) -> list[str]:
        lines = [self._bill(result.workspace, change) for change in result.changes]
        if result.credit_before != result.credit_minor:
            before, after = (result.workspace.money(m) for m in (result.credit_before, result.credit_minor))
            lines.append(self.t("payments.credit", before=before, after=after))
        return lines or [self.t("payments.no_bill")]

    def _bill(self, workspace: Workspace, change: BillChange) -> str:
        bill = change.bill
        months = cards.covers(bill, self.locale)
        title = cards.title(bill, self.locale)
        return self.t(
            "payments.bill", bill=bill.label,
            title=title if months is None else self.t("payments.title", period=months, title=title),
            before=self._state(workspace, bill, change.status_before, change.settled_before),
            after=self._state(workspace, bill, bill.status, bill.settled_minor),
        )  # fmt: skip

    def _state(self, workspace: Workspace, bill: Bill, status: str, settled_minor: int) -> str:
        word = self.t(_BILLS[status])
        if not 0 < settled_minor < bill.amount_minor:
            return word
        settled, amount = workspace.money(settled_minor), workspace.money(bill.amount_minor)
        return self.t("payments.partly", status=word, settled=settled, amount=amount)


def payment_line(workspace: Workspace, payment: Payment, name: str, locale: str) -> str:
    """One payment in a list."""
    minor = payment.declared_minor if payment.received_minor is None else payment.received_minor
    by_hand = payment.recorded and payment.status == "verified"
    status = t(locale, "payments.is_recorded" if by_hand else _STATUSES[payment.status])
    line = t(
        locale, "payments.line", payment=payment.label, name=one_line(name), amount=workspace.money(minor),
        status=status, when=cards.relative(payment.submitted_at),
    )  # fmt: skip
    if payment.refunded_minor:
        line += t(locale, "payments.of_it_refunded", amount=workspace.money(payment.refunded_minor))
    return line
