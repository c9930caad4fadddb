"""From a row of the outbox to the messages that say it: what bot/notifier.py sends.

What is shown is read again now, so a card always shows the newest state. Public posts are in the workspace's
language, private messages in the one that the recipient used when they last came by.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import discord

from cogs.ui import cards, limits, link_cards, log_cards, notice_cards, payment_cards, public_cards
from cogs.ui.public_cards import Shown
from cogs.ui.replies import NO_MENTIONS
from cogs.ui.template_samples import sample
from core import admin_log, readers, reports, reports_admin, reports_members, templates
from core.i18n import t
from core.models import Actor, PaymentId, Workspace
from core.reports_members import Debt
from core.sending import Attempt
from core.services import Services


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message: what it shows, whom it may ping, its files, and the ids of those whom its list names."""

    view: discord.ui.LayoutView
    allowed_mentions: discord.AllowedMentions = NO_MENTIONS
    files: Sequence[discord.File] = field(default_factory=list)
    holds: Sequence[int] = ()


async def render(services: Services, attempt: Attempt, *, public: bool = False) -> list[Outgoing]:
    """The messages of a notice, in order; usually one, more when a list is long. Empty: nothing left to say.

    With `public`, what was meant for a member's direct messages goes where others read it: a mention and no
    amounts, and the answer behind a button is private.
    """
    found = (
        await _PUBLIC[attempt.notice.kind](services, attempt) if public else await _render(services, attempt)
    )
    for part in found:
        limits.check_message(part.view, allowed_mentions=part.allowed_mentions, files=part.files)
    return found


async def _render(services: Services, attempt: Attempt) -> list[Outgoing]:
    return await _KINDS[attempt.notice.kind](services, attempt)


def _params(attempt: Attempt) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(attempt.notice.params)
    return found


def _pings(*, users: Sequence[int] = (), roles: Sequence[int] = ()) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False,
        users=[discord.Object(found) for found in dict.fromkeys(users)],
        roles=[discord.Object(found) for found in dict.fromkeys(roles)],
        replied_user=False,
    )


