"""What a club exported from its ChipPot, opened: an SQLite file, or the SQL dump that its hosting writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import errors
from core.chippot import clean
from core.db import foreign_errors
from core.store import chippot_dump, chippot_source
