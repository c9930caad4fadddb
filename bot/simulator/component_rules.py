"""Discord's rules for the components of a message and the parts of a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.simulator.findings import SNOWFLAKE, Findings, Path, Payload, scalar

MAX_COMPONENTS = 40
MAX_COMPONENT_TEXT = 4000
MAX_ROWS = 5
ANY_NUMBER = 1_000_000  # only the total counts, see Components.check_whole

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23
SELECTS = frozenset({STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})
V2_TOP = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
IN_CONTAINER = V2_TOP - {CONTAINER}
IN_LABEL = SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}
DEFAULT_VALUE_TYPES = {
    USER_SELECT: {"user"},
    ROLE_SELECT: {"role"},
    MENTIONABLE_SELECT: {"user", "role"},
    CHANNEL_SELECT: {"channel"},
}


def walk(components: object) -> Iterator[Payload]:
    """Every component, parents before their children, in Discord's order."""
    for component in components if isinstance(components, list) else ():
        if isinstance(component, dict):
            yield component
            yield from walk(component.get("components"))
            for name in ("accessory", "component"):
                if isinstance(component.get(name), dict):
                    yield from walk([component[name]])


def text_of(components: object) -> str:
    """All text displays of a message, joined; where mentions are looked for."""
    return "\n".join(str(part.get("content", "")) for part in walk(components) if part.get("type") == TEXT)


def number_components(components: object) -> None:
    """Give every component without an id the next free one, in place, as Discord does."""
    taken = {part["id"] for part in walk(components) if part.get("id")}
    next_id = 1
    for part in walk(components):
        if not part.get("id"):
            while next_id in taken:
                next_id += 1
            part["id"] = next_id
            taken.add(next_id)


def check_components(found: Findings, raw: object, *, is_v2: bool, file_names: set[str]) -> None:
    components = found.items(("components",), raw, 0, ANY_NUMBER if is_v2 else MAX_ROWS)
    checker = Components(found, file_names)
    for index, component in enumerate(components):
        allowed = V2_TOP if is_v2 else frozenset({ROW})
        checker.check(("components", index), component, allowed)
    checker.check_whole(components, is_v2=is_v2)


