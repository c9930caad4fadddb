"""The command line: run, check, demo, login-link and check-config; other verbs are in bot/cli_admin.py.

Exit status: 0 all is well, 1 `check` found problems, 2 it could not be done (one line on standard error).
What a command needs is imported by that command: `check` runs without discord.py.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bot import cli_admin, cli_api, cli_backup, cli_chippot, cli_types
from bot.cli_desk import Unclear
from bot.config import ConfigError, Settings, database_path, load_settings
from bot.version import program_version
from bot.words import error_words, os_reason, words
from core.errors import DatabaseUnavailable, DomainError

if TYPE_CHECKING:
    from core.check import CheckReport

DEMO_PORT = 8765


class Refused(Exception):  # noqa: N818 - reads as what happened
    """The command cannot be done; the text is the one line that says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.command(arguments)
        return status
    except (ConfigError, Refused, Unclear) as error:
        return _fail(str(error))
    except DatabaseUnavailable as error:
        return _fail(words("bot.database_unavailable", reason=error.params["cause"]))
    except DomainError as error:
        return _fail(error_words(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _fail(words("bot.machine_refuses", reason=os_reason(error)))
    except Exception as error:
        logging.getLogger(__name__).exception("the command failed")
        return _fail(words("bot.unexpected", reason=f"{type(error).__name__}: {error}"))


def run(arguments: argparse.Namespace) -> int:
    """Run the bot until it is told to stop."""
    settings = load_settings(arguments.config)
    _log_as_configured(settings)
    from bot import lock

    try:
        _run_bot(settings)
    except lock.AlreadyRunning as error:
        folder = str(error.data_dir)
        raise Refused(words("bot.already_running", folder=folder, pid=error.pid)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(words("bot.folder_unusable", folder=str(settings.data_dir), reason=reason)) from error
    return 0


def _run_bot(settings: Settings) -> None:
    import discord

    from bot import app
    from bot.client import CogBroken

    try:
        asyncio.run(app.run(settings, last_resort=True))
    except discord.LoginFailure:
        raise Refused(words("bot.token_refused")) from None
    except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired, discord.HTTPException) as error:
        raise Refused(words("bot.discord_refused", reason=str(error))) from error
    except CogBroken as error:
        logging.getLogger(__name__).exception("an extension is broken")
        raise Refused(words("bot.cog_broken", name=error.name, reason=error.reason)) from None


def check(arguments: argparse.Namespace) -> int:
    """Re-add everything in the books."""
    path = database_path(arguments.data or load_settings(arguments.config).data_dir)
    report = _checked(path)
    if arguments.json:
        _say(json.dumps(_as_json(report), ensure_ascii=False))
    else:
        _say(*_as_lines(report))
    return 0 if report.ok else 1


def _checked(path: Path) -> CheckReport:
    """Check a database as it stands, on one snapshot; never writes to it nor makes one."""
    from core.check import run_check
    from core.clock import SystemClock
    from core.db import connect, run_read
    from core.migrate import file_version, require_ours, schema_version

    if not path.is_file():
        raise Refused(words("bot.no_database", path=str(path)))
    try:
        conn = connect(path, read_only=True)
        try:
            require_ours(conn, path)
            found = file_version(conn)
            if found != schema_version():
                text = words("bot.check_old", path=str(path), found=found, known=schema_version())
                raise Refused(text)
            return run_read(conn, SystemClock().now(), run_check, (), {})
        finally:
            conn.close()
    except (sqlite3.Error, DatabaseUnavailable) as error:
        reason = error.params["cause"] if isinstance(error, DatabaseUnavailable) else str(error)
        raise Refused(words("bot.check_not_possible", path=str(path), reason=reason)) from None


def _as_json(report: CheckReport) -> dict[str, object]:
    return {
        "ok": report.ok,
        "counts": report.counts,
        "problems": [asdict(problem) for problem in report.problems],
        "heads": {str(workspace): head for workspace, head in report.heads.items()},
    }


def _as_lines(report: CheckReport) -> list[str]:
    lines = [words("bot.check_counts", table=table, count=count) for table, count in report.counts.items()]
    lines += [
        words("bot.check_head", workspace=workspace, hash=head) for workspace, head in report.heads.items()
    ]
    lines += [words("bot.check_problem", problem=problem.message) for problem in report.problems]
    if report.ok:
        return [*lines, words("bot.check_ok")]
    return [*lines, words("bot.check_problems", count=len(report.problems))]


def check_config(arguments: argparse.Namespace) -> int:
    """Read the configuration as `run` does, and say where the books are."""
    from bot.config import require_token

    settings = load_settings(arguments.config)
    require_token(settings)
    _say(words("bot.config_fine", database=str(settings.database)))
    return 0


def login_link(arguments: argparse.Namespace) -> int:
    """Print a sign-in link for whoever may run commands on this machine."""
    from core import migrate, web_sessions
    from core.clock import SystemClock
    from core.db import LocalDatabase
    from core.models import Actor

    settings = load_settings(arguments.config)
    if settings.web.address is None:
        raise Refused(words("bot.no_pages"))
    if not settings.database.is_file():
        raise Refused(words("bot.no_database", path=str(settings.database)))
    migrate.prepare(settings.database)
    with LocalDatabase(settings.database, SystemClock()) as db:
        clubs = db.read(web_sessions.workspaces_named, arguments.workspace)
        if len(clubs) != 1:
            choices = ", ".join(f"{club.id} ({club.name})" for club in clubs) or "-"
            raise Refused(words("bot.which_workspace", choices=choices))
        secret = db.write(web_sessions.mint_link, Actor.operator(clubs[0].id))
    _say(words("bot.login_link", link=f"{settings.web.address}/login/{secret}"))
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Show everything with an invented club."""
    try:
        from bot.demo import CannotStart
        from bot.demo import main as show
    except ModuleNotFoundError as error:
        if error.name != "bot.demo":
            raise
        raise Refused(words("bot.demo_missing")) from None
    try:
        status: int = show(data=arguments.data, port=arguments.port)
    except CannotStart as error:
        raise Refused(str(error)) from error
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="potkeeper", description=words("bot.help_program"))
    version = program_version()
    parser.add_argument("--version", action="version", version=version, help=words("bot.help_version"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title=words("bot.help_commands"))
    one = commands.add_parser("run", help=words("bot.help_run"))
    one.set_defaults(command=run)
    _add_config(one)
    one = commands.add_parser("check", help=words("bot.help_check"))
    one.set_defaults(command=check)
    _add_config(one)
    one.add_argument("--data", type=Path, metavar="DIR", help=words("bot.help_data"))
    one.add_argument("--json", action="store_true", help=words("bot.help_json"))
    one = commands.add_parser("demo", help=words("bot.help_demo"))
    one.set_defaults(command=demo)
    one.add_argument("--data", type=Path, metavar="DIR", help=words("bot.help_demo_data"))
    one.add_argument(
        "--port",
        type=cli_types.port,
        default=DEMO_PORT,
        metavar="PORT",
        help=words("bot.help_port", port=DEMO_PORT),
    )
    cli_backup.add_to(commands)
    cli_admin.add_to(commands)
    cli_chippot.add_to(commands)
    cli_api.add_to(commands)
    one = commands.add_parser("login-link", help=words("bot.help_login_link"))
    one.set_defaults(command=login_link)
    _add_config(one)
    one.add_argument("--workspace", type=cli_types.number, metavar="NUMBER", help=words("bot.help_workspace"))
    one = commands.add_parser("check-config", help=words("bot.help_check_config"))
    one.set_defaults(command=check_config)
    _add_config(one)
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help=words("bot.help_config"))


def _log_as_configured(settings: Settings) -> None:
    from bot import logs

    logs.set_up(settings.log.level, json_lines=settings.log.json_lines, secrets=settings.secrets)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _fail(sentence: str) -> int:
    sys.stderr.write(" ".join(sentence.split()) + "\n")
    return 2
