"""The forms of `/setup`: what is typed rather than chosen."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from cogs.guards import scene_here
from cogs.setup.defaults import Draft
from cogs.setup.saving import save
from cogs.ui import replies
from cogs.ui.modals import BaseModal
from cogs.ui.replies import Interaction, locale_of
from core import workspaces
from core.clock import parse_timezone
from core.i18n import t
from core.models import Workspace
from core.money import parse_currency
from core.numbers import parse_several, parse_whole
from core.text import clean_name

# Languages are called what they call themselves.
LANGUAGES = {"en": "English", "zh-TW": "繁體中文"}
YES_NO = {"1": "setup.yes", "0": "setup.no"}
REMINDERS = {
    "channel": "setup.reminder_channel", "private": "setup.reminder_private",
    "both": "setup.reminder_both", "off": "setup.reminder_off",
}  # fmt: skip
PUBLIC = {"0": "setup.debtors_counted", "1": "setup.debtors_named"}

Drafted = Callable[[Interaction, Draft], Awaitable[None]]
Saved = Callable[[Interaction], Awaitable[None]]


class SettingsForm(BaseModal):
    """A form whose fields are kept by name, so that a refused one can be shown again as it was filled in."""

    def __init__(self, interaction: Interaction, title: str, values: Mapping[str, str]) -> None:
        super().__init__(interaction, t(locale_of(interaction), title))
        self.fields: dict[str, discord.ui.TextInput[Any] | discord.ui.Select[Any]] = {}
        self.values = values

    def ask(
        self, name: str, label: str, *, limit: int = 100, required: bool = True, hint: str | None = None
    ) -> None:
        """Add a text field."""
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=self.values[name] or None, max_length=limit, required=required
        )
        self._add(name, label, field, hint)

    def choose(self, name: str, label: str, choices: Mapping[str, str]) -> None:
        """Add a select of values with their labels."""
        field: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(label=text, value=value, default=value == self.values[name])
                for value, text in choices.items()
            ]
        )
        self._add(name, label, field, None)

    def typed(self) -> dict[str, str]:
        """What was filled in, by name."""
        return {
            name: field.value if isinstance(field, discord.ui.TextInput) else field.values[0]
            for name, field in self.fields.items()
        }

    def _add(self, name: str, label: str, field: Any, hint: str | None) -> None:
        self.fields[name] = field
        self.add_field(t(self.locale, label), field, t(self.locale, hint) if hint else None)


class BasicsForm(SettingsForm):
    """Name, currency, time zone, language and billing day: of a draft, or of the workspace as it is."""

    name = "basics"

    def __init__(self, interaction: Interaction, values: Mapping[str, str], done: Drafted) -> None:
        super().__init__(interaction, "setup.form_basics", values)
        self.done = done
        self.ask("name", "setup.field_name")
        self.ask("currency", "setup.field_currency", limit=10, hint="setup.hint_currency")
        self.ask("timezone", "setup.field_timezone", hint="setup.hint_timezone")
        self.choose("locale", "setup.field_locale", LANGUAGES)
        self.ask("billing_day", "setup.field_billing_day", limit=6, hint="setup.hint_billing_day")

    async def submit(self, interaction: Interaction) -> None:
        typed = self.typed()
        draft = Draft(
            name=clean_name(typed["name"], "name", workspaces.NAME_CHARACTERS),
            currency=parse_currency(typed["currency"]),
            timezone=parse_timezone(typed["timezone"]),
            locale=typed["locale"],
            billing_day=parse_whole(typed["billing_day"], "billing_day", 1, 28),
        )
        await self.done(interaction, draft)

    async def again(self, interaction: Interaction) -> None:
        await BasicsForm(interaction, self.typed(), self.done).show(interaction)


def basics_of(source: Draft | Workspace) -> dict[str, str]:
    """What the form of the basics shows first."""
    return {
        "name": source.name, "currency": source.currency, "timezone": source.timezone,
        "locale": source.locale, "billing_day": str(source.billing_day),
    }  # fmt: skip


class BillingForm(SettingsForm):
    """When a month is due, and whether it opens by itself."""

    name = "billing"

    def __init__(self, interaction: Interaction, values: Mapping[str, str], done: Saved) -> None:
        super().__init__(interaction, "setup.form_billing", values)
        self.done = done
        self.ask("due_days", "setup.field_due_days", limit=6, hint="setup.hint_due_days")
        self.choose(
            "auto_open",
            "setup.field_auto_open",
            {value: t(self.locale, key) for value, key in YES_NO.items()},
        )

    async def submit(self, interaction: Interaction) -> None:
        typed = self.typed()
        scene = await scene_here(interaction)
        changes = {
            "due_days": parse_whole(typed["due_days"], "due_days", 0, 60),
            "auto_open": typed["auto_open"] == "1",
        }
        await replies.hold(interaction)
        await save(scene, changes)
        await self.done(interaction)

    async def again(self, interaction: Interaction) -> None:
        await BillingForm(interaction, self.typed(), self.done).show(interaction)


def billing_of(workspace: Workspace) -> dict[str, str]:
    """What the form about billing shows first."""
    return {"due_days": str(workspace.due_days), "auto_open": str(workspace.auto_open)}


class RemindersForm(SettingsForm):
    """How, when and how openly members are reminded of what is overdue."""

    name = "reminders"

    def __init__(self, interaction: Interaction, values: Mapping[str, str], done: Saved) -> None:
        super().__init__(interaction, "setup.form_reminders", values)
        self.done = done
        for name, label, choices in (
            ("reminder_mode", "setup.field_reminder_mode", REMINDERS),
            ("debtors_public", "setup.field_debtors_public", PUBLIC),
        ):
            self.choose(name, label, {value: t(self.locale, key) for value, key in choices.items()})
        for name, label, hint in (
            ("reminder_days", "setup.field_reminder_days", "setup.hint_reminder_days"),
            ("quiet_from", "setup.field_quiet_from", "setup.hint_quiet_from"),
            ("quiet_to", "setup.field_quiet_to", "setup.hint_quiet_to"),
        ):
            self.ask(name, label, required=False, hint=hint)

    async def submit(self, interaction: Interaction) -> None:
        typed = self.typed()
        scene = await scene_here(interaction)
        changes = {
            "reminder_mode": typed["reminder_mode"],
            "debtors_public": typed["debtors_public"] == "1",
            "reminder_days": parse_several(typed["reminder_days"], "reminder_days", -30, 60),
            "quiet_from": typed["quiet_from"].strip() or None,
            "quiet_to": typed["quiet_to"].strip() or None,
        }
        await replies.hold(interaction)
        await save(scene, changes)
        await self.done(interaction)

    async def again(self, interaction: Interaction) -> None:
        await RemindersForm(interaction, self.typed(), self.done).show(interaction)


def reminders_of(workspace: Workspace) -> dict[str, str]:
    """What the form about reminders shows first."""
    days = json.loads(workspace.reminder_days)
    return {
        "reminder_mode": workspace.reminder_mode, "debtors_public": str(workspace.debtors_public),
        "reminder_days": ", ".join(map(str, days)), "quiet_from": workspace.quiet_from or "",
        "quiet_to": workspace.quiet_to or "",
    }  # fmt: skip
