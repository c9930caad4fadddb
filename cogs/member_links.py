"""Members' ways to the web pages: a one-time upload link, and their own statement as a page.

Both are offered only where members can reach the pages (`web.public_url`), and answered privately.
"""

from __future__ import annotations

from typing import Any

import discord

from cogs.guards import Scene, scene_of, workspace_itself
from cogs.ui import cards, link_cards, replies
from cogs.ui.actions import ActionButton
from cogs.ui.notice_cards import workspace_buttons
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.views import button
from core import errors, linking, statement_links, tokens, upload_links
from core.i18n import t


def are_offered(interaction: Interaction) -> bool:
    """Whether members can reach the web pages of this bot."""
    return interaction.client.settings.web.members_address is not None


def upload_button(scene: Scene, locale: str) -> discord.ui.Button[Any]:
    """For a short-lived view: answers with an upload link."""

    async def run(interaction: Interaction) -> None:
        await give_upload_link(interaction, scene)

    return button(t(locale, "member_links.button_upload"), run)


def statement_button(scene: Scene, locale: str) -> discord.ui.Button[Any]:
    """For a short-lived view: answers with a link to one's own statement."""

    async def run(interaction: Interaction) -> None:
        await give_statement_link(interaction, scene)

    return button(t(locale, "member_links.button_statement"), run)


async def give_upload_link(interaction: Interaction, scene: Scene) -> None:
    """Answer privately with a link by which the asker can send a payment once, in the browser."""
    await replies.think(interaction)
    address, locale = interaction.client.settings.web.members_address, locale_of(interaction)
    if address is None:
        buttons = workspace_buttons(scene.workspace, locale, "pay")
        await replies.answer(interaction, cards.card(t(locale, "member_links.off"), buttons=buttons))
        return
    try:
        secret = await scene.services.db.write(upload_links.mint_own, scene.actor)
    except errors.NotLinked as error:
        await explain_not_linked(interaction, scene, error)
        return
    minutes = int(tokens.LIFETIMES["upload"].total_seconds() // 60)
    text = t(locale, "member_links.upload", minutes=minutes)
    row = cards.link_row(t(locale, "member_links.open_upload"), f"{address}/u/{secret}")
    await replies.answer(interaction, cards.card(text, rows=[row]))


async def give_statement_link(interaction: Interaction, scene: Scene) -> None:
    """Answer privately with a link that shows the asker's own statement; older ones of theirs end."""
    await replies.think(interaction)
    address, locale = interaction.client.settings.web.members_address, locale_of(interaction)
    assert address is not None, "the button is only there while members can reach the pages"
    secret = await scene.services.db.write(statement_links.mint, scene.actor)
    minutes = int(tokens.LIFETIMES["statement"].total_seconds() // 60)
    text = t(locale, "member_links.statement", minutes=minutes)
    row = cards.link_row(t(locale, "member_links.open_statement"), f"{address}/statement/{secret}")
    await replies.answer(interaction, cards.card(text, rows=[row]))


async def explain_not_linked(interaction: Interaction, scene: Scene, error: errors.NotLinked) -> None:
    """Say that the account has no name on the roster yet, with the button that changes it."""
    locale = locale_of(interaction)
    asked = await scene.services.db.read(linking.asked_for, scene.actor)
    if asked is not None:
        await replies.answer(interaction, link_cards.asked_before(scene.workspace, asked.name, locale))
        return
    buttons = workspace_buttons(scene.workspace, locale, "link")
    text = replies.domain_text(locale, error)
    await replies.answer(interaction, cards.card(text, colour=cards.AMBER, buttons=buttons))


class UploadButton(ActionButton, action="workspace:upload", label="member_links.button_upload"):
    """Answers with an upload link; where a message stays, such as below what was withdrawn."""

    async def run(self, interaction: Interaction) -> None:
        await give_upload_link(interaction, await scene_of(interaction, workspace_itself, self.subject_id))
