"""`/club alert`: where else a new payment is told, by Bark or webhook. A saved secret is never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, scene_for, tell
from cogs.guards import Scene, scene_here
from cogs.translator import command, options
from cogs.ui import cards, replies
from cogs.ui.modals import BaseModal
from cogs.ui.notice_cards import alert_reason
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import BaseView, button, row
from core import alerts, errors
from core.access import Role
from core.alerts import ShownTarget
from core.i18n import t
from core.text import name_key

_KINDS = {"bark": "alerts.kind_bark", "webhook": "alerts.kind_webhook"}


async def targets(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The club's targets by name; nothing for those who may not see them."""
    try:
        scene = await scene_here(interaction)
        found = await scene.services.db.read(alerts.everyone, scene.actor)
    except errors.DomainError:
        return []
    return [
        app_commands.Choice(name=f"{target.name} · {target.host}"[:100], value=f"target:{target.id}")
        for target in found
        if name_key(current) in name_key(target.name)
    ]


class AlertGroup(ClubGroup):
    """Targets of alerts: add, list, try, remove."""

    @app_commands.command(**command("club alert add-bark"))
    async def add_bark(self, interaction: Interaction) -> None:
        """A phone, through Bark; what is secret is asked for in a form."""
        await scene_for(interaction, Role.TREASURER)
        await BarkForm(interaction).show(interaction)

    @app_commands.command(**command("club alert add-webhook"))
    async def add_webhook(self, interaction: Interaction) -> None:
        """An address: Discord, Slack, Google Chat, or anything that takes JSON."""
        await scene_for(interaction, Role.TREASURER)
        await WebhookForm(interaction).show(interaction)

    @app_commands.command(**command("club alert list"))
    async def list(self, interaction: Interaction) -> None:
        """Every target with the host that it goes to."""
        scene = await scene_for(interaction, Role.AUDITOR)
        locale = locale_of(interaction)
        found = await scene.services.db.read(alerts.everyone, scene.actor)
        lines = [
            t(
                locale, "alerts.line", name=one_line(target.name), kind=t(locale, _KINDS[target.kind]),
                host=one_line(target.host),
            )
            for target in found
        ]  # fmt: skip
        heading = t(locale, "alerts.heading", count=len(found))
        pages = cards.paged(heading, lines or [t(locale, "alerts.none")])
        await replies.answer_all(interaction, pages)

    @app_commands.command(**command("club alert test"))
    @options("club alert test", "target")
    @app_commands.autocomplete(target=targets)
    async def test(self, interaction: Interaction, target: str) -> None:
        """Send a made-up alert now, and say how that went."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        await _test(interaction, scene, await _target(interaction, target))

    @app_commands.command(**command("club alert remove"))
    @options("club alert remove", "target")
    @app_commands.autocomplete(target=targets)
    async def remove(self, interaction: Interaction, target: str) -> None:
        """Tell it no more; its secret is forgotten."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        found = await _target(interaction, target)
        removed = await scene.services.db.write(alerts.remove, scene.actor, found.id)
        await tell(interaction, t(locale_of(interaction), "alerts.removed", name=one_line(removed.name)))


class TargetForm(BaseModal):
    """A new target. Its fields are kept by name, to be shown again when one is refused."""

    def __init__(self, interaction: Interaction, title: str, values: Mapping[str, str]) -> None:
        super().__init__(interaction, t(locale_of(interaction), title))
        self.inputs: dict[str, discord.ui.TextInput[Any]] = {}
        self.values = values

    def ask(
        self, name: str, label: str, limit: int, *, hint: str | None = None, required: bool = True
    ) -> None:
        """Add a text field."""
        entry: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=self.values.get(name) or None, max_length=limit, required=required
        )
        self.inputs[name] = entry
        self.add_field(t(self.locale, label), entry, t(self.locale, hint) if hint else None)

    def typed(self) -> dict[str, str]:
        """What was filled in, by name."""
        return {name: entry.value for name, entry in self.inputs.items()}

    async def submit(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        scene = await scene_for(interaction, Role.TREASURER)
        added = await self.save(scene)
        await replies.answer(interaction, AddedView(self.locale, scene, added))

    async def save(self, scene: Scene) -> ShownTarget:
        """Write it."""
        raise NotImplementedError


class AddedView(BaseView):
    """A target that was just added, and a button that tries it."""

    def __init__(self, locale: str, scene: Scene, added: ShownTarget) -> None:
        super().__init__()
        self.scene, self.added = scene, added
        said = t(locale, "alerts.added", name=one_line(added.name), host=one_line(added.host))
        self.add_item(
            discord.ui.Container(
                discord.ui.TextDisplay(said),
                row(button(t(locale, "alerts.button_test"), self.test)),
                accent_colour=replies.GREEN,
            )
        )

    async def test(self, interaction: Interaction) -> None:
        """Send a made-up alert now, and say how that went."""
        await replies.think(interaction)
        await _test(interaction, self.scene, self.added)


class BarkForm(TargetForm):
    """A phone with Bark."""

    name = "bark"

    def __init__(self, interaction: Interaction, values: Mapping[str, str] | None = None) -> None:
        super().__init__(interaction, "alerts.form_bark", values or {})
        self.ask("name", "alerts.field_name", 80)
        self.ask("key", "alerts.field_key", 200, hint="alerts.hint_key")
        self.ask("server", "alerts.field_server", 500, hint="alerts.hint_server", required=False)

    async def save(self, scene: Scene) -> ShownTarget:
        typed = self.typed()
        return await scene.services.db.write(
            alerts.add_bark, scene.actor, typed["name"], typed["key"], typed["server"]
        )

    async def again(self, interaction: Interaction) -> None:
        await BarkForm(interaction, self.typed()).show(interaction)


class WebhookForm(TargetForm):
    """A web address that takes posts."""

    name = "webhook"

    def __init__(self, interaction: Interaction, values: Mapping[str, str] | None = None) -> None:
        super().__init__(interaction, "alerts.form_webhook", values or {})
        self.ask("name", "alerts.field_name", 80)
        self.ask("address", "alerts.field_address", 500, hint="alerts.hint_address")

    async def save(self, scene: Scene) -> ShownTarget:
        typed = self.typed()
        return await scene.services.db.write(alerts.add_webhook, scene.actor, typed["name"], typed["address"])

    async def again(self, interaction: Interaction) -> None:
        await WebhookForm(interaction, self.typed()).show(interaction)


async def _test(interaction: Interaction, scene: Scene, target: ShownTarget) -> None:
    outcome = await scene.services.test_alert(scene.actor, target.id)
    locale, name = locale_of(interaction), one_line(target.name)
    if outcome.sent:
        await tell(interaction, t(locale, "alerts.tested", name=name))
        return
    reason = alert_reason(outcome.reason, locale)
    await tell(interaction, t(locale, "alerts.test_failed", name=name, reason=reason), colour=replies.AMBER)


async def _target(interaction: Interaction, typed: str) -> ShownTarget:
    """The target that was chosen, or whose name was typed. Raises AlertTargetUnknown."""
    scene = await scene_here(interaction)
    found = await scene.services.db.read(alerts.everyone, scene.actor)
    for target in found:
        if typed == f"target:{target.id}" or name_key(typed) == name_key(target.name):
            return target
    raise errors.AlertTargetUnknown()
