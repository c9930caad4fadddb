"""`/club billing notices`: what was said about a month, to whom and when; what waits or failed, and why."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands

from cogs.club.base import scene_for
from cogs.club.billing_more import Words, chosen_period
from cogs.translator import command, options
from cogs.ui import cards, limits, long_list, pickers, replies
from cogs.ui.actions import ACTIONS, ActionButton
from cogs.ui.notice_cards import kind_name
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import escape_markdown, one_line
from core import notice_status
from core.access import Role
from core.clock import parse_instant
from core.i18n import format_instant
from core.notice_status import NoticeState, PeriodNotices

MOST_BUTTONS = 15

_STATUSES = {
    "sent": "notice_status.sent", "waiting": "notice_status.waiting", "failed": "notice_status.failed",
    "unknown": "notice_status.unknown", "obsolete": "notice_status.obsolete",
}  # fmt: skip
_WHY = {
    "no_channel": "notice_status.why_no_channel", "quiet": "notice_status.why_quiet",
    "dm_closed": "notice_status.why_dm_closed", "retrying": "notice_status.why_retrying",
    "next": "notice_status.why_next",
}  # fmt: skip
_COLOURS = {"failed": cards.RED, "unknown": cards.AMBER, "waiting": cards.BLUE}


@app_commands.command(**command("club billing notices"))
@options("club billing notices", "period")
@app_commands.autocomplete(period=pickers.opened_periods)
async def month_notices(interaction: Interaction, period: str | None = None) -> None:
    """Everything about one month, troubles first."""
    scene = await scene_for(interaction, Role.AUDITOR)
    await replies.think(interaction)
    chosen = await chosen_period(scene, period)
    found = await scene.services.db.read(notice_status.of_period, scene.actor, chosen)
    words = _Words(locale_of(interaction), found)
    for view, files in words.messages():
        await replies.answer(interaction, view, files=files)


class _Words(Words):
    def __init__(self, locale: str, found: PeriodNotices) -> None:
        super().__init__(locale, found.period)
        self.found = found

    def messages(self) -> list[tuple[discord.ui.LayoutView, Sequence[discord.File]]]:
        """A list for each status that there is; beyond some hundred the lines are in a file."""
        heading = self.t("notice_status.heading", period=self.period)
        if not self.found.states:
            return [(cards.card(heading, self.t("notice_status.none")), ())]
        made: list[tuple[discord.ui.LayoutView, Sequence[discord.File]]] = []
        for status, key in _STATUSES.items():
            states = self.found.of(status)
            if states:
                made += self._section(heading, key, status, states)
                heading = ""
        return made

    def _section(
        self, heading: str, key: str, status: str, states: Sequence[NoticeState]
    ) -> list[tuple[discord.ui.LayoutView, Sequence[discord.File]]]:
        lines = [self.line(state) for state in states]
        title = "\n".join(part for part in (heading, self.t(key, count=len(states))) if part)
        colour = _COLOURS.get(status, cards.GREY)
        files = long_list.attached(f"notices-{status}", lines)
        pages = cards.paged(
            title, long_list.shown(lines, self.locale), colour=colour, buttons=self._buttons(status, states)
        )
        for file in files:
            pages[-1].add_item(discord.ui.File(f"attachment://{file.filename}"))
        return [(page, files if page is pages[-1] else ()) for page in pages]

    def line(self, state: NoticeState) -> str:
        """One notice: what, where to, when, and why."""
        notice = state.notice
        when = notice.sent_at or notice.created_at
        text = self.t(
            "notice_status.line", number=notice.id, kind=kind_name(notice.kind, self.locale),
            to=self._to(state),
            when=format_instant(parse_instant(when), self.found.workspace.timezone, self.locale),
        )  # fmt: skip
        why = self._why(state)
        return self.t("notice_status.because", line=text, why=why) if why else text

    def _to(self, state: NoticeState) -> str:
        if state.is_private:
            account = f" (<@{state.account}>)" if state.account else ""
            return one_line(state.member) + account
        if state.channel_id is not None:
            return f"<#{state.channel_id}>"
        return self.t("notice_status.announcements")

    def _why(self, state: NoticeState) -> str:
        if state.why == "error":
            return self.t(
                "notice_status.why_error", reason=escape_markdown(limits.shorten(state.notice.error, 100))
            )
        return self.t(_WHY[state.why]) if state.why in _WHY else ""

    def _buttons(self, status: str, states: Sequence[NoticeState]) -> list[ActionButton]:
        if status not in ("failed", "unknown"):
            return []
        made = []
        for state in states[:MOST_BUTTONS]:
            retry = ACTIONS["notice:retry"](state.notice.id, self.locale)
            retry.item.label = self.t("notice_status.button_retry", number=state.notice.id)
            made.append(retry)
        if len(states) > 1 and status == "failed":
            made.append(ACTIONS["notices:retry"](self.found.workspace.id, self.locale))
        return made
