"""A club's workspace: made once for a Discord server, and its settings."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core import access, audit, errors
from core.access import Role
from core.clock import parse_time, parse_timezone
from core.db import Tx
from core.i18n import LOCALES
from core.models import Actor, Workspace
from core.money import parse_currency
from core.store import workspaces
from core.text import clean_name

NAME_CHARACTERS = 100
MOST_REMINDERS = 5
MOST_RETENTION_MONTHS = 600
LARGEST_ID = 2**63 - 1

LINK_POLICIES = ("approve", "open")
CLOSED_DM_POLICIES = ("wait", "thread", "mention")
REMINDER_MODES = ("off", "channel", "private", "both")


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """What changing settings did: the workspace as it is now, and each changed setting before and after."""

    workspace: Workspace
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def create(
    tx: Tx,
    guild_id: int,
    name: str,
    by: int | None,
    *,
    currency: str,
    timezone: str,
    locale: str,
    billing_day: int,
    owns_server: bool = False,
) -> Workspace:
    """Make the workspace of a Discord server, asked for by the Discord account `by` (None: the command line).

    The adapter lets only people ask who manage the server. They become treasurer, unless they own the server
    and so are owner anyway. Raises WorkspaceExists, and InvalidInput for a setting that cannot be.
    """
    discord_id("server", guild_id)
    if workspaces.by_guild(tx.conn, guild_id) is not None:
        raise errors.WorkspaceExists()
    workspace_id = workspaces.add(
        tx.conn, guild_id=guild_id, name=clean_name(name, "name", NAME_CHARACTERS),
        currency=parse_currency(currency), timezone=parse_timezone(timezone),
        locale=_choice("locale", locale, LOCALES),
        billing_day=whole_number("billing_day", billing_day, 1, 28), now=tx.now_text,
    )  # fmt: skip
    actor = Actor.operator(workspace_id) if by is None else Actor.discord(workspace_id, by)
    workspace = access.workspace_of(tx, actor)
    if by is not None and not owns_server:
        workspaces.set_role(tx.conn, workspace.id, by, "treasurer", actor.text, tx.now_text)
    audit.record(
        tx, actor, "workspace.create", "workspace", workspace.id,
        after={"guild": str(guild_id), "currency": workspace.currency, "timezone": workspace.timezone,
               "locale": workspace.locale, "billing_day": workspace.billing_day,
               "treasurer": None if by is None or owns_server else str(by)},
    )  # fmt: skip
    return workspace


def by_guild(tx: Tx, guild_id: int) -> Workspace | None:
    """The workspace of a Discord server, if it has one."""
    return workspaces.by_guild(tx.conn, guild_id)


def by_id(tx: Tx, workspace_id: int) -> Workspace | None:
    """The workspace of that number, if there is one."""
    return workspaces.get(tx.conn, workspace_id)


def update_settings(tx: Tx, /, actor: Actor, **changes: Any) -> SettingsChanged:
    """Change the named settings; the others stay. Nothing is changed when one of them cannot be.

    Raises RoleNeeded, CurrencyFixed once any amount was written, and InvalidInput naming the setting.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    checked = {name: _checked(name, value) for name, value in changes.items()}
    after = {name: value for name, value in checked.items() if value != getattr(workspace, name)}
    before = {name: getattr(workspace, name) for name in after}
    _check_quiet_hours({**_quiet_hours(workspace), **after})
    if "currency" in after and workspaces.has_bills(tx.conn, workspace.id):
        raise errors.CurrencyFixed(currency=workspace.currency)
    if after:
        workspaces.update(tx.conn, workspace.id, after)
        audit.record(
            tx,
            actor,
            "workspace.update",
            "workspace",
            workspace.id,
            before=shown(before),
            after=shown(after),
        )
    return SettingsChanged(access.workspace_of(tx, actor), before, after)


