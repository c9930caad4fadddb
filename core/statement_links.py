"""A member's own statement on the pages, opened from Discord by a one-time link.

The link proves whose Discord account it is and gives no more than the member has in Discord anyway: nobody
signs in by it. Which member that is, is looked up whenever the statement is shown.
"""

from dataclasses import replace

from core import access, audit, errors, member_lists, tokens
from core.db import Tx
from core.models import Actor, WorkspaceId
from core.reports import Statement
from core.store import members


def mint(tx: Tx, actor: Actor) -> str:
    """The secret of a link to the asker's own statement; ends older ones. Raises NotLinked."""
    access.own_member(tx, actor)
    return tokens.mint(tx, actor.workspace_id, "statement", actor.text, discord_id=actor.discord_id)


def redeem(tx: Tx, secret: str) -> Actor:
    """Spend a link; returns whose it is. Raises LinkExpired, also for an account that is nobody's now."""
    token = tokens.redeem(tx, "statement", secret)
    if token.discord_id is None or not members.by_discord(tx.conn, token.workspace_id, token.discord_id):
        raise errors.LinkExpired()
    actor = Actor.discord(WorkspaceId(token.workspace_id), token.discord_id)
    audit.record(tx, actor, "statement.open", "member", access.own_member(tx, actor).id)
    return actor


def show(tx: Tx, actor: Actor) -> Statement:
    """The statement of whoever the link was for. Raises NotLinked when the account was unlinked since."""
    found = member_lists.whole_statement(tx, actor)
    return replace(found, member=replace(found.member, note="", email=None))