async def _payment_card(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    view = await services.db.read(reports.payment_view, workspace.id, PaymentId(attempt.notice.subject_id))
    role = workspace.reviewer_role_id if view.payment.status == "submitted" else None
    card = payment_cards.payment_card(view, workspace.locale, lead=f"<@&{role}>" if role else "")
    return [Outgoing(card, _pings(roles=[role]) if role else NO_MENTIONS)]


async def _payment_result(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace, payment_id = attempt.workspace, PaymentId(attempt.notice.subject_id)
    view = await services.db.read(reports.payment_view, workspace.id, payment_id)
    still_open = await services.db.read(reports_members.still_open, workspace, payment_id)
    locale = await _reads(services, attempt)
    return [Outgoing(notice_cards.payment_result(view, still_open, _params(attempt), locale))]


async def _reads(services: Services, attempt: Attempt) -> str:
    """The language of the one to whom a private message goes."""
    return await services.db.read(readers.locale_for, attempt.workspace, attempt.user_id)


async def _wording(services: Services, workspace: Workspace, kind: str) -> str:
    """The club's wording of a public notice, in its language."""
    template = await services.db.read(templates.get, workspace.id, kind, workspace.locale)
    return template.body


def _outgoing(found: Sequence[Shown]) -> list[Outgoing]:
    return [
        Outgoing(view, _pings(users=piece.users, roles=piece.roles), holds=piece.holds)
        for view, piece in found
    ]


async def _opened(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    view = await services.db.read(reports_members.opened_view, workspace, attempt.notice.subject_id)
    body = await _wording(services, workspace, "opened")
    return _outgoing(public_cards.opened(view, body, workspace.locale))


async def _added(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    view = await services.db.read(reports_members.opened_view, workspace, attempt.notice.subject_id)
    params = _params(attempt)
    people = await services.db.read(reports_members.people, workspace, params["members"])
    body = await _wording(services, workspace, "added")
    borders = params.get("borders", ())
    return _outgoing(public_cards.added(workspace, view.period, people, body, workspace.locale, borders))


async def _closed(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    view = await services.db.read(reports_members.opened_view, workspace, attempt.notice.subject_id)
    status = await services.db.read(reports.period_status, Actor.system(workspace.id), view.period)
    body = await _wording(services, workspace, "closed")
    return _outgoing(public_cards.closed(status, view.members, body, workspace.locale))


async def _overdue(services: Services, attempt: Attempt) -> list[Outgoing]:
    found, locale = await _debts(services, attempt), await _reads(services, attempt)
    return [
        Outgoing(page) for debt in found for page in notice_cards.overdue(attempt.workspace, debt, locale)
    ]


async def _overdue_list(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    found = await _debts(services, attempt)
    if not found:
        return []
    body = await _wording(services, workspace, "overdue_list")
    borders = _params(attempt).get("borders", ())
    return _outgoing(public_cards.overdue_list(workspace, found, body, workspace.locale, borders))


async def _debts(services: Services, attempt: Attempt) -> tuple[Debt, ...]:
    """What a reminder is about, as it stands now."""
    params = _params(attempt)
    return await services.db.read(
        partial(reports_members.debts, whole=params.get("whole", False)), attempt.workspace, params["bills"]
    )


async def _link_card(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    view = await services.db.read(reports_members.link_view, workspace, attempt.notice.subject_id)
    return [Outgoing(link_cards.link_card(view, workspace.locale))]


async def _link_result(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    view = await services.db.read(reports_members.link_view, workspace, attempt.notice.subject_id)
    locale = await _reads(services, attempt)
    return [Outgoing(link_cards.link_result(view, _params(attempt)["status"], locale))]


async def _months_unopened(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    return [Outgoing(notice_cards.months_unopened(workspace, _params(attempt)["periods"], workspace.locale))]


async def _job_failed(services: Services, attempt: Attempt) -> list[Outgoing]:
    return [Outgoing(notice_cards.job_failed(_params(attempt), attempt.workspace.locale))]


async def _notice_unknown(services: Services, attempt: Attempt) -> list[Outgoing]:
    return [Outgoing(notice_cards.notice_unknown(_params(attempt), attempt.workspace.locale))]


async def _alert_failed(services: Services, attempt: Attempt) -> list[Outgoing]:
    return [Outgoing(notice_cards.alert_failed(_params(attempt), attempt.workspace.locale))]


async def _log(services: Services, attempt: Attempt) -> list[Outgoing]:
    """A line of the audit log; nothing when what it is about is not for the log after all."""
    line = await services.db.read(admin_log.line, attempt.workspace, attempt.notice.subject_id)
    if line is None or not line.is_shown:
        return []
    return [Outgoing(log_cards.log_card(line, attempt.workspace.locale))]


async def _template_test(services: Services, attempt: Attempt) -> list[Outgoing]:
    """A wording that somebody tries, with made-up people; it pings nobody."""
    params, workspace = _params(attempt), attempt.workspace
    choices = await services.db.read(reports_admin.periods, Actor.system(workspace.id))
    account = attempt.notice.target_id
    found = sample(params["kind"], workspace, params["body"], params["locale"], choices.collecting, account)
    return [Outgoing(view) for view, _ in found]


async def _no_public_test(services: Services, attempt: Attempt) -> list[Outgoing]:
    """A try-out is for nobody else: with closed direct messages it is not said at all."""
    del services, attempt
    return []


async def _public_result(services: Services, attempt: Attempt) -> list[Outgoing]:
    return await _public(services, attempt, "notices.result_public")


async def _public_overdue(services: Services, attempt: Attempt) -> list[Outgoing]:
    return await _public(services, attempt, "notices.overdue_public")


async def _public(services: Services, attempt: Attempt, key: str) -> list[Outgoing]:
    """A mention without amounts, for those whose direct messages are closed."""
    workspace: Workspace = attempt.workspace
    account = await services.db.read(reports_members.account_of, workspace, attempt.notice.target_id)
    if account is None:
        return []
    text = t(workspace.locale, key, who=f"<@{account}>")
    buttons = notice_cards.workspace_buttons(workspace, workspace.locale, "bills", "pay")
    return [Outgoing(cards.card(text, buttons=buttons), _pings(users=[account]))]


async def _public_link_result(services: Services, attempt: Attempt) -> list[Outgoing]:
    """Which name somebody asked for is on the reviewers' card only."""
    workspace, account = attempt.workspace, attempt.notice.target_id
    text = t(workspace.locale, "notices.link_public", who=f"<@{account}>")
    buttons = notice_cards.workspace_buttons(workspace, workspace.locale, "bills", "link")
    return [Outgoing(cards.card(text, buttons=buttons), _pings(users=[account]))]


async def _panel(services: Services, attempt: Attempt) -> list[Outgoing]:
    workspace = attempt.workspace
    body = await _wording(services, workspace, "panel")
    return [Outgoing(public_cards.panel(workspace, body, workspace.locale))]


_KINDS = {
    "payment_card": _payment_card, "payment_result": _payment_result, "opened": _opened,
    "added": _added, "closed": _closed, "overdue": _overdue, "overdue_list": _overdue_list,
    "link_card": _link_card, "link_result": _link_result,
    "months_unopened": _months_unopened, "job_failed": _job_failed, "notice_unknown": _notice_unknown,
    "alert_failed": _alert_failed, "log": _log, "template_test": _template_test, "panel": _panel,
}  # fmt: skip
# Only what is meant for one person has a public form.
_PUBLIC = {
    **_KINDS,
    "payment_result": _public_result,
    "overdue": _public_overdue,
    "link_result": _public_link_result,
    "template_test": _no_public_test,
}
