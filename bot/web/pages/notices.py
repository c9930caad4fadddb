"""What the bot said, or is to say: to whom, when, what waits and why, what failed and why, and once more."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from bot.web import exports
from bot.web.forms import field_errors, read_form
from bot.web.middleware import status_of
from bot.web.pages.sign_in import own_path
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import errors, notice_retries, reports_admin, reports_log, reports_settings
from core.access import Role
from core.errors import DomainError
from core.lists import Page
from core.models import NoticeId
from core.period import Period
from core.reports_log import NoticeLine

pages = Routes()

PAGE, BATCH = 50, 500
KINDS = {
    "opened": "notices.kind.opened", "added": "notices.kind.added", "closed": "notices.kind.closed",
    "overdue": "notices.kind.overdue", "overdue_list": "notices.kind.overdue_list",
    "payment_card": "notices.kind.payment_card", "payment_result": "notices.kind.payment_result",
    "link_card": "notices.kind.link_card", "link_result": "notices.kind.link_result",
    "alert": "notices.kind.alert", "log": "notices.kind.log",
    "months_unopened": "notices.kind.months_unopened", "job_failed": "notices.kind.job_failed",
    "notice_unknown": "notices.kind.notice_unknown", "alert_failed": "notices.kind.alert_failed",
    "template_test": "notices.kind.template_test", "panel": "notices.kind.panel",
}  # fmt: skip
STATUSES = {
    "trouble": ("failed", "unknown"), "waiting": ("waiting",), "sent": ("sent",), "obsolete": ("obsolete",),
}  # fmt: skip
"""What can be chosen, and which statuses of the outbox that is."""
STATUS_WORDS = {
    "trouble": "web_notices.trouble", "waiting": "web_notices.waiting", "sent": "web_notices.sent",
    "obsolete": "web_notices.obsolete",
}  # fmt: skip
_BADGES = {
    "sent": ("web_notices.is_sent", "is-good", "check"), "waiting": ("web_notices.is_waiting", "is-warn", "clock"),
    "failed": ("web_notices.is_failed", "is-bad", "triangle-alert"),
    "unknown": ("web_notices.is_unknown", "is-bad", "triangle-alert"),
    "obsolete": ("web_notices.is_obsolete", "", "x"),
}  # fmt: skip
_WHY = {
    "no_channel": "web_notices.why_no_channel", "quiet": "web_notices.why_quiet",
    "dm_closed": "web_notices.why_dm_closed", "retrying": "web_notices.why_retrying",
    "next": "web_notices.why_next",
}  # fmt: skip
_TARGETS = {
    "announce": "web_notices.to_announce", "review": "web_notices.to_review", "admin": "web_notices.to_admin",
    "user": "web_notices.to_account", "member": "web_notices.to_account", "alert": "web_notices.to_alert",
}  # fmt: skip
FILTERS = ("period", "kind", "status")
_COLUMNS = (
    "id", "kind", "month", "to", "status", "why", "error", "attempts", "created_at", "sent_at", "next_attempt_at",
)  # fmt: skip


class NoticeWords:
    """Says where a notice goes and why it is where it is, for one reader."""

    def __init__(self, desk: Desk) -> None:
        """Know the server's channels by name."""
        self._desk = desk
        guild = desk.workspace.guild_id
        self._channels = {place.id: f"#{place.name}" for place in desk.site.host.channels(guild)}

    def kind(self, kind: str) -> str:
        """What it is, as the beginning of a line."""
        name = self._desk.t(KINDS[kind]) if kind in KINDS else kind
        return name[:1].upper() + name[1:]

    def to(self, line: NoticeLine) -> str:
        """A channel, a person or a target by name."""
        if line.channel_id is not None and line.channel_id in self._channels:
            return self._channels[line.channel_id]
        if line.to:
            return line.to
        return self._desk.t(_TARGETS[line.notice.target], account=str(line.notice.target_id))

    def badge(self, line: NoticeLine) -> tuple[str, str, str]:
        """Its status in a word, with colour and icon."""
        key, colour, icon = _BADGES[line.notice.status]
        return self._desk.t(key), colour, icon

    def why(self, line: NoticeLine) -> str:
        """Why it waits, or what Discord said."""
        if line.why == "error":
            return line.notice.error
        return self._desk.t(_WHY[line.why]) if line.why in _WHY else ""


