"""Whoever ends make ends what it runs, with all its children, in time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.stage import ROOT, clean_environment

pytestmark = [
    pytest.mark.socket,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine"),
]

END_SECONDS = 10
# A program with a child of its own, as pip has; both would sleep on.
SLEEPERS = "echo $$$$; sleep 60 & sleep 60"

Signals = Callable[[int], None]


def make(folder: Path, command: str) -> subprocess.Popen[str]:
    makefile = folder / "Makefile"
    makefile.write_text(
        f"all:\n\t@exec {sys.executable} -m bot.under_make sh -c '{command}'\n", encoding="utf-8"
    )
    return subprocess.Popen(
        ["make", "-f", str(makefile)], cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "end",
    [
        lambda make: os.kill(make, signal.SIGTERM),
        lambda make: os.kill(make, signal.SIGINT),
        lambda make: os.killpg(make, signal.SIGINT),
    ],
    ids=["SIGTERM", "SIGINT", "Ctrl-C"],
)
def test_ending_make_ends_the_command_and_its_children(tmp_path: Path, end: Signals) -> None:
    with make(tmp_path, SLEEPERS) as process:
        assert process.stdout
        group = int(process.stdout.readline())
        end(process.pid)
        process.wait(END_SECONDS)
        deadline = time.monotonic() + END_SECONDS
        while is_there(group):
            assert time.monotonic() < deadline, "something was left behind"
            time.sleep(0.05)


def is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("status", [0, 3])
def test_the_status_of_the_command_is_makes_to_judge(tmp_path: Path, status: int) -> None:
    with make(tmp_path, f"exit {status}") as process:
        assert (process.wait(END_SECONDS * 6) == 0) == (status == 0)
