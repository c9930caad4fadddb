"""`potkeeper import-chippot FILE`: switch over from ChipPot. A preview unless `--apply` is given.

Exit status: 0 both sides agree, 1 they differ somewhere, 2 it could not be done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli_desk import Unclear
from bot.config import database_path, load_settings
from bot.words import error_words, terminal_locale, words
from core.errors import DomainError
from core.i18n import format_count
from core.money import format_money

if TYPE_CHECKING:
    from core.chippot import Finding, Imported, Source, TotalLine
    from core.db import LocalDatabase
    from core.proof_files import ProofFile
    from core.proofs import ProofStorage

KINDS = {
    "workspaces": "chippot.kind_workspaces", "settings": "chippot.kind_settings",
    "admins": "chippot.kind_admins", "texts": "chippot.kind_texts",
    "alert_targets": "chippot.kind_alert_targets",
    "members": "chippot.kind_members", "links": "chippot.kind_links", "plans": "chippot.kind_plans",
    "prices": "chippot.kind_prices", "methods": "chippot.kind_methods",
    "subscriptions": "chippot.kind_subscriptions", "pauses": "chippot.kind_pauses",
    "periods": "chippot.kind_periods", "opened": "chippot.kind_opened", "bills": "chippot.kind_bills",
    "charges": "chippot.kind_charges", "payments": "chippot.kind_payments",
    "reminders": "chippot.kind_reminders", "proofs": "chippot.kind_proofs",
}  # fmt: skip
STATUSES = {
    "pending": "chippot.status_pending", "paid": "chippot.status_paid", "verified": "chippot.status_verified",
    "rejected": "chippot.status_rejected", "void": "chippot.status_void",
}  # fmt: skip


def add_to(commands: Any) -> None:
    """Add the verb to the parser's commands."""
    one = commands.add_parser("import-chippot", help=words("chippot.help"))
    one.set_defaults(command=import_file)
    one.add_argument("file", type=Path, metavar="FILE", help=words("chippot.help_file"))
    one.add_argument("--guild", type=int, metavar="ID", help=words("chippot.help_guild"))
    one.add_argument("--proofs", type=Path, metavar="DIR", help=words("chippot.help_proofs"))
    one.add_argument("--apply", action="store_true", help=words("chippot.help_apply"))
    one.add_argument("--json", action="store_true", help=words("bot.help_json"))
    one.add_argument("--config", type=Path, metavar="FILE", help=words("bot.help_config"))
    one.add_argument("--data", type=Path, metavar="DIR", help=words("bot.help_data"))


def import_file(arguments: argparse.Namespace) -> int:
    """Bring a ChipPot's database over, or show what that would do."""
    from core.chippot import open_source

    if arguments.proofs is not None and not arguments.proofs.is_dir():
        raise Unclear(words("chippot.no_folder", path=str(arguments.proofs)))
    with open_source(arguments.file) as source, _books(arguments) as db:
        result = _run(arguments, db, source)
    if arguments.json:
        _say([json.dumps(_as_json(result, applied=arguments.apply), ensure_ascii=False)])
    else:
        _say(_as_lines(result, applied=arguments.apply))
    return 1 if result.differences else 0


@contextmanager
def _books(arguments: argparse.Namespace) -> Iterator[LocalDatabase]:
    """The club's database. A preview makes none: without one it works on books that vanish afterwards."""
    from core import migrate
    from core.clock import SystemClock
    from core.db import LocalDatabase

    path = database_path(_data_dir(arguments))
    with tempfile.TemporaryDirectory() as aside:
        if not arguments.apply and not path.is_file():
            path = database_path(Path(aside))
        migrate.prepare(path)
        with LocalDatabase(path, SystemClock()) as db:
            yield db


def _data_dir(arguments: argparse.Namespace) -> Path:
    found: Path = arguments.data or load_settings(arguments.config).data_dir
    return found


