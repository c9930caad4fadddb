"""The Pay form: one window with what is owed, which months, how it was paid, a screenshot and a note.

Where one window is not enough, `PaySteps` comes first: more months or methods than a select takes, or a
screenshot that came with the command and only the months are missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from cogs import member_links
from cogs.guards import Scene
from cogs.ui import cards, limits, replies
from cogs.ui.modals import BaseModal
from cogs.ui.replies import Instead, Interaction, locale_of
from cogs.ui.text import one_line
from cogs.ui.views import chosen_id
from core import errors
from core.i18n import format_period, t
from core.models import BillId, Method, MethodId, Workspace
from core.payments import NOTE_CHARACTERS
from core.proofs import MAX_PROOF_BYTES, MAX_PROOF_MEGABYTES
from core.reports import PayForm, PayGroup

FORM_CHARACTERS = 3000
# What the browser can help with: a picture that is too large, or one that did not arrive.
_PICTURE_ERRORS = (
    errors.ProofEmpty, errors.ProofTooLarge, errors.ProofNotAPicture, errors.ProofTooManyPixels,
    errors.ProofTooSmall, errors.ProofNotStored,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody says they paid. `seen_minor`: what the form said it comes to."""

    bill_ids: tuple[BillId, ...]
    seen_minor: int
    request_id: str
    method_id: MethodId | None = None
    note: str = ""
    picture: bytes | None = None


