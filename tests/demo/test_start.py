"""How the demo starts: on ports that are taken, beside another one, and in a folder that was kept."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from tests.demo.demo_process import DemoProcess, words

pytestmark = pytest.mark.socket

NOTE = {"values": {"note": "kept over night"}}


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens; the one before it is free."""
    with contextlib.ExitStack() as tried:
        while True:
            server = tried.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = int(server.getsockname()[1])
            with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port - 1)):
                break
        yield port


@pytest.mark.parametrize("before", [0, 1], ids=["the page's", "the web pages'"])
def test_a_port_in_use_is_named_in_one_sentence(
    taken: int, before: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["demo", "--port", str(taken - before), "--data", str(tmp_path / "club")]) == 2
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert str(taken) in line
    assert said.out == ""
    assert not (tmp_path / "club" / "potkeeper.db").exists()


def test_a_folder_with_real_books_is_refused_and_left_alone(
    db_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Starting over would throw them away."""
    before = {path.name: path.read_bytes() for path in db_path.parent.iterdir()}
    assert cli.main(["demo", "--port", "0", "--data", str(db_path.parent)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(db_path.parent) in line
    assert {path.name: path.read_bytes() for path in db_path.parent.iterdir()} == before


def test_a_folder_that_is_a_file_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert cli.main(["demo", "--port", "0", "--data", str(tmp_path / "file")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(tmp_path / "file") in line


def test_a_kept_club_goes_on_beside_another_demo_and_starts_over_when_asked(
    running: DemoProcess, tmp_path: Path
) -> None:
    running.freshen()
    elsewhere = running.view("member1")
    demo = DemoProcess(tmp_path)
    demo.start()
    demo.act("member1", "command", name="pay", channel="dues")
    demo.act("member1", "submit", **NOTE)
    demo.stop()
    demo.start()
    try:
        assert "kept over night" in words(demo.messages("reviewer", "review"))
        again = demo.act("reviewer", "command", name="review", channel="review")
        assert "3 payments" in words(again["messages"])
        demo.did("/control/reset", {})
        again = demo.act("reviewer", "command", name="review", channel="review")
        assert "2 payments" in words(again["messages"])
        demo.check()
    finally:
        demo.stop()
    assert running.view("member1")["channels"] == elsewhere["channels"]
