"""`/club alert`: where else a new payment is told, by Bark or webhook. What was saved is never shown again."""

from __future__ import annotations

from discord import app_commands

from cogs.club.base import ClubGroup, scene_for, tell
from cogs.guards import scene_here
from cogs.translator import command, options
from cogs.ui import cards, replies
from cogs.ui.notice_cards import alert_reason
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
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
    @options("club alert add-bark", "name", "key", "server")
    async def add_bark(self, interaction: Interaction, name: str, key: str, server: str | None = None) -> None:
        """A phone, through Bark."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        added = await scene.services.db.write(alerts.add_bark, scene.actor, name, key, server or "")
        await _tell_added(interaction, added)

    @app_commands.command(**command("club alert add-webhook"))
    @options("club alert add-webhook", "name", "address")
    async def add_webhook(self, interaction: Interaction, name: str, address: str) -> None:
        """An address: Discord, Slack, Google Chat, or anything that takes JSON."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        added = await scene.services.db.write(alerts.add_webhook, scene.actor, name, address)
        await _tell_added(interaction, added)

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
        found = await _target(interaction, target)
        outcome = await scene.services.test_alert(scene.actor, found.id)
        locale, name = locale_of(interaction), one_line(found.name)
        if outcome.sent:
            await tell(interaction, t(locale, "alerts.tested", name=name))
            return
        reason = alert_reason(outcome.reason, locale)
        await tell(
            interaction, t(locale, "alerts.test_failed", name=name, reason=reason), colour=replies.AMBER
        )

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


async def _target(interaction: Interaction, typed: str) -> ShownTarget:
    """The target that was chosen, or whose name was typed. Raises AlertTargetUnknown."""
    scene = await scene_here(interaction)
    found = await scene.services.db.read(alerts.everyone, scene.actor)
    for target in found:
        if typed == f"target:{target.id}" or name_key(typed) == name_key(target.name):
            return target
    raise errors.AlertTargetUnknown()


async def _tell_added(interaction: Interaction, added: ShownTarget) -> None:
    text = t(
        locale_of(interaction), "alerts.added", name=one_line(added.name), host=one_line(added.host)
    )
    await tell(interaction, text)
