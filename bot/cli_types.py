"""What an argument of the command line has to be; anything else is refused by argparse, in our words."""

from __future__ import annotations

import argparse

from bot.words import words

LARGEST = 2**63 - 1
LARGEST_PORT = 65534


def number(text: str) -> int:
    """A whole number above zero, as ids are."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) <= LARGEST:
        raise argparse.ArgumentTypeError(words("bot.number_wrong", value=text[:40]))
    return int(text)


def port(text: str) -> int:
    """A port, and the one after it; 0 lets the system choose."""
    if not text.isascii() or not text.isdigit() or not 0 <= int(text[:20]) <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(words("bot.port_wrong", value=text[:40], most=LARGEST_PORT))
    return int(text)
