"""What is skipped is named in one closing line; with NO_SKIPS=1 nothing may be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_needs_a_browser(number):
    pytest.skip("no Chromium on this machine")

@pytest.mark.skipif(True, reason="only on a Tuesday")
def test_marked():
    pass

@pytest.mark.xfail(reason="known", strict=True)
def test_expected_to_fail():
    raise ValueError

def test_passes():
    pass
"""


IN_ONE, IN_TWO = [], ["-p", "xdist", "-n", "2"]
in_one_process_or_two = pytest.mark.parametrize("spread", [IN_ONE, IN_TWO], ids=["one process", "two"])


def run(
    folder: Path, tests: str = TESTS, spread: Sequence[str] = (), **environment: str
) -> tuple[int, list[str]]:
    """Run these tests with the plugin; pytest's status and output."""
    (folder / "test_it.py").write_text(tests, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *spread, "-p", "tests.plugin_skips", "-p", "no:cacheprovider",
         "-c", "/dev/null", "--rootdir", str(folder), str(folder)],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
             "NO_SKIPS": "", **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


@in_one_process_or_two
def test_one_closing_line_names_what_was_left_out_and_why(tmp_path: Path, spread: list[str]):
    status, lines = run(tmp_path, spread=spread)
    assert status == 0
    assert lines[-1] == (
        "left out on this machine: no Chromium on this machine (2 tests); only on a Tuesday (1 test)"
    )


def test_nothing_is_said_when_nothing_was_left_out(tmp_path: Path):
    status, lines = run(tmp_path, "def test_passes():\n    pass\n", NO_SKIPS="1")
    assert status == 0
    assert "left out" not in "\n".join(lines)


@pytest.mark.parametrize(
    "tests", [TESTS, "import pytest\npytest.importorskip('no_such_module')\n"], ids=["a test", "a module"]
)
@in_one_process_or_two
def test_with_no_skips_every_skip_is_a_failure(tmp_path: Path, tests: str, spread: list[str]):
    status, lines = run(tmp_path, tests, spread, NO_SKIPS="1")
    assert status != 0
    assert any("NO_SKIPS=1 allows no skip" in line for line in lines)
    assert not any("skipped" in line for line in lines[-2:])
