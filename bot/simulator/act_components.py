"""Buttons, select menus and forms as a person uses them: finding the part, checking the input."""

from __future__ import annotations

from typing import Any

from bot.simulator import lookup, rules
from bot.simulator.act_commands import Resolver
from bot.simulator.component_rules import (
    BUTTON,
    CHANNEL_SELECT,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    MENTIONABLE_SELECT,
    RADIO_GROUP,
    ROLE_SELECT,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT,
    TEXT_INPUT,
    USER_SELECT,
)
from bot.simulator.errors import ControlError
from bot.simulator.findings import as_id
from bot.simulator.things import Message, User
from bot.simulator.world import World

Payload = dict[str, Any]
FORGED_ID = (1 << 31) - 1


def find_message(world: World, user: User, reference: object) -> Message:
    """The message with that id, if this user can see it."""
    if not as_id(reference):
        raise ControlError("invalid_message", "'message' must be the id of a message.", "message")
    message = world.messages.get(as_id(reference))
    if message is not None and world.can_see_message(message, user.id):
        return message
    raise ControlError("unknown_message", f"'{user.key}' sees no message {reference}.", "message")


def find_part(message: Message, custom_id: object, kinds: frozenset[int], *, force: bool) -> Payload:
    """The button or select with that custom_id; with `force` one is made up when the message has none."""
    if not isinstance(custom_id, str) or not 1 <= len(custom_id) <= 100:
        raise ControlError(
            "invalid_custom_id", "'custom_id' must be a text of 1 to 100 characters.", "custom_id"
        )
    for part in rules.walk(message.data["components"]):
        if part.get("custom_id") == custom_id and part["type"] in kinds:
            if part.get("disabled") and not force:
                raise ControlError("disabled", f"'{custom_id}' is disabled.", "custom_id")
            return part
    if force:
        return _forged(min(kinds), custom_id)
    known = [
        p["custom_id"]
        for p in rules.walk(message.data["components"])
        if p.get("custom_id") and p["type"] in kinds
    ]
    raise ControlError(
        "unknown_custom_id",
        f"The message has no '{custom_id}'. It has: {', '.join(known) or 'none'}.",
        "custom_id",
    )


def _forged(kind: int, custom_id: str) -> Payload:
    """A part that the message does not have; the interaction shows it in a row of its own."""
    part: Payload = {"type": kind, "custom_id": custom_id, "id": FORGED_ID, "forged": True}
    shape = {"style": 2, "label": "?"} if kind == BUTTON else {"options": [{"label": "?", "value": "?"}]}
    return part | shape


def forged_row(part: Payload) -> Payload | None:
    """The row to show beside the message's own components, when the part was made up."""
    if not part.get("forged"):
        return None
    shown = {key: value for key, value in part.items() if key != "forged"}
    return {"type": ROW, "id": FORGED_ID - 1, "components": [shown]}


def click_data(part: Payload) -> Payload:
    return {"component_type": BUTTON, "custom_id": part["custom_id"], "id": part["id"]}


def select_data(part: Payload, values: object, resolver: Resolver, user: User, *, force: bool) -> Payload:
    chosen = Values(resolver, user, force=force).choose(part, values, "values")
    data: Payload = {
        "component_type": part["type"],
        "custom_id": part["custom_id"],
        "id": part["id"],
        "values": chosen,
    }
    return data | ({"resolved": resolver.found} if resolver.found else {})


