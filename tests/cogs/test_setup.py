"""/setup: the first run, the settings, and what Discord does not allow."""

from __future__ import annotations

import simcord

from tests.cogs.conftest import Server, components, labels, private, text


async def test_first_run_proposes_by_the_servers_language_and_makes_the_workspace(server: Server):
    guild = server.env.create_guild("茶會", owner=server.owner.user)
    server.env.backend.get_guild(guild.id)
    channel = guild.create_text_channel("一般")
    owner = simcord.actors.MemberActor(server.env, guild, server.owner.user)
    shown = private(await owner.slash(channel, "setup"))
    print(text(shown), labels(shown))
    await owner.click(shown, label=labels(shown)[0])
    print(text(shown.message), labels(shown.message))
    shown = private(await owner.slash(channel, "setup"))
    print(components(shown))
    raise AssertionError


async def test_settings(server: Server):
    shown = private(await server.owner.slash(server.general, "setup"))
    print(text(shown), labels(shown))
    for label in ("Channels", "Back", "Rules", "Back"):
        await server.owner.click(shown, label=label)
        print(label, text(shown.message), labels(shown.message))
    await server.owner.click(shown, label="Post the panel")
    print(text(shown.message), text(server.announce.last_message))
    raise AssertionError
