"""What the bot says by itself, as cards: openings, reminders, results, words to those in charge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import discord

from cogs.ui import cards, limits
from cogs.ui.actions import ACTIONS, ActionButton
from cogs.ui.text import escape_markdown, one_line
from core.i18n import format_list, format_period, t
from core.models import Bill, Workspace
from core.period import Period
from core.reports import PaymentView
from core.reports_members import Debt

MOST_OPENERS = 10

_KINDS = {
    "payment_card": "notices.kind.payment_card", "payment_result": "notices.kind.payment_result",
    "opened": "notices.kind.opened", "added": "notices.kind.added", "closed": "notices.kind.closed",
    "overdue": "notices.kind.overdue", "overdue_list": "notices.kind.overdue_list",
    "link_card": "notices.kind.link_card", "link_result": "notices.kind.link_result",
    "months_unopened": "notices.kind.months_unopened", "job_failed": "notices.kind.job_failed",
    "notice_unknown": "notices.kind.notice_unknown", "alert": "notices.kind.alert", "log": "notices.kind.log",
    "alert_failed": "notices.kind.alert_failed", "template_test": "notices.kind.template_test",
    "panel": "notices.kind.panel",
}  # fmt: skip

# What happened to a payment, in the order of core/payments.py; the colour says how good it is.
_RESULTS = {
    "verify": ("notices.result_verify", cards.GREEN), "record": ("notices.result_record", cards.GREEN),
    "reject": ("notices.result_reject", cards.RED), "reopen": ("notices.result_reopen", cards.AMBER),
    "unverify": ("notices.result_unverify", cards.AMBER), "cancel": ("notices.result_cancel", cards.AMBER),
    "refund": ("notices.result_refund", cards.BLUE), "withdraw": ("notices.result_withdraw", cards.GREY),
}  # fmt: skip
# In which state the payment is after it; in any other, something else has happened since.
_AFTER = {
    "verify": "verified", "record": "verified", "refund": "verified", "reject": "rejected",
    "reopen": "submitted", "unverify": "submitted", "cancel": "withdrawn", "withdraw": "withdrawn",
}  # fmt: skip


def workspace_buttons(workspace: Workspace, locale: str, *names: str) -> list[ActionButton]:
    """Durable buttons that name the workspace: "pay", "bills", "methods", "link"."""
    return [ACTIONS[f"workspace:{name}"](workspace.id, locale) for name in names]


def overdue(workspace: Workspace, debt: Debt, locale: str) -> list[discord.ui.LayoutView]:
    """A private reminder with everything that one member still has to pay."""
    heading = "\n".join((t(locale, "notices.overdue_title"), t(locale, "notices.overdue_intro")))
    lines = [_overdue_line(workspace, bill, locale) for bill, _ in debt.bills]
    return cards.paged(
        heading, lines, colour=cards.AMBER, closing=cards.total_text(workspace, debt.total_minor, locale),
        buttons=workspace_buttons(workspace, locale, "pay", "methods", "bills"),
    )  # fmt: skip


def _overdue_line(workspace: Workspace, bill: Bill, locale: str) -> str:
    amount, due = cards.money(workspace, bill.open_minor, locale), date.fromisoformat(bill.due_on)
    months = cards.covers(bill, locale)
    name = cards.title(bill, locale)
    if months is None:
        return t(locale, "notices.overdue_line_plain", title=name, amount=amount, date=due)
    return t(locale, "notices.overdue_line", period=months, title=name, amount=amount, date=due)


def payment_result(
    view: PaymentView, still_open: Sequence[Bill], params: Mapping[str, Any], locale: str
) -> discord.ui.LayoutView:
    """What became of a payment, for its member. `params` is what happened, `view` how it stands now."""
    event = str(params["event"])
    key, colour = _RESULTS[event]
    current = view.payment.status == _AFTER[event]
    texts = [_result_text(view, key, params, locale)]
    if event in ("verify", "record") and current:
        texts += _settlement(view, still_open, params, locale)
    credit = int(params.get("credit") or 0)
    if credit > 0:
        texts.append(t(locale, "notices.result_credit", amount=cards.money(view.workspace, credit, locale)))
    if event == "reject" and current:
        texts.append(t(locale, "notices.result_reject_next"))
    if not current:
        texts.append(t(locale, "notices.result_old"))
    pays = "pay_again" if event == "reject" else "pay"
    names = (pays, "bills") if event not in ("reopen", "unverify", "refund") else ("bills",)
    if event in ("verify", "record") and not still_open:
        names = ("bills",)
    return cards.card(
        "\n".join(texts), colour=colour, buttons=workspace_buttons(view.workspace, locale, *names)
    )


def _result_text(view: PaymentView, key: str, params: Mapping[str, Any], locale: str) -> str:
    which = {"verify": "received", "record": "received", "refund": "refunded"}
    minor = int(params[which.get(str(params["event"]), "declared")] or 0)
    return t(
        locale, key, payment=view.payment.label, amount=cards.money(view.workspace, minor, locale),
        reason=escape_markdown(str(params.get("reason") or "")),
    )  # fmt: skip


def _settlement(
    view: PaymentView, still_open: Sequence[Bill], params: Mapping[str, Any], locale: str
) -> list[str]:
    """What arrived settled, what it did not cover, and whether that is what was stated."""
    workspace, found = view.workspace, []
    declared, received = int(params["declared"]), int(params["received"])
    if declared != received:
        found.append(t(
            locale, "notices.result_differs", declared=cards.money(workspace, declared, locale),
            received=cards.money(workspace, received, locale),
        ))  # fmt: skip
    if view.lines:
        found += [t(locale, "notices.result_settled"), cards.bill_lines(workspace, view.lines, locale)[0]]
    if still_open:
        found += [t(locale, "notices.result_open"), _open_lines(workspace, still_open, locale)]
    return found


def _open_lines(workspace: Workspace, still_open: Sequence[Bill], locale: str) -> str:
    """A line for each bill; too many are told as sums, so that nothing is left out."""
    lines = "\n".join(_open_line(workspace, bill, locale) for bill in still_open)
    if len(lines) <= cards.LIST_CHARACTERS:
        return lines
    return cards.bill_lines(workspace, [(bill, bill.open_minor) for bill in still_open], locale)[0]


def _open_line(workspace: Workspace, bill: Bill, locale: str) -> str:
    amount, months = cards.money(workspace, bill.open_minor, locale), cards.covers(bill, locale)
    if months is None:
        return t(locale, "notices.result_open_line_plain", title=cards.title(bill, locale), amount=amount)
    return t(
        locale, "notices.result_open_line", period=months, title=cards.title(bill, locale), amount=amount
    )


def months_unopened(workspace: Workspace, months: Sequence[str], locale: str) -> discord.ui.LayoutView:
    """Months that the bot missed, with a button for each of the newest that opens it."""
    names = [format_period(Period(text), locale) for text in months]
    text = t(locale, "notices.months_unopened", months=format_list(names, locale))
    buttons = []
    for month, name in list(zip(months, names, strict=True))[-MOST_OPENERS:]:
        opener = ACTIONS["period:open"](month_id(workspace, month), locale)
        opener.item.label = limits.shorten(f"{opener.item.label} {name}", 80)
        buttons.append(opener)
    return cards.card(text, colour=cards.AMBER, buttons=buttons)


def month_id(workspace: Workspace, period: str) -> int:
    """The id on a button about a month that may have no row yet: the workspace's, then year and month."""
    return workspace.id * 10**6 + int(period.replace("-", ""))


