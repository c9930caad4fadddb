"""Whole copies of the database file."""

import sqlite3
from pathlib import Path


def copy_whole(conn: sqlite3.Connection, target: Path) -> None:
    """Copy everything as it stands at this moment; the file has its name only once it is complete."""
    unfinished = target.with_name(target.name + ".tmp")
    unfinished.unlink(missing_ok=True)
    conn.execute("VACUUM INTO ?", (str(unfinished),))
    unfinished.replace(target)


def damage(conn: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with the file, its references included; nothing when it is sound."""
    found = [str(row[0]) for row in conn.execute("PRAGMA integrity_check").fetchall()]
    broken = conn.execute("PRAGMA foreign_key_check").fetchall()
    return [line for line in found if line != "ok"] + [f"{row[0]} {row[1]} -> {row[2]}" for row in broken]
