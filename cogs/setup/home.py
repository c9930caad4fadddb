"""The page of `/setup` that everything starts from: how far the club has come, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import discord

from cogs.guards import Scene, scene_here
from cogs.setup import panel_post, permissions
from cogs.setup.defaults import Draft
from cogs.setup.forms import (
    LANGUAGES,
    REMINDERS,
    BasicsForm,
    BillingForm,
    RemindersForm,
    basics_of,
    billing_of,
    reminders_of,
)  # fmt: skip
from cogs.setup.saving import save
from cogs.ui import replies
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import BaseView, button, row
from core import plans, reports_admin
from core.i18n import format_list, t
from core.reports_admin import Progress


async def view(interaction: Interaction, scene: Scene, *, created: bool = False, note: str = "") -> HomeView:
    """The page as it is now; `note` says what was just done."""
    progress = await scene.services.db.read(reports_admin.progress, scene.actor)
    lacks = await lacking(interaction, scene)
    return HomeView(interaction, progress, lacks, created=created, note=note)


async def show_again(interaction: Interaction, note: str = "") -> HomeView:
    """The same, read anew after a change."""
    return await view(interaction, await scene_here(interaction), note=note)


async def lacking(interaction: Interaction, scene: Scene) -> list[permissions.Lack]:
    """Which permissions the bot lacks in the chosen channels."""
    assert interaction.guild is not None
    in_use = await scene.services.db.read(plans.everyone, scene.actor)
    roles = [plan.plan.role_id for plan in in_use if plan.plan.role_id is not None]
    return permissions.lacking(interaction.guild, scene.workspace, roles)


def bot_name(interaction: Interaction) -> str:
    """What the bot is called in this server."""
    me = interaction.guild.me if interaction.guild else None
    return one_line(
        me.display_name if me else interaction.client.user.name if interaction.client.user else ""
    )


class HomeView(BaseView):
    """Checklist, settings, and a button for each page."""

    def __init__(
        self,
        interaction: Interaction,
        progress: Progress,
        lacks: Sequence[permissions.Lack],
        *,
        created: bool,
        note: str,
    ) -> None:
        super().__init__()
        self.locale = locale_of(interaction)
        self.progress, self.workspace = progress, progress.workspace
        locale, workspace = self.locale, self.workspace
        title = t(locale, "setup.created" if created else "setup.title", club=one_line(workspace.name))
        warnings = permissions.words(lacks, bot_name(interaction), locale)
        texts = [
            title,
            note,
            "\n".join(self._settings()),
            "\n".join(self._checklist(lacks)),
            "\n".join(warnings),
        ]
        texts.append(self._next(lacks))
        posted = progress.panel is not None
        self.add_item(
            discord.ui.Container(
                *(discord.ui.TextDisplay(text) for text in texts if text),
                row(
                    button(t(locale, "setup.button_channels"), self.channels, style=self._style("channels")),
                    button(t(locale, "setup.button_basics"), self.basics),
                    button(t(locale, "setup.button_billing"), self.billing),
                    button(t(locale, "setup.button_reminders"), self.reminders),
                    button(t(locale, "setup.button_rules"), self.rules),
                ),
                row(
                    button(
                        t(locale, "setup.button_panel_again" if posted else "setup.button_panel"), self.panel,
                        style=self._style("panel"), disabled=workspace.announce_channel_id is None,
                    ),
                ),
                accent_colour=replies.GREEN if self._complete(lacks) else replies.BLUE,
            )
        )  # fmt: skip

    # --- what it says -----------------------------------------------------------------------------------

    def _settings(self) -> Iterable[str]:
        workspace, locale = self.workspace, self.locale
        due = workspace.due_days
        yield t(
            locale, "setup.summary", currency=workspace.currency, timezone=workspace.timezone,
            language=LANGUAGES[workspace.locale], day=workspace.billing_day,
            due=t(locale, "setup.due_later", count=due) if due else t(locale, "setup.due_same_day"),
        )  # fmt: skip
        opening = "setup.summary_auto" if workspace.auto_open else "setup.summary_by_hand"
        yield t(locale, "setup.summary_opening", opening=t(locale, opening), reminders=self._reminders())

    def _reminders(self) -> str:
        workspace, locale = self.workspace, self.locale
        days = [str(day) for day in json.loads(workspace.reminder_days)]
        if workspace.reminder_mode == "off" or not days:
            return t(locale, "setup.reminder_off")
        mode = t(locale, REMINDERS[workspace.reminder_mode])
        text = t(locale, "setup.summary_reminders", mode=mode, days=format_list(days, locale))
        if workspace.quiet_from is None or workspace.quiet_to is None:
            return text
        quiet = t(locale, "setup.summary_quiet", start=workspace.quiet_from, end=workspace.quiet_to)
        return f"{text} · {quiet}"

    def _checklist(self, lacks: Sequence[permissions.Lack]) -> Iterable[str]:
        progress, locale = self.progress, self.locale
        yield self._item(
            self._channels_chosen(),
            "setup.check_channels",
            "setup.check_channels_todo",
            channels=self._channels(),
        )
        yield self._item(not lacks, "setup.check_permissions", "setup.check_permissions_todo")
        yield self._item(progress.panel is not None, "setup.check_panel", "setup.check_panel_todo")
        yield self._item(
            progress.methods > 0, "setup.check_methods", "setup.check_methods_todo", count=progress.methods
        )
        yield self._item(
            progress.plans > 0, "setup.check_plans", "setup.check_plans_todo", count=progress.plans
        )
        yield self._item(
            progress.members > 0,
            "setup.check_members",
            "setup.check_members_todo",
            count=progress.members,
            linked=progress.linked,
        )
        yield self._item(
            progress.seats > 0, "setup.check_seats", "setup.check_seats_todo", count=progress.seats
        )
        yield self._item(
            progress.treasurers > 0,
            "setup.check_treasurer",
            "setup.check_treasurer_todo",
            count=progress.treasurers,
        )
        if progress.openings == 0:
            yield t(locale, "setup.check_open")

    def _item(self, done: bool, fine: str, to_do: str, **params: str | int) -> str:
        """One line: what is done, or what to do."""
        text = t(self.locale, fine if done else to_do, **params)
        return t(self.locale, "setup.item_done" if done else "setup.item_todo", text=text)

    def _channels(self) -> str:
        ids = [
            self.workspace.announce_channel_id,
            self.workspace.review_channel_id,
            self.workspace.admin_channel_id,
        ]
        return " ".join(dict.fromkeys(f"<#{channel_id}>" for channel_id in ids if channel_id))

    def _channels_chosen(self) -> bool:
        workspace = self.workspace
        return None not in (
            workspace.announce_channel_id,
            workspace.review_channel_id,
            workspace.admin_channel_id,
        )

    def _complete(self, lacks: Sequence[permissions.Lack]) -> bool:
        progress = self.progress
        counts = (progress.methods, progress.plans, progress.members, progress.seats, progress.treasurers)
        return self._channels_chosen() and not lacks and progress.panel is not None and all(counts)

    def _next(self, lacks: Sequence[permissions.Lack]) -> str:
        if not self._complete(lacks):
            return t(self.locale, "setup.next_checklist")
        if self.workspace.auto_open:
            return t(self.locale, "setup.next_auto", day=self.workspace.billing_day)
        return t(self.locale, "setup.next_by_hand")

    def _style(self, page: str) -> discord.ButtonStyle:
        """The next step stands out."""
        missing = (
            "channels" if not self._channels_chosen() else "panel" if self.progress.panel is None else ""
        )
        return discord.ButtonStyle.primary if page == missing else discord.ButtonStyle.secondary

    # --- where it leads ---------------------------------------------------------------------------------

    async def channels(self, interaction: Interaction) -> None:
        from cogs.setup.pages import ChannelsView  # the pages lead back here

        await self.replace(interaction, await ChannelsView.make(interaction))

    async def rules(self, interaction: Interaction) -> None:
        from cogs.setup.pages import RulesView  # the pages lead back here

        await self.replace(interaction, await RulesView.make(interaction))

    async def basics(self, interaction: Interaction) -> None:
        await BasicsForm(interaction, basics_of(self.workspace), self._save_basics).show(interaction)

    async def billing(self, interaction: Interaction) -> None:
        await BillingForm(interaction, billing_of(self.workspace), self._saved).show(interaction)

    async def reminders(self, interaction: Interaction) -> None:
        await RemindersForm(interaction, reminders_of(self.workspace), self._saved).show(interaction)

    async def panel(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        note = await panel_post.post(interaction, await scene_here(interaction))
        await self.replace(interaction, await show_again(interaction, note))

    async def _save_basics(self, interaction: Interaction, draft: Draft) -> None:
        await replies.hold(interaction)
        scene = await scene_here(interaction)
        changes = {
            "name": draft.name, "currency": draft.currency, "timezone": draft.timezone,
            "locale": draft.locale, "billing_day": draft.billing_day,
        }  # fmt: skip
        await save(scene, changes)
        await self._saved(interaction)

    async def _saved(self, interaction: Interaction) -> None:
        await self.replace(interaction, await show_again(interaction, t(self.locale, "setup.saved")))
