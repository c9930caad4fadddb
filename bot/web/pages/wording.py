"""Words that several screens share: who did something, what was done, what a line of a bill is, sizes."""

from __future__ import annotations

from bot.web.visit import Desk

LINE_WORDS = {
    "price": "my.line_price", "proration": "web_bills.line_proration", "charge": "my.line_charge",
    "opening": "my.line_opening", "reprice": "my.line_reprice", "adjustment": "my.line_adjustment",
}  # fmt: skip

HAPPENED = {
    "bill.adjust": "web_bills.did_adjust", "bill.waive": "web_bills.did_waive",
    "bill.unwaive": "web_bills.did_unwaive", "bill.void": "web_bills.did_void",
    "bill.charge": "web_bills.did_charge", "bill.back_fill": "web_bills.did_back_fill",
    "opening.debt": "web_bills.did_opening",
    "payment.submit": "web_bills.did_submit", "payment.withdraw": "web_bills.did_withdraw",
    "payment.verify": "web_bills.did_verify", "payment.reject": "web_bills.did_reject",
    "payment.reopen": "web_bills.did_reopen", "payment.record": "web_bills.did_record",
    "payment.unverify": "web_bills.did_unverify", "payment.cancel": "web_bills.did_cancel",
    "payment.refund": "web_bills.did_refund", "proof.delete": "web_bills.did_delete_proof",
    "member.add": "web_members.did_add", "member.edit": "web_members.did_edit",
    "member.leave": "web_members.did_leave", "member.rejoin": "web_members.did_rejoin",
    "member.account": "web_members.did_account", "member.merge": "web_members.did_merge",
    "link.request": "web_members.did_ask_link", "link.approved": "web_members.did_link",
    "link.declined": "web_members.did_decline", "link.undone": "web_members.did_undo_link",
    "dispute.request": "web_members.did_dispute", "dispute.approved": "web_members.did_give_name",
    "dispute.declined": "web_members.did_keep_name", "upload_link.mint": "web_members.did_upload_link",
    "subscription.start": "web_members.did_start", "subscription.end": "web_members.did_end",
    "subscription.pause": "web_members.did_pause", "subscription.resume": "web_members.did_resume",
    "subscription.billing_day": "web_members.did_billing_day",
}  # fmt: skip
"""Actions of the activity log that bills' and members' pages tell; others are left to the log itself."""


def who(desk: Desk, by: str, name: str | None) -> str:
    """Whoever a *_by column names: their name on the roster, the machine's operator, or Potkeeper itself."""
    if name:
        return name
    if by == "operator":
        return desk.t("common.by_operator")
    if by == "system":
        return desk.t("common.by_system")
    return desk.t("web_bills.by_account", account=by.removeprefix("discord:"))


def size_text(number: int) -> str:
    """Bytes in the unit that fits: "84 kB", "1.2 MB", "3.4 GB"; number and unit stay on one line."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if number >= size:
            return f"{number / size:,.1f}\N{NO-BREAK SPACE}{unit}"
    return f"{number / 1000:,.0f}\N{NO-BREAK SPACE}kB"
