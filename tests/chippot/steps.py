"""What the tests of the import do again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.check import run_check
from core.chippot import Imported, import_chippot, open_source
from core.db import LocalDatabase
from core.i18n import LOCALES, t


def bring(db: LocalDatabase, path: Path, guild: int | None = None) -> Imported:
    """Preview and apply; both say the same, the books add up, and every finding is a sentence."""
    with open_source(path) as source:
        preview = db.preview(import_chippot, source, guild)
        done = db.write(import_chippot, source, guild)
    assert preview.effects == done.effects
    assert preview.findings == done.findings
    assert preview.totals == done.totals
    assert_sound(db)
    for finding in done.findings:
        for locale in LOCALES:
            assert "{" not in t(locale, finding.key, **finding.params)
    return done


def assert_sound(db: LocalDatabase) -> None:
    """`potkeeper check` finds nothing."""
    assert db.read(run_check).problems == ()


def rows(db: LocalDatabase, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    return db.conn.execute(sql, params).fetchall()


def codes(result: Imported) -> list[str]:
    """What was found, without its details."""
    return [finding.key.removeprefix("chippot.") for finding in result.findings]


def details(result: Imported, code: str) -> list[dict[str, Any]]:
    return [dict(finding.params) for finding in result.findings if finding.key == f"chippot.{code}"]


def dump_of(db: LocalDatabase) -> str:
    return "\n".join(db.conn.iterdump())
