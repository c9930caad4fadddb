"""`/club method`: ways to pay. Without details a form opens, whose instructions can have several lines."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, listing, scene_for, tell
from cogs.guards import Scene, scene_here
from cogs.translator import choice, command, options
from cogs.ui import pickers, replies
from cogs.ui.modals import BaseModal
from cogs.ui.replies import Interaction, locale_of
from cogs.ui.text import escape_markdown, one_line
from core import errors, methods
from core.access import Role
from core.i18n import t
from core.models import Method, MethodId
from core.unset import UNSET

KINDS = {
    "bank": "methods.kind_bank", "mobile": "methods.kind_mobile", "cash": "methods.kind_cash",
    "online": "methods.kind_online",
}  # fmt: skip

DIRECTIONS = {"earlier": "methods.earlier", "later": "methods.later"}


class MethodGroup(ClubGroup):
    """Payment methods."""

    @app_commands.command(**command("club method add"))
    @options("club method add", "name", "kind", "instructions")
    @app_commands.choices(kind=[choice(key, value) for value, key in KINDS.items()])
    async def add(
        self,
        interaction: Interaction,
        name: str | None = None,
        kind: str = "bank",
        instructions: str | None = None,
    ) -> None:
        """Add a way to pay: from the options, or with a form when there are no instructions yet."""
        scene = await scene_for(interaction, Role.TREASURER)
        if name is None or instructions is None:
            await MethodForm(interaction, None, name=name or "", kind=kind).show(interaction)
            return
        await _add(interaction, scene, name, kind, instructions)

    @app_commands.command(**command("club method edit"))
    @options("club method edit", "method", "position")
    @app_commands.autocomplete(method=pickers.payment_methods)
    async def edit(self, interaction: Interaction, method: str, position: int | None = None) -> None:
        """Move a way to pay to another position, or open the form with what it says now."""
        scene = await scene_for(interaction, Role.TREASURER)
        method_id = await pickers.method_of(scene, method)
        if position is not None:
            await _edit(interaction, scene, method_id, sort_order=position)
            return
        found = await _current(scene, method_id)
        form = MethodForm(
            interaction, found.id, name=found.name, kind=found.kind, instructions=found.instructions
        )
        await form.show(interaction)

    @app_commands.command(**command("club method retire"))
    @options("club method retire", "method")
    @app_commands.autocomplete(method=pickers.payment_methods)
    async def retire(self, interaction: Interaction, method: str) -> None:
        """Offer a way to pay no longer."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        method_id = await pickers.method_of(scene, method)
        gone = await scene.services.db.write(methods.retire, scene.actor, method_id)
        locale = locale_of(interaction)
        said = t(locale, "methods.retired", method=one_line(gone.name))
        await tell(interaction, said, t(locale, "methods.retired_back"))

    @app_commands.command(**command("club method restore"))
    @options("club method restore", "method")
    @app_commands.autocomplete(method=pickers.retired_methods)
    async def restore(self, interaction: Interaction, method: str) -> None:
        """Offer a retired way to pay again."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        method_id = await pickers.retired_method_of(scene, method)
        back = await scene.services.db.write(methods.restore, scene.actor, method_id)
        locale = locale_of(interaction)
        said = t(locale, "methods.restored", method=one_line(back.name))
        await tell(interaction, said, method_text(back, locale))

    @app_commands.command(**command("club method order"))
    @options("club method order", "method", "direction")
    @app_commands.choices(direction=[choice(key, value) for value, key in DIRECTIONS.items()])
    @app_commands.autocomplete(method=pickers.payment_methods)
    async def order(self, interaction: Interaction, method: str, direction: str) -> None:
        """Show a way to pay one place earlier or later."""
        scene = await scene_for(interaction, Role.TREASURER)
        await replies.think(interaction)
        method_id = await pickers.method_of(scene, method)
        found = await scene.services.db.write(methods.move, scene.actor, method_id, up=direction == "earlier")
        locale = locale_of(interaction)
        lines = [
            t(locale, "methods.order_line", place=str(place), method=one_line(one.name))
            for place, one in enumerate(found, 1)
        ]
        await replies.answer_all(
            interaction, listing(t(locale, "methods.order"), lines, colour=replies.GREEN)
        )

    @app_commands.command(**command("club method list"))
    async def list(self, interaction: Interaction) -> None:
        """Every way to pay with its instructions, as members see them."""
        scene = await scene_for(interaction, Role.AUDITOR)
        await replies.think(interaction)
        found = await scene.services.db.read(methods.everyone, scene.actor)
        locale = locale_of(interaction)
        if not found:
            await tell(interaction, t(locale, "methods.none_yet"), colour=replies.GREY)
            return
        lines = [method_text(method, locale) for method in found]
        heading = t(locale, "methods.heading", count=len(found))
        await replies.answer_all(interaction, listing(heading, lines))


class MethodForm(BaseModal):
    """Name, kind and instructions of a way to pay; `method_id` None adds one."""

    name = "method"

    def __init__(
        self,
        interaction: Interaction,
        method_id: MethodId | None,
        *,
        name: str,
        kind: str,
        instructions: str = "",
    ) -> None:
        title = "methods.form_add" if method_id is None else "methods.form_edit"
        super().__init__(interaction, t(locale_of(interaction), title))
        self.method_id = method_id
        self.name_field: discord.ui.TextInput[Any] = discord.ui.TextInput(default=name or None, max_length=80)
        self.kind_field: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(label=t(self.locale, key), value=value, default=value == kind)
                for value, key in KINDS.items()
            ]
        )
        self.instructions_field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=instructions or None, max_length=1000, required=False,
            placeholder=t(self.locale, "methods.form_placeholder"),
        )  # fmt: skip
        self.add_field(t(self.locale, "methods.form_name"), self.name_field)
        self.add_field(t(self.locale, "methods.form_kind"), self.kind_field)
        self.add_field(t(self.locale, "methods.form_instructions"), self.instructions_field)

    async def submit(self, interaction: Interaction) -> None:
        scene = await scene_here(interaction)
        name, kind, text = self.name_field.value, self.kind_field.values[0], self.instructions_field.value
        if self.method_id is None:
            await _add(interaction, scene, name, kind, text)
        else:
            await _edit(interaction, scene, self.method_id, name=name, kind=kind, instructions=text)

    async def again(self, interaction: Interaction) -> None:
        form = MethodForm(
            interaction, self.method_id, name=self.name_field.value, kind=self.kind_field.values[0],
            instructions=self.instructions_field.value,
        )  # fmt: skip
        await form.show(interaction)


async def _current(scene: Scene, method_id: MethodId) -> Method:
    """A way to pay in use as it is now; raises MethodUnknown."""
    for method in await scene.services.db.read(methods.everyone, scene.actor):
        if method.id == method_id:
            return method
    raise errors.MethodUnknown()


async def _add(interaction: Interaction, scene: Scene, name: str, kind: str, instructions: str) -> None:
    await replies.think(interaction)
    added = await scene.services.db.write(methods.add, scene.actor, name, kind, instructions)
    locale = locale_of(interaction)
    await tell(interaction, t(locale, "methods.added"), method_text(added, locale))


async def _edit(interaction: Interaction, scene: Scene, method_id: MethodId, **changes: Any) -> None:
    await replies.think(interaction)
    fields = {name: changes.get(name, UNSET) for name in ("name", "kind", "instructions", "sort_order")}
    changed = await scene.services.db.write(methods.edit, scene.actor, method_id, **fields)
    locale = locale_of(interaction)
    await tell(interaction, t(locale, "methods.changed"), method_text(changed, locale))


def method_text(method: Method, locale: str) -> str:
    """One way to pay with what its payers read."""
    kind = t(locale, KINDS[method.kind])
    first = t(locale, "methods.line", method=one_line(method.name), kind=kind)
    instructions = escape_markdown(method.instructions) or t(locale, "methods.no_instructions")
    return "\n".join((first, *(f"> {line}" for line in instructions.splitlines())))
