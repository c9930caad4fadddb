"""One call of the API: who asks, for which club, and how answers are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.web import csrf, middleware
from bot.web.api.models import Amount, Money
from bot.web.visit import Visit
from core import api_tokens
from core.access import Role
from core.clock import local_date
from core.errors import AmountInOtherCurrency
from core.models import Actor, Workspace
from core.money import Money as CoreMoney
from core.money import format_money
from core.services import Services

MOST_SECRET = 200


class SignedOut(Exception):  # noqa: N818 - reads as what happened
    """Neither a token nor a session that counts."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks and what they may now. `request_id` is the same for a retry, and for nothing else."""

    visit: Visit
    actor: Actor
    workspace: Workspace
    role: Role
    locale: str
    request_id: str = ""

    @property
    def services(self) -> Services:
        """For what needs more than the database."""
        return self.visit.site.services

    @property
    def today(self) -> date:
        """Which day it is for the club."""
        return local_date(self.visit.now, self.workspace.timezone)

    def money(self, minor: int) -> Money:
        """An amount of the club as programs and people read it."""
        amount = self.workspace.money(minor)
        return Money(minor=minor, currency=amount.currency, text=format_money(amount, self.locale))

    def money_or_none(self, minor: int | None) -> Money | None:
        """The same where there may be none."""
        return None if minor is None else self.money(minor)

    def amount(self, sent: Amount, field: str = "amount") -> CoreMoney:
        """An amount that was sent; raises AmountInOtherCurrency when it is not in the club's."""
        if sent.currency is not None and sent.currency != self.workspace.currency:
            raise AmountInOtherCurrency(field=field, value=sent.currency, currency=self.workspace.currency)
        return self.workspace.money(sent.minor)


async def who_calls(visit: Visit) -> Call:
    """Find out who asks: by a token in the Authorization header, else by the browser's session.

    A session counts for changes only from our own pages. Raises SignedOut, HTTPForbidden.
    """
    header = visit.request.headers.get("Authorization")
    return await _by_session(visit) if header is None else await _by_token(visit, header)


async def _by_token(visit: Visit, header: str) -> Call:
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.strip() or len(secret) > MOST_SECRET:
        raise SignedOut
    found = await visit.db.read(api_tokens.resume, secret.strip(), visit.site.owner_of)
    if found is None or found.role is Role.NOBODY:
        raise SignedOut
    if api_tokens.is_to_be_touched(found.token, visit.now):
        await visit.db.write(api_tokens.touch, found.token.id)
    return Call(visit, found.actor, found.workspace, found.role, visit.locale)


async def _by_session(visit: Visit) -> Call:
    desk = await middleware.desk_of(visit.site, visit.request)
    if desk is None:
        raise SignedOut
    if not csrf.is_ours(visit.request, visit.site.options.url):
        raise web.HTTPForbidden
    return Call(visit, desk.actor, desk.workspace, desk.role, desk.locale)
