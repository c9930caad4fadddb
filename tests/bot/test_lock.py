"""Two bots never share a data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import lock

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from bot import lock
with lock.hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_refused_and_told_who_the_first_is(tmp_path: Path):
    with lock.hold(tmp_path / "new" / "data"):
        with pytest.raises(lock.AlreadyRunning) as caught, lock.hold(tmp_path / "new" / "data"):
            pytest.fail("held twice")
        assert caught.value.pid == str(os.getpid())
    with lock.hold(tmp_path / "new" / "data"):
        pass


def test_the_lock_ends_with_a_killed_process(tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(lock.AlreadyRunning) as caught, lock.hold(tmp_path):
            pytest.fail("held twice")
        assert caught.value.pid == str(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with lock.hold(tmp_path):
            pass


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="file"), lock.hold(tmp_path / "file" / "data"):
        pytest.fail("held")
