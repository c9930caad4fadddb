"""Log lines: plain or JSON, and never a secret in them."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from bot.logs import HIDDEN, JsonFormatter, NetworkFilter, PlainFormatter, hide

SECRET = 'to"ken\\1'


def record(message: str, *arguments: object, error: bool = False, name: str = "bot.app") -> logging.LogRecord:
    info = None
    if error:
        try:
            raise ValueError(f"with {SECRET} inside")
        except ValueError:
            info = sys.exc_info()
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, arguments, info)


@pytest.mark.parametrize("formatter", [PlainFormatter([SECRET]), JsonFormatter([SECRET])])
def test_secrets_never_appear_not_even_in_a_traceback(formatter: logging.Formatter):
    line = formatter.format(record("logging in as %s", SECRET, error=True))
    assert SECRET not in line
    assert json.dumps(SECRET)[1:-1] not in line
    assert line.count(HIDDEN) >= 2
    assert "ValueError" in line


def test_a_json_line_is_one_object_whatever_is_in_it():
    line = JsonFormatter([]).format(record("two\nlines and 漢字 %s", 5, error=True))
    assert "\n" not in line
    found = json.loads(line)
    assert found["message"] == "two\nlines and 漢字 5"
    assert found["level"] == "error"
    assert found["at"].endswith("+00:00")
    assert "Traceback" in found["traceback"]


def test_a_network_that_is_down_is_one_line():
    entry = record("Attempting a reconnect in %.2fs", 1.5, error=True, name="discord.client")
    assert NetworkFilter().filter(entry)
    assert "\n" not in PlainFormatter([]).format(entry)
    assert "1.50s" in entry.getMessage()
    other = record("something else", error=True, name="discord.client")
    NetworkFilter().filter(other)
    assert other.exc_info is not None


def test_no_secret_changes_nothing():
    assert hide("all of it", []) == "all of it"
