"""One command's hold on the books, for the verbs of the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from bot.config import database_path, load_settings
from bot.words import terminal_locale, words
from core import migrate
from core.clock import SystemClock, local_date
from core.db import LocalDatabase, Tx
from core.models import Actor, Workspace
from core.money import format_money
from core.period import Period, collecting_period
from core.store import workspaces


class Unclear(Exception):  # noqa: N818 - reads as what happened
    """The command does not say enough; the text is the one line that says what is missing."""


class Desk:
    """One command's hold on the books: the database, the workspace, and the operator as the actor."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        path = database_path(arguments.data or load_settings(arguments.config).data_dir)
        if not path.is_file():
            raise Unclear(words("bot.no_database", path=str(path)))
        migrate.prepare(path)
        self.db = LocalDatabase(path, SystemClock())
        self.json: bool = arguments.json
        self.workspace = self.db.read(_workspace, arguments.guild)
        self.actor = Actor.operator(self.workspace.id)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def money(self, minor: int) -> str:
        return format_money(self.workspace.money(minor), terminal_locale())

    def today(self) -> Any:
        return local_date(SystemClock().now(), self.workspace.timezone)

    def period(self, text: str | None) -> Period:
        """The named month, or the one that is collected now."""
        if text is None:
            return collecting_period(self.today(), self.workspace.billing_day)
        return Period.parse(text)

    def do(self, applied: bool, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a use case for real, or take it back as its preview."""
        run = self.db.write if applied else self.db.preview
        return run(use_case, self.actor, *args, **kwargs)

    def answer(self, data: dict[str, Any] | list[Any], *lines: str) -> int:
        """Print JSON or lines; always exit status 0."""
        shown = [json.dumps(data, ensure_ascii=False)] if self.json else lines
        sys.stdout.write("".join(f"{line}\n" for line in shown))
        return 0


def _workspace(tx: Tx, guild: int | None) -> Workspace:
    """The workspace of the server, or the only one there is."""
    found = workspaces.everyone(tx.conn)
    if guild is not None:
        found = [workspace for workspace in found if workspace.guild_id == guild]
    if len(found) != 1:
        names = ", ".join(f"{workspace.name} ({workspace.guild_id})" for workspace in found)
        raise Unclear(words("shell.which_guild", names=names) if names else words("shell.no_guild"))
    return found[0]
