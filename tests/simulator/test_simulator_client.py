"""The unmodified discord.py against the simulator over real sockets: what a bot does all day."""

import asyncio
import base64
import io
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest

from bot.simulator import Simulator
from bot.simulator.errors import ControlError
from tests.simulator.small_bot import PNG, Panel, SmallBot, until

PICTURE = {
    "filename": "proof.png",
    "content_type": "image/png",
    "content_base64": base64.b64encode(PNG).decode(),
}


async def command(simulator: Simulator, name: str, user: str = "member1", **more: Any) -> dict[str, Any]:
    return await simulator.act({"user": user, "do": "command", "name": name, **more})


async def click(
    simulator: Simulator, message: dict[str, Any], custom_id: str, user: str = "member1"
) -> dict[str, Any]:
    return await simulator.act(
        {"user": user, "do": "click", "message": message["id"], "custom_id": custom_id}
    )


async def test_slash_command_is_answered_privately(simulator: Simulator, small_bot: SmallBot) -> None:
    answer = await command(simulator, "echo", options={"text": "hi", "times": 2})

    assert answer["acknowledged"]
    assert answer["response"] == 4
    [message] = answer["messages"]
    assert message["content"] == "hihi"
    assert message["ephemeral"]
    assert message["used_command"] == {"user": "member1", "name": "王小明", "command": "echo"}
    others = simulator.view("member2")["channels"]
    assert all(not channel["messages"] for channel in others)


async def test_sub_command_in_a_group_runs(simulator: Simulator, small_bot: SmallBot) -> None:
    answer = await command(simulator, "/club billing open", options={"period": "2026-06"})

    assert answer["messages"][0]["content"] == "opened 2026-06"
    assert answer["messages"][0]["used_command"]["command"] == "club billing open"
    assert simulator.view("member2")["channels"][0]["messages"][0]["content"] == "opened 2026-06"


async def test_users_roles_channels_and_files_are_resolved(simulator: Simulator, small_bot: SmallBot) -> None:
    answer = await command(
        simulator,
        "whois",
        options={"user": "member3", "role": "ChatGPT", "channel": "#dues"},
        files={"file": PICTURE},
    )

    assert answer["messages"][0]["content"] == "['佐藤健太', 'ChatGPT', 'dues', 'proof.png'] (2, 3)"
    assert small_bot.read_files == [("proof.png", PNG)]


