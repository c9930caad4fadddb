"""Switching over from ChipPot (core/chippot)."""

from core.errors.base import Conflict, InvalidInput


class ChippotFileUnreadable(InvalidInput):
    """The exported file cannot be opened."""

    code = "chippot_file_unreadable"
    fields = ("path", "reason")


class ChippotFileUnknown(InvalidInput):
    """Neither an SQLite database nor an SQL dump."""

    code = "chippot_file_unknown"
    fields = ("path",)


class ChippotFileTooLarge(InvalidInput):
    """A dump that is larger than what is executed in memory."""

    code = "chippot_file_too_large"
    fields = ("megabytes",)


class ChippotFileDamaged(InvalidInput):
    """SQLite cannot read the file to its end."""

    code = "chippot_file_damaged"
    fields = ("reason",)


class ChippotDumpRefused(InvalidInput):
    """The dump has a statement that does something else than making and filling tables."""

    code = "chippot_dump_refused"
    fields = ("line", "text")


class ChippotDumpBroken(InvalidInput):
    """The dump has a statement that cannot be executed, or does not end."""

    code = "chippot_dump_broken"
    fields = ("line", "reason")


class ChippotTablesMissing(InvalidInput):
    """A database, but not of a ChipPot, or of a version without these tables or columns."""

    code = "chippot_tables_missing"
    fields = ("missing",)


class ChippotValueWrong(InvalidInput):
    """An amount or a status that nothing may be guessed for."""

    code = "chippot_value_wrong"
    fields = ("table", "row", "column", "value")


class ChippotWorkspaceUnclear(InvalidInput):
    """The file has no workspace or several, and none was chosen."""

    code = "chippot_workspace_unclear"
    fields = ("count", "guilds")


class ChippotGuildMissing(InvalidInput):
    """The file does not say which Discord server the club has."""

    code = "chippot_guild_missing"


class ChippotCurrency(Conflict):
    """The workspace here keeps its books in another currency than ChipPot does."""

    code = "chippot_currency"
    fields = ("currency",)


class ChippotOtherSource(Conflict):
    """The workspace was filled from another ChipPot."""

    code = "chippot_other_source"
