"""`/club proof`: how long screenshots are kept, and deleting a single one. Payments stay as they are."""

from __future__ import annotations

import contextlib

import discord
from discord import app_commands

from cogs.club.base import ClubGroup, scene_for
from cogs.translator import command, options
from cogs.ui import cards, pickers
from cogs.ui.confirm import Proposal, propose
from cogs.ui.replies import Interaction, locale_of
from core import errors, proof_care, retention
from core.access import Role
from core.i18n import format_count, t
from core.proof_care import ProofDeleted
from core.retention import RetentionSet
from core.services import Services
from core.workspaces import MOST_RETENTION_MONTHS

_FOR_EVER = {"proofs.question": "proofs.question_ever", "proofs.set": "proofs.set_ever"}


class ProofGroup(ClubGroup):
    """Screenshots."""

    @app_commands.command(**command("club proof retention"))
    @options("club proof retention", "months")
    async def retention(
        self, interaction: Interaction, months: app_commands.Range[int, 0, MOST_RETENTION_MONTHS]
    ) -> None:
        """Keep the screenshots of decided payments for so many months; 0 keeps them for ever."""
        scene = await scene_for(interaction, Role.TREASURER)
        locale = locale_of(interaction)
        proposal = Proposal(
            db=scene.services.db,
            locale=locale,
            fn=retention.set_months,
            args=(scene.actor, months),
            preview=lambda result: _retention(result, locale, "proofs.question"),
            label=lambda result: _keep(locale, "proofs.button", "proofs.button_ever", months),
            done=lambda result: _retention(result, locale, "proofs.set"),
            needless=lambda result: (
                [t(locale, "proofs.same")] if result.months_before == result.retention.months else None
            ),
            style=discord.ButtonStyle.danger,
        )
        await propose(interaction, proposal)

    @app_commands.command(**command("club proof delete"))
    @options("club proof delete", "payment")
    @app_commands.autocomplete(payment=pickers.all_payments)
    async def delete(self, interaction: Interaction, payment: str) -> None:
        """Delete the screenshot of one payment."""
        scene = await scene_for(interaction, Role.REVIEWER)
        locale, services = locale_of(interaction), scene.services
        proposal = Proposal(
            db=services.db,
            locale=locale,
            fn=proof_care.delete_proof,
            args=(scene.actor, pickers.payment_of(payment)),
            preview=lambda result: _delete(result, locale, "proofs.delete_question"),
            label=lambda result: t(locale, "proofs.delete_button", payment=result.payment.label),
            done=lambda result: _delete(result, locale, "proofs.deleted"),
            after=lambda result: _remove(services, result),
            style=discord.ButtonStyle.danger,
        )
        await propose(interaction, proposal)


def _retention(result: RetentionSet, locale: str, heading: str) -> list[str]:
    found = result.retention
    lines = [_keep(locale, heading, _FOR_EVER[heading], found.months)]
    if found.before is not None and found.proofs:
        size = format_count(-(-found.size_bytes // 1_000_000), locale)
        lines.append(t(locale, "proofs.would_go", count=found.proofs, day=found.before, megabytes=size))
    else:
        lines.append(t(locale, "proofs.none_go"))
    return [*lines, t(locale, "proofs.stay", count=found.kept_proofs), t(locale, "proofs.payments_stay")]


def _keep(locale: str, key: str, for_ever: str, months: int) -> str:
    return t(locale, key, count=months) if months else t(locale, for_ever)


def _delete(result: ProofDeleted, locale: str, heading: str) -> list[str]:
    person = cards.person(result.member, locale)
    return [t(locale, heading, payment=result.payment.label, person=person), t(locale, "proofs.no_way_back")]


async def _remove(services: Services, gone: ProofDeleted) -> None:
    """Delete the pictures themselves; what the storage does not delete now, the nightly sweep does."""
    for proof in gone.proofs:
        for key in (proof.storage_key, proof.thumbnail_key):
            with contextlib.suppress(errors.DomainError):
                await services.storage.delete(key)
