"""One request, as a page's handler sees it: who asks, in which language, and how to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.web.identity import client_address
from core.access import Role
from core.clock import local_date
from core.db import Database
from core.errors import DomainError, Param
from core.i18n import LOCALES, best_locale, error_text, t
from core.models import Actor, Workspace
from core.money import Money
from core.web_sessions import Standing

if TYPE_CHECKING:
    from bot.web.app import Site

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Flash:
    """A short word on the next page: what was done, or why not.

    `undo` are ids of payments that a click on Undo takes back; `tone` is "good" or "bad".
    """

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    tone: str = "good"
    undo: tuple[int, ...] = ()

    def packed(self) -> dict[str, Any]:
        """As it lies in the cookie."""
        return {"k": self.key, "p": dict(self.params), "tone": self.tone, "undo": list(self.undo)}


class Visit:
    """A request by anybody."""

    def __init__(self, site: Site, request: web.Request) -> None:
        """Find out the language and the colours that this browser wants."""
        self.site = site
        self.request = request
        self.club: Workspace | None = None
        """Whose amounts and days the page shows; a page for everybody sets it itself."""
        self.locale = self._locale(None)
        theme = site.cookies.get(request, "theme")
        self.theme = theme if theme in THEMES else "auto"

    def _locale(self, default: str | None) -> str:
        chosen = self.site.cookies.get(self.request, "lang")
        if chosen in LOCALES:
            return chosen
        wanted = self.request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
        return best_locale(wanted or None, default or LOCALES[0])

    @property
    def db(self) -> Database:
        """Where use cases run."""
        return self.site.services.db

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.site.services.clock.now()

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return client_address(self.request, self.site.options.trusted_proxies)

    def arg(self, name: str) -> str:
        """A part of the address, `{name}` of the route."""
        return self.request.match_info[name]

    def number(self, name: str) -> int:
        """A part of the address that is an id; 404 for anything else."""
        text = self.request.match_info[name]
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise web.HTTPNotFound
        return int(text)

    def t(self, key: str, /, **params: Param) -> str:
        """A sentence in the reader's language."""
        return t(self.locale, key, **params)

    def sentence(self, error: DomainError) -> str:
        """What an error says, in the reader's language."""
        return error_text(self.locale, error)

    def render(self, template: str, *, status: int = 200, **context: Any) -> web.Response:
        """Answer with a page."""
        return self.site.renderer.page(self, template, status=status, context=context)

    def redirect(self, path: str, flash: Flash | None = None) -> web.Response:
        """Answer a form: the browser asks for this page next, which shows the message once."""
        response = web.Response(status=303, headers={"Location": self.site.options.url.to(path)})
        if flash is not None:
            self.site.cookies.set_flash(response, flash.packed())
        return response


class Desk(Visit):
    """A request by somebody who is signed in and may see something."""

    def __init__(self, site: Site, request: web.Request, standing: Standing) -> None:
        """Take over who it is; the role is what it is at this moment."""
        super().__init__(site, request)
        self.standing = standing
        self.club = standing.workspace
        self.locale = self._locale(standing.workspace.locale)

    @property
    def actor(self) -> Actor:
        """Who acts, for use cases."""
        return self.standing.actor

    @property
    def workspace(self) -> Workspace:
        """Whose books."""
        return self.standing.workspace

    @property
    def role(self) -> Role:
        """What they may now."""
        return self.standing.role

    @property
    def today(self) -> date:
        """Which day it is for the club."""
        return local_date(self.now, self.workspace.timezone)

    def money(self, minor: int) -> Money:
        """An amount in the club's currency."""
        return self.workspace.money(minor)

    def may(self, least: Role) -> bool:
        """Whether to show what this role may do. The core asks again when it is done."""
        return self.role >= least

    def club_t(self, key: str, /, **params: Param) -> str:
        """A sentence in the club's language, for what members will read."""
        return t(self.workspace.locale, key, **params)

    def refused(self, path: str, error: DomainError) -> web.Response:
        """Answer a form with an error: back to the page, which says why nothing was changed."""
        return self.redirect(path, Flash("web.flash_error", {"text": self.sentence(error)}, tone="bad"))
