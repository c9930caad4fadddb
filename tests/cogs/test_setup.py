"""/setup: the first run, the settings, the panel, and what Discord does not allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle
from simcord.results import InteractionResult, ResponseMessage

from core import panels, workspaces
from tests.cogs.club_steps import books, chinese
from tests.cogs.conftest import Server, components, labels, private, text

__all__ = ["chinese"]  # a fixture


@dataclass(frozen=True)
class Fresh:
    """A Discord server without a workspace."""

    guild: GuildHandle
    channel: ChannelHandle
    owner: MemberActor


@pytest.fixture
def fresh(server: Server) -> Fresh:
    guild = server.env.create_guild("茶會", owner=server.owner.user)
    return Fresh(guild, guild.create_text_channel("一般"), MemberActor(server.env, guild, server.owner.user))


def fields(form: InteractionResult) -> list[dict[str, Any]]:
    """The fields of an open form, in order."""
    return [part for part in components(form) if part["type"] in (3, 4)]


def filled(form: InteractionResult, **values: str) -> dict[str, Any]:
    """The form as it opened, with the fields of these numbers (`f0=…`) filled in differently."""
    found: dict[str, Any] = {}
    for number, field in enumerate(fields(form)):
        if field["type"] == 3:
            usual = next(option["value"] for option in field["options"] if option.get("default"))
            found[field["custom_id"]] = [values.get(f"f{number}", usual)]
        else:
            found[field["custom_id"]] = values.get(f"f{number}", field.get("value") or "")
    return found


def selects(message: ResponseMessage) -> list[str]:
    """The ids of its selects, in order."""
    return [part["custom_id"] for part in components(message.message) if part["type"] in (3, 5, 6, 7, 8)]


async def open_setup(server: Server, who: MemberActor | None = None) -> ResponseMessage:
    return private(await (who or server.owner).slash(server.general, "setup"))


# --- the first run ------------------------------------------------------------------------------------


async def test_one_click_accepts_the_proposal_and_shows_what_is_left(server: Server, fresh: Fresh):
    shown = private(await fresh.owner.slash(fresh.channel, "setup"))
    assert "Set up Potkeeper for 茶會" in text(shown)
    assert labels(shown)[0] == "Set up: USD, America/New_York, day 5"
    await fresh.owner.click(shown, label=labels(shown)[0])
    assert "茶會 is set up" in text(shown.message)
    assert "⬜ Channels: choose where I announce" in text(shown.message)
    assert "⬜ Post the panel" in text(shown.message)
    assert "/club admins grant" in text(shown.message)
    made = server.db.read(workspaces.by_guild, fresh.guild.id)
    assert made is not None
    assert (made.name, made.currency, made.timezone, made.locale, made.billing_day) == (
        "茶會", "USD", "America/New_York", "en", 5,
    )  # fmt: skip


async def test_a_taiwanese_server_is_proposed_its_own_currency_and_zone(server: Server):
    guild = server.env.create_guild("茶會", owner=server.owner.user, preferred_locale="zh-TW")
    owner = MemberActor(server.env, guild, server.owner.user)
    shown = private(await owner.slash(guild.create_text_channel("一般"), "setup"))
    assert labels(shown)[0] == "Set up: TWD, Asia/Taipei, day 5"
    assert "繁體中文" in text(shown)


async def test_the_proposal_can_be_changed_before_anything_is_made(server: Server, fresh: Fresh):
    shown = private(await fresh.owner.slash(fresh.channel, "setup"))
    before = books(server)
    form = await fresh.owner.click(shown, label="Change…")
    values = filled(form, f0="Tea", f1="ｔｗｄ", f2="Asia/Taipei", f3="zh-TW", f4="１０")
    await fresh.owner.submit_modal(form, values)
    assert labels(shown.message)[0] == "Set up: TWD, Asia/Taipei, day 10"
    assert books(server) == before
    await fresh.owner.click(shown, label="Set up: TWD, Asia/Taipei, day 10")
    made = server.db.read(workspaces.by_guild, fresh.guild.id)
    assert made is not None
    assert (made.name, made.currency, made.locale, made.billing_day) == ("Tea", "TWD", "zh-TW", 10)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"f0": "  "}, "name is missing"),
        ({"f1": "Dollars"}, "not a currency code"),
        ({"f2": "Taipei"}, "not a time zone"),
        ({"f2": "Mars/Base"}, "not a time zone"),
        ({"f4": "29"}, "from 1 to 28"),
        ({"f4": "0"}, "from 1 to 28"),
        ({"f4": "the 5"}, "from 1 to 28"),
    ],
)
async def test_a_wrong_setting_is_named_and_can_be_tried_again(
    server: Server, fresh: Fresh, values: dict[str, str], said: str
):
    shown = private(await fresh.owner.slash(fresh.channel, "setup"))
    before = books(server)
    form = await fresh.owner.click(shown, label="Change…")
    refused = private(await fresh.owner.submit_modal(form, filled(form, **values)))
    assert said in text(refused)
    again = await fresh.owner.click(refused, label="Try again")
    number, typed = next((int(name[1:]), value) for name, value in values.items())
    assert fields(again)[number].get("value", "") == typed
    assert books(server) == before


async def test_without_manage_server_nobody_begins(server: Server, fresh: Fresh):
    guest = fresh.guild.add_member(server.env.create_user("guest"))
    assert "setup" not in guest.available_commands(fresh.channel)
    # The server may let everybody see the command: then it is Potkeeper that refuses.
    await _show_command_to(server, fresh.guild, guest)
    before = books(server)
    said = private(await guest.slash(fresh.channel, "setup"))
    assert "Manage Server" in text(said)
    assert books(server) == before


async def test_whoever_sets_up_without_owning_the_server_becomes_treasurer(server: Server, fresh: Fresh):
    role = fresh.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    manager = fresh.guild.add_member(server.env.create_user("manager"), roles=[role])
    shown = private(await manager.slash(fresh.channel, "setup"))
    await manager.click(shown, label=labels(shown)[0])
    assert "✅ One treasurer" in text(shown.message)
    listed = private(await manager.slash(fresh.channel, "club admins list"))
    assert f"<@{manager.id}>: treasurer" in text(listed)


async def test_two_people_who_set_up_at_once_make_one_workspace(server: Server, fresh: Fresh):
    first, second = [private(await fresh.owner.slash(fresh.channel, "setup")) for _ in range(2)]
    await fresh.owner.click(first, label=labels(first)[0])
    before = books(server)
    clicked = await fresh.owner.click(second, label=labels(second)[0])
    assert "set up already" in text(clicked.followups[0])
    assert books(server) == before


# --- settings -----------------------------------------------------------------------------------------


async def test_basics_are_changed_in_a_form_that_shows_them(server: Server):
    shown = await open_setup(server)
    form = await server.owner.click(shown, label="Basics…")
    assert [field.get("value") for field in fields(form) if field["type"] == 4] == [
        "Tea Club",
        "TWD",
        "Asia/Taipei",
        "5",
    ]
    await server.owner.submit_modal(form, filled(form, f0="Tea", f1="JPY", f2="Asia/Tokyo", f4="1"))
    assert "✅ Saved." in text(shown.message)
    assert "JPY · Asia/Tokyo · English · billing day 1" in text(shown.message)


async def test_the_currency_is_fixed_once_an_amount_is_written(server: Server):
    server.club.plan("Tea", 300)
    shown = await open_setup(server)
    form = await server.owner.click(shown, label="Basics…")
    before = books(server)
    refused = private(await server.owner.submit_modal(form, filled(form, f1="USD", f0="New name")))
    assert "TWD" in text(refused)
    assert books(server) == before


async def test_billing_is_changed_in_a_form(server: Server):
    shown = await open_setup(server)
    form = await server.owner.click(shown, label="Billing…")
    await server.owner.submit_modal(form, filled(form, f0="7", f1="0"))
    workspace = server.club.workspace
    assert (workspace.due_days, workspace.auto_open) == (7, 0)
    assert "Months are opened by hand" in text(shown.message)


async def test_reminders_are_changed_in_a_form(server: Server):
    shown = await open_setup(server)
    form = await server.owner.click(shown, label="Reminders…")
    values = filled(form, f0="both", f1="1", f2="-2, 3、14", f3="22:00", f4="８:30")
    await server.owner.submit_modal(form, values)
    workspace = server.club.workspace
    assert (workspace.reminder_mode, workspace.debtors_public) == ("both", 1)
    assert workspace.reminder_days == "[-2, 3, 14]"
    assert (workspace.quiet_from, workspace.quiet_to) == ("22:00", "08:30")
    assert "both of these, on day -2, 3 and 14 after the due date" in text(shown.message)
    assert "quiet from 22:00 to 08:30" in text(shown.message)


@pytest.mark.parametrize(
    ("page", "values", "said"),
    [
        ("Billing…", {"f0": "61"}, "from 0 to 60"),
        ("Billing…", {"f0": "x"}, "from 0 to 60"),
        ("Reminders…", {"f2": "3, soon"}, "from -30 to 60"),
        ("Reminders…", {"f2": "99"}, "from -30 to 60"),
        ("Reminders…", {"f2": "1 2 3 4 5 6"}, "5"),
        ("Reminders…", {"f3": "22:00", "f4": "24:00"}, "not a time of day"),
        ("Reminders…", {"f3": "22:00"}, "end of the quiet hours is missing"),
        ("Reminders…", {"f4": "22:00"}, "beginning of the quiet hours is missing"),
        ("Reminders…", {"f3": "22:00", "f4": "22:00"}, "begin and end at the same time"),
    ],
)
async def test_a_wrong_number_is_named_and_nothing_is_saved(
    server: Server, page: str, values: dict[str, str], said: str
):
    shown = await open_setup(server)
    form = await server.owner.click(shown, label=page)
    before = books(server)
    refused = private(await server.owner.submit_modal(form, filled(form, **values)))
    assert said in text(refused)
    assert books(server) == before
    again = await server.owner.click(refused, label="Try again")
    assert all(fields(again)[int(field[1:])]["value"] == typed for field, typed in values.items())


async def test_channels_and_the_role_are_chosen_and_cleared(server: Server):
    shown = await open_setup(server)
    await server.owner.click(shown, label="Channels")
    announce, admin, role = 0, 2, 3
    await server.owner.select(shown, [server.general], custom_id=selects(shown)[announce])
    await server.owner.select(shown, [server.reviewers], custom_id=selects(shown)[role])
    await server.owner.select(shown, [], custom_id=selects(shown)[admin])
    workspace = server.club.workspace
    assert workspace.announce_channel_id == server.general.id
    assert workspace.review_channel_id == server.review.id
    assert workspace.admin_channel_id is None
    assert workspace.reviewer_role_id == server.reviewers.id
    await server.owner.click(shown, label="Back")
    assert "⬜ Channels" in text(shown.message)


async def test_rules_are_chosen_one_by_one(server: Server):
    shown = await open_setup(server)
    await server.owner.click(shown, label="Rules")
    for number, value in ((0, "open"), (1, "thread"), (2, "0")):
        await server.owner.select(shown, [value], custom_id=selects(shown)[number])
    workspace = server.club.workspace
    assert (workspace.link_policy, workspace.closed_dm_policy, workspace.self_verify) == ("open", "thread", 0)


async def test_lacking_permissions_are_named_with_the_way_to_grant_them(server: Server):
    announce = _limited(server, "send_messages", "create_private_threads")
    review = _limited(server, "attach_files", "mention_everyone")
    server.club.set(
        closed_dm_policy="thread", reviewer_role_id=server.reviewers.id, announce_channel_id=announce.id,
        review_channel_id=review.id,
    )  # fmt: skip
    shown = await open_setup(server)
    said = text(shown)
    assert f"⚠️ <#{announce.id}>: I lack **Send Messages**, **Create Private Threads**." in said
    assert f"<#{review.id}>: I lack **Attach Files**, **Mention @everyone, @here and All Roles**." in said
    assert "How to grant it" in said
    assert "⬜ Something is not allowed" in said
    await server.owner.click(shown, label="Channels")
    assert "**Send Messages**" in text(shown.message)


async def test_a_deleted_channel_is_named(server: Server):
    server.club.set(review_channel_id=12345)
    assert "<#12345>: I cannot see this channel any more" in text(await open_setup(server))


async def test_a_complete_club_is_told_what_happens_next(server: Server):
    server.club.method()
    server.club.subscriber(server.club.plan("Tea", 300))
    shown = await open_setup(server)
    await server.owner.click(shown, label="Post the panel")
    assert "⬜" not in text(shown.message)
    assert "A month opens by itself on day 5" in text(shown.message)
    server.club.set(auto_open=False)
    assert "Open a month with /club billing open" in text(await open_setup(server))


@pytest.mark.parametrize("who", ["rita", "ann"])
async def test_settings_are_for_treasurers(server: Server, who: str):
    person = getattr(server, who)
    await _show_command_to(server, server.guild, person)
    assert "Only a treasurer" in text(await open_setup(server, person))


async def test_the_right_is_asked_again_when_saving(server: Server):
    await _show_command_to(server, server.guild, server.tess)
    shown = await open_setup(server, server.tess)
    await server.tess.click(shown, label="Rules")
    server.db.conn.execute("DELETE FROM admins WHERE discord_id = ?", (server.tess.id,))
    before = books(server)
    clicked = await server.tess.select(shown, ["open"], custom_id=selects(shown)[0])
    assert "Only a treasurer" in text(clicked.followups[0])
    assert books(server) == before


# --- the panel ----------------------------------------------------------------------------------------


async def test_the_panel_is_posted_once_and_edited_afterwards(server: Server):
    shown = await open_setup(server)
    await server.owner.click(shown, label="Post the panel")
    assert f"The panel is in <#{server.announce.id}>" in text(shown.message)
    assert labels(server.announce.last_message) == ["Pay", "My bills", "Link my name", "How to pay"]
    server.club.set(name="New Name")
    await server.owner.click(shown, label="Update the panel")
    assert "is up to date" in text(shown.message)
    assert len(server.announce.history()) == 1
    assert "New Name" in text(server.announce.last_message)


async def test_a_deleted_panel_is_posted_anew(server: Server):
    shown = await open_setup(server)
    await server.owner.click(shown, label="Post the panel")
    await server.owner.delete(server.announce.last_message)
    await server.owner.click(shown, label="Update the panel")
    assert "The panel is in" in text(shown.message)
    assert len(server.announce.history()) == 1


async def test_the_panel_moves_with_the_announcements(server: Server):
    shown = await open_setup(server)
    await server.owner.click(shown, label="Post the panel")
    server.club.set(announce_channel_id=server.general.id)
    await server.owner.click(shown, label="Update the panel")
    assert server.announce.history() == []
    assert labels(server.general.last_message)[0] == "Pay"


async def test_the_panel_of_the_pages_and_of_setup_is_one_message(server: Server):
    server.db.write(panels.post, server.club.treasurer)
    await server.deliver()
    assert labels(server.announce.last_message) == ["Pay", "My bills", "Link my name", "How to pay"]
    server.club.set(name="New Name")
    shown = await open_setup(server)
    await server.owner.click(shown, label="Update the panel")
    assert "New Name" in text(server.announce.last_message)
    server.club.set(name="Newest")
    server.db.write(panels.post, server.club.treasurer)
    await server.deliver()
    assert len(server.announce.history()) == 1
    assert "Newest" in text(server.announce.last_message)


async def test_the_panel_of_the_pages_follows_the_announcements(server: Server):
    for channel in (server.announce, server.general):
        server.club.set(announce_channel_id=channel.id)
        server.db.write(panels.post, server.club.treasurer)
        await server.deliver()
        assert labels(channel.last_message)[0] == "Pay"


async def test_a_panel_that_discord_refuses_is_said_and_not_remembered(server: Server):
    server.club.set(announce_channel_id=_limited(server, "send_messages").id)
    shown = await open_setup(server)
    await server.owner.click(shown, label="Post the panel")
    assert "Discord does not let me write" in text(shown.message)
    assert "⬜ Post the panel" in text(shown.message)


async def test_the_panel_works_for_members(server: Server):
    shown = await open_setup(server)
    await server.owner.click(shown, label="Post the panel")
    server.club.method("Bank", instructions="Account 123")
    answered = private(await server.nora.click(server.announce.last_message, label="How to pay"))
    assert "Account 123" in text(answered)


async def test_in_chinese(server: Server, fresh: Fresh, chinese: None):
    shown = private(await fresh.owner.slash(fresh.channel, "setup"))
    assert "為 茶會 設定 Potkeeper" in text(shown)
    await fresh.owner.click(shown, label=labels(shown)[0])
    assert "還有幾個步驟" in text(shown.message)
    assert labels(shown.message) == ["頻道", "基本設定…", "收費…", "提醒…", "規則", "張貼面板"]


def _limited(server: Server, *denied: str) -> ChannelHandle:
    """A channel in which the bot lacks these permissions."""
    me = server.env.bot.user
    assert me is not None
    overwrite = discord.PermissionOverwrite(**dict.fromkeys(denied, False))
    return server.guild.create_text_channel("limited", overwrites={me: overwrite})


async def _show_command_to(server: Server, guild: GuildHandle, person: MemberActor) -> None:
    """Let a person use /setup although they may not manage the server, as its owner can decide."""
    found = {command.name: command for command in await server.env.bot.tree.fetch_commands()}
    guild.set_command_permissions(found["setup"].id, {person.user: True})
