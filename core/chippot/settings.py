"""The settings of a ChipPot's workspace: one JSON object in which anything may stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.chippot import clean
from core.chippot.result import Findings

TIMEZONE, CURRENCY, LOCALE = "Asia/Taipei", "TWD", "zh-TW"
BILLING_DAY, OVERDUE_DAYS, RETENTION_MONTHS = 5, 3, 24

_TEXTS = (
    "billing_opened_template", "overdue_template", "payment_message_template", "payment_notify_template",
    "payment_bark_key", "payment_bark_server", "payment_webhook_url",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What of the settings has a counterpart here."""

    workspace_id: int
    name: str
    created_at: str
    guild_id: int | None
    billing_day: int
    overdue_days: int
    retention_months: int
    channel_id: int | None
    admins: tuple[int, ...]
    texts: Mapping[str, str]


def read(row: tuple[Any, ...], findings: Findings) -> Settings:
    """Read a row of `workspaces`; what cannot be used gets ChipPot's own default and is told."""
    workspace_id, name, billing_day, text, created_at = row
    found = _object(text, findings)
    reader = _Reader(found, findings)
    return Settings(
        workspace_id=workspace_id,
        name=clean.cut(clean.line(name), 100) or "ChipPot",
        created_at=clean.text(created_at),
        guild_id=reader.snowflake("discord_guild_id"),
        billing_day=reader.number("billing_day", billing_day, BILLING_DAY, 1, 28),
        overdue_days=reader.number("overdue_days", found.get("overdue_days"), OVERDUE_DAYS, 0, 60),
        retention_months=reader.number(
            "proof_retention_months", found.get("proof_retention_months"), RETENTION_MONTHS, 1, 600
        ),
        channel_id=reader.snowflake("discord_billing_channel_id"),
        admins=reader.admins(),
        texts=reader.texts(),
    )


def _object(text: Any, findings: Findings) -> dict[str, Any]:
    if not clean.text(text):
        return {}
    try:
        found = json.loads(clean.text(text))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        findings.add("chippot.settings_broken")
        return {}
    return found


class _Reader:
    def __init__(self, found: dict[str, Any], findings: Findings) -> None:
        self.found = found
        self.findings = findings

    def number(self, name: str, value: Any, default: int, least: int, most: int) -> int:
        good = clean.number(value, least, most)
        if good is not None:
            return good
        if value is not None:
            self._unusable(name, value, default)
        return default

    def snowflake(self, name: str) -> int | None:
        value = self.found.get(name)
        good = clean.discord_id(value) if isinstance(value, str | int) else None
        if good is None and clean.text(value):
            self._unusable(name, value, "")
        return good

    def admins(self) -> tuple[int, ...]:
        value = self.found.get("admin_discord_ids")
        if not isinstance(value, list):
            if value is not None:
                self._unusable("admin_discord_ids", value, "")
            return ()
        good = []
        for one in value:
            account = clean.discord_id(one) if isinstance(one, str) else None
            if account is None:
                self._unusable("admin_discord_ids", one, "")
            else:
                good.append(account)
        return tuple(dict.fromkeys(good))

    def texts(self) -> dict[str, str]:
        """The texts and addresses that are not blank."""
        values = {name: self.found.get(name) for name in _TEXTS}
        return {name: value for name, value in values.items() if isinstance(value, str) and clean.text(value)}

    def _unusable(self, name: str, value: Any, used: int | str) -> None:
        shown = clean.cut(clean.line(value), 40)
        self.findings.add("chippot.setting_unusable", name=name, value=shown, used=str(used) or "-")
