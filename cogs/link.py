"""Members: `/link` and the Link buttons. Reviewers: the buttons of link cards.

Up to 25 free names are one select; more are searched by two characters or more. E-mails are never shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import visits
from cogs.guards import Scene, scene_here, scene_of, workspace_itself
from cogs.translator import command, options
from cogs.ui import cards, limits, link_cards, replies
from cogs.ui.actions import ActionButton
from cogs.ui.modals import BaseModal
from cogs.ui.notice_cards import workspace_buttons
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import BaseView, button, chosen_id, row, select
from core import errors, linking, reports, reports_members
from core.i18n import t
from core.linking import Candidate, LinkChanged, LinkOutcome
from core.models import LinkRequestId, MemberId


async def open_link(interaction: Interaction, scene: Scene) -> None:
    """Offer the free names, or the form that searches them, as first response."""
    locale = locale_of(interaction)
    own = await scene.services.db.read(reports_members.own_member, scene.actor)
    if own is not None:
        text = t(locale, "link.already", name=one_line(own.name))
        buttons = workspace_buttons(scene.workspace, locale, "bills")
        await replies.answer(interaction, cards.card(text, buttons=buttons))
        return
    asked = await scene.services.db.read(linking.asked_for, scene.actor)
    if asked is not None:
        await replies.answer(interaction, link_cards.asked_before(scene.workspace, asked.name, locale))
        return
    found = await scene.services.db.read(linking.all_candidates, scene.workspace.id)
    if found is None:
        await SearchModal(interaction, scene).show(interaction)
        return
    text = t(locale, "link.choose" if found else "link.none_left")
    await replies.answer(interaction, NamesView(scene, locale, found, text))


async def search(interaction: Interaction, scene: Scene, query: str, *, taken: bool = False) -> None:
    """Offer the names that fit; raises SearchTooShort."""
    locale = locale_of(interaction)
    found = await scene.services.db.read(
        linking.candidates, scene.workspace.id, query, limits.OPTIONS + 1, taken=taken
    )
    shown = one_line(errors.shown(query))
    if not found:
        text = t(locale, "link.taken_none" if taken else "link.none_found", query=shown)
    elif taken:
        text = t(locale, "link.taken_choose")
    else:
        text = t(locale, "link.choose_from", query=shown)
    if len(found) > limits.OPTIONS:
        text += "\n" + t(locale, "link.too_many", count=limits.OPTIONS, query=shown)
    view = NamesView(scene, locale, found[: limits.OPTIONS], text, searched=True, taken=taken)
    await replies.answer(interaction, view)


async def ask_for(interaction: Interaction, scene: Scene, member_id: MemberId) -> None:
    """Ask for a name, and say what came of it; a taken name can be disputed right there."""
    await replies.think(interaction)
    locale = locale_of(interaction)
    try:
        outcome = await scene.services.db.write(linking.request_link, scene.actor, member_id)
    except errors.NameTaken as error:
        buttons: list[ActionButton] = [DisputeButton(member_id, locale)]
        card = cards.card(replies.domain_text(locale, error), colour=cards.RED, buttons=buttons)
    except errors.LinkWaiting as error:
        card = link_cards.asked_before(scene.workspace, str(error.params["name"]), locale)
    else:
        card = _outcome(scene, outcome, locale)
    await _finish(interaction, card)
    await visits.note_language(scene, locale)


async def dispute(interaction: Interaction, scene: Scene, member_id: MemberId) -> None:
    """Somebody took my name: tell the reviewers."""
    await replies.think(interaction)
    locale = locale_of(interaction)
    outcome = await scene.services.db.write(linking.dispute, scene.actor, member_id)
    text = t(locale, "link.disputed", name=one_line(outcome.member.name))
    await _finish(interaction, cards.card(text, colour=cards.AMBER))
    await visits.note_language(scene, locale)


async def _finish(interaction: Interaction, card: discord.ui.LayoutView) -> None:
    """Answer a command or button, or replace the names that were chosen from."""
    if interaction.response.type is discord.InteractionResponseType.deferred_message_update:
        await replies.update(interaction, card)
    else:
        await replies.answer(interaction, card)


def _outcome(scene: Scene, outcome: LinkOutcome, locale: str) -> discord.ui.LayoutView:
    name = one_line(outcome.member.name)
    if outcome.status == "linked":
        buttons = workspace_buttons(scene.workspace, locale, "bills", "pay")
        return cards.card(t(locale, "link.linked", name=name), colour=cards.GREEN, buttons=buttons)
    back: list[ActionButton] = [TakeBackButton(scene.workspace.id, locale)]
    return cards.card(t(locale, "link.waiting", name=name), colour=cards.AMBER, buttons=back)


class NamesView(BaseView):
    """Names to choose from, to ask for one or to dispute one."""

    def __init__(
        self, scene: Scene, locale: str, found: Sequence[Candidate], text: str, *, searched: bool = False,
        taken: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.scene, self.taken = scene, taken
        frame: discord.ui.Container[Any] = discord.ui.Container(accent_colour=cards.BLUE)
        frame.add_item(discord.ui.TextDisplay(text))
        if found:
            names = [_option(candidate, locale) for candidate in found]
            frame.add_item(row(select(names, self._chosen, placeholder=t(locale, "link.choose_hint"))))
        buttons = [button(t(locale, "link.search"), self._search)] if searched else []
        if not taken:
            buttons.append(button(t(locale, "link.button_taken"), self._search_taken))
        frame.add_item(row(*buttons))
        self.add_item(frame)

    async def _chosen(self, interaction: Interaction, values: list[str]) -> None:
        await replies.hold(interaction)
        act = dispute if self.taken else ask_for
        await act(interaction, self.scene, MemberId(chosen_id(values[0])))
        self.stop()

    async def _search(self, interaction: Interaction) -> None:
        await SearchModal(interaction, self.scene, taken=self.taken).show(interaction)

    async def _search_taken(self, interaction: Interaction) -> None:
        await SearchModal(interaction, self.scene, taken=True).show(interaction)


def _option(candidate: Candidate, locale: str) -> discord.SelectOption:
    label = t(locale, "link.candidate", name=limits.shorten(candidate.name, 75), member=candidate.label)
    return discord.SelectOption(label=label, value=str(candidate.member_id))


class SearchModal(BaseModal):
    """Part of a name, two characters at least."""

    name = "search"

    def __init__(
        self, interaction: Interaction, scene: Scene, *, taken: bool = False, typed: str = ""
    ) -> None:
        title = "link.taken_title" if taken else "link.search_title"
        super().__init__(interaction, t(locale_of(interaction), title))
        self.scene, self.taken = scene, taken
        self.query: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="query", min_length=linking.SEARCH_CHARACTERS, max_length=100, default=typed or None
        )
        self.add_field(t(self.locale, "link.search_label"), self.query, t(self.locale, "link.search_hint"))

    async def submit(self, interaction: Interaction) -> None:
        await search(interaction, self.scene, self.query.value, taken=self.taken)

    async def again(self, interaction: Interaction) -> None:
        form = SearchModal(interaction, self.scene, taken=self.taken, typed=self.query.value)
        await form.show(interaction)


# --- durable buttons --------------------------------------------------------------------------------


class LinkButton(ActionButton, action="workspace:link", label="common.button_link"):
    """Link my name; on the panel and wherever a linked account is needed."""

    async def run(self, interaction: Interaction) -> None:
        await open_link(interaction, await scene_of(interaction, workspace_itself, self.subject_id))


class TakeBackButton(ActionButton, action="workspace:unask", label="link.button_take_back"):
    """Whoever asked for a name changed their mind."""

    async def run(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        scene = await scene_of(interaction, workspace_itself, self.subject_id)
        locale = locale_of(interaction)
        ended = await scene.services.db.write(linking.take_back, scene.actor)
        text = t(locale, "link.taken_back" if ended else "link.taken_back_none")
        buttons = workspace_buttons(scene.workspace, locale, "link")
        await replies.update(interaction, cards.card(text, colour=cards.GREY, buttons=buttons))


class DisputeButton(ActionButton, action="member:dispute", label="link.button_taken"):
    """Somebody took my name, for the name that was just refused."""

    async def run(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        scene = await scene_of(interaction, reports_members.workspace_of_member, self.subject_id)
        await dispute(interaction, scene, MemberId(self.subject_id))


async def _decide(interaction: Interaction, request_id: int, decision: Any, **options: Any) -> None:
    """Run a reviewer's decision and bring the card up to date."""
    await replies.hold(interaction)
    scene = await scene_of(interaction, reports.workspace_of_link_request, request_id)
    changed: LinkChanged = await scene.services.db.write(
        decision, scene.actor, LinkRequestId(request_id), **options
    )
    read = scene.services.db.read
    view = await read(reports_members.link_view, scene.workspace, request_id)
    if replies.is_on(interaction, await read(reports_members.link_card_of, LinkRequestId(request_id))):
        await replies.update_posted(interaction, link_cards.link_card(view, scene.workspace.locale))
    else:
        await replies.update(interaction, link_cards.link_card(view, locale_of(interaction)))
    if changed.withdrawn:
        text = t(locale_of(interaction), "link.withdrawn", count=len(changed.withdrawn))
        await replies.answer(interaction, replies.say(text, colour=cards.AMBER))


