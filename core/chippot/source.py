"""What a club exported from its ChipPot, opened: an SQLite file, or the SQL dump that its hosting writes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from core import errors
from core.store import chippot_dump, chippot_source
from core.store.chippot_source import BillRow

R = TypeVar("R")

_READ_FIRST = 65536
_MISSING_NAMED = 8


class Source:
    """The database of one ChipPot, for reading; each method raises ChippotFileDamaged when it cannot be."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._conn.close()

    def rows(self, table: str, workspace_id: int | None = None) -> list[tuple[Any, ...]]:
        """The rows of a small table, with the columns that chippot_source.TABLES names."""
        return self._ask(chippot_source.rows, table, workspace_id)

    def bills(self, workspace_id: int) -> Iterator[BillRow]:
        """Every bill, one after the other; those that were settled together follow one another."""
        with _readable():
            yield from chippot_source.bills(self._conn, workspace_id)

    def seat_periods(self, workspace_id: int) -> dict[int, tuple[str, str]]:
        """The first and the last month for which each subscription was billed."""
        return self._ask(chippot_source.seat_periods, workspace_id)

    def plan_amounts(self, workspace_id: int) -> list[tuple[int, str, int, int, int]]:
        """(plan, month, smallest amount, largest, how many are the present price), oldest month first."""
        return self._ask(chippot_source.plan_amounts, workspace_id)

    def months(self, workspace_id: int) -> list[str]:
        """What stands as month on any bill, junk included."""
        return self._ask(chippot_source.months, workspace_id)

    def totals(self, workspace_id: int) -> list[tuple[str, str, int, int]]:
        """(month, status, how many bills, their sum)."""
        return self._ask(chippot_source.totals, workspace_id)

    def _ask(self, question: Callable[..., R], *about: Any) -> R:
        with _readable():
            return question(self._conn, *about)


def open_source(path: Path) -> Source:
    """Open what was exported, and see that it is a ChipPot's.

    Raises ChippotFileUnreadable, ChippotFileUnknown (neither a database nor a dump), ChippotFileTooLarge,
    ChippotFileDamaged, ChippotDumpRefused, ChippotDumpBroken, ChippotTablesMissing.
    """
    try:
        with path.open("rb") as file:
            first = file.read(_READ_FIRST)
        size = path.stat().st_size
    except OSError as error:
        raise errors.ChippotFileUnreadable(path=str(path), reason=error.strerror or str(error)) from None
    is_database = first.startswith(chippot_source.FILE_HEADER)
    if not is_database and (b"\x00" in first or not first.strip()):
        raise errors.ChippotFileUnknown(path=str(path))
    if not is_database and size > chippot_dump.DUMP_MEGABYTES * 1024 * 1024:
        raise errors.ChippotFileTooLarge(megabytes=chippot_dump.DUMP_MEGABYTES)
    with _readable():
        conn = chippot_source.open_file(path) if is_database else _load(path)
        try:
            if missing := chippot_source.missing(conn):
                more = ["…"] if len(missing) > _MISSING_NAMED else []
                raise errors.ChippotTablesMissing(missing=", ".join([*missing[:_MISSING_NAMED], *more]))
            chippot_source.begin_reading(conn)
        except BaseException:
            conn.close()
            raise
    return Source(conn)


def _load(path: Path) -> Any:
    try:
        return chippot_dump.load(path)
    except chippot_dump.DumpRefused as refused:
        raise errors.ChippotDumpRefused(line=refused.line, text=errors.shown(refused.text)) from None
    except chippot_dump.DumpBroken as broken:
        raise errors.ChippotDumpBroken(line=broken.line, reason=errors.shown(broken.reason)) from None
    except UnicodeDecodeError:
        raise errors.ChippotFileUnknown(path=str(path)) from None
    except OSError as error:
        raise errors.ChippotFileUnreadable(path=str(path), reason=error.strerror or str(error)) from None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        with chippot_source.damage():
            yield
    except chippot_source.SourceDamaged as damaged:
        raise errors.ChippotFileDamaged(reason=str(damaged)) from None
