"""Layer 5: the same month through both simulated Discords; whatever anybody sees must agree."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pytest

from core import workspaces
from core.models import Actor, WorkspaceId
from core.period import Period
from tests.cogs.conftest import Server
from tests.contract.sides import InProcess, OverSockets, Side
from tests.faults.stage import BILLING_DAY, Stage, first_morning, on_stage
from tests.pictures import encoded, screenshot

pytestmark = pytest.mark.socket

PICTURE = encoded(screenshot(), "PNG")
# Named by both, because simcord sends no preselected option of its own accord.
BY_BANK = {"method": ["1"]}
SILENT = ("verified", "rejected")  # the card changes, and that is the answer
Transcript = list[tuple[str, Any]]


async def main_flow(side: Side) -> Transcript:
    """Two members pay; one is verified, the other rejected, pays again and withdraws. A month is opened."""
    seen: Transcript = []

    async def note(step: str, shown: Any) -> None:
        seen.append((step, await shown))

    await note("the form", side.command("ann", "pay"))
    await note("registered", side.submit("ann", BY_BANK | {"note": "from *my* sister"}, PICTURE))
    await note("the card", side.posted("review"))
    await note("paying twice", side.command("ann", "pay"))
    await note("the proof", side.click("rita", "View proof", on="review"))
    await note("a member verifies", side.click("ben", "Verify", on="review"))
    await note("verified", side.click("rita", "Verify", on="review"))
    await note("the card after it", side.posted("review"))
    await note("told", side.told("ann"))
    await note("ben's form", side.command("ben", "pay"))
    await note("ben registered", side.submit("ben", BY_BANK))
    await note("two cards", side.posted("review"))
    await note("the reason", side.click("rita", "Reject…", on="review"))
    await note("rejected", side.submit("rita", {"words": "no transfer of <@1> arrived"}))
    await note("the cards after it", side.posted("review"))
    await note("ben told", side.told("ben"))
    await note("paying again", side.click("ben", "Pay again", on="dm"))
    await note("registered again", side.submit("ben", BY_BANK))
    await note("withdrawn", side.click("ben", "Withdraw", on="answer"))
    await note("three cards", side.posted("review"))
    await note("my bills", side.command("ann", "my"))
    await note("how to pay", side.click("ann", "How to pay", on="answer"))
    await note("not linked", side.command("nora", "pay"))
    await note("the queue", side.command("rita", "review"))
    await note("a member reviews", side.command("ann", "review"))
    await note("announced", side.posted("dues"))
    return seen


def prepared(server: Server) -> InProcess:
    """The stage's club in the other world."""
    club, before = server.club, Period.of(first_morning().date()).plus(-1)
    club.set(name="Clubhouse", billing_day=BILLING_DAY)
    plan = club.plan("Base", 300, before.text)
    club.method()
    for number, person in enumerate((server.ann, server.ben, server.join("cleo"), server.join("dora")), 1):
        club.subscribe(server.on_roster(person, f"Extra {number}"), plan, str(before.first_day))
    club.open(before.text)
    return InProcess(server)


async def test_both_simulators_show_the_same_month(server: Server, tmp_path: Path):
    offline = await main_flow(prepared(server))
    async with on_stage(tmp_path / "club") as stage:
        online = await over_sockets(stage)
    for (step, mine), (_, theirs) in zip(offline, online, strict=True):
        assert mine or step in SILENT, f"{step}: nothing was seen"
        assert mine == theirs, f"{step}:\n{difference(mine, theirs)}"


def difference(mine: Any, theirs: Any) -> str:
    """What simcord showed (-) and bot/simulator did (+)."""
    was, came = (json.dumps(side, indent=1, ensure_ascii=False).splitlines() for side in (mine, theirs))
    return "\n".join(difflib.unified_diff(was, came, lineterm="", n=1))


async def over_sockets(stage: Stage) -> Transcript:
    with stage.books() as db:  # the other side has no scheduler that would remind anybody
        db.write(workspaces.update_settings, Actor.operator(WorkspaceId(1)), reminder_mode="off")
    await stage.start()
    await stage.outbox_empty()
    seen = await main_flow(OverSockets(stage))
    stage.assert_clean()
    assert stage.simulator.api.describe_unknown() == []
    return seen