class ApproveButton(
    ActionButton, action="link:approve", label="link.button_approve", style=discord.ButtonStyle.success
):
    """It is them."""

    async def run(self, interaction: Interaction) -> None:
        await _decide(interaction, self.subject_id, linking.approve)


class DeclineButton(
    ActionButton, action="link:decline", label="link.button_decline", style=discord.ButtonStyle.danger
):
    """It is not them."""

    async def run(self, interaction: Interaction) -> None:
        await _decide(interaction, self.subject_id, linking.decline)


class UndoLinkButton(ActionButton, action="link:undo", label="link.button_undo"):
    """Take a link back, and withdraw what was claimed through it."""

    async def run(self, interaction: Interaction) -> None:
        await _decide(interaction, self.subject_id, linking.undo)


class GiveButton(
    ActionButton, action="dispute:give", label="link.button_give", style=discord.ButtonStyle.danger
):
    """The name belongs to whoever complained."""

    async def run(self, interaction: Interaction) -> None:
        await _decide(interaction, self.subject_id, linking.resolve_dispute, give=True)


class KeepButton(ActionButton, action="dispute:keep", label="link.button_keep"):
    """The name stays with whoever holds it."""

    async def run(self, interaction: Interaction) -> None:
        await _decide(interaction, self.subject_id, linking.resolve_dispute, give=False)


