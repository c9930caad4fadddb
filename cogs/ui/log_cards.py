"""Lines of the admin log: who did what to whom, and whether it can be taken back."""

from __future__ import annotations

from typing import Any

import discord

from cogs.ui import cards
from cogs.ui.actions import ACTIONS
from cogs.ui.text import escape_markdown, one_line
from core.admin_log import FINAL, LOGGED, LogLine
from core.i18n import format_date, format_list, format_period, has, t
from core.period import Period, parse_date
from core.undo import has_way_back

MOST_VALUE = 120


def log_card(line: LogLine, locale: str) -> discord.ui.LayoutView:
    """The line, with Undo where there is a way back, or the sentence that says there is none."""
    lines = [sentence(line, locale)]
    buttons = []
    if line.undone_by is not None:
        lines.append(t(locale, "log.undone", who=cards.who(line.undone_by, locale)))
    elif has_way_back(line):
        buttons.append(ACTIONS["log:undo"](line.id, locale))
    else:
        lines.append(t(locale, FINAL[line.action]))
    return cards.card("\n".join(lines), colour=cards.GREY, buttons=buttons)


def sentence(line: LogLine, locale: str) -> str:
    """What was done, in one sentence."""
    return t(locale, LOGGED[line.action], **_params(line, locale))


def _params(line: LogLine, locale: str) -> dict[str, Any]:
    """Everything that a sentence may want to name; each takes what it needs."""
    before, after = line.before, line.after
    person = cards.person(line.member, locale) if line.member else t(locale, "log.somebody")
    return {
        "who": cards.who(line.done_by, locale), "name": one_line(line.name), "person": person,
        "payment": f"P-{line.subject_id:04d}", "bill": f"B-{line.subject_id}",
        "account": f"<@{line.subject_id}>", "count": _count(after),
        "amount": _money(line, _first(after, "minor", "received", "declared", "amount", "price"), locale),
        "declared": _money(line, after.get("declared"), locale),
        "refunded": _money(line, after.get("refunded"), locale),
        "before": _money(line, before.get("amount"), locale),
        "after": _money(line, after.get("amount"), locale),
        "old": one_line(str(before.get("name") or "")), "new": one_line(str(after.get("name") or "")),
        "reason": escape_markdown(str(after.get("reason") or "")),
        "period": _period(after.get("period") or after.get("from"), locale),
        "voided": str(after.get("voided", 0)), "repriced": str(after.get("repriced", 0)),
        "added": str(after.get("added", 0)), "unpaid": _money(line, after.get("unpaid"), locale),
        "day": _day(_first(after, "starts_on", "ends_on", "from_on", "left_on", "on"), locale),
        "role": t(locale, _ROLES[after.get("role") or before.get("role") or "nobody"]),
        "settings": _settings(line, locale), "kind": _template(line, locale),
        "entry": f"M-{line.subject_id}", "linked": _linked(line, locale),
    }  # fmt: skip


_ROLES = {
    "nobody": "roles.nobody", "auditor": "roles.auditor", "reviewer": "roles.reviewer",
    "treasurer": "roles.treasurer", "owner": "roles.owner",
}  # fmt: skip
TEMPLATES = {
    "opened": "template_kinds.opened", "overdue_list": "template_kinds.overdue_list",
    "added": "template_kinds.added", "closed": "template_kinds.closed", "panel": "template_kinds.panel",
    "alert": "template_kinds.alert",
}  # fmt: skip
"""What each kind of wording is called."""


def _first(values: dict[str, Any], *names: str) -> Any:
    return next((values[name] for name in names if values.get(name) is not None), None)


def _count(after: dict[str, Any]) -> int:
    found = _first(after, "bills", "members", "created", "payments")
    return len(found) if isinstance(found, list) else int(found or 0)


def _money(line: LogLine, minor: Any, locale: str) -> str:
    return cards.money(line.workspace, int(minor or 0), locale)


def _period(text: Any, locale: str) -> str:
    return format_period(Period(text), locale) if text else t(locale, "log.all_periods")


def _day(text: Any, locale: str) -> str:
    return format_date(parse_date(str(text)), locale) if text else "–"


def _template(line: LogLine, locale: str) -> str:
    kind = str(line.before.get("kind", ""))
    return t(locale, TEMPLATES[kind]) if kind in TEMPLATES else ""


def _linked(line: LogLine, locale: str) -> str:
    account = line.after.get("account")
    return f"<@{account}>" if account else t(locale, "log.no_account")


def _settings(line: LogLine, locale: str) -> str:
    """Each changed setting with its value before and after."""
    if line.action != "workspace.update":
        return ""
    return format_list(
        [
            t(
                locale, "log.setting", name=_setting_name(name, locale),
                before=_value(name, line.before.get(name)), after=_value(name, value),
            )
            for name, value in line.after.items()
        ],
        locale,
    )  # fmt: skip


def _setting_name(name: str, locale: str) -> str:
    return t(locale, f"fields.{name}") if has(locale, f"fields.{name}") else name


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if name.endswith("_channel_id"):
        return f"<#{value}>"
    if name == "reviewer_role_id":
        return f"<@&{value}>"
    return one_line(str(value)[:MOST_VALUE])
