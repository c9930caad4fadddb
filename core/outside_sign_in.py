"""Signing in somebody whom another program vouches for: which clubs they may see, and the session in one."""

from core import access, errors, web_sessions
from core.access import Role
from core.db import Tx
from core.models import Actor, Workspace, WorkspaceId
from core.store import workspaces
from core.web_sessions import OwnerOf, Started


def clubs_of(tx: Tx, discord_id: int, owner_of: OwnerOf) -> list[Workspace]:
    """The workspaces in which this account has a role now, the oldest first."""
    return [
        club for club in workspaces.everyone(tx.conn) if _role(tx, club, discord_id, owner_of) > Role.NOBODY
    ]


def start(
    tx: Tx, discord_id: int, signed_in_with: str, *, workspace_id: int, owner_of: OwnerOf,
    user_agent: str = "", address: str = "",
) -> Started:  # fmt: skip
    """Start a session in one of their clubs; raises WorkspaceUnknown when it is none of them."""
    if workspace_id not in {club.id for club in clubs_of(tx, discord_id, owner_of)}:
        raise errors.WorkspaceUnknown()
    return web_sessions.start(
        tx, WorkspaceId(workspace_id), discord_id, signed_in_with, owner_of=owner_of, user_agent=user_agent,
        address=address,
    )  # fmt: skip


def _role(tx: Tx, club: Workspace, discord_id: int, owner_of: OwnerOf) -> Role:
    owns = owner_of(club.guild_id) == discord_id
    return access.role_of(tx, Actor.discord(club.id, discord_id, owns_server=owns))
