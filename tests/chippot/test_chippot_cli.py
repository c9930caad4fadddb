"""`potkeeper import-chippot` as somebody at a terminal sees it, with pictures and without."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bot.cli import main
from bot.storage import LocalProofStorage
from core import migrate
from core.clock import SystemClock
from core.db import LocalDatabase
from core.errors import StorageUnavailable
from tests.chippot.predecessor import Predecessor, ordinary
from tests.chippot.steps import assert_sound, rows
from tests.pictures import encoded, screenshot


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder without configuration, on an English terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "books"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return ordinary(tmp_path / "chippot.sqlite3").file()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The objects of the ordinary club: one screenshot."""
    path = tmp_path / "objects" / "1" / "2026-04" / "1" / "a.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(encoded(screenshot((200, 400)), "PNG"))
    return tmp_path / "objects"


class Shell:
    """Runs the verb and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], data: Path) -> None:
        self.capsys = capsys
        self.data = data

    def __call__(self, file: Path, *arguments: str) -> tuple[int, str, str]:
        status = main(["import-chippot", str(file), "--data", str(self.data), *arguments])
        out, err = self.capsys.readouterr()
        return status, out, err

    def json(self, file: Path, *arguments: str) -> tuple[int, dict[str, object]]:
        status, out, err = self(file, "--json", *arguments)
        assert err == ""
        return status, json.loads(out)

    def database(self) -> LocalDatabase:
        return LocalDatabase(self.data / "potkeeper.db", SystemClock())


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], data: Path) -> Shell:
    return Shell(capsys, data)


def test_without_apply_it_is_a_preview_and_makes_not_even_a_database(shell: Shell, file: Path):
    status, out, err = shell(file)
    assert (status, err) == (0, "")
    assert "Preview for 社團 AI 訂閱 (server 880001): nothing was changed yet." in out
    assert "bills: 8" in out
    assert "= 2026-04 verified: 3, NT$881" in out
    assert "Both sides agree." in out
    assert out.rstrip().endswith("Run it again with --apply to do this.")
    assert not shell.data.exists()


def test_with_apply_it_is_done_and_the_second_time_there_is_nothing_to_do(shell: Shell, file: Path):
    status, out, _ = shell(file, "--apply")
    assert status == 0
    assert "Imported into the books of 社團 AI 訂閱 (server 880001)." in out
    with shell.database() as db:
        assert_sound(db)
        assert rows(db, "SELECT count(*) FROM bills") == [(8,)]
    status, out, _ = shell(file, "--apply")
    assert status == 0
    assert "Nothing to do for" in out


def test_a_preview_on_books_that_are_there_changes_nothing(shell: Shell, file: Path):
    migrate.prepare(shell.data / "potkeeper.db")
    assert shell(file)[0] == 0
    with shell.database() as db:
        assert rows(db, "SELECT count(*) FROM workspaces") == [(0,)]


def test_as_json_it_is_one_object(shell: Shell, file: Path):
    status, said = shell.json(file, "--apply")
    assert status == 0
    assert (said["applied"], said["nothing_to_do"], said["agrees"]) == (True, False, True)
    assert said["workspace"] == {"guild": "880001", "name": "社團 AI 訂閱", "new": True}
    assert said["counts"]["bills"] == 8
    assert said["comparison"][0] == {
        "period": "2026-04", "status": "verified", "there_count": 3, "there_minor": 881, "here_count": 3,
        "here_minor": 881, "agrees": True,
    }  # fmt: skip
    assert [finding["code"] for finding in said["findings"]] == ["pictures_left"]


def test_a_difference_ends_with_one_and_is_named(shell: Shell, file: Path):
    shell(file, "--apply")
    with shell.database() as db:
        db.conn.execute("UPDATE bills SET amount_minor = 999 WHERE id = 8")
    status, out, _ = shell(file)
    assert status == 1
    assert "≠ 2026-06 unpaid: there 1, NT$330; here 1, NT$999" in out
    assert "1 line does not agree." in out


@pytest.mark.parametrize("arguments", [[], ["--apply"], ["--json"]])
def test_what_cannot_be_done_is_one_line_and_ends_with_two(
    shell: Shell, tmp_path: Path, arguments: list[str]
):
    wrong = tmp_path / "wrong.bin"
    wrong.write_bytes(os.urandom(3000))
    status, out, err = shell(wrong, *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "neither an SQLite database nor an SQL dump" in err
    assert not shell.data.exists()


def test_a_server_is_chosen_by_its_id(shell: Shell, tmp_path: Path):
    path = Predecessor(tmp_path / "chippot.sqlite3", settings="{}").file()
    status, _, err = shell(path)
    assert status == 2
    assert "--guild" in err
    assert shell(path, "--guild", "4711")[0] == 0


def test_in_chinese_it_speaks_chinese(shell: Shell, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")
    _, out, _ = shell(file)
    assert "還沒有任何變更" in out
    assert "兩邊一致。" in out


def test_it_says_what_never_comes_over(shell: Shell, file: Path):
    assert "audit log" in shell(file)[1]


# --- pictures ----------------------------------------------------------------------------------------


def stored(data: Path) -> list[str]:
    return sorted(str(path.relative_to(data / "proofs")) for path in (data / "proofs").rglob("*.webp"))


def test_screenshots_come_with_their_payment_cleaned_and_once(shell: Shell, file: Path, folder: Path):
    status, said = shell.json(file, "--apply", "--proofs", str(folder))
    assert (status, said["counts"]["proofs"], said["findings"]) == (0, 1, [])
    with shell.database() as db:
        [(payment, key, width, height, at)] = rows(
            db, "SELECT payment_id, storage_key, width, height, created_at FROM proofs"
        )
        assert (payment, width, height, at) == (1, 200, 400, "2026-04-08T04:00:00.000Z")
        assert_sound(db)
    assert stored(shell.data) == sorted([key, key.replace(".webp", "-small.webp")])


def test_a_preview_with_pictures_stores_none(shell: Shell, file: Path, folder: Path):
    status, said = shell.json(file, "--proofs", str(folder))
    assert (status, said["findings"]) == (0, [])
    assert not shell.data.exists()


def test_pictures_can_come_later_and_come_once(shell: Shell, file: Path, folder: Path):
    shell(file, "--apply")
    _, said = shell.json(file, "--apply", "--proofs", str(folder))
    assert said["counts"] == {"proofs": 1}
    _, said = shell.json(file, "--apply", "--proofs", str(folder))
    assert said["nothing_to_do"]
    assert len(stored(shell.data)) == 2


def test_a_dangling_key_is_named_and_its_payment_comes_without(shell: Shell, file: Path, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments in ([], ["--apply"]):
        status, said = shell.json(file, "--proofs", str(empty), *arguments)
        assert status == 0
        assert [(f["code"], f["params"]) for f in said["findings"]] == [
            ("picture_missing", {"key": "1/2026-04/1/a.png"})
        ]
    with shell.database() as db:
        assert rows(db, "SELECT count(*) FROM payments") == [(4,)]


def test_a_file_that_is_no_picture_is_named(shell: Shell, file: Path, folder: Path):
    (folder / "1/2026-04/1/a.png").write_bytes(b"not a picture")
    status, said = shell.json(file, "--apply", "--proofs", str(folder))
    assert status == 0
    assert [finding["code"] for finding in said["findings"]] == ["picture_unusable"]
    assert not (shell.data / "proofs").exists()


@pytest.mark.parametrize("key", ["../secret.png", "/etc/hostname", "link.png", "a\x00b", "1", "x" * 5000])
def test_a_key_never_leads_out_of_the_folder(shell: Shell, tmp_path: Path, key: str):
    (tmp_path / "secret.png").write_bytes(encoded(screenshot((100, 100)), "PNG"))
    objects = tmp_path / "objects"
    (objects / "1").mkdir(parents=True)
    (objects / "link.png").symlink_to(tmp_path / "secret.png")
    there = Predecessor(tmp_path / "chippot.sqlite3")
    there.verified(there.seat(there.user("林"), there.plan()), "2026-05", screenshot_key=key)
    status, said = shell.json(there.file(), "--apply", "--proofs", str(objects))
    assert (status, "proofs" in said["counts"]) == (0, False)
    assert [finding["code"] for finding in said["findings"]] == ["picture_missing"]


def test_one_screenshot_of_two_payments_is_kept_for_each(shell: Shell, tmp_path: Path, folder: Path):
    there = Predecessor(tmp_path / "other.sqlite3")
    user, key = there.user("林"), "1/2026-04/1/a.png"
    there.verified(there.seat(user, there.plan("A")), "2026-05", 100, screenshot_key=key)
    there.paid(there.seat(user, there.plan("B")), "2026-05", 200, screenshot_key=key)
    _, said = shell.json(there.file(), "--apply", "--proofs", str(folder))
    assert said["counts"]["proofs"] == 2
    assert len(stored(shell.data)) == 4


def test_pictures_are_taken_back_when_the_import_fails(
    shell: Shell, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    from core.chippot import run

    def fail(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(run, "_add_proof", fail)
    status, _, err = shell(file, "--apply", "--proofs", str(folder))
    assert (status, "no" in err) == (2, True)
    assert stored(shell.data) == []
    with shell.database() as db:
        assert rows(db, "SELECT count(*) FROM workspaces") == [(0,)]


def test_a_storage_that_does_not_work_is_one_error_and_imports_nothing(
    shell: Shell, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    async def down(*_: object) -> None:
        raise StorageUnavailable()

    monkeypatch.setattr(LocalProofStorage, "put", down)
    status, _, err = shell(file, "--apply", "--proofs", str(folder))
    assert status == 2
    assert err.count("\n") == 1
    with shell.database() as db:
        assert rows(db, "SELECT count(*) FROM workspaces") == [(0,)]


def test_a_folder_that_is_not_there(shell: Shell, file: Path, tmp_path: Path):
    status, _, err = shell(file, "--proofs", str(tmp_path / "nowhere"))
    assert status == 2
    assert "nowhere" in err


def test_a_purged_picture_leaves_its_payment_as_it_is(shell: Shell, tmp_path: Path, folder: Path):
    there = Predecessor(tmp_path / "other.sqlite3")
    there.verified(
        there.seat(there.user("林"), there.plan()), "2026-05", has_proof=1, proof_deleted_at="2026-06-01"
    )
    status, said = shell.json(there.file(), "--apply", "--proofs", str(folder))
    assert (status, said["findings"], said["counts"]["payments"]) == (0, [], 1)


def test_while_somebody_else_writes_it_says_so_and_changes_nothing(
    shell: Shell, file: Path, monkeypatch: pytest.MonkeyPatch
):
    from core import db as core_db

    migrate.prepare(shell.data / "potkeeper.db")
    monkeypatch.setattr(core_db, "BUSY_SECONDS", 0)
    with shell.database() as other:
        other.conn.execute("BEGIN IMMEDIATE")
        status, _, err = shell(file, "--apply")
        other.conn.execute("ROLLBACK")
    assert (status, err.count("\n")) == (2, 1)
    shutil.rmtree(shell.data)
