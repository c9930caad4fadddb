"""Things that go wrong on request: too many requests, server errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.simulator.errors import ControlError

MOST_TIMES = 1000
SERVER_ERRORS = (500, 502, 503, 504)


@dataclass
class Fault:
    """One fault waiting to happen `times` more times, to requests whose "METHOD /path" contains `route`."""

    kind: str
    times: int
    route: str | None = None
    retry_after: float = 0.3
    is_global: bool = False
    status: int = 502

    def fits(self, line: str) -> bool:
        return self.route is None or self.route in line

    def describe(self) -> dict[str, Any]:
        common: dict[str, Any] = {"times": self.times, "route": self.route}
        if self.kind == "rate_limit":
            return common | {"retry_after": self.retry_after, "global": self.is_global}
        return common | {"status": self.status}


class Faults:
    """The faults that wait for requests."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, body: dict[str, Any]) -> None:
        """Read and add a `rate_limit` or `http_5xx` fault; `times` 0 takes back those that wait."""
        kind = body["kind"]
        allowed = {"rate_limit": {"retry_after", "global"}, "http_5xx": {"status"}}[kind] | {
            "kind",
            "times",
            "route",
        }
        for name in body:
            if name not in allowed:
                raise ControlError("unknown_field", f"'{name}' is not a field of the fault '{kind}'.", name)
        times = body.get("times", 1)
        if not isinstance(times, int) or isinstance(times, bool) or not 0 <= times <= MOST_TIMES:
            raise ControlError("invalid_times", f"'times' is a whole number from 0 to {MOST_TIMES}.", "times")
        route = body.get("route")
        if route is not None and (not isinstance(route, str) or not route):
            raise ControlError(
                "invalid_route", "'route' is a part of 'METHOD /path', such as 'POST /channels/'.", "route"
            )
        fault = Fault(kind, times, route, _retry_after(body), _is_global(body), _status(body))
        if times == 0:
            self.waiting = [
                f for f in self.waiting if f.kind != kind or (route is not None and f.route != route)
            ]
        else:
            self.waiting.append(fault)

    def take(self, line: str) -> Fault | None:
        """The fault that this request ("METHOD /path") meets, used up by one; None when it meets none."""
        for fault in self.waiting:
            if fault.fits(line):
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def describe(self) -> dict[str, list[dict[str, Any]]]:
        return {
            kind: [fault.describe() for fault in self.waiting if fault.kind == kind]
            for kind in ("rate_limit", "http_5xx")
        }


def _retry_after(body: dict[str, Any]) -> float:
    value = body.get("retry_after", 0.3)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 60:
        raise ControlError(
            "invalid_retry_after", "'retry_after' is a number of seconds from 0 to 60.", "retry_after"
        )
    return float(value)


def _is_global(body: dict[str, Any]) -> bool:
    value = body.get("global", False)
    if not isinstance(value, bool):
        raise ControlError("invalid_global", "'global' is true or false.", "global")
    return value


def _status(body: dict[str, Any]) -> int:
    value = body.get("status", 502)
    if value not in SERVER_ERRORS or isinstance(value, bool):
        raise ControlError(
            "invalid_status", f"'status' is one of {', '.join(map(str, SERVER_ERRORS))}.", "status"
        )
    return int(value)
