"""Discord's limits are checked on what is sent, and lists are packed instead of being cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest

from bot.client import PotkeeperBot
from cogs.ui import limits
from cogs.ui.limits import LimitBroken, check_message, check_modal, chunks, pack, shorten
from cogs.ui.modals import BaseModal
from cogs.ui.text import escape_markdown, one_line


def message(*items: discord.ui.Item[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def text(length: int = 5) -> discord.ui.TextDisplay[Any]:
    return discord.ui.TextDisplay("x" * length)


def row(*items: discord.ui.Item[Any]) -> discord.ui.ActionRow[Any]:
    return discord.ui.ActionRow(*items)


def button(custom_id: str = "a", label: str = "press") -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, custom_id=custom_id)


def menu(*options: discord.SelectOption, most: int = 1) -> discord.ui.Select[Any]:
    return discord.ui.Select(custom_id="menu", options=list(options), max_values=most)


def option(label: str = "one", value: str = "1", *, default: bool = False) -> discord.SelectOption:
    return discord.SelectOption(label=label, value=value, default=default)


def test_a_usual_message_passes():
    check_message(message(discord.ui.Container(text(), row(button()), row(menu(option())))))


@pytest.mark.parametrize(
    "items",
    [
        (text(4001),),
        (text(2500), text(2500)),
        (discord.ui.TextDisplay("   "),),
        (row(button(), button()),),
        (row(button(label="")),),
        (row(button(label="x" * 81)),),
        (row(menu()),),
        (row(menu(option(), option())),),
        (row(menu(option("x" * 101))),),
        (row(menu(option(), option(value="2"), most=3)),),
        (row(menu(option(default=True), option(value="2", default=True))),),
        (discord.ui.Container(),),
        (),
    ],
    ids=[
        "one long text", "texts together", "blank text", "custom_id twice", "no label", "long label",
        "no options", "option twice", "long option", "more values than options", "two chosen of one",
        "empty container", "nothing",
    ],
)  # fmt: skip
def test_a_message_that_discord_would_refuse_is_not_sent(items: tuple[discord.ui.Item[Any], ...]):
    with pytest.raises(LimitBroken):
        check_message(message(*items))


def test_26_options_are_refused_even_when_the_library_lets_them_through():
    select = menu(*(option(str(number), str(number)) for number in range(25)))
    select._underlying.options.append(option("one more", "99"))
    with pytest.raises(LimitBroken, match="26 options"):
        check_message(message(row(select)))


@pytest.mark.parametrize(
    "mentions",
    [
        discord.AllowedMentions.all(),
        discord.AllowedMentions(everyone=False, users=True, roles=[]),
        discord.AllowedMentions(everyone=False, users=[discord.Object(n + 1) for n in range(101)], roles=[]),
        discord.AllowedMentions(everyone=False, users=[discord.Object(1), discord.Object(1)], roles=[]),
    ],
    ids=["everybody", "any user", "101 users", "one twice"],
)
def test_mentions_are_named_and_at_most_a_hundred(mentions: discord.AllowedMentions):
    with pytest.raises(LimitBroken):
        check_message(message(text()), allowed_mentions=mentions)


class Form(BaseModal):
    """A form of a test."""

    name = "form"

    def __init__(self, title: str = "Title") -> None:
        discord.ui.Modal.__init__(self, title=title, custom_id="form")


async def test_a_form_with_long_labels_is_shortened_by_add_field_and_otherwise_refused():
    form = Form()
    form.add_field("x" * 60, discord.ui.TextInput(), "y" * 120)
    check_modal(form)
    form.add_item(discord.ui.Label(text="x" * 46, component=discord.ui.TextInput()))
    with pytest.raises(LimitBroken, match="label"):
        check_modal(form)


async def test_a_form_with_a_long_title_or_value_is_refused():
    form = Form("x" * 46)
    form.add_field("Note", discord.ui.TextInput())
    with pytest.raises(LimitBroken, match="title"):
        check_modal(form)
    form = Form()
    form.add_field("Note", discord.ui.TextInput(default="x" * 11, max_length=10))
    with pytest.raises(LimitBroken, match="value"):
        check_modal(form)


def test_packing_keeps_every_line_and_the_limit():
    lines = [f"line {number} " + "x" * (number % 300) for number in range(500)]
    pages = pack(lines)
    assert "\n".join(pages).split("\n") == lines
    assert max(map(len, pages)) <= limits.PAGE_CHARACTERS
    assert pack([]) == [""]


def test_chunks_keep_everything_in_order():
    assert [list(piece) for piece in chunks(list(range(60)), 25)] == [
        list(range(25)), list(range(25, 50)), list(range(50, 60))
    ]  # fmt: skip
    assert [list(piece) for piece in chunks([], 25)] == [[]]


def test_names_are_shortened_on_one_line():
    assert shorten("a\nb  c", 10) == "a b c"
    assert shorten("abcdefghij", 5) == "abcd…"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*bold* _it_ ~~no~~ `code` ||s||", r"\*bold\* \_it\_ \~\~no\~\~ \`code\` \|\|s\|\|"),
        ("# big\n- item\n> quote\n1. one", "\\# big\n\\- item\n\\> quote\n1\\. one"),
        ("@everyone <@123> [click](https://evil.example)",
         r"\@everyone \<\@123\> \[click\]\(https://evil.example\)"),
        ("-# small", r"\-# small"),
        ("a\\*b", r"a\\\*b"),
    ],
)  # fmt: skip
def test_typed_text_is_shown_as_it_was_typed(typed: str, shown: str):
    assert escape_markdown(typed) == shown


def test_a_name_with_line_breaks_stays_on_its_line():
    assert one_line("Ann\n# Boss") == "Ann # Boss"


# --- every command, in both languages ----------------------------------------------------------------------

_NAME = re.compile(r"[-_\w\u0E00-\u0E7F\u0900-\u097F]{1,32}")


def walk(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    place = f"{path}/{node['name']}"
    yield place, node
    for child in node.get("options") or []:
        yield from walk(child, place)


async def test_names_and_descriptions_of_all_commands_fit_discord(simcord_bot: PotkeeperBot):
    tree = simcord_bot.tree
    assert tree.translator is not None
    for command in tree.get_commands():
        payload = await command.get_translated_payload(tree, tree.translator)
        for place, node in walk(payload):
            names = [node["name"], *(node.get("name_localizations") or {}).values()]
            said = [node["description"], *(node.get("description_localizations") or {}).values()]
            for name in names:
                assert _NAME.fullmatch(name), f"{place}: {name!r}"
                assert name == name.lower(), f"{place}: {name!r}"
            assert all(1 <= len(sentence) <= 100 for sentence in said), place
            assert "zh-TW" in (node.get("name_localizations") or {}), f"{place} has no Chinese name"
            assert "zh-TW" in (node.get("description_localizations") or {}), place
            assert len(node.get("options") or []) <= 25, place
            for choice in node.get("choices") or []:
                assert 1 <= len(choice["name"]) <= 100, place


async def test_members_see_three_commands_and_reviewers_one_more(simcord_bot: PotkeeperBot):
    names = {command.name for command in simcord_bot.tree.get_commands()}
    assert {"pay", "my", "link", "review"} <= names
    assert names <= {"pay", "my", "link", "review", "club", "setup", "dashboard"}
