"""One figure, as it is printed: a value, what it is compared with, and whether it meets its target."""

import json
import statistics
import sys
import time
from collections.abc import Callable


def emit(
    name: str,
    unit: str,
    value: float,
    *,
    baseline: float | None = None,
    ratio: float | None = None,
    target: float | None = None,
    op: str | None = None,
    of: str = "value",
    holds: bool = True,
) -> None:
    """Print one JSON line. `of` says whether the target is for the value or for the ratio.

    `holds` is false when the result itself is wrong, however fast it came.
    """
    measured = ratio if of == "ratio" else value
    assert measured is not None
    ok = holds and (target is None or (measured >= target if op == ">=" else measured <= target))
    line = {
        "name": name, "unit": unit, "value": _rounded(value), "baseline": _rounded(baseline),
        "ratio": _rounded(ratio), "target": target, "op": op, "ok": ok,
    }  # fmt: skip
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_seconds(work: Callable[[], object], times: int) -> float:
    return statistics.median(seconds(work) for _ in range(times))


def _rounded(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.4g}")
