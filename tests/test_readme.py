"""What the README promises by number and by name is so."""

from __future__ import annotations

import re
from pathlib import Path

import discord

from cogs.setup.permissions import NAMES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_invitation_asks_for_exactly_the_permissions_that_setup_checks() -> None:
    (number,) = re.findall(r"&permissions=([0-9]+)", README)
    assert discord.Permissions(int(number)) == discord.Permissions(**dict.fromkeys(NAMES, True))


def test_every_picture_and_page_that_it_links_is_there() -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert len(linked) > 10
    assert [path for path in linked if not (ROOT / path).exists()] == []
