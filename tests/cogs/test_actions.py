"""Durable buttons, short-lived views, forms, error replies, and the net below them all."""

from __future__ import annotations

import gc
import logging
from typing import Any

import discord
import pytest
from discord.ext import commands

from cogs.ui import expiry, replies
from cogs.ui.actions import ACTIONS, ActionButton
from cogs.ui.replies import Interaction
from cogs.ui.views import BaseView, button, row
from core import errors
from tests.cogs.conftest import Server, labels, private, text


@pytest.fixture
def borrowed() -> Any:
    """Actions that a test defines, forgotten afterwards."""
    before = dict(ACTIONS)
    yield
    ACTIONS.clear()
    ACTIONS.update(before)
    gc.collect()


# --- ids --------------------------------------------------------------------------------------------------


def test_every_action_is_noun_verb_and_fits_with_the_longest_id():
    for name, action in ACTIONS.items():
        assert len(f"{name}:{10**18 - 1}") <= 100
        assert action.__discord_ui_compiled_template__.fullmatch(f"{name}:871")


def test_no_two_actions_answer_to_one_id():
    for name in ACTIONS:
        answering = [
            other for other, a in ACTIONS.items() if a.__discord_ui_compiled_template__.fullmatch(f"{name}:1")
        ]
        assert answering == [name]


def test_released_actions_keep_their_names():
    """Old messages carry these for ever: one may be added here, none renamed."""
    assert ACTIONS.keys() >= {
        "workspace:pay", "workspace:pay_again", "workspace:bills", "workspace:link", "workspace:methods",
        "workspace:unask", "payment:verify", "payment:amount", "payment:reject", "payment:proof",
        "payment:lines", "payment:undo", "payment:reopen", "payment:withdraw", "payment:skip", "payment:next",
        "bill:why", "link:approve", "link:decline", "link:undo", "dispute:give", "dispute:keep",
        "member:dispute", "notice:retry",
    }  # fmt: skip


@pytest.mark.parametrize("action", ["payment:verify", "Payment:x", "payment", "payment:verify:1", "a b:c"])
def test_an_action_must_be_new_and_well_formed(borrowed: None, action: str):
    with pytest.raises(ValueError, match="not a new action"):

        class Another(ActionButton, action=action, label="common.button_pay"):
            pass


@pytest.mark.parametrize(
    "custom_id",
    [
        "payment:verify:1234567890123456789", "payment:verify:12x", "payment:verify:", "payment:verify:-1",
        "payment:verify:1:2", "payment:verify:１２", "payment:destroy:1", "x",
    ],
)  # fmt: skip
async def test_a_forged_id_is_answered_and_does_nothing(server: Server, custom_id: str):
    message = await server.post(server.general, discord.ui.Button(label="press", custom_id=custom_id))
    await server.restart()
    said = await server.press(server.rita, message, label="press")
    assert "This control has expired, and nothing was changed" in text(said)


# --- errors -----------------------------------------------------------------------------------------------


class Failing(commands.Cog):
    """Commands that fail in every way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    @discord.app_commands.command(name="fail", description="Fail")
    async def fail(self, interaction: Interaction) -> None:
        raise self.error

    @discord.app_commands.command(name="fail_late", description="Fail after answering")
    async def fail_late(self, interaction: Interaction) -> None:
        await replies.answer(interaction, replies.say("first"))
        raise self.error

    @discord.app_commands.command(name="fail_thinking", description="Fail after deferring")
    async def fail_thinking(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        raise self.error


async def failing(server: Server, error: Exception) -> None:
    await server.env.bot.add_cog(Failing(error))
    await server.env.bot.tree.sync()


@pytest.mark.parametrize("command", ["fail", "fail_late", "fail_thinking"])
async def test_a_persons_error_is_one_private_sentence(server: Server, command: str):
    await failing(server, errors.RoleNeeded(role="treasurer"))
    result = await server.ann.slash(server.general, command)
    shown = [
        message for message in [result.response, *result.followups] if message and text(message) != "first"
    ]
    assert [text(message) for message in shown] == [
        "Only a treasurer of this club may do that, so nothing was changed. Please ask one of them."
    ]
    assert all(message.ephemeral for message in shown)


async def test_what_somebody_typed_cannot_format_the_error(server: Server):
    await failing(server, errors.InvalidPeriod(field="period", value="**@everyone**"))
    assert r"“\*\*\@everyone\*\*”" in text(private(await server.ann.slash(server.general, "fail")))


@pytest.mark.parametrize("command", ["fail", "fail_thinking"])
async def test_a_mistake_of_ours_is_logged_with_the_reference_that_the_person_gets(
    server: Server, command: str, caplog: pytest.LogCaptureFixture
):
    await failing(server, ZeroDivisionError("secret detail"))
    with caplog.at_level(logging.ERROR):
        said = text(private(await server.ann.slash(server.general, command)))
    assert "secret detail" not in said
    logged = next(record for record in caplog.records if record.name == "cogs.ui.replies")
    assert logged.exc_info is not None
    reference = logged.getMessage()[1:7]
    assert reference in said
    assert server.env.errors  # seen: the simulated Discord would otherwise raise it again
    server.expects(ZeroDivisionError)


async def test_a_button_that_fails_answers(server: Server, borrowed: None):
    class Broken(ActionButton, action="test:broken", label="common.button_pay"):
        async def run(self, interaction: Interaction) -> None:
            raise ZeroDivisionError

    server.env.bot.add_dynamic_items(Broken)
    message = await server.post(server.general, Broken(1))
    assert "Something unexpected went wrong" in text(await server.press(server.ann, message, label="Pay"))


async def test_nobody_is_left_without_an_answer_when_discord_refuses_ours(server: Server):
    await failing(server, errors.NothingToPay())
    server.env.inject_error("POST", "/interactions/*/*/callback", status=500)
    result = await server.ann.slash(server.general, "fail")
    assert not result.acknowledged  # nothing to be done, but nothing raised either


# --- short-lived views ------------------------------------------------------------------------------------


class Choice(BaseView):
    """A private form of a test."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed = 0
        self.add_item(
            row(button("Count", self.count), button("Replace", self.swap), button("Fail", self.fail))
        )

    async def count(self, interaction: Interaction) -> None:
        self.pressed += 1
        await replies.hold(interaction)

    async def swap(self, interaction: Interaction) -> None:
        await self.replace(interaction, replies.say("something else"))

    async def fail(self, interaction: Interaction) -> None:
        raise errors.NothingToPay()


