"""Sentences for whoever runs the program on a terminal, in the language of that terminal."""

from __future__ import annotations

import os

from core.errors import DomainError, Param
from core.i18n import error_text, t


def terminal_locale() -> str:
    """Our language for this terminal: any Chinese one reads 繁體中文."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh-TW" if value.lower().startswith("zh") else "en"
    return "en"


def words(key: str, /, **params: Param) -> str:
    """Return the sentence `key` for the terminal."""
    return t(terminal_locale(), key, **params)


def error_words(error: DomainError) -> str:
    """Return an error's sentence for the terminal."""
    return error_text(terminal_locale(), error)


def os_reason(error: OSError) -> str:
    """What the system says about a file: which one, and what is wrong with it."""
    if error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return error.strerror or str(error)
