"""Simulated time: real time plus an offset that only grows, shared with the bot through a small file."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.simulator.errors import ControlError

DISCORD_EPOCH_MS = 1_420_070_400_000
DAY_SECONDS = 86_400
MOST_DAYS = 400
ACK_POLL_SECONDS = 0.02
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class SimulatedClock:
    """Says what time it is in the simulated world, makes ids of it, moves it forward day by day."""

    def __init__(self, path: Path | None = None, *, ack_timeout: float = 20.0) -> None:
        self.path = path
        self.ack_timeout = ack_timeout
        self.offset_seconds = self._read_offset()
        self.is_stepping = False
        self._last_id = 0
        if path is not None:
            self._write()

    @property
    def is_enabled(self) -> bool:
        return self.path is not None

    def start_over(self) -> None:
        """Go back to real time; only for a bot that is not running, since its clock never goes back."""
        self.offset_seconds = 0
        self._last_id = 0
        if self.path is not None:
            self._write()
            self._ack_path(self.path).unlink(missing_ok=True)

    @staticmethod
    def _ack_path(path: Path) -> Path:
        return path.with_name(path.name + ".ack")

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def timestamp(self) -> str:
        """The current simulated instant as Discord writes instants in messages."""
        return self.now().isoformat(timespec="milliseconds")

    def next_id(self) -> int:
        """A new snowflake: made of the simulated time, and always larger than every one before."""
        milliseconds = int(self.now().timestamp() * 1000) - DISCORD_EPOCH_MS
        self._last_id = max(self._last_id + 1, milliseconds << 22)
        return self._last_id

    def state(self) -> dict[str, Any]:
        now = self.now().replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        return {
            "now": now,
            "offset_seconds": self.offset_seconds,
            "enabled": self.is_enabled,
            "stepping": self.is_stepping,
        }

    def target(self, body: dict[str, Any]) -> float:
        """Read a clock request; returns by how many seconds to move."""
        if set(body) - {"days", "to"}:
            name = min(set(body) - {"days", "to"})
            raise ControlError("unknown_field", f"'{name}' is not a field here. Give 'days' or 'to'.", name)
        if ("days" in body) == ("to" in body):
            raise ControlError("invalid_clock", "Give either 'days' or 'to'.", "days")
        if "days" in body:
            days = body["days"]
            if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MOST_DAYS:
                raise ControlError("invalid_days", f"'days' is a whole number from 0 to {MOST_DAYS}.", "days")
            return days * DAY_SECONDS
        return self._seconds_until(body["to"])

    def _seconds_until(self, text: object) -> float:
        bad = ControlError(
            "invalid_to", "'to' is a date like 2026-07-05 or an instant like 2026-07-05T09:00:00+08:00.", "to"
        )
        if not isinstance(text, str):
            raise bad
        now = self.now()
        try:
            wanted = datetime.fromisoformat(text)
        except ValueError:
            raise bad from None
        if DATE.fullmatch(text):
            seconds = float((wanted.date() - now.date()).days * DAY_SECONDS)
        elif wanted.tzinfo is None:
            raise ControlError("invalid_to", "'to' as an instant needs its zone, such as Z or +08:00.", "to")
        else:
            seconds = (wanted - now).total_seconds()
        if seconds < 0:
            raise ControlError("clock_backwards", "The clock moves only forward.", "to")
        if seconds > MOST_DAYS * DAY_SECONDS:
            raise ControlError("invalid_to", f"The clock moves at most {MOST_DAYS} days at once.", "to")
        return seconds

    async def advance(self, seconds: float, on_step: Callable[[], None]) -> int:
        """Move forward in steps of at most a day, waiting for the bot after each; returns the steps."""
        if not self.is_enabled:
            raise ControlError("clock_off", "This simulator was started without a clock to move.", status=409)
        if self.is_stepping:
            raise ControlError("clock_busy", "The clock is being moved already.", status=409)
        self.is_stepping = True
        steps = 0
        try:
            remaining = round(seconds)
            while steps == 0 or remaining > 0:
                step = min(DAY_SECONDS, remaining)
                self.offset_seconds += step
                remaining -= step
                steps += 1
                self._write()
                on_step()
                await self._wait_for_ack()
        finally:
            self.is_stepping = False
        return steps

    async def _wait_for_ack(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.ack_timeout
        while self._acknowledged() != self.offset_seconds:
            if loop.time() > deadline:
                raise ControlError(
                    "clock_timeout",
                    f"The clock stands at {self.state()['now']}, but the bot did not finish that day's work"
                    f" within {self.ack_timeout:g} s.",
                    status=504,
                )
            await asyncio.sleep(ACK_POLL_SECONDS)

    def _acknowledged(self) -> int | None:
        assert self.path is not None
        return _offset_in(self._ack_path(self.path))

    def _read_offset(self) -> int:
        return (_offset_in(self.path) or 0) if self.path is not None else 0

    def _write(self) -> None:
        assert self.path is not None
        temporary = self.path.with_name(self.path.name + ".tmp")
        temporary.write_text(json.dumps({"offset_seconds": self.offset_seconds}), encoding="utf-8")
        os.replace(temporary, self.path)


def _offset_in(path: Path) -> int | None:
    """The offset written in a clock or acknowledgement file, or None when there is none to read."""
    try:
        offset = json.loads(path.read_text(encoding="utf-8"))["offset_seconds"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return offset if isinstance(offset, int) else None
