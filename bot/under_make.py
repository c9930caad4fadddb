"""Run a command so that whoever ends make ends the command too: `python -m bot.under_make COMMAND …`.

For the installation, before anything is installed: nothing but the standard library. pip starts a second pip, which
would go on writing into the environment when only make and the first one are gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

POLL_SECONDS, END_SECONDS = 0.2, 5
ENDED = 128 + signal.SIGINT


def heeds_interrupts(pid: int) -> bool | None:
    """Whether a process handles or ignores SIGINT, or None when that cannot be read (there is no /proc).

    GNU make passes SIGTERM on but not SIGINT: it takes its handler off and then waits, for ever when only make was
    signalled. A make that a script put into the background ignores SIGINT from the beginning: that is no interruption.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigIgn:", "SigCgt:"))]
    return any(mask >> (signal.SIGINT - 1) & 1 for mask in masks) if masks else None


def run(command: list[str]) -> int:
    """Run it in a process group of its own; its status, or 130 when it was ended, with all its children."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: asked.append(number))
    with subprocess.Popen(command, start_new_session=True) as process:
        while process.poll() is None and not asked and heeds_interrupts(os.getppid()) is not False:
            _wait(process, POLL_SECONDS)
        if process.returncode is not None:
            return process.returncode
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(process.pid, number)
            _wait(process, END_SECONDS)
    return ENDED


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
