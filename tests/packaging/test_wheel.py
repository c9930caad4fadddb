"""The built wheel in an empty environment: `potkeeper check` and the demo, and how the demo ends.

One build and one installation serve all tests here. They need a package index.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.db import LocalDatabase
from tests.factories import Club
from tests.fakes import FixedClock
from tests.faults.stage import clean_environment

pytestmark = pytest.mark.socket

ROOT = Path(__file__).parents[2]
INSTALL_SECONDS, READY_SECONDS, END_SECONDS = 300, 60, 10


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with nothing but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    _run(build, "the wheel cannot be built")
    (wheel,) = folder.glob("potkeeper-*.whl")
    venv.create(folder / "env", with_pip=False)
    found = folder / "env" / "bin"
    pip = [
        _python_with_pip(), "-m", "pip", "--python", str(found / "python"), "install", "--quiet",
        "--disable-pip-version-check", "--no-input", "--retries", "1",
        "--constraint", str(ROOT / "constraints.txt"),
    ]  # fmt: skip
    if not _index_answers(pip):
        pytest.skip("no package index can be reached, so the wheel was not installed")
    _run([*pip, str(wheel)], "the wheel cannot be installed")
    return found


def _run(command: list[str], complaint: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_SECONDS, env=clean_environment(), check=False
    )
    assert done.returncode == 0, f"{complaint}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def _index_answers(pip: list[str]) -> bool:
    """Whether the smallest thing that we need can be had."""
    done = subprocess.run([*pip, "--dry-run", "tzdata"], capture_output=True, timeout=60, check=False)
    return done.returncode == 0


def _python_with_pip() -> str:
    """An environment of its own may come without pip; the Python that it was made with has one."""
    for python in (sys.executable, sys._base_executable):  # type: ignore[attr-defined]  # what venv itself uses
        asked = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return str(python)
    pytest.skip("there is no pip to install the wheel with")


def test_check_runs_on_a_seeded_database(programs: Path, club: Club, db: LocalDatabase, clock: FixedClock):
    club.subscriber(club.plan())
    club.open()
    done = subprocess.run(
        [programs / "potkeeper", "check", "--json", "--data", db.path.parent], cwd=programs.parent,
        env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["ok"], found["counts"]["bills"]) == (True, 1)


def test_the_health_page_has_the_changelog_to_show(programs: Path):
    asked = "from bot.web.pages.health import changelog; print(changelog())"
    done = subprocess.run(
        [programs / "python", "-c", asked], cwd=programs.parent, env=clean_environment(),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "discord-" in done.stdout, "the newest part of it, as a page shows it"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_demo_gets_ready_and_ends_with_all_its_children(
    programs: Path, tmp_path: Path, number: signal.Signals
):
    with started([str(programs / "potkeeper"), "demo", "--port", "0"], tmp_path) as demo:
        demo.send_signal(number)
        assert demo.wait(END_SECONDS) == 0
        assert_gone(demo.pid)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")
def test_interrupting_make_alone_ends_the_demo_too(programs: Path):
    """As when a program, not a terminal, sends SIGINT: only make gets it."""
    with started(make_demo(programs), ROOT) as make:
        make.send_signal(signal.SIGINT)
        make.wait(END_SECONDS)
        assert_gone(make.pid)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")
def test_make_demo_in_the_background_of_a_script_stays_until_it_is_ended(programs: Path):
    """A shell without job control lets what it puts into the background ignore SIGINT: that interrupts nothing."""
    with started(["sh", "-c", '"$@" & wait', "sh", *make_demo(programs)], ROOT) as shell:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(END_SECONDS)
        assert_gone(shell.pid)


def make_demo(programs: Path) -> list[str]:
    """`make demo` with the installed programs in the place of the checkout's."""
    return ["make", "--silent", "--old-file=.venv/installed", "demo", f"BIN={programs}", "PORT=0"]


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A program in a process group of its own, from its `ready:` line on; ends whatever is left of it."""
    with subprocess.Popen(
        command, cwd=folder, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        late = threading.Timer(READY_SECONDS, _kill_group, [process.pid])
        late.start()
        try:
            assert process.stdout
            said = []
            while not (line := process.stdout.readline()).startswith("ready: http://127.0.0.1:"):
                said.append(line)
                assert line, "it ended before it was ready:\n" + "".join(said)
            late.cancel()
            yield process
        finally:
            late.cancel()
            _kill_group(process.pid)


def assert_gone(group: int) -> None:
    """No process of this group is left, or is so within the time that remains."""
    deadline = time.monotonic() + END_SECONDS
    while _kill_group(group, 0):
        assert time.monotonic() < deadline, "the demo left a process behind"
        time.sleep(0.05)


def _kill_group(group: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal to every process of a group; False when there is none."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
