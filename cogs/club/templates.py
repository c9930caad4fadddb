"""`/club template`: the club's own wording of its public notices, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, scene_for, tell
from cogs.guards import Scene
from cogs.translator import command, options
from cogs.ui import cards, limits, replies
from cogs.ui.log_cards import TEMPLATES
from cogs.ui.modals import BaseModal
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.template_samples import sample
from cogs.ui.text import escape_markdown
from core import reports_admin, templates
from core.access import Role
from core.i18n import LOCALES, t
from core.templates import Template
from core.text import name_key

# Languages are called what they call themselves.
LANGUAGES = {"en": "English", "zh-TW": "繁體中文"}
EXCERPT = 90


# Suggestions instead of fixed choices: those would take too much of what one command may say.
async def kinds(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The kinds of notices by name."""
    locale = locale_of(interaction)
    names = {kind: t(locale, key) for kind, key in TEMPLATES.items()}
    return [
        app_commands.Choice(name=name, value=kind)
        for kind, name in names.items()
        if name_key(current) in name_key(name)
    ]


async def languages(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The two languages."""
    return [app_commands.Choice(name=name, value=locale) for locale, name in LANGUAGES.items()]


class TemplateGroup(ClubGroup):
    """Looking at wordings, changing them, and seeing how they come out."""

    @app_commands.command(**command("club template list"))
    async def list(self, interaction: Interaction) -> None:
        """Every kind in both languages, and whether it is the club's own."""
        scene = await scene_for(interaction, Role.AUDITOR)
        locale = locale_of(interaction)
        found = await scene.services.db.read(templates.everyone, scene.actor)
        lines = [_line(template, locale) for template in found]
        pages = cards.paged(
            t(locale, "template_kinds.heading"), lines, closing=t(locale, "template_kinds.how")
        )
        await replies.answer_all(interaction, pages)

    @app_commands.command(**command("club template edit"))
    @options("club template edit", "kind")
    @app_commands.autocomplete(kind=kinds)
    async def edit(self, interaction: Interaction, kind: str) -> None:
        """Both languages in a form, as they are now."""
        scene = await scene_for(interaction, Role.TREASURER)
        found = [
            await scene.services.db.read(templates.get, scene.workspace.id, kind, locale)
            for locale in LOCALES
        ]
        bodies = {template.locale: template.body for template in found}
        await WordingForm(interaction, kind, bodies).show(interaction)

    @app_commands.command(**command("club template preview"))
    @options("club template preview", "kind", "language")
    @app_commands.autocomplete(kind=kinds, language=languages)
    async def preview(self, interaction: Interaction, kind: str, language: str | None = None) -> None:
        """As it will look, seen by nobody else."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        await replies.answer_all(interaction, await _sample_views(interaction, scene, kind, language))

    @app_commands.command(**command("club template test"))
    @options("club template test", "kind", "language")
    @app_commands.autocomplete(kind=kinds, language=languages)
    async def test(self, interaction: Interaction, kind: str, language: str | None = None) -> None:
        """The same as a direct message to whoever asks, to see it as a real message."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        key = "template_kinds.tested"
        try:
            for view in await _sample_views(interaction, scene, kind, language):
                await interaction.user.send(view=view, allowed_mentions=replies.NO_MENTIONS)
                view.stop()
        except discord.Forbidden:
            key = "template_kinds.test_refused"
        colour = replies.GREEN if key == "template_kinds.tested" else replies.AMBER
        await tell(interaction, t(locale_of(interaction), key), colour=colour)

    @app_commands.command(**command("club template reset"))
    @options("club template reset", "kind", "language")
    @app_commands.autocomplete(kind=kinds, language=languages)
    async def reset(self, interaction: Interaction, kind: str, language: str | None = None) -> None:
        """Back to the default wording, in one language or in both."""
        scene = await scene_for(interaction, Role.TREASURER)
        locale = locale_of(interaction)
        await replies.think(interaction)
        wanted = LOCALES if language is None else (language,)
        own = [one for one in wanted if (await _template(scene, kind, one)).is_own]
        for one in own:
            await scene.services.db.write(templates.reset, scene.actor, kind, one)
        key = "template_kinds.was_reset" if own else "template_kinds.is_default"
        await tell(
            interaction,
            t(locale, key, kind=t(locale, TEMPLATES[kind])),
            colour=replies.GREEN if own else replies.GREY,
        )


class WordingForm(BaseModal):
    """One kind of notice in both languages, prefilled."""

    name = "wording"

    def __init__(self, interaction: Interaction, kind: str, bodies: Mapping[str, str]) -> None:
        super().__init__(interaction, t(locale_of(interaction), TEMPLATES[kind]))
        self.kind = kind
        known = " ".join("{" + name + "}" for name in templates.PLACEHOLDERS[kind])
        self.add_text(t(self.locale, "template_kinds.placeholders", names=known))
        self.inputs: dict[str, discord.ui.TextInput[Any]] = {}
        for locale, name in LANGUAGES.items():
            entry: discord.ui.TextInput[Any] = discord.ui.TextInput(
                style=discord.TextStyle.paragraph, default=bodies[locale] or None,
                max_length=templates.BODY_CHARACTERS,
            )  # fmt: skip
            self.inputs[locale] = entry
            self.add_field(name, entry)

    async def submit(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        scene = await scene_for(interaction, Role.TREASURER)
        bodies = {locale: entry.value for locale, entry in self.inputs.items()}
        await scene.services.db.write(templates.save_all, scene.actor, self.kind, bodies)
        key = "template_kinds.saved_panel" if self.kind == "panel" else "template_kinds.saved"
        await tell(interaction, t(self.locale, key, kind=t(self.locale, TEMPLATES[self.kind])))
        await replies.answer_all(interaction, await _sample_views(interaction, scene, self.kind, None))

    async def again(self, interaction: Interaction) -> None:
        bodies = {locale: entry.value for locale, entry in self.inputs.items()}
        await WordingForm(interaction, self.kind, bodies).show(interaction)


async def _sample_views(
    interaction: Interaction, scene: Scene, kind: str, language: str | None
) -> list[discord.ui.LayoutView]:
    """The real cards with made-up people, in that language or the club's."""
    locale = language or scene.workspace.locale
    template = await _template(scene, kind, locale)
    choices = await scene.services.db.read(reports_admin.periods, scene.actor)
    shown = sample(kind, scene.workspace, template.body, locale, choices.collecting, interaction.user.id)
    return [view for view, _ in shown]


async def _template(scene: Scene, kind: str, locale: str) -> Template:
    return await scene.services.db.read(templates.get, scene.workspace.id, kind, locale)


def _line(template: Template, locale: str) -> str:
    """One wording: which, in which language, whose, and how it begins."""
    key = "template_kinds.line_own" if template.is_own else "template_kinds.line_default"
    begin = escape_markdown(limits.shorten(template.body, EXCERPT))
    return t(
        locale, key, kind=t(locale, TEMPLATES[template.kind]), language=LANGUAGES[template.locale],
        begin=begin,
    )  # fmt: skip
