"""The import table of the design, who may ask the time, and who may speak SQL, read from the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "cogs", "bot")


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(name, only for type checking) of every import anywhere in the file; relative ones resolved."""
    for node, typing_only in walk(tree(path), typing_only=False):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, typing_only
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            base = ".".join((*package, *([node.module] if node.module else [])))
            yield base, typing_only
            for alias in node.names:
                yield f"{base}.{alias.name}", typing_only


def walk(node: ast.AST, *, typing_only: bool) -> Iterator[tuple[ast.AST, bool]]:
    yield node, typing_only
    for name, value in ast.iter_fields(node):
        guarded = typing_only or (isinstance(node, ast.If) and name == "body" and is_type_checking(node.test))
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from walk(child, typing_only=guarded)


def is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def is_one_of(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def offenders(paths: list[Path], never: set[str], *, typing_is_fine: bool = False) -> list[str]:
    return [
        f"{module(path)} imports {name}"
        for path in paths
        for name, typing_only in imports(path)
        if is_one_of(name, never) and not (typing_only and typing_is_fine)
    ]


# --- the table ---------------------------------------------------------------------------------------------

FOREIGN = {"discord", "aiohttp", "apscheduler", "minio", "pydantic_settings", "pydantic", "jinja2", "jwt"}


def test_core_knows_neither_discord_nor_the_web_nor_who_uses_it() -> None:
    assert offenders(sources("core"), FOREIGN | {"bot", "cogs", "prometheus_client"}) == []


def test_core_uses_nothing_but_the_standard_library_and_two_libraries_in_their_places() -> None:
    import sys

    known = set(sys.stdlib_module_names) | {"core", "__future__"}
    strange = [
        f"{module(path)} imports {name}"
        for path in sources("core")
        for name, _ in imports(path)
        if name.split(".")[0] not in known | {"PIL", "aiosqlite"}
    ]
    assert strange == []


def test_only_the_database_modules_of_core_know_sqlite() -> None:
    allowed = {"core/db.py", "core/migrate.py"}
    paths = [path for path in sources("core") if module(path) not in allowed and path.parent.name != "store"]
    assert offenders(paths, {"sqlite3", "aiosqlite"}) == []
    stores = [path for path in sources("core") if module(path) != "core/db.py"]
    assert offenders(stores, {"aiosqlite"}) == []


def test_only_proofs_know_pictures() -> None:
    allowed = {"core/proofs.py", "core/proof_worker.py"}  # the second is the child process of the first
    assert offenders([path for path in sources("core") if module(path) not in allowed], {"PIL"}) == []


def test_store_modules_know_rows_and_each_other_but_no_use_case() -> None:
    allowed = {"core.models", "core.store", "core.money", "core.period", "core"}
    strange = [
        f"{module(path)} imports {name}"
        for path in sources("core/store")
        for name, _ in imports(path)
        if name.startswith("core") and not is_one_of(name, allowed - {"core"}) and name != "core"
    ]
    assert strange == []


def test_cogs_use_core_and_discord_and_see_the_bot_only_as_a_type() -> None:
    never = {"sqlite3", "aiosqlite", "minio", "aiohttp", "core.store"}
    assert offenders(sources("cogs"), never - {"core.store"}) == []
    assert offenders(sources("cogs"), {"bot"}, typing_is_fine=True) == []


def test_pages_use_core_and_never_discord_or_sqlite() -> None:
    assert offenders(sources("bot/web"), {"discord", "sqlite3", "aiosqlite", "cogs"}) == []


def test_the_simulator_is_a_world_of_its_own() -> None:
    paths = sources("bot/simulator")
    assert paths
    assert offenders(paths, {"discord", "core", "cogs", "sqlite3"}) == []
    rest_of_bot = [
        found
        for found in offenders(paths, {"bot"})
        if not re.search(r"imports bot(\.simulator(\..*)?)?$", found)
    ]
    assert rest_of_bot == []


def test_the_walk_sees_what_is_hidden_in_functions_and_behind_type_checking() -> None:
    """The tests above are worth only what their reader finds."""
    source = "if TYPE_CHECKING:\n    import bot.app\ndef f():\n    import discord.ui\n"
    found = {name: guarded for node, guarded in walk(ast.parse(source), typing_only=False)
             if isinstance(node, ast.Import) for name in [node.names[0].name]}  # fmt: skip
    assert found == {"bot.app": True, "discord.ui": False}


# --- time --------------------------------------------------------------------------------------------------

CLOCK_CALLS = re.compile(
    r"(?:^|\.)(?:datetime\.(?:now|utcnow|today)|date\.today|time\.(?:time|time_ns|localtime|gmtime))$"
)


def clock_calls(path: Path) -> list[str]:
    return [
        f"{module(path)}:{node.lineno} calls {ast.unparse(node.func)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and CLOCK_CALLS.search(ast.unparse(node.func))
    ]


def test_only_the_clock_asks_what_time_it_is() -> None:
    # The simulator is Discord, not Potkeeper: it has a clock of its own, in one file.
    own = {"core/clock.py", "bot/simulator/clock.py"}
    assert [
        call for path in sources(*PACKAGES) if module(path) not in own for call in clock_calls(path)
    ] == []


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("datetime.now(UTC)", True), ("dt.datetime.utcnow()", True), ("time.time()", True),
        ("date.today()", True), ("time.monotonic()", False), ("self.clock.now()", False),
    ],
)  # fmt: skip
def test_the_clock_test_knows_a_clock_when_it_sees_one(source: str, caught: bool) -> None:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    assert bool(CLOCK_CALLS.search(ast.unparse(call.func))) is caught


