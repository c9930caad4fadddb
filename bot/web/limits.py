"""Token buckets: how often one address may ask. In memory, bounded; a restart forgives everybody."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from time import monotonic

from bot.web.options import Rate

MOST_BUCKETS = 10_000


class Limits:
    """One bucket for each scope and address; the address seen longest ago is forgotten first."""

    def __init__(self, rates: Mapping[str, Rate], seconds: Callable[[], float] = monotonic) -> None:
        """`seconds` is a clock that never runs backwards."""
        self._rates = rates
        self._seconds = seconds
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, scope: str, address: str) -> int:
        """Take one; returns 0 when that is fine, else after how many seconds to come again."""
        rate, now = self._rates[scope], self._seconds()
        left, since = self._buckets.pop((scope, address), (float(rate.burst), now))
        left = min(float(rate.burst), left + (now - since) * rate.per_minute / 60)
        fine = left >= 1
        self._buckets[scope, address] = (left - 1 if fine else left, now)
        while len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return 0 if fine else max(1, math.ceil((1 - left) * 60 / rate.per_minute))
