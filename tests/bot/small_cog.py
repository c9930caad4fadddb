"""An extension for tests: commands that end in every way."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands

from core.db import Tx
from core.errors import NothingToPay

Interaction = discord.Interaction[Any]


class Slow:
    """How a test follows and ends the slow command."""

    started: asyncio.Event
    may_end: asyncio.Event


async def setup(bot: Any) -> None:
    Slow.started, Slow.may_end = asyncio.Event(), asyncio.Event()
    for command in (fine, refused, mistaken, full, slow):
        bot.tree.add_command(command)


@app_commands.command(description="answers")
async def fine(interaction: Interaction) -> None:
    await interaction.response.send_message("fine", ephemeral=True)


@app_commands.command(description="a person's error")
async def refused(interaction: Interaction) -> None:
    raise NothingToPay()


@app_commands.command(description="our error")
async def mistaken(interaction: Interaction) -> None:
    raise ZeroDivisionError("internal")


@app_commands.command(description="the machine's error")
async def full(interaction: Interaction) -> None:
    await interaction.response.defer(ephemeral=True)
    await interaction.client.services.db.write(_fill)


@app_commands.command(description="takes its time")
async def slow(interaction: Interaction) -> None:
    await interaction.response.defer(ephemeral=True)
    Slow.started.set()
    await Slow.may_end.wait()
    await interaction.followup.send("at last", ephemeral=True)


def _fill(tx: Tx) -> None:
    pages = tx.conn.execute("PRAGMA page_count").fetchone()[0]
    tx.conn.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(1000):
        tx.conn.execute(
            "INSERT INTO workspaces (guild_id, name, currency, timezone, locale, billing_day, created_at) "
            "VALUES (?, ?, 'TWD', 'UTC', 'en', 5, ?)",
            (number + 1, "x" * 90, tx.now_text),
        )
