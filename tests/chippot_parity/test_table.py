"""docs/chippot.md: a row per capability of the predecessor, and everything that it names is there."""

from __future__ import annotations

import argparse
import re
from functools import cache

import pytest

from bot import cli
from core.i18n import catalog
from tests.chippot_parity import evidence, test_defects, test_lessons
from tests.chippot_parity.evidence import ROOT
from tests.cogs.conftest import Server

PAGE = ROOT / "docs" / "chippot.md"
SECTIONS = range(4, 23)
PARTS = {4: 3, 6: 3, 8: 8, 9: 5, 10: 5, 13: 9, 14: 4}
"""How many numbered parts a section of the description has: §4.1 to §4.3, and so on."""


COMMAND, FILE, SHELL = r"/[a-z][a-z -]*", r"(core|cogs|bot)/[\w/.-]+", r"potkeeper [a-z-]+"


@cache
def rows() -> list[tuple[str, str, str, str]]:
    """(§, ChipPot, Potkeeper, why different) of the table, without its head."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert [cell.strip() for cell in lines[0].strip("|").split("|")] == [
        "§", "ChipPot", "Potkeeper", "why different",
    ]  # fmt: skip
    found = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]
    assert [row for row in found if len(row) != 4] == []
    return found  # type: ignore[return-value]  # four cells each, as asserted


def named(pattern: str) -> set[str]:
    """What the table names in code marks, by a pattern of the whole mark."""
    marks = {mark for row in rows() for mark in re.findall(r"`([^`]+)`", row[2] + row[3])}
    return {mark for mark in marks if re.fullmatch(pattern, mark)}


def test_there_is_a_row_for_every_capability():
    assert len(rows()) >= 60
    assert len(set(rows())) == len(rows())
    sections = {int(row[0].split(".")[0]) for row in rows()}
    assert sections == set(SECTIONS)
    parts = {f"{section}.{part}" for section, parts in PARTS.items() for part in range(1, parts + 1)}
    assert parts - {row[0] for row in rows()} == set()
    assert {row[0] for row in rows() if "." in row[0]} == parts


def test_nothing_is_named_that_no_test_looks_up():
    """Every name in code marks is a command, a file, an address or a command of the shell."""
    looked_up = (COMMAND, FILE, SHELL, r"/u/<token>", r"/api/v1", r"billing_periods")
    assert {mark for mark in named(r".*") if not any(re.fullmatch(one, mark) for one in looked_up)} == set()
    assert "CREATE TABLE billing_periods" in (ROOT / "schema.sql").read_text(encoding="utf-8")


def test_every_cell_says_something_and_none_says_that_it_is_not_there():
    assert [row for row in rows() if not all(row)] == []
    said = [row for row in rows() if re.search(r"\b(missing|todo|no)\b", " ".join(row), re.IGNORECASE)]
    assert said == []


def test_every_row_names_a_command_a_page_a_module_or_a_button():
    assert [row for row in rows() if not re.search(r"`[^`]+`|\*\*[^*]+\*\*", row[2])] == []


async def test_every_command_is_there(server: Server):
    there = {f"/{name}" for name in server.owner.available_commands(server.general)}
    commands = named(COMMAND)
    assert len(commands) > 40
    assert {command for command in commands if not _is_there(command, there)} == set()


def _is_there(command: str, there: set[str]) -> bool:
    return command in there or any(name.startswith(f"{command} ") for name in there)


def test_every_file_is_there():
    files = named(FILE)
    assert len(files) > 40
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_every_address_is_served():
    pages = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot" / "web").rglob("*.py"))
    assert named(r"/u/<token>") == {"/u/<token>"}
    assert '"/u/{' in pages
    assert "/api/v1" in pages


@pytest.mark.parametrize("command", sorted(named(SHELL) if PAGE.is_file() else ()))
def test_every_command_of_the_shell_is_there(command: str):
    (choices,) = [
        action.choices for action in cli._parser()._actions if isinstance(action, argparse._SubParsersAction)
    ]
    assert command.removeprefix("potkeeper ") in choices


def test_every_button_is_called_like_that():
    labels = {entry for key, entry in catalog("en").items() if isinstance(entry, str) and "button" in key}
    buttons = {label for row in rows() for label in re.findall(r"\*\*([^*]+)\*\*", row[2] + row[3])}
    assert buttons - labels == set()


def test_every_item_of_both_lists_is_looked_at():
    """The numbers of §26 and §24 without a gap; that each test exists is asked beside them."""
    assert list(test_defects.ITEMS) == list(range(1, 31))
    assert sorted(evidence.numbered(test_defects.HERE)) == list(range(1, 31))
    covered = set(test_lessons.EVIDENCE) | set(evidence.numbered(test_lessons.HERE))
    assert covered | test_lessons.CANNOT_APPLY == set(range(1, 50))