# --- SQL ---------------------------------------------------------------------------------------------------

SQL = re.compile(
    r"^\s*(?:SELECT\s+\S|INSERT\s+(?:OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|WITH\s+\w+\s+AS\b"
    r"|CREATE\s+(?:TEMP\s+)?(?:TABLE|INDEX|TRIGGER)\b|PRAGMA\s+\w|BEGIN\b|COMMIT\b|ROLLBACK\b|VACUUM\b)",
)
MAY_SPEAK_SQL = {"core/db.py", "core/migrate.py"}


def sql_strings(path: Path) -> list[str]:
    whole = tree(path)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(whole)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    return [
        f"{module(path)}:{node.lineno} {node.value.strip().splitlines()[0]}"
        for node in ast.walk(whole)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
        and id(node) not in docstrings
    ]  # fmt: skip


def test_sql_lives_in_the_store() -> None:
    paths = [
        path
        for path in sources(*PACKAGES)
        if module(path) not in MAY_SPEAK_SQL and path.parent.name != "store"
    ]
    assert [found for path in paths for found in sql_strings(path)] == []


def test_no_value_is_ever_written_into_a_statement() -> None:
    """What stands in an f-string of SQL is a constant of the module, a column list or checked names."""
    constant = re.compile(
        r"_?[A-Z][A-Z_]*(\.format\(.*\))?|columns\(.*\)|assignments|condition|fitting|column|table|version:d"
        r"|BUSY_SECONDS \* 1000|TABLES\[table\]\[0\]"
    )
    strange = []
    for path in [*sources("core/store"), ROOT / "core/db.py", ROOT / "core/migrate.py"]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.JoinedStr) and SQL.match("".join(
                part.value if isinstance(part, ast.Constant) else "x" for part in node.values
            )):  # fmt: skip
                strange += [
                    f"{module(path)}:{node.lineno} {ast.unparse(part)}"
                    for part in node.values
                    if isinstance(part, ast.FormattedValue) and not constant.fullmatch(shown(part))
                ]
    assert strange == []


def shown(part: ast.FormattedValue) -> str:
    spec = f":{part.format_spec.values[0].value}" if isinstance(part.format_spec, ast.JoinedStr) else ""
    return ast.unparse(part.value) + spec


# --- states ------------------------------------------------------------------------------------------------


def test_only_the_transition_table_writes_the_status_of_a_payment() -> None:
    """`payments.move` is called in one place, and no other statement names the column in a SET."""
    callers = [
        module(path)
        for path in sources(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "payments.move"
    ]
    assert callers == ["core/states.py"]
    writers = [
        module(path)
        for path in sources("core/store")
        for found in re.findall(
            r"UPDATE payments SET[^\"]*?WHERE", path.read_text(encoding="utf-8"), re.DOTALL
        )
        if "status" in found
    ]
    assert writers == ["core/store/payments.py"]
