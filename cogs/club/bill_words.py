"""What a correction does to a bill, in words."""

from __future__ import annotations

from typing import Any

from cogs.ui import cards
from cogs.ui.text import escape_markdown, one_line
from core.bill_desk import BackFilled
from core.corrections import BillCorrected, Charged
from core.i18n import format_date, t
from core.models import Bill, Member, Workspace
from core.money import Money
from core.period import parse_date

STATUSES = {
    "pending": "members.bill_pending", "paid": "members.bill_paid", "rejected": "members.bill_rejected",
    "verified": "members.bill_verified", "void": "members.bill_void",
}  # fmt: skip


class BillWords:
    """Puts the outcome of a correction, or its preview, into words of one language."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def corrected(
        self, result: BillCorrected, heading: str, *, reason: str = "", closing: str = "", minor: int = 0
    ) -> list[str]:
        """A heading about the bill, what becomes of it, the reason, and what else there is to know."""
        lines = [
            self.t(
                heading, bill=result.bill.label, person=cards.person(result.member, self.locale),
                title=self.name(result.bill), amount=result.workspace.money(minor),
            ),
            *self._changes(result),
        ]  # fmt: skip
        if reason:
            lines.append(self.t("bills.reason", reason=escape_markdown(reason)))
        return [*lines, closing] if closing else lines

    def _changes(self, result: BillCorrected) -> list[str]:
        was, now, money = result.before, result.bill, result.workspace.money
        lines = []
        if was.amount_minor != now.amount_minor:
            lines.append(
                self.t("bills.amount", before=money(was.amount_minor), after=money(now.amount_minor))
            )
        if was.waived_minor != now.waived_minor:
            lines.append(
                self.t("bills.waived", before=money(was.waived_minor), after=money(now.waived_minor))
            )
        before, after = self.standing(result.workspace, was), self.standing(result.workspace, now)
        if before != after:
            lines.append(self.t("bills.status", before=before, after=after))
        if result.credit_minor:
            lines.append(self.t("bills.credit", amount=money(result.credit_minor)))
        return lines

    def standing(self, workspace: Workspace, bill: Bill) -> str:
        """How a bill stands: its status, and what is settled when that is a part."""
        word = self.t(STATUSES[bill.status])
        if bill.status == "void" or not 0 < bill.settled_minor < bill.amount_minor:
            return word
        settled, amount = workspace.money(bill.settled_minor), workspace.money(bill.amount_minor)
        return self.t("payments.partly", status=word, settled=settled, amount=amount)

    def name(self, bill: Bill) -> str:
        """What a bill is called, with its month when it has one."""
        months, title = cards.covers(bill, self.locale), cards.title(bill, self.locale)
        return title if months is None else self.t("payments.title", period=months, title=title)

    def line(self, workspace: Workspace, bill: Bill, member: Member) -> str:
        """One bill of a list."""
        return self.t(
            "bills.line", bill=bill.label, name=one_line(member.name), member=member.label,
            title=self.name(bill), amount=workspace.money(bill.amount_minor),
            status=self.standing(workspace, bill), day=format_date(parse_date(bill.due_on), self.locale),
        )  # fmt: skip

    def charge_preview(self, result: Charged, people: dict[int, Member]) -> list[str]:
        """Everybody who would be charged, and the sum; complete however many there are."""
        return [self._charge_head(result, "bills.charge_question"), *self._charged(result, people)]

    def charged(self, result: Charged, people: dict[int, Member]) -> list[str]:
        """Everybody who was charged."""
        return [self._charge_head(result, "bills.charged"), *self._charged(result, people)]

    def charge_total(self, result: Charged) -> Money:
        return result.workspace.money(sum(bill.amount_minor for bill in result.bills))

    def _charge_head(self, result: Charged, key: str) -> str:
        first = result.bills[0]
        return self.t(
            key, title=one_line(first.title), amount=result.workspace.money(first.amount_minor),
            count=len(result.bills), total=self.charge_total(result), day=parse_date(first.due_on),
        )  # fmt: skip

    def _charged(self, result: Charged, people: dict[int, Member]) -> list[str]:
        return [
            self.t("bills.charge_person", person=cards.person(people[bill.member_id], self.locale))
            for bill in result.bills
        ]

    def back_fill_preview(self, result: BackFilled) -> list[str]:
        return [self._filled(result, "bills.fill_question"), *self._filled_state(result)]

    def back_filled(self, result: BackFilled) -> list[str]:
        lines = [self._filled(result, "bills.filled"), *self._filled_state(result)]
        return [*lines, self.t("bills.filled_next")] if result.bill.open_minor else lines

    def _filled(self, result: BackFilled, key: str) -> str:
        return self.t(
            key, period=result.period, person=cards.person(result.member, self.locale),
            title=cards.title(result.bill, self.locale), bill=result.bill.label,
            amount=result.workspace.money(result.bill.amount_minor),
        )  # fmt: skip

    def _filled_state(self, result: BackFilled) -> list[str]:
        lines = [self.t("bills.fill_due", day=parse_date(result.bill.due_on))]
        if result.bill.settled_minor:
            settled = result.workspace.money(result.bill.settled_minor)
            lines.append(self.t("bills.fill_settled", amount=settled))
        return lines
