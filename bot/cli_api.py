"""What concerns programs: `potkeeper api-token create | list | revoke` and `potkeeper openapi`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import cli_types
from bot.cli_desk import Desk
from bot.config import load_settings
from bot.words import words
from core import api_tokens
from core.access import SCOPES


def create(arguments: argparse.Namespace) -> int:
    """Make a token and show its secret, this once."""
    desk = Desk(arguments)
    made = desk.db.write(api_tokens.create, desk.actor, arguments.name, arguments.scope, days=arguments.days)
    data = {**_shown(made.token), "secret": made.secret}
    text = words("web_api.token_made", number=made.token.id, name=made.token.name, scope=made.token.scope)
    return desk.answer(data, text, made.secret)


def show(arguments: argparse.Namespace) -> int:
    """The tokens that count, never their secrets."""
    desk = Desk(arguments)
    found = desk.db.read(api_tokens.everyone, desk.actor)
    lines = [
        words("web_api.token_line", number=token.id, name=token.name, scope=token.scope,
              created=token.created_at, used=token.last_used_at or "-", expires=token.expires_at or "-")
        for token in found
    ]  # fmt: skip
    return desk.answer([_shown(token) for token in found], *(lines or [words("web_api.no_tokens")]))


def revoke(arguments: argparse.Namespace) -> int:
    """End a token at once."""
    desk = Desk(arguments)
    token = desk.db.write(api_tokens.revoke, desk.actor, arguments.number)
    return desk.answer(_shown(token), words("web_api.token_revoked", number=token.id, name=token.name))


def openapi(arguments: argparse.Namespace) -> int:
    """Print the description of the API."""
    from bot.web.openapi import as_json
    from bot.web.paths import PublicUrl

    address = load_settings(arguments.config).web.address
    sys.stdout.write(as_json(PublicUrl.parse(address or "http://127.0.0.1")) + "\n")
    return 0


def add_to(commands: Any) -> None:
    """Add the verbs to the parser's commands."""
    tokens = commands.add_parser("api-token", help=words("web_api.help_api_token"))
    verbs = tokens.add_subparsers(required=True, metavar="VERB", title=words("bot.help_commands"))
    one = _verb(verbs, "create", create, words("web_api.help_create"))
    one.add_argument("name", help=words("web_api.help_name"))
    one.add_argument("--scope", choices=tuple(SCOPES), default="read", help=words("web_api.help_scope"))
    one.add_argument("--days", type=int, metavar="N", help=words("web_api.help_days"))
    _verb(verbs, "list", show, words("web_api.help_list"))
    one = _verb(verbs, "revoke", revoke, words("web_api.help_revoke"))
    one.add_argument("number", type=cli_types.number, help=words("web_api.help_number"))
    one = commands.add_parser("openapi", help=words("web_api.help_openapi"))
    one.set_defaults(command=openapi)
    one.add_argument("--config", type=Path, metavar="FILE", help=words("bot.help_config"))


def _verb(verbs: Any, name: str, work: Callable[[argparse.Namespace], int], about: str) -> Any:
    one = verbs.add_parser(name, help=about)
    one.set_defaults(command=work)
    one.add_argument("--config", type=Path, metavar="FILE", help=words("bot.help_config"))
    one.add_argument("--data", type=Path, metavar="DIR", help=words("bot.help_data"))
    one.add_argument("--guild", type=cli_types.number, metavar="ID", help=words("shell.help_guild"))
    one.add_argument("--json", action="store_true", help=words("bot.help_json"))
    return one


def _shown(token: api_tokens.ApiToken) -> dict[str, Any]:
    shown = asdict(token)
    return {**shown, "discord_id": None if token.discord_id is None else str(token.discord_id)}
