"""A bot that does a little of everything, to try the simulator with the unmodified client."""

import asyncio
import io
import itertools
import re
from collections.abc import Callable

import discord
from discord import app_commands, ui

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x03\x08\x06\x00\x00\x00" + bytes(
    32
)  # a header that says 2 × 3 pixels; nobody decodes it here


class SmallBot(discord.Client):
    """Registers its commands, then is up."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.is_up = asyncio.Event()
        self.tree = app_commands.CommandTree(self)
        self.errors: list[Exception] = []
        self.resumed = 0
        self.read_files: list[tuple[str, bytes]] = []
        self.slow_seconds = 0.0
        add_commands(self)
        self.tree.on_error = self.on_tree_error

    async def setup_hook(self) -> None:
        await self.tree.set_translator(Translator())
        self.add_dynamic_items(CountButton)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        return  # the client's own waits five seconds before it identifies again

    async def on_ready(self) -> None:
        self.is_up.set()

    async def on_resumed(self) -> None:
        self.resumed += 1

    async def on_tree_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        self.errors.append(getattr(error, "original", error))


class Translator(app_commands.Translator):
    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: object
    ) -> str | None:
        return (
            {"echo": "回音", "What to say": "要說什麼"}.get(string.message)
            if locale.value == "zh-TW"
            else None
        )


class CountButton(ui.DynamicItem[ui.Button[ui.View]], template=re.compile(r"count:up:(?P<id>[0-9]+)")):
    """A button that outlives the bot."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label=f"Count {number}", custom_id=f"count:up:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item, match: re.Match[str], /
    ) -> "CountButton":
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        bot = interaction.client
        if isinstance(bot, SmallBot) and bot.slow_seconds:
            await asyncio.sleep(bot.slow_seconds)
        await interaction.response.send_message(
            f"clicked {self.number} as {interaction.user}", ephemeral=True
        )


class Panel(ui.LayoutView):
    """Components V2 with a picture, a dynamic button and every kind of select."""

    def __init__(self, *, picture: bool = False) -> None:
        super().__init__(timeout=None)
        container = ui.Container(ui.TextDisplay("# Panel\nfor everybody"), accent_color=0x5865F2)
        if picture:
            container.add_item(ui.MediaGallery(discord.MediaGalleryItem("attachment://proof.png")))
        container.add_item(ui.ActionRow(CountButton(7)))
        self.add_item(container)


