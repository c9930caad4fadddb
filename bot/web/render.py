"""Pages from templates: Jinja that escapes everything, the reader's language, addresses below our base."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import jinja2
from aiohttp import web
from markupsafe import Markup

from bot.web import nav
from bot.web.charts import Charts
from core.access import Role
from core.clock import parse_instant
from core.i18n import (
    PLACEHOLDER,
    catalog,
    format_count,
    format_date,
    format_instant,
    format_list,
    format_period,
)
from core.money import Money, format_money
from core.period import Period

if TYPE_CHECKING:
    from bot.web.app import Site
    from bot.web.visit import Visit

# htmx takes #live out of the next page and morphs it in: the same forms work without any script.
LIVE = Markup(
    """hx-boost='{"target":"#live","select":"#live","swap":"outerMorph show:none",""" """"replace":"true"}'"""
)


class Renderer:
    """Compiles the templates once and fills them in for a visit."""

    def __init__(self, site: Site) -> None:
        """Find the templates inside the package."""
        self._site = site
        self._env = jinja2.Environment(
            loader=jinja2.PackageLoader("bot.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._env.globals.update(
            path=site.options.url.to, static=self._static, live=LIVE, Role=Role, charts=Charts(),
            count_of=len, period_of=Period,
        )  # fmt: skip

    def page(
        self, visit: Visit, template: str, *, status: int = 200, context: dict[str, Any]
    ) -> web.Response:
        """Render a page for this visit; a message that waited for it is shown once."""
        flash = visit.site.cookies.flash(visit.request)
        text = self.text(visit, template, {"flash": _readable(visit, flash), **context})
        response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
        if flash is not None:
            visit.site.cookies.clear(response, "flash")
        return response

    def text(self, visit: Visit, template: str, context: dict[str, Any]) -> str:
        """Fill in a template."""
        return self._env.get_template(template).render({**_words(visit), **self._frame(visit), **context})

    def _static(self, name: str) -> str:
        return self._site.options.url.to(self._site.static.address(name))

    def _frame(self, visit: Visit) -> dict[str, Any]:
        """What every page has around it: menu, person, language, colours."""
        from bot.web.visit import Desk

        desk = visit if isinstance(visit, Desk) else None
        here = self._site.local_path(visit.request)
        entries = [
            (entry, nav.is_current(entry, here))
            for entry in nav.ENTRIES
            if desk and desk.may(entry.least) and entry.path in self._site.pages
        ]
        return {
            "visit": visit, "desk": desk, "here": here, "menu": entries, "in_bar": nav.IN_BAR,
            "locale": visit.locale, "theme": visit.theme, "address": self._site.local_address(visit.request),
        }  # fmt: skip


def _words(visit: Visit) -> dict[str, Any]:
    """The functions by which templates write words, amounts, days and instants."""
    locale, workspace = visit.locale, visit.club
    timezone = workspace.timezone if workspace else "UTC"
    currency = workspace.currency if workspace else ""

    def money(minor: int, code: str = currency) -> str:
        return format_money(Money(minor, code), locale)

    def instant(text: str, zone: str = timezone) -> str:
        return solid(format_instant(parse_instant(text), zone, locale), locale)

    return {
        "t": visit.t,
        "money": money,
        "instant": instant,
        "day": lambda found: solid(format_date(_date(found), locale), locale),
        "short_day": lambda found: short_day(visit, _date(found)),
        "period": lambda found: solid(format_period(Period(str(found)), locale), locale),
        "count": lambda number: format_count(number, locale),
        "join": lambda items: format_list(list(items), locale),
        "ago": lambda text: ago(visit, parse_instant(text)),
    }


def solid(date_text: str, locale: str) -> str:
    """A date that stays on one line. Chinese lines may end anywhere, so "6 月 5 日" would come apart."""
    return date_text.replace(" ", "\N{NO-BREAK SPACE}") if locale.startswith("zh") else date_text


def short_day(visit: Visit, found: date) -> str:
    """A day without its year when that is this year: "5 Jun", "6/5"; else in full."""
    if found.year != visit.now.year:
        return format_date(found, visit.locale)
    month = visit.t(f"formats.month_{found.month}")
    return visit.t("web.short_day", day=found.day, month=month[:3])


def ago(visit: Visit, moment: datetime) -> str:
    """How long ago, in the largest unit that fits: "12 min ago", "3 h ago", "2 days ago"."""
    seconds = max(0, int((visit.now - moment).total_seconds()))
    if seconds < 60:
        return visit.t("web.ago_now")
    if seconds < 3600:
        return visit.t("web.ago_minutes", count=seconds // 60)
    if seconds < 24 * 3600:
        return visit.t("web.ago_hours", count=seconds // 3600)
    return visit.t("web.ago_days", count=seconds // (24 * 3600))


def _date(found: date | str) -> date:
    return date.fromisoformat(found) if isinstance(found, str) else found


def _readable(visit: Visit, flash: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a message cookie says, if we ourselves could have written it."""
    if flash is None:
        return None
    key, params, undo = flash.get("k"), flash.get("p"), flash.get("undo") or []
    if not isinstance(key, str) or not key.startswith("web") or not isinstance(params, dict):
        return None
    entry = catalog(visit.locale).get(key)
    if entry is None or not all(isinstance(value, str | int) for value in params.values()):
        return None
    texts = [entry] if isinstance(entry, str) else [*entry.values(), "{count}"]
    if not {match[1] for text in texts for match in PLACEHOLDER.finditer(text)} <= params.keys():
        return None
    ids = [found for found in undo if isinstance(found, int)] if isinstance(undo, list) else []
    return {
        "text": visit.t(key, **params),
        "tone": "bad" if flash.get("tone") == "bad" else "good",
        "undo": ids,
    }
