"""In which language somebody is written to privately.

Discord says which language an account uses only while it acts, so that is remembered whenever somebody comes
by. Whoever never came by is written to in the club's language.
"""

from core.db import Tx
from core.models import Actor, Workspace
from core.store import readers


def locale_for(tx: Tx, workspace: Workspace, discord_id: int) -> str:
    """The language of private messages to this account."""
    return readers.locale(tx.conn, workspace.id, discord_id) or workspace.locale


def is_news(tx: Tx, workspace: Workspace, discord_id: int, locale: str) -> bool:
    """Whether this account is written to in another language than the one it uses now."""
    return locale_for(tx, workspace, discord_id) != locale


def remember(tx: Tx, actor: Actor, locale: str) -> None:
    """The actor uses this language from now on."""
    readers.remember(tx.conn, actor.workspace_id, actor.discord_id, locale)