def month_of(subject_id: int) -> tuple[int, Period]:
    """Workspace id and month of such a button; raises InvalidPeriod when there is no such month."""
    workspace_id, month = divmod(subject_id, 10**6)
    return workspace_id, Period.parse(f"{month // 100:04}-{month % 100:02}")


def job_failed(params: Mapping[str, Any], locale: str) -> discord.ui.LayoutView:
    """A job that did not do its work."""
    text = t(
        locale, "notices.job_failed", job=one_line(str(params["job"])),
        date=date.fromisoformat(str(params["date"])), reason=escape_markdown(str(params["reason"])),
    )  # fmt: skip
    return cards.card(text, colour=cards.RED)


def kind_name(kind: str, locale: str) -> str:
    """What a kind of notice is called."""
    return t(locale, _KINDS[kind]) if kind in _KINDS else kind


_REASONS = {
    "not_public": "alerts.reason_not_public", "no_answer": "alerts.reason_no_answer",
    "unreachable": "alerts.reason_unreachable", "broken_off": "alerts.reason_broken_off",
    "no_sender": "alerts.reason_no_sender",
}  # fmt: skip


def alert_reason(reason: str, locale: str) -> str:
    """Why an alert was not taken, in words (core.alerts.AlertOutcome)."""
    if reason in _REASONS:
        return t(locale, _REASONS[reason])
    return t(locale, "alerts.reason_answered", status=escape_markdown(reason.removeprefix("answered ")))


def alert_failed(params: Mapping[str, Any], locale: str) -> discord.ui.LayoutView:
    """An alert that did not get to its target, and why; the address itself is never shown."""
    text = t(
        locale, "notices.alert_failed", name=one_line(str(params["name"])),
        reason=alert_reason(str(params["reason"]), locale),
    )  # fmt: skip
    return cards.card(
        text, colour=cards.RED, buttons=[ACTIONS["notice:retry"](int(params["notice"]), locale)]
    )


def notice_unknown(params: Mapping[str, Any], locale: str) -> discord.ui.LayoutView:
    """A notice of which nobody can tell whether it arrived, with a button that sends it again."""
    name = kind_name(str(params["kind"]), locale)
    text = t(locale, "notices.notice_unknown", kind=name, notice=str(params["notice"]))
    return cards.card(
        text, colour=cards.AMBER, buttons=[ACTIONS["notice:retry"](int(params["notice"]), locale)]
    )
