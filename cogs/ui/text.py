"""Text that people typed, made fit to stand in a message."""

from core.text import escape_markdown

__all__ = ["escape_markdown", "one_line"]


def one_line(text: str) -> str:
    """The same on one line, for names and titles."""
    return escape_markdown(" ".join(text.split()))