def _run(arguments: argparse.Namespace, db: LocalDatabase, source: Source) -> Imported:
    from core.chippot import import_chippot

    folder: Path | None = arguments.proofs
    if folder is None:
        work = db.write if arguments.apply else db.preview
        return work(import_chippot, source, arguments.guild)
    preview = db.preview(import_chippot, source, arguments.guild, {})
    if not arguments.apply:
        gone = [_missing(key) for key in preview.pictures if _picture(folder, key) is None]
        return replace(preview, findings=(*preview.findings, *gone))
    storage = _storage(arguments)
    stored, refused = asyncio.run(_store(storage, preview, folder))
    keys = [
        key
        for proofs in stored.values()
        for proof in proofs
        for key in (proof.storage_key, proof.thumbnail_key)
    ]
    try:
        result = db.write(import_chippot, source, arguments.guild, stored)
    except BaseException:
        asyncio.run(_discard(storage, keys))
        raise
    asyncio.run(_discard(storage, _unused(db, keys)))
    return replace(result, findings=(*result.findings, *refused))


# --- pictures ----------------------------------------------------------------------------------------


def _storage(arguments: argparse.Namespace) -> ProofStorage:
    """Where the bot keeps pictures; with `--data` alone, the folder beside the database."""
    from bot.app import make_storage, proof_folder
    from bot.storage import LocalProofStorage

    if arguments.data is not None:
        return LocalProofStorage(proof_folder(arguments.data))
    return make_storage(load_settings(arguments.config))


def _picture(folder: Path, key: str) -> Path | None:
    """The file of a screenshot in the folder, or None; a key never leads out of it."""
    try:
        path = (folder / key).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):
        return None


async def _store(
    storage: ProofStorage, preview: Imported, folder: Path
) -> tuple[dict[str, list[ProofFile]], list[Finding]]:
    """Clean and store the pictures that payments want, each as often as it is wanted, two at a time."""
    stored: dict[str, list[ProofFile]] = {}
    refused: list[Finding] = []
    places = asyncio.Semaphore(2)

    async def one(key: str, copies: int) -> None:
        async with places:
            path = _picture(folder, key)
            if path is None:
                refused.append(_missing(key))
                return
            try:
                stored[key] = await _clean_and_put(storage, preview, path, copies)
            except _Unusable as error:
                refused.append(_finding("chippot.picture_unusable", key=_shown(key), reason=str(error)))

    try:
        async with asyncio.TaskGroup() as tasks:
            for key, copies in preview.pictures.items():
                tasks.create_task(one(key, copies))
    except* DomainError as group:
        await _discard(
            storage,
            [name for proofs in stored.values() for p in proofs for name in (p.storage_key, p.thumbnail_key)],
        )
        raise group.exceptions[0] from None
    return stored, sorted(refused, key=lambda finding: str(finding.params))


class _Unusable(Exception):  # noqa: N818 - reads as what happened
    """This file is no picture that can be kept; the text says why."""


async def _clean_and_put(
    storage: ProofStorage, preview: Imported, path: Path, copies: int
) -> list[ProofFile]:
    from core.clock import SystemClock, local_date
    from core.period import Period
    from core.proof_files import ProofFile
    from core.proofs import MAX_PROOF_BYTES, clean_proof, new_proof_key, thumbnail_key

    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(MAX_PROOF_BYTES + 1)

    try:
        clean = await asyncio.to_thread(lambda: clean_proof(read()))
    except DomainError as error:
        raise _Unusable(error_words(error)) from None
    except OSError as error:
        raise _Unusable(error.strerror or str(error)) from None
    period = Period.of(local_date(SystemClock().now(), preview.workspace.timezone)).text
    made = []
    for _ in range(copies):
        key = new_proof_key(preview.workspace.id, period)
        await storage.put(key, clean.picture, clean.content_type)
        await storage.put(thumbnail_key(key), clean.thumbnail, clean.content_type)
        made.append(ProofFile(
            key, thumbnail_key(key), clean.sha256, clean.pixels_sha256, clean.dhash, len(clean.picture),
            clean.width, clean.height,
        ))  # fmt: skip
    return made


