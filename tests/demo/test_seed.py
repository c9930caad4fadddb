"""The demo's club without the demo around it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bot.demo import Demo
from core.check import run_check
from core.clock import SystemClock
from core.db import LocalDatabase
from core.store.payments import members_with_credit


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


async def test_the_club_has_something_of_everything_that_a_treasurer_meets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three months, a rejected payment, a part-paid bill, a paused member, a credit, something to decide."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    await Demo(tmp_path, port=0)._seed()
    with LocalDatabase(tmp_path / "potkeeper.db", SystemClock()) as db:
        count = partial(_count, db)
        assert count("billing_periods WHERE status IN ('open', 'closed')") == 3
        assert count("payments WHERE status = 'rejected'") >= 1
        assert count("payments WHERE status = 'submitted'") >= 1, "for a reviewer to decide"
        assert count("bills WHERE status = 'pending' AND settled_minor > 0") >= 1
        assert count("subscription_pauses WHERE resumes_on IS NULL") >= 1
        (workspace,) = db.conn.execute("SELECT id FROM workspaces").fetchone()
        assert db.read(lambda tx: members_with_credit(tx.conn, workspace)) != []
        assert count("members WHERE discord_id IS NULL") >= 1, "and somebody whom no account is linked to"


def _count(db: LocalDatabase, rows: str) -> int:
    found: int = db.conn.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]  # noqa: S608 - our own words
    return found
