"""Roster files (core/roster_csv.py)."""

from core.errors.base import InvalidInput


class FileTooLarge(InvalidInput):
    """The file has more bytes than we read."""

    code = "file_too_large"
    fields = ("megabytes",)


class FileHasTooManyRows(InvalidInput):
    """The file has more rows than a roster can have."""

    code = "file_has_too_many_rows"
    fields = ("rows",)


class FileEmpty(InvalidInput):
    """The file has no header row."""

    code = "file_empty"


class FileNotText(InvalidInput):
    """The file is not text: a spreadsheet or picture, or text with zero bytes in it."""

    code = "file_not_text"


class EncodingUnclear(InvalidInput):
    """The file's characters can be read in no way, or in more than one; somebody has to say which."""

    code = "encoding_unclear"
    fields = ("candidates",)


class EncodingWrong(InvalidInput):
    """The file cannot be read with the encoding that was chosen."""

    code = "encoding_wrong"
    fields = ("encoding",)


class UnknownEncoding(InvalidInput):
    """Not an encoding that we offer."""

    code = "unknown_encoding"
    fields = ("value", "choices")


class QuoteNotClosed(InvalidInput):
    """A quoted field has no end, so where the rows end cannot be told."""

    code = "quote_not_closed"
    fields = ("line",)


class ColumnTwice(InvalidInput):
    """Two columns of the file mean the same, and we do not guess which one counts."""

    code = "column_twice"
    fields = ("column",)


class HeaderRowMissing(InvalidInput):
    """The first row is a person already, so the columns have no names."""

    code = "header_row_missing"


class NameColumnUnclear(InvalidInput):
    """No column is recognised as name or e-mail, and the first two are something else."""

    code = "name_column_unclear"
