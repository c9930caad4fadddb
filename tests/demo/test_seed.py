"""The demo's club without the demo around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo import Demo
from core.check import run_check
from core.clock import SystemClock
from core.db import LocalDatabase


@pytest.mark.parametrize(
    ("language", "locale", "method"),
    [("zh_TW.UTF-8", "zh-TW", "銀行轉帳"), ("de_DE.UTF-8", "en", "Bank transfer")],
)
async def test_the_club_speaks_the_language_of_the_terminal_and_its_books_balance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, locale: str, method: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    await Demo(tmp_path, port=0)._seed()
    with LocalDatabase(tmp_path / "potkeeper.db", SystemClock()) as db:
        assert db.conn.execute("SELECT locale FROM workspaces").fetchall() == [(locale,)]
        assert (method,) in db.conn.execute("SELECT name FROM methods").fetchall()
        assert db.read(run_check).ok
