"""Which tests show the better behaviour for an item of the predecessor's lists, and whether they are there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tests_in(file: str) -> frozenset[str]:
    """The names of the test functions of a file, methods of test classes included."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in found if node.name.startswith("test_"))


def is_there(test: str) -> bool:
    """Whether `tests/core/test_x.py::test_name` names a test that exists."""
    file, _, name = test.partition("::")
    return (ROOT / file).is_file() and name in tests_in(file)


def numbered(file: str) -> dict[int, str]:
    """Item number → the test of this file whose name begins with it: `test_07_…`."""
    found: dict[int, str] = {}
    for name in sorted(tests_in(file)):
        number = name.removeprefix("test_")[:2]
        if number.isdigit():
            assert int(number) not in found, f"two tests for item {number}"
            found[int(number)] = name
    return found


def asserts_something(file: str, name: str) -> bool:
    """Whether a test checks anything at all: an assertion, an expected error, or a helper that refuses."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            text = ast.unparse(node)
            return "assert " in text or "refused(" in text or "raises(" in text
    return False
