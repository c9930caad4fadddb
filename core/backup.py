"""A copy of the books, made also while the bot works."""

from contextlib import closing
from pathlib import Path

from core.db import connect, machine_errors
from core.migrate import refuse_foreign
from core.store import copies


def copy_books(source: Path, target: Path) -> list[str]:
    """Copy the database to a new file and look at the copy; returns what is wrong with it, nothing if sound.

    The copy is what stood in the books at one moment, whoever writes meanwhile. Raises DatabaseForeign, or
    DatabaseUnavailable when the one cannot be read or the other not be written.
    """
    refuse_foreign(source)
    with machine_errors():
        with closing(connect(source)) as conn:
            copies.copy_whole(conn, target)
        with closing(connect(target, read_only=True)) as copy:
            return copies.damage(copy)
