"""Somebody came by: what is noted, and what had waited for it."""

from __future__ import annotations

import logging

from cogs.guards import Scene
from core import errors, readers, reports_members, sending
from core.models import MemberId

log = logging.getLogger(__name__)


async def note_language(scene: Scene, locale: str) -> None:
    """Private messages to whoever acts are in the language that they use. Never raises."""
    db, account = scene.services.db, scene.actor.discord_id
    try:
        if await db.read(readers.is_news, scene.workspace, account, locale):
            await db.write(readers.remember, scene.actor, locale)
    except errors.DomainError as error:
        log.warning("The language of %s could not be noted: %s", account, error)


async def wake(scene: Scene, member_id: MemberId) -> None:
    """What waited for a member's direct messages to open is tried again. Never raises."""
    try:
        if await scene.services.db.read(reports_members.has_held_notices, member_id):
            await scene.services.db.write(sending.wake_member, member_id)
    except errors.DomainError as error:
        log.warning("Notices for member %s could not be tried again: %s", member_id, error)
