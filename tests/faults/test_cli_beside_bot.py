"""The command line and its use cases on the same file while the bot runs; the bot says what was queued."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from core import payments
from core.models import Actor
from core.money import Money
from tests.faults.stage import ROOT, Stage, clean_environment, payments_named, said

pytestmark = pytest.mark.socket


async def potkeeper(*arguments: str) -> tuple[int, str]:
    """Run the command line; its status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=ROOT, env=clean_environment(),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_check_runs_while_members_pay(stage: Stage):
    await stage.start()
    await stage.outbox_empty()  # so that nobody sees anything but the answer
    paying = asyncio.gather(*(stage.pay(user) for user in stage.people))
    status, output = await potkeeper("check", "--json", "--data", str(stage.folder))
    found = json.loads(output)
    assert (status, found["ok"], found["problems"]) == (0, True, [])
    answers = [said(answer) for answer in await paying]
    assert [len(payments_named(answer)) for answer in answers] == [1] * len(stage.people), answers
    assert (await potkeeper("check", "--data", str(stage.folder)))[0] == 0


async def test_what_the_command_line_records_is_told_by_the_bot(stage: Stage):
    stage.tick_seconds = 60  # nothing but the notifier itself looks
    await stage.start()
    await stage.outbox_empty()
    member = stage.members["extra1"]
    status, output = await potkeeper(
        "record", member.label, "300", "--apply", "--json", "--data", str(stage.folder)
    )
    assert (status, json.loads(output)["payment"]) == (0, "P-0001")
    await stage.outbox_empty()
    (told,) = stage.private_words(stage.world.user("extra1"))
    assert payments_named(told) == [1]
    assert "NT$300" in told


async def test_two_processes_that_write_at_once_wait_for_each_other(stage: Stage):
    await stage.start()
    operator = Actor.operator(stage.members["extra1"].workspace_id)

    def record_many() -> None:
        with stage.books() as db:
            for number in range(30):
                db.write(
                    payments.record, operator, stage.members["extra4"].id, Money(10, "TWD"),
                    request_id=f"shell:{number}", source="shell",
                )  # fmt: skip

    answers, _ = await asyncio.gather(
        asyncio.gather(*(stage.pay(user) for user in stage.people[:3])), asyncio.to_thread(record_many)
    )
    assert all(len(payments_named(said(answer))) == 1 for answer in answers)
    assert stage.value("SELECT count(*) FROM payments") == 33


async def test_a_backup_is_made_while_members_pay(stage: Stage):
    await stage.start()
    paying = asyncio.gather(*(stage.pay(user) for user in stage.people))
    copy = stage.folder.with_name("copy")
    assert (await potkeeper("backup", str(copy), "--data", str(stage.folder)))[0] == 0
    assert all(len(payments_named(said(answer))) == 1 for answer in await paying)
    status, output = await potkeeper("check", "--json", "--data", str(copy))
    assert (status, json.loads(output)["problems"]) == (0, [])