class Components:
    """Walks a component tree, with what must be unique or counted over the whole message."""

    def __init__(self, found: Findings, file_names: set[str]) -> None:
        self.found = found
        self.file_names = file_names
        self.custom_ids: set[str] = set()
        self.ids: set[int] = set()

    def check(self, at: Path, raw: object, allowed: frozenset[int]) -> None:
        component = self.found.mapping(at, raw)
        kind = scalar(component.get("type"))
        if kind not in allowed:
            choices = ", ".join(str(choice) for choice in sorted(allowed))
            self.found.add(
                (*at, "type"), "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({choices}).'
            )
            return
        self._check_id(at, component)
        if kind in SELECTS:
            self._select(at, component, in_modal=False)
        else:
            _PARTS[kind](self, at, component)

    def check_whole(self, components: list[Any], *, is_v2: bool) -> None:
        parts = list(walk(components))
        if is_v2 and len(parts) > MAX_COMPONENTS:
            text = f"The total number of components must be less than or equal to {MAX_COMPONENTS}"
            self.found.add(("components",), "TOTAL_COMPONENTS_EXCEEDED", text)
        if (
            len(text_of(components).replace("\n", "")) > MAX_COMPONENT_TEXT
            and self._text_length(parts) > MAX_COMPONENT_TEXT
        ):
            text = f"The total length of displayable text must be less than or equal to {MAX_COMPONENT_TEXT}"
            self.found.add(("components",), "COMPONENT_MAX_TOTAL_TEXT_LENGTH", text)

    @staticmethod
    def _text_length(parts: list[Payload]) -> int:
        return sum(len(str(part.get("content", ""))) for part in parts if part.get("type") == TEXT)

    def _check_id(self, at: Path, component: Payload) -> None:
        own_id = self.found.number((*at, "id"), component.get("id"), 0, (1 << 31) - 1)
        if own_id:
            if own_id in self.ids:
                self.found.add((*at, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
            self.ids.add(own_id)

    def custom_id(self, at: Path, component: Payload) -> None:
        value = component.get("custom_id")
        if self.found.text((*at, "custom_id"), value, 1, 100):
            if value in self.custom_ids:
                text = "Component custom id cannot be duplicated"
                self.found.add((*at, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", text)
            self.custom_ids.add(str(value))

    def row(self, at: Path, component: Payload) -> None:
        children = self.found.items((*at, "components"), component.get("components"), 1, 5)
        kinds = [scalar(child.get("type")) if isinstance(child, dict) else None for child in children]
        for index, child in enumerate(children):
            self.check((*at, "components", index), child, SELECTS | {BUTTON})
        if len(kinds) > 1 and any(kind in SELECTS for kind in kinds):
            text = "The specified component exceeds the maximum width"
            self.found.add((*at, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)

    def button(self, at: Path, component: Payload) -> None:
        style = self.found.number((*at, "style"), component.get("style"), 1, 6, optional=False)
        self.found.text((*at, "label"), component.get("label"), 0, 80, optional=True)
        if style == 5:
            self.found.url((*at, "url"), component.get("url"), ("http", "https", "discord"))
            if component.get("custom_id"):
                text = "A custom id and url cannot both be specified"
                self.found.add((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", text)
        elif style == 6:
            self.found.text((*at, "sku_id"), component.get("sku_id"), 1, 20)
            return
        else:
            self.custom_id(at, component)
        if not component.get("label") and not component.get("emoji"):
            self.found.add(
                at, "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL", "A label or emoji must be specified"
            )

    def _select(self, at: Path, component: Payload, *, in_modal: bool) -> None:
        self.custom_id(at, component)
        self.found.text((*at, "placeholder"), component.get("placeholder"), 0, 150, optional=True)
        low = _default(self.found.number((*at, "min_values"), component.get("min_values"), 0, 25), 1)
        high = _default(self.found.number((*at, "max_values"), component.get("max_values"), 1, 25), 1)
        if low > high:
            self.found.add(
                (*at, "min_values"), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}."
            )
        if in_modal and component.get("disabled"):
            self.found.add(
                (*at, "disabled"), "COMPONENT_DISABLED_IN_MODAL", "Components in a modal cannot be disabled"
            )
        if component["type"] == STRING_SELECT:
            self.options(at, component, 1, 25, high)
        else:
            self._default_values(at, component, high)

    def options(self, at: Path, component: Payload, low: int, high: int, most_defaults: int) -> None:
        options = self.found.items((*at, "options"), component.get("options"), low, high)
        values: set[str] = set()
        for index, raw in enumerate(options):
            here: Path = (*at, "options", index)
            option = self.found.mapping(here, raw)
            self.found.text((*here, "label"), option.get("label"), 1, 100)
            self.found.text((*here, "description"), option.get("description"), 0, 100, optional=True)
            if self.found.text((*here, "value"), option.get("value"), 1, 100):
                if option["value"] in values:
                    text = "The specified option value is already used"
                    self.found.add((*here, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
                values.add(option["value"])
        if sum(bool(option.get("default")) for option in options if isinstance(option, dict)) > most_defaults:
            text = f"No more than {most_defaults} options may be selected by default"
            self.found.add((*at, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULTS", text)

    def _default_values(self, at: Path, component: Payload, high: int) -> None:
        allowed = DEFAULT_VALUE_TYPES[component["type"]]
        for index, raw in enumerate(
            self.found.items((*at, "default_values"), component.get("default_values"), 0, high)
        ):
            here: Path = (*at, "default_values", index)
            value = self.found.mapping(here, raw)
            if scalar(value.get("type")) not in allowed:
                choices = ", ".join(repr(name) for name in sorted(allowed))
                self.found.add((*here, "type"), "BASE_TYPE_CHOICES", f"Value must be one of ({choices}).")
            if not SNOWFLAKE.fullmatch(str(value.get("id"))):
                self.found.add(
                    (*here, "id"), "NUMBER_TYPE_COERCE", f'Value "{value.get("id")}" is not snowflake.'
                )

    def section(self, at: Path, component: Payload) -> None:
        for index, child in enumerate(
            self.found.items((*at, "components"), component.get("components"), 1, 3)
        ):
            self.check((*at, "components", index), child, frozenset({TEXT}))
        if component.get("accessory") is None:
            self.found.add((*at, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")
        else:
            self.check((*at, "accessory"), component["accessory"], frozenset({BUTTON, THUMBNAIL}))

    def text(self, at: Path, component: Payload) -> None:
        self.found.text((*at, "content"), component.get("content"), 1, MAX_COMPONENT_TEXT)

    def thumbnail(self, at: Path, component: Payload) -> None:
        self._media((*at, "media"), component.get("media"), ("http", "https", "attachment"))
        self.found.text((*at, "description"), component.get("description"), 0, 1024, optional=True)

    def gallery(self, at: Path, component: Payload) -> None:
        for index, raw in enumerate(self.found.items((*at, "items"), component.get("items"), 1, 10)):
            item = self.found.mapping((*at, "items", index), raw)
            self._media((*at, "items", index, "media"), item.get("media"), ("http", "https", "attachment"))
            self.found.text(
                (*at, "items", index, "description"), item.get("description"), 0, 1024, optional=True
            )

    def file(self, at: Path, component: Payload) -> None:
        self._media((*at, "file"), component.get("file"), ("attachment",))

    def separator(self, at: Path, component: Payload) -> None:
        self.found.number((*at, "spacing"), component.get("spacing"), 1, 2)

    def container(self, at: Path, component: Payload) -> None:
        self.found.number((*at, "accent_color"), component.get("accent_color"), 0, 0xFFFFFF)
        for index, child in enumerate(
            self.found.items((*at, "components"), component.get("components"), 1, ANY_NUMBER)
        ):
            self.check((*at, "components", index), child, IN_CONTAINER)

    def _media(self, at: Path, raw: object, schemes: tuple[str, ...]) -> None:
        media = self.found.mapping(at, raw)
        url = media.get("url")
        if isinstance(url, str) and url.startswith("attachment://"):
            if url.removeprefix("attachment://") not in self.file_names:
                text = "The referenced attachment was not found"
                self.found.add((*at, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", text)
        elif schemes == ("attachment",) and _is_own_upload(url):
            return  # an edit sends back the address that the attachment got
        else:
            self.found.url((*at, "url"), url, schemes)

    # --- forms ---

    def modal_part(self, at: Path, raw: object) -> None:
        """One of the (at most five) parts of a form."""
        part = self.found.mapping(at, raw)
        kind = scalar(part.get("type"))
        if kind == TEXT:
            self.text(at, part)
        elif kind == LABEL:
            self.found.text((*at, "label"), part.get("label"), 1, 45)
            self.found.text((*at, "description"), part.get("description"), 0, 100, optional=True)
            self._modal_input((*at, "component"), part.get("component"), IN_LABEL, labelled=True)
        elif kind == ROW:
            for index, child in enumerate(
                self.found.items((*at, "components"), part.get("components"), 1, 1)
            ):
                self._modal_input((*at, "components", index), child, SELECTS | {TEXT_INPUT}, labelled=False)
        else:
            self.found.add(
                (*at, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 10, 18).'
            )

    def _modal_input(self, at: Path, raw: object, allowed: frozenset[int], *, labelled: bool) -> None:
        part = self.found.mapping(at, raw)
        kind = scalar(part.get("type"))
        if kind not in allowed:
            choices = ", ".join(str(choice) for choice in sorted(allowed))
            self.found.add(
                (*at, "type"), "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({choices}).'
            )
            return
        self._check_id(at, part)
        if kind in SELECTS:
            self._select(at, part, in_modal=True)
            self._required_minimum(at, part)
        elif kind == TEXT_INPUT:
            self._text_input(at, part, labelled=labelled)
        else:
            self.custom_id(at, part)
            self._choices(at, part)

    def _choices(self, at: Path, part: Payload) -> None:
        if part["type"] == RADIO_GROUP:
            self.options(at, part, 2, 10, 1)
        if part["type"] == CHECKBOX_GROUP:
            self.options(at, part, 1, 10, 10)
        if part["type"] in (FILE_UPLOAD, CHECKBOX_GROUP):
            low = self.found.number((*at, "min_values"), part.get("min_values"), 0, 10)
            high = self.found.number((*at, "max_values"), part.get("max_values"), 1, 10)
            if low is not None and high is not None and low > high:
                text = f"int value should be less than or equal to {high}."
                self.found.add((*at, "min_values"), "NUMBER_TYPE_MAX", text)
            self._required_minimum(at, part)

    def _required_minimum(self, at: Path, part: Payload) -> None:
        if part.get("min_values") == 0 and part.get("required", True) is not False:
            text = "min_values must be at least 1 when required is true"
            self.found.add((*at, "min_values"), "COMPONENT_REQUIRED_MIN_VALUES", text)

    def _text_input(self, at: Path, part: Payload, *, labelled: bool) -> None:
        self.custom_id(at, part)
        self.found.number((*at, "style"), part.get("style"), 1, 2, optional=False)
        if not labelled:
            self.found.text((*at, "label"), part.get("label"), 1, 45)
        elif part.get("label"):
            text = "A text input inside a label cannot have a label of its own"
            self.found.add((*at, "label"), "TEXT_INPUT_LABEL_IN_LABEL", text)
        self.found.text((*at, "placeholder"), part.get("placeholder"), 0, 100, optional=True)
        low = _default(self.found.number((*at, "min_length"), part.get("min_length"), 0, 4000), 0)
        high = _default(self.found.number((*at, "max_length"), part.get("max_length"), 1, 4000), 4000)
        if low > high:
            text = f"int value should be less than or equal to {high}."
            self.found.add((*at, "min_length"), "NUMBER_TYPE_MAX", text)
        self.found.text((*at, "value"), part.get("value"), 0, high, optional=True)


_PARTS = {
    ROW: Components.row,
    BUTTON: Components.button,
    SECTION: Components.section,
    TEXT: Components.text,
    THUMBNAIL: Components.thumbnail,
    GALLERY: Components.gallery,
    FILE: Components.file,
    SEPARATOR: Components.separator,
    CONTAINER: Components.container,
}


def _default(value: int | None, default: int) -> int:
    return default if value is None else value


def _is_own_upload(url: object) -> bool:
    return isinstance(url, str) and "/cdn/attachments/" in url