class Values:
    """Reads what was chosen or typed for one part."""

    def __init__(self, resolver: Resolver, user: User, *, force: bool) -> None:
        self.resolver = resolver
        self.user = user
        self.force = force

    def choose(self, part: Payload, values: object, field: str, *, least: int | None = None) -> list[str]:
        """The values of a select or a group of checkboxes."""
        if isinstance(values, str):
            values = [values]
        if not isinstance(values, list) or not all(
            isinstance(v, str | int) and v is not True for v in values
        ):
            raise ControlError("invalid_values", f"'{field}' must be a list of values.", field)
        texts = [str(value) for value in values]
        if self.force:
            return texts
        if len(set(texts)) != len(texts):
            raise ControlError("invalid_values", f"'{field}' names a value twice.", field)
        low, high = limits(part) if least is None else (least, limits(part)[1])
        if not low <= len(texts) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise ControlError(
                "invalid_values", f"'{field}' must have {wanted} values, not {len(texts)}.", field
            )
        return [self._one(part, text, field) for text in texts]

    def _one(self, part: Payload, text: str, field: str) -> str:
        kind = part["type"]
        if kind == USER_SELECT:
            return self.resolver.user(text, field)
        if kind == ROLE_SELECT:
            return self.resolver.role(text, field)
        if kind == MENTIONABLE_SELECT:
            return self.resolver.mentionable(text, field)
        if kind == CHANNEL_SELECT:
            return self.resolver.target(text, field, self.user.id)
        offered = [option["value"] for option in part.get("options") or []]
        if text not in offered:
            raise ControlError(
                "invalid_values", f"'{text}' is not on offer in '{field}': {', '.join(offered)}.", field
            )
        return text


def limits(part: Payload) -> tuple[int, int]:
    """How few and how many values a select, a group of checkboxes or an upload takes."""
    default_most = len(part.get("options") or []) if part["type"] == CHECKBOX_GROUP else 1
    low, high = part.get("min_values"), part.get("max_values")
    return (1 if low is None else low), (default_most if high is None else high)


class Form:
    """One submission of an open form."""

    def __init__(self, modal: Payload, resolver: Resolver, user: User, *, force: bool) -> None:
        self.modal = modal
        self.values = Values(resolver, user, force=force)
        self.resolver = resolver
        self.force = force

    def data(self, values: Payload, uploads: Payload) -> Payload:
        """Check every part, then build what Discord sends; nothing is stored when a part is refused."""
        if self.force:
            self.modal = _with_made_up_parts(self.modal, values)
        inputs = {
            part["custom_id"]: part for part in rules.walk(self.modal["components"]) if part.get("custom_id")
        }
        for given, kinds in ((values, None), (uploads, FILE_UPLOAD)):
            for name in given:
                is_upload = inputs.get(name, {}).get("type") == FILE_UPLOAD
                if name not in inputs or is_upload != (kinds == FILE_UPLOAD):
                    self._refuse_unknown(name, inputs)
        files = {
            name: self._files(inputs[name], uploads.get(name)) for name in inputs if _is_upload(inputs[name])
        }
        components = [self._part(part, values, files) for part in self.modal["components"]]
        data: Payload = {"custom_id": self.modal["custom_id"], "components": components}
        return data | ({"resolved": self.resolver.found} if self.resolver.found else {})

    @staticmethod
    def _refuse_unknown(name: str, inputs: dict[str, Payload]) -> None:
        known = ", ".join(inputs) or "none"
        if name in inputs:
            raise ControlError(
                "invalid_values", f"'{name}' belongs under the other of 'values' and 'files'.", name
            )
        raise ControlError("unknown_custom_id", f"The form has no '{name}'. It has: {known}.", name)

    def _files(self, part: Payload, given: object) -> list[Payload]:
        """The files for one upload, checked but not stored yet."""
        name = part["custom_id"]
        given = [given] if isinstance(given, dict) else given if given is not None else []
        if not isinstance(given, list):
            raise ControlError("invalid_files", f"'{name}' must be a list of files.", name)
        for entry in given:
            lookup.upload(entry, name)
        low, high = limits(part)
        is_required = part.get("required", True) is not False
        low = low if is_required or given else 0
        if not self.force and not low <= len(given) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise ControlError("invalid_files", f"'{name}' takes {wanted} files, not {len(given)}.", name)
        return given

    def _part(self, part: Payload, values: Payload, files: dict[str, list[Payload]]) -> Payload:
        if part["type"] == TEXT:
            return {"type": TEXT, "id": part["id"]}
        if part["type"] == LABEL:
            return {
                "type": LABEL,
                "id": part["id"],
                "component": self._input(part["component"], values, files),
            }
        inner = [self._input(child, values, files) for child in part["components"]]
        return {"type": ROW, "id": part["id"], "components": inner}

    def _input(self, part: Payload, values: Payload, files: dict[str, list[Payload]]) -> Payload:
        name, kind = part["custom_id"], part["type"]
        answer: Payload = {"type": kind, "id": part["id"], "custom_id": name}
        if kind == FILE_UPLOAD:
            return answer | {"values": [self.resolver.attachment(entry, name) for entry in files[name]]}
        value = values[name] if name in values else prefilled(part)
        is_required = part.get("required", True) is not False
        if kind in SELECTS or kind == CHECKBOX_GROUP:
            chosen = value if value is not None else []
            least = None if is_required or chosen else 0
            return answer | {"values": self.values.choose(part, chosen, name, least=least)}
        if kind == TEXT_INPUT:
            return answer | {"value": self._typed(part, value, required=is_required)}
        if kind == RADIO_GROUP:
            return answer | {"value": self._picked(part, value, required=is_required)}
        return answer | {"value": self._ticked(part, value)}

    def _typed(self, part: Payload, value: object, *, required: bool) -> str:
        name, text = part["custom_id"], "" if value is None else value
        if not isinstance(text, str):
            raise ControlError("invalid_values", f"'{name}' must be a text.", name)
        if self.force:
            return text
        if required and not text.strip():
            raise ControlError("missing_value", f"'{name}' must be filled in.", name)
        low, high = part.get("min_length") or 0, part.get("max_length") or 4000
        if text and not low <= len(text) <= high:
            raise ControlError("invalid_values", f"'{name}' must have {low} to {high} characters.", name)
        return text

    def _picked(self, part: Payload, value: object, *, required: bool) -> str | None:
        name = part["custom_id"]
        if value is None and required and not self.force:
            raise ControlError("missing_value", f"'{name}' must be answered.", name)
        offered = [option["value"] for option in part.get("options") or []]
        if value is not None and value not in offered and not self.force:
            raise ControlError(
                "invalid_values", f"'{value}' is not on offer in '{name}': {', '.join(offered)}.", name
            )
        return None if value is None else str(value)

    @staticmethod
    def _ticked(part: Payload, value: object) -> bool:
        if not isinstance(value, bool):
            raise ControlError(
                "invalid_values", f"'{part['custom_id']}' is true or false.", part["custom_id"]
            )
        return value


