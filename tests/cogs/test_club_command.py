"""/club as Discord registers it: within every limit, in both languages, and nobody is kept from seeing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands

from cogs.club import club_command
from cogs.translator import CatalogTranslator
from tests.cogs.conftest import Server


@pytest.fixture
async def payload() -> dict[str, Any]:
    """What is sent to Discord."""
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    translator = CatalogTranslator()
    await tree.set_translator(translator)
    tree.add_command(club_command())
    (command,) = tree.get_commands()
    return await command.get_translated_payload(tree, translator)


def parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in (*node.get("options", ()), *node.get("choices", ())):
        yield from parts(child)


def test_all_its_words_fit_into_one_command(payload: dict[str, Any]):
    def longest(part: dict[str, Any], field: str) -> int:
        texts = [part.get(field) or "", *(part.get(f"{field}_localizations") or {}).values()]
        return max(len(str(text)) for text in texts)

    size = sum(
        longest(part, "name") + longest(part, "description") + len(str(part.get("value", "")))
        for part in parts(payload)
    )
    assert size <= 8000


def test_every_word_is_in_both_languages_and_within_its_length(payload: dict[str, Any]):
    for part in parts(payload):
        if "value" in part and "type" not in part:  # a choice; encodings are called the same everywhere
            continue
        for text in (part["description"], part["description_localizations"]["zh-TW"]):
            assert 1 <= len(text) <= 100, part["name"]
        assert 1 <= len(part["name_localizations"]["zh-TW"]) <= 32, part["name"]


def test_names_beside_each_other_differ_in_both_languages(payload: dict[str, Any]):
    for part in parts(payload):
        children = part.get("options", ())
        assert len(children) <= 25
        names = [child["name"] for child in children]
        chinese = [child["name_localizations"]["zh-TW"] for child in children]
        assert len(set(names)) == len(names)
        assert len(set(chinese)) == len(chinese)


def test_discord_hides_it_from_nobody(payload: dict[str, Any]):
    assert payload["default_member_permissions"] is None


async def test_everything_that_the_issue_names_is_there(server: Server):
    commands = {name.removeprefix("club ") for name in server.ann.available_commands(server.general)}
    expected = {
        "plan": "add price rename role retire history list",
        "method": "add edit order retire list",
        "member": "add edit show leave rejoin merge move unlink balance list",
        "subscription": "start end pause resume billing-day list",
        "roster": "import export undo",
        "billing": "open status",
        "bill": "list show amount waive unwaive void charge back-fill",
        "payment": "record reject reopen verify-all unverify cancel refund list",
        "proof": "retention delete",
        "admins": "grant revoke list",
    }
    assert {f"{group} {name}" for group, names in expected.items() for name in names.split()} <= commands
