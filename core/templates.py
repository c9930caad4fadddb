"""A club's own wording of its public notices: placeholders, checks, defaults and filling in.

The default of each kind is `templates.<kind>` in the catalogs. A placeholder is a lower-case ASCII word in
braces; what is filled in is never read for placeholders again. Typed text cannot ping: whoever sends it says
explicitly whom it mentions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core import access, audit, errors
from core.access import Role
from core.db import Tx
from core.i18n import LOCALES, t
from core.models import Actor
from core.store import templates
from core.text import clean_text

BODY_CHARACTERS = 1500
# Discord's limit for all texts of a message with components (4,000), less what the bot itself adds; an alert
# is plain text, of which it takes 2,000.
MESSAGE_CHARACTERS = 3600
ALERT_CHARACTERS = 1900
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}", re.ASCII)
# What somebody may have meant as one: {Period}, { period }, {期別}, ｛period｝.
_MEANT = re.compile(r"[{｛]\s*([\w-]+)\s*[}｝]")

# kind -> the placeholders that its text may use
PLACEHOLDERS: dict[str, tuple[str, ...]] = {
    "opened": ("period", "plans", "total", "due"),
    "overdue_list": ("count", "total", "list"),
    "added": ("period", "list"),
    "closed": ("period", "collected", "total", "unpaid", "members"),
    "panel": ("club",),
    "alert": ("payer", "amount", "period", "link"),
}
# Placeholders that stand for lines, each with how long they get in a club of forty with long names; a link.
_LONG = {"plans": 900, "list": 1600, "link": 200}
_USUAL = 40


@dataclass(frozen=True, slots=True)
class Template:
    """The wording of one kind of notice in one language; `is_own` False: it is the default."""

    kind: str
    locale: str
    body: str
    placeholders: tuple[str, ...]
    is_own: bool


def get(tx: Tx, workspace_id: int, kind: str, locale: str) -> Template:
    """The wording in use. Raises ChoiceUnknown for a kind or language that is none."""
    _check_kind(kind, locale)
    own = templates.get(tx.conn, workspace_id, kind, locale)
    return Template(kind, locale, own or default(kind, locale), PLACEHOLDERS[kind], own is not None)


def everyone(tx: Tx, actor: Actor) -> list[Template]:
    """Every kind in every language, for those who may see the settings."""
    access.require(tx, actor, Role.AUDITOR)
    return [get(tx, actor.workspace_id, kind, locale) for kind in PLACEHOLDERS for locale in LOCALES]


def save(tx: Tx, actor: Actor, kind: str, locale: str, body: str) -> Template:
    """Use this wording from now on; the default's own text goes back to the default.

    Raises ChoiceUnknown, FieldMissing, TextTooLong, PlaceholderUnknown, MessageTooLong.
    """
    access.require(tx, actor, Role.TREASURER)
    _check_kind(kind, locale)
    text = check(kind, body)
    if text == default(kind, locale):
        return reset(tx, actor, kind, locale)
    before = get(tx, actor.workspace_id, kind, locale)
    if before.body != text:
        templates.put(tx.conn, actor.workspace_id, kind, locale, text, actor.text, tx.now_text)
        _audit(tx, actor, "template.save", kind, locale, before.body, text)
    return get(tx, actor.workspace_id, kind, locale)


def save_all(tx: Tx, actor: Actor, kind: str, bodies: Mapping[str, str]) -> list[Template]:
    """The same for several languages at once (locale -> wording): all of them, or none."""
    return [save(tx, actor, kind, locale, body) for locale, body in bodies.items()]


def reset(tx: Tx, actor: Actor, kind: str, locale: str) -> Template:
    """Go back to the default wording; nothing happens when it is in use."""
    access.require(tx, actor, Role.TREASURER)
    before = get(tx, actor.workspace_id, kind, locale)
    if before.is_own:
        templates.remove(tx.conn, actor.workspace_id, kind, locale)
        _audit(tx, actor, "template.reset", kind, locale, before.body, default(kind, locale))
    return get(tx, actor.workspace_id, kind, locale)


def default(kind: str, locale: str) -> str:
    """The catalog's wording, with its placeholders still in it."""
    names = {name: "{" + name + "}" for name in PLACEHOLDERS[kind]}
    return t(locale, f"templates.{kind}", **names)


def check(kind: str, body: str) -> str:
    """Return the text fit to be saved. Raises FieldMissing, TextTooLong, PlaceholderUnknown, MessageTooLong."""
    text = clean_text(body, "template", BODY_CHARACTERS, required=True)
    names = ["{" + name + "}" for name in PLACEHOLDERS[kind]]
    for found in _MEANT.finditer(text):
        if found[0] not in names:
            raise errors.PlaceholderUnknown(name=found[1], known=", ".join(names))
    filled = fill(text, {name: "x" * _LONG.get(name, _USUAL) for name in PLACEHOLDERS[kind]})
    limit = ALERT_CHARACTERS if kind == "alert" else MESSAGE_CHARACTERS
    if len(filled) > limit:
        raise errors.MessageTooLong(length=len(filled), limit=limit)
    return text


def fill(body: str, values: Mapping[str, str]) -> str:
    """Fill in the placeholders; one that has no value stays as it is, for all to see."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), body)


def _check_kind(kind: str, locale: str) -> None:
    if kind not in PLACEHOLDERS:
        raise errors.ChoiceUnknown(
            field="template", value=errors.shown(kind), choices=", ".join(PLACEHOLDERS)
        )
    if locale not in LOCALES:
        raise errors.ChoiceUnknown(field="locale", value=errors.shown(locale), choices=", ".join(LOCALES))


def _audit(tx: Tx, actor: Actor, action: str, kind: str, locale: str, before: str, after: str) -> None:
    audit.record(
        tx, actor, action, "workspace", actor.workspace_id,
        before={"kind": kind, "locale": locale, "body": before}, after={"body": after},
    )  # fmt: skip