def prefilled(part: Payload) -> Any:
    """What the form shows in that part before anybody touches it."""
    kind = part["type"]
    if kind == TEXT_INPUT:
        return part.get("value")
    if kind == CHECKBOX:
        return bool(part.get("default"))
    if kind in (STRING_SELECT, CHECKBOX_GROUP, RADIO_GROUP):
        chosen = [option["value"] for option in part.get("options") or [] if option.get("default")]
        return (chosen[0] if chosen else None) if kind == RADIO_GROUP else chosen
    return [str(value["id"]) for value in part.get("default_values") or []]


def _with_made_up_parts(modal: Payload, values: Payload) -> Payload:
    """The form with a part for every value that it has none for, as a forged submission would bring it."""
    parts = list(rules.walk(modal["components"]))
    known = {part.get("custom_id") for part in parts}
    next_id = 1 + max((part["id"] for part in parts), default=0)
    made_up = []
    for name, value in values.items():
        if name not in known:
            kind = (
                CHECKBOX
                if isinstance(value, bool)
                else STRING_SELECT
                if isinstance(value, list)
                else TEXT_INPUT
            )
            component = {"type": kind, "id": next_id + 1, "custom_id": name}
            made_up.append({"type": LABEL, "id": next_id, "component": component})
            next_id += 2
    return modal | {"components": [*modal["components"], *made_up]}


def _is_upload(part: Payload) -> bool:
    return bool(part["type"] == FILE_UPLOAD)