# Registers a submission and answers the interaction with what was registered.
Register = Callable[[Interaction, Scene, Submission], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is filled in already, by the command's options or by an earlier try."""

    keys: tuple[str, ...] | None = None
    """The months; None: all."""
    method_id: MethodId | None = None
    method_fixed: bool = False
    note: str = ""


EMPTY = Draft()


def group_name(group: PayGroup, locale: str) -> str:
    """The month, or what lies outside any month."""
    return format_period(group.period, locale) if group.period else t(locale, "common.other_charges")


def group_options(
    workspace: Workspace, groups: Sequence[PayGroup], locale: str, chosen: Sequence[str] | None
) -> list[discord.SelectOption]:
    """One option per month with its sum."""
    return [
        discord.SelectOption(
            label=limits.shorten(
                t(
                    locale, "pay.period_option", period=group_name(group, locale),
                    amount=cards.money(workspace, group.total_minor, locale),
                ),
                100,
            ),
            value=group.key,
            default=chosen is None or group.key in chosen,
        )
        for group in groups
    ]  # fmt: skip


def method_options(methods: Sequence[Method], chosen: MethodId | None) -> list[discord.SelectOption]:
    """One option per way to pay; the first one is chosen when there is only one."""
    only = methods[0].id if len(methods) == 1 else None
    return [
        discord.SelectOption(
            label=limits.shorten(method.name, 100), value=str(method.id), default=method.id in (chosen, only)
        )
        for method in methods
    ]


def owed_text(workspace: Workspace, groups: Sequence[PayGroup], locale: str) -> str:
    """What is owed by month and bill, and the total; by month alone when that gets too long."""
    total = cards.total_text(workspace, sum(group.total_minor for group in groups), locale)
    full = [line for group in groups for line in _group_lines(workspace, group, locale)]
    if sum(map(len, full)) + len(full) <= FORM_CHARACTERS:
        return "\n".join((*full, total))
    months = [
        t(
            locale, "pay.form_month", period=group_name(group, locale), count=len(group.bills),
            amount=cards.money(workspace, group.total_minor, locale),
        )
        for group in groups
    ]  # fmt: skip
    return "\n".join((*months, total))


def _group_lines(workspace: Workspace, group: PayGroup, locale: str) -> list[str]:
    amount = cards.money(workspace, group.total_minor, locale)
    heading = t(locale, "pay.form_group", period=group_name(group, locale), amount=amount)
    return [heading] + [
        t(
            locale, "pay.form_bill", title=cards.title(bill, locale),
            amount=cards.money(workspace, bill.open_minor, locale),
        )
        for bill in group.bills
    ]  # fmt: skip


def fits_one_form(form: PayForm, draft: Draft) -> bool:
    """Whether one window can offer every month and every way to pay."""
    groups = len(form.groups) <= limits.OPTIONS or draft.keys is not None
    return groups and (len(form.methods) <= limits.OPTIONS or draft.method_fixed)


def still_owed(form: PayForm, draft: Draft) -> Draft:
    """The draft without months that are settled by now; with none left, all months again."""
    owed = {group.key for group in form.groups}
    return replace(draft, keys=tuple(key for key in draft.keys or () if key in owed) or None)


class PayModal(BaseModal):
    """The window. It names exactly the bills that it shows; what changed is refused, not guessed."""

    name = "pay"

    def __init__(
        self, interaction: Interaction, scene: Scene, form: PayForm, draft: Draft, register: Register,
        reopen: Callable[[Interaction, Draft], Awaitable[None]], *, choose_months: bool = True,
    ) -> None:  # fmt: skip
        """`choose_months`: offer the months of `form`; otherwise those of the draft are settled."""
        super().__init__(interaction, t(locale_of(interaction), "pay.form_title"))
        self.scene, self.form, self.draft = scene, form, draft
        self.register, self.reopen = register, reopen
        self.pages = member_links.are_offered(interaction)
        self.shown = [
            group for group in form.groups if choose_months or draft.keys is None or group.key in draft.keys
        ]
        self.months = self._months_field() if choose_months and len(self.shown) > 1 else None
        self.method = self._method_field()
        self.screenshot: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id="screenshot", required=False, min_values=0, max_values=1
        )
        self.note: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="note", style=discord.TextStyle.paragraph, required=False, max_length=NOTE_CHARACTERS,
            default=draft.note or None, placeholder=t(self.locale, "pay.note_hint"),
        )  # fmt: skip
        self._lay_out()

    def _lay_out(self) -> None:
        locale = self.locale
        text = owed_text(self.scene.workspace, self.shown, locale)
        if self.draft.method_fixed:
            chosen = next((m.name for m in self.form.methods if m.id == self.draft.method_id), None)
            name = one_line(chosen) if chosen else t(locale, "common.method_none")
            text += "\n" + t(locale, "pay.form_method", method=name)
        if self.pages:
            text += "\n" + t(locale, "member_links.form_hint")
        self.add_text(text)
        if self.months is not None:
            self.add_field(t(locale, "pay.periods_label"), self.months, t(locale, "pay.periods_hint"))
        if self.method is not None:
            self.add_field(t(locale, "pay.method_label"), self.method)
        self.add_field(t(locale, "pay.screenshot_label"), self.screenshot, t(locale, "pay.screenshot_about"))
        self.add_field(t(locale, "pay.note_label"), self.note)

    def _months_field(self) -> discord.ui.Select[Any]:
        options = group_options(self.scene.workspace, self.shown, self.locale, self.draft.keys)
        return discord.ui.Select(custom_id="months", options=options, min_values=1, max_values=len(options))

    def _method_field(self) -> discord.ui.Select[Any] | None:
        if self.draft.method_fixed or not self.form.methods:
            return None
        options = method_options(self.form.methods, self.draft.method_id)
        return discord.ui.Select(
            custom_id="method", options=options, min_values=0, max_values=1, required=False,
            placeholder=t(self.locale, "pay.method_hint"),
        )  # fmt: skip

    async def submit(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        chosen = [group for group in self.shown if self.months is None or group.key in self.months.values]
        picture = await picture_of(self.screenshot.values[0]) if self.screenshot.values else None
        await self.register(
            interaction,
            self.scene,
            Submission(
                tuple(bill.id for group in chosen for bill in group.bills),
                sum(group.total_minor for group in chosen),
                self.request_id, self._method_id(), self.note.value, picture,
            ),
        )  # fmt: skip

    async def again(self, interaction: Interaction) -> None:
        keys = tuple(self.months.values) if self.months is not None else self.draft.keys
        draft = Draft(keys, self._method_id(), self.draft.method_fixed, self.note.value)
        await self.reopen(interaction, draft)

    def instead(self, interaction: Interaction, error: Exception) -> Instead | None:
        """The upload page makes large pictures smaller before it sends them."""
        if not self.pages or not isinstance(error, _PICTURE_ERRORS):
            return None

        async def give_link(again: Interaction) -> None:
            await member_links.give_upload_link(again, self.scene)

        return t(self.locale, "member_links.button_upload"), give_link

    def _method_id(self) -> MethodId | None:
        if self.method is None:
            return self.draft.method_id
        return MethodId(chosen_id(self.method.values[0])) if self.method.values else None


async def picture_of(attachment: discord.Attachment) -> bytes:
    """Copy an attachment at once: its link expires. Raises ProofTooLarge unfetched, or ProofNotStored."""
    if attachment.size > MAX_PROOF_BYTES:
        raise errors.ProofTooLarge(megabytes=MAX_PROOF_MEGABYTES)
    try:
        return await attachment.read()
    except (discord.HTTPException, OSError) as error:
        raise errors.ProofNotStored() from error
