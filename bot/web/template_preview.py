"""What a wording comes out as, filled in with made-up people and amounts, in the language it is written in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.web.discord_text import as_html
from core import templates
from core.i18n import format_date, format_list, format_period, t
from core.models import Workspace
from core.money import format_money
from core.period import Period, due_on

_PEOPLE = ("web_templates.person_1", "web_templates.person_2", "web_templates.person_3")
_PLANS = (("web_templates.plan_1", 315, 5), ("web_templates.plan_2", 640, 3))
_OWED = (315, 640, 955)
# The buttons that stand under each kind of notice, as cogs/ui/public_cards.py puts them there.
_BUTTONS = {
    "opened": ("common.button_pay", "common.button_how", "common.button_bills"),
    "overdue_list": ("common.button_pay", "common.button_how", "common.button_bills"),
    "added": ("common.button_pay", "common.button_bills"),
    "closed": ("common.button_pay", "common.button_bills"),
    "panel": ("common.button_pay", "common.button_bills", "common.button_link", "common.button_how"),
    "alert": (),
}
_LISTS = ("plans", "list")
_SAMPLE_LINK = "https://pot.example/members/12"


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as Discord shows it: its text as HTML, and what its buttons say. `tone` is its edge's colour."""

    html: Markup
    text: str
    buttons: Sequence[str]
    tone: str


def preview(workspace: Workspace, kind: str, locale: str, body: str, period: Period, me: str) -> Preview:
    """The wording filled in; `me` is the name of whoever looks, who stands for one of the people."""
    values = _values(workspace, kind, locale, period)
    for name in _LISTS:
        if not values.get(name, "-"):  # a list that has nothing takes its line along
            body = re.sub(rf"^[ \t]*\{{{name}\}}[ \t]*\n?", "", body, flags=re.MULTILINE)
    text = templates.fill(body, values).strip("\n")
    if kind == "alert":
        shown = text if "{link}" in body else f"{text}\n→ {values['link']}"
        return Preview(Markup("<p>{}</p>").format(shown), shown, (), "grey")
    tone = {"closed": "green", "overdue_list": "amber"}.get(kind, "blue")
    buttons = [t(locale, key) for key in _BUTTONS[kind]]
    return Preview(as_html(text, {"@1": me}), text, buttons, tone)


def _values(workspace: Workspace, kind: str, locale: str, period: Period) -> dict[str, str]:
    people = [t(locale, key) for key in _PEOPLE]
    billed = sum(minor * count for _, minor, count in _PLANS)
    due = due_on(period, workspace.billing_day, workspace.due_days)
    plans = [
        t(locale, "notices.opened_plan", title=t(locale, key), amount=_money(workspace, minor, locale))
        for key, minor, _ in _PLANS
    ]
    return {
        "period": format_period(period, locale), "due": format_date(due, locale), "plans": "\n".join(plans),
        "total": _money(workspace, sum(_OWED) if kind == "overdue_list" else billed, locale),
        "list": "\n".join(_list(workspace, kind, locale, people, period)),
        "count": t(locale, "notices.count_members", count=len(people)),
        "members": t(locale, "notices.count_members", count=8),
        "collected": _money(workspace, billed - 640, locale), "unpaid": _money(workspace, 640, locale),
        "club": _plain(workspace.name), "payer": people[1], "amount": _money(workspace, 640, locale),
        "link": _SAMPLE_LINK,
    }  # fmt: skip


def _list(
    workspace: Workspace, kind: str, locale: str, people: Sequence[str], period: Period
) -> Sequence[str]:
    """The people of a notice; none in a reminder when the club keeps the names of who owes to itself."""
    names = ["<@1>", *people[1:]]
    if kind == "added":
        return [t(locale, "notices.added_line", who=who) for who in names]
    if not workspace.debtors_public:
        return ()
    what = format_list([format_period(period, locale)], locale)
    return [
        t(locale, "notices.overdue_list_line", who=who, amount=_money(workspace, minor, locale), what=what)
        for who, minor in zip(names, _OWED, strict=True)
    ]


def _money(workspace: Workspace, minor: int, locale: str) -> str:
    return format_money(workspace.money(minor), locale)


def _plain(text: str) -> str:
    """A name as Discord shows it when the bot writes it: no markup in it."""
    return re.sub(r"([\\`*_~|<>\[\]()@])", r"\\\1", text)
