"""One bot per database: a lock file beside it, held as long as the process lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "potkeeper.lock"


class AlreadyRunning(Exception):  # noqa: N818 - reads as what happened
    """Another bot holds this data folder; `pid` is its process, or "?" when it did not say."""

    def __init__(self, data_dir: Path, pid: str) -> None:
        """Keep where and who, for the sentence."""
        super().__init__(f"{data_dir} is in use by process {pid}")
        self.data_dir = data_dir
        self.pid = pid


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Hold the lock of this folder; raises AlreadyRunning at once, or OSError when it cannot be written.

    The system lets go of it when the process ends in whatever way, so a leftover file means nothing.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(data_dir / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                data_dir, os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "?"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