class LinkCog(commands.Cog):
    """`/link`."""

    @app_commands.command(**command("link"))
    @options("link", "name")
    @app_commands.guild_only()
    async def link(
        self, interaction: Interaction, name: app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        """Choose or search one's name; a chosen suggestion is asked for at once."""
        scene = await scene_here(interaction)
        if name is None:
            await open_link(interaction, scene)
            return
        number = re.fullmatch(r"M-([0-9]{1,18})", unicodedata.normalize("NFKC", name).strip(), re.IGNORECASE)
        if number is not None:
            await ask_for(interaction, scene, MemberId(int(number[1])))
        else:
            await search(interaction, scene, name)

    @link.autocomplete("name")
    async def _suggest_names(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Free names that fit; nothing before two characters, unless one list shows them all."""
        try:
            scene = await scene_here(interaction)
            read, workspace_id = scene.services.db.read, scene.workspace.id
            if len(current.strip()) < linking.SEARCH_CHARACTERS:
                found = await read(linking.all_candidates, workspace_id) or []
            else:
                found = await read(linking.candidates, workspace_id, current)
        except errors.DomainError:
            return []
        locale = locale_of(interaction)
        return [app_commands.Choice(name=_option(one, locale).label, value=one.label) for one in found]


async def setup(bot: commands.Bot) -> None:
    """Called when this extension is loaded."""
    await bot.add_cog(LinkCog())
