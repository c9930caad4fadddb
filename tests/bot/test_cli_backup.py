"""`potkeeper backup`: a whole copy of a club's data folder, made while the bot works, or nothing at all."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.storage import LocalProofStorage
from core.clock import SystemClock
from core.db import LocalDatabase
from core.services import Services
from tests.core.helpers import assert_clean, everything
from tests.factories import Club
from tests.fakes import FixedClock
from tests.pictures import encoded, screenshot

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder without configuration, on an English terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
async def data(club: Club, db: LocalDatabase, clock: FixedClock) -> Path:
    """The data folder of a club with a payment and its screenshot."""
    from core.db import Database

    folder = db.path.parent
    member = club.subscriber(club.plan())
    club.open()
    async with Database(db.path, clock) as books:
        services = Services(books, clock, LocalProofStorage(folder / "proofs"))
        await services.submit(
            club.as_member(member), [bill.id for bill in club.bills(member)], request_id="r1",
            picture=encoded(screenshot(), "PNG"),
        )  # fmt: skip
    return folder


def back_up(capsys: pytest.CaptureFixture[str], data: Path, folder: Path, *more: str) -> tuple[int, str, str]:
    status = main(["backup", str(folder), "--data", str(data), *more])
    return status, *capsys.readouterr()


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_backup_is_a_data_folder_with_the_same_books_and_pictures(
    data: Path, db: LocalDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    target = tmp_path / "backups" / "today"
    (data / "proofs" / "w1" / "2026-06").mkdir(exist_ok=True, parents=True)
    (data / "proofs" / "w1" / "2026-06" / "x.webp.0a1b.tmp").write_bytes(b"half")
    status, out, err = back_up(capsys, data, target)
    assert (status, err) == (0, "")
    assert f"The books and 2 picture files are in {target}." in out
    assert [path.name for path in target.parent.iterdir()] == ["today"]
    assert target.stat().st_mode & 0o077 == 0, "nobody else may read it"
    with LocalDatabase(target / "potkeeper.db", SystemClock()) as copy:
        assert everything(copy) == everything(db)
        assert_clean(copy)
    pictures = {name: content for name, content in files(data).items() if name.endswith(".webp")}
    assert len(pictures) == 2
    assert {name: content for name, content in files(target).items() if "proofs" in name} == pictures
    assert main(["check", "--data", str(target)]) == 0
    assert main(["status", "2026-06", "--data", str(target)]) == 0


def test_as_json_it_is_one_object(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status, out, err = back_up(capsys, data, tmp_path / "copy", "--json")
    found: dict[str, Any] = json.loads(out)
    assert (status, err) == (0, "")
    assert found.pop("database_bytes") == (tmp_path / "copy" / "potkeeper.db").stat().st_size
    assert found == {
        "ok": True, "folder": str(tmp_path / "copy"), "picture_files": 2, "pictures_elsewhere": None,
        "problems": [],
    }  # fmt: skip


def test_it_holds_one_moment_while_others_write(
    data: Path, club: Club, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Every submission is whole in the copy or not in it; what is not committed yet is not."""
    plan = club.plan("More", 100)
    members = [club.subscriber(plan) for _ in range(30)]
    started = threading.Event()

    def pay() -> None:
        with LocalDatabase(data / "potkeeper.db", FixedClock()) as own:
            other = Club(own, club.workspace)
            for member in members:
                other.submit(member)
                started.set()

    paying = threading.Thread(target=pay)
    paying.start()
    started.wait(30)
    status, _, err = back_up(capsys, data, tmp_path / "during")
    paying.join()
    assert (status, err) == (0, "")
    with closing(sqlite3.connect(data / "potkeeper.db", isolation_level=None)) as open_write:
        open_write.execute("BEGIN IMMEDIATE")
        open_write.execute("UPDATE members SET note = 'not committed'")
        assert back_up(capsys, data, tmp_path / "beside")[0] == 0
    counts = {}
    for name in ("during", "beside"):
        with LocalDatabase(tmp_path / name / "potkeeper.db", SystemClock()) as copy:
            assert_clean(copy)
            counts[name] = copy.conn.execute("SELECT count(*) FROM payments").fetchone()[0]
            notes = copy.conn.execute("SELECT count(*) FROM members WHERE note <> ''").fetchone()
            assert notes == (0,)
    assert 2 <= counts["during"] <= counts["beside"] == 31


@pytest.mark.parametrize("kind", ["file", "empty folder", "folder"])
def test_what_is_there_already_is_never_overwritten(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
):
    target = tmp_path / "kept"
    if kind == "file":
        target.write_bytes(b"mine")
    else:
        target.mkdir()
        if kind == "folder":
            (target / "potkeeper.db").write_bytes(b"yesterday's")
    before = files(tmp_path)
    status, out, err = back_up(capsys, data, target)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "never overwrites" in err
    assert files(tmp_path) == before


def test_without_our_books_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source = tmp_path / "source"
    source.mkdir()
    status, out, err = back_up(capsys, source, tmp_path / "copy")
    assert (status, out) == (2, "")
    assert "There are no books" in err
    (source / "potkeeper.db").write_bytes(b"no database at all " * 100)
    status, out, err = back_up(capsys, source, tmp_path / "copy")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "not a database of this program" in err
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_where_nothing_can_be_made_it_says_so(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_bytes(b"")
    status, out, err = back_up(capsys, data, tmp_path / "file" / "copy")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"({tmp_path / 'file'}: File exists)" in err


@pytest.mark.skipif(os.name != "posix", reason="this system has no limit on the size of files")
def test_with_a_full_disk_nothing_of_it_is_kept(data: Path, tmp_path: Path):
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))

    done = subprocess.run(
        [sys.executable, "-m", "bot", "backup", str(tmp_path / "copy"), "--data", str(data)],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=little_room,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "Nothing of it was kept" in done.stderr
    assert not list(tmp_path.glob("copy*"))


def test_damaged_books_are_copied_and_said_to_be_damaged(
    data: Path, db: LocalDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """No reason to have no copy at all: it may be the last one that can be made."""
    db.conn.execute("PRAGMA ignore_check_constraints = ON")
    db.conn.execute("UPDATE bills SET due_on = 'never', amount_minor = -1")
    status, out, err = back_up(capsys, data, tmp_path / "copy")
    assert (status, err) == (1, "")
    assert "problem: CHECK constraint failed in bills" in out
    assert "Keep your earlier backups" in out
    assert (tmp_path / "copy" / "potkeeper.db").is_file()
    status, out, _ = back_up(capsys, data, tmp_path / "again", "--json")
    assert (status, json.loads(out)["ok"]) == (1, False)


def test_pictures_on_a_server_are_said_to_be_left_out(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "config.toml").write_text(
        f"data_dir = '{data}'\n[proofs]\nkind = 's3'\n[proofs.s3]\nendpoint = 's3.example:9000'\n"
        "bucket = 'proofs'\naccess_key = 'a'\nsecret_key = 'b'\n",
        encoding="utf-8",
    )
    assert main(["backup", "copy"]) == 0
    assert "The screenshots lie in s3.example:9000/proofs and are not part of this copy" in (
        capsys.readouterr().out
    )
