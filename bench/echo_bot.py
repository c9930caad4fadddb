"""What the same storm costs a bot that does nothing: it shows a form of fixed text and echoes the note.

`python -m bench.echo_bot API_BASE TOKEN`
"""

import asyncio
import sys
from typing import Any

import discord

from bot import api_base


class EchoForm(discord.ui.Modal, title="Pay"):
    """As many parts as the Pay form has."""

    note: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Note", required=False)
    other: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Other", required=False)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=f"You said: {self.note.value}")


class EchoButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"workspace:pay:[0-9]+"):
    """Opens the form."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label="Pay", custom_id="workspace:pay:1"))

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any, /) -> "EchoButton":
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(EchoForm())


class EchoBot(discord.Client):
    """Posts the button and says that it is ready."""

    async def setup_hook(self) -> None:
        await api_base.find_gateway(self.http)
        self.add_dynamic_items(EchoButton)

    async def on_ready(self) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(EchoButton())
        channel = next(channel for channel in self.guilds[0].text_channels if channel.name == "dues")
        await channel.send("Pay here", view=view)
        view.stop()
        sys.stdout.write("ready\n")
        sys.stdout.flush()


async def main(base: str, token: str) -> None:
    api_base.use(base)
    async with EchoBot(
        intents=discord.Intents(guilds=True), max_messages=None, guild_ready_timeout=0.1
    ) as bot:
        await bot.start(token)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
