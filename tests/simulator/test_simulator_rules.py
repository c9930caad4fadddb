"""What Discord refuses, as tables: a payload, and the place and code of what is wrong with it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulator import rules
from bot.simulator.component_rules import number_components

V2 = 1 << 15
Payload = dict[str, Any]


def found(problems: list[rules.Problem]) -> list[tuple[str, str]]:
    return [(".".join(map(str, problem.path)), problem.code) for problem in problems]


def button(**more: Any) -> Payload:
    return {"type": 2, "style": 1, "label": "Pay", "custom_id": "pay"} | more


def row(*parts: Payload) -> Payload:
    return {"type": 1, "components": list(parts)}


def options(count: int) -> list[Payload]:
    return [{"label": f"o{n}", "value": f"v{n}"} for n in range(count)]


def select(**more: Any) -> Payload:
    return {"type": 3, "custom_id": "s", "options": options(2)} | more


def text(content: str = "x") -> Payload:
    return {"type": 10, "content": content}


def v2(*parts: Payload, **more: Any) -> Payload:
    return {"flags": V2, "components": list(parts)} | more


FINE: list[Payload] = [
    {"content": "x" * 2000},
    {"content": None, "embeds": []},
    {"nonce": 12345, "enforce_nonce": True},
    {
        "embeds": [
            {"title": "t", "fields": [{"name": "n", "value": "v"}] * 25, "timestamp": "2026-06-05T00:00:00Z"}
        ]
    },
    {
        "allowed_mentions": {
            "parse": ["users"],
            "roles": [str(n) for n in range(1, 101)],
            "replied_user": False,
        }
    },
    {"allowed_mentions": {"parse": [], "users": [1, "2"]}},
    {"components": [row(*[button(custom_id=f"b{n}") for n in range(5)])] * 1},
    {"components": [row(select(options=options(25), max_values=25, min_values=0))]},
    {"components": [row({"type": 5, "custom_id": "u", "default_values": [{"id": "1", "type": "user"}]})]},
    {"components": [row(button(style=5, url="https://example.org", custom_id=None))]},
    {"components": [row(button(label=None, emoji={"name": "✅"}))]},
    v2(*[text() for _ in range(40)]),
    v2(text("x" * 4000)),
    v2(
        {
            "type": 17,
            "accent_color": 0xFFFFFF,
            "components": [
                {"type": 9, "components": [text()], "accessory": button()},
                {"type": 14, "spacing": 2},
                {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]},
                {"type": 13, "file": {"url": "attachment://a.png"}},
                row(select()),
            ],
        }
    ),
]


@pytest.mark.parametrize("payload", FINE)
def test_what_discord_accepts_is_accepted(payload: Payload) -> None:
    assert found(rules.check_message(payload, file_names=["a.png"])) == []


BAD: list[tuple[Any, str, str]] = [
    ([], "", "DICT_TYPE_CONVERT"),
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
    ({"nonce": "x" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    ({"flags": "64"}, "flags", "NUMBER_TYPE_COERCE"),
    ({"embeds": [{}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"fields": [{"name": "", "value": "v"}]}]}, "embeds.0.fields.0.name", "BASE_TYPE_REQUIRED"),
    ({"embeds": [{"fields": [{"name": "n"}]}]}, "embeds.0.fields.0.value", "BASE_TYPE_REQUIRED"),
    (
        {"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]},
        "embeds.0.fields.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "embeds.0.fields", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text", "BASE_TYPE_BAD_LENGTH"),
    ({"embeds": [{"color": 0x1000000}]}, "embeds.0.color", "NUMBER_TYPE_MAX"),
    ({"embeds": [{"url": "ftp://x"}]}, "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    ({"embeds": [{"image": {"url": "nonsense"}}]}, "embeds.0.image.url", "URL_TYPE_INVALID_SCHEME"),
    ({"embeds": [{"timestamp": "yesterday"}]}, "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
    ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ({"allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0", "BASE_TYPE_CHOICES"),
    (
        {"allowed_mentions": {"users": [str(n) for n in range(101)]}},
        "allowed_mentions.users",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"allowed_mentions": {"users": ["1", 1]}},
        "allowed_mentions.users.1",
        "SET_TYPE_ALREADY_CONTAINS_VALUE",
    ),
    ({"allowed_mentions": {"roles": ["x"]}}, "allowed_mentions.roles.0", "NUMBER_TYPE_COERCE"),
    (
        {"allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    (
        {"components": [row(button(custom_id=f"b{n}")) for n in range(6)]},
        "components",
        "BASE_TYPE_MAX_LENGTH",
    ),
    ({"components": [button()]}, "components.0.type", "UNION_TYPE_CHOICES"),
    ({"components": [text()]}, "components.0.type", "UNION_TYPE_CHOICES"),
    ({"components": [row()]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (
        {"components": [row(button(label="x" * 81))]},
        "components.0.components.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"components": [row(button(label=None))]},
        "components.0.components.0",
        "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL",
    ),
    (
        {"components": [row(button(custom_id="x" * 101))]},
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"components": [row(button(custom_id=None))]},
        "components.0.components.0.custom_id",
        "BASE_TYPE_REQUIRED",
    ),
    ({"components": [row(button(style=7))]}, "components.0.components.0.style", "NUMBER_TYPE_MAX"),
    (
        {"components": [row(button(style=5, custom_id=None))]},
        "components.0.components.0.url",
        "BASE_TYPE_REQUIRED",
    ),
    (
        {"components": [row(button(), button())]},
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    ({"components": [row(button(), select())]}, "components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    ({"components": [row(select(options=[]))]}, "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    (
        {"components": [row(select(options=options(26)))]},
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"components": [row(select(options=options(1) * 2))]},
        "components.0.components.0.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    (
        {"components": [row(select(options=[{"label": "x" * 101, "value": "v"}]))]},
        "components.0.components.0.options.0.label",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"components": [row(select(placeholder="x" * 151))]},
        "components.0.components.0.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    ({"components": [row(select(min_values=2))]}, "components.0.components.0.min_values", "NUMBER_TYPE_MAX"),
    ({"components": [row(select(max_values=26))]}, "components.0.components.0.max_values", "NUMBER_TYPE_MAX"),
    (
        {"components": [row(button(id=1), button(id=1, custom_id="b"))]},
        "components.0.components.1.id",
        "COMPONENT_ID_DUPLICATED",
    ),
    (v2(*[text() for _ in range(41)]), "components", "TOTAL_COMPONENTS_EXCEEDED"),
    (
        v2({"type": 17, "components": [text() for _ in range(40)]}),
        "components",
        "TOTAL_COMPONENTS_EXCEEDED",
    ),
    (v2(text("x" * 2001), text("x" * 2000)), "components", "COMPONENT_MAX_TOTAL_TEXT_LENGTH"),
    (v2(text("")), "components.0.content", "BASE_TYPE_REQUIRED"),
    (v2(text(), content="x"), "content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    (v2(text(), embeds=[{"title": "x"}]), "embeds", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    (v2(button()), "components.0.type", "UNION_TYPE_CHOICES"),
    (v2({"type": 9, "components": [text()]}), "components.0.accessory", "BASE_TYPE_REQUIRED"),
    (
        v2({"type": 17, "components": [{"type": 17, "components": [text()]}]}),
        "components.0.components.0.type",
        "UNION_TYPE_CHOICES",
    ),
    (
        v2({"type": 13, "file": {"url": "attachment://b.png"}}),
        "components.0.file.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    (
        v2({"type": 13, "file": {"url": "https://example.org/a"}}),
        "components.0.file.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    (v2({"type": 12, "items": []}), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    (v2({"type": 14, "spacing": 3}), "components.0.spacing", "NUMBER_TYPE_MAX"),
]


@pytest.mark.parametrize(("payload", "place", "code"), BAD)
def test_bad_message_is_refused_where_it_is_wrong(payload: Any, place: str, code: str) -> None:
    assert found(rules.check_message(payload, file_names=["a.png"])) == [(place, code)]


def modal(*parts: Payload, **more: Any) -> Payload:
    return {"title": "Pay", "custom_id": "m", "components": list(parts)} | more


def label(component: Payload, **more: Any) -> Payload:
    return {"type": 18, "label": "L", "component": component} | more


def typed(**more: Any) -> Payload:
    return {"type": 4, "custom_id": "t", "style": 1} | more


GOOD_FORMS: list[Payload] = [
    modal(*[label(typed(custom_id=f"t{n}")) for n in range(5)]),
    modal(text(), row(typed(label="L")), label(select(required=False, min_values=0))),
    modal(label({"type": 19, "custom_id": "f", "min_values": None, "max_values": 10, "required": True})),
    modal(label({"type": 21, "custom_id": "r", "options": options(10)})),
    modal(
        label({"type": 22, "custom_id": "c", "options": options(1)}), label({"type": 23, "custom_id": "x"})
    ),
]


@pytest.mark.parametrize("payload", GOOD_FORMS)
def test_forms_that_discord_accepts(payload: Payload) -> None:
    assert found(rules.check_modal(payload)) == []


BAD_FORMS: list[tuple[Any, str, str]] = [
    (None, "data", "DICT_TYPE_CONVERT"),
    (modal(text(), title="x" * 46), "data.title", "BASE_TYPE_BAD_LENGTH"),
    (modal(text(), custom_id=""), "data.custom_id", "BASE_TYPE_REQUIRED"),
    (modal(), "data.components", "BASE_TYPE_BAD_LENGTH"),
    (modal(*[text() for _ in range(6)]), "data.components", "BASE_TYPE_BAD_LENGTH"),
    (modal(button()), "data.components.0.type", "UNION_TYPE_CHOICES"),
    (modal(label(typed(), label="x" * 46)), "data.components.0.label", "BASE_TYPE_BAD_LENGTH"),
    (modal(label(typed(), description="x" * 101)), "data.components.0.description", "BASE_TYPE_MAX_LENGTH"),
    (modal(label(button())), "data.components.0.component.type", "UNION_TYPE_CHOICES"),
    (modal(label(typed(label="twice"))), "data.components.0.component.label", "TEXT_INPUT_LABEL_IN_LABEL"),
    (modal(row(typed())), "data.components.0.components.0.label", "BASE_TYPE_REQUIRED"),
    (
        modal(label(typed(max_length=5, value="123456"))),
        "data.components.0.component.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        modal(label(typed(min_length=6, max_length=5))),
        "data.components.0.component.min_length",
        "NUMBER_TYPE_MAX",
    ),
    (
        modal(label(typed(placeholder="x" * 101))),
        "data.components.0.component.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        modal(label(typed()), label(typed())),
        "data.components.1.component.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    (
        modal(label(select(options=options(26)))),
        "data.components.0.component.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        modal(label(select(disabled=True))),
        "data.components.0.component.disabled",
        "COMPONENT_DISABLED_IN_MODAL",
    ),
    (
        modal(label(select(min_values=0))),
        "data.components.0.component.min_values",
        "COMPONENT_REQUIRED_MIN_VALUES",
    ),
    (
        modal(label({"type": 19, "custom_id": "f", "max_values": 11})),
        "data.components.0.component.max_values",
        "NUMBER_TYPE_MAX",
    ),
    (
        modal(label({"type": 21, "custom_id": "r", "options": options(1)})),
        "data.components.0.component.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
]


@pytest.mark.parametrize(("payload", "place", "code"), BAD_FORMS)
def test_bad_form_is_refused_where_it_is_wrong(payload: Any, place: str, code: str) -> None:
    assert found(rules.check_modal(payload)) == [(place, code)]


def slash(**more: Any) -> Payload:
    return {"name": "pay", "description": "Pay", "type": 1} | more


def option(**more: Any) -> Payload:
    return {"type": 3, "name": "o", "description": "d"} | more


def sub(name: str = "s", kind: int = 1, **more: Any) -> Payload:
    return {"type": kind, "name": name, "description": "d"} | more


GOOD_COMMANDS: list[list[Payload]] = [
    [],
    [slash(name="繳費", name_localizations={"zh-TW": "綁定"}), slash(name="a-b_c'9")],
    [slash(), {"type": 2, "name": "Pay"}, {"type": 3, "name": "Pay"}],
    [slash(name=f"c{n}") for n in range(100)],
    [slash(options=[sub("billing", 2, options=[sub("open", options=[option()])]), sub("plan")])],
    [slash(options=[option(required=True), option(name="p", choices=[{"name": "n", "value": "v"}] * 1)])],
    [slash(options=[option(type=4, min_value=1, max_value=3)])],
]


@pytest.mark.parametrize("payload", GOOD_COMMANDS)
def test_commands_that_discord_accepts(payload: list[Payload]) -> None:
    assert found(rules.check_commands(payload)) == []


BAD_COMMANDS: list[tuple[Any, str, str]] = [
    ({}, "", "LIST_TYPE_CONVERT"),
    ([slash(name="Pay")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ([slash(name="pay now")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ([slash(name="x" * 33)], "0.name", "BASE_TYPE_BAD_LENGTH"),
    ([slash(description="")], "0.description", "BASE_TYPE_REQUIRED"),
    ([slash(description="x" * 101)], "0.description", "BASE_TYPE_BAD_LENGTH"),
    ([slash(), slash()], "1.name", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    ([slash(name=f"c{n}") for n in range(101)], "", "APPLICATION_COMMANDS_MAXIMUM"),
    ([slash(name_localizations={"tw": "x"})], "0.name_localizations.tw", "BASE_TYPE_CHOICES"),
    (
        [slash(name_localizations={"zh-TW": "繳 費"})],
        "0.name_localizations.zh-TW",
        "APPLICATION_COMMAND_INVALID_NAME",
    ),
    (
        [slash(description_localizations={"ja": "x" * 101})],
        "0.description_localizations.ja",
        "BASE_TYPE_BAD_LENGTH",
    ),
    ([slash(options=[option(name=f"o{n}") for n in range(26)])], "0.options", "BASE_TYPE_MAX_LENGTH"),
    (
        [slash(options=[option(), option()])],
        "0.options.1.name",
        "APPLICATION_COMMAND_OPTIONS_NAME_NOT_UNIQUE",
    ),
    (
        [slash(options=[option(), option(name="p", required=True)])],
        "0.options.1.required",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    ([slash(options=[option(type=12)])], "0.options.0.type", "NUMBER_TYPE_MAX"),
    ([slash(options=[sub(), option()])], "0.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    (
        [slash(options=[sub("g", 2, options=[sub("h", 2)])])],
        "0.options.0.options.0.type",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        [slash(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
        "0.options.0.choices",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        [slash(options=[option(choices=[{"name": "n", "value": "v"}], autocomplete=True)])],
        "0.options.0.autocomplete",
        "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES",
    ),
    (
        [slash(options=[option(type=4, min_value=5, max_value=3)])],
        "0.options.0.min_value",
        "APPLICATION_COMMAND_OPTIONS_MIN_MAX_INVALID",
    ),
    ([slash(default_member_permissions="manage")], "0.default_member_permissions", "NUMBER_TYPE_COERCE"),
    (
        [{"type": 2, "name": "Pay", "description": "x"}],
        "0.description",
        "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION",
    ),
    (
        [
            slash(
                options=[
                    option(
                        name=f"o{n}",
                        choices=[{"name": f"{c}" + "n" * 90, "value": f"{c}" + "v" * 90} for c in range(25)],
                    )
                    for n in range(2)
                ]
            )
        ],
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
]


@pytest.mark.parametrize(("payload", "place", "code"), BAD_COMMANDS)
def test_bad_command_is_refused_where_it_is_wrong(payload: Any, place: str, code: str) -> None:
    assert found(rules.check_commands(payload)) == [(place, code)]


@pytest.mark.parametrize(
    ("choices", "kind", "expected"),
    [
        ([{"name": "n", "value": "v"}] * 25, 3, []),
        ([{"name": "n", "value": "v"}] * 26, 3, [("data.choices", "BASE_TYPE_MAX_LENGTH")]),
        ([{"name": "x" * 101, "value": "v"}], 3, [("data.choices.0.name", "BASE_TYPE_BAD_LENGTH")]),
        ([{"name": "n", "value": "v"}], 4, [("data.choices.0.value", "NUMBER_TYPE_COERCE")]),
        ([{"name": "n", "value": 4}], 4, []),
    ],
)
def test_suggestions(choices: list[Payload], kind: int, expected: list[tuple[str, str]]) -> None:
    assert found(rules.check_choices({"choices": choices}, kind)) == expected


def test_problems_nest_as_discord_nests_them() -> None:
    problems = rules.check_message({"content": "x" * 2001, "embeds": [{"title": 5}]})
    assert rules.as_errors(problems) == {
        "content": {
            "_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]
        },
        "embeds": {
            "0": {
                "title": {
                    "_errors": [
                        {"code": "STRING_TYPE_CONVERT", "message": 'Could not interpret "5" as string.'}
                    ]
                }
            }
        },
    }


def test_components_without_ids_are_numbered_around_those_that_have_one() -> None:
    components = [row(button(), button(id=2)), text()]
    number_components(components)
    assert [part["id"] for part in rules.walk(components)] == [1, 3, 2, 4]


def test_the_flag_of_a_message_made_of_components_cannot_be_taken_away() -> None:
    problems = rules.check_message({"flags": 0, "components": [text()]}, is_v2=True, is_edit=True)
    assert found(problems) == [("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG")]


# --- whatever comes, an answer comes back ---

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 40) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TEMPLATES = [*FINE, *GOOD_FORMS, *[payload for payload, _, _ in BAD if isinstance(payload, dict)]]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in _places(part, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _with(value[path[0]], path[1:], junk)
    return copied


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_junk_in_any_place_is_a_finding_and_never_a_crash(data: st.DataObject) -> None:
    template = data.draw(
        st.sampled_from([*TEMPLATES, *GOOD_COMMANDS, *[payload for payload, _, _ in BAD_COMMANDS]])
    )
    place = data.draw(st.sampled_from(_places(template)))
    payload = _with(template, place, data.draw(JUNK))
    for check in (rules.check_message, rules.check_modal, rules.check_commands):
        rules.as_errors(check(payload))
    rules.as_errors(rules.check_message(payload, is_v2=True, is_edit=True))
    rules.as_errors(rules.check_choices(payload, 3))
