"""Short ways to use `/club` and `/setup` in tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult, ResponseMessage

from tests.cogs.conftest import Server, labels, private, text


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's Discord is set to Chinese; the simulated one has no languages."""
    monkeypatch.setattr("cogs.ui.replies.best_locale", lambda *_: "zh-TW")


async def club(
    server: Server, command: str, who: MemberActor | None = None, **options: Any
) -> ResponseMessage:
    """Run a command of `/club` as the treasurer, or as `who`; its one private answer."""
    return private(await (who or server.tess).slash(server.general, f"club {command}", **options))


async def club_all(server: Server, command: str, **options: Any) -> list[ResponseMessage]:
    """The same for a command that answers with several messages; all of them, in order."""
    return answers(await server.tess.slash(server.general, f"club {command}", **options))


def answers(result: InteractionResult) -> list[ResponseMessage]:
    """Every private message that answered."""
    assert result.acknowledged
    found = [message for message in [result.response, *result.followups] if message is not None]
    assert all(message.ephemeral for message in found)
    return found


async def confirm(server: Server, preview: ResponseMessage, who: MemberActor | None = None) -> str:
    """Click the first button of a preview; what its message says then."""
    await (who or server.tess).click(preview, label=labels(preview)[0])
    return text(preview.message)


async def suggestions(
    server: Server, command: str, option: str, typed: str, who: MemberActor | None = None
) -> list[Any]:
    """What an option suggests while somebody types."""
    return await (who or server.tess).autocomplete(server.general, f"club {command}", option, typed)


def books(server: Server) -> list[str]:
    """Everything that the database holds, to be compared before and after."""
    return list(server.db.conn.iterdump())


async def refused(
    server: Server,
    command: str,
    cases: Iterable[tuple[dict[str, Any], str]],
    usual: dict[str, Any] | None = None,
    who: MemberActor | None = None,
) -> None:
    """Each case (options beside the usual ones, words of the answer) is refused and changes nothing."""
    before = books(server)
    for options, said in cases:
        answer = text(await club(server, command, who, **{**(usual or {}), **options}))
        assert said in answer, (command, options)
        assert books(server) == before, (command, options)
