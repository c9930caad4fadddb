"""Log lines on standard error, plain or as JSON, without secrets."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

HIDDEN = "[hidden]"


class PlainFormatter(logging.Formatter):
    """`2026-06-05 01:00:00 INFO bot.app: ready`; the traceback on the lines below."""

    def __init__(self, secrets: list[str]) -> None:
        """Take the values that must never appear."""
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line(s), with secrets replaced."""
        return hide(super().format(record), self._secrets)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message, and the traceback when there is one."""

    def __init__(self, secrets: list[str]) -> None:
        """Take the values that must never appear."""
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with secrets replaced."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return hide(json.dumps(line, ensure_ascii=False), self._secrets)


def hide(text: str, secrets: list[str]) -> str:
    """Return the text without the secrets, also in the form they take inside JSON."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN).replace(json.dumps(secret)[1:-1], HIDDEN)
    return text


class NetworkFilter(logging.Filter):
    """Keeps "Attempting a reconnect" to one line: a network that is down needs no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass, shortened."""
        if record.name == "discord.client" and str(record.msg).startswith("Attempting a reconnect"):
            cause = record.exc_info[1] if record.exc_info else None
            record.msg, record.args = f"{record.getMessage()} ({cause})", None
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        return True


def set_up(level: str, *, json_lines: bool, secrets: list[str]) -> None:
    """Log to standard error from now on; libraries only when they warn."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(NetworkFilter())
    handler.setFormatter(JsonFormatter(secrets) if json_lines else PlainFormatter(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if level == "info" else level.upper())
    for ours in ("bot", "core", "cogs"):
        logging.getLogger(ours).setLevel(level.upper())
    for chatty in ("aiosqlite", "asyncio", "apscheduler", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # A tick that comes while the last one still works is left out, and that is nothing to report.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
