"""The machine: database and SQLite (core/db.py, core/migrate.py)."""

from core.errors.base import Conflict


class DatabaseUnavailable(Conflict):
    """The database cannot be read or written now: disk full, read-only, locked for too long."""

    code = "database_unavailable"
    fields = ("cause",)


class DatabaseForeign(Conflict):
    """The file is a database of another program, or no database at all."""

    code = "database_foreign"
    fields = ("path",)


class DatabaseTooNew(Conflict):
    """The database was written by a later version of the program."""

    code = "database_too_new"
    fields = ("found", "known")


class SqliteTooOld(Conflict):
    """The SQLite library of this Python is too old."""

    code = "sqlite_too_old"
    fields = ("found", "needed")