class Chooser(ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=60)
        self.chosen: list[str] = []

    @ui.select(
        custom_id="colour",
        options=[discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue", value="b")],
        max_values=2,
    )
    async def colour(self, interaction: discord.Interaction, select: ui.Select) -> None:
        await interaction.response.edit_message(content=f"colours {sorted(select.values)}")

    @ui.select(cls=ui.UserSelect, custom_id="who")
    async def who(self, interaction: discord.Interaction, select: ui.UserSelect) -> None:
        await interaction.response.send_message(f"chose {select.values[0].display_name}", ephemeral=True)

    @ui.select(cls=ui.ChannelSelect, custom_id="where")
    async def where(self, interaction: discord.Interaction, select: ui.ChannelSelect) -> None:
        await interaction.response.send_message(f"in {select.values[0].name}", ephemeral=True)

    @ui.select(cls=ui.RoleSelect, custom_id="which")
    async def which(self, interaction: discord.Interaction, select: ui.RoleSelect) -> None:
        await interaction.response.send_message(f"role {select.values[0].name}", ephemeral=True)

    @ui.button(label="Form", custom_id="open-form")
    async def form(self, interaction: discord.Interaction, button: ui.Button) -> None:
        await interaction.response.send_modal(Form())


class Form(ui.Modal, title="Pay"):
    intro = ui.TextDisplay("What you owe: **120**")
    method = ui.Label(
        text="Method",
        component=ui.Select(
            custom_id="method",
            options=[
                discord.SelectOption(label="Bank", value="bank", default=True),
                discord.SelectOption(label="Cash"),
            ],
        ),
    )
    proof = ui.Label(
        text="Screenshot", component=ui.FileUpload(custom_id="proof", required=False, max_values=2)
    )
    kind = ui.Label(
        text="Kind",
        component=ui.RadioGroup(
            custom_id="kind",
            options=[
                discord.RadioGroupOption(label="One"),
                discord.RadioGroupOption(label="Two", default=True),
            ],
        ),
    )
    note = ui.Label(
        text="Note", component=ui.TextInput(custom_id="note", required=False, max_length=20, default="hello")
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        bot = interaction.client
        assert isinstance(bot, SmallBot)
        assert isinstance(self.proof.component, ui.FileUpload)
        assert isinstance(self.method.component, ui.Select)
        assert isinstance(self.note.component, ui.TextInput)
        assert isinstance(self.kind.component, ui.RadioGroup)
        await interaction.response.defer(ephemeral=True, thinking=True)
        for file in self.proof.component.values:
            bot.read_files.append((file.filename, await file.read()))
        values = (self.method.component.values, self.kind.component.value, self.note.component.value)
        await interaction.edit_original_response(content=f"submitted {values}")

    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        assert isinstance(interaction.client, SmallBot)
        interaction.client.errors.append(error)


class OldForm(ui.Modal, title="Old"):
    tick = ui.Label(text="Tick", component=ui.Checkbox(custom_id="tick", default=True))
    boxes = ui.Label(
        text="Boxes",
        component=ui.CheckboxGroup(
            custom_id="boxes",
            required=False,
            options=[discord.CheckboxGroupOption(label="A"), discord.CheckboxGroupOption(label="B")],
        ),
    )
    person = ui.Label(
        text="Person", component=ui.UserSelect(custom_id="person", required=False, min_values=0)
    )
    text = ui.TextInput(label="Text", custom_id="text", min_length=2)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.tick.component, ui.Checkbox)
        assert isinstance(self.boxes.component, ui.CheckboxGroup)
        assert isinstance(self.person.component, ui.UserSelect)
        people = [person.display_name for person in self.person.component.values]
        text = f"{self.tick.component.value} {self.boxes.component.values} {people} {self.text.value}"
        await interaction.response.send_message(text)

    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        assert isinstance(interaction.client, SmallBot)
        interaction.client.errors.append(error)


def add_commands(bot: SmallBot) -> None:
    tree = bot.tree

    @tree.command(name="echo", description="What to say")
    async def echo(
        interaction: discord.Interaction, text: str, times: app_commands.Range[int, 1, 3] = 1
    ) -> None:
        await interaction.response.send_message(text * times, ephemeral=True)

    @tree.command(name="fruit", description="A fruit")
    async def fruit(interaction: discord.Interaction, name: str, again: bool = False) -> None:
        await interaction.response.send_message(f"{name} {again} {interaction.locale.value}")

    @fruit.autocomplete("name")
    async def fruits(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = [f"apple{n}" for n in range(30 if current == "many" else 3)]
        return [app_commands.Choice(name=name, value=name) for name in names]

    @tree.command(name="chooser", description="Selects")
    async def chooser(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("choose", view=Chooser(), ephemeral=True)

    @tree.command(name="panel", description="A panel")
    async def panel(interaction: discord.Interaction, picture: bool = False) -> None:
        files = [discord.File(io.BytesIO(PNG), "proof.png")] if picture else []
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.response.send_message("posted", ephemeral=True)
        await interaction.channel.send(view=Panel(picture=picture), files=files)

    @tree.command(name="oldform", description="A form")
    async def oldform(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(OldForm())

    @tree.command(name="slow", description="Defers")
    async def slow(interaction: discord.Interaction, public: bool = False) -> None:
        await interaction.response.defer(ephemeral=not public)
        await asyncio.sleep(0.05)
        await interaction.followup.send("later")

    @tree.command(name="mute", description="Never answers")
    async def mute(interaction: discord.Interaction) -> None:
        return

    @tree.command(name="twice", description="Answers twice")
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one")
        interaction.response._response_type = None
        await interaction.response.send_message("two")

    @tree.command(name="whois", description="Resolves")
    async def whois(
        interaction: discord.Interaction,
        user: discord.Member,
        role: discord.Role | None = None,
        channel: discord.TextChannel | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        if file is not None:
            bot.read_files.append((file.filename, await file.read()))
        names = [user.display_name, role and role.name, channel and channel.name, file and file.filename]
        await interaction.response.send_message(f"{names} {file and (file.width, file.height)}")

    group = app_commands.Group(name="club", description="The club")
    inner = app_commands.Group(name="billing", description="Billing", parent=group)

    @inner.command(name="open", description="Open a period")
    async def open_period(interaction: discord.Interaction, period: str) -> None:
        await interaction.response.send_message(f"opened {period}")

    @group.command(name="plan", description="Plans")
    async def plan(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("plans")

    tree.add_command(group)

    @tree.command(name="secret", description="For managers")
    @app_commands.default_permissions(manage_guild=True)
    async def secret(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("secret")


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds; TimeoutError when it never does."""
    deadline = asyncio.get_running_loop().time() + seconds
    for _ in itertools.count():
        if condition():
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.005)
