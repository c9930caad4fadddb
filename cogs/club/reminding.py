"""`/club billing remind`: remind everybody who owes, now; who, how much and by which way is shown before."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands

from cogs.club.base import scene_for
from cogs.club.billing_more import Words
from cogs.translator import choice, command, options
from cogs.ui import cards, long_list, pickers
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import reminding
from core.access import Role
from core.i18n import format_instant, format_list
from core.period import Period
from core.reminding import Reminded, RemindedMember

_WAYS = {
    "private": "reminding.way_private", "mentioned": "reminding.way_mentioned",
    "named": "reminding.way_named", "counted": "reminding.way_counted",
}  # fmt: skip


@app_commands.command(**command("club billing remind"))
@options("club billing remind", "period", "how")
@app_commands.autocomplete(period=pickers.opened_periods)
@app_commands.choices(
    how=[
        choice("reminding.choice_private", "private"),
        choice("reminding.choice_channel", "channel"),
        choice("reminding.choice_both", "both"),
    ]
)
async def remind_now(interaction: Interaction, period: str | None = None, how: str | None = None) -> None:
    """Preview to the last name, then remind."""
    scene = await scene_for(interaction, Role.TREASURER)
    chosen = None if period is None else Period.parse(period)
    words = _Remind(locale_of(interaction), chosen)
    proposal = Proposal(
        scene.services.db, words.locale, reminding.remind_now, (scene.actor, chosen, how),
        preview=words.preview, label=words.label, done=words.done, needless=words.needless,
        files=lambda found: long_list.attached("reminder", words.lines(found)),
    )  # fmt: skip
    await propose(interaction, proposal)


class _Remind(Words):
    def __init__(self, locale: str, period: Period | None) -> None:
        super().__init__(locale, period or Period("2000-01"))
        self.months = self.t("log.all_periods") if period is None else self.t("reminding.of", period=period)

    def preview(self, found: Reminded) -> list[str]:
        lines = [self.t("reminding.question", months=self.months), *self._sums(found)]
        if found.recently:
            lines.append(self.t("reminding.recently"))
        if found.how in ("channel", "both"):
            lines.append(self._channel(found))
        return [*lines, *self._quiet(found), "", *long_list.shown(self.lines(found), self.locale)]

    def label(self, found: Reminded) -> str:
        amount = cards.money(found.workspace, found.minor, self.locale)
        return self.t("reminding.button", count=len(found.reached), amount=amount)

    def done(self, found: Reminded) -> list[str]:
        return [self.t("reminding.done", months=self.months), *self._sums(found), *self._quiet(found)]

    def needless(self, found: Reminded) -> list[str] | None:
        if not found.members:
            return [self.t("reminding.nobody", months=self.months)]
        if not found.reached:
            return [self.t("reminding.none_reachable"), *self.lines(found)]
        return None

    def lines(self, found: Reminded) -> list[str]:
        """Everybody, with how much and by which way."""
        return [self._line(found, member) for member in (*found.reached, *found.unreachable)]

    def _line(self, found: Reminded, member: RemindedMember) -> str:
        amount = cards.money(found.workspace, member.minor, self.locale)
        name = one_line(member.name)
        if not member.ways:
            return self.t("reminding.line_unreachable", name=name, amount=amount)
        ways = format_list([self.t(_WAYS[way]) for way in member.ways], self.locale)
        return self.t("reminding.line", name=name, amount=amount, ways=ways)

    def _sums(self, found: Reminded) -> Sequence[str]:
        amount = cards.money(found.workspace, found.minor, self.locale)
        lines = [self.t("reminding.sum", count=len(found.reached), amount=amount)]
        if found.unreachable:
            lines.append(self.t("reminding.unreachable", count=len(found.unreachable)))
        return lines

    def _channel(self, found: Reminded) -> str:
        workspace = found.workspace
        key = "reminding.channel_public" if workspace.debtors_public else "reminding.channel_hidden"
        return self.place(workspace.announce_channel_id, key)

    def _quiet(self, found: Reminded) -> list[str]:
        if found.quiet_until is None:
            return []
        when = format_instant(found.quiet_until, found.workspace.timezone, self.locale)
        return [self.t("reminding.quiet", when=when)]