class Choosing(commands.Cog):
    """A command that shows one."""

    def __init__(self) -> None:
        self.view: Choice | None = None

    @discord.app_commands.command(name="choose", description="Choose")
    async def choose(self, interaction: Interaction) -> None:
        self.view = Choice()
        await replies.answer(interaction, self.view)


async def choosing(server: Server) -> Any:
    cog = Choosing()
    await server.env.bot.add_cog(cog)
    await server.env.bot.tree.sync()
    return private(await server.ann.slash(server.general, "choose"))


async def test_controls_are_disabled_after_five_minutes(server: Server):
    shown = await choosing(server)
    await server.env.advance_time(299)
    await server.ann.click(shown, label="Count")
    await server.env.advance_time(299)
    assert not disabled(shown)
    await server.env.advance_time(2)
    assert disabled(shown)


def disabled(message: Any) -> bool:
    return all(part.get("disabled") for part in message.components[0]["components"])


async def test_a_replaced_view_does_not_come_back_when_its_time_is_over(server: Server):
    shown = await choosing(server)
    await server.ann.click(shown, label="Replace")
    await server.env.advance_time(400)
    assert text(shown) == "something else"


async def test_an_error_in_a_view_leaves_it_usable(server: Server):
    shown = await choosing(server)
    said = private(await server.ann.click(shown, label="Fail"))
    assert "Nothing is waiting" in text(said)
    await server.ann.click(shown, label="Count")
    assert labels(shown) == ["Count", "Replace", "Fail"]


async def test_a_control_from_before_a_restart_says_that_it_expired(server: Server):
    shown = await choosing(server)
    await server.restart()
    result = await server.ann.click(shown, label="Count")
    if not result.acknowledged:
        await server.env.advance_time(3)
    assert "expired" in text(private(result))


async def test_durable_buttons_are_refused_in_views_with_a_timeout():
    with pytest.raises(AssertionError, match="no timeout"):
        BaseView().add_item(row(ACTIONS["workspace:pay"](1)))


async def test_durable_buttons_outlive_a_view_that_ends(server: Server):
    """The library forgets them for the whole bot when they stand in such a view beside plain items."""
    shown = await choosing(server)
    await server.env.advance_time(400)
    assert disabled(shown)
    message = await server.post(server.general, ACTIONS["workspace:pay"](server.club.id))
    assert "not linked" in text(await server.press(server.ann, message, label="Pay"))


def test_the_net_is_faster_than_discord_and_slower_than_we_are():
    assert expiry.PATIENCE_SECONDS < 3


# --- languages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "said"), [("zh-TW", "沒有需要你付款的帳單"), ("de", "Nothing is waiting")]
)
async def test_a_private_answer_is_in_the_clickers_language(
    server: Server, monkeypatch: pytest.MonkeyPatch, client: str, said: str
):
    ours = replies.best_locale(client)
    monkeypatch.setattr(replies, "best_locale", lambda _: ours)
    server.on_roster(server.ann)
    assert said in text(private(await server.ann.slash(server.general, "pay")))
