"""Several connections on one file that press at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import errors
from core.db import LocalDatabase
from core.preview import PreviewChanged
from tests.fakes import FixedClock

Step = Callable[[LocalDatabase], Any]


def at_once(path: Path, clock: FixedClock, *steps: Step) -> list[Any]:
    """Run each step on a connection of its own, all at the same moment; results, refusals in their place.

    Anything that is no refusal (DomainError) and no changed preview fails the test.
    """
    together = threading.Barrier(len(steps))
    results: list[Any] = [None] * len(steps)

    def run(place: int, step: Step) -> None:
        with LocalDatabase(path, clock) as own:
            together.wait()
            try:
                results[place] = step(own)
            except BaseException as exc:
                results[place] = exc

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, errors.DomainError | PreviewChanged):
            raise result
    return results


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(type(r).__name__ if isinstance(r, Exception) else "won" for r in results)


def press(use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Step:
    return lambda own: own.write(use_case, *args, **kwargs)
