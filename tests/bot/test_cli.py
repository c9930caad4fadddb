"""The command line as people and scripts see it: what it prints, and its exit status."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import ConfigError
from core.clock import SystemClock
from core.db import Database, LocalDatabase
from core.migrate import schema_version
from tests.factories import Club

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder without configuration, on an English terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def data(club: Club, db: LocalDatabase) -> Path:
    """The data folder of a club with some money in its books."""
    member = club.subscriber(club.plan())
    club.open()
    club.verify(club.submit(member))
    return db.path.parent


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["check", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


# --- check ---


def test_healthy_books_end_with_zero(data: Path, capsys: pytest.CaptureFixture[str]):
    status, out, err = check(capsys, "--data", str(data))
    assert (status, err) == (0, "")
    assert "Everything adds up." in out
    assert "payments: 1" in out


def test_as_json_it_is_one_object(data: Path, capsys: pytest.CaptureFixture[str]):
    status, out, err = check(capsys, "--data", str(data), "--json")
    report = json.loads(out)
    assert (status, err, report["ok"], report["problems"]) == (0, "", True, [])
    assert report["counts"]["payments"] == 1
    assert len(next(iter(report["heads"].values()))) == 64


def test_broken_books_end_with_one_and_name_the_row(
    data: Path, db: LocalDatabase, capsys: pytest.CaptureFixture[str]
):
    db.conn.execute("UPDATE bills SET settled_minor = 1")
    status, out, _ = check(capsys, "--data", str(data))
    assert status == 1
    assert "problem:" in out
    assert "found." in out
    status, out, _ = check(capsys, "--data", str(data), "--json")
    report = json.loads(out)
    assert (status, report["ok"]) == (1, False)
    assert {"rule", "table", "id", "message"} == set(report["problems"][0])
    assert report["problems"][0]["table"] == "bills"


async def test_it_runs_while_the_bot_runs_and_writes(data: Path, capsys: pytest.CaptureFixture[str]):
    async with Database(data / "potkeeper.db", SystemClock()) as bot:
        blocker = LocalDatabase(data / "potkeeper.db", SystemClock())
        blocker.conn.execute("BEGIN IMMEDIATE")
        assert check(capsys, "--data", str(data))[0] == 0
        blocker.conn.execute("ROLLBACK")
        blocker.close()
        await bot.read(lambda tx: None)


def test_it_never_makes_nor_changes_a_file(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    before = (data / "potkeeper.db").read_bytes()
    check(capsys, "--data", str(data))
    assert (data / "potkeeper.db").read_bytes() == before
    status, out, err = check(capsys, "--data", str(tmp_path / "absent"))
    assert (status, out) == (2, "")
    assert "absent" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "absent").exists()


def foreign_file(kind: str) -> bytes:
    """What lies where the books should be: no database at all, or one of another program."""
    if kind == "text":
        return b"no database " * 100
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE TABLE albums (id INTEGER PRIMARY KEY)")
        conn.execute(f"PRAGMA user_version = {schema_version() if kind == 'same version' else 0}")
        return conn.serialize()


@pytest.mark.parametrize("kind", ["text", "other program", "same version"])
@pytest.mark.parametrize("command", [
    ["check"], ["check", "--json"], ["status"], ["members"], ["export"], ["record", "M-1", "5", "--apply"],
    ["open", "--apply"], ["api-token", "list"], ["login-link"], ["run"],
])  # fmt: skip
def test_a_file_that_is_not_our_database_is_refused_in_one_line_and_stays_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, command: list[str]
):
    config = "data_dir = 'folder'\n[discord]\ntoken = 'none'\n[web]\nport = 18999\n"
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    file = tmp_path / "folder" / "potkeeper.db"
    file.parent.mkdir()
    file.write_bytes(foreign_file(kind))
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert out == ""
    line = err.splitlines()[-1]
    assert "potkeeper.db is not a database of this program" in line
    assert "Nothing was opened or changed" in line
    assert file.read_bytes() == foreign_file(kind)
    assert {path.name for path in file.parent.iterdir()} <= {"potkeeper.db", "potkeeper.lock"}


def test_books_that_cannot_be_written_are_one_line_with_the_reason(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("core.db.BUSY_SECONDS", 0)
    with closing(sqlite3.connect(data / "potkeeper.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert main(["record", "M-1", "5", "--apply", "--data", str(data)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "database is locked" in err


def test_another_version_is_not_checked(data: Path, db: LocalDatabase, capsys: pytest.CaptureFixture[str]):
    db.conn.execute("PRAGMA user_version = 99")
    status, _, err = check(capsys, "--data", str(data))
    assert status == 2
    assert "99" in err


def test_without_data_the_configured_folder_is_checked(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "config.toml").write_text(f"data_dir = '{data}'", encoding="utf-8")
    assert check(capsys)[0] == 0
    (tmp_path / "config.toml").write_text("data_dri = 'x'", encoding="utf-8")
    status, _, err = check(capsys)
    assert status == 2
    assert "data_dri" in err


# --- the other commands ---


def test_check_config_says_where_the_books_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "mine.toml"
    file.write_text("data_dir = 'club'\n[discord]\ntoken = 'hush'", encoding="utf-8")
    assert main(["check-config", "--config", str(file)]) == 0
    out = capsys.readouterr().out
    assert "club/potkeeper.db" in out
    assert "hush" not in out


@pytest.mark.parametrize("command", ["run", "check-config"])
def test_no_token_is_one_line_and_two(command: str, capsys: pytest.CaptureFixture[str]):
    assert main([command]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "discord.token" in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["check", "--what"],
        ["demo", "--port", "x"],
        ["demo", "--port", "70000"],
        ["run", "now"],
    ],
)
def test_a_wrong_command_line_ends_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err


LONG_NAME = "x" * 300


@pytest.mark.parametrize(
    "command",
    [
        ["check", "--data", LONG_NAME], ["status", "--data", LONG_NAME], ["check", "--config", LONG_NAME],
        ["backup", LONG_NAME], ["demo", "--data", "a-file"], ["run", "--config", "a-file/x"],
        ["check", "--data", "a-file"],
    ],
)  # fmt: skip
def test_a_path_that_cannot_be_is_one_line_that_names_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
):
    (tmp_path / "a-file").write_bytes(b"")
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert command[-1] in err


@pytest.mark.parametrize(
    "command",
    [
        ["status", "--guild", "abc"], ["status", "--guild", "0"], ["status", "--guild", "-5"],
        ["status", "--guild", "9" * 30], ["api-token", "revoke", "9" * 20], ["api-token", "revoke", "1.5"],
        ["login-link", "--workspace", "9" * 20], ["demo", "--port", "9" * 5000],
    ],
)  # fmt: skip
def test_a_number_that_is_none_is_named(command: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    assert f"“{command[-1][:40]}” is not a" in capsys.readouterr().err


def test_output_that_nobody_reads_is_no_error(data: Path):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "bot", "check", "--data", str(data)]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_an_unexpected_error_is_one_line_and_two(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("bot.cli.load_settings", lambda path: 1 / 0)
    assert main(["check"]) == 2
    assert "ZeroDivisionError" in capsys.readouterr().err.splitlines()[-1]


def test_a_sentence_of_several_lines_becomes_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(path: object) -> None:
        raise ConfigError("one\ntwo")

    monkeypatch.setattr("bot.cli.load_settings", fail)
    assert main(["check"]) == 2
    assert capsys.readouterr().err == "one two\n"


@pytest.mark.parametrize(("locale", "word"), [("en_US.UTF-8", "prove"), ("zh_TW.UTF-8", "驗證")])
def test_help_is_in_the_terminal_s_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], locale: str, word: str
):
    monkeypatch.setenv("LC_ALL", locale)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert word in capsys.readouterr().out


def test_python_m_bot_is_the_same_and_check_needs_no_discord(data: Path):
    code = (
        "import sys; from bot.cli import main; status = main(sys.argv[1:]); "
        "assert 'discord' not in sys.modules and 'apscheduler' not in sys.modules; sys.exit(status)"
    )
    for program in (["-m", "bot"], ["-c", code]):
        done = subprocess.run(
            [sys.executable, *program, "check", "--data", str(data)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