@pages.get("/notices", least=Role.AUDITOR)
async def notices(desk: Desk) -> web.StreamResponse:
    """The outbox, newest first, narrowed by what the address says."""
    query = desk.request.query
    chosen = {name: query.get(name, "") for name in FILTERS if query.get(name)}
    error: DomainError | None = None
    found: Page[NoticeLine] = Page((), None)
    try:
        found = await _read(desk, chosen, _cursor(query.get("before", "")), PAGE)
    except DomainError as problem:
        error = problem
    words = NoticeWords(desk)
    choices = await desk.db.read(reports_admin.periods, desk.actor)
    counts = (await desk.db.read(reports_settings.workings, desk.actor)).outbox
    return desk.render(
        "notices.html", status=status_of(error) if error else 200, found=found, words=words, chosen=chosen,
        query=urlencode(chosen), is_first="before" not in query, statuses=STATUS_WORDS,
        counts={name: sum(counts.get(one, 0) for one in which) for name, which in STATUSES.items()},
        kinds=[(kind, words.kind(kind)) for kind in KINDS],
        periods=sorted((text for text, status in choices.statuses.items() if status != "draft"), reverse=True),
        errors=field_errors(desk, error) if error else {},
    )  # fmt: skip


@pages.post("/notices/{id}/retry", least=Role.TREASURER)
async def retry(desk: Desk) -> web.StreamResponse:
    """Send one that failed once more."""
    back = own_path((await read_form(desk)).text("back") or "/notices")
    try:
        await desk.db.write(notice_retries.retry_one, desk.actor, NoticeId(desk.number("id")))
    except DomainError as error:
        return desk.refused(back, error)
    return desk.redirect(back, Flash("web_notices.flash_retried", {"count": 1}))


@pages.post("/notices/retry", least=Role.TREASURER)
async def retry_all(desk: Desk) -> web.StreamResponse:
    """Send everything that failed once more."""
    count = await desk.db.write(notice_retries.retry_all, desk.actor)
    key = "web_notices.flash_retried" if count else "web_notices.flash_nothing"
    return desk.redirect("/notices", Flash(key, {"count": count}))


@pages.get(r"/notices.{kind:csv|json}", least=Role.AUDITOR)
async def export(desk: Desk) -> web.StreamResponse:
    """Everything that fits, as a file."""
    return await exports.send(desk, "notices", desk.arg("kind"), _COLUMNS, await _rows(desk))


async def _read(desk: Desk, chosen: dict[str, str], cursor: int, limit: int) -> Page[NoticeLine]:
    """Some of those that were asked for. Raises InvalidPeriod, PeriodUnknown, ChoiceUnknown."""
    status = chosen.get("status", "")
    if status and status not in STATUSES:
        raise errors.ChoiceUnknown(field="status", value=errors.shown(status), choices=", ".join(STATUSES))
    return await desk.db.read(
        reports_log.notices, desk.actor, troubled=status == "trouble",
        status=status if status and status != "trouble" else None, kind=chosen.get("kind"),
        period=Period.parse(chosen["period"]) if "period" in chosen else None, cursor=cursor, limit=limit,
    )  # fmt: skip


async def _rows(desk: Desk) -> exports.Batches:
    query = desk.request.query
    chosen = {name: query.get(name, "") for name in FILTERS if query.get(name)}
    first = await _read(desk, chosen, 0, BATCH)  # what cannot be is refused before the file begins

    async def batches() -> exports.Batches:
        words, found = NoticeWords(desk), first
        while True:
            yield [_row(words, line) for line in found.rows]
            if found.next is None:
                return
            found = await _read(desk, chosen, found.next, BATCH)

    return batches()


def _row(words: NoticeWords, line: NoticeLine) -> tuple[object, ...]:
    notice = line.notice
    why = "" if line.why in ("", "error") else line.why
    return (
        notice.id, notice.kind, line.period, words.to(line), notice.status, why, notice.error, notice.attempts,
        notice.created_at, notice.sent_at or "", notice.next_attempt_at,
    )  # fmt: skip


def _cursor(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
