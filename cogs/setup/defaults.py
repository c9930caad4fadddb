"""What the first run proposes, by the language that the Discord server is set to; all of it can change."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from core.i18n import best_locale

BILLING_DAY = 5
# Currency and time zone where most people of a language live; English says nothing about either.
_BY_LANGUAGE = {
    "zh-TW": ("TWD", "Asia/Taipei"), "zh-CN": ("CNY", "Asia/Shanghai"), "ja": ("JPY", "Asia/Tokyo"),
    "ko": ("KRW", "Asia/Seoul"), "id": ("IDR", "Asia/Jakarta"), "th": ("THB", "Asia/Bangkok"),
    "vi": ("VND", "Asia/Ho_Chi_Minh"), "hi": ("INR", "Asia/Kolkata"), "de": ("EUR", "Europe/Berlin"),
    "fr": ("EUR", "Europe/Paris"), "it": ("EUR", "Europe/Rome"), "es-ES": ("EUR", "Europe/Madrid"),
    "nl": ("EUR", "Europe/Amsterdam"), "fi": ("EUR", "Europe/Helsinki"), "el": ("EUR", "Europe/Athens"),
    "pl": ("PLN", "Europe/Warsaw"), "cs": ("CZK", "Europe/Prague"), "hu": ("HUF", "Europe/Budapest"),
    "sv-SE": ("SEK", "Europe/Stockholm"), "no": ("NOK", "Europe/Oslo"), "da": ("DKK", "Europe/Copenhagen"),
    "ro": ("RON", "Europe/Bucharest"), "tr": ("TRY", "Europe/Istanbul"), "uk": ("UAH", "Europe/Kyiv"),
    "pt-BR": ("BRL", "America/Sao_Paulo"), "en-GB": ("GBP", "Europe/London"),
    "en-US": ("USD", "America/New_York"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A workspace that is not made yet."""

    name: str
    currency: str
    timezone: str
    locale: str
    billing_day: int


def draft_for(guild: discord.Guild) -> Draft:
    """The proposal for a server."""
    language = str(guild.preferred_locale)
    currency, timezone = _BY_LANGUAGE.get(language, ("USD", "UTC"))
    return Draft(guild.name[:100], currency, timezone, best_locale(language), BILLING_DAY)
