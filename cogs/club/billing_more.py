"""`/club billing`: what is done to a month after it was opened. Each is previewed and confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from cogs.club.base import scene_for
from cogs.guards import Scene
from cogs.translator import command, options
from cogs.ui import cards, long_list, pickers
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from core import announcing, closing, reports_admin, resync
from core.access import Role
from core.announcing import Announced
from core.closing import PeriodMoved
from core.i18n import t
from core.period import Period
from core.resync import Resynced, Retracted


async def chosen_period(scene: Scene, typed: str | None) -> Period:
    """The month that was typed, or the newest opened one."""
    if typed is not None:
        return Period.parse(typed)
    return (await scene.services.db.read(reports_admin.periods, scene.actor)).newest


@app_commands.command(**command("club billing resync"))
@options("club billing resync", "period", "tell")
@app_commands.autocomplete(period=pickers.opened_periods)
async def resync_month(interaction: Interaction, period: str | None = None, tell: bool = False) -> None:
    """Bring an open month in line with roster and prices."""
    scene = await scene_for(interaction, Role.TREASURER)
    words = _Resync(locale_of(interaction), await chosen_period(scene, period), tell=tell)
    proposal = Proposal(
        scene.services.db, words.locale, resync.resync, (scene.actor, words.period),
        kwargs={"tell_added": tell}, preview=words.preview, label=words.label, done=words.done,
        needless=words.needless, files=lambda found: long_list.attached("resync", words.lines(found)),
    )  # fmt: skip
    await propose(interaction, proposal)


@app_commands.command(**command("club billing retract"))
@options("club billing retract", "period")
@app_commands.autocomplete(period=pickers.opened_periods)
async def retract_month(interaction: Interaction, period: str | None = None) -> None:
    """Take the opening of a month back."""
    scene = await scene_for(interaction, Role.TREASURER)
    words = _Retract(locale_of(interaction), await chosen_period(scene, period))
    proposal = Proposal(
        scene.services.db, words.locale, resync.retract, (scene.actor, words.period), preview=words.preview,
        label=words.label, done=words.done, needless=words.needless, style=discord.ButtonStyle.danger,
        files=lambda found: long_list.attached("retract", words.lines(found)),
    )  # fmt: skip
    await propose(interaction, proposal)


@app_commands.command(**command("club billing resend"))
@options("club billing resend", "period")
@app_commands.autocomplete(period=pickers.opened_periods)
async def resend_notice(interaction: Interaction, period: str | None = None) -> None:
    """Post the opening notice once more, and nothing else."""
    scene = await scene_for(interaction, Role.TREASURER)
    words = _Resend(locale_of(interaction), await chosen_period(scene, period))
    proposal = Proposal(
        scene.services.db, words.locale, announcing.resend_opened, (scene.actor, words.period),
        preview=words.preview, label=lambda _: words.t("periods.resend_button"), done=words.done,
        needless=words.needless,
    )  # fmt: skip
    await propose(interaction, proposal)


@app_commands.command(**command("club billing close"))
@options("club billing close", "period", "announce")
@app_commands.autocomplete(period=pickers.opened_periods)
async def close_month(interaction: Interaction, period: str | None = None, announce: bool = False) -> None:
    """Lock the charges of a finished month; its unpaid bills stay payable."""
    scene = await scene_for(interaction, Role.TREASURER)
    words = _Move(locale_of(interaction), await chosen_period(scene, period), announce=announce)
    proposal = Proposal(
        scene.services.db, words.locale, closing.close, (scene.actor, words.period),
        kwargs={"announce": announce}, preview=words.preview_close,
        label=lambda _: words.t("periods.close_button", period=words.period), done=words.done_close,
        needless=words.needless,
    )  # fmt: skip
    await propose(interaction, proposal)


@app_commands.command(**command("club billing reopen"))
@options("club billing reopen", "period")
@app_commands.autocomplete(period=pickers.opened_periods)
async def reopen_month(interaction: Interaction, period: str | None = None) -> None:
    """Unlock the charges of a closed month."""
    scene = await scene_for(interaction, Role.TREASURER)
    words = _Move(locale_of(interaction), await chosen_period(scene, period))
    proposal = Proposal(
        scene.services.db, words.locale, closing.reopen, (scene.actor, words.period),
        preview=lambda _: [words.t("periods.reopen_question", period=words.period)],
        label=lambda _: words.t("periods.reopen_button", period=words.period),
        done=lambda _: [words.t("periods.reopened", period=words.period)], needless=words.needless,
    )  # fmt: skip
    await propose(interaction, proposal)


COMMANDS: list[app_commands.Command[Any, ..., Any]] = [
    resync_month, retract_month, resend_notice, close_month, reopen_month,
]  # fmt: skip


class Words:
    """How something about a month is put into words."""

    def __init__(self, locale: str, period: Period) -> None:
        self.locale, self.period = locale, period

    def t(self, key: str, **params: Any) -> str:
        return t(self.locale, key, **params)

    def place(self, channel_id: int | None, key: str) -> str:
        """Where something is said, or that it waits until there is a channel."""
        if channel_id is None:
            return self.t("periods.no_channel")
        return self.t(key, place=f"<#{channel_id}>")


class _Resync(Words):
    def __init__(self, locale: str, period: Period, *, tell: bool) -> None:
        super().__init__(locale, period)
        self.tell = tell

    def preview(self, found: Resynced) -> list[str]:
        lines = [self.t("periods.resync_question", period=self.period), *self._details(found)]
        if self.tell and found.added:
            lines.append(self.place(found.workspace.announce_channel_id, "periods.resync_would_tell"))
        return lines

    def label(self, found: Resynced) -> str:
        count = len(found.added) + len(found.revised)
        return self.t("periods.resync_button", count=count, period=self.period)

    def done(self, found: Resynced) -> list[str]:
        lines = [self.t("periods.resynced", period=self.period), *self._details(found)]
        if self.tell and found.added:
            lines.append(self.place(found.workspace.announce_channel_id, "periods.resync_tells"))
        return lines

    def needless(self, found: Resynced) -> list[str] | None:
        if found.added or found.revised:
            return None
        return [self.t("periods.resync_nothing", period=self.period)]

    def lines(self, found: Resynced) -> list[str]:
        """Every bill that is made, voided or repriced."""
        return [*self._added(found), *self._voided(found), *self._repriced(found)]

    def _details(self, found: Resynced) -> list[str]:
        lines = [
            self.t(key, count=len(bills))
            for key, bills in (
                ("periods.count_added", found.added), ("periods.count_voided", found.voided),
                ("periods.count_repriced", found.repriced),
            )
            if bills
        ]  # fmt: skip
        if found.frozen:
            lines.append(self.t("periods.count_frozen", count=found.frozen))
        return [*lines, "", *long_list.shown(self.lines(found), self.locale)]

    def _added(self, found: Resynced) -> Sequence[str]:
        return [
            self.t(
                "periods.line_added", name=one_line(bill.name), title=one_line(bill.title),
                amount=cards.money(found.workspace, bill.minor, self.locale),
            )
            for bill in found.added
        ]  # fmt: skip

    def _voided(self, found: Resynced | Retracted) -> Sequence[str]:
        return [
            self.t(
                "periods.line_voided", bill=f"B-{bill.bill_id}", name=one_line(bill.name),
                title=one_line(bill.title), amount=cards.money(found.workspace, bill.from_minor, self.locale),
            )
            for bill in found.voided
        ]  # fmt: skip

    def _repriced(self, found: Resynced) -> Sequence[str]:
        return [
            self.t(
                "periods.line_repriced", bill=f"B-{bill.bill_id}", name=one_line(bill.name),
                title=one_line(bill.title),
                before=cards.money(found.workspace, bill.from_minor, self.locale),
                after=cards.money(found.workspace, bill.to_minor or 0, self.locale),
            )
            for bill in found.repriced
        ]  # fmt: skip


class _Retract(_Resync):
    def __init__(self, locale: str, period: Period) -> None:
        super().__init__(locale, period, tell=False)

    def preview(self, found: Any) -> list[str]:
        return [
            self.t("periods.retract_question", period=self.period), *self._sums(found),
            self.t("periods.retract_posted"), "", *long_list.shown(self.lines(found), self.locale),
        ]  # fmt: skip

    def label(self, found: Any) -> str:
        return self.t("periods.retract_button", period=self.period, count=len(found.voided))

    def done(self, found: Any) -> list[str]:
        return [self.t("periods.retracted", period=self.period), *self._sums(found)]

    def needless(self, found: Any) -> list[str] | None:
        return None if found.was_open else [self.t("periods.retract_nothing", period=self.period)]

    def lines(self, found: Any) -> list[str]:
        return list(self._voided(found))

    def _sums(self, found: Retracted) -> list[str]:
        minor = sum(bill.from_minor for bill in found.voided)
        amount = cards.money(found.workspace, minor, self.locale)
        lines = [self.t("periods.retract_voided", count=len(found.voided), amount=amount)]
        if found.frozen:
            lines.append(self.t("periods.retract_frozen", count=found.frozen))
        return lines


class _Resend(Words):
    def preview(self, found: Announced) -> list[str]:
        lines = [self.t("periods.resend_question", period=self.period)]
        lines.append(self.t("periods.resend_before", count=found.times))
        return [*lines, self.place(found.workspace.announce_channel_id, "periods.resend_would")]

    def done(self, found: Announced) -> list[str]:
        lines = [self.t("periods.resent", period=self.period)]
        return [*lines, self.place(found.workspace.announce_channel_id, "periods.resend_goes")]

    def needless(self, found: Announced) -> list[str] | None:
        return [self.t("periods.resend_waits", period=self.period)] if found.waits else None


class _Move(Words):
    def __init__(self, locale: str, period: Period, *, announce: bool = False) -> None:
        super().__init__(locale, period)
        self.announce = announce

    def preview_close(self, found: PeriodMoved) -> list[str]:
        lines = [self.t("periods.close_question", period=self.period), *self._unpaid(found)]
        if self.announce:
            lines.append(self.place(found.workspace.announce_channel_id, "periods.close_would_announce"))
        return lines

    def done_close(self, found: PeriodMoved) -> list[str]:
        lines = [self.t("periods.closed", period=self.period), *self._unpaid(found)]
        if self.announce:
            lines.append(self.place(found.workspace.announce_channel_id, "periods.close_announces"))
        return lines

    def needless(self, found: PeriodMoved) -> list[str] | None:
        if found.changed:
            return None
        key = "periods.is_closed_already" if found.status == "closed" else "periods.is_open_already"
        return [self.t(key, period=self.period)]

    def _unpaid(self, found: PeriodMoved) -> list[str]:
        if not found.unpaid_minor:
            return [self.t("periods.close_all_paid")]
        amount = cards.money(found.workspace, found.unpaid_minor, self.locale)
        return [self.t("periods.close_unpaid", amount=amount)]
