"""`potkeeper backup FOLDER`: the books and the screenshots, copied while the bot runs.

The folder is a data folder like the bot's own: `check --data FOLDER` proves it, and to restore it is put back.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.cli_desk import Unclear
from bot.config import Settings, database_path, load_settings
from bot.words import os_reason, words
from core.backup import copy_books
from core.errors import DatabaseUnavailable


def back_up(arguments: argparse.Namespace) -> int:
    """Copy everything into a new folder, which has its name only once it is complete; 1 if it is not sound."""
    settings = None if arguments.data else load_settings(arguments.config)
    data_dir: Path = arguments.data if settings is None else settings.data_dir
    folder: Path = arguments.folder
    if not database_path(data_dir).is_file():
        raise Unclear(words("bot.no_database", path=str(database_path(data_dir))))
    if folder.exists():
        raise Unclear(words("backup.exists", folder=str(folder)))
    try:
        pictures, problems = _copy(data_dir, folder)
    except (OSError, DatabaseUnavailable) as error:
        raise Unclear(words("backup.failed", folder=str(folder), reason=_reason(error))) from None
    _tell(arguments, folder, pictures, problems, _bucket(settings))
    return 1 if problems else 0


def _copy(data_dir: Path, folder: Path) -> tuple[int, list[str]]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}.unfinished-", dir=folder.parent))
    try:
        # The books first: a picture that is added meanwhile does no harm, one that is missing would.
        problems = copy_books(database_path(data_dir), database_path(unfinished))
        pictures = _copy_pictures(data_dir / "proofs", unfinished / "proofs")
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return pictures, problems


def _copy_pictures(source: Path, target: Path) -> int:
    """Copy the files of the local proof storage; how many there were."""
    count = 0
    for path in sorted(source.glob("w*/*/*")):
        if path.suffix == ".tmp":  # half of a picture that is being written
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # deleted meanwhile, by its retention or by a reviewer
            shutil.copy2(path, copy)
            count += 1
    return count


def _bucket(settings: Settings | None) -> str | None:
    """Where screenshots lie when they are not in the data folder."""
    if settings is None or settings.proofs.kind == "local":
        return None
    return f"{settings.proofs.s3.endpoint}/{settings.proofs.s3.bucket}"


def _tell(
    arguments: argparse.Namespace, folder: Path, pictures: int, problems: list[str], bucket: str | None
) -> None:
    data = {
        "ok": not problems, "folder": str(folder), "database_bytes": database_path(folder).stat().st_size,
        "picture_files": pictures, "pictures_elsewhere": bucket, "problems": problems,
    }  # fmt: skip
    lines = [words("backup.done", folder=str(folder), count=pictures)]
    if bucket is not None:
        lines.append(words("backup.elsewhere", bucket=bucket))
    lines += [words("bot.check_problem", problem=problem) for problem in problems]
    if problems:
        lines.append(words("backup.damaged"))
    shown = [json.dumps(data, ensure_ascii=False)] if arguments.json else lines
    sys.stdout.write("".join(f"{line}\n" for line in shown))


def _reason(error: OSError | DatabaseUnavailable) -> str:
    if isinstance(error, DatabaseUnavailable):
        return str(error.params["cause"])
    return os_reason(error)


def add_to(commands: Any) -> None:
    """Add the verb to the parser's commands."""
    one = commands.add_parser("backup", help=words("backup.help"))
    one.set_defaults(command=back_up)
    one.add_argument("folder", type=Path, metavar="FOLDER", help=words("backup.help_folder"))
    one.add_argument("--config", type=Path, metavar="FILE", help=words("bot.help_config"))
    one.add_argument("--data", type=Path, metavar="DIR", help=words("bot.help_data"))
    one.add_argument("--json", action="store_true", help=words("bot.help_json"))
