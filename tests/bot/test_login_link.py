"""`potkeeper login-link`: a sign-in link for whoever may run commands on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main
from core import web_sessions
from core.clock import SystemClock
from core.db import LocalDatabase
from tests.factories import Club


@pytest.fixture
def config(club: Club, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with pages, beside the books of one club."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    file = tmp_path / "given.toml"
    file.write_text(
        f"data_dir = '{club.db.path.parent}'\n[web]\nport = 8080\npublic_url = 'https://club.example/pot/'\n",
        encoding="utf-8",
    )
    return file


def run(config: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str, str]:
    status = main(["login-link", "--config", str(config), *more])
    return status, *capsys.readouterr()


def test_the_link_signs_in_as_the_operator(config: Path, club: Club, capsys: pytest.CaptureFixture[str]):
    status, out, err = run(config, capsys)
    assert (status, err) == (0, "")
    link = out.split()[-1]
    assert link.startswith("https://club.example/pot/login/")
    with LocalDatabase(club.db.path, SystemClock()) as db:
        started = db.write(web_sessions.sign_in, link.rsplit("/", 1)[1], owner_of=lambda guild: None)
    assert (started.session.workspace_id, started.session.discord_id) == (club.id, None)


def test_of_several_clubs_one_has_to_be_named(config: Path, club: Club, capsys: pytest.CaptureFixture[str]):
    other = Club.create(club.db, number=1)
    status, out, err = run(config, capsys)
    assert (status, out) == (2, "")
    assert f"{club.id} (Club 0), {other.id} (Club 1)" in err
    assert run(config, capsys, "--workspace", str(other.id))[0] == 0
    assert run(config, capsys, "--workspace", "99")[0] == 2


def test_without_pages_or_books_it_says_why(config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "empty.toml").write_text("data_dir = 'nowhere'\n[web]\nport = 8080\n", encoding="utf-8")
    assert "There are no books" in run(tmp_path / "empty.toml", capsys)[2]
    (tmp_path / "off.toml").write_text("data_dir = 'nowhere'\n", encoding="utf-8")
    assert "not switched on" in run(tmp_path / "off.toml", capsys)[2]