def _unused(db: LocalDatabase, keys: Sequence[str]) -> list[str]:
    """Stored pictures that no payment took: another run was faster."""
    from core.store import payments

    known = db.read(lambda tx: payments.storage_keys_known(tx.conn, list(keys))) if keys else set()
    return [key for key in keys if key not in known]


async def _discard(storage: ProofStorage, keys: Sequence[str]) -> None:
    for key in keys:
        await storage.delete(key)


def _missing(key: str) -> Finding:
    return _finding("chippot.picture_missing", key=_shown(key))


def _finding(sentence: str, /, **params: str | int) -> Finding:
    from core.chippot import Finding

    return Finding(sentence, params)


def _shown(key: str) -> str:
    return "".join(c if c.isprintable() else " " for c in key)[:120]


# --- what is said ------------------------------------------------------------------------------------


def _as_json(result: Imported, *, applied: bool) -> dict[str, Any]:
    workspace = result.workspace
    return {
        "applied": applied and not result.nothing_to_do,
        "nothing_to_do": result.nothing_to_do,
        "agrees": not result.differences,
        "workspace": {
            "guild": str(workspace.guild_id), "name": workspace.name, "new": result.is_new_workspace,
        },
        "currency": workspace.currency,
        "counts": {kind: count for kind, count in result.counts.items() if count},
        "findings": [
            {
                "code": finding.key.partition(".")[2], "params": dict(finding.params),
                "message": _sentence(finding),
            }
            for finding in result.findings
        ],
        "more_findings": result.more_findings,
        "comparison": [{**asdict(line), "agrees": line.agrees} for line in result.totals],
        "digest": result.digest,
    }  # fmt: skip


def _as_lines(result: Imported, *, applied: bool) -> list[str]:
    whose = {"name": result.workspace.name, "guild": str(result.workspace.guild_id)}
    lines = [
        words("chippot.nothing", **whose) if result.nothing_to_do
        else words("chippot.applied", **whose) if applied
        else words("chippot.preview", **whose)
    ]  # fmt: skip
    lines += [
        words("chippot.count", kind=words(key), count=_number(result.counts[kind]))
        for kind, key in KINDS.items()
        if result.counts.get(kind)
    ]
    if result.findings:
        lines.append(words("chippot.findings", count=len(result.findings) + result.more_findings))
        lines += [words("chippot.finding", text=_sentence(finding)) for finding in result.findings]
    if result.more_findings:
        lines.append(words("chippot.more_findings", count=_number(result.more_findings)))
    lines.append(words("chippot.comparison"))
    lines += [_total(result, line) for line in result.totals]
    different = len(result.differences)
    lines.append(words("chippot.different", count=different) if different else words("chippot.clean"))
    if result.is_new_workspace:
        lines.append(words("chippot.left_behind"))
    if not applied and not result.nothing_to_do:
        lines.append(words("chippot.how_to_apply"))
    return lines


def _sentence(finding: Finding) -> str:
    return words(finding.key, **_params(finding.params))


def _params(params: Mapping[str, str | int]) -> dict[str, Any]:
    return dict(params)


def _total(result: Imported, line: TotalLine) -> str:
    def amount(minor: int) -> str:
        return format_money(result.workspace.money(minor), terminal_locale())

    there = {
        "period": _shown(line.period) or "-", "status": words(STATUSES[line.status]),
        "count": _number(line.there_count), "amount": amount(line.there_minor),
    }  # fmt: skip
    if line.agrees:
        return words("chippot.agrees", **there)
    here = {"here_count": _number(line.here_count), "here_amount": amount(line.here_minor)}
    return words("chippot.differs", **there, **here)


def _number(count: int) -> str:
    return format_count(count, terminal_locale())


def _say(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