def whole_number(field: str, value: object, least: int, most: int) -> int:
    """The value if it is a whole number between the two; raises NumberOutOfRange."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise errors.NumberOutOfRange(field=field, least=least, most=most)
    return value


def discord_id(field: str, value: object) -> int:
    """The value if it can be the id of something on Discord; raises DiscordIdInvalid."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST_ID:
        raise errors.DiscordIdInvalid(field=field)
    return value


# --- one check per setting; each returns what is stored ----------------------------------------------------


def _checked(name: str, value: object) -> Any:
    if name not in _CHECKS:
        raise errors.SettingUnknown(value=errors.shown(name))
    return _CHECKS[name](name, value)


def shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the audit log keeps them: ids as strings, so that every reader of the JSON gets them right."""
    return {name: str(value) if name.endswith("_id") and value else value for name, value in settings.items()}


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise errors.FieldMissing(field=field)
    return value


def _choice(field: str, value: object, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise errors.ChoiceUnknown(field=field, value=errors.shown(str(value)), choices=", ".join(choices))
    return str(value)


def _optional_id(field: str, value: object) -> int | None:
    return None if value is None else discord_id(field, value)


def _flag(field: str, value: object) -> int:
    if value not in (True, False):
        raise errors.ChoiceUnknown(field=field, value=errors.shown(str(value)), choices="true, false")
    return int(bool(value))


def _time_of_day(field: str, value: object) -> str | None:
    """A time on the wall clock as `HH:MM`; None for none."""
    return None if value is None else parse_time(_text(field, value), field)


def _quiet_hours(workspace: Workspace) -> dict[str, str | None]:
    return {"quiet_from": workspace.quiet_from, "quiet_to": workspace.quiet_to}


def _check_quiet_hours(settings: Mapping[str, Any]) -> None:
    """Quiet hours have a beginning and another end, or neither; raises FieldMissing, QuietHoursEmpty."""
    for name, other in (("quiet_from", "quiet_to"), ("quiet_to", "quiet_from")):
        if settings[name] is None and settings[other] is not None:
            raise errors.FieldMissing(field=name)
    if settings["quiet_from"] is not None and settings["quiet_from"] == settings["quiet_to"]:
        raise errors.QuietHoursEmpty()


def _days(field: str, value: object) -> str:
    """Days after the due date, negative ones before it; kept sorted, each once."""
    if not isinstance(value, list | tuple | set | frozenset):
        raise errors.NumberOutOfRange(field=field, least=-30, most=60)
    days = sorted({whole_number(field, day, -30, 60) for day in value})
    if len(days) > MOST_REMINDERS:
        raise errors.TooManyValues(field=field, most=MOST_REMINDERS)
    return json.dumps(days)


_CHECKS: dict[str, Callable[[str, object], Any]] = {
    "name": lambda field, value: clean_name(_text(field, value), field, NAME_CHARACTERS),
    "currency": lambda field, value: parse_currency(_text(field, value), field),
    "timezone": lambda field, value: parse_timezone(_text(field, value), field),
    "locale": lambda field, value: _choice(field, value, LOCALES),
    "billing_day": lambda field, value: whole_number(field, value, 1, 28),
    "due_days": lambda field, value: whole_number(field, value, 0, 60),
    "announce_channel_id": _optional_id,
    "review_channel_id": _optional_id,
    "admin_channel_id": _optional_id,
    "reviewer_role_id": _optional_id,
    "auto_open": _flag,
    "self_verify": _flag,
    "link_policy": lambda field, value: _choice(field, value, LINK_POLICIES),
    "closed_dm_policy": lambda field, value: _choice(field, value, CLOSED_DM_POLICIES),
    "reminder_mode": lambda field, value: _choice(field, value, REMINDER_MODES),
    "reminder_days": _days,
    "proof_retention_months": lambda field, value: whole_number(field, value, 0, MOST_RETENTION_MONTHS),
    "quiet_from": _time_of_day,
    "quiet_to": _time_of_day,
    "debtors_public": _flag,
}
assert _CHECKS.keys() == set(workspaces.SETTINGS)