async def test_suggestions_come_back_and_more_than_25_are_refused(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    body = {
        "user": "member2",
        "do": "autocomplete",
        "name": "fruit",
        "focused": "name",
        "options": {"name": "ap"},
    }
    answer = await simulator.act(body)
    assert [choice["value"] for choice in answer["choices"]] == ["apple0", "apple1", "apple2"]

    simulator.interactions.ack_seconds = 0.2
    refused = await simulator.act(body | {"options": {"name": "many"}})
    assert not refused["acknowledged"]
    assert simulator.state()["last_errors"][-1]["code"] == 50035


async def test_the_users_locale_reaches_the_bot_and_the_command_list(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    answer = await command(simulator, "fruit", options={"name": "fig"})
    assert answer["messages"][0]["content"] == "fig False zh-TW"

    [echo] = [c for c in simulator.view("member1")["commands"] if c["name"] == "echo"]
    assert (echo["name_localized"], echo["description_localized"]) == ("回音", "要說什麼")
    assert (echo["path"], echo["path_localized"]) == ("echo", "回音")
    [echo] = [c for c in simulator.view("member2")["commands"] if c["name"] == "echo"]
    assert echo["name_localized"] == "echo"


async def test_a_command_for_managers_is_hidden_from_members(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    assert "secret" not in [c["name"] for c in simulator.view("member1")["commands"]]
    assert "secret" in [c["name"] for c in simulator.view("owner")["commands"]]
    with pytest.raises(ControlError, match="no command '/secret'"):
        await command(simulator, "secret")
    assert (await command(simulator, "secret", user="owner"))["messages"][0]["content"] == "secret"


async def test_dynamic_button_on_a_panel_survives_a_restart_of_the_bot(
    simulator: Simulator, start_bot: Callable[[], Awaitable[SmallBot]]
) -> None:
    first = await start_bot()
    await command(simulator, "panel", options={"picture": True}, channel="dues")
    await until(lambda: len(simulator.world.channel("dues").messages) == 2)
    panel = simulator.view("member2")["channels"][1]["messages"][-1]
    assert panel["flags"] & 1 << 15
    picture = panel["components"][0]["components"][1]["items"][0]["media"]
    assert picture["url"].startswith(simulator.url + "/cdn/")
    assert (picture["width"], picture["height"]) == (2, 3)

    await first.close()
    await start_bot()
    answer = await click(simulator, panel, "count:up:7", user="member2")
    assert answer["messages"][0]["content"] == "clicked 7 as amelie.d"


@pytest.mark.parametrize(
    ("custom_id", "values", "expected"),
    [
        ("colour", ["b", "r"], "colours ['b', 'r']"),
        ("who", ["member2"], "chose Amélie Dubois"),
        ("where", ["dues"], "in dues"),
        ("which", ["Claude"], "role Claude"),
    ],
)
async def test_every_kind_of_select(
    simulator: Simulator, small_bot: SmallBot, custom_id: str, values: list[str], expected: str
) -> None:
    shown = (await command(simulator, "chooser"))["messages"][0]
    answer = await simulator.act(
        {"user": "member1", "do": "select", "message": shown["id"], "custom_id": custom_id, "values": values}
    )
    assert answer["messages"][-1]["content"] == expected


async def test_form_with_every_part_is_submitted_with_a_file(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    shown = (await command(simulator, "chooser"))["messages"][0]
    opened = await click(simulator, shown, "open-form")
    assert opened["response"] == 9
    assert opened["modal"]["title"] == "Pay"
    assert simulator.view("member1")["modal"] == opened["modal"]
    assert simulator.view("member2")["modal"] is None

    answer = await simulator.act(
        {"user": "member1", "do": "submit", "values": {"note": "12345"}, "files": {"proof": [PICTURE]}}
    )
    assert answer["messages"][-1]["content"] == "submitted (['bank'], 'Two', '12345')"
    assert answer["messages"][-1]["ephemeral"]
    assert small_bot.read_files == [("proof.png", PNG)]
    assert simulator.view("member1")["modal"] is None
    assert small_bot.errors == []


async def test_form_with_checkboxes_and_a_plain_text_input(simulator: Simulator, small_bot: SmallBot) -> None:
    await command(simulator, "oldform")
    answer = await simulator.act(
        {
            "user": "member1",
            "do": "submit",
            "values": {"text": "abc", "boxes": ["B"], "tick": False, "person": ["member3"]},
        }
    )
    assert answer["messages"][0]["content"] == "False ['B'] ['佐藤健太'] abc"


async def test_deferred_answer_waits_for_the_follow_up(simulator: Simulator, small_bot: SmallBot) -> None:
    answer = await command(simulator, "slow")

    assert answer["response"] == 5
    assert answer["settled"]
    [message] = answer["messages"]
    assert message["content"] == "later"
    assert message["ephemeral"]  # as it was deferred
    assert not message["thinking"]
    public = await command(simulator, "slow", options={"public": True})
    assert not public["messages"][0]["ephemeral"]


async def test_second_answer_is_refused_with_40060(simulator: Simulator, small_bot: SmallBot) -> None:
    answer = await command(simulator, "twice")

    assert answer["messages"][0]["content"] == "one"
    await until(lambda: small_bot.errors)
    [error] = small_bot.errors
    assert isinstance(error, discord.HTTPException)
    assert (error.status, error.code) == (400, 40060)


async def test_no_answer_within_the_deadline_is_reported_and_a_late_one_is_unknown(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    simulator.interactions.ack_seconds = 0.1
    answer = await command(simulator, "mute")
    assert (answer["acknowledged"], answer["error"]["error"]) == (False, "no_answer")
    assert simulator.state()["counters"]["unanswered"] == 1

    small_bot.slow_seconds = 0.2
    await small_bot.get_channel(simulator.world.channel("dues").id).send(view=Panel())  # type: ignore[union-attr]
    panel = simulator.view("member1")["channels"][1]["messages"][0]
    late = await click(simulator, panel, "count:up:7")
    assert not late["acknowledged"]
    await until(lambda: simulator.state()["last_errors"])
    assert simulator.state()["last_errors"][-1]["code"] == 10062


async def test_direct_message_and_closed_direct_messages(simulator: Simulator, small_bot: SmallBot) -> None:
    member = simulator.world.user("member2")
    person = await small_bot.fetch_user(member.id)
    sent = await person.send("hello", file=discord.File(io.BytesIO(b"a,b\n"), "list.csv"))
    dm = simulator.view("member2")["channels"][-1]
    assert (dm["kind"], dm["messages"][0]["content"]) == ("dm", "hello")
    assert await sent.attachments[0].read() == b"a,b\n"
    assert all(channel["kind"] != "dm" for channel in simulator.view("member1")["channels"])

    member.dms_closed = True
    with pytest.raises(discord.Forbidden) as refused:
        await person.send("again")
    assert refused.value.code == 50007


async def test_button_in_a_direct_message_has_no_server(simulator: Simulator, small_bot: SmallBot) -> None:
    person = await small_bot.fetch_user(simulator.world.user("member2").id)
    await person.send(view=Panel())
    dm = simulator.view("member2")["channels"][-1]
    answer = await click(simulator, dm["messages"][0], "count:up:7", user="member2")
    assert answer["messages"][0]["content"] == "clicked 7 as amelie.d"


async def test_message_life_post_edit_fetch_delete(simulator: Simulator, small_bot: SmallBot) -> None:
    channel = await small_bot.fetch_channel(simulator.world.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("one", nonce=7)
    await message.edit(
        content="two", embed=discord.Embed(title="T").set_image(url="https://example.org/a.png")
    )
    again = await channel.fetch_message(message.id)
    assert (again.content, again.embeds[0].title, again.edited_at is not None) == ("two", "T", True)
    assert [m.content async for m in channel.history(limit=5)] == ["two"]
    assert [m.id async for m in channel.history(after=discord.Object(message.id - 1))] == [message.id]

    await message.delete()
    with pytest.raises(discord.NotFound) as gone:
        await channel.fetch_message(message.id)
    assert gone.value.code == 10008
    with pytest.raises(discord.NotFound):
        await message.edit(content="three")


async def test_same_nonce_gives_the_earlier_message(simulator: Simulator, small_bot: SmallBot) -> None:
    channel = small_bot.get_channel(simulator.world.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    one, two = [await channel.send(text, nonce="17-0") for text in ("one", "two")]
    other = await channel.send("three", nonce="17-1")
    assert (one.id, two.content) == (two.id, "one")
    assert other.id != one.id
    assert len(simulator.world.channel("general").messages) == 2


async def test_private_thread_is_seen_by_its_members_alone(simulator: Simulator, small_bot: SmallBot) -> None:
    channel = small_bot.get_channel(simulator.world.channel("dues").id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="For you", type=discord.ChannelType.private_thread)
    await thread.add_user(discord.Object(simulator.world.user("member1").id))
    await thread.send("psst")

    [seen] = [c for c in simulator.view("member1")["channels"] if c["kind"] == "thread"]
    assert (seen["name"], seen["parent_id"], seen["messages"][0]["content"]) == (
        "For you",
        str(channel.id),
        "psst",
    )
    assert all(c["kind"] != "thread" for c in simulator.view("member2")["channels"])
    with pytest.raises(ControlError, match="sees no message"):
        await click(simulator, seen["messages"][0], "x", user="member2")
    for user in ("owner", "treasurer"):
        may_see = user == "owner"  # who manages threads, but the thread is not listed before they join it
        channel_of_message = simulator.world.channels[thread.id]
        assert simulator.world.can_see(channel_of_message, simulator.world.user(user).id) is may_see


async def test_missing_permissions_answer_as_discord_does(simulator: Simulator, small_bot: SmallBot) -> None:
    world = simulator.world
    bot_role = world.role("Potkeeper")
    general = small_bot.get_channel(world.channel("general").id)
    assert isinstance(general, discord.TextChannel)
    view, send, embed, attach = (1 << n for n in (10, 11, 14, 15))

    async def refusal(deny: int, **message: Any) -> tuple[int, int]:
        world.set_overwrite(world.channel("general"), bot_role.id, deny=deny)
        with pytest.raises(discord.Forbidden) as refused:
            await general.send(**message)
        return refused.value.status, refused.value.code

    assert await refusal(view, content="x") == (403, 50001)
    assert await refusal(send, content="x") == (403, 50013)
    assert await refusal(embed, embed=discord.Embed(title="x")) == (403, 50013)
    assert await refusal(attach, file=discord.File(io.BytesIO(b"x"), "x.txt")) == (403, 50013)
    guild = small_bot.get_guild(world.home.id)
    assert guild is not None
    member = await guild.fetch_member(world.user("member1").id)
    with pytest.raises(discord.Forbidden) as refused:
        await member.add_roles(discord.Object(world.role("Treasurer").id))
    assert refused.value.code == 50013


async def test_mentions_ping_only_whom_they_may(simulator: Simulator, small_bot: SmallBot) -> None:
    world = simulator.world
    general = small_bot.get_channel(world.channel("general").id)
    assert isinstance(general, discord.TextChannel)
    member, role = world.user("member1"), world.role("Claude")
    text = f"<@{member.id}> <@&{role.id}> <#{general.id}>"
    await general.send(text)
    loud = discord.AllowedMentions(roles=[discord.Object(role.id)])
    quiet = simulator.view("member1")["channels"][0]["messages"][-1]
    assert (quiet["mentions"], quiet["mentions_you"]) == ([], False)
    assert quiet["mentions_resolved"]["users"] == {str(member.id): "王小明"}
    assert quiet["mentions_resolved"]["roles"][str(role.id)]["name"] == "Claude"
    assert quiet["mentions_resolved"]["channels"] == {str(general.id): "general"}

    await general.send(text, allowed_mentions=loud)
    for user, is_pinged in (("member1", True), ("member3", True), ("member2", False)):
        assert simulator.view(user)["channels"][0]["messages"][-1]["mentions_you"] is is_pinged

    world.set_permissions(world.home, world.role("Potkeeper"), 0)
    everyone = discord.AllowedMentions(roles=True, everyone=True)
    await general.send(f"<@&{role.id}> <@&{world.role('Treasurer').id}> @everyone", allowed_mentions=everyone)
    last = simulator.view("member2")["channels"][0]["messages"][-1]
    assert (last["mention_roles"], last["mention_everyone"]) == ([str(role.id)], False)


async def test_a_disabled_button_cannot_be_clicked_but_by_force(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    general = small_bot.get_channel(simulator.world.channel("general").id)
    assert isinstance(general, discord.TextChannel)
    view = discord.ui.View().add_item(discord.ui.Button(label="x", custom_id="count:up:5", disabled=True))
    await general.send("x", view=view)
    message = simulator.view("member1")["channels"][0]["messages"][-1]
    with pytest.raises(ControlError, match="disabled"):
        await click(simulator, message, "count:up:5")
    body = {
        "user": "member1",
        "do": "click",
        "message": message["id"],
        "custom_id": "count:up:5",
        "force": True,
    }
    assert (await simulator.act(body))["messages"][0]["content"] == "clicked 5 as xiaoming"


async def test_unknown_route_answers_501_and_is_listed(simulator: Simulator, small_bot: SmallBot) -> None:
    guild = small_bot.get_guild(simulator.world.home.id)
    assert guild is not None
    with pytest.raises(discord.HTTPException) as refused:
        await guild.fetch_automod_rules()
    assert refused.value.status == 501
    [route] = simulator.state()["unknown_routes"]
    assert (route["method"], route["path"]) == ("GET", f"/guilds/{guild.id}/auto-moderation/rules")


async def test_members_can_be_asked_for_by_name_over_the_gateway(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    guild = small_bot.get_guild(simulator.world.home.id)
    assert guild is not None
    found = await guild.query_members("Lena", limit=5)
    assert [member.display_name for member in found] == ["Lena Fischer"]
    member = await guild.fetch_member(simulator.world.user("treasurer").id)
    assert [role.name for role in member.roles] == ["@everyone", "Treasurer"]
    with pytest.raises(discord.NotFound) as gone:
        await guild.fetch_member(5)
    assert gone.value.code == 10007


async def test_two_hundred_people_clicking_at_once_are_all_answered(
    simulator: Simulator, small_bot: SmallBot
) -> None:
    people = simulator.world.add_users(200)
    general = small_bot.get_channel(simulator.world.channel("general").id)
    assert isinstance(general, discord.TextChannel)
    await general.send(view=Panel())
    panel = simulator.view("member1")["channels"][0]["messages"][0]

    answers = await asyncio.gather(
        *(click(simulator, panel, "count:up:7", user=person.key) for person in people)
    )

    assert all(answer["acknowledged"] for answer in answers)
    assert {answer["messages"][0]["content"] for answer in answers} == {
        f"clicked 7 as {person.username}" for person in people
    }


async def test_the_bot_hears_of_changes_in_the_server(simulator: Simulator, small_bot: SmallBot) -> None:
    world = simulator.world
    guild = small_bot.get_guild(world.home.id)
    assert guild is not None
    general = guild.get_channel(world.channel("general").id)
    assert general is not None
    assert general.permissions_for(guild.me).embed_links

    world.set_overwrite(world.channel("general"), world.role("Potkeeper").id, deny=1 << 14)
    await until(lambda: not general.permissions_for(guild.me).embed_links)
    world.set_permissions(world.home, world.role("Potkeeper"), 0)
    await until(lambda: not guild.me.guild_permissions.mention_everyone)
    world.take_role(world.home, world.home.members[world.bot.id], world.role("Potkeeper"))
    await until(lambda: len(guild.me.roles) == 1)
    world.delete_channel(world.channel("dues"))
    await until(lambda: [c.name for c in guild.text_channels] == ["general", "review", "admin"])
    other = world.add_guild("Chess club", owner="member1")
    await until(lambda: [g.name for g in small_bot.guilds] == ["Clubhouse", "Chess club"])
    await until(lambda: len(small_bot.guilds[1].text_channels) == 4)
    world.leave(other, world.bot)
    await until(lambda: [g.name for g in small_bot.guilds] == ["Clubhouse"])
